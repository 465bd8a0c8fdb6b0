//! JSON to Lua and back: `null` is a sentinel, arrays carry a mark so that `[]` and `{}` differ.

use mlua::{Lua, LuaSerdeExt, Table, Value};
use serde_json::{Map, Number, Value as Json};

use super::bind::{describe, options};
use super::fault::{Fault, Kind};
use super::text::strict;

/// Sets the global `json`, and names the mark of arrays.
pub(crate) fn install(lua: &Lua) -> mlua::Result<()> {
    lua.array_metatable().raw_set("__is_array", true)?;
    let json = lua.create_table()?;
    json.raw_set(
        "encode",
        lua.create_function(|_, (value, how): (Value, Option<Table>)| {
            encode(&value, how.as_ref()).map_err(Fault::into_lua)
        })?,
    )?;
    json.raw_set(
        "decode",
        lua.create_function(|lua, text: mlua::LuaString| match serde_json::from_slice(&text.as_bytes()) {
            Ok(json) => json_to_lua(lua, &json),
            Err(error) => Err(Fault::new(Kind::Invalid, format!("json.decode: {error}")).into_lua()),
        })?,
    )?;
    json.raw_set(
        "array",
        lua.create_function(|lua, list: Option<Table>| {
            let list = list.map_or_else(|| lua.create_table(), Ok)?;
            list.set_metatable(Some(lua.array_metatable()))?;
            Ok(list)
        })?,
    )?;
    json.raw_set("null", lua.null())?;
    json.set_metatable(Some(strict(lua, "json", &["encode", "decode", "array", "null"])?))?;
    lua.globals().raw_set("json", json)
}

fn encode(value: &Value, how: Option<&Table>) -> Result<String, Fault> {
    let mut pretty = false;
    if let Some(how) = how {
        options(how, &["pretty"], "json.encode")?;
        pretty = how.get("pretty")?;
    }
    let json = lua_to_json(value)?;
    let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
    text.map_err(|error| Fault::new(Kind::Invalid, format!("json.encode: {error}")))
}

/// Makes Lua values of JSON: objects and arrays become tables, `null` the sentinel.
pub fn json_to_lua(lua: &Lua, json: &Json) -> mlua::Result<Value> {
    Ok(match json {
        Json::Null => lua.null(),
        Json::Bool(flag) => Value::Boolean(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(lua.create_string(text)?),
        Json::Array(items) => {
            let table = lua.create_table_with_capacity(items.len(), 0)?;
            for item in items {
                table.raw_push(json_to_lua(lua, item)?)?;
            }
            table.set_metatable(Some(lua.array_metatable()))?;
            Value::Table(table)
        }
        Json::Object(fields) => {
            let table = lua.create_table_with_capacity(0, fields.len())?;
            for (name, value) in fields {
                table.raw_set(name.as_str(), json_to_lua(lua, value)?)?;
            }
            Value::Table(table)
        }
    })
}

/// Makes JSON of a Lua value; refuses functions, cycles and tables that are neither list nor object, naming the place.
pub fn lua_to_json(value: &Value) -> Result<Json, Fault> {
    Writer { open: Vec::new(), path: String::from("value") }.write(value)
}

struct Writer {
    /// The tables being written, by address: one that comes again is a cycle.
    open: Vec<*const std::ffi::c_void>,
    path: String,
}

impl Writer {
    fn write(&mut self, value: &Value) -> Result<Json, Fault> {
        match value {
            Value::Nil => Ok(Json::Null),
            Value::Boolean(flag) => Ok(Json::Bool(*flag)),
            Value::Integer(number) => Ok(Json::from(*number)),
            Value::Number(number) => Number::from_f64(*number)
                .map(Json::Number)
                .ok_or_else(|| self.refuse(&format!("is {number}, which JSON does not have"))),
            Value::String(text) => match text.to_str() {
                Ok(text) => Ok(Json::String(text.to_owned())),
                Err(_) => Err(self.refuse("is a string that is not UTF-8")),
            },
            Value::Table(table) => self.table(table),
            Value::UserData(object) => {
                let hook = object.metatable().and_then(|meta| meta.get::<Option<mlua::Function>>("__tojson"));
                match hook {
                    Ok(Some(hook)) => self.write(&hook.call::<Value>(object)?),
                    _ => Err(self.refuse("is an object that has no JSON form")),
                }
            }
            Value::Error(error) => Ok(fault_to_json(&Fault::from_lua(error))),
            other if other.is_null() => Ok(Json::Null),
            other => Err(self.refuse(&format!("is {}, which has no JSON form", describe(other)))),
        }
    }

    fn table(&mut self, table: &Table) -> Result<Json, Fault> {
        let address = table.to_pointer();
        if self.open.contains(&address) {
            return Err(self.refuse("contains itself"));
        }
        if self.open.len() > 200 {
            return Err(self.refuse("is nested more than 200 deep"));
        }
        self.open.push(address);
        let json = match table.metatable() {
            Some(meta) if meta.raw_get::<bool>("__is_array").unwrap_or(false) => self.array(table),
            _ => self.plain(table),
        };
        self.open.pop();
        json
    }

    fn plain(&mut self, table: &Table) -> Result<Json, Fault> {
        let length = table.raw_len();
        let mut fields = Map::new();
        let mut listed = 0;
        for pair in table.pairs::<Value, Value>() {
            let (key, value) = pair?;
            match &key {
                Value::String(name) => {
                    let name = name.to_string_lossy();
                    let json = self.inside(&format!(".{name}"), &value)?;
                    fields.insert(name, json);
                }
                Value::Integer(at) if *at >= 1 && *at as usize <= length => listed += 1,
                other => return Err(self.refuse(&format!("has the key {}; JSON keys are strings", describe(other)))),
            }
        }
        // Lua walks a table in any order; its JSON shall be the same each time.
        fields.sort_keys();
        match (listed, fields.is_empty()) {
            (0, _) => Ok(Json::Object(fields)),
            (_, true) => self.array(table),
            _ => Err(self.refuse("is both a list and an object")),
        }
    }

    fn array(&mut self, table: &Table) -> Result<Json, Fault> {
        let mut items = Vec::with_capacity(table.raw_len());
        for at in 1..=table.raw_len() {
            let value: Value = table.raw_get(at)?;
            items.push(self.inside(&format!("[{at}]"), &value)?);
        }
        Ok(Json::Array(items))
    }

    fn inside(&mut self, step: &str, value: &Value) -> Result<Json, Fault> {
        let length = self.path.len();
        self.path.push_str(step);
        let json = self.write(value)?;
        self.path.truncate(length);
        Ok(json)
    }

    fn refuse(&self, why: &str) -> Fault {
        Fault::new(Kind::Invalid, format!("{} {why}", self.path))
    }
}

fn fault_to_json(fault: &Fault) -> Json {
    let mut fields = Map::new();
    fields.insert("kind".to_owned(), Json::from(fault.kind.name()));
    fields.insert("message".to_owned(), Json::from(fault.message.as_str()));
    let optional = [
        ("hint", fault.hint.clone().map(Json::from)),
        ("status", fault.status.map(Json::from)),
        ("request_id", fault.request_id.clone().map(Json::from)),
        ("data", fault.data.clone()),
    ];
    fields.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Json::Object(fields)
}
