//! Keystone: v3, and v2.0 for clouds that still have it.
//!
//! Besides the API it tells every other service who a token belongs to. It has no federation, trusts, credentials or
//! per-domain drivers. Decision: tokens are opaque strings looked up in memory, and roles are looked up each time a token
//! is used, so that revocation, expiry and a lost role count at once.

mod access;
mod application_credentials;
mod assignments;
mod auth;
mod bootstrap;
mod catalog;
mod common;
mod domains;
mod grants;
mod groups;
mod install;
mod model;
mod projects;
mod roles;
mod state;
mod tags;
mod tokens;
mod users;
mod v2;

pub use bootstrap::bootstrap;
pub use install::install;
pub use model::{Assignment, Domain, Endpoint, Group, Project, Role, ServiceEntry, User};
pub use state::State;

use super::http::Route;

/// Returns the routing table.
pub fn routes(v2: bool) -> Vec<Route> {
    let mut all = auth::routes();
    all.extend(domains::routes());
    all.extend(projects::routes());
    all.extend(tags::routes());
    all.extend(users::routes());
    all.extend(groups::routes());
    all.extend(roles::routes());
    all.extend(grants::routes());
    all.extend(assignments::routes());
    all.extend(application_credentials::routes());
    all.extend(catalog::routes());
    if v2 {
        all.extend(v2::routes());
    }
    all
}
