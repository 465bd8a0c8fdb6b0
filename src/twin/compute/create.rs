//! `POST /servers`: reading and checking the request; the rest is in `boot`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::boot;
use super::devices::{self, Device};
use super::model::{Action, Flavor, Server};
use super::{limits, view};
use crate::twin::http::{Answer, Call, Fields, Refusal, Reply, Route};
use crate::twin::image::{self, ImageView};
use crate::twin::network;

pub fn routes() -> Vec<Route> {
    vec![Route::post("/v2.1/servers", create)]
}

/// A network interface that was asked for.
#[derive(Debug, Clone)]
pub enum WantedNic {
    /// A port Nova makes.
    Network {
        /// The network.
        id: String,
        /// The address.
        fixed_ip: Option<String>,
        /// The device tag.
        tag: Option<String>,
    },
    /// A ready port.
    Port {
        /// The port.
        id: String,
        /// The device tag.
        tag: Option<String>,
    },
}

fn create(call: &mut Call) -> Answer {
    call.writer("os_compute_api:servers:create")?;
    let mut body = Fields::of(&call.body, "body")?;
    let hints = match body.object("os:scheduler_hints")? {
        Some(hints) => Some(hints),
        None => body.object("OS-SCH-HNT:scheduler_hints")?,
    };
    let hints = hints.map(Fields::rest).unwrap_or_default();
    let mut fields = body.object("server")?.ok_or_else(|| Refusal::bad("'server' is a required property"))?;
    body.done()?;

    let flavor = flavor(call, &mut fields)?;
    let image = image_of(call, &mut fields)?;
    let (least, most) = counts(&mut fields)?;
    let nics = networks(call, &mut fields)?;
    let devices = devices::read(call, &mut fields, image.as_ref(), &flavor)?;
    let mut server = describe(call, &mut fields, flavor, image.as_ref(), hints)?;
    let wants_reservation = fields.flag("return_reservation_id")?.unwrap_or_default();
    let password = fields.string("adminPass")?;
    fields.done()?;

    server.group = group(call, &server.hints)?;
    let many = limits::room_for(call, &server.flavor, least, most)?;
    server.reservation = format!("r-{}", &call.cloud.dice.hex()[..8]);
    let ids = launch(call, server, &nics, &devices, many)?;
    if wants_reservation {
        let reservation = call.cloud.compute.servers.get(&ids[0]).map(|server| server.reservation.clone());
        return Ok(Reply::accepted(json!({ "reservation_id": reservation })));
    }
    let id = &ids[0];
    let groups = call.body["server"]["security_groups"].clone();
    let groups = if groups.is_null() { json!([{"name": "default"}]) } else { groups };
    let disk_config = call.cloud.compute.servers.get(id).map(|server| server.disk_config.clone());
    let password = password.unwrap_or_else(|| call.cloud.dice.hex()[..12].to_owned());
    let body = json!({"server": {"id": id, "links": view::links(call, "servers", id), "security_groups": groups,
        "OS-DCF:diskConfig": disk_config, "adminPass": password}});
    let location = format!("{}/v2.1/servers/{id}", call.root());
    Ok(Reply::accepted(body).with("location", location))
}

/// Makes the servers and sets them off.
fn launch(
    call: &mut Call,
    plan: Server,
    nics: &[WantedNic],
    devices: &[Device],
    many: u64,
) -> Result<Vec<String>, Refusal> {
    let mut ids = Vec::new();
    for index in 0..many {
        let mut server = plan.clone();
        server.id = call.cloud.uuid();
        server.number = call.cloud.count();
        server.launch_index = index;
        if many > 1 {
            server.name = format!("{}-{}", plan.name, index + 1);
            server.hostname = format!("{}-{}", plan.hostname, index + 1);
        }
        devices::reserve(call.cloud, &mut server, devices)?;
        if let Some(group) = server.group.as_ref().and_then(|id| call.cloud.compute.server_groups.get_mut(id)) {
            group.members.push(server.id.clone());
        }
        ids.push(server.id.clone());
        call.cloud.compute.insert_server(server);
        boot::begin(call.cloud, ids[ids.len() - 1].clone(), nics.to_vec(), devices.to_vec());
    }
    Ok(ids)
}

fn flavor(call: &Call, fields: &mut Fields) -> Result<Flavor, Refusal> {
    let reference = match fields.take("flavorRef") {
        Some(Value::String(text)) => text,
        Some(Value::Number(number)) => number.to_string(),
        _ => return Err(Refusal::bad("Invalid input for field/attribute server. 'flavorRef' is a required property")),
    };
    // Old clients send the flavor's URL.
    let id = reference.rsplit('/').next().unwrap_or_default();
    let usable = |flavor: &&Flavor| {
        flavor.is_public || call.caller.is_admin() || flavor.access.contains(&call.caller.project_id)
    };
    let found = call.cloud.compute.flavors.get(id).filter(usable);
    found.cloned().ok_or_else(|| Refusal::bad(format!("Flavor {id} could not be found.")))
}

