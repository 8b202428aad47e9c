"""The forms in which a marker could hide, as a program would write them: what controls plant and tests hold to account.

Written down apart from what finds them (``needles``, ``readings``), so that neither vouches for itself. Not among them,
because they occur by chance where nothing leaked: an IPv4 address as its 4 octets, checksums and hashes of 32 bits, the
first 16 bits of an address, digests cut to five octets or, unless they stand by themselves, to six or seven. Nor what
nobody can look for: a digest under a key that is not known, and what is compressed or encrypted.
"""

import base64
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal, get_args
from uuid import UUID

from msgspec import Struct

from service.proof.markers import Marker, packed
from service.proof.needles import DIGESTS

Family = Literal[
    "text", "case", "reversed", "hex", "base64", "url", "escapes", "entities", "utf16", "spelling", "prefix",
    "integer", "packed", "truncated", "digest", "digest_truncated", "digest_short",
]  # fmt: skip
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)


class Form(Struct, frozen=True):
    """One form: ``octets`` as they would stand in a file, a reply or a value."""

    family: Family
    name: str
    octets: bytes


def forms(marker: Marker) -> list[Form]:
    """Every form of a marker; which families there are depends on its kind. Equal octets come once."""
    made = {form.octets: form for form in reversed([*_of_any(marker), *_of_kind(marker), *_of_digests(marker)])}
    return list(reversed(made.values()))


def _of_any(marker: Marker) -> Iterator[Form]:
    text, octets = marker.text, marker.text.encode()
    yield Form("text", "as it was sent", octets)
    for name, changed in {
        "upper": text.upper(), "lower": text.lower(), "capitalised": text.capitalize(), "swapped": text.swapcase(),
    }.items():  # fmt: skip
        yield Form("case", name, changed.encode())
    yield Form("reversed", "reversed", octets[::-1])
    yield Form("reversed", "reversed upper", octets[::-1].upper())
    yield Form("hex", "lower", octets.hex().encode())
    yield Form("hex", "upper", octets.hex().upper().encode())
    yield from _in_base64(octets, "text")
    yield Form("url", "upper", b"".join(b"%%%02X" % octet for octet in octets))
    yield Form("url", "lower", b"".join(b"%%%02x" % octet for octet in octets))
    yield Form("escapes", "json", b"".join(b"\\u%04x" % octet for octet in octets))
    yield Form("escapes", "JSON in capitals", b"".join(b"\\u%04X" % octet for octet in octets))
    yield Form("escapes", "octets", b"".join(b"\\x%02x" % octet for octet in octets))
    yield Form("escapes", "octal", b"".join(b"\\%03o" % octet for octet in octets))
    yield Form("entities", "decimal", b"".join(b"&#%d;" % octet for octet in octets))
    yield Form("entities", "hexadecimal", b"".join(b"&#x%02x;" % octet for octet in octets))
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):
        yield Form("utf16", encoding, text.encode(encoding))
    if marker.kind in _CUT:
        yield Form("truncated", "first 12", octets[:12])


_CUT: Final = {"word", "uuid", "hex32", "email"}


def _in_base64(octets: bytes, of: str) -> Iterator[Form]:
    """In both alphabets and at all three alignments, with neighbours on both sides where they share a character."""
    for name, encode in _ALPHABETS.items():
        for before in range(3):
            encoded = encode(b"~" * before + octets + b"?>~"[: -(before + len(octets)) % 3])
            yield Form("base64", f"{of}, {name} {before}", encoded)
        yield Form("base64", f"{of}, {name} unpadded", encode(octets).rstrip(b"="))


_ALPHABETS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "standard": base64.b64encode,
    "url-safe": base64.urlsafe_b64encode,
}


