//! What Nova, Cinder and the estate need of Glance.

use std::io;
use std::path::{Path, PathBuf};

use super::model::{Image, Member, missing};
use super::{ImageView, NewImage, data, hash, path, qcow2};
use crate::twin::blob::{self, Blob};
use crate::twin::cloud::Cloud;
use crate::twin::estate::{self, Estate, or};
use crate::twin::http::{Received, Refusal};

/// Returns an image that `project` may see.
pub fn view(cloud: &Cloud, project: &str, admin: bool, id: &str) -> Option<ImageView> {
    let image = cloud.image.images.get(id).filter(|image| image.seen_by(project, admin))?;
    let size = image.size.unwrap_or(0);
    Some(ImageView {
        id: id.to_owned(),
        name: image.name.clone().unwrap_or_default(),
        status: image.status.clone(),
        disk_format: image.disk_format.clone().unwrap_or_default(),
        container_format: image.container_format.clone().unwrap_or_default(),
        min_disk: image.min_disk,
        min_ram: image.min_ram,
        size,
        virtual_size: image.virtual_size.unwrap_or(size),
        properties: image.properties.clone(),
    })
}

/// Returns the file of an active image's bytes, after making generated ones.
pub fn file(cloud: &Cloud, id: &str) -> Result<PathBuf, Refusal> {
    let blob = cloud.image.images.get(id).and_then(|image| image.blob.as_ref()).ok_or_else(|| missing(id))?;
    let path = blob.ensure().map_err(|error| Refusal::new(500, format!("image {id}: {error}")))?;
    Ok(path.to_owned())
}

/// Returns the file of the disk inside an active image: the image itself, or what was unpacked of it.
pub fn raw_file(cloud: &Cloud, id: &str) -> io::Result<PathBuf> {
    let image = cloud.image.images.get(id).ok_or_else(|| io::Error::other("the image has gone"))?;
    let from = image.blob.as_ref().ok_or_else(|| io::Error::other("the image has no data"))?.ensure()?;
    if image.disk_format.as_deref() != Some("qcow2") {
        return Ok(from.to_owned());
    }
    let unpacked = cloud.data.join("unpacked").join(id);
    if !unpacked.exists() {
        qcow2::to_raw(from, &unpacked)?;
    }
    Ok(unpacked)
}

/// Returns the MD5 of an active image.
pub fn checksum(cloud: &mut Cloud, id: &str) -> Option<String> {
    super::model::settle(cloud, id);
    cloud.image.images.get(id)?.checksum.clone()
}

/// Makes an image in status `queued` and returns its id.
pub fn create(cloud: &mut Cloud, new: NewImage) -> String {
    let id = cloud.uuid();
    let image = Image {
        id: id.clone(),
        name: Some(new.name),
        status: "queued".into(),
        visibility: or(&new.visibility, "private").into(),
        owner: Some(new.project),
        disk_format: Some(new.disk_format).filter(|format| !format.is_empty()),
        container_format: Some(new.container_format).filter(|format| !format.is_empty()),
        min_disk: new.min_disk,
        min_ram: new.min_ram,
        properties: new.properties,
        created: cloud.now,
        updated: cloud.now,
        sequence: cloud.count(),
        ..Image::default()
    };
    cloud.image.used.insert(id.clone());
    cloud.image.images.insert(id.clone(), image);
    id
}

/// Sets the status of an image that is being made: `saving`, or `killed`.
pub fn set_status(cloud: &mut Cloud, id: &str, status: &str) {
    let now = cloud.now;
    if let Some(image) = cloud.image.images.get_mut(id) {
        (image.status, image.updated) = (status.to_owned(), now);
    }
}

/// Protects an image against deletion, or stops that.
pub fn set_protected(cloud: &mut Cloud, id: &str, protected: bool) {
    if let Some(image) = cloud.image.images.get_mut(id) {
        image.protected = protected;
    }
}

/// Packs the raw disk `source` into the image, which becomes `active`.
pub fn fill_qcow2(cloud: &mut Cloud, id: &str, source: &Path) -> Result<(), Refusal> {
    let packed = cloud.data.join("unpacked").join(format!("{id}.qcow2"));
    let failed = |error| Refusal::new(500, format!("image {id}: {error}"));
    qcow2::from_raw(source, &packed).map_err(failed)?;
    let filled = fill(cloud, id, Some(&packed));
    std::fs::remove_file(&packed).map_err(failed)?;
    filled
}

/// Copies `source` into the image, which becomes `active` with size and checksums; an absent source makes an empty one
/// (the image of a volume-backed server). Nothing happens where the image was deleted meanwhile.
pub fn fill(cloud: &mut Cloud, id: &str, source: Option<&Path>) -> Result<(), Refusal> {
    let (now, target) = (cloud.now, path(cloud, id));
    let Some(image) = cloud.image.images.get_mut(id) else { return Ok(()) };
    let copied = match source {
        Some(source) => blob::copy(source, &target, 0),
        None => blob::blank(&target, 0).map(|()| 0),
    };
    let hashed = copied.and_then(|size| Ok((size, hash::of_file(&target)?)));
    let (size, (md5, sha512)) = hashed.map_err(|error| Refusal::new(500, format!("image {id}: {error}")))?;
    image.updated = now;
    data::store(image, Received { path: target, size, md5, sha512, broken: false });
    Ok(())
}

/// Builds the images of an estate.
pub fn install(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    for image in &estate.images {
        install_one(cloud, image).map_err(|why| format!("image {}: {why}", image.name))?;
    }
    Ok(())
}

fn install_one(cloud: &mut Cloud, image: &estate::Image) -> Result<(), String> {
    let project = |cloud: &Cloud, name: &str| {
        cloud.identity.find_project(name).ok_or_else(|| format!("there is no project '{name}'"))
    };
    let id = image.id.clone().unwrap_or_else(|| cloud.uuid());
    let now = cloud.now;
    let members = image
        .members
        .iter()
        .map(|name| Ok((project(cloud, name)?, Member { status: "accepted".into(), created: now, updated: now })));
    let members = members.collect::<Result<_, String>>()?;
    let seed = cloud.dice.bits();
    let format = or(&image.disk_format, "raw");
    let made = Image {
        id: id.clone(),
        name: Some(image.name.clone()),
        status: "active".into(),
        visibility: or(&image.visibility, "private").into(),
        owner: Some(project(cloud, or(&image.project, "admin"))?),
        min_disk: image.min_disk,
        min_ram: image.min_ram,
        disk_format: Some(format.into()),
        container_format: Some("bare".into()),
        tags: image.tags.clone(),
        blob: Some(Blob::generated(path(cloud, &id), image.size, seed)),
        size: Some(image.size),
        virtual_size: (format == "raw").then_some(image.size),
        created: now,
        updated: now,
        sequence: cloud.count(),
        properties: image.properties.clone(),
        members,
        ..Image::default()
    };
    cloud.image.used.insert(id.clone());
    cloud.image.images.insert(id, made);
    Ok(())
}

/// Finds an estate's image by id or name among those that `project` may see.
pub fn find(cloud: &Cloud, project: &str, name_or_id: &str) -> Option<String> {
    let images = &cloud.image.images;
    let named = |image: &&Image| image.name.as_deref() == Some(name_or_id) && image.seen_by(project, false);
    let image = images.get(name_or_id).or_else(|| images.values().find(named))?;
    Some(image.id.clone())
}
