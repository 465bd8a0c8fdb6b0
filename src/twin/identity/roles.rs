//! `/v3/roles`.

use super::common::{check_name, document, duplicate, filtered, listing, merge, missing, single};
use super::model::Role;
use crate::twin::http::{Answer, Call, Fields, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/roles", list),
        Route::post("/v3/roles", create),
        Route::get("/v3/roles/{id}", show),
        Route::patch("/v3/roles/{id}", update),
        Route::delete("/v3/roles/{id}", delete),
    ]
}

/// Renders a role.
pub fn view(role: &Role) -> serde_json::Value {
    let mut view = document(role);
    view["options"] = serde_json::json!({});
    view
}

fn list(call: &mut Call) -> Answer {
    call.admin("identity:list_roles")?;
    // Without a domain only global roles are shown, as Keystone does.
    let domain = call.query.get("domain_id");
    let fits = |role: &&Role| role.domain_id.as_deref() == domain;
    let items = call.cloud.identity.roles.values().filter(fits).map(view).collect();
    let items = filtered(call, &["name"], items);
    Ok(listing(call, "roles", items))
}

fn show(call: &mut Call) -> Answer {
    call.admin("identity:get_role")?;
    let id = call.param(0);
    let found = call.cloud.identity.roles.get(&id).ok_or_else(|| missing("role", &id))?;
    Ok(single(call, 200, "role", "roles", view(found)))
}

fn create(call: &mut Call) -> Answer {
    call.admin("identity:create_role")?;
    let mut fields = Fields::wrapped(&call.body, "role")?;
    let name = fields.text("name")?;
    check_name(&name, 255)?;
    let domain_id = fields.string("domain_id")?;
    if call.cloud.identity.roles.values().any(|role| role.name == name && role.domain_id == domain_id) {
        return Err(duplicate("role", &name, domain_id.as_deref()));
    }
    fields.ignore(&["options"]);
    let role = Role {
        id: call.cloud.dice.hex(),
        name,
        domain_id,
        description: fields.string("description")?,
        extra: fields.rest(),
    };
    let shown = view(&role);
    call.cloud.identity.roles.insert(role.id.clone(), role);
    Ok(single(call, 201, "role", "roles", shown))
}

fn update(call: &mut Call) -> Answer {
    call.admin("identity:update_role")?;
    let id = call.param(0);
    let mut fields = Fields::wrapped(&call.body, "role")?;
    let roles = &mut call.cloud.identity.roles;
    let name = fields.string("name")?;
    if let Some(name) = &name
        && roles.values().any(|one| one.name == *name && one.id != id && one.domain_id.is_none())
    {
        return Err(duplicate("role", name, None));
    }
    fields.ignore(&["options"]);
    let role = roles.get_mut(&id).ok_or_else(|| missing("role", &id))?;
    role.name = name.unwrap_or_else(|| role.name.clone());
    role.description = fields.string("description")?.or_else(|| role.description.take());
    merge(&mut role.extra, fields.rest());
    let shown = view(role);
    Ok(single(call, 200, "role", "roles", shown))
}

fn delete(call: &mut Call) -> Answer {
    call.admin("identity:delete_role")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    state.roles.remove(&id).ok_or_else(|| missing("role", &id))?;
    state.assignments.retain(|one| one.role != id);
    Ok(Reply::empty(204))
}
