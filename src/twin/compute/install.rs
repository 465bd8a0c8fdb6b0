//! Building the hosts and servers of an estate.

use serde_json::Map;

use super::model::{Attached, Flavor, Host, Keypair, Nic, Server, ServerGroup};
use super::schedule::{self, Need};
use super::{aggregates, create, keypairs, status};
use crate::twin::cloud::Cloud;
use crate::twin::estate::{self, Estate};
use crate::twin::network::{self, WantedPort};
use crate::twin::{image, volume};

/// Builds hosts, aggregates, flavors, key pairs, server groups and quotas of an estate.
pub fn install_hosts(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    for host in &estate.hosts {
        install_host(cloud, host);
    }
    for one in &estate.aggregates {
        let mut metadata = one.metadata.clone();
        metadata.extend(one.availability_zone.iter().map(|zone| ("availability_zone".to_owned(), zone.clone())));
        aggregates::add(cloud, &one.name, metadata, one.hosts.clone());
    }
    for flavor in &estate.flavors {
        install_flavor(cloud, flavor)?;
    }
    for key in &estate.keypairs {
        install_keypair(cloud, key)?;
    }
    for group in &estate.server_groups {
        let id = group.id.clone().unwrap_or_else(|| cloud.uuid());
        let project = project(cloud, &group.project, &group.name)?;
        let (name, policy) = (group.name.clone(), group.policy.clone());
        let made = ServerGroup {
            id: id.clone(),
            name,
            project,
            user: String::new(),
            policy,
            rules: Default::default(),
            members: Vec::new(),
        };
        cloud.compute.server_groups.insert(id, made);
    }
    for one in estate.projects.iter().filter(|one| !one.compute_quota.is_empty()) {
        let id = project(cloud, one.id.as_deref().unwrap_or(&one.name), "quota")?;
        cloud.compute.quotas.insert(id, one.compute_quota.clone());
    }
    Ok(())
}

fn project(cloud: &Cloud, name: &str, whose: &str) -> Result<String, String> {
    let name = estate::or(name, "admin");
    cloud.identity.find_project(name).ok_or_else(|| format!("{whose}: there is no project '{name}'"))
}

fn install_host(cloud: &mut Cloud, host: &estate::Host) {
    let or = |value: u64, usual: u64| if value == 0 { usual } else { value };
    let made = Host {
        name: host.name.clone(),
        uuid: cloud.uuid(),
        service_uuid: cloud.uuid(),
        number: cloud.compute.hosts.len() as u64 + 1,
        vcpus: or(host.vcpus, 16),
        memory_mb: or(host.memory_mb, 65536),
        disk_gb: or(host.disk_gb, 1000),
        disabled: host.disabled,
        disabled_reason: None,
        forced_down: false,
        dead: false,
    };
    cloud.compute.hosts.insert(host.name.clone(), made);
}

fn install_flavor(cloud: &mut Cloud, flavor: &estate::Flavor) -> Result<(), String> {
    let id = flavor.id.clone().unwrap_or_else(|| cloud.uuid());
    let access = flavor.access.iter().map(|name| project(cloud, name, &flavor.name)).collect::<Result<_, _>>()?;
    let made = Flavor {
        id: id.clone(),
        name: flavor.name.clone(),
        ram: flavor.ram,
        vcpus: flavor.vcpus,
        disk: flavor.disk,
        ephemeral: flavor.ephemeral,
        swap: flavor.swap,
        rxtx_factor: 1.0,
        is_public: !flavor.private,
        access,
        description: None,
        extra_specs: flavor.extra_specs.clone(),
    };
    cloud.compute.flavors.insert(id, made);
    Ok(())
}

