//! Routers: a gateway into an external network, interfaces in subnets, and static routes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::address::Prefix;
use super::attribute::{Attr, Fill};
use super::fixed_ip::{self, FixedIp};
use super::networks::Network;
use super::port::{self, Port};
use super::rest::{self, Document, Kind, Standard, Who, find_mut, overlay};
use super::{State, error, value};
use crate::twin::http::Refusal;

/// The gateway of a router.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Gateway {
    /// The external network's id.
    pub network_id: String,
    /// Its addresses there.
    pub external_fixed_ips: Vec<FixedIp>,
    /// Whether servers without a floating IP are translated to them.
    pub enable_snat: bool,
}

/// A router.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Router {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The name.
    pub name: String,
    /// Whether it is switched on.
    pub admin_state_up: bool,
    /// Always `ACTIVE`.
    pub status: String,
    /// The gateway.
    pub external_gateway_info: Option<Gateway>,
    /// Static routes.
    pub routes: Vec<Value>,
    /// Zones wished for its agents.
    pub availability_zone_hints: Vec<String>,
    /// The gateway's port.
    #[serde(skip)]
    pub gateway_port: String,
}

impl Router {
    /// Returns the external network's id.
    pub fn gateway_network(&self) -> Option<&str> {
        self.external_gateway_info.as_ref().map(|gateway| gateway.network_id.as_str())
    }

    /// Returns the ports of the router's interfaces.
    pub fn interfaces<'s>(state: &'s State, id: &str) -> impl Iterator<Item = &'s Port> {
        let ports = state.devices.get(id).into_iter().flatten().filter_map(|port| state.ports.get(port));
        ports.filter(|port| port.device_owner == "network:router_interface")
    }
}

impl Kind for Router {
    const ONE: &'static str = "router";
    const MANY: &'static str = "routers";
    const ATTRS: &'static [Attr] = &[
        Attr::both("name", value::text255, Fill::Text("")),
        Attr::both("admin_state_up", value::boolean, Fill::Flag(true)),
        Attr::read("status"),
        Attr::both("external_gateway_info", value::gateway, Fill::Null).plain(),
        Attr::later("routes", value::host_routes).plain(),
        Attr::once("availability_zone_hints", value::texts, Fill::List).plain(),
        Attr::read("availability_zones").plain(),
        Attr::read("flavor_id").plain(),
        Attr::read("distributed").plain().hidden(),
        Attr::read("ha").plain().hidden(),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.routers
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.routers
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "RouterNotFound", format!("Router {id} could not be found"))
    }

    fn complete(&self, _state: &State, document: &mut Document) {
        document.insert("availability_zones".into(), json!(["nova"]));
        document.insert("flavor_id".into(), Value::Null);
        document.insert("distributed".into(), false.into());
        document.insert("ha".into(), false.into());
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let mut body = body;
        let gateway = body.remove("external_gateway_info").unwrap_or_default();
        let mut router: Self = rest::read(body)?;
        router.status = "ACTIVE".into();
        router.standard = Standard::new(state.new_id(), project, &router.standard.description, who);
        router.standard.revision_number = 1;
        let id = router.standard.id.clone();
        state.routers.insert(id.clone(), router);
        if let Err(refusal) = set_gateway(state, who, &id, &gateway, "create_router") {
            state.routers.remove(&id);
            return Err(refusal);
        }
        Ok(id)
    }

    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal> {
        let mut changes = changes;
        if let Some(routes) = changes.get("routes").and_then(Value::as_array) {
            check_routes(state, id, routes)?;
        }
        if let Some(gateway) = changes.remove("external_gateway_info") {
            set_gateway(state, who, id, &gateway, "update_router")?;
        }
        let router = find_mut::<Self>(state, id)?;
        let port = router.gateway_port.clone();
        overlay(router, who, changes)?;
        router.gateway_port = port;
        Ok(())
    }

    fn delete(state: &mut State, _who: &Who, id: &str) -> Result<(), Refusal> {
        let held: Vec<_> = Self::interfaces(state, id).map(|port| port.standard.id.as_str()).collect();
        if !held.is_empty() {
            return Err(error::new(
                409,
                "RouterInUse",
                format!("Router {id} has ports still attached: {}", held.join(", ")),
            ));
        }
        check_floating(state, id, "")?;
        if let Some(router) = state.routers.remove(id) {
            port::remove(state, &router.gateway_port);
        }
        Ok(())
    }
}

