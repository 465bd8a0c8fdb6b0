//! Floating IPs: addresses of an external network that lead to ports behind a router.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attribute::{Attr, Fill};
use super::fixed_ip::Wanted;
use super::networks::Network;
use super::port::{self, Port};
use super::rest::{self, Document, Kind, Standard, Who, find_mut};
use super::router::{Router, service_port};
use super::{State, error, value};
use crate::twin::http::Refusal;

/// A floating IP.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FloatingIp {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The external network's id.
    pub floating_network_id: String,
    /// The address.
    pub floating_ip_address: Option<IpAddr>,
    /// The port it leads to.
    pub port_id: Option<String>,
    /// Which of the port's addresses.
    pub fixed_ip_address: Option<IpAddr>,
    /// The router in between.
    pub router_id: Option<String>,
    /// `ACTIVE` or `DOWN`.
    pub status: String,
    /// The port that holds the address.
    #[serde(skip)]
    pub own_port: String,
}

impl FloatingIp {
    /// Lets the address lead nowhere.
    pub fn cut(&mut self, who: &Who) {
        (self.port_id, self.fixed_ip_address, self.router_id) = (None, None, None);
        self.status = "DOWN".into();
        self.standard.touch(who);
    }
}

impl Kind for FloatingIp {
    const ONE: &'static str = "floatingip";
    const MANY: &'static str = "floatingips";
    const ATTRS: &'static [Attr] = &[
        Attr::once("floating_network_id", value::uuid, Fill::Required),
        Attr::once("floating_ip_address", value::ip_or_null, Fill::Absent).by_admin_unless_plain(),
        Attr::once("subnet_id", value::uuid_or_null, Fill::Null).plain(),
        Attr::both("port_id", value::uuid_or_null, Fill::Null).unsorted(),
        Attr::both("fixed_ip_address", value::ip_or_null, Fill::Absent),
        Attr::read("router_id"),
        Attr::read("status"),
        Attr::read("port_details").plain(),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.floating_ips
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.floating_ips
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "FloatingIPNotFound", format!("Floating IP {id} could not be found"))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "id" => Some(&self.standard.id),
            "project_id" | "tenant_id" => Some(&self.standard.project_id),
            "floating_network_id" => Some(&self.floating_network_id),
            "port_id" => Some(self.port_id.as_deref().unwrap_or_default()),
            "status" => Some(&self.status),
            _ => None,
        }
    }

    fn complete(&self, state: &State, document: &mut Document) {
        let port = self.port_id.as_ref().and_then(|id| state.ports.get(id));
        let details = port.map(|port| {
            json!({
                "name": port.name, "network_id": port.network_id, "mac_address": port.mac_address,
                "admin_state_up": port.admin_state_up, "status": port.status, "device_id": port.device_id,
                "device_owner": port.device_owner,
            })
        });
        document.insert("port_details".into(), details.unwrap_or_default());
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let subnet = body.get("subnet_id").and_then(Value::as_str).map(str::to_owned);
        let mut floating: Self = rest::read(body)?;
        let network = floating.floating_network_id.clone();
        if !rest::find::<Network>(state, who, &network)?.external {
            return Err(error::bad("floatingip", format!("Network {network} is not a valid external network")));
        }
        if floating.port_id.is_none() && floating.fixed_ip_address.is_some() {
            return Err(error::bad("floatingip", "fixed_ip_address cannot be specified without a port_id"));
        }
        let id = state.new_id();
        let address = floating.floating_ip_address;
        let wanted =
            (subnet.is_some() || address.is_some()).then(|| vec![Wanted { subnet_id: subnet, ip_address: address }]);
        let target = match floating.port_id.take() {
            Some(port) => Some(route_to(state, who, &id, &network, &port, floating.fixed_ip_address)?),
            None => None,
        };
        let own = service_port(state, who, "", &network, (&id, "network:floatingip"), wanted)?;
        let given =
            state.ports.get(&own).and_then(|port| port.fixed_ips.iter().find(|fixed| fixed.ip_address.is_ipv4()));
        let Some(given) = given.map(|fixed| fixed.ip_address) else {
            port::remove(state, &own);
            let what = format!("Unable to find any IP address on external network {network}.");
            return Err(error::new(400, "ExternalIpAddressExhausted", what));
        };
        floating.floating_ip_address = Some(given);
        floating.fixed_ip_address = None;
        floating.own_port = own;
        floating.status = "DOWN".into();
        floating.standard = Standard::new(id.clone(), project, &floating.standard.description, who);
        state.floating_ips.insert(id.clone(), floating);
        if let Some(target) = target {
            connect(state, who, &id, target)?;
        }
        Ok(id)
    }

    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal> {
        let floating = state.floating_ips.get(id).ok_or_else(|| Self::missing(id))?;
        let (before, network) = (floating.port_id.clone(), floating.floating_network_id.clone());
        let fixed = changes.get("fixed_ip_address").and_then(Value::as_str).and_then(|text| text.parse().ok());
        if let Some(description) = changes.get("description").and_then(Value::as_str) {
            let floating = find_mut::<Self>(state, id)?;
            description.clone_into(&mut floating.standard.description);
            floating.standard.touch(who);
        }
        let port = match (changes.get("port_id"), fixed) {
            (Some(port), _) => port.as_str().map(str::to_owned),
            (None, Some(_)) => before.clone(),
            (None, None) => return Ok(()),
        };
        let target = match (port, fixed) {
            (Some(port), fixed) => Some(route_to(state, who, id, &network, &port, fixed)?),
            (None, Some(_)) => {
                return Err(error::bad("floatingip", "fixed_ip_address cannot be specified without a port_id"));
            }
            (None, None) => None,
        };
        disconnect(state, who, id);
        match target {
            Some(target) => connect(state, who, id, target),
            None => Ok(()),
        }
    }

    fn delete(state: &mut State, who: &Who, id: &str) -> Result<(), Refusal> {
        disconnect(state, who, id);
        if let Some(floating) = state.floating_ips.remove(id) {
            port::remove(state, &floating.own_port);
        }
        Ok(())
    }
}

