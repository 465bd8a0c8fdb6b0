//! What compute, networking and block storage say alike of how much of a limit is used.

use super::entity::entity;

entity! {
    /// How much of one limit is used; a limit of -1 is none.
    QuotaUsage {
        /// The limit.
        limit: i64,
        /// How much is in use.
        in_use: i64 = "used",
        /// How much is promised to what is being made.
        reserved: i64,
    }
}
