//! What the kinds of Keystone have in common: list documents, links, filters, refusals.

use serde_json::{Map, Value, json};

use crate::twin::http::{Call, Refusal, Reply};

/// Renders a list with Keystone's links; everything comes in one page, as it does there by default.
pub fn listing(call: &Call, key: &str, items: Vec<Value>) -> Reply {
    let root = call.root();
    let items: Vec<Value> = items.into_iter().map(|item| linked(&root, key, item)).collect();
    Reply::ok(json!({ key: items, "links": {"self": call.url(), "previous": null, "next": null} }))
}

/// Adds the link of one object.
pub fn linked(root: &str, collection: &str, mut item: Value) -> Value {
    let id = item["id"].as_str().unwrap_or_default();
    item["links"] = json!({"self": format!("{root}/v3/{collection}/{id}")});
    item
}

/// Renders one object under its key.
pub fn single(call: &Call, status: u16, key: &str, collection: &str, item: Value) -> Reply {
    Reply::json(status, json!({ key: linked(&call.root(), collection, item) }))
}

/// Keeps what the query's `names` ask for; `enabled` is compared as a flag, `name__contains` and kin by their meaning.
pub fn filtered(call: &Call, names: &[&str], items: Vec<Value>) -> Vec<Value> {
    let wanted: Vec<(&str, &str)> = names.iter().filter_map(|name| Some((*name, call.query.get(name)?))).collect();
    let fits = |item: &Value| {
        wanted.iter().all(|(name, value)| match &item[*name] {
            Value::Bool(flag) => *flag == !matches!(value.to_lowercase().as_str(), "0" | "false"),
            Value::String(text) => text == value,
            _ => false,
        }) && inexact(call, item)
    };
    items.into_iter().filter(|item| fits(item)).collect()
}

fn inexact(call: &Call, item: &Value) -> bool {
    let name = item["name"].as_str().unwrap_or_default();
    call.query.pairs().iter().all(|(key, value)| match key.as_str() {
        "name__contains" => name.contains(value.as_str()),
        "name__icontains" => name.to_lowercase().contains(&value.to_lowercase()),
        "name__startswith" => name.starts_with(value.as_str()),
        "name__istartswith" => name.to_lowercase().starts_with(&value.to_lowercase()),
        "name__endswith" => name.ends_with(value.as_str()),
        "name__iendswith" => name.to_lowercase().ends_with(&value.to_lowercase()),
        _ => true,
    })
}

/// Words a missing object.
pub fn missing(kind: &str, id: &str) -> Refusal {
    Refusal::missing(format!("Could not find {kind}: {id}."))
}

/// Words a second object of one name.
pub fn duplicate(kind: &str, name: &str, domain: Option<&str>) -> Refusal {
    let place = domain.map(|domain| format!(" at domain ID {domain}")).unwrap_or_default();
    Refusal::conflict(format!(
        "Conflict occurred attempting to store {kind} - Duplicate entry found with name {name}{place}."
    ))
}

/// Checks a name: present, not blank, not too long.
pub fn check_name(name: &str, limit: usize) -> Result<(), Refusal> {
    if name.trim().is_empty() || name.len() > limit {
        return Err(Refusal::bad(format!(
            "Invalid input for field 'name': '{name}' must have 1 to {limit} characters"
        )));
    }
    Ok(())
}

/// Replaces attributes that have no column of their own; `null` removes one.
pub fn merge(extra: &mut Map<String, Value>, rest: Map<String, Value>) {
    for (key, value) in rest {
        if value.is_null() {
            extra.remove(&key);
        } else {
            extra.insert(key, value);
        }
    }
}

/// Turns a serialisable object into its document.
pub fn document(item: &impl serde::Serialize) -> Value {
    serde_json::to_value(item).unwrap_or(Value::Null)
}
