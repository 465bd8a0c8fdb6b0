use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};
use serde_json::Value;

entity! {
    /// A floating IP: an address of an external network that leads to a port.
    FloatingIp reads super::owner {
        /// The id.
        id: String,
        /// The address outside.
        floating_ip_address: String,
        /// The external network.
        floating_network_id: String,
        /// The address inside it leads to, absent where it leads nowhere.
        fixed_ip_address: Option<String>,
        /// The port it leads to.
        port_id: Option<String>,
        /// The router that translates.
        router_id: Option<String>,
        /// The project that owns it.
        project_id: String,
        /// The status: `ACTIVE`, `DOWN`, `ERROR`.
        status: String,
        /// The description.
        description: String,
        /// The name in DNS.
        dns_name: Option<String>,
        /// The domain in DNS.
        dns_domain: Option<String>,
        /// The QoS policy.
        qos_policy_id: Option<String>,
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

impl Resource for FloatingIp {
    const KIND: &'static str = "floating_ip";
    const PLURAL: &'static str = "floating_ips";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/floatingips";
    const WRAPPER: &'static str = "floatingip";
    const LIST_WRAPPER: &'static str = "floatingips";
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the floating IP of this id.",
        floating_ip_address: Option<String> = "Only the floating IP of this address.",
        floating_network_id: Option<String> = "Only floating IPs of this external network.",
        fixed_ip_address: Option<String> = "Only floating IPs that lead to this address.",
        port_id: Option<String> = "Only floating IPs that lead to this port.",
        router_id: Option<String> = "Only floating IPs translated by this router.",
        project_id: Option<String> = "Only floating IPs of this project.",
        status: Option<String> = "Only floating IPs of this status.",
        description: Option<String> = "Only floating IPs of this description.",
        tags: Option<String> = "Only floating IPs that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only floating IPs that carry one of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        floating_network_id: String = "The external network, by id.",
        floating_ip_address: Option<String> = "The address outside; any free one where absent.",
        subnet_id: Option<String> = "The subnet of the external network to take an address from.",
        port_id: Option<String> = "The port it shall lead to.",
        fixed_ip_address: Option<String> = "The address of that port, where it has several.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
        description: Option<String> = "The description.",
        dns_name: Option<String> = "The name in DNS.",
        dns_domain: Option<String> = "The domain in DNS.",
        qos_policy_id: Option<String> = "The QoS policy.",
    ];
    const UPDATE: &'static [Field] = keys![
        port_id: Value = "The port it shall lead to, or null for none.",
        fixed_ip_address: Option<String> = "The address of that port, where it has several.",
        description: Option<String> = "The description.",
        qos_policy_id: Option<String> = "The QoS policy.",
    ];
    identified!(id, floating_ip_address);
}
