"""What runs in a cloud, in which order and on which port."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import subprocess
import time
import urllib.error
import uuid

from . import catalog, schema, settings
from .layout import INSIDE, Cloud, write
from .process import Daemon, LabError, run, wait_port


@dataclasses.dataclass(frozen=True)
class Service:
    """A process of a cloud: a WSGI application when it has workers, otherwise an entry point."""

    name: str
    entry: str
    port: str = ""
    workers: int = 0
    config: tuple[str, ...] = ()


# Each list may start at once; the second needs the catalogue.
APIS = {
    "source": [
        Service("keystone", "keystone.server.wsgi:initialize_public_application", "keystone", 2),
        Service("placement", "placement.wsgi:init_application", "placement", 1),
        # Debian's uwsgi cannot read chunked uploads, which are all that clients send: Glance serves itself.
        Service("glance", "glance.cmd.api:main", "glance", config=("glance-api.conf",)),
        Service("neutron", "neutron.cmd.eventlet.server:main", "neutron", config=("neutron.conf", "ml2_conf.ini")),
        Service("nova-api", "nova.api.openstack.compute.wsgi:init_application", "nova", 2),
        Service("cinder-api", "cinder.wsgi.wsgi:initialize_application", "cinder", 1, ("cinder.conf",)),
    ],
    "target": [
        Service("keystone", "keystone.wsgi.api:application", "keystone", 2),
        Service("placement", "placement.wsgi.api:application", "placement", 1),
        Service("glance", "glance.wsgi.api:application", "glance"),
        Service("neutron", "neutron.wsgi.api:application", "neutron", 2),
        Service("neutron-rpc", "neutron.cmd.server:main_rpc", config=("neutron.conf", "ml2_conf.ini")),
        Service("nova-api", "nova.wsgi.osapi_compute:application", "nova", 2),
        Service("cinder-api", "cinder.wsgi.api:application", "cinder", 1, ("cinder.conf",)),
    ],
}
WORKERS = [
    Service("nova-conductor", "nova.cmd.conductor:main", config=("nova.conf",)),
    Service("nova-scheduler", "nova.cmd.scheduler:main", config=("nova.conf",)),
    Service("cinder-scheduler", "cinder.cmd.scheduler:main", config=("cinder.conf",)),
    Service("cinder-volume", "cinder.cmd.volume:main", config=("cinder.conf",)),
]


def _computes(cloud: Cloud) -> list[Service]:
    return [Service(host, "nova.cmd.compute:main", config=("nova.conf", f"{host}.conf")) for host in cloud.computes]


def _env(cloud: Cloud, service: Service) -> dict[str, str]:
    """The environment of a service; the WSGI applications find their files through it."""
    env = schema.inside_env(cloud)
    if service.port:
        env |= {f"OS_{name}_CONFIG_DIR": str(cloud.etc) for name in ("KEYSTONE", "PLACEMENT", "GLANCE", "NEUTRON", "NOVA")}
        env |= {"OS_KEYSTONE_CONFIG_FILES": str(cloud.etc / "keystone.conf"), "LAB_WSGI": service.entry,
                "OS_NEUTRON_CONFIG_FILES": "neutron.conf;ml2_conf.ini"}
    return env


def _command(cloud: Cloud, service: Service) -> list[object]:
    files = [word for name in service.config for word in ("--config-file", str(cloud.etc / name))]
    if not service.workers and service.name == "glance" and not cloud.is_source:
        # This Glance has no server of its own any more; gunicorn does read chunked uploads.
        return [cloud.python, "-m", "gunicorn", "-w", "1", "--threads", "8", "--timeout", "600",
                "-b", f"127.0.0.1:{cloud.port('glance')}", service.entry]
    if not service.workers:
        return [*schema.launcher(cloud), service.entry, *files]
    venv = [] if cloud.is_source else ["--virtualenv", cloud.lab.venv]
    return ["uwsgi", "--plugin", "python3", *venv, "--pythonpath", INSIDE,
            "--http-socket", f"127.0.0.1:{cloud.port(service.port)}", "--module", "moonferry_lab.wsgi",
            "--master", "--need-app", "--die-on-term", "--lazy-apps", "--processes", service.workers,
            "--threads", "1", "--enable-threads", "--thunder-lock", "--buffer-size", "65535",
            # The socket serves one request per connection and would leave clients hanging otherwise.
            "--add-header", "Connection: close", "--disable-logging",
            "--procname-prefix", f"{cloud.name}-{service.name} ", "--pyargv", " ".join(files)]


def _start(cloud: Cloud, services: list[Service]) -> None:
    for service in services:
        Daemon(service.name, cloud.root).start(_command(cloud, service), _env(cloud, service))


def configure(cloud: Cloud) -> None:
    """Writes all configuration, and makes the directories it names."""
    for folder in ("etc/policy.d", "log", "run", "state/glance/images", "state/glance/staging", "state/glance/tasks",
                   "state/cinder/export", "state/cinder/mnt", "state/cinder/conversion",
                   *(f"state/nova/{host}/instances" for host in cloud.computes),
                   *(f"state/{name}/lock" for name in ("glance", "neutron", "nova", "cinder", "placement"))):
        (cloud.root / folder).mkdir(parents=True, exist_ok=True)
    settings.write_all(cloud)
    packaged = cloud.root / "packages" if cloud.is_source else cloud.lab.venv / "etc"
    for name, package, file in (("api-paste.ini", "nova", "api-paste.ini"), ("neutron-api-paste.ini", "neutron", "api-paste.ini"),
                                ("cinder-api-paste.ini", "cinder", "api-paste.ini"),
                                ("glance-api-paste.ini", "glance", "glance-api-paste.ini")):
        found = [path for path in packaged.rglob(file) if path.parent.name.startswith(package)]
        if not found:
            raise LabError(f"{cloud.name}: no {file} of {package} below {packaged}")
        shutil.copy(found[0], cloud.etc / name)
    filters = next(iter(packaged.rglob("resource_filters.json")), None)
    write(cloud.etc / "resource_filters.json", filters.read_text() if filters else "{}")
    for host in cloud.computes:
        # A second start without this file is refused by the target's nova; the driver reports the same id.
        write(cloud.state / "nova" / host / "compute_id", str(uuid.uuid5(uuid.NAMESPACE_DNS, host)))
    _share(cloud)


def _share(cloud: Cloud) -> None:
    """An NFS share without NFS: Cinder takes it for mounted when its mount point is one."""
    stand_in = cloud.lab.root / "bin/mount.nfs"
    stand_in.parent.mkdir(exist_ok=True)
    write(stand_in, "#!/bin/sh\nexit 0\n", 0o755)
    write(cloud.etc / "nfs_shares", settings.SHARE + "\n")
    point = mount_point(cloud)
    point.mkdir(exist_ok=True)
    (cloud.state / "cinder/export").chmod(0o777)
    if subprocess.run(["mountpoint", "-q", point], check=False).returncode:
        run(["mount", "--bind", cloud.state / "cinder/export", point], cloud.log / "mount.log")


def mount_point(cloud: Cloud):
    """Where Cinder looks for its share."""
    return cloud.state / "cinder/mnt" / hashlib.md5(settings.SHARE.encode()).hexdigest()


def start(cloud: Cloud) -> None:
    """Starts everything of a cloud; its databases are there."""
    # One per cloud: the domain "default" has the same cache key in both.
    Daemon("memcached", cloud.root).start(
        ["memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", cloud.port("memcached"), "-m", "64"], schema.inside_env(cloud))
    _start(cloud, APIS[cloud.name])
    wait_port(cloud.port("keystone"), 120, f"{cloud.name}: keystone")
    catalog.fill(cloud)
    _start(cloud, WORKERS + _computes(cloud))


def dead(cloud: Cloud) -> list[Daemon]:
    """Daemons that were started and are no more."""
    return [daemon for daemon in Daemon.all_in(cloud.root) if not daemon.pid()]


def wait_ready(cloud: Cloud, seconds: float = 240) -> None:
    """Waits until servers and volumes can be made."""
    end = time.monotonic() + seconds
    missing = "everything"
    while missing:
        for daemon in dead(cloud):
            raise LabError(f"{cloud.name}: {daemon.name} ended, see {daemon.log}")
        if time.monotonic() > end:
            raise LabError(f"{cloud.name} is not ready after {seconds:.0f} s: {missing}; logs are in {cloud.log}")
        try:
            missing = catalog.ready(cloud)
        except (LabError, urllib.error.URLError, OSError) as error:
            missing = str(error)
        time.sleep(0.5 if missing else 0)
