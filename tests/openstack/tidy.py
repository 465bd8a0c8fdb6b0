"""Deletes from a cloud what its record does not know: a way back for whoever tries things out, not part of the test.

    tidy.py FILE --cloud target          FILE is what `check.py record` wrote

At the source it also starts the servers that ran and takes moonferry's marks off them.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import time

from census import listing
from common import Site
from portrait import COMPUTE, View

# Kind, service, path; what uses something comes before it.
ORDER = [
    ("server", "compute", "/servers/"), ("server group", "compute", "/os-server-groups/"), ("flavor", "compute", "/flavors/"),
    ("volume snapshot", "block_storage", "/snapshots/"), ("volume", "block_storage", "/volumes/"), ("image", "image", "/images/"),
    ("floating IP", "network", "/floatingips/"), ("router", "network", "/routers/"), ("port", "network", "/ports/"),
    ("subnet", "network", "/subnets/"), ("network", "network", "/networks/"), ("security group", "network", "/security-groups/"),
    ("user", "identity", "/users/"), ("group", "identity", "/groups/"), ("project", "identity", "/projects/"),
    ("role", "identity", "/roles/"), ("domain", "identity", "/domains/"),
]


def prepare(view: View, kind: str, thing: dict) -> None:
    """Takes away what forbids the deletion."""
    admin = view.admin
    if kind == "image" and thing["protected"]:
        admin.image.update_image(thing["id"], is_protected=False)
    elif kind == "domain":
        admin.identity.update_domain(thing["id"], is_enabled=False)
    elif kind == "router":
        admin.network.put(f"/routers/{thing['id']}", json={"router": {"routes": []}})
        for port in view.listed("network", f"/ports?device_id={thing['id']}", "ports"):
            admin.network.put(f"/routers/{thing['id']}/remove_router_interface", json={"port_id": port["id"]})
    elif kind == "volume" and thing["status"] not in ("available", "error"):
        admin.block_storage.post(f"/volumes/{thing['id']}/action", json={"os-reset_status": {"status": "available", "attach_status": "detached"}})


def delete_extra(view: View, before: dict, spare: str) -> None:
    """One pass over all kinds."""
    for kind, service, path in ORDER:
        for identity, thing in listing(view, kind).items():
            if identity in before[kind] or str(thing.get("name")).startswith(spare):
                continue
            prepare(view, kind, thing)
            answer = getattr(view.admin, service).delete(path + identity)
            print(f"{answer.status_code} {kind} {identity} {thing.get('name', '')}")
        if kind == "server":
            wait_gone(view, before)


def wait_gone(view: View, before: dict) -> None:
    """Waits until the servers are no more, as their ports and volumes go with them."""
    for _ in range(120):
        if not listing(view, "server").keys() - before["server"].keys():
            return
        time.sleep(0.5)


def revive(view: View, before: dict) -> None:
    """Brings known servers back to their power state and their tags."""
    compute = view.admin.compute
    for identity, server in before["server"].items():
        compute.put(f"/servers/{identity}/tags", json={"tags": server["tags"]}, microversion=COMPUTE)
        compute.put(f"/servers/{identity}/metadata", json={"metadata": server["metadata"]}, microversion=COMPUTE)
        if server["status"] == "ACTIVE":
            compute.post(f"/servers/{identity}/action", json={"os-start": None})


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--cloud", required=True)
    parser.add_argument("--lab-dir", default=os.environ.get("LAB_DIR", "/var/tmp/moonferry-lab"))
    parser.add_argument("--spare", default="contract-", help="leave what is named so: other tests may run beside")
    options = parser.parse_args()
    view = View(Site(options.lab_dir), options.cloud)
    before = json.loads(options.file.read_text())["census"]
    delete_extra(view, before, options.spare)
    revive(view, before)


main()
