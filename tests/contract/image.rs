//! Glance: an image's way from queued to active, its bytes, its properties.

use futures_util::TryStreamExt;
use moonferry::openstack::{Cloud, Method, Request, Service};
use serde_json::json;

use super::probe::{Probe, text};

const IMG: Service = Service::Image;

pub async fn check(p: &Probe) {
    let fields = json!({
        "name": p.name("image"), "disk_format": "raw", "container_format": "bare", "min_disk": 1, "os_distro": "debian",
        "hw_disk_bus": "virtio",
    });
    let made = p.post(IMG, "/images", fields).await.is(201);
    let id = text(&made, "/id");
    assert_eq!((text(&made, "/status"), text(&made, "/os_distro")), ("queued".into(), "debian".into()));
    let bytes: Vec<u8> = (0..300_000u32).flat_map(u32::to_le_bytes).collect();
    upload(&p.cloud, &id, &bytes).await.unwrap();
    let active = p.get(IMG, &format!("/images/{id}")).await.is(200);
    assert_eq!((text(&active, "/status"), active["size"].as_u64()), ("active".into(), Some(bytes.len() as u64)));
    assert_eq!(text(&active, "/os_hash_algo"), "sha512");
    assert_eq!(text(&active, "/os_hash_value"), hex::encode(<sha2::Sha512 as sha2::Digest>::digest(&bytes)));
    assert_eq!(upload(&p.cloud, &id, b"again").await.unwrap_err(), 409);

    let request = Request::get(IMG, format!("/images/{id}/file"));
    let (length, stream) = p.cloud.download(request).await.unwrap();
    let chunks: Vec<bytes::Bytes> = stream.try_collect().await.unwrap();
    assert_eq!((length, chunks.concat()), (Some(bytes.len() as u64), bytes));

    let patch =
        json!([{ "op": "add", "path": "/os_version", "value": "12" }, { "op": "remove", "path": "/os_distro" }]);
    let request = Request::new(IMG, Method::PATCH, format!("/images/{id}"))
        .body(patch)
        .header("Content-Type", "application/openstack-images-v2.1-json-patch");
    let patched = p.call(request).await.is(200);
    assert!(patched["os_version"] == "12" && patched.get("os_distro").is_none());
    p.post(IMG, &format!("/images/{id}/members"), json!({ "member": "0123456789abcdef0123456789abcdef" }))
        .await
        .is(200);
    let members = p.get(IMG, &format!("/images/{id}/members")).await.is(200);
    assert_eq!(text(&members, "/members/0/status"), "pending");
    p.delete(IMG, &format!("/images/{id}")).await.is(204);
    p.get(IMG, &format!("/images/{id}")).await.is(404);
}

async fn upload(cloud: &Cloud, id: &str, bytes: &[u8]) -> Result<(), u16> {
    let request = Request::put(IMG, format!("/images/{id}/file")).header("Content-Type", "application/octet-stream");
    let chunks: Vec<Result<bytes::Bytes, moonferry::openstack::Error>> =
        bytes.chunks(64 * 1024).map(|chunk| Ok(bytes::Bytes::copy_from_slice(chunk))).collect();
    let length = Some(bytes.len() as u64);
    match cloud.upload(request, futures_util::stream::iter(chunks), length).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.status().unwrap_or(0)),
    }
}
