//! Quotas: how many volumes, snapshots and GiB a project may have, in all and of one type.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::State;
use crate::twin::http::{Answer, Call, Refusal, Reply};

const DEFAULTS: [(&str, i64); 7] = [
    ("volumes", 10),
    ("per_volume_gigabytes", -1),
    ("snapshots", 10),
    ("gigabytes", 1000),
    ("backups", 10),
    ("backup_gigabytes", 1000),
    ("groups", 10),
];

/// Returns the names of all resources with their default limits.
fn resources(state: &State) -> Vec<(String, i64)> {
    let plain = DEFAULTS.iter().map(|(name, limit)| ((*name).to_owned(), *limit));
    let of_type = state
        .types
        .values()
        .flat_map(|kind| ["volumes", "gigabytes", "snapshots"].map(|name| (format!("{name}_{}", kind.name), -1)));
    plain.chain(of_type).collect()
}

fn used(state: &State, project: &str, resource: &str) -> i64 {
    let (name, kind) = match resource.split_once('_') {
        Some((name @ ("volumes" | "gigabytes" | "snapshots"), kind)) => (name, Some(kind)),
        _ => (resource, None),
    };
    let kind = kind.map(|kind| state.types.values().find(|one| one.name == kind).map(|one| one.id.as_str()));
    let of_kind = |id: &str| kind.is_none_or(|kind| kind == Some(id));
    let volumes = state.volumes.values().filter(|one| one.project == project && of_kind(&one.type_id));
    let type_of = |volume: &str| state.volumes.get(volume).map_or("", |volume| volume.type_id.as_str());
    let snapshots = state.snapshots.values().filter(|one| one.project == project && of_kind(type_of(&one.volume_id)));
    let used = match name {
        "volumes" => volumes.count() as u64,
        "snapshots" => snapshots.count() as u64,
        "gigabytes" => volumes.map(|one| one.size).sum::<u64>() + snapshots.map(|one| one.size).sum::<u64>(),
        _ => 0,
    };
    i64::try_from(used).unwrap_or(i64::MAX)
}

fn limit(state: &State, project: &str, resource: &str, default: i64) -> i64 {
    state.quotas.get(project).and_then(|own| own.get(resource)).copied().unwrap_or(default)
}

/// What is to be reserved: `count` of volumes or snapshots, and GiB.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// `volumes`, `snapshots`, or empty for more GiB of what there is.
    pub resource: &'a str,
    /// The name of the type.
    pub kind: &'a str,
    /// GiB.
    pub size: u64,
}

/// Refuses what exceeds a quota, in Cinder's words.
pub fn reserve(state: &State, project: &str, wanted: Wanted) -> Result<(), Refusal> {
    let size = i64::try_from(wanted.size).unwrap_or(i64::MAX);
    let over = |name: &str, default: i64, more: i64| {
        let limit = limit(state, project, name, default);
        let used = used(state, project, name);
        (limit >= 0 && used.saturating_add(more) > limit).then_some((limit, used))
    };
    for name in ["gigabytes".to_owned(), format!("gigabytes_{}", wanted.kind)] {
        let default = if name == "gigabytes" { 1000 } else { -1 };
        if let Some((limit, used)) = over(&name, default, size) {
            return Err(Refusal::new(
                413,
                format!(
                    "VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed {name} quota. \
                     Requested {size}G, quota is {limit}G and {used}G has been consumed."
                ),
            ));
        }
    }
    if wanted.resource.is_empty() {
        return Ok(());
    }
    for name in [wanted.resource.to_owned(), format!("{}_{}", wanted.resource, wanted.kind)] {
        let default = if name == wanted.resource { 10 } else { -1 };
        if let Some((limit, _)) = over(&name, default, 1) {
            let class = if wanted.resource == "volumes" { "VolumeLimitExceeded" } else { "SnapshotLimitExceeded" };
            let kind = wanted.resource;
            let what = format!("{class}: Maximum number of {kind} allowed ({limit}) exceeded for quota '{name}'.");
            return Err(Refusal::new(413, what));
        }
    }
    Ok(())
}

/// Sets limits of a project, as an estate describes them.
pub fn install(state: &mut State, project: &str, limits: &BTreeMap<String, i64>) -> Result<(), String> {
    let known = resources(state);
    for (name, limit) in limits {
        if !known.iter().any(|(known, _)| known == name) {
            return Err(format!("project {project}: the volume quota has no '{name}'"));
        }
        state.quotas.entry(project.into()).or_default().insert(name.clone(), *limit);
    }
    Ok(())
}

