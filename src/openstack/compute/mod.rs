//! Nova: servers and what they are made of, and the hosts they run on.
//!
//! It is not placement, nor the volumes and ports that servers use. Decision: the structs read every shape from 2.1 to
//! 2.96 and the client asks for the highest that the cloud knows, so that one code path serves all releases.

mod aggregate;
mod attachment;
mod flavor;
mod host;
mod keypair;
mod migration;
mod quota;
mod server;
mod server_group;

pub use aggregate::{Aggregate, AvailabilityZone};
pub use attachment::{FixedIp, InterfaceAttachment, VolumeAttachment};
pub use flavor::Flavor;
pub use host::{ComputeService, Hypervisor, HypervisorServer};
pub use keypair::Keypair;
pub use migration::Migration;
pub use quota::ComputeQuota;
pub use server::{Server, ServerAction, ServerAddress, ServerFault, ServerFlavor, ServerVolume};
pub use server_group::ServerGroup;

use super::answer::version;
use super::{Method, Microversion, Request, Service};

/// The highest microversion whose shapes the structs here read.
pub const MICROVERSION: &str = "2.96";

/// Starts a call in the highest microversion that both sides know.
fn call(method: Method, path: String) -> Request {
    Request::new(Service::Compute, method, path).microversion(version(MICROVERSION))
}

/// Names the least microversion of a call.
fn require(major: u16, minor: u16) -> Option<Microversion> {
    Some(Microversion(major, minor))
}
