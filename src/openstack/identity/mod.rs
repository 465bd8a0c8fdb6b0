//! Keystone v3: domains, projects, users, groups, roles, assignments and the catalog.
//!
//! It is not authentication, which the client does for every service. Decision: v3 only; what a v2.0 cloud calls a tenant
//! is read by discovery as a project, because nothing is ever created in such a cloud.

mod assignment;
mod catalog;
mod domain;
mod grant;
mod group;
mod project;
mod role;
mod user;

pub use assignment::{Assignee, RoleAssignment, Scope};
pub use catalog::{CatalogService, Endpoint, Region};
pub use domain::Domain;
pub use group::Group;
pub use project::Project;
pub use role::Role;
pub use user::User;

use super::{Method, Request, Service};

/// Starts a call.
fn call(method: Method, path: String) -> Request {
    Request::new(Service::Identity, method, path)
}
