//! Structured concurrency: `parallel`, `race`, `timeout`, `shield`, `sleep`. Every function runs as a coroutine of its own
//! in a scope below its caller's; nobody returns before all it started has settled.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use mlua::{Function, IntoLua, Lua, MultiValue, Table, Value};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::bind::{Inside, duration, guarded, options};
use super::fault::{Fault, Kind};
use super::host::Host;
use super::scope::{self, OVERDUE, Scope};
use crate::base;

tokio::task_local! {
    /// How often the running task caught `cancelled` and went on.
    static SWALLOWED: AtomicUsize;
}

/// Counts that the running task caught `cancelled`, and says how often it did before.
pub(crate) fn swallowed() -> usize {
    SWALLOWED.try_with(|count| count.fetch_add(1, Ordering::Relaxed)).unwrap_or(0)
}

/// Runs a function as a task: `Ok` with its results or `Err` with the very value it raised.
///
/// `xpcall` is the coroutine's bottom frame: an error unwinds to it inside the coroutine, and only so may the
/// to-be-closed variables on its way wait for something.
pub(crate) async fn run(host: &Host, scope: Scope, f: &Function, args: MultiValue) -> Result<MultiValue, Value> {
    let mut call = args;
    call.push_front(Value::Function(host.handler.clone()));
    call.push_front(Value::Function(f.clone()));
    let _inside = Inside::enter();
    let ended =
        SWALLOWED.scope(AtomicUsize::new(0), scope::with(scope, host.xpcall.call_async::<MultiValue>(call))).await;
    let mut values = ended.map_err(|error| Value::Error(Box::new(error)))?;
    match values.pop_front() {
        Some(Value::Boolean(true)) => Ok(values),
        _ => Err(values.pop_front().unwrap_or(Value::Nil)),
    }
}

/// Puts the functions into the table that the prelude builds on.
pub(crate) fn install(lua: &Lua, to: &Table) -> mlua::Result<()> {
    lua.globals().raw_set("sleep", lua.create_async_function(sleep)?)?;
    to.raw_set("timeout", lua.create_async_function(timeout)?)?;
    to.raw_set("shield", lua.create_async_function(shield)?)?;
    to.raw_set("race", lua.create_async_function(race)?)?;
    to.raw_set("parallel", lua.create_async_function(parallel)?)
}

async fn sleep(_: Lua, length: Value) -> mlua::Result<()> {
    let length = duration(&length).map_err(|fault| named("sleep", fault).into_lua())?;
    guarded(async move {
        tokio::time::sleep(length).await;
        Ok(())
    })
    .await
}

async fn shield(lua: Lua, (f, args): (Function, MultiValue)) -> mlua::Result<MultiValue> {
    let scope = Scope { cancel: CancellationToken::new(), deadline: None, ..scope::current() };
    answer(&lua, run(&*Host::of(&lua)?, scope, &f, args).await)
}

async fn timeout(lua: Lua, (limit, f, args): (Value, Function, MultiValue)) -> mlua::Result<MultiValue> {
    let limit = duration(&limit).map_err(|fault| named("timeout", fault).into_lua())?;
    let outer = scope::current();
    let end = Instant::now() + limit;
    let ours = outer.deadline.is_none_or(|sooner| end < sooner);
    let scope = Scope { deadline: Some(if ours { end } else { outer.deadline.unwrap_or(end) }), ..outer.child() };
    let mut ended = run(&*Host::of(&lua)?, scope, &f, args).await;
    if let Err(Value::Error(error)) = &ended
        && ours
    {
        let mut fault = Fault::from_lua(error);
        if fault.kind == Kind::Timeout && fault.message == OVERDUE {
            fault.message = format!("timed out after {}", base::duration::format(limit));
            ended = Err(Value::Error(Box::new(fault.into_lua())));
        }
    }
    answer(&lua, ended)
}

async fn race(lua: Lua, functions: Vec<Function>) -> mlua::Result<MultiValue> {
    let host = Host::of(&lua)?;
    let scope = scope::current().child();
    let mut running: FuturesUnordered<_> =
        functions.iter().map(|f| run(&host, scope.clone(), f, MultiValue::new())).collect();
    let Some(first) = running.next().await else {
        return Err(Fault::new(Kind::Invalid, "race: needs at least one function").into_lua());
    };
    scope.cancel.cancel();
    while running.next().await.is_some() {}
    drop(running);
    answer(&lua, first)
}

