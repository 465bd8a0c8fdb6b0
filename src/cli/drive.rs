//! Driving a run from the terminal: progress while it goes on, its end as tables or JSON, the exit code.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::api::host::Print;
use crate::api::run::{Driver, Outcome};
use crate::api::runtime::Runtime;
use crate::api::workflow::{Mode, engine};
use crate::lua::fault::Fault;
use crate::ui::{Reporter, Terminal, error, outcome, rows};

use super::context::Context;
use super::exit::Exit;
use super::interrupt;
use super::logs::Logging;
use super::surroundings;

/// A driver with the terminal's side of it.
pub struct Drive {
    /// What drives the run.
    pub driver: Driver,
    /// What shows it.
    pub reporter: Arc<Reporter>,
    _watch: interrupt::Watch,
    /// Whether the run can be taken up later: that of a demo cannot.
    pub lasting: bool,
}

/// Makes a driver whose events show on the terminal and whose scripts print to stdout, or to stderr beside JSON.
pub async fn prepare(context: &Context) -> Result<Drive, Fault> {
    Ok(with_runtime(context, context.runtime().await?, !context.json()))
}

/// The same for a runtime that is there already; `tables` says whether a script's tables are shown as they come.
pub fn with_runtime(context: &Context, runtime: Arc<Runtime>, tables: bool) -> Drive {
    let reporter = Reporter::new(&context.terminal, tables);
    let cancel = CancellationToken::new();
    let watch = interrupt::watch(&context.terminal, Some(&reporter), &cancel);
    let observer = Logging { next: reporter.clone(), log: context.log.clone(), folder: context.logs() };
    let driver = Driver {
        runtime,
        journal: context.journal.clone(),
        observer: Arc::new(observer),
        print: print(&context.terminal, context.json()),
        cancel,
        owner: surroundings::owner(),
    };
    Drive { driver, reporter, _watch: watch, lasting: true }
}

/// Where scripts print to.
pub fn print(terminal: &Arc<Terminal>, json: bool) -> Print {
    let terminal = Arc::clone(terminal);
    Arc::new(move |line| if json { terminal.note(line) } else { terminal.data(line) })
}

impl Drive {
    /// Shows how the run ended and gives the exit code.
    pub fn finish(self, context: &Context, mode: Mode, ended: Result<Outcome, Fault>) -> Result<Exit, Fault> {
        self.reporter.finish();
        let mut outcome = ended?;
        if mode == Mode::Plan {
            outcome.resources = self.reporter.resources();
        }
        if context.json() {
            context.print_json(&self.as_json(&outcome, mode))?;
        } else {
            self.show(context, mode, &outcome);
        }
        if let Some(fault) = &outcome.fault {
            context.terminal.note(&error::render(fault, context.terminal.err()));
        }
        let exit = Exit::of_run(outcome.status, outcome.fault.as_ref(), self.reporter.untouched());
        self.farewell(context, mode, &outcome, exit);
        Ok(exit)
    }

    fn as_json(&self, outcome: &Outcome, mode: Mode) -> Value {
        let tables: Vec<Value> =
            self.reporter.tables().into_iter().map(|(title, rows)| json!({ "title": title, "rows": rows })).collect();
        let mut shown = json!({
            "run": outcome.run,
            "status": outcome.status,
            "result": outcome.result,
            "error": outcome.fault.as_ref().map(engine::describe),
            "resources": outcome.resources,
            "tables": tables,
            "seconds": self.reporter.elapsed().as_secs_f64(),
        });
        if mode == Mode::Plan {
            shown["plan"] = json!(outcome.plan);
        }
        shown
    }

    fn show(&self, context: &Context, mode: Mode, outcome: &Outcome) {
        let (terminal, width, style) = (&context.terminal, context.terminal.width(), context.terminal.out());
        let shown = !self.reporter.tables().is_empty();
        // A plan's own table says more than the rows it would become.
        let told = mode == Mode::Plan && shown;
        if !outcome.resources.is_empty() && !told {
            terminal.data(&outcome::resources(&outcome.resources, false, width, style));
        }
        if mode == Mode::Plan && !outcome.plan.is_empty() && (context.verbose > 0 || !shown) {
            terminal.data(&outcome::plan(&outcome.plan, width, style));
        }
        let nothing_else = outcome.resources.is_empty() && outcome.plan.is_empty() && !shown;
        if nothing_else && outcome.fault.is_none() && !outcome.result.is_null() && mode != Mode::Unwinding {
            terminal.data(&rows::render(&outcome.result, width, style));
        }
    }

    fn farewell(&self, context: &Context, mode: Mode, outcome: &Outcome, exit: Exit) {
        let terminal = &context.terminal;
        if mode == Mode::Plan {
            let calls = match (outcome.plan.len(), context.verbose) {
                (0, _) => String::new(),
                (count, 0) => format!("; a run would make {count} calls (-v lists them)"),
                (count, _) => format!("; a run would make {count} calls"),
            };
            terminal.note(&format!("nothing was changed{calls}"));
            return;
        }
        let Some(run) = &outcome.run else { return };
        terminal.note(&format!(
            "run {run} {}: {}",
            outcome.status,
            outcome::totals(&outcome.resources, self.reporter.elapsed())
        ));
        if !self.lasting {
            return;
        }
        if exit.is_idle() && outcome.resources.is_empty() {
            terminal.note("no object was touched; mend the cause and start again");
            return;
        }
        for line in outcome::next(run, outcome.status, terminal.err()) {
            terminal.note(&line);
        }
        if outcome.fault.is_some() {
            terminal.note(&format!("log: {}", context.logs().join(format!("{run}.log")).display()));
        }
    }
}

/// Clears the progress of a drive that had nothing to show at its end.
impl Drop for Drive {
    fn drop(&mut self) {
        self.reporter.finish();
    }
}
