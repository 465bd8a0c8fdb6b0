//! Networks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attribute::{Attr, Fill};
use super::floating_ip::FloatingIp;
use super::port::Port;
use super::rest::{self, Document, Kind, Standard, Who, find_mut, overlay};
use super::subnet::Subnet;
use super::{State, error, security_group, value};
use crate::twin::http::Refusal;

/// A network.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The name.
    pub name: String,
    /// Whether it is switched on.
    pub admin_state_up: bool,
    /// `ACTIVE`, or `DOWN` where switched off.
    pub status: String,
    /// Whether every project may use it.
    pub shared: bool,
    /// Whether routers may have their gateway there.
    #[serde(rename = "router:external")]
    pub external: bool,
    /// The largest packet.
    pub mtu: u64,
    /// The default of its ports' port security.
    pub port_security_enabled: bool,
    /// `flat`, `vlan`, `vxlan`, …
    #[serde(rename = "provider:network_type")]
    pub network_type: String,
    /// The physical network, for flat and VLAN ones.
    #[serde(rename = "provider:physical_network")]
    pub physical_network: Option<String>,
    /// The VLAN or VNI.
    #[serde(rename = "provider:segmentation_id")]
    pub segmentation_id: Option<u64>,
    /// Zones wished for its agents.
    pub availability_zone_hints: Vec<String>,
    /// Ids of its subnets.
    pub subnets: Vec<String>,
}

impl Kind for Network {
    const ONE: &'static str = "network";
    const MANY: &'static str = "networks";
    const ATTRS: &'static [Attr] = &[
        Attr::both("name", value::text255, Fill::Text("")),
        Attr::read("subnets").plain(),
        Attr::both("admin_state_up", value::boolean, Fill::Flag(true)),
        Attr::read("status"),
        Attr::both("shared", value::boolean, Fill::Flag(false)).unsorted().by_admin_unless_plain(),
        Attr::both("router:external", value::boolean, Fill::Flag(false)).unsorted().by_admin_unless_plain(),
        Attr::both("mtu", value::integer, Fill::Absent),
        Attr::both("port_security_enabled", value::boolean, Fill::Flag(true)).plain(),
        Attr::both("provider:network_type", value::text255, Fill::Absent).unsorted().by_admin().hidden(),
        Attr::both("provider:physical_network", value::text255, Fill::Absent).unsorted().by_admin().hidden(),
        Attr::both("provider:segmentation_id", value::integer, Fill::Absent).unsorted().by_admin().hidden(),
        Attr::once("availability_zone_hints", value::texts, Fill::List).plain(),
        Attr::read("availability_zones").plain(),
        Attr::read("ipv4_address_scope").plain(),
        Attr::read("ipv6_address_scope").plain(),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.networks
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.networks
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "NetworkNotFound", format!("Network {id} could not be found."))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "id" => Some(&self.standard.id),
            "name" => Some(&self.name),
            "project_id" | "tenant_id" => Some(&self.standard.project_id),
            _ => None,
        }
    }

    fn seen(&self, _state: &State, who: &Who) -> bool {
        who.owns(&self.standard.project_id) || self.shared || self.external
    }

    fn complete(&self, state: &State, document: &mut Document) {
        let zones = if self.subnets.is_empty() { json!([]) } else { json!(["nova"]) };
        document.insert("availability_zones".into(), zones);
        document.insert("ipv4_address_scope".into(), Value::Null);
        document.insert("ipv6_address_scope".into(), Value::Null);
        if self.external {
            document.insert("is_default".into(), false.into());
        }
        if state.current {
            document.insert("vlan_transparent".into(), false.into());
            document.insert("qinq".into(), false.into());
        }
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let mtu_given = body.contains_key("mtu");
        let mut network: Self = rest::read(body)?;
        provide(state, &mut network)?;
        if !mtu_given {
            network.mtu = if matches!(network.network_type.as_str(), "flat" | "vlan" | "local") { 1500 } else { 1450 };
        }
        network.status = "ACTIVE".into();
        let id = state.new_id();
        network.standard = Standard::new(id.clone(), project, &network.standard.description, who);
        network.standard.revision_number = 1;
        state.networks.insert(id.clone(), network);
        security_group::ensure_default(state, project, who);
        Ok(id)
    }

    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal> {
        if changes.keys().any(|name| name.starts_with("provider:")) {
            return Err(error::invalid_input("Plugin does not support updating provider attributes"));
        }
        let network = state.networks.get(id).ok_or_else(|| Self::missing(id))?;
        let unshared = network.shared && changes.get("shared") == Some(&Value::Bool(false));
        let closed = network.external && changes.get("router:external") == Some(&Value::Bool(false));
        let owner = network.standard.project_id.clone();
        if unshared && state.ports.values().any(|port| port.network_id == id && port.foreign(&owner)) {
            let what =
                format!("Unable to reconfigure sharing settings for network {id}. Multiple tenants are using it.");
            return Err(error::new(409, "InvalidSharedSetting", what));
        }
        if closed && state.routers.values().any(|router| router.gateway_network() == Some(id)) {
            let what = format!(
                "External network {id} cannot be updated to be made non-external, since it has existing gateway ports."
            );
            return Err(error::new(409, "ExternalNetworkInUse", what));
        }
        overlay(find_mut::<Self>(state, id)?, who, changes)
    }

    fn delete(state: &mut State, who: &Who, id: &str) -> Result<(), Refusal> {
        let network = rest::find::<Self>(state, who, id)?.clone();
        // Floating IPs that lead nowhere go with their network, even where the network then stays.
        let idle = |floating: &&FloatingIp| floating.floating_network_id == id && floating.port_id.is_none();
        let idle: Vec<_> =
            state.floating_ips.values().filter(idle).map(|floating| floating.standard.id.clone()).collect();
        for floating in idle {
            FloatingIp::delete(state, who, &floating)?;
        }
        let own = |port: &&Port| port.network_id == id;
        let held: Vec<_> =
            state.ports.values().filter(own).filter(|port| port.device_owner != "network:dhcp").collect();
        if !held.is_empty() {
            let held: Vec<_> = held.into_iter().map(|port| port.standard.id.as_str()).collect();
            let what = format!(
                "Unable to complete operation on network {id}. There are one or more ports still in use on the \
                 network, id for these ports is: {}.",
                held.join(",")
            );
            return Err(error::new(409, "NetworkInUse", what));
        }
        let left: Vec<_> = state.ports.values().filter(own).map(|port| port.standard.id.clone()).collect();
        for port in left {
            super::port::remove(state, &port);
        }
        for subnet in network.subnets {
            Subnet::forget(state, &subnet);
        }
        state.networks.remove(id);
        Ok(())
    }
}

