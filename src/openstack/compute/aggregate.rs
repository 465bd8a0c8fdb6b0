use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, hoist, text};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A host aggregate: hosts with something in common.
    Aggregate reads text_id {
        /// The id, a number.
        id: String,
        /// The UUID, by which placement knows it; known since 2.41.
        uuid: Option<String>,
        /// The name.
        name: String,
        /// The availability zone it makes of its hosts.
        availability_zone: Option<String>,
        /// The hosts.
        hosts: Vec<String>,
        /// The metadata that the scheduler compares with flavors.
        metadata: BTreeMap<String, String>,
        /// When it was created.
        created_at: Option<String>,
        /// When it last changed.
        updated_at: Option<String>,
    }
}

entity! {
    /// An availability zone of compute.
    AvailabilityZone reads flatten_zone {
        /// The name.
        name: String = "zoneName",
        /// Whether servers can be created in it.
        available: bool,
        /// The hosts with their services; only administrators see them.
        hosts: Map<String, Value>,
    }
}

fn text_id(object: &mut Object) {
    text(object, "id");
}

fn flatten_zone(object: &mut Object) {
    hoist(object, &["zoneState", "available"], "available");
}

impl Resource for Aggregate {
    const KIND: &'static str = "aggregate";
    const PLURAL: &'static str = "aggregates";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-aggregates";
    const PAGING: Paging = Paging::Whole;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const CREATE: &'static [Field] = keys![
        name: String = "The name.",
        availability_zone: Option<String> = "The availability zone it makes of its hosts.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        availability_zone: Option<String> = "The availability zone it makes of its hosts.",
    ];
    identified!(id, name);
}

impl Resource for AvailabilityZone {
    const KIND: &'static str = "availability_zone";
    const PLURAL: &'static str = "availability_zones";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-availability-zone";
    const LIST_WRAPPER: &'static str = "availabilityZoneInfo";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    identified!(name, name);
}

/// The hosts and metadata of aggregates.
impl Cloud {
    /// Adds a host to an aggregate.
    pub async fn add_aggregate_host(&self, id: &str, host: &str) -> Result<Aggregate, Error> {
        self.aggregate_action(id, json!({ "add_host": { "host": host } })).await
    }

    /// Removes a host from an aggregate.
    pub async fn remove_aggregate_host(&self, id: &str, host: &str) -> Result<Aggregate, Error> {
        self.aggregate_action(id, json!({ "remove_host": { "host": host } })).await
    }

    /// Sets items of an aggregate's metadata; others stay, and null removes one.
    pub async fn set_aggregate_metadata(&self, id: &str, items: Map<String, Value>) -> Result<Aggregate, Error> {
        self.aggregate_action(id, json!({ "set_metadata": { "metadata": items } })).await
    }

    async fn aggregate_action(&self, id: &str, body: Value) -> Result<Aggregate, Error> {
        let request = call(Method::POST, format!("/os-aggregates/{}/action", encode(id)));
        self.ask(request.body(body).object(format!("aggregate {id}")), "aggregate").await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn zones_without_hosts_are_read() {
        let zone: AvailabilityZone =
            serde_json::from_value(json!({"zoneName": "nova", "zoneState": {"available": true}, "hosts": null}))
                .unwrap();
        assert_eq!((zone.id(), zone.available, zone.hosts.len()), ("nova", true, 0));
    }
}
