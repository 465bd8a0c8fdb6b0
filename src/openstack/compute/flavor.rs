use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, integer};
use crate::openstack::resource::{Resource, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A flavor: the size of a server.
    Flavor reads numbers {
        /// The id, which administrators may choose.
        id: String,
        /// The name.
        name: String,
        /// The description; known since 2.55.
        description: Option<String>,
        /// The number of virtual processors.
        vcpus: i64,
        /// The memory in MiB.
        ram: i64,
        /// The root disk in GiB; 0 takes the size of the image.
        disk: i64,
        /// The ephemeral disk in GiB.
        ephemeral: i64 = "OS-FLV-EXT-DATA:ephemeral",
        /// The swap disk in MiB.
        swap: i64,
        /// The share of bandwidth, meaningful to old hypervisors only.
        rxtx_factor: Option<f64>,
        /// Whether every project may use it.
        is_public: bool = "os-flavor-access:is_public",
        /// Whether it is withheld from new servers.
        disabled: bool = "OS-FLV-DISABLED:disabled",
        /// The extra specs; in lists since 2.61, and to those who may see them.
        extra_specs: BTreeMap<String, String>,
    }
}

fn numbers(object: &mut Object) {
    // No swap is the empty text until 2.75.
    integer(object, "swap");
}

impl Resource for Flavor {
    const KIND: &'static str = "flavor";
    const PLURAL: &'static str = "flavors";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/flavors";
    const LIST_PATH: &'static str = "/flavors/detail";
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        is_public: Value = "Only public (true) or only private (false) flavors, or both by the word `None`.",
        min_disk: Option<i64> as "minDisk" = "Only flavors with at least this root disk in GiB.",
        min_ram: Option<i64> as "minRam" = "Only flavors with at least this memory in MiB.",
        sort_key: Option<String> = "The field to sort by.",
        sort_dir: Option<String> = "The order: `asc` or `desc`.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name.",
        vcpus: i64 = "The number of virtual processors.",
        ram: i64 = "The memory in MiB.",
        disk: i64 = "The root disk in GiB; 0 takes the size of the image.",
        id: Option<String> = "The id; a random UUID where absent.",
        ephemeral: Option<i64> as "OS-FLV-EXT-DATA:ephemeral" = "The ephemeral disk in GiB.",
        swap: Option<i64> = "The swap disk in MiB.",
        rxtx_factor: Option<f64> = "The share of bandwidth.",
        is_public: Option<bool> as "os-flavor-access:is_public" = "Whether every project may use it.",
        description: Option<String> = "The description.",
    ];
    const UPDATE: &'static [Field] = keys![
        description: Option<String> = "The description; nothing else of a flavor can be changed.",
    ];
    identified!(id, name);
}

/// The extra specs of flavors, and who may use private ones.
impl Cloud {
    /// Returns a flavor's extra specs.
    pub async fn flavor_extra_specs(&self, id: &str) -> Result<BTreeMap<String, String>, Error> {
        let path = format!("/flavors/{}/os-extra_specs", encode(id));
        self.ask(call(Method::GET, path).object(format!("flavor {id}")), "extra_specs").await
    }

    /// Sets extra specs of a flavor; others stay.
    pub async fn set_flavor_extra_specs(&self, id: &str, specs: &BTreeMap<String, String>) -> Result<(), Error> {
        let path = format!("/flavors/{}/os-extra_specs", encode(id));
        self.tell(call(Method::POST, path).body(json!({ "extra_specs": specs })).object(format!("flavor {id}"))).await
    }

    /// Removes an extra spec from a flavor.
    pub async fn delete_flavor_extra_spec(&self, id: &str, key: &str) -> Result<(), Error> {
        let path = format!("/flavors/{}/os-extra_specs/{}", encode(id), encode(key));
        self.remove(call(Method::DELETE, path).object(format!("extra spec {key} of flavor {id}"))).await
    }

    /// Lists the projects that may use a private flavor; a public one has no such list and is not found.
    pub async fn flavor_access(&self, id: &str) -> Result<Vec<String>, Error> {
        let path = format!("/flavors/{}/os-flavor-access", encode(id));
        let list: Vec<Value> =
            self.ask(call(Method::GET, path).object(format!("flavor {id}")), "flavor_access").await?;
        Ok(list.iter().filter_map(|entry| entry.get("tenant_id")?.as_str().map(str::to_owned)).collect())
    }

    /// Lets a project use a private flavor.
    pub async fn add_flavor_access(&self, id: &str, project: &str) -> Result<(), Error> {
        let request = call(Method::POST, format!("/flavors/{}/action", encode(id)));
        self.tell(request.body(json!({ "addTenantAccess": { "tenant": project } })).object(format!("flavor {id}")))
            .await
    }

    /// Keeps a project from using a private flavor.
    pub async fn remove_flavor_access(&self, id: &str, project: &str) -> Result<(), Error> {
        let request = call(Method::POST, format!("/flavors/{}/action", encode(id)));
        let body = json!({ "removeTenantAccess": { "tenant": project } });
        self.remove(request.body(body).object(format!("flavor {id}"))).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_empty_swap_and_private_access() {
        let flavor: Flavor = serde_json::from_value(json!({
            "id": "2", "name": "m1.small", "ram": 2048, "vcpus": 1, "disk": 20, "swap": "", "rxtx_factor": 1.0,
            "OS-FLV-EXT-DATA:ephemeral": 5, "os-flavor-access:is_public": false, "OS-FLV-DISABLED:disabled": false,
            "links": [],
        }))
        .unwrap();
        assert_eq!((flavor.swap, flavor.ephemeral, flavor.is_public), (0, 5, false));
    }

    #[test]
    fn creates_under_the_names_of_the_service() {
        let keys = json!({"name": "f", "vcpus": 1, "ram": 64, "disk": 1, "ephemeral": 2, "is_public": false});
        assert_eq!(
            Flavor::create_body(keys.as_object().unwrap().clone()),
            json!({"flavor": {"name": "f", "vcpus": 1, "ram": 64, "disk": 1, "OS-FLV-EXT-DATA:ephemeral": 2,
                              "os-flavor-access:is_public": false}})
        );
    }
}
