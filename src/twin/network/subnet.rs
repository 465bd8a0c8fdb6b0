//! Subnets: a range of addresses in a network, and which of them are given.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::{self, Prefix, number};
use super::attribute::{Attr, Fill};
use super::networks::Network;
use super::rest::{self, Document, Kind, Standard, Who, find_mut, overlay};
use super::{State, error, value};
use crate::twin::http::Refusal;

/// An inclusive range of addresses.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Pool {
    /// The first address.
    pub start: IpAddr,
    /// The last address.
    pub end: IpAddr,
}

/// A subnet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Subnet {
    /// Id, owner and dates.
    #[serde(flatten)]
    pub standard: Standard,
    /// The name.
    pub name: String,
    /// The network's id.
    pub network_id: String,
    /// 4 or 6.
    pub ip_version: u8,
    /// The block.
    pub cidr: String,
    /// The gateway; null where there is none.
    pub gateway_ip: Option<IpAddr>,
    /// The ranges that addresses are given from.
    pub allocation_pools: Vec<Pool>,
    /// DNS servers for its hosts.
    pub dns_nameservers: Vec<String>,
    /// Routes for its hosts.
    pub host_routes: Vec<Value>,
    /// Whether DHCP serves it.
    pub enable_dhcp: bool,
    /// `slaac`, `dhcpv6-stateful` or `dhcpv6-stateless`.
    pub ipv6_ra_mode: Option<String>,
    /// The same for addresses.
    pub ipv6_address_mode: Option<String>,
    /// The pool it was cut from; never set here.
    pub subnetpool_id: Option<String>,
    /// Device owners it is reserved for.
    pub service_types: Vec<String>,
    /// The addresses that ports have.
    #[serde(skip)]
    pub taken: BTreeSet<u128>,
    /// The address given last.
    #[serde(skip)]
    pub last: u128,
}

impl Subnet {
    /// Returns the block.
    pub fn block(&self) -> Option<Prefix> {
        Prefix::parse(&self.cidr)
    }

    /// Returns whether hosts make their addresses themselves.
    pub fn is_slaac(&self) -> bool {
        matches!(self.ipv6_address_mode.as_deref(), Some("slaac" | "dhcpv6-stateless"))
    }

    /// Takes the next free address of the pools.
    pub fn draw(&mut self) -> Option<IpAddr> {
        let pools: Vec<_> = self.allocation_pools.iter().map(|pool| (number(pool.start), number(pool.end))).collect();
        let drawn = address::pick(&pools, &self.taken, self.last)?;
        self.last = drawn;
        self.taken.insert(drawn);
        self.block().map(|block| block.address(drawn))
    }

    /// Takes a given address; false where it has been given already.
    pub fn take(&mut self, wanted: IpAddr) -> bool {
        self.taken.insert(number(wanted))
    }

    /// Returns an address.
    pub fn give_back(&mut self, address: IpAddr) {
        self.taken.remove(&number(address));
    }

    /// Removes a subnet from its network.
    pub fn forget(state: &mut State, id: &str) {
        if let Some(subnet) = state.subnets.remove(id)
            && let Some(network) = state.networks.get_mut(&subnet.network_id)
        {
            network.subnets.retain(|other| other != id);
        }
    }
}

