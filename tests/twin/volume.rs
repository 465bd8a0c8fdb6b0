//! Cinder's rules: states, sizes, sources, quotas, and what becomes of the bytes.

use serde_json::{Value, json};

use super::{Got, Lab, estate};
use moonferry::twin::{Options, Release};

const V3: &str = "/volume/v3";

impl Lab {
    /// A lab whose GiB are small.
    async fn small() -> Self {
        Self::with(&estate(), Options { speed: 0.0, gib: 1 << 20, ..Options::default() }).await
    }

    async fn try_volume(&self, body: Value) -> Got {
        self.post(&format!("{V3}/volumes"), json!({"volume": body})).await
    }

    async fn new_volume(&self, body: Value) -> String {
        let got = self.try_volume(body).await;
        assert_eq!((got.status, &got.body["volume"]["status"]), (202, &json!("creating")), "{:?}", got.body);
        self.pass(10);
        got.body["volume"]["id"].as_str().unwrap().to_owned()
    }

    async fn the_volume(&self, id: &str) -> Value {
        self.get(&format!("{V3}/volumes/{id}")).await.body["volume"].clone()
    }

    async fn do_to(&self, id: &str, action: Value) -> Got {
        self.post(&format!("{V3}/volumes/{id}/action"), action).await
    }

    async fn new_snapshot(&self, volume: &str, more: Value) -> Got {
        let mut body = json!({"volume_id": volume});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.post(&format!("{V3}/snapshots"), json!({"snapshot": body})).await
    }

    fn bytes(&self, volume: &str) -> Vec<u8> {
        let cloud = self.twin.cloud();
        std::fs::read(moonferry::twin::volume::file(&cloud, volume).unwrap()).unwrap()
    }
}

