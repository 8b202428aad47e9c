"""The body of ``POST /v1/events``: its closed shape, and the translation into the site's vocabularies.

Every name in a report must be one that the site has. The result, ``core.event.EventReport``, can hold nothing that a
client made up.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from service.core.event import (
    EVENTS_MAX,
    VARIANTS_CHARS_MAX,
    VARIANTS_SHAPE,
    Conversion,
    Event,
    EventReport,
    Exposure,
    LanguageChosen,
    NotCounted,
    Reward,
    Variants,
    View,
    parse_variants,
)
from service.core.identity import identifying_value
from service.core.interest import Interests, parse_interests
from service.core.languages.matching import LanguageTag
from service.core.recommendation import CohortToken
from service.core.sites import Key, SiteRules
from service.web.bodies.body_errors import ELEMENT_ERRORS_MAX
from service.web.bodies.guidance import SITE_LEFT_OUT, bounded, guide_of, not_of_site, offered
from service.web.bodies.schema import ClientText, documented, read_strictly
from service.web.problems import FieldError, Refusal
from service.web.visit.cookies import as_written


class EventBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False, tag_field="type"):
    """Something that happened. Every name must be one that the site has."""


class ExposureBody(EventBody, frozen=True, gc=False, tag="exposure"):
    """A variant was shown. Counted once, as far as the device's marks say."""

    experiment: Annotated[Key, documented("an experiment of the site", examples=["hero"])]
    variant: Annotated[Key, documented("a variant of it", examples=["b"])]


class ConversionBody(EventBody, frozen=True, gc=False, tag="conversion"):
    """What an experiment hopes for happened. Counted once, as far as the device's marks say."""

    experiment: Annotated[Key, documented("an experiment of the site", examples=["hero"])]
    variant: Annotated[Key, documented("a variant of it", examples=["b"])]


class RewardBody(EventBody, frozen=True, gc=False, tag="reward"):
    """What was shown in a slot worked."""

    slot: Annotated[Key, documented("a slot of the site", examples=["front"])]
    option: Annotated[Key, documented("an option of it", examples=["spring"])]


class LanguageChosenBody(EventBody, frozen=True, gc=False, tag="language_chosen"):
    """The visitor took another language than was recommended."""

    language: Annotated[LanguageTag, documented("a language of the site", examples=["fr"])]


class ViewBody(EventBody, frozen=True, gc=False, tag="view"):
    """A page on a topic was looked at. It changes ``interests_cookie`` and is neither counted nor stored."""

    topic: Annotated[Key, documented("a topic of the site", examples=["shoes"])]


AnyEventBody = ExposureBody | ConversionBody | RewardBody | LanguageChosenBody | ViewBody


class EventsBody(ClientText, frozen=True, forbid_unknown_fields=True, gc=False):
    """What happened after a visit. All of it is counted, or nothing.

    ``variants`` and ``interests`` are the values of the cookies of these names; an empty one counts as not sent.
    """

    events: Annotated[list[AnyEventBody], documented("what happened, in its order", minItems=1, maxItems=EVENTS_MAX)]
    site: Key | UnsetType = UNSET
    token: (
        Annotated[CohortToken | None, documented("`cohort.token` of the visit's answer; without it nothing counts")]
        | UnsetType
    ) = UNSET
    variants: (
        Annotated[
            str,
            documented(
                "pb_variants, with the marks `e` (exposed) and `c` (converted) of what was counted",
                maxLength=VARIANTS_CHARS_MAX,
                pattern=rf"^({VARIANTS_SHAPE.pattern})?$",
                examples=["hero.b.e"],
            ),
        ]
        | UnsetType
    ) = UNSET
    interests: Annotated[str, documented("pb_interests: topics with weights", examples=["outdoor:3"])] | UnsetType = (
        UNSET
    )


