"""A geo database that cannot be used: the service starts and answers, and says so where somebody will see it."""

import asyncio
import gzip
import json
import lzma
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.adapters.mmdb.snapshot_file import REASONS
from service.app import Application, assemble, read_configuration
from service.cli import main
from service.telemetry import Telemetry

SHIPPED = Path(__file__).resolve().parent.parent / "config/geo/country.mmdb.gz"


class Log:
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, text: str) -> None:
        self.lines.append(json.loads(text))

    def of(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    return content[:1000] + bytes(octet ^ 0xFF for octet in content[1000:2000]) + content[2000:]


# What lies where the database should, and how it is named.
UNUSABLE: list[tuple[str, Callable[[Path], object], str]] = [
    ("nothing", lambda _: None, "missing"),
    ("a directory", lambda path: path.mkdir(), "unreadable"),
    ("a pipe", os.mkfifo, "unreadable"),
    ("a dangling link", lambda path: path.symlink_to("nowhere"), "missing"),
    ("a link to itself", lambda path: path.symlink_to(path.name), "unreadable"),
    ("an empty file", lambda path: path.touch(), "empty"),
    ("a text", lambda path: path.write_bytes(b"no database"), "broken"),
    ("a page", lambda path: path.write_bytes(b"<!DOCTYPE html><title>302 Found</title>"), "broken"),
    ("a table", lambda path: path.write_bytes(b"1.0.0.0,1.0.0.255,AU\n" * 999), "broken"),
    ("zeros", lambda path: path.write_bytes(bytes(1 << 16)), "broken"),
    ("a pointer of Git LFS", lambda path: path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:05b0\nsize 1700522\n"), "broken"),
    ("half of it", lambda path: path.write_bytes(half(SHIPPED.read_bytes())), "broken"),
    ("the head of it", lambda path: path.write_bytes(SHIPPED.read_bytes()[:10]), "broken"),
    ("damaged", lambda path: path.write_bytes(flipped(SHIPPED.read_bytes())), "broken"),
    ("half, unpacked", lambda path: path.write_bytes(half(gzip.decompress(SHIPPED.read_bytes()))), "broken"),
    ("nothing, packed", lambda path: path.write_bytes(gzip.compress(b"", mtime=0)), "empty"),
    ("nothing under xz", lambda path: path.write_bytes(lzma.compress(b"")), "empty"),
    ("a text under gz", lambda path: path.write_bytes(gzip.compress(b"no database", mtime=0)), "broken"),
    ("a text under xz", lambda path: path.write_bytes(lzma.compress(b"no database")), "broken"),
    ("packed twice", lambda path: path.write_bytes(gzip.compress(SHIPPED.read_bytes(), mtime=0)), "broken"),
]  # fmt: skip


@pytest.mark.parametrize(("lies_there", "put", "reason"), UNUSABLE, ids=[name for name, _, _ in UNUSABLE])
def test_what_cannot_be_used_is_said_loudly(tmp_path: Path, lies_there: str, put: Any, reason: str) -> None:
    """An error in the log, in words: what is wrong, with which file, and what it means. `check` says the same."""
    path = tmp_path / "geo.mmdb"
    put(path)
    environment = {"PASSERBY_GEO_DATABASE": str(path), "PASSERBY_ADMIN_PORT": "0", "PASSERBY_COUNTING": "false"}
    log = Log()
    house = assemble(read_configuration(environment=environment), Telemetry(stream=log))
    application = Application(house)

    async def begin() -> str:
        async with application._running():
            return application.health.state().status

    assert asyncio.run(begin()) == "degraded"
    (said,) = log.of("no_places")
    assert said["level"] == "error"
    assert said["notice"].startswith(f"geo_database: {REASONS[reason]} ({path}), so no address has a place, ")
    checked = CliRunner().invoke(main, ["check"], env=environment, prog_name="passerby")
    assert checked.exit_code == 0, "the service would start"
    assert checked.stderr.count(f"warning: geo_database: {REASONS[reason]}, so no address has a place, ") == 1
    asked = CliRunner().invoke(main, ["recommend", "--ip", "195.65.10.7"], env=environment, prog_name="passerby")
    assert json.loads(asked.stdout)["region"]["country"] is None
    assert "no address has a place" in asked.stderr


def test_a_good_one_is_not_spoken_of() -> None:
    """Whatever is said too often is not heard."""
    log = Log()
    environment = {"PASSERBY_ADMIN_PORT": "0", "PASSERBY_COUNTING": "false"}
    application = Application(assemble(read_configuration(environment=environment), Telemetry(stream=log)))

    async def begin() -> None:
        async with application._running():
            pass

    asyncio.run(begin())
    assert log.of("no_places") == []
    assert len(log.of("geo_opened")) == 1


def test_one_that_comes_later_is_taken(tmp_path: Path) -> None:
    """Nothing is refused for the want of it: whoever fetches the database may be slower than we are."""
    path = tmp_path / "geo.mmdb.gz"
    environment = {
        "PASSERBY_GEO_DATABASE": str(path), "PASSERBY_ADMIN_PORT": "0", "PASSERBY_COUNTING": "false",
        "PASSERBY_GEO_WATCH_INTERVAL_S": "0.01",
    }  # fmt: skip
    log = Log()
    house = assemble(read_configuration(environment=environment), Telemetry(stream=log))
    application = Application(house)

    async def begin() -> str:
        async with application._running():
            shutil.copy(SHIPPED, path)
            async with asyncio.timeout(20):
                while house.geo.refusal is not None:  # noqa: ASYNC110  # it is told of in no other way
                    await asyncio.sleep(0.02)
            return application.health.state().status

    assert asyncio.run(begin()) == "ready"
    assert [line["event"] for line in log.lines if line["event"] in ("no_places", "geo_opened")] == [
        "no_places",
        "geo_opened",
    ]
