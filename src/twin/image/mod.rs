//! Glance as a client sees it: images, their bytes, members, schemas.
//!
//! No image is converted or imported here; what is simulated is who sees an image, what may be changed when, and what
//! becomes of its bytes. The functions at the end are what Nova, Cinder and the estate need. Decision: image bytes are real
//! sparse files below the data folder, so that checksums, downloads and boots are true.

mod create;
mod data;
mod hash;
mod list;
mod members;
mod model;
mod qcow2;
mod schema;
mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::cloud::Cloud;
use super::http::Route;
use model::Image;

pub use service::{checksum, create, file, fill, fill_qcow2, find, install, raw_file, set_protected, set_status, view};

/// Everything Glance keeps.
#[derive(Debug, Default)]
pub struct State {
    images: BTreeMap<String, Image>,
    /// Ids ever given, also those of deleted images.
    used: BTreeSet<String>,
}

impl State {
    /// Returns the state for comparisons: dates are left out, and so are checksums, which appear when first asked for.
    pub fn snapshot(&self) -> Value {
        let images = self.images.iter().map(|(id, image)| {
            let mut document = image.document();
            if let Value::Object(fields) = &mut document {
                for name in ["created_at", "updated_at", "checksum", "os_hash_algo", "os_hash_value"] {
                    fields.remove(name);
                }
                let members = image.members.iter().map(|(id, member)| (id.clone(), member.status.as_str().into()));
                fields.insert("members".into(), Value::Object(members.collect()));
            }
            (id.clone(), document)
        });
        Value::Object(images.collect::<Map<_, _>>())
    }
}

/// Returns where an image's bytes are.
fn path(cloud: &Cloud, id: &str) -> PathBuf {
    cloud.data.join("images").join(id)
}

/// Returns the routing table.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2/images", list::list),
        Route::post("/v2/images", create::create),
        Route::get("/v2/images/{id}", create::get),
        Route::patch("/v2/images/{id}", create::patch),
        Route::delete("/v2/images/{id}", create::delete),
        Route::get("/v2/images/{id}/file", data::download),
        Route::upload("/v2/images/{id}/file", data::begin, data::finish),
        Route::post("/v2/images/{id}/actions/deactivate", create::deactivate),
        Route::post("/v2/images/{id}/actions/reactivate", create::reactivate),
        Route::put("/v2/images/{id}/tags/{tag}", create::add_tag),
        Route::delete("/v2/images/{id}/tags/{tag}", create::remove_tag),
        Route::get("/v2/images/{id}/members", members::list),
        Route::post("/v2/images/{id}/members", members::create),
        Route::get("/v2/images/{id}/members/{member}", members::get),
        Route::put("/v2/images/{id}/members/{member}", members::update),
        Route::delete("/v2/images/{id}/members/{member}", members::delete),
        Route::get("/v2/schemas/{name}", schema::get),
        Route::get("/v2/info/stores", create::stores),
        Route::get("/v2/info/import", create::import_methods),
    ]
}

/// An image as Nova and Cinder see it.
#[derive(Debug, Clone, Default)]
pub struct ImageView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// `active`, `queued`, …
    pub status: String,
    /// `qcow2`, `raw`, …; empty where not set.
    pub disk_format: String,
    /// `bare`, …; empty where not set.
    pub container_format: String,
    /// GiB needed.
    pub min_disk: u64,
    /// MiB needed.
    pub min_ram: u64,
    /// Bytes.
    pub size: u64,
    /// The virtual size (of the guest's disk), in bytes; equal to `size` for raw images.
    pub virtual_size: u64,
    /// Properties beyond the standard ones (`hw_disk_bus`, `os_distro`, `block_device_mapping`, …).
    pub properties: BTreeMap<String, String>,
}

/// An image that Nova or Cinder makes.
#[derive(Debug, Clone, Default)]
pub struct NewImage {
    /// The name.
    pub name: String,
    /// The owner.
    pub project: String,
    /// `qcow2`, `raw`, …
    pub disk_format: String,
    /// `bare`.
    pub container_format: String,
    /// `private` where empty.
    pub visibility: String,
    /// GiB needed.
    pub min_disk: u64,
    /// MiB needed.
    pub min_ram: u64,
    /// Further properties.
    pub properties: BTreeMap<String, String>,
}
