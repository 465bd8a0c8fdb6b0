//! Volumes as Nova uses them.

use serde_json::json;

use super::{Lab, estate};

async fn volume(lab: &Lab) -> serde_json::Value {
    lab.get("/volume/v3/volumes/detail?name=data").await.body["volumes"][0].clone()
}

#[tokio::test]
async fn an_attached_volume_is_in_use_and_cannot_be_deleted() {
    let lab = Lab::new(&estate()).await;
    let server = lab.boot("one").await;
    lab.pass(60);
    let id = volume(&lab).await["id"].as_str().unwrap().to_owned();
    let path = format!("/compute/v2.1/servers/{server}/os-volume_attachments");
    let got = lab.post(&path, json!({"volumeAttachment": {"volumeId": id}})).await;
    assert_eq!((got.status, &got.body["volumeAttachment"]["device"]), (200, &json!("/dev/vdb")), "{:?}", got.body);
    lab.pass(60);
    let attached = volume(&lab).await;
    assert_eq!((&attached["status"], &attached["attachments"][0]["server_id"]), (&json!("in-use"), &json!(server)));
    assert_eq!(lab.delete(&format!("/volume/v3/volumes/{id}")).await.status, 400, "it is in use");
    assert_eq!(lab.post(&path, json!({"volumeAttachment": {"volumeId": id}})).await.status, 400, "twice");
    assert_eq!(lab.delete(&format!("{path}/{id}")).await.status, 202);
    assert_eq!(volume(&lab).await["status"], "detaching");
    lab.pass(60);
    assert_eq!(volume(&lab).await["status"], "available");
    assert_eq!(lab.get(&path).await.body["volumeAttachments"], json!([]));
    assert_eq!(lab.delete(&format!("/volume/v3/volumes/{id}")).await.status, 202);
}

#[tokio::test]
async fn a_server_boots_from_a_volume_made_of_an_image() {
    let lab = Lab::new(&estate()).await;
    let image = lab.server_body("x")["server"]["imageRef"].clone();
    let device = json!({"source_type": "image", "destination_type": "volume", "uuid": image, "volume_size": 1,
        "boot_index": 0, "delete_on_termination": true});
    let body =
        json!({"server": {"name": "db", "flavorRef": "1", "networks": "none", "block_device_mapping_v2": [device]}});
    let id = lab.post("/compute/v2.1/servers", body).await.body["server"]["id"].as_str().unwrap().to_owned();
    for _ in 0..10 {
        lab.pass(10);
    }
    let server = lab.server(&id).await;
    assert_eq!((&server["status"], &server["image"]), (&json!("ACTIVE"), &json!("")), "{server}");
    let root = server["os-extended-volumes:volumes_attached"][0]["id"].as_str().unwrap().to_owned();
    let got = lab.get(&format!("/volume/v3/volumes/{root}")).await.body["volume"].clone();
    assert_eq!((&got["status"], &got["bootable"]), (&json!("in-use"), &json!("true")));
    lab.delete(&format!("/compute/v2.1/servers/{id}")).await;
    lab.pass(60);
    lab.pass(60);
    assert_eq!(lab.get(&format!("/volume/v3/volumes/{root}")).await.status, 404, "it went with the server");
}
