//! Glance as a client sees it.
//!
//! (being written) The functions below the state are what Nova, Cinder and the estate need of it. Decision: image bytes
//! are real sparse files, so that checksums, downloads and boots are true.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::cloud::Cloud;
use super::estate::Estate;
use super::http::{Refusal, Route};

/// Everything Glance keeps.
#[derive(Debug, Default)]
pub struct State {}

impl State {
    /// Returns the state for comparisons.
    pub fn snapshot(&self) -> Value {
        Value::Null
    }
}

/// Returns the routing table.
pub fn routes() -> Vec<Route> {
    Vec::new()
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

/// Returns an image that `project` may see.
pub fn view(_cloud: &Cloud, _project: &str, _admin: bool, _id: &str) -> Option<ImageView> {
    None
}

/// Returns the file of an active image's bytes, after making generated ones.
pub fn file(_cloud: &Cloud, _id: &str) -> Result<PathBuf, Refusal> {
    Err(Refusal::new(501, "images are being written"))
}

/// Makes an image in status `queued` and returns its id.
pub fn create(_cloud: &mut Cloud, _new: NewImage) -> String {
    String::new()
}

/// Sets the status of an image that is being made: `saving`, or `killed`.
pub fn set_status(_cloud: &mut Cloud, _id: &str, _status: &str) {}

/// Copies `source` into the image, which becomes `active` with size and checksums; an absent source makes an empty one
/// (the image of a volume-backed server). Nothing happens where the image was deleted meanwhile.
pub fn fill(_cloud: &mut Cloud, _id: &str, _source: Option<&Path>) -> Result<(), Refusal> {
    Ok(())
}

/// Builds the images of an estate.
pub fn install(_cloud: &mut Cloud, _estate: &Estate) -> Result<(), String> {
    Ok(())
}

/// Finds an estate's image by id or name among those that `project` may see.
pub fn find(_cloud: &Cloud, _project: &str, _name_or_id: &str) -> Option<String> {
    None
}