impl Kind for Subnet {
    const ONE: &'static str = "subnet";
    const MANY: &'static str = "subnets";
    const ATTRS: &'static [Attr] = &[
        Attr::both("name", value::text255, Fill::Text("")),
        Attr::once("network_id", value::uuid, Fill::Required),
        Attr::once("ip_version", value::ip_version, Fill::Required),
        Attr::once("subnetpool_id", value::uuid_or_null, Fill::Null),
        Attr::once("prefixlen", value::integer, Fill::Absent).plain().hidden(),
        Attr::once("cidr", value::cidr, Fill::Absent),
        Attr::both("gateway_ip", value::ip_or_null, Fill::Absent),
        Attr::both("allocation_pools", value::pools, Fill::Absent).plain(),
        Attr::both("dns_nameservers", value::nameservers, Fill::List).plain(),
        Attr::both("host_routes", value::host_routes, Fill::List).plain(),
        Attr::both("enable_dhcp", value::boolean, Fill::Flag(true)),
        Attr::once("ipv6_ra_mode", value::ipv6_mode, Fill::Null),
        Attr::once("ipv6_address_mode", value::ipv6_mode, Fill::Null),
        Attr::both("service_types", value::texts, Fill::List).plain().by_admin(),
        Attr::read("shared").unsorted(),
    ];

    fn standard(&self) -> &Standard {
        &self.standard
    }

    fn standard_mut(&mut self) -> &mut Standard {
        &mut self.standard
    }

    fn table(state: &State) -> &BTreeMap<String, Self> {
        &state.subnets
    }

    fn table_mut(state: &mut State) -> &mut BTreeMap<String, Self> {
        &mut state.subnets
    }

    fn missing(id: &str) -> Refusal {
        error::new(404, "SubnetNotFound", format!("Subnet {id} could not be found."))
    }

    fn text(&self, name: &str) -> Option<&str> {
        match name {
            "id" => Some(&self.standard.id),
            "name" => Some(&self.name),
            "network_id" => Some(&self.network_id),
            "cidr" => Some(&self.cidr),
            "project_id" | "tenant_id" => Some(&self.standard.project_id),
            _ => None,
        }
    }

    fn seen(&self, state: &State, who: &Who) -> bool {
        who.owns(&self.standard.project_id) || state.networks.get(&self.network_id).is_some_and(|on| on.shared)
    }

    fn complete(&self, state: &State, document: &mut Document) {
        if state.current {
            let external = state.networks.get(&self.network_id).is_some_and(|network| network.external);
            document.insert("router:external".into(), external.into());
        }
    }

    fn create(state: &mut State, who: &Who, project: &str, body: Document) -> Result<String, Refusal> {
        let gateway_given = body.contains_key("gateway_ip");
        let pools_given = body.contains_key("allocation_pools");
        let mut subnet: Self = rest::read(body)?;
        let network = rest::find::<Network>(state, who, &subnet.network_id)?;
        if !network.owned(state, who) {
            return Err(error::forbidden("rule:create_subnet"));
        }
        if let Some(pool) = &subnet.subnetpool_id {
            let what = format!("Subnet pool {pool} could not be found.");
            return Err(error::new(404, "SubnetPoolNotFound", what));
        }
        let what = "a subnetpool must be specified in the absence of a cidr";
        let block = subnet.block().ok_or_else(|| error::bad("subnets", what))?;
        check_block(state, &subnet, &block)?;
        check_modes(&subnet)?;
        if !gateway_given {
            // IPv6 has the anycast address of the subnet's routers, which is the block's first.
            let first = block.hosts().0;
            subnet.gateway_ip = Some(block.address(if block.is_v6() { block.first() } else { first }));
        }
        if pools_given {
            check_pools(&subnet, &block)?;
        } else {
            let pools = address::around(block.hosts(), subnet.gateway_ip.map(number));
            let pool = |(start, end)| Pool { start: block.address(start), end: block.address(end) };
            subnet.allocation_pools = pools.into_iter().map(pool).collect();
        }
        check_gateway(&subnet, &block)?;
        let id = state.new_id();
        subnet.standard = Standard::new(id.clone(), project, &subnet.standard.description, who);
        let network = find_mut::<Network>(state, &subnet.network_id)?;
        network.subnets.push(id.clone());
        network.standard.touch(who);
        state.subnets.insert(id.clone(), subnet);
        Ok(id)
    }

    fn update(state: &mut State, who: &Who, id: &str, changes: Document) -> Result<(), Refusal> {
        let mut subnet = state.subnets.get(id).ok_or_else(|| Self::missing(id))?.clone();
        let gateway = subnet.gateway_ip;
        overlay(&mut subnet, who, changes.clone())?;
        // The addresses given are not part of the document, and are kept.
        let kept = state.subnets.get(id).ok_or_else(|| Self::missing(id))?;
        (subnet.taken, subnet.last) = (kept.taken.clone(), kept.last);
        let Some(block) = subnet.block() else { return Err(Self::missing(id)) };
        if changes.contains_key("allocation_pools") {
            check_pools(&subnet, &block)?;
        }
        check_gateway(&subnet, &block)?;
        if let Some(current) = gateway.filter(|_| gateway != subnet.gateway_ip) {
            let holder = state.ports.values().find(|port| {
                port.device_owner.starts_with("network:router_interface") && port.has_address(id, current)
            });
            if let Some(port) = holder {
                let port = &port.standard.id;
                let what = format!("Current gateway ip {current} already in use by port {port}. Unable to update.");
                return Err(error::new(409, "GatewayIpInUse", what));
            }
        }
        state.subnets.insert(id.to_owned(), subnet);
        Ok(())
    }

    fn delete(state: &mut State, _who: &Who, id: &str) -> Result<(), Refusal> {
        let in_use = |port: &super::port::Port| {
            port.device_owner != "network:dhcp" && port.fixed_ips.iter().any(|fixed| fixed.subnet_id == id)
        };
        if state.ports.values().any(in_use) {
            let what = format!(
                "Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet."
            );
            return Err(error::new(409, "SubnetInUse", what));
        }
        Self::forget(state, id);
        Ok(())
    }
}

