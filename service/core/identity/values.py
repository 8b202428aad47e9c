"""Detection of identifying values: an ordered list of rules over any string, and the shapes that are harmless.

It judges values of cookies and queries that met no grammar of ours: "ill-formed: dropped" or "identifying: refused".
Device ids have ``device_ids``. The rules name the category of what
they recognise; what no rule recognises is still refused unless its shape is one that cannot single anyone out (a few
short words, a few digits), so that an unknown national number or token fails closed. All quantifiers are bounded and
only the head of a value is read: the cost is flat, some 20 microseconds, on hostile values some hundred.
"""

import binascii
import re
import string
import unicodedata
from typing import Final

from service.core.identity.category import Category
from service.core.identity.letters import PEOPLE
from service.core.identity.names import identifying_name
from service.core.identity.scripts import ascii_pattern, has_name
from service.core.identity.shapes import shape_of
from service.core.identity.vocabulary import GIVEN_NAMES, PLACEHOLDERS

# Longer values are refused whatever they say; their category is judged by the head.
_HEAD_CHARS: Final = 128
_DECODINGS_MAX: Final = 3


def identifying_value(value: str) -> Category | None:
    """The category of what a free string seems to say of its sender, or None when it is harmless garbage.

    Total, deterministic, flat in cost. ``""`` is harmless; control characters and blanks alone are "other".
    """
    return _identifying(value, _DECODINGS_MAX)


def _identifying(value: str, decodings_max: int) -> Category | None:
    if not value:
        return None
    text = plain_text(value[:_HEAD_CHARS])
    if _PUBLIC_CODE(text):
        return None
    category = shape_of(text) or _labelled(text) or _encoded(text, decodings_max)
    if category:
        return category
    if len(value) <= _HEAD_CHARS and _harmless(text):
        return None
    return _likeliest(text)


# What whole languages, regions and quarters of years are called: a tag of Chinese with its script in any case (BCP 47;
# "Hans" is a script here and no person), one of another language, a subdivision (ISO 3166-2; three digits beside two
# letters are rather a plate), 2024-q3. Millions share each.
_PUBLIC_CODE: Final = re.compile(
    r"(?i:(?:zh(?:[-_][a-z]{3})?|zho|chi|cmn|yue|wuu|hak|nan|gan|hsn|lzh|und)[-_]Han[st](?:[-_](?:[a-z]{2}|[0-9]{3}))?)"
    r"|[a-z]{2,3}[-_](?:Latn|Cyrl|Arab|Deva|Grek|Hebr|Jpan|Kore|Thai)(?:[-_](?:[A-Z]{2}|[0-9]{3}))?"
    r"|[A-Z]{2}-(?:[A-Z]{1,3}|[0-9]{1,2})|20[0-9]{2}-?[qQhH][1-4]"
).fullmatch
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_PERCENT: Final = re.compile(r"(?:%[0-9A-Fa-f]{2}){1,80}")
_QUOTED: Final = re.compile(r'"(.+)"', re.DOTALL)


def plain_text(text: str) -> str:
    """NFKC, nothing invisible, percent-decoded as often as it was encoded (three times at most), without its quotes."""
    for _ in range(_DECODINGS_MAX):
        if "%" not in text:
            break
        text = _PERCENT.sub(_unpercent, text)
    if not text.isascii():
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))[:_HEAD_CHARS]
    quoted = _QUOTED.fullmatch(text)
    return quoted[1] if quoted else text


def _unpercent(escaped: re.Match[str]) -> str:
    return bytes.fromhex(escaped[0].replace("%", "")).decode("utf-8", "replace")


_LABEL: Final = re.compile(r"[A-Za-z_][\w.-]{0,40}(?=[\"'\s]{0,3}[:=#/]\s{0,2}[\"'+(]{0,3}\w)")


def _labelled(text: str) -> Category | None:
    """The category of the first identifying label in "label=value", "label: value", "label#value", "label/value"."""
    for label in _LABEL.finditer(text):
        category = identifying_name(label[0])
        if category:
            return category
    return None


