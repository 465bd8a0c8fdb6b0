//! Glance's rules: what becomes of an image's bytes, who sees it, what may be changed.

use md5::{Digest, Md5};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Lab, estate};

impl Lab {
    async fn queue(&self, body: Value) -> String {
        let got = self.post("/image/v2/images", body).await;
        assert_eq!(got.status, 201, "{:?}", got.body);
        got.body["id"].as_str().unwrap().to_owned()
    }

    async fn upload(&self, id: &str, bytes: Vec<u8>) -> u16 {
        let url = format!("{}/image/v2/images/{id}/file", self.twin.origin());
        let request = self.client.put(url).header("x-auth-token", &self.token).body(bytes);
        request.header("content-type", "application/octet-stream").send().await.unwrap().status().as_u16()
    }

    async fn patch(&self, id: &str, changes: Value) -> (u16, Value) {
        let url = format!("{}/image/v2/images/{id}", self.twin.origin());
        let request = self.client.patch(url).header("x-auth-token", &self.token).body(changes.to_string());
        let kind = "application/openstack-images-v2.1-json-patch";
        let response = request.header("content-type", kind).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap_or_default())
    }

    async fn image_of(&self, id: &str) -> Value {
        self.get(&format!("/image/v2/images/{id}")).await.body
    }
}

fn raw(name: &str) -> Value {
    json!({"name": name, "disk_format": "raw", "container_format": "bare", "os_distro": "debian"})
}

#[tokio::test]
async fn bytes_arrive_once_and_come_back_the_same() {
    let lab = Lab::new(&estate()).await;
    let id = lab.queue(raw("disk")).await;
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    assert_eq!(lab.upload(&id, bytes.clone()).await, 204);
    assert_eq!(lab.upload(&id, bytes.clone()).await, 409, "it is active");
    let image = lab.image_of(&id).await;
    assert_eq!(
        (&image["status"], &image["size"], &image["os_distro"]),
        (&json!("active"), &json!(400_000), &json!("debian"))
    );
    assert_eq!(image["checksum"], hex::encode(Md5::digest(&bytes)));
    let url = format!("{}/image/v2/images/{id}/file", lab.twin.origin());
    let get = || lab.client.get(&url).header("x-auth-token", &lab.token);
    let whole = get().send().await.unwrap();
    assert_eq!(whole.headers()["content-md5"], image["checksum"].as_str().unwrap());
    assert!(whole.bytes().await.unwrap() == bytes);
    let part = get().header("range", "bytes=1000-1999").send().await.unwrap();
    assert_eq!(
        (part.status().as_u16(), &part.headers()["content-range"]),
        (206, &"bytes 1000-1999/400000".parse().unwrap())
    );
    assert!(part.bytes().await.unwrap() == bytes[1000..2000]);
    assert_eq!(get().header("range", "bytes=400000-").send().await.unwrap().status().as_u16(), 416);
}

