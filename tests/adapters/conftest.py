"""Geo databases made to measure, by a writer that shares no code with the reader under test; and real Redis servers."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from tests.adapters.redis_servers import RedisServer, running, running_cluster

WriteDatabase = Callable[..., Path]


def set_built_at(content: bytes, built_at: int) -> bytes:
    """The same database with another build date: eight-byte type, four bytes of content."""
    marker = b"build_epoch\x04\x02"
    start = content.rindex(marker) + len(marker)
    return content[:start] + built_at.to_bytes(4) + content[start + 4 :]


@pytest.fixture(scope="session")
def write_database_at() -> WriteDatabase:
    """A function that writes networks with their records to a path, replacing what is there, and returns the path."""

    def write(
        path: Path,
        networks: Mapping[str, Any],
        *,
        built_at: int = 1_700_000_000,
        ip_version: int = 6,
        database_type: str = "GeoLite2-City",
    ) -> Path:
        writer = MMDBWriter(ip_version=ip_version, ipv4_compatible=ip_version == 6, database_type=database_type)  # type: ignore[arg-type]
        for network, record in networks.items():
            writer.insert_network(IPSet([network]), record)
        fresh = path.with_name(f"{path.name}.fresh")
        writer.to_db_file(str(fresh))
        fresh.write_bytes(set_built_at(fresh.read_bytes(), built_at))
        return fresh.replace(path)

    return write


@pytest.fixture
def write_database(write_database_at: WriteDatabase, tmp_path: Path) -> WriteDatabase:
    """The same into this test's own folder."""

    def write(networks: Mapping[str, Any], name: str = "geo.mmdb", **options: Any) -> Path:
        return write_database_at(tmp_path / name, networks, **options)

    return write


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[list[RedisServer]]:
    """Three masters; it takes them two seconds to agree, so all tests share them."""
    with running_cluster() as nodes:
        yield nodes


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A server for one test alone."""
    with running() as server:
        yield server
