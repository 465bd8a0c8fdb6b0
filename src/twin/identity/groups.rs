//! `/v3/groups` and their members.

use super::common::{check_name, document, duplicate, filtered, listing, merge, missing, single};
use super::model::{Actor, Group};
use super::users;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/groups", list),
        Route::post("/v3/groups", create),
        Route::get("/v3/groups/{id}", show),
        Route::patch("/v3/groups/{id}", update),
        Route::delete("/v3/groups/{id}", delete),
        Route::get("/v3/groups/{id}/users", members),
        Route::put("/v3/groups/{id}/users/{user}", add),
        Route::head("/v3/groups/{id}/users/{user}", contains),
        Route::get("/v3/groups/{id}/users/{user}", contains),
        Route::delete("/v3/groups/{id}/users/{user}", remove),
    ]
}

fn list(call: &mut Call) -> Answer {
    call.admin("identity:list_groups")?;
    let items = call.cloud.identity.groups.values().map(document).collect();
    let items = filtered(call, &["name", "domain_id"], items);
    Ok(listing(call, "groups", items))
}

fn show(call: &mut Call) -> Answer {
    call.admin("identity:get_group")?;
    let id = call.param(0);
    let found = call.cloud.identity.groups.get(&id).ok_or_else(|| missing("group", &id))?;
    Ok(single(call, 200, "group", "groups", document(found)))
}

fn create(call: &mut Call) -> Answer {
    call.admin("identity:create_group")?;
    let mut fields = Fields::wrapped(&call.body, "group")?;
    let name = fields.text("name")?;
    check_name(&name, 64)?;
    let domain_id = fields.string("domain_id")?.unwrap_or_else(|| call.caller.user_domain_id.clone());
    let state = &call.cloud.identity;
    if !state.domains.contains_key(&domain_id) {
        return Err(missing("domain", &domain_id));
    }
    if state.groups.values().any(|group| group.name == name && group.domain_id == domain_id) {
        return Err(duplicate("group", &name, Some(&domain_id)));
    }
    let group = Group {
        id: call.cloud.dice.hex(),
        name,
        domain_id,
        description: fields.string("description")?.unwrap_or_default(),
        members: Default::default(),
        extra: fields.rest(),
    };
    let view = document(&group);
    call.cloud.identity.groups.insert(group.id.clone(), group);
    Ok(single(call, 201, "group", "groups", view))
}

fn update(call: &mut Call) -> Answer {
    call.admin("identity:update_group")?;
    let id = call.param(0);
    let mut fields = Fields::wrapped(&call.body, "group")?;
    let groups = &mut call.cloud.identity.groups;
    let domain = groups.get(&id).map(|group| group.domain_id.clone()).ok_or_else(|| missing("group", &id))?;
    let name = fields.string("name")?;
    if let Some(name) = &name
        && groups.values().any(|one| one.name == *name && one.domain_id == domain && one.id != id)
    {
        return Err(duplicate("group", name, Some(&domain)));
    }
    let group = groups.get_mut(&id).ok_or_else(|| missing("group", &id))?;
    group.name = name.unwrap_or_else(|| group.name.clone());
    group.description = fields.string("description")?.unwrap_or_else(|| group.description.clone());
    fields.ignore(&["domain_id"]);
    merge(&mut group.extra, fields.rest());
    let view = document(group);
    Ok(single(call, 200, "group", "groups", view))
}

fn delete(call: &mut Call) -> Answer {
    call.admin("identity:delete_group")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    state.groups.remove(&id).ok_or_else(|| missing("group", &id))?;
    state.assignments.retain(|one| one.actor != Actor::Group(id.clone()));
    Ok(Reply::empty(204))
}

fn members(call: &mut Call) -> Answer {
    call.admin("identity:list_users_in_group")?;
    let id = call.param(0);
    let state = &call.cloud.identity;
    let group = state.groups.get(&id).ok_or_else(|| missing("group", &id))?;
    let items = group.members.iter().filter_map(|user| state.users.get(user)).map(users::view).collect();
    let items = filtered(call, &["name", "enabled"], items);
    Ok(listing(call, "users", items))
}

/// Checks the two ids of a membership path and returns them.
fn both(call: &Call, rule: &str) -> Result<(String, String), Refusal> {
    call.admin(rule)?;
    let (group, user) = (call.param(0), call.param(1));
    let state = &call.cloud.identity;
    if !state.groups.contains_key(&group) {
        return Err(missing("group", &group));
    }
    if !state.users.contains_key(&user) {
        return Err(missing("user", &user));
    }
    Ok((group, user))
}

fn add(call: &mut Call) -> Answer {
    let (group, user) = both(call, "identity:add_user_to_group")?;
    if let Some(group) = call.cloud.identity.groups.get_mut(&group) {
        group.members.insert(user);
    }
    Ok(Reply::empty(204))
}

fn contains(call: &mut Call) -> Answer {
    let (group, user) = both(call, "identity:check_user_in_group")?;
    let found = call.cloud.identity.groups.get(&group).is_some_and(|group| group.members.contains(&user));
    if found { Ok(Reply::empty(204)) } else { Err(absent(&user, &group)) }
}

fn remove(call: &mut Call) -> Answer {
    let (id, user) = both(call, "identity:remove_user_from_group")?;
    let found = call.cloud.identity.groups.get_mut(&id).is_some_and(|group| group.members.remove(&user));
    if found { Ok(Reply::empty(204)) } else { Err(absent(&user, &id)) }
}

fn absent(user: &str, group: &str) -> Refusal {
    Refusal::missing(format!("User '{user}' not found in group '{group}'."))
}
