//! Neutron's rules: who gets which address, what blocks a deletion, what a list shows.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Got, Lab, estate};

const V2: &str = "/network/v2.0";

fn refused(got: &Got) -> (u16, &str) {
    (got.status, got.body["NeutronError"]["type"].as_str().unwrap_or_default())
}

impl Lab {
    async fn make(&self, kind: &str, body: Value) -> Value {
        let got = self.refuse(kind, body).await;
        assert_eq!(got.status, 201, "{kind}: {:?}", got.body);
        got.body[kind].clone()
    }

    async fn refuse(&self, kind: &str, body: Value) -> Got {
        self.post(&format!("{V2}/{}s", kind.replace('_', "-")), json!({ kind: body })).await
    }

    /// An external network, a router into it, and an inner network with an interface: their ids.
    async fn routed(&self) -> [String; 4] {
        let outer = self.make("network", json!({"name": "out", "router:external": true})).await;
        self.make("subnet", json!({"network_id": outer["id"], "ip_version": 4, "cidr": "198.51.100.0/24"})).await;
        let inner = self.make("network", json!({"name": "in"})).await;
        let subnet = json!({"network_id": inner["id"], "ip_version": 4, "cidr": "10.9.0.0/24"});
        let subnet = self.make("subnet", subnet).await;
        let gateway = json!({"external_gateway_info": {"network_id": outer["id"]}});
        let router = self.make("router", gateway).await;
        let [outer, inner, subnet, router] = [outer, inner, subnet, router].map(|it| text(&it["id"]));
        let got = self.put(&format!("{V2}/routers/{router}/add_router_interface"), json!({"subnet_id": subnet})).await;
        assert_eq!(got.status, 200, "{:?}", got.body);
        [outer, inner, subnet, router]
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_address_and_a_mac_are_given_once() {
    let lab = Lab::new(&estate()).await;
    let network = lab.make("network", json!({})).await["id"].clone();
    let subnet = json!({"network_id": network, "ip_version": 4, "cidr": "10.8.0.9/29"});
    let subnet = lab.make("subnet", subnet).await;
    assert_eq!((&subnet["cidr"], &subnet["gateway_ip"]), (&json!("10.8.0.8/29"), &json!("10.8.0.9")));
    assert_eq!(subnet["allocation_pools"], json!([{"start": "10.8.0.10", "end": "10.8.0.14"}]));
    let wish =
        json!({"network_id": network, "fixed_ips": [{"ip_address": "10.8.0.12"}], "mac_address": "fa:16:3e:00:00:01"});
    let port = lab.make("port", wish.clone()).await;
    let other_mac = json!({"network_id": network, "fixed_ips": [{"ip_address": "10.8.0.12"}]});
    assert_eq!(refused(&lab.refuse("port", other_mac).await), (409, "IpAddressAlreadyAllocated"));
    assert_eq!(refused(&lab.refuse("port", wish).await), (409, "MacAddressInUse"));
    for _ in 0..4 {
        lab.make("port", json!({"network_id": network})).await;
    }
    let full = lab.refuse("port", json!({"network_id": network})).await;
    assert_eq!(refused(&full), (409, "IpAddressGenerationFailure"));
    assert_eq!(lab.delete(&format!("{V2}/ports/{}", text(&port["id"]))).await.status, 204);
    assert_eq!(lab.make("port", json!({"network_id": network})).await["fixed_ips"][0]["ip_address"], "10.8.0.12");
    let foreign = json!({"network_id": network, "fixed_ips": [{"ip_address": "10.7.0.1"}]});
    assert_eq!(refused(&lab.refuse("port", foreign).await), (400, "InvalidIpForNetwork"));
    assert_eq!(refused(&lab.delete(&format!("{V2}/networks/{}", text(&network))).await), (409, "NetworkInUse"));
}

#[tokio::test]
async fn subnets_of_a_network_do_not_overlap_and_pools_fit() {
    let lab = Lab::new(&estate()).await;
    let network = lab.make("network", json!({})).await["id"].clone();
    let subnet = |cidr: &str, more: Value| {
        let mut body = json!({"network_id": network, "ip_version": 4, "cidr": cidr});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    lab.make("subnet", subnet("10.8.0.0/24", json!({}))).await;
    assert_eq!(refused(&lab.refuse("subnet", subnet("10.8.0.128/25", json!({}))).await), (400, "InvalidInput"));
    let pools = |start: &str, end: &str| json!({"allocation_pools": [{"start": start, "end": end}]});
    let beyond = subnet("10.8.1.0/24", pools("10.8.1.5", "10.8.2.5"));
    assert_eq!(refused(&lab.refuse("subnet", beyond).await), (400, "OutOfBoundsAllocationPool"));
    let gateway = subnet("10.8.1.0/24", pools("10.8.1.1", "10.8.1.5"));
    assert_eq!(refused(&lab.refuse("subnet", gateway).await), (409, "GatewayConflictWithAllocationPools"));
    let slaac = json!({"network_id": network, "ip_version": 6, "cidr": "2001:db8::/64", "ipv6_address_mode": "slaac",
        "ipv6_ra_mode": "slaac"});
    lab.make("subnet", slaac).await;
    let port = lab.make("port", json!({"network_id": network, "mac_address": "fa:16:3e:00:00:02"})).await;
    assert_eq!(port["fixed_ips"][1]["ip_address"], "2001:db8::f816:3eff:fe00:2");
}

#[tokio::test]
async fn a_floating_ip_needs_a_way_to_its_port() {
    let lab = Lab::new(&estate()).await;
    let [outer, inner, subnet, router] = lab.routed().await;
    let port = lab.make("port", json!({"network_id": inner})).await;
    let lonely = lab.make("network", json!({})).await;
    lab.make("subnet", json!({"network_id": lonely["id"], "ip_version": 4, "cidr": "10.10.0.0/24"})).await;
    let unreachable = lab.make("port", json!({"network_id": lonely["id"]})).await;
    let no_way = json!({"floating_network_id": outer, "port_id": unreachable["id"]});
    assert_eq!(refused(&lab.refuse("floatingip", no_way).await), (404, "ExternalGatewayForFloatingIPNotFound"));
    let wish = json!({"floating_network_id": outer, "floating_ip_address": "198.51.100.77", "port_id": port["id"]});
    let floating = lab.make("floatingip", wish.clone()).await;
    assert_eq!((&floating["status"], &floating["router_id"]), (&json!("DOWN"), &json!(router)));
    lab.pass(10);
    let path = format!("{V2}/floatingips/{}", text(&floating["id"]));
    assert_eq!(lab.get(&path).await.body["floatingip"]["status"], "ACTIVE");
    let again = json!({"floating_network_id": outer, "floating_ip_address": "198.51.100.77"});
    assert_eq!(refused(&lab.refuse("floatingip", again).await), (409, "IpAddressAlreadyAllocated"));
    let inside = json!({"floating_network_id": inner});
    assert_eq!(refused(&lab.refuse("floatingip", inside).await), (400, "BadRequest"));
    let detach = format!("{V2}/routers/{router}/remove_router_interface");
    let got = lab.put(&detach, json!({"subnet_id": subnet})).await;
    assert_eq!(refused(&got), (409, "RouterInterfaceInUseByFloatingIP"));
    let got = lab.put(&format!("{V2}/routers/{router}"), json!({"router": {"external_gateway_info": null}})).await;
    assert_eq!(refused(&got), (409, "RouterExternalGatewayInUseByFloatingIp"));
    assert_eq!(refused(&lab.delete(&format!("{V2}/routers/{router}")).await), (409, "RouterInUse"));
    assert_eq!(lab.delete(&path).await.status, 204);
    assert_eq!(lab.put(&detach, json!({"subnet_id": subnet})).await.status, 200);
    assert_eq!(lab.delete(&format!("{V2}/routers/{router}")).await.status, 204);
    assert_eq!(lab.get(&format!("{V2}/ports?network_id={outer}")).await.body["ports"], json!([]), "its port is gone");
}

#[tokio::test]
async fn routers_refuse_overlapping_subnets_and_strange_hops() {
    let lab = Lab::new(&estate()).await;
    let [_, inner, subnet, router] = lab.routed().await;
    let add = format!("{V2}/routers/{router}/add_router_interface");
    assert_eq!(refused(&lab.put(&add, json!({"subnet_id": subnet})).await), (400, "BadRequest"));
    let other = lab.make("network", json!({})).await;
    let overlapping = json!({"network_id": other["id"], "ip_version": 4, "cidr": "10.9.0.0/16"});
    let overlapping = lab.make("subnet", overlapping).await;
    assert_eq!(refused(&lab.put(&add, json!({"subnet_id": overlapping["id"]})).await), (400, "BadRequest"));
    let path = format!("{V2}/routers/{router}");
    let route = |hop: &str| json!({"router": {"routes": [{"destination": "10.77.0.0/16", "nexthop": hop}]}});
    assert_eq!(refused(&lab.put(&path, route("10.200.0.1")).await), (400, "InvalidRoutes"));
    assert_eq!(lab.put(&path, route("10.9.0.99")).await.status, 200);
    let ports = lab.get(&format!("{V2}/ports?network_id={inner}&fields=id&fields=device_owner")).await.body;
    assert_eq!(ports["ports"][0].as_object().unwrap().len(), 2);
    assert_eq!(ports["ports"][0]["device_owner"], "network:router_interface");
    let port = text(&ports["ports"][0]["id"]);
    assert_eq!(refused(&lab.delete(&format!("{V2}/ports/{port}")).await), (409, "ServicePortInUse"));
}

#[tokio::test]
async fn security_groups_guard_their_default_and_know_duplicates() {
    let mut lab = Lab::new(&estate()).await;
    lab.become_user("alice", "pw", "shop").await;
    let groups = lab.get(&format!("{V2}/security-groups?name=default")).await.body["security_groups"].clone();
    assert_eq!(groups[0]["security_group_rules"].as_array().unwrap().len(), 4);
    let default = format!("{V2}/security-groups/{}", text(&groups[0]["id"]));
    assert_eq!(refused(&lab.delete(&default).await), (409, "SecurityGroupCannotRemoveDefault"));
    let group = lab.make("security_group", json!({"name": "web"})).await;
    let rule = json!({"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp",
        "port_range_min": 80, "port_range_max": 80});
    lab.make("security_group_rule", rule.clone()).await;
    assert_eq!(refused(&lab.refuse("security_group_rule", rule).await), (409, "SecurityGroupRuleExists"));
    for (more, kind) in [
        (json!({"protocol": "tcp", "port_range_min": 9, "port_range_max": 8}), "SecurityGroupInvalidPortRange"),
        (json!({"port_range_min": 9, "port_range_max": 9}), "SecurityGroupProtocolRequiredWithPorts"),
        (json!({"protocol": "bogus"}), "SecurityGroupRuleInvalidProtocol"),
        (json!({"ethertype": "IPv6", "remote_ip_prefix": "10.0.0.0/8"}), "SecurityGroupRuleParameterConflict"),
    ] {
        let mut rule = json!({"security_group_id": group["id"], "direction": "ingress"});
        rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(refused(&lab.refuse("security_group_rule", rule).await), (400, kind));
    }
    let network = lab.get(&format!("{V2}/networks?name=net")).await.body["networks"][0]["id"].clone();
    let port = lab.make("port", json!({"network_id": network, "security_groups": [group["id"]]})).await;
    let path = format!("{V2}/security-groups/{}", text(&group["id"]));
    assert_eq!(refused(&lab.delete(&path).await), (409, "SecurityGroupInUse"));
    lab.delete(&format!("{V2}/ports/{}", text(&port["id"]))).await;
    assert_eq!(lab.delete(&path).await.status, 204);
}

#[tokio::test]
async fn lists_are_filtered_sorted_paged_and_reduced() {
    let lab = Lab::new(&estate()).await;
    for name in ["a", "b", "c", "d"] {
        lab.make("network", json!({"name": name})).await;
    }
    let mut url = format!("{V2}/networks?limit=2&sort_key=name&sort_dir=desc&fields=name&name=a&name=b&name=c&name=d");
    let mut seen = Vec::new();
    loop {
        let body = lab.get(&url).await.body;
        let page = body["networks"].as_array().unwrap();
        seen.extend(page.iter().map(|network| text(&network["name"])));
        let links = body["networks_links"].as_array().cloned().unwrap_or_default();
        let Some(next) = links.iter().find(|link| link["rel"] == "next") else { break };
        url = text(&next["href"]).replacen(&lab.twin.origin(), "", 1);
        assert!(seen.len() <= 4, "{seen:?}");
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["d", "c", "b", "a"]);
    let unknown = lab.get(&format!("{V2}/networks?colour=red")).await;
    assert_eq!(unknown.body["NeutronError"]["message"], "['colour'] is invalid attribute for filtering");
    assert_eq!(lab.get(&format!("{V2}/networks?sort_key=name")).await.status, 400);
    let network = lab.get(&format!("{V2}/networks?name=a")).await.body["networks"][0]["id"].clone();
    let url = format!("{}{V2}/networks/{}", lab.twin.origin(), text(&network));
    let delete = lab.client.delete(url).header("x-auth-token", &lab.token).header("if-match", "revision_number=77");
    assert_eq!(delete.send().await.unwrap().status().as_u16(), 412, "it is another revision");
    let tags = format!("{V2}/networks/{}/tags", text(&network));
    assert_eq!(lab.put(&tags, json!({"tags": ["x", "y"]})).await.status, 200);
    let tagged = |filter: &str| format!("{V2}/networks?{filter}&fields=name");
    assert_eq!(lab.get(&tagged("tags=x,y")).await.body["networks"], json!([{"name": "a"}]));
    assert_eq!(lab.get(&tagged("tags=x,z")).await.body["networks"], json!([]));
    assert_eq!(lab.get(&tagged("not-tags-any=x")).await.body["networks"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn quotas_refuse_and_defaults_return() {
    let mut lab = Lab::new(&estate()).await;
    let project = lab.twin.cloud().identity.find_project("shop").unwrap();
    let path = format!("{V2}/quotas/{project}");
    assert_eq!(lab.put(&path, json!({"quota": {"network": 2, "colour": 1}})).await.status, 400);
    assert_eq!(lab.put(&path, json!({"quota": {"network": 2}})).await.body["quota"]["network"], 2);
    let admin = lab.token.clone();
    lab.become_user("alice", "pw", "shop").await;
    lab.make("network", json!({})).await;
    assert_eq!(refused(&lab.refuse("network", json!({})).await), (409, "OverQuota"));
    assert_eq!(lab.put(&path, json!({"quota": {"network": 9}})).await.status, 403);
    assert_eq!(lab.ask(&admin, Method::DELETE, &path, None).await.status, 204);
    assert_eq!(lab.get(&path).await.body["quota"]["network"], 100);
    lab.make("network", json!({})).await;
}

#[tokio::test]
async fn others_see_only_what_is_shared() {
    let mut lab = Lab::new(&estate()).await;
    let own = lab.make("network", json!({"name": "own"})).await["id"].clone();
    let shared = lab.make("network", json!({"name": "everybody's", "shared": true})).await["id"].clone();
    lab.make("subnet", json!({"network_id": shared, "ip_version": 4, "cidr": "172.30.0.0/24"})).await;
    lab.become_user("alice", "pw", "shop").await;
    assert_eq!(lab.get(&format!("{V2}/networks/{}", text(&own))).await.status, 404);
    let path = format!("{V2}/networks/{}", text(&shared));
    let seen = lab.get(&path).await.body["network"].clone();
    assert!(seen["name"] == "everybody's" && seen.get("provider:network_type").is_none());
    assert_eq!(refused(&lab.delete(&path).await), (403, "PolicyNotAuthorized"));
    let provider = json!({"provider:network_type": "vlan", "provider:physical_network": "p"});
    assert_eq!(refused(&lab.refuse("network", provider).await), (403, "PolicyNotAuthorized"));
    assert_eq!(refused(&lab.refuse("network", json!({"shared": true})).await), (403, "PolicyNotAuthorized"));
    let mac = json!({"network_id": shared, "mac_address": "fa:16:3e:00:00:09"});
    assert_eq!(refused(&lab.refuse("port", mac).await), (403, "PolicyNotAuthorized"));
    let port = lab.make("port", json!({"network_id": shared})).await;
    assert!(port.get("binding:host_id").is_none());
}
