//! Neutron: networks and what hangs on them, and what it refuses.

use moonferry::openstack::{Request, Service};
use serde_json::{Value, json};

use super::probe::{Probe, text};

const NET: Service = Service::Network;

pub async fn check(p: &Probe) {
    let network = make(p, "network", json!({ "name": p.name("net") })).await;
    let subnet = subnet(p, &network).await;
    let port = ports(p, &network, &subnet).await;
    security(p).await;
    floating(p, &subnet, &port).await;
    p.delete(NET, &format!("/networks/{network}")).await.is(409);
    p.delete(NET, &format!("/ports/{port}")).await.is(204);
    p.delete(NET, &format!("/networks/{network}")).await.is(204);
    p.get(NET, &format!("/subnets/{subnet}")).await.is(404);
}

async fn make(p: &Probe, kind: &str, fields: Value) -> String {
    let body = p.post(NET, &format!("/{kind}s"), json!({ kind: fields })).await.is(201);
    text(&body, &format!("/{kind}/id"))
}

async fn subnet(p: &Probe, network: &str) -> String {
    let fields = json!({
        "network_id": network, "name": "sub", "ip_version": 4, "cidr": "10.77.1.0/24", "dns_nameservers": ["192.0.2.53"],
        "host_routes": [{ "destination": "198.51.100.0/24", "nexthop": "10.77.1.254" }],
    });
    let body = p.post(NET, "/subnets", json!({ "subnet": fields })).await.is(201);
    assert_eq!(body["subnet"]["gateway_ip"], "10.77.1.1");
    assert_eq!(body["subnet"]["allocation_pools"], json!([{ "start": "10.77.1.2", "end": "10.77.1.254" }]));
    let overlapping = json!({ "subnet": { "network_id": network, "ip_version": 4, "cidr": "10.77.1.128/25" } });
    p.post(NET, "/subnets", overlapping).await.is(400);
    let nonsense = json!({ "subnet": { "network_id": network, "ip_version": 4, "cidr": "10.77.1.0/99" } });
    p.post(NET, "/subnets", nonsense).await.is(400);
    p.post(NET, "/networks", json!({ "network": { "nmae": "x" } })).await.is(400);
    text(&body, "/subnet/id")
}

async fn ports(p: &Probe, network: &str, subnet: &str) -> String {
    let fixed = json!([{ "subnet_id": subnet, "ip_address": "10.77.1.10" }]);
    let fields = json!({
        "network_id": network, "fixed_ips": fixed, "mac_address": "fa:16:3e:77:00:01", "name": "p1",
        "allowed_address_pairs": [{ "ip_address": "10.77.1.200" }],
    });
    let body = p.post(NET, "/ports", json!({ "port": fields })).await.is(201);
    let port = &body["port"];
    assert_eq!((&port["fixed_ips"], &port["mac_address"]), (&fixed, &json!("fa:16:3e:77:00:01")));
    assert_eq!(port["allowed_address_pairs"][0]["ip_address"], "10.77.1.200");
    assert_eq!(port["security_groups"].as_array().unwrap().len(), 1, "the project's default group");
    let taken = json!({ "port": { "network_id": network, "fixed_ips": fixed } });
    p.post(NET, "/ports", taken).await.is(409);
    let outside =
        json!({ "port": { "network_id": network, "fixed_ips": [{ "subnet_id": subnet, "ip_address": "10.99.0.1" }] } });
    p.post(NET, "/ports", outside).await.is(400);
    let open = json!({ "port": { "network_id": network, "port_security_enabled": false, "security_groups": [] } });
    let open = p.post(NET, "/ports", open).await.is(201);
    assert_eq!(open["port"]["port_security_enabled"], false);
    let open = text(&open, "/port/id");
    let query = [("network_id".to_owned(), network.to_owned()), ("limit".into(), "1".into())];
    let page = p.call(Request::get(NET, "/ports").query(query)).await.is(200);
    assert_eq!(page["ports"].as_array().unwrap().len(), 1);
    assert!(page["ports_links"].as_array().unwrap().iter().any(|link| link["rel"] == "next"));
    p.put(NET, &format!("/ports/{open}/tags"), json!({ "tags": ["a", "b"] })).await.is(200);
    let tagged = p.call(Request::get(NET, "/ports").query([("tags".into(), "a".into())])).await.is(200);
    assert_eq!(text(&tagged, "/ports/0/id"), open);
    p.delete(NET, &format!("/ports/{open}")).await.is(204);
    text(&body, "/port/id")
}

async fn security(p: &Probe) {
    let body = p.post(NET, "/security-groups", json!({ "security_group": { "name": p.name("sg") } })).await.is(201);
    let group = text(&body, "/security_group/id");
    assert_eq!(body["security_group"]["security_group_rules"].as_array().unwrap().len(), 2, "two egress rules");
    let rule = json!({ "security_group_rule": {
        "security_group_id": group, "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
        "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "0.0.0.0/0",
    } });
    p.post(NET, "/security-group-rules", rule.clone()).await.is(201);
    p.post(NET, "/security-group-rules", rule).await.is(409);
    let wrong = json!({ "security_group_rule": {
        "security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 9, "port_range_max": 8,
    } });
    p.post(NET, "/security-group-rules", wrong).await.is(400);
    p.delete(NET, &format!("/security-groups/{group}")).await.is(204);
}

async fn floating(p: &Probe, subnet: &str, port: &str) {
    let external = make(
        p,
        "network",
        json!({ "name": p.name("ext"), "router:external": true, "provider:network_type": "flat",
                "provider:physical_network": p.name("phys") }),
    )
    .await;
    let pool = json!([{ "start": "203.0.113.50", "end": "203.0.113.60" }]);
    make(p, "subnet", json!({ "network_id": external, "ip_version": 4, "cidr": "203.0.113.0/24", "enable_dhcp": false, "allocation_pools": pool })).await;
    let wanted = json!({ "floatingip": { "floating_network_id": external, "floating_ip_address": "203.0.113.55" } });
    let fip = text(&p.post(NET, "/floatingips", wanted.clone()).await.is(201), "/floatingip/id");
    p.post(NET, "/floatingips", wanted).await.is(409);
    let associate = json!({ "floatingip": { "port_id": port } });
    // No router leads from the external network to the port's.
    p.put(NET, &format!("/floatingips/{fip}"), associate.clone()).await.is(404);
    let router =
        make(p, "router", json!({ "name": p.name("router"), "external_gateway_info": { "network_id": external } }))
            .await;
    let interface = json!({ "subnet_id": subnet });
    p.put(NET, &format!("/routers/{router}/add_router_interface"), interface.clone()).await.is(200);
    p.put(NET, &format!("/routers/{router}/add_router_interface"), interface.clone()).await.is(400);
    let bound = p.put(NET, &format!("/floatingips/{fip}"), associate).await.is(200);
    assert_eq!(
        (&bound["floatingip"]["fixed_ip_address"], &bound["floatingip"]["router_id"]),
        (&json!("10.77.1.10"), &json!(router))
    );
    p.delete(NET, &format!("/routers/{router}")).await.is(409);
    // A floating IP that is in use keeps the interface it needs.
    p.put(NET, &format!("/routers/{router}/remove_router_interface"), interface.clone()).await.is(409);
    p.delete(NET, &format!("/floatingips/{fip}")).await.is(204);
    p.put(NET, &format!("/routers/{router}/remove_router_interface"), interface).await.is(200);
    p.delete(NET, &format!("/routers/{router}")).await.is(204);
    p.delete(NET, &format!("/networks/{external}")).await.is(204);
}
