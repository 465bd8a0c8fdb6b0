use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::call;
use crate::openstack::answer::action;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{keys, to_wire};
use crate::openstack::{Cloud, Error, Method, Request, encode};

entity! {
    /// The image that a volume is being uploaded to.
    VolumeUpload {
        /// The image.
        image_id: String,
        /// Its name.
        image_name: String,
        /// The status of the volume, `uploading` at first.
        status: String,
        /// The format of the image's disk.
        disk_format: String,
        /// The format of what holds the disk.
        container_format: String,
    }
}

impl VolumeUpload {
    /// Keys accepted when a volume is uploaded to an image.
    pub const CREATE: &'static [Field] = keys![
        name: String as "image_name" = "The name of the image.",
        disk_format: Option<String> = "The format of the image's disk, `raw` where absent.",
        container_format: Option<String> = "The format of what holds the disk, `bare` where absent.",
        force: Option<bool> = "Whether to do it although the volume is in use; clouds seldom allow that.",
        visibility: Option<String> = "Who may see the image; known since 3.1.",
        protected: Option<bool> = "Whether the image cannot be deleted; known since 3.1.",
    ];
}

fn volume_action(id: &str, body: Value) -> Request {
    call(Method::POST, format!("/volumes/{}/action", encode(id))).body(body).object(format!("volume {id}"))
}

/// What is done to volumes beside changing their fields.
impl Cloud {
    /// Uploads a volume to a new image, by the keys of [`VolumeUpload::CREATE`]; see the image for when it is done.
    pub async fn upload_volume(&self, id: &str, keys: Map<String, Value>) -> Result<VolumeUpload, Error> {
        let name = "os-volume_upload_image";
        let mut arguments =
            Map::from_iter([("disk_format".to_owned(), json!("raw")), ("container_format".to_owned(), json!("bare"))]);
        arguments.extend(to_wire(keys, VolumeUpload::CREATE));
        self.ask(volume_action(id, action(name, Value::Object(arguments))), name).await
    }

    /// Makes a volume larger; in use since 3.42.
    pub async fn extend_volume(&self, id: &str, gigabytes: i64) -> Result<(), Error> {
        self.tell(volume_action(id, json!({ "os-extend": { "new_size": gigabytes } }))).await
    }

    /// Says whether a server can boot from a volume.
    pub async fn set_volume_bootable(&self, id: &str, bootable: bool) -> Result<(), Error> {
        self.tell(volume_action(id, json!({ "os-set_bootable": { "bootable": bootable } }))).await
    }

    /// Says whether servers may only read a volume.
    pub async fn set_volume_readonly(&self, id: &str, readonly: bool) -> Result<(), Error> {
        self.tell(volume_action(id, json!({ "os-update_readonly_flag": { "readonly": readonly } }))).await
    }

    /// Sets properties that servers booted from a volume obey; others stay.
    pub async fn set_volume_image_metadata(&self, id: &str, items: &BTreeMap<String, String>) -> Result<(), Error> {
        self.tell(volume_action(id, json!({ "os-set_image_metadata": { "metadata": items } }))).await
    }

    /// Removes a property that servers booted from a volume obey.
    pub async fn delete_volume_image_metadata(&self, id: &str, key: &str) -> Result<(), Error> {
        self.remove(volume_action(id, json!({ "os-unset_image_metadata": { "key": key } }))).await
    }

    /// Overwrites a volume's status, whatever is true.
    pub async fn reset_volume_status(&self, id: &str, status: &str) -> Result<(), Error> {
        self.tell(volume_action(id, json!({ "os-reset_status": { "status": status } }))).await
    }

    /// Sets items of a volume's metadata; others stay.
    pub async fn set_volume_metadata(&self, id: &str, items: &BTreeMap<String, String>) -> Result<(), Error> {
        let request = call(Method::POST, format!("/volumes/{}/metadata", encode(id)));
        self.tell(request.body(json!({ "metadata": items })).object(format!("volume {id}"))).await
    }

    /// Removes an item of a volume's metadata.
    pub async fn delete_volume_metadata(&self, id: &str, key: &str) -> Result<(), Error> {
        let path = format!("/volumes/{}/metadata/{}", encode(id), encode(key));
        self.remove(call(Method::DELETE, path).object(format!("metadata {key} of volume {id}"))).await
    }

    /// Deletes a volume together with its snapshots.
    pub async fn delete_volume_cascade(&self, id: &str) -> Result<(), Error> {
        let request = call(Method::DELETE, format!("/volumes/{}", encode(id)));
        self.remove(request.query([("cascade".to_owned(), "true".to_owned())]).object(format!("volume {id}"))).await
    }

    /// Deletes a volume whatever its status.
    pub async fn force_delete_volume(&self, id: &str) -> Result<(), Error> {
        self.remove(volume_action(id, json!({ "os-force_delete": null }))).await
    }

    /// Sets items of a snapshot's metadata; others stay.
    pub async fn set_snapshot_metadata(&self, id: &str, items: &BTreeMap<String, String>) -> Result<(), Error> {
        let request = call(Method::POST, format!("/snapshots/{}/metadata", encode(id)));
        self.tell(request.body(json!({ "metadata": items })).object(format!("snapshot {id}"))).await
    }

    /// Overwrites a snapshot's status, whatever is true.
    pub async fn reset_snapshot_status(&self, id: &str, status: &str) -> Result<(), Error> {
        let request = call(Method::POST, format!("/snapshots/{}/action", encode(id)));
        self.tell(request.body(json!({ "os-reset_status": { "status": status } })).object(format!("snapshot {id}")))
            .await
    }
}
