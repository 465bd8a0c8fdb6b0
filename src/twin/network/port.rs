//! Ports: a network's sockets, with addresses, owners and bindings.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::attribute::{Attr, Fill};
use super::fixed_ip::{self, FixedIp};
use super::floating_ip::FloatingIp;
use super::networks::Network;
use super::rest::{self, Document, Kind, Standard, Who, overlay};
use super::{State, error, port_rules, security_group, value};
use crate::twin::http::Refusal;

/// A port.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Port {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The name.
    pub name: String,
    /// The network's id.
    pub network_id: String,
    /// Whether it is switched on.
    pub admin_state_up: bool,
    /// The hardware address.
    pub mac_address: String,
    /// The addresses.
    pub fixed_ips: Vec<FixedIp>,
    /// What is plugged in: a server's or a router's id.
    pub device_id: String,
    /// The kind of that: `compute:nova`, `network:router_interface`, …
    pub device_owner: String,
    /// `ACTIVE` or `DOWN`.
    pub status: String,
    /// Whether addresses are checked and security groups apply.
    pub port_security_enabled: bool,
    /// Ids of its security groups.
    pub security_groups: Vec<String>,
    /// Further addresses it may use.
    pub allowed_address_pairs: Vec<Value>,
    /// DHCP options of its own.
    pub extra_dhcp_opts: Vec<Value>,
    /// The host it is bound to.
    #[serde(rename = "binding:host_id")]
    pub host: String,
    /// Data of the binding.
    #[serde(rename = "binding:profile")]
    pub profile: Map<String, Value>,
    /// How it is plugged: `unbound`, `ovs`, …
    #[serde(rename = "binding:vif_type")]
    pub vif_type: String,
    /// Details of that.
    #[serde(rename = "binding:vif_details")]
    pub vif_details: Map<String, Value>,
    /// `normal`, `direct`, …
    #[serde(rename = "binding:vnic_type")]
    pub vnic_type: String,
    /// Ids of the floating IPs that lead here.
    #[serde(skip)]
    pub floating: Vec<String>,
}

impl Port {
    /// Returns whether the port belongs to another project than `owner`; the network service's own ports do not count.
    pub fn foreign(&self, owner: &str) -> bool {
        let project = &self.standard.project_id;
        !project.is_empty() && project != owner
    }

    /// Returns whether the port has this address of the subnet.
    pub fn has_address(&self, subnet: &str, address: IpAddr) -> bool {
        self.fixed_ips.iter().any(|fixed| fixed.subnet_id == subnet && fixed.ip_address == address)
    }

    /// Binds the port to a host, or unbinds it where the host is empty.
    pub fn bind(&mut self, host: &str) {
        host.clone_into(&mut self.host);
        let bound = !host.is_empty();
        self.vif_type = if bound { "ovs" } else { "unbound" }.into();
        self.vif_details = Map::new();
        if bound {
            self.vif_details.insert("port_filter".into(), true.into());
            self.vif_details.insert("connectivity".into(), "l2".into());
        }
    }

    /// Returns whether a router or the floating IP service holds the port.
    pub fn is_service(&self) -> bool {
        matches!(
            self.device_owner.as_str(),
            "network:router_interface" | "network:router_gateway" | "network:floatingip"
        )
    }
}

