//! One cloud's entry, read into types: where, as whom, in which scope, and how patiently.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_yaml_ng::{Mapping, Value};

use super::{Environment, Error, RetryPolicy, Service};
use crate::base::secret::Secret;

/// How the client proves who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthKind {
    /// A user's password.
    #[default]
    Password,
    /// A token that exists already.
    Token,
    /// An application credential.
    ApplicationCredential,
}

/// What authentication needs, as clouds.yaml's `auth` table has it.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// How the client proves who it is.
    pub kind: AuthKind,
    /// The texts of the `auth` table by their keys, without the secrets.
    pub values: BTreeMap<String, String>,
    /// The password, token or application credential secret.
    pub secret: Secret,
}

impl Credentials {
    /// Returns the value of a key, where it is not empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// One cloud, as configured.
#[derive(Debug, Clone)]
pub struct CloudConfig {
    /// The entry's name in clouds.yaml.
    pub name: String,
    /// The identity service's URL, with or without a version.
    pub auth_url: String,
    /// The Keystone version by configuration: 2 or 3; `None` asks the service.
    pub identity_version: Option<u8>,
    /// As whom and in which scope.
    pub credentials: Credentials,
    /// The region; `None` takes the first of the catalog.
    pub region: Option<String>,
    /// The catalog interface: `public`, `internal` or `admin`.
    pub interface: String,
    /// Keys of single services, such as `compute_endpoint_override`.
    pub service_keys: BTreeMap<String, String>,
    /// The file with the authorities to trust instead of the system's.
    pub cacert: Option<PathBuf>,
    /// The client certificate's file.
    pub cert: Option<PathBuf>,
    /// The client certificate's key, where it is a file of its own.
    pub key: Option<PathBuf>,
    /// Whether the server's certificate is checked.
    pub verify: bool,
    /// How long one call may take.
    pub api_timeout: Duration,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How many calls run at a time, per service.
    pub concurrency: usize,
    /// When and how long to wait before a repeated call.
    pub retry: RetryPolicy,
    /// The proxies for `http` and `https`, and the hosts reached without them.
    pub proxies: BTreeMap<String, String>,
}

/// Keys of the `auth` table; clouds.yaml may have them one level up, and the environment always does.
const AUTH_KEYS: [&str; 24] = [
    "auth_url",
    "username",
    "user_name",
    "user_id",
    "password",
    "token",
    "project_id",
    "project_name",
    "tenant_id",
    "tenant_name",
    "user_domain_id",
    "user_domain_name",
    "project_domain_id",
    "project_domain_name",
    "default_domain_id",
    "default_domain_name",
    "default_domain",
    "domain_id",
    "domain_name",
    "system_scope",
    "trust_id",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
];

impl CloudConfig {
    /// Returns the same configuration with the scope of one project.
    pub fn in_project(&self, project: &str) -> Self {
        const SCOPES: [&str; 7] = [
            "project_name",
            "project_domain_id",
            "project_domain_name",
            "domain_id",
            "domain_name",
            "system_scope",
            "trust_id",
        ];
        let mut config = self.clone();
        config.credentials.values.retain(|key, _| !SCOPES.contains(&key.as_str()));
        config.credentials.values.insert("project_id".into(), project.into());
        config
    }

    /// Makes a configuration with a password's usual values; the rest are defaults that may be set afterwards.
    pub fn new(name: impl Into<String>, auth_url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            auth_url: auth_url.into(),
            identity_version: None,
            credentials: Credentials::default(),
            region: None,
            interface: "public".into(),
            service_keys: BTreeMap::new(),
            cacert: None,
            cert: None,
            key: None,
            verify: true,
            api_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            concurrency: 16,
            retry: RetryPolicy::default(),
            proxies: BTreeMap::new(),
        }
    }

