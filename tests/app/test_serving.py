"""A process that serves: as many connections as are configured and the system has files for, and an end in time."""

import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app.serving import CONNECTIONS_MIN, END_MAX_S, FILES_BESIDE_CONNECTIONS, _connections_max
from service.telemetry import Telemetry


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The soft limit may be put back, the hard one could not be: nobody here lowers it."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_systems_soft_limit_is_raised_as_far_as_it_is_needed() -> None:
    """Nobody is told, for nothing is missing."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (300, hard))
    log = io.StringIO()
    for wanted in (171, 172, 173, 400):
        assert _connections_max(wanted, Telemetry(stream=log)) == wanted
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert soft == max(300, wanted + FILES_BESIDE_CONNECTIONS)
    assert log.getvalue() == ""


def test_where_the_hard_limit_is_lower_it_is_said_and_kept_to() -> None:
    """More would be refused by the system, in the middle of a visit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    log = io.StringIO()
    if hard == resource.RLIM_INFINITY:  # then nothing is missing
        assert _connections_max(1000, Telemetry(stream=log)) == 1000
        return
    assert _connections_max(hard, Telemetry(stream=log)) == max(CONNECTIONS_MIN, hard - FILES_BESIDE_CONNECTIONS)
    line = json.loads(log.getvalue())
    assert (line["event"], line["level"]) == ("configuration_notice", "warning")
    assert "ulimit -n" in line["notice"]


HUNG = """
import threading
from service.app import application
from service.cli import main

application.identity.prepare = threading.Event().wait
main(["serve"])
"""


def test_the_end_waits_for_no_thread_that_does_not_come_back(tmp_path: Path) -> None:
    """One that works for the loop may be at a file system that does not answer; Python itself would wait for it."""
    environment = {**os.environ, "PASSERBY_PORT": "0", "PASSERBY_ADMIN_PORT": "0"}
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-c", HUNG], env=environment, stdout=file, stderr=file)
    try:
        deadline = time.monotonic() + 30
        while '"started"' not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.terminate()
        assert process.wait(END_MAX_S + 3) == 0
        assert '"stopped"' in log.read_text()
    finally:
        process.kill()
        process.wait()