fn image_of(call: &Call, fields: &mut Fields) -> Result<Option<ImageView>, Refusal> {
    let Some(reference) = fields.string("imageRef")?.filter(|text| !text.is_empty()) else { return Ok(None) };
    let id = reference.rsplit('/').next().unwrap_or_default();
    let found = image::view(call.cloud, &call.caller.project_id, call.caller.is_admin(), id);
    let found = found.ok_or_else(|| Refusal::bad("Can not find requested image"))?;
    if found.status != "active" {
        return Err(Refusal::bad(format!("Image {id} is not active.")));
    }
    Ok(Some(found))
}

fn counts(fields: &mut Fields) -> Result<(u64, u64), Refusal> {
    let least = fields.number("min_count")?.unwrap_or(1);
    let most = fields.number("max_count")?.unwrap_or(least);
    if least < 1 || most < least {
        return Err(Refusal::bad("min_count must be <= max_count"));
    }
    Ok((least as u64, most as u64))
}

/// Reads `networks`, which may be left out before 2.37 and be "auto" or "none" since.
fn networks(call: &Call, fields: &mut Fields) -> Result<Vec<WantedNic>, Refusal> {
    let (project, admin) = (&call.caller.project_id, call.caller.is_admin());
    let items = match fields.take("networks") {
        Some(Value::Array(items)) => items,
        Some(Value::String(word)) if call.since(2, 37) && word == "none" => return Ok(Vec::new()),
        Some(Value::String(word)) if call.since(2, 37) && word == "auto" => Vec::new(),
        Some(other) => return Err(crate::twin::http::fields::invalid("networks", &other, "is not valid")),
        None if call.since(2, 37) => {
            return Err(Refusal::bad("Invalid input for field/attribute server. 'networks' is a required property"));
        }
        None => Vec::new(),
    };
    if items.is_empty() {
        return defaults(call);
    }
    let mut wanted = Vec::new();
    for item in items {
        let mut item = Fields::of(&item, "networks")?;
        let (uuid, port) = (item.string("uuid")?, item.string("port")?);
        let (fixed_ip, tag) = (item.string("fixed_ip")?, item.string("tag")?);
        item.done()?;
        wanted.push(match (port, uuid) {
            (Some(id), _) => {
                network::check_port(call.cloud, project, admin, &id)?;
                WantedNic::Port { id, tag }
            }
            (None, Some(id)) => {
                network::check_network(call.cloud, project, admin, &id)?;
                WantedNic::Network { id, fixed_ip, tag }
            }
            (None, None) => {
                return Err(Refusal::bad("Bad networks format: network uuid is not in proper format (None)"));
            }
        });
    }
    Ok(wanted)
}

fn defaults(call: &Call) -> Result<Vec<WantedNic>, Refusal> {
    let found = network::default_networks(call.cloud, &call.caller.project_id);
    if found.len() > 1 {
        return Err(Refusal::conflict("Multiple possible networks found, use a Network ID to be more specific."));
    }
    Ok(found.into_iter().map(|id| WantedNic::Network { id, fixed_ip: None, tag: None }).collect())
}

/// Reads the fields that describe the server itself.
fn describe(
    call: &Call,
    fields: &mut Fields,
    flavor: Flavor,
    image: Option<&ImageView>,
    hints: Map<String, Value>,
) -> Result<Server, Refusal> {
    let name = fields.text("name")?;
    if name.trim().is_empty() || name.len() > 255 {
        return Err(Refusal::bad(format!(
            "Invalid input for field/attribute name. Value: {name}. '{name}' is not valid"
        )));
    }
    if let Some(image) = image {
        fits(&flavor, image)?;
    }
    let later = Later::read(call, fields)?;
    let (zone, host) = zone(call, fields)?;
    let key_name = fields.string("key_name")?;
    if let Some(key) = &key_name
        && !call.cloud.compute.keypairs.contains_key(&(call.caller.user_id.clone(), key.clone()))
    {
        return Err(Refusal::bad("Invalid key_name provided."));
    }
    let metadata = fields.words("metadata")?.unwrap_or_default();
    super::metadata::check(&metadata)?;
    fields.ignore(&["personality"]);
    Ok(Server {
        hostname: later.hostname.unwrap_or_else(|| hostname(&name)),
        description: later.description,
        tags: later.tags.into_iter().collect(),
        name,
        project: call.caller.project_id.clone(),
        user: call.caller.user_id.clone(),
        flavor,
        image: image.map(|image| image.id.clone()),
        disk_format: image.map(|image| image.disk_format.clone()).unwrap_or_default(),
        image_properties: image.map(inherited).unwrap_or_default(),
        wanted_zone: zone,
        wanted_host: later.host.or(host),
        vm_state: "building".to_owned(),
        task_state: Some("scheduling".to_owned()),
        metadata,
        key_name,
        security_groups: security_groups(call, fields)?,
        config_drive: fields.flag("config_drive")?.unwrap_or_default(),
        user_data: fields.string("user_data")?,
        access_ipv4: fields.string("accessIPv4")?.unwrap_or_default(),
        access_ipv6: fields.string("accessIPv6")?.unwrap_or_default(),
        disk_config: fields.string("OS-DCF:diskConfig")?.unwrap_or_else(|| "MANUAL".to_owned()),
        root_device: "/dev/vda".to_owned(),
        hints,
        created: call.cloud.now,
        updated: call.cloud.now,
        actions: vec![Action {
            action: "create".to_owned(),
            request_id: call.request_id.clone(),
            user: call.caller.user_id.clone(),
            project: call.caller.project_id.clone(),
            started: call.cloud.now,
        }],
        ..Server::default()
    })
}

