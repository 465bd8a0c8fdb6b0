//! Nova in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::compute::{
    Aggregate, AvailabilityZone, ComputeService, Flavor, Hypervisor, Keypair, Migration, Server, ServerGroup,
};
use crate::openstack::resource::Resource;

use super::kind::kind;
use super::object::{Class, Object, resource_methods};
use super::services;
use super::wait::wait_methods;

/// Declares what `cloud.compute` offers.
pub fn service<S: Sink<services::Compute>>(sink: &mut S) {
    kind::<Server, _, _>(sink);
    kind::<Flavor, _, _>(sink);
    kind::<Keypair, _, _>(sink);
    kind::<ServerGroup, _, _>(sink);
    kind::<ComputeService, _, _>(sink);
    kind::<Hypervisor, _, _>(sink);
    kind::<Aggregate, _, _>(sink);
    kind::<AvailabilityZone, _, _>(sink);
    kind::<Migration, _, _>(sink);
}

impl Class for Server {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
        wait_methods(sink);
    }
}

impl Class for Flavor {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Keypair {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for ServerGroup {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for ComputeService {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Hypervisor {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Aggregate {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for AvailabilityZone {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Migration {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}
