//! An image: its fields, who may see it, and how it looks on the wire.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::twin::blob::Blob;
use crate::twin::clock::{self, Moment};
use crate::twin::cloud::Cloud;
use crate::twin::http::{Call, Caller, Refusal};

/// A project that an image is shared with.
#[derive(Debug, Clone, Serialize)]
pub struct Member {
    /// `pending`, `accepted` or `rejected`.
    pub status: String,
    /// When it was shared.
    pub created: Moment,
    /// When the status changed.
    pub updated: Moment,
}

/// An image.
#[derive(Debug, Clone, Default)]
pub struct Image {
    /// The UUID.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// `queued`, `saving`, `active`, `deactivated`, `killed`.
    pub status: String,
    /// `public`, `private`, `shared` or `community`.
    pub visibility: String,
    /// The owning project.
    pub owner: Option<String>,
    /// Whether it cannot be deleted.
    pub protected: bool,
    /// Whether lists leave it out.
    pub hidden: bool,
    /// GiB needed.
    pub min_disk: u64,
    /// MiB needed.
    pub min_ram: u64,
    /// `raw`, `qcow2`, …
    pub disk_format: Option<String>,
    /// `bare`, …
    pub container_format: Option<String>,
    /// The tags, sorted.
    pub tags: Vec<String>,
    /// The bytes, where there are any.
    pub blob: Option<Blob>,
    /// The length of the bytes.
    pub size: Option<u64>,
    /// The length of the disk inside.
    pub virtual_size: Option<u64>,
    /// MD5; `None` for a generated image that nobody has looked at yet.
    pub checksum: Option<String>,
    /// SHA-512, the same.
    pub sha512: Option<String>,
    /// When it was made.
    pub created: Moment,
    /// When it was changed last.
    pub updated: Moment,
    /// Its place in the order of creation.
    pub sequence: u64,
    /// Further properties.
    pub properties: BTreeMap<String, String>,
    /// Whom it is shared with.
    pub members: BTreeMap<String, Member>,
}

impl Image {
    /// Returns whether the project owns the image.
    pub fn owned_by(&self, project: &str) -> bool {
        self.owner.as_deref() == Some(project)
    }

    /// Returns whether the caller may know of the image.
    pub fn seen_by(&self, project: &str, admin: bool) -> bool {
        admin
            || self.owned_by(project)
            || matches!(self.visibility.as_str(), "public" | "community")
            || (self.visibility == "shared" && self.members.contains_key(project))
    }

    /// Refuses callers who may not change the image.
    pub fn change_by(&self, caller: &Caller) -> Result<(), Refusal> {
        if caller.is_admin() || (self.owned_by(&caller.project_id) && caller.may_write()) {
            return Ok(());
        }
        Err(Refusal::forbidden("You are not authorized to complete this action."))
    }

    /// Renders the image.
    pub fn document(&self) -> Value {
        let id = &self.id;
        let algorithm = self.sha512.as_ref().map(|_| "sha512");
        let mut document: Map<String, Value> =
            self.properties.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let fields = json!({
            "id": id, "name": self.name, "status": self.status, "visibility": self.visibility, "owner": self.owner,
            "protected": self.protected, "os_hidden": self.hidden, "min_disk": self.min_disk, "min_ram": self.min_ram,
            "disk_format": self.disk_format, "container_format": self.container_format, "tags": self.tags,
            "size": self.size, "virtual_size": self.virtual_size, "checksum": self.checksum,
            "os_hash_algo": algorithm, "os_hash_value": self.sha512, "created_at": clock::iso(self.created),
            "updated_at": clock::iso(self.updated), "self": format!("/v2/images/{id}"),
            "file": format!("/v2/images/{id}/file"), "schema": "/v2/schemas/image",
        });
        if let Value::Object(fields) = fields {
            document.extend(fields);
        }
        if self.blob.is_some() {
            document.insert("stores".into(), "file".into());
        }
        Value::Object(document)
    }
}

/// Words the absence of an image.
pub fn missing(id: &str) -> Refusal {
    Refusal::missing(format!("No image found with ID {id}"))
}

/// Finds the image that the path names, if the caller may know of it.
pub fn find<'c>(call: &'c Call, id: &str) -> Result<&'c Image, Refusal> {
    let caller = &call.caller;
    let image = call.cloud.image.images.get(id);
    image.filter(|image| image.seen_by(&caller.project_id, caller.is_admin())).ok_or_else(|| missing(id))
}

/// Finds the image that the path names, if the caller may change it.
pub fn find_own<'c>(call: &'c mut Call, id: &str) -> Result<&'c mut Image, Refusal> {
    find(call, id)?.change_by(&call.caller)?;
    let now = call.cloud.now;
    let image = call.cloud.image.images.get_mut(id).ok_or_else(|| missing(id))?;
    image.updated = now;
    Ok(image)
}

/// Computes the checksums of a generated image that is looked at for the first time.
pub fn settle(cloud: &mut Cloud, id: &str) {
    let Some(image) = cloud.image.images.get_mut(id).filter(|image| image.checksum.is_none()) else { return };
    let Some(blob) = image.blob.as_ref().filter(|_| image.status == "active") else { return };
    if let Ok((md5, sha512)) = blob.ensure().and_then(super::hash::of_file) {
        (image.checksum, image.sha512) = (Some(md5), Some(sha512));
    }
}