/// Lets the routers hear of changed floating IPs: their status follows their port.
pub fn reroute(state: &mut State, ids: &[String]) {
    for id in ids {
        if let Some(floating) = state.floating_ips.get_mut(id) {
            floating.status = if floating.port_id.is_some() { "ACTIVE" } else { "DOWN" }.into();
        }
    }
}

/// Where a floating IP is to lead: port, address and the router in between.
struct Target {
    port: String,
    fixed: IpAddr,
    router: String,
}

fn route_to(
    state: &State,
    who: &Who,
    id: &str,
    external: &str,
    port: &str,
    fixed: Option<IpAddr>,
) -> Result<Target, Refusal> {
    let found = rest::find::<Port>(state, who, port)?;
    let mut addresses = found.fixed_ips.iter().filter(|own| own.ip_address.is_ipv4());
    let own = match fixed {
        Some(fixed) => {
            let what = format!("Port {port} does not have fixed ip {fixed}");
            addresses.find(|own| own.ip_address == fixed).ok_or_else(|| error::bad("floatingip", what))?
        }
        None => {
            let what = format!("Cannot add floating IP to port {port} that has no fixed IPv4 addresses");
            let first = addresses.next().ok_or_else(|| error::bad("floatingip", what))?;
            if addresses.next().is_some() {
                let what = format!(
                    "Port {port} has multiple fixed IPv4 addresses.  Must provide a specific IPv4 address when \
                     assigning a floating IP"
                );
                return Err(error::bad("floatingip", what));
            }
            first
        }
    };
    let subnet = &own.subnet_id;
    let leads = |router: &&Router| {
        router.gateway_network() == Some(external)
            && Router::interfaces(state, &router.standard.id)
                .any(|port| port.fixed_ips.iter().any(|fixed| fixed.subnet_id == *subnet))
    };
    let Some(router) = state.routers.values().find(leads) else {
        let what = format!(
            "External network {external} is not reachable from subnet {subnet}.  Therefore, cannot associate Port \
             {port} with a Floating IP."
        );
        return Err(error::new(404, "ExternalGatewayForFloatingIPNotFound", what));
    };
    let fixed = own.ip_address;
    let others = found.floating.iter().filter(|other| *other != id).filter_map(|other| state.floating_ips.get(other));
    let taken =
        others.into_iter().any(|other| other.fixed_ip_address == Some(fixed) && other.floating_network_id == external);
    if taken {
        let address = state.floating_ips.get(id).and_then(|floating| floating.floating_ip_address);
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        let what = format!(
            "Cannot associate floating IP {address} ({id}) with port {port} using fixed IP {fixed}, as that fixed IP \
             already has a floating IP on external network {external}."
        );
        return Err(error::new(409, "FloatingIPPortAlreadyAssociated", what));
    }
    Ok(Target { port: port.into(), fixed, router: router.standard.id.clone() })
}

fn connect(state: &mut State, who: &Who, id: &str, target: Target) -> Result<(), Refusal> {
    if let Some(port) = state.ports.get_mut(&target.port) {
        port.floating.push(id.to_owned());
    }
    let floating = find_mut::<FloatingIp>(state, id)?;
    floating.port_id = Some(target.port);
    floating.fixed_ip_address = Some(target.fixed);
    floating.router_id = Some(target.router);
    floating.standard.touch(who);
    state.rerouted.push(id.to_owned());
    Ok(())
}

fn disconnect(state: &mut State, who: &Who, id: &str) {
    let Some(floating) = state.floating_ips.get_mut(id) else { return };
    if let Some(port) = floating.port_id.clone() {
        // The status follows when the router has heard of it.
        let status = std::mem::take(&mut floating.status);
        floating.cut(who);
        floating.status = status;
        state.rerouted.push(id.to_owned());
        if let Some(port) = state.ports.get_mut(&port) {
            port.floating.retain(|other| other != id);
        }
    }
}
