"""Shared by seed.py and check.py: connections, and the files that hold the bytes of this lab's clouds.

Nothing here knows moonferry: what it did is judged by openstacksdk and by the disks themselves.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator

import openstack

BLOCK = 4 << 20


class Site:
    """The lab's directory: clouds.yaml, what was seeded, and where the disks are."""

    def __init__(self, root: str | os.PathLike[str]):
        self.root = pathlib.Path(root).resolve()
        self.facts_file = self.root / "seed.json"
        os.environ["OS_CLIENT_CONFIG_FILE"] = str(self.root / "clouds.yaml")

    def admin(self, cloud: str) -> openstack.connection.Connection:
        """The administrator's connection."""
        return openstack.connect(cloud=cloud)

    def facts(self) -> dict:
        """What seed.py wrote."""
        return json.loads(self.facts_file.read_text())

    def server_disk(self, cloud: str, server: str) -> pathlib.Path | None:
        """The root disk of an image-booted server, on whichever host it is."""
        return next((self.root / cloud / "state/nova").glob(f"*/instances/{server}/disk"), None)

    def volume_file(self, cloud: str, volume: str) -> pathlib.Path:
        """The file that has a volume's current content: the top of its chain when it has snapshots."""
        folder = self.root / cloud / "state/cinder/export"
        name = f"volume-{volume}"
        with contextlib.suppress(FileNotFoundError):
            name = json.loads((folder / f"{name}.info").read_text())["active"]
        return folder / name


def connect_as(admin: openstack.connection.Connection, user: str, password: str, project: str, domain: str):
    """A connection of an ordinary user."""
    auth = {"auth_url": admin.config.auth["auth_url"], "username": user, "password": password, "project_name": project,
            "user_domain_name": domain, "project_domain_name": domain}
    return openstack.connect(auth=auth, region_name="RegionOne", identity_api_version="3")


@contextlib.contextmanager
def flat(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """The content of a disk image as a sparse raw file, for as long as it is looked at."""
    with tempfile.TemporaryDirectory(dir=path.parents[1] if os.access(path.parents[1], os.W_OK) else None) as folder:
        raw = pathlib.Path(folder) / "raw"
        subprocess.run(["qemu-img", "convert", "-U", "-O", "raw", path, raw], check=True)
        yield raw


def digest(path: pathlib.Path, offset: int = 0, length: int | None = None) -> str:
    """SHA-256 of a raw file or of a part of it."""
    sha = hashlib.sha256()
    with open(path, "rb") as data:
        data.seek(offset)
        while length is None or length > 0:
            block = data.read(BLOCK if length is None else min(BLOCK, length))
            if not block:
                break
            sha.update(block)
            length = None if length is None else length - len(block)
    return sha.hexdigest()


def content(path: pathlib.Path) -> str:
    """SHA-256 of what is not zero in a raw file and of where it is: the same whatever is a hole, and quick over holes."""
    block, sha = 65536, hashlib.sha256()
    with open(path, "rb", buffering=0) as data:
        at, size = 0, os.fstat(data.fileno()).st_size
        while at < size:
            try:
                at = os.lseek(data.fileno(), at, os.SEEK_DATA) // block * block
            except OSError:
                break
            found = os.pread(data.fileno(), block, at)
            if found.strip(b"\0"):
                sha.update(at.to_bytes(8, "big") + found)
            at += block
    return sha.hexdigest()


def scribble(path: pathlib.Path, label: str, offsets: list[int], length: int = 65536) -> list[dict]:
    """Writes labelled random data into a disk nobody has open, and returns what is where."""
    written = []
    for offset in offsets:
        head = f"MOONFERRY {label} @{offset}\n".encode()
        data = head + os.urandom(length - len(head))
        with tempfile.NamedTemporaryFile() as chunk:
            chunk.write(data)
            chunk.flush()
            form = json.loads(subprocess.check_output(["qemu-img", "info", "-U", "--output=json", path]))["format"]
            command = f"write -s {chunk.name} {offset} {length}"
            subprocess.run(["qemu-io", "-f", form, "-c", command, path], check=True, stdout=subprocess.DEVNULL)
        written.append({"offset": offset, "length": length, "sha256": hashlib.sha256(data).hexdigest()})
    return written
