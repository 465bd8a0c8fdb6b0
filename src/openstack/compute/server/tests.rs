use super::*;

fn read(value: Value) -> Server {
    serde_json::from_value(value).unwrap()
}

#[test]
fn reads_the_shape_of_the_base_version() {
    let server = read(json!({
        "id": "s1", "name": "web-1", "status": "ACTIVE", "tenant_id": "p1", "user_id": "u1",
        "flavor": {"id": "2", "links": [{"rel": "bookmark", "href": "http://nova/flavors/2"}]},
        "image": {"id": "i1", "links": []},
        "addresses": {"net": [{"OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01", "version": 4, "addr": "10.0.0.5",
                               "OS-EXT-IPS:type": "fixed"}]},
        "os-extended-volumes:volumes_attached": [{"id": "v1"}],
        "security_groups": [{"name": "web"}, {"name": "default"}, {"name": "web"}],
        "config_drive": "True", "key_name": null, "metadata": {"role": "web"},
        "OS-EXT-AZ:availability_zone": "nova", "OS-EXT-SRV-ATTR:host": "cmp-1",
        "OS-EXT-STS:power_state": 1, "OS-EXT-STS:vm_state": "active", "OS-EXT-STS:task_state": null,
        "accessIPv4": "", "hostId": "abc", "progress": 0, "created": "2026-01-01T00:00:00Z",
    }));
    assert_eq!((server.flavor.id.as_deref(), server.flavor.vcpus), (Some("2"), None));
    assert_eq!(server.image_id.as_deref(), Some("i1"));
    assert_eq!(server.addresses["net"][0].r#type, "fixed");
    assert_eq!(server.security_groups, ["default", "web"]);
    assert_eq!((server.project_id.as_str(), server.host.as_deref()), ("p1", Some("cmp-1")));
    assert!(server.config_drive && !server.locked && server.tags.is_empty());
    assert_eq!(server.volumes_attached[0].delete_on_termination, None);
}

#[test]
fn reads_the_shape_of_a_late_version() {
    let server = read(json!({
        "id": "s1", "name": "web-1", "status": "SHUTOFF", "tenant_id": "p1",
        "flavor": {"original_name": "m1.small", "vcpus": 1, "ram": 2048, "disk": 20, "ephemeral": 0, "swap": 0,
                   "extra_specs": {"hw:cpu_policy": "dedicated"}},
        "image": "", "config_drive": "", "locked": true, "locked_reason": "audit", "tags": ["blue"],
        "os-extended-volumes:volumes_attached": [{"id": "v1", "delete_on_termination": true}],
        "OS-EXT-SRV-ATTR:user_data": "IyEvYmluL3No", "OS-EXT-SRV-ATTR:ramdisk_id": "",
        "server_groups": ["g1"], "trusted_image_certificates": null, "description": null,
        "fault": {"code": 500, "message": "No valid host was found.", "created": "2026-01-01T00:00:00Z"},
    }));
    assert_eq!(server.flavor.original_name.as_deref(), Some("m1.small"));
    assert_eq!((server.image_id, server.config_drive, server.locked), (None, false, true));
    assert_eq!(server.fault.map(|fault| fault.code), Some(500));
    assert_eq!((server.user_data.as_deref(), server.ramdisk_id), (Some("IyEvYmluL3No"), None));
}

#[test]
fn hints_stand_beside_the_server_and_groups_are_wrapped() {
    let keys = json!({
        "name": "web-1", "flavor": "2", "networks": "none", "security_groups": ["web"],
        "block_devices": [{"uuid": "v1", "boot_index": 0}], "scheduler_hints": {"group": "g1"},
    });
    assert_eq!(
        Server::create_body(keys.as_object().unwrap().clone()),
        json!({
            "server": {"name": "web-1", "flavorRef": "2", "networks": "none", "security_groups": [{"name": "web"}],
                       "block_device_mapping_v2": [{"uuid": "v1", "boot_index": 0}]},
            "os:scheduler_hints": {"group": "g1"},
        })
    );
}

#[test]
fn reads_what_nova_34_sends() {
    let server = read(json!({
        "OS-DCF:diskConfig": "MANUAL", "OS-EXT-AZ:availability_zone": "nova", "OS-EXT-SRV-ATTR:host": "new-cmp3",
        "OS-EXT-SRV-ATTR:hostname": "k-server", "OS-EXT-SRV-ATTR:hypervisor_hostname": "new-cmp3",
        "OS-EXT-SRV-ATTR:instance_name": "instance-00000002", "OS-EXT-SRV-ATTR:kernel_id": "",
        "OS-EXT-SRV-ATTR:launch_index": 0, "OS-EXT-SRV-ATTR:reservation_id": "r-m8nwa1zf",
        "OS-EXT-SRV-ATTR:root_device_name": "/dev/sda", "OS-EXT-SRV-ATTR:user_data": null, "OS-EXT-STS:power_state": 1,
        "OS-EXT-STS:task_state": null, "OS-EXT-STS:vm_state": "active", "OS-SRV-USG:terminated_at": null,
        "accessIPv4": "", "accessIPv6": "", "addresses": {}, "config_drive": "", "description": null,
        "flavor": {"disk": 1, "ephemeral": 0, "extra_specs": {}, "original_name": "k-flavor2", "ram": 128, "swap": 0, "vcpus": 1},
        "host_status": "UP", "id": "ffb3319c-77a6-43e2-b356-7eff0e378e7f", "key_name": null, "links": [],
        "image": {"id": "ae556db3-78d9-4fe0-a8ad-0a7f38a022fe", "links": []}, "locked": false, "locked_reason": null,
        "metadata": {}, "name": "k-server", "os-extended-volumes:volumes_attached": [], "progress": 0,
        "pinned_availability_zone": "nova", "server_groups": [], "status": "ACTIVE", "tags": [],
        "tenant_id": "dd8cf42f64c148a596aa822333ddb07d", "trusted_image_certificates": null,
    }));
    assert_eq!((server.flavor.ram, server.flavor.original_name.as_deref()), (Some(128), Some("k-flavor2")));
    assert_eq!(server.image_id.as_deref(), Some("ae556db3-78d9-4fe0-a8ad-0a7f38a022fe"));
    assert_eq!((server.power_state, server.pinned_availability_zone.as_deref()), (1, Some("nova")));
    assert_eq!((server.kernel_id.as_deref(), server.project_id.as_str()), (None, "dd8cf42f64c148a596aa822333ddb07d"));
}
