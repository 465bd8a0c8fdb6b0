//! Volumes, snapshots, attachments and types, and how they look on the wire.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::twin::blob::Blob;
use crate::twin::clock::{self, Moment};
use crate::twin::http::Call;

/// Text by key.
pub type Words = BTreeMap<String, String>;

/// A volume.
#[derive(Debug, Clone, Default)]
pub struct Volume {
    /// The UUID.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The text.
    pub description: Option<String>,
    /// `creating`, `available`, `in-use`, …
    pub status: String,
    /// GiB.
    pub size: u64,
    /// The owner.
    pub project: String,
    /// Who made it.
    pub user: String,
    /// The zone.
    pub zone: String,
    /// The type's id.
    pub type_id: String,
    /// The snapshot it was made from.
    pub snapshot_id: Option<String>,
    /// The volume it was made from.
    pub source_volid: Option<String>,
    /// Metadata.
    pub metadata: Words,
    /// Metadata of the image it was made from, or that was set.
    pub image_metadata: Words,
    /// Whether it can be a root.
    pub bootable: bool,
    /// Whether several servers may have it.
    pub multiattach: bool,
    /// When it was made.
    pub created: Moment,
    /// When it was changed last.
    pub updated: Option<Moment>,
    /// Its place in the order of creation.
    pub sequence: u64,
    /// The bytes; none before it is created.
    pub blob: Option<Blob>,
}

/// A snapshot of a volume.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// The UUID.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// The text.
    pub description: Option<String>,
    /// `creating`, `available`, …
    pub status: String,
    /// The volume's size in GiB.
    pub size: u64,
    /// The volume's id.
    pub volume_id: String,
    /// The owner.
    pub project: String,
    /// Who made it.
    pub user: String,
    /// Metadata.
    pub metadata: Words,
    /// When it was made.
    pub created: Moment,
    /// When it was changed last.
    pub updated: Option<Moment>,
    /// Its place in the order of creation.
    pub sequence: u64,
    /// The bytes.
    pub blob: Option<Blob>,
}

/// The claim of a server on a volume.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// The UUID.
    pub id: String,
    /// The volume's id.
    pub volume_id: String,
    /// The server's id.
    pub server: String,
    /// `reserved`, `attaching`, `attached`, `detaching`.
    pub status: String,
    /// `/dev/vdb`.
    pub device: String,
    /// The host.
    pub host: String,
    /// When it was completed.
    pub attached: Option<Moment>,
    /// The owner of the volume.
    pub project: String,
}

/// A volume type.
#[derive(Debug, Clone, Default)]
pub struct Type {
    /// The UUID.
    pub id: String,
    /// The name.
    pub name: String,
    /// The text.
    pub description: Option<String>,
    /// Whether every project may use it.
    pub public: bool,
    /// What the scheduler goes by.
    pub extra_specs: Words,
    /// The projects that may use a private one.
    pub access: BTreeSet<String>,
}

/// The links of an object.
pub fn links(call: &Call, kind: &str, id: &str) -> Value {
    let project = &call.caller.project_id;
    json!([
        {"rel": "self", "href": format!("{}/v3/{project}/{kind}/{id}", call.root())},
        {"rel": "bookmark", "href": format!("{}/{project}/{kind}/{id}", call.root())},
    ])
}

fn moment(moment: Option<Moment>) -> Value {
    moment.map_or(Value::Null, |moment| clock::iso_bare(moment).into())
}

impl Volume {
    /// Renders id, name and links.
    pub fn brief(&self, call: &Call) -> Value {
        json!({"id": self.id, "name": self.name, "links": links(call, "volumes", &self.id)})
    }

    /// Renders the volume as creation and change answer.
    pub fn document(&self, call: &Call) -> Map<String, Value> {
        let state = &call.cloud.volume;
        let attachments: Vec<_> =
            state.attachments_of(&self.id).filter(|one| one.attached.is_some()).map(Attachment::in_volume).collect();
        let kind = state.types.get(&self.type_id).map(|kind| kind.name.as_str());
        let mut document = object(json!({
            "id": self.id, "status": self.status, "size": self.size, "availability_zone": self.zone,
            "created_at": clock::iso_bare(self.created), "updated_at": moment(self.updated), "name": self.name,
            "description": self.description, "volume_type": kind, "snapshot_id": self.snapshot_id,
            "source_volid": self.source_volid, "metadata": self.metadata, "links": links(call, "volumes", &self.id),
            "user_id": self.user, "bootable": self.bootable.to_string(), "encrypted": false,
            "replication_status": null, "consistencygroup_id": null, "multiattach": self.multiattach,
            "attachments": attachments, "migration_status": null,
        }));
        for (minor, name, value) in [
            (13, "group_id", Value::Null),
            (21, "provider_id", Value::Null),
            (48, "shared_targets", false.into()),
            (48, "service_uuid", Value::Null),
            (61, "cluster_name", Value::Null),
            (63, "volume_type_id", self.type_id.as_str().into()),
            (65, "consumes_quota", true.into()),
        ] {
            if call.since(3, minor) {
                document.insert(name.into(), value);
            }
        }
        document
    }

