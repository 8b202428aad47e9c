"""The forms that controls plant are what a program would have written: held against values worked out elsewhere."""

from typing import get_args

import pytest

from service.audit.marker_encodings import FAMILIES, encodings
from service.audit.markers import Kind, Marker, Mint

# Worked out with printf, md5sum, sha1sum, sha256sum, sha512sum, b2sum and base64 of coreutils, and by hand.
KNOWN: dict[tuple[Kind, str], dict[str, bytes]] = {
    ("word", "passerby"): {
        "text": b"passerby",
        "upper case": b"PASSERBY",
        "capitalised": b"Passerby",
        "reversed": b"ybressap",
        "hexadecimal": b"7061737365726279",
        "base64": b"cGFzc2VyYnk/",
        "base64 after one octet": b"fnBhc3NlcmJ5",
        "base64 without padding": b"cGFzc2VyYnk",
        "URL": b"%70%61%73%73%65%72%62%79",
        "JSON": rb"\u0070\u0061\u0073\u0073\u0065\u0072\u0062\u0079",
        "octal": rb"\160\141\163\163\145\162\142\171",
        "HTML": b"&#112;&#97;&#115;&#115;&#101;&#114;&#98;&#121;",
        "UTF-16": b"\0p\0a\0s\0s\0e\0r\0b\0y",
        "MD5": b"717fcec802fdc666d935ac0ea3586446",
        "SHA-1": b"56bd5c10c4560f41af3ac00cc0f6a13041e0ca8d",
        "SHA-256": b"933184ca9c99b62ec9baaf50530dea5cb19685e95c2f3971fa9fc2ac3180c143",
        "BLAKE2b": b"765e0633b0e5bdcfb4536079ef996f938de7af2337680ff9fe709bb40ddb2e36",
        "SHA-1, its first eight octets": b"56bd5c10c4560f41",
        "MD5 in octets": bytes.fromhex("717fcec802fdc666d935ac0ea3586446"),
    },
    ("ipv4", "195.165.110.107"): {
        "number": b"3282398827",
        "hexadecimal": b"c3a56e6b",
        "octal": b"030351267153",
        "6to4": b"2002:c3a5:6e6b::1",
        "DNS": b"107.110.165.195.in-addr.arpa",
        "network": b"195.165.110.0/24",
        "IPv4-mapped": b"::ffff:195.165.110.107",
        "MD5 of the packed address": b"311025730b5960119b2234a83b05c28a",
    },
    ("ipv6", "2a02:1234:5678:9abc::dead:beef"): {
        "exploded": b"2a02:1234:5678:9abc:0000:0000:dead:beef",
        "without its colons": b"2a02123456789abc00000000deadbeef",
        "packed": bytes.fromhex("2a02123456789abc00000000deadbeef"),
        "network": b"2a02:1234:5678::/48",
    },
    ("uuid", "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"): {
        "digits": b"7d9f0c9e5a344e0b9b0e6f0c9a3f8f11",
        "packed": bytes.fromhex("7d9f0c9e5a344e0b9b0e6f0c9a3f8f11"),
        "little-endian": bytes.fromhex("9e0c9f7d345a0b4e9b0e6f0c9a3f8f11"),
        "number": b"166979330608503326364936513969266331409",
        "SHA-1": b"5262f249189fc2b4a27a80f04be705177aa70cc4",
    },
    ("number", "123456789012345"): {"scientific": b"1.23456789012345e+14", "hexadecimal": b"7048860ddf79"},
}


@pytest.mark.parametrize("known", KNOWN, ids=" ".join)
def test_forms_are_what_other_programs_write(known: tuple[Kind, str]) -> None:
    listed = {form.octets for form in encodings(Marker(1, "channel", *known))}
    for name, octets in KNOWN[known].items():
        assert octets in listed, name


@pytest.mark.parametrize("kind", get_args(Kind))
def test_no_form_is_so_short_that_it_occurs_by_chance_and_none_is_listed_twice(kind: Kind) -> None:
    listed = encodings(Mint(seed=3).mint(kind, "channel"))
    assert all(len(form.octets) >= 8 for form in listed)
    assert len({form.octets for form in listed}) == len(listed)


def test_together_the_kinds_have_every_family() -> None:
    mint = Mint(seed=3)
    assert {form.family for kind in get_args(Kind) for form in encodings(mint.mint(kind, "channel"))} == set(FAMILIES)


def test_of_what_a_marker_is_a_part_of_there_are_digests_too() -> None:
    marker = Marker(1, "user_agent", "word", "abcdefghijklmnop", whole="Mozilla/5.0 (abcdefghijklmnop)")
    assert any(form.name == "sha256 of whole, hex" for form in encodings(marker))
