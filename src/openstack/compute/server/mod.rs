//! Servers: what one call shows of them, how they are listed and created.
//!
//! It is not what happens to them afterwards, see `action`. Decision: names of security groups are a plain list and the
//! image of a volume-booted server is absent, in every microversion.

mod action;
mod labels;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::openstack::Service;
use crate::openstack::entity::{Field, entity};
use crate::openstack::reshape::{Object, boolean, empty_is_null, hoist, integer, pluck, rename};
use crate::openstack::resource::{Resource, identified, keys, to_wire, wrap};

pub use action::ServerAction;

entity! {
    /// A server: a virtual machine.
    Server reads flatten {
        /// The id.
        id: String,
        /// The name.
        name: String,
        /// The state as a whole, for example `ACTIVE`, `SHUTOFF`, `ERROR`.
        status: String,
        /// The project that owns it.
        project_id: String = "tenant_id",
        /// The user who created it.
        user_id: String,
        /// The description.
        description: Option<String>,
        /// The flavor, as it was when the server was created or last resized.
        flavor: ServerFlavor,
        /// The image it was created from, absent where it boots from a volume.
        image_id: Option<String>,
        /// The addresses by name of network.
        addresses: BTreeMap<String, Vec<ServerAddress>>,
        /// The MAC addresses of its interfaces in their order, as far as the service tells it.
        macs: Vec<String>,
        /// The volumes attached to it.
        volumes_attached: Vec<ServerVolume> = "os-extended-volumes:volumes_attached",
        /// The names of the security groups of its ports.
        security_groups: Vec<String>,
        /// Whether it has a configuration drive.
        config_drive: bool,
        /// The name of the key pair put into it.
        key_name: Option<String>,
        /// The user data in base64; only administrators see it.
        user_data: Option<String> = "OS-EXT-SRV-ATTR:user_data",
        /// The metadata.
        metadata: BTreeMap<String, String>,
        /// The tags.
        tags: Vec<String>,
        /// The availability zone it runs in.
        availability_zone: Option<String> = "OS-EXT-AZ:availability_zone",
        /// The availability zone that was asked for when it was created.
        pinned_availability_zone: Option<String>,
        /// The host it runs on; only administrators see it.
        host: Option<String> = "OS-EXT-SRV-ATTR:host",
        /// The hypervisor it runs on; only administrators see it.
        hypervisor_hostname: Option<String> = "OS-EXT-SRV-ATTR:hypervisor_hostname",
        /// The name the hypervisor knows it by, for example `instance-0000002a`.
        instance_name: Option<String> = "OS-EXT-SRV-ATTR:instance_name",
        /// The host name inside the guest.
        hostname: Option<String> = "OS-EXT-SRV-ATTR:hostname",
        /// The device of its root disk, for example `/dev/vda`.
        root_device_name: Option<String> = "OS-EXT-SRV-ATTR:root_device_name",
        /// The image of its kernel, where it has one of its own.
        kernel_id: Option<String> = "OS-EXT-SRV-ATTR:kernel_id",
        /// The image of its initial RAM disk, where it has one of its own.
        ramdisk_id: Option<String> = "OS-EXT-SRV-ATTR:ramdisk_id",
        /// The reservation it was created with.
        reservation_id: Option<String> = "OS-EXT-SRV-ATTR:reservation_id",
        /// Its place among the servers created by the same call.
        launch_index: i64 = "OS-EXT-SRV-ATTR:launch_index",
        /// What is being done to it, absent where nothing is.
        task_state: Option<String> = "OS-EXT-STS:task_state",
        /// The state the service keeps, for example `active`, `stopped`, `shelved_offloaded`.
        vm_state: Option<String> = "OS-EXT-STS:vm_state",
        /// The state the hypervisor reports: 0 none, 1 running, 3 paused, 4 shut down, 6 crashed, 7 suspended.
        power_state: i64 = "OS-EXT-STS:power_state",
        /// Whether it is locked.
        locked: bool,
        /// Why it is locked.
        locked_reason: Option<String>,
        /// How far the present task is, in percent.
        progress: Option<i64>,
        /// When it was created.
        created: String,
        /// When it last changed.
        updated: String,
        /// When it first ran.
        launched_at: Option<String> = "OS-SRV-USG:launched_at",
        /// When it was deleted.
        terminated_at: Option<String> = "OS-SRV-USG:terminated_at",
        /// What went wrong, where its status is `ERROR` or `DELETED`.
        fault: Option<ServerFault>,
        /// The IPv4 address given out for it.
        access_ipv4: String = "accessIPv4",
        /// The IPv6 address given out for it.
        access_ipv6: String = "accessIPv6",
        /// How its root disk is partitioned: `AUTO` or `MANUAL`.
        disk_config: Option<String> = "OS-DCF:diskConfig",
        /// The host, veiled by a hash that is the same for all servers of the project on that host.
        host_id: String = "hostId",
        /// Whether the host answers: `UP`, `DOWN`, `MAINTENANCE`, `UNKNOWN`.
        host_status: Option<String>,
        /// The server groups it belongs to, by id; lists leave them out.
        server_groups: Vec<String>,
        /// The certificates its image was validated with.
        trusted_image_certificates: Vec<String>,
    }
}

