//! Durable runs: what was intended, what happened, what became of each object.
//!
//! It knows no Lua and no cloud, only names, states and JSON. Decision: one thread owns the SQLite connection and
//! commits everything that queued up meanwhile in one transaction; a write is answered only after its commit, so a
//! caller that goes on has it on disk, and a hundred parallel steps share one fsync instead of queueing for a hundred.

mod error;
mod lease;
mod rows;
mod store;
#[cfg(test)]
mod tests;
mod writes;

pub use error::Error;
pub use lease::Lease;
pub use rows::{EventRow, ResourceRow, RunRow, RunStatus, StepRow, StepState};
pub use store::Journal;
