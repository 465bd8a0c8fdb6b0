use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Entity, Field, entity};
use crate::openstack::reshape::{Object, gather};
use crate::openstack::resource::{Resource, Update, identified, keys, to_wire, wrap};

entity! {
    /// An image: the bytes a disk starts with.
    Image reads gather_properties {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The status: `queued`, `saving`, `active`, `deactivated`, `killed` and so on.
        status: String,
        /// The project that owns it.
        owner: Option<String>,
        /// Who may see it: `public`, `private`, `shared` or `community`.
        visibility: String,
        /// Whether it cannot be deleted.
        protected: bool,
        /// Whether lists leave it out.
        os_hidden: bool,
        /// The number of bytes, absent until there are some.
        size: Option<u64>,
        /// The number of bytes of the disk it makes, where the service knows.
        virtual_size: Option<u64>,
        /// The MD5 digest of its bytes.
        checksum: Option<String>,
        /// The algorithm of `os_hash_value`, for example `sha512`; known since Rocky.
        os_hash_algo: Option<String>,
        /// The digest of its bytes by that algorithm.
        os_hash_value: Option<String>,
        /// The format of the disk: `raw`, `qcow2` and so on.
        disk_format: Option<String>,
        /// The format of what holds the disk, mostly `bare`.
        container_format: Option<String>,
        /// The least root disk in GiB that takes it.
        min_disk: i64,
        /// The least memory in MiB that runs it.
        min_ram: i64,
        /// The tags.
        tags: Vec<String>,
        /// The stores that hold its bytes, separated by commas.
        stores: Option<String>,
        /// When it was created.
        created_at: String,
        /// When it last changed.
        updated_at: String,
        /// The properties: all that users, drivers and snapshots added.
        properties: BTreeMap<String, Value>,
    }
}

/// What the service adds to an image beside its fields and properties.
const OWN: [&str; 6] = ["self", "file", "schema", "locations", "direct_url", "next"];

fn gather_properties(object: &mut Object) {
    if object.get("properties").is_some_and(Value::is_object) {
        return;
    }
    for key in OWN {
        object.remove(key);
    }
    let known: Vec<&str> = Image::FIELDS.iter().map(|field| field.name).filter(|name| *name != "properties").collect();
    gather(object, &known, "properties");
}

