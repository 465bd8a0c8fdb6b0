use crate::openstack::entity::{Field, entity};
use crate::openstack::resource::keys;

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
