"""A token says one cohort to one site for a day, the same to all its members, and nobody else can make one."""

import binascii
import hmac
from itertools import product
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.device import DeviceClass, OperatingSystem
from service.core.groups import cohort_token
from service.core.groups.cohort import Traits, ladder
from service.core.groups.cohort_token import AHEAD_MAX_S, MAC_BYTES, TOKEN_CHARS_MAX, VALID_S, Sealed, TokenSealer
from service.core.recommendation import CohortToken

START_S = 1_795_341_600
NOW_S = START_S + 1800
SEALER = TokenSealer(["a secret of some length"])
TOKEN = SEALER.seal("demo", START_S, "CH/smartphone/android", True, False)

cohorts = st.sampled_from(
    ["all", "smartphone", "europe/smartphone", "ZZ/unknown", "CH/smartphone/android", "CH/feature_phone/playstation"]
)
sites = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True)


def text(octets: bytes) -> str:
    """Base64url without padding, by the book."""
    return binascii.b2a_base64(octets, newline=False).decode().replace("+", "-").replace("/", "_").rstrip("=")


def octets(token: str) -> bytes:
    return binascii.a2b_base64(token.replace("-", "+").replace("_", "/") + "=" * (-len(token) % 4))


@given(sites, cohorts, st.booleans(), st.booleans(), st.integers(0, 2**33))
def test_what_was_sealed_is_opened(site, cohort, statistics, interests, start_s):
    """For the site it was sealed for, and in the alphabet and length that an answer allows."""
    token = SEALER.seal(site, start_s, cohort, statistics, interests)
    assert SEALER.open(site, token, start_s) == Sealed(start_s, cohort, statistics, interests)
    assert msgspec.convert(token, CohortToken) == token


def test_every_cohort_has_a_token():
    """However classes and systems combine, on every rung of the ladder."""
    for class_, system in product(get_args(DeviceClass), get_args(OperatingSystem)):
        for cohort in ladder(Traits("US", class_, system), {"US": "019"}.get):
            token = SEALER.seal("a" * 32, START_S, cohort, True, True)
            assert len(token) <= TOKEN_CHARS_MAX
            assert SEALER.open("a" * 32, token, NOW_S) == Sealed(START_S, cohort, True, True)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("ABCZabcz0189-_+/= .é\n"))
def test_any_other_character_is_refused(position, character):
    """There is one spelling of one token; base64's idle bits are no second one."""
    forged = TOKEN[:position] + character + TOKEN[position + 1 :]
    assert (SEALER.open("demo", forged, NOW_S) is None) == (forged != TOKEN)


def test_any_flipped_bit_is_refused():
    """Every bit of the payload and of the MAC counts."""
    whole = octets(TOKEN)
    for bit in range(len(whole) * 8):
        forged = bytearray(whole)
        forged[bit // 8] ^= 1 << bit % 8
        assert SEALER.open("demo", text(bytes(forged)), NOW_S) is None


@given(st.text(max_size=140) | st.binary(max_size=100).map(text))
def test_anything_else_is_refused(token):
    """Whatever it is, it is read without an exception."""
    assert SEALER.open("demo", token, NOW_S) is None


@pytest.mark.parametrize(
    "token",
    ["", "A", TOKEN + "=", TOKEN + "A", TOKEN + "AAAA", TOKEN[:-1], TOKEN[4:], " " + TOKEN, TOKEN + "\n", TOKEN * 2],
)
def test_other_lengths_are_refused(token):
    """Padded, longer or shorter."""
    assert SEALER.open("demo", token, NOW_S) is None


def test_a_token_is_of_one_site():
    """Another site's token tells nothing here, nor one whose site and payload would be the same octets together."""
    assert SEALER.open("shop", TOKEN, NOW_S) is None
    assert SEALER.open("dem", TOKEN, NOW_S) is None


def test_every_member_gets_the_same_bytes():
    """In whichever worker: two that share the secret cannot be told apart."""
    other = TokenSealer(["a secret of some length", "an old one that is long enough"])
    assert other.seal("demo", START_S, "CH/smartphone/android", True, False) == TOKEN


def test_a_new_secret_seals_while_the_old_one_still_opens():
    """Old first, then both with the new in front, then the new alone."""
    old, both, new = TokenSealer(["old-secret"]), TokenSealer(["new-secret", "old-secret"]), TokenSealer(["new-secret"])
    before, after = (sealer.seal("demo", START_S, "all", True, True) for sealer in (old, both))
    assert both.open("demo", before, NOW_S) == both.open("demo", after, NOW_S) == Sealed(START_S, "all", True, True)
    assert new.open("demo", after, NOW_S) is not None
    assert new.open("demo", before, NOW_S) is None
    assert old.open("demo", after, NOW_S) is None


@pytest.mark.parametrize(
    ("now_s", "good"),
    [
        (START_S - AHEAD_MAX_S - 1, False),
        (START_S - AHEAD_MAX_S, True),
        (START_S, True),
        (START_S + 900 + VALID_S - 1, True),
        (START_S + 900 + VALID_S, False),
    ],
)
def test_a_token_is_good_for_a_day_after_its_interval(now_s, good):
    """And, for clocks that do not agree, from an hour before its start."""
    sealer = TokenSealer(["a secret of some length"], interval_s=900)
    assert (sealer.open("demo", sealer.seal("demo", START_S, "all", True, False), now_s) is not None) == good


@pytest.mark.parametrize(
    "payload",
    [(2, START_S, "all", 1), (1, START_S, "all", 4), (1, START_S, "all"), (1, START_S, "no cohort", 1), "all"],
)
def test_another_version_is_refused_though_its_mac_is_right(payload):
    """A worker of a later release may share the secret."""
    encoded = msgspec.msgpack.encode(payload)
    key = hmac.digest(b"a secret of some length", cohort_token._KEY_LABEL, "sha256")
    mac = hmac.digest(key, b"demo\0" + encoded, "sha256")[:MAC_BYTES]
    assert SEALER.open("demo", text(encoded + mac), NOW_S) is None


@pytest.mark.parametrize("secrets", [[], [""], ["good enough", ""]])
def test_no_secret_is_an_error_at_start(secrets):
    """An empty one would let anybody seal."""
    with pytest.raises(ValueError, match="secret"):
        TokenSealer(secrets)
