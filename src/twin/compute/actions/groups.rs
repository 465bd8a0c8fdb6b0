//! Adding and removing a security group on all ports of a server.

use serde_json::Value;

use crate::twin::compute::state;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};
use crate::twin::network;

/// A port and the ids of its groups.
type Ports = Vec<(String, Vec<String>)>;

/// Reads the group's name and returns its id, and the server's ports with their groups.
fn parts(call: &Call, argument: &Value, place: &str) -> Result<(String, Ports), Refusal> {
    let mut fields = Fields::of(argument, place)?;
    let name = fields.text("name")?;
    fields.done()?;
    let server = state::server(call)?;
    let (group, _) = network::security_group(call.cloud, &server.project, &name)
        .ok_or_else(|| Refusal::missing(format!("Security group {name} not found for project {}.", server.project)))?;
    let of = |port: network::ServerPort| (port.id, port.security_groups.into_iter().map(|(id, _)| id).collect());
    Ok((group, network::server_ports(call.cloud, &server.id).into_iter().map(of).collect()))
}

pub fn add(call: &mut Call, argument: &Value) -> Answer {
    call.writer("os_compute_api:os-security-groups:add")?;
    let (group, ports) = parts(call, argument, "addSecurityGroup")?;
    if ports.is_empty() {
        return Err(Refusal::bad("The server has no port to put a security group on."));
    }
    for (port, mut groups) in ports {
        if !groups.contains(&group) {
            groups.push(group.clone());
            network::set_port_groups(call.cloud, &port, &groups);
        }
    }
    Ok(Reply::empty(202))
}

pub fn remove(call: &mut Call, argument: &Value) -> Answer {
    call.writer("os_compute_api:os-security-groups:remove")?;
    let (group, ports) = parts(call, argument, "removeSecurityGroup")?;
    if !ports.iter().any(|(_, groups)| groups.contains(&group)) {
        let id = call.param(0);
        return Err(Refusal::missing(format!("Security group {group} not associated with the instance {id}")));
    }
    for (port, mut groups) in ports {
        groups.retain(|one| *one != group);
        network::set_port_groups(call.cloud, &port, &groups);
    }
    Ok(Reply::empty(202))
}
