//! The typed, asynchronous OpenStack client: clouds.yaml, authentication, catalog, microversions, paging, retries.
//!
//! It is not a workflow engine and knows no Lua. Decision: what kinds have in common is data (`Resource`), so that a
//! new kind is a declaration and not another copy of list, get, create and delete.

mod answer;
mod auth;
mod catalog;
mod cloud;
mod clouds;
pub mod compute;
mod config;
mod crud;
mod discovery;
mod download;
pub mod entity;
mod error;
mod fault;
mod find;
mod http;
pub mod identity;
pub mod image;
pub mod kinds;
pub mod network;
mod once;
mod page;
pub mod placement;
mod quota;
mod redact;
mod request;
mod reshape;
pub mod resource;
mod retry;
mod send;
mod service;
mod session;
mod stream;
mod tls;
mod token;
mod version;
pub mod volume;

pub use catalog::CatalogEntry;
pub use cloud::Cloud;
pub use clouds::{Clouds, Environment};
pub use config::{AuthKind, CloudConfig, Credentials};
pub use error::{Detail, Error, ErrorKind};
pub use page::Pages;
pub use quota::QuotaUsage;
pub use request::{Method, Request, Response, encode};
pub use retry::RetryPolicy;
pub use stream::{ByteStream, reader};
pub use token::TokenInfo;
pub use url::Url;
pub use version::{Microversion, Versions};

/// A service of the catalog, by what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Keystone.
    Identity,
    /// Nova.
    Compute,
    /// Glance.
    Image,
    /// Neutron.
    Network,
    /// Cinder.
    Volume,
    /// Placement.
    Placement,
    /// Ironic.
    Baremetal,
    /// Any other service, by its type in the catalog; made by [`Service::named`].
    Other(&'static str),
}
