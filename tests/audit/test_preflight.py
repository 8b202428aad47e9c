"""Whether a log is this service's is found out by having it say something; what was not audited is told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from service.audit.client import Address
from service.audit.deployment import Target
from service.audit.log_file import LogFile
from service.audit.preflight import metrics_probe, not_audited, provoke_log_line
from service.audit.requests import CARRIERS, SiteContext
from service.audit.sinks import leaking_server

ALL = len(CARRIERS)
TARGET = Target("http://127.0.0.1:8080", "redis://127.0.0.1:1", ("log",))
TAKEN = '{"time":2.5,"level":"info","event":"configuration_taken"}'
SAYING = f"""
import signal, sys, time
signal.signal(signal.SIGHUP, lambda *_: print({TAKEN!r}, flush=True))
print("ready", flush=True)
time.sleep(30)
"""


@contextmanager
def saying(log: Path) -> Iterator[int]:
    """The process id of something that says on SIGHUP what the service says, and writes as after ``>`` in a shell."""
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-c", SAYING], stdout=output)
    try:
        while "ready" not in log.read_text():
            assert process.poll() is None
        yield process.pid
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.wait(5)


def test_a_log_says_something_when_its_service_is_told_to(tmp_path: Path) -> None:
    """Another log does not, though it has the same form."""
    other = LogFile(tmp_path / "other")
    (tmp_path / "other").write_text(TAKEN + "\n")
    other.open()
    own = LogFile(tmp_path / "log")
    with saying(tmp_path / "log") as pid:
        own.open()
        target = msgspec.structs.replace(TARGET, stop_pid=pid)
        assert "no log says" in provoke_log_line(target, [other], reloaded_max_s=0.1)
        assert provoke_log_line(target, [other, own]) == ""
    assert "told to read its configuration anew" in own.known_by()
    assert other.known_by() == ""
    own.close()
    other.close()


def test_nobody_is_told_anything_unasked() -> None:
    assert provoke_log_line(TARGET, []) == ""


def test_knocks_count_what_is_refused_as_it_should_be() -> None:
    """Something that answers all else with 200 is not that service; where nobody is, nobody refuses."""
    with leaking_server([b"x"]) as (host, port):
        assert metrics_probe(Address(host, port))(3) == 0
    assert metrics_probe(Address(host, port))(3) == 0


def test_what_was_not_audited_is_told_with_its_reason() -> None:
    """A deployment of its own that released its counts leaves nothing out."""
    assert [what for what, _ in not_audited(TARGET, SiteContext("h", "demo"), ALL, is_released=False, is_share=False)] == [
        "cohort", "token", "release", "overload", "shutdown", "metrics",
    ]  # fmt: skip
    whole = msgspec.structs.replace(TARGET, stop_pid=9, may_overload=True, metrics="http://127.0.0.1:9/metrics")
    assert not [
        *not_audited(whole, SiteContext("h", "demo", token="t", cohort="CH"), ALL, is_released=True, is_share=False)
    ]
    shared = not_audited(whole, SiteContext("h", "demo", token="t", cohort="CH"), ALL, is_released=True, is_share=True)
    assert [what for what, _ in shared] == ["metrics of other workers"]
