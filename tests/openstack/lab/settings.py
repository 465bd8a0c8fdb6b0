"""What stands in the configuration files of the services, as dictionaries.

Only what the lab needs to differ from the defaults is set; what surprised is commented.
"""

from __future__ import annotations

from .config import Section, Sections, merge, render
from .layout import Cloud, write

SHARE = "127.0.0.1:/moonferry"


def _login(cloud: Cloud, user: str) -> Section:
    """How one service logs in to call another."""
    return {
        "auth_type": "password",
        "auth_url": cloud.url("keystone", "/v3"),
        "username": user,
        "password": cloud.lab.passwords["service"],
        "user_domain_name": "Default",
        "project_name": "service",
        "project_domain_name": "Default",
        "region_name": "RegionOne",
    }


def _database(cloud: Cloud, name: str) -> Section:
    return {"connection": cloud.database_url(name), "max_pool_size": 5}


def _base(cloud: Cloud) -> Sections:
    """For every service: one log per process, which is its standard error."""
    return {"DEFAULT": {"use_stderr": True}, "oslo_policy": {"policy_dirs": cloud.etc / "policy.d"}}


def _service(cloud: Cloud, user: str, kind: str) -> Sections:
    """For everything that checks tokens and calls others."""
    authtoken = _login(cloud, user) | {
        "www_authenticate_uri": cloud.url("keystone"),
        "memcached_servers": f"127.0.0.1:{cloud.port('memcached')}",
        "service_token_roles": "service",
        "service_token_roles_required": True,
        "service_type": kind,
    }
    # Everything runs as root, and there may be no sudo to become it.
    helper = {"helper_command": cloud.bin / "privsep-helper"}
    privileged = ("privsep", "privsep_osbrick", "nova_sys_admin", "cinder_sys_admin", "vif_plug_ovs_privileged",
                  "vif_plug_linux_bridge_privileged")
    return merge([_base(cloud), {
        "DEFAULT": {"transport_url": cloud.rabbit_url, "state_path": cloud.state / user},
        "keystone_authtoken": authtoken,
        # Cinder refuses to detach a volume for nova without nova's own token beside the user's.
        "service_user": _login(cloud, user) | {"send_service_user_token": True},
        "oslo_concurrency": {"lock_path": cloud.state / user / "lock"},
        "oslo_messaging_rabbit": {"heartbeat_in_pthread": False},
    }, {section: helper for section in privileged}])


def keystone(cloud: Cloud, cached: bool = True) -> Sections:
    """keystone.conf; keystone-manage gets one without cache, which breaks under Debian's eventlet there."""
    memcached = f"127.0.0.1:{cloud.port('memcached')}"
    return merge([_base(cloud), {
        "database": _database(cloud, "keystone"),
        "token": {"provider": "fernet", "expiration": 14400},
        "fernet_tokens": {"key_repository": cloud.etc / "fernet-keys"},
        "fernet_receipts": {"key_repository": cloud.etc / "fernet-keys"},
        "credential": {"key_repository": cloud.etc / "credential-keys"},
        # The default of twelve rounds costs most of a second per log-in.
        "identity": {"password_hash_rounds": 4},
        "cache": {"enabled": cached, "backend": "dogpile.cache.pymemcache", "memcache_servers": memcached,
                  "backend_argument": f"url:{memcached}"},
    }])


def placement(cloud: Cloud) -> Sections:
    """placement.conf"""
    return merge([_service(cloud, "placement", "placement"), {
        "placement_database": _database(cloud, "placement"),
        "api": {"auth_strategy": "keystone"},
    }])


def glance(cloud: Cloud) -> Sections:
    """glance-api.conf"""
    def store(name: str) -> Section:
        return {"filesystem_store_datadir": cloud.state / "glance" / name}
    return merge([_service(cloud, "glance", "image"), {
        "DEFAULT": {"bind_host": "127.0.0.1", "bind_port": cloud.port("glance"), "workers": 0,
                    "enabled_backends": "file:file", "enabled_import_methods": "[glance-direct,web-download,copy-image]"},
        "database": _database(cloud, "glance"),
        "glance_store": {"default_backend": "file"},
        "file": store("images"),
        "os_glance_staging_store": store("staging"),
        "os_glance_tasks_store": store("tasks"),
        "paste_deploy": {"flavor": "keystone", "config_file": cloud.etc / "glance-api-paste.ini"},
    }])


def neutron(cloud: Cloud) -> Sections:
    """neutron.conf; no agents, so nobody is told about networks."""
    return merge([_service(cloud, "neutron", "network"), {
        "DEFAULT": {
            "bind_host": "127.0.0.1", "bind_port": cloud.port("neutron"),
            "api_paste_config": cloud.etc / "neutron-api-paste.ini",
            "core_plugin": "ml2", "service_plugins": "router",
            "api_workers": 1, "rpc_workers": 1, "rpc_state_report_workers": 0,
            "dhcp_agent_notification": False,
            "notify_nova_on_port_status_changes": True, "notify_nova_on_port_data_changes": True,
        } | ({"allow_overlapping_ips": True} if cloud.is_source else {}),
        "database": _database(cloud, "neutron"),
        "nova": _login(cloud, "nova"),
        "placement": _login(cloud, "placement"),
        "quotas": {"quota_port": 500},
    }])


