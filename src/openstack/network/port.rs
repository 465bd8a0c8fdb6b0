use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};

entity! {
    /// A port: where something is plugged into a network.
    Port reads super::owner {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The description.
        description: String,
        /// The network it belongs to.
        network_id: String,
        /// The project that owns it.
        project_id: String,
        /// The status: `ACTIVE`, `DOWN`, `BUILD`.
        status: String,
        /// Whether it carries packets.
        admin_state_up: bool,
        /// The MAC address.
        mac_address: String,
        /// The addresses.
        fixed_ips: Vec<PortAddress>,
        /// What is plugged in: a server, a router and so on.
        device_id: String,
        /// Whose that is, for example `compute:nova`, `network:router_interface`.
        device_owner: String,
        /// The security groups, by id.
        security_groups: Vec<String>,
        /// The addresses it may send from besides its own.
        allowed_address_pairs: Vec<AddressPair>,
        /// Whether it filters by address and security group.
        port_security_enabled: Option<bool>,
        /// The host it is bound to; only administrators see it.
        binding_host_id: Option<String> = "binding:host_id",
        /// How it is bound, for example `ovs`, `bridge`, `unbound`, `binding_failed`; only administrators see it.
        binding_vif_type: Option<String> = "binding:vif_type",
        /// The details of how it is bound; only administrators see them.
        binding_vif_details: Map<String, Value> = "binding:vif_details",
        /// The kind of interface the guest gets: `normal`, `direct`, `macvtap` and so on.
        binding_vnic_type: Option<String> = "binding:vnic_type",
        /// The details the host gave for the binding; only administrators see them.
        binding_profile: Map<String, Value> = "binding:profile",
        /// The DHCP options: tables with `opt_name`, `opt_value`, `ip_version`.
        extra_dhcp_opts: Vec<Map<String, Value>>,
        /// The name in DNS.
        dns_name: Option<String>,
        /// The domain in DNS.
        dns_domain: Option<String>,
        /// The QoS policy.
        qos_policy_id: Option<String>,
        /// Whether its link follows that of the physical interface.
        propagate_uplink_status: Option<bool>,
        /// How its processor affinity is chosen: `required`, `preferred`, `legacy`.
        numa_affinity_policy: Option<String>,
        /// Whether addresses are given at once, later or not at all: `immediate`, `deferred`, `none`.
        ip_allocation: Option<String>,
        /// The tags.
        tags: Vec<String>,
        /// When it was created.
        created_at: Option<String>,
        /// When it last changed.
        updated_at: Option<String>,
        /// How often it changed.
        revision_number: Option<i64>,
    }
}

entity! {
    /// An address of a port.
    PortAddress {
        /// The subnet.
        subnet_id: String,
        /// The address.
        ip_address: String,
    }
}

entity! {
    /// An address that a port may send from besides its own.
    AddressPair {
        /// The address or range.
        ip_address: String,
        /// The MAC address; that of the port where absent.
        mac_address: Option<String>,
    }
}

