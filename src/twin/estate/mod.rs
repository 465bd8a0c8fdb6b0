//! What a twin contains when it starts, as a description that YAML or JSON can hold.
//!
//! It is not the twin's state: each service turns its part into state in its `install`. Objects refer to each other by id
//! or, where that is unambiguous in the project, by name. Decision: ids are optional, so that a hand-written test estate
//! stays short and one made from a real cloud's inventory keeps the real ids.

mod generate;
mod small;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use generate::Size;

use super::cloud::Cloud;

type Words = BTreeMap<String, String>;

/// Declares the structs of an estate: all fields may be left out, none may be misspelt.
macro_rules! described {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $ty:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty),* }
    )*};
}

described! {
    /// Everything that a cloud contains. The domain `Default`, the project and user `admin` and the usual roles exist anyway.
    Estate {
        /// Domains besides `Default`.
        domains: Vec<Domain>,
        /// Projects besides `admin` and `service`.
        projects: Vec<Project>,
        /// Users besides `admin`.
        users: Vec<User>,
        /// Groups.
        groups: Vec<Group>,
        /// Roles besides `admin`, `member`, `reader`, `service`.
        roles: Vec<String>,
        /// Hypervisors.
        hosts: Vec<Host>,
        /// Host aggregates; one with `availability_zone` makes a zone.
        aggregates: Vec<Aggregate>,
        /// Flavors.
        flavors: Vec<Flavor>,
        /// Key pairs.
        keypairs: Vec<Keypair>,
        /// Server groups.
        server_groups: Vec<ServerGroup>,
        /// Images.
        images: Vec<Image>,
        /// Networks with their subnets.
        networks: Vec<Network>,
        /// Routers.
        routers: Vec<Router>,
        /// Security groups besides each project's `default`.
        security_groups: Vec<SecurityGroup>,
        /// Ports made before the servers; a server's own ports need not be here.
        ports: Vec<Port>,
        /// Floating IPs.
        floating_ips: Vec<FloatingIp>,
        /// Volume types besides `standard`.
        volume_types: Vec<VolumeType>,
        /// Volumes.
        volumes: Vec<Volume>,
        /// Volume snapshots.
        snapshots: Vec<Snapshot>,
        /// Servers.
        servers: Vec<Server>,
    }
    /// A domain.
    Domain { /** The id. */ id: Option<String>, /** The name. */ name: String, /** The text. */ description: String }
    /// A project.
    Project {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The domain's id or name; `default` where left out.
        domain: String,
        /// The text.
        description: String,
        /// Tags.
        tags: Vec<String>,
        /// Nova's quota values that differ from the default: `instances`, `cores`, `ram`, …
        compute_quota: BTreeMap<String, i64>,
        /// Neutron's: `network`, `port`, `floatingip`, …
        network_quota: BTreeMap<String, i64>,
        /// Cinder's: `volumes`, `gigabytes`, `snapshots`, …
        volume_quota: BTreeMap<String, i64>,
    }
    /// A user and its roles on projects.
    User {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The domain's id or name; `default` where left out.
        domain: String,
        /// The password; a user without one cannot log in.
        password: Option<String>,
        /// The mail address.
        email: Option<String>,
        /// Project (id or name) → role names.
        roles: BTreeMap<String, Vec<String>>,
    }
    /// A group.
    Group {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The domain's id or name; `default` where left out.
        domain: String,
        /// Members, by id or name.
        users: Vec<String>,
        /// Project (id or name) → role names.
        roles: BTreeMap<String, Vec<String>>,
    }
    /// A hypervisor with its nova-compute.
    Host {
        /// The name.
        name: String,
        /// Cores; 16 where left out.
        vcpus: u64,
        /// Memory in MiB; 65536 where left out.
        memory_mb: u64,
        /// Disk in GiB; 1000 where left out.
        disk_gb: u64,
        /// Whether its service is disabled.
        disabled: bool,
    }
    /// A host aggregate.
    Aggregate { /** The name. */ name: String, /** The zone it makes. */ availability_zone: Option<String>, /** Its hosts. */ hosts: Vec<String>, /** Its metadata. */ metadata: Words }
    /// A flavor.
    Flavor {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// Memory in MiB.
        ram: u64,
        /// Cores.
        vcpus: u64,
        /// Root disk in GiB.
        disk: u64,
        /// Ephemeral disk in GiB.
        ephemeral: u64,
        /// Swap in MiB.
        swap: u64,
        /// Whether only some projects may use it.
        private: bool,
        /// Those projects.
        access: Vec<String>,
        /// Extra specs.
        extra_specs: Words,
    }
    /// A key pair.
    Keypair { /** The name. */ name: String, /** Its user, by id or name. */ user: String, /** `ssh` or `x509`. */ kind: Option<String>, /** The public key; made up where left out. */ public_key: Option<String> }
    /// A server group.
    ServerGroup { /** The id. */ id: Option<String>, /** The name. */ name: String, /** The project. */ project: String, /** `affinity`, `anti-affinity` or a soft one. */ policy: String }
    /// An image.
    Image {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The owner; `admin` where left out.
        project: String,
        /// `public`, `private`, `shared` or `community`; `private` where left out.
        visibility: String,
        /// `raw` where left out.
        disk_format: String,
        /// The length in bytes.
        size: u64,
        /// GiB needed.
        min_disk: u64,
        /// MiB needed.
        min_ram: u64,
        /// Tags.
        tags: Vec<String>,
        /// Further properties.
        properties: Words,
        /// Projects that a shared image is shared with.
        members: Vec<String>,
    }
    /// A network.
    Network {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The owner; `admin` where left out.
        project: String,
        /// Whether everybody may use it.
        shared: bool,
        /// Whether routers may have their gateway there.
        external: bool,
        /// `vxlan` where left out.
        network_type: Option<String>,
        /// The provider's physical network.
        physical_network: Option<String>,
        /// The VLAN or VNI; taken from the pool where left out.
        segmentation_id: Option<u64>,
        /// 1450 where left out.
        mtu: Option<u64>,
        /// Its subnets.
        subnets: Vec<Subnet>,
    }
    /// A subnet.
    Subnet {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The range.
        cidr: String,
        /// The gateway; the first address where left out.
        gateway_ip: Option<String>,
        /// Pools as first and last address; the whole range where empty.
        allocation_pools: Vec<(String, String)>,
        /// DNS servers.
        dns_nameservers: Vec<String>,
        /// Whether DHCP is off.
        no_dhcp: bool,
    }
    /// A router.
    Router { /** The id. */ id: Option<String>, /** The name. */ name: String, /** The owner. */ project: String, /** The external network of its gateway. */ external: Option<String>, /** Subnets it has an interface in, by id or name. */ subnets: Vec<String> }
    /// A security group.
    SecurityGroup { /** The id. */ id: Option<String>, /** The name. */ name: String, /** The owner. */ project: String, /** The text. */ description: String, /** Its rules. */ rules: Vec<Rule> }
    /// A rule of a security group.
    Rule {
        /// `ingress` where left out.
        direction: Option<String>,
        /// `IPv4` where left out.
        ethertype: Option<String>,
        /// The protocol; any where left out.
        protocol: Option<String>,
        /// The first and the last port.
        ports: Option<(u16, u16)>,
        /// The remote range.
        remote_ip: Option<String>,
        /// The remote group, by id or name.
        remote_group: Option<String>,
    }
    /// A port.
    Port { /** The id. */ id: Option<String>, /** The name. */ name: String, /** The owner. */ project: String, /** The network. */ network: String, /** Its addresses; one is given where empty. */ fixed_ips: Vec<String>, /** The MAC address. */ mac: Option<String>, /** Security groups; `default` where left out. */ security_groups: Option<Vec<String>> }
    /// A floating IP.
    FloatingIp { /** The id. */ id: Option<String>, /** The owner. */ project: String, /** The external network. */ network: String, /** The address; one is given where left out. */ address: Option<String>, /** The server it leads to, by id or name. */ server: Option<String>, /** The port it leads to, by id or name. */ port: Option<String> }
    /// A volume type.
    VolumeType { /** The id. */ id: Option<String>, /** The name. */ name: String, /** Extra specs. */ extra_specs: Words }
    /// A volume.
    Volume {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The owner.
        project: String,
        /// GiB.
        size: u64,
        /// The type; `standard` where left out.
        volume_type: Option<String>,
        /// The image whose bytes it holds, by id or name.
        image: Option<String>,
        /// Metadata.
        metadata: Words,
    }
    /// A snapshot of a volume.
    Snapshot { /** The id. */ id: Option<String>, /** The name. */ name: String, /** The volume, by id or name. */ volume: String }
    /// A server.
    Server {
        /// The id.
        id: Option<String>,
        /// The name.
        name: String,
        /// The owner.
        project: String,
        /// Its user, by id or name; the project's first user where left out.
        user: Option<String>,
        /// The flavor.
        flavor: String,
        /// The image it was booted from; none where booted from a volume.
        image: Option<String>,
        /// Volumes attached, by id or name; the first is the root where there is no image.
        volumes: Vec<String>,
        /// Networks, by id or name, in the order of its interfaces.
        networks: Vec<String>,
        /// Ready ports, by id or name, after the networks.
        ports: Vec<String>,
        /// Its host; the scheduler's choice where left out.
        host: Option<String>,
        /// `ACTIVE` where left out; also `SHUTOFF`, `PAUSED`, `SUSPENDED`, `SHELVED_OFFLOADED`, `ERROR`.
        status: Option<String>,
        /// Its key pair.
        keypair: Option<String>,
        /// Security groups; `default` where empty.
        security_groups: Vec<String>,
        /// Its server group.
        server_group: Option<String>,
        /// Metadata.
        metadata: Words,
        /// Tags.
        tags: Vec<String>,
        /// User data in base64.
        user_data: Option<String>,
        /// Whether it has a config drive.
        config_drive: bool,
    }
}

impl Estate {
    /// Builds the state of every service. The error names the object that does not fit.
    pub fn install(&self, cloud: &mut Cloud) -> Result<(), String> {
        super::identity::install(cloud, self)?;
        super::compute::install_hosts(cloud, self)?;
        super::image::install(cloud, self)?;
        super::network::install(cloud, self)?;
        super::volume::install(cloud, self)?;
        super::compute::install_servers(cloud, self)?;
        super::network::install_floating_ips(cloud, self)
    }

    /// Reads a description from YAML, or JSON, which is YAML too.
    pub fn read(text: &str) -> Result<Self, String> {
        serde_yaml_ng::from_str(text).map_err(|error| error.to_string())
    }
}

/// Returns the text or, where it is empty, `otherwise`.
pub fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}
