"""What an audit sends is unlike anything else, fits where it is put, and can be made again."""

import re
from typing import get_args

import pytest

from service.audit.markers import Kind, Marker, Mint, packed
from service.core.identity import DEFAULT_DEVICE_ID_FORMATS, device_id_checker, identifying_value
from service.core.sites import KEY_PATTERN
from service.web.visit.addresses import public_address


def made(kind: Kind, count: int = 300) -> list[Marker]:
    mint = Mint(seed=1)
    return [mint.mint(kind, "channel") for _ in range(count)]


def test_fourteen_thousand_markers_are_all_different_and_numbered() -> None:
    mint = Mint(seed=1)
    kinds = get_args(Kind)
    markers = [mint.mint(kinds[number % len(kinds)], "channel") for number in range(14_000)]
    assert len({marker.text for marker in markers}) == 14_000
    assert [marker.number for marker in markers] == list(range(1, 14_001))


@pytest.mark.parametrize("kind", get_args(Kind))
def test_the_same_seed_makes_the_same_markers_and_another_seed_others(kind: Kind) -> None:
    first, again, other = (Mint(seed).mint(kind, "channel") for seed in (1, 1, 2))
    assert first == again
    assert first.text != other.text


@pytest.mark.parametrize("kind", ["ipv4", "ipv6"])
def test_addresses_are_public_and_written_as_the_service_would_write_them(kind: Kind) -> None:
    for marker in made(kind):
        assert public_address(marker.text) == marker.text


def test_an_address_as_a_number_has_ten_digits_and_is_no_time_of_this_century() -> None:
    assert all(int.from_bytes(packed(marker), "big") > 2**31 for marker in made("ipv4"))


def test_a_device_id_is_accepted_as_one() -> None:
    refused = device_id_checker(DEFAULT_DEVICE_ID_FORMATS)
    assert all(refused(marker.text) is None for marker in made("uuid"))


def test_letters_are_taken_for_nobodys_identity_and_words_are() -> None:
    """What is neither that nor of a cookie's shape is dropped, and what was asked is granted."""
    assert not any(identifying_value(marker.text) for marker in made("letters", 2000))
    assert all(identifying_value(marker.text) for marker in made("email") + made("phone"))


@pytest.mark.parametrize(
    "kind, shape",
    [
        ("word", KEY_PATTERN),
        ("letters", r"[a-z]{16}"),
        ("subtag", r"[a-z][0-9][a-z0-9]{6}"),
        ("hex32", r"[89a-f][0-9a-f]{31}"),
        ("number", r"[1-9][0-9]{14}"),
        ("email", r"[a-z][a-z0-9]{15}@[a-z][a-z0-9]{15}\.example"),
        ("phone", r"\+[1-9][0-9]{14}"),
    ],
)
def test_each_kind_has_the_shape_of_the_place_that_it_is_put_in(kind: Kind, shape: str) -> None:
    assert all(re.fullmatch(shape, marker.text) for marker in made(kind))


def test_packed_octets_are_those_of_the_text() -> None:
    assert packed(Marker(1, "c", "ipv4", "195.165.110.107")) == bytes((195, 165, 110, 107))
    assert packed(Marker(1, "c", "ipv6", "2a02::1")) == b"\x2a\x02" + bytes(13) + b"\x01"
    assert packed(Marker(1, "c", "hex32", "8" * 32)) == b"\x88" * 16
    assert packed(Marker(1, "c", "word", "abcdefghijklmnop")) == b""
