//! What scripts find in a fresh VM: strict globals, a busy-script hook, and a narrow door to files.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mlua::{HookTriggers, Lua, MultiValue, Table, Value, VmState};

use super::bind::options;
use super::fault::{self, Fault, Kind};
use super::host::Host;
use super::{concurrency, json, log, require, scope, text, time, traceback, values};
use crate::base::suggest;

/// How often a busy script is looked at: often enough for Ctrl-C, seldom enough to cost nothing more.
const LOOK_EVERY: u32 = 100_000;

/// How often a cancelled task may catch `cancelled` before it passes through `pcall`.
const PATIENCE: usize = 1000;

/// Fills the globals, runs the prelude, and closes them.
pub(crate) fn furnish(lua: &Lua, host: &Arc<Host>) -> mlua::Result<()> {
    let to = lua.create_table()?;
    to.raw_set("pending", Value::LightUserData(Lua::poll_pending()))?;
    to.raw_set("coroutines", &host.coroutines)?;
    to.raw_set("globals", &host.globals)?;
    to.raw_set("allow_files", host.options.allow.files)?;
    to.raw_set("allow_processes", host.options.allow.processes)?;
    let print = Arc::clone(&host.options.print);
    to.raw_set(
        "print",
        lua.create_function(move |_, line: mlua::LuaString| {
            print(&line.to_string_lossy());
            Ok(())
        })?,
    )?;
    to.raw_set(
        "options",
        lua.create_function(|_, (table, allowed, what): (Table, Vec<String>, String)| {
            let allowed: Vec<_> = allowed.iter().map(String::as_str).collect();
            options(&table, &allowed, &what).map_err(Fault::into_lua)
        })?,
    )?;
    to.raw_set(
        "site_file",
        lua.create_function(|lua, (path, mode): (String, String)| {
            let host = Host::of(lua)?;
            match readable(host.options.site.as_deref(), &path, &mode)? {
                Ok(real) => Ok((Some(real), None, None)),
                Err(error) => Ok((None, Some(format!("{path}: {error}")), error.raw_os_error())),
            }
        })?,
    )?;
    to.raw_set("passes", lua.create_function(|_, raised: Value| Ok(passes(&raised)))?)?;
    to.raw_set("unwinding", lua.create_function(|_, raised: Value| Ok(kind(&raised) == Some(Kind::Unwinding)))?)?;
    to.raw_set("traceback", lua.create_function(script_traceback)?)?;
    fault::install(lua)?;
    values::install(lua)?;
    json::install(lua)?;
    time::install(lua)?;
    text::install(lua)?;
    log::install(lua)?;
    concurrency::install(lua, &to)?;
    require::install(lua, &to)?;
    lua.load(include_str!("prelude.lua")).set_name(format!("={}", traceback::PRELUDE)).call::<()>(to)?;
    close_globals(lua, host)?;
    let coroutines = host.coroutines.clone();
    lua.set_global_hook(HookTriggers::new().every_nth_instruction(LOOK_EVERY), move |lua, _| {
        scope::peek(scope::Scope::check).unwrap_or(Ok(()))?;
        // In a coroutine of the script's own a yield would look like the script's.
        let own = coroutines.raw_get::<bool>(lua.current_thread())?;
        Ok(if own { VmState::Continue } else { VmState::Yield })
    })
}