def _of_kind(marker: Marker) -> Iterator[Form]:
    octets = packed(marker)
    if len(octets) >= 8:  # noqa: PLR2004 - four octets occur by chance
        yield Form("packed", "octets", octets)
        yield Form("packed", "first eight", octets[:8])
        yield Form("hex", "packed", octets.hex().encode())
        yield Form("hex", "packed, upper", octets.hex().upper().encode())
        yield from _in_base64(octets, "packed")
    match marker.kind:
        case "ipv4":
            yield from _of_ipv4(IPv4Address(marker.text))
        case "ipv6":
            yield from _of_ipv6(IPv6Address(marker.text))
        case "uuid" | "hex32":
            identifier = UUID(marker.text)
            yield Form("spelling", "digits", identifier.hex.encode())
            yield Form("integer", "decimal", b"%d" % identifier.int)
            yield Form("packed", "little-endian", identifier.bytes_le)
            yield Form("truncated", "last 12", marker.text[-12:].encode())
        case "number":
            number = int(marker.text)
            yield Form("spelling", "scientific", f"{float(number):.14e}".encode())
            yield Form("integer", "hexadecimal", b"%x" % number)
            yield Form("packed", "big-endian", number.to_bytes(8, "big"))
            yield Form("packed", "little-endian", number.to_bytes(8, "little"))
        case "email":
            local, _, domain = marker.text.partition("@")
            yield Form("truncated", "local part", local.encode())
            yield Form("truncated", "domain", domain.encode())
        case "phone":
            yield Form("spelling", "digits", marker.text[1:].encode())
        case _:
            pass


def _of_ipv4(address: IPv4Address) -> Iterator[Form]:
    number, octets = int(address), str(address).split(".")
    mapped = IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    yield Form("spelling", "IPv4-mapped", f"::ffff:{address}".encode())
    yield Form("spelling", "IPv4-mapped, hexadecimal", f"::ffff:{number >> 16:x}:{number & 0xFFFF:x}".encode())
    yield Form("spelling", "6to4", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::1".encode())
    yield Form("spelling", "in the DNS", address.reverse_pointer.encode())
    yield Form("spelling", "with hyphens", "-".join(octets).encode())
    yield Form("packed", "IPv4-mapped", mapped.packed)
    for end in ("", "0", "0/24", "x"):
        yield Form("prefix", f"24 bits and {end or 'nothing'}", (".".join(octets[:3]) + f".{end}").encode())
    yield Form("integer", "decimal", b"%d" % number)
    yield Form("integer", "hexadecimal", b"%08x" % number)
    yield Form("integer", "hexadecimal with its sign", b"0x%08X" % number)
    yield Form("integer", "octal", b"0%o" % number)


def _of_ipv6(address: IPv6Address) -> Iterator[Form]:
    groups = address.exploded.split(":")
    yield Form("spelling", "exploded", address.exploded.encode())
    yield Form("spelling", "compressed", address.compressed.encode())
    yield Form("spelling", "without its colons", "".join(groups).encode())
    yield Form("spelling", "in the DNS", address.reverse_pointer.encode())
    yield Form("spelling", "in brackets", f"[{address}]:443".encode())
    yield Form("prefix", "48 bits", f"{':'.join(groups[:3])}::/48".encode())
    yield Form("prefix", "64 bits", f"{':'.join(groups[:4])}::".encode())
    yield Form("integer", "decimal", b"%d" % int(address))


def _of_digests(marker: Marker) -> Iterator[Form]:
    text = marker.text.encode()
    made = {"text": text, "upper": text.upper(), "lower": text.lower(), "line": text + b"\n"}
    if octets := packed(marker):
        made["packed"] = octets
    if marker.whole:
        made["whole"] = marker.whole.encode()
    for name, octets_of in made.items():
        for algorithm, digest in DIGESTS.items():
            whole = digest(octets_of).digest()
            of = f"{algorithm} of {name}"
            yield Form("digest_short", f"{of}, hex", whole.hex()[:12].encode())
            yield Form("digest_short", f"{of}, hex in capitals", whole.hex()[:12].upper().encode())
            yield Form("digest_short", f"{of}, hex of seven octets", whole.hex()[:14].encode())
            yield Form("digest_short", f"{of}, base64", base64.b64encode(whole)[:8])
            yield Form("digest_short", f"{of}, base64url", base64.urlsafe_b64encode(whole)[:8])
            yield Form("digest_short", f"{of}, base64 of seven octets", base64.b64encode(whole[:7]))
            for family, value in (("digest", whole), ("digest_truncated", whole[:8])):
                yield Form(family, f"{of}, octets", value)  # type: ignore[arg-type]
                yield Form(family, f"{of}, hex", value.hex().encode())  # type: ignore[arg-type]
                yield Form(family, f"{of}, hex in capitals", value.hex().upper().encode())  # type: ignore[arg-type]
                yield Form(family, f"{of}, base64", base64.b64encode(value))  # type: ignore[arg-type]
                yield Form(family, f"{of}, base64url", base64.urlsafe_b64encode(value).rstrip(b"="))  # type: ignore[arg-type]
