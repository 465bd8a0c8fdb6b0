//! `workflow.define{ … }`: what a workflow file returns.

use mlua::{Function, Lua, Table, Value as LuaValue};

use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};

use super::input::Input;

/// A defined workflow.
#[derive(Clone)]
pub struct Definition {
    /// The name it goes by.
    pub name: String,
    /// One line for lists and help.
    pub summary: String,
    /// The inputs it takes.
    pub input: Vec<Input>,
    /// Examples for help, one command line each.
    pub examples: Vec<String>,
    /// The function that does it.
    pub run: Function,
}

const KEYS: [&str; 5] = ["name", "summary", "input", "examples", "run"];

/// Installs the global `workflow` with `workflow.define`.
pub fn install(lua: &Lua) -> mlua::Result<()> {
    let define = lua.create_function(|lua, table: Table| {
        Definition::read(&table).map_err(Fault::into_lua)?;
        table.set("__workflow", true)?;
        lua.create_table_from([("__definition", table)])
    })?;
    lua.globals().raw_set("workflow", lua.create_table_from([("define", define)])?)
}

impl Definition {
    /// Reads what a file returned, or `None` where it is a plain script.
    pub fn of(value: &LuaValue) -> Result<Option<Self>, Fault> {
        let LuaValue::Table(table) = value else { return Ok(None) };
        match table.raw_get::<Option<Table>>("__definition") {
            Ok(Some(definition)) => Self::read(&definition).map(Some),
            _ => Ok(None),
        }
    }

    fn read(table: &Table) -> Result<Self, Fault> {
        bind::options(table, &[&KEYS[..], &["__workflow"]].concat(), "workflow.define")?;
        let missing = |what: &str| Fault::new(Kind::Invalid, format!("workflow.define needs `{what}`"));
        Ok(Self {
            name: table.get::<Option<String>>("name")?.ok_or_else(|| missing("name"))?,
            summary: table.get::<Option<String>>("summary")?.ok_or_else(|| missing("summary"))?,
            input: match table.get::<Option<Table>>("input")? {
                Some(inputs) => Input::read_all(&inputs)?,
                None => Vec::new(),
            },
            examples: table.get::<Option<Vec<String>>>("examples")?.unwrap_or_default(),
            run: table.get::<Option<Function>>("run")?.ok_or_else(|| missing("run"))?,
        })
    }
}
