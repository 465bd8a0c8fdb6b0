//! `/allocations/{consumer}`, a provider's allocations, and `/usages` of a project.

use serde_json::{Map, Value, json};

use super::providers::provider;
use crate::twin::compute::model::{Flavor, Server, disk_of};
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/allocations/{consumer}", of_consumer),
        Route::get("/resource_providers/{id}/allocations", of_provider),
        Route::get("/usages", of_project),
    ]
}

/// Renders resources; those of which nothing is taken are left out.
fn resources(flavor: &Flavor, from_volume: bool) -> Value {
    let all = [("VCPU", flavor.vcpus), ("MEMORY_MB", flavor.ram), ("DISK_GB", disk_of(flavor, from_volume))];
    Value::Object(
        all.iter().filter(|(_, much)| *much > 0).map(|(name, much)| ((*name).to_owned(), json!(much))).collect(),
    )
}

/// Returns what a server takes on which host; in an unfinished resize the migration holds the old host.
fn held(server: &Server) -> Option<(&str, Value)> {
    let host = server.host.as_str();
    (!host.is_empty()).then(|| (host, resources(&server.flavor, server.image.is_none())))
}

fn of_consumer(call: &mut Call) -> Answer {
    call.admin("placement:allocations:list")?;
    let id = call.param(0);
    let state = &call.cloud.compute;
    let mut allocations = Map::new();
    let uuid = |host: &str| state.hosts.get(host).map(|host| host.uuid.clone());
    let server = state.servers.get(&id);
    let migrating = state.migrations.iter().find(|one| one.uuid == id);
    let owner = server.or_else(|| state.servers.get(&migrating?.server));
    let taken = match (server, owner.and_then(|server| server.before.as_ref())) {
        (Some(server), _) => held(server).and_then(|(host, taken)| Some((uuid(host)?, taken))),
        (None, Some(before)) => {
            let from_volume = owner.is_some_and(|server| server.image.is_none());
            uuid(&before.host).map(|uuid| (uuid, resources(&before.flavor, from_volume)))
        }
        (None, None) => None,
    };
    if let Some((uuid, taken)) = taken {
        allocations.insert(uuid, json!({"generation": 1, "resources": taken}));
    }
    let mut body = json!({ "allocations": allocations });
    if let Some(server) = owner.filter(|_| call.since(1, 12) && !allocations_empty(&body)) {
        body["project_id"] = json!(server.project);
        body["user_id"] = json!(server.user);
        if call.since(1, 28) {
            body["consumer_generation"] = json!(1);
        }
        if call.since(1, 38) {
            body["consumer_type"] = json!(if migrating.is_some() { "MIGRATION" } else { "INSTANCE" });
        }
    }
    Ok(Reply::ok(body))
}

fn allocations_empty(body: &Value) -> bool {
    body["allocations"].as_object().is_none_or(Map::is_empty)
}

fn of_provider(call: &mut Call) -> Answer {
    let host = provider(call)?;
    let state = &call.cloud.compute;
    let entry = |taken: Value| {
        if call.since(1, 28) {
            json!({"resources": taken, "consumer_generation": 1})
        } else {
            json!({ "resources": taken })
        }
    };
    let mut all = Map::new();
    for server in state.servers.values() {
        if server.host == host.name {
            all.insert(server.id.clone(), entry(resources(&server.flavor, server.image.is_none())));
        }
        if let Some(before) = server.before.as_ref().filter(|before| before.host == host.name) {
            let uuid = state.migrations.iter().find(|one| one.id == before.migration).map(|one| one.uuid.clone());
            all.insert(uuid.unwrap_or_default(), entry(resources(&before.flavor, server.image.is_none())));
        }
    }
    Ok(Reply::ok(json!({"resource_provider_generation": 1, "allocations": all})))
}

fn of_project(call: &mut Call) -> Answer {
    if !call.since(1, 9) {
        return Err(Refusal::missing("The resource could not be found."));
    }
    let project = call.query.get("project_id").map(str::to_owned);
    let project =
        project.ok_or_else(|| Refusal::bad("Invalid query string parameters: 'project_id' is a required property"))?;
    if project != call.caller.project_id {
        call.admin("placement:usages")?;
    }
    let mine =
        call.cloud.compute.servers.values().filter(|server| server.project == project && !server.host.is_empty());
    let (mut vcpus, mut memory, mut disk, mut count) = (0, 0, 0, 0);
    for server in mine {
        vcpus += server.flavor.vcpus;
        memory += server.flavor.ram;
        disk += server.local_disk();
        count += 1;
    }
    let usages = json!({"VCPU": vcpus, "MEMORY_MB": memory, "DISK_GB": disk});
    let usages = match (count, call.since(1, 38)) {
        (0, _) => json!({}),
        (_, false) => usages,
        (_, true) => {
            json!({"INSTANCE": {"VCPU": vcpus, "MEMORY_MB": memory, "DISK_GB": disk, "consumer_count": count}})
        }
    };
    Ok(Reply::ok(json!({ "usages": usages })))
}
