"""The site's own cookies: seven names, each read once, everything else left unread; and the shapes of their values.

A value that is not of its shape is dropped and named by its field, unless it identifies somebody: then it is refused.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import combinations
from typing import Any, Literal
from urllib.parse import unquote

from service.core.event import Carried, has_variant, parse_variants
from service.core.identity import Category, identifying_value
from service.core.interest import Interests, parse_interests
from service.core.languages.matching import LanguageTag
from service.core.privacy import NO_CONSENT, PURPOSES, Permissions, Purpose
from service.core.region import RegionChoice
from service.core.sites import Key, SiteRules
from service.web.bodies.schema import COOKIES_MAX_BYTES
from service.web.bodies.scrutiny import judge
from service.web.visit.outcomes import Dropped, FieldNames, Refused

_Cookie = Literal["language", "region", "interests", "variants"]

LANGUAGE_SHAPE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")
# Most of the tags that there are, and nobody's name: there is nothing to ask of one that the site lacks.
_COMMON_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
NAMES = frozenset({"device", "language", "region", "interests", "variants", "consent", "optout"})
# Any other value of pb_optout, as it was sent, is an opt-out: it fails closed.
NOT_OPTED_OUT = frozenset({"", "0"})
PLAIN_OPT_OUTS = NOT_OPTED_OUT | {"1"}
NO_CHOICES: Mapping[str, str] = {}
# What a wish may look like to `identifying_value` without being anybody's identity: `true`, `YES`, `analytics`.
_WORDINGS = frozenset({None, "name", "account", "credential", "free_text", "other"})


Jar = tuple[str, Mapping[str, str], frozenset[Purpose], bool]
"""What a jar's cookies of ours say: the device id, the choices that are left to be judged, the consent, the opt-out."""


def read_jar(jar: bytes) -> Jar | None:
    """What our cookies say; None where they are too large together.

    A jar is read by one pattern, in 1 us, where our cookies are plainly written, as nearly all are: each once, without
    quotes and blanks, and no opt-out. Any other is read with care, and says the same.
    """
    text = jar.decode("latin-1")
    plainly = _PLAIN_JAR(text)
    if plainly is None or "pb_optout" in text or len(text) > COOKIES_MAX_BYTES:
        return _read_carefully(jar)
    device_id, consent_text, language, region, interests, variants = plainly.groups("")
    consent = _SPELLED.get(consent_text)
    if consent is None:
        return _read_carefully(jar)
    if not (language or region or interests or variants):
        return device_id, NO_CHOICES, consent, False
    choices = {"language": language, "region": region, "interests": interests, "variants": variants}
    return device_id, choices, consent, False


def _read_carefully(jar: bytes) -> Jar | None:
    cookies = read_cookies(jar)
    if len(jar) > COOKIES_MAX_BYTES and sum(map(len, cookies.values())) > COOKIES_MAX_BYTES:
        return None
    device_id, consent, opt_out = cookies.pop("device", ""), NO_CONSENT, False
    if opt_out_text := cookies.pop("optout", ""):
        opt_out = opt_out_text not in NOT_OPTED_OUT
        if opt_out_text not in PLAIN_OPT_OUTS:
            cookies["optout"] = opt_out_text
    if consent_text := cookies.pop("consent", ""):
        purposes = read_consent(consent_text)
        if purposes is None:
            cookies["consent"] = consent_text
        else:
            consent = purposes
    return device_id, cookies, consent, opt_out


def read_cookies(jar: bytes) -> dict[str, str]:
    """The cookies that are ours, each once, the first one; of an opt-out any that says so. The others stay unread."""
    text = jar.decode("latin-1")
    cookies: dict[str, str] = {}
    for pair in text.split(";"):
        raw, equals, value = pair.strip(" \t").partition("=")
        name = raw.rstrip(" \t").removeprefix("pb_")
        if equals and raw.startswith("pb_") and name in NAMES:
            value = value.strip(" \t")
            cookies.setdefault(name, value if name == "consent" else value.strip('"'))
    if "pb_optout" in text and (wordings := [_wording(match[1]) for match in _OPT_OUT.finditer(text)]):
        cookies["optout"] = next((word for word in wordings if word not in NOT_OPTED_OUT), wordings[0])
    return cookies


