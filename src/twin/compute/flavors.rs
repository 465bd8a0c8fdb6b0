//! `/flavors`, their extra specs and who may use them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::list::{page_limit, strict};
use super::model::Flavor;
use super::view::links;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/flavors", brief_list),
        Route::get("/v2.1/flavors/detail", list),
        Route::post("/v2.1/flavors", create),
        Route::get("/v2.1/flavors/{id}", show),
        Route::put("/v2.1/flavors/{id}", update),
        Route::delete("/v2.1/flavors/{id}", delete),
        Route::get("/v2.1/flavors/{id}/os-extra_specs", specs),
        Route::post("/v2.1/flavors/{id}/os-extra_specs", add_specs),
        Route::get("/v2.1/flavors/{id}/os-extra_specs/{key}", spec),
        Route::put("/v2.1/flavors/{id}/os-extra_specs/{key}", set_spec),
        Route::delete("/v2.1/flavors/{id}/os-extra_specs/{key}", remove_spec),
        Route::get("/v2.1/flavors/{id}/os-flavor-access", access),
        Route::post("/v2.1/flavors/{id}/action", change_access),
    ]
}

fn brief(call: &Call, flavor: &Flavor) -> Value {
    let mut view = json!({"id": flavor.id, "name": flavor.name, "links": links(call, "flavors", &flavor.id)});
    if call.since(2, 55) {
        view["description"] = json!(flavor.description);
    }
    view
}

fn full(call: &Call, flavor: &Flavor) -> Value {
    let mut view = brief(call, flavor);
    view["ram"] = json!(flavor.ram);
    view["vcpus"] = json!(flavor.vcpus);
    view["disk"] = json!(flavor.disk);
    view["OS-FLV-EXT-DATA:ephemeral"] = json!(flavor.ephemeral);
    view["os-flavor-access:is_public"] = json!(flavor.is_public);
    view["swap"] = if flavor.swap == 0 && !call.since(2, 75) { json!("") } else { json!(flavor.swap) };
    if !call.since(2, 102) {
        view["OS-FLV-DISABLED:disabled"] = json!(false);
        view["rxtx_factor"] = json!(flavor.rxtx_factor);
    }
    if call.since(2, 61) {
        view["extra_specs"] = json!(flavor.extra_specs);
    }
    view
}

fn usable(call: &Call, flavor: &Flavor) -> bool {
    flavor.is_public || call.caller.is_admin() || flavor.access.contains(&call.caller.project_id)
}

fn find<'a>(call: &'a Call) -> Result<&'a Flavor, Refusal> {
    let id = call.param(0);
    let found = call.cloud.compute.flavors.get(&id).filter(|flavor| usable(call, flavor));
    found.ok_or_else(|| absent(&id))
}

fn find_mut<'a>(call: &'a mut Call, rule: &str) -> Result<&'a mut Flavor, Refusal> {
    call.admin(rule)?;
    let id = call.param(0);
    call.cloud.compute.flavors.get_mut(&id).ok_or_else(|| absent(&id))
}

fn absent(id: &str) -> Refusal {
    Refusal::missing(format!("Flavor {id} could not be found."))
}

fn brief_list(call: &mut Call) -> Answer {
    page(call, brief)
}

fn list(call: &mut Call) -> Answer {
    page(call, full)
}

