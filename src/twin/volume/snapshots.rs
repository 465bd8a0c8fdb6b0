//! Snapshots of volumes.

use serde_json::{Map, Value, json};

use super::list::{self, Listed};
use super::model::{Snapshot, Words};
use super::volumes::{self, invalid};
use super::{quota, snapshot_path};
use crate::twin::blob::{self, Blob};
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

impl Listed for Snapshot {
    const MANY: &'static str = "snapshots";
    const NAME: &'static str = "Snapshot";

    fn id(&self) -> &str {
        &self.id
    }

    fn project(&self) -> &str {
        &self.project
    }

    fn sequence(&self) -> u64 {
        self.sequence
    }

    fn fields(&self, call: &Call) -> Map<String, Value> {
        self.document(call)
    }
}

/// Words the absence of a snapshot.
pub fn missing(id: &str) -> Refusal {
    Refusal::missing(format!("Snapshot {id} could not be found."))
}

/// Finds the snapshot that the path names, if the caller may know of it.
pub fn find<'c>(call: &'c Call, id: &str) -> Result<&'c Snapshot, Refusal> {
    let snapshot = call.cloud.volume.snapshots.get(id);
    snapshot.filter(|snapshot| call.caller.sees(&snapshot.project)).ok_or_else(|| missing(id))
}

/// Finds the snapshot that the path names for changing.
pub fn find_mut<'c>(call: &'c mut Call, id: &str, rule: &str) -> Result<&'c mut Snapshot, Refusal> {
    find(call, id)?;
    call.writer(rule)?;
    let now = call.cloud.now;
    let snapshot = call.cloud.volume.snapshots.get_mut(id).ok_or_else(|| missing(id))?;
    snapshot.updated = Some(now);
    Ok(snapshot)
}

/// `GET /snapshots`.
pub fn list(call: &mut Call) -> Answer {
    let (page, next) = list::page(call, call.cloud.volume.snapshots.values())?;
    let items = page.into_iter().map(|snapshot| snapshot.document(call).into()).collect();
    Ok(Reply::ok(list::body(Snapshot::MANY, items, next)))
}

/// `GET /snapshots/detail`.
pub fn detail(call: &mut Call) -> Answer {
    let (page, next) = list::page(call, call.cloud.volume.snapshots.values())?;
    let items = page.into_iter().map(|snapshot| snapshot.detail(call)).collect();
    Ok(Reply::ok(list::body(Snapshot::MANY, items, next)))
}

/// `GET /snapshots/{id}`.
pub fn get(call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"snapshot": find(call, &call.param(0))?.detail(call)})))
}

/// `POST /snapshots`.
pub fn create(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "snapshot")?;
    let volume = fields.text("volume_id")?;
    let name = fields.string("name")?.or(fields.string("display_name")?);
    let description = fields.string("description")?.or(fields.string("display_description")?);
    let metadata = fields.words("metadata")?.unwrap_or_default();
    let force = fields.flag("force")?;
    fields.done()?;
    call.writer("volume:create_snapshot")?;
    let in_use_too = call.since(3, 66);
    if in_use_too && force == Some(false) {
        let what = "Invalid volume: Invalid input for field/attribute force. Value: False. It is not valid since 3.66.";
        return Err(Refusal::bad(what));
    }
    volumes::find(call, &volume)?;
    let user = call.caller.user_id.clone();
    let id = make(call.cloud, &volume, &user, force.unwrap_or(false) || in_use_too, name, metadata)?;
    if let Some(snapshot) = call.cloud.volume.snapshots.get_mut(&id) {
        snapshot.description = description;
    }
    Ok(Reply::accepted(json!({"snapshot": find(call, &id)?.document(call)})))
}

