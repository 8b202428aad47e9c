"""What the search looks for: of each marker its spellings, its packed octets and the beginnings of its digests.

This is the least by which all ``marker_encodings`` are found, given that ``decodings`` undoes escapes, hexadecimal
digits and base64 beforehand. All are compared in lower case, octets that are no letters included; that costs a little
under one bit of eight octets and makes one pass enough. Nothing shorter than eight octets is looked for, as it occurs
by chance in any large store: the 4 octets of a packed IPv4 address, checksums of 32 bits, the first two octets of a
network. Of a digest the first eight octets are looked for, because pseudonyms are often made by cutting one off; and
the first six where they stand by themselves, as in twelve digits or eight characters of base64. Among a million such
runs, one would be taken for a digest in one audit of 250; cut to five octets, in most.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from service.audit.markers import Marker, packed

WINDOW: Final = 8
"""Octets by which a pattern is found; the rest of it is compared afterwards."""
TRUNCATED: Final = 12
"""Characters of a text that count as the text: 48 bits in hexadecimal digits."""
OCTETS_MAX: Final = 64
"""Of a text; the longest pattern, the name of an IPv6 address in the DNS, takes 63."""

DIGITS: Final = b"0123456789"
HEX_DIGITS: Final = b"0123456789abcdef"


class Pattern(NamedTuple):
    """Octets in lower case. ``border``: octets of which none may stand on either side, lest a longer number match."""

    form: str
    octets: bytes
    border: bytes = b""


class Hashed(Protocol):
    """What an algorithm makes of octets."""

    def digest(self) -> bytes: ...


Digest = Callable[[bytes], Hashed]
DIGESTS: Final[dict[str, Digest]] = {
    "md5": partial(hashlib.md5, usedforsecurity=False),
    "sha1": partial(hashlib.sha1, usedforsecurity=False),
    "sha224": hashlib.sha224,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
    "sha3-224": hashlib.sha3_224,
    "sha3-256": hashlib.sha3_256,
    "sha3-384": hashlib.sha3_384,
    "sha3-512": hashlib.sha3_512,
    "blake2b": hashlib.blake2b,
    "blake2b-256": partial(hashlib.blake2b, digest_size=32),
    "blake2b-128": partial(hashlib.blake2b, digest_size=16),
    "blake2b-64": partial(hashlib.blake2b, digest_size=8),
    "blake2s": hashlib.blake2s,
    "blake2s-128": partial(hashlib.blake2s, digest_size=16),
}


def patterns(marker: Marker) -> list[Pattern]:
    """All but digests, the longer before the shorter that begin alike. At least eight octets each."""
    lower = marker.text.lower().encode()
    if not WINDOW <= len(lower) <= OCTETS_MAX or not lower.isascii():
        raise ValueError("a marker is a text of 8 to 64 ASCII characters")
    every = [*_OF_KIND.get(marker.kind, _of_text)(marker, lower), Pattern("reversed", lower[::-1])]
    return [Pattern(form, octets.lower(), border) for form, octets, border in every]


def _of_text(_marker: Marker, lower: bytes) -> Iterator[Pattern]:
    yield Pattern("text", lower)
    if len(lower) > TRUNCATED:
        yield Pattern("truncated", lower[:TRUNCATED])


def _of_ipv4(marker: Marker, lower: bytes) -> Iterator[Pattern]:
    address = IPv4Address(marker.text)
    first, second, third, fourth = marker.text.split(".")
    mapped = f"{int(address) >> 16:x}:{int(address) & 0xFFFF:x}"
    yield Pattern("text", lower, DIGITS)
    # A dot behind, and of what stands before no digit: the network of 256 addresses, with or without a last octet.
    for octets in (f"{first}.{second}.{third}.", f"{first}-{second}-{third}-", f"{fourth}.{third}.{second}."):
        if len(octets) >= WINDOW:
            yield Pattern("prefix" if octets.startswith(f"{first}.") else "spelling", octets.encode())
    yield Pattern("integer", b"%d" % int(address), DIGITS)
    yield Pattern("integer", b"%08x" % int(address), HEX_DIGITS)
    yield Pattern("integer", b"0%o" % int(address), DIGITS)
    yield Pattern("spelling", mapped.encode(), HEX_DIGITS)
    yield Pattern("packed", b"\0\0\xff\xff" + address.packed)  # the end of the IPv4-mapped IPv6 address


def _of_ipv6(marker: Marker, lower: bytes) -> Iterator[Pattern]:
    address = IPv6Address(marker.text)
    groups = address.exploded.split(":")
    short = [f"{int(group, 16):x}" for group in groups]
    yield Pattern("text", lower, HEX_DIGITS)
    for spelled in (str(address), address.exploded, ":".join(short)):
        yield Pattern("spelling", spelled.encode(), HEX_DIGITS)
    for begins in dict.fromkeys((":".join(groups[:3]) + ":", ":".join(short[:3]) + ":")):
        if len(begins) >= WINDOW:
            yield Pattern("prefix", begins.encode())
    nibbles = address.exploded.replace(":", "")[::-1]
    yield Pattern("spelling", ".".join(nibbles).encode())  # its name in the DNS (RFC 3596)
    yield Pattern("integer", b"%d" % int(address), DIGITS)
    yield Pattern("packed", address.packed[:WINDOW])
    yield Pattern("packed", address.packed[WINDOW:])


def _of_uuid(marker: Marker, lower: bytes) -> Iterator[Pattern]:
    identifier = UUID(marker.text)
    yield from _of_text(marker, lower)
    yield Pattern("truncated", lower[-TRUNCATED:], HEX_DIGITS)
    yield Pattern("integer", b"%d" % identifier.int, DIGITS)
    yield Pattern("packed", identifier.bytes[:WINDOW])
    yield Pattern("packed", identifier.bytes[WINDOW:])  # the same in either order of octets


def _of_number(marker: Marker, lower: bytes) -> Iterator[Pattern]:
    number = int(marker.text)
    yield Pattern("text", lower, DIGITS)
    yield Pattern("spelling", lower[:1] + b"." + lower[1:TRUNCATED])  # 1.23e+14
    yield Pattern("integer", b"%x" % number, HEX_DIGITS)
    yield Pattern("packed", number.to_bytes(WINDOW, "big"))
    yield Pattern("packed", number.to_bytes(WINDOW, "little"))


def _of_email(marker: Marker, lower: bytes) -> Iterator[Pattern]:
    yield from _of_text(marker, lower)
    yield Pattern("truncated", lower.partition(b"@")[2])


def _of_phone(_marker: Marker, lower: bytes) -> Iterator[Pattern]:
    yield Pattern("text", lower, DIGITS)
    yield Pattern("spelling", lower.removeprefix(b"+"), DIGITS)


_OF_KIND: Final[dict[str, Callable[[Marker, bytes], Iterator[Pattern]]]] = {
    "ipv4": _of_ipv4, "ipv6": _of_ipv6, "uuid": _of_uuid, "hex32": _of_uuid, "number": _of_number,
    "email": _of_email, "phone": _of_phone,
}  # fmt: skip


def digest_inputs(marker: Marker) -> dict[bytes, str]:
    """What a program could have made a digest of, and what that is called."""
    return {octets: name for name, octets in reversed([*_digest_inputs(marker)])}  # of two names the first


def _digest_inputs(marker: Marker) -> Iterator[tuple[str, bytes]]:
    for name, text in (("text", marker.text), ("whole", marker.whole)):
        if text:
            yield name, text.encode()
            yield f"{name} in lower case", text.lower().encode()
            yield f"{name} in upper case", text.upper().encode()
            yield f"{name} and line break", text.encode() + b"\n"
    octets = packed(marker)
    match marker.kind:
        case "uuid" | "hex32":
            yield "packed", octets
            yield "digits", octets.hex().encode()
            yield "hyphenated", str(UUID(bytes=octets)).encode()
        case "ipv4":
            yield "packed", octets
            yield "integer", b"%d" % int.from_bytes(octets, "big")
            network = marker.text.rpartition(".")[0]
            yield from (("prefix", f"{network}{end}".encode()) for end in ("", ".", ".0", ".0/24"))
            yield from (("packed prefix", begins) for begins in (octets[:3], octets[:3] + b"\0"))
        case "ipv6":
            yield "packed", octets
            yield "compressed", str(IPv6Address(octets)).encode()
            yield "exploded", IPv6Address(octets).exploded.encode()
            for size in (6, 8):  # networks of 48 and of 64 bits
                network6 = IPv6Address(octets[:size].ljust(16, b"\0"))
                yield from (("packed prefix", begins) for begins in (octets[:size], network6.packed))
                yield from (("prefix", f"{network6}{end}".encode()) for end in ("", f"/{size * 8}"))
        case "phone":
            yield "digits", marker.text.removeprefix("+").encode()
        case _:
            pass