def as_written(value: str) -> str:
    """The value that a framework wrote as a cookie's: out of its quotes, and percent-decoded, once.

    Express, Next.js, PHP and Rack encode ``:`` or ``~``; ``+`` is no space, for no value of ours has one. To be asked
    only of a language, a region, interests and variants, and once they have not their shape as they are: no shape has a
    quote or a percent sign in it. A consent and an opt-out are what was sent; a device id is not decoded.
    """
    return unquote(value.strip('"'))


def _is_encoded(value: str) -> bool:
    signs = value.count("%")
    return 0 < signs <= _ENCODED_CHARS_MAX or (not signs and '"' in value)


def read_consent(text: str) -> frozenset[Purpose] | None:
    """The purposes of a ``pb_consent`` cookie; None when ill-formed or partly unknown, which is no consent."""
    consent = _SPELLED.get(text)
    # Another order, or a purpose named twice, is a consent all the same; but nobody's spelling is remembered.
    return _CONSENTS.get(frozenset(text.split("."))) if consent is None else consent


# Every consent there is, and as most sites write it: in the order of the contract, or of the alphabet.
_CONSENTS: dict[frozenset[str], frozenset[Purpose]] = {
    frozenset(chosen): frozenset(chosen)
    for count in range(len(PURPOSES) + 1)
    for chosen in combinations(PURPOSES, count)
}
_SPELLED = {
    ".".join(order): consent
    for consent in _CONSENTS.values()
    for order in (sorted(consent, key=PURPOSES.index), sorted(consent))
}


def parse_language(
    value: str, names: FieldNames, _permissions: object, rules: SiteRules
) -> LanguageTag | Dropped | Refused | None:
    """The visitor's own choice in the site's spelling; None where the site does not have it, which is no mistake."""
    chosen = rules.matcher.spelling(value)
    if chosen is None and _is_encoded(value):
        chosen = rules.matcher.spelling(value := as_written(value))
    if chosen is None and _COMMON_TAG.fullmatch(value) is None:
        return _ill_formed(names, "language", value, is_named=LANGUAGE_SHAPE.fullmatch(value) is None)
    return chosen


def parse_region(
    value: str, names: FieldNames, _permissions: object, rules: SiteRules
) -> RegionChoice | Dropped | Refused:
    """The visitor's own choice as the tables know it."""
    tables = rules.regions.tables
    chosen = tables.parse_region(value)
    if chosen is None and _is_encoded(value):
        chosen = tables.parse_region(value := as_written(value))
    return _ill_formed(names, "region", value) if chosen is None else chosen


def drop_or_refuse_id(category: Category, names: FieldNames, permissions: Permissions) -> Dropped | Refused:
    """What becomes of a device id that the site does not take, by what it looks like."""
    if category != "other":
        return Refused("device", "identifying_value", category)
    if names.refuses_ids:
        return Refused("device", "invalid_value")
    return Dropped(("device",) if permissions.experiments or permissions.statistics else ())


def parse_interests_cookie(
    value: str, names: FieldNames, permissions: Permissions, rules: SiteRules
) -> Interests | Dropped | Refused:
    """The interests in a site's topics. Where they may not be used they are not named either, as if none had come."""
    topics = rules.site.topics
    interests = parse_interests(value, topics)
    if interests is None and _is_encoded(value):
        interests = parse_interests(value := as_written(value), topics)
    if interests is None:
        return _ill_formed(names, "interests", value, is_named=permissions.interests)
    return interests if permissions.interests else ()


def parse_variants_cookie(
    value: str, names: FieldNames, permissions: Permissions, rules: SiteRules
) -> tuple[tuple[Key, Carried], ...] | Dropped | Refused:
    """The variants of experiments that run, in their keys' order. Those of others are no mistake, but of no use."""
    carried = parse_variants(value)
    if carried is None and _is_encoded(value):
        carried = parse_variants(value := as_written(value))
    if carried is None:
        return _ill_formed(names, "variants", value, is_named=permissions.experiments)
    if not permissions.experiments:
        return ()
    experiments = rules.site.experiments
    of_use = [
        entry
        for entry in carried.items()
        if has_variant(experiments, *entry) and experiments[entry[0]].status == "running"
    ]
    if len(of_use) > 1:
        of_use.sort()  # by their keys, of which none comes twice
    return tuple(of_use)


def parse_odd_consent(value: str, _names: object, _permissions: object, _rules: object) -> Dropped | Refused:
    """A consent that is none: it counts as the visitor's no.

    It is refused only where it plainly identifies somebody: a no is not refused for its wording.
    """
    category = identifying_value(value)
    if category in _WORDINGS:
        return Dropped(("consent",))
    return Refused("consent", "identifying_value", category)


