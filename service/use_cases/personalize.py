"""Makes the answer to a visit from what is known of it: language, region, device, cohort, and their explanation.

Everything here is arithmetic on closed values; what is slow is remembered inside the parts (one matcher and one region
recommender per site), and what was learned of groups comes as a snapshot. A decision whose parts are remembered costs
about 5 us.
"""

from collections.abc import Mapping
from functools import lru_cache

from msgspec import UNSET, Struct
from msgspec.structs import replace

from service.core.device import BotKind, Device, DeviceClass
from service.core.groups.cohort import LADDER_GENERALIZED, Continents, Ladders, Rungs
from service.core.groups.cohort_token import TokenSealer
from service.core.groups.counts import VISIT, Increment, code
from service.core.groups.snapshot import SiteSnapshot
from service.core.interest import Interests, prefer
from service.core.languages.matching import Language
from service.core.location import CountryCode, Place
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


class Personalizer:
    """Decides on everything of a visit except its experiments.

    ``continent`` tells a country's, ``ttl_s`` how long a caller may keep an answer.
    """

    def __init__(self, sealer: TokenSealer, continent: Continents, ttl_s: int) -> None:
        self._sealer = sealer
        self._ttl_s = ttl_s
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
        region = rules.regions.decide(place, signals.region_choice)
        grouped = permissions.cohort and not device.bot
        rungs = self._ladders.rungs(place, device, grouped=grouped)
        language_permitted = permissions.language  # else neither the place nor the group is asked what it speaks
        language = rules.matcher.decide(
            signals.preference,
            signals.language_choice,
            place.country if language_permitted and place is not None else None,
            place.source if language_permitted and place is not None else None,
            snapshot.learned_on(rungs[0]) if language_permitted and grouped else None,
        )
        cohort = self._cohort(rules.site.id, snapshot, rungs, permissions, interval_start_s) if grouped else None
        slots = _slots(rules, snapshot, rungs) if grouped else rules.slots
        counted = permissions.statistics and not device.bot
        interests = _answered(rules, signals.interests)
        return Personalized(
            Decision(
                rules.site.id,
                language,
                region,
                device,
                cohort,
                {},
                _preferred(rules, slots, interests),
                tuple(topic for topic, _ in interests),
                _privacy(
                    permissions,
                    _used(signals, region, interests, counted=counted),
                    signals.consent,
                    signals.opt_out,
                    signals.dropped,
                    signals.device_result.bot_kind,
                ),
                self._ttl_s,
            ),
            Increment(rules.site.id, rungs[0], _codes(language, slots)) if counted else None,
            rungs,
        )

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

    def _cohort(
        self, site: Key, snapshot: SiteSnapshot, rungs: Rungs, permissions: Permissions, interval_start_s: int
    ) -> Cohort | None:
        index = snapshot.cohort(rungs)
        if index is None:
            return None
        token: CohortToken | None = None
        if permissions.statistics:
            token = self._sealer.seal(
                site, interval_start_s, rungs[index], statistics=True, interests=permissions.interests
            )
        return Cohort(rungs[index], LADDER_GENERALIZED[index], token)


def _slots(rules: SiteRules, snapshot: SiteSnapshot, rungs: Rungs) -> Mapping[Key, SlotRanking]:
    """Each slot in the order that its cohort responds to, or the site's."""
    return {key: snapshot.ranking(key, rungs) or ranking for key, ranking in rules.slots.items()}


def _answered(rules: SiteRules, interests: Interests) -> Interests:
    """The interests that an option of the site has the topic of; the others are of no use to anybody."""
    return tuple(pair for pair in interests if pair[0] in rules.answered_topics) if interests else interests


def _preferred(rules: SiteRules, slots: Mapping[Key, SlotRanking], interests: Interests) -> Mapping[Key, SlotRanking]:
    """The same with options first that match what the device carries. It is for this answer, and counted nowhere."""
    if not interests:
        return slots
    return {
        key: SlotRanking(prefer(ranking.options, rules.site.slots[key].topics, interests), ranking.source)
        for key, ranking in slots.items()
    }


def _codes(language: Language, slots: Mapping[Key, SlotRanking]) -> tuple[str, ...]:
    """What a visit of a cohort with these rankings is counted as.

    A language that the header asked for is told from others, and alone teaches: we guessed those, or the visitor chose
    one on an earlier page, and a choice that is kept on the device is used for nothing else.
    """
    asked_for = language.source == "accept_language"
    offered = (code("offered", key, ranking.options[0]) for key, ranking in slots.items())
    return (VISIT, code("wanted" if asked_for else "shown", language.tag), *offered)


def _used(signals: Signals, region: Region, interests: Interests, *, counted: bool) -> tuple[SignalName, ...]:
    """The signals that had a part in the answer, or in a count."""
    used: list[SignalName] = [*signals.device_result.used]
    if signals.asked_place is not None:
        used.append(signals.asked_place)
    if signals.language_choice is not None:
        used.append("cookie_language")
    elif signals.preference is not None:
        used.append("accept_language")
    if region.source == "cookie":
        used.append("cookie_region")
    if interests:
        used.append("cookie_interests")
    if signals.bucketed or (counted and signals.device_id):
        used.append("device_id")
    if counted and signals.prefix:
        used.append("ip")
    if signals.variants:
        used.append("cookie_variants")
    return tuple(used)


@lru_cache(maxsize=4096)
def _privacy(
    permissions: Permissions,
    used: tuple[SignalName, ...],
    consent: bool,
    opt_out: bool,
    dropped: tuple[DroppedField, ...],
    bot_kind: BotKind | None,
) -> Privacy:
    """The explanation, remembered: there are few regimes and few ways to show oneself."""
    present = {*used}
    if permissions.gpc == "honoured":
        present.add("gpc")
    if opt_out:
        present.add("opt_out")
    if consent:
        present.add("consent")
    return Privacy(
        regime=permissions.regime,
        policy_version=permissions.policy_version,
        signals_used=tuple(name for name in SIGNAL_NAMES if name in present),
        allowed=permissions.allowed,
        withheld=permissions.withheld,
        dropped=dropped,
        signal_status=SignalStatus(permissions.gpc),
        bot_kind=UNSET if bot_kind is None else bot_kind,
    )