/// Decides type, physical network and segment, and refuses segments in use.
fn provide(state: &mut State, network: &mut Network) -> Result<(), Refusal> {
    if network.network_type.is_empty() {
        if network.physical_network.is_some() || network.segmentation_id.is_some() {
            return Err(error::invalid_input("provider:network_type required"));
        }
        network.network_type = "vxlan".into();
    }
    let kind = network.network_type.clone();
    match kind.as_str() {
        "flat" if network.segmentation_id.is_some() => {
            Err(error::invalid_input("provider:segmentation_id prohibited for flat provider network"))
        }
        "flat" | "vlan" if network.physical_network.is_none() => {
            Err(error::invalid_input(format!("physical_network required for {kind} provider network")))
        }
        "flat" => {
            let physical = network.physical_network.clone().unwrap_or_default();
            let taken =
                |other: &Network| other.network_type == "flat" && other.physical_network == network.physical_network;
            if state.networks.values().any(taken) {
                let what = format!("Unable to create the flat network. Physical network {physical} is in use.");
                return Err(error::new(409, "FlatNetworkInUse", what));
            }
            Ok(())
        }
        "vlan" | "vxlan" | "gre" | "geneve" => segment(state, network),
        "local" => Ok(()),
        _ => Err(error::invalid_input(format!("network_type value '{kind}' not supported"))),
    }
}

fn segment(state: &mut State, network: &mut Network) -> Result<(), Refusal> {
    let kind = network.network_type.clone();
    let physical = network.physical_network.clone();
    if kind == "vlan" && !network.segmentation_id.is_none_or(|vlan| (1..=4094).contains(&vlan)) {
        return Err(error::invalid_input("segmentation_id out of range (1 through 4094)"));
    }
    let used = |other: &Network, number: u64| {
        other.network_type == kind && other.physical_network == physical && other.segmentation_id == Some(number)
    };
    let Some(wanted) = network.segmentation_id else {
        let first = state.next_segment.max(100);
        let free = (first..).find(|number| !state.networks.values().any(|other| used(other, *number)));
        state.next_segment = free.map_or(first, |number| number + 1);
        network.segmentation_id = free;
        return Ok(());
    };
    if !state.networks.values().any(|other| used(other, wanted)) {
        return Ok(());
    }
    Err(match physical {
        Some(physical) => error::new(
            409,
            "VlanIdInUse",
            format!("Unable to create the network. The VLAN {wanted} on physical network {physical} is in use."),
        ),
        None => {
            error::new(409, "TunnelIdInUse", format!("Unable to create the network. The tunnel ID {wanted} is in use."))
        }
    })
}
