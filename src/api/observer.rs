//! Whom the API tells what happens; the terminal's side of it lives in `ui`.

use serde_json::Value;

use crate::api::workflow::engine::Mode;
use crate::journal::ResourceRow;
use crate::lua::fault::Fault;

/// Something that happened in a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A run begins, goes on, or is being undone.
    Run {
        /// Its id.
        run: &'a str,
        /// The workflow.
        workflow: &'a str,
        /// What it is doing.
        mode: Mode,
    },
    /// More objects are to be dealt with.
    Expected {
        /// The path that their steps begin with, and how the operator knows them: `server web-1`.
        objects: &'a [(String, String)],
    },
    /// A step's effect begins.
    StepStarted {
        /// The step's name path.
        key: &'a str,
        /// The number of the try.
        attempt: u32,
    },
    /// A step has its value.
    StepDone {
        /// The step's name path.
        key: &'a str,
    },
    /// An earlier try's effect was found; the step did not run again.
    StepFound {
        /// The step's name path.
        key: &'a str,
    },
    /// A step raised.
    StepFailed {
        /// The step's name path.
        key: &'a str,
        /// What it raised.
        fault: &'a Fault,
    },
    /// A step reports how far it is, in bytes.
    Progress {
        /// The step's name path.
        key: &'a str,
        /// Bytes done.
        done: u64,
        /// Bytes in all, where known.
        total: Option<u64>,
    },
    /// A step is being taken back.
    Undoing {
        /// The step's name path.
        key: &'a str,
    },
    /// What became of an object.
    Resource {
        /// The journal's row.
        row: &'a ResourceRow,
    },
    /// A plan would write this.
    Planned {
        /// The write.
        line: &'a crate::api::workflow::PlanLine,
    },
    /// A script shows a table: a list of objects with the same keys.
    Table {
        /// Its heading.
        title: &'a str,
        /// The rows.
        rows: &'a Value,
    },
    /// A script tells the operator something.
    Told {
        /// `info`, `warn` or `error`.
        level: &'a str,
        /// Where in the run.
        path: &'a str,
        /// What.
        text: &'a str,
    },
}

/// Is told what happens, from whatever task it happens in.
pub trait Observer: Send + Sync {
    /// Takes an event; it must not block.
    fn event(&self, event: Event<'_>);
}

/// Tells nobody.
pub struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}
