//! Option tables of scripts as request bodies and queries: only declared keys, with values of the declared type.

use mlua::{Table, Value as LuaValue};
use serde_json::{Map, Value};

use crate::base::suggest;
use crate::lua::bind;
use crate::lua::fault::{Fault, Kind};
use crate::openstack::entity::{Entity, Field};

/// Reads a table whose keys must all be declared.
pub fn strict(table: &Table, declared: &[Field], place: &str) -> Result<Map<String, Value>, Fault> {
    let mut out = Map::new();
    for pair in table.pairs::<LuaValue, LuaValue>() {
        let (key, value) = pair?;
        let LuaValue::String(key) = key else {
            return Err(Fault::new(
                Kind::Invalid,
                format!("{place}: options are named, but key {} is not", key.type_name()),
            ));
        };
        let key = key.to_string_lossy();
        let Some(field) = declared.iter().find(|field| field.name == key) else {
            let hint = suggest::hint(&key, declared.iter().map(|field| field.name));
            return Err(Fault::new(Kind::Invalid, format!("{place}: unknown option '{key}'{hint}")));
        };
        let value = bind::lua_to_json(&value)?;
        let value = as_declared(value, &(field.ty)());
        if !fits(&value, &(field.ty)()) {
            let message = format!("{place}: option '{key}' must be {}, not {}", (field.ty)(), kind_of(&value));
            return Err(Fault::new(Kind::Invalid, message));
        }
        out.insert(key, value);
    }
    Ok(out)
}

/// An empty Lua table is a list where a list is declared and a map where a map is.
fn as_declared(value: Value, ty: &str) -> Value {
    match value {
        Value::Object(map) if map.is_empty() && ty.trim_end_matches('?').ends_with("[]") => Value::Array(Vec::new()),
        Value::Array(list) if list.is_empty() && ty.starts_with("table<") => Value::Object(Map::new()),
        other => other,
    }
}

fn fits(value: &Value, ty: &str) -> bool {
    let ty = ty.trim_end_matches('?');
    match value {
        Value::Null => true,
        Value::Bool(_) => ["boolean", "any"].contains(&ty),
        Value::Number(number) if number.is_f64() => ["number", "any"].contains(&ty),
        Value::Number(_) => ["integer", "number", "any"].contains(&ty),
        Value::String(_) => ["string", "any"].contains(&ty),
        Value::Array(items) => {
            ty == "any" || ty.strip_suffix("[]").is_some_and(|ty| items.iter().all(|item| fits(item, ty)))
        }
        Value::Object(_) => !["boolean", "number", "integer", "string"].contains(&ty) && !ty.ends_with("[]"),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// Turns read options into query parameters; a list repeats its key.
pub fn query(options: Map<String, Value>) -> Vec<(String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        other => other.to_string(),
    };
    let mut query = Vec::new();
    for (key, value) in options {
        match &value {
            Value::Array(items) => query.extend(items.iter().map(|item| (key.clone(), text(item)))),
            Value::Null => {}
            single => query.push((key, text(single))),
        }
    }
    query
}

/// What an object would look like after a change that a plan only pretends to make.
pub fn overlay<T: Entity>(base: &T, changes: &Map<String, Value>) -> T {
    let mut fields = serde_json::to_value(base)
        .ok()
        .and_then(|value| match value {
            Value::Object(map) => Some(map),
            _ => None,
        })
        .unwrap_or_default();
    for (key, value) in changes {
        fields.insert(key.clone(), value.clone());
        // One field of another shape must not lose the rest of the pretended object.
        if serde_json::from_value::<T>(Value::Object(fields.clone())).is_err() {
            fields.remove(key);
        }
    }
    serde_json::from_value(Value::Object(fields)).unwrap_or_default()
}
