//! Values as people want to see them: entities as tables, data as data, the rest by its name.

use mlua::{Function, Table, Value};
use serde_json::{Map, Value as Json};

use crate::lua::fault::Fault;
use crate::ui::{error, rows};

use super::session::Look;

/// Deeper than any answer of a cloud, shallow enough for a table that contains itself.
const DEPTH: usize = 16;

/// Renders one value.
pub fn render(value: &Value, look: Look) -> String {
    match value {
        Value::Nil => "nil".into(),
        value if value.is_null() => "null".into(),
        Value::String(text) => text.to_string_lossy(),
        Value::Error(raised) => error::headline(&Fault::from_lua(raised)),
        Value::UserData(_) => {
            let title = look.style.bold(&name(value));
            match data(value, 0) {
                Json::Object(map) if !map.is_empty() => {
                    format!("{title}\n{}", rows::record(&map, look.width, look.style))
                }
                _ => title,
            }
        }
        Value::Table(table) if table.is_empty() => "{}".into(),
        other => rows::render(&data(other, 0), look.width, look.style),
    }
}

/// Tells whether a value is a lazy list of objects.
pub fn is_collection(value: &Value) -> bool {
    matches!(value, Value::UserData(_)) && name(value).starts_with("Collection(")
}

fn name(value: &Value) -> String {
    value.to_string().unwrap_or_else(|_| value.type_name().to_owned())
}

/// Any value as data; what is none is named.
fn data(value: &Value, depth: usize) -> Json {
    match value {
        Value::Nil => Json::Null,
        value if value.is_null() => Json::Null,
        _ if depth > DEPTH => "…".into(),
        Value::Boolean(flag) => (*flag).into(),
        Value::Integer(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::String(text) => text.to_string_lossy().into(),
        Value::Table(table) => table_data(table, depth),
        Value::UserData(userdata) => {
            let convert = userdata.metatable().ok().and_then(|meta| meta.get::<Function>("__tojson").ok());
            match convert.and_then(|convert| convert.call::<Value>(userdata).ok()) {
                Some(converted) => data(&converted, depth + 1),
                None => name(value).into(),
            }
        }
        other => name(other).into(),
    }
}

fn table_data(table: &Table, depth: usize) -> Json {
    let length = table.raw_len();
    let mut list = Vec::with_capacity(length);
    let mut map = Map::new();
    for (key, value) in table.pairs::<Value, Value>().flatten() {
        match key {
            Value::Integer(index) if index >= 1 && index as usize == list.len() + 1 => {
                list.push(data(&value, depth + 1))
            }
            key => drop(map.insert(name(&key), data(&value, depth + 1))),
        }
    }
    if map.is_empty() && !list.is_empty() {
        return Json::Array(list);
    }
    for (index, value) in list.into_iter().enumerate() {
        map.insert((index + 1).to_string(), value);
    }
    Json::Object(map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::Style;

    fn shown(source: &str) -> String {
        let lua = mlua::Lua::new();
        let value = lua.load(source).eval::<Value>().unwrap();
        render(&value, Look { width: Some(60), style: Style::PLAIN })
    }

    #[test]
    fn data_is_data_and_the_rest_has_a_name() {
        assert_eq!(shown("return 1 + 1"), "2");
        assert_eq!(shown("return 'a\\nb'"), "a\nb");
        assert_eq!(shown("return {}"), "{}");
        assert_eq!(shown("return { 1, 2, 3 }"), "1\n2\n3");
        assert!(shown("return print").starts_with("function"));
        insta::assert_snapshot!(shown("return { { name = 'b', n = 1 }, { name = 'a', n = 20 } }"), @r"
        name   n
        ─────────
        b      1
        a     20
        ");
        insta::assert_snapshot!(shown("return { name = 'b', f = { 1, { x = 1 } } }"), @r"
        field  value
        ────────────────
        name   b
        f      1, {x=1}
        ");
    }

    #[test]
    fn a_table_within_itself_ends() {
        assert!(shown("local t = {} t.t = t return t").contains('…'));
    }
}
