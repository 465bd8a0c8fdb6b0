//! One OpenStack object in a script: a typed, read-only snapshot with the methods of its class.

use std::sync::Arc;

use mlua::{AnyUserData, Lua, MetaMethod, UserData, UserDataMethods, Value as LuaValue};
use serde_json::{Value, json};

use crate::api::describe::{Call, Handle, Register, Sink, read, write};
use crate::api::fault;
use crate::base::suggest;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::Cloud;
use crate::openstack::entity::Entity;
use crate::openstack::resource::{Resource, Update};

use super::keys;

/// The id of an object that a plan pretends to have made.
pub const PLANNED: &str = "planned";

/// An entity that scripts hold, and the methods it has beyond its fields.
pub trait Class: Entity {
    /// The id and the name to show.
    fn identity(&self) -> (&str, &str);
    /// Declares the methods.
    fn methods(_sink: &mut dyn Sink<Object<Self>>) {}
}

/// A snapshot of an object together with the cloud it came from.
pub struct Object<T> {
    /// Where the object lives.
    pub cloud: Cloud,
    /// What the last call said of it.
    pub data: Arc<T>,
}

impl<T> Clone for Object<T> {
    fn clone(&self) -> Self {
        Self { cloud: self.cloud.clone(), data: Arc::clone(&self.data) }
    }
}

impl<T: Class> Object<T> {
    /// Wraps what a call returned.
    pub fn new(cloud: &Cloud, data: T) -> Self {
        Self { cloud: cloud.clone(), data: Arc::new(data) }
    }

    /// Returns the object's id.
    pub fn id(&self) -> &str {
        self.data.identity().0
    }

    /// True for an object that exists only in a plan.
    pub fn planned(&self) -> bool {
        self.id().starts_with(PLANNED)
    }

    /// The form a journal keeps: class, cloud and fields.
    fn snapshot(&self) -> Value {
        json!({ "$type": T::CLASS, "cloud": self.cloud.name(), "v": serde_json::to_value(&*self.data).unwrap_or_default() })
    }
}

impl<T: Class> Handle for Object<T> {
    fn class() -> &'static str {
        T::CLASS
    }

    fn label(&self) -> String {
        let (id, name) = self.data.identity();
        let shown = if name.is_empty() { id } else { name };
        format!("{} {shown} of {}", T::CLASS.to_lowercase(), self.cloud.name())
    }
}

impl<T: Class> UserData for Object<T> {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        T::methods(&mut Register(methods));
        methods.add_meta_method(MetaMethod::Index, |lua, this, name: String| {
            if name == "cloud_name" {
                return Ok(LuaValue::String(lua.create_string(this.cloud.name())?));
            }
            let value = this.data.field(&name).ok_or_else(|| unknown_field::<T>(&name).into_lua())?;
            typed_to_lua(lua, &value)
        });
        methods.add_meta_method(MetaMethod::NewIndex, |_, _, (name, _): (String, LuaValue)| -> mlua::Result<()> {
            Err(Fault::new(Kind::Invalid, format!("{} is a snapshot: its field '{name}' cannot be assigned", T::CLASS))
                .hint(format!("use {}:update{{ {name} = … }}", T::CLASS.to_lowercase()))
                .into_lua())
        });
        methods.add_meta_method(MetaMethod::ToString, |_, this, ()| {
            let (id, name) = this.data.identity();
            let status = this.data.field("status").and_then(|status| status.as_str().map(|word| format!(" {word}")));
            Ok(format!("{}({name} {id}{})", T::CLASS, status.unwrap_or_default()))
        });
        methods.add_meta_method(MetaMethod::Eq, |_, this, other: AnyUserData| {
            Ok(other
                .borrow::<Self>()
                .is_ok_and(|other| other.id() == this.id() && other.cloud.name() == this.cloud.name()))
        });
        methods.add_meta_method(MetaMethod::Pairs, |lua, this, ()| {
            let fields = lua.create_table()?;
            for field in T::FIELDS {
                fields.set(field.name, typed_to_lua(lua, &this.data.field(field.name).unwrap_or_default())?)?;
            }
            let next: mlua::Function = lua.globals().get("next")?;
            Ok((next, fields, LuaValue::Nil))
        });
        methods.add_meta_method("__tojson", |lua, this, ()| {
            bind::json_to_lua(lua, &serde_json::to_value(&*this.data).unwrap_or_default())
        });
        methods.add_meta_method("__snapshot", |_, this, ()| Ok(this.snapshot().to_string()));
    }
}

fn unknown_field<T: Class>(name: &str) -> Fault {
    let hint = suggest::hint(name, T::FIELDS.iter().map(|field| field.name));
    Fault::new(Kind::Invalid, format!("{} has no field or method '{name}'{hint}", T::CLASS))
}

/// Converts a typed field: null means absent, at every depth, so that scripts only ever see nil.
pub fn typed_to_lua(lua: &Lua, value: &Value) -> mlua::Result<LuaValue> {
    match value {
        Value::Null => Ok(LuaValue::Nil),
        Value::Array(items) => {
            let list = lua.create_table_with_capacity(items.len(), 0)?;
            for (index, item) in items.iter().enumerate() {
                list.raw_set(index + 1, typed_to_lua(lua, item)?)?;
            }
            Ok(LuaValue::Table(list))
        }
        Value::Object(map) => {
            let table = lua.create_table_with_capacity(0, map.len())?;
            for (key, item) in map {
                table.raw_set(key.as_str(), typed_to_lua(lua, item)?)?;
            }
            Ok(LuaValue::Table(table))
        }
        plain => bind::json_to_lua(lua, plain),
    }
}

/// Declares what every kind with a REST collection of its own can do.
pub fn resource_methods<T: Class + Resource>(sink: &mut dyn Sink<Object<T>>) {
    sink.method(
        read("refresh", "", T::CLASS, "Asks the cloud again and returns the new snapshot."),
        |call: Call<Object<T>>, (): ()| async move {
            if call.this.planned() {
                return Ok(call.this);
            }
            let data = call.this.cloud.get::<T>(call.this.id()).await.map_err(fault::openstack)?;
            Ok(Object::new(&call.this.cloud, data))
        },
    );
    sink.method(
        write("delete", "", "", "Deletes the object; one that is gone already counts as deleted."),
        |call: Call<Object<T>>, (): ()| async move {
            if call.pretend || call.this.planned() {
                return Ok(());
            }
            call.this.cloud.delete::<T>(call.this.id()).await.map_err(fault::openstack)
        },
    );
    if T::UPDATE_BY != Update::Never && !T::UPDATE.is_empty() {
        sink.method(
            write("update", "changes: table", T::CLASS, "Changes the named fields and returns the new snapshot."),
            |call: Call<Object<T>>, changes: mlua::Table| async move {
                let changes = keys::strict(&changes, T::UPDATE, &format!("{}:update", T::CLASS))?;
                let data = if call.pretend || call.this.planned() {
                    keys::overlay(&*call.this.data, &changes)
                } else {
                    call.this.cloud.update::<T>(call.this.id(), changes).await.map_err(fault::openstack)?
                };
                Ok(Object::new(&call.this.cloud, data))
            },
        );
    }
}
