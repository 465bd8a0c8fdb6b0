//! Glance in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::image::Image;
use crate::openstack::resource::Resource;

use super::kind::kind;
use super::object::{Class, Object, resource_methods};
use super::services;
use super::wait::wait_methods;

/// Declares what `cloud.image` offers.
pub fn service<S: Sink<services::Image>>(sink: &mut S) {
    kind::<Image, _, _>(sink);
}

impl Class for Image {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
        wait_methods(sink);
    }
}
