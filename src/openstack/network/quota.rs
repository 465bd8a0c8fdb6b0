use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::call;
use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::{keys, to_wire, wrap};
use crate::openstack::{Cloud, Error, Method, QuotaUsage, Request, encode};

entity! {
    /// What a project may use of networking; -1 is without limit, absent is what the cloud does not keep.
    NetworkQuota reads super::owner {
        /// The project; only lists say it.
        project_id: Option<String>,
        /// Networks.
        network: Option<i64>,
        /// Subnets.
        subnet: Option<i64>,
        /// Subnet pools.
        subnetpool: Option<i64>,
        /// Ports.
        port: Option<i64>,
        /// Routers.
        router: Option<i64>,
        /// Floating IPs.
        floatingip: Option<i64>,
        /// Security groups.
        security_group: Option<i64>,
        /// Rules of security groups.
        security_group_rule: Option<i64>,
        /// Sharing policies.
        rbac_policy: Option<i64>,
        /// Trunks.
        trunk: Option<i64>,
    }
}

impl NetworkQuota {
    /// Keys accepted when a quota is set.
    pub const UPDATE: &'static [Field] = keys![
        network: Option<i64> = "Networks.",
        subnet: Option<i64> = "Subnets.",
        subnetpool: Option<i64> = "Subnet pools.",
        port: Option<i64> = "Ports.",
        router: Option<i64> = "Routers.",
        floatingip: Option<i64> = "Floating IPs.",
        security_group: Option<i64> = "Security groups.",
        security_group_rule: Option<i64> = "Rules of security groups.",
        rbac_policy: Option<i64> = "Sharing policies.",
        trunk: Option<i64> = "Trunks.",
        force: Option<bool> = "Accepts a limit below what is already used.",
    ];
}

fn quota(method: Method, project: &str, rest: &str) -> Request {
    let path = format!("/quotas/{}{rest}", encode(project));
    call(method, path).object(format!("network quota of project {project}"))
}

/// The quotas of networking.
impl Cloud {
    /// Returns a project's quota.
    pub async fn network_quota(&self, project: &str) -> Result<NetworkQuota, Error> {
        self.ask(quota(Method::GET, project, ""), "quota").await
    }

    /// Returns the quota a project has while none is set for it.
    pub async fn default_network_quota(&self, project: &str) -> Result<NetworkQuota, Error> {
        self.ask(quota(Method::GET, project, "/default"), "quota").await
    }

    /// Returns how much of each limit a project uses.
    pub async fn network_quota_usage(&self, project: &str) -> Result<BTreeMap<String, QuotaUsage>, Error> {
        self.ask(quota(Method::GET, project, "/details.json"), "quota").await
    }

    /// Sets limits of a project, by the keys of [`NetworkQuota::UPDATE`]; others stay.
    pub async fn set_network_quota(&self, project: &str, keys: Map<String, Value>) -> Result<NetworkQuota, Error> {
        let body = wrap("quota", to_wire(keys, NetworkQuota::UPDATE));
        self.ask(quota(Method::PUT, project, "").body(body), "quota").await
    }

    /// Gives a project the default quota again.
    pub async fn reset_network_quota(&self, project: &str) -> Result<(), Error> {
        self.remove(quota(Method::DELETE, project, "")).await
    }
}
