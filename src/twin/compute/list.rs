//! Listing servers: filters, order, pages.

use std::ops::Bound;

use serde_json::{Value, json};

use super::model::Server;
use super::state::{server, youth};
use super::status::status;
use super::view;
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};
use crate::twin::network;

/// Filters that only administrators may use; from others they are ignored, as Nova does.
const FOR_ADMINS: &[&str] =
    &["host", "node", "project_id", "tenant_id", "user_id", "task_state", "vm_state", "power_state"];

/// Parameters that Nova knows and this twin does not filter by.
const NO_EFFECT: &[&str] = &[
    "changes-since",
    "changes-before",
    "deleted",
    "soft_deleted",
    "all_projects",
    "locked",
    "launch_index",
    "kernel_id",
    "ramdisk_id",
    "root_device_name",
    "terminated_at",
    "launched_at",
    "created_at",
    "display_description",
    "display_name",
    "instance_type_id",
    "config_drive",
    "progress",
    "auto_disk_config",
];

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/servers", brief),
        Route::get("/v2.1/servers/detail", detail),
        Route::get("/v2.1/servers/{id}", show),
        Route::get("/v2.1/servers/{id}/ips", ips),
        Route::get("/v2.1/servers/{id}/ips/{network}", ips),
    ]
}

fn show(call: &mut Call) -> Answer {
    let found = server(call)?;
    Ok(Reply::ok(json!({"server": view::full(call, found, true)})))
}

fn ips(call: &mut Call) -> Answer {
    let found = server(call)?;
    let mut all = json!({});
    for port in network::server_ports(call.cloud, &found.id) {
        let entry =
            port.fixed_ips.iter().map(|(_, ip)| json!({"addr": ip, "version": if ip.contains(':') { 6 } else { 4 }}));
        let list: Vec<Value> = all[&port.network_name].as_array().cloned().unwrap_or_default();
        all[&port.network_name] = list.into_iter().chain(entry).collect();
    }
    let label = call.param(1);
    if label.is_empty() {
        return Ok(Reply::ok(json!({ "addresses": all })));
    }
    let one = all[&label].take();
    if one.is_null() { Err(Refusal::missing("Network name not found")) } else { Ok(Reply::ok(json!({ label: one }))) }
}

fn brief(call: &mut Call) -> Answer {
    list(call, view::brief)
}

fn detail(call: &mut Call) -> Answer {
    list(call, |call, server| view::full(call, server, false))
}

fn list(call: &mut Call, render: fn(&Call, &Server) -> Value) -> Answer {
    let everybody =
        call.query.flag("all_tenants").unwrap_or_default() || call.query.flag("all_projects").unwrap_or_default();
    if everybody && !call.caller.is_admin() {
        let rule = if call.path.ends_with("detail") { "detail" } else { "index" };
        return Err(call.policy(&format!("os_compute_api:servers:{rule}:get_all_tenants")));
    }
    let filters = Filters::read(call, everybody)?;
    let limit = page_limit(call)?;
    let found = in_order(call, &filters, limit + 1)?;
    let more = found.len() > limit;
    let page = &found[..limit.min(found.len())];
    let mut body = json!({"servers": page.iter().map(|server| render(call, server)).collect::<Vec<_>>()});
    if let Some(last) = page.last().filter(|_| more) {
        body["servers_links"] = json!([{"rel": "next", "href": call.next(&last.id)}]);
    }
    Ok(Reply::ok(body))
}

/// Reads `limit`: at most, and by default, a thousand.
pub fn page_limit(call: &Call) -> Result<usize, Refusal> {
    let Some(text) = call.query.get("limit") else { return Ok(1000) };
    let limit: usize = text.parse().map_err(|_| {
        Refusal::bad(format!(
            "Invalid input for query parameters limit. Value: {text}. '{text}' does not match '^[0-9]*$'"
        ))
    })?;
    Ok(limit.min(1000))
}

