//! Lists of volumes and snapshots: filters, sorting, pages. What both kinds need is here once.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use crate::twin::http::{Call, Refusal};

const MAX_LIMIT: usize = 1000;
const NOT_FILTERS: [&str; 10] = [
    "limit",
    "marker",
    "offset",
    "sort",
    "sort_key",
    "sort_dir",
    "all_tenants",
    "with_count",
    "project_id",
    "glance_metadata",
];
const SORT_KEYS: [&str; 9] =
    ["id", "status", "size", "availability_zone", "name", "display_name", "bootable", "created_at", "updated_at"];

/// An object of a list.
pub trait Listed {
    /// The kind's key around lists.
    const MANY: &'static str;
    /// The singular, capitalised, for messages.
    const NAME: &'static str;
    /// Returns the id.
    fn id(&self) -> &str;
    /// Returns the owner.
    fn project(&self) -> &str;
    /// Returns the place in the order of creation.
    fn sequence(&self) -> u64;
    /// Renders the fields that filters and sorting look at.
    fn fields(&self, call: &Call) -> Map<String, Value>;
}

/// Returns the page of objects that the query asks for, newest first unless it says otherwise, and its links.
pub fn page<'o, T: Listed + 'o>(
    call: &Call,
    all: impl Iterator<Item = &'o T>,
) -> Result<(Vec<&'o T>, Option<Value>), Refusal> {
    let limit = number(call, "limit", MAX_LIMIT)?.min(MAX_LIMIT);
    let offset = number(call, "offset", 0)?;
    let sorts = sorts(call)?;
    let everyone = call.caller.is_admin() && call.query.flag("all_tenants").unwrap_or(false);
    let project = call.query.get("project_id").filter(|_| everyone);
    let filters: Vec<_> = call.query.pairs().iter().filter(|(name, _)| !NOT_FILTERS.contains(&name.as_str())).collect();
    let shown = |object: &&T| {
        let own = everyone || object.project() == call.caller.project_id;
        own && project.is_none_or(|project| object.project() == project)
    };
    let fits = |object: &&T| filters.is_empty() || keeps(&object.fields(call), &filters, call.caller.is_admin());
    let mut found: Vec<&T> = all.filter(shown).filter(fits).collect();
    if sorts.is_empty() {
        found.sort_by_key(|object| std::cmp::Reverse(object.sequence()));
    } else {
        let mut keyed: Vec<_> = found.into_iter().map(|object| (object.fields(call), object)).collect();
        keyed.sort_by(|one, other| compare(&sorts, one, other));
        found = keyed.into_iter().map(|(_, object)| object).collect();
    }
    let start = match call.query.get("marker") {
        None => offset,
        Some(marker) => {
            let place = found.iter().position(|object| object.id() == marker);
            place.ok_or_else(|| Refusal::missing(format!("{} {marker} could not be found.", T::NAME)))? + 1 + offset
        }
    };
    let page: Vec<&T> = found.into_iter().skip(start).take(limit).collect();
    let full = page.len() == limit && call.query.get("limit").is_some();
    let next = page.last().filter(|_| full).map(|last| json!([{"rel": "next", "href": call.next(last.id())}]));
    Ok((page, next))
}

/// Puts a page into the body of an answer.
pub fn body(many: &str, items: Vec<Value>, next: Option<Value>) -> Value {
    let mut body = json!({many: items});
    if let Some(next) = next {
        body[format!("{many}_links")] = next;
    }
    body
}

fn number(call: &Call, name: &str, default: usize) -> Result<usize, Refusal> {
    let Some(text) = call.query.get(name) else { return Ok(default) };
    let number: i64 = text.parse().map_err(|_| Refusal::bad(format!("{name} param must be an integer")))?;
    usize::try_from(number).map_err(|_| Refusal::bad(format!("{name} param must be positive")))
}

fn sorts(call: &Call) -> Result<Vec<(String, bool)>, Refusal> {
    let text = match (call.query.get("sort"), call.query.get("sort_key")) {
        (Some(sort), None) => sort.to_owned(),
        (None, Some(key)) => format!("{key}:{}", call.query.get("sort_dir").unwrap_or("desc")),
        (None, None) => return Ok(Vec::new()),
        (Some(_), Some(_)) => {
            let what = "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' \
                        parameter.";
            return Err(Refusal::bad(what));
        }
    };
    let one = |item: &str| {
        let (key, dir) = item.split_once(':').unwrap_or((item, "desc"));
        if !SORT_KEYS.contains(&key) {
            return Err(Refusal::bad("Invalid input received: Invalid sort key"));
        }
        if !matches!(dir, "asc" | "desc") {
            return Err(Refusal::bad("Unknown sort direction, must be one of: asc, desc"));
        }
        Ok((key.replace("display_", ""), dir == "asc"))
    };
    text.split(',').map(one).collect()
}

type Keyed<'o, T> = (Map<String, Value>, &'o T);

fn compare<T: Listed>(sorts: &[(String, bool)], one: &Keyed<T>, other: &Keyed<T>) -> Ordering {
    for (key, ascending) in sorts {
        let (left, right) = (one.0.get(key), other.0.get(key));
        let order = match (left.and_then(Value::as_u64), right.and_then(Value::as_u64)) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left.map(text).cmp(&right.map(text)),
        };
        if order != Ordering::Equal {
            return if *ascending { order } else { order.reverse() };
        }
    }
    other.1.sequence().cmp(&one.1.sequence())
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Cinder finds nothing by a filter it does not know, except that it takes such filters from others than administrators.
fn keeps(fields: &Map<String, Value>, filters: &[&(String, String)], admin: bool) -> bool {
    filters.iter().all(|(name, wanted)| {
        let (name, part) = match name.strip_suffix('~') {
            Some(name) => (name, true),
            None => (name.as_str(), false),
        };
        let have = fields.get(name.strip_prefix("display_").unwrap_or(name));
        match have {
            None => !admin,
            Some(Value::Object(words)) => in_words(words, wanted),
            Some(value) if part => text(value).contains(wanted.as_str()),
            Some(value) => text(value).eq_ignore_ascii_case(wanted),
        }
    })
}

/// Reads a filter on metadata, which is written as Python or JSON would: `{'tier': 'gold'}`.
fn in_words(words: &Map<String, Value>, wanted: &str) -> bool {
    let Ok(Value::Object(wanted)) = serde_json::from_str(&wanted.replace('\'', "\"")) else { return false };
    wanted.iter().all(|(name, value)| words.get(name).is_some_and(|have| text(have) == text(value)))
}
