//! `/servers/{id}/metadata`, `/servers/{id}/tags`, and `PUT /servers/{id}`.

use std::collections::BTreeMap;

use serde_json::json;

use super::model::Server;
use super::state::{server, server_mut};
use super::status::unlocked;
use super::view;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/servers/{id}/metadata", list),
        Route::post("/v2.1/servers/{id}/metadata", merge),
        Route::put("/v2.1/servers/{id}/metadata", replace),
        Route::get("/v2.1/servers/{id}/metadata/{key}", show),
        Route::put("/v2.1/servers/{id}/metadata/{key}", set),
        Route::delete("/v2.1/servers/{id}/metadata/{key}", remove),
        Route::get("/v2.1/servers/{id}/tags", tags),
        Route::put("/v2.1/servers/{id}/tags", replace_tags),
        Route::delete("/v2.1/servers/{id}/tags", clear_tags),
        Route::get("/v2.1/servers/{id}/tags/{tag}", has_tag),
        Route::put("/v2.1/servers/{id}/tags/{tag}", add_tag),
        Route::delete("/v2.1/servers/{id}/tags/{tag}", remove_tag),
        Route::put("/v2.1/servers/{id}", update),
    ]
}

/// Refuses metadata that Nova cannot store.
pub fn check(metadata: &BTreeMap<String, String>) -> Result<(), Refusal> {
    let word = |key: &str| key.chars().all(|c| c.is_ascii_alphanumeric() || "-_:. ".contains(c));
    for (key, value) in metadata {
        if key.is_empty() || key.len() > 255 || !word(key) || value.len() > 255 {
            return Err(Refusal::bad(format!("Invalid input for field/attribute metadata. Value: {key}={value}.")));
        }
    }
    if metadata.len() > 128 {
        return Err(Refusal::forbidden("Maximum number of metadata items exceeds 128"));
    }
    Ok(())
}

/// Finds a server whose metadata may be changed now.
fn open<'a>(call: &'a mut Call, rule: &str) -> Result<&'a mut Server, Refusal> {
    let caller = call.caller.clone();
    let found = server_mut(call, rule)?;
    unlocked(found, &caller)?;
    if !["active", "paused", "suspended", "stopped"].contains(&found.vm_state.as_str()) {
        return Err(Refusal::conflict(format!(
            "Cannot 'update metadata' instance {} while it is in vm_state {}",
            found.id, found.vm_state
        )));
    }
    Ok(found)
}

fn list(call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"metadata": server(call)?.metadata})))
}

fn show(call: &mut Call) -> Answer {
    let key = call.param(1);
    let value = server(call)?.metadata.get(&key).ok_or_else(|| Refusal::missing("Metadata item was not found"))?;
    Ok(Reply::ok(json!({"meta": { key: value }})))
}

fn words(call: &Call, key: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let mut fields = Fields::of(&call.body, "body")?;
    let words = fields.words(key)?.ok_or_else(|| Refusal::bad(format!("'{key}' is a required property")))?;
    fields.done()?;
    check(&words)?;
    Ok(words)
}

fn merge(call: &mut Call) -> Answer {
    let wanted = words(call, "metadata")?;
    let found = open(call, "os_compute_api:server-metadata:create")?;
    found.metadata.extend(wanted);
    Ok(Reply::ok(json!({"metadata": found.metadata})))
}

fn replace(call: &mut Call) -> Answer {
    let wanted = words(call, "metadata")?;
    let found = open(call, "os_compute_api:server-metadata:update_all")?;
    found.metadata = wanted;
    Ok(Reply::ok(json!({"metadata": found.metadata})))
}

fn set(call: &mut Call) -> Answer {
    let key = call.param(1);
    let wanted = words(call, "meta")?;
    if wanted.len() != 1 || !wanted.contains_key(&key) {
        return Err(Refusal::bad("Request body and URI mismatch"));
    }
    let found = open(call, "os_compute_api:server-metadata:update")?;
    found.metadata.extend(wanted.clone());
    Ok(Reply::ok(json!({ "meta": wanted })))
}

fn remove(call: &mut Call) -> Answer {
    let key = call.param(1);
    let found = open(call, "os_compute_api:server-metadata:delete")?;
    found.metadata.remove(&key).ok_or_else(|| Refusal::missing("Metadata item was not found"))?;
    Ok(Reply::empty(204))
}

