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
    /// The name the service uses, most often the same.
    pub wire: &'static str,
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
/// `field: Type = "Wire-Name"` names the field as the service does; both names are read, so that what was written out
/// here comes back. Unknown fields are ignored, missing and null ones take the default. `Class reads function { … }`
/// gives the function the JSON object first, where the services' shapes differ too much; it must leave its own result
/// as it is.
macro_rules! entity {
    (@declare ($($serde:tt)*) $(#[doc = $doc:literal])+ $class:ident { $($(#[doc = $fdoc:literal])+ $field:ident : $ty:ty $(= $wire:literal)?),* $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde($($serde)*)]
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
                    name: $crate::openstack::entity::plain(stringify!($field)),
                    wire: $crate::openstack::entity::wire_name(&[stringify!($field) $(, $wire)?]),
                    ty: <$ty as $crate::openstack::entity::LuaTyped>::lua_type,
                    doc: concat!($($fdoc),+).trim_ascii(),
                }),*
            ];
            fn field(&self, name: &str) -> Option<serde_json::Value> {
                $(if name == const { $crate::openstack::entity::plain(stringify!($field)) } {
                    return serde_json::to_value(&self.$field).ok();
                })*
                None
            }
        }
    };
    ($(#[doc = $doc:literal])+ $class:ident { $($body:tt)* }) => {
        $crate::openstack::entity::entity! { @declare (default) $(#[doc = $doc])+ $class { $($body)* } }
    };
    ($(#[doc = $doc:literal])+ $class:ident reads $reshape:path { $($body:tt)* }) => {
        $crate::openstack::entity::entity! { @declare (default, remote = "Self") $(#[doc = $doc])+ $class { $($body)* } }

        impl serde::Serialize for $class {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $class {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let mut object = <serde_json::Map<String, serde_json::Value> as serde::Deserialize>::deserialize(deserializer)?;
                $reshape(&mut object);
                Self::deserialize(serde_json::Value::Object(object)).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use entity;

/// Strips the mark of a raw identifier, so that a field may be called `type`.
pub(crate) const fn plain(name: &'static str) -> &'static str {
    let bytes = name.as_bytes();
    if bytes.len() > 2 && bytes[0] == b'r' && bytes[1] == b'#' { name.split_at(2).1 } else { name }
}

/// Returns the last of a field's names, which is the service's where a declaration gives one.
pub(crate) const fn wire_name(names: &[&'static str]) -> &'static str {
    plain(names[names.len() - 1])
}

/// Reads null like a missing field, because services differ in which of the two they send.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
