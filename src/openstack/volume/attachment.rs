use serde_json::{Map, Value};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, rename};
use crate::openstack::resource::{Resource, Update, identified, keys};

entity! {
    /// An attachment: a volume given to a host for one server; known since 3.27.
    Attachment reads flatten {
        /// The id.
        id: String,
        /// The volume.
        volume_id: String,
        /// The server.
        server_id: Option<String>,
        /// The status: `attached`, `attaching`, `reserved`, `detached` and so on.
        status: String,
        /// Whether it is `rw` or `ro`.
        attach_mode: Option<String>,
        /// When it was attached.
        attached_at: Option<String>,
        /// When it was detached.
        detached_at: Option<String>,
        /// How the host reaches the bytes; lists leave it out.
        connection_info: Map<String, Value>,
    }
}

fn flatten(object: &mut Object) {
    rename(object, "instance", "server_id");
}

impl Resource for Attachment {
    const KIND: &'static str = "attachment";
    const PLURAL: &'static str = "attachments";
    const SERVICE: Service = Service::Volume;
    const PATH: &'static str = "/attachments";
    const LIST_PATH: &'static str = "/attachments/detail";
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        all_projects: Option<bool> as "all_tenants" = "Attachments of all projects, not only of that of the token.",
        project_id: Option<String> = "Only attachments of this project; needs `all_projects`.",
        volume_id: Option<String> = "Only attachments of this volume.",
        server_id: Option<String> as "instance_id" = "Only attachments for this server.",
        status: Option<String> = "Only attachments of this status.",
    ];
    identified!(id);
}
