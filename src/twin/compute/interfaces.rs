//! `/servers/{id}/os-interface`.

use serde_json::{Value, json};

use super::model::Nic;
use super::state::{server, server_mut};
use super::status::{allow, unlocked};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};
use crate::twin::network::{self, ServerPort, WantedPort};

const STATES: &[&str] = &["active", "paused", "stopped"];

pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v2.1/servers/{id}/os-interface", list),
        Route::post("/v2.1/servers/{id}/os-interface", attach),
        Route::get("/v2.1/servers/{id}/os-interface/{port}", show),
        Route::delete("/v2.1/servers/{id}/os-interface/{port}", detach),
        Route::get("/v2.1/servers/{id}/os-security-groups", groups),
    ]
}

fn view(call: &Call, port: &ServerPort) -> Value {
    let ips: Vec<Value> =
        port.fixed_ips.iter().map(|(subnet, ip)| json!({"subnet_id": subnet, "ip_address": ip})).collect();
    let mut view = json!({"port_id": port.id, "net_id": port.network_id, "mac_addr": port.mac,
        "port_state": port.status, "fixed_ips": ips});
    if call.since(2, 70) {
        let nics = server(call).map(|found| found.nics.clone()).unwrap_or_default();
        view["tag"] = json!(nics.iter().find(|nic| nic.port == port.id).and_then(|nic| nic.tag.clone()));
    }
    view
}

fn list(call: &mut Call) -> Answer {
    let found = server(call)?;
    let ports = network::server_ports(call.cloud, &found.id);
    let items: Vec<Value> = ports.iter().map(|port| view(call, port)).collect();
    Ok(Reply::ok(json!({ "interfaceAttachments": items })))
}

fn port(call: &Call, id: &str) -> Result<ServerPort, Refusal> {
    let found = server(call)?;
    let mine = network::server_ports(call.cloud, &found.id).into_iter().find(|port| port.id == id);
    mine.ok_or_else(|| Refusal::missing(format!("Instance {} does not have a port with id {id}", found.id)))
}

fn show(call: &mut Call) -> Answer {
    let found = port(call, &call.param(1))?;
    Ok(Reply::ok(json!({"interfaceAttachment": view(call, &found)})))
}

fn attach(call: &mut Call) -> Answer {
    call.writer("os_compute_api:os-attach-interfaces:create")?;
    let mut fields =
        if call.body.is_null() { Fields::default() } else { Fields::wrapped(&call.body, "interfaceAttachment")? };
    let (network_id, port_id) = (fields.string("net_id")?, fields.string("port_id")?);
    let addresses = fields.list("fixed_ips")?.unwrap_or_default();
    let tag = if call.since(2, 49) { fields.string("tag")? } else { None };
    fields.done()?;
    if network_id.is_some() && port_id.is_some() {
        return Err(Refusal::bad("Must not input both network_id and port_id"));
    }
    let found = server(call)?;
    unlocked(found, &call.caller)?;
    allow(found, "attach_interface", STATES)?;
    let (id, project, host) = (found.id.clone(), found.project.clone(), found.host.clone());
    let admin = call.caller.is_admin();
    let nic = if let Some(port) = port_id {
        network::check_port(call.cloud, &project, admin, &port)?;
        network::claim_port(call.cloud, &port, &id)?;
        Nic { port, made_by_nova: false, tag }
    } else {
        let network_id = match network_id {
            Some(id) => id,
            None => match network::default_networks(call.cloud, &project).as_slice() {
                [one] => one.clone(),
                [] => return Err(Refusal::missing("No network could be found.")),
                _ => {
                    return Err(Refusal::conflict(
                        "Multiple possible networks found, use a Network ID to be more specific.",
                    ));
                }
            },
        };
        network::check_network(call.cloud, &project, admin, &network_id)?;
        let fixed_ip = addresses.first().and_then(|one| one["ip_address"].as_str()).map(str::to_owned);
        let want = WantedPort { network: network_id, fixed_ip, project, security_groups: Vec::new() };
        Nic { port: network::create_server_port(call.cloud, &want, &id)?, made_by_nova: true, tag }
    };
    let port_id = nic.port.clone();
    server_mut(call, "os_compute_api:os-attach-interfaces:create")?.nics.push(nic);
    let zone = call.cloud.compute.zone(&host).to_owned();
    network::bind_ports(call.cloud, &id, &host, &zone, true);
    let found = port(call, &port_id)?;
    Ok(Reply::ok(json!({"interfaceAttachment": view(call, &found)})))
}

fn detach(call: &mut Call) -> Answer {
    call.writer("os_compute_api:os-attach-interfaces:delete")?;
    let id = call.param(1);
    let found = server(call)?;
    unlocked(found, &call.caller)?;
    allow(found, "detach_interface", STATES)?;
    port(call, &id)?;
    let server_id = found.id.clone();
    call.cloud.later(1.0, move |cloud| {
        let Some(server) = cloud.compute.servers.get_mut(&server_id) else { return };
        let made = server.nics.iter().find(|nic| nic.port == id).is_some_and(|nic| nic.made_by_nova);
        server.nics.retain(|nic| nic.port != id);
        network::release_port(cloud, &id, made);
    });
    Ok(Reply::empty(202))
}

fn groups(call: &mut Call) -> Answer {
    let found = server(call)?;
    let ports = network::server_ports(call.cloud, &found.id);
    let mut seen = std::collections::BTreeMap::new();
    for (id, name) in ports.into_iter().flat_map(|port| port.security_groups) {
        seen.insert(id, name);
    }
    let view = |(id, name): (&String, &String)| json!({"id": id, "name": name, "description": "", "tenant_id": found.project, "rules": []});
    Ok(Reply::ok(json!({"security_groups": seen.iter().map(view).collect::<Vec<_>>()})))
}
