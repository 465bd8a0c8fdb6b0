use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A group of users, to which roles can be assigned at once.
    Group {
        /// The id.
        id: String,
        /// The name, unique in its domain.
        name: String,
        /// The domain it belongs to.
        domain_id: String,
        /// The description.
        description: String,
    }
}

impl Resource for Group {
    const KIND: &'static str = "group";
    const PLURAL: &'static str = "groups";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/groups";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Patch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only groups of this name.",
        domain_id: Option<String> = "Only groups of this domain.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name, unique in its domain.",
        domain_id: Option<String> = "The domain; that of the token where absent.",
        description: Option<String> = "The description.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name, unique in its domain.",
        description: Option<String> = "The description.",
    ];
    identified!(id, name);
}
