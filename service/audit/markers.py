"""Markers: what an audit sends in place of a visitor's address, device, header or field, to look for it afterwards.

Each is unlike all others and unlike anything that occurs by chance, so that finding one proves a leak, and tells which
channel it went in by.

    mint = Mint(seed=7)
    marker = mint.mint("uuid", "cookie_device")     # marker.text is what is sent
"""

import random
import string
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Final, Literal
from uuid import UUID

from msgspec import Struct

from service.core.identity import identifying_value

Kind = Literal["word", "letters", "subtag", "uuid", "ipv4", "ipv6", "hex32", "number", "email", "phone"]


class Marker(Struct, frozen=True):
    """One text that is sent once. ``whole``: the value it is a part of, where it is a part, as a User-Agent's.

    Of a whole value only digests are looked for: whatever repeats it repeats the text too.
    """

    number: int
    channel: str
    kind: Kind
    text: str
    whole: str = ""


class Mint:
    """Makes markers, each text once. The same seed makes the same ones in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - an audit that can be repeated; nothing is to be kept secret
        self._texts: set[str] = set()

    def mint(self, kind: Kind, channel: str) -> Marker:
        """The next marker; ``number`` counts from 1."""
        make = _MAKERS[kind]
        text = make(self._random)
        while text in self._texts:
            text = make(self._random)
        self._texts.add(text)
        return Marker(len(self._texts), channel, kind, text)


_LETTERS: Final = string.ascii_lowercase
_LETTERS_AND_DIGITS: Final = string.ascii_lowercase + string.digits
# The first octet of an IPv4 marker. From 128 on an address read as a number has ten digits and is no time in seconds
# since 1970 in this century; three digits everywhere make the text long enough not to occur by chance. Left out are
# those with networks that are not public (see web/visit/addresses.py).
_FIRST_OCTETS: Final = tuple(sorted(set(range(131, 223)) - {169, 172, 192, 198, 203}))
_REGISTRIES: Final = (0x2400, 0x2600, 0x2804, 0x2A00, 0x2A02, 0x2A04, 0x2C0F)  # of five continents, all public


def _word(draw: random.Random) -> str:
    """16 letters and digits, a letter first: a key, a cookie's value, a header's token, a path's segment (82 bits)."""
    return draw.choice(_LETTERS) + "".join(draw.choices(_LETTERS_AND_DIGITS, k=15))


def _letters(draw: random.Random) -> str:
    """16 letters (75 bits) that the service does not take for anybody's: of the wrong shape they are only dropped."""
    text = "".join(draw.choices(_LETTERS, k=16))
    return text if identifying_value(text) is None else _letters(draw)  # of a thousand one looks like a number


def _subtag(draw: random.Random) -> str:
    """The longest that RFC 5646 lets a subtag be: 8 letters and digits (39 bits), with a digit as no word has it."""
    return draw.choice(_LETTERS) + draw.choice(string.digits) + "".join(draw.choices(_LETTERS_AND_DIGITS, k=6))


def _uuid(draw: random.Random) -> str:
    return str(UUID(int=draw.getrandbits(128), version=4))


def _ipv4(draw: random.Random) -> str:
    first, others = draw.choice(_FIRST_OCTETS), [draw.randrange(100, 255) for _ in range(3)]
    return ".".join(map(str, (first, *others)))


def _ipv6(draw: random.Random) -> str:
    """With two groups of zeros, so that its short and its long spelling differ."""
    groups = [draw.choice(_REGISTRIES), *(draw.randrange(0x1000, 0x10000) for _ in range(3)), 0, 0]
    groups += [draw.randrange(0x1000, 0x10000) for _ in range(2)]
    return str(IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups)))


def _hex32(draw: random.Random) -> str:
    return f"{draw.getrandbits(124) + (8 << 124) & (1 << 128) - 1:032x}"


def _number(draw: random.Random) -> str:
    """15 digits: exact also where a number becomes a double."""
    return str(draw.randrange(10**14, 10**15))


def _email(draw: random.Random) -> str:
    return f"{_word(draw)}@{_word(draw)}.example"


def _phone(draw: random.Random) -> str:
    """Of country code 882, which no country has, and as long as numbers get (ITU-T E.164)."""
    return f"+882{draw.randrange(10**11, 10**12)}"


_MAKERS: Final[dict[Kind, Callable[[random.Random], str]]] = {
    "word": _word, "letters": _letters, "subtag": _subtag, "uuid": _uuid, "ipv4": _ipv4, "ipv6": _ipv6, "hex32": _hex32,
    "number": _number, "email": _email, "phone": _phone,
}  # fmt: skip


def packed(marker: Marker) -> bytes:
    """The octets of an address or of an identifier in hexadecimal digits; nothing for other kinds."""
    match marker.kind:
        case "ipv4":
            return IPv4Address(marker.text).packed
        case "ipv6":
            return IPv6Address(marker.text).packed
        case "uuid" | "hex32":
            return UUID(marker.text).bytes
        case _:
            return b""
