//! `require`: host modules, then the site directory, then the embedded library; `std.x` is always the embedded one.
//!
//! A module's chunk runs as a task and may wait while it loads. Every task knows the chain of modules it loads for, so
//! that a cycle is named even when it runs through `parallel`.

use std::path::PathBuf;
use std::sync::Arc;

use mlua::{IntoLua, Lua, MultiValue, Table, Value};
use tokio_util::sync::CancellationToken;

use super::bind::guarded;
use super::fault::{Fault, Kind};
use super::host::{Host, Loading, lock};
use super::{concurrency, scope, vm};
use crate::base::suggest;

tokio::task_local! {
    /// The modules being loaded around the running code, outermost first.
    static CHAIN: Arc<[String]>;
}

/// Puts the function into the table that the prelude builds on.
pub(crate) fn install(lua: &Lua, to: &Table) -> mlua::Result<()> {
    to.raw_set("require", lua.create_async_function(require)?)
}

async fn require(lua: Lua, name: String) -> mlua::Result<MultiValue> {
    let host = Host::of(&lua)?;
    let mut module = host.modules.raw_get::<Value>(name.as_str())?;
    if module.is_nil() {
        let found = find(&host, &name)?;
        match load(&lua, &host, found).await? {
            Ok(value) => module = value,
            Err(raised) => return Ok(MultiValue::from_iter([Value::Boolean(false), raised])),
        }
        host.modules.raw_set(name, &module)?;
    }
    Ok(MultiValue::from_iter([true.into_lua(&lua)?, module]))
}

/// A module that exists and its text.
struct Found {
    /// The chunk name: `site/plan.lua` or `std/migrate.lua`; one module has one id under all its names.
    id: String,
    text: String,
}

fn find(host: &Host, name: &str) -> Result<Found, Fault> {
    let fits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if !name.split('.').all(fits) {
        let message = format!("require: {name:?} is no module name; write words joined by dots: \"resources.server\"");
        return Err(Fault::new(Kind::Invalid, message));
    }
    let path = name.replace('.', "/");
    let plain = name.strip_prefix("std.");
    let mut tried = Vec::new();
    if let Some(site) = host.options.site.as_ref().filter(|_| plain.is_none()) {
        for file in [format!("{path}.lua"), format!("{path}/init.lua")] {
            if let Some(text) = read(site.join(&file))? {
                if host.options.stdlib.iter().any(|(known, _)| *known == name) {
                    tracing::info!("site/{file} replaces the embedded module {name}");
                }
                return Ok(Found { id: format!("site/{file}"), text });
            }
            tried.push(format!("site/{file}"));
        }
    }
    let wanted = plain.unwrap_or(name);
    match host.options.stdlib.iter().find(|(known, _)| *known == wanted) {
        Some((_, text)) => Ok(Found { id: format!("std/{}.lua", wanted.replace('.', "/")), text: (*text).to_owned() }),
        None => Err(missing(host, name, wanted, tried)),
    }
}

fn read(path: PathBuf) -> Result<Option<String>, Fault> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Fault::new(Kind::Script, format!("cannot read {}: {error}", path.display()))),
    }
}

fn missing(host: &Host, name: &str, wanted: &str, mut tried: Vec<String>) -> Fault {
    tried.push("the embedded library".to_owned());
    let mut known: Vec<String> = host.options.stdlib.iter().map(|(known, _)| (*known).to_owned()).collect();
    known.extend(host.modules.pairs::<String, Value>().filter_map(|pair| Some(pair.ok()?.0)));
    let near = suggest::hint(wanted, known.iter().map(String::as_str));
    Fault::new(Kind::NotFound, format!("no module '{name}'{near}")).hint(format!("looked in {}", tried.join(", ")))
}

/// Runs a module's chunk once; tasks that want it meanwhile wait for it.
async fn load(lua: &Lua, host: &Arc<Host>, found: Found) -> mlua::Result<Result<Value, Value>> {
    let chain: Arc<[String]> = CHAIN.try_with(Arc::clone).unwrap_or_default();
    loop {
        let known = host.modules.raw_get::<Value>(found.id.as_str())?;
        if !known.is_nil() {
            return Ok(Ok(known));
        }
        match wait_or_begin(host, &chain, &found.id)? {
            None => break,
            Some(done) => {
                let settled = async {
                    done.cancelled().await;
                    Ok(())
                };
                let waited = guarded(settled).await;
                note_waiting(host, &chain, None);
                waited?;
            }
        }
    }
    let _settled = Settled { host, id: &found.id };
    let chunk = vm::load(lua, host, &found.id, &found.text)?;
    let inner: Arc<[String]> = chain.iter().cloned().chain([found.id.clone()]).collect();
    let args = MultiValue::from_iter([found.id.as_str().into_lua(lua)?]);
    let ended = CHAIN.scope(inner, concurrency::run(host, scope::current(), &chunk, args)).await;
    Ok(match ended {
        Ok(mut values) => {
            let value = values.pop_front().filter(|value| !value.is_nil()).unwrap_or(Value::Boolean(true));
            host.modules.raw_set(found.id.as_str(), &value)?;
            Ok(value)
        }
        Err(raised) => Err(raised),
    })
}

/// Begins to load a module (`None`), or gives what to wait for; waiting for one that waits for us is a cycle.
fn wait_or_begin(host: &Host, chain: &[String], id: &str) -> Result<Option<CancellationToken>, Fault> {
    {
        let mut loading = lock(&host.loading);
        let Some(other) = loading.get(id) else {
            loading.insert(id.to_owned(), Loading { done: CancellationToken::new(), waits_for: None });
            return Ok(None);
        };
        let done = other.done.clone();
        let mut path = vec![id.to_owned()];
        let mut at = id.to_owned();
        while !chain.contains(&at) {
            match loading.get(&at).and_then(|module| module.waits_for.clone()) {
                Some(next) => at = next,
                None => {
                    drop(loading);
                    note_waiting(host, chain, Some(id));
                    return Ok(Some(done));
                }
            }
            path.push(at.clone());
        }
        let from = chain.iter().position(|module| *module == at).unwrap_or(0);
        let cycle: Vec<_> = chain[from..].iter().chain(&path).map(String::as_str).collect();
        let message = format!("modules require each other in a circle: {}", cycle.join(" → "));
        Err(Fault::new(Kind::Script, message).hint("move what both need into a third module"))
    }
}

fn note_waiting(host: &Host, chain: &[String], id: Option<&str>) {
    let mut loading = lock(&host.loading);
    for module in chain {
        if let Some(module) = loading.get_mut(module) {
            module.waits_for = id.map(str::to_owned);
        }
    }
}

/// Ends the loading of a module, however it ends, and wakes those that wait for it.
struct Settled<'a> {
    host: &'a Host,
    id: &'a str,
}

impl Drop for Settled<'_> {
    fn drop(&mut self) {
        if let Some(module) = lock(&self.host.loading).remove(self.id) {
            module.done.cancel();
        }
    }
}
