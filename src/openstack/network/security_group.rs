use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, text};
use crate::openstack::resource::{Resource, Update, identified, keys};

entity! {
    /// A security group: rules that say which packets pass a port.
    SecurityGroup reads super::owner {
        /// The id.
        id: String,
        /// The name; every project has one called `default`.
        name: String,
        /// The description.
        description: String,
        /// The project that owns it.
        project_id: String,
        /// Whether answers to what may pass may pass too.
        stateful: Option<bool>,
        /// Whether other projects may use it.
        shared: bool,
        /// The rules.
        security_group_rules: Vec<SecurityGroupRule>,
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
    /// A rule of a security group.
    SecurityGroupRule reads protocol_as_text {
        /// The id.
        id: String,
        /// The security group it belongs to.
        security_group_id: String,
        /// Which packets it is about: `ingress` or `egress`.
        direction: String,
        /// The family: `IPv4` or `IPv6`.
        ethertype: String,
        /// The protocol by name or number, absent where it is about all.
        protocol: Option<String>,
        /// The first port, or the type for ICMP.
        port_range_min: Option<i64>,
        /// The last port, or the code for ICMP.
        port_range_max: Option<i64>,
        /// The range of addresses at the other end.
        remote_ip_prefix: Option<String>,
        /// The security group at the other end.
        remote_group_id: Option<String>,
        /// The address group at the other end.
        remote_address_group_id: Option<String>,
        /// The description.
        description: Option<String>,
        /// The project that owns it.
        project_id: String,
        /// When it was created.
        created_at: Option<String>,
        /// When it last changed.
        updated_at: Option<String>,
        /// How often it changed.
        revision_number: Option<i64>,
    }
}

fn protocol_as_text(object: &mut Object) {
    super::owner(object);
    text(object, "protocol");
}

impl Resource for SecurityGroup {
    const KIND: &'static str = "security_group";
    const PLURAL: &'static str = "security_groups";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/security-groups";
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the security group of this id.",
        name: Option<String> = "Only security groups of this name.",
        description: Option<String> = "Only security groups of this description.",
        project_id: Option<String> = "Only security groups of this project.",
        tags: Option<String> = "Only security groups that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only security groups that carry one of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name.",
        description: Option<String> = "The description.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
        stateful: Option<bool> = "Whether answers to what may pass may pass too.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        stateful: Option<bool> = "Whether answers to what may pass may pass too, while no port uses it.",
    ];
    identified!(id, name);
}

impl Resource for SecurityGroupRule {
    const KIND: &'static str = "security_group_rule";
    const PLURAL: &'static str = "security_group_rules";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/security-group-rules";
    const UPDATE_BY: Update = Update::Never;
    const FILTERS: &'static [Field] = keys![
        id: Option<String> = "Only the rule of this id.",
        security_group_id: Option<String> = "Only rules of this security group.",
        direction: Option<String> = "Only rules for `ingress` or `egress`.",
        ethertype: Option<String> = "Only rules for `IPv4` or `IPv6`.",
        protocol: Option<String> = "Only rules for this protocol.",
        remote_group_id: Option<String> = "Only rules with this security group at the other end.",
        remote_ip_prefix: Option<String> = "Only rules with this range at the other end.",
        project_id: Option<String> = "Only rules of this project.",
    ];
    const CREATE: &'static [Field] = keys![
        security_group_id: String = "The security group, by id.",
        direction: String = "Which packets it is about: `ingress` or `egress`.",
        ethertype: Option<String> = "The family: `IPv4` or `IPv6`.",
        protocol: Option<String> = "The protocol by name or number; all where absent.",
        port_range_min: Option<i64> = "The first port, or the type for ICMP.",
        port_range_max: Option<i64> = "The last port, or the code for ICMP.",
        remote_ip_prefix: Option<String> = "The range of addresses at the other end.",
        remote_group_id: Option<String> = "The security group at the other end.",
        remote_address_group_id: Option<String> = "The address group at the other end.",
        description: Option<String> = "The description.",
        project_id: Option<String> = "The project that shall own it; for administrators.",
    ];
    identified!(id);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn protocols_are_text_and_absent_ones_mean_all() {
        let group: SecurityGroup = serde_json::from_value(json!({
            "id": "g1", "name": "web", "tenant_id": "p1", "description": "", "security_group_rules": [
                {"id": "r1", "direction": "ingress", "protocol": 6, "ethertype": "IPv4", "tenant_id": "p1",
                 "port_range_min": 80, "port_range_max": 80, "remote_ip_prefix": "0.0.0.0/0", "remote_group_id": null},
                {"id": "r2", "direction": "egress", "protocol": null, "ethertype": "IPv6", "project_id": "p1",
                 "standard_attr_id": 12, "normalized_cidr": null},
            ],
        }))
        .unwrap();
        let protocols: Vec<_> = group.security_group_rules.iter().map(|rule| rule.protocol.as_deref()).collect();
        assert_eq!(protocols, [Some("6"), None]);
        assert!(group.security_group_rules.iter().all(|rule| rule.project_id == "p1"));
    }
}
