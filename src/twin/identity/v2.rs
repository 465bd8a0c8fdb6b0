//! Keystone v2.0 as clouds older than Queens have it: password and token login, tenants; under `/admin` what its admin
//! port served: all tenants, users, roles.

use serde_json::{Value, json};

use super::access::{grant, unauthorized};
use super::catalog::fill;
use super::model::{Endpoint, Scope, ServiceEntry, Target, Token};
use super::state::State;
use super::tokens;
use crate::twin::clock;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v2.0/tokens", login).open(),
        Route::get("/v2.0/tenants", own_tenants),
        Route::get("/v2.0/admin/tenants", all_tenants),
        Route::get("/v2.0/admin/tenants/{id}", tenant),
        Route::get("/v2.0/admin/tenants/{id}/users", tenant_users),
        Route::get("/v2.0/admin/tenants/{id}/users/{user}/roles", user_roles),
        Route::get("/v2.0/admin/users", users),
        Route::get("/v2.0/admin/OS-KSADM/roles", roles),
    ]
}

fn login(call: &mut Call) -> Answer {
    let mut auth = Fields::wrapped(&call.body, "auth")?;
    let state = &call.cloud.identity;
    let (user_id, expires_at, methods) = if let Some(mut token) = auth.object("token")? {
        let token = state.token(&token.text("id")?, call.cloud.now).ok_or_else(unauthorized)?;
        (token.user_id.clone(), Some(token.expires_at), "token")
    } else {
        let given = auth.object("passwordCredentials")?;
        let mut given = given.ok_or_else(|| Refusal::bad("Expecting to find passwordCredentials in auth."))?;
        let password = given.text("password")?;
        let (id, name) = (given.string("userId")?, given.string("username")?);
        // v2.0 knows only the default domain.
        let named = |user: &&super::User| {
            user.domain_id == "default" && (Some(&user.id) == id.as_ref() || Some(&user.name) == name.as_ref())
        };
        let right = |user: &&super::User| user.password.as_ref().is_some_and(|secret| secret.expose() == password);
        let user = state.users.values().find(named).filter(right).ok_or_else(unauthorized)?;
        (user.id.clone(), None, "password")
    };
    let name = auth.string("tenantName")?;
    let id = auth.string("tenantId")?;
    auth.done()?;
    let by_name = name.filter(|name| !name.is_empty()).map(|name| {
        let fits = |project: &&super::Project| project.name == name && project.domain_id == "default";
        state.projects.values().find(fits).map(|project| project.id.clone()).ok_or_else(unauthorized)
    });
    let project = id.filter(|id| !id.is_empty()).map(Ok).or(by_name).transpose()?;
    let scope = project.map_or(Scope::Unscoped, |id| Scope::On(Target::Project(id)));
    if !state.may_log_in(&user_id) {
        return Err(unauthorized());
    }
    let token = grant(call.cloud, user_id, scope, vec![methods.to_owned()], expires_at, None)?;
    let text = tokens::issue(call.cloud, token.clone());
    Ok(Reply::ok(json!({"access": access(&call.cloud.identity, &token, &text)})))
}

fn access(state: &State, token: &Token, text: &str) -> Value {
    let project = match &token.scope {
        Scope::On(Target::Project(id)) => state.projects.get(id),
        _ => None,
    };
    let mut shown = json!({"id": text, "issued_at": clock::iso_micros(token.issued_at),
        "expires": clock::iso(token.expires_at), "audit_ids": [token.audit_id]});
    if let Some(project) = project {
        shown["tenant"] = tenant_view(project);
    }
    let catalog: Vec<Value> = match project {
        Some(project) => state.services.iter().filter_map(|service| entry(state, service, &project.id)).collect(),
        None => Vec::new(),
    };
    let names = state.role_names(token);
    let roles: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    let user = state.users.get(&token.user_id).map(|user| user.name.clone()).unwrap_or_default();
    json!({
        "token": shown,
        "serviceCatalog": catalog,
        "user": {"id": token.user_id, "name": user, "username": user, "roles": roles, "roles_links": []},
        "metadata": {"is_admin": 0, "roles": state.token_roles(token)},
    })
}

