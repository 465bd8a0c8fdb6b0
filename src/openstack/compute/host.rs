use serde_json::{Map, Value, json};

use super::{call, require};
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, hoist, text};
use crate::openstack::resource::{Paging, Resource, Update, identified, keys};
use crate::openstack::{Cloud, Error, Method, Service, encode};

entity! {
    /// A process of Nova on a host; `nova-compute` is the one that runs servers.
    ComputeService reads text_id {
        /// The id: a UUID since 2.53, a number before.
        id: String,
        /// The program, for example `nova-compute`.
        binary: String,
        /// The host it runs on.
        host: String,
        /// The availability zone of the host.
        zone: String,
        /// Whether it takes new servers: `enabled` or `disabled`.
        status: String,
        /// Whether it reports: `up` or `down`.
        state: String,
        /// Why it is disabled.
        disabled_reason: Option<String>,
        /// Whether it was declared down by hand.
        forced_down: bool,
        /// When it last reported.
        updated_at: Option<String>,
    }
}

entity! {
    /// A hypervisor: a host as its virtualisation sees it.
    Hypervisor reads with_service {
        /// The id: a UUID since 2.53, a number before.
        id: String,
        /// The name.
        hypervisor_hostname: String,
        /// The host of its service.
        host: String,
        /// Whether its service takes new servers: `enabled` or `disabled`.
        status: String,
        /// Whether its service reports: `up` or `down`.
        state: String,
        /// The address.
        host_ip: String,
        /// The type, for example `QEMU`.
        hypervisor_type: String,
        /// The version as one number, for example 7002000.
        hypervisor_version: i64,
        /// The processor: a table, or a text with JSON in it until 2.28.
        cpu_info: Value,
        /// The processors; until 2.88, later see placement.
        vcpus: Option<i64>,
        /// The processors promised to servers; until 2.88.
        vcpus_used: Option<i64>,
        /// The memory in MiB; until 2.88.
        memory_mb: Option<i64>,
        /// The memory promised to servers in MiB; until 2.88.
        memory_mb_used: Option<i64>,
        /// The disk in GiB; until 2.88.
        local_gb: Option<i64>,
        /// The disk promised to servers in GiB; until 2.88.
        local_gb_used: Option<i64>,
        /// The disk that is really free in GiB; until 2.88.
        disk_available_least: Option<i64>,
        /// The number of servers; until 2.88.
        running_vms: Option<i64>,
        /// How long it has been up, in its own words; since 2.88.
        uptime: Option<String>,
        /// The servers on it, where the list was asked for with them.
        servers: Vec<HypervisorServer>,
    }
}

entity! {
    /// A server as its hypervisor shows it.
    HypervisorServer {
        /// The server.
        id: String = "uuid",
        /// The name the hypervisor knows it by, for example `instance-0000002a`.
        name: String,
    }
}

fn text_id(object: &mut Object) {
    text(object, "id");
}

fn with_service(object: &mut Object) {
    text(object, "id");
    hoist(object, &["service", "host"], "host");
}

impl Resource for ComputeService {
    const KIND: &'static str = "service";
    const PLURAL: &'static str = "services";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-services";
    const PAGING: Paging = Paging::Whole;
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        binary: Option<String> = "Only services of this program, for example `nova-compute`.",
        host: Option<String> = "Only services on this host.",
    ];
    identified!(id, host);
}

impl Resource for Hypervisor {
    const KIND: &'static str = "hypervisor";
    const PLURAL: &'static str = "hypervisors";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/os-hypervisors";
    const LIST_PATH: &'static str = "/os-hypervisors/detail";
    const UPDATE_BY: Update = Update::Never;
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        with_servers: Option<bool> = "Shows the servers of each.",
    ];
    identified!(id, hypervisor_hostname);
}

/// The services of compute, which administrators switch.
impl Cloud {
    /// Lets a host take new servers again.
    pub async fn enable_compute_service(&self, id: &str) -> Result<(), Error> {
        self.change_compute_service(id, json!({ "status": "enabled" })).await
    }

    /// Keeps a host from taking new servers, and says why.
    pub async fn disable_compute_service(&self, id: &str, reason: Option<&str>) -> Result<(), Error> {
        let mut changes = Map::from_iter([("status".to_owned(), json!("disabled"))]);
        if let Some(reason) = reason {
            changes.insert("disabled_reason".into(), reason.into());
        }
        self.change_compute_service(id, Value::Object(changes)).await
    }

    /// Declares a host down, so that its servers can be evacuated at once, or no longer.
    pub async fn force_down_compute_service(&self, id: &str, down: bool) -> Result<(), Error> {
        self.change_compute_service(id, json!({ "forced_down": down })).await
    }

    async fn change_compute_service(&self, id: &str, changes: Value) -> Result<(), Error> {
        let request = call(Method::PUT, format!("/os-services/{}", encode(id))).require(require(2, 53));
        self.tell(request.body(changes).object(format!("compute service {id}"))).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_uuids_are_both_ids() {
        let old: Hypervisor = serde_json::from_value(json!({
            "id": 1, "hypervisor_hostname": "cmp-1", "service": {"host": "cmp-1", "id": 6, "disabled_reason": null},
            "cpu_info": "{\"arch\": \"x86_64\"}", "vcpus": 8, "free_disk_gb": 10,
        }))
        .unwrap();
        let late: Hypervisor = serde_json::from_value(json!({
            "id": "b2e6bd5e-9a44-4a50-8a6e-3f9c6d5f5a4d", "hypervisor_hostname": "cmp-1",
            "service": {"host": "cmp-1"}, "uptime": " 08:32:11 up 93 days", "servers": [{"uuid": "s1", "name": "i-1"}],
        }))
        .unwrap();
        assert_eq!((old.id(), old.host.as_str(), old.vcpus), ("1", "cmp-1", Some(8)));
        assert_eq!((late.vcpus, late.servers[0].id.as_str()), (None, "s1"));
    }
}
