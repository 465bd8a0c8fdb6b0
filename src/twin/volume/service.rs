//! What Nova and the estate need of Cinder.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::model::{Snapshot, Type, Volume};
use super::source::{self, Wanted};
use super::volumes::{image_words, missing};
use super::{NewVolume, Source, VolumeView, attachments, path, quota, snapshot_path, snapshots, types, volumes};
use crate::twin::blob::{self, Blob};
use crate::twin::cloud::Cloud;
use crate::twin::estate::{self, Estate};
use crate::twin::http::Refusal;
use crate::twin::image;

/// Returns a volume that `project` may see.
pub fn view(cloud: &Cloud, project: &str, admin: bool, id: &str) -> Option<VolumeView> {
    let volume = cloud.volume.volumes.get(id).filter(|volume| admin || volume.project == project)?;
    Some(VolumeView {
        id: id.to_owned(),
        name: volume.name.clone().unwrap_or_default(),
        status: volume.status.clone(),
        size: volume.size,
        bootable: volume.bootable,
        multiattach: volume.multiattach,
        availability_zone: volume.zone.clone(),
        image_metadata: volume.image_metadata.clone(),
    })
}

/// Returns the size in GiB of a snapshot that `project` may see and whose status is `available`.
pub fn snapshot_size(cloud: &Cloud, project: &str, admin: bool, id: &str) -> Option<u64> {
    let snapshot = cloud.volume.snapshots.get(id).filter(|snapshot| admin || snapshot.project == project)?;
    (snapshot.status == "available").then_some(snapshot.size)
}

/// Makes a volume (quota refuses with 413 as Cinder does); it becomes `available` in time, see `view`.
pub fn create_for_server(cloud: &mut Cloud, new: NewVolume) -> Result<String, Refusal> {
    let wanted = Wanted {
        name: Some(new.name),
        size: Some(new.size),
        source: match new.source {
            Source::Blank => source::Source::Blank,
            Source::Image(id) => source::Source::Image(id),
            Source::Snapshot(id) => source::Source::Snapshot(id),
        },
        kind: new.volume_type,
        project: new.project,
        user: new.user,
        ..Wanted::default()
    };
    source::create(cloud, wanted)
}

/// Reserves an `available` (or multiattach) volume for a server; other states are refused as Cinder words them. Returns
/// the attachment's id.
pub fn reserve(cloud: &mut Cloud, volume: &str, server: &str) -> Result<String, Refusal> {
    attachments::reserve(cloud, volume, server)
}

fn claim(cloud: &Cloud, volume: &str, server: &str) -> Option<String> {
    let found = cloud.volume.attachments_of(volume).find(|claim| claim.server == server)?;
    Some(found.id.clone())
}

/// Completes a reservation: status `in-use`, with the device and the host in the attachment.
pub fn attach(cloud: &mut Cloud, volume: &str, server: &str, device: &str, host: &str) {
    if let Some(id) = claim(cloud, volume, server) {
        attachments::complete(cloud, &id, device, host);
    }
}

/// Marks that a detachment has begun: status `detaching`.
pub fn begin_detach(cloud: &mut Cloud, volume: &str, _server: &str) {
    let now = cloud.now;
    if let Some(volume) = cloud.volume.volumes.get_mut(volume).filter(|volume| volume.status == "in-use") {
        (volume.status, volume.updated) = ("detaching".into(), Some(now));
    }
}

/// Takes the volume from the server: status `available` where no other attachment is left.
pub fn detach(cloud: &mut Cloud, volume: &str, server: &str) {
    if let Some(id) = claim(cloud, volume, server) {
        attachments::remove(cloud, &id);
    }
}

/// Deletes a volume with its server (`delete_on_termination`).
pub fn delete_for_server(cloud: &mut Cloud, volume: &str) {
    // One with snapshots stays, as it does in Cinder.
    let _ = volumes::begin_delete(cloud, volume, false);
}

/// Makes a (forced) snapshot for the image of a volume-backed server and returns its id.
pub fn snapshot_for_image(cloud: &mut Cloud, volume: &str, name: &str) -> Result<String, Refusal> {
    let user = cloud.volume.volumes.get(volume).map(|volume| volume.user.clone()).unwrap_or_default();
    snapshots::make(cloud, volume, &user, true, Some(name.to_owned()), super::model::Words::new())
}

/// Returns the file of a volume's bytes, after making generated ones.
pub fn file(cloud: &Cloud, id: &str) -> Result<PathBuf, Refusal> {
    let blob = cloud.volume.volumes.get(id).and_then(|volume| volume.blob.as_ref()).ok_or_else(|| missing(id))?;
    let path = blob.ensure().map_err(|error| Refusal::new(500, format!("volume {id}: {error}")))?;
    Ok(path.to_owned())
}

