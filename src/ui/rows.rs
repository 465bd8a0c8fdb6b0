//! Data as tables: a list of objects, or one object as key and value.

use serde_json::{Map, Value};

use super::style::Style;
use super::table::Table;

/// Columns that come first, in this order, because they say which object a row is about.
const FIRST: &str = "tree action kind name id source source_id target target_id status state result size host vcpus ram \
                     disk cidr fixed_ip_address floating_ip_address mac_address visibility volume_type";
/// Columns that come last: text of any length.
const LAST: [&str; 5] = ["note", "detail", "reason", "description", "message"];
/// How many of the columns left out are named.
const NAMED: usize = 6;
/// The rows of a table that a terminal is shown; a file gets all.
const ROWS: usize = 1000;

/// Renders any data for people: a list of objects as a table, an object as key and value, the rest as itself.
pub fn render(value: &Value, width: Option<u16>, style: Style) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "(nothing)".into(),
        Value::Array(items) if items.iter().all(Value::is_object) => list(items, width, style),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join("\n"),
        Value::Object(map) if map.is_empty() => "(empty)".into(),
        Value::Object(map) => record(map, width, style),
        plain => cell(plain),
    }
}

/// Renders a list of objects; columns that do not fit are named below it.
pub fn list(items: &[Value], width: Option<u16>, style: Style) -> String {
    let limit = if width.is_some() { ROWS } else { usize::MAX };
    let shown = &items[..items.len().min(limit)];
    let all = columns(shown);
    let kept = fit(&all, shown, width);
    let mut table = Table::new(kept.iter().copied());
    for name in kept.iter().filter(|name| is_id(name)) {
        table = table.firm(name);
    }
    for item in shown {
        table.row(kept.iter().map(|name| item.get(name).map(cell).unwrap_or_default()));
    }
    let mut text = table.render(width, style);
    let left: Vec<&str> = all.iter().copied().filter(|name| !kept.contains(name)).collect();
    if !left.is_empty() {
        let named = left[..left.len().min(NAMED)].join(", ");
        let more = if left.len() > NAMED { format!(" and {} more", left.len() - NAMED) } else { String::new() };
        text += &format!("\n{}", style.dim(&format!("not shown: {named}{more}")));
    }
    if items.len() > shown.len() {
        text += &format!("\n{}", style.dim(&format!("… {} rows more", items.len() - shown.len())));
    }
    text
}

/// Renders one object, a field per line.
pub fn record(map: &Map<String, Value>, width: Option<u16>, style: Style) -> String {
    let mut table = Table::new(["field", "value"]).firm("field");
    for name in sorted(map.keys().map(String::as_str)) {
        let text = map.get(name).map(cell).unwrap_or_default();
        if !text.is_empty() {
            table.row([name.to_owned(), text]);
        }
    }
    table.render(width, style)
}

/// A value in one cell.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(inner).collect::<Vec<_>>().join(", "),
        Value::Object(map) => fields(map),
        other => other.to_string(),
    }
}

/// A value within another: a list or an object is set off by its brackets.
fn inner(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(inner).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => format!("{{{}}}", fields(map)),
        plain => cell(plain),
    }
}

/// What an object has, without what is empty.
fn fields(map: &Map<String, Value>) -> String {
    let pairs = map.iter().map(|(key, value)| (key, inner(value)));
    let pairs = pairs.filter(|(_, text)| !matches!(text.as_str(), "" | "[]" | "{}"));
    pairs.map(|(key, text)| format!("{key}={text}")).collect::<Vec<_>>().join(" ")
}

fn is_plain(value: &Value) -> bool {
    !value.is_object() && !value.is_array()
}

fn is_id(name: &str) -> bool {
    name == "id" || name.ends_with("_id")
}

