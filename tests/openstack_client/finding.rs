//! Finding by id or name, and the four verbs on objects.

use moonferry::openstack::compute::Server;
use moonferry::openstack::identity::Domain;
use moonferry::openstack::image::Image;
use moonferry::openstack::network::Network;
use moonferry::openstack::{Error, ErrorKind};
use serde_json::{Map, Value, json};

use super::fake::{Fake, Seen, fail, nothing, ok};

const ID: &str = "0d3b1bd0-2d7f-4b0e-8f7c-0a1b2c3d4e5f";

fn table(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// Serves networks: one `app`, two `net0`, and one by its id.
fn networks(call: &Seen) -> axum::response::Response {
    let all = [("a1", "app"), ("b1", "net0"), ("b2", "net0"), (ID, "other")];
    let shown = |(id, name): (&str, &str)| json!({"id": id, "name": name});
    if let Some(id) = call.path.strip_prefix("/network/v2.0/networks/") {
        let found = all.into_iter().find(|(known, _)| *known == id);
        let missing =
            json!({"NeutronError": {"type": "NetworkNotFound", "message": "Network not found", "detail": ""}});
        return found.map_or_else(|| fail(404, missing), |network| ok(json!({"network": shown(network)})));
    }
    let named = call.query.split('&').find_map(|pair| pair.strip_prefix("name="));
    let fits: Vec<Value> =
        all.into_iter().filter(|(_, name)| named.is_none_or(|named| named == *name)).map(shown).collect();
    ok(json!({"networks": fits}))
}

#[tokio::test]
async fn an_id_or_a_name_finds_one_object() {
    let fake = Fake::start(networks).await;
    let cloud = fake.cloud();
    assert_eq!(cloud.find::<Network>(ID, Vec::new()).await.unwrap().unwrap().name, "other");
    assert_eq!(cloud.find::<Network>("app", Vec::new()).await.unwrap().unwrap().id, "a1");
    assert_eq!(cloud.find::<Network>("none", Vec::new()).await.unwrap(), None);
}

#[tokio::test]
async fn several_of_one_name_are_told_by_id() {
    let fake = Fake::start(networks).await;
    let error = fake.cloud().find::<Network>("net0", Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Ambiguous);
    assert!(error.to_string().contains("b1, b2"), "{error}");
}

#[tokio::test]
async fn a_slip_in_the_name_is_pointed_out() {
    let fake = Fake::start(networks).await;
    let error = fake.cloud().show::<Network>("othre").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("network othre") && error.to_string().contains("'other'"), "{error}");
}

#[tokio::test]
async fn nova_is_not_given_a_pattern_and_near_names_do_not_count() {
    let fake =
        Fake::start(|_| ok(json!({"servers": [{"id": "1", "name": "web-10"}, {"id": "2", "name": "web+1"}]}))).await;
    let found = fake.cloud().find::<Server>("web+1", Vec::new()).await.unwrap().unwrap();
    assert_eq!(found.id, "2");
    assert!(fake.seen().iter().any(|call| call.query.contains("name=web.1")));
}

#[tokio::test]
async fn an_id_that_looks_like_a_name_is_found_at_last() {
    let fake = Fake::start(|call| match call.path.as_str() {
        "/v3/domains/default" => ok(json!({"domain": {"id": "default", "name": "Default"}})),
        "/v3/domains" => ok(json!({"domains": [], "links": {"next": null}})),
        _ => fail(404, json!({"error": {"message": "no", "code": 404}})),
    })
    .await;
    let cloud = fake.cloud();
    assert_eq!(cloud.find::<Domain>("default", Vec::new()).await.unwrap().unwrap().name, "Default");
    assert!(fake.seen().iter().all(|call| !call.query.contains("limit")));
}

#[tokio::test]
async fn objects_are_created_changed_and_deleted_in_their_wrappers() {
    let fake = Fake::start(|call| match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/network/v2.0/networks") => {
            ok(json!({"network": {"id": "n1", "name": call.json()["network"]["name"]}}))
        }
        ("PUT", "/network/v2.0/networks/n1") => {
            ok(json!({"network": {"id": "n1", "name": call.json()["network"]["name"]}}))
        }
        ("PATCH", "/image/v2/images/i1") => ok(json!({"id": "i1", "name": call.json()[0]["value"]})),
        ("DELETE", "/network/v2.0/networks/n1") => nothing(),
        _ => fail(404, json!({"NeutronError": {"message": "gone", "type": "N", "detail": ""}})),
    })
    .await;
    let cloud = fake.cloud();
    assert_eq!(cloud.create::<Network>(table(json!({"name": "app"}))).await.unwrap().name, "app");
    assert_eq!(cloud.update::<Network>("n1", table(json!({"name": "new"}))).await.unwrap().name, "new");
    assert_eq!(cloud.update::<Image>("i1", table(json!({"name": "x"}))).await.unwrap().name, "x");
    let patch = fake.seen().into_iter().find(|call| call.method == "PATCH").unwrap();
    assert_eq!(patch.header("content-type"), "application/openstack-images-v2.1-json-patch");
    cloud.delete::<Network>("n1").await.unwrap();
    cloud.delete::<Network>("gone-already").await.unwrap();
    assert!(matches!(cloud.get::<Network>("gone").await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_name_cannot_leave_its_place_in_the_path() {
    let fake = Fake::start(|_| fail(404, json!({}))).await;
    let _ = fake.cloud().get::<Network>("../v2.0/ports?x=1").await;
    let path = fake.seen().last().unwrap().path.clone();
    assert_eq!(path, "/network/v2.0/networks/..%2Fv2.0%2Fports%3Fx%3D1");
}
