//! What one VM knows besides Lua itself: sources for error lines, modules, and where raised texts came from.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mlua::{Error, Function, Lua, Table, Value};
use tokio_util::sync::CancellationToken;

use super::fault::{Fault, Frame, Kind};
use super::json::lua_to_json;
use super::traceback;
use super::vm::Options;

/// Raised texts whose frames are remembered: as many as tasks can plausibly fail at once in one `parallel`.
const REMEMBERED: usize = 64;

/// The state behind a VM. It holds Lua handles, which are weak, so that it may live inside Lua's own data.
pub(crate) struct Host {
    pub options: Options,
    /// The globals as scripts see them.
    pub globals: Table,
    /// The engine's own `xpcall`, before the prelude replaces it.
    pub xpcall: Function,
    /// Turns a raised value into one that carries its lines.
    pub handler: Function,
    /// The coroutines that scripts made, as weak keys.
    pub coroutines: Table,
    /// Modules by name and by id.
    pub modules: Table,
    pub strict: AtomicBool,
    pub loading: Mutex<HashMap<String, Loading>>,
    sources: Mutex<HashMap<String, Arc<str>>>,
    raised: Mutex<VecDeque<(String, Vec<Frame>)>>,
}

/// A module whose chunk is running.
pub(crate) struct Loading {
    pub done: CancellationToken,
    /// The module that this one's loader waits for, to find cycles across tasks.
    pub waits_for: Option<String>,
}

impl Host {
    pub fn new(lua: &Lua, options: Options) -> mlua::Result<Self> {
        let weak = lua.create_table()?;
        weak.raw_set("__mode", "k")?;
        let coroutines = lua.create_table()?;
        coroutines.set_metatable(Some(weak))?;
        Ok(Self {
            options,
            globals: lua.create_table()?,
            xpcall: lua.globals().raw_get("xpcall")?,
            handler: lua.create_function(|lua, raised: Value| Ok(Self::of(lua)?.carry(lua, raised)))?,
            coroutines,
            modules: lua.create_table()?,
            strict: AtomicBool::new(true),
            loading: Mutex::default(),
            sources: Mutex::default(),
            raised: Mutex::default(),
        })
    }

    /// Finds the host of a VM.
    pub fn of(lua: &Lua) -> mlua::Result<Arc<Self>> {
        let found = lua.app_data_ref::<Arc<Self>>().map(|host| Arc::clone(&host));
        found.ok_or_else(|| Fault::new(Kind::Script, "this Lua state was not made by the host").into_lua())
    }

    /// Keeps a chunk's text, for the lines that errors show.
    pub fn keep_source(&self, chunk: &str, source: &str) {
        lock(&self.sources).insert(chunk.to_owned(), Arc::from(source));
    }

    /// Gives a raised value the lines of the place it was raised at; runs as the message handler of every task.
    fn carry(&self, lua: &Lua, raised: Value) -> Value {
        let trace = lua.traceback(None, 0).map(|text| text.to_string_lossy()).unwrap_or_default();
        let here = traceback::parse(&trace);
        match raised {
            Value::Error(error) => {
                let placed = matches!(*error, Error::CallbackError { .. });
                let mut fault = Fault::from_lua(&error);
                if !placed || fault.frames.is_empty() {
                    traceback::extend(&mut fault.frames, here);
                }
                Value::Error(Box::new(fault.into_lua()))
            }
            Value::String(text) => {
                self.remember(text.to_string_lossy(), here, traceback::by_prelude(&trace));
                Value::String(text)
            }
            other => other,
        }
    }

    /// Keeps the frames of a raised text; one that a task raised before and the prelude raises again gains the outer ones.
    fn remember(&self, text: String, here: Vec<Frame>, again: bool) {
        let known = self.take_raised(&text);
        let mut frames = known.filter(|_| again).unwrap_or_default();
        traceback::extend(&mut frames, here);
        let mut raised = lock(&self.raised);
        raised.push_back((text, frames));
        if raised.len() > REMEMBERED {
            raised.pop_front();
        }
    }

    fn take_raised(&self, text: &str) -> Option<Vec<Frame>> {
        let mut raised = lock(&self.raised);
        let at = raised.iter().rposition(|(known, _)| known == text)?;
        raised.remove(at).map(|(_, frames)| frames)
    }

    /// Makes the error that leaves the VM out of whatever a script raised.
    pub fn fault(&self, raised: &Value) -> Fault {
        let mut fault = match raised {
            Value::Error(error) => Fault::from_lua(error),
            Value::String(text) => {
                let text = text.to_string_lossy();
                let mut fault = traceback::from_text(&text);
                let mut frames = self.take_raised(&text).unwrap_or_default();
                fault.message = traceback::place(&fault.message, &mut fault.frames);
                traceback::place(&text, &mut frames);
                if !frames.is_empty() {
                    fault.frames = frames;
                }
                fault
            }
            Value::Table(table) => of_table(table),
            other => Fault::new(Kind::Script, other.to_string().unwrap_or_else(|_| other.type_name().to_owned())),
        };
        self.annotate(&mut fault);
        fault
    }

    /// Completes chunk names that Lua cut short, and adds the text of each line.
    pub fn annotate(&self, fault: &mut Fault) {
        let sources = lock(&self.sources);
        for frame in &mut fault.frames {
            if let Some(end) = frame.chunk.strip_prefix("...")
                && let Some(whole) = sources.keys().find(|name| name.ends_with(end))
            {
                frame.chunk.clone_from(whole);
            }
            let text = sources.get(&frame.chunk);
            let line = text.and_then(|text| text.lines().nth((frame.line as usize).saturating_sub(1)));
            frame.source = frame.source.take().or_else(|| line.map(|line| line.trim().to_owned()));
        }
    }
}

/// A raised plain table may speak like `fail`; all its data travels along.
fn of_table(table: &Table) -> Fault {
    let word = |name: &str| table.raw_get::<Option<String>>(name).ok().flatten();
    let kind = word("kind").and_then(|name| Kind::from_name(&name)).unwrap_or(Kind::Script);
    let whole = Value::Table(table.clone());
    let message = word("message").or_else(|| whole.to_string().ok()).unwrap_or_else(|| "a table".to_owned());
    Fault { data: lua_to_json(&whole).ok(), hint: word("hint"), ..Fault::new(kind, message) }
}

/// Locks; a thread that panicked while holding one of these left nothing half-done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
