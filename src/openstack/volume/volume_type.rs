use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, rename};
use crate::openstack::resource::{Resource, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

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

/// The extra specs of volume types, and who may use private ones.
impl Cloud {
    /// Returns the volume type that a volume gets where none is named.
    pub async fn default_volume_type(&self) -> Result<VolumeType, Error> {
        self.ask(call(Method::GET, "/types/default".into()).object("default volume type"), "volume_type").await
    }

    /// Returns a volume type's extra specs.
    pub async fn volume_type_extra_specs(&self, id: &str) -> Result<BTreeMap<String, String>, Error> {
        let path = format!("/types/{}/extra_specs", encode(id));
        self.ask(call(Method::GET, path).object(format!("volume type {id}")), "extra_specs").await
    }

    /// Sets extra specs of a volume type; others stay.
    pub async fn set_volume_type_extra_specs(&self, id: &str, specs: &BTreeMap<String, String>) -> Result<(), Error> {
        let request = call(Method::POST, format!("/types/{}/extra_specs", encode(id)));
        self.tell(request.body(json!({ "extra_specs": specs })).object(format!("volume type {id}"))).await
    }

    /// Removes an extra spec from a volume type.
    pub async fn delete_volume_type_extra_spec(&self, id: &str, key: &str) -> Result<(), Error> {
        let path = format!("/types/{}/extra_specs/{}", encode(id), encode(key));
        self.remove(call(Method::DELETE, path).object(format!("extra spec {key} of volume type {id}"))).await
    }

    /// Lists the projects that may use a private volume type; a public one has no such list and is not found.
    pub async fn volume_type_access(&self, id: &str) -> Result<Vec<String>, Error> {
        let request = call(Method::GET, format!("/types/{}/os-volume-type-access", encode(id)));
        let list: Vec<Value> = self.ask(request.object(format!("volume type {id}")), "volume_type_access").await?;
        Ok(list.iter().filter_map(|entry| entry.get("project_id")?.as_str().map(str::to_owned)).collect())
    }

    /// Lets a project use a private volume type.
    pub async fn add_volume_type_access(&self, id: &str, project: &str) -> Result<(), Error> {
        let request = call(Method::POST, format!("/types/{}/action", encode(id)));
        let body = json!({ "addProjectAccess": { "project": project } });
        self.tell(request.body(body).object(format!("volume type {id}"))).await
    }

    /// Keeps a project from using a private volume type.
    pub async fn remove_volume_type_access(&self, id: &str, project: &str) -> Result<(), Error> {
        let request = call(Method::POST, format!("/types/{}/action", encode(id)));
        let body = json!({ "removeProjectAccess": { "project": project } });
        self.remove(request.body(body).object(format!("volume type {id}"))).await
    }
}
