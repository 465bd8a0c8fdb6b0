//! Making volumes: from nothing, an image, a snapshot, or another volume.

use std::io;
use std::path::Path;

use super::model::{Volume, Words};
use super::volumes::{choose_type, image_words, invalid, reserve};
use super::{path, types};
use crate::twin::blob::{self, Blob};
use crate::twin::cloud::Cloud;
use crate::twin::http::Refusal;
use crate::twin::image;

/// Where a new volume's bytes come from.
#[derive(Debug, Clone, Default)]
pub enum Source {
    /// Nowhere: zeros.
    #[default]
    Blank,
    /// An image.
    Image(String),
    /// A snapshot.
    Snapshot(String),
    /// Another volume.
    Volume(String),
}

impl Source {
    /// Reads the three fields of a request, of which one at most may be set.
    pub fn choose(snapshot: Option<String>, volume: Option<String>, image: Option<String>) -> Result<Self, Refusal> {
        match (snapshot, volume, image) {
            (None, None, None) => Ok(Self::Blank),
            (Some(id), None, None) => Ok(Self::Snapshot(id)),
            (None, Some(id), None) => Ok(Self::Volume(id)),
            (None, None, Some(id)) => Ok(Self::Image(id)),
            _ => {
                Err(Refusal::bad("Invalid input received: May specify only one of snapshot, imageRef or source volume"))
            }
        }
    }
}

/// A volume that is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The name.
    pub name: Option<String>,
    /// The text.
    pub description: Option<String>,
    /// GiB; that of the source where absent.
    pub size: Option<u64>,
    /// Where its bytes come from.
    pub source: Source,
    /// The type's name or id.
    pub kind: Option<String>,
    /// The zone.
    pub zone: Option<String>,
    /// Metadata.
    pub metadata: Words,
    /// Whether several servers may have it.
    pub multiattach: bool,
    /// The owner.
    pub project: String,
    /// Who makes it.
    pub user: String,
    /// Whether an administrator makes it.
    pub admin: bool,
}

/// Checks a wish and makes the volume, which becomes `available` later. Returns its id.
pub fn create(cloud: &mut Cloud, wanted: Wanted) -> Result<String, Refusal> {
    let mut volume = Volume {
        name: wanted.name.clone(),
        description: wanted.description.clone(),
        status: "creating".into(),
        project: wanted.project.clone(),
        user: wanted.user.clone(),
        zone: "nova".into(),
        metadata: wanted.metadata.clone(),
        ..Volume::default()
    };
    if let Some(zone) = wanted.zone.as_deref().filter(|zone| !zone.is_empty() && *zone != "nova") {
        return Err(Refusal::bad(format!("Invalid input received: Availability zone '{zone}' is invalid.")));
    }
    volume.size = inherit(cloud, &wanted, &mut volume)?;
    let (type_id, type_name) = choose_type(&cloud.volume, &wanted)?;
    let specs = cloud.volume.types.get(&type_id).and_then(|kind| kind.extra_specs.get("multiattach"));
    volume.multiattach = wanted.multiattach || specs.is_some_and(|value| value.eq_ignore_ascii_case("<is> true"));
    volume.type_id = type_id;
    reserve(cloud, &wanted.project, &type_name, volume.size)?;
    volume.id = cloud.volume.wanted_id.take().unwrap_or_else(|| cloud.dice.uuid());
    volume.created = cloud.now;
    volume.sequence = cloud.count();
    let id = volume.id.clone();
    cloud.volume.volumes.insert(id.clone(), volume);
    let seconds = if matches!(wanted.source, Source::Blank) { 1.0 } else { 3.0 };
    let due = id.clone();
    cloud.later(seconds, move |cloud| complete(cloud, &due, &wanted.source));
    Ok(id)
}

