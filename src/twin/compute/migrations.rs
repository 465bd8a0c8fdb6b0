//! `/os-migrations` and `/servers/{id}/migrations`.

use serde_json::{Value, json};

use super::list::{page_limit, strict};
use super::model::Migration;
use super::state;
use crate::twin::clock::iso_bare;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Refusal, Reply, Route};

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/os-migrations", list),
        Route::get("/v2.1/servers/{id}/migrations", running),
        Route::get("/v2.1/servers/{id}/migrations/{migration}", show_running),
        Route::delete("/v2.1/servers/{id}/migrations/{migration}", abort),
    ]
}

/// Notes a new migration of a server and returns its number.
pub fn begin(cloud: &mut Cloud, server: &str, kind: &str, target: &str, flavor: &str, user: &str) -> u64 {
    let (now, uuid) = (cloud.now, cloud.uuid());
    let state = &mut cloud.compute;
    let id = state.migrations.len() as u64 + 1;
    let Some(found) = state.servers.get(server) else { return 0 };
    state.migrations.push(Migration {
        id,
        uuid,
        kind: kind.to_owned(),
        status: if kind == "evacuation" { "accepted" } else { "migrating" }.to_owned(),
        server: server.to_owned(),
        source: found.host.clone(),
        target: target.to_owned(),
        old_flavor: found.flavor.id.clone(),
        new_flavor: flavor.to_owned(),
        user: user.to_owned(),
        project: found.project.clone(),
        created: now,
        updated: now,
    });
    id
}

/// Sets the status of a migration.
pub fn set(cloud: &mut Cloud, number: u64, status: &str) {
    let now = cloud.now;
    let found = cloud.compute.migrations.iter_mut().find(|migration| migration.id == number);
    if let Some(migration) = found.filter(|migration| migration.status != "cancelled") {
        migration.status = status.to_owned();
        migration.updated = now;
    }
}

fn number(flavor: &str) -> u64 {
    flavor.parse().unwrap_or(1)
}

fn view(call: &Call, one: &Migration) -> Value {
    let mut view = json!({
        "id": one.id, "status": one.status, "instance_uuid": one.server,
        "source_compute": one.source, "source_node": one.source,
        "dest_compute": one.target, "dest_node": one.target, "dest_host": null,
        "old_instance_type_id": number(&one.old_flavor), "new_instance_type_id": number(&one.new_flavor),
        "created_at": iso_bare(one.created), "updated_at": iso_bare(one.updated),
    });
    if call.since(2, 23) {
        view["migration_type"] = json!(one.kind);
    }
    if call.since(2, 59) {
        view["uuid"] = json!(one.uuid);
    }
    if call.since(2, 80) {
        view["user_id"] = json!(one.user);
        view["project_id"] = json!(one.project);
    }
    view
}

fn list(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-migrations:index")?;
    let asked = |name: &str, have: &str| call.query.get(name).is_none_or(|want| want == have);
    let fits = |one: &&Migration| {
        [
            asked("status", &one.status),
            asked("instance_uuid", &one.server),
            asked("migration_type", &one.kind),
            asked("source_compute", &one.source),
            asked("user_id", &one.user),
            asked("project_id", &one.project),
            call.query.get("host").is_none_or(|host| one.source == host || one.target == host),
        ]
        .iter()
        .all(|fits| *fits)
    };
    // Since 2.59 the list is paged and has the youngest first.
    let mut found: Vec<&Migration> = call.cloud.compute.migrations.iter().filter(fits).collect();
    call.query.accept(&["hidden", "changes-since", "changes-before", "limit", "marker"]);
    strict(call)?;
    let mut body = json!({});
    if call.since(2, 59) {
        found.reverse();
        let marker = call.query.get("marker");
        let start = match marker {
            None => 0,
            Some(id) => {
                let at = found.iter().position(|one| one.uuid == id);
                at.ok_or_else(|| Refusal::bad(format!("Marker {id} could not be found.")))? + 1
            }
        };
        let limit = page_limit(call)?;
        let more = found.len() > start + limit;
        found = found.into_iter().skip(start).take(limit).collect();
        if let Some(last) = found.last().filter(|_| more) {
            body["migrations_links"] = json!([{"rel": "next", "href": call.next(&last.uuid)}]);
        }
    }
    body["migrations"] = found.into_iter().map(|one| view(call, one)).collect();
    Ok(Reply::ok(body))
}

/// Renders a live migration in progress.
fn live(one: &Migration) -> Value {
    json!({"id": one.id, "uuid": one.uuid, "status": one.status, "server_uuid": one.server,
        "source_compute": one.source, "source_node": one.source, "dest_compute": one.target, "dest_node": one.target,
        "dest_host": null, "created_at": iso_bare(one.created), "updated_at": iso_bare(one.updated),
        "memory_total_bytes": 0, "memory_processed_bytes": 0, "memory_remaining_bytes": 0, "disk_total_bytes": 0,
        "disk_processed_bytes": 0, "disk_remaining_bytes": 0, "user_id": one.user, "project_id": one.project})
}

fn in_progress<'a>(call: &'a Call) -> Result<Vec<&'a Migration>, Refusal> {
    call.admin("os_compute_api:servers:migrations:index")?;
    let server = state::server(call)?;
    let going = |one: &&Migration| {
        one.server == server.id
            && one.kind == "live-migration"
            && matches!(one.status.as_str(), "running" | "preparing")
    };
    Ok(call.cloud.compute.migrations.iter().filter(going).collect())
}

fn running(call: &mut Call) -> Answer {
    let items: Vec<Value> = in_progress(call)?.into_iter().map(live).collect();
    Ok(Reply::ok(json!({ "migrations": items })))
}

fn show_running(call: &mut Call) -> Answer {
    let id = call.param(1);
    let found = in_progress(call)?.into_iter().find(|one| one.id.to_string() == id).map(live);
    let found = found.ok_or_else(|| Refusal::missing(format!("In-progress live migration {id} is not found.")))?;
    Ok(Reply::ok(json!({ "migration": found })))
}

/// Ends a live migration where it began.
fn abort(call: &mut Call) -> Answer {
    if !call.since(2, 24) {
        return Err(Refusal::missing("The resource could not be found."));
    }
    let id = call.param(1);
    let number = in_progress(call)?.into_iter().find(|one| one.id.to_string() == id).map(|one| one.id);
    let number = number.ok_or_else(|| Refusal::missing(format!("In-progress live migration {id} is not found.")))?;
    set(call.cloud, number, "cancelled");
    state::settle(call.cloud, &call.param(0), "migrating", |server| server.task_state = None);
    Ok(Reply::empty(202))
}
