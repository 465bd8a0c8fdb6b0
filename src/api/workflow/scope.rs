//! The scopes that parts of a run execute in.

use std::sync::{Arc, Mutex, PoisonError};

use crate::api::observer::Observer;
use crate::lua::scope::{self, Gate, Scope};

use super::engine::{Engine, Mode};
use super::gate::{Body, Look, Plan, PlanLine};

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
        Mode::Plan => plan(&engine.observer, &engine.lines),
        Mode::Forward | Mode::Unwinding => otherwise,
    }
}

fn child(path: &str, gate: Arc<dyn Gate>) -> Scope {
    Scope { path: path.into(), gate, ..scope::current() }
}

/// The gate that turns writes into plan lines.
pub fn plan(observer: &Arc<dyn Observer>, lines: &Arc<Mutex<Vec<PlanLine>>>) -> Arc<dyn Gate> {
    Arc::new(Plan::new(Arc::clone(observer), Arc::clone(lines)))
}

/// The lines that a plan's gate has written.
pub fn lines(lines: &Mutex<Vec<PlanLine>>) -> Vec<PlanLine> {
    lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