impl Resource for Image {
    const KIND: &'static str = "image";
    const PLURAL: &'static str = "images";
    const SERVICE: Service = Service::Image;
    const PATH: &'static str = "/images";
    const WRAPPER: &'static str = "";
    const UPDATE_BY: Update = Update::JsonPatch;
    const FILTERS: &'static [Field] = keys![
        name: Option<String> = "Only images of this name.",
        status: Option<String> = "Only images of this status.",
        owner: Option<String> = "Only images of this project.",
        visibility: Option<String> = "Only `public`, `private`, `shared` or `community` images, or `all`.",
        member_status: Option<String> = "Only shared images that are `accepted`, `pending`, `rejected` or `all`.",
        protected: Option<bool> = "Only images that can, or that cannot, be deleted.",
        os_hidden: Option<bool> = "The images that lists otherwise leave out.",
        tag: Option<String> = "Only images with this tag.",
        disk_format: Option<String> = "Only images of this disk format.",
        container_format: Option<String> = "Only images of this container format.",
        size_min: Option<i64> = "Only images of at least so many bytes.",
        size_max: Option<i64> = "Only images of at most so many bytes.",
        checksum: Option<String> = "Only images with this MD5 digest.",
        os_hash_value: Option<String> = "Only images with this digest.",
        created_at: Option<String> = "Only images created then, for example `gt:2026-01-01T00:00:00Z`.",
        updated_at: Option<String> = "Only images changed then, for example `gt:2026-01-01T00:00:00Z`.",
        sort_key: Option<String> = "The field to sort by.",
        sort_dir: Option<String> = "The order: `asc` or `desc`.",
    ];
    const CREATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        id: Option<String> = "The id it gets, a UUID the cloud never used.",
        disk_format: Option<String> = "The format of the disk: `raw`, `qcow2` and so on.",
        container_format: Option<String> = "The format of what holds the disk, mostly `bare`.",
        visibility: Option<String> = "Who may see it: `public`, `private`, `shared` or `community`.",
        owner: Option<String> = "The project that shall own it; for administrators.",
        protected: Option<bool> = "Whether it cannot be deleted.",
        os_hidden: Option<bool> = "Whether lists leave it out.",
        min_disk: Option<i64> = "The least root disk in GiB that takes it.",
        min_ram: Option<i64> = "The least memory in MiB that runs it.",
        tags: Option<Vec<String>> = "The tags.",
        properties: Option<BTreeMap<String, String>> = "The properties, for example `hw_disk_bus`.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        disk_format: Option<String> = "The format of the disk, while there are no bytes.",
        container_format: Option<String> = "The format of what holds the disk, while there are no bytes.",
        visibility: Option<String> = "Who may see it: `public`, `private`, `shared` or `community`.",
        owner: Option<String> = "The project that shall own it; for administrators.",
        protected: Option<bool> = "Whether it cannot be deleted.",
        os_hidden: Option<bool> = "Whether lists leave it out.",
        min_disk: Option<i64> = "The least root disk in GiB that takes it.",
        min_ram: Option<i64> = "The least memory in MiB that runs it.",
        tags: Option<Vec<String>> = "The tags; they replace all present ones.",
        properties: Option<BTreeMap<String, String>> = "The properties to set; others stay.",
    ];
    fn create_body(keys: Map<String, Value>) -> Value {
        wrap(Self::WRAPPER, spread(to_wire(keys, Self::CREATE)))
    }
    fn update_body(keys: Map<String, Value>) -> Value {
        wrap(Self::WRAPPER, spread(to_wire(keys, Self::UPDATE)))
    }
    identified!(id, name);
}

/// Puts the properties back among the image's own fields, which win.
fn spread(mut image: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::Object(properties)) = image.remove("properties") {
        for (key, value) in properties {
            image.entry(key).or_insert(value);
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn properties_are_told_from_fields_and_links() {
        let image: Image = serde_json::from_value(json!({
            "id": "i1", "name": "debian", "status": "active", "owner": "p1", "visibility": "shared", "protected": false,
            "size": 393216, "virtual_size": null, "checksum": "d41d8cd98f00b204e9800998ecf8427e",
            "os_hash_algo": "sha512", "os_hash_value": "cf83e1", "os_hidden": false, "min_disk": 1, "min_ram": 0,
            "disk_format": "qcow2", "container_format": "bare", "tags": ["os"], "stores": "fast",
            "self": "/v2/images/i1", "file": "/v2/images/i1/file", "schema": "/v2/schemas/image",
            "locations": [], "direct_url": "file:///x", "hw_disk_bus": "scsi", "os_distro": "debian",
            "owner_specified.openstack.md5": "",
        }))
        .unwrap();
        let names: Vec<&str> = image.properties.keys().map(String::as_str).collect();
        assert_eq!(names, ["hw_disk_bus", "os_distro", "owner_specified.openstack.md5"]);
        assert_eq!((image.size, image.virtual_size, image.stores.as_deref()), (Some(393_216), None, Some("fast")));
        let again: Image = serde_json::from_value(serde_json::to_value(&image).unwrap()).unwrap();
        assert_eq!(again, image);
    }

    #[test]
    fn properties_are_sent_among_the_fields() {
        let keys = json!({"name": "debian", "properties": {"hw_disk_bus": "scsi", "name": "not this"}});
        assert_eq!(
            Image::create_body(keys.as_object().unwrap().clone()),
            json!({"name": "debian", "hw_disk_bus": "scsi"})
        );
    }
}