/// What a caller of `parallel` asked for.
struct Plan {
    limit: usize,
    collect: bool,
}

impl Plan {
    fn read(table: &Table) -> Result<Self, Fault> {
        options(table, &["limit", "on_error"], "parallel")?;
        let limit = match table.get::<Value>("limit")? {
            Value::Nil => usize::MAX,
            Value::Integer(limit) if limit >= 1 => usize::try_from(limit).unwrap_or(usize::MAX),
            _ => return Err(Fault::new(Kind::Invalid, "parallel: limit must be a whole number from 1")),
        };
        let collect = match table.get::<Option<String>>("on_error")?.as_deref() {
            None | Some("raise") => false,
            Some("collect") => true,
            Some(other) => {
                let near = base::suggest::hint(other, ["raise", "collect"]);
                let message = format!("parallel: on_error must be \"raise\" or \"collect\", not {other:?}{near}");
                return Err(Fault::new(Kind::Invalid, message));
            }
        };
        Ok(Self { limit, collect })
    }
}

async fn parallel(lua: Lua, (list, options, f): (Table, Table, Function)) -> mlua::Result<MultiValue> {
    let plan = Plan::read(&options)?;
    let host = Host::of(&lua)?;
    let scope = scope::current().child();
    let count = list.raw_len();
    let results = lua.create_table_with_capacity(count, 0)?;
    let mut failures = Vec::new();
    let mut first = None;
    let mut running = FuturesUnordered::new();
    let mut next = 1;
    loop {
        while first.is_none() && next <= count && running.len() < plan.limit {
            if let Err(fault) = scope.check() {
                first = Some(raised(fault));
                break;
            }
            let (at, item): (usize, Value) = (next, list.raw_get(next)?);
            next += 1;
            let args = MultiValue::from_iter([item, Value::Integer(at as i64)]);
            let task = run(&host, scope.clone(), &f, args);
            running.push(async move { (at, task.await) });
        }
        match running.next().await {
            None => break,
            Some((at, Ok(mut values))) => results.raw_set(at, values.pop_front().unwrap_or(Value::Nil))?,
            Some((at, Err(error))) if plan.collect && !ends_all(&error, &scope) => failures.push((at, error)),
            Some((_, Err(error))) => {
                first.get_or_insert(error);
                scope.cancel.cancel();
            }
        }
    }
    match (first, plan.collect) {
        (Some(error), _) => answer(&lua, Err(error)),
        (None, false) => answer(&lua, Ok(MultiValue::from_iter([Value::Table(results)]))),
        (None, true) => collected(&lua, &list, count, &results, failures),
    }
}

/// The results without gaps, so that `#` and `ipairs` see all of them, and what failed with its index and item.
fn collected(
    lua: &Lua,
    list: &Table,
    count: usize,
    results: &Table,
    mut failures: Vec<(usize, Value)>,
) -> mlua::Result<MultiValue> {
    let good = lua.create_table()?;
    for at in 1..=count {
        match results.raw_get::<Value>(at)? {
            Value::Nil => {}
            value => good.raw_push(value)?,
        }
    }
    failures.sort_by_key(|(at, _)| *at);
    let bad = lua.create_table()?;
    for (at, error) in failures {
        let entry = lua.create_table()?;
        entry.raw_set("index", at)?;
        entry.raw_set("item", list.raw_get::<Value>(at)?)?;
        entry.raw_set("error", error)?;
        bad.raw_push(entry)?;
    }
    answer(lua, Ok(MultiValue::from_iter([Value::Table(good), Value::Table(bad)])))
}

/// Collecting is for failures of items; a run that stops or unwinds is none.
fn ends_all(error: &Value, scope: &Scope) -> bool {
    let Value::Error(error) = error else { return false };
    Fault::from_lua(error).kind == Kind::Unwinding || scope.check().is_err()
}

fn raised(fault: Fault) -> Value {
    Value::Error(Box::new(fault.into_lua()))
}

/// Answers the prelude: `true` and results, or `false` and the raised value.
fn answer(lua: &Lua, ended: Result<MultiValue, Value>) -> mlua::Result<MultiValue> {
    match ended {
        Ok(mut values) => {
            values.push_front(true.into_lua(lua)?);
            Ok(values)
        }
        Err(error) => Ok(MultiValue::from_iter([Value::Boolean(false), error])),
    }
}

fn named(what: &str, mut fault: Fault) -> Fault {
    fault.message = format!("{what}: {}", fault.message);
    fault
}