fn document(state: &State, project: &str) -> Map<String, Value> {
    let limits = resources(state).into_iter();
    limits.map(|(name, default)| (name.clone(), limit(state, project, &name, default).into())).collect()
}

/// `GET /os-quota-sets/{project}`, with `usage=true` also what is used.
pub fn get(call: &mut Call) -> Answer {
    let project = call.param(0);
    if project != call.caller.project_id {
        call.admin("volume_extension:quotas:show")?;
    }
    let state = &call.cloud.volume;
    let mut set = document(state, &project);
    if call.query.flag("usage").unwrap_or(false) {
        for (name, value) in &mut set {
            *value = json!({"limit": value, "in_use": used(state, &project, name), "reserved": 0});
        }
    }
    set.insert("id".into(), project.into());
    Ok(Reply::ok(json!({"quota_set": set})))
}

/// `GET /os-quota-sets/{project}/defaults`.
pub fn defaults(call: &mut Call) -> Answer {
    let mut set: Map<String, Value> =
        resources(&call.cloud.volume).into_iter().map(|(name, limit)| (name, limit.into())).collect();
    set.insert("id".into(), call.param(0).into());
    Ok(Reply::ok(json!({"quota_set": set})))
}

/// `GET /os-quota-class-sets/{class}`.
pub fn class(call: &mut Call) -> Answer {
    call.admin("volume_extension:quota_classes:get")?;
    let mut set: Map<String, Value> =
        resources(&call.cloud.volume).into_iter().map(|(name, limit)| (name, limit.into())).collect();
    set.insert("id".into(), call.param(0).into());
    Ok(Reply::ok(json!({"quota_class_set": set})))
}

/// `PUT /os-quota-sets/{project}`.
pub fn update(call: &mut Call) -> Answer {
    call.admin("volume_extension:quotas:update")?;
    let project = call.param(0);
    let Some(Value::Object(sent)) = call.body.get("quota_set").cloned() else {
        return Err(Refusal::bad("Invalid input for field/attribute body. 'quota_set' is a required property"));
    };
    let state = &mut call.cloud.volume;
    let known = resources(state);
    let ignored = ["tenant_id", "project_id", "skip_validation", "force"];
    let sent: Vec<_> = sent.into_iter().filter(|(name, _)| !ignored.contains(&name.as_str())).collect();
    let strangers: Vec<_> = sent
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| !known.iter().any(|(known, _)| known == name))
        .collect();
    if !strangers.is_empty() {
        let names = strangers.join(",");
        return Err(Refusal::bad(format!("Invalid input received: Bad key(s) in quota set: {names}")));
    }
    let mut limits = BTreeMap::new();
    for (name, value) in sent {
        let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        let number = number.filter(|number| *number >= -1);
        let what = || Refusal::bad(format!("Invalid input received: Quota '{name}' limit {value} is not valid."));
        limits.insert(name.clone(), number.ok_or_else(what)?);
    }
    state.quotas.entry(project.clone()).or_default().extend(limits);
    Ok(Reply::ok(json!({"quota_set": document(state, &project)})))
}

/// `DELETE /os-quota-sets/{project}`.
pub fn delete(call: &mut Call) -> Answer {
    call.admin("volume_extension:quotas:delete")?;
    let project = call.param(0);
    call.cloud.volume.quotas.remove(&project);
    Ok(Reply::empty(200))
}

/// `GET /limits`.
pub fn limits(call: &mut Call) -> Answer {
    let state = &call.cloud.volume;
    let project = &call.caller.project_id;
    let limit = |name: &str| {
        let default = DEFAULTS.iter().find(|(known, _)| *known == name).map_or(-1, |(_, limit)| *limit);
        limit(state, project, name, default)
    };
    let used = |name| used(state, project, name);
    Ok(Reply::ok(json!({"limits": {"rate": [], "absolute": {
        "maxTotalVolumes": limit("volumes"), "maxTotalSnapshots": limit("snapshots"),
        "maxTotalVolumeGigabytes": limit("gigabytes"), "maxTotalBackups": limit("backups"),
        "maxTotalBackupGigabytes": limit("backup_gigabytes"), "totalVolumesUsed": used("volumes"),
        "totalGigabytesUsed": used("gigabytes"), "totalSnapshotsUsed": used("snapshots"), "totalBackupsUsed": 0,
        "totalBackupGigabytesUsed": 0,
    }}})))
}
