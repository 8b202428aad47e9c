"""The formats of opaque device ids, and a test that tells random ids from composed ones.

Everything outside the grammars is refused. It is on the hot path: an accepted UUID costs half a microsecond, the other
ids 1 to 5. The alphabets of ULID, nanoid,
base64url and base58 would let ``01ANNASCHM1DT1987BERN00000`` and ``anna-schmidt-1987-bern`` through, so that those ids
also have to look drawn at random: of many characters, of no system's prefix, and not composed of names and numbers.

Whether an id is composed is asked twice. A sum of weights, as cheap as it can be, lets nearly all random ids pass; for
the few that are left ``composed`` has the answer. Together the tests refuse a few random ids in a million at
most, of every format that is accepted by default.
"""

import binascii
import re
import string
from collections import Counter
from collections.abc import Callable
from math import log
from operator import getitem
from typing import Final, Literal

from service.core.identity.category import Category
from service.core.identity.composed import composed_ratio, pair_weight, starts_with_names
from service.core.identity.folding import word_set
from service.core.identity.letters import NAMES
from service.core.identity.values import identifying_value

DeviceIdFormat = Literal[
    "uuid4", "uuid7", "ulid", "nanoid", "base64url128", "base58_128", "hex128", "base64url256", "ksuid"
]  # fmt: skip
DEFAULT_DEVICE_ID_FORMATS: Final[tuple[DeviceIdFormat, ...]] = (
    "uuid4", "uuid7", "ulid", "nanoid", "base64url128", "base58_128",
)  # fmt: skip


def _uuid(start: str, version: str, condition: str = "(?=[0-9-]{0,35}[a-f])") -> str:
    """RFC 9562 in one case: a time or random part, the version, the variant.

    A random one has a letter among its digits; that a UUIDv7 has none, whose time says what it is, is no such chance.
    """
    lower = rf"{condition}{start}-[0-9a-f]{{4}}-{version}[0-9a-f]{{3}}-[89ab][0-9a-f]{{3}}-[0-9a-f]{{12}}"
    return lower + "|" + lower.replace("a-f", "A-F").replace("89ab", "89AB")


# Times in UUIDv7 and ULID are 48 bits of milliseconds. Both formats are younger than 2014, and an id says that it was
# made before 2041: core has no clock, devices have wrong ones, and a site of that year will have another version of us.
_GRAMMARS: Final[dict[DeviceIdFormat, str]] = {
    "uuid4": _uuid("[0-9a-f]{8}", "4"),
    "uuid7": _uuid("0(?:1[4-9a-f]|20)[0-9a-f]{5}", "7", ""),
    "ulid": r"0(?:1[9A-HJKMNP-TV-Z]|20)[0-9A-HJKMNP-TV-Z]{23}|0(?:1[9a-hjkmnp-tv-z]|20)[0-9a-hjkmnp-tv-z]{23}",
    "nanoid": r"[A-Za-z0-9_-]{21}",
    "base64url128": r"[A-Za-z0-9_-]{21}[AQgw]",
    "base58_128": r"[1-9A-HJ-NP-Za-km-z]{21,22}",
    "hex128": r"[0-9a-f]{32}|[0-9A-F]{32}",
    "base64url256": r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]",
    "ksuid": r"[A-Za-z0-9]{27}",
}
_UUIDS: Final = ("uuid4", "uuid7")
# A UUID whose last group is a unit of up to four digits over and over was not drawn, nor was one whose octets, save the
# one that holds the variant, are letters, digits and the marks of an address, or two that UTF-8 writes a European
# letter with: that is a text under a UUID's marks.
_TEXT_OCTET: Final = "(?:[4-7][0-9a-fA-F]|3[0-9]|2[0bdeBDE])"
_TEXT_OCTETS: Final = f"(?:(?:{_TEXT_OCTET}|[4cC][3-5]-?[489abAB].)-?)"  # 4 where the version stands over it
_NOT_DRAWN: Final = (
    r"(?!.{24}(?:(.)\1{7}|(..)\2{4}|(...)\3{3}|(....)\4{2}|(.)\5{3}(.)\6{3}))"
    rf"(?!(?=[2-7cC].[2-7a-cA-C89].[2-7a-cA-C89]){_TEXT_OCTETS}+(?:[cC][3-5]-)?(?<=^.{{19}})..(?:[89abAB].-)?{_TEXT_OCTETS}+$)"
)


