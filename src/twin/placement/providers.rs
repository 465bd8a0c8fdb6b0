//! `/resource_providers` and what hangs below them; `/resource_classes`, `/traits`.

use serde_json::{Value, json};

use crate::twin::compute::model::Host;
use crate::twin::compute::{Usage, schedule::CPU_RATIO};
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

/// Memory that a host keeps for itself, in MiB.
const RESERVED_MB: u64 = 512;

/// Traits that every host of the twin has.
const TRAITS: [&str; 4] = ["COMPUTE_NODE", "COMPUTE_VOLUME_MULTI_ATTACH", "COMPUTE_TRUSTED_CERTS", "HW_CPU_X86_VMX"];

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/resource_providers", list),
        Route::get("/resource_providers/{id}", show),
        Route::get("/resource_providers/{id}/inventories", inventories),
        Route::get("/resource_providers/{id}/inventories/{class}", inventory),
        Route::get("/resource_providers/{id}/usages", usages),
        Route::get("/resource_providers/{id}/traits", traits),
        Route::get("/resource_providers/{id}/aggregates", aggregates),
        Route::get("/resource_classes", classes),
        Route::get("/traits", all_traits),
    ]
}

fn refuse() -> Refusal {
    Refusal::missing("No resource provider with that uuid found").kind("placement.undefined_code")
}

/// Finds the host whose provider the path names. Placement answers to administrators and services only.
pub fn provider<'a>(call: &'a Call) -> Result<&'a Host, Refusal> {
    call.admin("placement:resource_providers:show")?;
    let id = call.param(0);
    call.cloud.compute.hosts.values().find(|host| host.uuid == id).ok_or_else(refuse)
}

fn view(call: &Call, host: &Host) -> Value {
    let uuid = &host.uuid;
    let path = format!("/{}/resource_providers/{uuid}", call.service.prefix());
    let mut names = vec!["inventories", "usages"];
    if call.since(1, 1) {
        names.push("aggregates");
    }
    if call.since(1, 6) {
        names.push("traits");
    }
    if call.since(1, 11) {
        names.push("allocations");
    }
    let mut links = vec![json!({"rel": "self", "href": path})];
    links.extend(names.iter().map(|name| json!({"rel": name, "href": format!("{path}/{name}")})));
    let mut view = json!({"uuid": uuid, "name": host.name, "generation": 1, "links": links});
    if call.since(1, 14) {
        view["root_provider_uuid"] = json!(uuid);
        view["parent_provider_uuid"] = Value::Null;
    }
    view
}

fn list(call: &mut Call) -> Answer {
    call.admin("placement:resource_providers:list")?;
    let (name, uuid) = (call.query.get("name"), call.query.get("uuid").or_else(|| call.query.get("in_tree")));
    let member = call.query.get("member_of").map(|text| text.trim_start_matches("in:").to_owned());
    call.query.accept(&["resources", "required"]);
    if let Some(word) = call.query.stranger() {
        return Err(Refusal::bad(format!(
            "Invalid query string parameters: Additional properties are not allowed ('{word}' was unexpected)"
        )));
    }
    let state = &call.cloud.compute;
    let grouped = |host: &Host| {
        member.as_ref().is_none_or(|wanted| {
            let mine = state.aggregates.values().filter(|one| one.hosts.contains(&host.name));
            mine.into_iter().any(|one| wanted.split(',').any(|uuid| uuid == one.uuid))
        })
    };
    let fits = |host: &&Host| {
        name.is_none_or(|name| host.name == name) && uuid.is_none_or(|uuid| host.uuid == uuid) && grouped(host)
    };
    let mut found: Vec<&Host> = state.hosts.values().filter(fits).collect();
    found.sort_by_key(|host| host.number);
    let items: Vec<Value> = found.into_iter().map(|host| view(call, host)).collect();
    Ok(Reply::ok(json!({ "resource_providers": items })))
}

fn show(call: &mut Call) -> Answer {
    let host = provider(call)?;
    Ok(Reply::ok(view(call, host)))
}

fn all_inventories(host: &Host) -> Value {
    let one = |total: u64, reserved: u64, ratio: f64| {
        json!({"total": total, "reserved": reserved, "min_unit": 1, "max_unit": total, "step_size": 1,
            "allocation_ratio": ratio})
    };
    json!({"VCPU": one(host.vcpus, 0, CPU_RATIO), "MEMORY_MB": one(host.memory_mb, RESERVED_MB, 1.0),
        "DISK_GB": one(host.disk_gb, 0, 1.0)})
}

fn inventories(call: &mut Call) -> Answer {
    let host = provider(call)?;
    Ok(Reply::ok(json!({"resource_provider_generation": 1, "inventories": all_inventories(host)})))
}

fn inventory(call: &mut Call) -> Answer {
    let class = call.param(1);
    let mut one = all_inventories(provider(call)?)[&class].take();
    if one.is_null() {
        return Err(Refusal::missing(format!("No inventory of class {class}")));
    }
    one["resource_provider_generation"] = json!(1);
    Ok(Reply::ok(one))
}

fn usages(call: &mut Call) -> Answer {
    let host = provider(call)?;
    let Usage { vcpus, memory_mb, disk_gb, .. } =
        call.cloud.compute.usage().get(host.name.as_str()).copied().unwrap_or_default();
    let usages = json!({"VCPU": vcpus, "MEMORY_MB": memory_mb, "DISK_GB": disk_gb});
    Ok(Reply::ok(json!({"resource_provider_generation": 1, "usages": usages})))
}

fn since(call: &Call, minor: u32) -> Result<(), Refusal> {
    if call.since(1, minor) { Ok(()) } else { Err(Refusal::missing("The resource could not be found.")) }
}

fn traits(call: &mut Call) -> Answer {
    since(call, 6)?;
    let host = provider(call)?;
    let mut all: Vec<&str> = TRAITS.to_vec();
    if host.disabled || host.forced_down {
        // Nova marks such hosts so that the scheduler passes them by.
        all.push("COMPUTE_STATUS_DISABLED");
    }
    Ok(Reply::ok(json!({"resource_provider_generation": 1, "traits": all})))
}

fn aggregates(call: &mut Call) -> Answer {
    since(call, 1)?;
    let host = provider(call)?;
    let mine = call.cloud.compute.aggregates.values().filter(|one| one.hosts.contains(&host.name));
    let mut body = json!({"aggregates": mine.map(|one| one.uuid.clone()).collect::<Vec<_>>()});
    if call.since(1, 19) {
        body["resource_provider_generation"] = json!(1);
    }
    Ok(Reply::ok(body))
}

fn classes(call: &mut Call) -> Answer {
    since(call, 2)?;
    call.admin("placement:resource_classes:list")?;
    let class = |name: &str| {
        let link = format!("/{}/resource_classes/{name}", call.service.prefix());
        json!({"name": name, "links": [{"rel": "self", "href": link}]})
    };
    let all = ["VCPU", "MEMORY_MB", "DISK_GB"].map(class);
    Ok(Reply::ok(json!({ "resource_classes": all })))
}

fn all_traits(call: &mut Call) -> Answer {
    since(call, 6)?;
    call.admin("placement:traits:list")?;
    let all = [TRAITS.as_slice(), &["COMPUTE_STATUS_DISABLED"]].concat();
    Ok(Reply::ok(json!({ "traits": all })))
}