/// Returns at most `want` servers after the marker, in the order asked for.
fn in_order<'a>(call: &'a Call, filters: &Filters, want: usize) -> Result<Vec<&'a Server>, Refusal> {
    let state = &call.cloud.compute;
    let marker = match call.query.get("marker") {
        Some(id) => Some(state.servers.get(id).ok_or_else(|| Refusal::bad(format!("marker [{id}] not found")))?),
        None => None,
    };
    let keys = call.query.all("sort_key");
    let ways = call.query.all("sort_dir");
    if keys.is_empty() || keys == ["created_at"] && ways.first().is_none_or(|way| *way == "desc") {
        // The usual order is kept ready, so that a page of a large cloud costs no more than itself.
        let start = marker.map_or(Bound::Unbounded, |marker| Bound::Excluded(youth(marker)));
        let after = state.order.range((start, Bound::Unbounded)).filter_map(|(_, id)| state.servers.get(id));
        return Ok(after.filter(|server| filters.fit(server)).take(want).collect());
    }
    let mut all: Vec<&Server> = state.servers.values().filter(|server| filters.fit(server)).collect();
    for (place, key) in keys.iter().enumerate().rev() {
        let text = sort_text(key).ok_or_else(|| Refusal::bad(format!("Sort key supplied is invalid: {key}")))?;
        all.sort_by_key(|server| text(server));
        if ways.get(place).is_none_or(|way| *way == "desc") {
            all.reverse();
        }
    }
    let start = marker.map_or(0, |marker| all.iter().position(|server| server.id == marker.id).map_or(0, |at| at + 1));
    Ok(all.into_iter().skip(start).take(want).collect())
}

fn sort_text(key: &str) -> Option<fn(&Server) -> String> {
    Some(match key {
        "created_at" => |server| format!("{:020}{:020}", server.created, server.number),
        "updated_at" => |server| format!("{:020}{:020}", server.updated, server.number),
        "display_name" | "name" => |server| server.name.clone(),
        "uuid" | "id" => |server| server.id.clone(),
        "host" => |server| server.host.clone(),
        "vm_state" => |server| server.vm_state.clone(),
        "task_state" => |server| server.task_state.clone().unwrap_or_default(),
        "project_id" | "tenant_id" => |server| server.project.clone(),
        "user_id" => |server| server.user.clone(),
        "key_name" => |server| server.key_name.clone().unwrap_or_default(),
        _ => return None,
    })
}

/// What a server must be to be listed.
struct Filters {
    project: Option<String>,
    equal: Vec<(String, String)>,
    name: Option<String>,
    status: Vec<String>,
    tags: Vec<(String, Vec<String>)>,
    only_with: Option<std::collections::BTreeSet<String>>,
}

impl Filters {
    fn read(call: &Call, everybody: bool) -> Result<Self, Refusal> {
        let own = Some(call.caller.project_id.clone());
        let asked = call.query.get("project_id").or_else(|| call.query.get("tenant_id")).map(str::to_owned);
        let mut filters = Self {
            project: if everybody { asked } else { own },
            equal: Vec::new(),
            name: call.query.get("name").map(str::to_owned),
            status: call.query.all("status").iter().map(|status| status.to_uppercase()).collect(),
            tags: Vec::new(),
            only_with: None,
        };
        for key in [
            "host",
            "node",
            "user_id",
            "task_state",
            "vm_state",
            "power_state",
            "flavor",
            "image",
            "uuid",
            "reservation_id",
            "key_name",
            "availability_zone",
            "hostname",
            "description",
            "access_ip_v4",
            "access_ip_v6",
        ] {
            if let Some(value) = call.query.get(key)
                && (call.caller.is_admin() || !FOR_ADMINS.contains(&key))
            {
                filters.equal.push((key.to_owned(), value.to_owned()));
            }
        }
        for key in ["tags", "tags-any", "not-tags", "not-tags-any"] {
            if let Some(value) = call.query.get(key).filter(|_| call.since(2, 26)) {
                filters.tags.push((key.to_owned(), value.split(',').map(str::to_owned).collect()));
            }
        }
        if let Some(address) = call.query.get("ip").or_else(|| call.query.get("ip6")) {
            filters.only_with = Some(with_address(call, address));
        }
        call.query.accept(NO_EFFECT);
        call.query.accept(&[
            "limit",
            "marker",
            "sort_key",
            "sort_dir",
            "all_tenants",
            "project_id",
            "tenant_id",
            "ip",
            "ip6",
        ]);
        strict(call)?;
        Ok(filters)
    }

