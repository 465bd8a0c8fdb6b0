//! The one declaration of a binding: it registers with Lua, feeds stubs and help, and puts writes before the gate.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use mlua::{FromLuaMulti, IntoLuaMulti, Lua, MultiValue, UserDataMethods, UserDataRef};
use serde_json::Value;

use crate::lua::bind;
use crate::lua::fault::Fault;
use crate::lua::scope::{self, Permit, Write};

/// What a binding does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It asks a cloud or a host.
    Read,
    /// It changes something; allowed in steps, recorded instead of done in a plan.
    Write,
    /// It stays inside the script.
    Local,
}

/// The declaration of one method: name, signature in LuaLS notation, documentation, effect.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// The name scripts call.
    pub name: &'static str,
    /// The parameters: `name: string, options?: ServerFilters`.
    pub params: &'static str,
    /// The returned type, empty where nothing is returned.
    pub returns: &'static str,
    /// One or more sentences in the third person.
    pub doc: &'static str,
    /// What it does to the world.
    pub effect: Effect,
}

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident => $effect:ident),*) => {
        $($(#[$doc])*
        pub const fn $name(
            name: &'static str,
            params: &'static str,
            returns: &'static str,
            doc: &'static str,
        ) -> Method {
            Method { name, params, returns, doc, effect: Effect::$effect }
        })*
    };
}

declare! {
    /// Declares a binding that only asks.
    read => Read,
    /// Declares a binding that changes something.
    write => Write,
    /// Declares a binding that stays inside the script.
    local => Local
}

/// A value whose methods scripts call.
pub trait Handle: Clone + Send + Sync + 'static {
    /// The class name scripts see.
    fn class() -> &'static str;
    /// Names this value in errors and plan lines: `server web-1 of old`.
    fn label(&self) -> String;
}

/// One call of a binding.
pub struct Call<T> {
    /// The value the method was called on.
    pub this: T,
    /// The script's interpreter.
    pub lua: Lua,
    /// True where a write is only planned: the body returns what it would have made, and makes nothing.
    pub pretend: bool,
}

/// What a declared method does, whatever its arguments and result: compiled once per class and not once per method.
pub type Body<T> = Arc<dyn Fn(Call<T>, MultiValue) -> BoxFuture<'static, Result<MultiValue, Fault>> + Send + Sync>;

/// Takes the declarations of a class's methods. It is used as `dyn Sink<T>`, so that a declaration is compiled once and
/// not once for each use that is made of it.
pub trait Sink<T: Handle> {
    /// Takes one method.
    fn add(&mut self, method: Method, body: Body<T>);
}

impl<T: Handle> dyn Sink<T> + '_ {
    /// Declares a method and what it does.
    pub fn method<A, R, F, Fut>(&mut self, method: Method, body: F)
    where
        A: FromLuaMulti + Send + 'static,
        R: IntoLuaMulti + Send + 'static,
        F: Fn(Call<T>, A) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R, Fault>> + Send + 'static,
    {
        self.add(
            method,
            Arc::new(move |call, args| {
                let lua = call.lua.clone();
                let begun = A::from_lua_multi(args, &lua).map(|args| body(call, args));
                Box::pin(async move { Ok(begun?.await?.into_lua_multi(&lua)?) })
            }),
        );
    }
}

/// Registers methods with the interpreter.
pub struct Register<'a, M>(pub &'a mut M);

impl<T: Handle, M: UserDataMethods<T>> Sink<T> for Register<'_, M> {
    fn add(&mut self, method: Method, body: Body<T>) {
        self.0.add_async_method(method.name, move |lua, this: UserDataRef<T>, args: MultiValue| {
            let (this, body) = (this.clone(), Arc::clone(&body));
            let pretend = pretend(method, T::class(), &this.label(), &args);
            bind::guarded(async move { body(Call { this, lua, pretend: pretend? }, args).await })
        });
    }
}

/// Asks the gate where the method writes; true where it is only to be pretended.
fn pretend(method: Method, class: &str, label: &str, args: &MultiValue) -> Result<bool, Fault> {
    Ok(method.effect == Effect::Write
        && ask(&format!("{class}:{}", method.name), label, details(args))? == Permit::Pretend)
}

/// Asks the current scope's gate whether a write may be done.
pub fn ask(binding: &str, target: &str, detail: Value) -> Result<Permit, Fault> {
    scope::current().gate.write(&Write { binding: binding.into(), target: target.into(), detail })
}

/// The arguments as data for a plan line; what is no data is left out.
fn details(args: &MultiValue) -> Value {
    let mut values: Vec<Value> = args.iter().filter_map(|value| bind::lua_to_json(value).ok()).collect();
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

/// Collects the declarations of a class, for stubs, help and checks.
#[derive(Default)]
pub struct Collect(pub Vec<Method>);

impl<T: Handle> Sink<T> for Collect {
    fn add(&mut self, method: Method, _body: Body<T>) {
        self.0.push(method);
    }
}
