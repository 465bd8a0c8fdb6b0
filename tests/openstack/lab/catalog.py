"""What a cloud's Keystone has to know before the other services can talk: endpoints and service users."""

from __future__ import annotations

import json

from .layout import Cloud, Lab, write
from .rest import Rest


def _services(cloud: Cloud) -> list[tuple[str, str, str, str]]:
    """Type, name, the service whose port it has, path; the block storage entry differs as it does between old and new clouds."""
    volume = ("volumev3", "cinderv3", "/v3/%(project_id)s") if cloud.is_source else ("block-storage", "cinder", "/v3")
    return [
        ("image", "glance", "glance", ""),
        ("placement", "placement", "placement", ""),
        ("network", "neutron", "neutron", ""),
        ("compute", "nova", "nova", "/v2.1"),
        (volume[0], volume[1], "cinder", volume[2]),
    ]


def fill(cloud: Cloud) -> None:
    """Makes service users and endpoints once."""
    done = cloud.lab.marks / f"{cloud.name}-catalog"
    if done.exists():
        return
    rest = Rest(cloud)
    project = rest.ensure("project", {"name": "service", "domain_id": "default"})
    roles = [rest.ensure("role", {"name": name}) for name in ("admin", "service")]
    for name in ("nova", "glance", "neutron", "cinder", "placement"):
        user = rest.ensure("user", {"name": name, "domain_id": "default", "default_project_id": project,
                                    "password": cloud.lab.passwords["service"]})
        for role in roles:
            rest.call("PUT", "keystone", f"/v3/projects/{project}/users/{user}/roles/{role}")
    there = {(one["service_id"], one["interface"]) for one in rest.call("GET", "keystone", "/v3/endpoints")["endpoints"]}
    for kind, name, port, path in _services(cloud):
        service = rest.ensure("service", {"type": kind, "name": name})
        for interface in ("public", "internal", "admin"):
            if (service, interface) not in there:
                endpoint = {"service_id": service, "interface": interface, "region_id": "RegionOne",
                            "url": cloud.url(port, path)}
                rest.call("POST", "keystone", "/v3/endpoints", {"endpoint": endpoint})
    done.touch()


def clouds_yaml(lab: Lab) -> None:
    """Writes clouds.yaml; JSON is YAML."""
    entries = {}
    for cloud in lab.clouds:
        auth = {"auth_url": cloud.url("keystone", "/v3"), "username": "admin", "password": lab.passwords["admin"],
                "project_name": "admin", "user_domain_name": "Default", "project_domain_name": "Default"}
        entries[cloud.name] = {"auth": auth, "region_name": "RegionOne", "identity_api_version": 3}
    write(lab.root / "clouds.yaml", json.dumps({"clouds": entries}, indent=2) + "\n")


def ready(cloud: Cloud) -> str:
    """Says what is still missing, or nothing; makes the default volume type, which Cinder does not."""
    rest = Rest(cloud)
    up = [one for one in rest.call("GET", "nova", "/v2.1/os-services?binary=nova-compute")["services"] if one["state"] == "up"]
    # Only hosts that are mapped to a cell are listed here, and only those take servers.
    mapped = rest.call("GET", "nova", "/v2.1/os-hypervisors/detail")["hypervisors"]
    providers = rest.call("GET", "placement", "/resource_providers")["resource_providers"]
    volume = f"/v3/{rest.project}" if cloud.is_source else "/v3"
    stores = [one for one in rest.call("GET", "cinder", f"{volume}/os-services?binary=cinder-volume")["services"] if one["state"] == "up"]
    if stores and not any(one["name"] == "standard" for one in rest.call("GET", "cinder", f"{volume}/types")["volume_types"]):
        rest.call("POST", "cinder", f"{volume}/types", {"volume_type": {"name": "standard"}})
    rest.call("GET", "neutron", "/v2.0/networks")
    rest.call("GET", "glance", "/v2/images")
    counts = {"computes up": len(up), "computes mapped": len(mapped), "providers": len(providers)}
    short = [f"{count} of {cloud.lab.computes} {what}" for what, count in counts.items() if count < cloud.lab.computes]
    return ", ".join(short + ([] if stores else ["no volume service"]))
