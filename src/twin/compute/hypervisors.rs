//! `/os-hypervisors`.

use serde_json::{Value, json};

use super::list::{page_limit, strict};
use super::model::Host;
use super::state::Usage;
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/os-hypervisors", brief),
        Route::get("/v2.1/os-hypervisors/detail", detail),
        Route::get("/v2.1/os-hypervisors/statistics", statistics),
        Route::get("/v2.1/os-hypervisors/{id}", show),
        Route::get("/v2.1/os-hypervisors/{id}/servers", servers),
        Route::get("/v2.1/os-hypervisors/{id}/search", search),
    ]
}

/// Returns the id of a host's hypervisor: a number before 2.53, a UUID since.
fn id(call: &Call, host: &Host) -> Value {
    if call.since(2, 53) { json!(host.uuid) } else { json!(host.number) }
}

fn view(call: &Call, host: &Host, usage: Option<&Usage>, with_servers: bool) -> Value {
    let mut view = json!({"id": id(call, host), "hypervisor_hostname": host.name,
        "state": if host.up() { "up" } else { "down" }, "status": if host.disabled { "disabled" } else { "enabled" }});
    if let Some(usage) = usage {
        let service = if call.since(2, 53) { json!(host.service_uuid) } else { json!(host.number) };
        view["service"] = json!({"id": service, "host": host.name, "disabled_reason": host.disabled_reason});
        view["hypervisor_type"] = json!("QEMU");
        view["hypervisor_version"] = json!(7_002_000);
        view["host_ip"] = json!("127.0.0.1");
        if call.since(2, 88) {
            view["uptime"] = json!(" 07:30:00 up 30 days,  1:00,  0 users,  load average: 0.50, 0.40, 0.30");
        } else {
            numbers(call, host, usage, &mut view);
        }
    }
    if with_servers {
        let here = call.cloud.compute.servers.values().filter(|server| server.host == host.name);
        let list: Vec<Value> = here.map(|server| json!({"name": server.name, "uuid": server.id})).collect();
        if call.since(2, 75) || !list.is_empty() {
            view["servers"] = json!(list);
        }
    }
    view
}

/// Adds the numbers that 2.88 moved to Placement.
fn numbers(call: &Call, host: &Host, usage: &Usage, view: &mut Value) {
    let more = json!({
        "vcpus": host.vcpus, "memory_mb": host.memory_mb, "local_gb": host.disk_gb,
        "vcpus_used": usage.vcpus, "memory_mb_used": usage.memory_mb + 512, "local_gb_used": usage.disk_gb,
        "free_ram_mb": host.memory_mb as i64 - usage.memory_mb as i64 - 512,
        "free_disk_gb": host.disk_gb as i64 - usage.disk_gb as i64,
        "current_workload": 0, "running_vms": usage.servers,
        "disk_available_least": host.disk_gb as i64 - usage.disk_gb as i64,
    });
    if let (Some(view), Value::Object(more)) = (view.as_object_mut(), more) {
        view.extend(more);
    }
    let cpu = json!({"arch": "x86_64", "model": "Skylake-Server", "vendor": "Intel", "features": ["vmx"],
        "topology": {"cores": host.vcpus, "threads": 1, "sockets": 1}});
    view["cpu_info"] = if call.since(2, 28) { cpu } else { json!(cpu.to_string()) };
}

fn brief(call: &mut Call) -> Answer {
    list(call, false)
}

fn detail(call: &mut Call) -> Answer {
    list(call, true)
}

