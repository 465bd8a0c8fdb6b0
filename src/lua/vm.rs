//! One sandboxed Lua VM: what a run, a test or the REPL drives.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use mlua::chunk::ChunkMode;
use mlua::{Function, IntoLua, IntoLuaMulti, Lua, LuaOptions, MultiValue, StdLib, Value};

use super::fault::Fault;
use super::host::Host;
use super::scope::Scope;
use super::{concurrency, sandbox};

/// What a VM is made with.
#[derive(Clone)]
pub struct Options {
    /// The site directory: searched first by `require`, readable by scripts.
    pub site: Option<PathBuf>,
    /// The embedded modules, as (`resources.server`, source).
    pub stdlib: &'static [(&'static str, &'static str)],
    /// Bytes that Lua may hold.
    pub memory_limit: usize,
    /// What the site file allows beyond the sandbox.
    pub allow: Allow,
    /// Takes what scripts print, line by line.
    pub print: Arc<dyn Fn(&str) + Send + Sync>,
}

/// What a site file may allow its scripts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Allow {
    /// `io.open` and its like outside the site directory, and writing.
    pub files: bool,
    /// `os.execute` and `io.popen`.
    pub processes: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            site: None,
            stdlib: &[],
            memory_limit: 1 << 30,
            allow: Allow::default(),
            print: Arc::new(|line| tracing::info!(target: "script", "{line}")),
        }
    }
}

/// A Lua VM with the host's globals. Cloning gives another handle to the same VM.
#[derive(Clone)]
pub struct Vm {
    lua: Lua,
    host: Arc<Host>,
}

impl Vm {
    /// Makes a VM: libraries, sandbox, prelude, then the memory limit.
    pub fn new(options: Options) -> Result<Self, Fault> {
        let libraries =
            StdLib::COROUTINE | StdLib::TABLE | StdLib::IO | StdLib::OS | StdLib::STRING | StdLib::UTF8 | StdLib::MATH;
        let lua = Lua::new_with(libraries, LuaOptions::new().thread_pool_size(64))?;
        let limit = options.memory_limit;
        let host = Arc::new(Host::new(&lua, options)?);
        lua.set_app_data(Arc::clone(&host));
        sandbox::furnish(&lua, &host)?;
        lua.set_memory_limit(limit)?;
        Ok(Self { lua, host })
    }

    /// Finds the VM that a binding runs in.
    pub fn of(lua: &Lua) -> Result<Self, Fault> {
        Ok(Self { lua: lua.clone(), host: Host::of(lua)? })
    }

    /// The engine, for making tables, functions and userdata.
    pub fn lua(&self) -> &Lua {
        &self.lua
    }

    /// Compiles a chunk; a syntax error carries its line.
    pub fn load(&self, chunk_name: &str, source: &str) -> Result<Function, Fault> {
        load(&self.lua, &self.host, chunk_name, source)
    }

    /// Says whether a text is the beginning of a chunk: a REPL then asks for another line.
    pub fn wants_more(&self, source: &str) -> bool {
        match self.lua.load(source).set_mode(ChunkMode::Text).into_function() {
            // A quote left open on its line never ends, whatever follows.
            Err(mlua::Error::SyntaxError { message, incomplete_input }) => {
                incomplete_input && !message.contains("unfinished string")
            }
            _ => false,
        }
    }

    /// Runs a function to its end in a scope; what it raises comes out with the script's own lines.
    pub async fn call(&self, scope: Scope, f: &Function, args: impl IntoLuaMulti) -> Result<MultiValue, Fault> {
        let args = args.into_lua_multi(&self.lua)?;
        let ended = concurrency::run(&self.host, scope, f, args).await;
        ended.map_err(|raised| self.host.fault(&raised))
    }

    /// Gives `require` a module that is a value of the host; no file can shadow it.
    pub fn register_module(&self, name: &str, value: Value) -> Result<(), Fault> {
        Ok(self
            .host
            .modules
            .raw_set(name, value.clone())
            .and_then(|()| self.host.modules.raw_set(format!("std.{name}"), value))?)
    }

    /// Sets a global that every script sees and none can replace.
    pub fn set_global(&self, name: &str, value: impl IntoLua) -> Result<(), Fault> {
        Ok(self.lua.globals().raw_set(name, value)?)
    }

    /// Turns the refusal of new globals off or on; a REPL session keeps its variables as globals.
    pub fn set_strict(&self, strict: bool) {
        self.host.strict.store(strict, Ordering::Relaxed);
    }
}

/// Compiles a chunk in the scripts' globals and keeps its text for errors.
pub(crate) fn load(lua: &Lua, host: &Host, chunk_name: &str, source: &str) -> Result<Function, Fault> {
    host.keep_source(chunk_name, source);
    // A first line for the shell is no Lua; an empty one in its place keeps the numbers of the others.
    let text = match source.strip_prefix('#') {
        Some(rest) => rest.find('\n').map_or("", |end| &rest[end..]),
        None => source,
    };
    let chunk = lua.load(text).set_name(format!("@{chunk_name}")).set_mode(ChunkMode::Text);
    chunk.set_environment(host.globals.clone()).into_function().map_err(|error| {
        let mut fault = Fault::from_lua(&error);
        host.annotate(&mut fault);
        fault
    })
}
