//! Migrations between hosts.

use serde_json::{Value, json};

use super::{Lab, estate};

async fn host(lab: &Lab, id: &str) -> String {
    lab.server(id).await["OS-EXT-SRV-ATTR:host"].as_str().unwrap_or_default().to_owned()
}

fn disk(lab: &Lab, host: &str, id: &str) -> std::path::PathBuf {
    lab.twin.data().join(format!("hosts/{host}/instances/{id}/disk"))
}

fn other(host: &str) -> &'static str {
    if host == "h1" { "h2" } else { "h1" }
}

#[tokio::test]
async fn a_live_migration_takes_the_disk_along() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let from = host(&lab, &id).await;
    let to = other(&from);
    let got = lab.act(&id, json!({"os-migrateLive": {"host": from, "block_migration": "auto"}})).await;
    assert_eq!(got.status, 400, "to itself: {:?}", got.body);
    let got = lab.act(&id, json!({"os-migrateLive": {"host": to, "block_migration": "auto"}})).await;
    assert_eq!(got.status, 202, "{:?}", got.body);
    assert_eq!(lab.server(&id).await["status"], "MIGRATING");
    let running = lab.get(&format!("/compute/v2.1/servers/{id}/migrations")).await.body;
    assert_eq!(running["migrations"][0]["dest_compute"], to);
    lab.pass(60);
    assert_eq!(host(&lab, &id).await, to);
    assert!(disk(&lab, to, &id).exists() && !disk(&lab, &from, &id).exists());
}

#[tokio::test]
async fn a_resize_waits_for_confirmation_and_can_be_reverted() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let from = host(&lab, &id).await;
    lab.act(&id, json!({"resize": {"flavorRef": "2"}})).await;
    assert_eq!(lab.server(&id).await["status"], "RESIZE");
    lab.pass(60);
    let server = lab.server(&id).await;
    assert_eq!((&server["status"], &server["flavor"]["vcpus"]), (&json!("VERIFY_RESIZE"), &json!(2)));
    let quota =
        lab.get(&format!("/compute/v2.1/limits?tenant_id={}", server["tenant_id"].as_str().unwrap())).await.body;
    assert_eq!(quota["limits"]["absolute"]["totalCoresUsed"], 2);
    assert_eq!(lab.act(&id, json!({"revertResize": null})).await.status, 202);
    lab.pass(60);
    let server = lab.server(&id).await;
    assert_eq!((&server["status"], &server["flavor"]["vcpus"]), (&json!("ACTIVE"), &json!(1)));
    assert_eq!(host(&lab, &id).await, from);
    lab.act(&id, json!({"migrate": null})).await;
    lab.pass(60);
    assert_ne!(host(&lab, &id).await, from);
    assert_eq!(lab.act(&id, json!({"confirmResize": null})).await.status, 204);
    lab.pass(60);
    assert_eq!(lab.server(&id).await["status"], "ACTIVE");
    let all = lab.get("/compute/v2.1/os-migrations").await.body;
    let kinds: Vec<&Value> = all["migrations"].as_array().unwrap().iter().map(|one| &one["status"]).collect();
    assert_eq!(kinds, ["confirmed", "reverted"]);
}

#[tokio::test]
async fn an_evacuation_wants_a_dead_host() {
    let mut lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let from = host(&lab, &id).await;
    assert_eq!(lab.act(&id, json!({"evacuate": {}})).await.status, 400, "the host is up");
    let services = lab.get("/compute/v2.1/os-services?binary=nova-compute").await.body;
    let service =
        services["services"].as_array().unwrap().iter().find(|one| one["host"] == from).unwrap()["id"].clone();
    let path = format!("/compute/v2.1/os-services/{}", service.as_str().unwrap());
    assert_eq!(lab.put(&path, json!({"forced_down": true})).await.body["service"]["state"], "down");
    lab.microversion("2.95");
    assert_eq!(lab.act(&id, json!({"evacuate": {}})).await.status, 200);
    lab.pass(60);
    let server = lab.server(&id).await;
    assert_ne!(server["OS-EXT-SRV-ATTR:host"], json!(from));
    assert_eq!(server["status"], "SHUTOFF", "since 2.95 the guest stays stopped");
    assert_eq!(lab.put(&path, json!({"forced_down": false})).await.status, 400, "nova-compute has not run again");
    assert!(lab.twin.set_host_dead(&from, false));
    assert_eq!(lab.put(&path, json!({"forced_down": false})).await.body["service"]["state"], "up");
}

#[tokio::test]
async fn a_disabled_host_gets_no_new_servers() {
    let lab = Lab::new(&estate()).await;
    let services = lab.get("/compute/v2.1/os-services?binary=nova-compute").await.body;
    for one in services["services"].as_array().unwrap().iter().filter(|one| one["host"] != "h3") {
        let path = format!("/compute/v2.1/os-services/{}", one["id"].as_str().unwrap());
        lab.put(&path, json!({"status": "disabled", "disabled_reason": "leaving"})).await;
    }
    for number in 0..3 {
        let id = lab.boot(&format!("s{number}")).await;
        lab.pass(60);
        assert_eq!(host(&lab, &id).await, "h3");
    }
}

#[tokio::test]
async fn an_aborted_live_migration_ends_where_it_began() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let from = host(&lab, &id).await;
    lab.act(&id, json!({"os-migrateLive": {"host": null, "block_migration": "auto"}})).await;
    let path = format!("/compute/v2.1/servers/{id}/migrations");
    let number = lab.get(&path).await.body["migrations"][0]["id"].clone();
    assert_eq!(lab.delete(&format!("{path}/{number}")).await.status, 202);
    lab.pass(60);
    let server = lab.server(&id).await;
    assert_eq!((&server["status"], &server["OS-EXT-SRV-ATTR:host"]), (&json!("ACTIVE"), &json!(from)));
    let all = lab.get("/compute/v2.1/os-migrations").await.body;
    assert_eq!(all["migrations"][0]["status"], "cancelled");
}

#[tokio::test]
async fn a_dead_host_that_runs_again_lacks_what_was_evacuated() {
    let lab = Lab::new(&estate()).await;
    let id = lab.boot("one").await;
    lab.pass(60);
    let from = host(&lab, &id).await;
    assert!(lab.twin.set_host_dead(&from, true) && !lab.twin.set_host_dead("nowhere", true));
    assert_eq!(lab.act(&id, json!({"os-stop": null})).await.status, 409, "nobody there to stop it");
    lab.act(&id, json!({"evacuate": {}})).await;
    lab.pass(60);
    let to = host(&lab, &id).await;
    assert!(disk(&lab, &from, &id).exists(), "a dead host cleans nothing up");
    lab.twin.set_host_dead(&from, false);
    assert!(!disk(&lab, &from, &id).exists() && disk(&lab, &to, &id).exists());
}
