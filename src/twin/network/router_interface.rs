//! Connecting routers to subnets, and disconnecting them.

use serde_json::{Value, json};

use super::fixed_ip::Wanted;
use super::port::{self, Port};
use super::rest::{self, Kind, Who, find_mut};
use super::router::{Router, service_port};
use super::subnet::Subnet;
use super::{State, error};
use crate::twin::http::{Answer, Call, Refusal, Reply};

/// `PUT …/add_router_interface`.
pub fn add(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let id = call.param(0);
    let (subnet, port) = target(&call.body)?;
    let state = super::open(call.cloud);
    rest::allow::<Router>(state, &who, &id, "rule:add_router_interface")?;
    let port = match (subnet, port) {
        (Some(_), Some(_)) => return Err(error::bad("router", "Cannot specify both subnet-id and port-id")),
        (None, Some(port)) => by_port(state, &who, &id, &port)?,
        (Some(subnet), None) => by_subnet(state, &who, &id, &subnet)?,
        (None, None) => return Err(error::bad("router", "Either subnet_id or port_id must be specified")),
    };
    find_mut::<Router>(state, &id)?.standard.touch(&who);
    answer(state, &id, &port)
}

/// `PUT …/remove_router_interface`.
pub fn remove(call: &mut Call) -> Answer {
    let who = Who::of(call);
    let id = call.param(0);
    let (subnet, wanted) = target(&call.body)?;
    let state = super::open(call.cloud);
    rest::allow::<Router>(state, &who, &id, "rule:remove_router_interface")?;
    let on = |port: &&Port, subnet: &str| port.fixed_ips.iter().any(|fixed| fixed.subnet_id == subnet);
    let port = match (&subnet, &wanted) {
        (_, Some(wanted)) => {
            let missing = || {
                let what = format!("Router {id} does not have an interface with id {wanted}");
                error::new(404, "RouterInterfaceNotFound", what)
            };
            Router::interfaces(state, &id).find(|port| port.standard.id == *wanted).ok_or_else(missing)?
        }
        (Some(subnet), None) => {
            rest::find::<Subnet>(state, &Who { admin: true, ..who.clone() }, subnet)?;
            let missing = || {
                let what = format!("Router {id} has no interface on subnet {subnet}");
                error::new(404, "RouterInterfaceNotFoundForSubnet", what)
            };
            Router::interfaces(state, &id).find(|port| on(port, subnet)).ok_or_else(missing)?
        }
        (None, None) => {
            return Err(error::bad("router", "Either subnet_id or port_id must be specified"));
        }
    };
    if let (Some(subnet), Some(_)) = (&subnet, &wanted)
        && !on(&port, subnet)
    {
        let what = format!("Subnet on port {} does not match the requested subnet {subnet}.", port.standard.id);
        return Err(error::new(400, "SubnetMismatchForPort", what));
    }
    let port = port.standard.id.clone();
    check_removal(state, &id, &port)?;
    let reply = answer(state, &id, &port);
    port::remove(state, &port);
    find_mut::<Router>(state, &id)?.standard.touch(&who);
    reply
}

