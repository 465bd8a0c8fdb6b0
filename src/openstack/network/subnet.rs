use serde_json::Value;

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};

entity! {
    /// A subnet: a range of addresses in a network.
    Subnet reads super::owner {
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
        /// The version of IP: 4 or 6.
        ip_version: i64,
        /// The range, for example `10.0.0.0/24`.
        cidr: String,
        /// The address of the gateway, absent where there is none.
        gateway_ip: Option<String>,
        /// Whether DHCP serves it.
        enable_dhcp: bool,
        /// The name servers given to guests.
        dns_nameservers: Vec<String>,
        /// The ranges from which addresses are given.
        allocation_pools: Vec<AllocationPool>,
        /// The routes given to guests.
        host_routes: Vec<HostRoute>,
        /// How guests get IPv6 addresses: `slaac`, `dhcpv6-stateful`, `dhcpv6-stateless`.
        ipv6_address_mode: Option<String>,
        /// How routers announce IPv6: `slaac`, `dhcpv6-stateful`, `dhcpv6-stateless`.
        ipv6_ra_mode: Option<String>,
        /// The pool its range was taken from.
        subnetpool_id: Option<String>,
        /// The owners of devices it is reserved for, for example `network:floatingip`.
        service_types: Vec<String>,
        /// The segment of the network it is bound to.
        segment_id: Option<String>,
        /// Whether fixed addresses are published in DNS.
        dns_publish_fixed_ip: Option<bool>,
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
    /// A range of addresses that are given to ports.
    AllocationPool {
        /// The first address.
        start: String,
        /// The last address.
        end: String,
    }
}

entity! {
    /// A static route.
    HostRoute {
        /// The range it leads to.
        destination: String,
        /// The next hop.
        nexthop: String,
    }
}

impl Resource for Subnet {
    const KIND: &'static str = "subnet";
    const PLURAL: &'static str = "subnets";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/subnets";
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the subnet of this id.",
        name: Option<String> = "Only subnets of this name.",
        network_id: Option<String> = "Only subnets of this network.",
        project_id: Option<String> = "Only subnets of this project.",
        ip_version: Option<i64> = "Only subnets of this version of IP.",
        cidr: Option<String> = "Only subnets of this range.",
        gateway_ip: Option<String> = "Only subnets with this gateway.",
        enable_dhcp: Option<bool> = "Only subnets with, or only without, DHCP.",
        subnetpool_id: Option<String> = "Only subnets of this pool.",
        tags: Option<String> = "Only subnets that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only subnets that carry one of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        network_id: String = "The network, by id.",
        ip_version: i64 = "The version of IP: 4 or 6.",
        cidr: Option<String> = "The range; only a pool can do without.",
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
        gateway_ip: Value = "The address of the gateway; the first of the range where absent, none where null.",
        enable_dhcp: Option<bool> = "Whether DHCP serves it.",
        dns_nameservers: Option<Vec<String>> = "The name servers given to guests.",
        allocation_pools: Option<Vec<AllocationPool>> = "The ranges from which addresses are given.",
        host_routes: Option<Vec<HostRoute>> = "The routes given to guests.",
        ipv6_address_mode: Option<String> = "How guests get IPv6 addresses.",
        ipv6_ra_mode: Option<String> = "How routers announce IPv6.",
        subnetpool_id: Option<String> = "The pool to take the range from.",
        prefixlen: Option<i64> = "The length of the prefix to take from the pool.",
        service_types: Option<Vec<String>> = "The owners of devices it is reserved for.",
        segment_id: Option<String> = "The segment of the network to bind it to.",
        dns_publish_fixed_ip: Option<bool> = "Whether fixed addresses are published in DNS.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        gateway_ip: Value = "The address of the gateway; none where null.",
        enable_dhcp: Option<bool> = "Whether DHCP serves it.",
        dns_nameservers: Option<Vec<String>> = "The name servers given to guests.",
        allocation_pools: Option<Vec<AllocationPool>> = "The ranges from which addresses are given.",
        host_routes: Option<Vec<HostRoute>> = "The routes given to guests.",
        service_types: Option<Vec<String>> = "The owners of devices it is reserved for.",
        dns_publish_fixed_ip: Option<bool> = "Whether fixed addresses are published in DNS.",
    ];
    identified!(id, name);
}
