"""The geo door: what records say, what stays unknown, and which files come into service."""

import asyncio
import ipaddress
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters import maxmind
from service.adapters.maxmind import MaxmindGeo
from service.core.location import Place, PlaceSource

shipped = Path(__file__).parents[2] / "config/geo/country.mmdb.gz"

city = {
    "city": {"names": {"de": "Zürich", "en": "Zurich"}},
    "country": {"iso_code": "CH", "names": {"en": "Switzerland"}},
    "registered_country": {"iso_code": "US"},
    "represented_country": {"iso_code": "GB", "type": "military"},
    "subdivisions": [{"iso_code": "ZH"}, {"iso_code": "112"}],
    "location": {"latitude": 47.4, "longitude": 8.5, "time_zone": "Europe/Zurich"},
}
france = {"country": {"iso_code": "FR"}}


def as_said(country: str | None, subdivision: str | None, time_zone: str | None, source: PlaceSource) -> Place:
    return Place(country, subdivision, time_zone, source)


class Events(list[tuple[str, dict[str, object]]]):
    def __call__(self, event: str, fields: Mapping[str, object]) -> None:
        self.append((event, dict(fields)))

    @property
    def reasons(self) -> list[object]:
        return [fields["reason"] for event, fields in self if event == "geo_refused"]


def opened(path: Path, on_event: Callable[[str, Mapping[str, object]], None] = Events(), **limits: int) -> MaxmindGeo:  # noqa: B008 - unread
    geo = MaxmindGeo(path, as_said, on_event, **limits)
    assert geo.open()
    return geo


def looked_at_twice(geo: MaxmindGeo) -> bool:
    """A changed file is taken at the second look that finds it still."""

    async def look() -> bool:
        return [await geo.refresh(), await geo.refresh()][-1]

    return asyncio.run(look())


@pytest.fixture(scope="module")
def everywhere(write_database_at: Any, tmp_path_factory: pytest.TempPathFactory) -> MaxmindGeo:
    """A database that claims to know every address, private ones too."""
    world = dict.fromkeys(("0.0.0.0/1", "128.0.0.0/1", "1::/16", "2000::/3", "8000::/1"), france)
    return opened(write_database_at(tmp_path_factory.mktemp("everywhere") / "geo.mmdb", world))


