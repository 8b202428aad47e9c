"""Is a value an opaque device id? The formats a site may accept, and a test that parts random ids from words.

Apart from the other values, because here the grammar is the rule and everything outside it is refused, and because
this is on the hot path: an accepted UUID costs half a microsecond, the other ids 1 to 5. The alphabets of nanoid,
base64url and base58 would let ``anna-schmidt-1987-bern`` through, so that those ids also have to look drawn at random.

That test is a likelihood ratio. ``_SURPRISE[a][b]`` is the logarithm of how much more probable the character b is after
a in what people and programs compose (words, names, dates, numbers, keyboard runs) than in a random id. Under a random
id the expected ratio is 1, so that by Markov's inequality a ratio of e^t is met by at most one random id in e^t; in
fact by far fewer, and the thresholds are set where a few in a million fall.
"""

import binascii
import re
import string
from collections.abc import Callable
from math import log
from operator import getitem
from typing import Final, Literal

from service.core.identity_category import Category
from service.core.identity_values import identifying_value

DeviceIdFormat = Literal[
    "uuid4", "uuid7", "ulid", "nanoid", "base64url128", "base58_128", "hex128", "base64url256", "ksuid"
]  # fmt: skip
DEFAULT_DEVICE_ID_FORMATS: Final[tuple[DeviceIdFormat, ...]] = (
    "uuid4", "uuid7", "ulid", "nanoid", "base64url128", "base58_128",
)  # fmt: skip


def _uuid(time: str, version: str) -> str:
    """RFC 9562 in one case: a time or random part, the version, the variant, and a letter among the digits."""
    lower = rf"(?=[0-9-]{{0,35}}[a-f]){time}-[0-9a-f]{{4}}-{version}[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}"
    return lower + "|" + lower.replace("a-f", "A-F").replace("89ab", "89AB")


# Times in UUIDv7 and ULID are 48 bits of milliseconds; a leading 01 or 02 is the years 2004 to 2074. Core has no clock,
# and an id from outside that span was not made by a clock either.
_GRAMMARS: Final[dict[DeviceIdFormat, str]] = {
    "uuid4": _uuid("[0-9a-f]{8}", "4"),
    "uuid7": _uuid("0[12][0-9a-f]{6}", "7"),
    "ulid": r"0[12][0-9A-HJKMNP-TV-Z]{24}|0[12][0-9a-hjkmnp-tv-z]{24}",
    "nanoid": r"[A-Za-z0-9_-]{21}",
    "base64url128": r"[A-Za-z0-9_-]{21}[AQgw]",
    "base58_128": r"[1-9A-HJ-NP-Za-km-z]{21,22}",
    "hex128": r"[0-9a-f]{32}|[0-9A-F]{32}",
    "base64url256": r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]",
    "ksuid": r"[A-Za-z0-9]{27}",
}
_UUIDS: Final = ("uuid4", "uuid7")
# A UUID whose last group is a unit of up to four digits over and over was not drawn.
_NOT_REPEATING: Final = r"(?!.{24}(?:(.)\1{7}|(..)\2{3}|(...)\3{2}|(....)\4{2}|(.)\5{3}(.)\6{3}))"


def device_id_checker(
    formats: tuple[DeviceIdFormat, ...], judge: Callable[[str], Category | None] = identifying_value
) -> Callable[[str], Category | None]:
    """The question whether a value is an acceptable opaque id under these formats, built once per site.

    The question answers None to an id, else the category that best says why not, for which ``judge`` is asked, "other"
    when it merely has no known format. Names, numbers and repetitions in the costume of a format are refused; at most
    one random id in 100,000 is.

    Raises:
        ValueError: a format is unknown, or there is none.
    """
    if not formats or not set(formats) <= _GRAMMARS.keys():
        raise ValueError("device id formats must be some of " + ", ".join(_GRAMMARS))
    is_uuid = _any_of([known for known in formats if known in _UUIDS], _NOT_REPEATING)
    is_other = _any_of([known for known in formats if known not in _UUIDS])

    def check(value: str) -> Category | None:
        # The hot path, a grammar and a few searches for a constant. A UUID of which a third is one digit was not
        # drawn, nor was one with a run of digits in order.
        if is_uuid(value):
            if value.count(value[0]) < _SAME_DIGIT_MAX and "234567" not in value and "abcdef" not in value:
                return None
        elif is_other(value) and _looks_random(value):
            return None
        return judge(value) or "other"

    return check


def _any_of(formats: list[DeviceIdFormat], condition: str = "") -> Callable[[str], object]:
    """A matcher of any of the formats' grammars; of nothing when there are none."""
    grammars = "|".join(_GRAMMARS[known] for known in formats)
    return re.compile(f"{condition}(?:{grammars})" if grammars else "(?!)").fullmatch


_SAME_DIGIT_MAX: Final = 12
# A UUIDv1 without its hyphens, of the years 2021 to 2028 and with a manufacturer's MAC address. Versions 3, 5, 6 and 8
# without hyphens cannot be told from random digits, which is one more reason why hex128 is a site's own choice.
_HEX_UUID1: Final = re.compile(r"(?i)[0-9a-f]{12}11(?:e[c-f]|f[0-3])[89ab][0-9a-f]{4}[048c][0-9a-f]{10}").fullmatch
_HEX_DIGITS_MIN: Final = 8


def _looks_random_hex(value: str) -> bool:
    """Whether 32 hex digits look drawn: of many kinds, letters among them, no MAC address, no text."""
    drawn = len(set(value)) >= _HEX_DIGITS_MIN and not value.isdecimal() and "23456789" not in value
    return drawn and not _HEX_UUID1(value) and not _is_text(bytes.fromhex(value))


