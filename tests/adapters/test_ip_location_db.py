"""Installing databases: from a stand-in for the npm client and from files; whole or not at all."""

import gzip
import io
import json
import os
import tarfile
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from service.adapters.ip_location_db import UpdateFailedError, npm_package, provenance_path, update
from service.adapters.mmdb.database import open_database
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError

record = {"country": {"iso_code": "CH"}, "city": {"names": {"en": "Zurich"}}}


@pytest.fixture
def destination(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    return folder / "country.mmdb.gz"


def stand_in_for_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """A client on PATH that writes down what it was asked."""
    folder.mkdir(exist_ok=True)
    npm = folder / "npm"
    npm.write_text(f'#!/bin/sh\necho "$@" > "{folder}/asked"\n{script}\n')
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin")


def package(**texts: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in texts.items():
            info = tarfile.TarInfo(f"package/{name.replace('__', '.')}")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_without_a_path_the_package_is_fetched_with_npm(
    destination: Path, write_database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = write_database({"1.2.3.0/24": {"country_code": "CH"}}, built_at=1_700_000_000)
    archive = package(
        package__json=json.dumps({"version": "2.3.1", "license": "CC0-1.0"}).encode(),
        NRO_LICENSE=b"Attribution 4.0\nNRO",
        README__md=b"not read",
        country__mmdb=database.read_bytes(),
    )
    (tmp_path / "package.tgz").write_bytes(archive)
    stand_in_for_npm(tmp_path / "bin", monkeypatch, f'cp "{tmp_path}/package.tgz" .')
    installed = update(destination)
    assert (tmp_path / "bin/asked").read_text().split() == ["pack", npm_package, "--ignore-scripts", "--silent"]
    assert installed.version == "2.3.1"
    assert installed.licence == "Attribution 4.0 NRO (package.json says: CC0-1.0)"
    assert open_database(destination).reader.get("1.2.3.4") == {"country_code": "CH"}


@pytest.mark.parametrize("script", ["exit 1", "true", "echo nonsense > package.tgz", "touch a.tgz b.tgz"])
def test_a_failing_client_leaves_everything_as_it_was(
    destination: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    stand_in_for_npm(tmp_path / "bin", monkeypatch, script)
    destination.write_bytes(b"the old one")
    with pytest.raises(UpdateFailedError) as failed:
        update(destination)
    assert failed.value.reason == "npm_failed"
    assert destination.read_bytes() == b"the old one"
    assert list(destination.parent.iterdir()) == [destination]


def test_without_npm_the_reason_says_so(destination: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UpdateFailedError) as failed:
        update(destination)
    assert failed.value.reason == "npm_missing"


@pytest.mark.parametrize("suffix", ["xz", "gz", ""])
def test_the_destination_says_how_to_pack(destination: Path, write_database: Any, suffix: str) -> None:
    target = destination.with_name("geo.mmdb" + (f".{suffix}" if suffix else ""))
    update(target, write_database({"1.2.3.0/24": record}))
    magic = {"xz": b"\xfd7zXZ", "gz": b"\x1f\x8b", "": b"\0"}[suffix]
    assert target.read_bytes().startswith(magic)
    assert open_database(target).reader.get("1.2.3.4") == {"country": {"iso_code": "CH"}}
    assert provenance_path(target).name == "geo.toml"


def test_everything_is_kept_on_request(destination: Path, write_database: Any) -> None:
    source = write_database({"1.2.3.0/24": record})
    assert update(destination, source, coarse=False).changes == "none"
    assert gzip.decompress(destination.read_bytes()) == source.read_bytes()


def test_where_it_comes_from_is_written_beside_it(destination: Path, write_database: Any) -> None:
    installed = update(destination, write_database({"1.2.3.0/24": record}, 'Geo "Lite".mmdb', built_at=1_700_000_000))
    papers = tomllib.loads(provenance_path(destination).read_text())
    assert papers["source"] == "file 'Geo \"Lite\".mmdb'"
    assert papers["built"] == "2023-11-14"
    assert papers["sha256"] == installed.sha256 == sha256(destination.read_bytes()).hexdigest()
    assert installed.file_bytes == destination.stat().st_size
    assert sorted(path.name for path in destination.parent.iterdir()) == ["country.mmdb.gz", "country.toml"]


def test_an_older_database_needs_to_be_asked_for(destination: Path, write_database: Any) -> None:
    update(destination, write_database({"1.2.3.0/24": record}, built_at=2000))
    older = write_database({"1.2.3.0/24": record}, built_at=1000)
    with pytest.raises(DatabaseRefusedError) as refused:
        update(destination, older)
    assert refused.value.reason == "older"
    assert open_database(destination).built_at == 2000
    assert update(destination, older, allow_older=True).built_at == 1000


def test_a_bad_database_leaves_the_old_one_in_place(destination: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.mmdb"
    bad.write_bytes(b"no database")
    destination.write_bytes(b"the old one")
    with pytest.raises(DatabaseRefusedError):
        update(destination, bad)
    assert destination.read_bytes() == b"the old one"


def test_a_folder_that_cannot_be_written_is_a_reason(tmp_path: Path, write_database: Any) -> None:
    with pytest.raises(UpdateFailedError) as failed:
        update(tmp_path / "absent" / "geo.mmdb.xz", write_database({"1.2.3.0/24": record}))
    assert failed.value.reason == "destination"


def test_progress_comes_to_its_end(destination: Path, write_database: Any) -> None:
    seen: list[tuple[int, int]] = []
    update(destination, write_database({"1.2.3.0/24": record}), progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] <= seen[0][1]
    assert seen[-1][0] == seen[-1][1] > 0
