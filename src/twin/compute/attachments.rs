//! `/servers/{id}/os-volume_attachments`.

use serde_json::{Value, json};

use super::devices::free_name;
use super::model::{Attached, Server};
use super::state::{server, server_mut, settle};
use super::status::{allow, unlocked};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};
use crate::twin::volume;

const STATES: &[&str] = &["active", "paused", "stopped", "resized", "shelved", "shelved_offloaded"];

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/servers/{id}/os-volume_attachments", list),
        Route::post("/v2.1/servers/{id}/os-volume_attachments", attach),
        Route::get("/v2.1/servers/{id}/os-volume_attachments/{volume}", show),
        Route::put("/v2.1/servers/{id}/os-volume_attachments/{volume}", update),
        Route::delete("/v2.1/servers/{id}/os-volume_attachments/{volume}", detach),
    ]
}

fn view(call: &Call, server: &Server, one: &Attached) -> Value {
    let mut view = json!({"serverId": server.id, "volumeId": one.volume, "device": one.device});
    if !call.since(2, 89) {
        view["id"] = json!(one.volume);
    }
    if call.since(2, 70) {
        view["tag"] = json!(one.tag);
    }
    if call.since(2, 79) {
        view["delete_on_termination"] = json!(one.delete_on_termination);
    }
    if call.since(2, 89) {
        view["attachment_id"] = json!(one.attachment);
        view["bdm_uuid"] = json!(one.mapping);
    }
    view
}

fn list(call: &mut Call) -> Answer {
    let found = server(call)?;
    let items: Vec<Value> = found.volumes.iter().map(|one| view(call, found, one)).collect();
    Ok(Reply::ok(json!({ "volumeAttachments": items })))
}

fn find<'a>(server: &'a Server, id: &str) -> Result<&'a Attached, Refusal> {
    let missing = || Refusal::missing(format!("Instance {} is not attached to volume {id}.", server.id));
    server.volumes.iter().find(|one| one.volume == id).ok_or_else(missing)
}

fn show(call: &mut Call) -> Answer {
    let (found, id) = (server(call)?, call.param(1));
    Ok(Reply::ok(json!({"volumeAttachment": view(call, found, find(found, &id)?)})))
}

fn attach(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "volumeAttachment")?;
    let id = fields.text("volumeId")?;
    let device = fields.string("device")?;
    let tag = if call.since(2, 49) { fields.string("tag")? } else { None };
    let delete = if call.since(2, 79) { fields.flag("delete_on_termination")? } else { None };
    fields.done()?;
    call.writer("os_compute_api:os-volumes-attachments:create")?;
    let found = server(call)?;
    unlocked(found, &call.caller)?;
    allow(found, "attach_volume", STATES)?;
    let view_of = volume::view(call.cloud, &call.caller.project_id, call.caller.is_admin(), &id);
    let volume = view_of.ok_or_else(|| Refusal::missing(format!("Volume {id} could not be found.")))?;
    if found.volumes.iter().any(|one| one.volume == id) {
        return Err(Refusal::bad(format!("Invalid volume: volume {id} is already attached to instance {}", found.id)));
    }
    if volume.status != "available" && !(volume.multiattach && volume.status == "in-use") {
        return Err(Refusal::bad(format!(
            "Invalid volume: volume '{id}' status must be 'available'. Currently in '{}'",
            volume.status
        )));
    }
    let (server_id, host, offloaded) = (found.id.clone(), found.host.clone(), found.host.is_empty());
    let device = device.filter(|name| !name.is_empty()).unwrap_or_else(|| free_name(found));
    let attachment = volume::reserve(call.cloud, &id, &server_id)?;
    let one = Attached {
        volume: id.clone(),
        device: device.clone(),
        attachment,
        delete_on_termination: delete.unwrap_or_default(),
        tag,
        root: false,
        mapping: call.cloud.uuid(),
    };
    server_mut(call, "os_compute_api:os-volumes-attachments:create")?.volumes.push(one.clone());
    if !offloaded {
        call.cloud.later(2.0, move |cloud| {
            let there = cloud.compute.servers.get(&server_id);
            if there.is_some_and(|server| server.volumes.iter().any(|one| one.volume == id)) {
                volume::attach(cloud, &id, &server_id, &device, &host);
            }
        });
    }
    let found = server(call)?;
    Ok(Reply::ok(json!({"volumeAttachment": view(call, found, &one)})))
}

fn update(call: &mut Call) -> Answer {
    if !call.since(2, 85) {
        return Err(Refusal::bad("The twin does not swap volumes."));
    }
    let mut fields = Fields::wrapped(&call.body, "volumeAttachment")?;
    let (id, delete) = (fields.text("volumeId")?, fields.flag("delete_on_termination")?);
    fields.ignore(&["device", "serverId", "tag", "id"]);
    fields.done()?;
    if id != call.param(1) {
        return Err(Refusal::bad("The twin does not swap volumes."));
    }
    find(server(call)?, &id)?;
    let found = server_mut(call, "os_compute_api:os-volumes-attachments:update")?;
    for one in found.volumes.iter_mut().filter(|one| one.volume == id) {
        one.delete_on_termination = delete.unwrap_or(one.delete_on_termination);
    }
    Ok(Reply::empty(202))
}

fn detach(call: &mut Call) -> Answer {
    call.writer("os_compute_api:os-volumes-attachments:delete")?;
    let id = call.param(1);
    let found = server(call)?;
    unlocked(found, &call.caller)?;
    if find(found, &id)?.root && found.vm_state != "shelved_offloaded" {
        return Err(Refusal::bad("Cannot detach a root device volume"));
    }
    allow(found, "detach_volume", STATES)?;
    let state = volume::view(call.cloud, "", true, &id).map(|view| view.status).unwrap_or_default();
    if state != "in-use" {
        return Err(Refusal::bad(format!(
            "Invalid volume: Invalid input received: Invalid volume: Unable to detach volume. Volume status must be \
             'in-use' and attach_status must be 'attached' to detach. Currently: status: '{state}'."
        )));
    }
    let server_id = found.id.clone();
    volume::begin_detach(call.cloud, &id, &server_id);
    call.cloud.later(2.0, move |cloud| {
        volume::detach(cloud, &id, &server_id);
        let task = cloud.compute.servers.get(&server_id).and_then(|server| server.task_state.clone());
        let drop_it = |server: &mut Server| server.volumes.retain(|one| one.volume != id);
        match task {
            Some(task) => drop(settle(cloud, &server_id, &task, drop_it)),
            None => cloud.compute.servers.get_mut(&server_id).map(drop_it).unwrap_or_default(),
        }
    });
    Ok(Reply::empty(202))
}
