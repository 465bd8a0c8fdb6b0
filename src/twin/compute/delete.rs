//! Deleting a server, and what goes with it.

use super::state::server_mut;
use super::status::unlocked;
use super::{disk, model::Server};
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Reply, Route};
use crate::twin::{network, volume};

pub fn routes() -> Vec<Route> {
    vec![Route::delete("/v2.1/servers/{id}", delete)]
}

fn delete(call: &mut Call) -> Answer {
    start(call)?;
    Ok(Reply::empty(204))
}

/// Begins the deletion: `task_state` is `deleting` until the host has done it.
pub fn start(call: &mut Call) -> Result<(), crate::twin::http::Refusal> {
    let caller = call.caller.clone();
    let server = server_mut(call, "os_compute_api:servers:delete")?;
    unlocked(server, &caller)?;
    let (id, again) = (server.id.clone(), server.task_state.as_deref() == Some("deleting"));
    server.task_state = Some("deleting".to_owned());
    if !again {
        // A server without a host needs nobody's help.
        let wait = if server.host.is_empty() { 0.2 } else { 1.5 };
        call.cloud.later(wait, move |cloud| finish(cloud, &id));
    }
    Ok(())
}

fn finish(cloud: &mut Cloud, id: &str) {
    let Some(server) = cloud.compute.remove_server(id) else { return };
    release(cloud, &server);
}

/// Gives back ports, volumes and disks.
fn release(cloud: &mut Cloud, server: &Server) {
    for nic in &server.nics {
        network::release_port(cloud, &nic.port, nic.made_by_nova);
    }
    for one in &server.volumes {
        volume::detach(cloud, &one.volume, &server.id);
        if one.delete_on_termination {
            volume::delete_for_server(cloud, &one.volume);
        }
    }
    disk::remove(cloud, &server.id, &server.host);
    if let Some(before) = &server.before {
        disk::remove(cloud, &server.id, &before.host);
    }
}