fn entry(state: &State, service: &ServiceEntry, project: &str) -> Option<Value> {
    let own: Vec<&Endpoint> = state.endpoints.iter().filter(|one| one.service_id == service.id).collect();
    let url = |interface: &str| {
        let url = &own.iter().find(|one| one.interface == interface)?.url;
        // Every old client wants the identity endpoint to be the version it speaks.
        let url = if service.kind == "identity" { v2_of(url, interface) } else { url.clone() };
        fill(&url, Some(project))
    };
    let first = own.first()?;
    let endpoint = json!({"region": first.region, "id": first.id, "publicURL": url("public"),
        "internalURL": url("internal"), "adminURL": url("admin")});
    Some(json!({"type": service.kind, "name": service.name, "endpoints": [endpoint], "endpoints_links": []}))
}

fn v2_of(url: &str, interface: &str) -> String {
    let root = url.trim_end_matches("/v3");
    if interface == "admin" { format!("{root}/v2.0/admin") } else { format!("{root}/v2.0") }
}

fn tenant_view(project: &super::Project) -> Value {
    json!({"id": project.id, "name": project.name, "description": project.description, "enabled": project.enabled})
}

fn tenants(items: Vec<Value>) -> Reply {
    Reply::ok(json!({"tenants": items, "tenants_links": []}))
}

fn own_tenants(call: &mut Call) -> Answer {
    let state = &call.cloud.identity;
    let held = |id: &str| !state.roles_of(&call.caller.user_id, &Target::Project(id.to_owned())).is_empty();
    let mine = state.projects.values().filter(|project| project.domain_id == "default" && held(&project.id));
    Ok(tenants(mine.map(tenant_view).collect()))
}

fn all_tenants(call: &mut Call) -> Answer {
    call.admin("admin_required")?;
    let all = call.cloud.identity.projects.values().filter(|project| project.domain_id == "default");
    if let Some(name) = call.query.get("name") {
        let found = all.clone().find(|project| project.name == name);
        let found = found.ok_or_else(|| Refusal::missing(format!("Could not find project: {name}.")))?;
        return Ok(Reply::ok(json!({"tenant": tenant_view(found)})));
    }
    Ok(tenants(all.map(tenant_view).collect()))
}

fn tenant(call: &mut Call) -> Answer {
    call.admin("admin_required")?;
    let id = call.param(0);
    let found = call.cloud.identity.projects.get(&id);
    let found = found.ok_or_else(|| Refusal::missing(format!("Could not find project: {id}.")))?;
    Ok(Reply::ok(json!({"tenant": tenant_view(found)})))
}

fn user_view(user: &super::User) -> Value {
    json!({"id": user.id, "name": user.name, "username": user.name, "enabled": user.enabled,
        "email": user.extra.get("email"), "tenantId": user.default_project_id})
}

fn tenant_users(call: &mut Call) -> Answer {
    call.admin("admin_required")?;
    let state = &call.cloud.identity;
    let target = Target::Project(call.param(0));
    let held = state.users.values().filter(|user| !state.roles_of(&user.id, &target).is_empty());
    Ok(Reply::ok(json!({"users": held.map(user_view).collect::<Vec<_>>(), "users_links": []})))
}

fn user_roles(call: &mut Call) -> Answer {
    call.admin("admin_required")?;
    let state = &call.cloud.identity;
    let held = state.roles_of(&call.param(1), &Target::Project(call.param(0)));
    let role = |id: &String| state.roles.get(id).map(|role| json!({"id": role.id, "name": role.name}));
    Ok(Reply::ok(json!({"roles": held.iter().filter_map(role).collect::<Vec<_>>(), "roles_links": []})))
}

fn users(call: &mut Call) -> Answer {
    call.admin("admin_required")?;
    let all = call.cloud.identity.users.values().filter(|user| user.domain_id == "default");
    Ok(Reply::ok(json!({"users": all.map(user_view).collect::<Vec<_>>(), "users_links": []})))
}

fn roles(call: &mut Call) -> Answer {
    call.admin("admin_required")?;
    let all = call.cloud.identity.roles.values().filter(|role| role.domain_id.is_none());
    let items: Vec<Value> = all.map(|role| json!({"id": role.id, "name": role.name})).collect();
    Ok(Reply::ok(json!({"roles": items, "roles_links": []})))
}
