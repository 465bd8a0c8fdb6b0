"""Packages: Debian's for the source and for what both need, PyPI's for the target."""

from __future__ import annotations

import contextlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

from .layout import HERE, Lab
from .process import LabError, run

CONSTRAINTS = HERE / "constraints.txt"
BASE = ("python3-venv", "mariadb-server-core", "mariadb-client-core", "rabbitmq-server", "memcached", "uwsgi-core",
        "uwsgi-plugin-python3", "qemu-utils")
# Libraries only: the daemon packages bring debconf questions, users and start scripts.
ZED = tuple(f"python3-{name}" for name in ("keystone", "placement", "glance", "neutron", "nova", "cinder", "pymysql"))
# The libraries lack the paste files, which are in these packages.
PASTE = ("keystone", "glance-common", "neutron-common", "nova-common", "cinder-common")


@contextlib.contextmanager
def _no_daemons() -> Iterator[None]:
    """Keeps apt from starting what it installs: it would take the well-known ports."""
    policy = pathlib.Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _missing(packages: tuple[str, ...]) -> list[str]:
    """Those of the packages that dpkg does not have."""
    query = ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *packages]
    shown = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    there = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in there]


def apt(lab: Lab, packages: tuple[str, ...]) -> None:
    """Installs what is missing of some Debian packages."""
    missing = _missing(packages)
    if not missing:
        return
    log = lab.root / "log/apt.log"
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    lists = lab.marks / "apt-update"
    if not lists.exists():
        run(["apt-get", "-q", "update"], log, env)
        lists.touch()
    with _no_daemons():
        # What the machine loses in a power cut here it can install again.
        run(["apt-get", "-qy", "-o", "Dpkg::Options::=--force-unsafe-io", "-o", "DPkg::Lock::Timeout=300",
             "--no-install-recommends", "install", *missing], log, env)


def source(lab: Lab) -> None:
    """Zed, and a folder with the contents of the packages that have the paste files."""
    apt(lab, ZED)
    files = lab.root / "source/packages"
    done = lab.marks / "source-packages"
    if done.exists():
        return
    debs = files / "debs"
    debs.mkdir(parents=True, exist_ok=True)
    log = lab.root / "log/apt.log"
    run(["apt-get", "-q", "download", *PASTE], log, dict(os.environ), cwd=debs)
    for deb in debs.glob("*.deb"):
        run(["dpkg", "-x", deb, files], log)
        deb.unlink()
    done.touch()


def target(lab: Lab) -> None:
    """2026.2 in a virtual environment; the list is complete, so pip has nothing to resolve."""
    done = lab.venv / "installed"
    wanted = CONSTRAINTS.read_text()
    if done.exists() and done.read_text() == wanted:
        return
    log = lab.root / "log/pip.log"
    run(["/usr/bin/python3", "-m", "venv", "--clear", lab.venv], log)
    env = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_PROGRESS_BAR="off")
    run([lab.venv / "bin/python", "-m", "pip", "install", "--no-deps", "--no-compile", "-r", CONSTRAINTS], log, env)
    # Two processes compile while pip would with one, and services starting at once would each do it again.
    library = next(lab.venv.glob("lib/python3*/site-packages"))
    skip = r"/(tests|testing)/"
    subprocess.run([lab.venv / "bin/python", "-m", "compileall", "-qq", "-j2", "-x", skip, library], check=False)
    done.write_text(wanted)


def check_machine() -> None:
    """Says what is wrong with the machine before anything is changed."""
    if os.geteuid():
        raise LabError("the lab needs root: it installs packages and binds a mount")
    release = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    if release.get("VERSION_CODENAME") != "bookworm":
        raise LabError("the lab needs Debian 12 (bookworm): the source cloud is its OpenStack")