entity! {
    /// The flavor of a server: complete since 2.47, only an id before.
    ServerFlavor reads flatten_flavor {
        /// The id; clouds that know 2.47 do not say it.
        id: Option<String>,
        /// The name the flavor had.
        original_name: Option<String>,
        /// The number of virtual processors.
        vcpus: Option<i64>,
        /// The memory in MiB.
        ram: Option<i64>,
        /// The root disk in GiB.
        disk: Option<i64>,
        /// The ephemeral disk in GiB.
        ephemeral: Option<i64>,
        /// The swap disk in MiB.
        swap: Option<i64>,
        /// The extra specs.
        extra_specs: BTreeMap<String, String>,
    }
}

entity! {
    /// One address of a server.
    ServerAddress {
        /// The address.
        addr: String,
        /// The version of IP: 4 or 6.
        version: i64,
        /// Whether it is `fixed` or `floating`.
        r#type: String = "OS-EXT-IPS:type",
        /// The MAC address of the interface.
        mac_address: String = "OS-EXT-IPS-MAC:mac_addr",
    }
}

entity! {
    /// A volume as its server shows it.
    ServerVolume {
        /// The volume.
        id: String,
        /// Whether the volume goes when the server goes; known since 2.3.
        delete_on_termination: Option<bool>,
    }
}

entity! {
    /// What went wrong with a server.
    ServerFault {
        /// The HTTP status that would fit.
        code: i64,
        /// The message.
        message: String,
        /// The traceback; only administrators see it.
        details: Option<String>,
        /// When it happened.
        created: String,
    }
}

/// The order of interfaces is that of the addresses; nothing else in the API tells it.
fn interface_order(object: &mut Object) {
    let Some(Value::Object(networks)) = object.get("addresses").filter(|_| !object.contains_key("macs")) else {
        return;
    };
    let mut macs: Vec<Value> = Vec::new();
    for mac in
        networks.values().filter_map(Value::as_array).flatten().filter_map(|one| one.get("OS-EXT-IPS-MAC:mac_addr"))
    {
        if !macs.contains(mac) {
            macs.push(mac.clone());
        }
    }
    object.insert("macs".into(), Value::Array(macs));
}

fn flatten(object: &mut Object) {
    interface_order(object);
    hoist(object, &["image", "id"], "image_id");
    pluck(object, "security_groups", "name");
    boolean(object, "config_drive");
    rename(object, "project_id", "tenant_id");
    // Several ports share a group, and each repeats its name.
    if let Some(Value::Array(names)) = object.get_mut("security_groups") {
        names.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        names.dedup();
    }
    for key in ["OS-EXT-SRV-ATTR:kernel_id", "OS-EXT-SRV-ATTR:ramdisk_id"] {
        empty_is_null(object, key);
    }
}

fn flatten_flavor(object: &mut Object) {
    integer(object, "swap");
}

