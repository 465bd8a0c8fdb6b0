//! How a server looks, by microversion and by who asks.

use serde_json::{Value, json};
use sha2::{Digest, Sha224};

use super::model::{Flavor, Server};
use super::status::status;
use crate::twin::clock::{iso, iso_bare};
use crate::twin::http::Call;
use crate::twin::network::{self, ServerPort};

/// Returns `self` and `bookmark` links.
pub fn links(call: &Call, collection: &str, id: &str) -> Value {
    let root = call.root();
    json!([{"rel": "self", "href": format!("{root}/v2.1/{collection}/{id}")},
        {"rel": "bookmark", "href": format!("{root}/{collection}/{id}")}])
}

/// Returns the bookmark alone.
pub fn bookmark(call: &Call, collection: &str, id: &str) -> Value {
    json!([{"rel": "bookmark", "href": format!("{}/{collection}/{id}", call.root())}])
}

/// Renders a server in short.
pub fn brief(call: &Call, server: &Server) -> Value {
    json!({"id": server.id, "name": server.name, "links": links(call, "servers", &server.id)})
}

/// Renders a server in full; `single` adds what only `GET /servers/{id}` shows.
pub fn full(call: &Call, server: &Server, single: bool) -> Value {
    let ports = network::server_ports(call.cloud, &server.id);
    let state = &call.cloud.compute;
    let placed = !server.host.is_empty();
    let zone = if placed { state.zone(&server.host) } else { server.wanted_zone.as_deref().unwrap_or_default() };
    let mut view = json!({
        "id": server.id, "name": server.name, "status": status(server),
        "tenant_id": server.project, "user_id": server.user,
        "metadata": server.metadata, "hostId": host_id(server),
        "image": image(call, server), "flavor": flavor(call, &server.flavor),
        "created": iso(server.created), "updated": iso(server.updated),
        "addresses": addresses(&ports), "accessIPv4": server.access_ipv4, "accessIPv6": server.access_ipv6,
        "links": links(call, "servers", &server.id),
        "OS-DCF:diskConfig": server.disk_config, "OS-EXT-AZ:availability_zone": zone,
        "config_drive": if server.config_drive { "True" } else { "" }, "key_name": server.key_name,
        "OS-SRV-USG:launched_at": server.launched.map(iso_bare), "OS-SRV-USG:terminated_at": null,
        "OS-EXT-STS:task_state": server.task_state, "OS-EXT-STS:vm_state": server.vm_state,
        "OS-EXT-STS:power_state": server.power_state,
        "os-extended-volumes:volumes_attached": volumes(call, server),
    });
    let groups = security_groups(&ports);
    if !groups.is_empty() {
        view["security_groups"] = json!(groups);
    }
    if matches!(status(server), "ACTIVE" | "BUILD" | "RESIZE" | "VERIFY_RESIZE" | "REBUILD" | "MIGRATING") {
        view["progress"] = json!(0);
    }
    if let Some(failure) = server.failure.as_ref().filter(|_| status(server) == "ERROR") {
        view["fault"] = json!({"code": failure.code, "message": failure.message, "created": iso(failure.created)});
        if call.caller.is_admin() {
            view["fault"]["details"] = json!(failure.message);
        }
    }
    admin_part(call, server, &mut view);
    newer_part(call, server, single, &mut view);
    view
}

/// Adds what only administrators see.
fn admin_part(call: &Call, server: &Server, view: &mut Value) {
    if !call.caller.is_admin() {
        return;
    }
    let host = Some(&server.host).filter(|host| !host.is_empty());
    view["OS-EXT-SRV-ATTR:host"] = json!(host);
    view["OS-EXT-SRV-ATTR:hypervisor_hostname"] = json!(host);
    view["OS-EXT-SRV-ATTR:instance_name"] = json!(format!("instance-{:08x}", server.number));
    if call.since(2, 3) {
        view["OS-EXT-SRV-ATTR:reservation_id"] = json!(server.reservation);
        view["OS-EXT-SRV-ATTR:launch_index"] = json!(server.launch_index);
        view["OS-EXT-SRV-ATTR:kernel_id"] = json!("");
        view["OS-EXT-SRV-ATTR:ramdisk_id"] = json!("");
        view["OS-EXT-SRV-ATTR:root_device_name"] = json!(server.root_device);
        view["OS-EXT-SRV-ATTR:user_data"] = json!(server.user_data);
        view["OS-EXT-SRV-ATTR:hostname"] = json!(server.hostname);
    }
    if call.since(2, 16) {
        let host = call.cloud.compute.hosts.get(&server.host);
        view["host_status"] = json!(match host {
            None => "",
            Some(host) if !host.up() => "DOWN",
            Some(host) if host.disabled => "MAINTENANCE",
            Some(_) => "UP",
        });
    }
}

