//! clouds.yaml, secure.yaml and the environment.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use moonferry::openstack::{AuthKind, Clouds, Environment, ErrorKind};

fn environment(folder: &std::path::Path, vars: &[(&str, &str)]) -> Environment {
    let vars: BTreeMap<_, _> = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Environment { vars, cwd: folder.to_owned(), home: Some(folder.join("home")) }
}

const SOURCE: &str = "
base: &base
  region_name: RegionOne
clouds:
  source:
    <<: *base
    auth:
      auth_url: https://source:5000/v3
      username: admin
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
    interface: internalURL
    verify: false
    cacert: ~/ca.pem
    api_timeout: 90
    compute_endpoint_override: http://nova
    concurrency: 4
    volume_concurrency: 2
  bare:
    auth: {auth_url: 'http://h', token: abc}
    auth_type: v3token
";

#[test]
fn both_files_make_one_cloud() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("clouds.yaml"), SOURCE).unwrap();
    fs::write(folder.path().join("secure.yaml"), "clouds: {source: {auth: {password: 0123}}}").unwrap();
    let clouds = Clouds::load(&environment(folder.path(), &[])).unwrap();
    assert_eq!(clouds.names(), ["bare", "source"]);
    let config = clouds.get("source").unwrap();
    assert_eq!((config.auth_url.as_str(), config.region.as_deref()), ("https://source:5000/v3", Some("RegionOne")));
    assert_eq!((config.interface.as_str(), config.verify, config.concurrency), ("internal", false, 4));
    assert_eq!(config.cacert.as_deref(), Some(folder.path().join("home/ca.pem").as_path()));
    assert_eq!(config.api_timeout, Duration::from_secs(90));
    assert_eq!(config.service_keys["compute_endpoint_override"], "http://nova");
    assert!(!format!("{config:?}").contains("123"), "{config:?}");
    assert_eq!(clouds.get("bare").unwrap().credentials.kind, AuthKind::Token);
}

#[test]
fn the_search_goes_from_the_variable_to_the_folder_to_the_home() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home/.config/openstack");
    fs::create_dir_all(&home).unwrap();
    let cloud =
        |name: &str| format!("clouds: {{{name}: {{auth: {{auth_url: 'http://h', username: a, password: b}}}}}}");
    fs::write(home.join("clouds.yaml"), cloud("home")).unwrap();
    assert_eq!(Clouds::load(&environment(folder.path(), &[])).unwrap().names(), ["home"]);
    fs::write(folder.path().join("clouds.yml"), cloud("here")).unwrap();
    assert_eq!(Clouds::load(&environment(folder.path(), &[])).unwrap().names(), ["here"]);
    fs::write(folder.path().join("other.yaml"), cloud("named")).unwrap();
    let named = environment(folder.path(), &[("OS_CLIENT_CONFIG_FILE", "other.yaml")]);
    assert_eq!(Clouds::load(&named).unwrap().names(), ["named"]);
    let missing = environment(folder.path(), &[("OS_CLIENT_CONFIG_FILE", "/nowhere.yaml")]);
    assert!(Clouds::load(&missing).err().unwrap().to_string().contains("/nowhere.yaml"));
}

#[test]
fn the_environment_is_a_cloud_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let vars = [
        ("OS_AUTH_URL", "http://h:5000"),
        ("OS_USERNAME", "ann"),
        ("OS_PASSWORD", "hunter2"),
        ("OS_TENANT_NAME", "web"),
        ("OS_REGION_NAME", "R2"),
        ("OS_IDENTITY_API_VERSION", "2.0"),
        ("OS_ENDPOINT_TYPE", "adminURL"),
    ];
    let clouds = Clouds::load(&environment(folder.path(), &vars)).unwrap();
    assert_eq!((clouds.names(), clouds.default_name()), (vec!["envvars".to_owned()], Some("envvars".to_owned())));
    let config = clouds.get("envvars").unwrap();
    assert_eq!((config.identity_version, config.region.as_deref()), (Some(2), Some("R2")));
    assert_eq!((config.interface.as_str(), config.credentials.get("project_name")), ("admin", Some("web")));
    assert_eq!(config.credentials.secret.expose(), "hunter2");
    let selecting = environment(folder.path(), &[("OS_CLOUD", "x"), ("OS_REGION_NAME", "R")]);
    assert!(Clouds::load(&selecting).unwrap().names().is_empty());
}

#[test]
fn an_unknown_cloud_is_answered_with_the_known_ones_and_the_places() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("clouds.yaml"), SOURCE).unwrap();
    let error = Clouds::load(&environment(folder.path(), &[])).unwrap().get("sourc").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("did you mean 'source'"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("bare, source") && hint.contains("clouds.yaml"), "{hint}");
}

#[test]
fn what_is_wrong_or_missing_is_named_by_its_key() {
    for (entry, part) in [
        ("auth: {username: a, password: b}", "auth_url"),
        ("auth: {auth_url: 'http://h', username: a}", "password"),
        ("auth: {auth_url: 'http://h', password: a}", "username"),
        ("auth: {auth_url: 'http://h', username: a, password: b}\n    auth_type: v3kerberos", "v3kerberos"),
        ("auth: {auth_url: 'http://h', username: a, password: b}\n    interface: outside", "outside"),
        ("auth: {auth_url: 'http://h', username: a, password: b}\n    api_timeout: soon", "soon"),
        (
            "auth: {auth_url: 'http://h', application_credential_id: a}\n    auth_type: v3applicationcredential",
            "application_credential_secret",
        ),
        ("profile: vexxhost", "vexxhost"),
    ] {
        let clouds = Clouds::parse(&format!("clouds:\n  c:\n    {entry}\n"), "test").unwrap();
        let error = clouds.get("c").unwrap_err();
        assert!(error.kind() == ErrorKind::Config && error.to_string().contains(part), "{entry}: {error}");
        assert!(error.to_string().contains("cloud c"), "{error}");
    }
    let error = Clouds::parse("clouds: [", "/etc/openstack/clouds.yaml").err().unwrap();
    assert!(error.to_string().contains("/etc/openstack/clouds.yaml"), "{error}");
}

#[test]
fn a_domain_beside_a_project_stands_for_both_owners() {
    let entry =
        "clouds: {c: {auth: {auth_url: 'http://h', username: a, password: b, project_name: p, domain_name: d}}}";
    let config = Clouds::parse(entry, "test").unwrap().get("c").unwrap();
    let get = |key: &str| config.credentials.get(key).map(str::to_owned);
    assert_eq!(
        (get("user_domain_name"), get("project_domain_name"), get("domain_name")),
        (Some("d".into()), Some("d".into()), None)
    );
}

#[test]
fn the_chosen_region_brings_its_own_values() {
    let text = "clouds: {c: {region_name: two, auth: {auth_url: 'http://h', username: a, password: b}, regions: [one, {name: two, values: {interface: admin}}]}}";
    let config = Clouds::parse(text, "test").unwrap().get("c").unwrap();
    assert_eq!((config.region.as_deref(), config.interface.as_str()), (Some("two"), "admin"));
    let error =
        Clouds::parse(&text.replace("region_name: two", "region_name: six"), "test").unwrap().get("c").unwrap_err();
    assert!(error.to_string().contains("'six'") && error.hint().unwrap().contains("one, two"), "{error}");
}