fn check_block(state: &State, subnet: &Subnet, block: &Prefix) -> Result<(), Refusal> {
    if block.is_v6() != (subnet.ip_version == 6) {
        let what = format!("cidr '{}' does not match the ip_version '{}'", subnet.cidr, subnet.ip_version);
        return Err(error::invalid_input(what));
    }
    if block.length() == 0 {
        return Err(error::invalid_input("0 is not allowed as CIDR prefix length"));
    }
    let beside = state.subnets.values().filter(|other| other.network_id == subnet.network_id);
    if beside.filter_map(Subnet::block).any(|other| other.overlaps(block)) {
        let (cidr, network) = (&subnet.cidr, &subnet.network_id);
        let what = format!("Requested subnet with cidr: {cidr} for network: {network} overlaps with another subnet");
        return Err(error::invalid_input(what));
    }
    Ok(())
}

fn check_modes(subnet: &Subnet) -> Result<(), Refusal> {
    let (ra, mode) = (subnet.ipv6_ra_mode.as_deref(), subnet.ipv6_address_mode.as_deref());
    if ra.is_none() && mode.is_none() {
        return Ok(());
    }
    if subnet.ip_version != 6 {
        return Err(error::invalid_input("ipv6_ra_mode or ipv6_address_mode cannot be set when ip_version is not 6"));
    }
    if !subnet.enable_dhcp {
        let what = "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False";
        return Err(error::invalid_input(what));
    }
    match (ra, mode) {
        (Some(ra), Some(mode)) if ra != mode => Err(error::invalid_input(format!(
            "ipv6_ra_mode set to '{ra}' with ipv6_address_mode set to '{mode}' is not valid. If both attributes are \
             set, they must be the same value"
        ))),
        _ => Ok(()),
    }
}

fn check_pools(subnet: &Subnet, block: &Prefix) -> Result<(), Refusal> {
    let shown = |pool: &Pool| format!("{}-{}", pool.start, pool.end);
    let (first, last) = block.hosts();
    for (place, pool) in subnet.allocation_pools.iter().enumerate() {
        let (start, end) = (number(pool.start), number(pool.end));
        if pool.start.is_ipv6() != block.is_v6() || pool.end.is_ipv6() != block.is_v6() || start > end {
            let (start, end) = (pool.start, pool.end);
            let what = format!("The allocation pool {{'start': '{start}', 'end': '{end}'}} is not valid.");
            return Err(error::new(400, "InvalidAllocationPool", what));
        }
        if start < first || end > last {
            let what = format!("The allocation pool {} spans beyond the subnet cidr {}.", shown(pool), subnet.cidr);
            return Err(error::new(400, "OutOfBoundsAllocationPool", what));
        }
        let earlier = subnet.allocation_pools[..place].iter();
        if let Some(other) = earlier.clone().find(|other| start <= number(other.end) && number(other.start) <= end) {
            let (one, two, cidr) = (shown(other), shown(pool), &subnet.cidr);
            let what = format!("Found overlapping allocation pools: {one} {two} for subnet {cidr}.");
            return Err(error::new(409, "OverlappingAllocationPools", what));
        }
    }
    Ok(())
}

fn check_gateway(subnet: &Subnet, block: &Prefix) -> Result<(), Refusal> {
    let Some(gateway) = subnet.gateway_ip else { return Ok(()) };
    if gateway.is_ipv6() != block.is_v6() {
        let what = format!("gateway_ip '{gateway}' does not match the ip_version '{}'", subnet.ip_version);
        return Err(error::invalid_input(what));
    }
    let (first, last) = block.hosts();
    if block.contains(gateway) && !(first..=last).contains(&number(gateway)) && !block.is_v6() {
        return Err(error::invalid_input("Gateway is not valid on subnet"));
    }
    let within = |pool: &&Pool| (number(pool.start)..=number(pool.end)).contains(&number(gateway));
    match subnet.allocation_pools.iter().find(within) {
        Some(pool) => {
            let what = format!("Gateway ip {gateway} conflicts with allocation pool {}-{}.", pool.start, pool.end);
            Err(error::new(409, "GatewayConflictWithAllocationPools", what))
        }
        None => Ok(()),
    }
}
