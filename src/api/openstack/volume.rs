//! Cinder in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::resource::Resource;
use crate::openstack::volume::{Attachment, Volume, VolumeService, VolumeSnapshot, VolumeType};

use super::kind::kind;
use super::object::{Class, Object, resource_methods};
use super::services;
use super::wait::wait_methods;

/// Declares what `cloud.volume` offers.
pub fn service<S: Sink<services::Volume>>(sink: &mut S) {
    kind::<Volume, _, _>(sink);
    kind::<VolumeType, _, _>(sink);
    kind::<VolumeSnapshot, _, _>(sink);
    kind::<Attachment, _, _>(sink);
    kind::<VolumeService, _, _>(sink);
}

impl Class for Volume {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
        wait_methods(sink);
    }
}

impl Class for VolumeType {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for VolumeSnapshot {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
        wait_methods(sink);
    }
}

impl Class for Attachment {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for VolumeService {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}
