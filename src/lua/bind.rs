//! Helpers that every binding uses: waiting that can be cancelled, strict options, durations, JSON.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use mlua::{Table, Value};

use super::fault::{Fault, Kind};
use super::scope;
use crate::base;

pub use super::json::{json_to_lua, lua_to_json};

tokio::task_local! {
    /// How many Lua functions run inside the binding's work that is being polled.
    static INSIDE: AtomicUsize;
}

/// Waits for a binding's work; cancellation and a passed deadline raise here, before the work begins or in its middle.
///
/// Work that is running a Lua function is not dropped: the function is cancelled in its own scope, cleans up, and ends.
pub async fn guarded<T>(work: impl Future<Output = Result<T, Fault>>) -> mlua::Result<T> {
    scope::peek(scope::Scope::check).unwrap_or(Ok(()))?;
    Ok(INSIDE.scope(AtomicUsize::new(0), race(work)).await?)
}

async fn race<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let mut work = pin!(work);
    // Most calls that answer from memory end here, without registering with the scope.
    let first = poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(Some(result)),
        Poll::Pending => Poll::Ready(None),
    });
    if let Some(result) = first.await {
        return result;
    }
    let scope = scope::current();
    tokio::select! {
        biased;
        fault = scope.ended() => if INSIDE.try_with(|count| count.load(Ordering::Relaxed)).unwrap_or(0) == 0 {
            return Err(fault);
        },
        result = &mut work => return result,
    }
    work.await
}

/// Counts as a Lua function that runs, for the binding around it, until dropped.
pub(crate) struct Inside;

impl Inside {
    /// Begins to count.
    pub fn enter() -> Self {
        let _ = INSIDE.try_with(|count| count.fetch_add(1, Ordering::Relaxed));
        Self
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|count| count.fetch_sub(1, Ordering::Relaxed));
    }
}

/// Refuses keys that an options table may not have; `what` names the call: `server:stop`.
pub fn options(table: &Table, allowed: &[&str], what: &str) -> Result<(), Fault> {
    for pair in table.pairs::<Value, Value>() {
        let (key, _) = pair?;
        let Value::String(name) = &key else {
            let message = format!("{what}: options are named, and here is one without a name ({})", describe(&key));
            return Err(Fault::new(Kind::Invalid, message));
        };
        let name = name.to_string_lossy();
        if !allowed.contains(&name.as_str()) {
            let near = base::suggest::hint(&name, allowed.iter().copied());
            let known = if allowed.is_empty() { "it takes none".to_owned() } else { allowed.join(", ") };
            return Err(Fault::new(Kind::Invalid, format!("{what}: unknown option '{name}'{near}"))
                .hint(format!("options: {known}")));
        }
    }
    Ok(())
}

/// Reads a duration: a number of seconds or a string such as `"5m30s"`.
pub fn duration(value: &Value) -> Result<Duration, Fault> {
    let read = match value {
        Value::Integer(seconds) => base::duration::from_seconds(*seconds as f64),
        Value::Number(seconds) => base::duration::from_seconds(*seconds),
        Value::String(text) => {
            return base::duration::parse(&text.to_string_lossy()).map_err(|why| Fault::new(Kind::Invalid, why));
        }
        _ => None,
    };
    read.ok_or_else(|| {
        let message = format!("expected a duration in seconds or as text (\"5m30s\"), got {}", describe(value));
        Fault::new(Kind::Invalid, message)
    })
}

/// Names a value for an error message: `nil`, `the string "x"`, `a table`.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Nil => "nil".to_owned(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => format!("the string {:?}", text.to_string_lossy()),
        other if other.is_null() => "null".to_owned(),
        other => format!("a {}", other.type_name()),
    }
}
