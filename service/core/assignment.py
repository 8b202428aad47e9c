"""Which variant of each experiment a visit gets, and why.

Bucketing itself is in ``experiment``. Here is what stands around it: an experiment that is not running, permissions,
bots, targeting by traits, and the variants that a device carries in its cookie. The first of these that applies gives
the reason, in this order:

    stopped          the experiment is over; so the status alone decides, whoever visits
    withheld         the visit's permissions do not allow experiments
    bot              programs get control and enter no count
    not_targeted     ``when`` names other devices, countries or languages
    namespace, out_of_coverage, split      a permitted device id decides, by its draw
    cookie           without one, the variant that the cookie carries, if the experiment has it
    no_device_id     neither of the two

All but ``split`` and ``cookie`` get control, ``variants[0]``, and are not in the experiment. A draft does not exist for
visitors. What a visit carries on to its next one are the variants of the experiments that it is in, with the marks of
what was counted of them (``event``): control by default must not become control by cookie.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from service.core.device import Device, DeviceClass
from service.core.event import Carried, format_variants
from service.core.experiment import OUT_OF_COVERAGE, OUTSIDE_NAMESPACE, Draw
from service.core.language import LanguageTag
from service.core.location import CountryCode
from service.core.privacy import Permissions
from service.core.sites import Experiment, Key, SiteRules

AssignmentReason = Literal[
    "split", "cookie", "withheld", "no_device_id", "bot", "not_targeted", "out_of_coverage", "namespace", "stopped"
]


class Assignment(Struct, frozen=True, gc=False):
    """The variant of one experiment for this device, in GrowthBook's terms."""

    variant: Key
    in_experiment: bool
    reason: AssignmentReason


class Entry(Struct, frozen=True, gc=False):
    """With what a visit enters experiments: closed values alone.

    ``draws`` are those of its device id in ``SiteRules.running``, None without one that is permitted; ``carried`` the
    variants of its cookie that the site has, by experiment.
    """

    draws: tuple[Draw, ...] | None
    carried: tuple[tuple[Key, Carried], ...]


NO_ENTRY = Entry(None, ())


class Visitor(Struct, frozen=True, gc=False):
    """What targeting may look at, as far as it is permitted, and what stands in the way of experiments."""

    permitted: bool
    bot: bool
    device: DeviceClass
    country: CountryCode | None
    language: LanguageTag


class Assigned(Struct, frozen=True):
    """The variants of a visit: ``cookie`` is the next value of its variant cookie, ``encoded`` the same as JSON."""

    experiments: Mapping[Key, Assignment]
    cookie: str
    encoded: bytes


def visitor_of(
    rules: SiteRules, permissions: Permissions, device: Device, country: CountryCode | None, language: LanguageTag
) -> Visitor:
    """Of a visit what a site's running experiments look at: traits that none of them names are not told apart."""
    named = rules.targeted
    return Visitor(
        permissions.experiments,
        device.bot,
        device.class_ if device.class_ in named.device else "unknown",
        country if permissions.region and country in named.countries else None,
        language if any(_is_within(language, wanted) for wanted in named.languages) else "",
    )


def assign(rules: SiteRules, visitor: Visitor, entry: Entry) -> Assigned:
    """The variant of each of a site's experiments that are no drafts, in the site's order."""
    carried = dict(entry.carried)
    draws = dict(zip(rules.running, entry.draws, strict=True)) if entry.draws is not None else {}
    found: dict[Key, Assignment] = {}
    next_carried: dict[Key, Carried] = {}
    for key, experiment in rules.site.experiments.items():
        if experiment.status == "draft":
            continue
        found[key] = assignment = _assign(experiment, visitor, draws.get(key), carried.get(key))
        if assignment.in_experiment:
            before = carried.get(key)
            is_same = before is not None and before.variant == assignment.variant
            next_carried[key] = before if before is not None and is_same else Carried(assignment.variant)
    return Assigned(found, format_variants(next_carried), msgspec.json.encode(found))


def _assign(experiment: Experiment, visitor: Visitor, draw: Draw | None, carried: Carried | None) -> Assignment:
    reason = _kept_out(experiment, visitor)
    if reason is None and draw is not None:
        if draw >= 0:
            return Assignment(experiment.variants[draw], True, "split")
        reason = _OUTSIDE[draw]
    elif reason is None and carried is not None:
        return Assignment(carried.variant, True, "cookie")
    return Assignment(experiment.variants[0], False, reason or "no_device_id")


_OUTSIDE: Mapping[Draw, AssignmentReason] = {OUT_OF_COVERAGE: "out_of_coverage", OUTSIDE_NAMESPACE: "namespace"}


def _kept_out(experiment: Experiment, visitor: Visitor) -> AssignmentReason | None:
    """Why a visit is not in an experiment whatever its device id; None where that decides."""
    if experiment.status == "stopped":
        return "stopped"
    if not visitor.permitted:
        return "withheld"
    if visitor.bot:
        return "bot"
    when = experiment.when
    targeted = (
        (not when.device or visitor.device in when.device)
        and (not when.countries or visitor.country in when.countries)
        and (not when.languages or any(_is_within(visitor.language, wanted) for wanted in when.languages))
    )
    return None if targeted else "not_targeted"


def _is_within(tag: LanguageTag, wanted: LanguageTag) -> bool:
    """Whether a language is one that is wanted, or a variety of it: RFC 4647's basic filtering, ``de`` has de-CH."""
    return tag == wanted or tag.startswith(f"{wanted}-")
