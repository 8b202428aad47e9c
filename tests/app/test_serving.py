"""How many connections a process takes on: as many as are configured and the system has files for."""

import io
import json
import resource
from collections.abc import Iterator

import pytest

from service.app.serving import CONNECTIONS_MIN, FILES_BESIDE_CONNECTIONS, _connections_max
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
