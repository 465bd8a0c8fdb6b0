use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A domain: the namespace of projects, users and groups.
    Domain {
        /// The id.
        id: String,
        /// The name, unique in the cloud.
        name: String,
        /// The description.
        description: String,
        /// Whether the users of the domain may log in.
        enabled: bool,
        /// The tags.
        tags: Vec<String>,
        /// The options, for example `immutable`.
        options: Map<String, Value>,
    }
}

impl Resource for Domain {
    const KIND: &'static str = "domain";
    const PLURAL: &'static str = "domains";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/domains";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Patch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only the domain of this name.",
        enabled: Option<bool> = "Only enabled or only disabled domains.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique in the cloud.",
        description: Option<String> = "The description.",
        enabled: Option<bool> = "Whether its users may log in.",
        explicit_domain_id: Option<String> = "The id it gets (32 hexadecimal digits), where the cloud shall not choose one.",
        options: Option<Map<String, Value>> = "The options, for example `immutable`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name, unique in the cloud.",
        description: Option<String> = "The description.",
        enabled: Option<bool> = "Whether its users may log in; only a disabled domain can be deleted.",
        options: Option<Map<String, Value>> = "The options, for example `immutable`.",
    ];
    identified!(id, name);
}
