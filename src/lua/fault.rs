//! The one error that scripts and the layers above see.

use std::fmt;
use std::sync::Arc;

use mlua::{Error, ExternalError, Function, IntoLua, Lua, Value};

use super::json::json_to_lua;
use super::traceback;

/// What went wrong, as a closed set that scripts compare with `e.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The named object does not exist.
    NotFound,
    /// The object is in a state that does not allow this.
    Conflict,
    /// Several objects have this name.
    Ambiguous,
    /// The service knows who asks and says no.
    Forbidden,
    /// The service does not know who asks.
    Unauthorized,
    /// The request or an argument makes no sense.
    Invalid,
    /// A quota or capacity is used up.
    Quota,
    /// Too many requests.
    RateLimited,
    /// The service is there and cannot answer now.
    Unavailable,
    /// The service could not be reached, or the connection broke.
    Transport,
    /// The time allowed ran out.
    Timeout,
    /// The run, or this part of it, was asked to stop.
    Cancelled,
    /// A command on a host ended with a status other than zero.
    RemoteExit,
    /// A database refused a statement.
    Sql,
    /// A management controller refused or failed.
    Ipmi,
    /// The journal holds something else than the script now says.
    JournalMismatch,
    /// A write outside a step.
    Unjournaled,
    /// The run is being undone; passes through every `pcall`.
    Unwinding,
    /// A check or the sandbox said no before anything happened.
    Refused,
    /// The script itself failed: a plain Lua error, a syntax error, too much memory.
    Script,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: &[Kind] = &[
        Kind::NotFound,
        Kind::Conflict,
        Kind::Ambiguous,
        Kind::Forbidden,
        Kind::Unauthorized,
        Kind::Invalid,
        Kind::Quota,
        Kind::RateLimited,
        Kind::Unavailable,
        Kind::Transport,
        Kind::Timeout,
        Kind::Cancelled,
        Kind::RemoteExit,
        Kind::Sql,
        Kind::Ipmi,
        Kind::JournalMismatch,
        Kind::Unjournaled,
        Kind::Unwinding,
        Kind::Refused,
        Kind::Script,
    ];

    /// The name scripts use: `not_found`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::NotFound => "not_found",
            Kind::Conflict => "conflict",
            Kind::Ambiguous => "ambiguous",
            Kind::Forbidden => "forbidden",
            Kind::Unauthorized => "unauthorized",
            Kind::Invalid => "invalid",
            Kind::Quota => "quota",
            Kind::RateLimited => "rate_limited",
            Kind::Unavailable => "unavailable",
            Kind::Transport => "transport",
            Kind::Timeout => "timeout",
            Kind::Cancelled => "cancelled",
            Kind::RemoteExit => "remote_exit",
            Kind::Sql => "sql",
            Kind::Ipmi => "ipmi",
            Kind::JournalMismatch => "journal_mismatch",
            Kind::Unjournaled => "unjournaled",
            Kind::Unwinding => "unwinding",
            Kind::Refused => "refused",
            Kind::Script => "script",
        }
    }

    /// Finds the kind of a name, or nothing.
    pub fn from_name(name: &str) -> Option<Kind> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Says whether the same call may succeed when it is simply made again.
    pub fn retryable(self) -> bool {
        matches!(self, Kind::RateLimited | Kind::Unavailable | Kind::Transport | Kind::Timeout)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One line of a script on the way to an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The chunk: `site/plan.lua`, `std/migrate.lua` or a path.
    pub chunk: String,
    /// The line in it.
    pub line: u32,
    /// The function, where Lua knows a name.
    pub function: Option<String>,
    /// The text of the line, where the host has the source.
    pub source: Option<String>,
}

/// An error with its kind, its remedy, and the script lines that led to it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Fault {
    /// What went wrong, as scripts compare it.
    pub kind: Kind,
    /// What went wrong, as people read it.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// The service's request id.
    pub request_id: Option<String>,
    /// Anything the raiser wants a script to have.
    pub data: Option<serde_json::Value>,
    /// The script's own lines, innermost first; none of the host's.
    pub frames: Vec<Frame>,
}

