//! Cinder v3: volumes, their types, snapshots, attachments and quotas.
//!
//! It is not how a server sees its volumes, which is compute's. Decision: what the service writes as text ("true", the
//! empty name) is read as what it means.

mod action;
mod attachment;
#[path = "volume.rs"]
mod kind;
mod quota;
mod service;
mod snapshot;
mod volume_type;

pub use action::VolumeUpload;
pub use attachment::Attachment;
pub use kind::{Volume, VolumeServer};
pub use quota::VolumeQuota;
pub use service::VolumeService;
pub use snapshot::VolumeSnapshot;
pub use volume_type::VolumeType;

use super::answer::version;
use super::{Method, Request, Service};

/// The highest microversion whose shapes the structs here read.
pub const MICROVERSION: &str = "3.60";

/// Starts a call in the highest microversion that both sides know.
fn call(method: Method, path: String) -> Request {
    Request::new(Service::Volume, method, path).microversion(version(MICROVERSION))
}
