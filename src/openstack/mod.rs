//! The typed, asynchronous OpenStack client: clouds.yaml, authentication, catalog, microversions, paging, retries.
//!
//! It is not a workflow engine and knows no Lua. Decision: what kinds have in common is data (`Resource`), so that a
//! new kind is a declaration and not another copy of list, get, create and delete.

pub mod compute;
pub mod entity;
pub mod identity;
pub mod image;
pub mod kinds;
pub mod network;
pub mod placement;
mod reshape;
pub mod resource;
pub mod volume;

/// A service of the catalog, by what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Keystone.
    Identity,
    /// Nova.
    Compute,
    /// Glance.
    Image,
    /// Neutron.
    Network,
    /// Cinder.
    Volume,
    /// Placement.
    Placement,
    /// Ironic.
    Baremetal,
}
