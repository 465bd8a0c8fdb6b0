//! Drives a workflow: starts, resumes and undoes runs, or plans one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use mlua::Value as LuaValue;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::api::observer::{Event, Observer};
use crate::api::runtime::Runtime;
use crate::api::workflow::engine::describe;
use crate::api::workflow::input::{self, Input};
use crate::api::workflow::{Definition, Engine, Mode, PlanLine, Workflow, scope, unwind, value};
use crate::api::{fault, host, script, stdlib};
use crate::base::ids;
use crate::journal::{Journal, Lease, ResourceRow, RunRow, RunStatus};
use crate::lua::fault::{Fault, Kind};
use crate::lua::scope::{self as lua_scope, Scope};
use crate::lua::vm::Vm;

/// What to start.
pub struct Start {
    /// A workflow's name, or the path of a Lua file.
    pub workflow: String,
    /// The inputs as flags, as the operator gave them.
    pub flags: Vec<String>,
    /// `Forward` or `Plan`.
    pub mode: Mode,
}

/// How a run ended.
pub struct Outcome {
    /// The run's id; plans and plain scripts have none.
    pub run: Option<String>,
    /// Where it stands now.
    pub status: RunStatus,
    /// What the workflow returned.
    pub result: Value,
    /// What ended it, where it did not come to its end.
    pub fault: Option<Fault>,
    /// What became of each object.
    pub resources: Vec<ResourceRow>,
    /// The writes that a plan found.
    pub plan: Vec<PlanLine>,
}

/// What help shows of a workflow.
pub struct Description {
    /// The name it goes by.
    pub name: String,
    /// One line.
    pub summary: String,
    /// Its inputs, the required ones first.
    pub inputs: Vec<Input>,
    /// Command lines to learn from.
    pub examples: Vec<String>,
}

/// Everything a run needs from outside.
pub struct Driver {
    /// Clouds, site, hooks.
    pub runtime: Arc<Runtime>,
    /// Where runs are recorded.
    pub journal: PathBuf,
    /// Whom to tell what happens.
    pub observer: Arc<dyn Observer>,
    /// Where scripts print to.
    pub print: host::Print,
    /// Ends the run at the next await point.
    pub cancel: CancellationToken,
    /// Names this process in the journal.
    pub owner: String,
}

/// A run that is about to be driven: its engine, its definition, and the right to drive it.
struct Drive {
    engine: Arc<Engine>,
    definition: Definition,
    input: Map<String, Value>,
    _lease: Option<Lease>,
}

impl Driver {
    /// Lists the workflows of the site and of the program, with their summaries.
    pub async fn workflows(&self) -> Result<Vec<(String, String)>, Fault> {
        let mut names: Vec<String> = stdlib::workflows().map(|(name, _)| name.to_owned()).collect();
        names.extend(script::site_workflows(self.runtime.site.directory.as_deref()));
        names.sort();
        names.dedup();
        let mut list = Vec::new();
        for name in names {
            let summary = self.describe(&name).await?.summary;
            list.push((name, summary));
        }
        Ok(list)
    }

    /// Returns what a workflow is and takes.
    pub async fn describe(&self, workflow: &str) -> Result<Description, Fault> {
        let (_vm, value) = self.load(workflow).await?;
        match Definition::of(&value)? {
            Some(definition) => Ok(Description {
                name: definition.name,
                summary: definition.summary,
                inputs: definition.input,
                examples: definition.examples,
            }),
            None => Ok(Description {
                name: workflow.to_owned(),
                summary: "a plain script".into(),
                inputs: Vec::new(),
                examples: Vec::new(),
            }),
        }
    }

