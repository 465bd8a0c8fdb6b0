//! Shapes that many methods share: a write without an answer, options read strictly, an answer as plain data.

use std::future::Future;

use mlua::{FromLuaMulti, Lua, Table, Value as LuaValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::api::describe::{Call, Method, Sink};
use crate::api::fault;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::entity::Field;
use crate::openstack::{Cloud, Error};

use super::keys;
use super::object::{Class, Object, typed_to_lua};

/// Declares a write on an object that answers nothing: the body gets the cloud, the object's id and the arguments.
pub fn does<T, A, F, Fut>(sink: &mut dyn Sink<Object<T>>, method: Method, body: F)
where
    T: Class,
    A: FromLuaMulti + Send + 'static,
    F: Fn(Cloud, String, A) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), Error>> + Send + 'static,
{
    sink.method(method, move |call: Call<Object<T>>, args: A| {
        let done = (!call.pretend && !call.this.planned())
            .then(|| body(call.this.cloud.clone(), call.this.id().to_owned(), args));
        async move {
            match done {
                Some(done) => done.await.map_err(fault::openstack),
                None => Ok(()),
            }
        }
    });
}

/// The options of one call, read against their declaration.
pub struct Options(Map<String, Value>);

impl Options {
    /// Reads a table; none means no options.
    pub fn read(table: Option<Table>, declared: &[Field], place: &str) -> Result<Self, Fault> {
        let map = table.map(|table| keys::strict(&table, declared, place)).transpose()?;
        Ok(Self(map.unwrap_or_default()))
    }

    /// Takes an option that may be absent.
    pub fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Fault> {
        let Some(value) = self.0.remove(name).filter(|value| !value.is_null()) else { return Ok(None) };
        serde_json::from_value(value)
            .map(Some)
            .map_err(|why| Fault::new(Kind::Invalid, format!("option '{name}': {why}")))
    }

    /// Takes an option that must be there.
    pub fn need<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Fault> {
        self.take(name)?.ok_or_else(|| Fault::new(Kind::Invalid, format!("option '{name}' is missing")))
    }

    /// Hands over what is left, as a body's keys.
    pub fn rest(self) -> Map<String, Value> {
        self.0
    }
}

/// An answer as plain Lua data, null meaning absent.
pub fn data(lua: &Lua, value: &impl Serialize) -> Result<LuaValue, Fault> {
    let value = serde_json::to_value(value).map_err(|why| Fault::new(Kind::Script, why.to_string()))?;
    Ok(typed_to_lua(lua, &value)?)
}

/// The quota methods that Nova, Neutron and Cinder share; they differ in the calls and the accepted limits.
macro_rules! quota_methods {
    ($sink:expr, $quota:ty, $get:ident, $usage:ident, $set:ident, $reset:ident) => {{
        use crate::api::describe::{Call, read, write};
        use crate::api::openstack::method::{Options, data};
        use crate::openstack::resource::keys;
    const PROJECT: &[crate::openstack::entity::Field] = keys![project: String = "The project, by id."];
        $sink.method(
            read("quota", "options: { project: string }", "table", "Returns a project's limits; -1 is no limit."),
            |call: Call<_>, options: Option<mlua::Table>| async move {
                let project: String = Options::read(options, PROJECT, "quota")?.need("project")?;
                data(&call.lua, &service_cloud(&call).$get(&project).await.map_err(fault::openstack)?)
            },
        );
        $sink.method(
            read(
                "quota_usage",
                "options: { project: string }",
                "table",
                "Returns limit, in_use and reserved by resource.",
            ),
            |call: Call<_>, options: Option<mlua::Table>| async move {
                let project: String = Options::read(options, PROJECT, "quota_usage")?.need("project")?;
                data(&call.lua, &service_cloud(&call).$usage(&project).await.map_err(fault::openstack)?)
            },
        );
        $sink.method(
            write(
                "set_quota",
                "options: { project: string, values: table }",
                "",
                "Sets the given limits of a project; others stay.",
            ),
            |call: Call<_>, options: mlua::Table| async move {
                crate::lua::bind::options(&options, &["project", "values"], "set_quota")?;
                let project: String = options.get("project")?;
                let values: mlua::Table = options.get("values")?;
                let values = crate::api::openstack::keys::strict(&values, <$quota>::UPDATE, "set_quota")?;
                if !call.pretend {
                    service_cloud(&call).$set(&project, values).await.map_err(fault::openstack)?;
                }
                Ok(())
            },
        );
        $sink.method(
            write("reset_quota", "options: { project: string }", "", "Gives a project the default limits again."),
            |call: Call<_>, options: Option<mlua::Table>| async move {
                let project: String = Options::read(options, PROJECT, "reset_quota")?.need("project")?;
                if !call.pretend {
                    service_cloud(&call).$reset(&project).await.map_err(fault::openstack)?;
                }
                Ok(())
            },
        );
    }};
}
pub(super) use quota_methods;

/// The cloud that a service's method was called on.
pub fn service_cloud<H: super::kind::ServiceHandle>(call: &Call<H>) -> &Cloud {
    call.this.cloud()
}
