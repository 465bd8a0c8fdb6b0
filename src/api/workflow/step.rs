//! One step: intent before effect, `find` before a second try, value after it.

use std::sync::Arc;
use std::time::Duration;

use mlua::{Function, Table, UserData, UserDataFields, UserDataMethods, Value as LuaValue};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::api::observer::Event;
use crate::journal::{StepRow, StepState};
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};

use super::engine::{Engine, Mode, Undo};
use super::{scope, value};

/// What a script says of a step.
pub struct Spec {
    find: Option<Function>,
    run: Function,
    undo: Option<Function>,
    digest: Option<String>,
    retry: u32,
}

const RETRY_PAUSE: Duration = Duration::from_secs(2);

impl Spec {
    /// Reads `fn` or `{ find =, run =, undo =, input =, retry = }`.
    pub fn read(value: LuaValue) -> Result<Self, Fault> {
        let table = match value {
            LuaValue::Function(run) => return Ok(Self { find: None, run, undo: None, digest: None, retry: 0 }),
            LuaValue::Table(table) => table,
            other => {
                let message = format!("a step is a function or a table with `run`, not {}", other.type_name());
                return Err(Fault::new(Kind::Invalid, message));
            }
        };
        bind::options(&table, &["find", "run", "undo", "input", "retry"], "step")?;
        let read = |name: &str| table.get::<Option<Function>>(name).map_err(Fault::from);
        Ok(Self {
            find: read("find")?,
            run: read("run")?.ok_or_else(|| Fault::new(Kind::Invalid, "a step needs `run`, a function"))?,
            undo: read("undo")?,
            digest: digest(&table)?,
            retry: table.get::<Option<u32>>("retry")?.unwrap_or(0),
        })
    }
}

fn digest(table: &Table) -> Result<Option<String>, Fault> {
    match table.get::<LuaValue>("input")? {
        LuaValue::Nil => Ok(None),
        input => Ok(Some(hex::encode(&Sha256::digest(value::to_json(&input)?.to_string())[..8]))),
    }
}

/// What `run`, `find` and `undo` are given: the step's tag, key, attempt, and where to report progress.
#[derive(Clone)]
pub struct StepHandle {
    pub(super) engine: Arc<Engine>,
    pub(super) key: String,
    pub(super) attempt: u32,
}

impl UserData for StepHandle {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_field_method_get("tag", |_, this| Ok(this.engine.tag(&this.key)));
        fields.add_field_method_get("key", |_, this| Ok(this.key.clone()));
        fields.add_field_method_get("attempt", |_, this| Ok(this.attempt));
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method("progress", |_, this, (done, total): (u64, Option<u64>)| {
            this.engine.observer.event(Event::Progress { key: &this.key, done, total });
            Ok(())
        });
    }
}

/// Runs a step, or gives back what the journal holds of it.
pub async fn run(engine: &Arc<Engine>, path: &str, name: &str, spec: Spec) -> Result<LuaValue, Fault> {
    let key = engine.key(path, name);
    let known = engine.known(&key);
    match (engine.mode, known) {
        (Mode::Plan, _) => execute(engine, &key, &spec, 1).await,
        (_, Some(row)) if row.state == StepState::Done => {
            let value = recall(engine, &spec, &row)?;
            register(engine, &key, &spec, row.seq, &value);
            Ok(value)
        }
        // Taken back in an earlier, interrupted undo: its value still leads to the steps that followed it.
        (Mode::Unwinding, Some(row)) if row.state == StepState::Undone => recall(engine, &spec, &row),
        (Mode::Unwinding, Some(row)) => settle(engine, &key, &spec, &row).await,
        (Mode::Unwinding, None) => Err(unwinding()),
        (Mode::Forward, known) => advance(engine, &key, &spec, known).await,
    }
}

/// The signal that ends a branch while undoing: nothing new is begun.
fn unwinding() -> Fault {
    Fault::new(Kind::Unwinding, "the run is being undone; nothing new is begun")
}

