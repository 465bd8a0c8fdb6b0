//! Placement in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::placement::ResourceProvider;
use crate::openstack::resource::Resource;

use super::kind::kind;
use super::object::{Class, Object, resource_methods};
use super::services;

/// Declares what `cloud.placement` offers.
pub fn service<S: Sink<services::Placement>>(sink: &mut S) {
    kind::<ResourceProvider, _, _>(sink);
}

impl Class for ResourceProvider {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}
