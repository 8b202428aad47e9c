"""Which variant of each experiment a visit gets, and why.

The first rule of these that applies gives the variant and the reason; the draws come from ``bucketing``:

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

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from service.core.device import DeviceClass
from service.core.event import Carried, format_variants
from service.core.experiments.bucketing import OUT_OF_COVERAGE, OUTSIDE_NAMESPACE, Draw
from service.core.languages.matching import LanguageTag
from service.core.location import CountryCode
from service.core.sites import VARIANTS_MAX, Experiment, Key, SiteRules

AssignmentReason = Literal[
    "split", "cookie", "withheld", "no_device_id", "bot", "not_targeted", "out_of_coverage", "namespace", "stopped"
]

READY_MAX = 2048
"""For a site, half a kilobyte each. They are worked out for the first visit of a kind, 2 us each."""


class Assignment(Struct, frozen=True, gc=False):
    """The variant of one experiment for this device, in GrowthBook's terms."""

    variant: Key
    in_experiment: bool
    reason: AssignmentReason


class BucketingInput(Struct, frozen=True, gc=False):
    """What decides a visit's variants: closed values alone.

    ``draws`` are those of its device id in ``SiteRules.running``, None without one that is permitted; ``carried`` the
    variants of its cookie that the site has, by experiment.
    """

    draws: tuple[Draw, ...] | None
    carried: tuple[tuple[Key, Carried], ...]

    def __repr__(self) -> str:
        return "BucketingInput(...)"

    def __rich_repr__(self) -> list[Any]:
        """Nothing for rich either: the draws of many experiments together may be one device's alone."""
        return []


NO_BUCKETING_INPUT = BucketingInput(None, ())


class Visitor(Struct, frozen=True, gc=False):
    """The permitted traits that targeting may use, and whether experiments are permitted and the visit is a bot's."""

    permitted: bool
    bot: bool
    device: DeviceClass
    country: CountryCode | None
    language: LanguageTag


class EncodedAssignment(NamedTuple):
    """An experiment's assignment; the same as JSON, a member with its key; and its entry in the variant cookie.

    The entry has no marks yet, and is empty where the visit is not in the experiment.
    """

    key: Key
    assignment: Assignment
    encoded: bytes
    entry: str


class ExperimentRow(NamedTuple):
    """The assignments of one experiment to visitors of one kind, all the same where nothing depends on the device.

    ``by_draw`` is indexed by the draw at ``at``, so its end has those outside the namespace and out of coverage;
    ``by_variant`` is keyed by the variant in a cookie; ``without`` is for visitors with neither.
    """

    at: int
    by_draw: tuple[EncodedAssignment, ...]
    by_variant: Mapping[Key, EncodedAssignment]
    without: EncodedAssignment


class Assigned(NamedTuple):
    """The variants of a visit, by key; the same as JSON; and the next value of its variant cookie."""

    assignments: Sequence[EncodedAssignment]
    encoded: bytes
    cookie: str

    @property
    def experiments(self) -> dict[Key, Assignment]:
        return {row.key: row.assignment for row in self.assignments}


class AssignmentTable(NamedTuple):
    """A site's experiments for visitors of one kind, by key: the order in the cookie.

    ``ready`` has the assignments of all possible draws, where these are few; ``without`` those of a visitor with
    neither draws nor cookie.
    """

    rows: tuple[ExperimentRow, ...]
    without: Assigned
    ready: Mapping[tuple[Draw, ...], Assigned]


def visitor_of(
    rules: SiteRules,
    permitted: bool,
    region_permitted: bool,
    bot: bool,
    device_class: DeviceClass,
    country: CountryCode | None,
    language: LanguageTag,
) -> Visitor:
    """The traits of a visit that a site's running experiments target; all other values of a trait become one.

    ``permitted`` are experiments, ``region_permitted`` the region.
    """
    targeted = rules.targeted
    return Visitor(
        permitted,
        bot,
        device_class if device_class in targeted.device else "unknown",
        country if region_permitted and country in targeted.countries else None,
        language if any(_is_within(language, wanted) for wanted in targeted.languages) else "",
    )


def assignment_table(rules: SiteRules, visitor: Visitor) -> AssignmentTable:
    """The assignments of a site's experiments, except drafts, to visitors of one kind.

    It follows from the config alone, and there are few kinds, so it may be cached. What devices draw may not: with many
    experiments a device's variants together tell it from others.
    """
    draw_index = {key: index for index, key in enumerate(rules.running)}
    experiments = sorted(rules.site.experiments.items())
    rows = tuple(
        _experiment_row(key, experiment, visitor, draw_index.get(key, 0))
        for key, experiment in experiments
        if experiment.status != "draft"
    )
    return AssignmentTable(rows, _join_assignments([row.without for row in rows]), _precompute(rules, visitor, rows))