_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})+").fullmatch
_TEXT_CHARS_MIN: Final = 4


def _encoded(text: str, decodings_max: int) -> Category | None:
    """The category of what a piece of the text says in hex or base64, where that is text again."""
    if decodings_max == 0:
        return None
    for piece in _ENCODED.finditer(text):
        token = piece[0].rstrip("=")
        readings = [_base64_text(token), _as_text(bytes.fromhex(token)) if _HEX(token) else None]
        for reading in readings:
            category = _identifying(reading, decodings_max - 1) if reading else None
            if category:
                return category
    return None


_TO_BASE64: Final = str.maketrans("-_", "+/")


def _base64_text(token: str) -> str | None:
    """The text that unpadded base64 or base64url spells, None when it spells none."""
    whole = token[: len(token) - (len(token) % 4 == 1)].translate(_TO_BASE64)
    return _as_text(binascii.a2b_base64(whole + "=" * (-len(whole) % 4)))


def _as_text(octets: bytes) -> str | None:
    """Printable text of four characters or more, or None; nine random octets are once in 7,000 times."""
    try:
        text = octets.decode("utf-8").strip("\x00\r\n")
    except UnicodeDecodeError:
        return None
    return text if len(text) >= _TEXT_CHARS_MIN and text.isprintable() else None


