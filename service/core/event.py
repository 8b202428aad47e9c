"""Events after a visit, and what follows from them: counts in the token's cohort, and the next values of two cookies.

Only the device remembers what was counted: marks in its variants cookie say that an exposure or a conversion was, so
that the same again is a duplicate. A request brings the cookies, its answer the next ones. All values are of the site's
closed vocabularies; the schema of the wire is in ``web.bodies``.
"""

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from service.core.groups.cohort_token import Sealed
from service.core.groups.counts import Code, Increment, code
from service.core.interest import Interests, format_interests, raise_interest
from service.core.languages.matching import LanguageTag
from service.core.sites import KEY_PATTERN, Experiment, Key, Site

EVENTS_MAX = 20
VARIANTS_CHARS_MAX = 2048

_KEY = KEY_PATTERN.removeprefix("^").removesuffix(r"\Z")
_ENTRY = rf"{_KEY}\.{_KEY}(\.e?c?)?"
VARIANTS_SHAPE = re.compile(rf"{_ENTRY}(~{_ENTRY})*")


class Exposure(Struct, frozen=True, gc=False):
    """A variant was shown."""

    experiment: Key
    variant: Key


class Conversion(Struct, frozen=True, gc=False):
    """The goal of an experiment was reached."""

    experiment: Key
    variant: Key


class Reward(Struct, frozen=True, gc=False):
    """An option shown in a slot had success."""

    slot: Key
    option: Key


class LanguageChosen(Struct, frozen=True, gc=False):
    """The visitor took another language, in the site's spelling."""

    language: LanguageTag


class View(Struct, frozen=True, gc=False):
    """A page on a topic was looked at. It changes what the device carries, and is neither counted nor stored."""

    topic: Key


Event = Exposure | Conversion | Reward | LanguageChosen | View


class Carried(Struct, frozen=True, gc=False):
    """The variant of one experiment as a device carries it, with the marks of what was counted."""

    variant: Key
    exposed: bool = False
    converted: bool = False


Variants = Mapping[Key, Carried]


class EventReport(Struct, frozen=True):
    """The events of a device, in the order of happening, and what it carries. None: not told, which is not empty."""

    events: tuple[Event, ...]
    variants: Variants | None
    interests: Interests | None


NotCounted = Literal["gpc", "opt_out", "no_token", "preview", "capped"]
"""Why nothing of a report was counted. Where several of these hold, the first of them in this order is told."""


class Outcome(Struct, frozen=True):
    """The outcome of a report: one increment for each event that counts, and the next values of the cookies.

    ``duplicates`` are the events that the device's marks say were counted before. Of a cookie, None says to leave it as
    it is, and an empty text that nothing is left to carry. ``reason``: why nothing could be counted, whatever it was.
    """

    increments: tuple[Increment, ...] = ()
    accepted: int = 0
    duplicates: int = 0
    variants_cookie: str | None = None
    interests_cookie: str | None = None
    reason: NotCounted | None = None


NOTHING = Outcome(reason="no_token")
CAPPED = Outcome(reason="capped")


def apply_events(site: Site, sealed: Sealed | None, report: EventReport) -> Outcome:
    """The outcome of a report. Without a token that permits statistics nothing counts and the cookies stay as they are.

    A site for children counts nothing either: tokens that it gave before it became one are void.

    The events are of the site's vocabularies. Those of an experiment that is a draft have no effect, and views none
    unless the token permits interests.
    """
    if sealed is None or not sealed.statistics or site.child_directed:
        return NOTHING
    carried = {
        key: entry for key, entry in (report.variants or {}).items() if has_variant(site.experiments, key, entry)
    }
    interests = report.interests
    has_variants = report.variants is not None
    codes: list[Code] = []
    duplicates = 0
    for event in report.events:
        if isinstance(event, Exposure | Conversion):
            has_variants = True
            before = carried.get(event.experiment)
            if site.experiments[event.experiment].status == "draft":
                continue
            after = _marked(before, event)
            if after == before:
                duplicates += 1
                continue
            carried[event.experiment] = after
        elif isinstance(event, View):
            interests = raise_interest(interests or (), event.topic)
            continue
        codes.append(_code(event))
    return Outcome(
        tuple(Increment(site.id, sealed.cohort, (event_code,)) for event_code in codes),
        len(codes),
        duplicates,
        format_variants(carried) if has_variants else None,
        None if interests is None or not sealed.interests else format_interests(interests),
    )


def parse_variants(value: str) -> Variants | None:
    """The variants of a cookie by experiment, the first of two; None when it is ill-formed or too long.

    >>> parse_variants("hero.b.e")
    {'hero': Carried(variant='b', exposed=True, converted=False)}
    """
    if len(value) > VARIANTS_CHARS_MAX or VARIANTS_SHAPE.fullmatch(value) is None:
        return None
    variants: dict[Key, Carried] = {}
    for entry in value.split("~"):
        experiment, variant, marks = f"{entry}.".split(".")[:3]
        variants.setdefault(experiment, Carried(variant, "e" in marks, "c" in marks))
    return variants


def format_variants(variants: Variants) -> str:
    """The value of the cookie, sorted by experiment; empty when there is nothing to carry."""
    return "~".join(_entry(experiment, variants[experiment]) for experiment in sorted(variants))


def _entry(experiment: Key, carried: Carried) -> str:
    marks = "e" * carried.exposed + "c" * carried.converted
    return f"{experiment}.{carried.variant}" + (f".{marks}" if marks else "")


def has_variant(experiments: Mapping[Key, Experiment], key: Key, carried: Carried) -> bool:
    """Whether the site still has the experiment and variant that a cookie names."""
    return key in experiments and carried.variant in experiments[key].variants


def _marked(before: Carried | None, event: Exposure | Conversion) -> Carried:
    """The variant that the device carries once the event is counted; unchanged when it was counted before."""
    if before is None or before.variant != event.variant:
        before = Carried(event.variant)
    return replace(before, exposed=True) if isinstance(event, Exposure) else replace(before, converted=True)


def _code(event: Exposure | Conversion | Reward | LanguageChosen) -> Code:
    match event:
        case Exposure(experiment, variant):
            return code("exposed", experiment, variant)
        case Conversion(experiment, variant):
            return code("converted", experiment, variant)
        case Reward(slot, option):
            return code("rewarded", slot, option)
        case LanguageChosen(language):
            return code("chosen", language)
