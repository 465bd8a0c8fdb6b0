//! A token as Keystone gave it, v3 or v2.0, brought to one form.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::Value;

use super::CatalogEntry;
use super::catalog;
use crate::base::secret::Secret;

/// What a token says about its owner and scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenInfo {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub user_name: String,
    /// The project the token is scoped to.
    pub project_id: Option<String>,
    /// The project's name.
    pub project_name: Option<String>,
    /// The domain the token is scoped to, where it is not a project.
    pub domain_id: Option<String>,
    /// Whether the token is scoped to the whole system.
    pub system: bool,
    /// The names of the roles it carries.
    pub roles: Vec<String>,
    /// When it expires, in RFC 3339.
    pub expires: String,
    /// The catalog that came with it.
    pub catalog: Vec<CatalogEntry>,
}

/// A token with what is needed to use and renew it.
#[derive(Debug)]
pub(crate) struct Token {
    pub id: Secret,
    pub info: TokenInfo,
    /// From when on it should be renewed; on this machine's clock, which may differ from the service's.
    pub renew_at: Option<Instant>,
}

impl Token {
    pub fn is_fresh(&self) -> bool {
        self.renew_at.is_none_or(|at| Instant::now() < at)
    }

    /// Reads the answer of `POST /v3/auth/tokens`.
    pub fn from_v3(id: Secret, body: &Value, asked_at: Instant) -> Option<Self> {
        let token = body.get("token")?;
        let text = |path: &str| token.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let info = TokenInfo {
            user_id: text("/user/id").unwrap_or_default(),
            user_name: text("/user/name").unwrap_or_default(),
            project_id: text("/project/id"),
            project_name: text("/project/name"),
            domain_id: text("/domain/id"),
            system: token.pointer("/system/all").and_then(Value::as_bool).unwrap_or(false),
            roles: role_names(token.get("roles")),
            expires: text("/expires_at").unwrap_or_default(),
            catalog: catalog::from_v3(token.get("catalog")),
        };
        let renew_at = renew_at(text("/issued_at").as_deref(), &info.expires, asked_at);
        Some(Self { id, info, renew_at })
    }

    /// Reads the answer of `POST /v2.0/tokens`.
    pub fn from_v2(body: &Value, asked_at: Instant) -> Option<Self> {
        let access = body.get("access")?;
        let text = |path: &str| access.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let info = TokenInfo {
            user_id: text("/user/id").unwrap_or_default(),
            user_name: text("/user/name").or_else(|| text("/user/username")).unwrap_or_default(),
            project_id: text("/token/tenant/id"),
            project_name: text("/token/tenant/name"),
            domain_id: None,
            system: false,
            roles: role_names(access.pointer("/user/roles")),
            expires: text("/token/expires").unwrap_or_default(),
            catalog: catalog::from_v2(access.get("serviceCatalog")),
        };
        let renew_at = renew_at(text("/token/issued_at").as_deref(), &info.expires, asked_at);
        Some(Self { id: Secret::new(text("/token/id")?), info, renew_at })
    }
}

fn role_names(roles: Option<&Value>) -> Vec<String> {
    let roles = roles.and_then(Value::as_array).into_iter().flatten();
    roles.filter_map(|role| role.get("name")?.as_str().map(str::to_owned)).collect()
}

/// Returns when to renew: a fifth of the life before the end, at most two minutes before.
fn renew_at(issued: Option<&str>, expires: &str, asked_at: Instant) -> Option<Instant> {
    let expires = timestamp(expires)?;
    // The service's own two clocks are compared where it gives both, so a wrong clock here does no harm.
    let issued = issued.and_then(timestamp).unwrap_or_else(Timestamp::now);
    let life = Duration::try_from(expires.duration_since(issued)).unwrap_or_default();
    Some(asked_at + life - (life / 5).min(Duration::from_secs(120)))
}

/// Reads a time as Keystone writes it, with or without a zone.
fn timestamp(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_say_the_same() {
        let now = Instant::now();
        let v3 = json!({"token": {"user": {"id": "u", "name": "ann"}, "project": {"id": "p", "name": "web"},
            "roles": [{"name": "member"}], "issued_at": "2026-01-01T00:00:00.000000Z", "expires_at": "2026-01-01T01:00:00.000000Z"}});
        let v2 = json!({"access": {"user": {"id": "u", "name": "ann", "roles": [{"name": "member"}]},
            "token": {"id": "t", "expires": "2026-01-01T01:00:00Z", "issued_at": "2026-01-01T00:00:00.123456", "tenant": {"id": "p", "name": "web"}}}});
        let (v3, v2) = (Token::from_v3(Secret::new("t"), &v3, now).unwrap(), Token::from_v2(&v2, now).unwrap());
        assert_eq!((&v3.info.user_name, &v3.info.project_id), (&v2.info.user_name, &v2.info.project_id));
        assert_eq!(v3.info.roles, v2.info.roles);
        assert_eq!(v3.renew_at, Some(now + Duration::from_secs(3480)));
        assert!(v2.renew_at.unwrap() > now + Duration::from_secs(3470));
    }

    #[test]
    fn a_short_life_is_renewed_in_time() {
        let now = Instant::now();
        let at = renew_at(Some("2026-01-01T00:00:00Z"), "2026-01-01T00:00:10Z", now).unwrap();
        assert_eq!(at, now + Duration::from_secs(8));
    }
}
