use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A resource provider: a hypervisor, or a part of one, or shared storage.
    ResourceProvider {
        /// The id; that of the hypervisor.
        id: String = "uuid",
        /// The name; that of the hypervisor.
        name: String,
        /// How often it changed.
        generation: i64,
        /// The provider it is part of; known since 1.14.
        parent_provider_uuid: Option<String>,
        /// The topmost provider; known since 1.14.
        root_provider_uuid: Option<String>,
    }
}

impl Resource for ResourceProvider {
    const KIND: &'static str = "resource_provider";
    const PLURAL: &'static str = "resource_providers";
    const SERVICE: Service = Service::Placement;
    const PATH: &'static str = "/resource_providers";
    const WRAPPER: &'static str = "";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only the provider of this name.",
        id: Option<String> as "uuid" = "Only the provider of this id.",
        in_tree: Option<String> = "Only providers in the tree of this one.",
        member_of: Option<String> = "Only providers in this aggregate, by UUID.",
        resources: Option<String> = "Only providers that have this free, for example `VCPU:4,MEMORY_MB:2048`.",
        required: Option<String> = "Only providers with these traits, separated by commas.",
    ];
    identified!(id, name);
}
