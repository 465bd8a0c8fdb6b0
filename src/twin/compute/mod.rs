//! (being written)
//!
//! See the files beside this one.

use serde_json::Value;

use super::http::Route;

/// Everything the service keeps.
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

use super::cloud::Cloud;
use super::estate::Estate;

/// Builds hosts, aggregates, flavors, key pairs, server groups and quotas of an estate.
pub fn install_hosts(_cloud: &mut Cloud, _estate: &Estate) -> Result<(), String> {
    Ok(())
}

/// Builds the servers.
pub fn install_servers(_cloud: &mut Cloud, _estate: &Estate) -> Result<(), String> {
    Ok(())
}

/// Finds an estate's server by id, or by name in `project`, for the floating IPs that lead to it.
pub fn find_server(_cloud: &Cloud, _project: &str, _name_or_id: &str) -> Option<String> {
    None
}
