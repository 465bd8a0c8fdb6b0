//! How often each route was asked.

use std::collections::BTreeMap;

/// Requests by `METHOD /prefix/template`.
#[derive(Debug, Clone, Default)]
pub struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Counts one more and returns how many there were before.
    pub fn add(&mut self, method: &str, template: &str) -> u64 {
        let count = self.0.entry(format!("{method} {template}")).or_default();
        *count += 1;
        *count - 1
    }

    /// Returns the count of one route: `get("POST", "/compute/v2.1/servers")`.
    pub fn get(&self, method: &str, template: &str) -> u64 {
        self.0.get(&format!("{method} {template}")).copied().unwrap_or_default()
    }

    /// Returns all requests.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Returns all counts.
    pub fn all(&self) -> &BTreeMap<String, u64> {
        &self.0
    }
}
