"""Opening databases: the good ones of every kind, and a reason for each bad one; never a hang or a crash."""

import os
import tomllib
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.mmdb.database import (
    country_code_place,
    describe,
    geoip2_place,
    open_database,
    place_in,
    read_database,
)
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, private_file

folder = Path(__file__).parents[3] / "config/geo"
swiss = {
    "country": {"iso_code": "CH"},
    "subdivisions": [{"iso_code": "ZH"}],
    "location": {"time_zone": "Europe/Zurich"},
}


def refusal(path: Path, built_at_min: int = 0) -> str:
    with pytest.raises(DatabaseRefusedError) as refused:
        open_database(path, built_at_min=built_at_min)
    return refused.value.reason


@pytest.fixture(scope="module")
def small(write_database_at: Any, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("small") / "geo.mmdb"
    networks = {f"{first}.2.0.0/16": swiss | {"n": first} for first in range(1, 9)} | {"2a00::/16": swiss}
    content: bytes = write_database_at(path, networks).read_bytes()
    return content


def open_bytes(content: bytes) -> Any:
    held = private_file()
    try:
        os.write(held, content)
        return read_database(held)
    finally:
        os.close(held)


@pytest.mark.parametrize(("record", "kind"), [(swiss, "geoip2"), ({"country_code": "CH"}, "country_code")])
@pytest.mark.parametrize("network", ["1.2.3.4/32", "223.255.255.255/32", "2001:220::1/128", "2c0f:ffff::/32"])
def test_a_database_of_one_network_opens_wherever_it_lies(
    write_database: Any, record: Any, kind: str, network: str
) -> None:
    database = open_database(write_database({network: record}))
    assert database.record_kind == kind
    assert database.reader.get(database.witness) == record


def test_an_ipv4_database_opens(write_database: Any) -> None:
    assert open_database(write_database({"1.2.3.0/24": swiss}, ip_version=4)).ip_version == 4


@pytest.mark.parametrize(
    "record",
    [
        {"autonomous_system_number": 3303, "autonomous_system_organization": "Swisscom"},
        {"isp": "Swisscom", "organization": "Swisscom"},
        {"is_anonymous": True},
        {"registered_country": {"iso_code": "CH"}},
        {"country": {"iso_code": "Switzerland"}},
        {"country_code": 756},
        {"country": "CH"},
        {"country": {"iso_code": ["CH"]}},
        "CH",
    ],
)
def test_a_database_that_knows_no_country_is_refused(write_database: Any, record: Any) -> None:
    assert refusal(write_database({"1.2.3.0/24": record})) == "no_country"


def test_an_older_database_is_refused_and_one_of_the_same_date_is_not(write_database: Any) -> None:
    path = write_database({"1.2.3.0/24": swiss}, built_at=1000)
    assert open_database(path, built_at_min=1000).built_at == 1000
    assert refusal(path, 1001) == "older"


def test_a_tree_with_a_cycle_is_refused_in_time(small: bytes) -> None:
    """Every record of the tree points to the root."""
    tree_bytes = small.index(bytes(16), 6)
    with pytest.raises(DatabaseRefusedError):
        open_bytes(bytes(tree_bytes) + small[tree_bytes:])


def test_a_map_key_that_is_no_text_is_refused(small: bytes) -> None:
    """The C reader takes any key for a string and reads where it points: here the key becomes an unsigned integer."""
    key = b"\x44time_zone"[1:]
    at = small.index(key) - 1
    with pytest.raises(DatabaseRefusedError, match="broken"):
        open_bytes(small[:at] + b"\xc4" + small[at + 1 :])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_database_is_refused_or_answers(small: bytes, data: st.DataObject) -> None:
    """Bytes overwritten, inserted and cut anywhere."""
    damaged = bytearray(small)
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(damaged)))
        damaged[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with suppress(DatabaseRefusedError):
        database = open_bytes(bytes(damaged))
        assert database.reader.get(database.witness) is not None


@pytest.mark.parametrize("kept_bytes", [0, 1, 100, 1000, -1, -14, -100])
def test_a_truncated_database_is_refused(small: bytes, tmp_path: Path, kept_bytes: int) -> None:
    path = tmp_path / "geo.mmdb"
    path.write_bytes(small[:kept_bytes])
    assert refusal(path) in {"empty", "broken"}


def test_what_a_file_is_can_be_told(write_database: Any) -> None:
    path = write_database({"1.2.3.0/24": swiss, "1.2.5.0/24": swiss, "2a00::/16": swiss}, built_at=1000)
    nodes: list[tuple[int, int]] = []
    description = describe(path, lambda done, total: nodes.append((done, total)))
    assert description.networks == 3
    assert (description.database_type, description.record_kind, description.packing) == (
        "GeoLite2-City",
        "geoip2",
        "mmdb",
    )
    assert (description.ip_version, description.built_at) == (6, 1000)
    assert description.file_bytes == description.unpacked_bytes == path.stat().st_size
    assert nodes[-1][0] == nodes[-1][1]


def test_records_say_places() -> None:
    assert geoip2_place(swiss) == ("CH", "ZH", "Europe/Zurich")
    assert geoip2_place({}) == (None, None, None)
    assert geoip2_place({"country": {}, "subdivisions": [], "location": {}}) == (None, None, None)
    assert country_code_place({"country_code": "CH"}) == ("CH", None, None)


@pytest.mark.parametrize(
    "record", [None, 7, "CH", [], {"country": "CH"}, {"subdivisions": {"a": 1}}, {"location": [1]}]
)
def test_records_of_odd_shapes_say_nothing(record: Any) -> None:
    assert place_in(record, "geoip2") == (None, None, None)


def test_the_shipped_database_is_what_its_papers_say() -> None:
    path = folder / "country.mmdb.gz"
    papers = tomllib.loads((folder / "country.toml").read_text())
    notice = (folder / "NOTICE").read_text()
    assert papers["sha256"] == sha256(path.read_bytes()).hexdigest()
    assert papers["version"] in notice
    assert papers["built"] in notice
    assert "nro.net" in notice
    assert "Attribution 4.0" in (folder / "LICENSE").read_text()
    description = describe(path)
    assert description.networks > 200_000
    assert (description.ip_version, description.record_kind) == (6, "country_code")
