//! The shape every OpenStack object has here: a typed struct whose fields are declared once, with their documentation.
//!
//! The declaration serves deserialisation, the Lua bindings, the editor stubs and the help alike, so none can drift.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One documented field of an entity or one accepted key of an option table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name scripts use.
    pub name: &'static str,
    /// The Lua type, for example `string`, `integer?`, `string[]`, `table<string, string>`.
    pub ty: fn() -> String,
    /// One sentence in the third person, without the trailing period's line break.
    pub doc: &'static str,
}

/// An OpenStack object as one call returned it: a snapshot, never written to.
pub trait Entity: DeserializeOwned + Serialize + Default + Clone + Send + Sync + 'static {
    /// The class name scripts see, for example `Server`.
    const CLASS: &'static str;
    /// What the class stands for, one sentence.
    const DOC: &'static str;
    /// The fields in declaration order.
    const FIELDS: &'static [Field];
    /// Returns the value of a declared field, or `None` where the class has no such field.
    fn field(&self, name: &str) -> Option<Value>;
}

/// Names the Lua type of a Rust field type, for stubs and help.
pub trait LuaTyped {
    /// Returns the type in LuaLS notation.
    fn lua_type() -> String;
}

macro_rules! lua_typed {
    ($($rust:ty => $lua:literal),* $(,)?) => {
        $(impl LuaTyped for $rust { fn lua_type() -> String { $lua.into() } })*
    };
}

lua_typed! {
    String => "string", bool => "boolean", i64 => "integer", u64 => "integer", u32 => "integer", u16 => "integer",
    f64 => "number", Value => "any", serde_json::Map<String, Value> => "table<string, any>",
}

impl<T: LuaTyped> LuaTyped for Option<T> {
    fn lua_type() -> String {
        let inner = T::lua_type();
        if inner.ends_with('?') || inner == "any" { inner } else { inner + "?" }
    }
}

impl<T: LuaTyped> LuaTyped for Vec<T> {
    fn lua_type() -> String {
        T::lua_type() + "[]"
    }
}

impl<T: LuaTyped> LuaTyped for std::collections::BTreeMap<String, T> {
    fn lua_type() -> String {
        format!("table<string, {}>", T::lua_type())
    }
}

/// Declares an entity: the struct, its deserialisation and its documented fields in one place.
///
/// `field: Type = "Wire-Name"` reads that name too (its own name is how a journal keeps it); unknown wire fields are ignored,
/// missing and null ones take the default.
macro_rules! entity {
    ($(#[doc = $doc:literal])+ $class:ident { $($(#[doc = $fdoc:literal])+ $field:ident : $ty:ty $(= $wire:literal)?),* $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $class {
            $(
                $(#[doc = $fdoc])+
                #[serde(deserialize_with = "crate::openstack::entity::null_as_default" $(, alias = $wire)?)]
                pub $field: $ty,
            )*
        }

        impl $crate::openstack::entity::LuaTyped for $class {
            fn lua_type() -> String { stringify!($class).into() }
        }

        impl $crate::openstack::entity::Entity for $class {
            const CLASS: &'static str = stringify!($class);
            const DOC: &'static str = concat!($($doc),+).trim_ascii();
            const FIELDS: &'static [$crate::openstack::entity::Field] = &[
                $($crate::openstack::entity::Field {
                    name: stringify!($field),
                    ty: <$ty as $crate::openstack::entity::LuaTyped>::lua_type,
                    doc: concat!($($fdoc),+).trim_ascii(),
                }),*
            ];
            fn field(&self, name: &str) -> Option<serde_json::Value> {
                match name {
                    $(stringify!($field) => serde_json::to_value(&self.$field).ok(),)*
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use entity;

/// Reads null like a missing field, because services differ in which of the two they send.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
