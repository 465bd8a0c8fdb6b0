//! `/v3/users`.

use serde_json::{Value, json};

use super::common::{check_name, document, duplicate, filtered, listing, merge, missing, single};
use super::model::{Actor, User};
use crate::base::secret::Secret;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/users", list),
        Route::post("/v3/users", create),
        Route::get("/v3/users/{id}", show),
        Route::patch("/v3/users/{id}", update),
        Route::delete("/v3/users/{id}", delete),
        Route::post("/v3/users/{id}/password", change_password),
        Route::get("/v3/users/{id}/groups", groups),
    ]
}

/// Renders a user.
pub fn view(user: &User) -> Value {
    let mut view = document(user);
    view["options"] = json!({});
    view
}

fn list(call: &mut Call) -> Answer {
    call.admin("identity:list_users")?;
    let items = call.cloud.identity.users.values().map(view).collect();
    let items = filtered(call, &["name", "enabled", "domain_id"], items);
    Ok(listing(call, "users", items))
}

fn show(call: &mut Call) -> Answer {
    let id = call.param(0);
    if id != call.caller.user_id {
        call.admin("identity:get_user")?;
    }
    let found = call.cloud.identity.users.get(&id).ok_or_else(|| missing("user", &id))?;
    Ok(single(call, 200, "user", "users", view(found)))
}

fn create(call: &mut Call) -> Answer {
    call.admin("identity:create_user")?;
    let mut fields = Fields::wrapped(&call.body, "user")?;
    let name = fields.text("name")?;
    check_name(&name, 255)?;
    let domain_id = fields.string("domain_id")?.unwrap_or_else(|| call.caller.user_domain_id.clone());
    let state = &call.cloud.identity;
    if !state.domains.contains_key(&domain_id) {
        return Err(missing("domain", &domain_id));
    }
    if state.users.values().any(|user| user.name == name && user.domain_id == domain_id) {
        return Err(duplicate("user", &name, Some(&domain_id)));
    }
    fields.ignore(&["options"]);
    let user = User {
        id: call.cloud.dice.hex(),
        name,
        domain_id,
        enabled: fields.flag("enabled")?.unwrap_or(true),
        default_project_id: fields.string("default_project_id")?,
        password: fields.string("password")?.map(Secret::new),
        password_expires_at: None,
        extra: strip(fields),
    };
    let shown = view(&user);
    call.cloud.identity.users.insert(user.id.clone(), user);
    Ok(single(call, 201, "user", "users", shown))
}

/// Returns the attributes without a column; those that are `null` are not kept.
fn strip(fields: Fields) -> serde_json::Map<String, Value> {
    let mut extra = serde_json::Map::new();
    merge(&mut extra, fields.rest());
    extra
}

fn update(call: &mut Call) -> Answer {
    call.admin("identity:update_user")?;
    let id = call.param(0);
    let mut fields = Fields::wrapped(&call.body, "user")?;
    let users = &mut call.cloud.identity.users;
    let domain = users.get(&id).map(|user| user.domain_id.clone()).ok_or_else(|| missing("user", &id))?;
    if fields.string("domain_id")?.is_some_and(|wanted| wanted != domain) {
        return Err(Refusal::forbidden("Cannot change Domain ID"));
    }
    let name = fields.string("name")?;
    if let Some(name) = &name
        && users.values().any(|one| one.name == *name && one.domain_id == domain && one.id != id)
    {
        return Err(duplicate("user", name, Some(&domain)));
    }
    fields.ignore(&["options"]);
    let user = users.get_mut(&id).ok_or_else(|| missing("user", &id))?;
    user.name = name.unwrap_or_else(|| user.name.clone());
    user.enabled = fields.flag("enabled")?.unwrap_or(user.enabled);
    if let Some(project) = fields.take_null("default_project_id") {
        user.default_project_id = project.as_str().map(str::to_owned);
    }
    let password = fields.string("password")?.map(Secret::new);
    let locked_out = password.is_some() || !user.enabled;
    user.password = password.or_else(|| user.password.take());
    merge(&mut user.extra, fields.rest());
    let shown = view(user);
    if locked_out {
        call.cloud.identity.tokens.retain(|_, token| token.user_id != id);
    }
    Ok(single(call, 200, "user", "users", shown))
}

fn delete(call: &mut Call) -> Answer {
    call.admin("identity:delete_user")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    state.users.remove(&id).ok_or_else(|| missing("user", &id))?;
    state.assignments.retain(|one| one.actor != Actor::User(id.clone()));
    state.groups.values_mut().for_each(|group| {
        group.members.remove(&id);
    });
    state.application_credentials.retain(|_, one| one.user_id != id);
    state.tokens.retain(|_, token| token.user_id != id);
    Ok(Reply::empty(204))
}

fn change_password(call: &mut Call) -> Answer {
    let id = call.param(0);
    let mut fields = Fields::wrapped(&call.body, "user")?;
    let (original, wanted) = (fields.text("original_password")?, fields.text("password")?);
    fields.done()?;
    let user = call.cloud.identity.users.get_mut(&id).ok_or_else(|| missing("user", &id))?;
    if user.password.as_ref().is_none_or(|secret| secret.expose() != original) {
        return Err(Refusal::new(401, "The request you have made requires authentication."));
    }
    user.password = Some(Secret::new(wanted));
    call.cloud.identity.tokens.retain(|_, token| token.user_id != id);
    Ok(Reply::empty(204))
}

fn groups(call: &mut Call) -> Answer {
    let id = call.param(0);
    if id != call.caller.user_id {
        call.admin("identity:list_groups_for_user")?;
    }
    let state = &call.cloud.identity;
    if !state.users.contains_key(&id) {
        return Err(missing("user", &id));
    }
    let items = state.groups.values().filter(|group| group.members.contains(&id)).map(document).collect();
    let items = filtered(call, &["name"], items);
    Ok(listing(call, "groups", items))
}
