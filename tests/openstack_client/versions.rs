//! Endpoints out of odd catalogs, and microversions.

use moonferry::openstack::{Cloud, ErrorKind, Microversion, Request, Service};
use serde_json::{Value, json};

use super::fake::{Fake, fail, ok, token};

fn entry(kind: &str, url: String) -> Value {
    json!({"type": kind, "name": kind, "endpoints": [{"interface": "public", "region": "R1", "url": url}]})
}

/// Starts a cloud with one service at a path of the catalog, and documents by path.
async fn odd(kind: &'static str, path: &'static str, documents: &'static [(&'static str, &'static str)]) -> Fake {
    Fake::bare(move |call, url| {
        if call.is("POST", "/v3/auth/tokens") {
            return token("t", 3600, json!([entry(kind, format!("{url}{path}"))]));
        }
        match documents.iter().find(|(known, _)| *known == call.path) {
            Some((_, document)) => ok(serde_json::from_str(document).unwrap()),
            None => fail(404, json!({})),
        }
    })
    .await
}

const NOVA: &str = r#"{"versions": [
    {"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": "", "links": [{"rel": "self", "href": "http://x/v2/"}]},
    {"id": "v2.1", "status": "CURRENT", "version": "2.60", "min_version": "2.1", "links": [{"rel": "self", "href": "http://x:1/v2.1/"}]}]}"#;
const NOVA_ONE: &str =
    r#"{"version": {"id": "v2.1", "status": "CURRENT", "version": "2.60", "min_version": "2.1", "links": []}}"#;
const CINDER: &str = r#"{"versions": [
    {"id": "v2.0", "status": "DEPRECATED", "version": "", "min_version": "", "links": [{"rel": "self", "href": "http://x/v2/"}]},
    {"id": "v3.0", "status": "CURRENT", "version": "3.59", "min_version": "3.0", "links": [{"rel": "self", "href": "http://x/v3/"}]}]}"#;
const PLACEMENT: &str = r#"{"versions": [{"id": "v1.0", "max_version": "1.30", "min_version": "1.0", "status": "CURRENT", "links": [{"rel": "self", "href": ""}]}]}"#;

#[tokio::test]
async fn endpoints_are_found_through_odd_catalogs() {
    type Case = (
        Service,
        &'static str,
        &'static str,
        &'static [(&'static str, &'static str)],
        &'static str,
        Option<(u16, u16)>,
    );
    let cases: [Case; 9] = [
        (Service::Compute, "compute", "/v2.1/p1", &[("/v2.1/", NOVA_ONE)], "/v2.1/p1", Some((2, 60))),
        (Service::Compute, "compute", "", &[("/", NOVA)], "/v2.1", Some((2, 60))),
        (
            Service::Compute,
            "compute",
            "/proxy/compute/",
            &[("/proxy/compute/", NOVA)],
            "/proxy/compute/v2.1",
            Some((2, 60)),
        ),
        (Service::Compute, "compute", "/v2/p1", &[("/", NOVA)], "/v2.1/p1", Some((2, 60))),
        (Service::Compute, "compute", "/v2/p1", &[], "/v2/p1", None),
        (Service::Volume, "block-storage", "/v3", &[("/v3/", CINDER)], "/v3/p1", Some((3, 59))),
        (Service::Volume, "volume", "/volume", &[("/volume/", CINDER)], "/volume/v3/p1", Some((3, 59))),
        (Service::Placement, "placement", "/placement", &[("/placement/", PLACEMENT)], "/placement", Some((1, 30))),
        (Service::Image, "image", "/v1", &[], "/v2", None),
    ];
    for (service, kind, path, documents, expected, max) in cases {
        let fake = odd(kind, path, documents).await;
        let cloud = fake.cloud();
        let url = cloud.endpoint(service).await.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(url.as_str(), format!("{}{expected}", fake.url), "{path}");
        let versions = cloud.api_versions(service).await.unwrap();
        assert_eq!(versions.max.map(|version| (version.0, version.1)), max, "{path}");
    }
}

