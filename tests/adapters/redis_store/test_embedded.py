"""The server of our own: it starts without being waited for, is kept running, and never outlives us."""

import contextlib
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from service.adapters.redis_store.embedded import EmbeddedRedis, redis_servers, start_embedded_redis

Events = list[tuple[str, dict[str, object]]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary directories go in this test (but pytest's own), with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="pb") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield Path(short)


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., EmbeddedRedis]]:
    started: list[EmbeddedRedis] = []

    def start(**options: object) -> EmbeddedRedis:
        embedded = start_embedded_redis(**options)
        assert embedded is not None
        started.append(embedded)
        return embedded

    yield start
    for embedded in started:
        with contextlib.suppress(OSError):
            embedded.stop()


def ask(embedded: EmbeddedRedis, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(embedded.url.removeprefix("unix://"))
        link.sendall(command + b"\r\n")
        return link.recv(1 << 16)


def eventually(holds: Callable[[], object], within_s: float = 5) -> bool:
    until = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    return False


def test_it_starts_without_being_waited_for_and_ends_without_a_trace(
    start: Callable[..., EmbeddedRedis], folder: Path
) -> None:
    began = time.monotonic()
    embedded = start()
    assert time.monotonic() - began < 0.1
    assert embedded.wait(5)
    assert ask(embedded, b"PING") == b"+PONG\r\n"
    pid = embedded.pid
    embedded.stop()
    assert pid is not None
    assert not is_alive(pid)
    assert list(folder.iterdir()) == []


def test_nobody_else_gets_in_and_nothing_is_kept(
    start: Callable[..., EmbeddedRedis], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERBY_SECRET", "hunter2")
    embedded = start(maxmemory="64mb")
    assert embedded.wait(5)
    (directory,) = folder.iterdir()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "socket").stat().st_mode) == 0o700
    for name, value in {
        "port": "0",
        "save": "",
        "appendonly": "no",
        "maxmemory": str(64 << 20),
        "maxmemory-policy": "noeviction",
    }.items():
        reply = ask(embedded, f"CONFIG GET {name}".encode()).decode().split("\r\n")
        assert reply[2::2][:2] == [name, value]
    assert b"hunter2" not in Path(f"/proc/{embedded.pid}/environ").read_bytes()
    assert re.search(r"core file size +0 +0 ", Path(f"/proc/{embedded.pid}/limits").read_text())
    assert sorted(path.name for path in directory.iterdir()) == ["owner", "socket"]


def test_it_comes_back_when_it_dies(start: Callable[..., EmbeddedRedis]) -> None:
    events: Events = []
    embedded = start(on_event=lambda event, fields: events.append((event, dict(fields))))
    assert embedded.wait(5)
    first = embedded.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert eventually(lambda: [event for event, _ in events] == ["redis_started", "redis_failed", "redis_started"])
    assert embedded.wait(5)
    assert embedded.pid != first
    assert ask(embedded, b"PING") == b"+PONG\r\n"
    assert events[1] == ("redis_failed", {"reason": "exited"})
    assert [fields["redis_url"] for event, fields in events if event == "redis_started"] == [embedded.url] * 2
    embedded.stop()
    assert len(events) == 3, "an end that was asked for is no failure"


def test_it_dies_with_a_parent_that_is_killed_and_its_directory_goes_at_the_next_start(
    start: Callable[..., EmbeddedRedis], folder: Path
) -> None:
    program = (
        "import sys, threading, time; from service.adapters.redis_store.embedded import start_embedded_redis\n"
        "def begin():\n"
        "    embedded = start_embedded_redis(); embedded.wait(5); print(embedded.pid, flush=True)\n"
        # The thread that starts it ends; the server must not end with it.
        "thread = threading.Thread(target=begin); thread.start(); thread.join()\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=os.environ | {"TMPDIR": str(folder)}
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    time.sleep(0.05)
    assert is_alive(pid)
    (left_behind,) = folder.iterdir()

    ours = start()
    assert ours.wait(5)
    assert left_behind.exists(), "its owner lives"
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert eventually(lambda: not is_alive(pid), 2)
    another = start()
    assert another.wait(5)
    assert not left_behind.exists()
    assert ask(ours, b"PING") == b"+PONG\r\n"


def test_an_executable_that_does_not_run_here_is_followed_by_the_next(
    start: Callable[..., EmbeddedRedis], tmp_path: Path
) -> None:
    no_format, fails = tmp_path / "no_format", tmp_path / "fails"
    no_format.write_bytes(b"\x7fELF of another machine")
    fails.write_text("#!/bin/sh\nexit 1\n")
    for path in (no_format, fails):
        path.chmod(0o755)
    runs = redis_servers()[0]
    events: list[Mapping[str, object]] = []
    executables = [str(no_format), str(fails), runs]
    embedded = start(on_event=lambda _event, fields: events.append(fields), executables=executables)
    assert embedded.wait(5)
    assert eventually(lambda: len(events) == 3)
    assert [fields.get("reason") for fields in events] == ["not_executable", "no_answer", None]


def test_without_any_executable_there_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(folder))
    assert start_embedded_redis() is None
    assert list(folder.iterdir()) == []


def test_without_a_place_for_its_socket_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc")
    assert start_embedded_redis() is None
