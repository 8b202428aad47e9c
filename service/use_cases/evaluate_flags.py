"""The answer to a visit as feature flags, in OpenFeature's terms: what a page asks its SDK for, by a key.

Every part of a decision that a page may switch on is one flag, and every value is a text. Its ``metadata`` say in the
decision's own words why: ``reason`` is the source of a recommendation, or the reason of an assignment. How flags are
asked for and sent is in ``web.ofrep.flags``.

    reason            value
    TARGETING_MATCH   a recommendation that a signal of this visit made
    STATIC            a recommendation that is the site's own: its default, its order
    SPLIT             the variant that the device's id falls into
    DISABLED          control of an experiment that is over
    DEFAULT           any other variant; or none, where nothing is known: then the page's own default holds
"""

from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from service.core.experiments.assignment import Assigned, Assignment, AssignmentReason
from service.core.privacy import Purpose
from service.core.recommendation import Decision
from service.core.sites import FIXED_FLAGS, Key, Site, SlotRanking

FlagReason = Literal["TARGETING_MATCH", "STATIC", "SPLIT", "DISABLED", "DEFAULT"]
Metadata = Mapping[str, str | float | bool]

NO_VARIANT = "default"
"""What ``variant`` says where there is no value: SDKs want a text there, always."""


class Flag(Struct, frozen=True, gc=False):
    """One flag as this visit has it. Without ``value`` the caller's own default holds."""

    key: Key
    reason: FlagReason
    variant: str
    metadata: Metadata
    value: str | UnsetType = UNSET


def has_flag(site: Site, key: str) -> bool:
    """Whether visitors of a site may ask for a flag of this key. A draft does not exist for them."""
    if key in site.experiments:
        return site.experiments[key].status != "draft"
    return key in FIXED_FLAGS or key in site.slots


def evaluate_flag(decision: Decision, assigned: Assigned, key: str) -> Flag | None:
    """One flag of a visit; None where its site has no such flag."""
    if key in _RECOMMENDED:
        return _RECOMMENDED[key](decision)
    if key in decision.slots:
        return _slot(key, decision.slots[key])
    return experiment_flag(key, assigned.experiments[key]) if key in assigned.experiments else None


def recommended_flags(decision: Decision) -> list[Flag]:
    """The flags that every site has, and those of its slots: what visits with the same traits share."""
    slots = (_slot(key, ranking) for key, ranking in decision.slots.items())
    return [*(make(decision) for make in _RECOMMENDED.values()), *slots]


def experiment_flag(key: Key, assignment: Assignment) -> Flag:
    """The flag of one experiment."""
    metadata = {"reason": assignment.reason, "in_experiment": assignment.in_experiment}
    return Flag(key, _REASONS.get(assignment.reason, "DEFAULT"), assignment.variant, metadata, assignment.variant)


def _language(decision: Decision) -> Flag:
    language = decision.language
    alternatives = ",".join(candidate.tag for candidate in language.alternatives)
    metadata: Metadata = {"reason": language.source, "confidence": language.confidence, "alternatives": alternatives}
    return _recommended("language", language.tag, language.source, metadata)


def _country(decision: Decision) -> Flag:
    region = decision.region
    metadata: Metadata = {"reason": _why(decision, "region", region.source), "confidence": region.confidence}
    return _recommended("country", region.country, region.source, metadata)


def _market(decision: Decision) -> Flag:
    source = decision.region.source
    return _recommended("market", decision.region.market, source, {"reason": _why(decision, "region", source)})


def _currency(decision: Decision) -> Flag:
    source = decision.region.source
    return _recommended("currency", decision.region.currency, source, {"reason": _why(decision, "region", source)})


def _device(decision: Decision) -> Flag:
    device = decision.device
    device_class = None if device.class_ == "unknown" else device.class_
    why = _why(decision, "device", device.source)
    metadata: Metadata = {"reason": why, "os": device.os, "browser": device.browser, "bot": device.bot}
    return _recommended("device", device_class, device.source, metadata)


def _tier(decision: Decision) -> Flag:
    source = decision.device.source
    return _recommended("tier", decision.device.tier, source, {"reason": _why(decision, "device", source)})


def _cohort(decision: Decision) -> Flag:
    cohort = decision.cohort
    if cohort is None:
        return _recommended("cohort", None, "default", {"reason": _why(decision, "cohort", "default")})
    metadata = {"reason": "cohort", "generalized": ",".join(cohort.generalized)}
    if cohort.token is not None:
        metadata["token"] = cohort.token
    return _recommended("cohort", cohort.key, "cohort", metadata)


# In the order in which they are told.
_RECOMMENDED: Mapping[str, Callable[[Decision], Flag]] = {
    "language": _language,
    "country": _country,
    "market": _market,
    "currency": _currency,
    "device": _device,
    "tier": _tier,
    "cohort": _cohort,
}


def _slot(key: Key, ranking: SlotRanking) -> Flag:
    metadata = {"reason": ranking.source, "options": ",".join(ranking.options)}
    return _recommended(key, ranking.options[0], ranking.source, metadata)


def _recommended(key: Key, value: str | None, source: str, metadata: Metadata) -> Flag:
    if value is None:
        return Flag(key, "DEFAULT", NO_VARIANT, metadata)
    return Flag(key, "STATIC" if source == "default" else "TARGETING_MATCH", value, metadata, value)


def _why(decision: Decision, purpose: Purpose, source: str) -> str:
    """The source of a recommendation; where it has none because it may not be made, the reason of that."""
    if source == "default":
        for withheld in decision.privacy.withheld:
            if withheld.purpose == purpose:
                return withheld.reason
    return source


_REASONS: Mapping[AssignmentReason, FlagReason] = {"split": "SPLIT", "stopped": "DISABLED"}
