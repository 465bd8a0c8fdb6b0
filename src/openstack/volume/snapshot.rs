use std::collections::BTreeMap;

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};

entity! {
    /// A snapshot of a volume.
    VolumeSnapshot {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The description.
        description: Option<String>,
        /// The status: `available`, `creating`, `error` and so on.
        status: String,
        /// The size of the volume in GiB.
        size: i64,
        /// The volume.
        volume_id: String,
        /// The metadata.
        metadata: BTreeMap<String, String>,
        /// How far it is made, for example `100%`.
        progress: Option<String> = "os-extended-snapshot-attributes:progress",
        /// The project that owns it.
        project_id: Option<String> = "os-extended-snapshot-attributes:project_id",
        /// The user who created it; known since 3.41.
        user_id: Option<String>,
        /// The group snapshot it is part of; known since 3.14.
        group_snapshot_id: Option<String>,
        /// When it was created.
        created_at: String,
        /// When it last changed.
        updated_at: Option<String>,
    }
}

impl Resource for VolumeSnapshot {
    const KIND: &'static str = "snapshot";
    const PLURAL: &'static str = "snapshots";
    const SERVICE: Service = Service::Volume;
    const PATH: &'static str = "/snapshots";
    const LIST_PATH: &'static str = "/snapshots/detail";
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        all_projects: Option<bool> as "all_tenants" = "Snapshots of all projects, not only of that of the token.",
        project_id: Option<String> = "Only snapshots of this project; needs `all_projects`.",
        name: Option<String> = "Only snapshots of this name.",
        status: Option<String> = "Only snapshots of this status.",
        volume_id: Option<String> = "Only snapshots of this volume.",
        metadata: Option<String> = "Only snapshots with this metadata, written as JSON.",
    ];
    const CREATE: &'static [Field] = keys![
        volume: String as "volume_id" = "The volume, by id.",
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        force: Option<bool> = "Whether to take it although the volume is in use; clouds since 3.66 always do.",
        metadata: Option<BTreeMap<String, String>> = "The metadata.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
    ];
    identified!(id, name);
}