impl Fault {
    /// Makes an error of a kind and a sentence.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            status: None,
            request_id: None,
            data: None,
            frames: Vec::new(),
        }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds the service's request id.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    /// Adds data for the script.
    pub fn data(mut self, data: serde_json::Value) -> Self {
        self.data = Some(data);
        self
    }

    /// Reads a field as Lua sees it; an unknown one is nil, as in the text of a plain error.
    fn field(&self, lua: &Lua, name: &str) -> mlua::Result<Value> {
        match name {
            "kind" => self.kind.name().into_lua(lua),
            "message" => self.message.as_str().into_lua(lua),
            "hint" => self.hint.as_deref().into_lua(lua),
            "status" => self.status.into_lua(lua),
            "request_id" => self.request_id.as_deref().into_lua(lua),
            "retryable" => self.kind.retryable().into_lua(lua),
            "data" => self.data.as_ref().map_or(Ok(Value::Nil), |data| json_to_lua(lua, data)),
            _ => Ok(Value::Nil),
        }
    }

    /// Turns the error into one that a binding may return to Lua.
    pub fn into_lua(self) -> Error {
        self.into_lua_err()
    }

    /// Reads any error of the Lua engine: ours come out whole, all others get a kind and a clean sentence.
    pub fn from_lua(error: &Error) -> Fault {
        match error {
            Error::CallbackError { traceback, cause } => {
                let mut fault = Self::from_lua(cause);
                traceback::extend(&mut fault.frames, traceback::parse(traceback));
                fault
            }
            Error::WithContext { context, cause } => {
                let mut fault = Self::from_lua(cause);
                fault.message = format!("{context}: {}", fault.message);
                fault
            }
            Error::ExternalError(inner) => match inner.downcast_ref::<Fault>() {
                Some(fault) => fault.clone(),
                None => Fault::new(Kind::Script, inner.to_string()),
            },
            Error::BadArgument { to, pos, name, cause } => bad_argument(to.as_deref(), *pos, name.as_deref(), cause),
            Error::FromLuaConversionError { from, to, message } => {
                Fault::new(Kind::Invalid, mismatch(from, to, message.as_deref()))
            }
            Error::RuntimeError(text) | Error::SyntaxError { message: text, .. } => traceback::from_text(text),
            Error::MemoryError(_) => out_of_memory(),
            other => Fault::new(Kind::Script, other.to_string()),
        }
    }
}

/// Gives every error that Rust raises fields in Lua: `e.kind`, `e.message` and the others, and `tostring`.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    let field = lua.create_function(|lua, (raised, name): (Value, Value)| match (raised, name) {
        (Value::Error(error), Value::String(name)) => Fault::from_lua(&error).field(lua, &name.to_string_lossy()),
        _ => Ok(Value::Nil),
    })?;
    let text = lua.create_function(|_, raised: Value| {
        Ok(match raised {
            Value::Error(error) => Fault::from_lua(&error).to_string(),
            other => other.type_name().to_owned(),
        })
    })?;
    let sample = Value::Error(Box::new(Error::runtime("")));
    give_metamethods(lua, sample, field, text)
}

/// Sets `__index` and `__tostring` on the metatable that all of the engine's error values share. The engine offers no
/// safe way to it, and without it a caught error would be a text only.
#[allow(unsafe_code)]
fn give_metamethods(lua: &Lua, error: Value, index: Function, text: Function) -> mlua::Result<()> {
    // SAFETY: `exec_raw` calls the closure in protected mode with exactly the three arguments on a fresh stack frame.
    // The closure uses them by position, keeps within Lua's guaranteed stack, owns nothing that a Lua error could
    // leak, and empties the stack before it returns.
    unsafe {
        lua.exec_raw::<()>((error, index, text), |state| {
            if mlua::ffi::lua_getmetatable(state, 1) != 0 {
                mlua::ffi::lua_pushvalue(state, 2);
                mlua::ffi::lua_setfield(state, -2, c"__index".as_ptr());
                mlua::ffi::lua_pushvalue(state, 3);
                mlua::ffi::lua_setfield(state, -2, c"__tostring".as_ptr());
            }
            mlua::ffi::lua_settop(state, 0);
        })
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        fault.into_lua_err()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::from_lua(&error)
    }
}

/// The error of a script that reached its memory limit.
pub(crate) fn out_of_memory() -> Fault {
    let hint = "keep less at once: go through lists as they come instead of collecting them";
    Fault::new(Kind::Script, "the script used up its memory").hint(hint)
}

fn bad_argument(to: Option<&str>, position: usize, name: Option<&str>, cause: &Arc<Error>) -> Fault {
    let mut fault = Fault::from_lua(cause);
    let function = to.map(|to| format!("{to}: ")).unwrap_or_default();
    let argument = match name {
        Some(name) => format!("argument '{name}'"),
        None => format!("argument {position}"),
    };
    fault.message = format!("{function}{argument}: {}", fault.message);
    if fault.kind == Kind::Script {
        fault.kind = Kind::Invalid;
    }
    fault
}

/// Says what was expected in Lua's words, not in Rust's.
fn mismatch(from: &str, to: &str, message: Option<&str>) -> String {
    let wanted = match to {
        "f64" | "f32" => "number",
        "i64" | "i32" | "u64" | "u32" | "u16" | "u8" | "usize" | "isize" => "whole number",
        "String" | "LuaString" | "&str" => "string",
        "bool" => "boolean",
        other => other,
    };
    let detail = message.filter(|detail| !detail.starts_with("expected")).map(|detail| format!(" ({detail})"));
    format!("expected {wanted}, got {from}{}", detail.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(*kind));
        }
        assert_eq!(Kind::from_name("nothing"), None);
    }

    #[test]
    fn ours_come_out_whole_through_any_wrapping() {
        let inner = Fault::new(Kind::Conflict, "server web-1 is locked").status(409).request_id("req-1").hint("unlock");
        let wrapped = Error::CallbackError { traceback: String::new(), cause: Arc::new(inner.into_lua()) };
        let fault = Fault::from_lua(&Error::CallbackError { traceback: String::new(), cause: Arc::new(wrapped) });
        assert_eq!((fault.kind, fault.status), (Kind::Conflict, Some(409)));
        assert_eq!(fault.hint.as_deref(), Some("unlock"));
        assert_eq!(fault.to_string(), "conflict: server web-1 is locked");
    }
}
