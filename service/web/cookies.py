"""The site's own cookies: seven names, each read once, everything else left unread; and the shapes of their values.

A value that is not of its shape is dropped and named by its field, unless it identifies somebody: then it is refused.
"""

import re
from collections.abc import Collection, Mapping
from functools import partial
from itertools import combinations
from urllib.parse import unquote

from service.core.event import Carried, is_of, parse_variants
from service.core.identity import Category, identifying_value
from service.core.interest import Interests, parse_interests
from service.core.language import LanguageMatcher, LanguageTag
from service.core.privacy import PURPOSES, Permissions, Purpose
from service.core.region import RegionChoice, RegionTables
from service.core.signals import DroppedField
from service.core.sites import Experiment, Key
from service.web.problems import FieldError
from service.web.scrutiny import judge

LANGUAGE_SHAPE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")
# Most of the tags that there are, and nobody's name: there is nothing to ask of one that the site lacks.
_COMMON_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
NAMES = frozenset({"device", "language", "region", "interests", "variants", "consent", "optout"})
# Any other value of pb_optout, as it was sent, is an opt-out: it fails closed.
NOT_OPTED_OUT = frozenset({"", "0"})
PLAIN_OPT_OUTS = NOT_OPTED_OUT | {"1"}
# What a wish may look like to `identifying_value` without being anybody's identity: `true`, `YES`, `analytics`.
_WORDINGS = frozenset({None, "name", "account", "credential", "free_text", "other"})


def read_cookies(jar: bytes) -> dict[str, str]:
    """The cookies that are ours, each once, the first one; of an opt-out any that says so. The others stay unread.

    The pattern finds ``pb_`` anywhere and is fast for that. Where what it found are not plainly cookies of ours, each
    once, ``_one_by_one`` reads carefully.
    """
    text = jar.decode("latin-1")
    pairs = _PAIR.findall(text)
    found = dict(pairs)
    plainly = text.startswith("pb_") + text.count("; pb_")
    if plainly == text.count("pb_") == len(pairs) == len(found) and '"' not in text and found.keys() <= NAMES:
        return found
    return _one_by_one(text)


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
    found = _SPELLED.get(text)
    # Another order, or a purpose named twice, is a consent all the same; but nobody's spelling is remembered.
    return _CONSENTS.get(frozenset(text.split("."))) if found is None else found


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


def choose_language(
    from_body: bool, value: str, matcher: LanguageMatcher, dropped: list[DroppedField], errors: list[FieldError]
) -> LanguageTag | None:
    """The visitor's own choice in the site's spelling; None where the site does not have it, which is no mistake."""
    chosen = matcher.spelling(value)
    if chosen is None and _is_encoded(value):
        chosen = matcher.spelling(value := as_written(value))
    if chosen is None and _COMMON_TAG.fullmatch(value) is None:
        _judge(from_body, "language", value, [] if LANGUAGE_SHAPE.fullmatch(value) else dropped, errors)
    return chosen


def choose_region(
    from_body: bool, value: str, regions: RegionTables, dropped: list[DroppedField], errors: list[FieldError]
) -> RegionChoice | None:
    """The visitor's own choice as the tables know it."""
    chosen = regions.parse_region(value)
    if chosen is None and _is_encoded(value):
        chosen = regions.parse_region(value := as_written(value))
    if chosen is None:
        _judge(from_body, "region", value, dropped, errors)
    return chosen


def judge_device_id(
    from_body: bool,
    category: Category,
    permissions: Permissions,
    dropped: list[DroppedField],
    errors: list[FieldError],
) -> None:
    """A device id has one of the site's formats, or it is none."""
    if category != "other":
        errors.append(identifying(from_body, "device", category))
    elif from_body:
        errors.append(FieldError("/signals/device/id", "invalid_value"))
    elif permissions.experiments or permissions.statistics:
        dropped.append("device")


def judge_interests(
    from_body: bool,
    value: str,
    topics: Collection[Key],
    permissions: Permissions,
    dropped: list[DroppedField],
    errors: list[FieldError],
) -> Interests:
    """The interests in a site's topics. Where they may not be used they are not named either, as if none had come."""
    interests = parse_interests(value, topics)
    if interests is None and _is_encoded(value):
        interests = parse_interests(value := as_written(value), topics)
    if interests is None:
        _judge(from_body, "interests", value, dropped if permissions.interests else [], errors)
        return ()
    return interests if permissions.interests else ()


