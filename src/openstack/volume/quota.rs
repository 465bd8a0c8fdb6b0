use std::collections::BTreeMap;

use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, gather, rename};
use crate::openstack::resource::keys;

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
