//! What Nova needs: ports of servers, and the checks before a server gets them.

use super::port::{self, Port};
use super::rest::{Kind, Standard, Who};
use super::security_group as groups;
use super::{ServerPort, State, WantedPort, error, fixed_ip, open, port_rules, quota};
use crate::twin::clock;
use crate::twin::cloud::Cloud;
use crate::twin::http::Refusal;

fn who(cloud: &Cloud, project: &str) -> Who {
    Who::service(project, clock::iso(cloud.now))
}

/// Checks, before Nova accepts a server, that `project` may use a network: 404/400 refusals where not.
pub fn check_network(cloud: &Cloud, project: &str, admin: bool, network: &str) -> Result<(), Refusal> {
    let found = cloud.network.networks.get(network);
    let usable = found.filter(|found| admin || found.shared || found.external || found.standard.project_id == project);
    let Some(found) = usable else {
        return Err(Refusal::bad(format!("Network {network} could not be found.")));
    };
    if found.external && !found.shared && !admin && found.standard.project_id != project {
        return Err(Refusal::forbidden(format!(
            "It is not allowed to create an interface on external network {network}"
        )));
    }
    if found.subnets.is_empty() && found.port_security_enabled {
        return Err(Refusal::bad(format!("Network {network} requires a subnet in order to boot instances on.")));
    }
    Ok(())
}

/// Checks that a ready port exists, is the project's and is not bound: 404, or 400 "still in use" as Nova words it.
pub fn check_port(cloud: &Cloud, project: &str, admin: bool, id: &str) -> Result<(), Refusal> {
    let state = &cloud.network;
    let who = Who { admin, project: project.into(), ..Who::default() };
    let port = state.ports.get(id).filter(|port| port.seen(state, &who));
    let Some(port) = port else { return Err(Refusal::bad(format!("Port id {id} could not be found."))) };
    if !port.device_id.is_empty() {
        return Err(Refusal::conflict(format!("Port {id} is still in use.")));
    }
    if port.fixed_ips.is_empty() && port.port_security_enabled && !port.security_groups.is_empty() {
        return Err(Refusal::bad(format!("Port {id} requires a FixedIP in order to be used.")));
    }
    Ok(())
}

/// Finds a security group of a project by id or name and returns its id and name.
pub fn security_group(cloud: &Cloud, project: &str, name_or_id: &str) -> Option<(String, String)> {
    let groups = &cloud.network.groups;
    let own = groups.get(name_or_id).filter(|group| group.standard.project_id == project);
    let named = |group: &&groups::Group| group.name == name_or_id && group.standard.project_id == project;
    let group = own.or_else(|| groups.values().find(named))?;
    Some((group.standard.id.clone(), group.name.clone()))
}

/// Returns the networks Nova takes when none was named: the project's own, else shared ones, never external ones.
pub fn default_networks(cloud: &Cloud, project: &str) -> Vec<String> {
    let inside = cloud.network.networks.values().filter(|network| !network.external);
    let ids = |own: bool| -> Vec<String> {
        let fits =
            inside.clone().filter(|network| if own { network.standard.project_id == project } else { network.shared });
        fits.map(|network| network.standard.id.clone()).collect()
    };
    let own = ids(true);
    if own.is_empty() { ids(false) } else { own }
}

/// Makes a port for a server (device_owner `compute:<az>`), not yet bound to a host. Quota and full pools refuse.
pub fn create_server_port(cloud: &mut Cloud, want: &WantedPort, server: &str) -> Result<String, Refusal> {
    let who = who(cloud, &want.project);
    let mut groups = Vec::new();
    for group in &want.security_groups {
        if group == "default" {
            groups.push(groups::ensure_default(open(cloud), &want.project, &who));
            continue;
        }
        let found = security_group(cloud, &want.project, group);
        let missing = || Refusal::bad(format!("Security group {group} not found."));
        groups.push(found.ok_or_else(missing)?.0);
    }
    let state = open(cloud);
    quota::reserve::<Port>(state, &want.project)?;
    let network = state.networks.get(&want.network);
    let missing = || error::new(404, "NetworkNotFound", format!("Network {} could not be found.", want.network));
    let secure = network.ok_or_else(missing)?.port_security_enabled;
    if groups.is_empty() && secure {
        groups.push(groups::ensure_default(state, &want.project, &who));
    }
    let mut port = Port {
        standard: Standard::new(state.dice.uuid(), &want.project, "", &who),
        network_id: want.network.clone(),
        admin_state_up: true,
        device_id: server.into(),
        device_owner: "compute:nova".into(),
        status: "DOWN".into(),
        port_security_enabled: secure,
        security_groups: if secure { groups } else { Vec::new() },
        ..Port::default()
    };
    port.bind("");
    let wanted = match &want.fixed_ip {
        None => None,
        Some(text) => {
            let address =
                text.parse().map_err(|_| Refusal::bad(format!("Fixed IP {text} is not a valid ip address.")))?;
            Some(vec![fixed_ip::Wanted { subnet_id: None, ip_address: Some(address) }])
        }
    };
    port::insert(state, port, wanted)
}

