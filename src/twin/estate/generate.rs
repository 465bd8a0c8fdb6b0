//! Estates of any size.

use std::collections::BTreeMap;

use super::{Estate, Flavor, Host, Image, Network, Project, Router, Server, Subnet, User, Volume};
use crate::twin::dice::Dice;

/// How large an estate is to be.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Hypervisors.
    pub hosts: usize,
    /// Servers.
    pub servers: usize,
    /// Projects.
    pub projects: usize,
    /// The seed.
    pub seed: u64,
}

/// Name, cores, memory in MiB, disk in GiB, and how many of twenty servers have it.
const FLAVORS: &[(&str, u64, u64, u64, u64)] = &[
    ("m1.tiny", 1, 512, 1, 6),
    ("m1.small", 1, 2048, 10, 6),
    ("m1.medium", 2, 4096, 20, 4),
    ("m1.large", 4, 8192, 40, 3),
    ("m1.xlarge", 8, 16384, 80, 1),
];

impl Estate {
    /// Makes an estate of the given size: hosts filled about evenly, one in eight servers booted from a volume, one in ten
    /// stopped. The same size and seed give the same estate, ids included.
    pub fn generate(size: Size) -> Self {
        // Salted, or a twin of the same seed would make the same ids for its own objects.
        let mut dice = Dice::new(size.seed ^ 0x6573_7461_7465);
        let mut estate = Self { hosts: hosts(size), flavors: flavors(), images: images(&mut dice), ..Self::default() };
        estate.networks.push(external(&mut dice));
        let projects: Vec<String> =
            (0..size.projects.max(1)).map(|number| add_project(&mut estate, &mut dice, number, size)).collect();
        for number in 0..size.servers {
            let project = number % projects.len();
            add_server(&mut estate, &mut dice, number, &projects[project], project);
        }
        place(&mut estate);
        estate
    }
}

fn hosts(size: Size) -> Vec<Host> {
    let width = size.hosts.to_string().len();
    // Twice the room that the servers need on average, so that an estate of any shape fits.
    let each = (size.servers.div_ceil(size.hosts.max(1)) as u64).max(8);
    let host = |number: usize| Host {
        name: format!("cmp{:0width$}", number + 1),
        vcpus: (each * 2).next_multiple_of(16),
        memory_mb: (each * 8192).next_multiple_of(65536),
        disk_gb: (each * 40).next_multiple_of(1000),
        disabled: false,
    };
    (0..size.hosts.max(1)).map(host).collect()
}

fn flavors() -> Vec<Flavor> {
    let flavor = |(place, (name, vcpus, ram, disk, _)): (usize, &(&str, u64, u64, u64, u64))| Flavor {
        id: Some((place + 1).to_string()),
        name: (*name).to_owned(),
        vcpus: *vcpus,
        ram: *ram,
        disk: *disk,
        ..Flavor::default()
    };
    FLAVORS.iter().enumerate().map(flavor).collect()
}

fn images(dice: &mut Dice) -> Vec<Image> {
    let mut image = |name: &str| Image {
        id: Some(dice.uuid()),
        name: name.to_owned(),
        visibility: "public".to_owned(),
        size: 65536,
        min_disk: 1,
        ..Image::default()
    };
    vec![image("debian-12"), image("ubuntu-24.04"), image("rocky-9")]
}

fn external(dice: &mut Dice) -> Network {
    let subnet = Subnet {
        id: Some(dice.uuid()),
        name: "public".to_owned(),
        cidr: "198.18.0.0/15".to_owned(),
        no_dhcp: true,
        ..Subnet::default()
    };
    Network {
        id: Some(dice.uuid()),
        name: "public".to_owned(),
        external: true,
        network_type: Some("flat".to_owned()),
        physical_network: Some("physpub".to_owned()),
        subnets: vec![subnet],
        ..Network::default()
    }
}

