//! Resize and cold migration: the same road, with another flavor or with the same one.

use serde_json::Value;

use super::{begin, checked};
use crate::twin::cloud::Cloud;
use crate::twin::compute::model::{Before, Flavor};
use crate::twin::compute::schedule::{self, Need};
use crate::twin::compute::state::{self, settle};
use crate::twin::compute::{disk, limits, migrations};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};
use crate::twin::{network, volume};

pub fn resize(call: &mut Call, argument: &Value) -> Answer {
    let mut fields = Fields::of(argument, "resize")?;
    let id = match fields.take("flavorRef") {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(Refusal::bad("Invalid input for field/attribute resize. 'flavorRef' is a required property")),
    };
    fields.ignore(&["OS-DCF:diskConfig"]);
    fields.done()?;
    let flavor = call.cloud.compute.flavors.get(&id).cloned();
    let flavor = flavor.ok_or_else(|| Refusal::bad(format!("Flavor {id} could not be found.")))?;
    let server = state::server(call)?;
    if server.flavor.id == flavor.id {
        return Err(Refusal::bad("When resizing, instances must change flavor!"));
    }
    if server.image.is_some() && flavor.disk < server.flavor.disk {
        return Err(Refusal::bad("Resize to zero disk flavor is not allowed."));
    }
    limits::room_to_grow(call, &server.flavor, &flavor)?;
    set_off(call, "servers:resize", "resize", flavor, None)
}

pub fn migrate(call: &mut Call, argument: &Value) -> Answer {
    call.admin("os_compute_api:os-migrate-server:migrate")?;
    let mut host = None;
    if !argument.is_null() {
        let mut fields = Fields::of(argument, "migrate")?;
        if call.since(2, 56) {
            host = fields.string("host")?;
        }
        fields.done()?;
    }
    let server = state::server(call)?;
    let flavor = server.flavor.clone();
    if let Some(host) = &host {
        if !call.cloud.compute.hosts.contains_key(host) {
            return Err(Refusal::bad(format!("Compute host {host} could not be found.")));
        }
        if *host == server.host {
            return Err(Refusal::bad("The target host can't be the same one."));
        }
    }
    set_off(call, "os-migrate-server:migrate", "migrate", flavor, host)
}

/// Starts the move; the host is chosen before the answer, as Nova's conductor does for a cold migration.
fn set_off(call: &mut Call, rule: &str, action: &str, flavor: Flavor, host: Option<String>) -> Answer {
    let (id, from) = {
        let server = checked(call, rule, action, &["active", "stopped"])?;
        (server.id.clone(), server.host.clone())
    };
    let state = &call.cloud.compute;
    let server = state.servers.get(&id).ok_or_else(|| state::absent(&id))?;
    let same_host = if action == "migrate" { vec![from.as_str()] } else { Vec::new() };
    let need = Need {
        flavor: Some(&flavor),
        from_volume: server.image.is_none(),
        zone: server.wanted_zone.as_deref(),
        group: server.group.as_deref(),
        server: &id,
        only: host.as_deref(),
        not: same_host,
    };
    let target = schedule::choose(state, &need);
    let target = target.ok_or_else(|| Refusal::bad("No valid host was found. No valid host found for cold migrate"))?;
    let kind = if action == "migrate" { "migration" } else { "resize" };
    let number = migrations::begin(call.cloud, &id, kind, &target, &flavor.id, &call.caller.user_id);
    settle_task(call.cloud, &id, "resize_prep");
    call.cloud.later(1.0, move |cloud| {
        settle(cloud, &id, "resize_prep", |server| server.task_state = Some("resize_migrating".to_owned()));
        cloud.later(4.0, move |cloud| arrive(cloud, &id, &target, flavor, number));
    });
    Ok(Reply::empty(202))
}

fn settle_task(cloud: &mut Cloud, id: &str, task: &str) {
    if let Some(server) = cloud.compute.servers.get_mut(id) {
        server.task_state = Some(task.to_owned());
    }
}

/// The server is on its new host and waits for confirmation.
fn arrive(cloud: &mut Cloud, id: &str, target: &str, flavor: Flavor, number: u64) {
    let mut from = String::new();
    let done = settle(cloud, id, "resize_migrating", |server| {
        from.clone_from(&server.host);
        server.before = Some(Before {
            host: from.clone(),
            flavor: std::mem::replace(&mut server.flavor, flavor),
            vm_state: server.vm_state.clone(),
            migration: number,
        });
        server.host = target.to_owned();
        server.vm_state = "resized".to_owned();
        server.power_state = if server.before.as_ref().is_some_and(|one| one.vm_state == "stopped") { 4 } else { 1 };
        server.task_state = None;
    });
    if done {
        move_along(cloud, id, &from, target);
        migrations::set(cloud, number, "finished");
    } else {
        migrations::set(cloud, number, "error");
    }
}

/// Moves disk, ports and volumes of a server.
pub fn move_along(cloud: &mut Cloud, id: &str, from: &str, to: &str) {
    disk::relocate(cloud, id, from, to);
    let zone = cloud.compute.zone(to).to_owned();
    network::bind_ports(cloud, id, to, &zone, true);
    let volumes = cloud.compute.servers.get(id).map(|server| server.volumes.clone()).unwrap_or_default();
    for one in volumes {
        volume::attach(cloud, &one.volume, id, &one.device, to);
    }
}

pub fn confirm(call: &mut Call) -> Answer {
    let id = begin(call, "servers:confirm_resize", "confirmResize", &["resized"], "resize_confirming")?;
    call.cloud.later(1.0, move |cloud| {
        let mut number = 0;
        settle(cloud, &id, "resize_confirming", |server| {
            if let Some(before) = server.before.take() {
                server.vm_state = before.vm_state;
                number = before.migration;
            }
            server.task_state = None;
        });
        migrations::set(cloud, number, "confirmed");
    });
    Ok(Reply::empty(204))
}

pub fn revert(call: &mut Call) -> Answer {
    let id = begin(call, "servers:revert_resize", "revertResize", &["resized"], "resize_reverting")?;
    call.cloud.later(3.0, move |cloud| {
        let Some(before) = cloud.compute.servers.get(&id).and_then(|server| server.before.clone()) else { return };
        let mut from = String::new();
        let done = settle(cloud, &id, "resize_reverting", |server| {
            from = std::mem::replace(&mut server.host, before.host.clone());
            server.flavor = before.flavor.clone();
            server.vm_state.clone_from(&before.vm_state);
            server.power_state = if before.vm_state == "stopped" { 4 } else { 1 };
            server.before = None;
            server.task_state = None;
        });
        if done {
            move_along(cloud, &id, &from, &before.host);
            migrations::set(cloud, before.migration, "reverted");
        }
    });
    Ok(Reply::empty(202))
}
