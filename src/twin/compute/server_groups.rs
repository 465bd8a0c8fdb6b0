//! `/os-server-groups`.

use serde_json::{Value, json};

use super::limits;
use super::list::{page_limit, strict};
use super::model::ServerGroup;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/os-server-groups", list),
        Route::post("/v2.1/os-server-groups", create),
        Route::get("/v2.1/os-server-groups/{id}", show),
        Route::delete("/v2.1/os-server-groups/{id}", delete),
    ]
}

fn view(call: &Call, group: &ServerGroup) -> Value {
    let mut view = json!({"id": group.id, "name": group.name, "members": group.members});
    if call.since(2, 64) {
        view["policy"] = json!(group.policy);
        view["rules"] = json!(group.rules);
    } else {
        view["policies"] = json!([group.policy]);
        view["metadata"] = json!({});
    }
    if call.since(2, 13) {
        view["project_id"] = json!(group.project);
        view["user_id"] = json!(group.user);
    }
    view
}

fn list(call: &mut Call) -> Answer {
    let everybody = call.query.has("all_projects");
    let offset: usize = call.query.get("offset").and_then(|text| text.parse().ok()).unwrap_or(0);
    let limit = page_limit(call)?;
    strict(call)?;
    let seen = |group: &&ServerGroup| group.project == call.caller.project_id || everybody && call.caller.is_admin();
    let found = call.cloud.compute.server_groups.values().filter(seen).skip(offset).take(limit);
    let items: Vec<Value> = found.map(|group| view(call, group)).collect();
    Ok(Reply::ok(json!({ "server_groups": items })))
}

fn absent(id: &str) -> Refusal {
    Refusal::missing(format!("Instance group {id} could not be found."))
}

fn show(call: &mut Call) -> Answer {
    let id = call.param(0);
    let found = call.cloud.compute.server_groups.get(&id).filter(|group| call.caller.sees(&group.project));
    Ok(Reply::ok(json!({"server_group": view(call, found.ok_or_else(|| absent(&id))?)})))
}

fn create(call: &mut Call) -> Answer {
    call.writer("os_compute_api:os-server-groups:create")?;
    let mut fields = Fields::wrapped(&call.body, "server_group")?;
    let name = fields.text("name")?;
    let mut rules = std::collections::BTreeMap::new();
    let policy = if call.since(2, 64) {
        if let Some(mut given) = fields.object("rules")? {
            if let Some(most) = given.number("max_server_per_host")? {
                rules.insert("max_server_per_host".to_owned(), most.max(1) as u64);
            }
            given.done()?;
        }
        fields.text("policy")?
    } else {
        let policies = fields.strings("policies")?.unwrap_or_default();
        match policies.as_slice() {
            [one] => one.clone(),
            _ => return Err(Refusal::bad("Invalid input for field/attribute policies: exactly one is wanted")),
        }
    };
    fields.done()?;
    let soft = call.since(2, 15) && matches!(policy.as_str(), "soft-affinity" | "soft-anti-affinity");
    if !matches!(policy.as_str(), "affinity" | "anti-affinity") && !soft {
        return Err(Refusal::bad(format!("Invalid input for field/attribute policy. Value: {policy}.")));
    }
    if !rules.is_empty() && policy != "anti-affinity" {
        return Err(Refusal::bad("Only anti-affinity policy supports rules."));
    }
    let project = call.caller.project_id.clone();
    let (limit, used) = (limits::limit(call.cloud, &project, "server_groups"), limits::used(call.cloud, &project));
    if call.cloud.enforce_quotas && limit >= 0 && used.get("server_groups").copied().unwrap_or(0) >= limit {
        return Err(Refusal::forbidden("Quota exceeded, too many server groups."));
    }
    let user = call.caller.user_id.clone();
    let group = ServerGroup { id: call.cloud.uuid(), name, project, user, policy, rules, members: Vec::new() };
    let body = view(call, &group);
    call.cloud.compute.server_groups.insert(group.id.clone(), group);
    Ok(Reply::ok(json!({ "server_group": body })))
}

fn delete(call: &mut Call) -> Answer {
    call.writer("os_compute_api:os-server-groups:delete")?;
    let id = call.param(0);
    let caller = &call.caller;
    let groups = &mut call.cloud.compute.server_groups;
    groups.get(&id).filter(|group| caller.sees(&group.project)).ok_or_else(|| absent(&id))?;
    groups.remove(&id);
    for server in call.cloud.compute.servers.values_mut().filter(|server| server.group.as_ref() == Some(&id)) {
        server.group = None;
    }
    Ok(Reply::empty(204))
}
