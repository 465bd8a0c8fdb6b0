use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{keys, to_wire, wrap};
use crate::openstack::{Cloud, Error, Method, QuotaUsage, Request, encode};

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

fn quota(method: Method, project: &str, rest: &str) -> Request {
    let path = format!("/os-quota-sets/{}{rest}", encode(project));
    call(method, path).object(format!("compute quota of project {project}"))
}

/// The quotas of compute.
impl Cloud {
    /// Returns a project's quota.
    pub async fn compute_quota(&self, project: &str) -> Result<ComputeQuota, Error> {
        self.ask(quota(Method::GET, project, ""), "quota_set").await
    }

    /// Returns the quota a project has while none is set for it.
    pub async fn default_compute_quota(&self, project: &str) -> Result<ComputeQuota, Error> {
        self.ask(quota(Method::GET, project, "/defaults"), "quota_set").await
    }

    /// Returns how much of each limit a project uses.
    pub async fn compute_quota_usage(&self, project: &str) -> Result<BTreeMap<String, QuotaUsage>, Error> {
        let mut usage: Map<String, Value> = self.ask(quota(Method::GET, project, "/detail"), "quota_set").await?;
        usage.retain(|_, value| value.is_object());
        Ok(usage.into_iter().filter_map(|(key, value)| Some((key, serde_json::from_value(value).ok()?))).collect())
    }

    /// Sets limits of a project, by the keys of [`ComputeQuota::UPDATE`]; others stay.
    pub async fn set_compute_quota(&self, project: &str, keys: Map<String, Value>) -> Result<ComputeQuota, Error> {
        let body = wrap("quota_set", to_wire(keys, ComputeQuota::UPDATE));
        self.ask(quota(Method::PUT, project, "").body(body), "quota_set").await
    }

    /// Gives a project the default quota again.
    pub async fn reset_compute_quota(&self, project: &str) -> Result<(), Error> {
        self.remove(quota(Method::DELETE, project, "")).await
    }
}
