//! What the service says about itself: extensions, agents and zones.

use serde_json::{Value, json};

use super::error;
use crate::twin::clock;
use crate::twin::http::{Answer, Call, Reply};

/// Alias and name of each extension whose behaviour is there.
const EXTENSIONS: [(&str, &str); 22] = [
    ("address-scope", "Address scope"),
    ("agent", "agent"),
    ("allowed-address-pairs", "Allowed Address Pairs"),
    ("availability_zone", "Availability Zone"),
    ("binding", "Port Binding"),
    ("ext-gw-mode", "Neutron L3 Configurable external gateway mode"),
    ("external-net", "Neutron external network"),
    ("extra_dhcp_opt", "Neutron Extra DHCP options"),
    ("extraroute", "Neutron Extra Route"),
    ("fip-port-details", "Floating IP Port Details Extension"),
    ("net-mtu", "Network MTU"),
    ("net-mtu-writable", "Network MTU (writable)"),
    ("network_availability_zone", "Network Availability Zone"),
    ("pagination", "Pagination support"),
    ("port-security", "Port Security"),
    ("project-id", "project_id field enabled"),
    ("provider", "Provider Network"),
    ("quotas", "Quota management support"),
    ("router", "Neutron L3 Router"),
    ("router_availability_zone", "Router Availability Zone"),
    ("security-group", "security-group"),
    ("sorting", "Sorting support"),
];

/// The rest, which only say that fields of every object exist or how lists and quotas behave.
const MORE: [(&str, &str); 10] = [
    ("filter-validation", "Filter parameters validation"),
    ("quota_details", "Quota details management support"),
    ("revision-if-match", "If-Match constraints based on revision_number"),
    ("security-groups-normalized-cidr", "Normalized CIDR field for security group rules"),
    ("standard-attr-description", "standard-attr-description"),
    ("standard-attr-revisions", "Resource revision numbers"),
    ("standard-attr-tag", "Tag support for resources with standard attribute: port, subnet, router, network"),
    ("standard-attr-timestamp", "Resource timestamps"),
    ("stateful-security-group", "Stateful security group"),
    ("subnet-service-types", "Subnet service types"),
];

fn describe((alias, name): &(&str, &str)) -> Value {
    json!({"alias": alias, "name": name, "description": format!("The {alias} extension."),
        "updated": "2020-01-01T10:00:00-00:00", "links": []})
}

/// `GET /extensions`.
pub fn list(_call: &mut Call) -> Answer {
    Ok(Reply::ok(json!({"extensions": EXTENSIONS.iter().chain(&MORE).map(describe).collect::<Vec<_>>()})))
}

/// `GET /extensions/{alias}`.
pub fn get(call: &mut Call) -> Answer {
    let alias = call.param(0);
    match EXTENSIONS.iter().chain(&MORE).find(|(known, _)| *known == alias) {
        Some(known) => Ok(Reply::ok(json!({"extension": describe(known)}))),
        None => Err(error::new(404, "HTTPNotFound", format!("Extension with alias {alias} does not exist"))),
    }
}

/// `GET /agents`: an agent on each hypervisor. Others than administrators see none.
pub fn agents(call: &mut Call) -> Answer {
    let now = clock::iso(call.cloud.now).replace('T', " ").replace('Z', "");
    let host = call.query.get("host").map(str::to_owned);
    let hosts: Vec<String> =
        if call.caller.is_admin() { call.cloud.compute.hosts.keys().cloned().collect() } else { Vec::new() };
    let shown = hosts.into_iter().filter(|name| host.as_ref().is_none_or(|wanted| wanted == name));
    let agents: Vec<_> = shown
        .map(|name| {
            let id = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_DNS, format!("agent.{name}").as_bytes());
            json!({
                "id": id.to_string(), "agent_type": "Open vSwitch agent", "binary": "neutron-openvswitch-agent",
                "host": name, "topic": "N/A", "admin_state_up": true, "alive": true, "availability_zone": null,
                "configurations": {}, "created_at": now, "started_at": now, "heartbeat_timestamp": now,
                "description": null, "resource_versions": {}, "resources_synced": null,
            })
        })
        .collect();
    Ok(Reply::ok(json!({"agents": agents})))
}

/// `GET /availability_zones`.
pub fn zones(_call: &mut Call) -> Answer {
    let zone = |resource| json!({"name": "nova", "resource": resource, "state": "available"});
    Ok(Reply::ok(json!({"availability_zones": [zone("network"), zone("router")]})))
}
