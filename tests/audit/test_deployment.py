"""A deployment for the audit is asked where it listens, and one that does not start says why."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.audit.deployment import DeploymentError, _await_start
from service.audit.sinks import leaking_server


def test_a_deployment_is_where_its_log_says(tmp_path: Path) -> None:
    """The system chooses its ports. It is waited for until it answers."""
    log = tmp_path / "log"
    with (
        leaking_server([b"live"]) as (host, port),
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process,
    ):
        log.write_text(
            "no JSON\n[]\n"
            f'{{"event":"listening","host":"{host}","port":{port},"url":"http://{host}:{port}/"}}\n'
            '{"event":"metrics_served","host":"127.0.0.1","port":9}\n'
        )
        assert _await_start(process, log) == (f"http://{host}:{port}", "http://127.0.0.1:9/metrics")
        process.terminate()


def test_a_deployment_that_ends_says_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"line {number}\n" for number in range(9)))
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        with pytest.raises(DeploymentError, match=r"did not start\nline 4\nline 5\nline 6\nline 7\nline 8$"):
            _await_start(process, log)
