//! Who may write when: nobody in a workflow's body, steps in a run, and in a plan only the pen that writes the plan.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::api::observer::{Event, Observer};
use crate::lua::fault::{Fault, Kind};
use crate::lua::scope::{Gate, Permit, Write};

/// Refuses writes in a workflow's body, where they would not be journaled.
pub struct Body;

impl Gate for Body {
    fn write(&self, what: &Write) -> Result<Permit, Fault> {
        Err(Fault::new(Kind::Unjournaled, format!("{} on {} is a write outside a step", what.binding, what.target))
            .hint("wrap it: w:step(\"name\", function() … end); then a resume knows whether it happened"))
    }
}

/// Refuses writes where a step only looks for what it may have done before.
pub struct Look;

impl Gate for Look {
    fn write(&self, what: &Write) -> Result<Permit, Fault> {
        Err(Fault::new(Kind::Unjournaled, format!("{} on {} is a write inside `find`", what.binding, what.target))
            .hint("`find` only looks; move the write into `run`"))
    }
}

/// Turns writes into plan lines.
pub struct Plan {
    observer: Arc<dyn Observer>,
    lines: Arc<Mutex<Vec<PlanLine>>>,
}

/// One write that a run would do.
#[derive(Debug, Clone, serde::Serialize)]
pub struct PlanLine {
    /// The binding: `Compute:create_server`.
    pub binding: String,
    /// What it would be called on.
    pub target: String,
    /// Its arguments.
    pub detail: Value,
}

impl Plan {
    /// Makes the pen; the lines are shared with who prints them.
    pub fn new(observer: Arc<dyn Observer>, lines: Arc<Mutex<Vec<PlanLine>>>) -> Self {
        Self { observer, lines }
    }
}

impl Gate for Plan {
    fn write(&self, what: &Write) -> Result<Permit, Fault> {
        let line = PlanLine { binding: what.binding.clone(), target: what.target.clone(), detail: what.detail.clone() };
        self.observer.event(Event::Planned { line: &line });
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        Ok(Permit::Pretend)
    }
}
