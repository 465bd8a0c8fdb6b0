"""Databases of a cloud: three chains of migrations that do not need each other."""

from __future__ import annotations

import base64
import concurrent.futures
import os

from .layout import INSIDE, Cloud, write
from .process import clean_env, run

Command = tuple[str, ...]


def _identity(cloud: Cloud) -> list[Command]:
    conf = ("--config-file", str(cloud.etc / "keystone-manage.conf"))
    manage = ("keystone.cmd.manage:main", *conf)
    endpoints = [word for kind in ("admin", "internal", "public") for word in (f"--bootstrap-{kind}-url", cloud.url("keystone", "/v3/"))]
    return [
        (*manage, "db_sync"),
        (*manage, "bootstrap", *endpoints, "--bootstrap-region-id", "RegionOne"),
        ("glance.cmd.manage:main", "--config-file", str(cloud.etc / "glance-api.conf"), "db_sync"),
        ("cinder.cmd.manage:main", "--config-file", str(cloud.etc / "cinder.conf"), "db", "sync"),
    ]


def _compute(cloud: Cloud) -> list[Command]:
    manage = ("nova.cmd.manage:main", "--config-file", str(cloud.etc / "nova.conf"))
    # Nova fills the template from [database]connection, so that no password stands in argv.
    cell0 = "{scheme}://{username}:{password}@{hostname}:{port}/%s_nova_cell0?{query}" % cloud.name
    return [
        (*manage, "api_db", "sync"),
        (*manage, "cell_v2", "map_cell0", "--database_connection", cell0),
        (*manage, "cell_v2", "create_cell", "--name", "cell1"),
        (*manage, "db", "sync"),
    ]


def _network(cloud: Cloud) -> list[Command]:
    files = [word for name in ("neutron.conf", "ml2_conf.ini") for word in ("--config-file", str(cloud.etc / name))]
    return [
        ("placement.cmd.manage:main", "--config-file", str(cloud.etc / "placement.conf"), "db", "sync"),
        ("neutron.db.migration.cli:main", *files, "upgrade", "heads"),
    ]


def _fernet_keys(cloud: Cloud) -> None:
    """Two key repositories: 0 is the staged key, 1 the primary one."""
    for name in ("fernet-keys", "credential-keys"):
        folder = cloud.etc / name
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in ("0", "1"):
            if not (folder / number).exists():
                write(folder / number, base64.urlsafe_b64encode(os.urandom(32)).decode())


def launcher(cloud: Cloud) -> list[str]:
    """How to run an entry point of a cloud's release."""
    return [str(cloud.python), "-m", "moonferry_lab.launch"]


def inside_env(cloud: Cloud) -> dict[str, str]:
    """The environment of everything that runs inside a cloud; root/bin has stand-ins for programs not needed here."""
    base = clean_env({"PYTHONPATH": str(INSIDE)})
    return base | {"PATH": f"{cloud.lab.root}/bin:{cloud.bin}:{base['PATH']}"}


def _chain(cloud: Cloud, name: str, commands: list[Command]) -> None:
    log = cloud.log / f"schema-{name}.log"
    env = inside_env(cloud) | {"OS_BOOTSTRAP_PASSWORD": cloud.lab.passwords["admin"]}
    for number, command in enumerate(commands):
        done = cloud.lab.marks / f"{cloud.name}-schema-{name}-{number}"
        if not done.exists():
            run([*launcher(cloud), *command], log, env)
            done.touch()


def sync(cloud: Cloud) -> None:
    """Makes or upgrades every database of a cloud; what an earlier try finished is not done again."""
    _fernet_keys(cloud)
    chains = {"compute": _compute(cloud), "network": _network(cloud), "identity": _identity(cloud)}
    with concurrent.futures.ThreadPoolExecutor(len(chains)) as pool:
        for future in [pool.submit(_chain, cloud, name, commands) for name, commands in chains.items()]:
            future.result()