    /// Starts a workflow, or plans it. A plain script runs while it is loaded and is not journaled.
    pub async fn start(&self, start: Start) -> Result<Outcome, Fault> {
        let plan_lines = Arc::default();
        let loading = match start.mode {
            Mode::Plan => Scope { gate: scope::plan(&self.observer, &plan_lines), ..self.root() },
            Mode::Forward | Mode::Unwinding => self.root(),
        };
        let (vm, value) = self.load_in(&start.workflow, loading).await?;
        let Some(definition) = Definition::of(&value)? else {
            return Ok(plain_outcome(value::to_json(&value)?, scope::lines(&plan_lines)));
        };
        let declares = |name: &str| definition.input.iter().any(|input| input.name == name);
        let site = self.runtime.site.inputs(&definition.name, declares);
        let input = input::collect(&definition.input, &start.flags, &site)?;
        let (run, journal, lease) = match start.mode {
            Mode::Plan => ("plan".to_owned(), None, None),
            Mode::Forward | Mode::Unwinding => {
                let journal = self.open_journal()?;
                let row = self.row(&start.workflow, &input)?;
                let lease = journal.lease(&row.id, &self.owner).map_err(fault::journal)?;
                journal.begin(&row).await.map_err(fault::journal)?;
                (row.id, Some(journal), Some(lease))
            }
        };
        let engine = self.engine(run, start.mode, vm, journal).await?;
        self.drive(Drive { engine, definition, input, _lease: lease }, &start.workflow).await
    }

    /// Goes on with a run that failed, was interrupted, or was killed.
    pub async fn resume(&self, run: &str, accept_changes: bool) -> Result<Outcome, Fault> {
        let (journal, row) = self.find(run).await?;
        match row.status {
            RunStatus::Done => return Err(refused(&row, "came to its end; there is nothing to resume")),
            RunStatus::Undone => return Err(refused(&row, "was undone; start a new run instead")),
            RunStatus::Unwinding => return Err(refused(&row, "is being undone; finish that with `moonferry undo`")),
            RunStatus::Running | RunStatus::Interrupted | RunStatus::Failed => {}
        }
        self.take_up(journal, row, Mode::Forward, accept_changes).await
    }

    /// Takes back what a run made, the latest first.
    pub async fn undo(&self, run: &str, accept_changes: bool) -> Result<Outcome, Fault> {
        let (journal, row) = self.find(run).await?;
        if row.status == RunStatus::Undone {
            return Err(refused(&row, "is undone already"));
        }
        let steps = journal.steps(&row.id).await.map_err(fault::journal)?;
        if let Some(commit) = steps.iter().find_map(|step| step.key.rsplit('/').next()?.strip_prefix("commit:")) {
            return Err(refused(&row, &format!("passed its pivot '{commit}', after which it only goes forward")));
        }
        self.take_up(journal, row, Mode::Unwinding, accept_changes).await
    }

    async fn take_up(&self, journal: Journal, row: RunRow, mode: Mode, accept_changes: bool) -> Result<Outcome, Fault> {
        let lease = journal.lease(&row.id, &self.owner).map_err(fault::journal)?;
        let hash = script::hash(&row.workflow, self.runtime.site.directory.as_deref())?;
        if hash != row.script_hash && !accept_changes {
            return Err(refused(&row, "was made with other scripts than the ones here now")
                .hint("give --accept-changes to go on with the changed scripts; steps that are done stay done"));
        }
        let (vm, value) = self.load(&row.workflow).await?;
        let definition =
            Definition::of(&value)?.ok_or_else(|| refused(&row, "was made by a file that defines no workflow now"))?;
        let status = if mode == Mode::Unwinding { RunStatus::Unwinding } else { RunStatus::Running };
        journal.take_up(&row.id, &self.owner, status, &hash).await.map_err(fault::journal)?;
        let input = row.input.as_object().cloned().unwrap_or_default();
        let engine = self.engine(row.id, mode, vm, Some(journal)).await?;
        self.drive(Drive { engine, definition, input, _lease: Some(lease) }, &row.workflow).await
    }

    async fn drive(&self, drive: Drive, workflow: &str) -> Result<Outcome, Fault> {
        let engine = &drive.engine;
        self.observer.event(Event::Run { run: &engine.run, workflow, mode: engine.mode });
        let body = self.body(&drive).await;
        let (status, result, fault) = match (engine.mode, body) {
            (Mode::Unwinding, body) => self.unwind(engine, body).await,
            (_, Ok(result)) => (RunStatus::Done, result, None),
            (_, Err(fault)) if fault.kind == Kind::Cancelled => (RunStatus::Interrupted, Value::Null, Some(fault)),
            (_, Err(fault)) => (RunStatus::Failed, Value::Null, Some(fault)),
        };
        let mut resources = Vec::new();
        if let Some(journal) = engine.journal() {
            let error = fault.as_ref().map(describe);
            journal.set_status(&engine.run, status, error.as_ref(), Some(&result)).await.map_err(fault::journal)?;
            resources = journal.resources(Some(&engine.run), None).await.map_err(fault::journal)?;
        }
        let run = engine.journal().map(|_| engine.run.clone());
        Ok(Outcome { run, status, result, fault, resources, plan: engine.plan_lines() })
    }

