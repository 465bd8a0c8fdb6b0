//! What a port may be: who may ask for which field, and which fields exclude each other.

use serde_json::Value;

use super::fixed_ip::Wanted;
use super::port::Port;
use super::rest::{Document, Who};
use super::{State, error};
use crate::twin::http::Refusal;

/// Returns whether the caller owns the network, which gives rights over ports in it.
pub fn owns_network(state: &State, who: &Who, network: &str) -> bool {
    state.networks.get(network).is_some_and(|network| who.owns(&network.standard.project_id))
}

/// Refuses fields that only the network's owner may choose.
pub fn policies(
    state: &State,
    who: &Who,
    body: &Document,
    wanted: Option<&[Wanted]>,
    rule: &str,
) -> Result<(), Refusal> {
    let network = body.get("network_id").and_then(Value::as_str).unwrap_or_default();
    let Some(network) = state.networks.get(network) else { return Ok(()) };
    if who.owns(&network.standard.project_id) {
        // A change of the MAC is the administrator's even so.
        let mac = rule == "update_port" && body.contains_key("mac_address") && !who.admin;
        return if mac { Err(refused(rule, "mac_address")) } else { Ok(()) };
    }
    for name in ["mac_address", "port_security_enabled", "allowed_address_pairs"] {
        if body.contains_key(name) {
            return Err(refused(rule, name));
        }
    }
    let service = body.get("device_owner").and_then(Value::as_str).is_some_and(|owner| owner.starts_with("network:"));
    if service {
        return Err(refused(rule, "device_owner"));
    }
    match wanted {
        Some(wanted) if wanted.iter().any(|one| one.ip_address.is_some()) => Err(refused(rule, "fixed_ips:ip_address")),
        Some(_) if !network.shared => Err(refused(rule, "fixed_ips")),
        _ => Ok(()),
    }
}

fn refused(rule: &str, name: &str) -> Refusal {
    error::forbidden(&format!("((rule:{rule} and rule:{rule}:{name}))"))
}

/// Refuses security groups and address pairs without port security.
pub fn secure(port: &Port) -> Result<(), Refusal> {
    if port.port_security_enabled {
        return Ok(());
    }
    if !port.security_groups.is_empty() {
        let what = "Port security must be enabled and port must have an IP address in order to use security groups";
        return Err(error::invalid("PortSecurityAndIPRequiredForSecurityGroups", what));
    }
    pairs(port)
}

fn pairs(port: &Port) -> Result<(), Refusal> {
    if port.port_security_enabled || port.allowed_address_pairs.is_empty() {
        return Ok(());
    }
    let what = "Port Security must be enabled in order to have allowed address pairs on a port.";
    Err(error::new(409, "AddressPairAndPortSecurityRequired", what))
}

/// Refuses changes that do not fit the port's state.
pub fn change(before: &Port, port: &Port) -> Result<(), Refusal> {
    if before.port_security_enabled && !port.port_security_enabled && !port.security_groups.is_empty() {
        let what = "Port has security group associated. Cannot disable port security or IP address until security \
                    group is removed.";
        return Err(error::new(409, "PortSecurityPortHasSecurityGroup", what));
    }
    if !port.port_security_enabled && port.security_groups != before.security_groups {
        secure(port)?;
    }
    pairs(port)?;
    if port.mac_address != before.mac_address && !before.host.is_empty() {
        let (id, kind, old, new) = (&port.standard.id, &before.vif_type, &before.mac_address, &port.mac_address);
        let what = format!(
            "Unable to complete operation on port {id}, port is already bound, port type: {kind}, old_mac {old}, \
             new_mac {new}."
        );
        return Err(error::new(409, "PortBound", what));
    }
    if before.is_service() && port.device_id != before.device_id {
        let (id, owner) = (&port.standard.id, &before.device_owner);
        let what = format!("Operation device_id update is not supported for device_owner {owner} on port {id}.");
        return Err(error::new(409, "UnsupportedPortDeviceOwner", what));
    }
    Ok(())
}
