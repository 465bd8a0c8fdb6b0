use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::keys;

entity! {
    /// What a project may use of compute; -1 is without limit, absent is what the release no longer keeps.
    ComputeQuota {
        /// The project.
        project_id: Option<String> = "id",
        /// Servers.
        instances: Option<i64>,
        /// Virtual processors.
        cores: Option<i64>,
        /// Memory in MiB.
        ram: Option<i64>,
        /// Key pairs of each user.
        key_pairs: Option<i64>,
        /// Metadata items of each server.
        metadata_items: Option<i64>,
        /// Server groups.
        server_groups: Option<i64>,
        /// Members of each server group.
        server_group_members: Option<i64>,
        /// Files put into each server, until 2.57.
        injected_files: Option<i64>,
        /// Bytes of each such file, until 2.57.
        injected_file_content_bytes: Option<i64>,
        /// Bytes of the path of each such file, until 2.57.
        injected_file_path_bytes: Option<i64>,
    }
}

impl ComputeQuota {
    /// Keys accepted when a quota is set.
    pub const UPDATE: &'static [Field] = keys![
        instances: Option<i64> = "Servers.",
        cores: Option<i64> = "Virtual processors.",
        ram: Option<i64> = "Memory in MiB.",
        key_pairs: Option<i64> = "Key pairs of each user.",
        metadata_items: Option<i64> = "Metadata items of each server.",
        server_groups: Option<i64> = "Server groups.",
        server_group_members: Option<i64> = "Members of each server group.",
        force: Option<bool> = "Accepts a limit below what is already used.",
    ];
}
