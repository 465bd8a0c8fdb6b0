//! Keystone in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::identity::{CatalogService, Domain, Endpoint, Group, Project, Region, Role, User};
use crate::openstack::resource::Resource;

use super::kind::kind;
use super::object::{Class, Object, resource_methods};
use super::services;

/// Declares what `cloud.identity` offers.
pub fn service<S: Sink<services::Identity>>(sink: &mut S) {
    kind::<Domain, _, _>(sink);
    kind::<Project, _, _>(sink);
    kind::<User, _, _>(sink);
    kind::<Group, _, _>(sink);
    kind::<Role, _, _>(sink);
    kind::<Region, _, _>(sink);
    kind::<CatalogService, _, _>(sink);
    kind::<Endpoint, _, _>(sink);
}

impl Class for Domain {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Project {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for User {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Group {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Role {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Region {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for CatalogService {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}

impl Class for Endpoint {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods<S: Sink<Object<Self>>>(sink: &mut S) {
        resource_methods(sink);
    }
}
