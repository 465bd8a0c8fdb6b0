//! Giving addresses of a network's subnets to ports, each once.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::port::Port;
use super::rest::Kind;
use super::subnet::Subnet;
use super::{State, error};
use crate::twin::http::Refusal;

/// An address of a port.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct FixedIp {
    /// The subnet it is of.
    pub subnet_id: String,
    /// The address.
    pub ip_address: IpAddr,
}

/// What a client asks for: a subnet, an address, or both.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// The subnet to take an address of.
    pub subnet_id: Option<String>,
    /// The address.
    pub ip_address: Option<IpAddr>,
}

/// Reads a checked list of wishes.
pub fn wanted(value: Value) -> Result<Vec<Wanted>, Refusal> {
    serde_json::from_value(value).map_err(|wrong| error::bad_request(format!("Invalid input for fixed_ips: {wrong}")))
}

/// Takes addresses for a port: the wished ones, or those that the network gives by itself. All or none.
pub fn allocate(state: &mut State, port: &Port, wanted: Option<&[Wanted]>) -> Result<Vec<FixedIp>, Refusal> {
    let Some(wanted) = wanted else { return by_itself(state, port) };
    let mut given = Vec::new();
    for one in wanted {
        match choose(state, port, one) {
            Ok(fixed) => given.push(fixed),
            Err(refusal) => {
                free(state, &given);
                return Err(refusal);
            }
        }
    }
    if !wanted.is_empty() {
        own_addresses(state, port, &mut given);
    }
    Ok(given)
}

/// Adds the addresses that the port makes itself in blocks of that kind, unless a router holds it.
fn own_addresses(state: &mut State, port: &Port, given: &mut Vec<FixedIp>) {
    if port.device_owner.starts_with("network:router") {
        return;
    }
    let ids = state.networks.get(&port.network_id).map(|network| network.subnets.clone()).unwrap_or_default();
    for id in ids {
        let held = given.iter().chain(&port.fixed_ips).any(|fixed| fixed.subnet_id == id);
        let Some(subnet) = state.subnets.get_mut(&id).filter(|subnet| subnet.is_slaac() && !held) else { continue };
        let own = subnet.block().and_then(|block| block.eui64(&port.mac_address));
        if let Some(ip_address) = own.filter(|address| subnet.take(*address)) {
            given.push(FixedIp { subnet_id: id, ip_address });
        }
    }
}

/// Changes a port's addresses to the wished ones, keeping those it has. All or none.
pub fn replace(state: &mut State, port: &Port, wanted: &[Wanted]) -> Result<Vec<FixedIp>, Refusal> {
    let mut left = port.fixed_ips.clone();
    let mut kept = Vec::new();
    let mut fresh = Vec::new();
    for one in wanted {
        let fits = |fixed: &FixedIp| {
            one.ip_address.is_none_or(|address| address == fixed.ip_address)
                && one.subnet_id.as_ref().is_none_or(|subnet| *subnet == fixed.subnet_id)
        };
        match left.iter().position(fits) {
            Some(place) => kept.push(left.remove(place)),
            None => fresh.push(one.clone()),
        }
    }
    let added = allocate(state, port, Some(&fresh))?;
    // What the port made itself stays its own.
    let made = |fixed: &FixedIp| state.subnets.get(&fixed.subnet_id).is_some_and(Subnet::is_slaac);
    let (stay, gone): (Vec<_>, Vec<_>) = left.into_iter().partition(|fixed| made(fixed) && !wanted.is_empty());
    free(state, &gone);
    kept.extend(stay);
    kept.extend(added);
    Ok(kept)
}

/// Returns addresses to their subnets.
pub fn free(state: &mut State, fixed_ips: &[FixedIp]) {
    for fixed in fixed_ips {
        if let Some(subnet) = state.subnets.get_mut(&fixed.subnet_id) {
            subnet.give_back(fixed.ip_address);
        }
    }
}

/// One IPv4 address, one of IPv6 by DHCP, and one of each block whose hosts make their own.
fn by_itself(state: &mut State, port: &Port) -> Result<Vec<FixedIp>, Refusal> {
    let ids = state.networks.get(&port.network_id).map(|network| network.subnets.clone()).unwrap_or_default();
    let service = port.device_owner.starts_with("network:router");
    let mut given = Vec::new();
    for version in [4, 6] {
        let mut asked = false;
        let mut got = false;
        for id in &ids {
            let Some(subnet) = state.subnets.get_mut(id).filter(|subnet| subnet.ip_version == version) else {
                continue;
            };
            if subnet.is_slaac() && !service {
                let own = subnet.block().and_then(|block| block.eui64(&port.mac_address));
                if let Some(address) = own.filter(|address| subnet.take(*address)) {
                    given.push(FixedIp { subnet_id: id.clone(), ip_address: address });
                }
            } else if !got {
                asked = true;
                if let Some(address) = subnet.draw() {
                    got = true;
                    given.push(FixedIp { subnet_id: id.clone(), ip_address: address });
                }
            }
        }
        if asked && !got {
            free(state, &given);
            return Err(exhausted(&port.network_id));
        }
    }
    Ok(given)
}

fn choose(state: &mut State, port: &Port, one: &Wanted) -> Result<FixedIp, Refusal> {
    let network = &port.network_id;
    let subnet = match (&one.subnet_id, one.ip_address) {
        (Some(id), _) => {
            let subnet = state.subnets.get_mut(id).ok_or_else(|| Subnet::missing(id))?;
            Some(subnet).filter(|subnet| subnet.network_id == *network).ok_or_else(|| {
                error::invalid_input(format!(
                    "Failed to create port on network {network}, because fixed_ips included invalid subnet {id}"
                ))
            })?
        }
        (None, Some(address)) => {
            let here = |subnet: &&mut Subnet| {
                subnet.network_id == *network && subnet.block().is_some_and(|block| block.contains(address))
            };
            let what =
                format!("IP address {address} is not a valid IP for any of the subnets on the specified network.");
            let refusal = || error::new(400, "InvalidIpForNetwork", what);
            state.subnets.values_mut().find(here).ok_or_else(refusal)?
        }
        (None, None) => return Err(error::invalid_input("IP allocation requires subnet_id or ip_address")),
    };
    let Some(block) = subnet.block() else { return Err(exhausted(network)) };
    let subnet_id = subnet.standard.id.clone();
    let Some(address) = one.ip_address else {
        let own = if subnet.is_slaac() { block.eui64(&port.mac_address) } else { None };
        let own = own.filter(|address| subnet.take(*address));
        let ip_address = own.or_else(|| subnet.draw()).ok_or_else(|| exhausted(network))?;
        return Ok(FixedIp { subnet_id, ip_address });
    };
    let (first, last) = block.hosts();
    if !block.contains(address) || !(first..=last).contains(&super::address::number(address)) {
        let what = format!("IP address {address} is not a valid IP for the specified subnet.");
        return Err(error::new(400, "InvalidIpForSubnet", what));
    }
    if !subnet.take(address) {
        let what = format!("IP address {address} already allocated in subnet {subnet_id}");
        return Err(error::new(409, "IpAddressAlreadyAllocated", what));
    }
    Ok(FixedIp { subnet_id, ip_address: address })
}

fn exhausted(network: &str) -> Refusal {
    error::new(409, "IpAddressGenerationFailure", format!("No more IP addresses available on network {network}."))
}
