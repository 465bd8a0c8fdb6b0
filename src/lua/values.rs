//! The small globals: `fail`, `null`, `GiB` and `MiB`.

use mlua::{Lua, LuaSerdeExt, Table, Value};

use super::bind::options;
use super::fault::{Fault, Kind};
use super::json::lua_to_json;
use crate::base::suggest;

/// Sets the globals.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    let globals = lua.globals();
    globals.raw_set("fail", lua.create_function(|_, what: Value| Err::<(), _>(failure(&what).into_lua()))?)?;
    globals.raw_set("null", lua.null())?;
    globals.raw_set("GiB", lua.create_function(|_, count: f64| bytes("GiB", count, 30))?)?;
    globals.raw_set("MiB", lua.create_function(|_, count: f64| bytes("MiB", count, 20))?)?;
    name_null(lua)
}

/// `null` prints as such, and looking into it says what is wrong.
fn name_null(lua: &Lua) -> mlua::Result<()> {
    let meta = lua.create_table()?;
    meta.raw_set("__name", "null")?;
    meta.raw_set("__tostring", lua.create_function(|_, _: Value| Ok("null"))?)?;
    meta.raw_set(
        "__index",
        lua.create_function(|_, (_, key): (Value, Value)| -> mlua::Result<Value> {
            let message = format!("cannot read '{}' of null", key.to_string()?);
            Err(Fault::new(Kind::Script, message)
                .hint("null is JSON's own and counts as true: compare with null first")
                .into_lua())
        })?,
    )?;
    lua.set_type_metatable::<mlua::LightUserData>(Some(meta));
    Ok(())
}

fn bytes(unit: &str, count: f64, shift: u32) -> mlua::Result<i64> {
    let total = count * f64::from(1_u32 << shift);
    if total.is_finite() && (0.0..9.0e18).contains(&total) {
        Ok(total as i64)
    } else {
        Err(Fault::new(Kind::Invalid, format!("{unit}: {count} is no size")).into_lua())
    }
}

/// Reads the table given to `fail`; a mistake in it is the error then.
fn failure(what: &Value) -> Fault {
    match what {
        Value::String(text) => Fault::new(Kind::Script, text.to_string_lossy()),
        Value::Table(table) => from_table(table).unwrap_or_else(|mistake| mistake),
        Value::Error(error) => Fault::from_lua(error),
        other => Fault::new(
            Kind::Invalid,
            format!("fail: expected a table with kind and message, got {}", other.type_name()),
        ),
    }
}

fn from_table(table: &Table) -> Result<Fault, Fault> {
    options(table, &["kind", "message", "hint", "data", "status", "request_id"], "fail")?;
    let kind = match table.get::<Option<String>>("kind")? {
        None => Kind::Script,
        Some(name) => Kind::from_name(&name).ok_or_else(|| {
            let near = suggest::hint(&name, Kind::ALL.iter().map(|kind| kind.name()));
            let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            Fault::new(Kind::Invalid, format!("fail: unknown kind '{name}'{near}"))
                .hint(format!("kinds: {}", known.join(", ")))
        })?,
    };
    let Some(message) = table.get::<Option<String>>("message")? else {
        return Err(Fault::new(Kind::Invalid, "fail: needs a message"));
    };
    let data = match table.get::<Value>("data")? {
        Value::Nil => None,
        value => Some(lua_to_json(&value)?),
    };
    let mut fault = Fault::new(kind, message);
    fault.hint = table.get("hint")?;
    fault.status = table.get("status")?;
    fault.request_id = table.get("request_id")?;
    fault.data = data;
    Ok(fault)
}