/// Adds a project with a user, a network and a router, and returns the project's id.
fn add_project(estate: &mut Estate, dice: &mut Dice, number: usize, size: Size) -> String {
    let id = dice.hex();
    let name = format!("project-{:04}", number + 1);
    let share = (size.servers / size.projects.max(1) + 1) as i64;
    let quota = |values: &[(&str, i64)]| {
        values.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect::<BTreeMap<_, _>>()
    };
    estate.projects.push(Project {
        id: Some(id.clone()),
        name: name.clone(),
        description: format!("generated project {}", number + 1),
        compute_quota: quota(&[
            ("instances", share * 2 + 10),
            ("cores", share * 16 + 20),
            ("ram", share * 32768 + 51200),
        ]),
        network_quota: quota(&[("port", share * 4 + 100)]),
        volume_quota: quota(&[("volumes", share * 2 + 10), ("gigabytes", share * 100 + 1000)]),
        ..Project::default()
    });
    let roles = BTreeMap::from([(id.clone(), vec!["member".to_owned()])]);
    let password = Some(format!("{name}-pw"));
    estate.users.push(User { id: Some(dice.hex()), name: format!("{name}-owner"), password, roles, ..User::default() });
    let (network, subnet) = (dice.uuid(), dice.uuid());
    // Large projects need more than a /24.
    let cidr = format!("10.{}.0.0/16", number % 250);
    let inner = Subnet { id: Some(subnet.clone()), name: "net".to_owned(), cidr, ..Subnet::default() };
    estate.networks.push(Network {
        id: Some(network),
        name: "net".to_owned(),
        project: id.clone(),
        subnets: vec![inner],
        ..Network::default()
    });
    let external = estate.networks[0].id.clone();
    estate.routers.push(Router {
        id: Some(dice.uuid()),
        name: "gw".to_owned(),
        project: id.clone(),
        external,
        subnets: vec![subnet],
    });
    id
}

fn add_server(estate: &mut Estate, dice: &mut Dice, number: usize, project: &str, place: usize) {
    let mut roll = dice.below(20);
    let mut flavor = 0;
    while roll >= FLAVORS[flavor].4 {
        roll -= FLAVORS[flavor].4;
        flavor += 1;
    }
    let image = estate.images[dice.below(3) as usize].id.clone();
    let name = format!("vm-{:06}", number + 1);
    let from_volume = dice.below(8) == 0;
    let mut server = Server {
        id: Some(dice.uuid()),
        name: name.clone(),
        project: project.to_owned(),
        user: estate.users[place].id.clone(),
        flavor: (flavor + 1).to_string(),
        networks: estate.networks[place + 1].id.clone().into_iter().collect(),
        status: (dice.below(10) == 0).then(|| "SHUTOFF".to_owned()),
        ..Server::default()
    };
    if from_volume {
        let id = dice.uuid();
        let (size, project) = (FLAVORS[flavor].3, project.to_owned());
        server.volumes.push(id.clone());
        estate.volumes.push(Volume {
            id: Some(id),
            name: format!("{name}-root"),
            project,
            size,
            image,
            ..Volume::default()
        });
    } else {
        server.image = image;
    }
    estate.servers.push(server);
}

/// Puts each server on the host that is emptiest for its turn: round about, skipping hosts that are full.
fn place(estate: &mut Estate) {
    let mut free: Vec<(i64, i64, i64)> =
        estate.hosts.iter().map(|host| (host.vcpus as i64 * 4, host.memory_mb as i64, host.disk_gb as i64)).collect();
    let count = free.len();
    let mut next = 0;
    for server in &mut estate.servers {
        let (_, vcpus, ram, disk, _) = FLAVORS[server.flavor.parse::<usize>().unwrap_or(1) - 1];
        let need = (vcpus as i64, ram as i64, if server.image.is_some() { disk as i64 } else { 0 });
        let fits = |free: &(i64, i64, i64)| free.0 >= need.0 && free.1 >= need.1 && free.2 >= need.2;
        let at = (0..count).map(|step| (next + step) % count).find(|at| fits(&free[*at])).unwrap_or(next % count);
        free[at] = (free[at].0 - need.0, free[at].1 - need.1, free[at].2 - need.2);
        server.host = Some(estate.hosts[at].name.clone());
        next = (at + 1) % count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_kept_and_seeds_repeat() {
        let size = Size { hosts: 10, servers: 300, projects: 7, seed: 3 };
        let one = Estate::generate(size);
        assert_eq!((one.hosts.len(), one.servers.len(), one.projects.len()), (10, 300, 7));
        assert_eq!(one.servers[9].id, Estate::generate(size).servers[9].id);
        assert!(one.servers.iter().all(|server| server.host.is_some()));
    }
}
