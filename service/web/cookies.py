"""The site's own cookies: seven names, each read once, everything else left unread; and the shapes of their values.

A value that is not of its shape is dropped and named by its field, unless it identifies somebody: then it is refused.
"""

import re
from functools import lru_cache

from service.core.identity import Category, identifying_value
from service.core.privacy import NO_CONSENT, PURPOSES, Purpose
from service.core.signals import DroppedField
from service.core.sites import KEY_PATTERN
from service.web.problems import FieldError

_KEY = KEY_PATTERN.strip("^$")
LANGUAGE_SHAPE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,7}")
INTERESTS_SHAPE = re.compile(rf"{_KEY}:[1-3](\.{_KEY}:[1-3]){{0,2}}")
VARIANTS_SHAPE = re.compile(rf"{_KEY}\.{_KEY}(\.e?c?)?(~{_KEY}\.{_KEY}(\.e?c?)?)*")
NAMES = frozenset({"device", "language", "region", "interests", "variants", "consent", "optout"})
# Any other value of pb_optout is an opt-out: it fails closed.
NOT_OPTED_OUT = frozenset({"", "0"})


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


@lru_cache(maxsize=256)
def read_consent(text: str) -> frozenset[Purpose] | None:
    """The purposes of a ``pb_consent`` cookie; None when ill-formed or partly unknown, which is no consent."""
    if not text:
        return NO_CONSENT
    purposes = frozenset(text.split("."))
    return (
        frozenset(purpose for purpose in PURPOSES if purpose in purposes) if purposes <= frozenset(PURPOSES) else None
    )


def judge(
    from_body: bool, field: DroppedField, value: str, dropped: list[DroppedField], errors: list[FieldError]
) -> None:
    """Sort a value that is not of its shape under what refuses the visit or what is dropped and named."""
    if category := identifying_value(value):
        errors.append(identifying(from_body, field, category))
    else:
        dropped.append(field)


def identifying(from_body: bool, field: DroppedField, category: Category) -> FieldError:
    """The error that points at our field, where this visit's came from."""
    pointer = _POINTERS[field] if from_body else f"/cookies/pb_{field}"
    return FieldError(pointer, "identifying_value", category)


_POINTERS = {
    "device": "/signals/device/id",
    "language": "/signals/cookies/language",
    "region": "/signals/cookies/region",
    "interests": "/signals/cookies/interests",
    "variants": "/signals/cookies/variants",
}
_PAIR = re.compile(r"pb_([a-z]+)=([^; \t]*)(?=;|\Z)")


def _one_by_one(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in text.split(";"):
        raw, equals, value = pair.strip(" \t").partition("=")
        name = raw.rstrip(" \t").removeprefix("pb_")
        if not equals or not raw.startswith("pb_") or name not in NAMES:
            continue
        if name not in found or (name == "optout" and found[name] in NOT_OPTED_OUT):
            found[name] = value.strip(" \t").strip('"')
    return found
