//! `/servers/{id}/os-instance-actions`.

use serde_json::{Value, json};

use super::model::{Action, Server};
use super::state::server;
use crate::twin::clock::iso_bare;
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/servers/{id}/os-instance-actions", list),
        Route::get("/v2.1/servers/{id}/os-instance-actions/{request}", show),
    ]
}

fn view(call: &Call, server: &Server, one: &Action) -> Value {
    let mut view = json!({"action": one.action, "instance_uuid": server.id, "request_id": one.request_id,
        "user_id": one.user, "project_id": one.project, "start_time": iso_bare(one.started), "message": null});
    if call.since(2, 58) {
        view["updated_at"] = json!(iso_bare(one.started));
    }
    view
}

fn list(call: &mut Call) -> Answer {
    let found = server(call)?;
    let items: Vec<Value> = found.actions.iter().rev().map(|one| view(call, found, one)).collect();
    Ok(Reply::ok(json!({ "instanceActions": items })))
}

fn show(call: &mut Call) -> Answer {
    let (found, id) = (server(call)?, call.param(1));
    let one = found.actions.iter().find(|one| one.request_id == id);
    let one =
        one.ok_or_else(|| Refusal::missing(format!("Action for request_id {id} on instance {} not found", found.id)))?;
    let mut body = view(call, found, one);
    body["events"] = json!([]);
    Ok(Reply::ok(json!({ "instanceAction": body })))
}