class EventsAnswer(Struct, frozen=True):
    """What became of a report.

    ``accepted`` events were counted; of ``duplicates`` the device's own marks say that they were before. The cookies
    are their next values: ``null`` says to leave one as it is, an empty text that nothing is left to carry.

    ``reason`` is why nothing could be counted, else ``null``. Where several hold, the first is told: the visitor said
    no (``gpc``, ``opt_out``); there is no token that permits it (``no_token``), or it is a preview's (``preview``); or
    without a key too many of these events came from this network in this release interval (``capped``).
    """

    accepted: int
    duplicates: int
    reason: NotCounted | None
    variants_cookie: str | None
    interests_cookie: str | None


_events = msgspec.json.Decoder(EventsBody)


def read_events(body: bytes) -> EventsBody | Refusal:
    """The report of a device as it was sent; its cookies are decoded where a framework encoded them."""
    report: EventsBody | Refusal = read_strictly(_events, EventsBody, body)
    if isinstance(report, Refusal) or not (report.variants or report.interests):
        return report
    return replace(report, variants=as_written(report.variants or ""), interests=as_written(report.interests or ""))


def event_report(body: EventsBody, rules: SiteRules, errors: list[FieldError]) -> EventReport:
    """The same in the site's vocabularies. Unknown names go to ``errors``, and then the result is not to be used.

    An experiment or topic in a cookie that the site no longer has is left out, and no mistake.
    """
    if not body.events:
        errors.append(FieldError("/events", "invalid_value"))
    elif len(body.events) > EVENTS_MAX:
        errors.append(FieldError("/events", "too_large"))
    events: list[Event] = []
    where = SITE_LEFT_OUT if body.site is UNSET else None
    errors += islice(_judge(body.events[:EVENTS_MAX], rules, events, where), ELEMENT_ERRORS_MAX)
    variants: Variants | None = None
    if body.variants:
        if len(body.variants) > VARIANTS_CHARS_MAX:
            errors.append(FieldError("/variants", "too_large"))
        elif (variants := parse_variants(body.variants)) is None:
            errors.append(_misfit("/variants", body.variants))
    interests: Interests | None = None
    if body.interests and (interests := parse_interests(body.interests, rules.site.topics)) is None:
        errors.append(_misfit("/interests", body.interests))
    errors[:] = [bounded(guide_of(EventsBody).explain(error)) for error in errors]
    return EventReport(tuple(events), variants, interests)


def _judge(
    events: list[AnyEventBody], rules: SiteRules, valid_events: list[Event], where: str | None
) -> Iterator[FieldError]:
    """The mistakes in events, while those without one go to ``valid_events``. ``where`` says which site is meant."""
    for index, event in enumerate(events):
        closed = _close(event, rules)
        if isinstance(closed, str):
            beside = getattr(event, "experiment", None) or getattr(event, "slot", None)
            has = offered(rules.site, closed, beside)
            yield not_of_site(f"/events/{index}/{closed}", getattr(event, closed), has, where)
        else:
            valid_events.append(closed)


def _close(event: AnyEventBody, rules: SiteRules) -> Event | str:
    """An event in the site's vocabularies, or the name of its first member that is in none of them."""
    site = rules.site
    match event:
        case ExposureBody(experiment, variant) | ConversionBody(experiment, variant):
            if experiment not in site.experiments:
                return "experiment"
            if variant not in site.experiments[experiment].variants:
                return "variant"
            kind = Exposure if isinstance(event, ExposureBody) else Conversion
            return kind(experiment, variant)
        case RewardBody(slot, option):
            if slot not in site.slots:
                return "slot"
            return Reward(slot, option) if option in site.slots[slot].options else "option"
        case LanguageChosenBody(language):
            spelling = rules.matcher.spelling(language)
            return "language" if spelling is None else LanguageChosen(spelling)
        case ViewBody(topic):
            return View(topic) if topic in site.topics else "topic"


def _misfit(pointer: str, value: str) -> FieldError:
    category = identifying_value(value)
    return FieldError(pointer, "identifying_value" if category else "invalid_value", category)
