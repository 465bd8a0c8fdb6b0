//! Lists as a client asks for them: filters, sorting, pages and chosen fields.

use std::cmp::Ordering;
use std::ops::Bound;

use serde_json::{Value, json};

use super::State;
use super::attribute::{self, Attr, plain_text};
use super::error;
use super::rest::{Document, Kind, Who, render};
use crate::twin::http::Refusal;

const NOT_FILTERS: [&str; 6] = ["fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"];
const TAG_FILTERS: [&str; 4] = ["tags", "tags-any", "not-tags", "not-tags-any"];

/// What the query of a list asks for.
#[derive(Debug, Default)]
pub struct Listing {
    filters: Vec<(String, Vec<String>)>,
    fields: Vec<String>,
    sorts: Vec<(String, bool)>,
    limit: usize,
    marker: Option<String>,
    reverse: bool,
    pairs: Vec<(String, String)>,
}

impl Listing {
    /// Reads and checks a query.
    pub fn read(attrs: &'static [Attr], pairs: &[(String, String)]) -> Result<Self, Refusal> {
        let all = |name: &str| -> Vec<String> {
            pairs
                .iter()
                .filter(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| value.clone())
                .collect()
        };
        let one = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let limit = one("limit").unwrap_or("0");
        let limit = limit
            .parse()
            .map_err(|_| error::bad("limit", format!("Limit must be an integer 0 or greater and not '{limit}'")))?;
        Ok(Self {
            filters: filters(attrs, pairs)?,
            fields: all("fields"),
            sorts: sorts(attrs, &all("sort_key"), &all("sort_dir"))?,
            limit,
            marker: one("marker").filter(|_| limit > 0).map(str::to_owned),
            reverse: one("page_reverse").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            pairs: pairs.to_vec(),
        })
    }

    /// Returns the objects of the page, and whether it is a full one.
    pub fn page<K: Kind>(&self, state: &State, who: &Who) -> (Vec<Document>, bool) {
        let limit = if self.limit == 0 { usize::MAX } else { self.limit };
        let matching = |object: &K| -> Option<Document> {
            let quick = self
                .filters
                .iter()
                .all(|(name, values)| object.text(name).is_none_or(|text| values.iter().any(|value| value == text)));
            if !quick || !object.seen(state, who) {
                return None;
            }
            Some(render(state, who, object)).filter(|document| self.keeps(document))
        };
        let documents: Vec<_> = if self.sorts.is_empty() {
            self.by_id::<K>(state, limit, matching)
        } else {
            let mut all: Vec<_> = K::table(state).values().filter_map(matching).collect();
            all.sort_by(|one, other| self.compare(one, other));
            self.cut(all, limit)
        };
        let full = documents.len() >= limit;
        (documents, full)
    }

    /// Walks the table from the marker on, so that a page costs no more than its length.
    fn by_id<K: Kind>(&self, state: &State, limit: usize, keep: impl Fn(&K) -> Option<Document>) -> Vec<Document> {
        let table = K::table(state);
        let marker = self.marker.as_deref();
        if self.reverse {
            let before = marker.map_or(Bound::Unbounded, Bound::Excluded);
            let walk = table.range::<str, _>((Bound::Unbounded, before)).rev();
            let mut page: Vec<_> = walk.filter_map(|(_, object)| keep(object)).take(limit).collect();
            page.reverse();
            page
        } else {
            let after = marker.map_or(Bound::Unbounded, Bound::Excluded);
            let walk = table.range::<str, _>((after, Bound::Unbounded));
            walk.filter_map(|(_, object)| keep(object)).take(limit).collect()
        }
    }

    fn cut(&self, all: Vec<Document>, limit: usize) -> Vec<Document> {
        let place = self.marker.as_ref().and_then(|marker| {
            all.iter().position(|document| document.get("id").and_then(Value::as_str) == Some(marker))
        });
        if self.reverse {
            let end = place.unwrap_or(all.len());
            all.into_iter().take(end).skip(end.saturating_sub(limit)).collect()
        } else {
            all.into_iter().skip(place.map_or(0, |place| place + 1)).take(limit).collect()
        }
    }

    fn compare(&self, one: &Document, other: &Document) -> Ordering {
        for (name, ascending) in &self.sorts {
            let order = order(one.get(name), other.get(name));
            if order != Ordering::Equal {
                return if *ascending { order } else { order.reverse() };
            }
        }
        order(one.get("id"), other.get("id"))
    }

    fn keeps(&self, document: &Document) -> bool {
        self.filters.iter().all(|(name, values)| {
            if TAG_FILTERS.contains(&name.as_str()) {
                return tagged(document, name, values);
            }
            match document.get(name) {
                Some(Value::Array(items)) => values.iter().any(|value| items.iter().any(|item| holds(item, value))),
                Some(value) => {
                    let text = plain_text(value);
                    values.contains(&text)
                }
                None => false,
            }
        })
    }

