"""Daemons with a pid file each, and commands whose output goes to a log."""

from __future__ import annotations

import os
import pathlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """Something the operator has to look at; the text says where."""


def clean_env(extra: Mapping[str, str] = {}) -> dict[str, str]:
    """An environment without proxies, Python paths or OpenStack variables of the caller."""
    return {"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"} | dict(extra)


def run(command: Sequence[object], log: pathlib.Path, env: Mapping[str, str] | None = None, cwd: pathlib.Path | None = None) -> None:
    """Runs a command to its end; a failure names the log."""
    argv = [str(word) for word in command]
    with open(log, "a", encoding="utf-8") as out:
        done = subprocess.run(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False)
    if done.returncode:
        raise LabError(f"{' '.join(argv[:4])} … ended with {done.returncode}, see {log}")


def wait_port(port: int, seconds: float, what: str) -> None:
    """Waits until something accepts connections on a loopback port."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise LabError(f"{what} does not listen on port {port} after {seconds:.0f} s")


def _born(pid: int) -> str:
    """The start time of a process: a pid alone may have been given to another one meanwhile."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


class Daemon:
    """A process of the lab, known by the pid file it left."""

    def __init__(self, name: str, directory: pathlib.Path):
        self.name = name
        self.pidfile = directory / "run" / f"{name}.pid"
        self.log = directory / "log" / f"{name}.log"

    @classmethod
    def all_in(cls, directory: pathlib.Path) -> list[Daemon]:
        """Every daemon that has a pid file in a directory."""
        return [cls(path.stem, directory) for path in sorted((directory / "run").glob("*.pid"))]

    def pid(self) -> int | None:
        """The pid while the process is the one that was started."""
        try:
            pid, born = self.pidfile.read_text().split()
        except (FileNotFoundError, ValueError):
            return None
        return int(pid) if _born(int(pid)) == born else None

    def start(self, command: Sequence[object], env: Mapping[str, str]) -> None:
        """Starts the process in a session of its own unless it is there already."""
        if self.pid():
            return
        for path in (self.pidfile, self.log):
            path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "ab") as out:
            process = subprocess.Popen(
                [str(word) for word in command], env=dict(env), cwd="/", stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True)
        self.pidfile.write_text(f"{process.pid} {_born(process.pid)}")

    def signal(self, number: int) -> None:
        """Signals the process and its children."""
        pid = self.pid()
        if pid:
            try:
                os.killpg(pid, number)
            except ProcessLookupError:
                pass


def stop(daemons: Iterable[Daemon], patience: float = 8) -> None:
    """Ends processes all at once: politely, then not."""
    waiting = list(daemons)
    for daemon in waiting:
        daemon.signal(signal.SIGTERM)
    end = time.monotonic() + patience
    while waiting:
        for daemon in [daemon for daemon in waiting if not daemon.pid()]:
            daemon.pidfile.unlink(missing_ok=True)
            waiting.remove(daemon)
        if time.monotonic() > end:
            for daemon in waiting:
                daemon.signal(signal.SIGKILL)
        time.sleep(0.1)
