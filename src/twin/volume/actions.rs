//! `POST /volumes/{id}/action`: everything that is done to one volume.

use serde_json::json;

use super::model::Words;
use super::volumes::{self, find, find_mut, invalid};
use super::{attachments, quota, upload};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

const STATUSES: [&str; 22] = [
    "creating",
    "available",
    "deleting",
    "error",
    "error_deleting",
    "error_managing",
    "managing",
    "attaching",
    "in-use",
    "detaching",
    "maintenance",
    "restoring-backup",
    "error_restoring",
    "reserved",
    "awaiting-transfer",
    "backing-up",
    "error_backing-up",
    "error_extending",
    "downloading",
    "uploading",
    "retyping",
    "extending",
];

/// Words an unknown action.
pub fn no_action(name: &str) -> Refusal {
    let what =
        format!("There is no such action: {name}. Verify the request body and Content-Type header and try again.");
    Refusal::bad(what)
}

/// Dispatches by the only key of the body.
pub fn action(call: &mut Call) -> Answer {
    let body = call.body.as_object().filter(|body| body.len() == 1);
    let Some((name, value)) = body.and_then(|body| body.iter().next()) else {
        return Err(Refusal::bad("Malformed request body"));
    };
    let (name, value) = (name.clone(), value.clone());
    let id = call.param(0);
    find(call, &id)?;
    let empty = json!({});
    let mut fields = Fields::of(if value.is_null() { &empty } else { &value }, &name)?;
    let reply = match name.as_str() {
        "os-extend" => extend(call, &id, &mut fields),
        "os-set_bootable" => set_bootable(call, &id, &mut fields),
        "os-update_readonly_flag" => {
            let flag = fields.flag("readonly")?.unwrap_or(false).to_string();
            find_mut(call, &id, &name)?.metadata.insert("readonly".into(), flag);
            Ok(Reply::empty(202))
        }
        "os-reset_status" => reset_status(call, &id, &mut fields),
        "os-set_image_metadata" => set_image_metadata(call, &id, &mut fields),
        "os-show_image_metadata" => Ok(Reply::ok(json!({"metadata": find(call, &id)?.image_metadata}))),
        "os-unset_image_metadata" => unset_image_metadata(call, &id, &mut fields),
        "os-volume_upload_image" => upload::begin(call, &id, &mut fields),
        "os-retype" => retype(call, &id, &mut fields),
        "os-force_delete" => {
            call.admin("volume_extension:volume_admin_actions:force_delete")?;
            volumes::begin_delete(call.cloud, &id, true)?;
            Ok(Reply::empty(202))
        }
        "os-reserve" | "os-unreserve" | "os-begin_detaching" | "os-roll_detaching" => step(call, &id, &name),
        "os-attach" => attachments::attach_action(call, &id, &mut fields),
        "os-detach" | "os-force_detach" => attachments::detach_action(call, &id, &mut fields),
        "os-initialize_connection" => {
            fields.ignore(&["connector"]);
            let data = json!({"driver_volume_type": "local", "data": {"volume_id": id, "access_mode": "rw"}});
            Ok(Reply::ok(json!({"connection_info": data})))
        }
        "os-terminate_connection" => {
            fields.ignore(&["connector", "force"]);
            Ok(Reply::empty(202))
        }
        _ => return Err(no_action(&name)),
    }?;
    fields.done()?;
    Ok(reply)
}

