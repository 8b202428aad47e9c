"""What an opt-out would change for a visit, or what would come back without it: two decisions on it, compared.

What is said here is what the answers show, not what a policy would say about opt-outs.
"""

from collections.abc import Callable, Iterator

from service.core.recommendation import Decision
from service.use_cases.transparency.sentences import (
    Context,
    Sentence,
    SentenceKey,
    Value,
    ValueName,
    adds_to_bots,
    may_be_counted,
    percent_of,
    place_of,
)


def opt_out_diff(now: Decision, instead: Decision, context: Context) -> tuple[Sentence, ...]:
    """How the answer to a visit would differ after the other choice: opted out, or no longer. Never empty.

    Both are of the same site and snapshot, and ``now`` tells which of the two choices stands.
    """
    opted_out = "opt_out" in now.privacy.signals_used
    changes = [*_uses(now, instead, not opted_out, context)]
    for part in _PARTS:
        changes += part(now, instead, not opted_out)
    sentences = tuple(Sentence("changes", key, values) for key, values in changes)
    return sentences or (Sentence("changes", "change_nothing_returns" if opted_out else "change_nothing_ends", {}),)


_Change = tuple[SentenceKey, dict[ValueName, Value]]


def _uses(now: Decision, instead: Decision, ends: bool, context: Context) -> Iterator[_Change]:
    """The uses themselves. Where nothing is counted, no count can end."""
    more, less = (now, instead) if ends else (instead, now)
    purposes = tuple(
        purpose
        for purpose in more.privacy.allowed
        if purpose not in less.privacy.allowed and (context.counting or purpose != "statistics")
    )
    if purposes:
        yield "change_uses_end" if ends else "change_uses_return", {"purposes": purposes}
    if may_be_counted(more, context) and not may_be_counted(less, context):
        yield "change_count_ends" if ends else "change_count_returns", {}
    if adds_to_bots(more) and not adds_to_bots(less):
        yield "change_bot_count_ends" if ends else "change_bot_count_returns", {}
    if more.cohort is not None and less.cohort is None:
        yield "change_cohort_ends" if ends else "change_cohort_returns", {"cohort": more.cohort.key}


def _language(now: Decision, instead: Decision, _ends: bool) -> Iterator[_Change]:
    before, after = now.language, instead.language
    sure: dict[ValueName, Value] = {"language": after.tag, "percent": percent_of(after.confidence)}
    if before.tag != after.tag:
        yield "change_language", {**sure, "other_language": before.tag}
    elif before.confidence != after.confidence:
        yield "change_language_confidence", {**sure, "other_percent": percent_of(before.confidence)}


def _region(now: Decision, instead: Decision, _ends: bool) -> Iterator[_Change]:
    before, after = place_of(now.region), place_of(instead.region)
    if after is None:
        if before is not None:
            yield "change_region_ends", {"place": before}
        return
    sure: dict[ValueName, Value] = {"place": after, "percent": percent_of(instead.region.confidence)}
    if before is None:
        yield "change_region_returns", sure
    elif before != after:
        yield "change_region", {**sure, "other_place": before}
    elif now.region.confidence != instead.region.confidence:
        yield "change_region_confidence", {**sure, "other_percent": percent_of(now.region.confidence)}


def _time_zone(now: Decision, instead: Decision, _ends: bool) -> Iterator[_Change]:
    """It goes with the part of a country, so where consent to that ends, it may be gone and the country stay."""
    before, after = now.region.time_zone, instead.region.time_zone
    if before is not None and after is None:
        yield "change_time_zone_ends", {"time_zone": before}
    elif after is not None and before != after:
        yield "change_time_zone", {"time_zone": after}


def _experiments(now: Decision, instead: Decision, ends: bool) -> Iterator[_Change]:
    for name, before in now.experiments.items():
        after = instead.experiments[name]
        values: dict[ValueName, Value] = {"experiment": name, "variant": after.variant}
        if before.variant != after.variant:
            yield "change_variant", {**values, "other_variant": before.variant}
        elif before.in_experiment != after.in_experiment:
            yield "change_experiment_ends" if ends else "change_experiment_returns", values


def _slots(now: Decision, instead: Decision, _ends: bool) -> Iterator[_Change]:
    for name, before in now.slots.items():
        after = instead.slots[name]
        if before.options != after.options:
            yield "change_slot", {"slot": name, "options": after.options, "other_options": before.options}


def _interests(now: Decision, instead: Decision, ends: bool) -> Iterator[_Change]:
    more, less = (now, instead) if ends else (instead, now)
    topics = tuple(topic for topic in more.interests if topic not in less.interests)
    if topics:
        yield "change_interests_end" if ends else "change_interests_return", {"topics": topics}


_PARTS: tuple[Callable[[Decision, Decision, bool], Iterator[_Change]], ...] = (
    _language,
    _region,
    _time_zone,
    _experiments,
    _slots,
    _interests,
)