def device_id_checker(
    formats: tuple[DeviceIdFormat, ...],
    judge: Callable[[str], Category | None] = identifying_value,
    may_look_closely: Callable[[], bool] = lambda: True,
) -> Callable[[str], Category | None]:
    """The question whether a value is an acceptable opaque id under these formats, built once per site.

    The question answers None to an id, else the category that best says why not, for which ``judge`` is asked, "other"
    when it merely has no known format. Names, numbers and repetitions in the costume of a format are refused, and of
    random ids a few in a million at most. ``may_look_closely`` is asked before what costs 40 us.

    Raises:
        ValueError: a format is unknown, or there is none.
    """
    if not formats or not set(formats) <= _GRAMMARS.keys():
        raise ValueError("device id formats must be some of " + ", ".join(_GRAMMARS))
    is_uuid = _any_of([id_format for id_format in formats if id_format in _UUIDS], _NOT_DRAWN)
    is_other = _any_of([id_format for id_format in formats if id_format not in _UUIDS])

    def check(value: str) -> Category | None:
        # The hot path, a grammar and a few searches for a constant. A UUID of which a third is one digit was not
        # drawn, nor was one with a run of digits in order or with nothing in its middle.
        if is_uuid(value):
            perhaps_run = "3456" in value or "abcdef" in value or "dead" in value or "cafe" in value
            if (
                value.count(value[0]) < _SAME_DIGIT_MAX
                and "0000-4000" not in value
                and not (perhaps_run and _HEX_RUN(value))
            ):
                return None
        elif is_other(value):
            composed = _composed(value, may_look_closely)
            if composed is None:
                return None
            category = judge(value)
            return composed if category is None or category == "other" else category
        return judge(value) or "other"

    return check


def _any_of(formats: list[DeviceIdFormat], condition: str = "") -> Callable[[str], object]:
    """A matcher of any of the formats' grammars; of nothing when there are none."""
    grammars = "|".join(_GRAMMARS[id_format] for id_format in formats)
    return re.compile(f"{condition}(?:{grammars})" if grammars else "(?!)").fullmatch


_SAME_DIGIT_MAX: Final = 13
# Digits in order, and words that programmers write in hex: each is in one random UUID of ten million or fewer.
_HEX_RUN: Final = re.compile(r"0123456|1234567|2345678|3456789|9abcdef|abcdefa|dead-?beef|beef-?dead|cafe-?babe").search
# Eight characters in the order of an alphabet or a keyboard: in one random id of a billion.
_RUN: Final = re.compile(
    r"(?i)01234567|12345678|23456789|98765432|abcdefgh|bcdefghj|jkmnpqrs|jklmnopq|mnpqrstv|qrstuvwx|qwertyui|asdfghjk"
).search
# A UUIDv1 without its hyphens, of the years 2021 to 2028 and with a manufacturer's MAC address. Versions 3, 5, 6 and 8
# without hyphens cannot be told from random digits, which is one more reason why hex128 is a site's own choice.
_HEX_UUID1: Final = re.compile(r"(?i)[0-9a-f]{12}11(?:e[c-f]|f[0-3])[89ab][0-9a-f]{4}[048c][0-9a-f]{10}").fullmatch
_HEX_DIGITS_MIN: Final = 8


def _looks_random_hex(value: str) -> bool:
    """Whether 32 hex digits look drawn: of many kinds, letters among them, no MAC address, no text."""
    drawn = len(set(value)) >= _HEX_DIGITS_MIN and not value.isdecimal() and "23456789" not in value
    return drawn and not _HEX_UUID1(value) and not _is_text(bytes.fromhex(value))


