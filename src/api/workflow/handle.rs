//! `w`, the workflow handle that a script's `run` is given.

use std::sync::Arc;

use mlua::{Function, Lua, Table, UserData, UserDataFields, UserDataMethods, UserDataRef, Value as LuaValue};

use crate::api::fault;
use crate::api::observer::Event;
use crate::journal::ResourceRow;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};

use super::engine::{Engine, Mode};
use super::step::{self, Spec};
use super::{graph, hooks, value};

/// A place inside a run: the engine and the path of names that leads here.
#[derive(Clone)]
pub struct Workflow {
    pub(super) engine: Arc<Engine>,
    pub(super) path: String,
}

impl Workflow {
    /// The handle for the top of a run.
    pub fn top(engine: Arc<Engine>) -> Self {
        Self { engine, path: String::new() }
    }

    pub(super) fn child(&self, name: &str) -> Self {
        Self { engine: Arc::clone(&self.engine), path: self.engine.key(&self.path, name) }
    }
}

impl UserData for Workflow {
    fn add_fields<F: UserDataFields<Self>>(fields: &mut F) {
        fields.add_field_method_get("run_id", |_, this| Ok(this.engine.run.clone()));
        fields.add_field_method_get("path", |_, this| Ok(this.path.clone()));
        fields.add_field_method_get("planning", |_, this| Ok(this.engine.mode == Mode::Plan));
        fields.add_field_method_get("unwinding", |_, this| Ok(this.engine.mode == Mode::Unwinding));
    }

    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_async_method("step", |_, this: UserDataRef<Self>, (name, spec): (String, LuaValue)| {
            let this = this.clone();
            bind::guarded(async move { step::run(&this.engine, &this.path, &name, Spec::read(spec)?).await })
        });
        methods.add_async_method(
            "graph",
            |lua, this: UserDataRef<Self>, (items, options, body): (Table, Table, Function)| {
                let this = this.clone();
                bind::guarded(async move { graph::run(&lua, &this, &items, &options, &body).await })
            },
        );
        methods.add_async_method(
            "parallel",
            |lua, this: UserDataRef<Self>, (name, items, options, body): (String, Table, Table, Function)| {
                let this = this.clone();
                bind::guarded(async move { graph::parallel(&lua, &this, &name, &items, &options, &body).await })
            },
        );
        methods.add_async_method("hook", |_, this: UserDataRef<Self>, (name, payload): (String, LuaValue)| {
            let this = this.clone();
            bind::guarded(async move { hooks::run(&this, &name, payload).await })
        });
        methods.add_async_method("commit", |_, this: UserDataRef<Self>, name: String| {
            let this = this.clone();
            bind::guarded(async move { commit(&this, &name).await })
        });
        methods.add_async_method("now", |lua, this: UserDataRef<Self>, (): ()| {
            let this = this.clone();
            bind::guarded(async move { once(&lua, &this, "now", || jiff::Timestamp::now().to_string()).await })
        });
        methods.add_async_method("id", |lua, this: UserDataRef<Self>, (): ()| {
            let this = this.clone();
            bind::guarded(async move { once(&lua, &this, "id", || uuid::Uuid::new_v4().to_string()).await })
        });
        methods.add_async_method("record", |_, this: UserDataRef<Self>, row: Table| {
            let this = this.clone();
            bind::guarded(async move { record(&this, &row).await })
        });
        methods.add_method("show", |_, this, (title, rows): (String, LuaValue)| {
            let rows = value::to_json(&rows).map_err(Fault::into_lua)?;
            this.engine.observer.event(Event::Table { title: &title, rows: &rows });
            Ok(())
        });
        methods.add_async_method("tell", |_, this: UserDataRef<Self>, (text, level): (String, Option<String>)| {
            let this = this.clone();
            bind::guarded(async move { tell(&this, &text, level.as_deref().unwrap_or("info")).await })
        });
    }
}

/// A value that is made once in a run and is the same after every resume.
async fn once(
    lua: &Lua,
    this: &Workflow,
    name: &str,
    make: impl Fn() -> String + Send + 'static,
) -> Result<LuaValue, Fault> {
    let function = lua.create_function(move |_, _: LuaValue| Ok(make()))?;
    step::run(&this.engine, &this.path, name, Spec::read(LuaValue::Function(function))?).await
}

/// The pivot: once it is journaled, the run only goes forward.
async fn commit(this: &Workflow, name: &str) -> Result<(), Fault> {
    let key = this.engine.key(&this.path, &format!("commit:{name}"));
    let Some(journal) = this.engine.journal() else { return Ok(()) };
    if this.engine.known(&key).is_some() {
        return Ok(());
    }
    if this.engine.mode == Mode::Unwinding {
        return Err(Fault::new(Kind::Unwinding, "the run is being undone; nothing new is begun"));
    }
    journal.start_step(&this.engine.run, &key, None).await.map_err(fault::journal)?;
    this.engine.end_step(&key, crate::journal::StepState::Done, None, None).await.map(drop)
}

async fn record(this: &Workflow, row: &Table) -> Result<(), Fault> {
    const KEYS: [&str; 8] = ["kind", "name", "source", "source_id", "target", "target_id", "state", "reason"];
    bind::options(row, &KEYS, "record")?;
    let text = |key: &str| row.get::<Option<String>>(key).map_err(Fault::from);
    let row = ResourceRow {
        run: this.engine.run.clone(),
        kind: text("kind")?.unwrap_or_default(),
        name: text("name")?.unwrap_or_default(),
        source_cloud: text("source")?.unwrap_or_default(),
        source_id: text("source_id")?.unwrap_or_default(),
        target_cloud: text("target")?.unwrap_or_default(),
        target_id: text("target_id")?,
        state: text("state")?.unwrap_or_default(),
        reason: text("reason")?,
        updated: String::new(),
    };
    this.engine.observer.event(Event::Resource { row: &row });
    match this.engine.journal() {
        Some(journal) if this.engine.mode == Mode::Forward => journal.record(&row).await.map_err(fault::journal),
        _ => Ok(()),
    }
}

async fn tell(this: &Workflow, text: &str, level: &str) -> Result<(), Fault> {
    this.engine.observer.event(Event::Told { level, path: &this.path, text });
    match this.engine.journal() {
        Some(journal) if this.engine.mode != Mode::Plan => {
            journal.tell(&this.engine.run, level, &this.path, text).await.map_err(fault::journal)
        }
        _ => Ok(()),
    }
}
