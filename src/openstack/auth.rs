//! The bodies of authentication, built from the configuration.

use serde_json::{Map, Value, json};

use super::{AuthKind, CloudConfig, Credentials};

/// Returns the body of `POST /v3/auth/tokens`, or why the configuration cannot make one.
pub(crate) fn v3(config: &CloudConfig) -> Result<Value, String> {
    let credentials = &config.credentials;
    let identity = match credentials.kind {
        AuthKind::Password => {
            let mut user = user(credentials);
            user.insert("password".into(), credentials.secret.expose().into());
            json!({"methods": ["password"], "password": {"user": user}})
        }
        AuthKind::Token => json!({"methods": ["token"], "token": {"id": credentials.secret.expose()}}),
        AuthKind::ApplicationCredential => {
            json!({"methods": ["application_credential"], "application_credential": application(credentials)})
        }
    };
    let mut auth = Map::from_iter([("identity".to_owned(), identity)]);
    // An application credential carries its scope; Keystone refuses a second one.
    if credentials.kind != AuthKind::ApplicationCredential
        && let Some(scope) = scope(credentials)?
    {
        auth.insert("scope".into(), scope);
    }
    Ok(json!({"auth": auth}))
}

/// Returns the body of `POST /v2.0/tokens`, or why the configuration cannot make one.
pub(crate) fn v2(config: &CloudConfig) -> Result<Value, String> {
    let credentials = &config.credentials;
    let mut auth = Map::new();
    match credentials.kind {
        AuthKind::Password => {
            let mut password = Map::from_iter([("password".to_owned(), credentials.secret.expose().into())]);
            match (credentials.get("user_id"), credentials.get("username")) {
                (Some(id), _) => password.insert("userId".into(), id.into()),
                (None, name) => password.insert("username".into(), name.unwrap_or_default().into()),
            };
            auth.insert("passwordCredentials".into(), password.into());
        }
        AuthKind::Token => {
            auth.insert("token".into(), json!({"id": credentials.secret.expose()}));
        }
        AuthKind::ApplicationCredential => {
            return Err("application credentials need Keystone v3, but this cloud speaks v2.0".into());
        }
    }
    if let Some(id) = credentials.get("project_id") {
        auth.insert("tenantId".into(), id.into());
    } else if let Some(name) = credentials.get("project_name") {
        auth.insert("tenantName".into(), name.into());
    } else if credentials.get("system_scope").is_some() || credentials.get("domain_name").is_some() {
        return Err("system and domain scope need Keystone v3, but this cloud speaks v2.0".into());
    }
    Ok(json!({"auth": auth}))
}

fn user(credentials: &Credentials) -> Map<String, Value> {
    match credentials.get("user_id") {
        Some(id) => Map::from_iter([("id".to_owned(), id.into())]),
        None => Map::from_iter([
            ("name".to_owned(), credentials.get("username").unwrap_or_default().into()),
            ("domain".to_owned(), domain(credentials, "user")),
        ]),
    }
}

fn application(credentials: &Credentials) -> Map<String, Value> {
    let mut application = Map::from_iter([("secret".to_owned(), credentials.secret.expose().into())]);
    match credentials.get("application_credential_id") {
        Some(id) => application.insert("id".into(), id.into()),
        None => {
            application.insert("user".into(), user(credentials).into());
            let name = credentials.get("application_credential_name").unwrap_or_default();
            application.insert("name".into(), name.into())
        }
    };
    application
}

/// The domain of a user or project: its own, the configured default, or Keystone's domain `default`.
fn domain(credentials: &Credentials, owner: &str) -> Value {
    if let Some(id) = credentials.get(&format!("{owner}_domain_id")) {
        json!({"id": id})
    } else if let Some(name) = credentials.get(&format!("{owner}_domain_name")) {
        json!({"name": name})
    } else if let Some(name) = credentials.get("default_domain_name") {
        json!({"name": name})
    } else {
        let id = credentials.get("default_domain_id").or_else(|| credentials.get("default_domain"));
        json!({"id": id.unwrap_or("default")})
    }
}

fn scope(credentials: &Credentials) -> Result<Option<Value>, String> {
    let mut scopes = Vec::new();
    if let Some(trust) = credentials.get("trust_id") {
        return Ok(Some(json!({"OS-TRUST:trust": {"id": trust}})));
    }
    if let Some(id) = credentials.get("project_id") {
        scopes.push(("project", json!({"project": {"id": id}})));
    } else if let Some(name) = credentials.get("project_name") {
        scopes.push(("project", json!({"project": {"name": name, "domain": domain(credentials, "project")}})));
    }
    if let Some(id) = credentials.get("domain_id") {
        scopes.push(("domain", json!({"domain": {"id": id}})));
    } else if let Some(name) = credentials.get("domain_name") {
        scopes.push(("domain", json!({"domain": {"name": name}})));
    }
    match credentials.get("system_scope") {
        Some("all" | "true") => scopes.push(("system", json!({"system": {"all": true}}))),
        Some(other) => return Err(format!("system_scope '{other}' is unknown; the only one is 'all'")),
        None => {}
    }
    match scopes.len() {
        0 | 1 => Ok(scopes.pop().map(|(_, scope)| scope)),
        _ => {
            let names: Vec<&str> = scopes.iter().map(|(name, _)| *name).collect();
            Err(format!("it asks for {} scope at once; keep one", names.join(" and ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::Secret;

    fn config(kind: AuthKind, values: &[(&str, &str)]) -> CloudConfig {
        let mut config = CloudConfig::new("c", "http://h");
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        config.credentials = Credentials { kind, values, secret: Secret::new("s") };
        config
    }

    #[test]
    fn every_scope_has_its_form() {
        let scope = |values: &[(&str, &str)]| v3(&config(AuthKind::Password, values)).unwrap()["auth"]["scope"].clone();
        let user = ("username", "ann");
        assert_eq!(scope(&[user, ("system_scope", "all")]), json!({"system": {"all": true}}));
        assert_eq!(scope(&[user, ("domain_name", "d")]), json!({"domain": {"name": "d"}}));
        assert_eq!(scope(&[user, ("project_id", "p")]), json!({"project": {"id": "p"}}));
        assert_eq!(
            scope(&[user, ("project_name", "p"), ("project_domain_name", "d")]),
            json!({"project": {"name": "p", "domain": {"name": "d"}}})
        );
        assert_eq!(scope(&[user]), Value::Null);
    }

    #[test]
    fn two_scopes_are_refused_by_name() {
        let both = [("username", "ann"), ("project_id", "p"), ("system_scope", "all")];
        assert!(v3(&config(AuthKind::Password, &both)).is_err_and(|why| why.contains("project and system")));
    }

    #[test]
    fn an_application_credential_sends_no_scope() {
        let values = [("application_credential_id", "a"), ("project_id", "p")];
        let body = v3(&config(AuthKind::ApplicationCredential, &values)).unwrap();
        assert_eq!(body["auth"]["scope"], Value::Null);
        assert_eq!(body["auth"]["identity"]["application_credential"], json!({"id": "a", "secret": "s"}));
    }

    #[test]
    fn the_second_version_speaks_of_tenants() {
        let body = v2(&config(AuthKind::Password, &[("username", "ann"), ("project_name", "web")])).unwrap();
        let password = json!({"username": "ann", "password": "s"});
        assert_eq!(body, json!({"auth": {"tenantName": "web", "passwordCredentials": password}}));
    }
}
