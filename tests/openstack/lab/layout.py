"""Where everything of the lab lives: directories, ports, passwords.

The options of the first `up` are kept in lab.json, so that later commands need none.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import pathlib
import secrets

HERE = pathlib.Path(__file__).resolve().parent
INSIDE = HERE / "inside"
NAMES = ("source", "target")
DATABASES = ("keystone", "glance", "placement", "nova", "nova_api", "nova_cell0", "neutron", "cinder")
# Added to the port base of a cloud; the infrastructure has the first hundred ports, then one hundred per cloud.
OFFSETS = {"memcached": 1, "keystone": 10, "placement": 20, "nova": 30, "glance": 40, "neutron": 50, "cinder": 60}


def write(path: pathlib.Path, text: str, mode: int = 0o600) -> None:
    """Writes a file in one piece, so that a reader never sees half of it."""
    part = path.with_name(path.name + ".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(path)


@dataclasses.dataclass(frozen=True)
class Lab:
    """The lab as a whole."""

    root: pathlib.Path
    port_base: int = 30000
    computes: int = 2

    @classmethod
    def load(cls, root: pathlib.Path, port_base: int | None = None, computes: int | None = None) -> Lab:
        """Reads lab.json; options given now win over those of earlier."""
        try:
            kept = json.loads((root / "lab.json").read_text())
        except FileNotFoundError:
            kept = {}
        given = {"port_base": port_base, "computes": computes}
        return cls(root.resolve(), **(kept | {k: v for k, v in given.items() if v is not None}))

    def save(self) -> None:
        """Makes the root directory and writes lab.json."""
        self.root.mkdir(parents=True, exist_ok=True)
        write(self.root / "lab.json", json.dumps({"port_base": self.port_base, "computes": self.computes}))

    @property
    def clouds(self) -> list[Cloud]:
        """Both clouds, the source first."""
        return [Cloud(self, name) for name in NAMES]

    @property
    def venv(self) -> pathlib.Path:
        """The virtual environment of the target's services and of openstacksdk."""
        return self.root / "venv"

    @property
    def infra(self) -> pathlib.Path:
        """The directory of MariaDB and RabbitMQ, which both clouds share."""
        return self.root / "infra"

    @property
    def marks(self) -> pathlib.Path:
        """The directory of empty files that say a slow step is done."""
        return self.root / "done"

    @property
    def database_port(self) -> int:
        """The port of MariaDB."""
        return self.port_base + 1

    @property
    def rabbit_ports(self) -> tuple[int, int, int]:
        """The ports of AMQP, Erlang's distribution and epmd."""
        return self.port_base + 2, self.port_base + 3, self.port_base + 4

    @functools.cached_property
    def passwords(self) -> dict[str, str]:
        """Random passwords, made once per lab and readable by root only."""
        path = self.root / "secrets.json"
        if not path.exists():
            write(path, json.dumps({who: secrets.token_hex(12) for who in ("admin", "service", "database", "rabbit")}))
        return json.loads(path.read_text())


@dataclasses.dataclass(frozen=True)
class Cloud:
    """One of the two clouds and what distinguishes their releases."""

    lab: Lab
    name: str

    @property
    def is_source(self) -> bool:
        """True for Zed of Debian, false for 2026.2 of PyPI."""
        return self.name == "source"

    @property
    def root(self) -> pathlib.Path:
        """The directory of this cloud."""
        return self.lab.root / self.name

    @property
    def etc(self) -> pathlib.Path:
        """Configuration files, rewritten by every `up`."""
        return self.root / "etc"

    @property
    def log(self) -> pathlib.Path:
        """One log per process."""
        return self.root / "log"

    @property
    def state(self) -> pathlib.Path:
        """Images, volumes and disks of the guests."""
        return self.root / "state"

    @property
    def python(self) -> pathlib.Path:
        """The interpreter that has this cloud's release."""
        return pathlib.Path("/usr/bin/python3") if self.is_source else self.lab.venv / "bin/python"

    @property
    def bin(self) -> pathlib.Path:
        """Where this release's own programs are."""
        return self.python.parent

    @property
    def computes(self) -> list[str]:
        """The names of the compute hosts."""
        return [f"{self.name}-compute{n + 1}" for n in range(self.lab.computes)]

    def port(self, service: str) -> int:
        """The TCP port of a service."""
        return self.lab.port_base + 100 * (1 + NAMES.index(self.name)) + OFFSETS[service]

    def url(self, service: str, path: str = "") -> str:
        """The endpoint of a service."""
        return f"http://127.0.0.1:{self.port(service)}{path}"

    def database_url(self, database: str) -> str:
        """What SQLAlchemy needs to reach one of this cloud's databases."""
        user = f"{self.name}_{database.split('_')[0]}"
        where = f"127.0.0.1:{self.lab.database_port}/{self.name}_{database}"
        return f"mysql+pymysql://{user}:{self.lab.passwords['database']}@{where}?charset=utf8"

    @property
    def rabbit_url(self) -> str:
        """What oslo.messaging needs; each cloud has its own virtual host."""
        secret = self.lab.passwords["rabbit"]
        return f"rabbit://{self.name}:{secret}@127.0.0.1:{self.lab.rabbit_ports[0]}/{self.name}"
