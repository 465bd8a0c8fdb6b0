//! Who logs in, and for what: reading an authentication request.

use super::model::{Scope, Target, Token};
use crate::twin::clock::Moment;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Call, Fields, Refusal};

/// A user that has proved who it is.
pub struct Login {
    /// The user's id.
    pub user_id: String,
    /// How it proved that.
    pub methods: Vec<String>,
    /// The expiry of the token it came with, which a new one keeps.
    pub expires_at: Option<Moment>,
    /// The only roles it gets.
    pub only_roles: Option<Vec<String>>,
    /// The scope that its credential fixes.
    pub own_scope: Option<Scope>,
}

/// Words every failed login alike: a client must not learn what was wrong.
pub fn unauthorized() -> Refusal {
    Refusal::new(401, "The request you have made requires authentication.")
}

/// Checks the `identity` part of a request.
pub fn identify(call: &mut Call) -> Result<Login, Refusal> {
    let mut auth = Fields::wrapped(&call.body, "auth")?;
    let mut identity = auth.object("identity")?.ok_or_else(|| Refusal::bad("'identity' is a required property"))?;
    let methods = identity.strings("methods")?.ok_or_else(|| Refusal::bad("'methods' is a required property"))?;
    let mut login =
        Login { user_id: String::new(), methods: methods.clone(), expires_at: None, only_roles: None, own_scope: None };
    if methods.is_empty() {
        return Err(unauthorized());
    }
    for method in &methods {
        let part = identity.object(method)?;
        let part = part.ok_or_else(|| Refusal::bad(format!("Expecting to find {method} in identity.")))?;
        match method.as_str() {
            "password" => login.user_id = password(call.cloud, part)?,
            "token" => by_token(call.cloud, part, &mut login)?,
            "application_credential" => by_credential(call.cloud, part, &mut login)?,
            _ => return Err(unauthorized()),
        }
    }
    identity.done()?;
    if login.own_scope.is_some() && auth.has("scope") {
        return Err(Refusal::new(401, "Application credentials cannot request a scope."));
    }
    if call.cloud.identity.may_log_in(&login.user_id) { Ok(login) } else { Err(unauthorized()) }
}

fn password(cloud: &Cloud, mut part: Fields) -> Result<String, Refusal> {
    let mut user = part.object("user")?.ok_or_else(|| Refusal::bad("'user' is a required property"))?;
    part.done()?;
    let given = user.text("password")?;
    let state = &cloud.identity;
    let found = match user.string("id")? {
        Some(id) => state.users.get(&id),
        None => {
            let name = user.text("name")?;
            let domain = domain(cloud, &mut user)?.ok_or_else(|| Refusal::bad("Expecting to find domain in user."))?;
            state.users.values().find(|user| user.name == name && user.domain_id == domain)
        }
    };
    let fits = |user: &&super::User| user.password.as_ref().is_some_and(|secret| secret.expose() == given);
    found.filter(fits).map(|user| user.id.clone()).ok_or_else(unauthorized)
}

/// Reads `{"domain": {"id"|"name"}}` out of a user or project reference.
fn domain(cloud: &Cloud, fields: &mut Fields) -> Result<Option<String>, Refusal> {
    let Some(mut domain) = fields.object("domain")? else { return Ok(None) };
    if let Some(id) = domain.string("id")? {
        return Ok(Some(id));
    }
    let name = domain.text("name")?;
    let found = cloud.identity.domains.values().find(|domain| domain.name == name);
    found.map(|domain| Some(domain.id.clone())).ok_or_else(unauthorized)
}

fn by_token(cloud: &Cloud, mut part: Fields, login: &mut Login) -> Result<(), Refusal> {
    let text = part.text("id")?;
    part.done()?;
    let token = cloud.identity.token(&text, cloud.now).ok_or_else(unauthorized)?;
    if token.only_roles.is_some() {
        return Err(Refusal::forbidden("Application credentials cannot be rescoped."));
    }
    login.user_id.clone_from(&token.user_id);
    login.expires_at = Some(token.expires_at);
    login.methods = token.methods.clone();
    if !login.methods.iter().any(|method| method == "token") {
        login.methods.push("token".to_owned());
    }
    Ok(())
}

