"""Servers to measure, each a process of its own alone on a core, and what the system says about it: time used, memory.

The load runs on another core. A server is ended by its process, whatever happens to the measuring.
"""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = Path(__file__).resolve().parent / "peers"
START_MAX_S = 15.0
STOP_MAX_S = 10.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_UVICORN = ("-m", "uvicorn", "--app-dir", str(PEERS), "--loop", "uvloop", "--http", "httptools", "--no-access-log")
_PEERS = {
    "const": ("--lifespan", "off", "const:app"),
    "bare": ("--lifespan", "off", "--no-proxy-headers", "const:app"),
    "fastapi": ("fastapi_afternoon:app",),
}
# The service, and what differs from its defaults. ``{folder}`` is the folder that a server is given.
_SERVICES: dict[str, dict[str, str]] = {
    "service": {},
    "uncounted": {"PASSERBY_COUNTING": "false"},
    "experiments": {"PASSERBY_SITES_DIR": "{folder}/sites"},
    "languages": {"PASSERBY_SITES_DIR": "{folder}/sites-languages"},
    "changing": {"PASSERBY_CONFIG": "{folder}/changing"},
    "workers": {"PASSERBY_WORKERS": "2"},
}


class Answer(NamedTuple):
    """A response; status 0 when there was none."""

    status: int
    body: bytes


class Server(NamedTuple):
    """A server that answers, or is about to."""

    name: str
    port: int
    pid: int
    started: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """Processor time used so far, with the system's share; where workers answer, theirs."""
        return sum(map(_cpu_s, self.workers() or [self.pid]))

    def workers(self) -> list[int]:
        """The processes that answer for this one, if it has any."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def memory_mib(self) -> float:
        """Resident set."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def ask(self, target: str, fields: Mapping[str, str], body: bytes | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST" if body else "GET", target, body, dict(fields))
            response = connection.getresponse()
            return Answer(response.status, response.read())
        except (OSError, http.client.HTTPException):
            return Answer(0, b"")
        finally:
            connection.close()

    def first_answer_s(self, target: str) -> float:
        """Seconds from the start of the process to its first 200."""
        while time.perf_counter() - self.started < START_MAX_S:
            if self.ask(target, {}).status == HTTPStatus.OK:
                return time.perf_counter() - self.started
            time.sleep(0.002)
        raise TimeoutError(f"{self.name} did not answer within {START_MAX_S:.0f} s")


@contextlib.contextmanager
def running(name: str, core: int | None, folder: Path) -> Iterator[Server]:
    """A server from its start to its end, on one core or on any.

    ``folder`` takes its log, and holds ``country.mmdb`` for the peers and what ``_SERVICES`` names.
    """
    port, admin_port = _free_port(), _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
    environment |= {"PASSERBY_PORT": str(port), "PASSERBY_ADMIN_PORT": str(admin_port)}
    environment |= {"GEO_DATABASE": str(folder / "country.mmdb")}
    arguments: tuple[str, ...] = ("-m", "service", "serve")
    if name in _SERVICES:
        environment |= {setting: value.format(folder=folder) for setting, value in _SERVICES[name].items()}
    else:
        arguments = (*_UVICORN, *_PEERS[name], "--port", str(port))
    with (folder / f"{name}.log").open("a") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, {core} if core is not None else range(os.cpu_count() or 1)),  # noqa: PLW1509  # this process has no threads
        )
    try:
        yield Server(name, port, process.pid, started)
    finally:
        process.terminate()
        try:
            process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(server: Server, target: str, asked: list[dict[str, str]]) -> list[dict[str, Any]]:
    """The bodies of the answers to requests with these headers. Raises ValueError for any that is no 200."""
    found = []
    for fields in asked:
        status, body = server.ask(target, fields)
        if status != HTTPStatus.OK:
            raise ValueError(f"{server.name} answered {status} to one of {len(asked)} visits")
        found.append(json.loads(body))
    return found


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