#[tokio::test]
async fn a_short_upload_leaves_the_image_queued() {
    use tokio::io::AsyncWriteExt;
    let lab = Lab::new(&estate()).await;
    let id = lab.queue(raw("disk")).await;
    let mut wire = tokio::net::TcpStream::connect(lab.twin.address()).await.unwrap();
    let head = format!(
        "PUT /image/v2/images/{id}/file HTTP/1.1\r\nHost: twin\r\nX-Auth-Token: {}\r\nContent-Type: \
         application/octet-stream\r\nContent-Length: 1000\r\n\r\nonly this",
        lab.token
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.flush().await.unwrap();
    drop(wire);
    for _ in 0..200 {
        if lab.image_of(&id).await["status"] == "queued" {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(lab.upload(&id, b"all of it".to_vec()).await, 204, "it can be tried again");
    assert_eq!(lab.image_of(&id).await["size"], 9);
}

#[tokio::test]
async fn an_id_is_never_used_twice() {
    let lab = Lab::new(&estate()).await;
    let mut body = raw("mine");
    body["id"] = json!("11111111-2222-3333-4444-555555555555");
    let id = lab.queue(body.clone()).await;
    assert_eq!(lab.post("/image/v2/images", body.clone()).await.status, 409);
    assert_eq!(lab.delete(&format!("/image/v2/images/{id}")).await.status, 204);
    assert_eq!(lab.post("/image/v2/images", body).await.status, 409, "not even after deletion");
}

#[tokio::test]
async fn patches_change_what_may_change() {
    let lab = Lab::new(&estate()).await;
    let id = lab.queue(raw("disk")).await;
    lab.upload(&id, b"x".to_vec()).await;
    let change = |op: &str, path: &str, value: Value| json!([{"op": op, "path": path, "value": value}]);
    let (status, image) = lab.patch(&id, change("add", "/hw~1disk", json!("virtio"))).await;
    assert_eq!((status, &image["hw/disk"]), (200, &json!("virtio")));
    for (changes, expected) in [
        (change("replace", "/nowhere", json!("x")), 409),
        (change("remove", "/name", Value::Null), 403),
        (change("add", "/number", json!(5)), 400),
        (change("replace", "/checksum", json!("x")), 403),
        (change("replace", "/disk_format", json!("qcow2")), 403),
        (change("replace", "/visibility", json!("open")), 400),
    ] {
        assert_eq!(lab.patch(&id, changes.clone()).await.0, expected, "{changes}");
    }
    assert_eq!(lab.patch(&id, change("replace", "/protected", json!(true))).await.0, 200);
    assert_eq!(lab.delete(&format!("/image/v2/images/{id}")).await.status, 403, "it is protected");
    let plain = lab.ask(&lab.token, Method::PATCH, &format!("/image/v2/images/{id}"), Some(json!([]))).await;
    assert_eq!(plain.status, 415);
}

#[tokio::test]
async fn members_see_an_image_in_lists_when_they_accept_it() {
    let mut lab = Lab::new(&estate()).await;
    let shop = lab.twin.cloud().identity.find_project("shop").unwrap();
    let id = lab.queue(raw("ours")).await;
    let hidden = lab.queue(json!({"name": "mine", "visibility": "private"})).await;
    let members = format!("/image/v2/images/{id}/members");
    assert_eq!(lab.post(&members, json!({"member": shop})).await.body["status"], "pending");
    assert_eq!(lab.post(&members, json!({"member": shop})).await.status, 409);
    assert_eq!(lab.post(&format!("/image/v2/images/{hidden}/members"), json!({"member": shop})).await.status, 403);
    lab.become_user("alice", "pw", "shop").await;
    let list = "/image/v2/images?name=ours";
    assert_eq!(lab.get(list).await.body["images"], json!([]));
    assert_eq!(lab.get(&format!("{list}&member_status=pending")).await.body["images"][0]["id"], id);
    assert_eq!(lab.get(&format!("/image/v2/images/{id}")).await.status, 200, "by id it is there already");
    assert_eq!(lab.get(&format!("/image/v2/images/{hidden}")).await.status, 404);
    assert_eq!(lab.delete(&format!("/image/v2/images/{id}")).await.status, 403);
    assert_eq!(lab.put(&format!("{members}/{shop}"), json!({"status": "accepted"})).await.status, 200);
    assert_eq!(lab.get(list).await.body["images"][0]["id"], id);
    let public = json!([{"op": "replace", "path": "/visibility", "value": "public"}]);
    let own = lab.queue(raw("alice's")).await;
    assert_eq!(lab.patch(&own, public).await.0, 403, "only administrators publish");
}

#[tokio::test]
async fn pages_lead_to_every_image_once() {
    let lab = Lab::new(&estate()).await;
    for number in 0..7 {
        lab.queue(raw(&format!("i{number}"))).await;
    }
    let mut url = "/image/v2/images?limit=3&sort_key=name&sort_dir=asc&os_distro=debian".to_owned();
    let mut names = Vec::new();
    loop {
        let body = lab.get(&url).await.body;
        names.extend(body["images"].as_array().unwrap().iter().map(|image| image["name"].clone()));
        let Some(next) = body["next"].as_str() else { break };
        url = format!("/image{next}");
    }
    assert_eq!(names, ["i0", "i1", "i2", "i3", "i4", "i5", "i6"]);
    for wrong in ["limit=x", "limit=-1", "marker=none", "visibility=some", "sort_key=colour", "member_status=maybe"] {
        assert_eq!(lab.get(&format!("/image/v2/images?{wrong}")).await.status, 400, "{wrong}");
    }
}
