"""python3 tests/openstack/lab up | down | status | seed"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

if not __package__:
    # Run as a directory (`python3 tests/openstack/lab`): be the package it is.
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
    __package__ = "lab"

from . import catalog, infra, install, schema, services
from .layout import Cloud, Lab
from .process import Daemon, LabError, stop

BEGAN = time.monotonic()
TIMES: dict[str, float] = {}


def said(what: str) -> None:
    """Prints a line with the seconds since the start, and remembers it."""
    TIMES[what] = round(time.monotonic() - BEGAN, 1)
    print(f"{TIMES[what]:7.1f} s  {what}", flush=True)


def _cloud_up(cloud: Cloud) -> None:
    try:
        _bring_up(cloud)
    except LabError as error:
        # At once: the other cloud may take minutes before the failure is raised.
        said(f"{cloud.name}: {error}")
        raise


def _bring_up(cloud: Cloud) -> None:
    (install.source if cloud.is_source else install.target)(cloud.lab)
    said(f"{cloud.name}: installed")
    services.configure(cloud)
    schema.sync(cloud)
    said(f"{cloud.name}: databases")
    services.start(cloud)
    said(f"{cloud.name}: started")
    services.wait_ready(cloud)
    said(f"{cloud.name}: ready")


def up(lab: Lab) -> None:
    """Brings both clouds up, side by side; what is up or done already is left alone."""
    install.check_machine()
    lab.save()
    for folder in (lab.marks, lab.root / "log"):
        folder.mkdir(exist_ok=True)
    catalog.clouds_yaml(lab)
    install.apt(lab, install.BASE)
    infra.start(lab)
    infra.prepare(lab)
    said("MariaDB and RabbitMQ")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in [pool.submit(_cloud_up, cloud) for cloud in lab.clouds]:
            future.result()
    (lab.root / "times.json").write_text(json.dumps(TIMES, indent=1))
    print(f"export OS_CLIENT_CONFIG_FILE={lab.root}/clouds.yaml")


def down(lab: Lab, purge: bool, everything: bool) -> None:
    """Stops both clouds; purging forgets what they held, and on demand what was installed into the lab's directory."""
    stop(daemon for cloud in lab.clouds for daemon in Daemon.all_in(cloud.root))
    infra.stop_all(lab)
    said("stopped")
    if not (purge or everything):
        return
    for cloud in lab.clouds:
        while subprocess.run(["umount", services.mount_point(cloud)], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            pass
    if everything and (lab.root / "lab.json").exists():
        shutil.rmtree(lab.root, ignore_errors=True)
        return
    for folder in (lab.infra, *(cloud.root / name for cloud in lab.clouds for name in ("etc", "log", "run", "state"))):
        shutil.rmtree(folder, ignore_errors=True)
    for mark in lab.marks.glob("*"):
        if mark.name not in ("apt-update", "source-packages"):
            mark.unlink()


def _memory(pid: int) -> int:
    """The proportional share of memory of a process and its children, in KiB."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        total += sum(_memory(int(child)) for child in task.read_text().split())
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total += int(line.split()[1])
    return total


def status(lab: Lab) -> None:
    """Prints every process with its memory; fails when one is dead."""
    failed = False
    for root in (lab.infra, *(cloud.root for cloud in lab.clouds)):
        for daemon in Daemon.all_in(root):
            pid = daemon.pid()
            failed |= not pid
            print(f"{root.name:8} {daemon.name:20} {f'{_memory(pid) // 1024:6} MiB' if pid else 'dead, see ' + str(daemon.log)}")
    if failed:
        raise LabError("some processes are dead; `up` starts them again")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="lab", description="Two real OpenStack clouds, source (Zed) and target (2026.2).")
    parser.add_argument("command", choices=["up", "down", "status", "seed"])
    parser.add_argument("--lab-dir", default=os.environ.get("LAB_DIR", "/var/tmp/moonferry-lab"), help="where it lives (LAB_DIR)")
    parser.add_argument("--port-base", type=int, help="the first of 300 ports (30000)")
    parser.add_argument("--computes", type=int, help="compute hosts per cloud (2)")
    parser.add_argument("--purge", action="store_true", help="down: forget databases, images, volumes and servers too")
    parser.add_argument("--all", action="store_true", help="down: forget the virtual environment too")
    options = parser.parse_args()
    lab = Lab.load(pathlib.Path(options.lab_dir), options.port_base, options.computes)
    try:
        if options.command == "up":
            up(lab)
        elif options.command == "down":
            down(lab, options.purge, options.all)
        elif options.command == "status":
            status(lab)
        else:
            seed = pathlib.Path(__file__).resolve().parent.parent / "seed.py"
            sys.exit(subprocess.run([lab.venv / "bin/python", seed, "--lab-dir", lab.root], check=False).returncode)
    except LabError as error:
        sys.exit(f"lab: {error}")


main()