/// Makes a snapshot, which becomes `available` later. Returns its id.
pub fn make(
    cloud: &mut Cloud,
    volume: &str,
    user: &str,
    force: bool,
    name: Option<String>,
    metadata: Words,
) -> Result<String, Refusal> {
    let state = &cloud.volume;
    let origin = state.volumes.get(volume).ok_or_else(|| volumes::missing(volume))?;
    let status = &origin.status;
    if status != "available" && !(force && status == "in-use") {
        let wanted = if force { "available or in-use" } else { "available" };
        let what = format!("Volume {volume} status must be {wanted}, but current status is: {status}.");
        return Err(invalid(what));
    }
    if cloud.enforce_quotas && state.installed {
        let kind = state.types.get(&origin.type_id).map_or("", |kind| kind.name.as_str());
        quota::reserve(state, &origin.project, quota::Wanted { resource: "snapshots", kind, size: origin.size })?;
    }
    let mut snapshot = Snapshot {
        name,
        status: "creating".into(),
        size: origin.size,
        volume_id: volume.to_owned(),
        project: origin.project.clone(),
        user: user.to_owned(),
        metadata,
        created: cloud.now,
        ..Snapshot::default()
    };
    snapshot.id = cloud.volume.wanted_id.take().unwrap_or_else(|| cloud.dice.uuid());
    snapshot.sequence = cloud.count();
    let id = snapshot.id.clone();
    cloud.volume.snapshots.insert(id.clone(), snapshot);
    let due = id.clone();
    cloud.later(1.0, move |cloud| complete(cloud, &due));
    Ok(id)
}

fn complete(cloud: &mut Cloud, id: &str) {
    let target = snapshot_path(cloud, id);
    let now = cloud.now;
    let state = &mut cloud.volume;
    let Some(snapshot) = state.snapshots.get_mut(id).filter(|snapshot| snapshot.status == "creating") else { return };
    let blob = state.volumes.get(&snapshot.volume_id).and_then(|volume| volume.blob.as_ref());
    let copied = blob.map(|blob| blob.ensure().and_then(|from| blob::copy(from, &target, blob.size)));
    snapshot.updated = Some(now);
    match copied {
        Some(Ok(size)) => {
            snapshot.status = "available".into();
            snapshot.blob = Some(Blob::written(target, size));
        }
        _ => snapshot.status = "error".into(),
    }
}

/// `PUT /snapshots/{id}`.
pub fn update(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "snapshot")?;
    let name = fields.string("name")?.or(fields.string("display_name")?);
    let description = fields.string("description")?.or(fields.string("display_description")?);
    fields.done()?;
    let id = call.param(0);
    let snapshot = find_mut(call, &id, "volume:update_snapshot")?;
    snapshot.name = name.or_else(|| snapshot.name.take());
    snapshot.description = description.or_else(|| snapshot.description.take());
    Ok(Reply::ok(json!({"snapshot": find(call, &id)?.document(call)})))
}

/// `DELETE /snapshots/{id}`.
pub fn delete(call: &mut Call) -> Answer {
    let id = call.param(0);
    let snapshot = find_mut(call, &id, "volume:delete_snapshot")?;
    if !matches!(snapshot.status.as_str(), "available" | "error") {
        return Err(Refusal::bad(
            "Invalid snapshot: Snapshot status must be available or error and must not be part of a group.",
        ));
    }
    snapshot.status = "deleting".into();
    call.cloud.later(1.0, move |cloud| forget(cloud, &id));
    Ok(Reply::empty(202))
}

fn forget(cloud: &mut Cloud, id: &str) {
    let gone = cloud.volume.snapshots.get(id).is_some_and(|snapshot| snapshot.status == "deleting");
    let removed = if gone { cloud.volume.snapshots.remove(id) } else { None };
    if let Some(blob) = removed.and_then(|snapshot| snapshot.blob) {
        // A snapshot nobody looked at has no file.
        let _ = std::fs::remove_file(blob.path);
    }
}

/// `POST /snapshots/{id}/action`.
pub fn action(call: &mut Call) -> Answer {
    let id = call.param(0);
    let mut fields = Fields::of(&call.body, "body")?;
    let Some(mut reset) = fields.object("os-reset_status")? else {
        let name = fields.rest().keys().next().cloned().unwrap_or_default();
        return Err(super::actions::no_action(&name));
    };
    call.admin("volume_extension:snapshot_admin_actions:reset_status")?;
    let status: Value = reset.text("status")?.into();
    let snapshot = find_mut(call, &id, "volume:update_snapshot")?;
    snapshot.status = status.as_str().unwrap_or_default().to_owned();
    Ok(Reply::empty(202))
}
