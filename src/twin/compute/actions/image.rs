//! `createImage`: a snapshot of the root disk, or of the volumes of a server that boots from one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::checked;
use crate::twin::cloud::Cloud;
use crate::twin::compute::disk;
use crate::twin::compute::model::Server;
use crate::twin::compute::state::settle;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};
use crate::twin::image::{self, NewImage};
use crate::twin::volume;

pub fn create(call: &mut Call, argument: &Value) -> Answer {
    let mut fields = Fields::of(argument, "createImage")?;
    let name = fields.text("name")?;
    let metadata = fields.words("metadata")?.unwrap_or_default();
    fields.done()?;
    let states = ["active", "stopped", "paused", "suspended"];
    let server = checked(call, "servers:create_image", "createImage", &states)?.clone();
    let id = if server.image.is_none() {
        from_volumes(call.cloud, &server, &name, metadata)?
    } else {
        let id = snapshot(call.cloud, &server, &name, metadata);
        set_task(call.cloud, &server.id, "image_snapshot");
        upload(call.cloud, server.id, id.clone());
        id
    };
    if call.since(2, 45) {
        return Ok(Reply::accepted(json!({ "image_id": id })));
    }
    let location = format!("{}/image/v2/images/{id}", call.origin);
    Ok(Reply::empty(202).with("location", location))
}

fn set_task(cloud: &mut Cloud, id: &str, task: &str) {
    if let Some(server) = cloud.compute.servers.get_mut(id) {
        server.task_state = Some(task.to_owned());
    }
}

/// Makes the image record of a snapshot, still without bytes.
pub fn snapshot(cloud: &mut Cloud, server: &Server, name: &str, metadata: BTreeMap<String, String>) -> String {
    let properties = properties(server, metadata);
    image::create(
        cloud,
        NewImage {
            name: name.to_owned(),
            project: server.project.clone(),
            disk_format: if server.disk_format.is_empty() { "raw" } else { &server.disk_format }.to_owned(),
            container_format: "bare".to_owned(),
            visibility: "private".to_owned(),
            min_disk: server.flavor.disk,
            min_ram: 0,
            properties,
        },
    )
}

fn properties(server: &Server, metadata: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut all = server.image_properties.clone();
    all.insert("image_type".to_owned(), "snapshot".to_owned());
    all.insert("instance_uuid".to_owned(), server.id.clone());
    all.insert("user_id".to_owned(), server.user.clone());
    all.insert("owner_id".to_owned(), server.project.clone());
    all.insert("image_location".to_owned(), "snapshot".to_owned());
    all.insert("image_state".to_owned(), "available".to_owned());
    all.insert("base_image_ref".to_owned(), server.image.clone().unwrap_or_default());
    all.extend(metadata);
    all
}

/// Lets the bytes flow: snapshot, then saving, then active.
fn upload(cloud: &mut Cloud, server: String, id: String) {
    cloud.later(1.0, move |cloud| {
        if !settle(cloud, &server, "image_snapshot", |one| one.task_state = Some("image_uploading".to_owned())) {
            return image::set_status(cloud, &id, "killed");
        }
        image::set_status(cloud, &id, "saving");
        cloud.later(3.0, move |cloud| {
            let found =
                cloud.compute.servers.get(&server).filter(|one| one.task_state.as_deref() == Some("image_uploading"));
            let Some(path) = found.and_then(|server| disk::ensure(cloud, server).ok()) else {
                return image::set_status(cloud, &id, "killed");
            };
            if image::fill(cloud, &id, Some(&path)).is_err() {
                image::set_status(cloud, &id, "killed");
            }
            settle(cloud, &server, "image_uploading", |one| one.task_state = None);
        });
    });
}

/// Makes an image without bytes that names a snapshot of each volume.
fn from_volumes(
    cloud: &mut Cloud,
    server: &Server,
    name: &str,
    metadata: BTreeMap<String, String>,
) -> Result<String, Refusal> {
    let mut mapping = Vec::new();
    for one in &server.volumes {
        let snapshot = volume::snapshot_for_image(cloud, &one.volume, &format!("snapshot for {name}"))?;
        let size = volume::view(cloud, "", true, &one.volume).map_or(0, |view| view.size);
        mapping.push(json!({"source_type": "snapshot", "destination_type": "volume", "snapshot_id": snapshot,
            "device_name": one.device, "boot_index": if one.root { json!(0) } else { Value::Null }, "volume_size": size,
            "delete_on_termination": one.delete_on_termination, "tag": one.tag, "device_type": "disk",
            "disk_bus": "virtio", "image_id": null, "volume_id": null, "no_device": null, "guest_format": null}));
    }
    let mut properties = properties(server, metadata);
    properties.remove("image_location");
    properties.insert("block_device_mapping".to_owned(), Value::Array(mapping).to_string());
    properties.insert("bdm_v2".to_owned(), "True".to_owned());
    properties.insert("root_device_name".to_owned(), server.root_device.clone());
    let new = NewImage { name: name.to_owned(), project: server.project.clone(), properties, ..NewImage::default() };
    let id = image::create(cloud, new);
    image::fill(cloud, &id, None)?;
    Ok(id)
}
