//! Placement agrees with Nova.

use serde_json::json;

use super::{Lab, estate};

#[tokio::test]
async fn a_resize_holds_both_hosts_until_it_is_confirmed() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let host = lab.server(&id).await["OS-EXT-SRV-ATTR:host"].as_str().unwrap().to_owned();
    let providers = lab.get(&format!("/placement/resource_providers?name={host}")).await.body;
    let provider = providers["resource_providers"][0]["uuid"].as_str().unwrap().to_owned();
    let taken = lab.get(&format!("/placement/allocations/{id}")).await.body;
    assert_eq!(taken["allocations"][&provider]["resources"], json!({"VCPU": 1, "MEMORY_MB": 64, "DISK_GB": 1}));
    lab.act(&id, json!({"migrate": null})).await;
    lab.pass(60);
    let usages = lab.get(&format!("/placement/resource_providers/{provider}/usages")).await.body;
    assert_eq!(usages["usages"]["VCPU"], 1, "the old host is held for a revert");
    lab.act(&id, json!({"confirmResize": null})).await;
    lab.pass(60);
    let usages = lab.get(&format!("/placement/resource_providers/{provider}/usages")).await.body;
    assert_eq!(usages["usages"]["VCPU"], 0);
    assert_eq!(lab.get("/placement/resource_providers?colour=red").await.status, 400);
}
