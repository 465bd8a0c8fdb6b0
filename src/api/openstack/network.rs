//! Neutron in scripts: its kinds and what can be done with them.

use crate::api::describe::Sink;
use crate::openstack::network::{
    FloatingIp, Network, NetworkAgent, Port, Router, SecurityGroup, SecurityGroupRule, Subnet,
};
use crate::openstack::resource::Resource;

use mlua::Table;

use crate::api::describe::{Call, write};
use crate::api::fault;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::entity::Field;
use crate::openstack::network::{NetworkQuota, RouterInterface};
use crate::openstack::resource::keys;
use crate::openstack::{Cloud, Error};

use super::kind::kind;
use super::method::{Options, does, quota_methods, service_cloud};
use super::object::{Class, Object, resource_methods};
use super::services;

/// Declares what `cloud.network` offers.
pub fn service(sink: &mut dyn Sink<services::Network>) {
    kind::<Network, _>(sink);
    kind::<Subnet, _>(sink);
    kind::<Port, _>(sink);
    kind::<Router, _>(sink);
    kind::<FloatingIp, _>(sink);
    kind::<SecurityGroup, _>(sink);
    kind::<SecurityGroupRule, _>(sink);
    kind::<NetworkAgent, _>(sink);
    quota_methods!(sink, NetworkQuota, network_quota, network_quota_usage, set_network_quota, reset_network_quota);
}

impl Class for Network {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        tag_methods(sink);
    }
}

impl Class for Subnet {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        tag_methods(sink);
    }
}

impl Class for Port {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        tag_methods(sink);
    }
}

impl Class for Router {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        tag_methods(sink);
        router_methods(sink);
    }
}

impl Class for FloatingIp {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        tag_methods(sink);
    }
}

impl Class for SecurityGroup {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
        tag_methods(sink);
    }
}

impl Class for SecurityGroupRule {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

impl Class for NetworkAgent {
    fn identity(&self) -> (&str, &str) {
        (self.id(), self.name())
    }

    fn methods(sink: &mut dyn Sink<Object<Self>>) {
        resource_methods(sink);
    }
}

fn tag_methods<T: Class + Resource>(sink: &mut dyn Sink<Object<T>>) {
    does(
        sink,
        write("set_tags", "tags: string[]", "", "Replaces the object's tags."),
        |cloud: Cloud, id, tags: Vec<String>| async move { cloud.set_tags::<T>(&id, &tags).await },
    );
}

/// What a router's interface is told by.
enum Side {
    Subnet(String),
    Port(String),
}

impl Side {
    fn read(options: Option<Table>, place: &str) -> Result<Self, Fault> {
        const SIDE: &[Field] = keys![
            subnet_id: Option<String> = "The subnet; the interface takes its gateway address.",
            port_id: Option<String> = "The port that becomes the interface.",
        ];
        let mut options = Options::read(options, SIDE, place)?;
        match (options.take("subnet_id")?, options.take("port_id")?) {
            (Some(subnet), None) => Ok(Self::Subnet(subnet)),
            (None, Some(port)) => Ok(Self::Port(port)),
            _ => Err(Fault::new(Kind::Invalid, format!("{place} takes either subnet_id or port_id"))),
        }
    }

    async fn add(&self, cloud: &Cloud, router: &str) -> Result<RouterInterface, Error> {
        match self {
            Self::Subnet(subnet) => cloud.add_router_subnet(router, subnet).await,
            Self::Port(port) => cloud.add_router_port(router, port).await,
        }
    }

    async fn remove(&self, cloud: &Cloud, router: &str) -> Result<RouterInterface, Error> {
        match self {
            Self::Subnet(subnet) => cloud.remove_router_subnet(router, subnet).await,
            Self::Port(port) => cloud.remove_router_port(router, port).await,
        }
    }
}

fn router_methods(sink: &mut dyn Sink<Object<Router>>) {
    const PARAMS: &str = "options: { subnet_id?: string, port_id?: string }";
    sink.method(
        write("add_interface", PARAMS, "", "Connects the router to a subnet, or through a port."),
        |call: Call<Object<Router>>, options: Option<Table>| async move {
            let side = Side::read(options, "add_interface")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            side.add(&call.this.cloud, call.this.id()).await.map_err(fault::openstack).map(drop)
        },
    );
    sink.method(
        write("remove_interface", PARAMS, "", "Disconnects the router from a subnet or port."),
        |call: Call<Object<Router>>, options: Option<Table>| async move {
            let side = Side::read(options, "remove_interface")?;
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            side.remove(&call.this.cloud, call.this.id()).await.map_err(fault::openstack).map(drop)
        },
    );
}