fn by_credential(cloud: &Cloud, mut part: Fields, login: &mut Login) -> Result<(), Refusal> {
    let secret = part.text("secret")?;
    let state = &cloud.identity;
    let found = match part.string("id")? {
        Some(id) => state.application_credentials.get(&id),
        None => {
            let name = part.text("name")?;
            let mut user = part.object("user")?.ok_or_else(unauthorized)?;
            let id = match user.string("id")? {
                Some(id) => id,
                None => {
                    let name = user.text("name")?;
                    let domain = domain(cloud, &mut user)?.ok_or_else(unauthorized)?;
                    let fits = |user: &&super::User| user.name == name && user.domain_id == domain;
                    state.users.values().find(fits).map(|user| user.id.clone()).ok_or_else(unauthorized)?
                }
            };
            state.application_credentials.values().find(|one| one.name == name && one.user_id == id)
        }
    };
    let credential = found.filter(|one| one.secret.expose() == secret).ok_or_else(unauthorized)?;
    login.user_id.clone_from(&credential.user_id);
    login.only_roles = Some(credential.role_ids.clone());
    login.own_scope = Some(Scope::On(Target::Project(credential.project_id.clone())));
    Ok(())
}

/// Reads the `scope` part of a request; without one the user's default project is taken where it holds a role there.
pub fn scope(call: &mut Call, user: &str) -> Result<Scope, Refusal> {
    let state = &call.cloud.identity;
    let wanted = &call.body["auth"]["scope"];
    if wanted == "unscoped" {
        return Ok(Scope::Unscoped);
    }
    if wanted.is_null() {
        let own = state.users.get(user).and_then(|user| user.default_project_id.clone()).map(Target::Project);
        let usable = own.filter(|target| !state.roles_of(user, target).is_empty());
        return Ok(usable.map_or(Scope::Unscoped, Scope::On));
    }
    let mut fields = Fields::of(wanted, "scope")?;
    if let Some(mut project) = fields.object("project")? {
        fields.done()?;
        if let Some(id) = project.string("id")? {
            return Ok(Scope::On(Target::Project(id)));
        }
        let name = project.text("name")?;
        let domain =
            domain(call.cloud, &mut project)?.ok_or_else(|| Refusal::bad("Expecting to find domain in project."))?;
        let fits = |project: &&super::Project| project.name == name && project.domain_id == domain;
        let found = state.projects.values().find(fits).map(|project| project.id.clone());
        return found.map(|id| Scope::On(Target::Project(id))).ok_or_else(unauthorized);
    }
    if fields.has("domain") {
        let id = domain(call.cloud, &mut fields)?.ok_or_else(unauthorized)?;
        return Ok(Scope::On(Target::Domain(id)));
    }
    if fields.object("system")?.is_some() {
        return Ok(Scope::On(Target::System));
    }
    Err(Refusal::bad("scope names no project, domain or system"))
}

/// Makes the token, where the user holds a role in a live scope.
pub fn grant(
    cloud: &Cloud,
    user_id: String,
    scope: Scope,
    methods: Vec<String>,
    expires_at: Option<Moment>,
    only_roles: Option<Vec<String>>,
) -> Result<Token, Refusal> {
    let expires_at = expires_at.unwrap_or(cloud.now + cloud.identity.token_lifetime);
    let token =
        Token { user_id, scope, methods, issued_at: cloud.now, expires_at, audit_id: String::new(), only_roles };
    let holds = token.scope == Scope::Unscoped || !cloud.identity.token_roles(&token).is_empty();
    if holds && cloud.identity.scope_alive(&token.scope) { Ok(token) } else { Err(unauthorized()) }
}