/// Gives a ready port to a server.
pub fn claim_port(cloud: &mut Cloud, id: &str, server: &str) -> Result<(), Refusal> {
    let who = who(cloud, "");
    let state = open(cloud);
    let mut port = state.ports.get(id).cloned().ok_or_else(|| Port::missing(id))?;
    port.device_id = server.into();
    port.device_owner = "compute:nova".into();
    port.standard.touch(&who);
    port_rules::secure(&port)?;
    port::put(state, port);
    Ok(())
}

/// Binds all ports of a server to a host (`binding:host_id`, vif details, device_owner's zone, status); an empty host
/// unbinds.
pub fn bind_ports(cloud: &mut Cloud, server: &str, host: &str, zone: &str, active: bool) {
    let who = who(cloud, "");
    let state = open(cloud);
    for id in state.devices.get(server).cloned().unwrap_or_default() {
        let Some(port) = state.ports.get_mut(&id) else { continue };
        port.bind(host);
        if !zone.is_empty() {
            port.device_owner = format!("compute:{zone}");
        }
        port.status = if active && !host.is_empty() { "ACTIVE" } else { "DOWN" }.into();
        port.standard.touch(&who);
    }
}

/// Takes a port from its server: deletes it where `delete`, else clears device and binding.
pub fn release_port(cloud: &mut Cloud, id: &str, delete: bool) {
    let who = who(cloud, "");
    let state = open(cloud);
    if delete {
        port::remove(state, id);
        return;
    }
    let Some(mut port) = state.ports.get(id).cloned() else { return };
    port.device_id.clear();
    port.device_owner.clear();
    port.bind("");
    port.status = "DOWN".into();
    port.standard.touch(&who);
    port::put(state, port);
}

/// Returns the ports of a server in the order in which it got them.
pub fn server_ports(cloud: &Cloud, server: &str) -> Vec<ServerPort> {
    let state = &cloud.network;
    let ports = state.devices.get(server).into_iter().flatten().filter_map(|id| state.ports.get(id));
    ports.map(|port| show(state, port)).collect()
}

fn show(state: &State, port: &Port) -> ServerPort {
    let floating = port.floating.iter().filter_map(|id| state.floating_ips.get(id));
    let pair = |floating: &super::floating_ip::FloatingIp| {
        Some((floating.fixed_ip_address?.to_string(), floating.floating_ip_address?.to_string()))
    };
    let groups = port.security_groups.iter().filter_map(|id| state.groups.get(id));
    ServerPort {
        id: port.standard.id.clone(),
        network_id: port.network_id.clone(),
        network_name: state.networks.get(&port.network_id).map(|network| network.name.clone()).unwrap_or_default(),
        mac: port.mac_address.clone(),
        status: port.status.clone(),
        fixed_ips: port.fixed_ips.iter().map(|fixed| (fixed.subnet_id.clone(), fixed.ip_address.to_string())).collect(),
        floating_ips: floating.filter_map(pair).collect(),
        security_groups: groups.map(|group| (group.standard.id.clone(), group.name.clone())).collect(),
    }
}

/// Replaces the security groups of a port.
pub fn set_port_groups(cloud: &mut Cloud, id: &str, groups: &[String]) {
    let who = who(cloud, "");
    if let Some(port) = open(cloud).ports.get_mut(id) {
        port.security_groups = groups.to_vec();
        port.standard.touch(&who);
    }
}