_HEX128_CHARS: Final = 32
_ULID_CHARS: Final = 26
# By length: how many different characters an id has at least, which one random id in ten million has not.
_DIFFERENT_MIN: Final = {21: 10, 22: 10, 26: 9, 27: 13, 43: 20}
# Hex, one case only or digits only: a digest, words or a number cut to length rather than an id of 64 letters.
_POORER_ALPHABET: Final = re.compile(r"[0-9a-f]+|[0-9A-F]+|[a-z_-]+|[A-Z_-]+|[0-9_-]+").fullmatch
# By length: the ratio from which an id counts as composed; of twelve million random ones of each length measured with
# less, at most two in a million reach it.
_COMPOSED_MIN: Final = {21: 14.0, 22: 12.5, 26: 9.6, 27: 11.0, 43: 11.0}
# By length: the weight from which it is asked for, which one random id in twenty to thirty has.
_SUSPICIOUS_MIN: Final = {21: -12.0, 22: -13.0, 26: 0.5, 27: -16.0, 43: -31.0}
_SUSPICIOUSLY_FEW: Final = 14


def _composed(value: str, may_look_closely: Callable[[], bool]) -> Category | None:
    """The category of what an id of a wide alphabet was composed of; None when it looks drawn: 2 to 4 us.

    One that would have to be looked at closely, and may not be, is "other".
    """
    length = len(value)
    if length == _HEX128_CHARS:
        return None if _looks_random_hex(value) else "other"
    different = len(set(value))
    if different < _DIFFERENT_MIN[length] or _RUN(value):
        return "other"
    if length == _ULID_CHARS:
        # The first three characters, of its time, are alike in all the ULIDs of a year, and may spell what they will.
        value = value[3:].upper()
        suspicious = different <= _SUSPICIOUSLY_FEW or pair_weight(value) > _SUSPICIOUS_MIN[length]
        return _looked_at(value, length, may_look_closely) if suspicious else None
    if _POORER_ALPHABET(value) or (_TEXT_IN_BASE64(value) and _is_text(_octets_of(value))):
        return "other"
    if _TEXT_IN_BASE58(value) and _is_text(_octets_of_base58(value)):
        return "other"
    prefix = _PREFIX(value)
    if prefix and (prefix[1] or _is_systems(prefix[2], value)):
        return "account"
    if _MAC(value):
        return "network_id"
    if starts_with_names(value):
        return "name"
    suspicious = sum(map(getitem, map(_WEIGHTS.__getitem__, value), value[1:])) > _SUSPICIOUS_MIN[length]
    return _looked_at(value, length, may_look_closely) if suspicious else None


def _looked_at(text: str, id_chars: int, may_look_closely: Callable[[], bool]) -> Category | None:
    if not may_look_closely():
        return "other"
    enough = _COMPOSED_MIN[id_chars]
    return "name" if composed_ratio(text, is_crockford=id_chars == _ULID_CHARS, enough=enough) > enough else None


def _octets_of(value: str) -> bytes:
    return binascii.a2b_base64(value[: len(value) - len(value) % 4].translate(_TO_BASE64))