/// Builds types, volumes, snapshots and quotas of an estate.
pub fn install(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    for (name, text) in [("__DEFAULT__", Some("Default Volume Type")), (types::DEFAULT, None)] {
        let kind = Type { name: name.into(), description: text.map(str::to_owned), public: true, ..Type::default() };
        add_type(cloud, None, kind);
    }
    for kind in &estate.volume_types {
        let specs = kind.extra_specs.clone();
        let made = Type {
            name: kind.name.clone(),
            public: true,
            extra_specs: specs,
            access: BTreeSet::new(),
            ..Type::default()
        };
        add_type(cloud, kind.id.clone(), made);
    }
    for project in &estate.projects {
        let id = self::project(cloud, project.id.as_deref().unwrap_or(&project.name))?;
        quota::install(&mut cloud.volume, &id, &project.volume_quota)?;
    }
    for volume in &estate.volumes {
        install_volume(cloud, volume).map_err(|why| format!("volume {}: {why}", volume.name))?;
    }
    for snapshot in &estate.snapshots {
        install_snapshot(cloud, snapshot).map_err(|why| format!("snapshot {}: {why}", snapshot.name))?;
    }
    cloud.volume.installed = true;
    Ok(())
}

fn add_type(cloud: &mut Cloud, id: Option<String>, kind: Type) {
    let id = id.unwrap_or_else(|| cloud.uuid());
    cloud.volume.types.insert(id.clone(), Type { id, ..kind });
}

fn project(cloud: &Cloud, name_or_id: &str) -> Result<String, String> {
    cloud.identity.find_project(name_or_id).ok_or_else(|| format!("there is no project '{name_or_id}'"))
}

fn install_volume(cloud: &mut Cloud, volume: &estate::Volume) -> Result<(), String> {
    let project = project(cloud, &volume.project)?;
    let id = volume.id.clone().unwrap_or_else(|| cloud.uuid());
    let type_id = match &volume.volume_type {
        None => source::default_type(cloud),
        Some(name) => {
            let found = types::find(&cloud.volume, &project, true, name).map(|kind| kind.id.clone());
            found.ok_or_else(|| format!("there is no volume type '{name}'"))?
        }
    };
    let (target, length) = (path(cloud, &id), volume.size * cloud.gib);
    let mut made = Volume {
        id: id.clone(),
        name: Some(volume.name.clone()),
        status: "available".into(),
        size: volume.size,
        project: project.clone(),
        zone: "nova".into(),
        type_id,
        metadata: volume.metadata.clone(),
        created: cloud.now,
        updated: Some(cloud.now),
        sequence: cloud.count(),
        ..Volume::default()
    };
    match &volume.image {
        None => made.blob = Some(Blob::generated(target, length, cloud.dice.bits())),
        Some(name) => {
            let image = image::find(cloud, &project, name).ok_or_else(|| format!("there is no image '{name}'"))?;
            let view = image::view(cloud, &project, true, &image).ok_or("the image has gone")?;
            let from = image::raw_file(cloud, &image).map_err(|error| error.to_string())?;
            blob::copy(&from, &target, length).map_err(|error| error.to_string())?;
            made.blob = Some(Blob::written(target, length));
            made.bootable = true;
            made.image_metadata = image_words(&view, &image::checksum(cloud, &image).unwrap_or_default());
        }
    }
    cloud.volume.volumes.insert(id, made);
    Ok(())
}

fn install_snapshot(cloud: &mut Cloud, snapshot: &estate::Snapshot) -> Result<(), String> {
    let volumes = &cloud.volume.volumes;
    let named = |volume: &&Volume| volume.name.as_deref() == Some(&snapshot.volume);
    let origin = volumes.get(&snapshot.volume).or_else(|| volumes.values().find(named));
    let origin = origin.ok_or_else(|| format!("there is no volume '{}'", snapshot.volume))?.clone();
    let id = snapshot.id.clone().unwrap_or_else(|| cloud.uuid());
    let target = snapshot_path(cloud, &id);
    let blob = match origin.blob.as_ref().and_then(|blob| blob.seed.map(|seed| (blob.size, seed))) {
        // The same seed gives the same bytes, and nobody has written to the volume yet.
        Some((size, seed)) => Blob::generated(target, size, seed),
        None => {
            let from = file(cloud, &origin.id).map_err(|refusal| refusal.message)?;
            let size = blob::copy(&from, &target, 0).map_err(|error| error.to_string())?;
            Blob::written(target, size)
        }
    };
    let made = Snapshot {
        id: id.clone(),
        name: Some(snapshot.name.clone()),
        status: "available".into(),
        size: origin.size,
        volume_id: origin.id,
        project: origin.project,
        created: cloud.now,
        updated: Some(cloud.now),
        sequence: cloud.count(),
        blob: Some(blob),
        ..Snapshot::default()
    };
    cloud.volume.snapshots.insert(id, made);
    Ok(())
}

/// Finds an estate's volume by id, or by name in `project`.
pub fn find(cloud: &Cloud, project: &str, name_or_id: &str) -> Option<String> {
    let volumes = &cloud.volume.volumes;
    let named = |volume: &&Volume| volume.name.as_deref() == Some(name_or_id) && volume.project == project;
    let volume = volumes.get(name_or_id).or_else(|| volumes.values().find(named))?;
    Some(volume.id.clone())
}