fn install_keypair(cloud: &mut Cloud, key: &estate::Keypair) -> Result<(), String> {
    let user_id = cloud.identity.find_user(&key.user);
    let user_id = user_id.ok_or_else(|| format!("key pair {}: there is no user '{}'", key.name, key.user))?;
    let public_key = key.public_key.clone().unwrap_or_else(|| keypairs::generated(cloud));
    let kind = key.kind.clone().unwrap_or_else(|| "ssh".to_owned());
    let fingerprint = keypairs::fingerprint(&public_key, &kind)
        .map_err(|refusal| format!("key pair {}: {}", key.name, refusal.message))?;
    let (id, created) = (cloud.count(), cloud.now);
    let made = Keypair { id, name: key.name.clone(), user_id: user_id.clone(), kind, public_key, fingerprint, created };
    cloud.compute.keypairs.insert((user_id, key.name.clone()), made);
    Ok(())
}

/// Builds the servers.
pub fn install_servers(cloud: &mut Cloud, estate: &Estate) -> Result<(), String> {
    // Names are looked up once: an estate may have hundreds of thousands of servers.
    let flavors: std::collections::BTreeMap<String, String> =
        cloud.compute.flavors.values().map(|flavor| (flavor.name.clone(), flavor.id.clone())).collect();
    for (place, server) in estate.servers.iter().enumerate() {
        let flavor = cloud
            .compute
            .flavors
            .get(&server.flavor)
            .or_else(|| cloud.compute.flavors.get(flavors.get(&server.flavor)?));
        let flavor =
            flavor.cloned().ok_or_else(|| format!("server {}: there is no flavor '{}'", server.name, server.flavor))?;
        install_server(cloud, server, flavor, place)?;
    }
    Ok(())
}

fn install_server(cloud: &mut Cloud, want: &estate::Server, flavor: Flavor, place: usize) -> Result<(), String> {
    let project = project(cloud, &want.project, &want.name)?;
    let shown = want.status.as_deref().unwrap_or("ACTIVE");
    let (vm_state, power_state) =
        status::of_status(shown).ok_or_else(|| format!("server {}: no status '{shown}' to start with", want.name))?;
    let id = want.id.clone().unwrap_or_else(|| cloud.uuid());
    let mut server = Server {
        id: id.clone(),
        name: want.name.clone(),
        hostname: create::hostname(&want.name),
        user: owner(cloud, want, &project),
        flavor,
        vm_state: vm_state.to_owned(),
        power_state,
        metadata: want.metadata.clone(),
        tags: want.tags.iter().cloned().collect(),
        key_name: want.keypair.clone(),
        security_groups: want.security_groups.clone(),
        config_drive: want.config_drive,
        user_data: want.user_data.clone(),
        disk_config: "MANUAL".to_owned(),
        root_device: "/dev/vda".to_owned(),
        hints: Map::new(),
        // A minute apart, so that the order of creation is plain.
        created: cloud.now - 86_400_000 + place as u64,
        updated: cloud.now - 86_400_000 + place as u64,
        launched: Some(cloud.now - 86_000_000),
        number: cloud.count(),
        reservation: format!("r-{}", &cloud.dice.hex()[..8]),
        project: project.clone(),
        ..Server::default()
    };
    boot_source(cloud, want, &mut server)?;
    if let Some(group) = &want.server_group {
        let fits = |one: &&ServerGroup| one.id == *group || one.name == *group && one.project == project;
        let found = cloud.compute.server_groups.values().find(fits).map(|one| one.id.clone());
        server.group = Some(found.ok_or_else(|| format!("server {}: there is no server group '{group}'", want.name))?);
    }
    if shown != "SHELVED_OFFLOADED" {
        server.host = host(cloud, want, &server)?;
    }
    connect(cloud, want, &mut server)?;
    if let Some(group) = server.group.as_ref().and_then(|id| cloud.compute.server_groups.get_mut(id)) {
        group.members.push(id.clone());
    }
    let (host, volumes) = (server.host.clone(), server.volumes.clone());
    cloud.compute.insert_server(server);
    let zone = cloud.compute.zone(&host).to_owned();
    network::bind_ports(cloud, &id, &host, &zone, true);
    for one in volumes {
        volume::attach(cloud, &one.volume, &id, &one.device, &host);
    }
    Ok(())
}