/// Adds what later microversions brought.
fn newer_part(call: &Call, server: &Server, single: bool, view: &mut Value) {
    if call.since(2, 9) {
        view["locked"] = json!(server.locked);
    }
    if call.since(2, 19) {
        view["description"] = json!(server.description);
    }
    if call.since(2, 26) {
        view["tags"] = json!(server.tags);
    }
    if call.since(2, 63) {
        view["trusted_image_certificates"] = Value::Null;
    }
    if call.since(2, 71) && single {
        view["server_groups"] = json!(server.group.iter().collect::<Vec<_>>());
    }
    if call.since(2, 73) {
        view["locked_reason"] = json!(server.locked_reason);
    }
    if call.since(2, 90) {
        view["OS-EXT-SRV-ATTR:hostname"] = json!(server.hostname);
    }
    if call.since(2, 96) {
        view["pinned_availability_zone"] = json!(server.wanted_zone);
    }
    if call.since(2, 100) {
        view["scheduler_hints"] = json!(server.hints);
    }
}

/// Renders the image: an id, and properties from 2.98 on; an empty string for a server from a volume.
fn image(call: &Call, server: &Server) -> Value {
    let Some(id) = &server.image else { return json!("") };
    let mut view = json!({"id": id, "links": bookmark(call, "images", id)});
    if call.since(2, 98) {
        view["properties"] = json!(server.image_properties);
    }
    view
}

fn flavor(call: &Call, flavor: &Flavor) -> Value {
    if !call.since(2, 47) {
        return json!({"id": flavor.id, "links": bookmark(call, "flavors", &flavor.id)});
    }
    json!({"vcpus": flavor.vcpus, "ram": flavor.ram, "disk": flavor.disk, "ephemeral": flavor.ephemeral,
        "swap": flavor.swap, "original_name": flavor.name, "extra_specs": flavor.extra_specs})
}

/// Returns the host's hash, which differs between projects so that tenants cannot compare.
fn host_id(server: &Server) -> String {
    if server.host.is_empty() {
        return String::new();
    }
    hex::encode(Sha224::digest(format!("{}{}", server.project, server.host)))
}

/// Renders `addresses`, floating ones after their fixed ones.
pub fn addresses(ports: &[ServerPort]) -> Value {
    let mut all = json!({});
    for port in ports {
        let list = &mut all[&port.network_name];
        if list.is_null() {
            *list = json!([]);
        }
        let Some(list) = list.as_array_mut() else { continue };
        let entry = |address: &str, kind: &str| {
            json!({"addr": address, "version": if address.contains(':') { 6 } else { 4 },
                "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": port.mac})
        };
        for (_, fixed) in &port.fixed_ips {
            list.push(entry(fixed, "fixed"));
            let leading = port.floating_ips.iter().filter(|(inner, _)| inner == fixed);
            list.extend(leading.map(|(_, floating)| entry(floating, "floating")));
        }
    }
    all
}

fn security_groups(ports: &[ServerPort]) -> Vec<Value> {
    // Nova shows a group once for every port that has it.
    ports.iter().flat_map(|port| &port.security_groups).map(|(_, name)| json!({ "name": name })).collect()
}

fn volumes(call: &Call, server: &Server) -> Vec<Value> {
    let view = |one: &super::model::Attached| {
        if call.since(2, 3) {
            json!({"id": one.volume, "delete_on_termination": one.delete_on_termination})
        } else {
            json!({"id": one.volume})
        }
    };
    server.volumes.iter().map(view).collect()
}
