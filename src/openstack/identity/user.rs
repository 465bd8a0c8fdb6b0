use serde_json::{Map, Value, json};

use super::{Project, call};
use crate::base::secret::Secret;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A user; the service never shows passwords, it only accepts them.
    User {
        /// The id.
        id: String,
        /// The name, unique in its domain.
        name: String,
        /// The domain the user belongs to.
        domain_id: String,
        /// The description.
        description: String,
        /// The mail address.
        email: Option<String>,
        /// Whether the user may log in.
        enabled: bool,
        /// The project a login without a scope gets.
        default_project_id: Option<String>,
        /// When the password expires, absent where it does not.
        password_expires_at: Option<String>,
        /// The options, for example `ignore_password_expiry`.
        options: Map<String, Value>,
        /// The identities at other providers that log in as this user.
        federated: Vec<Value>,
    }
}

impl Resource for User {
    const KIND: &'static str = "user";
    const PLURAL: &'static str = "users";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/users";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Patch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only users of this name.",
        domain_id: Option<String> = "Only users of this domain.",
        enabled: Option<bool> = "Only enabled or only disabled users.",
        idp_id: Option<String> = "Only users of this identity provider.",
        protocol_id: Option<String> = "Only users of this federation protocol.",
        unique_id: Option<String> = "Only the user with this id at the identity provider.",
        password_expires_at: Option<String> = "Only users whose password expires then, for example `lt:2026-01-01T00:00:00Z`.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique in its domain.",
        domain_id: Option<String> = "The domain; that of the token where absent.",
        password: Option<String> = "The password; without one the user cannot log in with a password.",
        default_project_id: Option<String> = "The project a login without a scope gets.",
        description: Option<String> = "The description.",
        email: Option<String> = "The mail address.",
        enabled: Option<bool> = "Whether the user may log in.",
        federated: Option<Vec<Value>> = "The identities at other providers that log in as this user.",
        options: Option<Map<String, Value>> = "The options, for example `ignore_password_expiry`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name, unique in its domain.",
        password: Option<String> = "The password.",
        default_project_id: Option<String> = "The project a login without a scope gets.",
        description: Option<String> = "The description.",
        email: Option<String> = "The mail address.",
        enabled: Option<bool> = "Whether the user may log in.",
        federated: Option<Vec<Value>> = "The identities at other providers that log in as this user.",
        options: Option<Map<String, Value>> = "The options, for example `ignore_password_expiry`.",
    ];
    identified!(id, name);
}

/// What belongs to users.
impl Cloud {
    /// Gives a user a password; the service never shows one.
    pub async fn set_user_password(&self, user: &str, password: &Secret) -> Result<(), Error> {
        let body = json!({ "user": { "password": password.expose() } });
        let request = call(Method::PATCH, format!("/users/{}", encode(user)));
        self.tell(request.body(body).object(format!("user {user}"))).await
    }

    /// Lists the projects a user has a role on.
    pub async fn user_projects(&self, user: &str) -> Result<Vec<Project>, Error> {
        let path = format!("/users/{}/projects", encode(user));
        self.ask(call(Method::GET, path).object(format!("user {user}")), "projects").await
    }
}
