//! The scopes that parts of a run execute in.

use std::sync::Arc;

use crate::lua::scope::{self, Gate, Scope};

use super::engine::{Engine, Mode};
use super::gate::{Body, Look, Plan};

/// The scope of a workflow's body: it reads freely and writes only in steps.
pub fn body(engine: &Engine, path: &str) -> Scope {
    child(path, gate(engine, Arc::new(Body)))
}

/// The scope of a step's `run`.
pub fn step(engine: &Engine, key: &str) -> Scope {
    child(key, gate(engine, Arc::new(scope::Free)))
}

/// The scope of a step's `find`.
pub fn look(key: &str) -> Scope {
    child(key, Arc::new(Look))
}

fn gate(engine: &Engine, otherwise: Arc<dyn Gate>) -> Arc<dyn Gate> {
    match engine.mode {
        Mode::Plan => Arc::new(Plan::new(Arc::clone(&engine.observer), Arc::clone(&engine.lines))),
        Mode::Forward | Mode::Unwinding => otherwise,
    }
}

fn child(path: &str, gate: Arc<dyn Gate>) -> Scope {
    Scope { path: path.into(), gate, ..scope::current() }
}
