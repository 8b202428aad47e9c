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
from itertools import chain
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from service.core.device import Device
from service.core.experiments.assignment import Assigned, Assignment, AssignmentReason
from service.core.languages.matching import Language
from service.core.privacy import Purpose, WithheldReason
from service.core.recommendation import Cohort, Decision, Privacy
from service.core.region import Region
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
    if key in _PART_OF:
        return next(flag for flag in _PART_OF[key](decision) if flag.key == key)
    if key in decision.slots:
        return next(iter(slot_flags({key: decision.slots[key]})))
    return experiment_flag(key, assigned.experiments[key]) if key in assigned.experiments else None


def recommended_flags(decision: Decision) -> list[Flag]:
    """The flags that every site has, and those of its slots: what visits with the same traits share."""
    parts = (flags_of(decision) for flags_of in dict.fromkeys(_PART_OF.values()))
    return [*chain.from_iterable(parts), *slot_flags(decision.slots)]


def withheld_reason(privacy: Privacy, purpose: Purpose) -> WithheldReason | None:
    """Why a visit may not be used for this purpose; None where it may."""
    return next((withheld.reason for withheld in privacy.withheld if withheld.purpose == purpose), None)


def language_flags(language: Language) -> list[Flag]:
    """The flag of a language."""
    alternatives = ",".join(candidate.tag for candidate in language.alternatives)
    metadata: Metadata = {"reason": language.source, "confidence": language.confidence, "alternatives": alternatives}
    return [_recommended("language", language.tag, language.source, metadata)]


def region_flags(region: Region, withheld: WithheldReason | None) -> list[Flag]:
    """The flags of a region, with the reason for which it was withheld, if it was."""
    source = region.source
    reason = _why(source, withheld)
    return [
        _recommended("country", region.country, source, {"reason": reason, "confidence": region.confidence}),
        _recommended("market", region.market, source, {"reason": reason}),
        _recommended("currency", region.currency, source, {"reason": reason}),
    ]


def device_flags(device: Device, withheld: WithheldReason | None) -> list[Flag]:
    """The same of a device."""
    source = device.source
    device_class = None if device.class_ == "unknown" else device.class_
    reason = _why(source, withheld)
    metadata: Metadata = {"reason": reason, "os": device.os, "browser": device.browser, "bot": device.bot}
    return [
        _recommended("device", device_class, source, metadata),
        _recommended("tier", device.tier, source, {"reason": reason}),
    ]


def cohort_flags(cohort: Cohort | None, withheld: WithheldReason | None) -> list[Flag]:
    """The same of a cohort."""
    if cohort is None:
        return [_recommended("cohort", None, "default", {"reason": _why("default", withheld)})]
    metadata = {"reason": "cohort", "generalized": ",".join(cohort.generalized)}
    if cohort.token is not None:
        metadata["token"] = cohort.token
    return [_recommended("cohort", cohort.key, "cohort", metadata)]


def slot_flags(slots: Mapping[Key, SlotRanking]) -> list[Flag]:
    """The flag of each slot."""
    return [
        _recommended(
            key, ranking.options[0], ranking.source, {"reason": ranking.source, "options": ",".join(ranking.options)}
        )
        for key, ranking in slots.items()
    ]


def experiment_flag(key: Key, assignment: Assignment) -> Flag:
    """The flag of one experiment."""
    metadata = {"reason": assignment.reason, "in_experiment": assignment.in_experiment}
    return Flag(key, _REASONS.get(assignment.reason, "DEFAULT"), assignment.variant, metadata, assignment.variant)


def _of_region(decision: Decision) -> list[Flag]:
    return region_flags(decision.region, withheld_reason(decision.privacy, "region"))


def _of_device(decision: Decision) -> list[Flag]:
    return device_flags(decision.device, withheld_reason(decision.privacy, "device"))


def _of_cohort(decision: Decision) -> list[Flag]:
    return cohort_flags(decision.cohort, withheld_reason(decision.privacy, "cohort"))


def _of_language(decision: Decision) -> list[Flag]:
    return language_flags(decision.language)


# By key, in the order in which they are told.
_PART_OF: Mapping[str, Callable[[Decision], list[Flag]]] = {
    "language": _of_language,
    "country": _of_region,
    "market": _of_region,
    "currency": _of_region,
    "device": _of_device,
    "tier": _of_device,
    "cohort": _of_cohort,
}


def _recommended(key: Key, value: str | None, source: str, metadata: Metadata) -> Flag:
    if value is None:
        return Flag(key, "DEFAULT", NO_VARIANT, metadata)
    return Flag(key, "STATIC" if source == "default" else "TARGETING_MATCH", value, metadata, value)


def _why(source: str, withheld: WithheldReason | None) -> str:
    """The source of a recommendation; where it has none because it may not be made, the reason of that."""
    return source if source != "default" or withheld is None else withheld


_REASONS: Mapping[AssignmentReason, FlagReason] = {"split": "SPLIT", "stopped": "DISABLED"}
