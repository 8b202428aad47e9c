"""Makes the answer to a visit from what is known of it: language, region, device, cohort, and their explanation.

Everything here is arithmetic on closed values, and what was learned of groups comes as a snapshot. A decision is joined
of parts. ``Personalizer.personalize`` makes them all; ``web.answers`` remembers each by what it follows from.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.core.device import BotKind, Device, DeviceClass, DeviceSignal, OperatingSystem
from service.core.groups.cohort import EVERYBODY, LADDER_GENERALIZED, UNKNOWN_COUNTRY, Continents, Ladders, Rungs
from service.core.groups.cohort_token import TokenSealer
from service.core.groups.counts import VISIT, Increment, code
from service.core.groups.snapshot import SiteSnapshot
from service.core.interest import Interests, prefer
from service.core.languages.matching import Language, LanguageTag
from service.core.languages.preference import Preference
from service.core.languages.prior import Learned
from service.core.location import CountryCode, Place, PlaceSource
from service.core.privacy import NO_CONSENT, Permissions, Policy
from service.core.recommendation import Cohort, CohortPage, CohortToken, Decision, Privacy, SignalStatus
from service.core.region import Region
from service.core.signals import SIGNAL_NAMES, DroppedField, SignalName, Signals
from service.core.sites import Key, SiteRules, SlotRanking


class Personalized(Struct, frozen=True, gc=False):
    """A decision, and what the visit adds to the counts: None where its permissions or the device say no.

    ``rungs`` are the cohorts that its device counts into, the finest first.
    """

    decision: Decision
    increment: Increment | None
    rungs: Rungs


class Group(Struct, frozen=True, eq=False):
    """What a visit's group adds to its answer. Compared by identity, so that what follows from it can be remembered.

    ``rungs`` are its cohorts, the finest first. ``slots`` stand in the order that its cohort responds to, or the
    site's.
    """

    rungs: Rungs
    learned: Learned | None
    cohort: Cohort | None
    slots: Mapping[Key, SlotRanking]


class Personalizer:
    """Decides on everything of a visit except its experiments.

    ``continent`` tells a country's, ``ttl_s`` how long a caller may keep an answer. An answer is joined of parts, each
    of which follows from a few closed values: ``group_of``, ``language_of``, ``region_of``, ``explain``.
    """

    def __init__(self, sealer: TokenSealer, continent: Continents, ttl_s: int) -> None:
        self.ttl_s = ttl_s
        self._sealer = sealer
        self._ladders = Ladders(continent)

    def personalize(
        self,
        rules: SiteRules,
        permissions: Permissions,
        signals: Signals,
        snapshot: SiteSnapshot,
        interval_start_s: int,
    ) -> Personalized:
        """What to show this visit and why. A token is of the interval that begins at ``interval_start_s``."""
        place, device = signals.place, signals.device_result.device
        group = ungrouped(rules)
        if permissions.cohort and not device.bot:
            group = self.group_of(
                rules, snapshot, interval_start_s,
                None if place is None else place.country, device.class_, device.os,
                permissions.statistics, permissions.interests,
            )  # fmt: skip
        language = rules.matcher.decide(*language_inputs(permissions, signals, group))
        region = rules.regions.decide(place, signals.region_choice)
        interests = answered_interests(rules, signals.interests)
        counted = permissions.statistics and not device.bot
        return Personalized(
            Decision(
                rules.site.id,
                language,
                region,
                device,
                group.cohort,
                {},
                preferred(rules, group, interests),
                tuple(topic for topic, _ in interests),
                explain(*explanation_inputs(permissions, signals, region, interests)),
                self.ttl_s,
            ),
            increment_of(rules, group, language) if counted else None,
            group.rungs,
        )

    def group_of(
        self,
        rules: SiteRules,
        snapshot: SiteSnapshot,
        interval_start_s: int,
        country: CountryCode | None,
        class_: DeviceClass,
        os: OperatingSystem,
        statistics: bool,
        interests: bool,
    ) -> Group:
        """The group of visits with these traits, which may be grouped; the last two are what a token permits."""
        rungs = self._ladders.climb(country or UNKNOWN_COUNTRY, class_, os)
        index = snapshot.cohort(rungs)
        cohort = None
        if index is not None:
            token: CohortToken | None = None
            if statistics:
                token = self._sealer.seal(
                    rules.site.id, interval_start_s, rungs[index], statistics=True, interests=interests
                )
            cohort = Cohort(rungs[index], LADDER_GENERALIZED[index], token)
        return Group(rungs, snapshot.learned_on(rungs[0]), cohort, _slots(rules, snapshot, rungs))

    def personalize_cohort(
        self,
        rules: SiteRules,
        policy: Policy,
        country: CountryCode,
        tag: str,
        device_class: DeviceClass,
        snapshot: SiteSnapshot,
        max_age_s: int,
    ) -> CohortPage:
        """The answer to everyone in this country, language and device class, without a visit and without consent.

        All three are given, so their source is the cohort. Where the law of the country asks consent for cohorts,
        nothing learned is in it.
        """
        place = Place(country, None, None, "edge")
        language = rules.matcher.decide(None, tag, country, "edge")
        region = rules.regions.decide(place, None)
        device = Device(device_class, "unknown", "unknown", "standard", bot=device_class == "bot", source="cohort")
        permissions = policy.permit(policy.regime_of(place), NO_CONSENT, False, False, rules.site.child_directed)
        grouped = permissions.cohort and permissions.region and permissions.device and not device.bot
        rungs = self._ladders.climb(country, device_class, "unknown")
        # Everyone of the class is meant, whatever the system: the ladder begins at its second rung.
        index = snapshot.cohort(rungs[1:]) if grouped else None
        cohort = None if index is None else Cohort(rungs[1 + index], LADDER_GENERALIZED[1 + index], None)
        return CohortPage(
            rules.site.id,
            replace(language, source="cohort"),
            replace(region, source="cohort", confidence=1.0),
            device,
            cohort,
            _slots(rules, snapshot, rungs[1:]) if grouped else rules.slots,
            policy.version,
            max_age_s,
        )


def ungrouped(rules: SiteRules) -> Group:
    """What visits have that may not be grouped, and bots: the site's own order, and counts of everybody's."""
    return Group((EVERYBODY,), None, None, rules.slots)


def language_inputs(
    permissions: Permissions, signals: Signals, group: Group
) -> tuple[Preference | None, LanguageTag | None, CountryCode | None, PlaceSource | None, Learned | None]:
    """What decides the language of a visit: ``LanguageMatcher.decide`` is called with it.

    Where the language is not permitted, neither the place nor the group is asked what it speaks.
    """
    if not permissions.language:
        return signals.preference, signals.language_choice, None, None, None
    place = signals.place
    if place is None:
        return signals.preference, signals.language_choice, None, None, group.learned
    return signals.preference, signals.language_choice, place.country, place.source, group.learned


def answered_interests(rules: SiteRules, interests: Interests) -> Interests:
    """The interests that an option of the site has the topic of; the others are of no use to anybody."""
    return tuple(pair for pair in interests if pair[0] in rules.answered_topics) if interests else interests


def preferred(rules: SiteRules, group: Group, interests: Interests) -> Mapping[Key, SlotRanking]:
    """A group's slots with options first that match what the device carries: for this answer, and counted nowhere."""
    if not interests:
        return group.slots
    return {
        key: SlotRanking(prefer(ranking.options, rules.site.slots[key].topics, interests), ranking.source)
        for key, ranking in group.slots.items()
    }


