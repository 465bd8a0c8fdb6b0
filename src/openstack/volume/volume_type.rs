use std::collections::BTreeMap;

use serde_json::Value;

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, rename};
use crate::openstack::resource::{Resource, identified, keys};

entity! {
    /// A volume type: which backend and quality a volume gets.
    VolumeType reads access {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The description.
        description: Option<String>,
        /// Whether every project may use it.
        is_public: bool,
        /// The extra specs; only administrators see all of them.
        extra_specs: BTreeMap<String, String>,
        /// The QoS specs.
        qos_specs_id: Option<String>,
    }
}

fn access(object: &mut Object) {
    rename(object, "os-volume-type-access:is_public", "is_public");
}

impl Resource for VolumeType {
    const KIND: &'static str = "volume_type";
    const PLURAL: &'static str = "volume_types";
    const SERVICE: Service = Service::Volume;
    const PATH: &'static str = "/types";
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        is_public: Value = "Only public (true) or only private (false) types, or both by the word `None`.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name.",
        description: Option<String> = "The description.",
        is_public: Option<bool> as "os-volume-type-access:is_public" = "Whether every project may use it.",
        extra_specs: Option<BTreeMap<String, String>> = "The extra specs, for example `volume_backend_name`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        is_public: Option<bool> = "Whether every project may use it.",
    ];
    identified!(id, name);
}