def ml2(cloud: Cloud) -> Sections:
    """ml2_conf.ini; the source plays a Linux bridge cloud, which the target's nova refuses to be."""
    first = cloud.port("neutron")
    return {
        "ml2": {"type_drivers": "local,flat,vlan,vxlan", "tenant_network_types": "vxlan",
                "mechanism_drivers": "moonferry_lab", "extension_drivers": "port_security", "path_mtu": 1500},
        "ml2_type_flat": {"flat_networks": "*"},
        "ml2_type_vlan": {"network_vlan_ranges": "physnet1:100:199"},
        "ml2_type_vxlan": {"vni_ranges": f"{first}:{first + 999}"},
        "moonferry_lab": {"vif_type": "bridge" if cloud.is_source else "ovs"},
    }


def cinder(cloud: Cloud) -> Sections:
    """cinder.conf; the NFS driver, because its volumes are plain files."""
    return merge([_service(cloud, "cinder", "block-storage"), {
        "DEFAULT": {
            "my_ip": "127.0.0.1", "host": f"{cloud.name}-storage",
            "api_paste_config": cloud.etc / "cinder-api-paste.ini",
            "resource_query_filters_file": cloud.etc / "resource_filters.json",
            "glance_api_servers": cloud.url("glance"),
            "enabled_backends": "nfs", "default_volume_type": "standard",
            "image_conversion_dir": cloud.state / "cinder/conversion",
            "allow_availability_zone_fallback": True, "service_down_time": 60,
        },
        "database": _database(cloud, "cinder"),
        "nfs": {
            "volume_driver": "cinder.volume.drivers.nfs.NfsDriver", "volume_backend_name": "nfs",
            "nfs_shares_config": cloud.etc / "nfs_shares", "nfs_mount_point_base": cloud.state / "cinder/mnt",
            "nfs_snapshot_support": True, "nfs_sparsed_volumes": True,
            "nas_secure_file_operations": False, "nas_secure_file_permissions": False,
        },
        "nova": _login(cloud, "nova") | {"interface": "public"},
    }])


def nova(cloud: Cloud) -> Sections:
    """nova.conf; a host that died is seen within 20 s."""
    volumes = "volumev3:cinderv3:publicURL" if cloud.is_source else "block-storage::publicURL"
    filters = ("ComputeFilter", "ComputeCapabilitiesFilter", "ImagePropertiesFilter", "ServerGroupAntiAffinityFilter",
               "ServerGroupAffinityFilter", "AggregateInstanceExtraSpecsFilter")
    return merge([_service(cloud, "nova", "compute"), {
        "DEFAULT": {
            "my_ip": "127.0.0.1", "osapi_compute_workers": 1,
            "vif_plugging_is_fatal": False, "vif_plugging_timeout": 0,
            "allow_resize_to_same_host": False, "service_down_time": 20, "report_interval": 5, "periodic_fuzzy_delay": 0,
            "block_device_allocate_retries": 240, "block_device_allocate_retries_interval": 1,
        },
        "api_database": _database(cloud, "nova_api"),
        "database": _database(cloud, "nova"),
        "conductor": {"workers": 1},
        # New hosts are mapped to their cell by the scheduler.
        "scheduler": {"workers": 1, "discover_hosts_in_cells_interval": 4},
        "filter_scheduler": {"enabled_filters": filters},
        "glance": {"api_servers": cloud.url("glance")},
        "placement": _login(cloud, "placement"),
        "neutron": _login(cloud, "neutron"),
        "cinder": _login(cloud, "cinder") | {"catalog_info": volumes},
        "vnc": {"enabled": False},
        "wsgi": {"api_paste_config": cloud.etc / "api-paste.ini"},
    }])


def compute(cloud: Cloud, host: str) -> Sections:
    """What one nova-compute has besides nova.conf."""
    return {"DEFAULT": {"host": host, "compute_driver": "moonferry_lab.LabDriver", "state_path": cloud.state / "nova" / host}}


def write_all(cloud: Cloud) -> None:
    """Writes every ini file of a cloud."""
    files = {
        "keystone.conf": keystone(cloud), "keystone-manage.conf": keystone(cloud, cached=False),
        "placement.conf": placement(cloud), "glance-api.conf": glance(cloud), "neutron.conf": neutron(cloud),
        "ml2_conf.ini": ml2(cloud), "cinder.conf": cinder(cloud), "nova.conf": nova(cloud),
    } | {f"{host}.conf": compute(cloud, host) for host in cloud.computes}
    for name, sections in files.items():
        write(cloud.etc / name, render(sections))