def increment_of(rules: SiteRules, group: Group, language: Language) -> Increment:
    """What a visit of this group that is answered in this language adds to the counts.

    A language that the header asked for is told from others, and alone teaches: we guessed those, or the visitor chose
    one on an earlier page, and a choice that is kept on the device is used for nothing else.
    """
    asked_for = language.source == "accept_language"
    offered = (code("offered", key, ranking.options[0]) for key, ranking in group.slots.items())
    codes = (VISIT, code("wanted" if asked_for else "shown", language.tag), *offered)
    return Increment(rules.site.id, group.rungs[0], codes)


def _slots(rules: SiteRules, snapshot: SiteSnapshot, rungs: Rungs) -> Mapping[Key, SlotRanking]:
    """Each slot in the order that its cohort responds to, or the site's."""
    return {key: snapshot.ranking(key, rungs) or ranking for key, ranking in rules.slots.items()}


ExplanationInputs = tuple[
    Permissions, tuple[DeviceSignal, ...], BotKind | None, bool, Literal["geo", "ip"] | None, bool, bool, bool, bool,
    bool, bool, bool, bool, bool, bool, tuple[DroppedField, ...],
]  # fmt: skip
"""The arguments of ``explain``: closed values."""


def explanation_inputs(
    permissions: Permissions, signals: Signals, region: Region, interests: Interests
) -> ExplanationInputs:
    """What explains a visit's answer, by its region and the interests that had a part in it."""
    result = signals.device_result
    return (
        permissions,
        result.used,
        result.bot_kind,
        permissions.statistics and not result.device.bot,
        signals.asked_place,
        signals.language_choice is not None,
        signals.preference is not None,
        region.source == "cookie",
        bool(interests),
        signals.device_id,
        signals.prefix,
        signals.bucketed,
        signals.variants,
        signals.consent,
        signals.opt_out,
        signals.dropped,
    )


def explain(
    permissions: Permissions,
    of_device: tuple[DeviceSignal, ...],
    bot_kind: BotKind | None,
    counted: bool,
    asked_place: Literal["geo", "ip"] | None,
    language_chosen: bool,
    languages_preferred: bool,
    region_chosen: bool,
    interested: bool,
    shows_id: bool,
    prefix: bool,
    bucketed: bool,
    variants: bool,
    consent: bool,
    opt_out: bool,
    dropped: tuple[DroppedField, ...],
) -> Privacy:
    """The explanation, with the signals that had a part in the answer, or in a count. There are few of them."""
    had_a_part: dict[SignalName, bool] = {
        "accept_language": languages_preferred and not language_chosen,
        "device_id": bucketed or (counted and shows_id),
        "cookie_language": language_chosen,
        "cookie_region": region_chosen,
        "cookie_variants": variants,
        "cookie_interests": interested,
        "ip": counted and prefix,
        "gpc": permissions.gpc == "honoured",
        "opt_out": opt_out,
        "consent": consent,
    }
    signals_used = {asked_place, *of_device, *(name for name, had in had_a_part.items() if had)}
    return Privacy(
        regime=permissions.regime,
        policy_version=permissions.policy_version,
        signals_used=tuple(name for name in SIGNAL_NAMES if name in signals_used),
        allowed=permissions.allowed,
        withheld=permissions.withheld,
        dropped=dropped,
        signal_status=SignalStatus(permissions.gpc),
        bot_kind=UNSET if bot_kind is None else bot_kind,
    )