_TO_BASE64: Final = str.maketrans("-_", "+/")
# The first of every four characters, where the first of every three octets is printable: a condition found quickly.
_TEXT_IN_BASE64: Final = re.compile(r"(?:[I-Za-f]...){5,10}.{0,3}").fullmatch
_BASE58: Final = {char: at for at, char in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
# Sixteen octets of which the first is printable, as a number in base58.
_TEXT_IN_BASE58: Final = re.compile(r"[4-9A-H][1-9A-HJ-NP-Za-km-z]{21}").fullmatch


def _octets_of_base58(value: str) -> bytes:
    number = 0
    for char in value:
        number = number * len(_BASE58) + _BASE58[char]
    return number.to_bytes(len(value))


_TEXT: Final = re.compile(rb"\0*[A-Za-z0-9 @._+\-\"{}:,]+").fullmatch


def _is_text(octets: bytes) -> bool:
    """Whether the octets are the text of an e-mail, a name or JSON; 15 random ones are once in 100 million times."""
    return _TEXT(octets) is not None


# Systems put a word or three letters and a mark before their ids: "acct_", "cus_", "user-". A random id of 64 symbols
# has a given word of four letters there once in a billion times, and given three letters once in 16 million, so that
# no more than these of three can be known, and none of two.
_PREFIX: Final = re.compile(
    r"([sprw]k_(?:live|test)_|(?:A[KS]IA|A(?:BI|CC|GP|ID|IP|NP|NV|PK|RO|SC)A)[A-Z0-9]{16}|sk-(?:proj|ant)-|AIzaSy"
    r"|do[opr]_v1_|lin_(?:api|oauth)_)|([A-Za-z]{3,16})[_-]"
).match
# A MAC address with marks, perhaps behind the name of what has it ("ble_", "eth0-"): once in 10^11 random ids.
_MAC: Final = re.compile(
    r"(?:[A-Za-z0-9]{1,5}[_-])?(?:[0-9A-Fa-f]{2}[_-]){5}[0-9A-Fa-f]{2}|[A-Za-z0-9]{2,8}[_-](?:[0-9A-F]{12}|[0-9a-f]{12})(?![A-Za-z0-9])"
).match
_SYSTEMS_LETTERS: Final = word_set("cus usr pat acc emp tok uid org sub mem cid ghp gho ghs ghu npm")
_SYSTEMS_WORDS: Final = word_set(
    """
    user acct cust memb sess team auth card bank lead deal anon role host mail chat pers prof cont pati stud empl
    xoxb xoxp xoxa xoxe xapp glpat glsa glrt gldt gloas whsec dckr pypi shpat shpss shpca shppa shptka sntrys sntryu
    nvapi tskey pscale figd figo ccpat users account accounts accnt customer customers client member members session
    token
    secret device visitor guest person people profile contact patient student employee teacher doctor driver
    passenger order orders invoice payment charge refund subscription subscriber subscr transaction message ticket
    event project workspace organization organisation tenant group public private access refresh bearer apikey
    github gitlab google facebook twitter linkedin shopify stripe firebase mixpanel segment amplitude sentry
    anonymous distinct identity login logged email phone mobile cookie browser fingerprint advertiser subject
    principal buyer seller household family tracking kunde konto benutzer nutzer mitglied client compte utilisateur
    membre usuario cuenta cliente utente gebruiker klant
    """
)
_SHORT_WORD_CHARS: Final = 4


def _is_systems(prefix: str, value: str) -> bool:
    """Whether the letters before the first mark are a prefix of a system's ids. No other mark follows three letters."""
    if len(prefix) > _SHORT_WORD_CHARS:
        return prefix.lower() in _SYSTEMS_WORDS
    if len(prefix) == _SHORT_WORD_CHARS:
        return prefix in _SYSTEMS_WORDS
    return prefix in _SYSTEMS_LETTERS and value[3] == "_" and value[4:].isalnum()


_KINDS: Final = (
    (string.ascii_lowercase, 0.45), (string.ascii_uppercase, 0.24), (string.digits, 0.26), ("-_", 0.05),
)  # fmt: skip
# Composed ids change less often than random ones from case to case, from letters to digits and back; and repeat more.
_CHANGE_OF_CASE: Final = -2.0
_CHANGE_OF_KIND: Final = -0.7
_SAME_AGAIN: Final = 1.0
_RARE_MIN: Final = -1.0  # a letter that names seldom have says no more than this against an id that has it


def _weights() -> dict[str, dict[str, float]]:
    """How much likelier a character is after another in composed ids than in random ones, roughly."""
    count = Counter(letter for name in NAMES for letter in name)
    total = count.total()
    singly = {}
    for chars, weight in _KINDS:
        for char in chars:
            share = count[char.lower()] / total if char.isalpha() else 1 / len(chars)
            singly[char] = max(_RARE_MIN, log(len(_ALPHABET) * weight * share))

    def beside(a: str, b: str) -> float:
        if a.isalpha() and b.isalpha():
            return _CHANGE_OF_CASE * (a.islower() != b.islower()) + _SAME_AGAIN * (a == b)
        return _CHANGE_OF_KIND * (a.isalpha() or b.isalpha()) + _SAME_AGAIN * (a == b)

    return {a: {b: singly[b] + beside(a, b) for b in _ALPHABET} for a in _ALPHABET}


_ALPHABET: Final = string.ascii_letters + string.digits + "-_"
_WEIGHTS: Final = _weights()
