//! Live migration.

use serde_json::Value;

use super::begin;
use super::resize::move_along;
use crate::twin::cloud::Cloud;
use crate::twin::compute::schedule::{self, Need};
use crate::twin::compute::state::{self, settle};
use crate::twin::compute::{limits, migrations};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};

pub fn migrate(call: &mut Call, argument: &Value) -> Answer {
    call.admin("os_compute_api:os-migrate-server:migrate_live")?;
    let mut fields = Fields::of(argument, "os-migrateLive")?;
    // All are wanted, though `host` may be null.
    let mut required = vec!["block_migration", "host"];
    if !call.since(2, 25) {
        required.push("disk_over_commit");
    }
    if let Some(name) = required.into_iter().find(|name| !fields.has(name)) {
        return Err(Refusal::bad(format!(
            "Invalid input for field/attribute os-migrateLive. '{name}' is a required property"
        )));
    }
    let host = fields.string("host")?;
    if fields.take("block_migration") == Some(Value::from("auto")) && !call.since(2, 25) {
        return Err(Refusal::bad("Invalid input for field/attribute block_migration. Value: auto."));
    }
    if !call.since(2, 25) {
        fields.flag("disk_over_commit")?;
    }
    if call.since(2, 30) && !call.since(2, 68) {
        fields.ignore(&["force"]);
    }
    fields.done()?;
    let server = state::server(call)?;
    let from = server.host.clone();
    let hosts = &call.cloud.compute.hosts;
    if hosts.get(&from).is_some_and(|host| !host.up()) {
        return Err(Refusal::bad(format!("Compute service of {from} is unavailable at this time.")));
    }
    if let Some(host) = &host {
        let known = hosts.get(host).ok_or_else(|| Refusal::bad(format!("Compute host {host} could not be found.")))?;
        if *host == from {
            return Err(Refusal::bad(format!("Unable to migrate instance ({}) to current host ({host}).", server.id)));
        }
        if !known.up() {
            return Err(Refusal::bad(format!("Compute service of {host} is unavailable at this time.")));
        }
    }
    let target = choose(call, &from, host.as_deref());
    let id = begin(call, "os-migrate-server:migrate_live", "live-migration", &["active", "paused"], "migrating")?;
    let flavor = call.cloud.compute.servers.get(&id).map(|server| server.flavor.id.clone()).unwrap_or_default();
    let user = call.caller.user_id.clone();
    let named = target.clone().unwrap_or_default();
    let number = migrations::begin(call.cloud, &id, "live-migration", &named, &flavor, &user);
    migrations::set(call.cloud, number, if target.is_some() { "running" } else { "preparing" });
    let seconds = if target.is_some() { limits::LIVE_SECONDS } else { 1.0 };
    call.cloud.later(seconds, move |cloud| arrive(cloud, &id, &from, target, number));
    Ok(Reply::empty(202))
}

fn choose(call: &Call, from: &str, host: Option<&str>) -> Option<String> {
    let server = state::server(call).ok()?;
    let need = Need {
        flavor: Some(&server.flavor),
        from_volume: server.image.is_none(),
        zone: server.wanted_zone.as_deref(),
        group: server.group.as_deref(),
        server: &server.id,
        only: host,
        not: vec![from],
    };
    schedule::choose(&call.cloud.compute, &need)
}

/// Ends the migration; without a host it ends where it began, and only the migration says so, as in Nova.
fn arrive(cloud: &mut Cloud, id: &str, from: &str, target: Option<String>, number: u64) {
    let alive = target.filter(|target| cloud.compute.hosts.get(target).is_some_and(|host| host.up()));
    let done = settle(cloud, id, "migrating", |server| {
        if let Some(target) = &alive {
            server.host.clone_from(target);
        }
        server.task_state = None;
    });
    match alive.filter(|_| done) {
        Some(target) => {
            move_along(cloud, id, from, &target);
            migrations::set(cloud, number, "completed");
        }
        None => migrations::set(cloud, number, "error"),
    }
}
