use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};

entity! {
    /// A network: one broadcast domain.
    Network reads super::owner {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The description.
        description: String,
        /// The project that owns it.
        project_id: String,
        /// The status, for example `ACTIVE`.
        status: String,
        /// Whether it carries packets.
        admin_state_up: bool,
        /// Whether every project may use it.
        shared: bool,
        /// Whether routers may have their gateway in it.
        router_external: bool = "router:external",
        /// Whether it is the external network that is taken where none is named.
        is_default: bool,
        /// How it is built: `flat`, `vlan`, `vxlan`, `geneve`, …; only administrators see it.
        provider_network_type: Option<String> = "provider:network_type",
        /// The physical network it is on; only administrators see it.
        provider_physical_network: Option<String> = "provider:physical_network",
        /// The VLAN or tunnel number; only administrators see it.
        provider_segmentation_id: Option<i64> = "provider:segmentation_id",
        /// The largest packet in bytes.
        mtu: Option<i64>,
        /// Whether new ports filter by address and security group.
        port_security_enabled: Option<bool>,
        /// Whether tagged frames pass.
        vlan_transparent: Option<bool>,
        /// The subnets, by id.
        subnets: Vec<String>,
        /// The availability zones it is served in.
        availability_zones: Vec<String>,
        /// The availability zones asked for.
        availability_zone_hints: Vec<String>,
        /// The domain of the names of its ports.
        dns_domain: Option<String>,
        /// The QoS policy.
        qos_policy_id: Option<String>,
        /// The scope of its IPv4 addresses.
        ipv4_address_scope: Option<String>,
        /// The scope of its IPv6 addresses.
        ipv6_address_scope: Option<String>,
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

impl Resource for Network {
    const KIND: &'static str = "network";
    const PLURAL: &'static str = "networks";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/networks";
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the network of this id.",
        name: Option<String> = "Only networks of this name.",
        description: Option<String> = "Only networks of this description.",
        project_id: Option<String> = "Only networks of this project.",
        status: Option<String> = "Only networks of this status.",
        admin_state_up: Option<bool> = "Only networks that carry, or that do not carry, packets.",
        shared: Option<bool> = "Only shared or only other networks.",
        router_external: Option<bool> as "router:external" = "Only external or only internal networks.",
        is_default: Option<bool> = "Only the default external network, or all others.",
        provider_network_type: Option<String> as "provider:network_type" = "Only networks built this way.",
        provider_physical_network: Option<String> as "provider:physical_network" = "Only networks on this physical network.",
        provider_segmentation_id: Option<i64> as "provider:segmentation_id" = "Only networks of this number.",
        mtu: Option<i64> = "Only networks of this MTU.",
        tags: Option<String> = "Only networks that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only networks that carry one of these tags, separated by commas.",
        not_tags: Option<String> as "not-tags" = "Only networks that lack one of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
        admin_state_up: Option<bool> = "Whether it carries packets.",
        shared: Option<bool> = "Whether every project may use it.",
        router_external: Option<bool> as "router:external" = "Whether routers may have their gateway in it.",
        is_default: Option<bool> = "Whether it is the external network that is taken where none is named.",
        provider_network_type: Option<String> as "provider:network_type" = "How it is built: `flat`, `vlan`, `vxlan` and so on.",
        provider_physical_network: Option<String> as "provider:physical_network" = "The physical network it is on.",
        provider_segmentation_id: Option<i64> as "provider:segmentation_id" = "The VLAN or tunnel number.",
        mtu: Option<i64> = "The largest packet in bytes.",
        port_security_enabled: Option<bool> = "Whether new ports filter by address and security group.",
        vlan_transparent: Option<bool> = "Whether tagged frames pass.",
        availability_zone_hints: Option<Vec<String>> = "The availability zones to serve it in.",
        dns_domain: Option<String> = "The domain of the names of its ports.",
        qos_policy_id: Option<String> = "The QoS policy.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        admin_state_up: Option<bool> = "Whether it carries packets.",
        shared: Option<bool> = "Whether every project may use it.",
        router_external: Option<bool> as "router:external" = "Whether routers may have their gateway in it.",
        is_default: Option<bool> = "Whether it is the external network that is taken where none is named.",
        mtu: Option<i64> = "The largest packet in bytes.",
        port_security_enabled: Option<bool> = "Whether new ports filter by address and security group.",
        dns_domain: Option<String> = "The domain of the names of its ports.",
        qos_policy_id: Option<String> = "The QoS policy.",
    ];
    identified!(id, name);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_names_of_the_owner_are_read() {
        let old: Network = serde_json::from_value(json!({
            "id": "n1", "name": "net", "tenant_id": "p1", "router:external": true, "provider:segmentation_id": null,
            "subnets": ["s1"], "admin_state_up": true, "shared": false, "status": "ACTIVE",
        }))
        .unwrap();
        let late: Network = serde_json::from_value(json!({
            "id": "n1", "name": "net", "tenant_id": "p1", "project_id": "p1", "router:external": false, "mtu": 1450,
            "provider:network_type": "vxlan", "provider:segmentation_id": 7, "dns_domain": "", "tags": [],
        }))
        .unwrap();
        assert_eq!((old.project_id.as_str(), late.project_id.as_str()), ("p1", "p1"));
        assert!(old.router_external && !late.router_external);
        assert_eq!((old.provider_segmentation_id, late.provider_segmentation_id), (None, Some(7)));
    }
}
