//! Block devices of a new server: reading `block_device_mapping_v2`, and getting the volumes.

use serde_json::Value;

use super::model::{Attached, Flavor, Server};
use crate::twin::cloud::Cloud;
use crate::twin::http::{Call, Fields, Refusal};
use crate::twin::image::ImageView;
use crate::twin::volume::{self, NewVolume, Source};

/// A block device that was asked for.
#[derive(Debug, Clone)]
pub struct Device {
    /// A ready volume.
    pub volume: Option<String>,
    /// What a volume that Nova makes contains.
    pub source: Source,
    /// The size in GiB of a volume that Nova makes.
    pub size: u64,
    /// The type of a volume that Nova makes.
    pub volume_type: Option<String>,
    /// Whether it goes with the server.
    pub delete_on_termination: bool,
    /// Whether it is the root.
    pub root: bool,
    /// The device name asked for.
    pub name: Option<String>,
    /// The device tag.
    pub tag: Option<String>,
}

/// Reads the mappings of a request. Those of the image itself (local disk) are no devices of ours.
pub fn read(
    call: &Call,
    fields: &mut Fields,
    image: Option<&ImageView>,
    flavor: &Flavor,
) -> Result<Vec<Device>, Refusal> {
    let mut all = Vec::new();
    for item in fields.list("block_device_mapping_v2")?.unwrap_or_default() {
        all.extend(second(call, &item)?);
    }
    for item in fields.list("block_device_mapping")?.unwrap_or_default() {
        all.push(first(call, &item)?);
    }
    if image.is_none() && all.is_empty() {
        return Err(Refusal::bad("Block Device Mapping is Invalid: You must specify an image or a bootable volume."));
    }
    let roots = all.iter().filter(|device| device.root).count();
    if roots > 1 || image.is_none() && roots == 0 {
        return Err(Refusal::bad(
            "Block Device Mapping is Invalid: Boot sequence for the instance and image/block device mapping \
             combination is not valid.",
        ));
    }
    let _ = flavor;
    Ok(all)
}

/// Reads one mapping of the second form.
fn second(call: &Call, item: &Value) -> Result<Option<Device>, Refusal> {
    let mut item = Fields::of(item, "block_device_mapping_v2")?;
    let source = item.string("source_type")?.unwrap_or_else(|| "blank".to_owned());
    let target = item.string("destination_type")?;
    let (uuid, size) = (item.string("uuid")?, item.number("volume_size")?.map(|size| size.max(0) as u64));
    let boot = item.take("boot_index").and_then(|index| index.as_i64().or_else(|| index.as_str()?.parse().ok()));
    let mut device = Device {
        volume: None,
        source: Source::Blank,
        size: size.unwrap_or(0),
        volume_type: if call.since(2, 67) { item.string("volume_type")? } else { None },
        delete_on_termination: item.flag("delete_on_termination")?.unwrap_or_default(),
        root: boot == Some(0),
        name: item.string("device_name")?,
        tag: item.string("tag")?,
    };
    item.ignore(&["device_type", "disk_bus", "guest_format", "no_device"]);
    item.done()?;
    let target =
        target.unwrap_or_else(|| if source == "image" || source == "blank" { "local" } else { "volume" }.to_owned());
    if target == "local" {
        // The root from the image, or an ephemeral disk of the flavor.
        return Ok(None);
    }
    let id = || uuid.clone().ok_or_else(|| Refusal::bad("Block Device Mapping is Invalid: uuid is missing."));
    match source.as_str() {
        "volume" => device.volume = Some(ready_volume(call, &id()?, device.root)?),
        "image" => {
            let id = id()?;
            let (project, admin) = (&call.caller.project_id, call.caller.is_admin());
            crate::twin::image::view(call.cloud, project, admin, &id)
                .ok_or_else(|| Refusal::bad(format!("Block Device Mapping is Invalid: failed to get image {id}.")))?;
            device.source = Source::Image(id);
        }
        "snapshot" => {
            let id = id()?;
            let (project, admin) = (&call.caller.project_id, call.caller.is_admin());
            let full = volume::snapshot_size(call.cloud, project, admin, &id).ok_or_else(|| {
                Refusal::bad(format!("Block Device Mapping is Invalid: failed to get snapshot {id}."))
            })?;
            device.size = size.unwrap_or(full);
            device.source = Source::Snapshot(id);
        }
        "blank" => {}
        other => return Err(Refusal::bad(format!("Block Device Mapping is Invalid: source_type '{other}'."))),
    }
    if device.volume.is_none() && device.size == 0 {
        return Err(Refusal::bad(
            "Block Device Mapping is Invalid: Images with destination_type 'volume' need to have a non-zero size specified",
        ));
    }
    Ok(Some(device))
}

