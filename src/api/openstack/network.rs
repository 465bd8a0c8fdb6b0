//! Neutron in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::network::{
    FloatingIp, Network, NetworkAgent, Port, Router, SecurityGroup, SecurityGroupRule, Subnet,
};
use crate::openstack::resource::Resource;

use super::kind::kind;
use super::object::{Class, Object, resource_methods};
use super::services;

/// Declares what `cloud.network` offers.
pub fn service<S: Sink<services::Network>>(sink: &mut S) {
    kind::<Network, _, _>(sink);
    kind::<Subnet, _, _>(sink);
    kind::<Port, _, _>(sink);
    kind::<Router, _, _>(sink);
    kind::<FloatingIp, _, _>(sink);
    kind::<SecurityGroup, _, _>(sink);
    kind::<SecurityGroupRule, _, _>(sink);
    kind::<NetworkAgent, _, _>(sink);
}

impl Class for Network {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Subnet {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Port {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Router {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for FloatingIp {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for SecurityGroup {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for SecurityGroupRule {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for NetworkAgent {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}
