//! Every class by its name, so that a journaled object comes back as what it was.

use mlua::{IntoLua, Lua, Value as LuaValue};
use serde_json::{Map, Value};

use crate::api::runtime::Runtime;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::Cloud;
use crate::openstack::{compute, identity, image, network, placement, volume};

use super::object::{Class, Object};

fn make<T: Class>(lua: &Lua, cloud: &Cloud, fields: Value) -> Result<LuaValue, Fault> {
    let data: T = serde_json::from_value(fields).map_err(|error| {
        Fault::new(Kind::JournalMismatch, format!("a journaled {} cannot be read: {error}", T::CLASS))
    })?;
    Ok(Object::new(cloud, data).into_lua(lua)?)
}

macro_rules! restore_by_name {
    ($name:expr, $lua:expr, $cloud:expr, $fields:expr; $($class:ty),* $(,)?) => {
        $(if $name == <$class as crate::openstack::entity::Entity>::CLASS {
            return make::<$class>($lua, $cloud, $fields);
        })*
    };
}

/// Makes the object of a snapshot: `{ "$type", "cloud", "v" }`.
pub fn restore(lua: &Lua, runtime: &Runtime, snapshot: &Map<String, Value>) -> Result<LuaValue, Fault> {
    let word = |key: &str| snapshot.get(key).and_then(Value::as_str).unwrap_or_default();
    let (name, cloud) = (word("$type"), runtime.cloud(word("cloud"))?);
    let fields = snapshot.get("v").cloned().unwrap_or_default();
    restore_by_name!(name, lua, &cloud, fields;
        identity::Domain, identity::Project, identity::User, identity::Group, identity::Role, identity::Region,
        identity::CatalogService, identity::Endpoint,
        compute::Server, compute::Flavor, compute::Keypair, compute::ServerGroup, compute::ComputeService,
        compute::Hypervisor, compute::Aggregate, compute::AvailabilityZone, compute::Migration,
        image::Image,
        network::Network, network::Subnet, network::Port, network::Router, network::FloatingIp,
        network::SecurityGroup, network::SecurityGroupRule, network::NetworkAgent,
        volume::Volume, volume::VolumeType, volume::VolumeSnapshot, volume::Attachment, volume::VolumeService,
        placement::ResourceProvider,
    );
    Err(Fault::new(Kind::JournalMismatch, format!("the journal holds a {name}, a class this program does not know")))
}
