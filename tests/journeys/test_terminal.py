"""The service in the foreground of a terminal: it ends with that, and stays while it stays."""

import contextlib
import fcntl
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service import __version__
from tests.free_ports import free_port
from tests.journeys.conftest import ROOT

ENDS_WITHIN_S = 10


class Foreground:
    """A server that a terminal of its own controls, and what it writes there."""

    def __init__(self, workers: int) -> None:
        self.port = free_port()
        self.said = b""
        self.master, terminal = pty.openpty()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
        environment |= {"PASSERBY_PORT": str(self.port), "PASSERBY_ADMIN_PORT": "0", "PASSERBY_COUNTING": "false"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"], cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal,
            env=environment | {"PASSERBY_WORKERS": str(workers)}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  # no thread runs yet
        )  # fmt: skip
        os.close(terminal)
        self._reader = threading.Thread(target=self._read)
        self._closing = threading.Event()
        self._reader.start()

    def _read(self) -> None:
        os.set_blocking(self.master, False)
        while not self._closing.wait(0.01):
            with contextlib.suppress(OSError):
                self.said += os.read(self.master, 65536)

    def close_terminal(self) -> None:
        """The system sends SIGHUP to whoever is in its foreground."""
        if not self._closing.is_set():
            self._closing.set()
            self._reader.join()
            os.close(self.master)

    def answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@pytest.fixture(params=[1, 2])
def foreground(request: pytest.FixtureRequest) -> Iterator[Foreground]:
    """A server in one process, and one of two workers."""
    made = Foreground(request.param)
    soon(lambda: made.said.count(b"metrics_") == request.param)
    yield made
    made.close_terminal()
    if made.process.poll() is None:
        made.process.terminate()
    made.process.wait(ENDS_WITHIN_S)


def soon(true: Callable[[], object], within_s: float = 15) -> None:
    """Wait for something, so long at most."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_people_are_told_where_to_look(foreground: Foreground) -> None:
    """In a line for them, which nobody gets who has no terminal: there every line is JSON."""
    lines = [line for line in foreground.said.decode().splitlines() if not line.startswith("{")]
    assert lines == [f"Passerby {__version__}: open http://127.0.0.1:{foreground.port}/ (Ctrl-C ends it)"]


def test_a_service_ends_with_its_terminal(foreground: Foreground) -> None:
    """While it is there a SIGHUP has the configuration read; when it is gone the port is free, and the status 0."""
    os.kill(foreground.process.pid, signal.SIGHUP)
    soon(lambda: b"configuration_taken" in foreground.said)
    assert foreground.process.poll() is None
    assert foreground.answers()
    foreground.close_terminal()
    assert foreground.process.wait(ENDS_WITHIN_S) == 0
    assert not foreground.answers()


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_standard_streams_it_serves_and_ends_well(closed: str, workers: str) -> None:
    """A log that cannot be written ends nothing; no number of theirs is given to a socket, which would be written to."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
    environment |= {"PASSERBY_PORT": str(port), "PASSERBY_ADMIN_PORT": "0", "PASSERBY_WORKERS": workers}
    command = f'exec "{sys.executable}" -m service serve {closed}'
    process = subprocess.Popen(["sh", "-c", command], cwd=ROOT, env=environment)
    try:
        soon(lambda: process.poll() is not None or live(port))
        assert process.poll() is None
        for number in range(3):
            assert not str(Path(f"/proc/{process.pid}/fd/{number}").readlink()).startswith("socket:")
    finally:
        process.terminate()
    assert process.wait(ENDS_WITHIN_S) == 0


def live(port: int) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1) as answer:
        return answer.status == 200
    return False
