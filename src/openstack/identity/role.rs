use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A role: what an assignment grants.
    Role {
        /// The id.
        id: String,
        /// The name, unique in its domain or among the roles of the whole cloud.
        name: String,
        /// The domain of a domain's own role, absent for a role of the whole cloud.
        domain_id: Option<String>,
        /// The description.
        description: String,
        /// The options, for example `immutable`.
        options: Map<String, Value>,
    }
}

impl Resource for Role {
    const KIND: &'static str = "role";
    const PLURAL: &'static str = "roles";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/roles";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Patch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only roles of this name.",
        domain_id: Option<String> = "Only this domain's own roles; without it those of the whole cloud.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique in its domain or in the cloud.",
        domain_id: Option<String> = "The domain, for a role of that domain alone.",
        description: Option<String> = "The description.",
        options: Option<Map<String, Value>> = "The options, for example `immutable`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        options: Option<Map<String, Value>> = "The options, for example `immutable`.",
    ];
    identified!(id, name);
}