fn recall(engine: &Arc<Engine>, spec: &Spec, row: &StepRow) -> Result<LuaValue, Fault> {
    if let (Some(now), Some(then)) = (&spec.digest, &row.digest)
        && now != then
    {
        return Err(Fault::new(
            Kind::JournalMismatch,
            format!("step {} was done with another input than it has now", row.key),
        )
        .hint("undo the run with the script it was made with, or start a new run"));
    }
    value::to_lua(engine.vm.lua(), &engine.runtime, row.out.as_ref().unwrap_or(&Value::Null))
}

fn register(engine: &Arc<Engine>, key: &str, spec: &Spec, seq: u64, value: &LuaValue) {
    if let Some(function) = &spec.undo {
        let undo = Undo { key: key.to_owned(), seq, function: function.clone(), value: value.clone() };
        engine.register_undo(undo);
    }
}

/// A step that was begun before the undo: finds out whether its effect happened.
async fn settle(engine: &Arc<Engine>, key: &str, spec: &Spec, row: &StepRow) -> Result<LuaValue, Fault> {
    let found = look(engine, key, spec, row.attempt).await?;
    if found != LuaValue::Nil {
        let out = value::to_json(&found)?;
        let seq = engine.end_step(key, StepState::Done, Some(&out), None).await?;
        register(engine, key, spec, seq, &found);
        return Ok(found);
    }
    if spec.find.is_none() {
        // Nobody can tell; an undo without a value has to work from what is there.
        register(engine, key, spec, row.seq, &LuaValue::Nil);
    }
    Err(unwinding())
}

async fn look(engine: &Arc<Engine>, key: &str, spec: &Spec, attempt: u32) -> Result<LuaValue, Fault> {
    let Some(find) = &spec.find else { return Ok(LuaValue::Nil) };
    let handle = StepHandle { engine: Arc::clone(engine), key: key.to_owned(), attempt };
    first(engine.vm.call(scope::look(key), find, handle).await?)
}

async fn advance(engine: &Arc<Engine>, key: &str, spec: &Spec, known: Option<StepRow>) -> Result<LuaValue, Fault> {
    if let Some(row) = known {
        let found = look(engine, key, spec, row.attempt).await?;
        if found != LuaValue::Nil {
            let out = value::to_json(&found)?;
            let seq = engine.end_step(key, StepState::Done, Some(&out), None).await?;
            engine.observer.event(Event::StepFound { key });
            register(engine, key, spec, seq, &found);
            return Ok(found);
        }
    }
    let mut tries = 0;
    loop {
        let attempt = engine.begin_step(key, spec.digest.as_deref()).await?;
        match execute(engine, key, spec, attempt).await {
            Ok(result) => {
                let out = value::to_json(&result)?;
                let seq = engine.end_step(key, StepState::Done, Some(&out), None).await?;
                register(engine, key, spec, seq, &result);
                return Ok(result);
            }
            Err(fault) => {
                engine.end_step(key, StepState::Failed, None, Some(&fault)).await?;
                if tries >= spec.retry || !fault.kind.retryable() {
                    return Err(fault);
                }
                tries += 1;
                tokio::time::sleep(RETRY_PAUSE * tries).await;
                let found = look(engine, key, spec, attempt).await?;
                if found != LuaValue::Nil {
                    let seq = engine.end_step(key, StepState::Done, Some(&value::to_json(&found)?), None).await?;
                    register(engine, key, spec, seq, &found);
                    return Ok(found);
                }
            }
        }
    }
}

async fn execute(engine: &Arc<Engine>, key: &str, spec: &Spec, attempt: u32) -> Result<LuaValue, Fault> {
    engine.observer.event(Event::StepStarted { key, attempt });
    let handle = StepHandle { engine: Arc::clone(engine), key: key.to_owned(), attempt };
    let outcome = match engine.vm.call(scope::step(engine, key), &spec.run, handle).await {
        Ok(values) => first(values),
        Err(fault) => Err(fault),
    };
    match &outcome {
        Ok(_) => engine.observer.event(Event::StepDone { key }),
        Err(fault) => engine.observer.event(Event::StepFailed { key, fault }),
    }
    outcome
}

fn first(values: mlua::MultiValue) -> Result<LuaValue, Fault> {
    Ok(values.into_iter().next().unwrap_or(LuaValue::Nil))
}
