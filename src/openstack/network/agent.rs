use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Resource, identified, keys};

entity! {
    /// An agent of Neutron on a host.
    NetworkAgent {
        /// The id.
        id: String,
        /// What it is, for example `Open vSwitch agent`.
        agent_type: String,
        /// The program, for example `neutron-openvswitch-agent`.
        binary: String,
        /// The host it runs on.
        host: String,
        /// Whether it reports.
        alive: bool,
        /// Whether it takes new work.
        admin_state_up: bool,
        /// The availability zone it serves.
        availability_zone: Option<String>,
        /// The description.
        description: Option<String>,
        /// How it is configured.
        configurations: Map<String, Value>,
        /// When it first started.
        created_at: Option<String>,
        /// When it last started.
        started_at: Option<String>,
        /// When it last reported.
        heartbeat_timestamp: Option<String>,
    }
}

impl Resource for NetworkAgent {
    const KIND: &'static str = "agent";
    const PLURAL: &'static str = "agents";
    const SERVICE: Service = Service::Network;
    const PATH: &'static str = "/agents";
    const FILTERS: &'static [Field] = keys![
        agent_type: Option<String> = "Only agents of this type.",
        binary: Option<String> = "Only agents of this program.",
        host: Option<String> = "Only agents on this host.",
        alive: Option<bool> = "Only agents that report, or that do not.",
        availability_zone: Option<String> = "Only agents of this availability zone.",
    ];
    const UPDATE: &'static [Field] = keys![
        admin_state_up: Option<bool> = "Whether it takes new work.",
        description: Option<String> = "The description.",
    ];
    identified!(id, host);
}
