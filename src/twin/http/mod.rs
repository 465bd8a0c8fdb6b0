//! What every simulated service is built of: routes, calls, replies, refusals.
//!
//! It is not a web framework: a handler is a plain function from a `Call` to an `Answer`, run while the whole cloud is
//! locked, so a request is atomic and services call each other as functions. Decision: the routing table is our own and
//! not axum's, because every service must refuse an unknown path or method in its own words.

pub mod call;
pub mod fields;
pub mod query;
pub mod refusal;
pub mod reply;
pub mod route;
pub mod service;
pub mod version;
pub mod welcome;

pub use call::{Call, Caller};
pub use fields::Fields;
pub use query::Query;
pub use refusal::Refusal;
pub use reply::{Body, Reply};
pub use route::{Answer, Received, Route};
pub use service::Service;
pub use version::Version;