    /// Reads a clouds.yaml entry.
    pub(crate) fn from_entry(name: &str, entry: &Mapping, environment: &Environment) -> Result<Self, Error> {
        let entry = with_region(name, entry)?;
        let text = |key: &str| entry.get(key).and_then(scalar).filter(|value| !value.is_empty());
        let mut config = Self::new(name, "");
        config.credentials = credentials(name, &entry)?;
        config.auth_url = config.credentials.values.remove("auth_url").unwrap_or_default();
        if config.auth_url.is_empty() {
            let profile = match text("profile").or_else(|| text("cloud")) {
                Some(profile) => format!(" (the profile '{profile}' is not followed)"),
                None => String::new(),
            };
            let hint = "write auth_url: https://HOST:5000 under auth in clouds.yaml";
            return Err(Error::config(name, format!("auth_url is missing{profile}"), hint));
        }
        complete(name, &config.credentials)?;
        config.identity_version = identity_version(&entry);
        config.region = text("region_name");
        if let Some(interface) = text("interface").or_else(|| text("endpoint_type")) {
            config.interface = interface_name(name, &interface)?;
        }
        config.cacert = text("cacert").map(|path| file(&path, environment));
        config.cert = text("cert").map(|path| file(&path, environment));
        config.key = text("key").map(|path| file(&path, environment));
        let insecure = text("insecure").and_then(|value| truth(&value)).unwrap_or(false);
        config.verify = text("verify").and_then(|value| truth(&value)).unwrap_or(!insecure);
        if let Some(limit) = text("api_timeout") {
            config.api_timeout = crate::base::duration::parse(&limit)
                .map_err(|why| Error::config(name, format!("api_timeout: {why}"), ""))?;
        }
        if let Some(concurrency) = text("concurrency") {
            config.concurrency = at_least_one(name, "concurrency", &concurrency)?;
        }
        config.service_keys = service_keys(&entry);
        config.proxies = proxies(environment);
        Ok(config)
    }

    /// Returns the value of a service's own key: `endpoint_override` of compute reads `compute_endpoint_override`.
    pub(crate) fn service_key(&self, service: Service, key: &str) -> Option<&str> {
        let keys = service.config_prefixes().into_iter().map(|prefix| format!("{prefix}_{key}"));
        keys.into_iter().find_map(|key| self.service_keys.get(&key)).map(String::as_str)
    }

    /// Returns how many calls to a service run at a time.
    pub(crate) fn concurrency_of(&self, service: Service) -> usize {
        let own = self.service_key(service, "concurrency").and_then(|text| text.parse().ok());
        own.unwrap_or(self.concurrency).max(1)
    }
}

/// Applies the chosen of the entry's `regions`, or the first.
fn with_region(name: &str, entry: &Mapping) -> Result<Mapping, Error> {
    let mut entry = entry.clone();
    let Some(Value::Sequence(regions)) = entry.remove("regions") else { return Ok(entry) };
    let region_name = |region: &Value| scalar(region).or_else(|| region.get("name").and_then(scalar));
    let wanted = entry.get("region_name").and_then(scalar);
    let chosen = match &wanted {
        Some(wanted) => regions.iter().find(|region| region_name(region).as_ref() == Some(wanted)),
        None => regions.first(),
    };
    let Some(chosen) = chosen else {
        let known: Vec<String> = regions.iter().filter_map(region_name).collect();
        let message = format!("region_name '{}' is none of its regions", wanted.unwrap_or_default());
        return Err(Error::config(name, message, format!("its regions: {}", known.join(", "))));
    };
    if let Some(region) = region_name(chosen) {
        entry.insert("region_name".into(), region.into());
    }
    if let Some(Value::Mapping(values)) = chosen.get("values") {
        entry.extend(values.clone());
    }
    Ok(entry)
}

fn credentials(name: &str, entry: &Mapping) -> Result<Credentials, Error> {
    let mut values = BTreeMap::new();
    let inner = match entry.get("auth") {
        Some(Value::Mapping(auth)) => auth.clone(),
        None | Some(Value::Null) => Mapping::new(),
        Some(_) => return Err(Error::config(name, "auth is not a table", "write auth: and indent its keys below")),
    };
    for key in AUTH_KEYS {
        if let Some(value) = inner.get(key).or_else(|| entry.get(key)).and_then(scalar) {
            values.insert(key.to_owned(), value);
        }
    }
    for (alias, key) in [("user_name", "username"), ("tenant_id", "project_id"), ("tenant_name", "project_name")] {
        if let Some(value) = values.remove(alias) {
            values.entry(key.to_owned()).or_insert(value);
        }
    }
    let kind = auth_kind(name, entry.get("auth_type").and_then(scalar), &values)?;
    let secrets = ["password", "token", "application_credential_secret"].map(|key| values.remove(key));
    let [password, token, application] = secrets;
    let secret = match kind {
        AuthKind::Password => password,
        AuthKind::Token => token,
        AuthKind::ApplicationCredential => application,
    };
    let mut credentials = Credentials { kind, values, secret: Secret::new(secret.unwrap_or_default()) };
    spread_domain(&mut credentials.values);
    Ok(credentials)
}

fn auth_kind(name: &str, given: Option<String>, values: &BTreeMap<String, String>) -> Result<AuthKind, Error> {
    let has = |key: &str| values.get(key).is_some_and(|value| !value.is_empty());
    match given.as_deref() {
        None | Some("") if has("application_credential_secret") => Ok(AuthKind::ApplicationCredential),
        None | Some("") if has("token") => Ok(AuthKind::Token),
        None | Some("" | "password" | "v3password" | "v2password") => Ok(AuthKind::Password),
        Some("token" | "v3token" | "v2token") => Ok(AuthKind::Token),
        Some("v3applicationcredential" | "application_credential" | "v3application_credential") => {
            Ok(AuthKind::ApplicationCredential)
        }
        Some(other) => {
            let known = ["password", "v3password", "v2password", "token", "v3token", "v3applicationcredential"];
            let near = crate::base::suggest::hint(other, known);
            let message = format!("auth_type '{other}' is not supported{near}");
            Err(Error::config(name, message, format!("supported: {}", known.join(", "))))
        }
    }
}

