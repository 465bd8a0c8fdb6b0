//! `log`: a script's own lines in the run's log, with the place in the run.

use mlua::{Lua, Value};

use super::json::lua_to_json;
use super::scope;
use super::text::strict;

/// Sets the global `log`.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    let log = lua.create_table()?;
    macro_rules! level {
        ($name:literal, $emit:ident) => {
            log.raw_set(
                $name,
                lua.create_function(|_, (message, fields): (Value, Value)| {
                    let (message, fields) = (message.to_string()?, fields_text(&fields)?);
                    let path = scope::current().path;
                    tracing::$emit!(target: "script", path = %path, "{message}{fields}");
                    Ok(())
                })?,
            )?;
        };
    }
    level!("debug", debug);
    level!("info", info);
    level!("warn", warn);
    level!("error", error);
    log.set_metatable(Some(strict(lua, "log", &["debug", "info", "warn", "error"])?))?;
    lua.globals().raw_set("log", log)
}

/// Script fields vary, and tracing's do not: they go as JSON behind the message.
fn fields_text(fields: &Value) -> mlua::Result<String> {
    match fields {
        Value::Nil => Ok(String::new()),
        fields => Ok(format!(" {}", lua_to_json(fields)?)),
    }
}
