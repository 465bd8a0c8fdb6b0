use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, boolean, rename};
use crate::openstack::resource::{Resource, identified, keys, to_wire, wrap};

entity! {
    /// A volume: a disk that outlives the server it is attached to.
    Volume reads plain {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The description.
        description: Option<String>,
        /// The status: `available`, `in-use`, `creating`, `error` and so on.
        status: String,
        /// The size in GiB.
        size: i64,
        /// The volume type, by name.
        volume_type: Option<String>,
        /// Whether a server can boot from it.
        bootable: bool,
        /// Whether its bytes are encrypted at rest.
        encrypted: bool,
        /// Whether several servers may attach it.
        multiattach: bool,
        /// The availability zone.
        availability_zone: Option<String>,
        /// The metadata.
        metadata: BTreeMap<String, String>,
        /// The properties of the image it was made from, which servers booted from it obey.
        volume_image_metadata: BTreeMap<String, String>,
        /// The servers it is attached to.
        attachments: Vec<VolumeServer>,
        /// The snapshot it was made from.
        snapshot_id: Option<String>,
        /// The volume it was cloned from.
        source_volid: Option<String>,
        /// The project that owns it; only administrators see it.
        project_id: Option<String> = "os-vol-tenant-attr:tenant_id",
        /// The user who created it.
        user_id: Option<String>,
        /// The backend, for example `cinder-1@lvm#pool`; only administrators see it.
        host: Option<String> = "os-vol-host-attr:host",
        /// How its migration between backends stands; only administrators see it.
        migration_status: Option<String>,
        /// The replication status.
        replication_status: Option<String>,
        /// The consistency group.
        consistencygroup_id: Option<String>,
        /// The group; known since 3.13.
        group_id: Option<String>,
        /// The backend's own id of it; known since 3.21.
        provider_id: Option<String>,
        /// The service that keeps it; known since 3.48.
        service_uuid: Option<String>,
        /// Whether other volumes use the same target; known since 3.48.
        shared_targets: Option<bool>,
        /// When it was created.
        created_at: String,
        /// When it last changed.
        updated_at: Option<String>,
    }
}

entity! {
    /// A server that a volume is attached to, as the volume's side knows it.
    VolumeServer {
        /// The attachment.
        attachment_id: Option<String>,
        /// The server.
        server_id: Option<String>,
        /// The volume.
        volume_id: String,
        /// The device in the guest.
        device: Option<String>,
        /// The host of the server; only administrators see it.
        host_name: Option<String>,
        /// When it was attached.
        attached_at: Option<String>,
    }
}

fn plain(object: &mut Object) {
    boolean(object, "bootable");
    rename(object, "os-vol-mig-status-attr:migstat", "migration_status");
}

impl Resource for Volume {
    const KIND: &'static str = "volume";
    const PLURAL: &'static str = "volumes";
    const SERVICE: Service = Service::Volume;
    const PATH: &'static str = "/volumes";
    const LIST_PATH: &'static str = "/volumes/detail";
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        all_projects: Option<bool> as "all_tenants" = "Volumes of all projects, not only of that of the token.",
        project_id: Option<String> = "Only volumes of this project; needs `all_projects`.",
        name: Option<String> = "Only volumes of this name.",
        status: Option<String> = "Only volumes of this status.",
        bootable: Option<bool> = "Only bootable or only other volumes.",
        availability_zone: Option<String> = "Only volumes of this availability zone.",
        metadata: Option<String> = "Only volumes with this metadata, written as JSON.",
        group_id: Option<String> = "Only volumes of this group.",
        host: Option<String> = "Only volumes on this backend.",
        created_at: Option<String> = "Only volumes created then, for example `gt:2026-01-01T00:00:00`.",
        updated_at: Option<String> = "Only volumes changed then, for example `gt:2026-01-01T00:00:00`.",
        sort_key: Option<String> = "The field to sort by.",
        sort_dir: Option<String> = "The order: `asc` or `desc`.",
    ];
    const CREATE: &'static [Field] = keys![
        size: Option<i64> = "The size in GiB; that of the snapshot or volume it is made from where absent.",
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        volume_type: Option<String> = "The volume type, by id or name.",
        availability_zone: Option<String> = "The availability zone.",
        metadata: Option<BTreeMap<String, String>> = "The metadata.",
        image: Option<String> as "imageRef" = "The image to fill it from, by id.",
        snapshot: Option<String> as "snapshot_id" = "The snapshot to make it from, by id.",
        source_volume: Option<String> as "source_volid" = "The volume to clone, by id.",
        backup: Option<String> as "backup_id" = "The backup to fill it from, by id.",
        group: Option<String> as "group_id" = "The group, by id.",
        scheduler_hints: Option<Map<String, Value>> as "OS-SCH-HNT:scheduler_hints" = "The hints for the scheduler, for example `same_host`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        metadata: Option<BTreeMap<String, String>> = "The metadata; it replaces all that is present.",
    ];
    fn create_body(keys: Map<String, Value>) -> Value {
        let mut volume = to_wire(keys, Self::CREATE);
        let hints = volume.remove("OS-SCH-HNT:scheduler_hints");
        let mut body = wrap(Self::WRAPPER, volume);
        if let Some(hints) = hints {
            // The hints stand beside the volume and not in it.
            body["OS-SCH-HNT:scheduler_hints"] = hints;
        }
        body
    }
    identified!(id, name);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_an_attached_bootable_volume() {
        let volume: Volume = serde_json::from_value(json!({
            "id": "v1", "name": null, "status": "in-use", "size": 10, "bootable": "true", "encrypted": false,
            "multiattach": false, "volume_type": "lvm", "metadata": {"readonly": "False"}, "snapshot_id": null,
            "volume_image_metadata": {"hw_disk_bus": "scsi", "min_disk": "0"}, "user_id": "u1", "links": [],
            "os-vol-tenant-attr:tenant_id": "p1", "os-vol-host-attr:host": "c@lvm#p", "migration_status": null,
            "os-vol-mig-status-attr:migstat": null, "os-vol-mig-status-attr:name_id": null,
            "attachments": [{"id": "v1", "server_id": "s1", "volume_id": "v1", "attachment_id": "a1",
                             "device": "/dev/vda", "host_name": "cmp-1", "attached_at": "2026-01-01T00:00:00.000000"}],
        }))
        .unwrap();
        assert!(volume.bootable && volume.name.is_empty());
        assert_eq!((volume.project_id.as_deref(), volume.host.as_deref()), (Some("p1"), Some("c@lvm#p")));
        assert_eq!(volume.attachments[0].server_id.as_deref(), Some("s1"));
    }

    #[test]
    fn sources_and_hints_get_the_names_of_the_service() {
        let keys = json!({"size": 1, "image": "i1", "scheduler_hints": {"same_host": ["v2"]}});
        assert_eq!(
            Volume::create_body(keys.as_object().unwrap().clone()),
            json!({"volume": {"size": 1, "imageRef": "i1"}, "OS-SCH-HNT:scheduler_hints": {"same_host": ["v2"]}})
        );
    }
}
