//! The whole state of two twins in a form that is the same for two runs that came to the same end: ids by what they name,
//! without times, addresses that a cloud chose, hosts that a scheduler chose, and the history of actions.

use std::collections::{BTreeMap, HashMap};

use moonferry::twin::Twin;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Fields that differ between two runs of the same end.
const BY_CHANCE: [&str; 8] =
    ["actions", "host", "binding:host_id", "request_id", "provider:segmentation_id", "attachment", "mapping", "number"];
/// Lists whose order is a fact; all others are sets.
const ORDERED: [&str; 6] = ["nics", "volumes", "fixed_ips", "dns_nameservers", "host_routes", "allocation_pools"];

/// One line for each object of both twins.
#[derive(Debug, PartialEq)]
pub struct Portrait(Vec<String>);

impl Portrait {
    pub fn of(twins: &[&Twin]) -> Self {
        let mut objects = Vec::new();
        for twin in twins {
            gather(twin, &mut objects);
        }
        let names: HashMap<&str, &str> =
            objects.iter().map(|object| (object.id.as_str(), object.label.as_str())).collect();
        let mut lines: Vec<String> = objects
            .iter()
            .map(|object| format!("{} {} {}", object.label, plain("", &object.document, &names), object.bytes))
            .collect();
        lines.sort();
        Self(lines)
    }
}

/// Fails where two portraits differ, and shows only how.
#[track_caller]
pub fn same(story: &str, wanted: &Portrait, found: &Portrait) {
    let count = |portrait: &Portrait| {
        portrait.0.iter().fold(BTreeMap::<String, i32>::new(), |mut all, line| {
            *all.entry(line.clone()).or_default() += 1;
            all
        })
    };
    let (wanted, found) = (count(wanted), count(found));
    let of = |all: &BTreeMap<String, i32>, line: &String| all.get(line).copied().unwrap_or_default();
    let mut differs = Vec::new();
    for line in wanted.keys().chain(found.keys().filter(|line| !wanted.contains_key(*line))) {
        match of(&found, line) - of(&wanted, line) {
            0 => {}
            more if more > 0 => differs.push(format!("too much: {line}")),
            _ => differs.push(format!("missing:  {line}")),
        }
    }
    assert!(differs.is_empty(), "{}\n{story}", differs.join("\n"));
}

struct Object {
    id: String,
    label: String,
    document: Value,
    bytes: String,
}

fn gather(twin: &Twin, objects: &mut Vec<Object>) {
    let snapshot = twin.snapshot();
    for (service, tables) in snapshot.as_object().unwrap() {
        if service == "image" {
            table(twin, "images", tables, objects);
            continue;
        }
        for (kind, rows) in tables.as_object().unwrap() {
            table(twin, kind, rows, objects);
        }
    }
}

fn table(twin: &Twin, kind: &str, rows: &Value, objects: &mut Vec<Object>) {
    let mut keep = |id: &str, document: &Value| {
        let named = |key: &str| document.get(key).and_then(Value::as_str).filter(|name| !name.is_empty());
        let address = document.pointer("/fixed_ips/0/ip_address").and_then(Value::as_str);
        let name = named("name").or(address).or(named("floating_ip_address")).unwrap_or_default();
        let label = format!("{}/{kind}/{name}", twin.name());
        objects.push(Object { id: id.to_owned(), label, document: document.clone(), bytes: bytes(twin, kind, id) });
    };
    match rows {
        // The same members again, keyed by the group's id, and quotas by the project's: no objects of their own.
        Value::Object(rows) if matches!(kind, "members" | "quotas") => {
            keep("", &Value::Object(rows.clone()));
        }
        Value::Object(rows) => rows.iter().for_each(|(id, row)| keep(id, row)),
        Value::Array(rows) => rows.iter().for_each(|row| keep("", row)),
        _ => {}
    }
}

/// The bytes of a disk or an image, where the twin had reason to write them down.
fn bytes(twin: &Twin, kind: &str, id: &str) -> String {
    if !matches!(kind, "volumes" | "images") || twin.name() == "old" {
        return String::new();
    }
    match std::fs::read(twin.data().join(kind).join(id)) {
        Ok(bytes) => hex::encode(&Sha256::digest(bytes)[..8]),
        Err(_) => "no bytes".to_owned(),
    }
}

/// A document as text, keys in order, ids by what they name.
fn plain(field: &str, value: &Value, names: &HashMap<&str, &str>) -> String {
    match value {
        Value::Object(map) => {
            let mut parts: Vec<String> = map
                .iter()
                .filter(|(key, value)| !by_chance(key, value, map))
                .map(|(key, value)| format!("{}: {}", text(key, names), plain(key, value, names)))
                .collect();
            parts.sort();
            format!("{{{}}}", parts.join(", "))
        }
        Value::Array(list) => {
            let mut parts: Vec<String> = list.iter().map(|value| plain(field, value, names)).collect();
            if !ORDERED.contains(&field) {
                parts.sort();
            }
            format!("[{}]", parts.join(", "))
        }
        Value::String(string) => text(string, names),
        other => other.to_string(),
    }
}

fn by_chance(key: &str, value: &Value, of: &Map<String, Value>) -> bool {
    let port_of_cloud =
        || of.get("device_owner").and_then(Value::as_str).is_some_and(|owner| owner.starts_with("network:"));
    BY_CHANCE.contains(&key) || (key == "id" && value.is_number()) || (key == "mac_address" && port_of_cloud())
}

/// A string with each id replaced by the name of its object, and runs without their id.
fn text(string: &str, names: &HashMap<&str, &str>) -> String {
    let mut parts: Vec<&str> = string.split(':').collect();
    if parts[0] == "moonferry" && parts.len() > 2 {
        parts[1] = "RUN";
    }
    let string = parts.join(":");
    let mut out = String::new();
    let mut rest = string.as_str();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !is_id(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match looks_like_id(word) {
            true => out.push_str(names.get(word).unwrap_or(&"?")),
            false => out.push_str(word),
        }
        let other = after.find(is_id).unwrap_or(after.len());
        out.push_str(&after[..other]);
        rest = &after[other..];
    }
    out
}

fn is_id(c: char) -> bool {
    c.is_ascii_hexdigit() || c == '-'
}

fn looks_like_id(word: &str) -> bool {
    (word.len() == 36 && word.matches('-').count() == 4) || (word.len() == 32 && !word.contains('-'))
}
