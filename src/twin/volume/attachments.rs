//! Claims of servers on volumes: the attachments API, the older actions, and what both do.

use serde_json::{Value, json};

use super::model::Attachment;
use super::volumes::{self, find, invalid};
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

fn missing(id: &str) -> Refusal {
    Refusal::missing(format!("Volume attachment could not be found with filter: attachment_id = {id}."))
}

/// Refuses callers that ask with a microversion without the attachments API.
fn known(call: &Call) -> Result<(), Refusal> {
    if call.since(3, 27) { Ok(()) } else { Err(Refusal::missing("The resource could not be found.")) }
}

fn find_one<'c>(call: &'c Call, id: &str) -> Result<&'c Attachment, Refusal> {
    let attachment = call.cloud.volume.attachments.get(id);
    attachment.filter(|attachment| call.caller.sees(&attachment.project)).ok_or_else(|| missing(id))
}

/// Reserves a volume for a server and returns the attachment's id.
pub fn reserve(cloud: &mut Cloud, volume: &str, server: &str) -> Result<String, Refusal> {
    let id = cloud.dice.uuid();
    let now = cloud.now;
    let state = &mut cloud.volume;
    let found = state.volumes.get_mut(volume).ok_or_else(|| volumes::missing(volume))?;
    let status = found.status.clone();
    let shared = found.multiattach && matches!(status.as_str(), "in-use" | "reserved");
    if !(matches!(status.as_str(), "available" | "downloading") || shared) {
        return Err(invalid(format!(
            "Volume {volume} status must be available or downloading to reserve, but the current status is {status}."
        )));
    }
    if status != "in-use" {
        found.status = "reserved".into();
    }
    found.updated = Some(now);
    let attachment = Attachment {
        id: id.clone(),
        volume_id: volume.into(),
        server: server.into(),
        status: "reserved".into(),
        project: found.project.clone(),
        ..Attachment::default()
    };
    state.add_attachment(attachment);
    Ok(id)
}

/// Completes a claim: the volume is `in-use`.
pub fn complete(cloud: &mut Cloud, id: &str, device: &str, host: &str) {
    let now = cloud.now;
    let state = &mut cloud.volume;
    let Some(attachment) = state.attachments.get_mut(id) else { return };
    attachment.status = "attached".into();
    attachment.attached = Some(now);
    if !device.is_empty() {
        attachment.device = device.into();
    }
    if !host.is_empty() {
        attachment.host = host.into();
    }
    if let Some(volume) = state.volumes.get_mut(&attachment.volume_id) {
        (volume.status, volume.updated) = ("in-use".into(), Some(now));
    }
}

/// Removes a claim: the volume is `available` where no other is left.
pub fn remove(cloud: &mut Cloud, id: &str) {
    let now = cloud.now;
    let state = &mut cloud.volume;
    let Some(gone) = state.remove_attachment(id) else { return };
    let left = state.attachments_of(&gone.volume_id).any(|other| other.attached.is_some());
    let claimed = state.attachments_of(&gone.volume_id).next().is_some();
    if let Some(volume) = state.volumes.get_mut(&gone.volume_id) {
        let status = match (left, claimed) {
            (true, _) => "in-use",
            (false, true) => "reserved",
            (false, false) => "available",
        };
        if matches!(volume.status.as_str(), "in-use" | "reserved" | "attaching" | "detaching") {
            volume.status = status.into();
        }
        volume.updated = Some(now);
    }
}

/// `POST /attachments`.
pub fn create(call: &mut Call) -> Answer {
    known(call)?;
    let mut fields = Fields::wrapped(&call.body, "attachment")?;
    let volume = fields.text("volume_uuid")?;
    let server = fields.string("instance_uuid")?.unwrap_or_default();
    let connector =
        fields.take("connector").filter(|connector| connector.as_object().is_some_and(|map| !map.is_empty()));
    fields.ignore(&["mode"]);
    fields.done()?;
    call.writer("volume:attachment_create")?;
    find(call, &volume)?;
    let id = reserve(call.cloud, &volume, &server)?;
    if let Some(connector) = connector {
        connect(call, &id, &connector)?;
    }
    Ok(Reply::ok(json!({"attachment": find_one(call, &id)?.detail()})))
}

fn connect(call: &mut Call, id: &str, connector: &Value) -> Result<(), Refusal> {
    find_one(call, id)?;
    let text = |name: &str| connector.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let state = &mut call.cloud.volume;
    let attachment = state.attachments.get_mut(id).ok_or_else(|| missing(id))?;
    attachment.host = text("host");
    attachment.device = text("mountpoint");
    attachment.status = "attaching".into();
    if let Some(volume) = state.volumes.get_mut(&attachment.volume_id).filter(|volume| volume.status == "reserved") {
        volume.status = "attaching".into();
    }
    Ok(())
}

