"""Where each signal of a visit is read from, and what it is for: a table that a test holds to the code.

Apart from ``disclosure``, which says it together with all else: here is what a new signal, cookie, header or field
needs a word in. The names are those of the wire. Which headers an edge speaks of places with, the settings say.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from service.core.privacy import PURPOSES, Purpose
from service.core.signals import SignalName

Becomes = Literal[
    "regime", "place", "network_prefix_hash", "language", "region", "device", "bot_kind", "device_hash", "buckets",
    "variants", "interests", "permissions",
]  # fmt: skip
"""What is derived from a signal: a closed value, or the salted hash of a day (for a count) or interval (for a cap)."""


class Source(Struct, frozen=True):
    """Where a signal may stand, what is derived from it, and which purposes that serves.

    ``headers`` are in lower case, ``cookies`` by their names. ``body`` are JSON pointers into a visit that a backend
    describes, ``context`` the fields of a feature flag's evaluation, ``report`` pointers into a report of events.
    ``connection``: the other end of the connection itself tells it. A signal that serves no purpose is read for its
    permissions alone.
    """

    meaning: str
    becomes: tuple[Becomes, ...]
    purposes: tuple[Purpose, ...] = ()
    headers: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    connection: bool = False


_OF_A_PLACE: tuple[Purpose, ...] = ("language", "region", "cohort", "statistics", "experiments")
_OF_A_DEVICE: tuple[Purpose, ...] = ("device", "cohort", "statistics", "experiments")

SIGNAL_SOURCES: Mapping[SignalName, Source] = {
    "geo": Source(
        "The country, and where it is large the part of it, as an edge or a backend resolved it.",
        ("regime", "place"),
        _OF_A_PLACE,
        body=("/signals/geo/country", "/signals/geo/subdivision"),
        context=("country", "subdivision"),
    ),
    "ip": Source(
        "The network address. A place is looked up for it; of its network's prefix a hash may be counted. Of a report "
        "of events without a key a hash of the prefix bounds how many are taken, and is held for a release interval.",
        ("regime", "place", "network_prefix_hash"),
        _OF_A_PLACE,
        headers=("x-forwarded-for", "forwarded"),
        body=("/signals/ip",),
        context=("ip",),
        connection=True,
    ),
    "accept_language": Source(
        "The languages that the browser asks for.",
        ("language",),
        ("language", "statistics", "experiments"),
        headers=("accept-language",),
        body=("/signals/device/accept_language",),
        context=("acceptLanguage",),
    ),
    "client_hints": Source(
        "The low-entropy hints that a browser sends unasked: brands, mobile or not, platform, a wish to save data.",
        ("device", "bot_kind"),
        _OF_A_DEVICE,
        headers=("sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "save-data"),
        body=(
            "/signals/device/client_hints/sec-ch-ua",
            "/signals/device/client_hints/sec-ch-ua-mobile",
            "/signals/device/client_hints/sec-ch-ua-platform",
            "/signals/device/client_hints/save-data",
        ),
    ),
    "user_agent": Source(
        "The browser's name for itself. A bot's also says what it comes for: the metrics have a number for each kind.",
        ("device", "bot_kind"),
        _OF_A_DEVICE,
        headers=("user-agent",),
        body=("/signals/device/user_agent",),
        context=("userAgent",),
    ),
    "device_id": Source(
        "The random id that the site made and keeps on the device. Buckets of experiments are drawn from it.",
        ("buckets", "device_hash"),
        ("statistics", "experiments"),
        cookies=("pb_device",),
        body=("/signals/device/id",),
        context=("targetingKey",),
    ),
    "cookie_language": Source(
        "The language that the visitor chose.",
        ("language",),
        ("language", "statistics", "experiments"),
        cookies=("pb_language",),
        body=("/signals/cookies/language",),
        context=("language",),
    ),
    "cookie_region": Source(
        "The region that the visitor chose: to be shown, and for experiments on what is shown. It tells neither the "
        "regime nor the group, and is not counted.",
        ("region",),
        ("region", "experiments"),
        cookies=("pb_region",),
        body=("/signals/cookies/region",),
        context=("region",),
    ),
    "cookie_variants": Source(
        "The variants that the device remembers, and which of them were counted.",
        ("variants",),
        ("statistics", "experiments"),
        cookies=("pb_variants",),
        body=("/signals/cookies/variants",),
        context=("variants",),
        report=("/variants",),
    ),
    "cookie_interests": Source(
        "At most three topics that the device remembers. Those that options of the site have order them in this "
        "answer; the others are not used, and none is counted.",
        ("interests",),
        ("interests",),
        cookies=("pb_interests",),
        body=("/signals/cookies/interests",),
        report=("/interests",),
    ),
    "gpc": Source(
        "Global Privacy Control: exactly 1.",
        ("permissions",),
        headers=("sec-gpc",),
        body=("/signals/gpc",),
        context=("gpc",),
    ),
    "opt_out": Source(
        "The visitor's no. Anything but an empty text or 0 is one, and beside it a consent is none.",
        ("permissions",),
        cookies=("pb_optout",),
        body=("/opt_out",),
        context=("optOut",),
    ),
    "consent": Source(
        "The purposes that the visitor consented to. What is not plainly a consent is none.",
        ("permissions",),
        cookies=("pb_consent",),
        body=("/consent",),
        context=("consent",),
    ),
}

PURPOSE_MEANINGS: Mapping[Purpose, str] = {
    "language": "Recommend one of the site's languages.",
    "region": "Recommend a country with its money, units and market.",
    "device": "Tell the class of device, its system, browser and what it can bear.",
    "cohort": "Find the group that the visit falls into, and show what that group responds to.",
    "statistics": "Count the visit, and what happened after it, in its group. Bots are counted in none.",
    "experiments": "Give the device a variant of each running experiment.",
    "interests": "Put options first that match topics which the device itself remembers.",
}

COOKIES: tuple[str, ...] = tuple(name for source in SIGNAL_SOURCES.values() for name in source.cookies)
"""Every cookie that is read. All others stay unread."""


def in_order(purposes: frozenset[Purpose]) -> tuple[Purpose, ...]:
    """The same purposes as they are always listed."""
    return tuple(purpose for purpose in PURPOSES if purpose in purposes)
