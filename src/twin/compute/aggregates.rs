//! `/os-aggregates` and `/os-availability-zone`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::model::Aggregate;
use crate::twin::clock::iso_bare;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/os-aggregates", list),
        Route::post("/v2.1/os-aggregates", create),
        Route::get("/v2.1/os-aggregates/{id}", show),
        Route::put("/v2.1/os-aggregates/{id}", update),
        Route::delete("/v2.1/os-aggregates/{id}", delete),
        Route::post("/v2.1/os-aggregates/{id}/action", act),
        Route::get("/v2.1/os-availability-zone", zones),
        Route::get("/v2.1/os-availability-zone/detail", zones_detail),
    ]
}

fn view(call: &Call, one: &Aggregate) -> Value {
    let mut view = json!({"id": one.id, "name": one.name, "hosts": one.hosts, "metadata": one.metadata,
        "availability_zone": one.metadata.get("availability_zone"), "created_at": iso_bare(one.created),
        "updated_at": one.updated.map(iso_bare), "deleted": false, "deleted_at": null});
    if call.since(2, 41) {
        view["uuid"] = json!(one.uuid);
    }
    view
}

fn id(call: &Call, rule: &str) -> Result<u64, Refusal> {
    call.admin(&format!("os_compute_api:os-aggregates:{rule}"))?;
    let text = call.param(0);
    let id = text.parse().ok().filter(|id| call.cloud.compute.aggregates.contains_key(id));
    id.ok_or_else(|| Refusal::missing(format!("Aggregate {text} could not be found.")))
}

fn answer(call: &Call, id: u64) -> Answer {
    Ok(Reply::ok(json!({"aggregate": view(call, &call.cloud.compute.aggregates[&id])})))
}

fn list(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-aggregates:index")?;
    let items: Vec<Value> = call.cloud.compute.aggregates.values().map(|one| view(call, one)).collect();
    Ok(Reply::ok(json!({ "aggregates": items })))
}

fn show(call: &mut Call) -> Answer {
    let id = id(call, "show")?;
    answer(call, id)
}

/// Adds an aggregate and returns its number.
pub fn add(cloud: &mut Cloud, name: &str, metadata: BTreeMap<String, String>, hosts: Vec<String>) -> u64 {
    let id = cloud.compute.aggregates.keys().last().map_or(1, |last| last + 1);
    let aggregate =
        Aggregate { id, uuid: cloud.uuid(), name: name.to_owned(), hosts, metadata, created: cloud.now, updated: None };
    cloud.compute.aggregates.insert(id, aggregate);
    id
}

fn create(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-aggregates:create")?;
    let mut fields = Fields::wrapped(&call.body, "aggregate")?;
    let (name, zone) = (fields.text("name")?, fields.string("availability_zone")?);
    fields.done()?;
    if call.cloud.compute.aggregates.values().any(|one| one.name == name) {
        return Err(Refusal::conflict(format!("Aggregate {name} already exists.")));
    }
    let metadata = zone.map(|zone| ("availability_zone".to_owned(), zone)).into_iter().collect();
    let id = add(call.cloud, &name, metadata, Vec::new());
    answer(call, id)
}

fn update(call: &mut Call) -> Answer {
    let id = id(call, "update")?;
    let mut fields = Fields::wrapped(&call.body, "aggregate")?;
    let (name, zone) = (fields.string("name")?, fields.string("availability_zone")?);
    fields.done()?;
    change(call, id, |one| {
        one.name = name.unwrap_or_else(|| one.name.clone());
        if let Some(zone) = zone {
            one.metadata.insert("availability_zone".to_owned(), zone);
        }
    });
    answer(call, id)
}

fn change(call: &mut Call, id: u64, change: impl FnOnce(&mut Aggregate)) {
    let now = call.cloud.now;
    if let Some(one) = call.cloud.compute.aggregates.get_mut(&id) {
        one.updated = Some(now);
        change(one);
    }
}

fn delete(call: &mut Call) -> Answer {
    let id = id(call, "delete")?;
    if !call.cloud.compute.aggregates[&id].hosts.is_empty() {
        return Err(Refusal::bad(format!(
            "Cannot remove host from aggregate {id}. Reason: Host aggregate is not empty."
        )));
    }
    call.cloud.compute.aggregates.remove(&id);
    Ok(Reply::empty(200))
}

fn act(call: &mut Call) -> Answer {
    let id = id(call, "action")?;
    let mut fields = Fields::of(&call.body, "body")?;
    if let Some(mut add) = fields.object("add_host")? {
        let host = add.text("host")?;
        if !call.cloud.compute.hosts.contains_key(&host) {
            return Err(Refusal::missing(format!("Compute host {host} could not be found.")));
        }
        if call.cloud.compute.aggregates[&id].hosts.contains(&host) {
            return Err(Refusal::conflict(format!("Aggregate {id} already has host {host}.")));
        }
        change(call, id, |one| one.hosts.push(host));
    } else if let Some(mut remove) = fields.object("remove_host")? {
        let host = remove.text("host")?;
        if !call.cloud.compute.aggregates[&id].hosts.contains(&host) {
            return Err(Refusal::missing(format!("Aggregate {id} has no host {host}.")));
        }
        change(call, id, |one| one.hosts.retain(|have| *have != host));
    } else if let Some(mut set) = fields.object("set_metadata")? {
        let wanted = set.take("metadata").unwrap_or_default();
        let words = wanted.as_object().cloned().unwrap_or_default();
        change(call, id, |one| {
            for (key, value) in words {
                match value.as_str() {
                    Some(text) => drop(one.metadata.insert(key, text.to_owned())),
                    None => drop(one.metadata.remove(&key)),
                }
            }
        });
    } else {
        return Err(Refusal::bad("There should be one action in the request body."));
    }
    answer(call, id)
}

fn zones(call: &mut Call) -> Answer {
    zone_list(call, false)
}

fn zones_detail(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-availability-zone:detail")?;
    zone_list(call, true)
}

fn zone_list(call: &Call, detail: bool) -> Answer {
    let state = &call.cloud.compute;
    let names: BTreeSet<&str> = state.hosts.keys().map(|host| state.zone(host)).collect();
    let zone = |name: &str| {
        let mine: Vec<_> = state.hosts.values().filter(|host| state.zone(&host.name) == name).collect();
        let available = mine.iter().any(|host| !host.disabled);
        let mut view = json!({"zoneName": name, "zoneState": {"available": available}, "hosts": null});
        if detail {
            let service = |host: &&super::model::Host| {
                (
                    host.name.clone(),
                    json!({"nova-compute": {"active": !host.disabled, "available": host.up(), "updated_at": iso_bare(call.cloud.now)}}),
                )
            };
            view["hosts"] = Value::Object(mine.iter().map(service).collect());
        }
        view
    };
    let items: Vec<Value> = names.into_iter().map(zone).collect();
    Ok(Reply::ok(json!({ "availabilityZoneInfo": items })))
}