fn target(body: &Value) -> Result<(Option<String>, Option<String>), Refusal> {
    let Value::Object(body) = body else {
        return Err(error::bad("router", "Either subnet_id or port_id must be specified"));
    };
    if let Some(name) = body.keys().find(|name| !matches!(name.as_str(), "subnet_id" | "port_id")) {
        return Err(error::bad_request(format!("Unrecognized attribute(s) '{name}'")));
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok((text("subnet_id"), text("port_id")))
}

fn by_subnet(state: &mut State, who: &Who, router: &str, id: &str) -> Result<String, Refusal> {
    let subnet = rest::find::<Subnet>(state, who, id)?;
    let gateway = subnet.gateway_ip;
    let (network, slaac) = (subnet.network_id.clone(), subnet.is_slaac());
    if gateway.is_none() && !slaac {
        return Err(error::bad("router", "Subnet for router interface must have a gateway IP"));
    }
    check_overlap(state, router, id)?;
    let project = state.routers.get(router).map(|router| router.standard.project_id.clone()).unwrap_or_default();
    let wanted = Wanted { subnet_id: Some(id.to_owned()), ip_address: gateway };
    service_port(state, who, &project, &network, (router, "network:router_interface"), Some(vec![wanted]))
}

fn by_port(state: &mut State, who: &Who, router: &str, id: &str) -> Result<String, Refusal> {
    let port = rest::find::<Port>(state, who, id)?.clone();
    if !port.device_id.is_empty() {
        let (network, device) = (&port.network_id, &port.device_id);
        let what = format!(
            "Unable to complete operation on port {id} for network {network}. Port already has an attached device \
             {device}."
        );
        return Err(error::new(409, "PortInUse", what));
    }
    if port.fixed_ips.is_empty() {
        return Err(error::bad("router", "Router port must have at least one fixed IP"));
    }
    if port.fixed_ips.iter().filter(|fixed| fixed.ip_address.is_ipv4()).count() > 1 {
        return Err(error::bad("router", "Cannot have multiple IPv4 subnets on router port"));
    }
    for fixed in &port.fixed_ips {
        check_overlap(state, router, &fixed.subnet_id)?;
    }
    let mut port = port;
    port.device_id = router.into();
    port.device_owner = "network:router_interface".into();
    port.security_groups.clear();
    port.port_security_enabled = false;
    port.standard.touch(who);
    port::put(state, port);
    Ok(id.to_owned())
}

fn check_overlap(state: &State, router: &str, id: &str) -> Result<(), Refusal> {
    let Some(block) = state.subnets.get(id).and_then(Subnet::block) else { return Err(Subnet::missing(id)) };
    let gateway = state.routers.get(router).and_then(|router| state.ports.get(&router.gateway_port));
    for port in Router::interfaces(state, router).chain(gateway) {
        for fixed in &port.fixed_ips {
            if fixed.subnet_id == id {
                return Err(error::bad("router", format!("Router already has a port on subnet {id}")));
            }
            let Some(other) = state.subnets.get(&fixed.subnet_id).and_then(Subnet::block) else { continue };
            if other.overlaps(&block) {
                let taken = &fixed.subnet_id;
                let what = format!("Cidr {block} of subnet {id} overlaps with cidr {other} of subnet {taken}");
                return Err(error::bad("router", what));
            }
        }
    }
    Ok(())
}

/// Refuses to cut off a subnet that floating IPs or static routes need.
fn check_removal(state: &State, router: &str, port: &str) -> Result<(), Refusal> {
    let Some(port) = state.ports.get(port) else { return Err(Port::missing(port)) };
    for fixed in &port.fixed_ips {
        let subnet = &fixed.subnet_id;
        let needed = state.floating_ips.values().any(|floating| {
            let inside = floating.port_id.as_ref().and_then(|id| state.ports.get(id));
            floating.router_id.as_deref() == Some(router)
                && inside.is_some_and(|inside| inside.fixed_ips.iter().any(|own| own.subnet_id == *subnet))
        });
        if needed {
            let what = format!(
                "Router interface for subnet {subnet} on router {router} cannot be deleted, as it is required by one \
                 or more floating IPs."
            );
            return Err(error::new(409, "RouterInterfaceInUseByFloatingIP", what));
        }
        let block = state.subnets.get(subnet).and_then(Subnet::block);
        let hop = |route: &Value| route.get("nexthop").and_then(Value::as_str).and_then(|text| text.parse().ok());
        let routes = state.routers.get(router).map(|router| router.routes.as_slice()).unwrap_or_default();
        if routes.iter().filter_map(hop).any(|hop| block.is_some_and(|block| block.contains(hop))) {
            let what = format!(
                "Router interface for subnet {subnet} on router {router} cannot be deleted, as it is required by one \
                 or more routes."
            );
            return Err(error::new(409, "RouterInterfaceInUseByRoute", what));
        }
    }
    Ok(())
}

fn answer(state: &State, router: &str, port: &str) -> Answer {
    let router = state.routers.get(router).ok_or_else(|| Router::missing(router))?;
    let port = state.ports.get(port).ok_or_else(|| Port::missing(port))?;
    let subnets: Vec<_> = port.fixed_ips.iter().map(|fixed| fixed.subnet_id.as_str()).collect();
    let project = &router.standard.project_id;
    let owner = if state.current { "project_id" } else { "tenant_id" };
    Ok(Reply::ok(json!({
        "id": router.standard.id, owner: project, "port_id": port.standard.id, "network_id": port.network_id,
        "subnet_id": subnets.first(), "subnet_ids": subnets,
    })))
}
