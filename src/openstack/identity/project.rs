use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A project: the owner of servers, networks, volumes and images.
    Project {
        /// The id.
        id: String,
        /// The name, unique in its domain.
        name: String,
        /// The domain it belongs to.
        domain_id: String,
        /// The description.
        description: String,
        /// Whether tokens can be had for it.
        enabled: bool,
        /// Whether it acts as a domain.
        is_domain: bool,
        /// The project or domain above it.
        parent_id: Option<String>,
        /// The tags.
        tags: Vec<String>,
        /// The options, for example `immutable`.
        options: Map<String, Value>,
    }
}

impl Resource for Project {
    const KIND: &'static str = "project";
    const PLURAL: &'static str = "projects";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/projects";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Patch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only projects of this name.",
        domain_id: Option<String> = "Only projects of this domain.",
        parent_id: Option<String> = "Only projects directly below this project or domain.",
        enabled: Option<bool> = "Only enabled or only disabled projects.",
        is_domain: Option<bool> = "Only projects that act as a domain, or only others.",
        tags: Option<String> = "Only projects that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only projects that carry one of these tags, separated by commas.",
        not_tags: Option<String> as "not-tags" = "Only projects that lack one of these tags, separated by commas.",
        not_tags_any: Option<String> as "not-tags-any" = "Only projects that carry none of these tags, separated by commas.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique in its domain.",
        domain_id: Option<String> = "The domain; that of the token where absent.",
        description: Option<String> = "The description.",
        enabled: Option<bool> = "Whether tokens can be had for it.",
        is_domain: Option<bool> = "Whether it acts as a domain.",
        parent_id: Option<String> = "The project or domain above it.",
        tags: Option<Vec<String>> = "The tags.",
        options: Option<Map<String, Value>> = "The options, for example `immutable`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name, unique in its domain.",
        description: Option<String> = "The description.",
        enabled: Option<bool> = "Whether tokens can be had for it.",
        tags: Option<Vec<String>> = "The tags; they replace all present ones.",
        options: Option<Map<String, Value>> = "The options, for example `immutable`.",
    ];
    identified!(id, name);
}
