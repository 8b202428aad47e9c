"""Where no directory for temporary files can be written to: the service serves, commands say so, nothing breaks off.

A system of that kind is imitated by what Python looks at: TMPDIR and its fellows, and a list of places without those of
this machine.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.adapters import ip_location_db
from service.adapters.ip_location_db import UpdateFailedError
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, copy_to_sealed_memfd
from service.adapters.redis_store.embedded import lack, start_embedded_redis
from service.app.counting import IN_PROCESS, open_store
from service.cli import main
from service.settings import Settings
from service.telemetry import Telemetry

SHIPPED = Path(__file__).resolve().parent.parent / "config/geo/country.mmdb.gz"
NOWHERE = ["/nowhere", "/nowhere/at/all", "/proc", "/proc/self", "/dev/null", "/dev/null/x", "/sys/kernel", ""]


@pytest.fixture(params=NOWHERE)
def nowhere(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> str:
    place: str = request.param
    tmp_path_factory.getbasetemp()  # pytest has a directory of its own, also where this is the first test
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, place)
    places = tempfile._candidate_tempdir_list  # type: ignore[attr-defined]
    own = {"/tmp", "/var/tmp", "/usr/tmp", str(Path.cwd())}  # noqa: S108  # as Python has them
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [it for it in places() if it not in own])
    monkeypatch.setattr(tempfile, "tempdir", None)
    return place


def test_there_is_no_redis_server_of_our_own(nowhere: str) -> None:
    """It has no place for its socket, and that is what is missing."""
    assert start_embedded_redis() is None
    assert lack() == "no_directory"


def test_counts_are_kept_in_the_process_and_it_is_said_why(nowhere: str) -> None:
    """Not that there were no redis-server."""
    said: list[str] = []

    class Log:
        def write(self, text: str) -> None:
            said.append(json.loads(text)["notice"])

    store = open_store(Settings(), Telemetry(stream=Log()), start_embedded_redis())
    assert store is not None
    assert store.kind == "memory"
    assert said == [IN_PROCESS["no_directory"]]
    assert "TMPDIR" in said[0]


def test_check_says_so(nowhere: str) -> None:
    """And where counts would be."""
    result = CliRunner().invoke(main, ["check"], prog_name="passerby")
    assert result.exit_code == 0
    assert f"warning: redis_url: {IN_PROCESS['no_directory']}" in result.stderr
    assert "counts\tin this process, " in result.stdout


def test_a_geo_database_is_held_in_memory(nowhere: str) -> None:
    """It needs no directory."""
    os.close(copy_to_sealed_memfd(SHIPPED))


def test_where_memory_cannot_hold_it_the_want_is_named(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is not at fault."""

    def forbidden(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "memfd_create", forbidden)
    with pytest.raises(DatabaseRefusedError) as refused:
        copy_to_sealed_memfd(SHIPPED)
    assert refused.value.reason == "no_room"


def test_a_database_cannot_be_fetched_and_that_is_named(nowhere: str, tmp_path: Path) -> None:
    """Where npm would put it."""
    with pytest.raises(UpdateFailedError) as failed:
        ip_location_db.update(tmp_path / "geo.mmdb.gz")
    assert failed.value.reason == "no_room"


@pytest.mark.parametrize(
    "words",
    [
        ["geo", "update"],
        ["experiments", "import", "features.json", "--site", "demo"],
        ["prove", "--embedded", "--markers", "800"],
    ],
    ids=" ".join,
)
def test_a_command_that_needs_one_says_so_in_a_line(
    nowhere: str, words: list[str], config_copy: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no traceback."""
    directory = config_copy()
    monkeypatch.chdir(directory)
    (directory / "features.json").write_text(
        '{"features":{"x":{"defaultValue":"a","rules":[{"key":"x","variations":["a","b"],"weights":[0.5,0.5],"coverage":1}]}}}'
    )
    places = tempfile._candidate_tempdir_list  # type: ignore[attr-defined]
    here = str(Path.cwd())
    monkeypatch.setattr(tempfile, "_candidate_tempdir_list", lambda: [it for it in places() if it != here])
    result = CliRunner().invoke(main, ["--config", str(directory), *words], prog_name="passerby")
    assert result.exit_code == 1
    assert "for temporary files" in result.stderr
    assert isinstance(result.exception, SystemExit)