fn columns(items: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for item in items.iter().filter_map(Value::as_object) {
        for (name, value) in item {
            if !value.is_null() && !cell(value).is_empty() && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
    }
    sorted(names.into_iter())
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by_key(|name| match (FIRST.split(' ').position(|known| known == *name), LAST.contains(name)) {
        (Some(place), _) => (place, *name),
        (None, false) => (usize::MAX - 1, *name),
        (None, true) => (usize::MAX, *name),
    });
    names
}

/// The columns that fit side by side: what names the object first, nested data last.
fn fit<'a>(all: &[&'a str], items: &[Value], width: Option<u16>) -> Vec<&'a str> {
    let Some(width) = width.map(usize::from) else { return all.to_vec() };
    let need = |name: &str| {
        let widest = items.iter().filter_map(|item| item.get(name)).map(|value| cell(value).chars().count()).max();
        // Ids stay whole, long texts may wrap.
        let content = widest.unwrap_or(0).min(if is_id(name) { 40 } else { 24 });
        content.max(name.len()) + 2
    };
    let nested = |name: &str| items.iter().filter_map(|item| item.get(name)).any(|value| !is_plain(value));
    let mut order: Vec<&str> = all.to_vec();
    order.sort_by_key(|name| (nested(name), LAST.contains(name) && all.len() > 8));
    let mut left = width;
    let mut kept: Vec<&str> = Vec::new();
    for name in order {
        let need = need(name);
        if need <= left || kept.is_empty() {
            left = left.saturating_sub(need);
            kept.push(name);
        }
    }
    all.iter().copied().filter(|name| kept.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn servers() -> Value {
        json!([
            { "id": "6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa", "name": "web-1", "status": "ACTIVE", "vcpus": 4, "tags": ["a", "b"],
              "addresses": { "net": [{ "addr": "10.0.0.4" }] }, "host": "compute-01", "key_name": null },
            { "id": "7b1f7c62-0a5d-4d55-9f3e-53a1f1f0b7bb", "name": "db", "status": "SHUTOFF", "vcpus": 16, "tags": [],
              "addresses": {}, "host": "compute-02", "key_name": null },
        ])
    }

    #[test]
    fn a_list_fits_the_terminal_and_names_what_is_left_out() {
        insta::assert_snapshot!(render(&servers(), Some(80), Style::PLAIN), @r"
        name   id                                    status   host        vcpus  tags
        ──────────────────────────────────────────────────────────────────────────────
        web-1  6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa  ACTIVE   compute-01      4  a, b
        db     7b1f7c62-0a5d-4d55-9f3e-53a1f1f0b7bb  SHUTOFF  compute-02     16
        not shown: addresses
        ");
    }

    #[test]
    fn a_file_gets_every_column() {
        insta::assert_snapshot!(render(&servers(), None, Style::PLAIN), @r"
        name   id                                    status   host        vcpus  addresses              tags
        ─────────────────────────────────────────────────────────────────────────────────────────────────────
        web-1  6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa  ACTIVE   compute-01      4  net=[{addr=10.0.0.4}]  a, b
        db     7b1f7c62-0a5d-4d55-9f3e-53a1f1f0b7bb  SHUTOFF  compute-02     16
        ");
    }

    #[test]
    fn one_object_is_key_and_value() {
        insta::assert_snapshot!(render(&servers()[0], Some(60), Style::PLAIN), @r"
        field      value
        ────────────────────────────────────────────────
        name       web-1
        id         6a1f7c62-0a5d-4d55-9f3e-53a1f1f0b7aa
        status     ACTIVE
        host       compute-01
        vcpus      4
        addresses  net=[{addr=10.0.0.4}]
        tags       a, b
        ");
    }

    #[test]
    fn the_rest_is_itself() {
        assert_eq!(render(&json!(3), None, Style::PLAIN), "3");
        assert_eq!(render(&json!(["a", "b"]), None, Style::PLAIN), "a\nb");
        assert_eq!(render(&json!([]), None, Style::PLAIN), "(nothing)");
    }
}
