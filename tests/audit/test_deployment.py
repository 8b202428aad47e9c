"""A deployment of its own starts on a free port, and is ended where it does not start."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.audit import deployment
from service.audit.deployment import PORTS_MAX, DeploymentError

TAKEN = b'{"level":"error","event":"library_said","reason":"address already in use"}\n'


class Starts:
    """Starts of something that ends by itself, of which the first ``failing`` find their port taken."""

    def __init__(self, failing: int, said: bytes) -> None:
        self._failing, self._said = failing, said
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, _home: Path, log: Path, *_: object) -> subprocess.Popen[bytes]:
        log.write_bytes(self._said)
        self.processes.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
        return self.processes[-1]

    def wait(self, *_: object) -> None:
        if len(self.processes) <= self._failing:
            raise DeploymentError("the service did not start")


@pytest.mark.parametrize(
    ("failing", "said", "starts", "does_start"),
    [(1, TAKEN, 2, True), (9, TAKEN, PORTS_MAX, False), (1, b"default_site: no file\n", 1, False)],
)
def test_another_port_is_tried_where_somebody_took_the_first(
    failing: int, said: bytes, starts: int, does_start: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bounded number of times, and for no other reason; what did not start is not left running."""
    made = Starts(failing, said)
    monkeypatch.setattr(deployment, "_start", made.start)
    monkeypatch.setattr(deployment, "_await", made.wait)
    if does_start:
        process, port = deployment._started(tmp_path, tmp_path / "log", "redis://127.0.0.1:1", None)
        assert 0 < port < 1 << 16
        assert process.poll() is None
        deployment._end(process)
    else:
        with pytest.raises(DeploymentError):
            deployment._started(tmp_path, tmp_path / "log", "redis://127.0.0.1:1", None)
    assert len(made.processes) == starts
    assert all(process.poll() is not None for process in made.processes)
    for process in made.processes:
        assert process.stdin is not None
        process.stdin.close()