/// Sets, changes or (with null or an empty object) clears the gateway.
fn set_gateway(state: &mut State, who: &Who, id: &str, wanted: &Value, rule: &str) -> Result<(), Refusal> {
    let router = state.routers.get(id).ok_or_else(|| Router::missing(id))?;
    let (before, port) = (router.external_gateway_info.clone(), router.gateway_port.clone());
    let Some(network) = wanted.get("network_id").and_then(Value::as_str) else {
        check_floating(state, id, "")?;
        port::remove(state, &port);
        let router = find_mut::<Router>(state, id)?;
        router.external_gateway_info = None;
        router.gateway_port.clear();
        return Ok(());
    };
    for name in ["enable_snat", "external_fixed_ips"] {
        if wanted.get(name).is_some() && !who.admin {
            let rules = format!("(rule:{rule} and (rule:{rule}:external_gateway_info:{name}))");
            return Err(error::forbidden(&rules));
        }
    }
    let external = rest::find::<Network>(state, who, network)?.external;
    if !external {
        return Err(error::bad("router", format!("Network {network} is not an external network")));
    }
    let snat = wanted.get("enable_snat").and_then(Value::as_bool).unwrap_or(true);
    let addresses = wanted.get("external_fixed_ips").cloned().map(fixed_ip::wanted).transpose()?;
    let same = before.as_ref().is_some_and(|before| before.network_id == network);
    let (port, given) = if same {
        let current = state.ports.get(&port).cloned().unwrap_or_default();
        let given = match addresses {
            Some(addresses) => fixed_ip::replace(state, &current, &addresses)?,
            None => current.fixed_ips.clone(),
        };
        if let Some(port) = state.ports.get_mut(&port) {
            port.fixed_ips.clone_from(&given);
        }
        (port, given)
    } else {
        check_floating(state, id, network)?;
        let made = service_port(state, who, "", network, (id, "network:router_gateway"), addresses)?;
        port::remove(state, &port);
        let given = state.ports.get(&made).map(|port| port.fixed_ips.clone()).unwrap_or_default();
        (made, given)
    };
    let router = find_mut::<Router>(state, id)?;
    router.external_gateway_info =
        Some(Gateway { network_id: network.into(), external_fixed_ips: given, enable_snat: snat });
    router.gateway_port = port;
    Ok(())
}

/// Makes a port for the network service itself: `device` is the id and the kind of what holds it.
pub fn service_port(
    state: &mut State,
    who: &Who,
    project: &str,
    network: &str,
    device: (&str, &str),
    wanted: Option<Vec<fixed_ip::Wanted>>,
) -> Result<String, Refusal> {
    let mut port = Port {
        standard: Standard::new(state.dice.uuid(), project, "", who),
        network_id: network.into(),
        admin_state_up: true,
        device_id: device.0.into(),
        device_owner: device.1.into(),
        status: if device.1 == "network:floatingip" { "N/A" } else { "DOWN" }.into(),
        ..Port::default()
    };
    port.bind("");
    port::insert(state, port, wanted)
}

/// Refuses to take away a gateway that floating IPs need; `kept` is the external network that stays.
fn check_floating(state: &State, id: &str, kept: &str) -> Result<(), Refusal> {
    let router = state.routers.get(id).ok_or_else(|| Router::missing(id))?;
    let Some(network) = router.gateway_network().filter(|network| *network != kept) else { return Ok(()) };
    if !state.floating_ips.values().any(|floating| floating.router_id.as_deref() == Some(id)) {
        return Ok(());
    }
    let what = format!(
        "Gateway cannot be updated for router {id}, since a gateway to external network {network} is required by one \
         or more floating IPs."
    );
    Err(error::new(409, "RouterExternalGatewayInUseByFloatingIp", what))
}

fn check_routes(state: &State, id: &str, routes: &[Value]) -> Result<(), Refusal> {
    let gateway = state.routers.get(id).and_then(|router| state.ports.get(&router.gateway_port));
    let fixed = Router::interfaces(state, id).chain(gateway).flat_map(|port| &port.fixed_ips);
    let blocks: Vec<Prefix> = fixed
        .filter_map(|fixed| state.subnets.get(&fixed.subnet_id))
        .filter_map(super::subnet::Subnet::block)
        .collect();
    for route in routes {
        let hop = route.get("nexthop").and_then(Value::as_str).and_then(|text| text.parse().ok());
        if !hop.is_some_and(|hop| blocks.iter().any(|block| block.contains(hop))) {
            let shown = [route["destination"].as_str(), route["nexthop"].as_str()].map(Option::unwrap_or_default);
            let route = format!("[{{'destination': '{}', 'nexthop': '{}'}}]", shown[0], shown[1]);
            let what = format!("Invalid format for routes: {route}, the nexthop is not connected with router");
            return Err(error::new(400, "InvalidRoutes", what));
        }
    }
    Ok(())
}
