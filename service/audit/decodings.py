"""How the search reads what it is given: as it stands, with escapes undone, and out of hex and base64.

So each marker is looked for in few spellings only. One encoding inside another is read as far as escapes in escapes,
and hex or base64 in those; not deeper, and nothing compressed. All is linear in the length of what is read.
"""

import binascii
import re
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

HEX_RUN: Final = 16
"""Digits of the shortest hexadecimal run that is read: a pattern's eight octets."""
BASE64_RUN: Final = 11
"""Characters of the shortest base64 run that is read: eight octets without padding."""
CUT_BYTES: Final = 6
"""Of runs too short for that, 12 to 15 digits or 8 to 10 characters, these octets are read: a digest that was cut."""
CUT_ENDS: Final = b"\xff\xff"
"""What each of those is followed by, up to a whole number of eight octets."""
ESCAPES_DEPTH: Final = 2
"""Of escapes within escapes: what Redis' MONITOR says, or a log line in JSON, of a value that was in JSON before."""
STRETCH: Final = 12
"""By how much the longest escape, as ``&#x0037;``, is longer than what it stands for."""


class Decoding(NamedTuple):
    """What octets say, read in one way. ``is_cut``: it has the octets of short runs alone, each with CUT_ENDS."""

    name: str
    octets: bytes
    is_cut: bool = False


def decodings(octets: bytes) -> Iterator[Decoding]:
    """Each decoding. The first is the octets themselves."""
    for name, text in _unescaped(octets):
        yield Decoding(name, text)
        begins = f"{name}, " if name else ""
        for decoded, is_cut in _from_hex(text):
            yield Decoding(f"{begins}hex", decoded, is_cut)
        for decoded, is_cut in _from_base64(text):
            yield Decoding(f"{begins}base64", decoded, is_cut)


def without_backslashes(octets: bytes) -> bytes:
    """Octets with escapes of JSON, of C and of Redis' MONITOR undone."""
    return _BACKSLASH.sub(_unescape, octets)


_PERCENT: Final = re.compile(rb"%[0-9A-Fa-f]{2}")
_BACKSLASH: Final = re.compile(rb'\\(?:x([0-9A-Fa-f]{2})|u00([0-9A-Fa-f]{2})|([0-3][0-7]{2})|([\\/"abfnrtv]))')
_LETTERS: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_ENTITY: Final = re.compile(rb"&(?:#|amp;|lt;|gt;|quot;)")
# Letters and digits in UTF-16 and UTF-32, of either order of octets: zeros between them.
_WIDE: Final = re.compile(rb"[!-~](?:\0{1,3}[!-~]){7,}")


def _unescaped(octets: bytes, name: str = "", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """The octets, what the lines with escapes in them stand for, and what that stands for if it has escapes again."""
    yield name, octets
    if depth < ESCAPES_DEPTH:
        for escape, lines in _unescaped_once(octets):
            yield from _unescaped(lines, f"{name}, {escape}" if name else escape, depth + 1)


def _unescaped_once(octets: bytes) -> Iterator[tuple[str, bytes]]:
    if lines := _lines_with(_PERCENT, b"%", octets):
        yield "url", unquote_to_bytes(lines)
    if lines := _lines_with(_BACKSLASH, b"\\", octets):
        yield "escapes", without_backslashes(lines)
    if lines := _lines_with(_ENTITY, b"&", octets):
        yield "entities", unescape(lines.decode("latin-1")).encode("utf-8")
    if b"\0" in octets and (wide := _WIDE.findall(octets)):
        yield "utf16", b"\n".join(wide).replace(b"\0", b"")


def _lines_with(escape: re.Pattern[bytes], prefix: bytes, octets: bytes) -> bytes:
    if prefix not in octets:
        return b""
    return b"\n".join([line for line in octets.split(b"\n") if prefix in line and escape.search(line)])


def _unescape(match: re.Match[bytes]) -> bytes:
    for digits in match.group(1, 2):
        if digits:
            return bytes.fromhex(digits.decode())
    if octal := match.group(3):
        return bytes((int(octal, 8),))
    return _LETTERS.get(match.group(4), match.group(4))


_HEX: Final = re.compile(rb"[0-9A-Fa-f]{%d,}" % (2 * CUT_BYTES))


def _from_hex(octets: bytes) -> Iterator[tuple[bytes, bool]]:
    """What runs of digits stand for, read from their first digit and from their second; of short ones the first."""
    every = dict.fromkeys(_HEX.findall(octets))
    runs = [run for run in every if len(run) >= HEX_RUN]
    if len(runs) < len(every):
        ends = CUT_ENDS.hex().encode()
        short = [run[: 2 * CUT_BYTES] + ends for run in every if len(run) < HEX_RUN]
        yield binascii.unhexlify(b"".join(short)), True
    if runs:
        digits = b"".join([run + (b"0000" if len(run) % 2 == 0 else b"000") for run in runs])
        yield binascii.unhexlify(digits), False
        yield binascii.unhexlify(digits[1:-1]), False


_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{%d,}" % (CUT_BYTES * 4 // 3))
_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_CUT_ENDS_IN_BASE64: Final = b"/" * 24  # with the eight characters before them 24 octets, the fewest that eight divides
_FILLERS: Final = (b"AAAA", b"AAAAAAA", b"AAAAAA", b"AAAAA")


def _from_base64(octets: bytes) -> Iterator[tuple[bytes, bool]]:
    """What runs of both alphabets stand for, read from each of their first four characters; of short ones the first.

    Whatever stands before the encoding, as a name that ends in a letter, may be taken for a part of it. Each run is
    filled up to whole groups of four, so that one decoding reads all of them alike.
    """
    every = dict.fromkeys(_BASE64.findall(octets))
    runs = [run for run in every if len(run) >= BASE64_RUN]
    if len(runs) < len(every):
        short = [run[: CUT_BYTES * 4 // 3] + _CUT_ENDS_IN_BASE64 for run in every if len(run) < BASE64_RUN]
        yield binascii.a2b_base64(b"".join(short).translate(_URL_SAFE)), True
    if runs:
        characters = b"".join([run + _FILLERS[len(run) & 3] for run in runs]).translate(_URL_SAFE)
        yield binascii.a2b_base64(characters), False
        for shift in (1, 2, 3):
            yield binascii.a2b_base64(characters[shift : shift - 4]), False