/// `PUT /attachments/{id}`.
pub fn update(call: &mut Call) -> Answer {
    known(call)?;
    let mut fields = Fields::wrapped(&call.body, "attachment")?;
    let connector = fields.take("connector").ok_or_else(|| {
        Refusal::bad("Invalid input for field/attribute attachment. 'connector' is a required property")
    })?;
    fields.done()?;
    call.writer("volume:attachment_update")?;
    let id = call.param(0);
    connect(call, &id, &connector)?;
    Ok(Reply::ok(json!({"attachment": find_one(call, &id)?.detail()})))
}

/// `POST /attachments/{id}/action`.
pub fn action(call: &mut Call) -> Answer {
    known(call)?;
    let mut fields = Fields::of(&call.body, "body")?;
    if !call.since(3, 44) || fields.take_null("os-complete").is_none() {
        let name = fields.rest().keys().next().cloned().unwrap_or_default();
        return Err(super::actions::no_action(&name));
    }
    fields.done()?;
    let id = call.param(0);
    let attachment = find_one(call, &id)?;
    if attachment.status != "attaching" && attachment.status != "attached" {
        return Err(Refusal::bad("Invalid volume: Volume must be in attaching state to complete the attachment."));
    }
    complete(call.cloud, &id, "", "");
    Ok(Reply::empty(204))
}

/// `DELETE /attachments/{id}`.
pub fn delete(call: &mut Call) -> Answer {
    known(call)?;
    call.writer("volume:attachment_delete")?;
    let id = call.param(0);
    let volume = find_one(call, &id)?.volume_id.clone();
    remove(call.cloud, &id);
    let left: Vec<_> = call.cloud.volume.attachments_of(&volume).map(Attachment::detail).collect();
    Ok(Reply::ok(json!({"attachments": left})))
}

/// `GET /attachments` and `/attachments/summary`.
pub fn list(call: &mut Call) -> Answer {
    listed(call, Attachment::brief)
}

/// `GET /attachments/detail`.
pub fn detail(call: &mut Call) -> Answer {
    listed(call, Attachment::detail)
}

fn listed(call: &mut Call, show: fn(&Attachment) -> Value) -> Answer {
    known(call)?;
    let everyone = call.caller.is_admin() && call.query.flag("all_tenants").unwrap_or(false);
    let filter = |name: &str, have: &str| call.query.get(name).is_none_or(|wanted| wanted == have);
    let shown = |one: &&Attachment| {
        (everyone || one.project == call.caller.project_id)
            && filter("volume_id", &one.volume_id)
            && filter("instance_id", &one.server)
            && filter("instance_uuid", &one.server)
            && filter("status", &one.status)
            && filter("attach_status", &one.status)
    };
    let found: Vec<_> = call.cloud.volume.attachments.values().filter(shown).map(show).collect();
    Ok(Reply::ok(json!({"attachments": found})))
}

/// `GET /attachments/{id}`.
pub fn get(call: &mut Call) -> Answer {
    known(call)?;
    Ok(Reply::ok(json!({"attachment": find_one(call, &call.param(0))?.detail()})))
}

/// `os-attach`, which does it all at once.
pub fn attach_action(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let device = fields.text("mountpoint")?;
    let (server, host) = (fields.string("instance_uuid")?, fields.string("host_name")?);
    fields.ignore(&["mode"]);
    call.writer("volume_extension:volume_actions:attach")?;
    if let Some(volume) = call.cloud.volume.volumes.get_mut(id).filter(|volume| volume.status == "attaching") {
        volume.status = "available".into();
    }
    let attachment = reserve(call.cloud, id, server.as_deref().unwrap_or_default())?;
    complete(call.cloud, &attachment, &device, host.as_deref().unwrap_or_default());
    Ok(Reply::empty(202))
}

/// `os-detach`.
pub fn detach_action(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let wanted = fields.string("attachment_id")?;
    fields.ignore(&["connector"]);
    call.writer("volume_extension:volume_actions:detach")?;
    let claims: Vec<_> = call.cloud.volume.attachments_of(id).map(|claim| claim.id.clone()).collect();
    let chosen = match wanted {
        Some(wanted) => claims.into_iter().filter(|claim| *claim == wanted).collect::<Vec<_>>(),
        None => claims,
    };
    for claim in chosen {
        remove(call.cloud, &claim);
    }
    Ok(Reply::empty(202))
}
