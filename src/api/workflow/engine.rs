//! The state of one run: its mode, what the journal knows of its steps, what is to be undone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mlua::{Function, Value as LuaValue};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::api::fault;
use crate::api::observer::Observer;
use crate::api::runtime::Runtime;
use crate::journal::{Journal, StepRow, StepState};
use crate::lua::fault::Fault;
use crate::lua::vm::Vm;

use super::gate::PlanLine;

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Steps run, or return what the journal holds.
    Forward,
    /// Nothing new starts; what was done registers its undo.
    Unwinding,
    /// Nothing changes; writes become plan lines.
    Plan,
}

/// One effect that can be taken back.
pub(super) struct Undo {
    pub key: String,
    pub seq: u64,
    pub function: Function,
    pub value: LuaValue,
}

/// One run of a workflow.
pub struct Engine {
    /// The run's id.
    pub run: String,
    /// What the run is doing.
    pub mode: Mode,
    /// The interpreter that drives it.
    pub vm: Vm,
    /// Clouds, site, journal.
    pub runtime: Arc<Runtime>,
    /// Whom to tell what happens.
    pub observer: Arc<dyn Observer>,
    /// The writes a plan would do.
    pub lines: Arc<Mutex<Vec<PlanLine>>>,
    journal: Option<Journal>,
    known: Mutex<HashMap<String, StepRow>>,
    used: Mutex<HashMap<String, u32>>,
    undos: Mutex<Vec<Undo>>,
    serial: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Makes the engine of a run; a plan has no journal.
    pub async fn new(
        run: String,
        mode: Mode,
        vm: Vm,
        runtime: Arc<Runtime>,
        journal: Option<Journal>,
        observer: Arc<dyn Observer>,
    ) -> Result<Arc<Self>, Fault> {
        let steps = match &journal {
            Some(journal) => journal.steps(&run).await.map_err(fault::journal)?,
            None => Vec::new(),
        };
        Ok(Arc::new(Self {
            run,
            mode,
            vm,
            runtime,
            observer,
            lines: Arc::default(),
            journal,
            known: Mutex::new(steps.into_iter().map(|step| (step.key.clone(), step)).collect()),
            used: Mutex::default(),
            undos: Mutex::default(),
            serial: AtomicU64::new(1 << 40),
        }))
    }

    /// The journal, where the run has one.
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// What the journal knows of a step.
    pub(super) fn known(&self, key: &str) -> Option<StepRow> {
        lock(&self.known).get(key).cloned()
    }

    /// The key of a step: its path, numbered from the second use on.
    pub(super) fn key(&self, path: &str, name: &str) -> String {
        let key = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
        let mut used = lock(&self.used);
        let count = used.entry(key.clone()).and_modify(|count| *count += 1).or_insert(1);
        if *count == 1 { key } else { format!("{key}#{count}") }
    }

    /// The mark that everything made by a step carries, short enough for a server tag (60 characters).
    pub(super) fn tag(&self, key: &str) -> String {
        format!("moonferry:{}:{}", self.run, &hex::encode(Sha256::digest(key.as_bytes()))[..12])
    }

    pub(super) async fn begin_step(&self, key: &str, digest: Option<&str>) -> Result<u32, Fault> {
        match &self.journal {
            Some(journal) => journal.start_step(&self.run, key, digest).await.map_err(fault::journal),
            None => Ok(1),
        }
    }

    /// Journals the end of a step and answers its place in the order of changes.
    pub(super) async fn end_step(
        &self,
        key: &str,
        state: StepState,
        out: Option<&Value>,
        error: Option<&Fault>,
    ) -> Result<u64, Fault> {
        let error = error.map(describe);
        match &self.journal {
            Some(journal) => journal.end_step(&self.run, key, state, out, error.as_ref()).await.map_err(fault::journal),
            None => Ok(self.serial.fetch_add(1, Ordering::Relaxed)),
        }
    }

    pub(super) fn register_undo(&self, undo: Undo) {
        lock(&self.undos).push(undo);
    }

    /// Hands over what is to be undone, the latest effect first.
    pub(super) fn take_undos(&self) -> Vec<Undo> {
        let mut undos = std::mem::take(&mut *lock(&self.undos));
        undos.sort_by_key(|undo| std::cmp::Reverse(undo.seq));
        undos
    }

    /// The steps that were done but that the replayed scripts no longer lead to, so that nobody can take them back.
    pub(super) fn unreached(&self) -> Vec<String> {
        let used = lock(&self.used);
        let mut keys: Vec<String> = lock(&self.known)
            .values()
            .filter(|step| step.state == StepState::Done && !step.key.contains('#') && !used.contains_key(&step.key))
            .map(|step| step.key.clone())
            .collect();
        keys.sort();
        keys
    }

    /// The writes that a plan would do, so far.
    pub fn plan_lines(&self) -> Vec<PlanLine> {
        lock(&self.lines).clone()
    }
}

/// A fault as the journal keeps it.
pub fn describe(fault: &Fault) -> Value {
    serde_json::json!({
        "kind": fault.kind.name(),
        "message": fault.message,
        "hint": fault.hint,
        "status": fault.status,
        "request_id": fault.request_id,
        "at": fault.frames.iter().map(|frame| format!("{}:{}", frame.chunk, frame.line)).collect::<Vec<_>>(),
    })
}
