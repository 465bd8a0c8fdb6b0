//! The states of a server, and what each allows.

use serde_json::{Value, json};

use super::{Lab, estate};

#[tokio::test]
async fn a_server_builds_runs_and_goes() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    let server = lab.server(&id).await;
    assert_eq!((&server["status"], &server["OS-EXT-STS:task_state"]), (&json!("BUILD"), &json!("scheduling")));
    lab.pass(60);
    let server = lab.server(&id).await;
    assert_eq!((&server["status"], &server["OS-EXT-STS:power_state"]), (&json!("ACTIVE"), &json!(1)));
    let host = server["OS-EXT-SRV-ATTR:host"].as_str().unwrap();
    let disk = lab.twin.data().join(format!("hosts/{host}/instances/{id}/disk"));
    assert_eq!(disk.metadata().unwrap().len(), 4096);
    assert_eq!(lab.delete(&format!("/compute/v2.1/servers/{id}")).await.status, 204);
    assert_eq!(lab.server(&id).await["OS-EXT-STS:task_state"], "deleting");
    lab.pass(5);
    assert_eq!(lab.get(&format!("/compute/v2.1/servers/{id}")).await.status, 404);
    assert!(!disk.exists());
}

#[tokio::test]
async fn actions_move_between_states_and_wrong_ones_are_refused() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    assert_eq!(lab.act(&id, json!({"os-stop": null})).await.status, 409, "still building");
    lab.pass(60);
    let steps: &[(Value, &str, u8)] = &[
        (json!({"os-stop": null}), "SHUTOFF", 4),
        (json!({"os-start": null}), "ACTIVE", 1),
        (json!({"reboot": {"type": "SOFT"}}), "ACTIVE", 1),
        (json!({"pause": null}), "PAUSED", 3),
        (json!({"unpause": null}), "ACTIVE", 1),
        (json!({"suspend": null}), "SUSPENDED", 4),
        (json!({"resume": null}), "ACTIVE", 1),
        (json!({"shelve": null}), "SHELVED_OFFLOADED", 4),
        (json!({"unshelve": null}), "ACTIVE", 1),
    ];
    for (action, status, power) in steps {
        let got = lab.act(&id, action.clone()).await;
        assert_eq!(got.status, 202, "{action}: {:?}", got.body);
        let again = lab.act(&id, action.clone()).await;
        assert_eq!(again.status, 409, "{action} twice: {:?}", again.body);
        lab.pass(60);
        let server = lab.server(&id).await;
        assert_eq!((&server["status"], &server["OS-EXT-STS:power_state"]), (&json!(status), &json!(power)), "{action}");
    }
    let refused = lab.act(&id, json!({"os-start": null})).await;
    assert_eq!(
        refused.body["conflictingRequest"]["message"],
        format!("Cannot 'start' instance {id} while it is in vm_state active")
    );
}

#[tokio::test]
async fn a_locked_server_obeys_only_administrators() {
    let mut lab = Lab::new(&estate()).await;
    lab.become_user("alice", "pw", "shop").await;
    let id = lab.boot("one").await;
    lab.pass(60);
    assert_eq!(lab.act(&id, json!({"lock": {"locked_reason": "moving"}})).await.status, 202);
    let refused = lab.act(&id, json!({"os-stop": null})).await;
    assert_eq!(
        (refused.status, &refused.body["conflictingRequest"]["message"]),
        (409, &json!(format!("Instance {id} is locked")))
    );
    assert_eq!(lab.server(&id).await["locked_reason"], "moving");
    lab.become_user("admin", "admin", "admin").await;
    assert_eq!(lab.act(&id, json!({"os-stop": null})).await.status, 202);
}

#[tokio::test]
async fn a_snapshot_holds_the_bytes_of_the_disk() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let host = lab.server(&id).await["OS-EXT-SRV-ATTR:host"].as_str().unwrap().to_owned();
    let disk = lab.twin.data().join(format!("hosts/{host}/instances/{id}/disk"));
    std::fs::write(&disk, b"what the guest wrote").unwrap();
    let got = lab.act(&id, json!({"createImage": {"name": "snap"}})).await;
    let image = got.body["image_id"].as_str().unwrap().to_owned();
    assert_eq!(lab.get(&format!("/image/v2/images/{image}")).await.body["status"], "queued");
    lab.pass(60);
    let made = lab.get(&format!("/image/v2/images/{image}")).await.body;
    assert_eq!((&made["status"], &made["size"], &made["instance_uuid"]), (&json!("active"), &json!(20), &json!(id)));
    assert_eq!(lab.get(&format!("/image/v2/images/{image}/file")).await.body, json!("what the guest wrote"));
}

#[tokio::test]
async fn a_server_gets_ports_and_gives_them_back() {
    let mut lab = Lab::new(&estate()).await;
    lab.become_user("alice", "pw", "shop").await;
    let net = lab.get("/network/v2.0/networks?name=net").await.body["networks"][0]["id"].clone();
    let port = lab.post("/network/v2.0/ports", json!({"port": {"network_id": net, "name": "mine"}})).await.body["port"]
        .clone();
    let mut body = lab.server_body("one");
    body["server"]["networks"] = json!([{"port": port["id"]}, {"uuid": net}]);
    let id = lab.post("/compute/v2.1/servers", body.clone()).await.body["server"]["id"].as_str().unwrap().to_owned();
    lab.pass(60);
    let server = lab.server(&id).await;
    let addresses = server["addresses"]["net"].as_array().unwrap();
    assert_eq!(addresses.len(), 2, "{server}");
    assert_eq!(addresses[0]["addr"], port["fixed_ips"][0]["ip_address"], "the order of the interfaces is kept");
    assert_eq!(addresses[0]["OS-EXT-IPS-MAC:mac_addr"], port["mac_address"]);
    assert_eq!(lab.post("/compute/v2.1/servers", body).await.status, 409, "the port is in use");
    lab.delete(&format!("/compute/v2.1/servers/{id}")).await;
    lab.pass(60);
    let left = lab.get(&format!("/network/v2.0/ports?network_id={}", net.as_str().unwrap())).await.body;
    let names: Vec<_> = left["ports"].as_array().unwrap().iter().map(|port| port["name"].clone()).collect();
    assert_eq!(names, [json!("mine")], "Nova's own port is gone, the ready one stays");
}

#[tokio::test]
async fn anti_affinity_leaves_the_fourth_of_three_hosts_in_error() {
    let mut lab = Lab::new(&estate()).await;
    lab.microversion("2.90");
    let group = lab
        .post("/compute/v2.1/os-server-groups", json!({"server_group": {"name": "g", "policy": "anti-affinity"}}))
        .await;
    let group = group.body["server_group"]["id"].clone();
    let mut ids = Vec::new();
    for number in 0..4 {
        let mut body = lab.server_body(&format!("s{number}"));
        body["os:scheduler_hints"] = json!({ "group": group });
        ids.push(lab.post("/compute/v2.1/servers", body).await.body["server"]["id"].as_str().unwrap().to_owned());
        lab.pass(60);
    }
    let mut hosts = std::collections::BTreeSet::new();
    for id in &ids[..3] {
        hosts.insert(lab.server(id).await["OS-EXT-SRV-ATTR:host"].to_string());
    }
    assert_eq!(hosts.len(), 3);
    let last = lab.server(&ids[3]).await;
    assert_eq!(last["status"], "ERROR");
    assert!(last["fault"]["message"].as_str().unwrap().starts_with("No valid host"));
}
