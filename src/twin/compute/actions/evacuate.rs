//! Evacuation of a server whose host is down.

use serde_json::{Value, json};

use super::checked;
use super::resize::move_along;
use crate::twin::cloud::Cloud;
use crate::twin::compute::schedule::{self, Need};
use crate::twin::compute::state::{self, settle};
use crate::twin::compute::{boot, disk, migrations};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};
use crate::twin::image;

pub fn evacuate(call: &mut Call, argument: &Value) -> Answer {
    call.admin("os_compute_api:os-evacuate")?;
    let mut fields = Fields::of(argument, "evacuate")?;
    let host = fields.string("host")?;
    let password = fields.string("adminPass")?;
    if !call.since(2, 14) {
        fields.flag("onSharedStorage")?.ok_or_else(|| {
            Refusal::bad("Invalid input for field/attribute evacuate. 'onSharedStorage' is a required property")
        })?;
    }
    if call.since(2, 29) && !call.since(2, 68) {
        fields.ignore(&["force"]);
    }
    fields.done()?;
    let from = state::server(call)?.host.clone();
    let hosts = &call.cloud.compute.hosts;
    if let Some(host) = host.as_ref().filter(|host| !hosts.contains_key(*host)) {
        return Err(Refusal::missing(format!("Compute host {host} not found.")));
    }
    if host.as_ref() == Some(&from) {
        return Err(Refusal::bad("The target host can't be the same one."));
    }
    if hosts.get(&from).is_some_and(|host| host.up()) {
        return Err(Refusal::bad(format!("Compute service of {from} is still in use.")));
    }
    // From 2.95 on the guest is left stopped at the target.
    let stopped_after = call.since(2, 95);
    let server = checked(call, "os-evacuate", "evacuate", &["active", "stopped", "error"])?;
    server.task_state = Some("rebuilding".to_owned());
    let (id, flavor) = (server.id.clone(), server.flavor.id.clone());
    let user = call.caller.user_id.clone();
    let number = migrations::begin(call.cloud, &id, "evacuation", &host.clone().unwrap_or_default(), &flavor, &user);
    let new_password = password.unwrap_or_else(|| call.cloud.dice.hex()[..12].to_owned());
    call.cloud.later(4.0, move |cloud| arrive(cloud, &id, host, stopped_after, number));
    if call.since(2, 14) { Ok(Reply::empty(200)) } else { Ok(Reply::ok(json!({ "adminPass": new_password }))) }
}

fn arrive(cloud: &mut Cloud, id: &str, wanted: Option<String>, stopped_after: bool, number: u64) {
    let Some(server) = cloud.compute.servers.get(id).filter(|one| one.task_state.as_deref() == Some("rebuilding"))
    else {
        return migrations::set(cloud, number, "error");
    };
    let need = Need {
        flavor: Some(&server.flavor),
        from_volume: server.image.is_none(),
        zone: server.wanted_zone.as_deref(),
        group: server.group.as_deref(),
        server: id,
        only: wanted.as_deref(),
        not: vec![server.host.as_str()],
    };
    let Some(target) = schedule::choose(&cloud.compute, &need) else {
        migrations::set(cloud, number, "error");
        return boot::fail(
            cloud,
            id,
            500,
            "No valid host was found. There are not enough hosts available to evacuate.",
        );
    };
    let (from, was_stopped) = (server.host.clone(), server.vm_state == "stopped");
    settle(cloud, id, "rebuilding", |server| {
        server.host.clone_from(&target);
        server.task_state = None;
        server.failure = None;
        let off = was_stopped || stopped_after;
        server.vm_state = if off { "stopped" } else { "active" }.to_owned();
        server.power_state = if off { 4 } else { 1 };
    });
    rebuild(cloud, id);
    // The dead host keeps the old disk until its nova-compute runs again; nothing of it reaches the target.
    move_along(cloud, id, &target, &target);
    if let Some(migration) = cloud.compute.migrations.iter_mut().find(|migration| migration.id == number) {
        migration.target = target;
        migration.source = from;
    }
    migrations::set(cloud, number, "done");
}

/// Makes the root disk anew from the image: what was written since is lost, as without shared storage.
fn rebuild(cloud: &mut Cloud, id: &str) {
    let Some(server) = cloud.compute.servers.get(id).cloned() else { return };
    let written = server.image.as_ref().and_then(|image| image::file(cloud, image).ok());
    if let Some(file) = written
        && let Err(error) = disk::write(cloud, &server, &file)
    {
        boot::fail(cloud, id, 500, error.to_string());
    }
}