    /// Returns the page's links to the next and the previous one.
    pub fn links(&self, url: &str, page: &[Document], full: bool) -> Vec<Value> {
        if self.limit == 0 {
            return Vec::new();
        }
        let id = |document: Option<&Document>| document.map(|document| plain_text(&document["id"]));
        let link = |rel: &str, marker: Option<String>, reverse: bool| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (key, value) in self.pairs.iter().filter(|(key, _)| key != "marker" && key != "page_reverse") {
                query.append_pair(key, value);
            }
            if let Some(marker) = marker {
                query.append_pair("marker", &marker);
            }
            if reverse {
                query.append_pair("page_reverse", "True");
            }
            json!({"rel": rel, "href": format!("{url}?{}", query.finish())})
        };
        let next = (full || self.reverse).then(|| link("next", id(page.last()), false));
        let previous = (full || !self.reverse).then(|| link("previous", id(page.first()), true));
        next.into_iter().chain(previous).collect()
    }

    /// Reduces an object to the chosen fields.
    pub fn select(&self, document: Document) -> Document {
        Self::select_from(&self.fields, document)
    }

    /// Reduces an object to the named fields; no names means all.
    pub fn select_from(fields: &[String], document: Document) -> Document {
        if fields.is_empty() {
            return document;
        }
        document.into_iter().filter(|(name, _)| fields.contains(name)).collect()
    }

    /// Reads the names of the chosen fields alone.
    pub fn fields(pairs: &[(String, String)]) -> Vec<String> {
        pairs.iter().filter(|(key, _)| key == "fields").map(|(_, value)| value.clone()).collect()
    }
}

fn filters(attrs: &'static [Attr], pairs: &[(String, String)]) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let mut filters: Vec<(String, Vec<String>)> = Vec::new();
    let mut unknown = Vec::new();
    for (name, value) in pairs.iter().filter(|(name, _)| !NOT_FILTERS.contains(&name.as_str())) {
        let value = match attribute::find(attrs, name).filter(|attr| attr.filter) {
            Some(attr) => attr.filter_text(value)?,
            None if TAG_FILTERS.contains(&name.as_str()) => value.clone(),
            None => {
                unknown.push(format!("'{name}'"));
                continue;
            }
        };
        match filters.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value),
            None => filters.push((name.clone(), vec![value])),
        }
    }
    if unknown.is_empty() {
        return Ok(filters);
    }
    Err(error::bad_request(format!("[{}] is invalid attribute for filtering", unknown.join(", "))))
}

fn sorts(attrs: &'static [Attr], keys: &[String], dirs: &[String]) -> Result<Vec<(String, bool)>, Refusal> {
    if keys.len() != dirs.len() {
        return Err(error::bad_request("The number of sort_keys and sort_dirs must be same"));
    }
    if let Some(key) = keys.iter().find(|key| !attribute::find(attrs, key).is_some_and(|attr| attr.sort)) {
        return Err(error::bad_request(format!("['{key}'] is invalid attribute for sort_keys")));
    }
    if let Some(dir) = dirs.iter().find(|dir| !matches!(dir.as_str(), "asc" | "desc")) {
        let what = format!("['{dir}'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'");
        return Err(error::bad_request(what));
    }
    Ok(keys.iter().cloned().zip(dirs.iter().map(|dir| dir == "asc")).collect())
}

fn order(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => {
            one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal)
        }
        (one, other) => one.map(plain_text).cmp(&other.map(plain_text)),
    }
}

/// Matches an element of a list field: a text itself, or `key=value` of an object (`fixed_ips=ip_address=10.0.0.2`).
fn holds(item: &Value, wanted: &str) -> bool {
    match (item, wanted.split_once('=')) {
        (Value::Object(item), Some((key, ""))) => item.contains_key(key),
        (Value::Object(item), Some(("ip_address_substr", part))) => {
            item.get("ip_address").is_some_and(|address| plain_text(address).contains(part))
        }
        (Value::Object(item), Some((key, value))) => item.get(key).is_some_and(|have| plain_text(have) == value),
        (item, _) => plain_text(item) == wanted,
    }
}

fn tagged(document: &Document, name: &str, values: &[String]) -> bool {
    let tags: Vec<_> = document.get("tags").and_then(Value::as_array).into_iter().flatten().map(plain_text).collect();
    let mut wanted = values.iter().flat_map(|value| value.split(','));
    match name {
        "tags" => wanted.all(|tag| tags.iter().any(|have| have == tag)),
        "tags-any" => wanted.any(|tag| tags.iter().any(|have| have == tag)),
        "not-tags" => !wanted.all(|tag| tags.iter().any(|have| have == tag)),
        _ => !wanted.any(|tag| tags.iter().any(|have| have == tag)),
    }
}