impl Resource for Port {
    const KIND: &'static str = "port";
    const PLURAL: &'static str = "ports";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/ports";
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the port of this id.",
        name: Option<String> = "Only ports of this name.",
        description: Option<String> = "Only ports of this description.",
        network_id: Option<String> = "Only ports of this network.",
        project_id: Option<String> = "Only ports of this project.",
        device_id: Option<String> = "Only ports of this server, router or other device.",
        device_owner: Option<String> = "Only ports of this owner, for example `compute:nova`.",
        mac_address: Option<String> = "Only ports of this MAC address.",
        fixed_ips: Option<String> = "Only ports of this address, for example `ip_address=10.0.0.5` or `subnet_id=…`.",
        status: Option<String> = "Only ports of this status.",
        admin_state_up: Option<bool> = "Only ports that carry, or that do not carry, packets.",
        security_groups: Option<String> = "Only ports with this security group, by id.",
        binding_host_id: Option<String> as "binding:host_id" = "Only ports bound to this host.",
        tags: Option<String> = "Only ports that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only ports that carry one of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        network_id: String = "The network, by id.",
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
        admin_state_up: Option<bool> = "Whether it carries packets.",
        mac_address: Option<String> = "The MAC address.",
        fixed_ips: Option<Vec<PortAddress>> = "The addresses; a table with only a subnet takes any address of it.",
        device_id: Option<String> = "What is plugged in.",
        device_owner: Option<String> = "Whose that is.",
        security_groups: Option<Vec<String>> = "The security groups, by id; the default one where absent.",
        allowed_address_pairs: Option<Vec<AddressPair>> = "The addresses it may send from besides its own.",
        port_security_enabled: Option<bool> = "Whether it filters by address and security group.",
        binding_host_id: Option<String> as "binding:host_id" = "The host to bind it to; for administrators.",
        binding_vnic_type: Option<String> as "binding:vnic_type" = "The kind of interface the guest gets.",
        binding_profile: Option<Map<String, Value>> as "binding:profile" = "The details for the host; for administrators.",
        extra_dhcp_opts: Option<Vec<Map<String, Value>>> = "The DHCP options: tables with `opt_name`, `opt_value`, `ip_version`.",
        dns_name: Option<String> = "The name in DNS.",
        dns_domain: Option<String> = "The domain in DNS.",
        qos_policy_id: Option<String> = "The QoS policy.",
        propagate_uplink_status: Option<bool> = "Whether its link follows that of the physical interface.",
        numa_affinity_policy: Option<String> = "How its processor affinity is chosen.",
        tags: Option<Vec<String>> = "The tags, where the cloud takes them at once.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        admin_state_up: Option<bool> = "Whether it carries packets.",
        mac_address: Option<String> = "The MAC address, while nothing is plugged in; for administrators.",
        fixed_ips: Option<Vec<PortAddress>> = "The addresses; they replace all present ones.",
        device_id: Option<String> = "What is plugged in.",
        device_owner: Option<String> = "Whose that is.",
        security_groups: Option<Vec<String>> = "The security groups, by id.",
        allowed_address_pairs: Option<Vec<AddressPair>> = "The addresses it may send from besides its own.",
        port_security_enabled: Option<bool> = "Whether it filters by address and security group.",
        binding_host_id: Option<String> as "binding:host_id" = "The host to bind it to; for administrators.",
        binding_vnic_type: Option<String> as "binding:vnic_type" = "The kind of interface the guest gets.",
        binding_profile: Option<Map<String, Value>> as "binding:profile" = "The details for the host; for administrators.",
        extra_dhcp_opts: Option<Vec<Map<String, Value>>> = "The DHCP options.",
        dns_name: Option<String> = "The name in DNS.",
        dns_domain: Option<String> = "The domain in DNS.",
        qos_policy_id: Option<String> = "The QoS policy.",
    ];
    identified!(id, name);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_a_port_as_an_administrator_sees_it() {
        let port: Port = serde_json::from_value(json!({
            "id": "q1", "name": "", "network_id": "n1", "tenant_id": "p1", "project_id": "p1", "status": "ACTIVE",
            "admin_state_up": true, "mac_address": "fa:16:3e:00:00:01", "device_owner": "compute:nova", "device_id": "s1",
            "fixed_ips": [{"subnet_id": "s1", "ip_address": "10.0.0.5"}], "security_groups": ["g1"],
            "allowed_address_pairs": [{"ip_address": "10.0.0.9", "mac_address": "fa:16:3e:00:00:02"}],
            "binding:host_id": "cmp-1", "binding:profile": {}, "binding:vif_type": "ovs", "binding:vnic_type": "normal",
            "binding:vif_details": {"port_filter": true}, "port_security_enabled": true, "extra_dhcp_opts": [],
            "dns_name": null, "qos_policy_id": null,
        }))
        .unwrap();
        assert_eq!(
            (port.binding_host_id.as_deref(), port.fixed_ips[0].ip_address.as_str()),
            (Some("cmp-1"), "10.0.0.5")
        );
        assert_eq!(port.allowed_address_pairs[0].ip_address, "10.0.0.9");
        assert_eq!(port.binding_vif_details["port_filter"], true);
    }
}