#[tokio::test]
async fn the_highest_microversion_both_know_is_asked_for() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let cloud = fake.cloud();
    let call = |service, wanted| Request::get(service, "/x").microversion(wanted);
    let answer = cloud.send(call(Service::Compute, Some(Microversion(2, 200)))).await.unwrap();
    assert_eq!(answer.microversion, Some(Microversion(2, 93)));
    cloud.send(call(Service::Compute, Some(Microversion(2, 30)))).await.unwrap();
    cloud.send(call(Service::Compute, None)).await.unwrap();
    cloud.send(call(Service::Volume, Some(Microversion(3, 59)))).await.unwrap();
    cloud.send(call(Service::Network, Some(Microversion(2, 1)))).await.unwrap();
    let asked: Vec<(String, String)> = fake
        .seen()
        .iter()
        .filter(|call| call.path.ends_with("/x"))
        .map(|call| (call.header("openstack-api-version").into(), call.header("x-openstack-nova-api-version").into()))
        .collect();
    let expected = [("compute 2.93", "2.93"), ("compute 2.30", "2.30"), ("", ""), ("volume 3.59", ""), ("", "")];
    assert_eq!(asked, expected.map(|(one, two)| (one.to_owned(), two.to_owned())));
    // One document each, however many calls.
    assert_eq!((fake.count("GET", "/compute/v2.1/"), fake.count("GET", "/volume/v3/")), (1, 1));
}

#[tokio::test]
async fn a_missing_microversion_names_service_wanted_and_offered() {
    let fake = Fake::start(|_| ok(json!({}))).await;
    let request = Request::get(Service::Compute, "/x").require(Some(Microversion(2, 96))).object("server web-1");
    let error = fake.cloud().send(request).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Version);
    assert!(["server web-1", "compute", "2.96", "2.1 to 2.93"].iter().all(|part| text.contains(part)), "{text}");
    assert_eq!(fake.count("GET", "/compute/v2.1/x"), 0);
}

#[tokio::test]
async fn region_interface_and_override_choose_the_endpoint() {
    let fake = Fake::bare(|call, url| {
        if !call.is("POST", "/v3/auth/tokens") {
            return fail(404, json!({}));
        }
        let at = |interface: &str, region: &str| json!({"interface": interface, "region_id": region, "url": format!("{url}/{region}/{interface}")});
        let endpoints = [at("public", "one"), at("internal", "one"), at("public", "two"), at("internal", "two")];
        token("t", 3600, json!([{"type": "image", "name": "glance", "endpoints": endpoints}]))
    })
    .await;
    let place = async |change: fn(&mut moonferry::openstack::CloudConfig)| {
        let mut config = fake.config();
        change(&mut config);
        Cloud::new(config).unwrap().endpoint(Service::Image).await.map(|url| url.path().to_owned())
    };
    assert_eq!(place(|_| {}).await.unwrap(), "/one/public/v2");
    assert_eq!(place(|config| config.region = Some("two".into())).await.unwrap(), "/two/public/v2");
    assert_eq!(place(|config| config.interface = "internal".into()).await.unwrap(), "/one/internal/v2");
    let own = |config: &mut moonferry::openstack::CloudConfig| {
        config.service_keys.insert("image_endpoint_override".into(), "http://h/glance/%(project_id)s".into());
    };
    assert_eq!(place(own).await.unwrap(), "/glance/p1/v2");
    let error = place(|config| config.region = Some("three".into())).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.to_string().contains("public in two"), "{error}");
}

#[tokio::test]
async fn any_other_service_is_reached_as_the_catalog_says() {
    let fake = odd("key-manager", "/barbican/", &[("/barbican/v1/secrets", "{\"secrets\": []}")]).await;
    let cloud = fake.cloud();
    let answer = cloud.send(Request::get(Service::named("key_manager"), "/v1/secrets")).await.unwrap();
    assert_eq!(answer.body, json!({"secrets": []}));
    assert!(!cloud.has(Service::named("dns")).await.unwrap());
}
