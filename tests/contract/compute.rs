//! Nova: a server's life, what it is attached to, and which actions its state allows.

use moonferry::openstack::{Method, Service};
use serde_json::{Value, json};

use super::probe::{Probe, text};

const NOVA: Service = Service::Compute;

pub async fn check(p: &Probe) {
    let flavor = flavor(p).await;
    keypair(p).await;
    let body = json!({ "network": { "name": p.name("servers") } });
    let network = text(&p.post(Service::Network, "/networks", body).await.is(201), "/network/id");
    let subnet = json!({ "subnet": { "network_id": network, "ip_version": 4, "cidr": "10.78.0.0/24" } });
    p.post(Service::Network, "/subnets", subnet).await.is(201);
    let volume = json!({ "volume": { "name": p.name("data"), "size": 1 } });
    let volume = text(&p.post(Service::Volume, "/volumes", volume).await.is(202), "/volume/id");
    p.until(Service::Volume, &format!("/volumes/{volume}"), "/volume/status", "available").await;

    life(p, &flavor, &network, &volume).await;

    p.delete(Service::Volume, &format!("/volumes/{volume}")).await.is(202);
    p.until_gone(Service::Volume, &format!("/volumes/{volume}")).await;
    p.delete(Service::Network, &format!("/networks/{network}")).await.is(204);
    p.delete(NOVA, &format!("/flavors/{flavor}")).await.is(202);
}

async fn flavor(p: &Probe) -> String {
    let id = p.name("f");
    let body = json!({ "flavor": { "id": id, "name": id, "ram": 64, "vcpus": 1, "disk": 0, "os-flavor-access:is_public": false } });
    p.post(NOVA, "/flavors", body.clone()).await.is(200);
    p.post(NOVA, "/flavors", body).await.is(409);
    let specs = json!({ "extra_specs": { "quota:cpu_shares": "512" } });
    p.post(NOVA, &format!("/flavors/{id}/os-extra_specs"), specs).await.is(200);
    p.get(NOVA, "/flavors/no-such-flavor").await.is(404);
    id
}

async fn keypair(p: &Probe) {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkMJPLCDV8NH6KdmcNPHUE3Wz4TIZLr3kkkRoaPnUlp contract";
    let name = p.name("key");
    let body = json!({ "keypair": { "name": name, "public_key": key } });
    let made = p.post(NOVA, "/os-keypairs", body.clone()).await.is(200);
    assert_eq!(text(&made, "/keypair/public_key"), key);
    p.post(NOVA, "/os-keypairs", body).await.is(409);
    p.delete(NOVA, &format!("/os-keypairs/{name}")).await.is(202);
}

async fn action(p: &Probe, server: &str, action: Value) -> u16 {
    p.post(NOVA, &format!("/servers/{server}/action"), action).await.status
}

async fn life(p: &Probe, flavor: &str, network: &str, volume: &str) {
    let image = boot_image(p).await;
    let body = json!({ "server": {
        "name": p.name("server"), "flavorRef": flavor, "imageRef": image, "networks": [{ "uuid": network }],
        "metadata": { "role": "web" }, "config_drive": true,
    } });
    let id = text(&p.post(NOVA, "/servers", body).await.is(202), "/server/id");
    let path = format!("/servers/{id}");
    let active = p.until(NOVA, &path, "/server/status", "ACTIVE").await;
    assert_eq!(
        (&active["server"]["metadata"]["role"], &active["server"]["config_drive"]),
        (&json!("web"), &json!("True"))
    );
    let addresses = active["server"]["addresses"].as_object().unwrap();
    assert_eq!(addresses.len(), 1);
    assert!(addresses.values().all(|list| list[0]["OS-EXT-IPS:type"] == "fixed"));

    let attached = json!({ "volumeAttachment": { "volumeId": volume } });
    p.post(NOVA, &format!("{path}/os-volume_attachments"), attached).await.is(200);
    p.until(Service::Volume, &format!("/volumes/{volume}"), "/volume/status", "in-use").await;
    p.delete(Service::Volume, &format!("/volumes/{volume}")).await.is(400);
    let upload = json!({ "os-volume_upload_image": { "image_name": "x", "disk_format": "raw", "container_format": "bare", "force": true } });
    p.post(Service::Volume, &format!("/volumes/{volume}/action"), upload).await.is(400);

    assert_eq!(action(p, &id, json!({ "os-start": null })).await, 409);
    assert_eq!(action(p, &id, json!({ "os-stop": null })).await, 202);
    p.until(NOVA, &path, "/server/status", "SHUTOFF").await;
    assert_eq!(action(p, &id, json!({ "os-stop": null })).await, 409);
    assert_eq!(action(p, &id, json!({ "pause": null })).await, 409);
    assert_eq!(action(p, &id, json!({ "no-such-action": null })).await, 400);
    snapshot(p, &id).await;
    microversions(p, &path).await;

    p.delete(NOVA, &format!("{path}/os-volume_attachments/{volume}")).await.is(202);
    p.until(Service::Volume, &format!("/volumes/{volume}"), "/volume/status", "available").await;
    p.delete(NOVA, &path).await.is(204);
    p.until_gone(NOVA, &path).await;
    p.delete(Service::Image, &format!("/images/{image}")).await.is(204);
}

/// An image with real content, so that what a server is made of can be fetched.
async fn boot_image(p: &Probe) -> String {
    let fields = json!({ "name": p.name("boot"), "disk_format": "raw", "container_format": "bare" });
    let id = text(&p.post(Service::Image, "/images", fields).await.is(201), "/id");
    let request = moonferry::openstack::Request::put(Service::Image, format!("/images/{id}/file"))
        .header("Content-Type", "application/octet-stream");
    let bytes = bytes::Bytes::from(vec![7u8; 1 << 20]);
    let stream = futures_util::stream::iter([Ok::<_, moonferry::openstack::Error>(bytes)]);
    p.cloud.upload(request, stream, Some(1 << 20)).await.unwrap();
    id
}

async fn snapshot(p: &Probe, server: &str) {
    let create = json!({ "createImage": { "name": p.name("snap"), "metadata": { "why": "contract" } } });
    let answer = p.at("2.45", Method::POST, NOVA, &format!("/servers/{server}/action"), Some(create)).await.is(202);
    let image = text(&answer, "/image_id");
    let active = p.until(Service::Image, &format!("/images/{image}"), "/status", "active").await;
    assert_eq!((text(&active, "/why"), text(&active, "/image_type")), ("contract".into(), "snapshot".into()));
    p.delete(Service::Image, &format!("/images/{image}")).await.is(204);
}

async fn microversions(p: &Probe, path: &str) {
    let base = p.at("2.1", Method::GET, NOVA, path, None).await.is(200);
    assert!(base["server"].get("tags").is_none() && base["server"]["flavor"].get("id").is_some());
    let newer = p.at("2.73", Method::GET, NOVA, path, None).await.is(200);
    assert_eq!((&newer["server"]["tags"], &newer["server"]["locked"]), (&json!([]), &json!(false)));
    assert!(newer["server"]["flavor"].get("original_name").is_some());
    p.at("2.26", Method::PUT, NOVA, &format!("{path}/tags"), Some(json!({ "tags": ["a"] }))).await.is(200);
}
