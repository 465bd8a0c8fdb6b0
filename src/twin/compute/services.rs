//! `/os-services`.

use serde_json::{Value, json};

use super::list::strict;
use super::model::Host;
use crate::twin::clock::iso_bare;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/os-services", list),
        Route::put("/v2.1/os-services/{id}", update),
        Route::delete("/v2.1/os-services/{id}", delete),
    ]
}

fn view(call: &Call, host: &Host) -> Value {
    let id = if call.since(2, 53) { json!(host.service_uuid) } else { json!(host.number) };
    let mut view = json!({"id": id, "binary": "nova-compute", "host": host.name,
        "zone": call.cloud.compute.zone(&host.name), "status": if host.disabled { "disabled" } else { "enabled" },
        "state": if host.up() { "up" } else { "down" }, "updated_at": iso_bare(call.cloud.now),
        "disabled_reason": host.disabled_reason});
    if call.since(2, 11) {
        view["forced_down"] = json!(host.forced_down);
    }
    view
}

/// Renders the services of the controller, which are always up.
fn controller(call: &Call, number: usize, binary: &str) -> Value {
    let id =
        if call.since(2, 53) { json!(format!("00000000-0000-4000-8000-{number:012}")) } else { json!(900 + number) };
    let mut view = json!({"id": id, "binary": binary, "host": "controller", "zone": "internal", "status": "enabled",
        "state": "up", "updated_at": iso_bare(call.cloud.now), "disabled_reason": null});
    if call.since(2, 11) {
        view["forced_down"] = json!(false);
    }
    view
}

fn list(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-services:list")?;
    let (binary, host) = (call.query.get("binary"), call.query.get("host"));
    strict(call)?;
    let mut hosts: Vec<&Host> = call.cloud.compute.hosts.values().collect();
    hosts.sort_by_key(|host| host.number);
    let own = ["nova-scheduler", "nova-conductor"];
    let fixed = own.iter().enumerate().map(|(number, binary)| controller(call, number + 1, binary));
    let items: Vec<Value> = fixed
        .chain(hosts.into_iter().map(|host| view(call, host)))
        .filter(|one| {
            binary.is_none_or(|binary| one["binary"] == binary) && host.is_none_or(|host| one["host"] == host)
        })
        .collect();
    Ok(Reply::ok(json!({ "services": items })))
}

/// Before 2.53 the last part of the path is a verb and the body names the service; since, it is the service's UUID.
fn update(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-services:update")?;
    if call.since(2, 53) { by_uuid(call) } else { by_verb(call) }
}

fn by_uuid(call: &mut Call) -> Answer {
    let id = call.param(0);
    let mut fields = Fields::of(&call.body, "body")?;
    let (status, reason, down) =
        (fields.string("status")?, fields.string("disabled_reason")?, fields.flag("forced_down")?);
    fields.done()?;
    if status.is_none() && down.is_none() {
        return Err(Refusal::bad("No updates were requested. Fields 'status' or 'forced_down' should be specified."));
    }
    if reason.is_some() && status.as_deref() != Some("disabled") {
        return Err(Refusal::bad("Specifying disabled_reason requires that status is 'disabled'."));
    }
    let found = call.cloud.compute.hosts.values().find(|host| host.service_uuid == id).map(|host| host.name.clone());
    let name = found.ok_or_else(|| Refusal::missing(format!("Service {id} not found.")))?;
    if let Some(down) = down {
        force(call, &name, down)?;
    }
    if let Some(status) = status {
        set(call, &name, &status, reason)?;
    }
    Ok(Reply::ok(json!({"service": view(call, &call.cloud.compute.hosts[&name])})))
}

fn by_verb(call: &mut Call) -> Answer {
    let verb = call.param(0);
    let mut fields = Fields::of(&call.body, "body")?;
    let (host, binary) = (fields.text("host")?, fields.text("binary")?);
    let reason = fields.string("disabled_reason")?;
    let down = if call.since(2, 11) { fields.flag("forced_down")? } else { None };
    fields.done()?;
    if binary != "nova-compute" || !call.cloud.compute.hosts.contains_key(&host) {
        return Err(Refusal::missing(format!("Could not find binary {binary} on host {host}.")));
    }
    let mut body = json!({"host": host, "binary": binary});
    match (verb.as_str(), down) {
        ("enable", _) => set(call, &host, "enabled", None)?,
        ("disable", _) => set(call, &host, "disabled", None)?,
        ("disable-log-reason", _) if reason.is_some() => set(call, &host, "disabled", reason.clone())?,
        ("force-down", Some(down)) => force(call, &host, down)?,
        _ => return Err(Refusal::missing("Unknown action")),
    }
    match down {
        Some(down) => body["forced_down"] = json!(down),
        None => body["status"] = json!(if verb == "enable" { "enabled" } else { "disabled" }),
    }
    if let Some(reason) = reason {
        body["disabled_reason"] = json!(reason);
    }
    Ok(Reply::ok(json!({ "service": body })))
}

fn set(call: &mut Call, host: &str, status: &str, reason: Option<String>) -> Result<(), Refusal> {
    let disabled = match status {
        "enabled" => false,
        "disabled" => true,
        other => return Err(Refusal::bad(format!("Invalid input for field/attribute status. Value: {other}."))),
    };
    if let Some(host) = call.cloud.compute.hosts.get_mut(host) {
        host.disabled = disabled;
        host.disabled_reason = reason.filter(|_| disabled);
    }
    Ok(())
}

/// Lifts "down" only after the host's nova-compute has run again and cleaned up after its evacuations.
fn force(call: &mut Call, name: &str, down: bool) -> Result<(), Refusal> {
    let state = &mut call.cloud.compute;
    let gone = |one: &super::model::Migration| one.kind == "evacuation" && one.status == "done" && one.source == name;
    if !down && state.migrations.iter().any(gone) {
        return Err(Refusal::bad(format!(
            "Unable to set up the service of host {name}: evacuations of it are done but not completed; start its \
             nova-compute first."
        )));
    }
    if let Some(host) = state.hosts.get_mut(name) {
        host.forced_down = down;
    }
    Ok(())
}

fn delete(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-services:delete")?;
    let id = call.param(0);
    let state = &mut call.cloud.compute;
    let modern = call.version >= crate::twin::http::Version(2, 53);
    let is = |host: &&Host| if modern { host.service_uuid == id } else { host.number.to_string() == id };
    let found = state.hosts.values().find(is).map(|host| host.name.clone());
    let name = found.ok_or_else(|| Refusal::missing(format!("Service {id} not found.")))?;
    if state.servers.values().any(|server| server.host == name) {
        return Err(Refusal::conflict(
            "Unable to delete compute service that is hosting instances. Migrate or delete the instances first.",
        ));
    }
    state.hosts.remove(&name);
    for aggregate in state.aggregates.values_mut() {
        aggregate.hosts.retain(|host| *host != name);
    }
    Ok(Reply::empty(204))
}
