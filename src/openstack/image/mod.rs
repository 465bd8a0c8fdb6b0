//! Glance v2: images, their bytes and the projects they are shared with.
//!
//! It is not the copying of bytes between clouds. Decision: the properties that users and drivers set (`hw_disk_bus`,
//! `os_distro`, …) live in a table of their own, although the service mixes them with the image's own fields.

mod data;
#[path = "image.rs"]
mod kind;
mod member;

pub use kind::Image;
pub use member::ImageMember;

use super::{Method, Request, Service};

/// Starts a call.
fn call(method: Method, path: String) -> Request {
    Request::new(Service::Image, method, path)
}
