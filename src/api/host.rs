//! An interpreter with everything scripts can call.

use std::sync::Arc;

use mlua::{Lua, Table, Value as LuaValue};

use crate::api::openstack::cloud::CloudHandle;
use crate::api::runtime::Runtime;
use crate::api::stdlib;
use crate::api::workflow::define;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::lua::scope::Scope;
use crate::lua::vm::{Options, Vm};

/// Where a script's `print` goes.
pub type Print = Arc<dyn Fn(&str) + Send + Sync>;

/// Makes an interpreter for a site: the host's globals, `cloud`, `workflow`, `hooks`, `site`, and the site's hooks.
pub async fn build(runtime: &Arc<Runtime>, print: Print) -> Result<Vm, Fault> {
    let vm = Vm::new(Options {
        site: runtime.site.directory.clone(),
        stdlib: stdlib::MODULES,
        allow: runtime.site.allow,
        print,
        ..Options::default()
    })?;
    install(&vm, runtime)?;
    load_hooks(&vm, runtime).await?;
    Ok(vm)
}

fn install(vm: &Vm, runtime: &Arc<Runtime>) -> mlua::Result<()> {
    let lua = vm.lua();
    let shared = Arc::clone(runtime);
    let cloud =
        lua.create_function(move |_, name: String| shared.cloud(&name).map(CloudHandle::new).map_err(Fault::into_lua))?;
    lua.globals().raw_set("cloud", cloud)?;
    let shared = Arc::clone(runtime);
    let clouds =
        lua.create_function(move |_, (): ()| shared.clouds().map(|clouds| clouds.names()).map_err(Fault::into_lua))?;
    lua.globals().raw_set("clouds", clouds)?;
    lua.globals().raw_set("site", site_table(lua, runtime)?)?;
    define::install(lua)
}

fn site_table(lua: &Lua, runtime: &Runtime) -> mlua::Result<LuaValue> {
    bind::json_to_lua(lua, &serde_json::Value::Object(runtime.site.settings().clone()))
}

/// Reads the stdlib's list of hooks, then the site's `hooks.lua`, which may only use those.
async fn load_hooks(vm: &Vm, runtime: &Runtime) -> Result<(), Fault> {
    let declared = call_module(vm, "std.hooks").await?;
    runtime.hooks.install(vm.lua(), &declared)?;
    let Some(file) = runtime.site.directory.as_ref().map(|directory| directory.join("hooks.lua")) else {
        return Ok(());
    };
    let source = match std::fs::read_to_string(&file) {
        Ok(source) => source,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(cause) => return Err(Fault::new(Kind::Invalid, format!("{} cannot be read: {cause}", file.display()))),
    };
    let chunk = vm.load("site/hooks.lua", &source)?;
    vm.call(Scope::default(), &chunk, ()).await.map(drop)
}

async fn call_module(vm: &Vm, name: &str) -> Result<Table, Fault> {
    let chunk = vm.load("host", &format!("return require {name:?}"))?;
    match vm.call(Scope::default(), &chunk, ()).await?.into_iter().next() {
        Some(LuaValue::Table(table)) => Ok(table),
        _ => Err(Fault::new(Kind::Script, format!("module {name} does not return a table"))),
    }
}
