//! Turning an estate's description into networks, routers, groups, ports and floating IPs.

use serde_json::{Map, Value, json};

use super::attribute;
use super::floating_ip::FloatingIp;
use super::networks::Network;
use super::port::Port;
use super::rest::{Kind, Who};
use super::router::{Router, service_port};
use super::security_group::{self, Group};
use super::security_group_rule::Rule;
use super::subnet::Subnet;
use super::{State, fixed_ip, open, quota};
use crate::twin::Release;
use crate::twin::clock;
use crate::twin::cloud::Cloud;
use crate::twin::estate::{self, Estate, or};

/// Builds networks, routers, security groups, ports and quotas of an estate.
pub fn install(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    for network in &estate.networks {
        let project = project(cloud, or(&network.project, "admin"))?;
        let who = who(cloud, &project);
        install_network(open(cloud), &who, network).map_err(|why| format!("network {}: {why}", network.name))?;
    }
    for project in &estate.projects {
        let id = self::project(cloud, project.id.as_deref().unwrap_or(&project.name))?;
        let who = who(cloud, &id);
        let state = open(cloud);
        security_group::ensure_default(state, &id, &who);
        quota::install(state, &id, &project.network_quota)?;
    }
    for group in &estate.security_groups {
        let who = who(cloud, &project(cloud, &group.project)?);
        let body = json!({"name": group.name, "description": group.description});
        make::<Group>(open(cloud), &who, group.id.as_ref(), body)
            .map_err(|why| format!("security group {}: {why}", group.name))?;
    }
    for group in &estate.security_groups {
        install_rules(cloud, group).map_err(|why| format!("security group {}: {why}", group.name))?;
    }
    for router in &estate.routers {
        let who = who(cloud, &project(cloud, &router.project)?);
        install_router(open(cloud), &who, router).map_err(|why| format!("router {}: {why}", router.name))?;
    }
    for port in &estate.ports {
        let project = project(cloud, &port.project)?;
        install_port(cloud, &project, port).map_err(|why| format!("port {}: {why}", port.name))?;
    }
    Ok(())
}

/// Builds the floating IPs, which may lead to servers' ports.
pub fn install_floating_ips(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    for floating in &estate.floating_ips {
        let project = project(cloud, &floating.project)?;
        let named = floating.address.clone().or_else(|| floating.id.clone()).unwrap_or_default();
        install_floating_ip(cloud, &project, floating).map_err(|why| format!("floating IP {named}: {why}"))?;
    }
    let state = &mut cloud.network;
    let ids = std::mem::take(&mut state.rerouted);
    super::floating_ip::reroute(state, &ids);
    state.current = cloud.release == Release::Current;
    state.installed = true;
    Ok(())
}

/// Finds an estate's network by id, or by name among those that `project` may use.
pub fn find_network(cloud: &Cloud, project: &str, name_or_id: &str) -> Option<String> {
    usable_network(&cloud.network, project, name_or_id)
}

/// Finds an estate's port by id, or by name in `project`.
pub fn find_port(cloud: &Cloud, project: &str, name_or_id: &str) -> Option<String> {
    let ports = &cloud.network.ports;
    let named = |port: &&Port| port.name == name_or_id && port.standard.project_id == project;
    let port = ports.get(name_or_id).or_else(|| ports.values().find(named))?;
    Some(port.standard.id.clone())
}

fn usable_network(state: &State, project: &str, name_or_id: &str) -> Option<String> {
    let who = Who { project: project.into(), ..Who::default() };
    let named = |network: &&Network| network.name == name_or_id && network.seen(state, &who);
    let network = state.networks.get(name_or_id).or_else(|| state.networks.values().find(named))?;
    Some(network.standard.id.clone())
}

fn project(cloud: &Cloud, name_or_id: &str) -> Result<String, String> {
    cloud.identity.find_project(name_or_id).ok_or_else(|| format!("there is no project '{name_or_id}'"))
}

fn who(cloud: &Cloud, project: &str) -> Who {
    Who::service(project, clock::iso(cloud.now))
}

/// Makes an object as a `POST` would, with the estate's id where it names one.
fn make<K: Kind>(state: &mut State, who: &Who, id: Option<&String>, body: Value) -> Result<String, String> {
    let sent: Map<_, _> = match body {
        Value::Object(body) => body.into_iter().filter(|(_, value)| !value.is_null()).collect(),
        _ => Map::new(),
    };
    state.wanted_id = id.cloned();
    let body = attribute::for_create(K::ATTRS, sent, true, "").map_err(|refusal| refusal.message)?;
    let made = K::create(state, who, &who.project, body).map_err(|refusal| refusal.message);
    state.wanted_id = None;
    made
}

