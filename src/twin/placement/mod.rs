//! Placement as its clients read it: providers, inventories, usages, allocations, traits, aggregates.
//!
//! It keeps nothing of its own. Decision: providers are Nova's hosts and allocations follow from its servers, so the two
//! can never disagree; clients that write to Placement are refused.

mod allocations;
mod providers;

use serde_json::{Value, json};

use super::http::Route;

/// Placement has no state beside Nova's.
#[derive(Debug, Default)]
pub struct State {}

impl State {
    /// Returns the state for comparisons.
    pub fn snapshot(&self) -> Value {
        json!({})
    }
}

/// Returns the routing table.
pub fn routes() -> Vec<Route> {
    let mut all = providers::routes();
    all.extend(allocations::routes());
    all
}
