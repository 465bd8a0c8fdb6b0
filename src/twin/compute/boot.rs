//! A new server on its way from BUILD to ACTIVE or ERROR.

use super::create::WantedNic;
use super::devices::{self, Device};
use super::disk;
use super::model::{Failure, Nic, Server};
use super::schedule::{self, Need};
use super::state::settle;
use crate::twin::cloud::Cloud;
use crate::twin::http::Refusal;
use crate::twin::network::{self, WantedPort};
use crate::twin::{image, volume};

/// Starts building: a host is looked for soon.
pub fn begin(cloud: &mut Cloud, id: String, nics: Vec<WantedNic>, devices: Vec<Device>) {
    cloud.later(1.0, move |cloud| place(cloud, &id, &nics, &devices));
}

/// Puts a server into ERROR.
pub fn fail(cloud: &mut Cloud, id: &str, code: u16, message: impl Into<String>) {
    let now = cloud.now;
    if let Some(server) = cloud.compute.servers.get_mut(id) {
        server.failure = Some(Failure { code, message: message.into(), created: now });
        server.vm_state = "error".to_owned();
        server.task_state = None;
        server.power_state = 0;
        server.updated = now;
    }
}

fn place(cloud: &mut Cloud, id: &str, nics: &[WantedNic], devices: &[Device]) {
    let state = &cloud.compute;
    let Some(server) = state.servers.get(id).filter(|server| server.vm_state == "building") else { return };
    let need = Need {
        flavor: Some(&server.flavor),
        from_volume: server.image.is_none(),
        zone: server.wanted_zone.as_deref(),
        group: server.group.as_deref(),
        server: id,
        only: server.wanted_host.as_deref(),
        not: Vec::new(),
    };
    let Some(host) = schedule::choose(state, &need) else {
        return fail(cloud, id, 500, "No valid host was found. There are not enough hosts available.");
    };
    settle(cloud, id, "scheduling", |server| {
        server.host.clone_from(&host);
        server.task_state = Some("networking".to_owned());
    });
    if let Err(refusal) = connect(cloud, id, nics).and_then(|()| devices::make(cloud, id, devices)) {
        let message = format!("Build of instance {id} aborted: {}", refusal.message);
        disconnect(cloud, id);
        return fail(cloud, id, refusal.status, message);
    }
    let zone = cloud.compute.zone(&host).to_owned();
    network::bind_ports(cloud, id, &host, &zone, false);
    settle(cloud, id, "networking", |server| server.task_state = Some("block_device_mapping".to_owned()));
    let id = id.to_owned();
    cloud.later(0.5, move |cloud| spawn(cloud, &id, 0));
}

/// Makes or claims the ports of a new server.
fn connect(cloud: &mut Cloud, id: &str, nics: &[WantedNic]) -> Result<(), Refusal> {
    for nic in nics {
        let Some(server) = cloud.compute.servers.get(id) else { return Ok(()) };
        let (project, security_groups) = (server.project.clone(), server.security_groups.clone());
        let made = match nic {
            WantedNic::Network { id: network, fixed_ip, tag } => {
                let want =
                    WantedPort { network: network.clone(), fixed_ip: fixed_ip.clone(), project, security_groups };
                let port = network::create_server_port(cloud, &want, id)?;
                Nic { port, made_by_nova: true, tag: tag.clone() }
            }
            WantedNic::Port { id: port, tag } => {
                network::claim_port(cloud, port, id)?;
                Nic { port: port.clone(), made_by_nova: false, tag: tag.clone() }
            }
        };
        if let Some(server) = cloud.compute.servers.get_mut(id) {
            server.nics.push(made);
        }
    }
    Ok(())
}

/// Gives back the ports of a server whose build failed.
fn disconnect(cloud: &mut Cloud, id: &str) {
    let nics = cloud.compute.servers.get_mut(id).map(|server| std::mem::take(&mut server.nics)).unwrap_or_default();
    for nic in nics {
        network::release_port(cloud, &nic.port, nic.made_by_nova);
    }
}

/// Waits for volumes that Nova makes, then attaches all and lets the guest start.
fn spawn(cloud: &mut Cloud, id: &str, tries: u32) {
    let Some(server) = cloud.compute.servers.get(id).filter(|server| server.vm_state == "building") else { return };
    let states: Vec<Option<String>> =
        server.volumes.iter().map(|one| volume::view(cloud, "", true, &one.volume).map(|view| view.status)).collect();
    let broken = states.iter().any(|state| state.as_deref().is_none_or(|state| state.starts_with("error")));
    if broken || tries > 300 {
        return fail(cloud, id, 500, format!("Build of instance {id} aborted: Volume did not finish being created."));
    }
    let waiting = states.iter().flatten().any(|state| matches!(state.as_str(), "creating" | "downloading"));
    let id = id.to_owned();
    if waiting {
        return cloud.later(1.0, move |cloud| spawn(cloud, &id, tries + 1));
    }
    if let Err(refusal) = attach_all(cloud, &id) {
        return fail(cloud, &id, refusal.status, refusal.message);
    }
    settle(cloud, &id, "block_device_mapping", |server| server.task_state = Some("spawning".to_owned()));
    cloud.later(3.0, move |cloud| finish(cloud, &id));
}

/// Attaches a server's volumes to its host, reserving those that Nova made.
pub fn attach_all(cloud: &mut Cloud, id: &str) -> Result<(), Refusal> {
    let Some(mut server) = cloud.compute.servers.get(id).cloned() else { return Ok(()) };
    for one in &mut server.volumes {
        if one.attachment.is_empty() {
            one.attachment = volume::reserve(cloud, &one.volume, id)?;
        }
        volume::attach(cloud, &one.volume, id, &one.device, &server.host);
    }
    cloud.compute.servers.insert(id.to_owned(), server);
    Ok(())
}

fn finish(cloud: &mut Cloud, id: &str) {
    let Some(server) = cloud.compute.servers.get(id).filter(|server| server.task_state.as_deref() == Some("spawning"))
    else {
        return;
    };
    if let Err(message) = prepare(cloud, server) {
        return fail(cloud, id, 500, message);
    }
    let (host, now) = (server.host.clone(), cloud.now);
    let zone = cloud.compute.zone(&host).to_owned();
    network::bind_ports(cloud, id, &host, &zone, true);
    settle(cloud, id, "spawning", |server| {
        server.vm_state = "active".to_owned();
        server.task_state = None;
        server.power_state = 1;
        server.launched = Some(now);
        server.console = format!("[    0.000000] twin guest {} booted\n{} login: ", server.name, server.hostname);
    });
}

/// Writes the root disk of a server from an image.
fn prepare(cloud: &Cloud, server: &Server) -> Result<(), String> {
    let Some(id) = &server.image else { return Ok(()) };
    let file = image::file(cloud, id).map_err(|refusal| refusal.message)?;
    disk::write(cloud, server, &file).map_err(|error| format!("cannot write the disk: {error}"))
}
