//! Neutron: networks, subnets, ports, routers, floating IPs and security groups.
//!
//! It is not nova-network, and not what its drivers do on hosts. Decision: who owns an object is `project_id`
//! everywhere, whatever the release calls it.

mod agent;
mod floating_ip;
#[path = "network.rs"]
mod kind;
mod port;
mod quota;
mod router;
mod security_group;
mod subnet;
mod tag;

pub use agent::NetworkAgent;
pub use floating_ip::FloatingIp;
pub use kind::Network;
pub use port::{AddressPair, Port, PortAddress};
pub use quota::NetworkQuota;
pub use router::{ExternalGateway, Router, RouterInterface};
pub use security_group::{SecurityGroup, SecurityGroupRule};
pub use subnet::{AllocationPool, HostRoute, Subnet};

use super::reshape::{Object, rename};
use super::{Method, Request, Service};

/// Brings the owner under its present name: before Newton objects had only `tenant_id`.
fn owner(object: &mut Object) {
    rename(object, "tenant_id", "project_id");
}

/// Starts a call.
fn call(method: Method, path: String) -> Request {
    Request::new(Service::Network, method, path)
}
