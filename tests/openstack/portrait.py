"""A project as it looks from outside: every kind, names in the place of ids, so that two clouds can be compared.

`portrait` gives {kind: {key: {field: value}}}.  What a migration must leave as its mark (tags, metadata keys and
description suffixes that begin with "moonferry") is left out; ids, times, hosts and bindings are not part of it.
"""

from __future__ import annotations

import concurrent.futures
import hashlib
import re

from common import Site, content, digest, flat

# Both releases speak this one, so that fields mean the same on both sides.
COMPUTE = "2.90"
MARK = re.compile(r"\s*[\[(]?moonferry\b[^\])]*[\])]?\s*$", re.IGNORECASE)
Fields = dict[str, object]
Kind = dict[str, Fields]


class View:
    """Reads one cloud as its administrator."""

    def __init__(self, site: Site, cloud: str):
        self.site, self.cloud = site, cloud
        self.admin = site.admin(cloud)

    def get(self, service: str, path: str) -> dict:
        """The body of a GET, which must succeed."""
        adapter = getattr(self.admin, service)
        answer = adapter.get(path, microversion=COMPUTE) if service == "compute" else adapter.get(path)
        if answer.status_code != 200:
            raise SystemExit(f"{self.cloud}: GET {service} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json()

    def listed(self, service: str, path: str, key: str) -> list[dict]:
        """A collection."""
        return self.get(service, path)[key]

    def project(self, name: str) -> dict | None:
        """The one project of a name, whatever its domain."""
        found = self.listed("identity", f"/projects?name={name}", "projects")
        if len(found) > 1:
            raise SystemExit(f"{self.cloud} has {len(found)} projects named {name}")
        return found[0] if found else None


def _plain(text: str | None) -> str:
    return MARK.sub("", text or "")


def _tags(tags: list[str] | None) -> list[str]:
    return sorted(tag for tag in tags or [] if not tag.lower().startswith("moonferry"))


def _keys(metadata: dict | None, without: tuple[str, ...] = ()) -> dict:
    skip = ("moonferry", *without)
    return {key: value for key, value in (metadata or {}).items() if not key.lower().startswith(skip)}


def _pick(thing: dict, *names: str) -> Fields:
    return {name: thing.get(name) for name in names}


def _sorted(things) -> list:
    return sorted(things, key=lambda one: str(one))


class Portrait:
    """Collects the kinds of one project of one cloud."""

    def __init__(self, view: View, project: dict):
        self.view, self.project, self.id = view, project, project["id"]
        self.domains = {one["id"]: one["name"] for one in view.listed("identity", "/domains", "domains")}
        self.projects = {one["id"]: one["name"] for one in view.listed("identity", "/projects", "projects")}
        network = {kind: view.listed("network", f"/{kind}", kind)
                   for kind in ("networks", "subnets", "ports", "routers", "floatingips")}
        groups = view.listed("network", "/security-groups", "security_groups")
        self.all = network | {"security_groups": groups}
        self.networks = {one["id"]: one["name"] for one in network["networks"]}
        self.subnets = {one["id"]: one["name"] for one in network["subnets"]}
        self.groups = {one["id"]: one["name"] for one in groups}
        self.servers = view.listed("compute", f"/servers/detail?all_tenants=1&project_id={self.id}", "servers")
        self.server_names = {one["id"]: one["name"] for one in self.servers}
        volumes = view.listed("block_storage", f"/volumes/detail?all_tenants=1&project_id={self.id}", "volumes")
        # Cinder's filter by project only holds for administrators who ask for all; be sure.
        self.volumes = [one for one in volumes if one["os-vol-tenant-attr:tenant_id"] == self.id]
        self.volume_names = {one["id"]: one["name"] for one in self.volumes}

    def mine(self, kind: str) -> list[dict]:
        """The project's own objects of a kind of Neutron's."""
        return [one for one in self.all[kind] if one["project_id"] == self.id]

    # Identity.

    def identity(self) -> dict[str, Kind]:
        """Domain, project, users, groups, assignments."""
        view = self.view
        domain = view.get("identity", f"/domains/{self.project['domain_id']}")["domain"]
        roles = {one["id"]: one["name"] for one in view.listed("identity", "/roles", "roles")}
        users = {one["id"]: one for one in view.listed("identity", "/users", "users")}
        groups = {one["id"]: one for one in view.listed("identity", "/groups", "groups")}
        given: Kind = {}
        seen_users, seen_groups = {}, {}
        for one in view.listed("identity", f"/role_assignments?scope.project.id={self.id}", "role_assignments"):
            kind = "user" if "user" in one else "group"
            who = (users if kind == "user" else groups)[one[kind]["id"]]
            (seen_users if kind == "user" else seen_groups)[who["id"]] = who
            given[f"{kind} {self.full(who)} {roles[one['role']['id']]}"] = {}
        shown: Kind = {}
        for group in seen_groups.values():
            members = view.listed("identity", f"/groups/{group['id']}/users", "users")
            seen_users |= {one["id"]: users[one["id"]] for one in members}
            shown[self.full(group)] = {"description": _plain(group["description"]), "members": sorted(self.full(one) for one in members)}
        self.users = seen_users
        people = {self.full(one): {"enabled": one["enabled"], "email": one.get("email"), "description": _plain(one.get("description")),
                                   "default project": self.projects.get(one.get("default_project_id"))} for one in seen_users.values()}
        project = {"description": _plain(self.project["description"]), "enabled": self.project["enabled"],
                   "tags": _tags(self.project["tags"]), "domain": domain["name"]}
        return {"domain": {domain["name"]: {"description": _plain(domain["description"]), "enabled": domain["enabled"]}},
                "project": {self.project["name"]: project}, "user": people, "group": shown, "role assignment": given}

    def full(self, who: dict) -> str:
        """A name with its domain."""
        return f"{who['name']}@{self.domains[who['domain_id']]}"

    def quotas(self) -> dict[str, Kind]:
        """The limits the releases have in common."""
        view = self.view
        compute = view.get("compute", f"/os-quota-sets/{self.id}")["quota_set"]
        volume = view.get("block_storage", f"/os-quota-sets/{self.id}")["quota_set"]
        network = view.get("network", f"/quotas/{self.id}")["quota"]
        return {"quota": {
            "compute": _pick(compute, "cores", "instances", "ram", "key_pairs", "metadata_items", "server_groups", "server_group_members"),
            "volume": _pick(volume, "volumes", "gigabytes", "snapshots", "per_volume_gigabytes", "backups", "backup_gigabytes", "groups"),
            "network": _pick(network, "network", "subnet", "port", "router", "floatingip", "security_group", "security_group_rule",
                             "rbac_policy", "subnetpool"),
        }}

    # Network.

    def network(self) -> dict[str, Kind]:
        """Everything of Neutron."""
        nets = {one["name"]: {"description": _plain(one["description"]), "tags": _tags(one["tags"])} | _pick(
            one, "mtu", "admin_state_up", "shared", "port_security_enabled", "router:external") for one in self.mine("networks")}
        subnets = {f"{self.networks[one['network_id']]}/{one['name']}": {
            "description": _plain(one["description"]), "tags": _tags(one["tags"]), "pools": _sorted(one["allocation_pools"]),
            "routes": _sorted(one["host_routes"])} | _pick(one, "cidr", "ip_version", "gateway_ip", "enable_dhcp", "dns_nameservers",
                                                           "ipv6_ra_mode", "ipv6_address_mode") for one in self.mine("subnets")}
        return {"network": nets, "subnet": subnets, "router": self.routers(), "security group": self.security_groups(),
                "port": self.ports(), "floating IP": self.floating_ips()}

    def addresses(self, fixed_ips: list[dict]) -> list[str]:
        """Addresses with the names of their subnets."""
        return sorted(f"{self.subnets[one['subnet_id']]} {one['ip_address']}" for one in fixed_ips)

    def routers(self) -> Kind:
        """Routers with their legs; the address at the gateway may differ."""
        found: Kind = {}
        for one in self.mine("routers"):
            gateway = one["external_gateway_info"] or {}
            legs = [port for port in self.all["ports"] if port["device_id"] == one["id"]
                    and port["device_owner"].startswith("network:router_interface")]
            found[one["name"]] = {
                "description": _plain(one["description"]), "tags": _tags(one["tags"]), "routes": _sorted(one["routes"]),
                "gateway": self.networks.get(gateway.get("network_id")), "snat": gateway.get("enable_snat"),
                "interfaces": sorted(line for port in legs for line in self.addresses(port["fixed_ips"])),
            } | _pick(one, "admin_state_up")
        return found

    def security_groups(self) -> Kind:
        """Groups with their rules."""
        def rule(one: dict) -> str:
            remote = self.groups.get(one["remote_group_id"])
            parts = _pick(one, "direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix")
            return str(list(parts.values()) + [remote and f"group {remote}", _plain(one["description"])])
        return {one["name"]: {"description": _plain(one["description"]), "tags": _tags(one["tags"]), "stateful": one.get("stateful", True),
                              "rules": sorted(rule(each) for each in one["security_group_rules"])} for one in self.mine("security_groups")}

    def port_key(self, port: dict) -> str:
        """Ports often have no names; their addresses are what must not change."""
        return f"{self.networks[port['network_id']]} {' '.join(one.split()[1] for one in self.addresses(port['fixed_ips']))}"

    def ports(self) -> Kind:
        """Ports of servers, and those of nothing."""
        found: Kind = {}
        for one in self.mine("ports"):
            if one["device_owner"].startswith("network:"):
                continue
            found[self.port_key(one)] = {
                "description": _plain(one["description"]), "tags": _tags(one["tags"]), "addresses": self.addresses(one["fixed_ips"]),
                "groups": sorted(self.groups[each] for each in one["security_groups"]),
                "pairs": _sorted((pair["ip_address"], pair["mac_address"]) for pair in one["allowed_address_pairs"]),
                "server": self.server_names.get(one["device_id"]),
            } | _pick(one, "name", "mac_address", "port_security_enabled", "admin_state_up", "binding:vnic_type")
        return found

    def floating_ips(self) -> Kind:
        """Addresses from outside, by address."""
        ports = {one["id"]: self.port_key(one) for one in self.all["ports"]}
        return {one["floating_ip_address"]: {
            "description": _plain(one["description"]), "tags": _tags(one["tags"]), "port": ports.get(one["port_id"]),
            "network": self.networks[one["floating_network_id"]]} | _pick(one, "fixed_ip_address") for one in self.mine("floatingips")}

    # Compute, images, volumes.

    def flavors(self) -> Kind:
        """Flavors of the project's servers, and private ones it may use."""
        view = self.view
        used = {one["flavor"]["original_name"] for one in self.servers}
        found: Kind = {}
        for one in view.listed("compute", "/flavors/detail?is_public=None", "flavors"):
            access = []
            if not one["os-flavor-access:is_public"]:
                access = [each["tenant_id"] for each in view.listed("compute", f"/flavors/{one['id']}/os-flavor-access", "flavor_access")]
            if one["name"] in used or self.id in access:
                found[one["name"]] = {"access": sorted(self.projects.get(each, each) for each in access)} | _pick(
                    one, "ram", "vcpus", "disk", "swap", "OS-FLV-EXT-DATA:ephemeral", "os-flavor-access:is_public", "extra_specs", "description")
        return found

    def keypairs(self) -> Kind:
        """Keys of the project's users."""
        found: Kind = {}
        for user in self.users.values():
            for one in self.view.listed("compute", f"/os-keypairs?user_id={user['id']}", "keypairs"):
                found[f"{self.full(user)} {one['keypair']['name']}"] = _pick(one["keypair"], "type", "fingerprint", "public_key")
        return found

    def server_groups(self) -> Kind:
        """Groups with the names of their members."""
        return {one["name"]: {"policy": one["policy"], "rules": one["rules"],
                              "members": sorted(self.server_names.get(each, each) for each in one["members"])}
                for one in self.view.listed("compute", "/os-server-groups?all_projects=1", "server_groups") if one["project_id"] == self.id}

    def images(self) -> Kind:
        """The project's own images, and of others those its servers and volumes were made from by name."""
        view = self.view
        booted = {one["image"]["id"] for one in self.servers if one["image"]}
        found: Kind = {}
        for one in view.listed("image", "/images?limit=1000", "images"):
            own = one["owner"] == self.id
            if not own and one["id"] not in booted:
                continue
            if one["id"] in booted and any(tag.startswith("moonferry") for tag in one["tags"]):
                continue  # the root disk that a migrated server was made from: Nova goes back to it, so it stays
            standard = ("id", "owner", "self", "file", "schema", "created_at", "updated_at", "status", "stores", "locations",
                        "direct_url", "virtual_size", "os_hash_", "owner_specified", "os_glance", "name", "tags", "checksum", "size")
            members = {}
            if one["visibility"] == "shared":
                members = {self.projects.get(each["member_id"], each["member_id"]): each["status"]
                           for each in view.listed("image", f"/images/{one['id']}/members", "members")}
            found[one["name"]] = _keys({key: value for key, value in one.items() if not key.startswith(standard)}) | {
                "tags": _tags(one["tags"]), "own": own, "members": members, "size": one["size"], "sha256": self.image_digest(one["id"])}
        return found

    def image_digest(self, image: str) -> str:
        """SHA-256 of what a client downloads."""
        sha = hashlib.sha256()
        for block in self.view.admin.image.download_image(image, stream=True, chunk_size=1 << 20).iter_content(1 << 20):
            sha.update(block)
        return sha.hexdigest()

    def volume_kind(self) -> Kind:
        """Volumes with the names of the servers that have them."""
        # Only properties: the format is that of whatever image carried the bytes.
        skip = ("image_id", "image_name", "checksum", "size", "signature_verified", "owner_specified", "os_glance", "os_hash",
                "disk_format", "container_format", "min_disk", "min_ram")
        return {one["name"]: {
            "description": _plain(one["description"]), "metadata": _keys(one["metadata"]), "type": one["volume_type"],
            "image metadata": _keys(one.get("volume_image_metadata"), skip),
            "servers": sorted(self.server_names.get(each["server_id"], each["server_id"]) for each in one["attachments"]),
        } | _pick(one, "size", "status", "bootable", "multiattach", "encrypted") for one in self.volumes}

    def server_kind(self) -> Kind:
        """Servers; networks in the order of the NICs."""
        found: Kind = {}
        groups = {member: name for name, group in self.server_groups().items() for member in group["members"]}
        for one in self.servers:
            attached = self.view.listed("compute", f"/servers/{one['id']}/os-volume_attachments", "volumeAttachments")
            root = one.get("OS-EXT-SRV-ATTR:root_device_name")
            found[one["name"]] = {
                "description": _plain(one["description"] if one["description"] != one["name"] else ""),
                "metadata": _keys(one["metadata"]), "tags": _tags(one["tags"]),
                "flavor": one["flavor"],
                "boots from": "image" if one["image"] else "volume", "server group": groups.get(one["name"]),
                "NICs": [[name, sorted(f"{each['OS-EXT-IPS-MAC:mac_addr']} {each['OS-EXT-IPS:type']} {each['addr']}" for each in addresses)]
                         for name, addresses in one["addresses"].items()],
                "volumes": _sorted((self.volume_names.get(each["volumeId"], each["volumeId"]), each["delete_on_termination"],
                                    each["device"] == root) for each in attached),
                "security groups": sorted({each["name"] for each in one.get("security_groups", [])}),
                "user data": one["OS-EXT-SRV-ATTR:user_data"], "availability zone": one["OS-EXT-AZ:availability_zone"],
                "power": one["OS-EXT-STS:power_state"], "hostname": one["OS-EXT-SRV-ATTR:hostname"],
            } | _pick(one, "status", "key_name", "config_drive", "locked")
        return found

    def bytes_kind(self) -> Kind:
        """The content of volumes and root disks, from the files of the lab."""
        site, cloud = self.view.site, self.view.cloud
        paths = {f"volume {one['name']}": site.volume_file(cloud, one["id"]) for one in self.volumes}
        for one in self.servers:
            disk = site.server_disk(cloud, one["id"])
            if disk:
                paths[f"root disk of {one['name']}"] = disk
        chunks = {f"volume {name}": one["chunks"] for name, one in site.facts()["volumes"].items()}
        chunks |= {f"root disk of {name}": one["chunks"] for name, one in site.facts()["servers"].items()}

        def of(item) -> tuple[str, Fields]:
            name, path = item
            with flat(path) as raw:
                lost = [one["offset"] for one in chunks.get(name, []) if digest(raw, one["offset"], one["length"]) != one["sha256"]]
                return name, {"size": raw.stat().st_size, "sha256": content(raw), "seeded data missing at": lost}

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return dict(pool.map(of, paths.items()))


def portrait(view: View, name: str) -> dict[str, Kind]:
    """Everything of a project; nothing when the cloud does not have it."""
    project = view.project(name)
    if project is None:
        return {}
    whole = Portrait(view, project)
    kinds = whole.identity() | whole.quotas() | whole.network()
    kinds |= {"flavor": whole.flavors(), "keypair": whole.keypairs(), "server group": whole.server_groups(), "image": whole.images(),
              "volume": whole.volume_kind(), "server": whole.server_kind(), "bytes": whole.bytes_kind()}
    return kinds
