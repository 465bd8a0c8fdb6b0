//! One session: an interpreter whose variables stay from line to line.

use std::sync::Arc;

use mlua::{MultiValue, Value};
use tokio_util::sync::CancellationToken;

use crate::api::host::{self, Print};
use crate::api::runtime::Runtime;
use crate::lua::fault::Fault;
use crate::lua::scope::Scope;
use crate::lua::vm::Vm;
use crate::ui::Style;

use super::{inspect, locals};

/// What error messages call a line of the session.
const CHUNK: &str = "repl";

/// An interpreter with its session variables.
pub struct Session {
    vm: Vm,
    cloud: std::sync::Mutex<Option<String>>,
}

/// How values are to be shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// The width of the terminal, where there is one.
    pub width: Option<u16>,
    /// The colours.
    pub style: Style,
}

impl Session {
    /// Makes an interpreter that lets lines make globals.
    pub async fn new(runtime: &Arc<Runtime>, print: Print) -> Result<Self, Fault> {
        let vm = host::build(runtime, print).await?;
        vm.set_strict(false);
        Ok(Self { vm, cloud: std::sync::Mutex::default() })
    }

    /// Sets `c`, and the cloud's own name where that is one in Lua, to a cloud.
    pub async fn preset(&self, name: &str) -> Result<(), Fault> {
        let scope = Scope::root(CancellationToken::new());
        let chunk = self.vm.load(CHUNK, &format!("return cloud({name:?})"))?;
        let mut values = self.vm.call(scope, &chunk, ()).await?;
        let cloud = values.pop_front().unwrap_or(Value::Nil);
        self.vm.set_global("c", cloud.clone())?;
        let word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if word(name) && !name.starts_with(|c: char| c.is_ascii_digit()) && !locals::is_keyword(name) {
            self.vm.set_global(name, cloud)?;
        }
        *self.cloud.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(name.to_owned());
        Ok(())
    }

    /// The cloud the session began with.
    pub fn cloud(&self) -> Option<String> {
        self.cloud.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Evaluates a line as an expression, or else as a statement, and renders what it returns.
    pub async fn evaluate(&self, text: &str, cancel: &CancellationToken, look: Look) -> Result<Option<String>, Fault> {
        let chunk = match self.vm.load(CHUNK, &format!("return {text}")) {
            Ok(expression) => expression,
            Err(_) => self.vm.load(CHUNK, &locals::keep(text))?,
        };
        let scope = Scope::root(cancel.clone());
        let values = self.vm.call(scope.clone(), &chunk, ()).await.map_err(tidy)?;
        if let Some(first) = values.front().filter(|value| !value.is_nil()) {
            self.vm.set_global("_", first.clone())?;
        }
        self.show(&values, scope, look).await
    }

    async fn show(&self, values: &MultiValue, scope: Scope, look: Look) -> Result<Option<String>, Fault> {
        let mut shown = Vec::new();
        for value in values {
            let value = self.fetched(value, scope.clone()).await?;
            shown.push(inspect::render(&value, look));
        }
        Ok((!shown.is_empty()).then(|| shown.join("\n")))
    }

    /// A lazy list is fetched to be shown.
    async fn fetched(&self, value: &Value, scope: Scope) -> Result<Value, Fault> {
        if !inspect::is_collection(value) {
            return Ok(value.clone());
        }
        let chunk = self.vm.load(CHUNK, "local list = ... return list:all()")?;
        let mut values = self.vm.call(scope, &chunk, value.clone()).await.map_err(tidy)?;
        Ok(values.pop_front().unwrap_or(Value::Nil))
    }
}

/// Takes away what the session itself put before the line.
fn tidy(mut fault: Fault) -> Fault {
    for frame in fault.frames.iter_mut().filter(|frame| frame.chunk == CHUNK) {
        if let Some(line) = frame.source.as_mut().and_then(|line| line.strip_prefix("return ").map(str::to_owned)) {
            frame.source = Some(line);
        }
    }
    // The line is in sight: it needs no place.
    if let [only] = fault.frames.as_slice()
        && only.chunk == CHUNK
        && only.line == 1
    {
        fault.frames.clear();
    }
    fault
}
