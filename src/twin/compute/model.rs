//! What Nova keeps about one server and its surroundings.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::twin::clock::Moment;

/// A flavor.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Flavor {
    /// The id as given, or made.
    pub id: String,
    /// The name.
    pub name: String,
    /// Memory in MiB.
    pub ram: u64,
    /// Cores.
    pub vcpus: u64,
    /// Root disk in GiB.
    pub disk: u64,
    /// Ephemeral disk in GiB.
    pub ephemeral: u64,
    /// Swap in MiB.
    pub swap: u64,
    /// The factor nobody uses.
    pub rxtx_factor: f64,
    /// Whether all projects may use it.
    pub is_public: bool,
    /// Projects that may use it where it is not public.
    pub access: BTreeSet<String>,
    /// The text.
    pub description: Option<String>,
    /// Extra specs.
    pub extra_specs: BTreeMap<String, String>,
}

/// A key pair; names are unique per user.
#[derive(Debug, Clone, Serialize)]
pub struct Keypair {
    /// The number Nova shows in details.
    pub id: u64,
    /// The name.
    pub name: String,
    /// Its user.
    pub user_id: String,
    /// `ssh` or `x509`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The public key.
    pub public_key: String,
    /// MD5 over the key, or the certificate's SHA-1.
    pub fingerprint: String,
    /// When it was made.
    #[serde(skip)]
    pub created: Moment,
}

/// A server group.
#[derive(Debug, Clone, Serialize)]
pub struct ServerGroup {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// Its project.
    pub project: String,
    /// Its user.
    pub user: String,
    /// `affinity`, `anti-affinity`, `soft-affinity`, `soft-anti-affinity`.
    pub policy: String,
    /// Rules of the policy: `max_server_per_host`.
    pub rules: BTreeMap<String, u64>,
    /// Ids of the servers.
    pub members: Vec<String>,
}

/// A nova-compute and its hypervisor.
#[derive(Debug, Clone, Serialize)]
pub struct Host {
    /// The name.
    pub name: String,
    /// The hypervisor's UUID, the resource provider's too.
    pub uuid: String,
    /// The service's UUID.
    pub service_uuid: String,
    /// The number both had before microversion 2.53.
    pub number: u64,
    /// Cores.
    pub vcpus: u64,
    /// Memory in MiB.
    pub memory_mb: u64,
    /// Disk in GiB.
    pub disk_gb: u64,
    /// Whether the scheduler passes it by.
    pub disabled: bool,
    /// Why.
    pub disabled_reason: Option<String>,
    /// Whether it was declared down.
    pub forced_down: bool,
    /// Whether it is down in truth (its process killed): for tests of evacuation.
    pub dead: bool,
}

impl Host {
    /// Tells whether Nova believes it alive.
    pub fn up(&self) -> bool {
        !self.forced_down && !self.dead
    }
}

/// A host aggregate.
#[derive(Debug, Clone, Serialize)]
pub struct Aggregate {
    /// The number.
    pub id: u64,
    /// The UUID.
    pub uuid: String,
    /// The name.
    pub name: String,
    /// Names of its hosts.
    pub hosts: Vec<String>,
    /// Metadata; `availability_zone` makes a zone.
    pub metadata: BTreeMap<String, String>,
    /// When it was made.
    #[serde(skip)]
    pub created: Moment,
    /// When it was changed.
    #[serde(skip)]
    pub updated: Option<Moment>,
}

/// A migration of a server between hosts.
#[derive(Debug, Clone, Serialize)]
pub struct Migration {
    /// The number.
    pub id: u64,
    /// The UUID.
    pub uuid: String,
    /// `migration`, `resize`, `live-migration`, `evacuation`.
    pub kind: String,
    /// `running`, `finished`, `confirmed`, `reverted`, `completed`, `error`, …
    pub status: String,
    /// The server.
    pub server: String,
    /// From where.
    pub source: String,
    /// To where; empty while the scheduler has not chosen.
    pub target: String,
    /// The number of the flavor before.
    pub old_flavor: String,
    /// The flavor after.
    pub new_flavor: String,
    /// Who asked.
    pub user: String,
    /// The server's project.
    pub project: String,
    /// When it began.
    #[serde(skip)]
    pub created: Moment,
    /// When its status last changed.
    #[serde(skip)]
    pub updated: Moment,
}

/// A volume of a server.
#[derive(Debug, Clone, Serialize)]
pub struct Attached {
    /// The volume.
    pub volume: String,
    /// `/dev/vdb`
    pub device: String,
    /// Cinder's attachment.
    pub attachment: String,
    /// Whether the volume is deleted with the server.
    pub delete_on_termination: bool,
    /// The device tag.
    pub tag: Option<String>,
    /// Whether it is the root.
    pub root: bool,
    /// Nova's own id of the mapping.
    pub mapping: String,
}

