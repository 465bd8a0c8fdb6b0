"""Fills the source with a project that has one of everything a migration carries, and the target with what a target has.

Two projects: `alpha`, in a domain of its own, is the one to migrate; `beta` must stay where it is.  All sizes are small,
all data random, and what was made is written to seed.json.  Run once per lab (`lab down --purge` makes it new).
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import subprocess
import tempfile
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from common import Site, connect_as, digest, scribble

GB = 1 << 30
EXTERNAL = {"cidr": "203.0.113.0/24", "pools": [{"start": "203.0.113.50", "end": "203.0.113.200"}]}
USER_DATA = "#cloud-config\nhostname: web1\nruncmd:\n  - [echo, 'grüße']\n"
TINY = {"name": "m1.tiny", "ram": 128, "vcpus": 1, "disk": 1}


class Clock:
    """Prints what took how long."""

    def __init__(self) -> None:
        self.began = self.last = time.monotonic()

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        print(f"{now - self.last:7.1f} s  {what}", flush=True)
        self.last = now


def external(cloud) -> str:
    """The external network, the same on both sides, as one operator with one provider would have it."""
    net = cloud.network.create_network(name="public", is_router_external=True, provider_network_type="flat",
                                       provider_physical_network="physext")
    cloud.network.create_subnet(network_id=net.id, name="public", ip_version=4, cidr=EXTERNAL["cidr"], is_dhcp_enabled=False,
                                allocation_pools=EXTERNAL["pools"])
    return net.id


def public_key(comment: str) -> str:
    """A fresh SSH key; newer Nova only takes keys, it makes none."""
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    text = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return f"{text.decode()} {comment}"


def data_file(folder: str, name: str, megabytes: int = 8) -> str:
    """A raw disk of mostly holes with random data at its start and at its end."""
    path = os.path.join(folder, f"{name}.raw")
    with open(path, "wb") as out:
        out.write(f"MOONFERRY image {name}\n".ljust(512).encode() + os.urandom(1 << 20))
        out.truncate(megabytes << 20)
        out.seek((megabytes << 20) - 4096)
        out.write(os.urandom(4096))
    return path


class Alpha:
    """The project to migrate, made step by step; `facts` collects what there is."""

    def __init__(self, site: Site):
        self.site = site
        self.admin = site.admin("source")
        self.facts: dict = {"images": {}, "volumes": {}, "servers": {}, "networks": {}, "ports": {}, "floating_ips": {}}
        self.clock = Clock()

    def identity(self) -> None:
        """Domain, projects, users directly and through a group, a role of the site's own."""
        i = self.admin.identity
        domain = i.create_domain(name="acme", description="Acme Ltd.")
        alpha = i.create_project(name="alpha", domain_id=domain.id, description="web shop", tags=["gold", "eu-1"])
        beta = i.create_project(name="beta", domain_id="default", description="stays here")
        roles = {role.name: role for role in i.roles()} | {"auditor": i.create_role(name="auditor")}
        word = secrets.token_hex(8)
        alice = i.create_user(name="alice", domain_id=domain.id, password=word, email="alice@acme.example",
                              description="owner", default_project_id=alpha.id)
        bob = i.create_user(name="bob", domain_id=domain.id, password=word, email="bob@acme.example")
        erin = i.create_user(name="erin", domain_id=domain.id, password=word, is_enabled=False)
        group = i.create_group(name="operators", domain_id=domain.id, description="on call")
        i.add_user_to_group(bob, group)
        i.assign_project_role_to_user(alpha, alice, roles["member"])
        i.assign_project_role_to_user(alpha, alice, roles["auditor"])
        i.assign_project_role_to_user(alpha, erin, roles["reader"])
        i.assign_project_role_to_group(alpha, group, roles["reader"])
        dave = i.create_user(name="dave", domain_id="default", password=word)
        i.assign_project_role_to_user(beta, dave, roles["member"])
        self.facts |= {"domain": domain.id, "project": alpha.id, "beta": beta.id, "password": word,
                       "users": {"alice": alice.id, "bob": bob.id, "erin": erin.id}}
        a = self.admin
        a.set_compute_quotas(alpha.id, instances=11, cores=41, ram=8192, metadata_items=64, server_groups=7)
        a.set_volume_quotas(alpha.id, volumes=12, gigabytes=111, snapshots=9)
        a.set_network_quotas(alpha.id, network=21, subnet=22, port=123, floatingip=13, security_group=14)
        self.cloud = connect_as(a, "alice", word, "alpha", "acme")
        self.beta = connect_as(a, "dave", word, "beta", "Default")
        self.clock("domain, projects, users, group, roles, quotas")

    def flavors(self) -> None:
        """A public one that the target has too, one with extra specs, a private one."""
        c = self.admin.compute
        self.flavor = {"tiny": c.create_flavor(**TINY)}
        self.flavor["small"] = c.create_flavor(name="alpha.small", ram=256, vcpus=2, disk=1, swap=64)
        c.create_flavor_extra_specs(self.flavor["small"], {"quota:cpu_shares": "512", "hw:cpu_policy": "shared"})
        self.flavor["private"] = c.create_flavor(name="alpha.private", ram=192, vcpus=1, disk=1, is_public=False)
        c.flavor_add_tenant_access(self.flavor["private"], self.facts["project"])
        self.cloud.compute.create_keypair(name="alice-key", public_key=public_key("alice@acme"))
        self.clock("flavors, key")

    def images(self) -> None:
        """Public and of the operator; private and protected with tags; shared with another project."""
        self.image = {}
        with tempfile.TemporaryDirectory() as folder:
            raw = data_file(folder, "base", 32)
            qcow2 = raw.replace(".raw", ".qcow2")
            subprocess.run(["qemu-img", "convert", "-O", "qcow2", raw, qcow2], check=True)
            for cloud, name, path, about in (
                (self.admin, "base", qcow2, {"disk_format": "qcow2", "visibility": "public", "min_disk": 1, "min_ram": 64,
                                             "os_distro": "debian", "hw_disk_bus": "virtio"}),
                (self.cloud, "alpha-private", data_file(folder, "alpha-private"),
                 {"disk_format": "raw", "visibility": "private", "os_distro": "debian", "build": "2024-07 'final'"}),
                (self.cloud, "alpha-shared", data_file(folder, "alpha-shared"), {"disk_format": "raw", "visibility": "shared"}),
            ):
                made = cloud.create_image(name, filename=path, container_format="bare", wait=True, allow_duplicates=True, **about)
                self.image[name] = made.id
                self.facts["images"][name] = {"id": made.id, "sha256": digest(path)}
        i = self.cloud.image
        for tag in ("golden", "v2"):
            i.add_tag(self.image["alpha-private"], tag)
        i.update_image(self.image["alpha-private"], is_protected=True)
        i.add_member(self.image["alpha-shared"], member_id=self.facts["beta"])
        self.beta.image.update_member(self.facts["beta"], self.image["alpha-shared"], status="accepted")
        self.clock("images")

    def networks(self) -> None:
        """A routed dual-stack network with routes and DNS, and one without a gateway."""
        n = self.cloud.network
        front = n.create_network(name="front", description="to the world", mtu=1400)
        n.set_tags(front, ["blue", "edge"])
        back = n.create_network(name="back")
        self.net = {"front": front.id, "back": back.id}
        front4 = n.create_subnet(
            network_id=front.id, name="front4", ip_version=4, cidr="10.20.1.0/24", gateway_ip="10.20.1.254",
            allocation_pools=[{"start": "10.20.1.10", "end": "10.20.1.99"}], dns_nameservers=["192.0.2.53", "192.0.2.54"],
            host_routes=[{"destination": "198.51.100.0/24", "nexthop": "10.20.1.9"}], description="servers")
        front6 = n.create_subnet(network_id=front.id, name="front6", ip_version=6, cidr="fd20:1::/64",
                                 ipv6_ra_mode="dhcpv6-stateful", ipv6_address_mode="dhcpv6-stateful")
        back4 = n.create_subnet(network_id=back.id, name="back4", ip_version=4, cidr="192.168.120.0/24", gateway_ip=None,
                                is_dhcp_enabled=False)
        self.subnet = {"front4": front4.id, "front6": front6.id, "back4": back4.id}
        router = n.create_router(name="gw", description="the way out",
                                 external_gateway_info={"network_id": self.facts["external"]})
        n.add_interface_to_router(router, subnet_id=front4.id)
        n.add_interface_to_router(router, subnet_id=front6.id)
        n.update_router(router, routes=[{"destination": "10.99.0.0/24", "nexthop": "10.20.1.9"}])
        self.facts["networks"] = dict(self.net)
        self.facts["router"] = router.id
        self.clock("networks, subnets, router")

    def security(self) -> None:
        """Two groups that name each other, and a rule more in the default group."""
        n = self.cloud.network
        web = n.create_security_group(name="web", description="port 80 and so on")
        db = n.create_security_group(name="db", description="only from web")
        default = next(n.security_groups(name="default", project_id=self.facts["project"]))
        self.group = {"web": web.id, "db": db.id, "default": default.id}
        tcp = {"direction": "ingress", "ether_type": "IPv4", "protocol": "tcp"}
        for rule in (
            {"security_group_id": web.id, "port_range_min": 80, "port_range_max": 80, "remote_ip_prefix": "0.0.0.0/0"} | tcp,
            {"security_group_id": web.id, "port_range_min": 8000, "port_range_max": 8099, "remote_group_id": db.id} | tcp,
            {"security_group_id": web.id, "direction": "ingress", "ether_type": "IPv6", "protocol": "tcp", "port_range_min": 443,
             "port_range_max": 443, "description": "v6 too"},
            {"security_group_id": web.id, "direction": "ingress", "ether_type": "IPv4", "protocol": "icmp", "port_range_min": 8,
             "port_range_max": 0},
            {"security_group_id": db.id, "port_range_min": 5432, "port_range_max": 5432, "remote_group_id": web.id} | tcp,
            {"security_group_id": db.id, "direction": "ingress", "ether_type": "IPv4", "remote_group_id": db.id},
            {"security_group_id": default.id, "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "10.0.0.0/8"} | tcp,
        ):
            n.create_security_group_rule(**rule)
        # One of the rules every new group comes with: its absence must travel too.
        for rule in n.security_group_rules(security_group_id=db.id, direction="egress", ether_type="IPv6"):
            n.delete_security_group_rule(rule)
        self.clock("security groups")

    def ports(self) -> None:
        """Addresses to keep: fixed, with a hardware address, a virtual one shared by pairs, one without port security."""
        n = self.cloud.network

        def on(subnet: str, last: str) -> list[dict]:
            prefix = {"front4": "10.20.1.", "back4": "192.168.120.", "front6": "fd20:1::"}[subnet]
            return [{"subnet_id": self.subnet[subnet], "ip_address": prefix + last}]

        self.port = {}
        for name, net, about in (
            ("vip", "front", {"fixed_ips": on("front4", "50"), "security_groups": [self.group["web"]]}),
            ("web1", "front", {"fixed_ips": on("front4", "11") + on("front6", "11"), "mac_address": "fa:16:3e:20:01:11",
                               "security_groups": [self.group["web"], self.group["default"]],
                               "allowed_address_pairs": [{"ip_address": "10.20.1.50"}]}),
            # Outside the pool of its subnet.
            ("web2-back", "back", {"fixed_ips": on("back4", "12"), "security_groups": [self.group["db"]]}),
            ("web2-front", "front", {"fixed_ips": on("front4", "112"), "security_groups": [self.group["web"]]}),
            ("appliance", "back", {"fixed_ips": on("back4", "77"), "is_port_security_enabled": False, "security_groups": []}),
        ):
            self.port[name] = n.create_port(name=name, network_id=self.net[net], **about).id
        for name, port in (("web1", self.port["web1"]), ("free", None)):
            made = n.create_ip(floating_network_id=self.facts["external"], port_id=port, description=f"{name} address")
            self.facts["floating_ips"][name] = made.floating_ip_address
        self.facts["ports"] = dict(self.port)
        self.clock("ports, floating IPs")

    def volumes(self) -> None:
        """Empty, with data, bootable, and one to attach.

        None has a snapshot: Debian's Zed refuses to upload or clone a volume of its NFS driver whose file has a backing file.
        """
        v = self.cloud.block_storage
        image = {"image_id": self.image["base"]}
        made = {name: v.create_volume(name=name, size=1, **about) for name, about in (
            ("empty", {"description": "nothing in it"}),
            ("data", {"metadata": {"tier": "cold", "owner": "müller"}}),
            ("boot", image),
            ("logs", {"metadata": {"tier": "hot"}}),
        )}
        self.volume = {name: one.id for name, one in made.items()}
        for name, one in made.items():
            v.wait_for_status(one, "available", failures=["error"], wait=240)
            chunks = []
            if name != "empty":
                offsets = [64 << 20, 512 << 20, GB - 65536]
                chunks = scribble(self.site.volume_file("source", one.id), f"volume {name}", offsets)
            self.facts["volumes"][name] = {"id": one.id, "chunks": chunks}
        self.clock("volumes")

    def servers(self) -> None:
        """From an image with everything, stopped with two NICs, from a volume, and one with the private things."""
        c = self.cloud.compute
        group = c.create_server_group(name="spread", policy="anti-affinity")
        hint = {"scheduler_hints": {"group": group.id}}
        made = {
            "web1": c.create_server(
                name="web1", image_id=self.image["base"], flavor_id=self.flavor["small"].id, key_name="alice-key",
                networks=[{"port": self.port["web1"]}], metadata={"role": "web", "rack": "äöü 7"}, has_config_drive=True,
                user_data=base64.b64encode(USER_DATA.encode()).decode(), description="first of two",
                tags=["blue", "web"], **hint),
            "web2": c.create_server(
                name="web2", image_id=self.image["base"], flavor_id=self.flavor["tiny"].id, key_name="alice-key",
                networks=[{"port": self.port["web2-back"]}, {"port": self.port["web2-front"]}], metadata={"role": "web"}, **hint),
            "db": c.create_server(
                name="db", flavor_id=self.flavor["tiny"].id, networks=[{"uuid": self.net["back"]}],
                security_groups=[{"name": "db"}],
                block_device_mapping=[{"uuid": self.volume["boot"], "source_type": "volume", "destination_type": "volume",
                                       "boot_index": 0, "delete_on_termination": False}]),
            "appliance": c.create_server(
                name="appliance", image_id=self.image["alpha-private"], flavor_id=self.flavor["private"].id,
                networks=[{"port": self.port["appliance"]}]),
        }
        for name, server in made.items():
            done = c.wait_for_server(server, wait=300, interval=1)
            disk = self.site.server_disk("source", done.id)
            chunks = scribble(disk, f"server {name}", [40 << 20, 700 << 20]) if disk else []
            self.facts["servers"][name] = {"id": done.id, "chunks": chunks}
        self.clock("servers")
        c.create_volume_attachment(made["web1"], volume_id=self.volume["logs"])
        c.stop_server(made["web2"])
        self.cloud.block_storage.wait_for_status(
            self.cloud.block_storage.get_volume(self.volume["logs"]), "in-use", failures=["error"], wait=120)
        c.wait_for_server(made["web2"], status="SHUTOFF", wait=120)
        self.clock("attachment, stop")

    def beta_things(self) -> None:
        """What stays: the same names, another project."""
        n = self.beta.network
        net = n.create_network(name="front")
        n.create_subnet(network_id=net.id, name="front4", ip_version=4, cidr="10.20.1.0/24")
        n.create_security_group(name="web", description="of beta")
        v = self.beta.block_storage
        volume = v.wait_for_status(v.create_volume(name="data", size=1), "available", failures=["error"], wait=120)
        v.wait_for_status(v.create_snapshot(volume_id=volume.id, name="data-before"), "available", wait=120)
        self.clock("beta")


def target(site: Site) -> None:
    """What a cloud has before anybody migrates to it: a way out, a flavor of the same name, a tenant."""
    cloud = site.admin("target")
    external(cloud)
    cloud.compute.create_flavor(**TINY)
    # The partner with whom an image is shared is a customer here already, and has the same network names.
    beta = cloud.identity.create_project(name="beta", domain_id="default", description="was here first")
    net = cloud.network.create_network(name="front", project_id=beta.id)
    cloud.network.create_subnet(network_id=net.id, name="front4", ip_version=4, cidr="10.20.1.0/24", project_id=beta.id)


def main() -> None:
    """Seeds both clouds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab-dir", default=os.environ.get("LAB_DIR", "/var/tmp/moonferry-lab"))
    site = Site(parser.parse_args().lab_dir)
    if site.facts_file.exists():
        print(f"seeded already: {site.facts_file}")
        return
    alpha = Alpha(site)
    alpha.facts["external"] = external(alpha.admin)
    target(site)
    alpha.clock("external networks, target")
    for step in (alpha.identity, alpha.flavors, alpha.images, alpha.networks, alpha.security, alpha.ports, alpha.volumes,
                 alpha.servers, alpha.beta_things):
        step()
    with open(os.open(site.facts_file, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
        json.dump(alpha.facts, out, indent=1, ensure_ascii=False)
    print(f"seeded in {time.monotonic() - alpha.clock.began:.0f} s; facts are in {site.facts_file}")


main()
