//! Cinder as a client sees it: volumes, snapshots, attachments, types, quotas.
//!
//! No block device is exported; what is simulated is who may do what to a volume when, and its bytes. Templates of routes
//! start with `/v3/` and leave the project id out: the core takes it away, since both forms are legal. Decision: every
//! volume and snapshot is a sparse file of its own, so that copies, uploads and checksums are true.

mod actions;
mod admin;
mod attachments;
mod list;
mod metadata;
mod model;
mod quota;
mod service;
mod snapshots;
mod source;
mod types;
mod upload;
mod volumes;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde_json::{Value, json};

use super::cloud::Cloud;
use super::http::Route;
use model::{Attachment, Snapshot, Type, Volume};

pub use service::{
    attach, begin_detach, create_for_server, delete_for_server, detach, file, find, install, reserve,
    snapshot_for_image, snapshot_size, view,
};

/// Everything Cinder keeps.
#[derive(Debug, Default)]
pub struct State {
    volumes: BTreeMap<String, Volume>,
    snapshots: BTreeMap<String, Snapshot>,
    attachments: BTreeMap<String, Attachment>,
    /// The attachments of each volume, in the order made.
    claims: HashMap<String, Vec<String>>,
    types: BTreeMap<String, Type>,
    /// Limits of projects that have limits of their own.
    quotas: BTreeMap<String, BTreeMap<String, i64>>,
    /// Whether the estate stands; what it contains is not refused for a quota.
    installed: bool,
    /// The id that the next object gets, where the estate names one.
    wanted_id: Option<String>,
}

impl State {
    /// Returns the state for comparisons, without dates.
    pub fn snapshot(&self) -> Value {
        let volumes = self.volumes.iter().map(|(id, one)| {
            let claims: Vec<_> =
                self.attachments_of(id).map(|claim| json!([claim.server, claim.device, claim.status])).collect();
            let shown = json!({
                "name": one.name, "description": one.description, "status": one.status, "size": one.size,
                "project": one.project, "type": one.type_id, "snapshot_id": one.snapshot_id,
                "source_volid": one.source_volid, "metadata": one.metadata, "image_metadata": one.image_metadata,
                "bootable": one.bootable, "multiattach": one.multiattach, "attachments": claims,
            });
            (id.clone(), shown)
        });
        let snapshots = self.snapshots.iter().map(|(id, one)| {
            let shown = json!({
                "name": one.name, "description": one.description, "status": one.status, "size": one.size,
                "project": one.project, "volume_id": one.volume_id, "metadata": one.metadata,
            });
            (id.clone(), shown)
        });
        let types = self.types.iter().map(|(id, one)| (id.clone(), Value::Object(one.document(true))));
        json!({
            "volumes": volumes.collect::<serde_json::Map<_, _>>(),
            "snapshots": snapshots.collect::<serde_json::Map<_, _>>(),
            "types": types.collect::<serde_json::Map<_, _>>(),
            "quotas": self.quotas,
        })
    }

    fn attachments_of<'s>(&'s self, volume: &str) -> impl Iterator<Item = &'s Attachment> {
        self.claims.get(volume).into_iter().flatten().filter_map(|id| self.attachments.get(id))
    }

    fn add_attachment(&mut self, attachment: Attachment) {
        self.claims.entry(attachment.volume_id.clone()).or_default().push(attachment.id.clone());
        self.attachments.insert(attachment.id.clone(), attachment);
    }

    fn remove_attachment(&mut self, id: &str) -> Option<Attachment> {
        let gone = self.attachments.remove(id)?;
        if let Some(claims) = self.claims.get_mut(&gone.volume_id) {
            claims.retain(|other| other != id);
            if claims.is_empty() {
                self.claims.remove(&gone.volume_id);
            }
        }
        Some(gone)
    }

    fn snapshots_of<'s>(&'s self, volume: &str) -> impl Iterator<Item = &'s Snapshot> {
        let volume = volume.to_owned();
        self.snapshots.values().filter(move |snapshot| snapshot.volume_id == volume)
    }
}

/// Returns where a volume's bytes are.
fn path(cloud: &Cloud, id: &str) -> PathBuf {
    cloud.data.join("volumes").join(id)
}

/// Returns where a snapshot's bytes are.
fn snapshot_path(cloud: &Cloud, id: &str) -> PathBuf {
    cloud.data.join("snapshots").join(id)
}

