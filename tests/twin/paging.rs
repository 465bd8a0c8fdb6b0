//! Pages: every object once, in a stable order, with links.

use std::collections::BTreeSet;

use moonferry::twin::{Estate, Size};

use super::Lab;

#[tokio::test]
async fn pages_show_every_server_once() {
    let lab = Lab::new(&Estate::generate(Size { hosts: 5, servers: 95, projects: 3, seed: 1 })).await;
    let mut path = "/compute/v2.1/servers?all_tenants=1&limit=20".to_owned();
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    loop {
        let body = lab.get(&path).await.body;
        pages += 1;
        for server in body["servers"].as_array().unwrap() {
            assert!(seen.insert(server["id"].as_str().unwrap().to_owned()), "twice: {server}");
        }
        let Some(next) = body["servers_links"][0]["href"].as_str() else { break };
        path = next.strip_prefix(&lab.twin.origin()).unwrap().to_owned();
    }
    assert_eq!((seen.len(), pages), (95, 5));
    assert_eq!(lab.twin.counts().get("GET", "/compute/v2.1/servers"), 5);
    assert_eq!(lab.get("/compute/v2.1/servers?marker=nobody").await.status, 400);
}

#[tokio::test]
async fn filters_and_orders() {
    let lab = Lab::new(&Estate::generate(Size { hosts: 5, servers: 60, projects: 3, seed: 1 })).await;
    let all = "/compute/v2.1/servers/detail?all_tenants=1";
    let names = |body: &serde_json::Value| -> Vec<String> {
        body["servers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let sorted = names(&lab.get(&format!("{all}&sort_key=display_name&sort_dir=asc&limit=3")).await.body);
    assert_eq!(sorted, ["vm-000001", "vm-000002", "vm-000003"]);
    let one = names(&lab.get(&format!("{all}&name=%5Evm-000007%24")).await.body);
    assert_eq!(one, ["vm-000007"]);
    let stopped = lab.get(&format!("{all}&status=SHUTOFF")).await.body;
    assert!(stopped["servers"].as_array().unwrap().iter().all(|one| one["status"] == "SHUTOFF"));
    let on = lab.get(&format!("{all}&host=cmp1")).await.body;
    assert!(!on["servers"].as_array().unwrap().is_empty());
    assert!(on["servers"].as_array().unwrap().iter().all(|one| one["OS-EXT-SRV-ATTR:host"] == "cmp1"));
}
