//! Choosing a host.

use super::model::{Flavor, Host, disk_of};
use super::state::State;

/// How much of a host's cores may be given out.
pub const CPU_RATIO: f64 = 4.0;

/// What a server needs of a host.
#[derive(Debug, Clone, Default)]
pub struct Need<'a> {
    /// The flavor.
    pub flavor: Option<&'a Flavor>,
    /// Whether the root is a volume.
    pub from_volume: bool,
    /// The zone.
    pub zone: Option<&'a str>,
    /// The server group.
    pub group: Option<&'a str>,
    /// The server itself, which does not stand in its own way.
    pub server: &'a str,
    /// The only host allowed.
    pub only: Option<&'a str>,
    /// Hosts not allowed.
    pub not: Vec<&'a str>,
}

/// Chooses the host with the most free memory among those that fit, by name where they are equal.
pub fn choose(state: &State, need: &Need) -> Option<String> {
    let usage = state.usage();
    let room = |host: &&Host| {
        let Some(flavor) = need.flavor else { return true };
        let used = usage.get(host.name.as_str()).copied().unwrap_or_default();
        let cores = (host.vcpus as f64 * CPU_RATIO) as u64;
        used.vcpus + flavor.vcpus <= cores
            && used.memory_mb + flavor.ram <= host.memory_mb
            && used.disk_gb + disk_of(flavor, need.from_volume) <= host.disk_gb
    };
    let allowed = |host: &&Host| {
        host.up()
            && !host.disabled
            && need.only.is_none_or(|only| host.name == only)
            && !need.not.contains(&host.name.as_str())
            && need.zone.is_none_or(|zone| state.zone(&host.name) == zone)
            && group_allows(state, need, &host.name)
    };
    let free = |host: &&Host| {
        let used = usage.get(host.name.as_str()).map_or(0, |used| used.memory_mb);
        (host.memory_mb.saturating_sub(used), std::cmp::Reverse(host.name.clone()))
    };
    let fitting = state.hosts.values().filter(allowed).filter(room);
    // Soft policies only prefer: hosts that would please them first, then free memory.
    fitting.max_by_key(|host| (softly(state, need, &host.name), free(host))).map(|host| host.name.clone())
}

/// Counts the group's other members on a host, and all of them.
fn neighbours(state: &State, need: &Need, host: &str) -> Option<(String, u64, u64, u64)> {
    let group = state.server_groups.get(need.group?)?;
    let placed = group.members.iter().filter(|id| *id != need.server).filter_map(|id| state.servers.get(id));
    let placed: Vec<_> = placed.filter(|server| !server.host.is_empty()).collect();
    let here = placed.iter().filter(|server| server.host == host).count() as u64;
    let limit = group.rules.get("max_server_per_host").copied().unwrap_or(1);
    Some((group.policy.clone(), here, placed.len() as u64, limit))
}

fn group_allows(state: &State, need: &Need, host: &str) -> bool {
    match neighbours(state, need, host) {
        Some((policy, here, all, _)) if policy == "affinity" => all == 0 || here > 0,
        Some((policy, here, _, limit)) if policy == "anti-affinity" => here < limit,
        _ => true,
    }
}

fn softly(state: &State, need: &Need, host: &str) -> i64 {
    match neighbours(state, need, host) {
        Some((policy, here, ..)) if policy == "soft-affinity" => here as i64,
        Some((policy, here, ..)) if policy == "soft-anti-affinity" => -(here as i64),
        _ => 0,
    }
}