/// Returns the routing table.
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("/v3/volumes", volumes::list),
        Route::post("/v3/volumes", volumes::create),
        Route::get("/v3/volumes/detail", volumes::detail),
        Route::get("/v3/volumes/summary", volumes::summary),
        Route::get("/v3/volumes/{id}", volumes::get),
        Route::put("/v3/volumes/{id}", volumes::update),
        Route::delete("/v3/volumes/{id}", volumes::delete),
        Route::post("/v3/volumes/{id}/action", actions::action),
        Route::get("/v3/snapshots", snapshots::list),
        Route::post("/v3/snapshots", snapshots::create),
        Route::get("/v3/snapshots/detail", snapshots::detail),
        Route::get("/v3/snapshots/{id}", snapshots::get),
        Route::put("/v3/snapshots/{id}", snapshots::update),
        Route::delete("/v3/snapshots/{id}", snapshots::delete),
        Route::post("/v3/snapshots/{id}/action", snapshots::action),
        Route::get("/v3/attachments", attachments::list),
        Route::post("/v3/attachments", attachments::create),
        Route::get("/v3/attachments/detail", attachments::detail),
        Route::get("/v3/attachments/summary", attachments::list),
        Route::get("/v3/attachments/{id}", attachments::get),
        Route::put("/v3/attachments/{id}", attachments::update),
        Route::delete("/v3/attachments/{id}", attachments::delete),
        Route::post("/v3/attachments/{id}/action", attachments::action),
        Route::get("/v3/types", types::list),
        Route::post("/v3/types", types::create),
        Route::get("/v3/types/{id}", types::get),
        Route::put("/v3/types/{id}", types::update),
        Route::delete("/v3/types/{id}", types::delete),
        Route::post("/v3/types/{id}/action", types::action),
        Route::get("/v3/types/{id}/extra_specs", types::extra_specs),
        Route::post("/v3/types/{id}/extra_specs", types::add_extra_specs),
        Route::get("/v3/types/{id}/extra_specs/{key}", types::extra_spec),
        Route::delete("/v3/types/{id}/extra_specs/{key}", types::remove_extra_spec),
        Route::get("/v3/types/{id}/os-volume-type-access", types::access),
        Route::get("/v3/types/{id}/encryption", types::encryption),
        Route::get("/v3/os-quota-sets/{project}", quota::get),
        Route::put("/v3/os-quota-sets/{project}", quota::update),
        Route::delete("/v3/os-quota-sets/{project}", quota::delete),
        Route::get("/v3/os-quota-sets/{project}/defaults", quota::defaults),
        Route::get("/v3/os-quota-class-sets/{class}", quota::class),
        Route::get("/v3/limits", quota::limits),
        Route::get("/v3/os-services", admin::services),
        Route::get("/v3/scheduler-stats/get_pools", admin::pools),
        Route::get("/v3/os-availability-zone", admin::zones),
        Route::get("/v3/extensions", admin::extensions),
        Route::get("/v3/messages", admin::messages),
    ];
    routes.extend(metadata::routes());
    routes
}

/// A volume as Nova sees it.
#[derive(Debug, Clone, Default)]
pub struct VolumeView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// `available`, `in-use`, …
    pub status: String,
    /// GiB.
    pub size: u64,
    /// Whether it can be a root.
    pub bootable: bool,
    /// Whether several servers may have it.
    pub multiattach: bool,
    /// Its zone.
    pub availability_zone: String,
    /// Metadata of the image it was made from.
    pub image_metadata: std::collections::BTreeMap<String, String>,
}

/// What a volume that Nova makes for a server contains.
#[derive(Debug, Clone, Default)]
pub enum Source {
    /// Nothing.
    #[default]
    Blank,
    /// An image's bytes.
    Image(String),
    /// A snapshot's.
    Snapshot(String),
}

/// A volume that Nova makes for a server.
#[derive(Debug, Clone, Default)]
pub struct NewVolume {
    /// The name; Nova leaves it empty.
    pub name: String,
    /// GiB.
    pub size: u64,
    /// Its content.
    pub source: Source,
    /// The owner.
    pub project: String,
    /// The user.
    pub user: String,
    /// The type; the default where `None`.
    pub volume_type: Option<String>,
}
