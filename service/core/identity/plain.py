"""Plain identity in a text that is left unread: e-mail, phone, payment and government numbers, credentials.

Narrower than ``shapes``, whose rules fail closed and refuse many versions and names of plans. Such a text is never
read; it is refused only so that its sender learns of it. Where a number carries a check digit it is computed.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from service.core.identity.category import Category
from service.core.identity.shapes import has_luhn_digit, is_iban
from service.core.identity.values import plain_text

_WORDS_OR_VERSION: Final = re.compile(r"[A-Za-z ._-]{0,15}|[vV]?[0-9]{1,5}(?:\.[0-9]{1,5}){0,2}").fullmatch


def plainly_identifying(text: str) -> Category | None:
    """The category of what a text plainly is or holds, None for everything else. It is not longer than a name is.

    0.4 us for a few words or a version, some 15 us else.
    """
    if _WORDS_OR_VERSION(text):
        return None
    plain = plain_text(text)
    for category, holds in _rules():
        if holds(plain):
            return category
    return None


_CARD: Final = re.compile(r"(?<![\w.])(?:2[2-7]|[3-6][0-9])(?:[ -]?[0-9]){11,17}(?!\w)")  # ISO/IEC 7812, by issuer
_SWEDISH: Final = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2})[-+][0-9]{4}").fullmatch
_FINNISH: Final = re.compile(r"([0-9]{6})[-+A-FU-Y]([0-9]{3})([0-9A-Y])").fullmatch
_FINNISH_CHECKS: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_SPANISH: Final = re.compile(r"([XYZ]?)([0-9]{7,8})-?([A-Z])").fullmatch
_SPANISH_CHECKS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_FRENCH: Final = re.compile(
    r"([12])[ ]?([0-9]{2})[ ]?([0-9]{2})[ ]?([0-9]{2})[ ]?([0-9]{3})[ ]?([0-9]{3})[ ]?([0-9]{2})"
)


def _digits_of(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _is_card(text: str) -> bool:
    return any(has_luhn_digit(_digits_of(match[0])) for match in _CARD.finditer(text))


def _is_swedish(text: str) -> bool:
    return _SWEDISH(text) is not None and has_luhn_digit(_digits_of(text))


def _is_finnish(text: str) -> bool:
    match = _FINNISH(text)
    return match is not None and _FINNISH_CHECKS[int(match[1] + match[2]) % 31] == match[3]


def _is_spanish(text: str) -> bool:
    match = _SPANISH(text)
    if match is None or len(match[1] + match[2]) != 8:  # noqa: PLR2004  # a DNI's digits, of which a NIE has seven
        return False
    number = "XYZ".index(match[1]) if match[1] else 0
    return _SPANISH_CHECKS[(number * 10**7 + int(match[2])) % 23] == match[3]


def _is_french(text: str) -> bool:
    match = _FRENCH.fullmatch(text)
    return match is not None and (int("".join(match.groups()[:-1])) + int(match[7])) % 97 == 0


_RULE_LIST: Final[tuple[tuple[Category, str | Callable[[str], bool]], ...]] = (
    # A domain ends in letters, or `web@1.2.3` would be an address.
    ("email", r"mailto:|[^\s@]@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])"),
    ("phone", r"^(?:tel|sms|callto|whatsapp):"),
    ("phone", r"(?<![\w.])\+[1-9](?:[ ().x/-]{0,3}[0-9]){6,18}|^00[1-9](?:[ ()/-]{0,3}[0-9]){7,18}$"),
    ("phone", r"^0[1-9][0-9]{0,4}[ /](?:[0-9][ -]?){5,9}$|^0[1-9](?:[0-9]{1,3}-[0-9]{2,4}|-[0-9]{3,4})-[0-9]{4}$"),
    ("phone", r"^0[1-9][0-9]{8,10}$|^0[1-9][0-9]{1,4}-[0-9]{5,8}$|^\([0-9]{2,5}\)[ -]?[0-9]{3}"),
    ("phone", r"^(?:\+?1[ .-])?[2-9][0-9]{2}[ .-][2-9][0-9]{2}[ .-][0-9]{4}$"),
    ("credential", r"\beyJ[\w-]{8,}\.[\w-]{2,}|-----BEGIN |^(?:bearer|basic|token) [a-z0-9+/=._~-]{16,}$"),
    ("credential", r"\b(?:gh[opsru]_\w{16}|github_pat_\w{10}|glpat-[\w-]{16}|[sprw][kh]s?_(?:live|test)_\w{8})"),
    ("credential", r"\b(?-i:(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12}|AIza[\w-]{30}|ya29\.[\w-]{20}|SG\.[\w-]{9}[\w.-]{16})"),
    ("credential", r"\b(?-i:sk-(?:[a-z0-9]{1,8}-){0,3}[A-Za-z0-9_]{20}|xox[a-z]-[0-9A-Za-z-]{10}|EAA[A-Z]\w{16})"),
    ("credential", r"\b(?:(?:npm_|pypi-|hf_|dop_v1_|shp(?:at|ca|pa|ss)_)\w{16}|[0-9]{8,10}:AA[\w-]{30})"),
    ("payment", is_iban),
    ("payment", _is_card),
    ("payment", r"\b0x[0-9a-f]{40}\b|\b(?:bc1|tb1|ltc1)[02-9ac-hj-np-z]{11,71}\b"),
    # The United States, Brazil, Korea, Switzerland; India; the United Kingdom; Italy; Mexico; passports (ICAO 9303).
    ("government_id", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b|\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b"),
    ("government_id", r"^[0-9]{6}-[1-8][0-9]{6}$|\b756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}\b"),
    ("government_id", r"^(?-i:[A-Z]{5}[0-9]{4}[A-Z])$|^[2-9][0-9]{3} [0-9]{4} [0-9]{4}$"),
    ("government_id", r"^(?-i:[A-CEGHJ-PR-TW-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D])$"),
    ("government_id", r"\b[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]\b"),
    ("government_id", r"\b(?-i:[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[A-Z0-9][0-9])\b|P[A-Z<][A-Z]{3}[A-Z<]{4,}<"),
    ("government_id", _is_swedish),
    ("government_id", _is_finnish),
    ("government_id", _is_spanish),
    ("government_id", _is_french),
)  # fmt: skip


@cache
def _rules() -> tuple[tuple[Category, Callable[[str], object]], ...]:
    """The table with its patterns compiled, when first asked for."""
    return tuple(
        (category, re.compile(rule, re.IGNORECASE).search if isinstance(rule, str) else rule)
        for category, rule in _RULE_LIST
    )