def judge_variants(
    from_body: bool,
    value: str,
    experiments: Mapping[Key, Experiment],
    permissions: Permissions,
    dropped: list[DroppedField],
    errors: list[FieldError],
) -> tuple[tuple[Key, Carried], ...]:
    """The variants of experiments that run, in their keys' order. Those of others are no mistake, but of no use."""
    found = parse_variants(value)
    if found is None and _is_encoded(value):
        found = parse_variants(value := as_written(value))
    if found is None:
        _judge(from_body, "variants", value, dropped if permissions.experiments else [], errors)
    if found is None or not permissions.experiments:
        return ()
    return tuple(
        (key, found[key])
        for key in sorted(found)
        if is_of(experiments, key, found[key]) and experiments[key].status == "running"
    )


def judge_wishes(consent: str, opt_out: str, dropped: list[DroppedField], errors: list[FieldError]) -> None:
    """A consent that is none, and an opt-out in other words than ``1``.

    Both count as the visitor's no. They are refused only where they plainly identify somebody: a no is not refused for
    its wording.
    """
    if read_consent(consent) is None:
        category = identifying_value(consent)
        if category in _WORDINGS:
            dropped.append("consent")
        else:
            errors.append(FieldError("/cookies/pb_consent", "identifying_value", category))
    if opt_out not in PLAIN_OPT_OUTS and (category := identifying_value(opt_out)) not in _WORDINGS:
        errors.append(FieldError("/cookies/pb_optout", "identifying_value", category))


def _judge(
    from_body: bool, field: DroppedField, value: str, dropped: list[DroppedField], errors: list[FieldError]
) -> None:
    """Sort a value that is not of its shape under what refuses the visit or what is dropped and named.

    Where it cannot be asked whom it identifies, it is refused.
    """
    read = partial(_category_as_written, from_body, field)
    category = judge(field, value[:_JUDGED_CHARS_MAX], read)
    if category == "unjudged":
        errors.append(FieldError(_pointer(from_body, field), "invalid_value"))
    elif category:
        errors.append(identifying(from_body, field, category))
    else:
        dropped.append(field)


def _category_as_written(from_body: bool, field: DroppedField, value: str) -> Category | None:
    if "%" in value:  # ill-formed by that alone; an identity is one however often it was encoded
        for _ in range(_DECODINGS_MAX):
            value = unquote(value)
        value = value.replace("%", "")
    if not from_body and not value.isascii():
        value = _as_utf8(value)
    return _category(field, value.strip())


def _category(field: DroppedField, value: str) -> Category | None:
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


def _as_utf8(value: str) -> str:
    """A header's octets, which are read as Latin-1, as UTF-8 where they are: browsers send what a script set so."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def identifying(from_body: bool, field: DroppedField, category: Category) -> FieldError:
    """The error that points at our field, where this visit's came from."""
    return FieldError(_pointer(from_body, field), "identifying_value", category)


def _pointer(from_body: bool, field: DroppedField) -> str:
    return _POINTERS[field] if from_body else f"/cookies/pb_{field}"


_POINTERS = {
    "device": "/signals/device/id",
    "language": "/signals/cookies/language",
    "region": "/signals/cookies/region",
    "interests": "/signals/cookies/interests",
    "variants": "/signals/cookies/variants",
}
_PAIR = re.compile(r"pb_([a-z]+)=([^;, \t]*)(?=;|\Z)")
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


def _one_by_one(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in text.split(";"):
        raw, equals, value = pair.strip(" \t").partition("=")
        name = raw.rstrip(" \t").removeprefix("pb_")
        if equals and raw.startswith("pb_") and name in NAMES:
            value = value.strip(" \t")
            found.setdefault(name, value if name == "consent" else value.strip('"'))
    if "pb_optout" in text and (said := [_wording(one[1]) for one in _OPT_OUT.finditer(text)]):
        found["optout"] = next((word for word in said if word not in NOT_OPTED_OUT), said[0])
    return found


def _wording(value: str | None) -> str:
    """How an opt-out is put: as it was sent, quotes and all.

    Without a value, or where the rest of a jar that was joined by commas is in it, it is the plain one: that rest is
    not looked at.
    """
    word = None if value is None else value.strip(" \t")
    return "1" if word is None or not _ONE_WORD.fullmatch(word) else word
