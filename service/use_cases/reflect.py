"""All that the mirror tells a visitor: the account of their decision, and what stands around it.

That is how large their group is, what their rules were read from, how long anything is kept, and what the other choice
would change. Apart from ``explain``, whose account follows from a decision alone: here the policy and the settings
have their say, and still only in sentences of the same closed vocabulary.
"""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from service.core.counts import SIZE_CAP_FACTOR
from service.core.interval import HOUR_S
from service.core.language import LanguageTag
from service.core.privacy import UNKNOWN_REGIME, Level, Policy, Purpose, Regime, WithheldReason, strictest_of
from service.core.recommendation import Decision
from service.use_cases.contrast import contrast
from service.use_cases.explain import Circumstances, Sentence, SentenceKey, Value, ValueName, explain
from service.use_cases.keeping import Kept, KeptThing, Practice, kept


class Reflection(Struct, frozen=True):
    """A decision, everything to say of it, and what its rules ask before a purpose is served.

    ``language_instead`` is the language after the other choice.
    """

    decision: Decision
    language_instead: LanguageTag
    sentences: tuple[Sentence, ...]
    levels: Mapping[Purpose, Level]


def reflect(
    decision: Decision,
    instead: Decision,
    rows: Sequence[Regime],
    devices: int | None,
    practice: Practice,
    *,
    rules_outdated: bool,
    subdivision_withheld: WithheldReason | None = None,
) -> Reflection:
    """What to tell about a decision.

    ``instead`` is what would be decided after the other choice; ``rows`` are those that the decision's regime stands
    for, ``rules_outdated`` says that they hold because the policy is too old, and ``subdivision_withheld`` why they let
    only the country be used; ``devices`` is the size of its cohort as the snapshot tells it, None or 0 where it tells
    none.
    """
    circumstances = Circumstances(
        counting=practice.store != "off",
        networks_counted=practice.terms.k_prefixes > 0,
        rules_outdated=rules_outdated,
        subdivision_withheld=subdivision_withheld,
    )
    sentences = (
        *explain(decision, circumstances),
        *(() if decision.cohort is None else (_size(devices, practice.terms.k),)),
        *_gpc_by_law(decision, rows),
        *_rows(rows),
        *_keeping(practice),
        *contrast(decision, instead, circumstances),
    )
    return Reflection(decision, instead.language.tag, sentences, levels_of(rows))


def is_outdated(policy: Policy) -> bool:
    """Whether it is what is left of a policy that became too old: only that takes every country for an unknown one."""
    return policy.rest.key == UNKNOWN_REGIME


def levels_of(rows: Sequence[Regime]) -> dict[Purpose, Level]:
    """The strictest level of these rows for each purpose; empty without rows."""
    return strictest_of(rows)[0] if rows else {}


def _size(devices: int | None, k: int) -> Sentence:
    """A cohort's size as a band: what is told of it anywhere are whole steps of k, up to a cap."""
    if not devices:  # a cohort that only stays in: it held k or more, and now holds not much fewer
        return Sentence("cohort", "cohort_size_untold", {"number": k})
    if devices >= SIZE_CAP_FACTOR * k:
        return Sentence("cohort", "cohort_size_least", {"number": devices})
    return Sentence("cohort", "cohort_size_between", {"number": devices, "last_number": devices + k - 1})


def _gpc_by_law(decision: Decision, rows: Sequence[Regime]) -> Iterator[Sentence]:
    places = tuple(dict.fromkeys(place for row in rows for place in row.reading.status_shown))
    if places and decision.privacy.signal_status.gpc == "honoured":
        yield Sentence("rules", "gpc_shown_by_law", {"places": places})


def _rows(rows: Sequence[Regime]) -> Iterator[Sentence]:
    for row in rows:
        reading = row.reading
        yield Sentence("sources", "row_read", {"regime": row.key, "sureness": reading.confidence})
        if reading.reviewed:
            said: dict[ValueName, Value] = {"version": reading.reviewed, "reviewer": reading.reviewer}
            yield Sentence("sources", "row_reviewed", said)
        for law in reading.law:
            yield Sentence("sources", "row_law", {"law": law})


KEPT_BY: Mapping[KeptThing, SentenceKey] = {
    "header_texts": "kept_header_texts",
    "raw_counts": "kept_raw_counts",
    "device_hashes": "kept_device_hashes",
    "report_networks": "kept_report_networks",
    "device_sketches": "kept_device_sketches",
    "salt": "kept_salt",
    "batch_ids": "kept_batch_ids",
    "released_counts": "kept_released_counts",
    "metrics": "kept_metrics",
}
"""What a visitor is told of what is kept. The rest is told by ``/v1/privacy``."""


def _keeping(practice: Practice) -> Iterator[Sentence]:
    for thing in kept(practice):
        key = KEPT_BY.get(thing.what)
        if key is not None:
            yield Sentence("kept", key, _kept_values(thing, practice))
    if practice.store == "off":
        yield Sentence("kept", "kept_no_counts", {})
    else:
        yield Sentence("kept", "kept_with_noise" if practice.terms.noise == "on" else "kept_without_noise", {})


def _kept_values(thing: Kept, practice: Practice) -> dict[ValueName, Value]:
    values: dict[ValueName, Value] = {}
    if thing.hours_max is not None:
        values["seconds"] = round(thing.hours_max * HOUR_S)
    if thing.what == "header_texts":
        values["number"] = thing.entries_max or 0
    if thing.what == "released_counts":
        values["number"] = practice.terms.k
    return values
