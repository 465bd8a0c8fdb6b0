//! Cinder as a client sees it.
//!
//! (being written) The functions below the state are what Nova and the estate need of it. Templates of routes start with
//! `/v3/` and leave the project id out. Decision: the core takes the project segment away, since both forms are legal.

use std::path::PathBuf;

use serde_json::Value;

use super::cloud::Cloud;
use super::estate::Estate;
use super::http::{Refusal, Route};

/// Everything Cinder keeps.
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

/// Returns a volume that `project` may see.
pub fn view(_cloud: &Cloud, _project: &str, _admin: bool, _id: &str) -> Option<VolumeView> {
    None
}

/// Returns the size in GiB of a snapshot that `project` may see and whose status is `available`.
pub fn snapshot_size(_cloud: &Cloud, _project: &str, _admin: bool, _id: &str) -> Option<u64> {
    None
}

/// Makes a volume (quota refuses with 413 as Cinder does); it becomes `available` in time, see `view`.
pub fn create_for_server(_cloud: &mut Cloud, _new: NewVolume) -> Result<String, Refusal> {
    Err(Refusal::new(501, "volumes are being written"))
}

/// Reserves an `available` (or multiattach) volume for a server: status `reserved` → refusals for other states as Nova words
/// them (400 "status must be available"). Returns the attachment's id.
pub fn reserve(_cloud: &mut Cloud, _volume: &str, _server: &str) -> Result<String, Refusal> {
    Err(Refusal::new(501, "volumes are being written"))
}

/// Completes a reservation: status `in-use`, with the device and the host in the attachment.
pub fn attach(_cloud: &mut Cloud, _volume: &str, _server: &str, _device: &str, _host: &str) {}

/// Marks that a detachment has begun: status `detaching`.
pub fn begin_detach(_cloud: &mut Cloud, _volume: &str, _server: &str) {}

/// Takes the volume from the server: status `available` where no other attachment is left.
pub fn detach(_cloud: &mut Cloud, _volume: &str, _server: &str) {}

/// Deletes a volume with its server (`delete_on_termination`).
pub fn delete_for_server(_cloud: &mut Cloud, _volume: &str) {}

/// Makes a (forced) snapshot for the image of a volume-backed server and returns its id.
pub fn snapshot_for_image(_cloud: &mut Cloud, _volume: &str, _name: &str) -> Result<String, Refusal> {
    Err(Refusal::new(501, "volumes are being written"))
}

/// Returns the file of a volume's bytes, after making generated ones.
pub fn file(_cloud: &Cloud, _id: &str) -> Result<PathBuf, Refusal> {
    Err(Refusal::new(501, "volumes are being written"))
}

/// Builds types, volumes, snapshots and quotas of an estate.
pub fn install(_cloud: &mut Cloud, _estate: &Estate) -> Result<(), String> {
    Ok(())
}

/// Finds an estate's volume by id, or by name in `project`.
pub fn find(_cloud: &Cloud, _project: &str, _name_or_id: &str) -> Option<String> {
    None
}
