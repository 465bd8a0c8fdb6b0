//! Making tokens and rendering them.

use serde_json::{Value, json};

use super::catalog;
use super::model::{Scope, Target, Token};
use super::state::State;
use crate::twin::clock;
use crate::twin::cloud::Cloud;

/// Gives out a token and returns its text.
pub fn issue(cloud: &mut Cloud, mut token: Token) -> String {
    let text = format!("gAAAAAB{}{}", cloud.dice.hex(), cloud.dice.hex());
    token.audit_id = cloud.dice.hex()[..22].to_owned();
    // Expired tokens are dropped now and then, or a long run would collect them without end.
    if cloud.identity.tokens.len() > 5000 {
        let now = cloud.now;
        cloud.identity.tokens.retain(|_, token| token.expires_at > now);
    }
    cloud.identity.tokens.insert(text.clone(), token);
    text
}

/// Renders `{"token": …}`.
pub fn document(state: &State, token: &Token, with_catalog: bool) -> Value {
    let mut body = json!({
        "methods": token.methods,
        "user": user(state, &token.user_id),
        "audit_ids": [token.audit_id],
        "issued_at": clock::iso_micros(token.issued_at),
        "expires_at": clock::iso_micros(token.expires_at),
    });
    if let Scope::On(target) = &token.scope {
        let role = |id: &String| state.roles.get(id).map(|role| json!({"id": role.id, "name": role.name}));
        body["roles"] = state.token_roles(token).iter().filter_map(role).collect();
        match target {
            Target::Project(id) => {
                body["project"] = project(state, id);
                body["is_domain"] = json!(false);
            }
            Target::Domain(id) => body["domain"] = domain(state, id),
            Target::System => body["system"] = json!({"all": true}),
        }
        if with_catalog {
            body["catalog"] = catalog::document(state, &token.scope);
        }
    }
    json!({ "token": body })
}

fn user(state: &State, id: &str) -> Value {
    let Some(user) = state.users.get(id) else { return Value::Null };
    json!({"id": user.id, "name": user.name, "domain": domain(state, &user.domain_id), "password_expires_at": null})
}

fn project(state: &State, id: &str) -> Value {
    let Some(project) = state.projects.get(id) else { return Value::Null };
    json!({"id": project.id, "name": project.name, "domain": domain(state, &project.domain_id)})
}

fn domain(state: &State, id: &str) -> Value {
    state.domains.get(id).map_or(Value::Null, |domain| json!({"id": domain.id, "name": domain.name}))
}