fn install_network(state: &mut State, who: &Who, network: &estate::Network) -> Result<(), String> {
    let body = json!({
        "name": network.name, "shared": network.shared, "router:external": network.external, "mtu": network.mtu,
        "provider:network_type": network.network_type, "provider:physical_network": network.physical_network,
        "provider:segmentation_id": network.segmentation_id,
    });
    let id = make::<Network>(state, who, network.id.as_ref(), body)?;
    for subnet in &network.subnets {
        let version = if subnet.cidr.contains(':') { 6 } else { 4 };
        let pools: Vec<_> =
            subnet.allocation_pools.iter().map(|(start, end)| json!({"start": start, "end": end})).collect();
        let pools = if pools.is_empty() { Value::Null } else { pools.into() };
        let body = json!({
            "name": subnet.name, "network_id": id, "cidr": subnet.cidr, "ip_version": version,
            "gateway_ip": subnet.gateway_ip, "allocation_pools": pools, "dns_nameservers": subnet.dns_nameservers,
            "enable_dhcp": !subnet.no_dhcp,
        });
        make::<Subnet>(state, who, subnet.id.as_ref(), body)?;
    }
    Ok(())
}

fn group_id(state: &State, project: &str, name_or_id: &str) -> Result<String, String> {
    let named = |group: &&Group| group.name == name_or_id && group.standard.project_id == project;
    let group = state.groups.get(name_or_id).or_else(|| state.groups.values().find(named));
    group.map(|group| group.standard.id.clone()).ok_or_else(|| format!("there is no security group '{name_or_id}'"))
}

fn install_rules(cloud: &mut Cloud, group: &estate::SecurityGroup) -> Result<(), String> {
    let project = project(cloud, &group.project)?;
    let who = who(cloud, &project);
    let state = open(cloud);
    let id = group_id(state, &project, group.id.as_deref().unwrap_or(&group.name))?;
    for rule in &group.rules {
        let remote = rule.remote_group.as_ref().map(|name| group_id(state, &project, name)).transpose()?;
        let body = json!({
            "security_group_id": id, "direction": rule.direction.as_deref().unwrap_or("ingress"),
            "ethertype": rule.ethertype, "protocol": rule.protocol, "port_range_min": rule.ports.map(|ports| ports.0),
            "port_range_max": rule.ports.map(|ports| ports.1), "remote_ip_prefix": rule.remote_ip,
            "remote_group_id": remote,
        });
        make::<Rule>(state, &who, None, body)?;
    }
    Ok(())
}

fn install_router(state: &mut State, who: &Who, router: &estate::Router) -> Result<(), String> {
    let external = match &router.external {
        Some(name) => {
            let found =
                usable_network(state, &who.project, name).ok_or_else(|| format!("there is no network '{name}'"))?;
            json!({"network_id": found})
        }
        None => Value::Null,
    };
    let body = json!({"name": router.name, "external_gateway_info": external});
    let id = make::<Router>(state, who, router.id.as_ref(), body)?;
    for name in &router.subnets {
        let named = |subnet: &&Subnet| subnet.name == *name && subnet.standard.project_id == who.project;
        let subnet = state.subnets.get(name).or_else(|| state.subnets.values().find(named));
        let subnet = subnet.ok_or_else(|| format!("there is no subnet '{name}'"))?;
        let (network, subnet_id) = (subnet.network_id.clone(), subnet.standard.id.clone());
        let wanted = fixed_ip::Wanted { subnet_id: Some(subnet_id), ip_address: subnet.gateway_ip };
        let device = (id.as_str(), "network:router_interface");
        service_port(state, who, &who.project, &network, device, Some(vec![wanted]))
            .map_err(|refusal| refusal.message)?;
    }
    Ok(())
}

fn install_port(cloud: &mut Cloud, project: &str, port: &estate::Port) -> Result<(), String> {
    let who = who(cloud, project);
    let state = open(cloud);
    let network = usable_network(state, project, &port.network);
    let network = network.ok_or_else(|| format!("there is no network '{}'", port.network))?;
    let groups = match &port.security_groups {
        Some(names) => json!(names.iter().map(|name| group_id(state, project, name)).collect::<Result<Vec<_>, _>>()?),
        None => Value::Null,
    };
    let addresses: Vec<_> = port.fixed_ips.iter().map(|address| json!({"ip_address": address})).collect();
    let addresses = if addresses.is_empty() { Value::Null } else { addresses.into() };
    let body = json!({
        "name": port.name, "network_id": network, "mac_address": port.mac, "fixed_ips": addresses,
        "security_groups": groups,
    });
    make::<Port>(state, &who, port.id.as_ref(), body).map(drop)
}

fn install_floating_ip(cloud: &mut Cloud, project: &str, floating: &estate::FloatingIp) -> Result<(), String> {
    let port = match (&floating.port, &floating.server) {
        (Some(port), _) => {
            let found = find_port(cloud, project, port).ok_or_else(|| format!("there is no port '{port}'"))?;
            Some(found)
        }
        (None, Some(server)) => {
            let device = crate::twin::compute::find_server(cloud, project, server);
            let device = device.ok_or_else(|| format!("there is no server '{server}'"))?;
            let ports = cloud.network.devices.get(&device).and_then(|ports| ports.first()).cloned();
            Some(ports.ok_or_else(|| format!("server '{server}' has no port"))?)
        }
        (None, None) => None,
    };
    let who = who(cloud, project);
    let state = open(cloud);
    let network = usable_network(state, project, &floating.network);
    let network = network.ok_or_else(|| format!("there is no network '{}'", floating.network))?;
    let body = json!({"floating_network_id": network, "floating_ip_address": floating.address, "port_id": port});
    make::<FloatingIp>(state, &who, floating.id.as_ref(), body).map(drop)
}
