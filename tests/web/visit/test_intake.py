"""What the intake hands on for counting: hashes that tell devices and networks apart for a day, and nothing else."""

import hashlib
import hmac
import ipaddress
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.app import Container
from service.core.groups.cohort import Rungs
from service.core.groups.counts import DeviceHash
from service.core.groups.snapshot import NOTHING_KNOWN
from service.core.privacy import PURPOSES, Purpose
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.distinct import Needed
from service.web.bodies.schema import read_visit
from service.web.problems import Refusal
from service.web.visit.connection import Connection, from_body
from service.web.visit.intake import Visit
from tests.web.test_effect import CHROME, visit

SALT, OTHER_SALT = b"s" * 32, b"s" * 31 + b"t"
DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"


def written_out(salt: bytes, message: bytes) -> int:
    """The first 8 octets of an HMAC-SHA-256 (RFC 2104), without the library that makes one."""
    key = salt.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in key) + message).digest()
    return int.from_bytes(hashlib.sha256(bytes(octet ^ 0x5C for octet in key) + inner).digest()[:8], "big")


class Wanting(CountBuffer):
    """Wants this of every device, by this salt."""

    def __init__(self, salt: bytes, needed: Needed) -> None:
        super().__init__(3600, 10, lambda: 0.0)
        self._wanted = salt, needed
        self.asked_of: list[Rungs] = []

    def wants_hash(self, site: str, rungs: Rungs, *, has_prefix: bool) -> tuple[bytes, Needed]:
        self.asked_of.append(rungs)
        return self._wanted


def hashed(
    house: Container,
    address: str,
    *,
    site: str = "demo",
    salt: bytes = SALT,
    device_id: str = DEVICE_ID,
    needed: Needed = "both",
) -> DeviceHash:
    """What is handed on of a Swiss phone with this address."""
    epoch = house.current.epoch
    rules = epoch.sites["demo"].rules
    named = replace(rules, site=replace(rules.site, id=site))
    connection = visit(address=address, device_id=device_id, country="CH")
    known = house.decisions.intake.derive(connection, named, epoch.policy, Wanting(salt, needed))
    assert isinstance(known, Visit)
    assert known.device_hash is not None
    return known.device_hash


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("195.65.10.7", bytes([195, 65, 10])),
        ("2a02:1200::7", bytes([0x2A, 0x02, 0x12, 0, 0, 0])),
        ("2a02:1200:abcd:1::7", bytes([0x2A, 0x02, 0x12, 0, 0xAB, 0xCD])),
    ],
)
def test_a_mark_is_an_hmac_under_the_days_salt(house: Container, address: str, prefix: bytes) -> None:
    """Of the site with the device id, and of the site with the first 24 or 48 bits of the address. Cut to 8 octets."""
    mark = hashed(house, address)
    assert mark.device == written_out(SALT, b"demo/device/" + DEVICE_ID.encode())
    assert mark.prefix == written_out(SALT, b"demo/prefix/" + prefix)
    assert written_out(b"k" * 32, b"m") == int.from_bytes(hmac.digest(b"k" * 32, b"m", "sha256")[:8], "big")


CANADA = [
    ("CA", "QC", "America/Toronto", (), ("CA", None, None)),
    ("CA", "QC", "America/Toronto", ("region",), ("CA", "QC", "America/Toronto")),
    ("CA", "QC", "America/Toronto", ("statistics", "cohort", "experiments"), ("CA", None, None)),
    ("CA", "QC", "", (), ("CA", None, None)),
    ("CA", "", "America/Vancouver", (), ("CA", None, None)),
    ("CA", "", "America/Vancouver", ("region",), ("CA", None, "America/Vancouver")),
    ("CA", "", "", (), ("CA", None, None)),
    ("CA", "YT", "America/Whitehorse", (), ("CA", None, None)),  # too small to be told, so unknown
    ("CA", "ON", "America/Toronto", (), ("CA", "ON", "America/Toronto")),
    ("CA", "ON", "", (), ("CA", "ON", None)),
    ("CA", "BC", "America/Vancouver", (), ("CA", "BC", "America/Vancouver")),
    ("CH", "ZH", "Europe/Zurich", (), ("CH", "ZH", "Europe/Zurich")),
    ("US", "CA", "America/Los_Angeles", (), ("US", "CA", "America/Los_Angeles")),
    ("US", "", "America/Los_Angeles", (), ("US", None, "America/Los_Angeles")),
]


@pytest.mark.parametrize(("country", "part", "zone", "consent", "expected"), CANADA)
@pytest.mark.parametrize("said_by", ["edge", "ip"])
def test_a_part_and_its_time_zone_go_no_further_than_the_part_may_be_used(
    house: Container, monkeypatch: Any, said_by: str, country: str, part: str, zone: str, consent: Any, expected: Any
) -> None:
    """Whoever named the place: Quebec's row, also where the part is unknown, lets the country through alone."""
    intake, site = house.decisions.intake, house.current.epoch.sites["demo"]
    named = house.regions.normalise_place(country, part or None, zone or None, "ip")
    monkeypatch.setattr(intake, "geo", type("Here", (), {"look_up": lambda _self, _address: named})())
    where = (
        {"country": country, "subdivision": part, "time_zone": zone} if said_by == "edge" else {"address": "24.48.0.1"}
    )
    found = intake.derive(visit(consent=frozenset(consent), **where), site.rules, site.policy)
    assert not isinstance(found, Refusal)
    place = found.signals.place
    assert place is not None
    assert (place.country, place.subdivision, place.time_zone) == expected
    assert place.source == said_by
    assert found.permissions.region


# Octets of public addresses, so that all are as the intake has them.
OCTET = st.integers(1, 254)