impl Resource for Server {
    const KIND: &'static str = "server";
    const PLURAL: &'static str = "servers";
    const SERVICE: Service = Service::Compute;
    const PATH: &'static str = "/servers";
    const LIST_PATH: &'static str = "/servers/detail";
    const MICROVERSION: Option<&'static str> = Some(super::MICROVERSION);
    const FILTERS: &'static [Field] = keys![
        all_projects: Option<bool> as "all_tenants" = "Servers of all projects, not only of that of the token.",
        project_id: Option<String> = "Only servers of this project; needs `all_projects`.",
        user_id: Option<String> = "Only servers of this user.",
        name: Option<String> = "Only servers whose name matches this regular expression.",
        status: Option<String> = "Only servers of this status, for example `ACTIVE`.",
        vm_state: Option<String> = "Only servers of this state, for example `active`.",
        task_state: Option<String> = "Only servers with this task.",
        power_state: Option<i64> = "Only servers of this power state.",
        host: Option<String> = "Only servers on this host.",
        node: Option<String> = "Only servers on this hypervisor.",
        flavor: Option<String> = "Only servers of this flavor, by id.",
        image: Option<String> = "Only servers created from this image, by id.",
        ip: Option<String> = "Only servers with an IPv4 address that matches this regular expression.",
        ip6: Option<String> = "Only servers with an IPv6 address that matches this regular expression.",
        availability_zone: Option<String> = "Only servers in this availability zone.",
        key_name: Option<String> = "Only servers with this key pair.",
        config_drive: Option<bool> = "Only servers with, or only without, a configuration drive.",
        description: Option<String> = "Only servers whose description contains this.",
        hostname: Option<String> = "Only servers whose guest has this host name.",
        locked: Option<bool> = "Only locked or only unlocked servers.",
        tags: Option<String> = "Only servers that carry all these tags, separated by commas.",
        tags_any: Option<String> as "tags-any" = "Only servers that carry one of these tags, separated by commas.",
        not_tags: Option<String> as "not-tags" = "Only servers that lack one of these tags, separated by commas.",
        not_tags_any: Option<String> as "not-tags-any" = "Only servers that carry none of these tags, separated by commas.",
        changes_since: Option<String> as "changes-since" = "Only servers that changed after this time; deleted ones too.",
        changes_before: Option<String> as "changes-before" = "Only servers that changed before this time.",
        deleted: Option<bool> = "Only deleted servers.",
        sort_key: Option<String> = "The field to sort by, for example `created_at`.",
        sort_dir: Option<String> = "The order: `asc` or `desc`.",
    ];
    const CREATE: &'static [Field] = keys![
        name: String = "The name.",
        flavor: String as "flavorRef" = "The flavor, by id.",
        image: Option<String> as "imageRef" = "The image, by id; absent where it boots from a volume.",
        block_devices: Option<Vec<Map<String, Value>>> as "block_device_mapping_v2" = "The disks: tables with `uuid`, `source_type`, `destination_type`, `boot_index`, `volume_size`, `delete_on_termination`, `tag`.",
        networks: Value = "The interfaces: tables with `port`, or `uuid` and `fixed_ip`; or the word `auto` or `none`.",
        security_groups: Option<Vec<String>> = "The security groups of interfaces without a port of their own, by id or name.",
        key_name: Option<String> = "The key pair to put in.",
        user_data: Option<String> = "The user data in base64, at most 65535 bytes.",
        config_drive: Option<bool> = "Whether it gets a configuration drive.",
        metadata: Option<BTreeMap<String, String>> = "The metadata.",
        tags: Option<Vec<String>> = "The tags.",
        description: Option<String> = "The description.",
        availability_zone: Option<String> = "The availability zone.",
        host: Option<String> = "The host it must run on; for administrators.",
        hypervisor_hostname: Option<String> = "The hypervisor it must run on; for administrators.",
        hostname: Option<String> = "The host name inside the guest.",
        scheduler_hints: Option<Map<String, Value>> as "os:scheduler_hints" = "The hints for the scheduler, for example `group`.",
        disk_config: Option<String> as "OS-DCF:diskConfig" = "How its root disk is partitioned: `AUTO` or `MANUAL`.",
        admin_pass: Option<String> as "adminPass" = "The password of its administrator, where the guest supports that.",
        access_ipv4: Option<String> as "accessIPv4" = "The IPv4 address to give out for it.",
        access_ipv6: Option<String> as "accessIPv6" = "The IPv6 address to give out for it.",
        trusted_image_certificates: Option<Vec<String>> = "The certificates to validate the image with.",
        min_count: Option<i64> = "How many servers there must at least be; `name` gets a number then.",
        max_count: Option<i64> = "How many servers there shall be at most.",
    ];
    const UPDATE: &'static [Field] = keys![
        name: Option<String> = "The name.",
        description: Option<String> = "The description.",
        hostname: Option<String> = "The host name inside the guest.",
        access_ipv4: Option<String> as "accessIPv4" = "The IPv4 address to give out for it.",
        access_ipv6: Option<String> as "accessIPv6" = "The IPv6 address to give out for it.",
        disk_config: Option<String> as "OS-DCF:diskConfig" = "How its root disk is partitioned: `AUTO` or `MANUAL`.",
    ];
    fn create_body(keys: Map<String, Value>) -> Value {
        let mut server = to_wire(keys, Self::CREATE);
        let hints = server.remove("os:scheduler_hints");
        if let Some(Value::Array(groups)) = server.get_mut("security_groups") {
            for group in groups.iter_mut().filter(|group| group.is_string()) {
                *group = json!({ "name": group.take() });
            }
        }
        let mut body = wrap(Self::WRAPPER, server);
        if let Some(hints) = hints {
            // The hints stand beside the server and not in it.
            body["os:scheduler_hints"] = hints;
        }
        body
    }
    identified!(id, name);
}

#[cfg(test)]
mod tests;
