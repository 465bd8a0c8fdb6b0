//! What steps return, as the journal keeps it: plain data, with entities as class, cloud and fields.

use mlua::{Function, Lua, Table, Value as LuaValue};
use serde_json::{Map, Value};

use crate::api::openstack::classes;
use crate::api::runtime::Runtime;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};

/// Deep enough for any data, shallow enough to stop a table that contains itself.
const DEPTH: usize = 64;

/// Turns a step's value into JSON.
pub fn to_json(value: &LuaValue) -> Result<Value, Fault> {
    encode(value, 0)
}

fn encode(value: &LuaValue, depth: usize) -> Result<Value, Fault> {
    if depth > DEPTH {
        return Err(Fault::new(Kind::Script, "a step's value is nested too deeply; does a table contain itself?"));
    }
    match value {
        LuaValue::UserData(data) => {
            let snapshot = data.metatable().ok().and_then(|meta| meta.get::<Function>("__snapshot").ok());
            let Some(snapshot) = snapshot else { return bind::lua_to_json(value) };
            let text: String = snapshot.call(data)?;
            serde_json::from_str(&text).map_err(|error| Fault::new(Kind::Script, error.to_string()))
        }
        LuaValue::Table(table) if holds_userdata(table, depth) => encode_table(table, depth),
        other => bind::lua_to_json(other),
    }
}

/// Tells whether a table needs our own walk; plain data goes the common way.
fn holds_userdata(table: &Table, depth: usize) -> bool {
    depth <= DEPTH
        && table.pairs::<LuaValue, LuaValue>().flatten().any(|(_, value)| match value {
            LuaValue::UserData(_) => true,
            LuaValue::Table(inner) => holds_userdata(&inner, depth + 1),
            _ => false,
        })
}

fn encode_table(table: &Table, depth: usize) -> Result<Value, Fault> {
    let length = table.raw_len();
    let mut map = Map::new();
    let mut list = Vec::with_capacity(length);
    for index in 1..=length {
        let item: LuaValue = table.raw_get(index)?;
        list.push(encode(&item, depth + 1)?);
    }
    for pair in table.pairs::<LuaValue, LuaValue>() {
        let (key, value) = pair?;
        match key {
            LuaValue::Integer(index) if index >= 1 && index as usize <= length => {}
            LuaValue::String(key) => {
                map.insert(key.to_string_lossy(), encode(&value, depth + 1)?);
            }
            other => return Err(Fault::new(Kind::Script, format!("a step's value has a {} key", other.type_name()))),
        }
    }
    map.sort_keys();
    match (list.is_empty(), map.is_empty()) {
        (false, true) => Ok(Value::Array(list)),
        (true, _) => Ok(Value::Object(map)),
        (false, false) => Err(Fault::new(Kind::Script, "a step's value mixes list items and named fields")),
    }
}

/// Turns a journaled value back into what the step returned.
pub fn to_lua(lua: &Lua, runtime: &Runtime, value: &Value) -> Result<LuaValue, Fault> {
    match value {
        Value::Object(map) if map.contains_key("$type") => classes::restore(lua, runtime, map),
        Value::Object(map) => {
            let table = lua.create_table_with_capacity(0, map.len())?;
            for (key, item) in map {
                table.raw_set(key.as_str(), to_lua(lua, runtime, item)?)?;
            }
            Ok(LuaValue::Table(table))
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let list = lua.create_table_with_capacity(items.len(), 0)?;
            for (index, item) in items.iter().enumerate() {
                list.raw_set(index + 1, to_lua(lua, runtime, item)?)?;
            }
            Ok(LuaValue::Table(list))
        }
        Value::Null => Ok(LuaValue::Nil),
        plain => bind::json_to_lua(lua, plain).map_err(Fault::from),
    }
}