@given(OCTET, OCTET, OCTET, OCTET)
def test_a_network_of_ipv4_is_a_24(house: Container, first: int, second: int, third: int, neighbour: int) -> None:
    """Two hosts of one network are one prefix; each bit of the network makes another of it."""
    marks = [hashed(house, f"195.{first}.{second}.{host}").prefix for host in (third, neighbour)]
    assert marks[0] == marks[1]
    network = int(ipaddress.ip_address(f"195.{first}.{second}.0"))
    others = {hashed(house, str(ipaddress.ip_address(network ^ (1 << bit)))).prefix for bit in range(8, 32)}
    assert len(others | {marks[0]}) == 25


@given(st.integers(0, (1 << 80) - 1), st.integers(0, (1 << 80) - 1))
def test_a_network_of_ipv6_is_a_48(house: Container, one: int, other: int) -> None:
    """The same, where a household has a network of its own: hosts and subnets of a /48 are one."""
    network = int(ipaddress.ip_address("2a02:1200:abcd::"))
    marks = [hashed(house, str(ipaddress.ip_address(network | host))).prefix for host in (one, other)]
    assert marks[0] == marks[1]
    others = {hashed(house, str(ipaddress.ip_address(network ^ (1 << bit)))).prefix for bit in range(80, 128)}
    assert len(others | {marks[0]}) == 49


def test_salt_site_and_device_each_make_another_hash(house: Container) -> None:
    """So that no two days and no two sites can be compared, and a device says nothing about its network."""
    mark = hashed(house, "195.65.10.7")
    salted, elsewhere = hashed(house, "195.65.10.7", salt=OTHER_SALT), hashed(house, "195.65.10.7", site="other")
    other_device = hashed(house, "195.65.10.7", device_id="3b1f8a52-90c7-4d3e-a6f1-5e2b7c94d08a")
    assert len({mark.device, salted.device, elsewhere.device, other_device.device, mark.prefix}) == 5
    assert len({mark.prefix, salted.prefix, elsewhere.prefix}) == 3
    assert other_device.prefix == mark.prefix
    assert hashed(house, "195.65.10.7") == mark


def test_only_what_is_needed_is_hashed(house: Container) -> None:
    """Where a group has networks enough none is looked at, and an address that is unknown is no network."""
    whole = hashed(house, "195.65.10.7")
    assert hashed(house, "195.65.10.7", needed="device") == DeviceHash(whole.rungs, whole.device, None)
    assert hashed(house, "195.65.10.7", needed="prefix") == DeviceHash(whole.rungs, None, whole.prefix)
    assert hashed(house, "") == DeviceHash(whole.rungs, whole.device, None)


@pytest.mark.parametrize("country", ["CH", "DE", "US", ""])
@pytest.mark.parametrize("consent", [(), ("cohort",), ("statistics",), ("statistics", "cohort"), PURPOSES])
@pytest.mark.parametrize("agent", [CHROME, "Googlebot/2.1", ""])
def test_a_device_counts_into_the_cohorts_of_its_visit(
    house: Container, country: str, consent: tuple[Purpose, ...], agent: str
) -> None:
    """Those that its visit is counted in, and in none where that is not."""
    decisions, buffer = house.decisions, Wanting(SALT, "both")
    site = house.current.epoch.sites["demo"]
    rules = site.rules
    shown = visit(address="", country=country, consent=frozenset(consent), device_texts=(agent, "", "", "", ""))
    known = decisions.intake.derive(shown, rules, site.policy, buffer)
    assert isinstance(known, Visit)
    decided = house.personalizer.personalize(rules, known.permissions, known.signals, NOTHING_KNOWN, 0)
    rungs = None if known.device_hash is None else known.device_hash.rungs
    assert rungs == (None if decided.increment is None else decided.rungs)
    assert buffer.asked_of == ([] if rungs is None else [rungs])


@pytest.mark.parametrize(
    "said",
    [
        {"device_id": ""},
        {"device_id": "nonsense"},
        {"gpc": True},
        {"opt_out": True},
        {"choices": {"language": "anna@example.org"}},
    ],
)
def test_whose_device_is_not_counted_is_not_hashed(house: Container, said: dict[str, Any]) -> None:
    """Nor is a visit that is refused: nobody is even asked for the salt."""
    buffer = Wanting(SALT, "both")
    site = house.current.epoch.sites["demo"]
    known = house.decisions.intake.derive(visit(country="CH", **said), site.rules, site.policy, buffer)
    assert isinstance(known, Refusal) or known.device_hash is None
    assert buffer.asked_of == []


@pytest.mark.parametrize("code", ["T1", "A1", "A2"])
def test_what_vendors_say_of_proxies_is_an_unknown_place(house: Container, code: str) -> None:
    """Tor's and anonymisers' codes are no mistake of a backend's that passes on what its edge says: ``ZZ``, as headers have it."""
    for geo in ({"country": code}, {"country": code, "subdivision": "ZH"}):
        body = read_visit(json.dumps({"signals": {"geo": geo}}).encode())
        assert not isinstance(body, Refusal)
        connection = from_body(body)
        assert isinstance(connection, Connection)
        site = house.current.epoch.sites["demo"]
        found: Any = house.decisions.intake.derive(connection, site.rules, site.policy)
        assert found.permissions.regime == "ZZ"
        assert found.signals.place is None or found.signals.place.country is None


@pytest.mark.parametrize("code", ["t1", "T2", "A3", "1T", "T11", "ch", "C1", "T1\n", ""])
def test_and_no_other_code_with_a_digit_is_one(code: str) -> None:
    """The shape of a country stays closed."""
    body = read_visit(json.dumps({"signals": {"geo": {"country": code}}}).encode())
    assert not isinstance(body, Refusal)
    assert isinstance(from_body(body), Refusal)
