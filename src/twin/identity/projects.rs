//! `/v3/projects`.

use serde_json::{Value, json};

use super::common::{check_name, document, duplicate, filtered, listing, merge, missing, single};
use super::model::{Project, Target};
use super::tags;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/projects", list),
        Route::post("/v3/projects", create),
        Route::get("/v3/projects/{id}", show),
        Route::patch("/v3/projects/{id}", update),
        Route::delete("/v3/projects/{id}", delete),
    ]
}

/// Renders a project.
pub fn view(project: &Project) -> Value {
    let mut view = document(project);
    view["is_domain"] = json!(false);
    view["options"] = json!({});
    view
}

fn list(call: &mut Call) -> Answer {
    call.admin("identity:list_projects")?;
    if call.query.flag("is_domain") == Some(true) {
        return Ok(listing(call, "projects", Vec::new()));
    }
    let state = &call.cloud.identity;
    let items = state.projects.values().filter(|project| tags::asked(call, &project.tags)).map(view).collect();
    let items = filtered(call, &["name", "enabled", "domain_id", "parent_id"], items);
    Ok(listing(call, "projects", items))
}

fn show(call: &mut Call) -> Answer {
    let id = call.param(0);
    if id != call.caller.project_id {
        call.admin("identity:get_project")?;
    }
    let found = call.cloud.identity.projects.get(&id).ok_or_else(|| missing("project", &id))?;
    Ok(single(call, 200, "project", "projects", view(found)))
}

fn create(call: &mut Call) -> Answer {
    call.admin("identity:create_project")?;
    let mut fields = Fields::wrapped(&call.body, "project")?;
    let name = fields.text("name")?;
    check_name(&name, 64)?;
    let state = &call.cloud.identity;
    let parent = fields.string("parent_id")?;
    let above = parent.as_ref().and_then(|id| state.projects.get(id)).map(|project| project.domain_id.clone());
    let domain_id = fields.string("domain_id")?.or(above).or_else(|| parent.clone());
    let domain_id = domain_id.unwrap_or_else(|| or_default(&call.caller.user_domain_id));
    if !state.domains.contains_key(&domain_id) {
        return Err(missing("domain", &domain_id));
    }
    let parent_id = parent.unwrap_or_else(|| domain_id.clone());
    if !state.projects.contains_key(&parent_id) && !state.domains.contains_key(&parent_id) {
        return Err(missing("project", &parent_id));
    }
    if state.projects.values().any(|project| project.name == name && project.domain_id == domain_id) {
        return Err(Refusal::conflict(format!(
            "Conflict occurred attempting to store project - it is not permitted to have two projects with the same \
             name in the same domain : {name}."
        )));
    }
    if fields.flag("is_domain")? == Some(true) {
        return Err(Refusal::bad("The twin makes domains by /v3/domains only."));
    }
    fields.ignore(&["options"]);
    let wanted = fields.strings("tags")?.unwrap_or_default();
    tags::check(&wanted)?;
    let project = Project {
        id: call.cloud.dice.hex(),
        name,
        domain_id,
        parent_id,
        description: fields.string("description")?.unwrap_or_default(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
        tags: wanted.into_iter().collect(),
        extra: fields.rest(),
    };
    let shown = view(&project);
    call.cloud.identity.projects.insert(project.id.clone(), project);
    Ok(single(call, 201, "project", "projects", shown))
}

fn or_default(domain: &str) -> String {
    if domain.is_empty() { "default".to_owned() } else { domain.to_owned() }
}

fn update(call: &mut Call) -> Answer {
    call.admin("identity:update_project")?;
    let id = call.param(0);
    let mut fields = Fields::wrapped(&call.body, "project")?;
    let projects = &mut call.cloud.identity.projects;
    let domain = projects.get(&id).map(|project| project.domain_id.clone()).ok_or_else(|| missing("project", &id))?;
    if fields.string("domain_id")?.is_some_and(|wanted| wanted != domain) {
        return Err(Refusal::forbidden("Cannot change Domain ID"));
    }
    let name = fields.string("name")?;
    if let Some(name) = &name
        && projects.values().any(|one| one.name == *name && one.domain_id == domain && one.id != id)
    {
        return Err(duplicate("project", name, Some(&domain)));
    }
    let wanted = fields.strings("tags")?;
    tags::check(wanted.as_deref().unwrap_or_default())?;
    let project = projects.get_mut(&id).ok_or_else(|| missing("project", &id))?;
    if fields.string("parent_id")?.is_some_and(|wanted| wanted != project.parent_id) {
        return Err(Refusal::forbidden(
            "You are not authorized to perform the requested action: update_project parent_id.",
        ));
    }
    fields.ignore(&["options", "is_domain"]);
    project.name = name.unwrap_or_else(|| project.name.clone());
    project.description = fields.string("description")?.unwrap_or_else(|| project.description.clone());
    project.enabled = fields.flag("enabled")?.unwrap_or(project.enabled);
    if let Some(wanted) = wanted {
        project.tags = wanted.into_iter().collect();
    }
    merge(&mut project.extra, fields.rest());
    let shown = view(project);
    Ok(single(call, 200, "project", "projects", shown))
}

fn delete(call: &mut Call) -> Answer {
    call.admin("identity:delete_project")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    if state.projects.values().any(|project| project.parent_id == id) {
        return Err(Refusal::forbidden(format!(
            "Cannot delete the project {id} since it is not a leaf in the hierarchy."
        )));
    }
    state.projects.remove(&id).ok_or_else(|| missing("project", &id))?;
    state.assignments.retain(|one| one.target != Target::Project(id.clone()));
    state.application_credentials.retain(|_, one| one.project_id != id);
    for user in state.users.values_mut().filter(|user| user.default_project_id.as_ref() == Some(&id)) {
        user.default_project_id = None;
    }
    Ok(Reply::empty(204))
}
