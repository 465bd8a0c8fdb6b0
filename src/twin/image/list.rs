//! Lists of images: what a caller sees by default, filters, sorting, pages.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::model::{Image, settle};
use crate::twin::http::{Answer, Call, Query, Refusal, Reply};

const DEFAULT_LIMIT: usize = 25;
const MAX_LIMIT: usize = 1000;
const SORT_KEYS: [&str; 8] =
    ["name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at"];
const NOT_FILTERS: [&str; 9] =
    ["limit", "marker", "member_status", "visibility", "os_hidden", "tag", "sort", "sort_key", "sort_dir"];

/// What the query of a list asks for.
struct Wanted {
    visibility: Option<String>,
    member_status: String,
    hidden: bool,
    tags: Vec<String>,
    filters: Vec<(String, String)>,
    sorts: Vec<(String, bool)>,
    limit: usize,
}

/// `GET /v2/images`.
pub fn list(call: &mut Call) -> Answer {
    let wanted = Wanted::read(&call.query)?;
    let fits = |image: &&Image| wanted.shows(image, call) && wanted.keeps(image);
    let mut found: Vec<&Image> = call.cloud.image.images.values().filter(fits).collect();
    found.sort_by(|one, other| wanted.compare(one, other));
    let start = match call.query.get("marker") {
        None => 0,
        Some(marker) => {
            let place = found.iter().position(|image| image.id == marker);
            place.ok_or_else(|| Refusal::bad(format!("No image found with ID {marker}")))? + 1
        }
    };
    let ids: Vec<String> = found[start..].iter().take(wanted.limit).map(|image| image.id.clone()).collect();
    for id in &ids {
        settle(call.cloud, id);
    }
    let images: Vec<_> = ids.iter().filter_map(|id| call.cloud.image.images.get(id)).map(Image::document).collect();
    let mut first = url::form_urlencoded::Serializer::new(String::new());
    first.extend_pairs(call.query.pairs().iter().filter(|(name, _)| name != "marker"));
    let first = first.finish();
    let first = if first.is_empty() { "/v2/images".to_owned() } else { format!("/v2/images?{first}") };
    let mut body = json!({"images": images, "first": first, "schema": "/v2/schemas/images"});
    if ids.len() == wanted.limit
        && let Some(last) = ids.last()
    {
        body["next"] = format!("/v2/images?{}", call.query.with_marker(last)).into();
    }
    Ok(Reply::ok(body))
}

impl Wanted {
    fn read(query: &Query) -> Result<Self, Refusal> {
        let visibility = query.get("visibility").map(str::to_owned);
        if let Some(other) = visibility.as_deref()
            && !matches!(other, "public" | "private" | "shared" | "community" | "all")
        {
            return Err(Refusal::bad(format!("Invalid visibility value: {other}")));
        }
        let member_status = query.get("member_status").unwrap_or("accepted").to_owned();
        if !matches!(member_status.as_str(), "pending" | "accepted" | "rejected" | "all") {
            return Err(Refusal::bad(format!("Invalid status: {member_status}")));
        }
        let limit = match query.get("limit") {
            None => DEFAULT_LIMIT,
            Some(text) => {
                let limit: i64 = text.parse().map_err(|_| Refusal::bad("limit param must be an integer"))?;
                usize::try_from(limit).map_err(|_| Refusal::bad("limit param must be positive"))?
            }
        };
        let filters = query.pairs().iter().filter(|(name, _)| !NOT_FILTERS.contains(&name.as_str())).cloned();
        Ok(Self {
            visibility,
            member_status,
            hidden: query.flag("os_hidden").unwrap_or(false),
            tags: query.all("tag").into_iter().map(|tag| tag.trim().to_owned()).collect(),
            filters: filters.collect(),
            sorts: sorts(query)?,
            limit: limit.min(MAX_LIMIT),
        })
    }

    fn shows(&self, image: &Image, call: &Call) -> bool {
        let project = &call.caller.project_id;
        let own = image.owned_by(project);
        let member = image.members.get(project).filter(|_| image.visibility == "shared");
        let accepted = member.is_some_and(|member| self.member_status == "all" || member.status == self.member_status);
        let open = matches!(image.visibility.as_str(), "public" | "community");
        let wanted = match self.visibility.as_deref() {
            Some("all") => true,
            Some(visibility) => image.visibility == visibility,
            None => image.visibility != "community" || own,
        };
        wanted && image.hidden == self.hidden && (call.caller.is_admin() || own || open || accepted)
    }

