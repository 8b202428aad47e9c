"""The shapes of identifying values: e-mails, cards, national numbers, network addresses, secrets.

An ordered table of rules: a new shape is one line. Where a number carries a check digit it is computed; everything else
is a pattern whose quantifiers are bounded.
"""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from service.core.identity.category import Category


def shape_of(text: str) -> Category | None:
    """The category of the first shape that the text has or holds, None when there is none."""
    for category, holds in rules():
        if holds(text):
            return category
    return None


def _digits_of(text: str) -> str:
    return "".join(char for char in text if "0" <= char <= "9")


def has_luhn_digit(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


_IBAN: Final = re.compile(r"\b[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}\b")


def is_iban(text: str) -> bool:
    """ISO 13616: country, two check digits, mod 97 leaves 1."""
    return any(_iban_checks(match[0].replace(" ", "").replace("-", "").upper()) for match in _IBAN.finditer(text))


def _iban_checks(iban: str) -> bool:
    in_digits = "".join(str(int(char, 36)) for char in iban[4:] + iban[:4])
    return int(in_digits) % 97 == 1


_CARD: Final = re.compile(r"(?<![\w.])[0-9](?:[ -]?[0-9]){12,18}(?!\w)")
_AMEX_OR_JCB: Final = ("34", "37", "1800", "2131")
_AMEX_DIGITS: Final = 15


def _is_card(text: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits that meet Luhn under an issuer of payment cards; of 15 digits only two have any."""
    for match in _CARD.finditer(text):
        digits = _digits_of(match[0])
        issued = digits.startswith(_AMEX_OR_JCB) if len(digits) == _AMEX_DIGITS else digits[0] in "23456"
        if issued and has_luhn_digit(digits):
            return True
    return False


_IMEI: Final = re.compile(r"[^0-9]{0,12}([0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9])[0-9]?")


def _is_imei(text: str) -> bool:
    """3GPP TS 23.003: 15 digits that meet Luhn (an IMEI), in one piece or as 2-6-6-1."""
    match = _IMEI.fullmatch(text)
    return bool(match and has_luhn_digit(_digits_of(match[1])))


_PREFIXED: Final = re.compile(
    r"(?i:acct|acc|cust?|usr|user|member|mem|sub|org|emp|uid|cid)_(?=[A-Za-z]{0,24}[0-9])[A-Za-z0-9]{8,32}"
)


def _is_prefixed(text: str) -> bool:
    return _PREFIXED.fullmatch(text) is not None


_YEAR: Final = "(?:18|19|20)[0-9]{2}"
_MONTH: Final = "(?:0?[1-9]|1[0-2])"
_DAY: Final = "(?:0?[1-9]|[12][0-9]|3[01])"
_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_HEX4: Final = "[0-9a-f]{4}-?"
_AT: Final = (
    r"(?:@|(?:[ _.-]{0,2}[\[({<]|[ _-])[ ]{0,2}(?:at|arroba|chez|bei|ät|@|собака)[ ]{0,2}(?:[\])}>][ _.-]{0,2}|[ _-]))"
)
_DOT: Final = (
    r"(?:[\[({<]?\.[\])}>]?|[ _]?[\[({<]?[ ]?(?<![a-z])(?:dot|punkt|point|punto|ponto|точка)(?![a-z])[ ]?[\])}>]?[ _]?)"
)
_SITES: Final = "facebook|instagram|linkedin|twitter|tiktok|github|youtube|reddit|vk|t"
_GROUPS: Final = "(?:[ -]?[0-9])"

# The first rule that holds gives the category. Order: what names itself, what has a check digit, what has a shape.
# A rule is a predicate or a pattern to be found anywhere, without case unless it says (?-i:...).
_RULE_LIST: Final[tuple[tuple[Category, str | Callable[[str], bool]], ...]] = (
    ("email", r"mailto:|[^\s@]@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"),
    ("phone", r"\b(?:tel|sms|callto|whatsapp):"),
    ("url", rf"(?<![a-z])[a-z][a-z0-9+.-]{{1,15}}://|\bwww\.|\b(?:{_SITES})\.(?:com|me)/"),
    ("email", rf"\w{_AT}[\w-]{{1,63}}{_DOT}\w{{2}}"),
    # Credentials by the prefixes their issuers gave them, so that scanners find them.
    ("credential", r"\beyJ[\w-]{8,}\.[\w-]{2,}|-----BEGIN |^(?:bearer|basic|token) "),
    (
        "credential",
        r"\b(?:gh[opsru]_\w{16}|github_pat_|glpat-|[sprw][kh]s?_(?:live|test)_\w{8}|sk-[\w-]{12}|xox[a-z]-)",
    ),
    (
        "credential",
        r"\b(?:(?-i:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12}|(?-i:AIza)[\w-]{20}|ya29\.|SG\.[\w-]{10}|EAA[A-Z]\w{16})",
    ),
    (
        "credential",
        r"\b(?:npm_\w{16}|pypi-\w{10}|hf_\w{16}|dop_v1_|shp(?:at|ca|pa|ss)_|whsec_|pat_\w{12}|[0-9]{8,10}:AA[\w-]{30})",
    ),
    # Ids that systems of customers and users prefix, with a digit in what follows.
    ("account", _is_prefixed),
    ("digest", r"\b(?:md5|sha-?[0-9]{1,3}|sha3-[0-9]{3}|blake2[bs]?|blake3|bcrypt|hmac|crc32)[:=$-][0-9a-z+/=]{8}"),
    ("digest", r"\$2[aby]?\$|\$argon2|\$[156]\$"),
    # Coordinates: a geo URI (RFC 5870), what3words, degrees, a plus code, a pair of decimals.
    (
        "location",
        r"\bgeo:|///[a-z]{1,30}\.[a-z]{1,30}\.[a-z]|[0-9]\s?°|[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}\b",
    ),
    ("location", r"(?<![0-9.])[0-9]{1,3}\.[0-9]{2,15}\s{0,3}[,;/|_ ]\s{0,3}[+-]?[0-9]{1,3}\.[0-9]{2,15}(?![0-9.])"),
    ("payment", is_iban),
    ("network_id", rf"^\{{?{_HEX4 * 3}[126][0-9a-f]{{3}}-?[89ab][0-9a-f]{{3}}-?{_HEX4 * 3}\}}?$"),  # a UUID with a MAC
    ("digest", rf"^\{{?{_HEX4 * 3}[358][0-9a-f]{{3}}-?[89ab][0-9a-f]{{3}}-?{_HEX4 * 3}\}}?$"),  # a UUID of a name
    ("device_serial", r"^(?:urn:uuid:)?\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?$"),
    ("payment", r"\b0x[0-9a-f]{40}\b|\b(?:bc1|tb1|ltc1)[02-9ac-hj-np-z]{11,71}\b"),
    ("payment", r"\b(?![0-9a-f]+\b)(?-i:[13LMDXrT][1-9A-HJ-NP-Za-km-z]{25,33})\b"),
    ("payment", _is_card),
    ("device_serial", _is_imei),
    # Addresses of networks: EUI-48 and EUI-64, IPv4 with dots or dashes, IPv6.
    ("network_id", r"(?<![0-9a-f])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}(?:[0-9a-f]{2}\1){0,2}[0-9a-f]{2}(?![0-9a-f])"),
    ("network_id", r"\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b"),
    ("network_id", rf"(?<![0-9.])(?:{_OCTET}\.){{3}}{_OCTET}(?!\.?[0-9])|^{_OCTET}([-_]){_OCTET}\1{_OCTET}\1{_OCTET}$"),
    ("network_id", r"(?<![0-9a-z:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}(?![0-9a-z])"),
    ("network_id", r"(?<![\w:])[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){1,6}::"),
    ("date_of_birth", rf"(?<![\w.+-]){_YEAR}([-/. ]?){_MONTH}\1{_DAY}(?:T[0-9:.Z+-]{{0,20}})?(?!\w)"),
    ("date_of_birth", rf"(?<![\w.+-]){_DAY}([-/. ]){_MONTH}\1(?:{_YEAR}|[0-9]{{2}})(?![\w-])"),
    # National numbers with a face of their own: US, BR, the Nordic ones, KR; then telephones; then the rest.
    ("government_id", r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b|\b[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}\b"),
    ("government_id", r"\b[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-Z]\b|\b[0-9]{6}-[0-9]{7}\b"),
    ("phone", r"(?:\+|\b00)[1-9](?:[ ().x/-]{0,3}[0-9]){6,18}|\([0-9]{2,5}\)[ -]?[0-9]{3}|[0-9]{3,4}x[0-9]{2,6}\b"),
    ("phone", rf"\b0[1-9][0-9]{{0,3}}[ -]{_GROUPS}{{6,9}}\b|^0[1-9][0-9]{{8,10}}$"),
    ("phone", r"^(?:\+?[0-9]{1,3}[ .-])?[0-9]{2,4}[ .-][0-9]{3,4}[ .-][0-9]{3,4}$"),
    ("government_id", r"P[A-Z<][A-Z]{3}[A-Z<]{4,}<|[A-Z]<<|<<[A-Z]|^[A-Z]{1,3}[0-9]{6,9}(?:<|$)"),  # ICAO 9303
    (
        "government_id",
        r"\b[XYZ][ -]?[0-9]{7}[ -]?[A-Z]\b|\b[0-9]{7,8}[ -]?[A-Z]\b|\b[A-Z]{1,2}[ -]?[0-9]{6,9}[ -]?[A-Z]?\b",
    ),
    ("government_id", r"\b[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]\b"),
    (
        "government_id",
        r"\b[A-Z]{4}[ -]?[0-9]{6}[ -]?[A-Z0-9]{3,8}\b|\b[A-Z]{5}[0-9]{4}[A-Z]\b|\b[a-z]{2}(?: [0-9]{2}){3} [a-d]\b",
    ),
    # Number plates and what is stamped under them (ISO 3779), in capitals.
    ("government_id", r"\b(?-i:[A-Z]{1,3}[ -][A-Z]{1,2}[ -][0-9]{1,4}|[A-Z]{2}[ -]?[0-9]{2,3}[ -]?[A-Z]{2,3})\b"),
    ("government_id", r"^(?-i:[0-9]{0,3}[ -]?[A-Z]{1,4}[ -][0-9]{2,4}|[0-9]{1,4}[ -][A-Z]{1,4}(?:[ -][0-9]{1,4})?)$"),
    ("government_id", r"^(?=.{0,16}[0-9]{4})(?-i:[A-HJ-NPR-Z0-9]{17})$"),
    ("payment", r"^(?-i:[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?)$"),  # ISO 9362
)


@cache
def rules() -> tuple[tuple[Category, Callable[[str], object]], ...]:
    """The table with its patterns compiled. Made when first asked for: 10 ms."""
    return tuple(
        (category, re.compile(rule, re.IGNORECASE).search if isinstance(rule, str) else rule)
        for category, rule in _RULE_LIST
    )