fn message(got: &Got) -> String {
    got.body["badRequest"]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_bytes_go_the_whole_round() {
    let lab = Lab::small().await;
    let id = lab.get(&format!("{V3}/volumes?name=data")).await.body["volumes"][0]["id"].as_str().unwrap().to_owned();
    let bytes = lab.bytes(&id);
    assert!(bytes.len() == 1 << 20 && bytes.iter().any(|byte| *byte != 0));
    let snapshot = lab.new_snapshot(&id, json!({})).await.body["snapshot"]["id"].clone();
    lab.pass(10);
    let grown = lab.new_volume(json!({"snapshot_id": snapshot, "size": 2})).await;
    assert!(lab.bytes(&grown)[..1 << 20] == bytes && lab.bytes(&grown).len() == 2 << 20);
    let upload = json!({"os-volume_upload_image": {"image_name": "up", "disk_format": "qcow2"}});
    let got = lab.do_to(&grown, upload).await;
    assert_eq!((got.status, lab.the_volume(&grown).await["status"].clone()), (202, json!("uploading")));
    lab.pass(10);
    let image = got.body["os-volume_upload_image"]["image_id"].as_str().unwrap().to_owned();
    let shown = lab.get(&format!("/image/v2/images/{image}")).await.body;
    assert_eq!((&shown["status"], &shown["virtual_size"]), (&json!("active"), &json!(2 << 20)));
    assert!(shown["size"].as_u64().unwrap() < 2 << 20, "holes are left out");
    let back = lab.new_volume(json!({"imageRef": image, "size": 2})).await;
    let volume = lab.the_volume(&back).await;
    assert_eq!((&volume["bootable"], &volume["volume_image_metadata"]["image_name"]), (&json!("true"), &json!("up")));
    assert!(lab.bytes(&back) == lab.bytes(&grown));
    let clone = lab.new_volume(json!({"source_volid": back})).await;
    assert!(lab.bytes(&clone) == lab.bytes(&back));
}

#[tokio::test]
async fn sizes_must_hold_their_source() {
    let lab = Lab::small().await;
    let large = lab.new_volume(json!({"size": 3})).await;
    let got = lab.try_volume(json!({"source_volid": large, "size": 2})).await;
    assert!(message(&got).contains("cannot be smaller than original volume size"), "{:?}", got.body);
    let upload = json!({"os-volume_upload_image": {"image_name": "up"}});
    let image = lab.do_to(&large, upload).await.body["os-volume_upload_image"]["image_id"].clone();
    assert_eq!(lab.try_volume(json!({"imageRef": image, "size": 3})).await.status, 400, "not active yet");
    lab.pass(10);
    let got = lab.try_volume(json!({"imageRef": image, "size": 2})).await;
    assert!(message(&got).contains("Size of specified image 3GB is larger"), "{:?}", got.body);
    for (body, status) in [
        (json!({"size": 0}), 400),
        (json!({}), 400),
        (json!({"size": 1, "volume_type": "gold"}), 404),
        (json!({"size": 1, "availability_zone": "moon"}), 400),
        (json!({"size": 1, "source_volid": "none"}), 404),
    ] {
        assert_eq!(lab.try_volume(body.clone()).await.status, status, "{body}");
    }
}

#[tokio::test]
async fn claims_hold_a_volume() {
    let lab = Lab::small().await;
    let id = lab.new_volume(json!({"size": 1})).await;
    let claim = json!({"attachment": {"volume_uuid": id, "instance_uuid": "s1"}});
    assert_eq!(lab.post(&format!("{V3}/attachments"), claim.clone()).await.status, 404, "too old a microversion");
    {
        let mut cloud = lab.twin.cloud();
        moonferry::twin::volume::reserve(&mut cloud, &id, "s1").unwrap();
        assert_eq!(moonferry::twin::volume::reserve(&mut cloud, &id, "s2").unwrap_err().status, 400);
        moonferry::twin::volume::attach(&mut cloud, &id, "s1", "/dev/vdb", "h1");
    }
    let volume = lab.the_volume(&id).await;
    assert_eq!((&volume["status"], &volume["attachments"][0]["device"]), (&json!("in-use"), &json!("/dev/vdb")));
    assert_eq!(lab.delete(&format!("{V3}/volumes/{id}")).await.status, 400);
    assert_eq!(lab.new_snapshot(&id, json!({})).await.status, 400, "in use and not forced");
    assert_eq!(lab.new_snapshot(&id, json!({"force": true})).await.status, 202);
    for force in [false, true] {
        let upload = json!({"os-volume_upload_image": {"image_name": "up", "force": force}});
        assert!(message(&lab.do_to(&id, upload).await).ends_with("status must be available"), "stock refuses");
    }
    assert_eq!(lab.do_to(&id, json!({"os-extend": {"new_size": 2}})).await.status, 400);
    moonferry::twin::volume::detach(&mut lab.twin.cloud(), &id, "s1");
    assert_eq!(lab.the_volume(&id).await["status"], "available");
    assert_eq!(lab.delete(&format!("{V3}/volumes/{id}")).await.status, 400, "it has a snapshot");
    lab.pass(10);
    let snapshot = lab.get(&format!("{V3}/snapshots")).await.body["snapshots"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(lab.delete(&format!("{V3}/snapshots/{snapshot}")).await.status, 202);
    lab.pass(10);
    assert_eq!(lab.delete(&format!("{V3}/volumes/{id}")).await.status, 202);
    assert_eq!(lab.the_volume(&id).await["status"], "deleting");
    lab.pass(10);
    assert_eq!(lab.get(&format!("{V3}/volumes/{id}")).await.status, 404);
}

#[tokio::test]
async fn a_full_quota_is_a_413() {
    let mut lab = Lab::small().await;
    let project = lab.twin.cloud().identity.find_project("shop").unwrap();
    let path = format!("{V3}/os-quota-sets/{project}");
    assert_eq!(lab.put(&path, json!({"quota_set": {"colour": 1}})).await.status, 400);
    let set = lab.put(&path, json!({"quota_set": {"volumes": 2, "gigabytes": 5}})).await;
    assert_eq!((set.status, &set.body["quota_set"]["volumes"]), (200, &json!(2)));
    lab.become_user("alice", "pw", "shop").await;
    let id = lab.new_volume(json!({"size": 2})).await;
    let over = lab.try_volume(json!({"size": 4})).await;
    assert_eq!(over.status, 413);
    assert!(over.body["overLimit"]["message"].as_str().unwrap().starts_with("VolumeSizeExceedsAvailableQuota"));
    assert_eq!(lab.do_to(&id, json!({"os-extend": {"new_size": 6}})).await.status, 413);
    lab.new_volume(json!({"size": 1})).await;
    let over = lab.try_volume(json!({"size": 1})).await;
    assert!(over.body["overLimit"]["message"].as_str().unwrap().starts_with("VolumeLimitExceeded"), "{:?}", over.body);
    let usage = lab.get(&format!("{path}?usage=true")).await.body["quota_set"]["gigabytes"].clone();
    assert_eq!((&usage["limit"], &usage["in_use"]), (&json!(5), &json!(3)));
    assert_eq!(lab.put(&path, json!({"quota_set": {"volumes": 9}})).await.status, 403);
}

#[tokio::test]
async fn lists_are_ones_own_newest_first_and_paged() {
    let mut lab = Lab::small().await;
    lab.become_user("alice", "pw", "shop").await;
    for name in ["a", "b", "c"] {
        lab.new_volume(json!({"size": 1, "name": name, "metadata": {"tier": name}})).await;
    }
    let names = |got: &Got| -> Vec<String> {
        let volumes = got.body["volumes"].as_array().unwrap().iter();
        volumes.map(|volume| volume["name"].as_str().unwrap().to_owned()).collect()
    };
    let first = lab.get(&format!("{V3}/volumes?limit=2")).await;
    assert_eq!(names(&first), ["c", "b"]);
    let next = first.body["volumes_links"][0]["href"].as_str().unwrap().replacen(&lab.twin.origin(), "", 1);
    assert_eq!(names(&lab.get(&next).await), ["a"]);
    assert_eq!(names(&lab.get(&format!("{V3}/volumes/detail?sort=name:asc&all_tenants=1")).await), ["a", "b", "c"]);
    assert_eq!(names(&lab.get(&format!("{V3}/volumes?metadata=%7B'tier':'b'%7D")).await), ["b"]);
    assert_eq!(names(&lab.get(&format!("{V3}/volumes?status=error")).await), [""; 0]);
    assert_eq!(lab.get(&format!("{V3}/volumes?limit=x")).await.status, 400);
    assert_eq!(lab.get(&format!("{V3}/volumes?sort=colour:asc")).await.status, 400);
    assert_eq!(lab.get(&format!("{V3}/os-services")).await.status, 403);
    let own = lab.twin.cloud().identity.find_project("shop").unwrap();
    assert_eq!(names(&lab.get(&format!("{V3}/{own}/volumes?name=a")).await), ["a"]);
    let other = "0123456789abcdef0123456789abcdef";
    assert_eq!(lab.get(&format!("{V3}/{other}/volumes")).await.status, 400);
}

#[tokio::test]
async fn types_can_be_private_and_stay_while_used() {
    let options = Options { speed: 0.0, gib: 1 << 20, release: Release::Zed, ..Options::default() };
    let mut lab = Lab::with(&estate(), options).await;
    let body = json!({"volume_type": {"name": "gold", "os-volume-type-access:is_public": false}});
    let kind =
        lab.post(&format!("{V3}/types"), body.clone()).await.body["volume_type"]["id"].as_str().unwrap().to_owned();
    assert_eq!(lab.post(&format!("{V3}/types"), body).await.status, 409);
    let project = lab.twin.cloud().identity.find_project("shop").unwrap();
    let admin = lab.token.clone();
    lab.become_user("alice", "pw", "shop").await;
    assert_eq!(lab.try_volume(json!({"size": 1, "volume_type": "gold"})).await.status, 404);
    let grant = Some(json!({"addProjectAccess": {"project": project}}));
    let path = format!("{V3}/types/{kind}");
    let granted = lab.ask(&admin, reqwest::Method::POST, &format!("{path}/action"), grant).await;
    assert_eq!(granted.status, 202);
    let id = lab.new_volume(json!({"size": 1, "volume_type": "gold"})).await;
    assert_eq!(lab.the_volume(&id).await["volume_type"], "gold");
    assert_eq!(lab.ask(&admin, reqwest::Method::DELETE, &path, None).await.status, 400, "it is used");
    assert_eq!(lab.delete(&path).await.status, 403);
}