def assign(table: AssignmentTable, bucketing: BucketingInput) -> Assigned:
    """The variants of a visit with this input."""
    draws = bucketing.draws
    if not bucketing.carried:
        return (table.ready.get(draws) or _assign_drawn(table.rows, draws)) if draws else table.without
    carried = dict(bucketing.carried)
    if draws:
        assignments = list(_assign_drawn(table.rows, draws).assignments)
    else:
        carried_rows = ((row, carried.get(row.without.key)) for row in table.rows)
        assignments = [
            row.without if carried_variant is None else row.by_variant[carried_variant.variant]
            for row, carried_variant in carried_rows
        ]
    return _join_assignments(assignments)._replace(cookie=format_variants(_next_carried(assignments, carried)))


def _assign_drawn(rows: Iterable[ExperimentRow], draws: tuple[Draw, ...]) -> Assigned:
    return _join_assignments([by_draw[draws[at]] for at, by_draw, _, _ in rows])


def _join_assignments(assignments: Sequence[EncodedAssignment]) -> Assigned:
    encoded = b"{" + b",".join([encoded for _, _, encoded, _ in assignments]) + b"}"
    return Assigned(assignments, encoded, "~".join([entry for _, _, _, entry in assignments if entry]))


def _precompute(
    rules: SiteRules, visitor: Visitor, rows: tuple[ExperimentRow, ...]
) -> dict[tuple[Draw, ...], Assigned]:
    """The assignments of each possible draw, unless all of them for all kinds of visitors are too many to keep."""
    targeted = rules.targeted
    kinds = (len(targeted.device) + 1) * (len(targeted.countries) + 1) * (len(targeted.languages) + 1)
    possible = rules.bucketer.possible
    is_in = visitor.permitted and not visitor.bot  # who is not brings no draws
    if not possible or not is_in or kinds * prod(map(len, possible)) > READY_MAX:
        return {}
    return {draws: _assign_drawn(rows, draws) for draws in product(*possible)}


def _next_carried(assignments: Iterable[EncodedAssignment], carried: Mapping[Key, Carried]) -> dict[Key, Carried]:
    """The variants that the cookie carries from now on, with the marks of those that stay."""
    next_carried = {}
    for key, assignment, _, _ in assignments:
        if assignment.in_experiment:
            before = carried.get(key)
            is_same = before is not None and before.variant == assignment.variant
            next_carried[key] = before if before is not None and is_same else Carried(assignment.variant)
    return next_carried


def _experiment_row(key: Key, experiment: Experiment, visitor: Visitor, at: int) -> ExperimentRow:
    control, reason = experiment.variants[0], _why_left_out(experiment, visitor)
    if reason is not None:
        left_out = _encode_assignment(key, Assignment(control, False, reason))
        return ExperimentRow(
            at, (left_out,) * (VARIANTS_MAX + len(_OUTSIDE)), dict.fromkeys(experiment.variants, left_out), left_out
        )
    split = [_encode_assignment(key, Assignment(variant, True, "split")) for variant in experiment.variants]
    outside = [_encode_assignment(key, Assignment(control, False, _OUTSIDE[draw])) for draw in _FROM_THE_END]
    carried = {variant: _encode_assignment(key, Assignment(variant, True, "cookie")) for variant in experiment.variants}
    return ExperimentRow(
        at, (*split, *outside), carried, _encode_assignment(key, Assignment(control, False, "no_device_id"))
    )


def _encode_assignment(key: Key, assignment: Assignment) -> EncodedAssignment:
    encoded = msgspec.json.encode(key) + b":" + msgspec.json.encode(assignment)
    return EncodedAssignment(
        key, assignment, encoded, f"{key}.{assignment.variant}" if assignment.in_experiment else ""
    )


_OUTSIDE: Mapping[Draw, AssignmentReason] = {OUT_OF_COVERAGE: "out_of_coverage", OUTSIDE_NAMESPACE: "namespace"}
# These draws are below 0, so as an index they count from the end.
_FROM_THE_END = sorted(_OUTSIDE)


def _why_left_out(experiment: Experiment, visitor: Visitor) -> AssignmentReason | None:
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