/// Scripts see the globals through an empty table: they read what is there, and can neither add nor replace.
fn close_globals(lua: &Lua, host: &Host) -> mlua::Result<()> {
    let closed = lua.create_table()?;
    closed.raw_set("__index", lua.globals())?;
    closed.raw_set("__metatable", false)?;
    closed.raw_set(
        "__newindex",
        lua.create_function(|lua, (globals, name, value): (Table, Value, Value)| {
            let host = Host::of(lua)?;
            if !host.strict.load(Ordering::Relaxed) {
                return globals.raw_set(name, value);
            }
            let name = name.to_string()?;
            let message = match lua.globals().raw_get::<Value>(name.as_str())? {
                Value::Nil => format!("assignment to the undeclared variable '{name}'{}", near(lua, &name)?),
                _ => format!("'{name}' belongs to the host and cannot be replaced"),
            };
            Err(Fault::new(Kind::Script, message).hint(format!("declare it: local {name} = …")).into_lua())
        })?,
    )?;
    closed.raw_set(
        "__pairs",
        lua.create_function(|lua, _: Value| {
            Ok((lua.globals().raw_get::<mlua::Function>("next")?, lua.globals(), Value::Nil))
        })?,
    )?;
    host.globals.set_metatable(Some(closed))?;
    let undefined = lua.create_table()?;
    undefined.raw_set(
        "__index",
        lua.create_function(|lua, (_, name): (Value, Value)| -> mlua::Result<Value> {
            let name = name.to_string()?;
            Err(Fault::new(Kind::Script, format!("undefined variable '{name}'{}", near(lua, &name)?)).into_lua())
        })?,
    )?;
    lua.globals().set_metatable(Some(undefined))
}

fn near(lua: &Lua, name: &str) -> mlua::Result<String> {
    let mut known = Vec::new();
    for table in [lua.globals(), Host::of(lua)?.globals.clone()] {
        for pair in table.pairs::<String, Value>() {
            known.push(pair?.0);
        }
    }
    Ok(suggest::hint(name, known.iter().map(String::as_str)))
}

fn kind(raised: &Value) -> Option<Kind> {
    match raised {
        Value::Error(error) => Some(Fault::from_lua(error).kind),
        _ => None,
    }
}

/// Says whether a caught error goes on through `pcall`.
fn passes(raised: &Value) -> bool {
    match kind(raised) {
        Some(Kind::Unwinding) => true,
        Some(Kind::Cancelled) => scope::current().cancel.is_cancelled() && concurrency::swallowed() > PATIENCE,
        _ => false,
    }
}

/// `debug.traceback`: the message and the script's own lines.
fn script_traceback(lua: &Lua, args: MultiValue) -> mlua::Result<Value> {
    let message = match args.front() {
        None | Some(Value::Nil) => String::new(),
        Some(Value::String(text)) => format!("{}\n", text.to_string_lossy()),
        Some(Value::Error(error)) => format!("{}\n", Fault::from_lua(error)),
        Some(other) => return Ok(other.clone()),
    };
    let frames = traceback::parse(&lua.traceback(None, 0)?.to_string_lossy());
    let lines = frames.iter().map(|frame| {
        let function = frame.function.as_deref().map(|name| format!(" in {name}")).unwrap_or_default();
        format!("\n\t{}:{}{function}", frame.chunk, frame.line)
    });
    Ok(Value::String(lua.create_string(format!("{message}stack traceback:{}", lines.collect::<String>()))?))
}

/// Finds the file that a script may read; the inner error is the file system's, for scripts that test for a file.
fn readable(site: Option<&Path>, path: &str, mode: &str) -> Result<std::io::Result<PathBuf>, Fault> {
    let refuse = |why: &str| {
        let message = format!("{path}: {why}");
        Fault::new(Kind::Refused, message).hint("allow it in site.lua: allow = { files = true }")
    };
    let Some(site) = site else { return Err(refuse("there is no site directory, and scripts read only there")) };
    if !matches!(mode, "r" | "rb") {
        return Err(refuse("scripts may only read files"));
    }
    let outside = || refuse(&format!("scripts read only inside the site directory {}", site.display()));
    let site = match site.canonicalize() {
        Ok(site) => site,
        Err(error) => return Ok(Err(error)),
    };
    let wanted = site.join(path);
    match wanted.canonicalize() {
        Ok(real) if real.starts_with(&site) => Ok(Ok(real)),
        Ok(_) => Err(outside()),
        // Whether something exists outside is not for scripts to know either.
        Err(error) if wanted.starts_with(&site) && !wanted.components().any(|part| part == Component::ParentDir) => {
            Ok(Err(error))
        }
        Err(_) => Err(outside()),
    }
}
