//! The catalog: services, endpoints, regions, and how a token shows them.

use serde_json::{Value, json};

use super::common::{document as render, filtered, listing, missing, single};
use super::model::{Endpoint, Scope, ServiceEntry, Target};
use super::state::State;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v3/services", services),
        Route::post("/v3/services", create_service),
        Route::get("/v3/services/{id}", service),
        Route::delete("/v3/services/{id}", delete_service),
        Route::get("/v3/endpoints", endpoints),
        Route::post("/v3/endpoints", create_endpoint),
        Route::get("/v3/endpoints/{id}", endpoint),
        Route::delete("/v3/endpoints/{id}", delete_endpoint),
        Route::get("/v3/regions", regions),
        Route::get("/v3/regions/{id}", region),
    ]
}

/// Renders the catalog for a scope; an endpoint that wants a project id is left out where the scope has none.
pub fn document(state: &State, scope: &Scope) -> Value {
    let project = match scope {
        Scope::On(Target::Project(id)) => Some(id.as_str()),
        _ => None,
    };
    let endpoint = |endpoint: &Endpoint| {
        let url = fill(&endpoint.url, project)?;
        Some(json!({"id": endpoint.id, "interface": endpoint.interface, "region": endpoint.region,
            "region_id": endpoint.region_id, "url": url}))
    };
    let service = |service: &ServiceEntry| {
        let own = state.endpoints.iter().filter(|one| one.service_id == service.id && one.enabled);
        let endpoints: Vec<Value> = own.filter_map(endpoint).collect();
        json!({"id": service.id, "type": service.kind, "name": service.name, "endpoints": endpoints})
    };
    state.services.iter().filter(|one| one.enabled).map(service).collect()
}

/// Fills the project id into an endpoint's URL; `None` where one is wanted and there is none.
pub fn fill(url: &str, project: Option<&str>) -> Option<String> {
    let places = ["$(project_id)s", "%(project_id)s", "$(tenant_id)s", "%(tenant_id)s"];
    if !places.iter().any(|place| url.contains(place)) {
        return Some(url.to_owned());
    }
    let project = project?;
    Some(places.iter().fold(url.to_owned(), |url, place| url.replace(place, project)))
}

fn services(call: &mut Call) -> Answer {
    call.admin("identity:list_services")?;
    let items = call.cloud.identity.services.iter().map(render).collect();
    let items = filtered(call, &["type", "name"], items);
    Ok(listing(call, "services", items))
}

fn service(call: &mut Call) -> Answer {
    call.admin("identity:get_service")?;
    let id = call.param(0);
    let found = call.cloud.identity.services.iter().find(|one| one.id == id).ok_or_else(|| missing("service", &id))?;
    Ok(single(call, 200, "service", "services", render(found)))
}

fn create_service(call: &mut Call) -> Answer {
    call.admin("identity:create_service")?;
    let mut fields = Fields::wrapped(&call.body, "service")?;
    let entry = ServiceEntry {
        id: call.cloud.dice.hex(),
        kind: fields.text("type")?,
        name: fields.string("name")?.unwrap_or_default(),
        enabled: fields.flag("enabled")?.unwrap_or(true),
        description: fields.string("description")?,
    };
    let view = render(&entry);
    call.cloud.identity.services.push(entry);
    Ok(single(call, 201, "service", "services", view))
}

fn delete_service(call: &mut Call) -> Answer {
    call.admin("identity:delete_service")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    let before = state.services.len();
    state.services.retain(|one| one.id != id);
    if state.services.len() == before {
        return Err(missing("service", &id));
    }
    state.endpoints.retain(|one| one.service_id != id);
    Ok(Reply::empty(204))
}

fn endpoints(call: &mut Call) -> Answer {
    call.admin("identity:list_endpoints")?;
    let items = call.cloud.identity.endpoints.iter().map(render).collect();
    let items = filtered(call, &["interface", "service_id", "region_id"], items);
    Ok(listing(call, "endpoints", items))
}

fn endpoint(call: &mut Call) -> Answer {
    call.admin("identity:get_endpoint")?;
    let id = call.param(0);
    let found =
        call.cloud.identity.endpoints.iter().find(|one| one.id == id).ok_or_else(|| missing("endpoint", &id))?;
    Ok(single(call, 200, "endpoint", "endpoints", render(found)))
}

fn create_endpoint(call: &mut Call) -> Answer {
    call.admin("identity:create_endpoint")?;
    let mut fields = Fields::wrapped(&call.body, "endpoint")?;
    let region = match fields.string("region_id")? {
        Some(region) => region,
        None => fields.string("region")?.unwrap_or_default(),
    };
    let entry = Endpoint {
        id: call.cloud.dice.hex(),
        service_id: fields.text("service_id")?,
        interface: fields.text("interface")?,
        region: region.clone(),
        region_id: region.clone(),
        url: fields.text("url")?,
        enabled: fields.flag("enabled")?.unwrap_or(true),
    };
    let state = &mut call.cloud.identity;
    if !state.services.iter().any(|one| one.id == entry.service_id) {
        return Err(Refusal::bad(format!("Could not find service: {}.", entry.service_id)));
    }
    state.regions.entry(region).or_default();
    let view = render(&entry);
    state.endpoints.push(entry);
    Ok(single(call, 201, "endpoint", "endpoints", view))
}

fn delete_endpoint(call: &mut Call) -> Answer {
    call.admin("identity:delete_endpoint")?;
    let id = call.param(0);
    let state = &mut call.cloud.identity;
    let before = state.endpoints.len();
    state.endpoints.retain(|one| one.id != id);
    if state.endpoints.len() == before { Err(missing("endpoint", &id)) } else { Ok(Reply::empty(204)) }
}

fn region_view((id, description): (&String, &String)) -> Value {
    json!({"id": id, "description": description, "parent_region_id": null})
}

fn regions(call: &mut Call) -> Answer {
    let items = call.cloud.identity.regions.iter().map(region_view).collect();
    Ok(listing(call, "regions", items))
}

fn region(call: &mut Call) -> Answer {
    let id = call.param(0);
    let found = call.cloud.identity.regions.get_key_value(&id).ok_or_else(|| missing("region", &id))?;
    Ok(single(call, 200, "region", "regions", region_view(found)))
}
