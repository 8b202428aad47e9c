"""The encodings in which a marker could hide, as a program would write them: controls plant them, and tests use them.

What finds them (``patterns``, ``decodings``) is written down separately, so that neither vouches for itself. Left out
is what occurs by chance where nothing leaked: the 4 octets of an IPv4 address, checksums and hashes of 32 bits, the
first 16 bits of an address, digests cut to five octets or, unless they stand by themselves, to six or seven. So is what
nobody can look for: a digest under an unknown key, and what is compressed or encrypted.
"""

import base64
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal, get_args
from uuid import UUID

from msgspec import Struct

from service.audit.markers import Marker, packed
from service.audit.patterns import DIGESTS

Family = Literal[
    "text", "case", "reversed", "hex", "base64", "url", "escapes", "entities", "utf16", "spelling", "prefix",
    "integer", "packed", "truncated", "digest", "digest_truncated", "digest_short",
]  # fmt: skip
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)


class Encoding(Struct, frozen=True):
    """``octets`` as they would stand in a file, a reply or a value."""

    family: Family
    name: str
    octets: bytes


def encodings(marker: Marker) -> list[Encoding]:
    """Every encoding of a marker; its kind decides which families there are. Equal octets come once."""
    every = [*_of_any(marker), *_of_kind(marker), *_of_digests(marker)]
    return list(reversed({encoding.octets: encoding for encoding in reversed(every)}.values()))


def _of_any(marker: Marker) -> Iterator[Encoding]:
    text, octets = marker.text, marker.text.encode()
    yield Encoding("text", "as it was sent", octets)
    for name, changed in {
        "upper": text.upper(), "lower": text.lower(), "capitalised": text.capitalize(), "swapped": text.swapcase(),
    }.items():  # fmt: skip
        yield Encoding("case", name, changed.encode())
    yield Encoding("reversed", "reversed", octets[::-1])
    yield Encoding("reversed", "reversed upper", octets[::-1].upper())
    yield Encoding("hex", "lower", octets.hex().encode())
    yield Encoding("hex", "upper", octets.hex().upper().encode())
    yield from _in_base64(octets, "text")
    yield Encoding("url", "upper", b"".join(b"%%%02X" % octet for octet in octets))
    yield Encoding("url", "lower", b"".join(b"%%%02x" % octet for octet in octets))
    yield Encoding("escapes", "json", b"".join(b"\\u%04x" % octet for octet in octets))
    yield Encoding("escapes", "JSON in capitals", b"".join(b"\\u%04X" % octet for octet in octets))
    yield Encoding("escapes", "octets", b"".join(b"\\x%02x" % octet for octet in octets))
    yield Encoding("escapes", "octal", b"".join(b"\\%03o" % octet for octet in octets))
    yield Encoding("entities", "decimal", b"".join(b"&#%d;" % octet for octet in octets))
    yield Encoding("entities", "hexadecimal", b"".join(b"&#x%02x;" % octet for octet in octets))
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield Encoding("utf16", encoding, text.encode(encoding))
    if marker.kind in _CUT:
        yield Encoding("truncated", "first 12", octets[:12])


_CUT: Final = {"word", "uuid", "hex32", "email"}


def _in_base64(octets: bytes, of: str) -> Iterator[Encoding]:
    """In both alphabets and at all three alignments, with neighbours on both sides where they share a character."""
    for name, encode in _ALPHABETS.items():
        for before in range(3):
            encoded = encode(b"~" * before + octets + b"?>~"[: -(before + len(octets)) % 3])
            yield Encoding("base64", f"{of}, {name} {before}", encoded)
        yield Encoding("base64", f"{of}, {name} unpadded", encode(octets).rstrip(b"="))


_ALPHABETS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "standard": base64.b64encode,
    "url-safe": base64.urlsafe_b64encode,
}