/// Reads one mapping of the first form, which old clients send.
fn first(call: &Call, item: &Value) -> Result<Device, Refusal> {
    let mut item = Fields::of(item, "block_device_mapping")?;
    let name = item.string("device_name")?;
    let volume = item.text("volume_id")?;
    let delete_on_termination = item.flag("delete_on_termination")?.unwrap_or_default();
    item.ignore(&["volume_size", "virtual_name", "no_device"]);
    item.done()?;
    let root = matches!(name.as_deref(), Some("vda" | "/dev/vda"));
    let volume = Some(ready_volume(call, &volume, root)?);
    Ok(Device {
        volume,
        source: Source::Blank,
        size: 0,
        volume_type: None,
        delete_on_termination,
        root,
        name,
        tag: None,
    })
}

fn ready_volume(call: &Call, id: &str, root: bool) -> Result<String, Refusal> {
    let found = volume::view(call.cloud, &call.caller.project_id, call.caller.is_admin(), id);
    let found =
        found.ok_or_else(|| Refusal::bad(format!("Block Device Mapping is Invalid: failed to get volume {id}.")))?;
    if root && !found.bootable {
        return Err(Refusal::bad(format!("Block Device {id} is not bootable.")));
    }
    if found.status != "available" && !(found.multiattach && found.status == "in-use") {
        return Err(Refusal::bad(format!(
            "Block Device Mapping is Invalid: failed to get volume {id}. Invalid volume: volume '{id}' status must be \
             'available'. Currently in '{}'",
            found.status
        )));
    }
    Ok(found.id)
}

/// Reserves the ready volumes of a new server.
pub fn reserve(cloud: &mut Cloud, server: &mut Server, devices: &[Device]) -> Result<(), Refusal> {
    for device in devices {
        if let Some(id) = &device.volume {
            let attachment = volume::reserve(cloud, id, &server.id).inspect_err(|_| {
                // What was reserved for a server that will not be made is free again.
                server.volumes.iter().for_each(|one| volume::detach(cloud, &one.volume, &server.id));
            })?;
            add(cloud, server, device, id.clone(), attachment);
        }
    }
    Ok(())
}

/// Makes the volumes that the server is to get; they become available in time.
pub fn make(cloud: &mut Cloud, id: &str, devices: &[Device]) -> Result<(), Refusal> {
    for device in devices.iter().filter(|device| device.volume.is_none()) {
        let Some(server) = cloud.compute.servers.get(id) else { return Ok(()) };
        let new = NewVolume {
            name: String::new(),
            size: device.size,
            source: device.source.clone(),
            project: server.project.clone(),
            user: server.user.clone(),
            volume_type: device.volume_type.clone(),
        };
        let volume = volume::create_for_server(cloud, new)?;
        let Some(mut server) = cloud.compute.servers.get(id).cloned() else { return Ok(()) };
        add(cloud, &mut server, device, volume, String::new());
        cloud.compute.servers.insert(id.to_owned(), server);
    }
    Ok(())
}

fn add(cloud: &mut Cloud, server: &mut Server, device: &Device, volume: String, attachment: String) {
    let name = match &device.name {
        Some(name) => format!("/dev/{}", name.trim_start_matches("/dev/")),
        None if device.root => "/dev/vda".to_owned(),
        None => free_name(server),
    };
    if device.root {
        server.root_device.clone_from(&name);
    }
    server.volumes.push(Attached {
        volume,
        device: name,
        attachment,
        delete_on_termination: device.delete_on_termination,
        tag: device.tag.clone(),
        root: device.root,
        mapping: cloud.uuid(),
    });
}

/// Returns the next free device name; `vda` is the root's.
pub fn free_name(server: &Server) -> String {
    let taken = |name: &String| server.volumes.iter().any(|volume| volume.device == *name);
    let names = ('b'..='z').map(|letter| format!("/dev/vd{letter}"));
    let more = ('a'..='z').map(|letter| format!("/dev/vda{letter}"));
    names.chain(more).find(|name| !taken(name)).unwrap_or_else(|| "/dev/vdzz".to_owned())
}
