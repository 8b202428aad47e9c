"""Which devices were counted: with the salt all are found, without it none, whatever else the attacker has."""

import hashlib
import hmac
import random
import time
import uuid

import pytest

from service.app import Container
from service.attacks.measures import Measure
from service.attacks.pseudonym_reversal import (
    Captured,
    _guessed,
    _lifetime,
    _recover,
    _salts,
    arguments,
    pseudonym_reversal,
)
from service.core.groups.counts import Batch
from service.core.groups.interval import HOUR_S, interval_at

NOW_S = 1_795_000_000.0


@pytest.fixture(scope="module")
def found(house: Container) -> dict[str, Measure]:
    """The attack on 2,000 devices that a real Redis counted."""
    attacked = house.decisions.intake, house.current.epoch, "demo"
    return {measure.name: measure for measure in pseudonym_reversal(*attacked, counted=2000)}


def test_while_the_salt_lives_it_recovers_them_all(found: dict[str, Measure]) -> None:
    """The controls: from the batches, from the commands that Redis was sent, and from one of its HyperLogLogs."""
    controls = [measure for name, measure in found.items() if ", control with the salt" in name]
    assert [measure.name.partition(",")[0] for measure in controls] == [
        "pseudonyms", "pseudonyms", "networks", "networks", "pseudonyms",
    ]  # fmt: skip
    assert all(measure.value >= 0.99 and measure.passed for measure in controls)


def test_when_the_salt_is_gone_it_recovers_none(found: dict[str, Measure]) -> None:
    for of in ("pseudonyms", "networks"):
        after = found[f"{of} recovered after the salt's end"]
        assert (after.value, after.limit, after.passed) == (0, 0, True)


def test_redis_forgets_the_salt_an_hour_after_its_day(found: dict[str, Measure]) -> None:
    """By the expiry that it has, read before the attack brings it forward."""
    assert found["hours that a day's salt has yet to live in Redis"].passed
    assert found["how far its end is from an hour after its day"].passed


@pytest.mark.parametrize("left_ms, right", [(3_600_000, True), (7_200_000, False), (-1, False), (90_000_001, False)])
def test_a_salt_that_lives_too_long_or_for_ever_is_called_out(left_ms: int, right: bool) -> None:
    class Clock:
        def pttl(self, _: str) -> int:
            return left_ms

        def time(self) -> tuple[int, int]:
            return 1_000_000, 0

    found = _lifetime(Clock(), "salt", 1_003_600)  # type: ignore[arg-type]
    assert all(measure.passed for measure in found) is right


def test_the_salt_is_gone_everywhere(found: dict[str, Measure]) -> None:
    """From Redis, which had it on no disk, from the commands that came after it was drawn, and from the worker."""
    assert found["places in the worker that hold the salt while it lives"].value >= 1
    assert found["places in the worker that hold the salt after its day"].value == 0
    assert found["places in the worker that hold a device id, while the salt lives and after"].value == 0
    assert found["places in Redis, its disk or the commands that hold the salt after its end"].value == 0


def test_who_listened_when_the_salt_was_drawn_has_it_and_that_is_told(found: dict[str, Measure]) -> None:
    heard = found["pseudonyms recovered by who listened when the salt was drawn"]
    assert (heard.value, heard.bound) == (2000, "told")


def hashed(one: str, salt: bytes) -> bytes:
    return hmac.digest(salt, f"demo/device/{one}".encode(), "sha256")[:8]


def captured(salt: bytes) -> Captured:
    """Twenty devices counted under a salt, and ten by the plain digest that one should never take."""
    ids = [str(uuid.UUID(int=n << 64 | 0x4000_8000, version=4)) for n in range(60)]
    counted, others = ids[:30], ids[30:]
    hashes = {hashed(one, salt) for one in counted[:20]}
    hashes |= {hashlib.sha256(one.encode()).digest()[:8] for one in counted[20:]}
    batch = Batch(b"\1" * 16, interval_at(NOW_S, HOUR_S), "demo", {}, {}, {}, 30, "ab" * 20)
    return Captured("demo", counted, others, NOW_S, [batch], hashes, b"", b"")


@pytest.fixture(scope="module")
def tried() -> set[bytes]:
    """The salts that are tried on what was stolen; the batches are the same in all tests."""
    return {*_salts(captured(b""), b"\2" * 32)}


def test_badly_made_hashes_are_guessed(tried: set[bytes]) -> None:
    """By a salt of 16 bits, or none at all: so that to recover none says something of the salt, not of the attacker."""
    stolen = captured(b"\x2a\xff".rjust(32, b"\0"))
    assert _guessed(stolen, tried) == {*stolen.counted}


@pytest.mark.parametrize(
    "badly",
    [
        lambda octets: hmac.digest(b"", b"demo/prefix/" + octets, "sha256"),
        lambda octets: hashlib.sha256(b"demo/prefix/" + octets).digest(),
        lambda octets: hashlib.blake2b(octets).digest(),
        lambda octets: hashlib.sha1(".".join(map(str, octets)).encode() + b".0", usedforsecurity=False).digest(),
    ],
)
def test_networks_without_a_salt_are_guessed(badly) -> None:
    """There are so few of them that a digest alone hides none."""
    counted, others = ["81.2.69", "62.0.1"], ["30.1.2"]
    hashes = {badly(bytes(map(int, one.split("."))))[:8] for one in counted}
    stolen = Captured("demo", counted, others, NOW_S, [], hashes, b"", b"", kind="prefix")
    assert _guessed(stolen, [b"", b"demo"]) == {*counted}


def test_many_bad_salts_are_tried(tried: set[bytes]) -> None:
    """Empty, names, dates, times, digests of these, 16 bits, what was seen in batches, the next day's; drawn badly."""
    date = time.strftime("%Y-%m-%d", time.gmtime(NOW_S)).encode()
    bad = {b"", b"demo", b"\0\x2a", bytes(32), b"\xab" * 20, b"\1" * 16, b"\2" * 32, date, str(int(NOW_S)).encode()}
    drawn = random.Random(int(NOW_S)).randbytes(32)
    assert bad | {hashlib.sha256(b"demo").digest(), drawn} <= tried


def test_a_random_salt_is_not_guessed(tried: set[bytes]) -> None:
    stolen = captured(b"\x9e\x17" * 16)
    assert _guessed(stolen, tried) == {*stolen.counted[20:]}
    assert set(_recover(stolen, b"\x9e\x17" * 16)) == {*stolen.counted[:20]}


def test_commands_are_read_as_redis_writes_them() -> None:
    heard = rb'+1.5 [0 unix:/s] "PFADD" "a\"b\\\x00\xff\n" "plain"' + b"\r\n"
    assert list(arguments(heard)) == [b"PFADD", b'a"b\\\x00\xff\n', b"plain"]