/// Checks the source against the wish, takes over what the volume inherits, and returns the size.
fn inherit(cloud: &Cloud, wanted: &Wanted, volume: &mut Volume) -> Result<u64, Refusal> {
    let state = &cloud.volume;
    let sees = |project: &str| wanted.admin || project == wanted.project;
    let small = |what: String| Refusal::bad(format!("Invalid input received: {what}"));
    let size_less = || {
        let what = "The server could not comply with the request since it is either malformed or otherwise incorrect.";
        Refusal::bad(what)
    };
    match &wanted.source {
        Source::Blank => wanted.size.ok_or_else(size_less),
        Source::Snapshot(id) => {
            let snapshot = state.snapshots.get(id).filter(|snapshot| sees(&snapshot.project));
            let snapshot = snapshot.ok_or_else(|| super::snapshots::missing(id))?;
            if snapshot.status != "available" {
                let what = "Invalid snapshot: Originating snapshot status must be one of 'available' values";
                return Err(Refusal::bad(what));
            }
            let (size, least) = (wanted.size.unwrap_or(snapshot.size), snapshot.size);
            if size < least {
                return Err(small(format!(
                    "Volume size '{size}'GB cannot be smaller than the snapshot size {least}GB. They must be >= \
                     original snapshot size."
                )));
            }
            if let Some(origin) = state.volumes.get(&snapshot.volume_id) {
                volume.bootable = origin.bootable;
                volume.image_metadata = origin.image_metadata.clone();
            }
            volume.snapshot_id = Some(id.clone());
            Ok(size)
        }
        Source::Volume(id) => {
            let origin = state.volumes.get(id).filter(|origin| sees(&origin.project));
            let origin = origin.ok_or_else(|| super::volumes::missing(id))?;
            if !matches!(origin.status.as_str(), "available" | "in-use") {
                return Err(invalid(format!(
                    "Unable to create a volume from an originating source volume when its status is not one of \
                     ('available', 'in-use') values: {}",
                    origin.status
                )));
            }
            let (size, least) = (wanted.size.unwrap_or(origin.size), origin.size);
            if size < least {
                return Err(small(format!(
                    "Volume size '{size}'GB cannot be smaller than original volume size  {least}GB. They must be >= \
                     original volume size."
                )));
            }
            volume.bootable = origin.bootable;
            volume.image_metadata = origin.image_metadata.clone();
            volume.source_volid = Some(id.clone());
            Ok(size)
        }
        Source::Image(id) => from_image(cloud, wanted, id, wanted.size.ok_or_else(size_less)?),
    }
}

fn from_image(cloud: &Cloud, wanted: &Wanted, id: &str, size: u64) -> Result<u64, Refusal> {
    let image = image::view(cloud, &wanted.project, wanted.admin, id);
    let image = image.ok_or_else(|| Refusal::bad("Invalid image identifier or unable to access requested image."))?;
    if image.status != "active" {
        return Err(Refusal::bad(format!("Image {id} is not active.")));
    }
    let needed = image.size.max(image.virtual_size).div_ceil(cloud.gib);
    if size < needed {
        return Err(Refusal::bad(format!(
            "Invalid input received: Size of specified image {needed}GB is larger than volume size {size}GB."
        )));
    }
    if size < image.min_disk {
        let least = image.min_disk;
        return Err(Refusal::bad(format!(
            "Invalid input received: Volume size {size}GB cannot be smaller than the image minDisk size {least}GB."
        )));
    }
    Ok(size)
}

/// Makes the bytes, and the volume available, if it is still being created.
fn complete(cloud: &mut Cloud, id: &str, source: &Source) {
    let Some(volume) = cloud.volume.volumes.get(id).filter(|volume| volume.status == "creating") else { return };
    let (project, length) = (volume.project.clone(), volume.size * cloud.gib);
    let target = path(cloud, id);
    let image = match source {
        Source::Image(image) => image::view(cloud, &project, true, image),
        _ => None,
    };
    let made = fill(cloud, source, &target, length);
    let checksum = match (&image, source) {
        (Some(_), Source::Image(image)) => image::checksum(cloud, image).unwrap_or_default(),
        _ => String::new(),
    };
    let now = cloud.now;
    let Some(volume) = cloud.volume.volumes.get_mut(id) else { return };
    volume.updated = Some(now);
    match made {
        Ok(blob) => {
            volume.status = "available".into();
            volume.blob = Some(blob);
            if let Some(image) = image {
                volume.bootable = true;
                volume.image_metadata = image_words(&image, &checksum);
            }
        }
        Err(_) => volume.status = "error".into(),
    }
}

fn fill(cloud: &Cloud, source: &Source, target: &Path, length: u64) -> io::Result<Blob> {
    let gone = || io::Error::other("the source has gone");
    let from = match source {
        Source::Blank => None,
        Source::Image(id) => Some(image::raw_file(cloud, id)?),
        Source::Snapshot(id) => {
            let blob = cloud.volume.snapshots.get(id).and_then(|snapshot| snapshot.blob.as_ref()).ok_or_else(gone)?;
            Some(blob.ensure()?.to_owned())
        }
        Source::Volume(id) => {
            let blob = cloud.volume.volumes.get(id).and_then(|volume| volume.blob.as_ref()).ok_or_else(gone)?;
            Some(blob.ensure()?.to_owned())
        }
    };
    match from {
        Some(from) => blob::copy(&from, target, length)?,
        None => {
            blob::blank(target, length)?;
            length
        }
    };
    Ok(Blob::written(target.to_owned(), length))
}

/// Returns the id of the default type, for volumes of an estate.
pub fn default_type(cloud: &Cloud) -> String {
    types::find(&cloud.volume, "", true, types::DEFAULT).map(|kind| kind.id.clone()).unwrap_or_default()
}
