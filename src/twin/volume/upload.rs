//! A volume's bytes made an image.

use std::collections::BTreeMap;

use serde_json::json;

use super::volumes::{find, find_mut, invalid};
use crate::twin::clock;
use crate::twin::cloud::Cloud;
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply};
use crate::twin::image::{self, NewImage};

/// What a volume knows of its image but a new image must not say.
const OWN: [&str; 9] = [
    "image_id",
    "image_name",
    "checksum",
    "container_format",
    "disk_format",
    "min_disk",
    "min_ram",
    "size",
    "signature_verified",
];

/// `os-volume_upload_image`.
pub fn begin(call: &mut Call, id: &str, fields: &mut Fields) -> Answer {
    let name = fields.text("image_name")?;
    let container = fields.string("container_format")?.unwrap_or_else(|| "bare".into());
    let format = fields.string("disk_format")?.unwrap_or_else(|| "raw".into());
    // A forced upload of an attached volume is off where `enable_force_upload` is not set, as it is by default.
    fields.ignore(&["force"]);
    let (mut visibility, mut protected) = ("private".to_owned(), false);
    if call.since(3, 1) {
        visibility = fields.string("visibility")?.unwrap_or(visibility);
        protected = fields.flag("protected")?.unwrap_or(false);
    }
    if visibility == "public" {
        call.admin("volume_extension:volume_actions:upload_public")?;
    }
    if !matches!(format.as_str(), "raw" | "qcow2") {
        return Err(Refusal::bad(format!("Invalid disk format: {format}. It must be raw or qcow2.")));
    }
    let volume = find_mut(call, id, "volume_extension:volume_actions:upload_image")?;
    if volume.status != "available" {
        return Err(invalid(format!("Volume {id} status must be available")));
    }
    volume.status = "uploading".into();
    let properties: BTreeMap<_, _> =
        volume.image_metadata.clone().into_iter().filter(|(name, _)| !OWN.contains(&name.as_str())).collect();
    let kept = |name: &str| volume.image_metadata.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (min_disk, min_ram) = (kept("min_disk"), kept("min_ram"));
    let image = image::create(
        call.cloud,
        NewImage {
            name: name.clone(),
            project: call.caller.project_id.clone(),
            disk_format: format.clone(),
            container_format: container.clone(),
            visibility: visibility.clone(),
            min_disk,
            min_ram,
            properties,
        },
    );
    image::set_protected(call.cloud, &image, protected);
    image::set_status(call.cloud, &image, "saving");
    let (source, target) = (id.to_owned(), image.clone());
    call.cloud.later(3.0, move |cloud| complete(cloud, &source, &target));
    let volume = find(call, id)?;
    let kind = call.cloud.volume.types.get(&volume.type_id);
    let mut shown = json!({
        "id": id, "updated_at": clock::iso_bare(call.cloud.now), "status": "uploading",
        "display_description": volume.description, "size": volume.size,
        "volume_type": kind.map(|kind| kind.document(call.caller.is_admin())), "image_id": image,
        "container_format": container, "disk_format": format, "image_name": name,
    });
    if call.since(3, 1) {
        shown["visibility"] = visibility.into();
        shown["protected"] = protected.into();
    }
    Ok(Reply::accepted(json!({"os-volume_upload_image": shown})))
}

fn complete(cloud: &mut Cloud, volume: &str, image: &str) {
    let format = image::view(cloud, "", true, image).map(|image| image.disk_format).unwrap_or_default();
    let filled = super::file(cloud, volume).and_then(|path| match format.as_str() {
        "qcow2" => image::fill_qcow2(cloud, image, &path),
        _ => image::fill(cloud, image, Some(&path)),
    });
    if filled.is_err() {
        image::set_status(cloud, image, "killed");
    }
    let now = cloud.now;
    if let Some(volume) = cloud.volume.volumes.get_mut(volume).filter(|volume| volume.status == "uploading") {
        (volume.status, volume.updated) = ("available".into(), Some(now));
    }
}
