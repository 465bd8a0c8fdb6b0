//! What a real service refuses is refused.

use reqwest::Method;
use serde_json::json;

use super::{Lab, estate};

#[tokio::test]
async fn unknown_paths_methods_fields_and_words_are_refused() {
    let lab = Lab::new(&estate()).await;
    assert_eq!(lab.get("/compute/v2.1/nonsense").await.status, 404);
    assert_eq!(lab.ask(&lab.token, Method::PATCH, "/compute/v2.1/servers", None).await.status, 405);
    let mut body = lab.server_body("one");
    body["server"]["colour"] = json!("red");
    let refused = lab.post("/compute/v2.1/servers", body).await;
    assert!(refused.body["badRequest"]["message"].as_str().unwrap().contains("'colour' was unexpected"));
    assert_eq!(lab.get("/compute/v2.1/servers?colour=red").await.status, 400);
    assert_eq!(lab.act("nobody", json!({"os-stop": null})).await.status, 404);
    let unknown = lab.act(&lab.boot("one").await, json!({"dance": null})).await;
    assert_eq!(unknown.status, 400);
    assert!(unknown.headers["x-openstack-request-id"].to_str().unwrap().starts_with("req-"));
}

#[tokio::test]
async fn microversions_decide_what_is_known_and_shown() {
    let mut lab = Lab::new(&estate()).await;
    lab.microversion("2.1");
    let mut body = lab.server_body("one");
    body["server"]["networks"] = json!([]);
    body["server"]["description"] = json!("text");
    assert_eq!(lab.post("/compute/v2.1/servers", body.clone()).await.status, 400, "description came with 2.19");
    lab.microversion("2.19");
    let got = lab.post("/compute/v2.1/servers", body).await;
    assert_eq!(got.headers["x-openstack-nova-api-version"], "2.19");
    let id = got.body["server"]["id"].as_str().unwrap().to_owned();
    let server = lab.server(&id).await;
    assert_eq!((&server["description"], &server["tags"]), (&json!("text"), &json!(null)));
    assert!(server["flavor"]["id"].is_string(), "the flavor is embedded from 2.47 on");
    lab.microversion("2.999");
    let refused = lab.get("/compute/v2.1/servers").await;
    assert_eq!(refused.status, 406);
    assert!(refused.body["computeFault"]["message"].as_str().unwrap().contains("maximum is 2.104"));
}

#[tokio::test]
async fn releases_differ() {
    let lab = Lab::zed(&estate()).await;
    let root = lab.get("/compute/v2.1").await.body;
    assert_eq!(root["version"]["version"], "2.93");
    let services = lab.get("/identity/v3/services").await.body;
    assert!(services["services"].as_array().unwrap().iter().any(|one| one["type"] == "volumev3"));
}

#[tokio::test]
async fn tenants_do_not_see_each_other_and_readers_change_nothing() {
    let mut lab = Lab::new(&estate()).await;
    let id = lab.boot("admins").await;
    lab.pass(60);
    lab.become_user("alice", "pw", "shop").await;
    assert_eq!(lab.get(&format!("/compute/v2.1/servers/{id}")).await.status, 404);
    assert_eq!(lab.get("/compute/v2.1/servers?all_tenants=1").await.status, 403);
    assert_eq!(lab.get("/compute/v2.1/os-hypervisors").await.status, 403);
    let own = lab.boot("own").await;
    assert!(lab.server(&own).await.get("OS-EXT-SRV-ATTR:host").is_none(), "hosts are for administrators");
    lab.become_user("bob", "pw", "shop").await;
    assert_eq!(lab.get(&format!("/compute/v2.1/servers/{own}")).await.status, 200);
    assert_eq!(lab.act(&own, json!({"os-stop": null})).await.status, 403);
    assert_eq!(lab.post("/compute/v2.1/servers", lab.server_body("x")).await.status, 403);
}
