//! Nova: servers with their states, and the hosts they run on.
//!
//! It is not a hypervisor: no guest runs, but a server's root disk is a real file below its host's folder. Decision:
//! a server's status is never stored; it follows from vm_state and task_state as in Nova, so an impossible status cannot
//! be shown, and every asynchronous change is bound to the task it belongs to.

mod actions;
mod aggregates;
mod attachments;
mod boot;
mod create;
mod delete;
mod devices;
pub mod disk;
mod flavors;
mod hypervisors;
mod install;
mod instance_actions;
mod interfaces;
mod keypairs;
mod limits;
mod list;
mod metadata;
mod migrations;
pub mod model;
pub mod schedule;
mod server_groups;
mod services;
mod state;
mod status;
mod view;

pub use install::{install_hosts, install_servers};
pub use state::{State, Usage};
pub use status::status;

use super::cloud::Cloud;
use super::http::Route;

/// Returns the routing table.
pub fn routes() -> Vec<Route> {
    let mut all = list::routes();
    all.extend(create::routes());
    all.extend(delete::routes());
    all.extend(actions::routes());
    all.extend(metadata::routes());
    all.extend(attachments::routes());
    all.extend(interfaces::routes());
    all.extend(instance_actions::routes());
    all.extend(flavors::routes());
    all.extend(keypairs::routes());
    all.extend(server_groups::routes());
    all.extend(hypervisors::routes());
    all.extend(services::routes());
    all.extend(aggregates::routes());
    all.extend(migrations::routes());
    all.extend(limits::routes());
    all
}

/// Finds an estate's server by id, or by name in `project`, for the floating IPs that lead to it.
pub fn find_server(cloud: &Cloud, project: &str, name_or_id: &str) -> Option<String> {
    let named = |server: &&model::Server| server.name == name_or_id && server.project == project;
    let by_name = || cloud.compute.servers.values().find(named).map(|server| server.id.clone());
    cloud.compute.servers.get(name_or_id).map(|server| server.id.clone()).or_else(by_name)
}

/// Kills the nova-compute of a host, or lets it run again, whereupon it cleans up after its evacuated servers. Returns
/// `false` where there is no such host.
pub fn set_host_dead(cloud: &mut Cloud, name: &str, dead: bool) -> bool {
    let Some(host) = cloud.compute.hosts.get_mut(name) else { return false };
    host.dead = dead;
    if dead {
        return true;
    }
    let gone = |one: &&model::Migration| one.kind == "evacuation" && one.status == "done" && one.source == name;
    let done: Vec<(u64, String)> =
        cloud.compute.migrations.iter().filter(gone).map(|one| (one.id, one.server.clone())).collect();
    for (number, server) in done {
        if cloud.compute.servers.get(&server).is_none_or(|server| server.host != name) {
            disk::remove(cloud, &server, name);
        }
        migrations::set(cloud, number, "completed");
    }
    true
}