fn page(call: &mut Call, render: fn(&Call, &Flavor) -> Value) -> Answer {
    // Without a word administrators see public flavors and their own project's; `None` means all.
    let public = match call.query.get("is_public").map(str::to_lowercase).as_deref() {
        _ if !call.caller.is_admin() => Some(true),
        None => Some(true),
        Some("none") => None,
        Some(word) => Some(matches!(word, "1" | "t" | "true" | "on" | "y" | "yes")),
    };
    let at_least = |name: &str| -> Result<u64, Refusal> {
        let Some(text) = call.query.get(name) else { return Ok(0) };
        text.parse().map_err(|_| Refusal::bad(format!("Invalid {name} filter [{text}]")))
    };
    let (ram, disk) = (at_least("minRam")?, at_least("minDisk")?);
    let name = call.query.get("name").filter(|_| call.since(2, 102));
    let own = &call.caller.project_id;
    let fits = |flavor: &&Flavor| {
        let seen = match public {
            None => true,
            Some(true) => flavor.is_public || flavor.access.contains(own),
            Some(false) => !flavor.is_public,
        };
        seen && flavor.ram >= ram && flavor.disk >= disk && name.is_none_or(|name| flavor.name.contains(name))
    };
    let marker = call.query.get("marker");
    call.query.accept(&["limit", "sort_key", "sort_dir"]);
    strict(call)?;
    let state = &call.cloud.compute;
    if let Some(id) = marker.filter(|id| !state.flavors.contains_key(*id)) {
        return Err(Refusal::bad(format!("marker [{id}] not found")));
    }
    let after = state.flavors.values().filter(|flavor| marker.is_none_or(|marker| flavor.id.as_str() > marker));
    let limit = page_limit(call)?;
    let found: Vec<&Flavor> = after.filter(fits).take(limit + 1).collect();
    let shown = &found[..found.len().min(limit)];
    let mut body = json!({"flavors": shown.iter().map(|flavor| render(call, flavor)).collect::<Vec<_>>()});
    if let Some(last) = shown.last().filter(|_| found.len() > limit) {
        body["flavors_links"] = json!([{"rel": "next", "href": call.next(&last.id)}]);
    }
    Ok(Reply::ok(body))
}

fn show(call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"flavor": full(call, find(call)?)})))
}

fn create(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-flavor-manage:create")?;
    let mut fields = Fields::wrapped(&call.body, "flavor")?;
    let number = |fields: &mut Fields, name: &str, least: i64, usual: Option<i64>| -> Result<u64, Refusal> {
        let value = fields.number(name)?.or(usual);
        let value = value.ok_or_else(|| {
            Refusal::bad(format!("Invalid input for field/attribute flavor. '{name}' is a required property"))
        })?;
        if value < least {
            return Err(Refusal::bad(format!(
                "Invalid input for field/attribute {name}. Value: {value}. {value} is less than the minimum of {least}"
            )));
        }
        Ok(value as u64)
    };
    let id = match fields.take("id") {
        Some(Value::String(id)) if id != "auto" => id,
        Some(Value::Number(id)) => id.to_string(),
        _ => call.cloud.uuid(),
    };
    let flavor = Flavor {
        id: id.clone(),
        name: fields.text("name")?,
        ram: number(&mut fields, "ram", 1, None)?,
        vcpus: number(&mut fields, "vcpus", 1, None)?,
        disk: number(&mut fields, "disk", 0, None)?,
        ephemeral: number(&mut fields, "OS-FLV-EXT-DATA:ephemeral", 0, Some(0))?,
        swap: number(&mut fields, "swap", 0, Some(0))?,
        rxtx_factor: fields
            .take("rxtx_factor")
            .and_then(|factor| factor.as_f64().or_else(|| factor.as_str()?.parse().ok()))
            .unwrap_or(1.0),
        is_public: fields.flag("os-flavor-access:is_public")?.unwrap_or(true),
        description: if call.since(2, 55) { fields.string("description")? } else { None },
        access: Default::default(),
        extra_specs: BTreeMap::new(),
    };
    fields.done()?;
    let flavors = &mut call.cloud.compute.flavors;
    if flavors.contains_key(&id) {
        return Err(Refusal::conflict(format!("Flavor with ID {id} already exists.")));
    }
    if flavors.values().any(|one| one.name == flavor.name) {
        return Err(Refusal::conflict(format!("Flavor with name {} already exists.", flavor.name)));
    }
    flavors.insert(id, flavor.clone());
    Ok(Reply::ok(json!({"flavor": full(call, &flavor)})))
}

fn update(call: &mut Call) -> Answer {
    if !call.since(2, 55) {
        return Err(Refusal::missing("The resource could not be found."));
    }
    let mut fields = Fields::wrapped(&call.body, "flavor")?;
    let description = fields.string("description")?;
    fields.done()?;
    find_mut(call, "os_compute_api:os-flavor-manage:update")?.description = description;
    show(call)
}

fn delete(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-flavor-manage:delete")?;
    let id = call.param(0);
    call.cloud.compute.flavors.remove(&id).ok_or_else(|| absent(&id))?;
    Ok(Reply::empty(202))
}

