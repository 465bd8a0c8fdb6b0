//! What the REST conventions of one kind of object are, as data, so that one list, get, create and delete serves them all.

use serde_json::{Map, Value};

use super::Service;
use super::entity::{Entity, Field};

/// How a kind's collection is paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// `limit` and `marker`, the marker being the last id; the end is a page without a next link or an empty page.
    Marker,
    /// The whole collection comes at once.
    Whole,
}

/// How an object is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// `PUT` with the wrapped fields (Nova, Neutron, Cinder).
    Put,
    /// `PATCH` with the wrapped fields (Keystone).
    Patch,
    /// `PATCH` with a JSON patch document (Glance).
    JsonPatch,
    /// The kind cannot be changed.
    Never,
}

/// A kind of object with a REST collection of its own.
pub trait Resource: Entity {
    /// The kind in OpenStack's words, in snake case: `server`, `floating_ip`. Also the name of its Lua accessor.
    const KIND: &'static str;
    /// The Lua accessor of the collection: `servers`, `floating_ips`.
    const PLURAL: &'static str;
    /// The service that keeps it.
    const SERVICE: Service;
    /// The collection's path below the service's endpoint: `/servers`.
    const PATH: &'static str;
    /// The path that lists with all fields, where it differs: `/servers/detail`.
    const LIST_PATH: &'static str = Self::PATH;
    /// The JSON key around one object, empty where the API uses none (Glance).
    const WRAPPER: &'static str = Self::KIND;
    /// The JSON key around a list.
    const LIST_WRAPPER: &'static str = Self::PLURAL;
    /// How the list is paged.
    const PAGING: Paging = Paging::Marker;
    /// How an object is changed.
    const UPDATE_BY: Update = Update::Put;
    /// The highest microversion this client understands for the kind, `None` for the base version.
    const MICROVERSION: Option<&'static str> = None;
    /// Filters that the service applies to a list; any other key is an error.
    const FILTERS: &'static [Field] = &[];
    /// Keys accepted when one is created; empty where scripts cannot create one.
    const CREATE: &'static [Field] = &[];
    /// Keys accepted when one is changed.
    const UPDATE: &'static [Field] = &[];
    /// Returns the body that creates an object, from the keys of [`Self::CREATE`] as scripts write them.
    fn create_body(keys: Map<String, Value>) -> Value {
        wrap(Self::WRAPPER, to_wire(keys, Self::CREATE))
    }
    /// Returns the body that changes an object, from the keys of [`Self::UPDATE`] as scripts write them.
    fn update_body(keys: Map<String, Value>) -> Value {
        wrap(Self::WRAPPER, to_wire(keys, Self::UPDATE))
    }
    /// The key that identifies the object in paths.
    fn id(&self) -> &str;
    /// The display name, empty where it has none.
    fn name(&self) -> &str;
}

/// Renames keys from the names scripts use to those of the service; keys that are not declared stay as they are.
pub fn to_wire(keys: Map<String, Value>, declared: &[Field]) -> Map<String, Value> {
    let wire = |key: String| declared.iter().find(|field| field.name == key).map_or(key, |field| field.wire.to_owned());
    keys.into_iter().map(|(key, value)| (wire(key), value)).collect()
}

/// Renames filters from the names scripts use to those of the service; filters that are not declared stay as they are.
pub fn query_to_wire(filters: Vec<(String, String)>, declared: &[Field]) -> Vec<(String, String)> {
    let wire = |key: String| declared.iter().find(|field| field.name == key).map_or(key, |field| field.wire.to_owned());
    filters.into_iter().map(|(key, value)| (wire(key), value)).collect()
}

/// Puts an object under a key, or nowhere where the service wants none.
pub fn wrap(wrapper: &str, object: Map<String, Value>) -> Value {
    if wrapper.is_empty() {
        return Value::Object(object);
    }
    Value::Object(Map::from_iter([(wrapper.to_owned(), Value::Object(object))]))
}

/// Declares a list of accepted keys: `keys![name: String = "What it is.", flavor: String as "flavorRef" = "…"]`.
macro_rules! keys {
    ($($name:ident : $ty:ty $(as $wire:literal)? = $doc:literal),* $(,)?) => {
        &[$($crate::openstack::entity::Field {
            name: stringify!($name),
            wire: $crate::openstack::entity::wire_name(&[stringify!($name) $(, $wire)?]),
            ty: <$ty as $crate::openstack::entity::LuaTyped>::lua_type,
            doc: $doc,
        }),*]
    };
}
pub(crate) use keys;

/// Says which fields are an object's id and display name.
macro_rules! identified {
    ($id:ident) => {
        fn id(&self) -> &str {
            &self.$id
        }
        fn name(&self) -> &str {
            ""
        }
    };
    ($id:ident, $name:ident) => {
        fn id(&self) -> &str {
            &self.$id
        }
        fn name(&self) -> &str {
            &self.$name
        }
    };
}
pub(crate) use identified;
