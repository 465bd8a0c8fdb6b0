//! `/v3/domains`.

use super::common::{check_name, document, duplicate, filtered, listing, merge, missing, single};
use super::model::{Domain, Target};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/domains", list),
        Route::post("/v3/domains", create),
        Route::get("/v3/domains/{id}", show),
        Route::patch("/v3/domains/{id}", update),
        Route::delete("/v3/domains/{id}", delete),
    ]
}

fn list(call: &mut Call) -> Answer {
    call.admin("identity:list_domains")?;
    let items = call.cloud.identity.domains.values().map(document).collect();
    let items = filtered(call, &["name", "enabled"], items);
    Ok(listing(call, "domains", items))
}

fn show(call: &mut Call) -> Answer {
    let id = call.param(0);
    if id != call.caller.user_domain_id {
        call.admin("identity:get_domain")?;
    }
    let found = call.cloud.identity.domains.get(&id).ok_or_else(|| missing("domain", &id))?;
    Ok(single(call, 200, "domain", "domains", document(found)))
}

fn create(call: &mut Call) -> Answer {
    call.admin("identity:create_domain")?;
    let mut fields = Fields::wrapped(&call.body, "domain")?;
    let name = fields.text("name")?;
    check_name(&name, 64)?;
    if call.cloud.identity.domains.values().any(|domain| domain.name == name) {
        return Err(duplicate("domain", &name, None));
    }
    let id = match fields.string("explicit_domain_id")? {
        Some(id) => id,
        None => call.cloud.dice.hex(),
    };
    let domain = Domain {
        id: id.clone(),
        name,
        description: fields.string("description")?.unwrap_or_default(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
        tags: fields.strings("tags")?.unwrap_or_default(),
        extra: fields.rest(),
    };
    let view = document(&domain);
    call.cloud.identity.domains.insert(id, domain);
    Ok(single(call, 201, "domain", "domains", view))
}

fn update(call: &mut Call) -> Answer {
    call.admin("identity:update_domain")?;
    let id = call.param(0);
    let mut fields = Fields::wrapped(&call.body, "domain")?;
    let domains = &mut call.cloud.identity.domains;
    let name = fields.string("name")?;
    if let Some(name) = &name
        && domains.values().any(|domain| domain.name == *name && domain.id != id)
    {
        return Err(duplicate("domain", name, None));
    }
    let domain = domains.get_mut(&id).ok_or_else(|| missing("domain", &id))?;
    domain.name = name.unwrap_or_else(|| domain.name.clone());
    domain.description = fields.string("description")?.unwrap_or_else(|| domain.description.clone());
    domain.enabled = fields.flag("enabled")?.unwrap_or(domain.enabled);
    merge(&mut domain.extra, fields.rest());
    let view = document(domain);
    Ok(single(call, 200, "domain", "domains", view))
}

fn delete(call: &mut Call) -> Answer {
    call.admin("identity:delete_domain")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    let domain = state.domains.get(&id).ok_or_else(|| missing("domain", &id))?;
    if domain.enabled {
        return Err(Refusal::forbidden("Cannot delete a domain that is enabled, please disable it first."));
    }
    state.domains.remove(&id);
    // What lives in a domain goes with it.
    let gone: Vec<String> =
        state.projects.values().filter(|one| one.domain_id == id).map(|one| one.id.clone()).collect();
    state.projects.retain(|_, one| one.domain_id != id);
    state.users.retain(|_, one| one.domain_id != id);
    state.groups.retain(|_, one| one.domain_id != id);
    state.roles.retain(|_, one| one.domain_id.as_ref() != Some(&id));
    state.assignments.retain(|one| match &one.target {
        Target::Project(project) => !gone.contains(project),
        Target::Domain(domain) => *domain != id,
        Target::System => true,
    });
    Ok(Reply::empty(204))
}