fn specs(call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"extra_specs": find(call)?.extra_specs})))
}

fn spec(call: &mut Call) -> Answer {
    let key = call.param(1);
    let value = find(call)?.extra_specs.get(&key).cloned().ok_or_else(|| no_spec(call, &key))?;
    Ok(Reply::ok(json!({ key: value })))
}

fn no_spec(call: &Call, key: &str) -> Refusal {
    Refusal::missing(format!("Flavor {} has no extra specs with key {key}.", call.param(0)))
}

/// Reads extra specs; numbers are taken as text, as Nova does.
fn read_specs(value: &Value) -> Result<BTreeMap<String, String>, Refusal> {
    let Value::Object(map) = value else { return Err(Refusal::bad("extra_specs must be an object")) };
    let text = |(key, value): (&String, &Value)| match value {
        Value::String(text) => Ok((key.clone(), text.clone())),
        Value::Number(number) => Ok((key.clone(), number.to_string())),
        other => Err(crate::twin::http::fields::invalid(key, other, "is not of type 'string', 'number'")),
    };
    map.iter().map(text).collect()
}

fn add_specs(call: &mut Call) -> Answer {
    let mut fields = Fields::of(&call.body, "body")?;
    let wanted = fields.take("extra_specs").ok_or_else(|| Refusal::bad("'extra_specs' is a required property"))?;
    fields.done()?;
    let wanted = read_specs(&wanted)?;
    find_mut(call, "os_compute_api:os-flavor-extra-specs:create")?.extra_specs.extend(wanted.clone());
    Ok(Reply::ok(json!({ "extra_specs": wanted })))
}

fn set_spec(call: &mut Call) -> Answer {
    let wanted = read_specs(&call.body)?;
    if wanted.len() != 1 || !wanted.contains_key(&call.param(1)) {
        return Err(Refusal::bad("Request body and URI mismatch"));
    }
    find_mut(call, "os_compute_api:os-flavor-extra-specs:update")?.extra_specs.extend(wanted.clone());
    Ok(Reply::ok(json!(wanted)))
}

fn remove_spec(call: &mut Call) -> Answer {
    let key = call.param(1);
    let gone = find_mut(call, "os_compute_api:os-flavor-extra-specs:delete")?.extra_specs.remove(&key);
    if gone.is_some() { Ok(Reply::empty(200)) } else { Err(no_spec(call, &key)) }
}

fn access_view(flavor: &Flavor) -> Value {
    let entry = |project: &String| json!({"flavor_id": flavor.id, "tenant_id": project});
    json!({"flavor_access": flavor.access.iter().map(entry).collect::<Vec<_>>()})
}

fn access(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-flavor-access")?;
    let flavor = find(call)?;
    if flavor.is_public {
        return Err(Refusal::missing("Access list not available for public flavors."));
    }
    Ok(Reply::ok(access_view(flavor)))
}

fn change_access(call: &mut Call) -> Answer {
    let mut fields = Fields::of(&call.body, "body")?;
    let add = fields.object("addTenantAccess")?;
    let remove = fields.object("removeTenantAccess")?;
    fields.done()?;
    let tenant = |mut fields: Fields| -> Result<String, Refusal> {
        let tenant = fields.text("tenant")?;
        fields.done()?;
        Ok(tenant)
    };
    let (add, remove) = (add.map(tenant).transpose()?, remove.map(tenant).transpose()?);
    let flavor = find_mut(call, "os_compute_api:os-flavor-access:change")?;
    match (add, remove) {
        (Some(project), None) => {
            if flavor.is_public {
                return Err(Refusal::conflict("Can not add access to a public flavor."));
            }
            if !flavor.access.insert(project.clone()) {
                let id = &flavor.id;
                return Err(Refusal::conflict(format!(
                    "Flavor access already exists for flavor {id} and project {project} combination."
                )));
            }
        }
        (None, Some(project)) => {
            if !flavor.access.remove(&project) {
                let id = &flavor.id;
                return Err(Refusal::missing(format!("Flavor access not found for {id} / {project} combination.")));
            }
        }
        _ => return Err(Refusal::bad("There should be one action in the request body.")),
    }
    Ok(Reply::ok(access_view(flavor)))
}
