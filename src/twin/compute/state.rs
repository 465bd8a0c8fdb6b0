//! Nova's state, and finding things in it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Aggregate, Flavor, Host, Keypair, Migration, Server, ServerGroup};
use crate::twin::clock::Moment;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Call, Refusal};

/// The order in which servers are listed: the youngest first.
pub type Youth = (Reverse<Moment>, Reverse<u64>);

/// Everything Nova keeps.
#[derive(Debug, Default)]
pub struct State {
    /// Flavors by id.
    pub flavors: BTreeMap<String, Flavor>,
    /// Key pairs by user and name.
    pub keypairs: BTreeMap<(String, String), Keypair>,
    /// Server groups by id.
    pub server_groups: BTreeMap<String, ServerGroup>,
    /// Servers by id; change them by `insert_server` and `remove_server` only.
    pub servers: BTreeMap<String, Server>,
    /// Ids of servers, the youngest first.
    pub order: BTreeMap<Youth, String>,
    /// Hosts by name.
    pub hosts: BTreeMap<String, Host>,
    /// Aggregates by number.
    pub aggregates: BTreeMap<u64, Aggregate>,
    /// Migrations, oldest first.
    pub migrations: Vec<Migration>,
    /// Quota values that differ from the defaults: project → resource → value.
    pub quotas: BTreeMap<String, BTreeMap<String, i64>>,
    /// Default quotas that were changed.
    pub default_quotas: BTreeMap<String, i64>,
}

/// What is taken on a host.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Cores.
    pub vcpus: u64,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// Disk in GiB.
    pub disk_gb: u64,
    /// Servers.
    pub servers: u64,
}

impl State {
    /// Returns the state for comparisons.
    pub fn snapshot(&self) -> Value {
        let keypairs: Vec<&Keypair> = self.keypairs.values().collect();
        json!({
            "flavors": self.flavors, "keypairs": keypairs, "server_groups": self.server_groups,
            "servers": self.servers, "hosts": self.hosts, "aggregates": self.aggregates,
            "quotas": self.quotas, "default_quotas": self.default_quotas,
        })
    }

    /// Adds a server.
    pub fn insert_server(&mut self, server: Server) {
        self.order.insert(youth(&server), server.id.clone());
        self.servers.insert(server.id.clone(), server);
    }

    /// Takes a server out.
    pub fn remove_server(&mut self, id: &str) -> Option<Server> {
        let server = self.servers.remove(id)?;
        self.order.remove(&youth(&server));
        for group in self.server_groups.values_mut() {
            group.members.retain(|member| member != id);
        }
        Some(server)
    }

    /// Returns what is taken on every host, both sides of unfinished resizes included.
    pub fn usage(&self) -> BTreeMap<&str, Usage> {
        let mut all: BTreeMap<&str, Usage> = BTreeMap::new();
        for server in self.servers.values().filter(|server| !server.host.is_empty()) {
            add(all.entry(server.host.as_str()).or_default(), &server.flavor, server.local_disk());
            if let Some(before) = &server.before {
                let disk = super::model::disk_of(&before.flavor, server.image.is_none());
                let usage = all.entry(before.host.as_str()).or_default();
                add(usage, &before.flavor, disk);
                usage.servers -= 1;
            }
        }
        all
    }

    /// Returns the zone of a host.
    pub fn zone(&self, host: &str) -> &str {
        let has = |aggregate: &&Aggregate| {
            aggregate.metadata.contains_key("availability_zone") && aggregate.hosts.iter().any(|name| name == host)
        };
        self.aggregates.values().find(has).map_or("nova", |aggregate| aggregate.metadata["availability_zone"].as_str())
    }

    /// Finds a host by the hypervisor's UUID or number.
    pub fn hypervisor(&self, id: &str) -> Option<&Host> {
        self.hosts.values().find(|host| host.uuid == id || host.number.to_string() == id)
    }
}

fn add(usage: &mut Usage, flavor: &Flavor, disk: u64) {
    usage.vcpus += flavor.vcpus;
    usage.memory_mb += flavor.ram;
    usage.disk_gb += disk;
    usage.servers += 1;
}

/// Returns a server's place in the list.
pub fn youth(server: &Server) -> Youth {
    (Reverse(server.created), Reverse(server.number))
}

/// Finds a server that the caller may see, by the path's first capture.
pub fn server<'a>(call: &'a Call) -> Result<&'a Server, Refusal> {
    let id = call.param(0);
    let found = call.cloud.compute.servers.get(&id).filter(|server| call.caller.sees(&server.project));
    found.ok_or_else(|| absent(&id))
}

/// Finds the same server to change it; callers who only read are refused.
pub fn server_mut<'a>(call: &'a mut Call, rule: &str) -> Result<&'a mut Server, Refusal> {
    call.writer(rule)?;
    let id = call.param(0);
    let now = call.cloud.now;
    let caller = &call.caller;
    let found = call.cloud.compute.servers.get_mut(&id).filter(|server| caller.sees(&server.project));
    let found = found.ok_or_else(|| absent(&id))?;
    found.updated = now;
    Ok(found)
}

/// Words a missing server.
pub fn absent(id: &str) -> Refusal {
    Refusal::missing(format!("Instance {id} could not be found."))
}

/// Runs `change` on a server that is still in the task `task`, where it still exists.
pub fn settle(cloud: &mut Cloud, id: &str, task: &str, change: impl FnOnce(&mut Server)) -> bool {
    let now = cloud.now;
    let found = cloud.compute.servers.get_mut(id).filter(|server| server.task_state.as_deref() == Some(task));
    let Some(server) = found else { return false };
    server.updated = now;
    change(server);
    true
}