_WORDS_MAX: Final = 16
_LONG_WORDS_MAX: Final = 4
_LONG_WORD_CHARS_MIN: Final = 4
# Signs of ASCII say nothing of anybody by themselves, save the one in O'Neill. Blanks only after a comma or semicolon,
# as in a list of languages, and at the ends. Of digits a language's or a theme's quality or
# version has few: five of them, whatever stands between, may be someone's number, and so may three beside a word.
_HARMLESS_CHARS: Final = re.compile(r"(?:[!-&(-~]|(?<![A-Za-z])'|'(?![A-Za-z])|(?<=[,;]) ){1,64}").fullmatch
_QUALITY: Final = re.compile(r";\s?q=[01](?:\.[0-9]{0,3})?(?![0-9])")
_NUMBER: Final = re.compile(r"[0-9](?:[^A-Za-z0-9]{0,3}[0-9]){4}").search
_NUMBER_BESIDE_WORD: Final = re.compile(r"[0-9]{3}").search
_LANGUAGE_NUMBER: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4}){0,2}[-_][0-9]{3,4}|[0-9]{1,4}").fullmatch
_PIECE: Final = re.compile(r"[A-Za-z0-9]+")
_WORD: Final = re.compile(
    r"[a-z]{1,16}|[A-Z]{1,7}|[A-Z][a-z]{1,15}|[a-z]{2,12}[A-Z]{2}|[a-z]{1,10}[A-Z][a-z]{1,10}|[A-Z][a-z][A-Z]"
    r"|[0-9]{1,4}|[a-z]{1,12}[0-9]|[a-z]{1,2}[0-9]{2}|[0-9]{1,2}[a-z]{1,3}|[0-9][a-z]{1,12}|[A-Z]{1,4}[0-9]"
).fullmatch
# Two words joined by a dot are someone's first and last name ("taylor.jones"), unless one is a word of ours or the dot
# is that of a site's name: the domains that companies have (IANA's root zone), none of which is a family's name.
_DOTTED_NAME: Final = re.compile(
    r"[A-Za-z]{1,20}\.(?!(?i:com|net|org|edu|gov|mil|int|info|biz|app|dev|shop|store|site|online|xyz|blog|cloud|tech)$)"
    r"[A-Za-z]{3,20}"
).fullmatch
# Words of ours, and what sites call their topics, which nobody is called.
_OWN_WORDS: Final = frozenset(
    """
    language region device cohort statistics experiments interests control variant default none all
    news sports travel science technology business finance politics health fitness beauty fashion shopping food
    recipes music movies games gaming education culture automotive gardening parenting weather outdoor shoes
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


def _harmless(text: str) -> bool:
    """A few short words or digits, as broken language tags, locales and our own cookies are made of; or signs alone."""
    if text.isprintable() and text.strip() and not any(map(str.isalnum, text)):
        return True
    text = text.strip(" ")
    if not text.isascii():
        pattern = ascii_pattern(text)
        if pattern is None:
            return False
        text = pattern
    if not _HARMLESS_CHARS(text):
        return False
    text = _QUALITY.sub("", text)
    if _NUMBER(text) or (_NUMBER_BESIDE_WORD(text) and not _LANGUAGE_NUMBER(text)):
        return False
    words = _PIECE.findall(text)
    if len(words) > _WORDS_MAX or sum(len(word) >= _LONG_WORD_CHARS_MIN for word in words) > _LONG_WORDS_MAX:
        return False
    return all(map(_WORD, words)) and not _has_full_name(text, set(map(str.lower, words)))


def _has_full_name(text: str, words: set[str]) -> bool:
    if not words.isdisjoint(PLACEHOLDERS) or _has_names(words):
        return True
    return bool(_DOTTED_NAME(text)) and words.isdisjoint(_OWN_WORDS)


def _has_names(words: set[str]) -> bool:
    bare = {word.strip(string.digits) for word in words}  # "anna8"
    return not bare.isdisjoint(GIVEN_NAMES) or any(map(_joined_names, bare))


_NAME_CHARS_MIN: Final = 4
_FAMILY_NAME_CHARS_MIN: Final = 5


def _joined_names(word: str) -> bool:
    """Whether a word is two names in one, as in "annaschmidt", or an initial and a name, as in "kkowalski"."""
    if len(word) <= _FAMILY_NAME_CHARS_MIN:
        return False
    if word[1:] in PEOPLE or word[1:] in GIVEN_NAMES:
        return True
    return any(
        (word[:at] in GIVEN_NAMES and (word[at:] in PEOPLE or word[at:] in GIVEN_NAMES))
        or (word[at:] in GIVEN_NAMES and word[:at] in PEOPLE)
        for at in range(_NAME_CHARS_MIN, len(word) - _NAME_CHARS_MIN + 1)
    )


# What is left, by its looks. The first pattern that fits the whole gives the category.
_GIVEN: Final = r"[^\W\d_]{1,20}(?:['’-][^\W\d_]{1,20})?[.'’]?"
_LOOKS: Final[tuple[tuple[Category, re.Pattern[str]], ...]] = (
    (
        "digest",
        re.compile(r"(?i)(?:[0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40,})|[a-z0-9+/_-]{20,}==?"),
    ),
    ("name", re.compile(rf"{_GIVEN}(?:[ ._-]{{1,2}}{_GIVEN}){{1,4}}|(?=.{{0,20}}[^\x00-\x7f]){_GIVEN}")),
    ("address", re.compile(r"(?=.*[0-9])(?=.*[^\W\d]{3}).*[, ].*", re.DOTALL)),
    ("government_id", re.compile(r"(?:[^A-Za-z0-9]{0,3}[0-9]){9,40}[^A-Za-z]{0,9}")),
    ("account", re.compile(r"(?:[^A-Za-z0-9]{0,3}[0-9]){4,8}[^A-Za-z]{0,9}|[A-Za-z][A-Za-z._-]{0,30}[0-9]{1,8}")),
    ("free_text", re.compile(r".*\S\s+\S.*", re.DOTALL)),
)


def _likeliest(text: str) -> Category:
    """The likeliest category of a value that has no known shape and is not harmless either."""
    if not text.isprintable():
        return "other"
    looks_like = next((category for category, looks in _LOOKS if looks.fullmatch(text)), None)
    if looks_like:
        return looks_like
    has_names = _has_names(set(map(str.lower, _PIECE.findall(text)))) or has_name(text)
    return "name" if has_names else "other"
