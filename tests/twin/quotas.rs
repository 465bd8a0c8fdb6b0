//! A full quota refuses in Nova's words, and nothing is left behind.

use serde_json::json;

use super::{Lab, estate};

#[tokio::test]
async fn the_third_of_two_servers_is_refused() {
    let lab = Lab::new(&estate()).await;
    let project = lab.twin.cloud().identity.find_project("admin").unwrap();
    let path = format!("/compute/v2.1/os-quota-sets/{project}");
    let got = lab.put(&path, json!({"quota_set": {"instances": 2}})).await;
    assert_eq!((got.status, &got.body["quota_set"]["instances"]), (200, &json!(2)));
    lab.boot("one").await;
    lab.boot("two").await;
    let before = lab.twin.snapshot();
    let refused = lab.post("/compute/v2.1/servers", lab.server_body("three")).await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.body["forbidden"]["message"],
        "Quota exceeded for instances: Requested 1, but already used 2 of 2 instances"
    );
    assert_eq!(lab.twin.snapshot(), before);
    let detail = lab.get(&format!("{path}/detail")).await.body;
    assert_eq!(detail["quota_set"]["instances"], json!({"limit": 2, "in_use": 2, "reserved": 0}));
    let low = lab.put(&path, json!({"quota_set": {"instances": 1}})).await;
    assert_eq!(low.status, 400, "less than is used");
    assert_eq!(lab.put(&path, json!({"quota_set": {"instances": 1, "force": true}})).await.status, 200);
}

#[tokio::test]
async fn cores_and_memory_count_too() {
    let lab = Lab::new(&estate()).await;
    let project = lab.twin.cloud().identity.find_project("admin").unwrap();
    lab.put(&format!("/compute/v2.1/os-quota-sets/{project}"), json!({"quota_set": {"cores": 1}})).await;
    let mut body = lab.server_body("big");
    body["server"]["flavorRef"] = json!("2");
    let refused = lab.post("/compute/v2.1/servers", body).await;
    assert_eq!(
        refused.body["forbidden"]["message"],
        "Quota exceeded for cores: Requested 2, but already used 0 of 1 cores"
    );
}