/// Refuses the tag API before it existed.
fn since_tags(call: &Call) -> Result<(), Refusal> {
    if call.since(2, 26) { Ok(()) } else { Err(Refusal::missing("The resource could not be found.")) }
}

fn check_tag(tag: &str) -> Result<(), Refusal> {
    if tag.is_empty() || tag.len() > 60 || tag.contains([',', '/']) {
        return Err(Refusal::bad(format!("Invalid input for field/attribute tag. Value: {tag}.")));
    }
    Ok(())
}

fn tags(call: &mut Call) -> Answer {
    since_tags(call)?;
    Ok(Reply::ok(json!({"tags": server(call)?.tags})))
}

fn replace_tags(call: &mut Call) -> Answer {
    since_tags(call)?;
    let mut fields = Fields::of(&call.body, "body")?;
    let wanted = fields.strings("tags")?.ok_or_else(|| Refusal::bad("'tags' is a required property"))?;
    fields.done()?;
    wanted.iter().try_for_each(|tag| check_tag(tag))?;
    if wanted.len() > 50 {
        return Err(Refusal::bad("The number of tags exceeded the per-server limit 50"));
    }
    let found = server_mut(call, "os_compute_api:os-server-tags:update_all")?;
    found.tags = wanted.into_iter().collect();
    Ok(Reply::ok(json!({"tags": found.tags})))
}

fn clear_tags(call: &mut Call) -> Answer {
    since_tags(call)?;
    server_mut(call, "os_compute_api:os-server-tags:delete_all")?.tags.clear();
    Ok(Reply::empty(204))
}

fn has_tag(call: &mut Call) -> Answer {
    since_tags(call)?;
    let tag = call.param(1);
    if server(call)?.tags.contains(&tag) { Ok(Reply::empty(204)) } else { Err(no_tag(call, &tag)) }
}

fn no_tag(call: &Call, tag: &str) -> Refusal {
    Refusal::missing(format!("Server {} has no tag '{tag}'", call.param(0)))
}

fn add_tag(call: &mut Call) -> Answer {
    since_tags(call)?;
    let tag = call.param(1);
    check_tag(&tag)?;
    let url = call.url();
    let found = server_mut(call, "os_compute_api:os-server-tags:update")?;
    if found.tags.insert(tag) { Ok(Reply::empty(201).with("location", url)) } else { Ok(Reply::empty(204)) }
}

fn remove_tag(call: &mut Call) -> Answer {
    since_tags(call)?;
    let tag = call.param(1);
    let gone = server_mut(call, "os_compute_api:os-server-tags:delete")?.tags.remove(&tag);
    if gone { Ok(Reply::empty(204)) } else { Err(no_tag(call, &tag)) }
}

fn update(call: &mut Call) -> Answer {
    let mut fields = Fields::wrapped(&call.body, "server")?;
    let (name, disk_config) = (fields.string("name")?, fields.string("OS-DCF:diskConfig")?);
    let (ipv4, ipv6) = (fields.string("accessIPv4")?, fields.string("accessIPv6")?);
    let description = if call.since(2, 19) { fields.take_null("description") } else { None };
    let hostname = if call.since(2, 90) { fields.string("hostname")? } else { None };
    fields.done()?;
    if let Some(name) = &name
        && (name.trim().is_empty() || name.len() > 255)
    {
        return Err(Refusal::bad(format!("Invalid input for field/attribute name. Value: {name}.")));
    }
    let found = server_mut(call, "os_compute_api:servers:update")?;
    found.name = name.unwrap_or_else(|| found.name.clone());
    found.disk_config = disk_config.unwrap_or_else(|| found.disk_config.clone());
    found.access_ipv4 = ipv4.unwrap_or_else(|| found.access_ipv4.clone());
    found.access_ipv6 = ipv6.unwrap_or_else(|| found.access_ipv6.clone());
    found.hostname = hostname.unwrap_or_else(|| found.hostname.clone());
    if let Some(description) = description {
        found.description = description.as_str().map(str::to_owned);
    }
    let found = server(call)?;
    Ok(Reply::ok(json!({"server": view::full(call, found, true)})))
}