impl Kind for Port {
    const ONE: &'static str = "port";
    const MANY: &'static str = "ports";
    const ATTRS: &'static [Attr] = &[
        Attr::both("name", value::text255, Fill::Text("")),
        Attr::once("network_id", value::uuid, Fill::Required),
        Attr::both("admin_state_up", value::boolean, Fill::Flag(true)),
        Attr::both("mac_address", value::mac, Fill::Absent),
        Attr::both("fixed_ips", value::fixed_ips, Fill::Absent).unsorted(),
        Attr::both("device_id", value::text255, Fill::Text("")),
        Attr::both("device_owner", value::text255, Fill::Text("")),
        Attr::read("status"),
        Attr::both("port_security_enabled", value::boolean, Fill::Absent).plain(),
        Attr::both("security_groups", value::uuid_list, Fill::Absent).unsorted(),
        Attr::both("allowed_address_pairs", value::address_pairs, Fill::Absent).plain(),
        Attr::both("extra_dhcp_opts", value::dhcp_options, Fill::List).plain(),
        Attr::both("binding:host_id", value::host, Fill::Absent).unsorted().by_admin().hidden(),
        Attr::both("binding:profile", value::object, Fill::Absent).plain().by_admin().hidden(),
        Attr::read("binding:vif_type").plain().hidden(),
        Attr::read("binding:vif_details").plain().hidden(),
        Attr::both("binding:vnic_type", value::vnic_type, Fill::Text("normal")).plain(),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.ports
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.ports
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "PortNotFound", format!("Port {id} could not be found."))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "id" => Some(&self.standard.id),
            "name" => Some(&self.name),
            "network_id" => Some(&self.network_id),
            "device_id" => Some(&self.device_id),
            "device_owner" => Some(&self.device_owner),
            "mac_address" => Some(&self.mac_address),
            "status" => Some(&self.status),
            "project_id" | "tenant_id" => Some(&self.standard.project_id),
            "binding:host_id" => Some(&self.host),
            _ => None,
        }
    }

    fn seen(&self, state: &State, who: &Who) -> bool {
        who.owns(&self.standard.project_id) || port_rules::owns_network(state, who, &self.network_id)
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let secure = body.get("port_security_enabled").and_then(Value::as_bool);
        let groups = body.contains_key("security_groups");
        let wanted = body.get("fixed_ips").cloned().map(fixed_ip::wanted).transpose()?;
        let mut body = body;
        body.remove("fixed_ips");
        port_rules::policies(state, who, &body, wanted.as_deref(), "create_port")?;
        let mut port: Self = rest::read(body)?;
        let network = rest::find::<Network>(state, who, &port.network_id)?;
        port.port_security_enabled = secure.unwrap_or(network.port_security_enabled);
        let service = port.device_owner.starts_with("network:");
        if service && secure.is_none() {
            port.port_security_enabled = false;
        }
        port_rules::secure(&port)?;
        if !groups && !service && port.port_security_enabled {
            port.security_groups = vec![security_group::ensure_default(state, project, who)];
        }
        security_group::check(state, who, project, &port.security_groups)?;
        port.standard = Standard::new(state.new_id(), project, &port.standard.description, who);
        let host = std::mem::take(&mut port.host);
        port.bind(&host);
        port.status = if host.is_empty() { "DOWN" } else { "ACTIVE" }.into();
        insert(state, port, wanted)
    }

    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal> {
        let wanted = changes.get("fixed_ips").cloned().map(fixed_ip::wanted).transpose()?;
        let before = state.ports.get(id).ok_or_else(|| Self::missing(id))?.clone();
        let mut changes = changes;
        changes.remove("fixed_ips");
        let mut rules = changes.clone();
        rules.insert("network_id".into(), before.network_id.clone().into());
        port_rules::policies(state, who, &rules, wanted.as_deref(), "update_port")?;
        let mut port = before.clone();
        overlay(&mut port, who, changes.clone())?;
        port.floating.clone_from(&before.floating);
        port_rules::change(&before, &port)?;
        if changes.contains_key("security_groups") {
            security_group::check(state, who, &port.standard.project_id, &port.security_groups)?;
        }
        if port.host != before.host {
            let host = port.host.clone();
            port.bind(&host);
            port.status = if host.is_empty() { "DOWN" } else { "ACTIVE" }.into();
        }
        if let Some(wanted) = wanted {
            port.fixed_ips = fixed_ip::replace(state, &before, &wanted)?;
            release_floating(state, &mut port, who);
        }
        if port.mac_address != before.mac_address {
            state.macs.remove(&mac_key(&before));
            if !state.macs.insert(mac_key(&port)) {
                state.macs.insert(mac_key(&before));
                return Err(mac_in_use(&port));
            }
        }
        fill_pairs(&mut port);
        put(state, port);
        Ok(())
    }

    fn delete(state: &mut State, who: &Who, id: &str) -> Result<(), Refusal> {
        let port = rest::find::<Self>(state, who, id)?;
        if port.is_service() {
            let owner = &port.device_owner;
            let what = format!("Port {id} cannot be deleted directly via the port API: has device owner {owner}.");
            return Err(error::new(409, "ServicePortInUse", what));
        }
        remove(state, id);
        Ok(())
    }
}