/// A port of a server.
#[derive(Debug, Clone, Serialize)]
pub struct Nic {
    /// The port.
    pub port: String,
    /// Whether Nova made it, and so deletes it.
    pub made_by_nova: bool,
    /// The device tag.
    pub tag: Option<String>,
}

/// What went wrong with a server.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// The code.
    pub code: u16,
    /// The text.
    pub message: String,
    /// When.
    #[serde(skip)]
    pub created: Moment,
}

/// What a resize or cold migration remembers until it is confirmed or reverted.
#[derive(Debug, Clone, Serialize)]
pub struct Before {
    /// The host.
    pub host: String,
    /// The flavor.
    pub flavor: Flavor,
    /// `active` or `stopped`.
    pub vm_state: String,
    /// The migration's number.
    pub migration: u64,
}

/// One entry of a server's history.
#[derive(Debug, Clone, Serialize)]
pub struct Action {
    /// `create`, `stop`, …
    pub action: String,
    /// The request.
    pub request_id: String,
    /// Who.
    pub user: String,
    /// In which project.
    pub project: String,
    /// When it began.
    #[serde(skip)]
    pub started: Moment,
}

/// A server.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Server {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The text.
    pub description: Option<String>,
    /// The guest's host name.
    pub hostname: String,
    /// The owner.
    pub project: String,
    /// The user.
    pub user: String,
    /// The flavor as it was when the server was made or resized.
    pub flavor: Flavor,
    /// The image it was booted from.
    pub image: Option<String>,
    /// That image's format, which its disk and snapshots have.
    pub disk_format: String,
    /// Properties of that image, which snapshots inherit.
    pub image_properties: BTreeMap<String, String>,
    /// The host; empty while not placed or offloaded.
    pub host: String,
    /// The zone that was asked for.
    pub wanted_zone: Option<String>,
    /// The only host it may be built on.
    pub wanted_host: Option<String>,
    /// `active`, `stopped`, …
    pub vm_state: String,
    /// `spawning`, …
    pub task_state: Option<String>,
    /// 0 unknown, 1 running, 3 paused, 4 shut down, 7 suspended.
    pub power_state: u8,
    /// Metadata.
    pub metadata: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeSet<String>,
    /// Whether it is locked.
    pub locked: bool,
    /// Why.
    pub locked_reason: Option<String>,
    /// The key pair's name.
    pub key_name: Option<String>,
    /// Security groups asked for at creation.
    pub security_groups: Vec<String>,
    /// Whether it has a config drive.
    pub config_drive: bool,
    /// User data.
    pub user_data: Option<String>,
    /// The IPv4 address to show.
    pub access_ipv4: String,
    /// The IPv6 address to show.
    pub access_ipv6: String,
    /// `AUTO` or `MANUAL`.
    pub disk_config: String,
    /// The reservation.
    #[serde(skip)]
    pub reservation: String,
    /// The place among servers made by one request.
    pub launch_index: u64,
    /// Volumes.
    pub volumes: Vec<Attached>,
    /// Ports.
    pub nics: Vec<Nic>,
    /// The root device.
    pub root_device: String,
    /// The server group.
    pub group: Option<String>,
    /// Scheduler hints.
    pub hints: Map<String, Value>,
    /// What went wrong.
    pub failure: Option<Failure>,
    /// A resize in progress.
    pub before: Option<Before>,
    /// The image of a shelved server.
    pub shelved_image: Option<String>,
    /// The seed of the disk's bytes where they were never written (generated estates).
    #[serde(skip)]
    pub disk_seed: Option<u64>,
    /// When it was made.
    #[serde(skip)]
    pub created: Moment,
    /// Its place among all servers ever made.
    #[serde(skip)]
    pub number: u64,
    /// When it last changed.
    #[serde(skip)]
    pub updated: Moment,
    /// When it first ran.
    #[serde(skip)]
    pub launched: Option<Moment>,
    /// What was done to it.
    pub actions: Vec<Action>,
    /// What its console said.
    #[serde(skip)]
    pub console: String,
}

impl Server {
    /// Returns the disk that counts against a host: none where the root is a volume.
    pub fn local_disk(&self) -> u64 {
        disk_of(&self.flavor, self.image.is_none())
    }

    /// Tells whether it has no task.
    pub fn idle(&self) -> bool {
        self.task_state.is_none()
    }
}

/// Returns the local disk in GiB that a flavor takes.
pub fn disk_of(flavor: &Flavor, from_volume: bool) -> u64 {
    let root = if from_volume { 0 } else { flavor.disk };
    root + flavor.ephemeral + flavor.swap.div_ceil(1024)
}