/// Fields that came with later microversions; before them they are unknown and stay in `fields` to be refused.
#[derive(Default)]
struct Later {
    description: Option<String>,
    tags: Vec<String>,
    host: Option<String>,
    hostname: Option<String>,
}

impl Later {
    fn read(call: &Call, fields: &mut Fields) -> Result<Self, Refusal> {
        let mut later = Self::default();
        if call.since(2, 19) {
            later.description = fields.string("description")?;
        }
        if call.since(2, 52) {
            later.tags = fields.strings("tags")?.unwrap_or_default();
        }
        if call.since(2, 63) {
            fields.ignore(&["trusted_image_certificates"]);
        }
        if call.since(2, 74) {
            later.host = match fields.string("host")? {
                Some(host) => Some(host),
                None => fields.string("hypervisor_hostname")?,
            };
            if let Some(host) = &later.host {
                call.admin("compute:servers:create:requested_destination")?;
                if !call.cloud.compute.hosts.contains_key(host) {
                    return Err(Refusal::bad(format!("Compute host {host} could not be found.")));
                }
            }
        }
        if call.since(2, 90) {
            later.hostname = fields.string("hostname")?;
        }
        Ok(later)
    }
}

/// Checks that an image fits into a flavor.
pub fn fits(flavor: &Flavor, image: &ImageView) -> Result<(), Refusal> {
    if image.min_ram > flavor.ram {
        return Err(Refusal::bad("Flavor's memory is too small for requested image."));
    }
    let bytes = image.virtual_size.max(image.size);
    if flavor.disk > 0 && (image.min_disk > flavor.disk || bytes > flavor.disk << 30) {
        return Err(Refusal::bad(format!(
            "Flavor's disk is too small for requested image. Flavor disk is {} bytes, image is {} bytes.",
            flavor.disk << 30,
            bytes.max(image.min_disk << 30)
        )));
    }
    Ok(())
}

/// Returns the properties that a server and its snapshots inherit.
fn inherited(image: &ImageView) -> BTreeMap<String, String> {
    let mut all = image.properties.clone();
    all.retain(|key, _| !matches!(key.as_str(), "block_device_mapping" | "bdm_v2" | "mappings" | "root_device_name"));
    all
}

/// Reads `availability_zone`, which administrators may extend with a host: `zone:host`.
fn zone(call: &Call, fields: &mut Fields) -> Result<(Option<String>, Option<String>), Refusal> {
    let Some(text) = fields.string("availability_zone")? else { return Ok((None, None)) };
    let mut parts = text.splitn(3, ':').map(str::to_owned);
    let zone = parts.next().filter(|zone| !zone.is_empty());
    let host = parts.next().filter(|host| !host.is_empty());
    if host.is_some() {
        call.admin("os_compute_api:servers:create:forced_host")?;
    }
    let state = &call.cloud.compute;
    if let Some(zone) = &zone
        && !state.hosts.keys().any(|host| state.zone(host) == zone)
    {
        return Err(Refusal::bad("The requested availability zone is not available"));
    }
    Ok((zone, host))
}

fn security_groups(call: &Call, fields: &mut Fields) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    for item in fields.list("security_groups")?.unwrap_or_default() {
        let mut item = Fields::of(&item, "security_groups")?;
        let name = item.text("name")?;
        item.done()?;
        if name != "default" && network::security_group(call.cloud, &call.caller.project_id, &name).is_none() {
            let project = &call.caller.project_id;
            return Err(Refusal::bad(format!("Security group {name} not found for project {project}.")));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn group(call: &Call, hints: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    let Some(id) = hints.get("group").and_then(Value::as_str) else { return Ok(None) };
    match call.cloud.compute.server_groups.get(id).filter(|group| call.caller.sees(&group.project)) {
        Some(group) => Ok(Some(group.id.clone())),
        None => Err(Refusal::bad(format!("Instance group {id} could not be found."))),
    }
}

/// Makes a host name of a server's name.
pub fn hostname(name: &str) -> String {
    let kept: String =
        name.to_lowercase().chars().map(|c| if matches!(c, ' ' | '_' | '.') { '-' } else { c }).collect();
    let plain: String = kept.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(63).collect();
    plain.trim_matches('-').to_owned()
}
