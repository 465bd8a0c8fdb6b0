"""Everything a cloud has, of all projects, with ids and as the API gives it: to see whether anything changed at all."""

from __future__ import annotations

from portrait import View

# Service, path, key of the answer.  Role assignments have no id; they are their own.
KINDS = [
    ("domain", "identity", "/domains", "domains"),
    ("project", "identity", "/projects", "projects"),
    ("user", "identity", "/users", "users"),
    ("group", "identity", "/groups", "groups"),
    ("role", "identity", "/roles", "roles"),
    ("role assignment", "identity", "/role_assignments", "role_assignments"),
    ("flavor", "compute", "/flavors/detail?is_public=None", "flavors"),
    ("server group", "compute", "/os-server-groups?all_projects=1", "server_groups"),
    ("server", "compute", "/servers/detail?all_tenants=1", "servers"),
    ("image", "image", "/images?limit=1000", "images"),
    ("network", "network", "/networks", "networks"),
    ("subnet", "network", "/subnets", "subnets"),
    ("router", "network", "/routers", "routers"),
    ("port", "network", "/ports", "ports"),
    ("floating IP", "network", "/floatingips", "floatingips"),
    ("security group", "network", "/security-groups", "security_groups"),
    ("RBAC policy", "network", "/rbac-policies", "rbac_policies"),
    ("volume", "block_storage", "/volumes/detail?all_tenants=1", "volumes"),
    ("volume snapshot", "block_storage", "/snapshots/detail?all_tenants=1", "snapshots"),
    ("volume type", "block_storage", "/types", "volume_types"),
]
# What the clouds change by themselves.
RESTLESS = {"updated_at", "updated", "revision_number", "links", "progress", "OS-SRV-USG:launched_at", "OS-SRV-USG:terminated_at",
            "password_expires_at", "migration_status", "consumes_quota", "schema", "file", "self"}


def _still(thing: object) -> object:
    """A copy without restless fields, lists in an order of their own."""
    if isinstance(thing, dict):
        return {key: _still(value) for key, value in sorted(thing.items()) if key not in RESTLESS}
    if isinstance(thing, list):
        return sorted((_still(one) for one in thing), key=str)
    return thing


def listing(view: View, kind: str) -> dict[str, object]:
    """One of KINDS."""
    service, path, key = next(row[1:] for row in KINDS if row[0] == kind)
    return {one.get("id") or str(_still(one)): _still(one) for one in view.listed(service, path, key)}


def census(view: View) -> dict[str, dict[str, object]]:
    """{kind: {id: fields}} of a whole cloud."""
    found = {row[0]: listing(view, row[0]) for row in KINDS}
    found["flavor access"], found["keypair"], found["image member"] = {}, {}, {}
    for flavor in found["flavor"].values():
        if not flavor["os-flavor-access:is_public"]:
            for one in view.listed("compute", f"/flavors/{flavor['id']}/os-flavor-access", "flavor_access"):
                found["flavor access"][f"{flavor['name']} {one['tenant_id']}"] = one
    for user in found["user"].values():
        for one in view.listed("compute", f"/os-keypairs?user_id={user['id']}", "keypairs"):
            found["keypair"][f"{user['name']} {one['keypair']['name']}"] = one["keypair"]
    for image in found["image"].values():
        if image["visibility"] == "shared":
            for one in view.listed("image", f"/images/{image['id']}/members", "members"):
                found["image member"][f"{image['name']} {one['member_id']}"] = _still(one)
    found["quota"] = {}
    for project in found["project"].values():
        for service, path, key in (("compute", "/os-quota-sets/", "quota_set"), ("block_storage", "/os-quota-sets/", "quota_set"),
                                   ("network", "/quotas/", "quota")):
            found["quota"][f"{service} {project['name']}"] = view.get(service, path + project["id"])[key]
    return found
