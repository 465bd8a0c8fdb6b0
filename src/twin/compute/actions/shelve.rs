//! Shelving: the guest is stopped, its disk kept as an image, its host given back.

use serde_json::Value;

use super::begin;
use super::image::snapshot;
use crate::twin::cloud::Cloud;
use crate::twin::compute::schedule::{self, Need};
use crate::twin::compute::state::{self, settle};
use crate::twin::compute::{boot, disk};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};
use crate::twin::{image, network, volume};

pub fn shelve(call: &mut Call) -> Answer {
    let from_volume = state::server(call)?.image.is_none();
    let id = begin(call, "os-shelve:shelve", "shelve", &["active", "stopped", "paused", "suspended"], "shelving")?;
    call.cloud.later(2.0, move |cloud| {
        let Some(server) = cloud.compute.servers.get(&id).filter(|one| one.task_state.as_deref() == Some("shelving"))
        else {
            return;
        };
        let kept = if from_volume {
            None
        } else {
            let name = format!("{}-shelved", server.name);
            let server = server.clone();
            let made = snapshot(cloud, &server, &name, Default::default());
            if let Ok(path) = disk::ensure(cloud, &server) {
                let _ = image::fill(cloud, &made, Some(&path));
            }
            Some(made)
        };
        settle(cloud, &id, "shelving", |server| {
            server.shelved_image = kept;
            server.vm_state = "shelved".to_owned();
            server.power_state = 4;
            // Nova's default offloads at once.
            server.task_state = Some("shelving_offloading".to_owned());
        });
        cloud.later(1.0, move |cloud| leave(cloud, &id));
    });
    Ok(Reply::empty(202))
}

pub fn offload(call: &mut Call) -> Answer {
    call.admin("os_compute_api:os-shelve:shelve_offload")?;
    let id = begin(call, "os-shelve:shelve_offload", "shelveOffload", &["shelved"], "shelving_offloading")?;
    call.cloud.later(1.0, move |cloud| leave(cloud, &id));
    Ok(Reply::empty(202))
}

/// Takes a shelved server off its host.
fn leave(cloud: &mut Cloud, id: &str) {
    let mut host = String::new();
    let done = settle(cloud, id, "shelving_offloading", |server| {
        host = std::mem::take(&mut server.host);
        server.vm_state = "shelved_offloaded".to_owned();
        server.task_state = None;
    });
    if done {
        disk::remove(cloud, id, &host);
        network::bind_ports(cloud, id, "", "", false);
    }
}

pub fn unshelve(call: &mut Call, argument: &Value) -> Answer {
    let mut zone = None;
    if !argument.is_null() {
        let mut fields = Fields::of(argument, "unshelve")?;
        if call.since(2, 77) {
            zone = fields.string("availability_zone")?;
        }
        fields.done()?;
    }
    let id = begin(call, "os-shelve:unshelve", "unshelve", &["shelved", "shelved_offloaded"], "unshelving")?;
    if let Some(server) = call.cloud.compute.servers.get_mut(&id)
        && zone.is_some()
    {
        server.wanted_zone = zone;
    }
    call.cloud.later(4.0, move |cloud| back(cloud, &id));
    Ok(Reply::empty(202))
}

fn back(cloud: &mut Cloud, id: &str) {
    let Some(server) = cloud.compute.servers.get(id).filter(|one| one.task_state.as_deref() == Some("unshelving"))
    else {
        return;
    };
    let host = if server.host.is_empty() {
        let need = Need {
            flavor: Some(&server.flavor),
            from_volume: server.image.is_none(),
            zone: server.wanted_zone.as_deref(),
            group: server.group.as_deref(),
            server: id,
            ..Need::default()
        };
        schedule::choose(&cloud.compute, &need)
    } else {
        Some(server.host.clone())
    };
    let Some(host) = host else {
        settle(cloud, id, "unshelving", |server| server.task_state = None);
        return;
    };
    settle(cloud, id, "unshelving", |server| server.host.clone_from(&host));
    let kept = cloud.compute.servers.get_mut(id).and_then(|server| server.shelved_image.take());
    if let Err(refusal) = restore(cloud, id, kept.as_deref()) {
        return boot::fail(cloud, id, refusal.status, refusal.message);
    }
    let zone = cloud.compute.zone(&host).to_owned();
    network::bind_ports(cloud, id, &host, &zone, true);
    settle(cloud, id, "unshelving", |server| {
        server.vm_state = "active".to_owned();
        server.power_state = 1;
        server.task_state = None;
    });
}

/// Brings disk and volumes to the new host.
fn restore(cloud: &mut Cloud, id: &str, kept: Option<&str>) -> Result<(), Refusal> {
    let Some(server) = cloud.compute.servers.get(id).cloned() else { return Ok(()) };
    if let Some(kept) = kept {
        let file = image::file(cloud, kept)?;
        disk::write(cloud, &server, &file).map_err(|error| Refusal::new(500, error.to_string()))?;
        image::set_status(cloud, kept, "deleted");
    }
    for one in &server.volumes {
        volume::attach(cloud, &one.volume, id, &one.device, &server.host);
    }
    Ok(())
}
