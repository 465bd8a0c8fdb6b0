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
