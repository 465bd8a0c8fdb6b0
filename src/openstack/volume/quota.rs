use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, gather, rename};
use crate::openstack::resource::{keys, to_wire, wrap};
use crate::openstack::{Cloud, Error, Method, QuotaUsage, Request, encode};

entity! {
    /// What a project may use of block storage; -1 is without limit.
    VolumeQuota reads by_type {
        /// The project.
        project_id: Option<String>,
        /// Volumes.
        volumes: i64,
        /// Snapshots.
        snapshots: i64,
        /// The GiB of volumes and snapshots together.
        gigabytes: i64,
        /// The GiB of one volume.
        per_volume_gigabytes: i64,
        /// Backups.
        backups: i64,
        /// The GiB of backups.
        backup_gigabytes: i64,
        /// Groups.
        groups: Option<i64>,
        /// The limits of each volume type: `volumes_TYPE`, `snapshots_TYPE`, `gigabytes_TYPE`.
        by_type: BTreeMap<String, i64>,
    }
}

fn by_type(object: &mut Object) {
    rename(object, "id", "project_id");
    let known = [
        "project_id",
        "volumes",
        "snapshots",
        "gigabytes",
        "per_volume_gigabytes",
        "backups",
        "backup_gigabytes",
        "groups",
    ];
    gather(object, &known, "by_type");
    if let Some(limits) = object.get_mut("by_type").and_then(|table| table.as_object_mut()) {
        limits.retain(|_, limit| limit.is_number());
    }
}

impl VolumeQuota {
    /// Keys accepted when a quota is set.
    pub const UPDATE: &'static [Field] = keys![
        volumes: Option<i64> = "Volumes.",
        snapshots: Option<i64> = "Snapshots.",
        gigabytes: Option<i64> = "The GiB of volumes and snapshots together.",
        per_volume_gigabytes: Option<i64> = "The GiB of one volume.",
        backups: Option<i64> = "Backups.",
        backup_gigabytes: Option<i64> = "The GiB of backups.",
        groups: Option<i64> = "Groups.",
        by_type: Option<BTreeMap<String, i64>> = "The limits of each volume type: `volumes_TYPE`, `snapshots_TYPE`, `gigabytes_TYPE`.",
    ];
}

fn quota(method: Method, project: &str, rest: &str) -> Request {
    let path = format!("/os-quota-sets/{}{rest}", encode(project));
    call(method, path).object(format!("volume quota of project {project}"))
}

/// The quotas of block storage.
impl Cloud {
    /// Returns a project's quota.
    pub async fn volume_quota(&self, project: &str) -> Result<VolumeQuota, Error> {
        self.ask(quota(Method::GET, project, ""), "quota_set").await
    }

    /// Returns the quota a project has while none is set for it.
    pub async fn default_volume_quota(&self, project: &str) -> Result<VolumeQuota, Error> {
        self.ask(quota(Method::GET, project, "/defaults"), "quota_set").await
    }

    /// Returns how much of each limit a project uses.
    pub async fn volume_quota_usage(&self, project: &str) -> Result<BTreeMap<String, QuotaUsage>, Error> {
        let request = quota(Method::GET, project, "").query([("usage".to_owned(), "true".to_owned())]);
        let mut usage: Map<String, Value> = self.ask(request, "quota_set").await?;
        usage.retain(|_, value| value.is_object());
        Ok(usage.into_iter().filter_map(|(key, value)| Some((key, serde_json::from_value(value).ok()?))).collect())
    }

    /// Sets limits of a project, by the keys of [`VolumeQuota::UPDATE`]; others stay.
    pub async fn set_volume_quota(&self, project: &str, mut keys: Map<String, Value>) -> Result<VolumeQuota, Error> {
        if let Some(Value::Object(limits)) = keys.remove("by_type") {
            keys.extend(limits);
        }
        let body = wrap("quota_set", to_wire(keys, VolumeQuota::UPDATE));
        self.ask(quota(Method::PUT, project, "").body(body), "quota_set").await
    }

    /// Gives a project the default quota again.
    pub async fn reset_volume_quota(&self, project: &str) -> Result<(), Error> {
        self.remove(quota(Method::DELETE, project, "")).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_of_types_stand_apart() {
        let quota: VolumeQuota = serde_json::from_value(json!({
            "id": "p1", "volumes": 10, "snapshots": 10, "gigabytes": 1000, "per_volume_gigabytes": -1, "backups": 10,
            "backup_gigabytes": 1000, "groups": 10, "volumes_lvm": -1, "gigabytes_lvm": 50, "snapshots_lvm": -1,
        }))
        .unwrap();
        assert_eq!(
            (quota.project_id.as_deref(), quota.by_type["gigabytes_lvm"], quota.by_type.len()),
            (Some("p1"), 50, 3)
        );
    }
}
