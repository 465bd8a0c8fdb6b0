use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, rename};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};

entity! {
    /// A service as the catalog names it.
    CatalogService {
        /// The id.
        id: String,
        /// The name, for example `nova`.
        name: String,
        /// The type that clients look for, for example `compute`.
        r#type: String,
        /// The description.
        description: String,
        /// Whether the catalog shows it.
        enabled: bool,
    }
}

entity! {
    /// An address where a service answers.
    Endpoint reads prefer_region_id {
        /// The id.
        id: String,
        /// The service that answers there.
        service_id: String,
        /// Who the address is for: `public`, `internal` or `admin`.
        interface: String,
        /// The address, possibly with `%(project_id)s` in it.
        url: String,
        /// The region it belongs to.
        region_id: Option<String>,
        /// Whether the catalog shows it.
        enabled: bool,
    }
}

entity! {
    /// A region: a part of the cloud with endpoints of its own.
    Region {
        /// The id, which is also the name.
        id: String,
        /// The description.
        description: String,
        /// The region above it.
        parent_region_id: Option<String>,
    }
}

fn prefer_region_id(object: &mut Object) {
    rename(object, "region", "region_id");
}

impl Resource for CatalogService {
    const KIND: &'static str = "service";
    const PLURAL: &'static str = "services";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/services";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only services of this name.",
        type: Option<String> = "Only services of this type.",
    ];
    identified!(id, name);
}

impl Resource for Endpoint {
    const KIND: &'static str = "endpoint";
    const PLURAL: &'static str = "endpoints";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/endpoints";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const FILTERS: &'static [Field] = keys![
        interface: Option<String> = "Only endpoints for `public`, `internal` or `admin`.",
        service_id: Option<String> = "Only endpoints of this service.",
        region_id: Option<String> = "Only endpoints of this region.",
    ];
    identified!(id);
}

impl Resource for Region {
    const KIND: &'static str = "region";
    const PLURAL: &'static str = "regions";
    const SERVICE: Service = Service::Identity;
    const PATH: &'static str = "/regions";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const FILTERS: &'static [Field] = keys![
        parent_region_id: Option<String> = "Only regions directly below this one.",
    ];
    identified!(id, id);
}
