"""Coarse copies say of every address what the original said of country, subdivision and time zone, and no more."""

import ipaddress
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.mmdb.coarse import coarsen
from service.adapters.mmdb.database import Database, geoip2_place, read_database
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, copy_to_sealed_memfd, private_file
from service.adapters.mmdb.tree import content_of, count_networks, nodes_of

records = st.fixed_dictionaries(
    {"city": st.fixed_dictionaries({"geoname_id": st.integers(0, 99)})},
    optional={
        "country": st.fixed_dictionaries({"iso_code": st.sampled_from(["CH", "FR", "JP"])}),
        "subdivisions": st.lists(
            st.fixed_dictionaries({"iso_code": st.sampled_from(["ZH", "13"])}), min_size=1, max_size=2
        ),
        "location": st.fixed_dictionaries({"latitude": st.just(7.5)}, optional={"time_zone": st.just("Europe/Zurich")}),
        "traits": st.fixed_dictionaries({"is_satellite_provider": st.booleans()}),
    },
)
ipv4_networks = st.builds(
    lambda first, length: str(ipaddress.ip_network((first << 24, length), strict=False)),
    st.integers(1, 9),
    st.integers(6, 24),
)
ipv6_networks = st.builds(
    lambda first, length: str(ipaddress.ip_network((first << 112, length), strict=False)),
    st.integers(0x2000, 0x2010),
    st.integers(10, 64),
)
networks = ipv4_networks | ipv6_networks
swiss = {
    "country": {"iso_code": "CH"},
    "subdivisions": [{"iso_code": "ZH"}],
    "location": {"time_zone": "Europe/Zurich"},
}


def opened(path: Path) -> tuple[int, Database]:
    held = copy_to_sealed_memfd(path)
    return held, read_database(held)


def coarse_copy(held: int) -> Database:
    copy = coarsen(held)
    try:
        return read_database(copy)
    finally:
        os.close(copy)


def place(database: Database, address: str) -> Any:
    record = database.reader.get(address)
    return geoip2_place(record) if isinstance(record, dict) else (None, None, None)


@settings(max_examples=30, deadline=None)
@given(content=st.dictionaries(networks, records, max_size=12))
def test_every_address_keeps_its_place(
    content: dict[str, Any], write_database_at: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_database_at(tmp_path_factory.mktemp("coarse") / "geo.mmdb", {"77.9.9.9/32": swiss} | content)
    held, fine = opened(path)
    coarse = coarse_copy(held)
    os.close(held)
    edges = (ipaddress.ip_network(network) for network in content)
    for address in {str(address) for network in edges for address in (network[0], network[-1])} | {
        "9.9.9.9",
        "8.8.8.8",
    }:
        assert place(coarse, address) == place(fine, address)


def test_only_country_subdivision_and_time_zone_are_left(write_database: Any) -> None:
    record = swiss | {
        "city": {"names": {"en": "Zurich"}},
        "postal": {"code": "8001"},
        "registered_country": {"iso_code": "DE"},
    }
    held, fine = opened(write_database({"1.2.3.0/24": record}, built_at=1000))
    coarse = coarse_copy(held)
    os.close(held)
    assert coarse.reader.get("1.2.3.4") == swiss
    assert (coarse.built_at, coarse.ip_version) == (1000, fine.ip_version)
    assert coarse.database_type == "GeoLite2-City (coarse)"


def test_a_country_code_database_stays_one(write_database: Any) -> None:
    held, _ = opened(write_database({"1.2.3.0/24": {"country_code": "CH", "asn": 7}}))
    coarse = coarse_copy(held)
    os.close(held)
    assert coarse.reader.get("1.2.3.4") == {"country_code": "CH"}


def test_networks_that_differ_in_their_city_only_become_one(write_database: Any) -> None:
    held, fine = opened(
        write_database(
            {f"1.2.{third}.0/24": swiss | {"city": {"geoname_id": third}} for third in range(256)}, ip_version=4
        )
    )
    coarse = coarse_copy(held)
    os.close(held)
    assert coarse.nodes < fine.nodes / 4
    assert coarse.size_bytes < fine.size_bytes / 4


def test_a_world_of_one_place_keeps_its_root(write_database: Any) -> None:
    held, _ = opened(write_database({"0.0.0.0/1": swiss, "128.0.0.0/1": swiss}, ip_version=4))
    coarse = coarse_copy(held)
    os.close(held)
    assert place(coarse, "1.2.3.4") == place(coarse, "200.2.3.4") == ("CH", "ZH", "Europe/Zurich")


def test_a_second_coarsening_changes_nothing(write_database: Any) -> None:
    held, _ = opened(
        write_database({"1.2.3.0/24": swiss, "2a00::/16": swiss, "5.0.0.0/8": {"country": {"iso_code": "FR"}}})
    )
    once = coarsen(held)
    twice = coarsen(once)
    assert content_of(once) == content_of(twice)
    for descriptor in (held, once, twice):
        os.close(descriptor)


def test_damage_that_the_probe_cannot_see_is_found(write_database: Any) -> None:
    """A record so deep in a large file that no probe looks it up, with a type that does not exist."""
    networks = {f"{first}.{second}.0.0/16": swiss for first in range(20, 40) for second in range(0, 256, 2)}
    path = write_database(networks | {"200.2.3.0/24": swiss | {"zone": 7}})
    content = path.read_bytes()
    at = content.rindex(b"zone") + 4
    path.write_bytes(content[:at] + b"\x00\xff" + content[at + 2 :])
    held, _ = opened(path)
    with pytest.raises(DatabaseRefusedError, match="broken"):
        coarsen(held)
    os.close(held)


def test_a_cycle_that_the_probe_cannot_see_is_found(write_database: Any) -> None:
    path = write_database({"1.2.3.0/24": swiss, "3000::/128": swiss}, ip_version=6)
    content = bytearray(path.read_bytes())
    held, database = opened(path)
    os.close(held)
    last = database.nodes - 1
    right = slice(last * 6 + 3, last * 6 + 6)
    content[right] = bytes(3)  # the sibling of the last network is the root
    damaged = private_file()
    os.write(damaged, content)
    with pytest.raises(DatabaseRefusedError, match="broken"):
        coarsen(damaged)
    os.close(damaged)


@pytest.mark.parametrize(
    ("record_size", "node"),
    [
        (24, "aabbcc ddeeff"),
        (28, "bbccdd ae ffeedd"),
        (32, "aabbccdd eeff0011"),
    ],
)
def test_nodes_are_read_in_every_record_size(record_size: int, node: str) -> None:
    """The middle byte of 28 bits holds the high halves: left first (specification, "Node Layout")."""
    content = bytes(record_size // 4) + bytes.fromhex(node)
    expected = {24: (0xAABBCC, 0xDDEEFF), 28: (0xABBCCDD, 0xEFFEEDD), 32: (0xAABBCCDD, 0xEEFF0011)}[record_size]
    assert nodes_of(content, record_size)(1) == expected


def test_networks_are_counted(write_database: Any) -> None:
    held, database = opened(write_database({"1.2.3.0/24": swiss, "1.2.5.0/24": swiss}))
    assert count_networks(held, database.nodes, database.record_size) == 2
    os.close(held)
