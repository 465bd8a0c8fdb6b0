//! Neutron as a client sees it.
//!
//! (being written) The functions below the state are what Nova and the estate need of it; paths, filters and refusals
//! are in the files beside this one. Decision: Nova calls these as functions, so a server's ports appear atomically.

use serde_json::Value;

use super::cloud::Cloud;
use super::estate::Estate;
use super::http::{Refusal, Route};

/// Everything Neutron keeps.
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

/// A server's port as Nova shows it.
#[derive(Debug, Clone, Default)]
pub struct ServerPort {
    /// The port's id.
    pub id: String,
    /// Its network's id.
    pub network_id: String,
    /// Its network's name, the key of a server's `addresses`.
    pub network_name: String,
    /// `fa:16:3e:…`
    pub mac: String,
    /// `ACTIVE` or `DOWN`.
    pub status: String,
    /// Subnet id and address.
    pub fixed_ips: Vec<(String, String)>,
    /// Fixed address and the floating address that leads to it.
    pub floating_ips: Vec<(String, String)>,
    /// Id and name of its security groups.
    pub security_groups: Vec<(String, String)>,
}

/// A port that Nova asks for.
#[derive(Debug, Clone, Default)]
pub struct WantedPort {
    /// The network's id.
    pub network: String,
    /// The address, where one was asked for.
    pub fixed_ip: Option<String>,
    /// The server's project.
    pub project: String,
    /// Ids or names of security groups; empty means `default`.
    pub security_groups: Vec<String>,
}

/// Checks, before Nova accepts a server, that `project` may use a network: 404/400 refusals where not.
pub fn check_network(_cloud: &Cloud, _project: &str, _admin: bool, _network: &str) -> Result<(), Refusal> {
    Ok(())
}

/// Checks that a ready port exists, is the project's and is not bound: 404, or 400 "still in use" as Nova words it.
pub fn check_port(_cloud: &Cloud, _project: &str, _admin: bool, _port: &str) -> Result<(), Refusal> {
    Ok(())
}

/// Finds a security group of a project by id or name and returns its id and name.
pub fn security_group(_cloud: &Cloud, _project: &str, _name_or_id: &str) -> Option<(String, String)> {
    None
}

/// Returns the networks Nova takes when none was named: the project's own, else shared ones, never external ones.
pub fn default_networks(_cloud: &Cloud, _project: &str) -> Vec<String> {
    Vec::new()
}

/// Makes a port for a server (device_owner `compute:<az>`), not yet bound to a host. Quota and full pools refuse.
pub fn create_server_port(_cloud: &mut Cloud, _want: &WantedPort, _server: &str) -> Result<String, Refusal> {
    Err(Refusal::new(501, "networks are being written"))
}

/// Gives a ready port to a server.
pub fn claim_port(_cloud: &mut Cloud, _port: &str, _server: &str) -> Result<(), Refusal> {
    Err(Refusal::new(501, "networks are being written"))
}

/// Binds all ports of a server to a host (`binding:host_id`, vif details, device_owner's zone, status); an empty host unbinds.
pub fn bind_ports(_cloud: &mut Cloud, _server: &str, _host: &str, _zone: &str, _active: bool) {}

/// Takes a port from its server: deletes it where `delete`, else clears device and binding.
pub fn release_port(_cloud: &mut Cloud, _port: &str, _delete: bool) {}

/// Returns the ports of a server in the order in which it got them.
pub fn server_ports(_cloud: &Cloud, _server: &str) -> Vec<ServerPort> {
    Vec::new()
}

/// Replaces the security groups of a port.
pub fn set_port_groups(_cloud: &mut Cloud, _port: &str, _groups: &[String]) {}

/// Builds networks, routers, security groups, ports and quotas of an estate.
pub fn install(_cloud: &mut Cloud, _estate: &Estate) -> Result<(), String> {
    Ok(())
}

/// Builds the floating IPs, which may lead to servers' ports.
pub fn install_floating_ips(_cloud: &mut Cloud, _estate: &Estate) -> Result<(), String> {
    Ok(())
}

/// Finds an estate's network by id, or by name among those that `project` may use.
pub fn find_network(_cloud: &Cloud, _project: &str, _name_or_id: &str) -> Option<String> {
    None
}

/// Finds an estate's port by id, or by name in `project`.
pub fn find_port(_cloud: &Cloud, _project: &str, _name_or_id: &str) -> Option<String> {
    None
}