class TestRecords:
    def test_a_city_record_gives_country_first_subdivision_and_time_zone(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": city, "2a02:1200::/32": city}))
        assert geo.look_up("1.2.3.4") == Place("CH", "ZH", "Europe/Zurich", "ip")
        assert geo.look_up("2a02:1200::1") == Place("CH", "ZH", "Europe/Zurich", "ip")
        assert geo.look_up("1.2.4.4") is None

    def test_a_country_record_gives_the_country_alone(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": france}, database_type="GeoLite2-Country"))
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")

    def test_a_country_code_record_gives_the_country(self, write_database: Any) -> None:
        networks = {"1.2.3.0/24": {"country_code": "CH"}, "1.2.4.0/24": {"asn": 7}}
        geo = opened(write_database(networks, database_type="country ipvAll"))
        assert geo.look_up("1.2.3.4") == Place("CH", None, None, "ip")
        assert geo.look_up("1.2.4.4") is None
        assert geo.errors == 0

    def test_a_subdivision_without_a_code_stays_unknown(self, write_database: Any) -> None:
        """DB-IP's City Lite names subdivisions and has no time zone."""
        record = {
            "country": {"iso_code": "CH"},
            "subdivisions": [{"names": {"en": "Zurich"}}],
            "location": {"latitude": 47.4},
        }
        assert opened(write_database({"1.2.3.0/24": record})).look_up("1.2.3.4") == Place("CH", None, None, "ip")

    @pytest.mark.parametrize("flag", ["is_anonymous_proxy", "is_satellite_provider"])
    def test_where_a_proxy_or_satellite_provider_sits_says_nothing_of_the_visit(
        self, write_database: Any, flag: str
    ) -> None:
        geo = opened(write_database({"1.2.3.0/24": city | {"traits": {flag: True}}, "1.2.4.0/24": city}))
        assert geo.look_up("1.2.3.4") is None

    @pytest.mark.parametrize("field", ["registered_country", "represented_country"])
    def test_whose_network_it_is_does_not_stand_in_for_where_it_is(self, write_database: Any, field: str) -> None:
        geo = opened(write_database({"1.2.3.0/24": {field: {"iso_code": "US"}}, "1.2.4.0/24": city}))
        assert geo.look_up("1.2.3.4") is None

    def test_a_time_zone_without_a_country_is_kept(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": {"location": {"time_zone": "Asia/Tokyo"}}, "1.2.4.0/24": city}))
        assert geo.look_up("1.2.3.4") == Place(None, None, "Asia/Tokyo", "ip")

    def test_what_the_normaliser_does_not_know_is_unknown(self, write_database: Any) -> None:
        geo = MaxmindGeo(write_database({"1.2.3.0/24": city}), lambda *_: Place(None, None, None, "ip"))
        assert geo.open()
        assert geo.look_up("1.2.3.4") is None

    def test_equal_places_are_one_object_and_normalised_once(self, write_database: Any) -> None:
        calls = []

        def normalise(*raw: Any) -> Place:
            calls.append(raw)
            return as_said(*raw)

        geo = MaxmindGeo(write_database({"1.2.3.0/24": city, "5.6.0.0/16": city}), normalise)
        assert geo.open()
        assert geo.look_up("1.2.3.4") is geo.look_up("5.6.7.8")
        assert calls == [("CH", "ZH", "Europe/Zurich", "ip")]

    def test_places_beyond_the_limit_are_answered_and_not_kept(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": city, "5.6.0.0/16": france}), places_max=1)
        assert geo.look_up("1.2.3.4") == Place("CH", "ZH", "Europe/Zurich", "ip")
        assert geo.look_up("5.6.7.8") == Place("FR", None, None, "ip")
        assert len(geo._places) == 1


class TestAddresses:
    @given(address=st.ip_addresses(v=4))
    def test_private_and_reserved_ipv4_addresses_are_unknown_and_global_ones_are_not(
        self, everywhere: MaxmindGeo, address: ipaddress.IPv4Address
    ) -> None:
        place = everywhere.look_up(str(address))
        if address.is_private or address.is_multicast or address.is_reserved or address.is_unspecified:
            assert place is None
        elif address.is_global and not str(address).startswith(("192.0.0.", "192.88.99.")):
            assert place == Place("FR", None, None, "ip")

    @given(address=st.ip_addresses(v=4))
    def test_no_reserved_address_is_missed_by_its_beginning(self, address: ipaddress.IPv4Address) -> None:
        text = str(address)
        assert text[:4] in maxmind._perhaps_reserved or not maxmind._is_reserved_ipv4(text)

    @given(address=st.ip_addresses(v=6))
    def test_ipv6_addresses_outside_global_unicast_are_unknown(
        self, everywhere: MaxmindGeo, address: ipaddress.IPv6Address
    ) -> None:
        inside = int(address) >> 125 == 1
        documentation = address in ipaddress.ip_network("2001:db8::/32") or int(address) >> 108 == 0x3FFF0
        known = everywhere.look_up(str(address)) is not None
        assert known == (inside and not documentation)

    @pytest.mark.parametrize(
        "address",
        ["0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "169.254.1.1", "172.16.0.1", "172.31.9.9",
         "192.168.1.1", "192.0.2.1", "198.18.0.1", "198.19.255.1", "198.51.100.7", "203.0.113.7",
         "224.0.0.1", "255.255.255.255",
         "::", "::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1", "3fff::1"],
    )  # fmt: skip
    def test_special_addresses_are_unknown(self, everywhere: MaxmindGeo, address: str) -> None:
        assert everywhere.look_up(address) is None

    @pytest.mark.parametrize(
        "address", ["9.1.2.3", "100.63.1.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.167.1.1", "198.17.0.1",
                    "198.20.0.1", "203.0.112.1", "223.255.255.255", "2001:db9::1", "2a00::1"]
    )  # fmt: skip
    def test_their_neighbours_are_not(self, everywhere: MaxmindGeo, address: str) -> None:
        assert everywhere.look_up(address) is not None

    @given(address=st.text(max_size=50))
    def test_no_text_makes_a_look_up_raise(self, everywhere: MaxmindGeo, address: str) -> None:
        place = everywhere.look_up(address)
        assert place is None or place.country == "FR"

    def test_text_that_is_no_address_is_counted(self, everywhere: MaxmindGeo) -> None:
        before = everywhere.errors
        assert everywhere.look_up("8.8.8.8.8") is None
        assert everywhere.errors == before + 1

    def test_an_ipv6_address_is_unknown_to_an_ipv4_database_and_no_error(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": france}, ip_version=4))
        assert geo.look_up("2a00::1") is None
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")
        assert geo.errors == 0


class TestFaults:
    def test_a_record_that_does_not_decode_is_unknown_and_counted(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": france}))

        def broken(_address: str) -> Any:
            raise maxmind.DatabaseRefusedError("broken")

        geo._get = broken
        assert geo.look_up("1.2.3.4") is None
        assert geo.errors == 1

    @pytest.mark.parametrize(
        "record", ["FR", 7, {"country": "FR"}, {"country": {"iso_code": ["FR"]}}, {"subdivisions": {}}]
    )
    def test_a_record_of_another_shape_is_unknown(self, write_database: Any, record: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": france}))
        geo._get = lambda _address: record
        assert geo.look_up("1.2.3.4") is None

    def test_after_close_everything_is_unknown(self, write_database: Any) -> None:
        geo = opened(write_database({"1.2.3.0/24": france}))
        assert geo.healthy
        geo.close()
        assert geo.look_up("1.2.3.4") is None
        assert (geo.healthy, geo.built_at, geo.errors) == (False, None, 0)

    def test_without_a_file_everything_is_unknown_until_one_appears(self, write_database: Any, tmp_path: Path) -> None:
        events = Events()
        geo = MaxmindGeo(tmp_path / "geo.mmdb", as_said, events)
        assert not geo.open()
        assert geo.look_up("1.2.3.4") is None
        assert (geo.healthy, geo.built_at) == (False, None)
        assert not looked_at_twice(geo)
        write_database({"1.2.3.0/24": france})
        assert looked_at_twice(geo)
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")
        assert [event for event, _ in events] == ["geo_refused", "geo_opened"]
        assert events.reasons == ["missing"]


class TestReplacement:
    @pytest.fixture
    def path(self, write_database: Any) -> Path:
        path: Path = write_database({"1.2.3.0/24": france})
        return path

    def test_a_newer_file_is_swapped_in(self, path: Path, write_database: Any) -> None:
        events = Events()
        geo = opened(path, events)
        write_database({"1.2.3.0/24": city}, built_at=1_700_000_001)
        assert looked_at_twice(geo)
        assert geo.look_up("1.2.3.4") == Place("CH", "ZH", "Europe/Zurich", "ip")
        assert geo.built_at == 1_700_000_001
        assert events[-1] == ("geo_replaced", {"built_at": 1_700_000_001, "database_type": "GeoLite2-City"})

    def test_a_file_of_another_kind_is_swapped_in(self, path: Path, write_database: Any) -> None:
        geo = opened(path)
        write_database({"1.2.3.0/24": {"country_code": "SE"}})
        assert looked_at_twice(geo)
        assert geo.look_up("1.2.3.4") == Place("SE", None, None, "ip")

    def test_a_file_that_still_changes_is_waited_for(self, path: Path, write_database: Any) -> None:
        events = Events()
        geo = opened(path, events)
        new = write_database({"1.2.3.0/24": city}, "new.mmdb").read_bytes()
        for part in (new[:100], new[:500], new):  # a slow copy, looked at in between
            path.write_bytes(part)
            assert not asyncio.run(geo.refresh())
        assert asyncio.run(geo.refresh())
        assert events.reasons == []

    def test_an_older_file_is_refused(self, path: Path, write_database: Any) -> None:
        events = Events()
        geo = opened(path, events)
        write_database({"1.2.3.0/24": city}, built_at=1_699_999_999)
        assert not looked_at_twice(geo)
        assert events.reasons == ["older"]
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")

    @pytest.mark.parametrize(
        ("damage", "reason"),
        [
            (lambda content: b"", "empty"),
            (lambda content: content[: len(content) // 2], "broken"),
            (lambda content: b"\0" * len(content), "broken"),
            (lambda content: b"not a database", "broken"),
            (lambda content: content.replace(b"iso_code", b"iso_cod\xff"), "broken"),
            (lambda content: b"\x1f\x8b" + content, "broken"),
        ],
    )
    def test_a_bad_file_written_in_place_is_refused_once_and_the_old_one_kept(
        self, path: Path, damage: Callable[[bytes], bytes], reason: str
    ) -> None:
        events = Events()
        geo = opened(path, events)
        inode = path.stat().st_ino
        path.write_bytes(damage(path.read_bytes()))
        os.utime(path, (1, 1))
        assert path.stat().st_ino == inode
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")
        assert not looked_at_twice(geo)
        assert not looked_at_twice(geo)
        assert events.reasons == [reason]
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")
        assert geo.healthy

    def test_truncating_the_file_in_place_does_not_disturb_look_ups(self, path: Path) -> None:
        """Under a plain mapping this kills the process with SIGBUS."""
        geo = opened(path)
        for size in range(path.stat().st_size, -1, -100):
            os.truncate(path, size)
            assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")

    def test_a_deleted_file_is_said_once_and_the_old_one_kept(self, path: Path) -> None:
        events = Events()
        geo = opened(path, events)
        path.unlink()
        assert not looked_at_twice(geo)
        assert not looked_at_twice(geo)
        assert events.reasons == ["missing"]
        assert geo.look_up("1.2.3.4") == Place("FR", None, None, "ip")

    def test_a_file_that_cannot_be_read_is_said_once_and_tried_again(self, path: Path, write_database: Any) -> None:
        events = Events()
        geo = opened(path, events)
        path.unlink()
        path.mkdir()
        assert not looked_at_twice(geo)
        assert not looked_at_twice(geo)
        assert events.reasons == ["unreadable"]
        path.rmdir()
        write_database({"1.2.3.0/24": city})
        assert looked_at_twice(geo)

    def test_watching_takes_a_new_file_by_itself(self, path: Path, write_database: Any) -> None:
        replaced = asyncio.Event()
        geo = opened(path, lambda event, _fields: replaced.set() if event == "geo_replaced" else None)

        async def watched() -> None:
            task = asyncio.create_task(geo.watch(0.01))
            write_database({"1.2.3.0/24": city})
            await asyncio.wait_for(replaced.wait(), 5)
            task.cancel()

        asyncio.run(watched())
        assert geo.look_up("1.2.3.4") == Place("CH", "ZH", "Europe/Zurich", "ip")


def test_the_shipped_database_knows_the_world() -> None:
    geo = opened(shipped)
    expected = {
        "195.65.10.7": "CH",
        "8.8.8.8": "US",
        "2001:4860:4860::8888": "US",
        "133.11.0.1": "JP",
        "80.12.0.1": "FR",
    }
    for address, country in expected.items():
        assert geo.look_up(address) == Place(country, None, None, "ip")
    assert geo.look_up("192.168.1.1") is None
