"""One copy for all processes: the parent holds it, others open it by path, a new file comes under the same path."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from service.adapters.maxmind import MaxmindGeo
from service.adapters.mmdb.following import SharedDatabase
from service.adapters.mmdb.snapshot_file import copy_to_sealed_memfd
from service.core.location import Place

swiss = {"country": {"iso_code": "CH"}}
french = {"country": {"iso_code": "FR"}}


def place(*raw: Any) -> Place:
    return Place(*raw)


def refreshed(geo: MaxmindGeo) -> bool:
    async def look() -> bool:
        return [await geo.refresh(), await geo.refresh()][-1]

    return asyncio.run(look())


@pytest.fixture
def source(write_database: Any) -> Path:
    path: Path = write_database({"1.2.3.0/24": swiss})
    return path


def test_another_process_opens_the_shared_copy_by_its_path(source: Path) -> None:
    shared = SharedDatabase(source)
    assert shared.open()
    source.unlink()
    program = "import maxminddb, sys; print(maxminddb.open_database(sys.argv[1]).get('1.2.3.4'))"
    output = subprocess.run([sys.executable, "-c", program, shared.path], capture_output=True, text=True, check=True)
    assert output.stdout.strip() == str(swiss)
    shared.close()


def test_the_end_does_not_wait_for_a_look_that_does_not_come_back(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At a file system that does not answer."""
    looking, answers = threading.Event(), threading.Event()

    def look() -> bool:
        looking.set()
        return answers.wait(10)

    shared = SharedDatabase(source)
    shared.open()
    monkeypatch.setattr(shared, "refresh", look)
    shared.follow(0.001)
    assert looking.wait(10)
    begun_s = time.monotonic()
    shared.close()
    assert time.monotonic() - begun_s < 5
    answers.set()
    shared.close()


def test_a_worker_maps_the_shared_copy_instead_of_making_its_own(source: Path) -> None:
    shared = SharedDatabase(source)
    shared.open()
    held = copy_to_sealed_memfd(shared.path)
    assert os.fstat(held).st_ino == Path(shared.path).stat().st_ino
    os.close(held)
    shared.close()


def test_a_new_file_reaches_the_workers_under_the_same_path(source: Path, write_database: Any) -> None:
    shared = SharedDatabase(source)
    shared.open()
    path = shared.path
    worker = MaxmindGeo(path, place)
    worker.open()
    write_database({"1.2.3.0/24": french}, built_at=1_700_000_001)
    assert [shared.refresh(), shared.refresh()] == [False, True]
    assert shared.path == path
    assert worker.look_up("1.2.3.4") == Place("CH", None, None, "ip")
    assert refreshed(worker)
    assert worker.look_up("1.2.3.4") == Place("FR", None, None, "ip")
    shared.close()


@pytest.mark.parametrize(("damage", "reason"), [(b"", "empty"), (b"no database", "broken")])
def test_a_bad_file_never_reaches_the_workers(source: Path, damage: bytes, reason: str) -> None:
    events: list[tuple[str, Any]] = []
    shared = SharedDatabase(source, lambda event, fields: events.append((event, fields)))
    shared.open()
    inode = Path(shared.path).stat().st_ino
    source.write_bytes(damage)
    for _ in range(4):
        assert not shared.refresh()
    assert Path(shared.path).stat().st_ino == inode
    assert [event for event, _ in events] == ["geo_opened", "geo_refused"]
    assert events[-1][1]["reason"] == reason
    shared.close()


def test_an_older_file_never_reaches_the_workers(source: Path, write_database: Any) -> None:
    shared = SharedDatabase(source)
    shared.open()
    write_database({"1.2.3.0/24": french}, built_at=1)
    assert not any(shared.refresh() for _ in range(3))
    shared.close()


def test_without_a_good_file_the_source_itself_is_the_path(tmp_path: Path) -> None:
    shared = SharedDatabase(tmp_path / "absent.mmdb")
    assert not shared.open()
    assert shared.path == str(tmp_path / "absent.mmdb")
    shared.close()


def test_the_parent_follows_in_a_thread_of_its_own(source: Path, write_database: Any) -> None:
    replaced = threading.Event()
    shared = SharedDatabase(source, lambda event, _fields: replaced.set() if event == "geo_replaced" else None)
    shared.open()
    shared.follow(0.01)
    write_database({"1.2.3.0/24": french})
    assert replaced.wait(5)
    shared.close()
    assert threading.active_count() == 1 or all(thread.name != "geo-database" for thread in threading.enumerate())


def test_workers_keep_the_copy_when_the_parent_is_gone(source: Path) -> None:
    shared = SharedDatabase(source)
    shared.open()
    worker = MaxmindGeo(shared.path, place)
    worker.open()
    shared.close()
    assert not refreshed(worker)
    assert worker.look_up("1.2.3.4") == Place("CH", None, None, "ip")
