//! What Keystone keeps.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::secret::Secret;
use crate::twin::clock::Moment;

/// A domain.
#[derive(Debug, Clone, Serialize)]
pub struct Domain {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The text.
    pub description: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Attributes Keystone has no column for.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A project.
#[derive(Debug, Clone, Serialize)]
pub struct Project {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Its domain.
    pub domain_id: String,
    /// Its parent: a project, or the domain.
    pub parent_id: String,
    /// The text.
    pub description: String,
    /// Whether it may be used.
    pub enabled: bool,
    /// Tags, sorted.
    pub tags: BTreeSet<String>,
    /// Attributes Keystone has no column for.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A user.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Its domain.
    pub domain_id: String,
    /// Whether it may log in.
    pub enabled: bool,
    /// The project of tokens that name no scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_project_id: Option<String>,
    /// The password.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// When the password expires: never here.
    pub password_expires_at: Option<String>,
    /// Attributes Keystone has no column for: `email`, `description`, …
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A group of users.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Its domain.
    pub domain_id: String,
    /// The text.
    pub description: String,
    /// Ids of its users.
    #[serde(skip)]
    pub members: BTreeSet<String>,
    /// Attributes Keystone has no column for.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A role.
#[derive(Debug, Clone, Serialize)]
pub struct Role {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The domain of a domain-specific role.
    pub domain_id: Option<String>,
    /// The text.
    pub description: Option<String>,
    /// Attributes Keystone has no column for.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Who holds a role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Actor {
    /// A user.
    User(String),
    /// All users of a group.
    Group(String),
}

/// On what a role is held.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// A project.
    Project(String),
    /// A domain.
    Domain(String),
    /// The whole deployment.
    System,
}

/// A role assignment. The order of fields makes those of one target neighbours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Assignment {
    /// On what.
    pub target: Target,
    /// Who.
    pub actor: Actor,
    /// The role's id.
    pub role: String,
    /// Whether it counts for the projects below and not for the target itself.
    pub inherited: bool,
}

/// A service of the catalog.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceEntry {
    /// The id.
    pub id: String,
    /// `compute`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// `nova`, …
    pub name: String,
    /// Whether it is shown.
    pub enabled: bool,
    /// The text.
    pub description: Option<String>,
}

/// An endpoint of a service.
#[derive(Debug, Clone, Serialize)]
pub struct Endpoint {
    /// The id.
    pub id: String,
    /// Its service.
    pub service_id: String,
    /// `public`, `internal` or `admin`.
    pub interface: String,
    /// The region, under its older name too.
    pub region: String,
    /// The region.
    pub region_id: String,
    /// The URL, with `$(project_id)s` in it where the service wants that.
    pub url: String,
    /// Whether it is shown.
    pub enabled: bool,
}

/// An application credential.
#[derive(Debug, Clone, Serialize)]
pub struct ApplicationCredential {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The text.
    pub description: Option<String>,
    /// Its project.
    pub project_id: String,
    /// Its user.
    pub user_id: String,
    /// The secret.
    #[serde(skip)]
    pub secret: Secret,
    /// Ids of the roles it gives.
    #[serde(skip)]
    pub role_ids: Vec<String>,
    /// Whether it may make further ones.
    pub unrestricted: bool,
    /// When it ends.
    pub expires_at: Option<String>,
}

/// What a token is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Only for asking what scopes there are.
    Unscoped,
    /// A project, domain or the system.
    On(Target),
}

/// A token that was given out.
#[derive(Debug, Clone)]
pub struct Token {
    /// Whose it is.
    pub user_id: String,
    /// What for.
    pub scope: Scope,
    /// How it was got.
    pub methods: Vec<String>,
    /// When.
    pub issued_at: Moment,
    /// Until when.
    pub expires_at: Moment,
    /// The audit id.
    pub audit_id: String,
    /// Ids of the only roles it gives, where it came from an application credential.
    pub only_roles: Option<Vec<String>>,
}

/// A table by id.
pub type Table<T> = BTreeMap<String, T>;