_ALPHABET: Final = string.ascii_lowercase + string.ascii_uppercase + string.digits + "-_"
_KINDS: Final = (
    ("lower", string.ascii_lowercase), ("upper", string.ascii_uppercase), ("digit", string.digits), ("mark", "-_"),
)  # fmt: skip
# How often, of composed ids, one kind of character follows another.
_FOLLOWS: Final[dict[str, dict[str, float]]] = {
    "lower": {"lower": 0.79, "upper": 0.06, "digit": 0.07, "mark": 0.08},
    "upper": {"lower": 0.55, "upper": 0.35, "digit": 0.05, "mark": 0.05},
    "digit": {"lower": 0.05, "upper": 0.05, "digit": 0.75, "mark": 0.15},
    "mark": {"lower": 0.50, "upper": 0.20, "digit": 0.28, "mark": 0.02},
}
# Letters in per mille of European names and words, a to z, and the share of vowels after a consonant and after a vowel.
_LETTERS: Final = (
    95, 19, 32, 38, 115, 13, 25, 38, 85, 8, 18, 52, 30, 78, 64, 22, 2, 72, 63, 58, 33, 14, 12, 3, 14, 9,
)  # fmt: skip
_LETTER_SHARES: Final = dict(zip(string.ascii_lowercase, _LETTERS, strict=True))
_VOWELS: Final = frozenset("aeiou")
_VOWEL_AFTER_CONSONANT: Final = 0.58
_VOWEL_AFTER_VOWEL: Final = 0.20
# The share of pairs that are the same again or a step along the alphabet, the digits or the keyboard.
_STEPPED: Final = 0.18
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _surprises() -> dict[str, dict[str, float]]:
    """log(P_composed(b | a) / P_random(b)) for all pairs of the alphabet; P_composed(. | a) sums to 1."""
    table: dict[str, dict[str, float]] = {}
    kind_of = {char: kind for kind, chars in _KINDS for char in chars}
    for a in _ALPHABET:
        row: dict[str, float] = {}
        for kind, chars in _KINDS:
            shares = _shares(a.lower(), chars)
            for b, share in shares.items():
                row[b] = _FOLLOWS[kind_of[a]][kind] * share
        table[a] = {b: log(probability * len(_ALPHABET)) for b, probability in row.items()}
    return table


def _shares(a: str, chars: str) -> dict[str, float]:
    """How composed ids choose among the characters of one kind after a; sums to 1."""
    if chars[0].isalpha():
        vowels = 0.40 if not a.isalpha() else _VOWEL_AFTER_VOWEL if a in _VOWELS else _VOWEL_AFTER_CONSONANT
        totals = {True: 0, False: 0}
        for letter, share in _LETTER_SHARES.items():
            totals[letter in _VOWELS] += share
        even = {
            b: (vowels if b.lower() in _VOWELS else 1 - vowels)
            * _LETTER_SHARES[b.lower()]
            / totals[b.lower() in _VOWELS]
            for b in chars
        }
    else:
        even = {b: 1 / len(chars) for b in chars}
    steps = [b for b in chars if b.lower() in _neighbours(a)]
    stepped = _STEPPED if steps else 0.0
    return {b: (1 - stepped) * share + (stepped / len(steps) if b in steps else 0.0) for b, share in even.items()}


def _neighbours(a: str) -> set[str]:
    beside = {a}
    for row in _ROWS:
        at = row.find(a)
        if at >= 0:
            beside |= set(row[max(0, at - 1) : at + 2])
    return beside


_SURPRISE: Final = _surprises()
# By length: the ratio above which an id counts as composed, and how many different characters it has at least. Each
# refuses at most a few random ids in a million.
_COMPOSED_MIN: Final = {21: 9.0, 22: 9.0, 27: 7.0, 43: 3.0}
_DIFFERENT_MIN: Final = {21: 11, 22: 11, 26: 8, 27: 13, 43: 18}
# Hex, base32, one case only or digits only: a digest or a number cut to length rather than an id of 64 letters.
_POORER_ALPHABET: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+|[A-Z2-7]+|[a-z2-7]+|[a-z_-]+|[A-Z_-]+|[0-9_-]+").fullmatch
_HEX128_CHARS: Final = 32
_ULID_CHARS: Final = 26
_ULID_NUMBER: Final = re.compile(r"[0-9]{13}").search


def _looks_random(value: str) -> bool:
    """Whether an id of a wide alphabet looks drawn, not composed: 3 to 4 microseconds."""
    length = len(value)
    if length == _HEX128_CHARS:
        return _looks_random_hex(value)
    if len(set(value)) < _DIFFERENT_MIN[length]:
        return False
    if length == _ULID_CHARS:
        return not _ULID_NUMBER(value)
    if _POORER_ALPHABET(value) or _surprise(value.lower() if value.isupper() else value) > _COMPOSED_MIN[length]:
        return False
    return not _is_text(binascii.a2b_base64(value[: length - length % 4].translate(_TO_BASE64)))


def _surprise(value: str) -> float:
    return sum(map(getitem, map(_SURPRISE.__getitem__, value), value[1:]))


_TO_BASE64: Final = str.maketrans("-_", "+/")


def _is_text(octets: bytes) -> bool:
    """Whether the octets are printable ASCII, as an encoded e-mail address is; 15 random ones are once in 3 million."""
    return octets.isascii() and octets.decode("ascii").isprintable()