fn owner(cloud: &Cloud, want: &estate::Server, project: &str) -> String {
    let named = want.user.as_ref().and_then(|user| cloud.identity.find_user(user));
    let of_project = || {
        let users = cloud.identity.users.values();
        users.into_iter().find(|user| user.default_project_id.as_deref() == Some(project)).map(|user| user.id.clone())
    };
    named.or_else(of_project).unwrap_or_default()
}

/// Sets image or volumes.
fn boot_source(cloud: &mut Cloud, want: &estate::Server, server: &mut Server) -> Result<(), String> {
    if let Some(name) = &want.image {
        let id = image::find(cloud, &server.project, name);
        let id = id.ok_or_else(|| format!("server {}: there is no image '{name}'", want.name))?;
        let view = image::view(cloud, &server.project, true, &id).unwrap_or_default();
        server.disk_format = view.disk_format;
        server.image_properties = view.properties;
        server.image = Some(id);
        server.disk_seed = Some(cloud.dice.bits());
        if server.disk_format == "qcow2" {
            // Made-up bytes are no qcow2, so the disk of such a server is plain, as with Nova's raw disks.
            server.disk_format = "raw".to_owned();
        }
    } else if want.volumes.is_empty() {
        return Err(format!("server {}: it has neither an image nor a volume", want.name));
    }
    for (place, name) in want.volumes.iter().enumerate() {
        let volume = volume::find(cloud, &server.project, name);
        let volume = volume.ok_or_else(|| format!("server {}: there is no volume '{name}'", want.name))?;
        let root = place == 0 && server.image.is_none();
        let attachment = volume::reserve(cloud, &volume, &server.id)
            .map_err(|refusal| format!("server {}: volume '{name}': {}", want.name, refusal.message))?;
        let device = if root { "/dev/vda".to_owned() } else { super::devices::free_name(server) };
        let mapping = cloud.uuid();
        let tag = None;
        server.volumes.push(Attached { volume, device, attachment, delete_on_termination: false, tag, root, mapping });
    }
    Ok(())
}

fn host(cloud: &Cloud, want: &estate::Server, server: &Server) -> Result<String, String> {
    if let Some(host) = &want.host {
        let known = cloud.compute.hosts.contains_key(host);
        return if known { Ok(host.clone()) } else { Err(format!("server {}: there is no host '{host}'", want.name)) };
    }
    let need = Need {
        flavor: Some(&server.flavor),
        from_volume: server.image.is_none(),
        group: server.group.as_deref(),
        server: &server.id,
        ..Need::default()
    };
    schedule::choose(&cloud.compute, &need).ok_or_else(|| format!("server {}: no host has room for it", want.name))
}

/// Gives the server its ports.
fn connect(cloud: &mut Cloud, want: &estate::Server, server: &mut Server) -> Result<(), String> {
    let wrong = |what: &str| format!("server {}: {what}", want.name);
    for name in &want.networks {
        let network = network::find_network(cloud, &server.project, name);
        let network = network.ok_or_else(|| wrong(&format!("there is no network '{name}'")))?;
        let wanted = WantedPort {
            network,
            fixed_ip: None,
            project: server.project.clone(),
            security_groups: want.security_groups.clone(),
        };
        let port =
            network::create_server_port(cloud, &wanted, &server.id).map_err(|refusal| wrong(&refusal.message))?;
        server.nics.push(Nic { port, made_by_nova: true, tag: None });
    }
    for name in &want.ports {
        let port = network::find_port(cloud, &server.project, name)
            .ok_or_else(|| wrong(&format!("there is no port '{name}'")))?;
        network::claim_port(cloud, &port, &server.id).map_err(|refusal| wrong(&refusal.message))?;
        server.nics.push(Nic { port, made_by_nova: false, tag: None });
    }
    Ok(())
}