    fn fit(&self, server: &Server) -> bool {
        self.project.as_ref().is_none_or(|project| *project == server.project)
            && self.name.as_ref().is_none_or(|pattern| like(pattern, &server.name))
            && (self.status.is_empty() || self.status.iter().any(|wanted| wanted == status(server)))
            && self.equal.iter().all(|(key, value)| equals(server, key, value))
            && self.tags.iter().all(|(key, wanted)| tagged(server, key, wanted))
            && self.only_with.as_ref().is_none_or(|ids| ids.contains(&server.id))
    }
}

/// Refuses words that no handler knows; Nova does so from 2.75 on.
pub fn strict(call: &Call) -> Result<(), Refusal> {
    match call.query.stranger().filter(|_| call.since(2, 75)) {
        Some(name) => Err(Refusal::bad(format!(
            "Invalid input for query parameters. Additional properties are not allowed ('{name}' was unexpected)"
        ))),
        None => Ok(()),
    }
}

fn with_address(call: &Call, address: &str) -> std::collections::BTreeSet<String> {
    let has = |server: &&Server| {
        let ports = network::server_ports(call.cloud, &server.id);
        ports.iter().flat_map(|port| &port.fixed_ips).any(|(_, ip)| like(address, ip))
    };
    call.cloud.compute.servers.values().filter(has).map(|server| server.id.clone()).collect()
}

/// Matches as Nova's regular expressions do, as far as names need it: anchors and escapes.
fn like(pattern: &str, text: &str) -> bool {
    let (start, rest) = pattern.strip_prefix('^').map_or((false, pattern), |rest| (true, rest));
    let (end, rest) = rest.strip_suffix('$').map_or((false, rest), |rest| (true, rest));
    let plain = rest.replace(".*", "").replace('\\', "");
    match (start, end) {
        (true, true) => text == plain,
        (true, false) => text.starts_with(&plain),
        (false, true) => text.ends_with(&plain),
        (false, false) => text.contains(&plain),
    }
}

fn equals(server: &Server, key: &str, value: &str) -> bool {
    match key {
        "host" | "node" => server.host == value,
        "user_id" => server.user == value,
        "task_state" => server.task_state.as_deref().unwrap_or_default() == value,
        "vm_state" => server.vm_state == value,
        "power_state" => server.power_state.to_string() == value,
        "flavor" => server.flavor.id == value,
        "image" => server.image.as_deref() == Some(value),
        "uuid" => server.id == value,
        "reservation_id" => server.reservation == value,
        "key_name" => server.key_name.as_deref() == Some(value),
        "availability_zone" => server.wanted_zone.as_deref() == Some(value),
        "hostname" => server.hostname == value,
        "description" => server.description.as_deref().is_some_and(|text| like(value, text)),
        "access_ip_v4" => server.access_ipv4 == value,
        "access_ip_v6" => server.access_ipv6 == value,
        _ => true,
    }
}

fn tagged(server: &Server, key: &str, wanted: &[String]) -> bool {
    let has = |tag: &String| server.tags.contains(tag);
    match key {
        "tags" => wanted.iter().all(has),
        "tags-any" => wanted.iter().any(has),
        "not-tags" => !wanted.iter().all(has),
        _ => !wanted.iter().any(has),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_by_anchors() {
        assert!(like("^web-1$", "web-1") && !like("^web-1$", "web-10"));
        assert!(like("eb", "web-1") && like("^web", "web-1") && like(".*-1$", "web-1"));
    }
}
