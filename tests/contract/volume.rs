//! Cinder: volumes, snapshots, and the way to an image and back.

use moonferry::openstack::Service;
use serde_json::json;

use super::probe::{Probe, text};

const VOL: Service = Service::Volume;

pub async fn check(p: &Probe) {
    let body = json!({ "volume": { "name": p.name("volume"), "size": 1, "metadata": { "tier": "gold" } } });
    let id = text(&p.post(VOL, "/volumes", body).await.is(202), "/volume/id");
    let path = format!("/volumes/{id}");
    let volume = p.until(VOL, &path, "/volume/status", "available").await;
    assert_eq!(
        (&volume["volume"]["bootable"], &volume["volume"]["metadata"]["tier"]),
        (&json!("false"), &json!("gold"))
    );
    p.post(VOL, "/volumes", json!({ "volume": { "size": 0 } })).await.is(400);
    p.post(VOL, "/volumes", json!({ "volume": { "name": "no size" } })).await.is(400);

    let snapshot = json!({ "snapshot": { "volume_id": id, "name": p.name("snapshot") } });
    let snapshot = text(&p.post(VOL, "/snapshots", snapshot).await.is(202), "/snapshot/id");
    p.until(VOL, &format!("/snapshots/{snapshot}"), "/snapshot/status", "available").await;
    p.delete(VOL, &path).await.is(400);
    let clone = json!({ "volume": { "name": p.name("clone"), "size": 1, "snapshot_id": snapshot } });
    let clone = text(&p.post(VOL, "/volumes", clone).await.is(202), "/volume/id");
    p.until(VOL, &format!("/volumes/{clone}"), "/volume/status", "available").await;

    to_image_and_back(p, &clone).await;

    p.delete(VOL, &format!("/volumes/{clone}")).await.is(202);
    p.until_gone(VOL, &format!("/volumes/{clone}")).await;
    p.delete(VOL, &format!("/snapshots/{snapshot}")).await.is(202);
    p.until_gone(VOL, &format!("/snapshots/{snapshot}")).await;
    p.delete(VOL, &path).await.is(202);
    p.until_gone(VOL, &path).await;
}

async fn to_image_and_back(p: &Probe, volume: &str) {
    let action = json!({ "os-volume_upload_image": {
        "image_name": p.name("uploaded"), "disk_format": "raw", "container_format": "bare", "force": false,
    } });
    let answer = p.post(VOL, &format!("/volumes/{volume}/action"), action).await.is(202);
    let image = text(&answer, "/os-volume_upload_image/image_id");
    let active = p.until(Service::Image, &format!("/images/{image}"), "/status", "active").await;
    assert_eq!(active["size"].as_u64(), Some(1 << 30), "an image holds the whole volume");
    p.until(VOL, &format!("/volumes/{volume}"), "/volume/status", "available").await;
    let body = json!({ "volume": { "name": p.name("back"), "size": 1, "imageRef": image } });
    let back = text(&p.post(VOL, "/volumes", body).await.is(202), "/volume/id");
    let made = p.until(VOL, &format!("/volumes/{back}"), "/volume/status", "available").await;
    assert_eq!(
        (&made["volume"]["bootable"], text(&made, "/volume/volume_image_metadata/image_id")),
        (&json!("true"), image.clone())
    );
    p.delete(VOL, &format!("/volumes/{back}")).await.is(202);
    p.until_gone(VOL, &format!("/volumes/{back}")).await;
    p.delete(Service::Image, &format!("/images/{image}")).await.is(204);
}
