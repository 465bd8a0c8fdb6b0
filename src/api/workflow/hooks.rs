//! Places where a site adds its own word: declared by the stdlib, filled by the site's `hooks.lua`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use mlua::{Function, Lua, Table, Value as LuaValue};

use crate::base::suggest;
use crate::lua::fault::{Fault, Kind};

use super::engine::Engine;
use super::handle::Workflow;
use super::step::{self, Spec};

/// The functions a site has hung on each hook, in file order.
#[derive(Clone, Default)]
pub struct Hooks {
    declared: Arc<Mutex<Vec<String>>>,
    functions: Arc<Mutex<BTreeMap<String, Vec<Function>>>>,
}

impl Hooks {
    /// Installs the global `hooks` with `hooks.on(name, fn)`; `declared` is the stdlib's table of hooks.
    pub fn install(&self, lua: &Lua, declared: &Table) -> mlua::Result<()> {
        let names: Vec<String> =
            declared.pairs::<String, LuaValue>().map(|pair| pair.map(|(name, _)| name)).collect::<mlua::Result<_>>()?;
        *self.declared.lock().unwrap_or_else(PoisonError::into_inner) = names;
        let this = self.clone();
        let on = lua.create_function(move |_, (name, function): (String, Function)| {
            this.add(name, function).map_err(Fault::into_lua)
        })?;
        let table = lua.create_table()?;
        table.set("on", on)?;
        lua.globals().raw_set("hooks", table)
    }

    fn add(&self, name: String, function: Function) -> Result<(), Fault> {
        let declared = self.declared.lock().unwrap_or_else(PoisonError::into_inner);
        if !declared.contains(&name) {
            let hint = suggest::hint(&name, declared.iter().map(String::as_str));
            return Err(Fault::new(Kind::Invalid, format!("there is no hook '{name}'{hint}")));
        }
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default().push(function);
        Ok(())
    }

    fn of(&self, name: &str) -> Vec<Function> {
        self.functions.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned().unwrap_or_default()
    }
}

/// Runs a hook: every function may veto by raising, or return an amended payload. Each is a journaled step.
pub async fn run(w: &Workflow, name: &str, payload: LuaValue) -> Result<LuaValue, Fault> {
    let engine: &Arc<Engine> = &w.engine;
    let mut payload = payload;
    for function in engine.runtime.hooks.of(name) {
        let given = payload.clone();
        let lua = engine.vm.lua();
        let wrapped = lua.create_async_function(move |_, _: LuaValue| {
            let (function, given) = (function.clone(), given.clone());
            async move {
                let answer: LuaValue = function.call_async(given.clone()).await?;
                Ok(if answer == LuaValue::Nil { given } else { answer })
            }
        })?;
        payload = step::run(engine, &w.path, &format!("hook:{name}"), Spec::read(LuaValue::Function(wrapped))?).await?;
    }
    Ok(payload)
}