    async fn body(&self, drive: &Drive) -> Result<Value, Fault> {
        let engine = &drive.engine;
        let input = crate::lua::bind::json_to_lua(engine.vm.lua(), &Value::Object(drive.input.clone()))?;
        let top = lua_scope::with(self.root(), async { scope::body(engine, "") }).await;
        let values = engine.vm.call(top, &drive.definition.run, (Workflow::top(Arc::clone(engine)), input)).await?;
        value::to_json(&values.into_iter().next().unwrap_or(LuaValue::Nil))
    }

    /// Ends an undo: whatever the body ended with, what it registered is taken back.
    async fn unwind(&self, engine: &Arc<Engine>, body: Result<Value, Fault>) -> (RunStatus, Value, Option<Fault>) {
        match body {
            Err(fault) if fault.kind == Kind::Cancelled || fault.kind == Kind::JournalMismatch => {
                return (RunStatus::Unwinding, Value::Null, Some(fault));
            }
            // The run may have failed where it fails again now; its effects are registered all the same.
            Ok(_) | Err(_) => {}
        }
        let undone = lua_scope::with(self.root(), unwind(engine)).await;
        match undone {
            Ok(count) => {
                if let Some(journal) = engine.journal()
                    && let Err(error) = journal.resources_undone(&engine.run).await
                {
                    return (RunStatus::Unwinding, Value::Null, Some(fault::journal(error)));
                }
                (RunStatus::Undone, json!({ "undone": count }), None)
            }
            Err(fault) => (RunStatus::Unwinding, Value::Null, Some(fault)),
        }
    }

    fn root(&self) -> Scope {
        Scope::root(self.cancel.clone())
    }

    async fn load(&self, workflow: &str) -> Result<(Vm, LuaValue), Fault> {
        self.load_in(workflow, self.root()).await
    }

    async fn load_in(&self, workflow: &str, scope: Scope) -> Result<(Vm, LuaValue), Fault> {
        let script = script::find(workflow, self.runtime.site.directory.as_deref())?;
        let vm = host::build(&self.runtime, Arc::clone(&self.print)).await?;
        let chunk = vm.load(&script.chunk, &script.source)?;
        let values = vm.call(scope, &chunk, ()).await?;
        Ok((vm, values.into_iter().next().unwrap_or(LuaValue::Nil)))
    }

    fn open_journal(&self) -> Result<Journal, Fault> {
        Journal::open(&self.journal).map_err(fault::journal)
    }

    async fn find(&self, run: &str) -> Result<(Journal, RunRow), Fault> {
        let journal = self.open_journal()?;
        let row = journal.run(run).await.map_err(fault::journal)?;
        Ok((journal, row))
    }

    async fn engine(&self, run: String, mode: Mode, vm: Vm, journal: Option<Journal>) -> Result<Arc<Engine>, Fault> {
        Engine::new(run, mode, vm, Arc::clone(&self.runtime), journal, Arc::clone(&self.observer)).await
    }

    fn row(&self, workflow: &str, input: &Map<String, Value>) -> Result<RunRow, Fault> {
        let directory = self.runtime.site.directory.as_deref();
        Ok(RunRow {
            id: ids::run_id(),
            workflow: script::stable_name(workflow),
            input: Value::Object(input.clone()),
            site: directory.map(Path::display).map(|path| path.to_string()),
            status: RunStatus::Running,
            script_hash: script::hash(workflow, directory)?,
            owner: self.owner.clone(),
            error: None,
            result: None,
            created: String::new(),
            updated: String::new(),
        })
    }
}

fn refused(row: &RunRow, why: &str) -> Fault {
    Fault::new(Kind::Refused, format!("run {} {why}", row.id))
}

fn plain_outcome(result: Value, plan: Vec<PlanLine>) -> Outcome {
    Outcome { run: None, status: RunStatus::Done, result, fault: None, resources: Vec::new(), plan }
}
