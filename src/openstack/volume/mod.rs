//! Cinder v3: volumes, their types, snapshots, attachments and quotas.
//!
//! It is not how a server sees its volumes, which is compute's. Decision: what the service writes as text ("true", the
//! empty name) is read as what it means.

mod attachment;
#[path = "volume.rs"]
mod kind;
mod quota;
mod service;
mod snapshot;
mod volume_type;

pub use attachment::Attachment;
pub use kind::{Volume, VolumeServer};
pub use quota::VolumeQuota;
pub use service::VolumeService;
pub use snapshot::VolumeSnapshot;
pub use volume_type::VolumeType;

/// The highest microversion whose shapes the structs here read.
pub const MICROVERSION: &str = "3.60";