fn extend(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let wanted = fields.number("new_size")?.and_then(|size| u64::try_from(size).ok());
    let wanted = wanted.ok_or_else(|| {
        Refusal::bad("Invalid input for field/attribute os-extend. 'new_size' is a required property")
    })?;
    let online = call.since(3, 42);
    let volume = find(call, id)?;
    let (size, status, project) = (volume.size, volume.status.clone(), volume.project.clone());
    if status != "available" && !(online && status == "in-use") {
        return Err(invalid(format!(
            "Volume {id} status must be '{{'status': 'available'}}' to extend, currently {status}."
        )));
    }
    if wanted <= size {
        return Err(Refusal::bad(format!(
            "Invalid input received: New size for extend must be greater than current size. (current: {size}, \
             extended: {wanted})."
        )));
    }
    if call.cloud.enforce_quotas {
        let state = &call.cloud.volume;
        let kind = state.types.get(&volume.type_id).map_or("", |kind| kind.name.as_str());
        quota::reserve(state, &project, quota::Wanted { resource: "", kind, size: wanted - size })?;
    }
    find_mut(call, id, "volume:extend")?.status = "extending".into();
    let id = id.to_owned();
    call.cloud.later(1.0, move |cloud| {
        let length = wanted * cloud.gib;
        let Some(volume) = cloud.volume.volumes.get_mut(&id).filter(|volume| volume.status == "extending") else {
            return;
        };
        if let Some(blob) = &mut volume.blob {
            let grown =
                blob.ensure().and_then(|path| std::fs::OpenOptions::new().write(true).open(path)?.set_len(length));
            if grown.is_err() {
                volume.status = "error_extending".into();
                return;
            }
            blob.size = length;
        }
        (volume.size, volume.status) = (wanted, status);
    });
    Ok(Reply::empty(202))
}

fn set_bootable(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let flag = fields.flag("bootable")?.ok_or_else(|| {
        Refusal::bad("Invalid input for field/attribute os-set_bootable. 'bootable' is a required property")
    })?;
    find_mut(call, id, "volume_extension:volume_actions:set_bootable")?.bootable = flag;
    Ok(Reply::empty(200))
}

fn reset_status(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    call.admin("volume_extension:volume_admin_actions:reset_status")?;
    let status = fields.string("status")?;
    fields.ignore(&["attach_status", "migration_status"]);
    if let Some(status) = status {
        if !STATUSES.contains(&status.as_str()) {
            let known = STATUSES.map(|known| format!("'{known}'")).join(", ");
            let what = format!("Volume status: {status} is invalid, valid statuses are: ({known}).");
            return Err(Refusal::bad(what));
        }
        find_mut(call, id, "reset_status")?.status = status;
    }
    Ok(Reply::empty(202))
}

fn set_image_metadata(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let words: Words = fields.words("metadata")?.unwrap_or_default();
    let volume = find_mut(call, id, "volume_extension:volume_image_metadata:set")?;
    volume.image_metadata.extend(words);
    Ok(Reply::ok(json!({"metadata": volume.image_metadata})))
}

fn unset_image_metadata(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let key = fields.text("key")?;
    match find_mut(call, id, "volume_extension:volume_image_metadata:remove")?.image_metadata.remove(&key) {
        Some(_) => Ok(Reply::empty(200)),
        None => Err(Refusal::missing("Metadata item was not found.")),
    }
}

fn retype(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let wanted = fields.text("new_type")?;
    fields.ignore(&["migration_policy"]);
    let (project, admin) = (call.caller.project_id.clone(), call.caller.is_admin());
    let found = super::types::find(&call.cloud.volume, &project, admin, &wanted).map(|kind| kind.id.clone());
    let missing = || Refusal::missing(format!("Volume type with name {wanted} could not be found."));
    let kind = found.ok_or_else(missing)?;
    let volume = find_mut(call, id, "volume:retype")?;
    if !matches!(volume.status.as_str(), "available" | "in-use") {
        return Err(invalid(format!("Retype is not allowed in status {}.", volume.status)));
    }
    volume.type_id = kind;
    Ok(Reply::empty(202))
}

/// The states that Nova walks a volume through.
fn step(call: &mut Call, id: &str, name: &str) -> Answer {
    let volume = find_mut(call, id, name)?;
    let (from, to) = match name {
        "os-reserve" => ("available", "attaching"),
        "os-unreserve" => ("attaching", "available"),
        "os-begin_detaching" => ("in-use", "detaching"),
        _ => ("detaching", "in-use"),
    };
    if volume.status == from {
        volume.status = to.into();
    } else if matches!(name, "os-reserve" | "os-begin_detaching") {
        let status = &volume.status;
        let verb = if name == "os-reserve" { "to reserve" } else { "to detach" };
        return Err(invalid(format!("Volume status must be {from} {verb}, but the current status is {status}.")));
    }
    Ok(Reply::empty(202))
}
