//! Placement: what the hosts have, what is promised of it, and to whom.
//!
//! It is not the scheduler's choice among hosts. Decision: inventories and usages are tables by resource class, as the
//! service gives them, because classes are free.

mod allocation;
mod inventory;
mod provider;

pub use allocation::{Allocation, ProviderAllocation};
pub use inventory::Inventory;
pub use provider::ResourceProvider;

use super::answer::version;
use super::{Method, Request, Service};

/// The highest microversion whose shapes the structs here read.
pub const MICROVERSION: &str = "1.39";

/// Starts a call in the highest microversion that both sides know.
fn call(method: Method, path: String) -> Request {
    Request::new(Service::Placement, method, path).microversion(version(MICROVERSION))
}