fn list(call: &mut Call, full: bool) -> Answer {
    call.admin("os_compute_api:os-hypervisors:list")?;
    let modern = call.since(2, 53);
    let with_servers = modern && call.query.flag("with_servers").unwrap_or_default();
    let pattern = call.query.get("hypervisor_hostname_pattern").filter(|_| modern);
    let marker = call.query.get("marker");
    let limit = page_limit(call)?;
    strict(call)?;
    let state = &call.cloud.compute;
    let usage = state.usage();
    let mut all: Vec<&Host> =
        state.hosts.values().filter(|host| pattern.is_none_or(|part| host.name.contains(part))).collect();
    if all.is_empty() && pattern.is_some() {
        return Err(Refusal::missing(format!(
            "No hypervisor matching '{}' could be found.",
            pattern.unwrap_or_default()
        )));
    }
    all.sort_by_key(|host| host.number);
    let start = match marker {
        None => 0,
        Some(id) => {
            let at = all.iter().position(|host| host.uuid == id || host.number.to_string() == id);
            at.ok_or_else(|| Refusal::bad(format!("marker [{id}] not found")))? + 1
        }
    };
    let none = Usage::default();
    let of = |host: &Host| usage.get(host.name.as_str()).unwrap_or(&none);
    let more = all.len() > start + limit;
    let page: Vec<&Host> = all.into_iter().skip(start).take(limit).collect();
    let items: Vec<Value> = page.iter().map(|host| view(call, host, full.then(|| of(host)), with_servers)).collect();
    let mut body = json!({ "hypervisors": items });
    if let Some(last) = page.last().filter(|_| more && call.since(2, 33)) {
        let marker = if modern { last.uuid.clone() } else { last.number.to_string() };
        body["hypervisors_links"] = json!([{"rel": "next", "href": call.next(&marker)}]);
    }
    Ok(Reply::ok(body))
}

fn show(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-hypervisors:show")?;
    let id = call.param(0);
    let with_servers = call.since(2, 53) && call.query.flag("with_servers").unwrap_or_default();
    let state = &call.cloud.compute;
    let host = state.hypervisor(&id);
    let host = host.ok_or_else(|| Refusal::missing(format!("Hypervisor with ID '{id}' could not be found.")))?;
    let usage = state.usage().get(host.name.as_str()).copied().unwrap_or_default();
    Ok(Reply::ok(json!({"hypervisor": view(call, host, Some(&usage), with_servers)})))
}

fn old_only(call: &Call) -> Result<String, Refusal> {
    call.admin("os_compute_api:os-hypervisors:list")?;
    if call.since(2, 53) { Err(Refusal::missing("The resource could not be found.")) } else { Ok(call.param(0)) }
}

fn matching<'a>(call: &'a Call, part: &str) -> Result<Vec<&'a Host>, Refusal> {
    let found: Vec<&Host> = call.cloud.compute.hosts.values().filter(|host| host.name.contains(part)).collect();
    if found.is_empty() {
        return Err(Refusal::missing(format!("No hypervisor matching '{part}' could be found.")));
    }
    Ok(found)
}

fn servers(call: &mut Call) -> Answer {
    let part = old_only(call)?;
    let items: Vec<Value> = matching(call, &part)?.into_iter().map(|host| view(call, host, None, true)).collect();
    Ok(Reply::ok(json!({ "hypervisors": items })))
}

fn search(call: &mut Call) -> Answer {
    let part = old_only(call)?;
    let items: Vec<Value> = matching(call, &part)?.into_iter().map(|host| view(call, host, None, false)).collect();
    Ok(Reply::ok(json!({ "hypervisors": items })))
}

fn statistics(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-hypervisors:statistics")?;
    if call.since(2, 88) {
        return Err(Refusal::missing("The resource could not be found."));
    }
    let state = &call.cloud.compute;
    let usage = state.usage();
    let sum = |of: fn(&Usage) -> u64| usage.values().map(of).sum::<u64>();
    let total = |of: fn(&Host) -> u64| state.hosts.values().map(of).sum::<u64>();
    let (memory, disk) = (total(|host| host.memory_mb), total(|host| host.disk_gb));
    let (used_memory, used_disk) = (sum(|usage| usage.memory_mb), sum(|usage| usage.disk_gb));
    Ok(Reply::ok(json!({"hypervisor_statistics": {
        "count": state.hosts.len(), "vcpus": total(|host| host.vcpus), "vcpus_used": sum(|usage| usage.vcpus),
        "memory_mb": memory, "memory_mb_used": used_memory, "free_ram_mb": memory.saturating_sub(used_memory),
        "local_gb": disk, "local_gb_used": used_disk, "free_disk_gb": disk.saturating_sub(used_disk),
        "running_vms": sum(|usage| usage.servers), "current_workload": 0, "disk_available_least": disk.saturating_sub(used_disk),
    }})))
}