def _of_kind(marker: Marker) -> Iterator[Encoding]:
    octets = packed(marker)
    if len(octets) >= 8:  # noqa: PLR2004 - four octets occur by chance
        yield Encoding("packed", "octets", octets)
        yield Encoding("packed", "first eight", octets[:8])
        yield Encoding("hex", "packed", octets.hex().encode())
        yield Encoding("hex", "packed, upper", octets.hex().upper().encode())
        yield from _in_base64(octets, "packed")
    match marker.kind:
        case "ipv4":
            yield from _of_ipv4(IPv4Address(marker.text))
        case "ipv6":
            yield from _of_ipv6(IPv6Address(marker.text))
        case "uuid" | "hex32":
            identifier = UUID(marker.text)
            yield Encoding("spelling", "digits", identifier.hex.encode())
            yield Encoding("integer", "decimal", b"%d" % identifier.int)
            yield Encoding("packed", "little-endian", identifier.bytes_le)
            yield Encoding("truncated", "last 12", marker.text[-12:].encode())
        case "number":
            number = int(marker.text)
            yield Encoding("spelling", "scientific", f"{float(number):.14e}".encode())
            yield Encoding("integer", "hexadecimal", b"%x" % number)
            yield Encoding("packed", "big-endian", number.to_bytes(8, "big"))
            yield Encoding("packed", "little-endian", number.to_bytes(8, "little"))
        case "email":
            local, _, domain = marker.text.partition("@")
            yield Encoding("truncated", "local part", local.encode())
            yield Encoding("truncated", "domain", domain.encode())
        case "phone":
            yield Encoding("spelling", "digits", marker.text[1:].encode())
        case _:
            pass


def _of_ipv4(address: IPv4Address) -> Iterator[Encoding]:
    number, octets = int(address), str(address).split(".")
    mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    yield Encoding("spelling", "IPv4-mapped", f"::ffff:{address}".encode())
    yield Encoding("spelling", "IPv4-mapped, hexadecimal", f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}".encode())
    yield Encoding("spelling", "6to4", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1".encode())
    yield Encoding("spelling", "in the DNS", address.reverse_pointer.encode())
    yield Encoding("spelling", "with hyphens", "-".join(octets).encode())
    yield Encoding("packed", "IPv4-mapped", mapped.packed)
    for end in ("", "0", "0/24", "x"):
        yield Encoding("prefix", f"24 bits and {end or 'nothing'}", (".".join(octets[:3]) + f".{end}").encode())
    yield Encoding("integer", "decimal", b"%d" % number)
    yield Encoding("integer", "hexadecimal", b"%08x" % number)
    yield Encoding("integer", "hexadecimal with its sign", b"0x%08X" % number)
    yield Encoding("integer", "octal", b"0%o" % number)


def _of_ipv6(address: IPv6Address) -> Iterator[Encoding]:
    groups = address.exploded.split(":")
    yield Encoding("spelling", "exploded", address.exploded.encode())
    yield Encoding("spelling", "compressed", address.compressed.encode())
    yield Encoding("spelling", "without its colons", "".join(groups).encode())
    yield Encoding("spelling", "in the DNS", address.reverse_pointer.encode())
    yield Encoding("spelling", "in brackets", f"[{address}]:443".encode())
    yield Encoding("prefix", "48 bits", f"{':'.join(groups[:3])}::/48".encode())
    yield Encoding("prefix", "64 bits", f"{':'.join(groups[:4])}::".encode())
    yield Encoding("integer", "decimal", b"%d" % int(address))


def _of_digests(marker: Marker) -> Iterator[Encoding]:
    text = marker.text.encode()
    inputs = {"text": text, "upper": text.upper(), "lower": text.lower(), "line": text + b"\n"}
    inputs |= {"packed": octets} if (octets := packed(marker)) else {}
    inputs |= {"whole": marker.whole.encode()} if marker.whole else {}
    for name, octets in inputs.items():
        for algorithm, digest in DIGESTS.items():
            value = digest(octets).digest()
            yield from _of_digest("digest", f"{algorithm} of {name}", value)
            yield from _of_digest("digest_truncated", f"{algorithm} of {name}", value[:8])
            short = [value.hex()[:12], value.hex()[:12].upper(), value.hex()[:14]]
            standard, url_safe = base64.b64encode(value), base64.urlsafe_b64encode(value)
            for written in (*map(str.encode, short), standard[:8], url_safe[:8], base64.b64encode(value[:7])):
                yield Encoding("digest_short", f"{algorithm} of {name}", written)


def _of_digest(family: Family, name: str, value: bytes) -> Iterator[Encoding]:
    yield Encoding(family, f"{name}, octets", value)
    yield Encoding(family, f"{name}, hex", value.hex().encode())
    yield Encoding(family, f"{name}, hex in capitals", value.hex().upper().encode())
    yield Encoding(family, f"{name}, base64", base64.b64encode(value))
    yield Encoding(family, f"{name}, base64url", base64.urlsafe_b64encode(value).rstrip(b"="))