/// With a project as scope, a bare domain stands for the user's and the project's domain (as in openstacksdk).
fn spread_domain(values: &mut BTreeMap<String, String>) {
    if !values.contains_key("project_name") && !values.contains_key("project_id") {
        return;
    }
    for key in ["domain_id", "domain_name"] {
        if let Some(value) = values.remove(key) {
            for owner in ["user", "project"] {
                let own = [format!("{owner}_domain_id"), format!("{owner}_domain_name")];
                if !own.iter().any(|own| values.contains_key(own)) {
                    values.insert(format!("{owner}_{key}"), value.clone());
                }
            }
        }
    }
}

/// Refuses an `auth` table that cannot authenticate, naming the missing key.
fn complete(name: &str, credentials: &Credentials) -> Result<(), Error> {
    let has = |keys: &[&str]| keys.iter().any(|key| credentials.get(key).is_some());
    let user = has(&["username", "user_id"]);
    let missing = match credentials.kind {
        AuthKind::Password if !user => Some("username"),
        AuthKind::Password if credentials.secret.expose().is_empty() => Some("password"),
        AuthKind::Token if credentials.secret.expose().is_empty() => Some("token"),
        AuthKind::ApplicationCredential if credentials.secret.expose().is_empty() => {
            Some("application_credential_secret")
        }
        AuthKind::ApplicationCredential if !has(&["application_credential_id", "application_credential_name"]) => {
            Some("application_credential_id")
        }
        AuthKind::ApplicationCredential if !has(&["application_credential_id"]) && !user => Some("username"),
        _ => None,
    };
    match missing {
        Some(key) => {
            Err(Error::config(name, format!("{key} is missing under auth"), "add it to clouds.yaml or secure.yaml"))
        }
        None => Ok(()),
    }
}

fn identity_version(entry: &Mapping) -> Option<u8> {
    let given = entry.get("identity_api_version").and_then(scalar).unwrap_or_default();
    if entry.get("auth_type").and_then(scalar).is_some_and(|kind| kind.starts_with("v2")) {
        return Some(2);
    }
    match given.trim_start_matches('v').split('.').next() {
        Some("2") => Some(2),
        Some("3") => Some(3),
        _ => None,
    }
}

fn interface_name(name: &str, given: &str) -> Result<String, Error> {
    let plain = given.trim_end_matches("URL").to_lowercase();
    if ["public", "internal", "admin"].contains(&plain.as_str()) {
        Ok(plain)
    } else {
        Err(Error::config(name, format!("interface '{given}' is unknown"), "use public, internal or admin"))
    }
}

fn at_least_one(name: &str, key: &str, text: &str) -> Result<usize, Error> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| {
        Error::config(name, format!("{key} '{text}' is no count"), format!("write a whole number from 1, as {key}: 16"))
    })
}

fn service_keys(entry: &Mapping) -> BTreeMap<String, String> {
    let endings =
        ["_endpoint_override", "_interface", "_region_name", "_service_type", "_service_name", "_concurrency"];
    let pairs = entry.iter().filter_map(|(key, value)| Some((scalar(key)?, scalar(value)?)));
    pairs
        .filter(|(key, value)| !value.is_empty() && endings.iter().any(|ending| key.ends_with(ending)))
        .map(|(key, value)| (key.replace('-', "_"), value))
        .collect()
}

fn proxies(environment: &Environment) -> BTreeMap<String, String> {
    let read = |name: &str| environment.var(name).or_else(|| environment.var(&name.to_uppercase())).map(str::to_owned);
    let mut found = BTreeMap::new();
    for (scheme, own) in [("http", "http_proxy"), ("https", "https_proxy")] {
        if let Some(url) = read(own).or_else(|| read("all_proxy")) {
            found.insert(scheme.to_owned(), url);
        }
    }
    if let (false, Some(hosts)) = (found.is_empty(), read("no_proxy")) {
        found.insert("no".into(), hosts);
    }
    found
}

/// Resolves `~` and relative paths.
fn file(path: &str, environment: &Environment) -> PathBuf {
    match (path.strip_prefix("~/"), &environment.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => environment.cwd.join(path),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

/// Reads a YAML scalar as text: clouds.yaml has numbers and booleans where text is meant.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
