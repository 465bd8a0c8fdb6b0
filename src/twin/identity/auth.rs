//! `/v3/auth/…`: logging in, looking at a token, revoking it, and what scopes a user has.

use serde_json::{Value, json};

use super::access::{self, Login};
use super::common::{document, listing};
use super::model::{Scope, Target};
use super::{catalog, tokens};
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v3/auth/tokens", login).open(),
        Route::get("/v3/auth/tokens", show),
        Route::head("/v3/auth/tokens", show),
        Route::delete("/v3/auth/tokens", revoke),
        Route::get("/v3/auth/catalog", show_catalog),
        Route::get("/v3/auth/projects", projects),
        Route::get("/v3/auth/domains", domains),
        Route::get("/v3/auth/system", system),
        Route::get("/v3/users/{user}/projects", user_projects),
    ]
}

fn login(call: &mut Call) -> Answer {
    let Login { user_id, methods, expires_at, only_roles, own_scope } = access::identify(call)?;
    let scope = match own_scope {
        Some(scope) => scope,
        None => access::scope(call, &user_id)?,
    };
    let token = access::grant(call.cloud, user_id, scope, methods, expires_at, only_roles)?;
    let text = tokens::issue(call.cloud, token);
    let nocatalog = call.query.has("nocatalog");
    let state = &call.cloud.identity;
    let token = state.token(&text, call.cloud.now).ok_or_else(access::unauthorized)?;
    Ok(Reply::created(tokens::document(state, token, !nocatalog))
        .with("x-subject-token", text)
        .with("vary", "X-Auth-Token"))
}

/// Returns the text of the token that the request is about.
fn subject(call: &Call) -> Result<String, Refusal> {
    let header = call.headers.get("x-subject-token").and_then(|value| value.to_str().ok());
    header.map(str::to_owned).ok_or_else(|| Refusal::bad("Expecting to find X-Subject-Token in the request headers"))
}

fn show(call: &mut Call) -> Answer {
    let text = subject(call)?;
    let state = &call.cloud.identity;
    let token = state.token(&text, call.cloud.now).ok_or_else(|| Refusal::missing("Could not find token."))?;
    if token.user_id != call.caller.user_id && !call.caller.is_admin() {
        return Err(call.policy("identity:validate_token"));
    }
    let nocatalog = call.query.has("nocatalog");
    Ok(Reply::ok(tokens::document(state, token, !nocatalog)).with("x-subject-token", text))
}

fn revoke(call: &mut Call) -> Answer {
    let text = subject(call)?;
    let owner = call.cloud.identity.token(&text, call.cloud.now).map(|token| token.user_id.clone());
    let owner = owner.ok_or_else(|| Refusal::missing("Could not find token."))?;
    if owner != call.caller.user_id && !call.caller.is_admin() {
        return Err(call.policy("identity:revoke_token"));
    }
    call.cloud.identity.tokens.remove(&text);
    Ok(Reply::empty(204))
}

fn show_catalog(call: &mut Call) -> Answer {
    let state = &call.cloud.identity;
    let token = state.token(&call.caller.token, call.cloud.now).ok_or_else(access::unauthorized)?;
    if token.scope == Scope::Unscoped {
        return Err(Refusal::forbidden("A project-scoped token is required to produce a service catalog."));
    }
    Ok(Reply::ok(json!({"catalog": catalog::document(state, &token.scope), "links": {"self": call.url()}})))
}

fn projects(call: &mut Call) -> Answer {
    let user = call.caller.user_id.clone();
    Ok(listing(call, "projects", reachable(call, &user)))
}

fn user_projects(call: &mut Call) -> Answer {
    let user = call.param(0);
    if user != call.caller.user_id {
        call.admin("identity:list_user_projects")?;
    }
    Ok(listing(call, "projects", reachable(call, &user)))
}

fn reachable(call: &Call, user: &str) -> Vec<Value> {
    let state = &call.cloud.identity;
    let held = |id: &str| !state.roles_of(user, &Target::Project(id.to_owned())).is_empty();
    let open = state.projects.values().filter(|project| project.enabled && held(&project.id));
    open.map(super::projects::view).collect()
}

fn domains(call: &mut Call) -> Answer {
    let state = &call.cloud.identity;
    let held = |id: &str| !state.roles_of(&call.caller.user_id, &Target::Domain(id.to_owned())).is_empty();
    let items = state.domains.values().filter(|domain| domain.enabled && held(&domain.id)).map(document).collect();
    Ok(listing(call, "domains", items))
}

fn system(call: &mut Call) -> Answer {
    let held = !call.cloud.identity.roles_of(&call.caller.user_id, &Target::System).is_empty();
    let items = if held { vec![json!({"all": true})] } else { Vec::new() };
    Ok(Reply::ok(json!({"system": items, "links": {"self": call.url(), "previous": null, "next": null}})))
}