def parse_odd_opt_out(value: str, _names: object, _permissions: object, _rules: object) -> Refused | None:
    """An opt-out in other words than ``1``: it is one, and refused only where it plainly identifies somebody."""
    category = identifying_value(value)
    if category in _WORDINGS:
        return None
    return Refused("optout", "identifying_value", category)


Parser = Callable[[str, FieldNames, Permissions, SiteRules], Any]
"""From a raw cookie that was sent to what is kept of it, to ``Dropped`` or ``Refused``. None: it is nothing here."""
CHOICES: Mapping[str, Parser] = {
    "language": parse_language,
    "region": parse_region,
    "interests": parse_interests_cookie,
    "variants": parse_variants_cookie,
    "consent": parse_odd_consent,
    "optout": parse_odd_opt_out,
}


def _ill_formed(names: FieldNames, field: _Cookie, value: str, *, is_named: bool = True) -> Dropped | Refused:
    """What a value that is not of its shape comes to: it is dropped, unless it identifies somebody.

    Where it cannot be asked whom it identifies, it is refused.
    """
    category = judge(field, value[:_JUDGED_CHARS_MAX], partial(_category_as_written, names, field))
    if category is None:
        return Dropped((field,) if is_named else ())
    if category == "unjudged":
        return Refused(field, "invalid_value")
    return Refused(field, "identifying_value", category)


def _category_as_written(names: FieldNames, field: _Cookie, value: str) -> Category | None:
    if "%" in value:  # ill-formed by that alone; an identity is one however often it was encoded
        for _ in range(_DECODINGS_MAX):
            value = unquote(value)
        value = value.replace("%", "")
    if not value.isascii():
        value = _as_utf8(value, names.coding)
    return _category(field, value.strip())


def _category(field: _Cookie, value: str) -> Category | None:
    """Whom a value identifies.

    A dot between two words looks like a full name's, and a number like an account's. In a list they are the list's
    joint and a weight, so that each word is asked about by itself.
    """
    category = identifying_value(value)
    if category in _BY_LOOKS and field in _LISTS and " " not in value:
        words = _JOINTS.split(_WEIGHT.sub("", value))
        if words != [value] and len(words) <= _PIECES_MAX and not any(map(_NUMBER, words)):
            return next(filter(None, map(identifying_value, words)), None)
    return category


def _as_utf8(value: str, coding: str) -> str:
    """A header's octets, which are read as Latin-1, as UTF-8 where they are: browsers send what a script set so."""
    try:
        return value.encode(coding).decode()
    except UnicodeError:
        return value


# None of ours comes twice: a group that has matched fails to begin again.
_OURS = "|".join(
    rf'{name}=(?({group})(?!))([^;, \t"]*+)'
    for group, name in enumerate(("device", "consent", "language", "region", "interests", "variants"), 1)
)
_PLAIN_JAR = re.compile(rf"(?:(?:pb_(?:{_OURS})|(?![ \t]*+pb_)[^;]*+)(?:; ?|\Z))*+\Z").match
_DECODINGS_MAX = 3
_LISTS = frozenset({"interests", "variants"})
_JOINTS = re.compile(r"[.~]")
_WEIGHT = re.compile(r"(?<=[^\W\d_]):[0-9]{1,3}(?![^.])")
_NUMBER = re.compile(r"[0-9]").search
_PIECES_MAX = 8  # each is a question of its own
_BY_LOOKS = frozenset({"name", "account", "other"})
_ENCODED_CHARS_MAX = 256  # of a value of ours, in which a few signs need it: 60 us
_JUDGED_CHARS_MAX = 512  # of a value as it was written: `identifying_value` reads 128
_OPT_OUT = re.compile(r"(?:\A|[;, \t])pb_optout(?=[=;, \t]|\Z)[ \t]*(?:=([^;]*))?")
_ONE_WORD = re.compile(r"[^, \t]*")


def _wording(value: str | None) -> str:
    """How an opt-out is put: as it was sent, quotes and all.

    Without a value, or where the rest of a jar that was joined by commas is in it, it is the plain one: that rest is
    not looked at.
    """
    word = None if value is None else value.strip(" \t")
    return "1" if word is None or not _ONE_WORD.fullmatch(word) else word