    fn keeps(&self, image: &Image) -> bool {
        if !self.tags.iter().all(|tag| image.tags.contains(tag)) {
            return false;
        }
        if self.filters.is_empty() {
            return true;
        }
        let document = image.document();
        self.filters.iter().all(|(name, value)| match (name.as_str(), image.size.unwrap_or(0)) {
            ("size_min", size) => value.parse().is_ok_and(|least: u64| size >= least),
            ("size_max", size) => value.parse().is_ok_and(|most: u64| size <= most),
            _ => matches(document.get(name), value),
        })
    }

    fn compare(&self, one: &Image, other: &Image) -> Ordering {
        for (key, ascending) in &self.sorts {
            let order = match key.as_str() {
                "created_at" => (one.created, one.sequence).cmp(&(other.created, other.sequence)),
                "updated_at" => (one.updated, one.sequence).cmp(&(other.updated, other.sequence)),
                "size" => one.size.cmp(&other.size),
                "name" => one.name.cmp(&other.name),
                "status" => one.status.cmp(&other.status),
                "disk_format" => one.disk_format.cmp(&other.disk_format),
                "container_format" => one.container_format.cmp(&other.container_format),
                _ => one.id.cmp(&other.id),
            };
            if order != Ordering::Equal {
                return if *ascending { order } else { order.reverse() };
            }
        }
        other.sequence.cmp(&one.sequence)
    }
}

fn matches(have: Option<&Value>, wanted: &str) -> bool {
    let text = match have {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => return false,
        Some(other) => other.to_string(),
    };
    if let Some((operator, value)) = wanted.split_once(':') {
        match operator {
            "gte" => return text.as_str() >= value,
            "lte" => return text.as_str() <= value,
            "gt" => return text.as_str() > value,
            "lt" => return text.as_str() < value,
            "neq" => return text != value,
            "eq" => return text == value,
            _ => {}
        }
    }
    match wanted.strip_prefix("in:") {
        Some(list) => list.split(',').any(|item| item.trim_matches('"') == text),
        None if have.is_some_and(Value::is_boolean) => text.eq_ignore_ascii_case(wanted),
        None => text == wanted,
    }
}

fn sorts(query: &Query) -> Result<Vec<(String, bool)>, Refusal> {
    let (keys, dirs): (Vec<String>, Vec<String>) = match query.get("sort") {
        Some(text) => {
            if query.has("sort_key") || query.has("sort_dir") {
                return Err(Refusal::bad("Old and new sorting syntax cannot be combined"));
            }
            let pair = |item: &str| {
                let (key, dir) = item.split_once(':').unwrap_or((item, "desc"));
                (key.trim().to_owned(), dir.trim().to_owned())
            };
            text.split(',').map(pair).unzip()
        }
        None => {
            let all = |name| query.all(name).into_iter().map(str::to_owned).collect();
            (all("sort_key"), all("sort_dir"))
        }
    };
    if let Some(key) = keys.iter().find(|key| !SORT_KEYS.contains(&key.as_str())) {
        let known = SORT_KEYS.join(", ");
        return Err(Refusal::bad(format!("Invalid sort key: {key}. It must be one of the following: {known}.")));
    }
    if let Some(dir) = dirs.iter().find(|dir| !matches!(dir.as_str(), "asc" | "desc")) {
        return Err(Refusal::bad(format!("Invalid sort direction: {dir}")));
    }
    if dirs.len() > 1 && dirs.len() != keys.len() {
        return Err(Refusal::bad("Number of sort dirs does not match the number of sort keys"));
    }
    let keys = if keys.is_empty() { vec!["created_at".to_owned()] } else { keys };
    let ascending = |place: usize| dirs.get(place).or_else(|| dirs.first()).is_some_and(|dir| dir == "asc");
    Ok(keys.into_iter().enumerate().map(|(place, key)| (key, ascending(place))).collect())
}