    /// Renders the volume with everything.
    pub fn detail(&self, call: &Call) -> Value {
        let mut document = self.document(call);
        document.insert("os-vol-tenant-attr:tenant_id".into(), self.project.as_str().into());
        if call.caller.is_admin() {
            document.insert("os-vol-mig-status-attr:migstat".into(), Value::Null);
            document.insert("os-vol-mig-status-attr:name_id".into(), Value::Null);
            document.insert("os-vol-host-attr:host".into(), "twin@files#files".into());
        }
        if !self.image_metadata.is_empty() {
            document.insert("volume_image_metadata".into(), json!(self.image_metadata));
        }
        document.into()
    }
}

impl Snapshot {
    /// Renders the snapshot as brief lists show it.
    pub fn document(&self, call: &Call) -> Map<String, Value> {
        let mut document = object(json!({
            "id": self.id, "created_at": clock::iso_bare(self.created), "updated_at": moment(self.updated),
            "name": self.name, "description": self.description, "volume_id": self.volume_id, "status": self.status,
            "size": self.size, "metadata": self.metadata,
        }));
        if call.since(3, 14) {
            document.insert("group_snapshot_id".into(), Value::Null);
        }
        if call.since(3, 41) {
            document.insert("user_id".into(), self.user.as_str().into());
        }
        if call.since(3, 65) {
            document.insert("consumes_quota".into(), true.into());
        }
        document
    }

    /// Renders the snapshot with everything.
    pub fn detail(&self, call: &Call) -> Value {
        let mut document = self.document(call);
        let progress = if self.status == "available" { "100%" } else { "0%" };
        document.insert("os-extended-snapshot-attributes:project_id".into(), self.project.as_str().into());
        document.insert("os-extended-snapshot-attributes:progress".into(), progress.into());
        document.into()
    }
}

impl Attachment {
    fn in_volume(&self) -> Value {
        json!({
            "id": self.volume_id, "attachment_id": self.id, "volume_id": self.volume_id, "server_id": self.server,
            "host_name": self.host, "device": self.device, "attached_at": moment(self.attached),
        })
    }

    /// Renders what lists show.
    pub fn brief(&self) -> Value {
        json!({"id": self.id, "status": self.status, "instance": self.server, "volume_id": self.volume_id})
    }

    /// Renders the attachment with everything.
    pub fn detail(&self) -> Value {
        let connection = if self.host.is_empty() {
            json!({})
        } else {
            json!({"driver_volume_type": "local", "access_mode": "rw", "attachment_id": self.id, "encrypted": false,
                "qos_specs": null, "cacheable": false})
        };
        let mode = if self.attached.is_some() { "rw" } else { "null" };
        json!({
            "id": self.id, "status": self.status, "instance": self.server, "volume_id": self.volume_id,
            "attached_at": self.attached.map(clock::iso_bare).unwrap_or_default(), "detached_at": "",
            "attach_mode": mode, "connection_info": connection,
        })
    }
}

impl Type {
    /// Renders the type. Extra specs are the administrator's to see.
    pub fn document(&self, admin: bool) -> Map<String, Value> {
        let mut document = object(json!({
            "id": self.id, "name": self.name, "is_public": self.public, "description": self.description,
            "os-volume-type-access:is_public": self.public, "qos_specs_id": null,
        }));
        if admin {
            document.insert("extra_specs".into(), json!(self.extra_specs));
        } else {
            document.remove("qos_specs_id");
            document.insert("extra_specs".into(), json!({}));
        }
        document
    }

    /// Returns whether the project may use the type.
    pub fn usable_by(&self, project: &str, admin: bool) -> bool {
        self.public || admin || self.access.contains(project)
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
