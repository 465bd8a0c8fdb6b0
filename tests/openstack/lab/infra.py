"""MariaDB and RabbitMQ, which both clouds share, and what each cloud has in them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess

from .layout import DATABASES, NAMES, Lab, write
from .process import Daemon, LabError, clean_env, run, stop, wait_port

RABBIT = "/usr/lib/rabbitmq/bin"


def _mariadb(lab: Lab) -> Daemon:
    data = lab.infra / "mysql"
    if not (lab.marks / "mariadb").exists():
        run(["rm", "-rf", data], lab.root / "log/infra.log")
        run(["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}", "--skip-test-db",
             "--auth-root-authentication-method=socket"], lab.root / "log/infra.log", clean_env())
        (lab.marks / "mariadb").touch()
    daemon = Daemon("mariadb", lab.infra)
    # Durability is not asked for, and it is what a schema migration spends its time on.
    daemon.start(["mariadbd", "--no-defaults", "--user=root", f"--datadir={data}", "--bind-address=127.0.0.1",
                  f"--port={lab.database_port}", f"--socket={lab.infra}/mysql.sock", f"--pid-file={lab.infra}/mysql.pid",
                  "--max-connections=1000", "--skip-name-resolve", "--character-set-server=utf8mb3",
                  "--innodb-buffer-pool-size=256M", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
                  "--innodb-flush-method=nosync"], clean_env())
    return daemon


def _rabbit_env(lab: Lab) -> dict[str, str]:
    amqp, distribution, epmd = lab.rabbit_ports
    infra = lab.infra
    return clean_env({
        "HOME": str(infra / "rabbit-home"),
        "RABBITMQ_NODENAME": f"moonferry{lab.port_base}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(amqp),
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_MNESIA_BASE": str(infra / "rabbit"),
        "RABBITMQ_LOG_BASE": str(infra / "log"),
        "RABBITMQ_PID_FILE": str(infra / "rabbit.pid"),
        "RABBITMQ_CONFIG_FILE": str(infra / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(infra / "rabbitmq-env.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(infra / "rabbitmq-plugins"),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(epmd),
        # One scheduler that sleeps when idle: the default spins on every core.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
            "+S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
    })


def _definitions(lab: Lab) -> str:
    """A virtual host and a user per cloud, which the broker reads at its start; rabbitmqctl takes seconds for each."""
    salt = os.urandom(4)
    hashed = base64.b64encode(salt + hashlib.sha256(salt + lab.passwords["rabbit"].encode()).digest()).decode()
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return json.dumps({
        "vhosts": [{"name": name} for name in NAMES],
        "users": [{"name": name, "password_hash": hashed, "hashing_algorithm": "rabbit_password_hashing_sha256",
                   "tags": ""} for name in NAMES],
        "permissions": [{"user": name, "vhost": name} | everything for name in NAMES],
    })


def _rabbitmq(lab: Lab) -> Daemon:
    for name in ("rabbit", "rabbit-home", "log"):
        (lab.infra / name).mkdir(parents=True, exist_ok=True)
    write(lab.infra / "rabbitmq-env.conf", "")
    write(lab.infra / "rabbitmq-plugins", "[].\n")
    write(lab.infra / "rabbitmq.conf", "\n".join([
        f"listeners.tcp.default = 127.0.0.1:{lab.rabbit_ports[0]}", "log.file.level = warning",
        "vm_memory_high_watermark.absolute = 1GB", "disk_free_limit.absolute = 200MB",
        f"load_definitions = {lab.infra}/rabbitmq.json", ""]))
    write(lab.infra / "rabbitmq.json", _definitions(lab))
    # Erlang starts epmd as a daemon of its own that outlives the broker; started here it can be ended by its pid.
    Daemon("epmd", lab.infra).start(["epmd"], _rabbit_env(lab))
    wait_port(lab.rabbit_ports[2], 20, "epmd")
    daemon = Daemon("rabbitmq", lab.infra)
    daemon.start([f"{RABBIT}/rabbitmq-server"], _rabbit_env(lab))
    return daemon


def sql(lab: Lab, text: str) -> str:
    """Runs SQL as MariaDB's root over its socket; the text goes through standard input, as it has passwords."""
    command = ["mariadb", "--no-defaults", "-uroot", "-S", str(lab.infra / "mysql.sock"), "-N"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"MariaDB: {done.stderr.strip()}")
    return done.stdout


def start(lab: Lab) -> None:
    """Starts both and waits until they answer."""
    daemons = [_mariadb(lab), _rabbitmq(lab)]
    wait_port(lab.database_port, 60, "MariaDB")
    wait_port(lab.rabbit_ports[0], 90, "RabbitMQ")
    for daemon in daemons:
        if not daemon.pid():
            raise LabError(f"{daemon.name} ended, see {daemon.log}; is port {lab.port_base} and up taken?")


def stop_all(lab: Lab) -> None:
    """Ends both, the broker before the port mapper it talks to."""
    daemons = Daemon.all_in(lab.infra)
    stop(daemon for daemon in daemons if daemon.name != "epmd")
    stop(daemon for daemon in daemons if daemon.name == "epmd")


def prepare(lab: Lab) -> None:
    """Databases of both clouds and their users."""
    done = lab.marks / "infra"
    if done.exists():
        return
    text = []
    for cloud in NAMES:
        for database in DATABASES:
            user = f"'{cloud}_{database.split('_')[0]}'@'127.0.0.1'"
            text.append(f"create database if not exists {cloud}_{database};")
            text.append(f"create user if not exists {user} identified by '{lab.passwords['database']}';")
            text.append(f"grant all on {cloud}_{database}.* to {user};")
    sql(lab, "\n".join(text))
    done.touch()