/// Gives a new port its MAC and addresses and keeps it. Returns its id.
pub fn insert(state: &mut State, mut port: Port, wanted: Option<Vec<fixed_ip::Wanted>>) -> Result<String, Refusal> {
    if port.mac_address.is_empty() {
        port.mac_address = free_mac(state, &port.network_id);
    } else if state.macs.contains(&mac_key(&port)) {
        return Err(mac_in_use(&port));
    }
    port.fixed_ips = fixed_ip::allocate(state, &port, wanted.as_deref())?;
    if port.vnic_type.is_empty() {
        port.vnic_type = "normal".into();
    }
    port.standard.revision_number = 1;
    fill_pairs(&mut port);
    state.macs.insert(mac_key(&port));
    let id = port.standard.id.clone();
    put(state, port);
    Ok(id)
}

/// Keeps a changed port and the index of devices.
pub fn put(state: &mut State, port: Port) {
    let id = port.standard.id.clone();
    let device = port.device_id.clone();
    let project = port.standard.project_id.clone();
    let before = state.ports.insert(id.clone(), port).map(|before| before.device_id);
    if before.is_none() {
        *state.port_counts.entry(project).or_default() += 1;
    }
    if before.as_deref() == Some(device.as_str()) {
        return;
    }
    unindex(state, before.as_deref().unwrap_or_default(), &id);
    if !device.is_empty() {
        state.devices.entry(device).or_default().push(id);
    }
}

/// Removes a port, whatever holds it: its addresses are free again, floating IPs lead nowhere.
pub fn remove(state: &mut State, id: &str) {
    let Some(mut port) = state.ports.remove(id) else { return };
    if let Some(count) = state.port_counts.get_mut(&port.standard.project_id) {
        *count -= 1;
    }
    fixed_ip::free(state, &port.fixed_ips);
    port.fixed_ips.clear();
    let who = Who { now: port.standard.updated_at.clone(), ..Who::default() };
    release_floating(state, &mut port, &who);
    state.macs.remove(&mac_key(&port));
    unindex(state, &port.device_id, id);
}

/// Cuts floating IPs off addresses that the port no longer has.
fn release_floating(state: &mut State, port: &mut Port, who: &Who) {
    let ids = std::mem::take(&mut port.floating);
    for id in ids {
        let Some(floating) = state.floating_ips.get_mut(&id) else { continue };
        if port.fixed_ips.iter().any(|fixed| Some(fixed.ip_address) == floating.fixed_ip_address) {
            port.floating.push(id);
        } else {
            FloatingIp::cut(floating, who);
        }
    }
}

fn unindex(state: &mut State, device: &str, id: &str) {
    if let Some(ports) = state.devices.get_mut(device) {
        ports.retain(|other| other != id);
        if ports.is_empty() {
            state.devices.remove(device);
        }
    }
}

fn fill_pairs(port: &mut Port) {
    for pair in &mut port.allowed_address_pairs {
        if let Value::Object(pair) = pair
            && !pair.contains_key("mac_address")
        {
            pair.insert("mac_address".into(), json!(port.mac_address));
        }
    }
}

fn mac_key(port: &Port) -> String {
    format!("{} {}", port.network_id, port.mac_address)
}

fn mac_in_use(port: &Port) -> Refusal {
    let (network, mac) = (&port.network_id, &port.mac_address);
    let what = format!("Unable to complete operation for network {network}. The mac address {mac} is in use.");
    error::new(409, "MacAddressInUse", what)
}

fn free_mac(state: &mut State, network: &str) -> String {
    loop {
        let [a, b, c, ..] = state.dice.bits().to_le_bytes();
        let mac = format!("fa:16:3e:{a:02x}:{b:02x}:{c:02x}");
        if !state.macs.contains(&format!("{network} {mac}")) {
            return mac;
        }
    }
}
