//! Placement in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::placement::ResourceProvider;
use crate::openstack::resource::Resource;

use crate::api::describe::{Call, read};
use crate::api::fault;

use super::kind::kind;
use super::method::data;
use super::object::{Class, Object, resource_methods};
use super::services;

/// Declares what `cloud.placement` offers.
pub fn service(sink: &mut dyn Sink<services::Placement>) {
    kind::<ResourceProvider, _>(sink);
}

impl Class for ResourceProvider {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        provider_methods(sink);
    }
}

fn provider_methods(sink: &mut dyn Sink<Object<ResourceProvider>>) {
    sink.method(
        read("inventories", "", "table", "Returns what the provider has, by resource class."),
        |call: Call<Object<ResourceProvider>>, (): ()| async move {
            data(&call.lua, &call.this.cloud.inventories(call.this.id()).await.map_err(fault::openstack)?)
        },
    );
    sink.method(
        read("usages", "", "table<string, integer>", "Returns what of the provider is in use, by resource class."),
        |call: Call<Object<ResourceProvider>>, (): ()| async move {
            data(&call.lua, &call.this.cloud.provider_usages(call.this.id()).await.map_err(fault::openstack)?)
        },
    );
    sink.method(
        read("traits", "", "string[]", "Returns the provider's traits."),
        |call: Call<Object<ResourceProvider>>, (): ()| async move {
            call.this.cloud.provider_traits(call.this.id()).await.map_err(fault::openstack)
        },
    );
}
