"""The site's own cookies in a visit's request: seven names, each read once, everything else in the jar left unread."""

import re
from functools import lru_cache

from service.core.privacy import NO_CONSENT, PURPOSES, Purpose

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
