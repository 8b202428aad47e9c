"""A worker's current knowledge of a site, built from released cells alone and replaced as a whole.

Every worker builds it from the same cells by the same arithmetic, so all of them answer alike, and between one release
and the next nothing that anybody does can change an answer.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from service.core.groups.cohort import EVERYBODY, CohortKey, Continents, language_rungs
from service.core.groups.counts import (
    CLIPPED,
    LEARN_ONLY,
    Code,
    Released,
    counter_key,
    is_clipped,
    learned_cells,
    parse_counter_key,
)
from service.core.groups.interval import DAY_S, Interval
from service.core.groups.ranking import rankings
from service.core.languages.prior import Learned
from service.core.sites import Key, SiteRules, SlotRanking

HISTORY_S = DAY_S
HISTORY_INTERVALS_MAX = 288
"""A day by five minutes. Where intervals are shorter, the newest so many are what is known."""
LEARNED_KINDS = frozenset({"wanted", "chosen", "offered", "rewarded", "in", "devices"})
"""The kinds of cells that teach: ``shown`` is what the service guessed, and it would believe its own echo."""
REPORTED_KINDS = frozenset({"chosen", "rewarded", "exposed", "converted"})
"""The kinds of cells that reports of events add to."""
CHOSEN_WEIGHT = 4
"""How many visits that ask for a language one change to it is worth: it is made once, a header comes with every visit,
and it is made by those who were guessed wrong."""


class SiteSnapshot(Struct, frozen=True, eq=False):
    """The knowledge of one site up to its newest released interval, ``interval``; None before the first.

    ``devices``: the cohorts that hold enough, each with its size as it is told. ``learned``: by group of a country,
    what its visitors want. ``rankings``: by slot and cohort, where a cohort has learned any. ``reported``: how often a
    code that reports add to was counted of everybody, when that was last told.
    """

    interval: Interval | None
    devices: Mapping[CohortKey, int]
    learned: Mapping[CohortKey, Learned]
    rankings: Mapping[Key, Mapping[CohortKey, SlotRanking]]
    reported: Mapping[Code, int] = {}

    def cohort(self, ladder: Sequence[CohortKey]) -> int | None:
        """The index of the finest cohort of a ladder that holds enough; None where not even the last does."""
        for index, key in enumerate(ladder):
            if key in self.devices:
                return index
        return None

    def ranking(self, slot: Key, ladder: Sequence[CohortKey]) -> SlotRanking | None:
        """A slot's ranking in the finest cohort of a ladder that has one; None where the site's own order holds."""
        by_cohort = self.rankings.get(slot, {})
        for key in ladder:
            if key in by_cohort:
                return by_cohort[key]
        return None

    def learned_on(self, cohort: CohortKey) -> Learned | None:
        """The language weights of a cohort, from its finest rung that has any; None where none has."""
        for key in language_rungs(cohort):
            if key in self.learned:
                return self.learned[key]
        return None


NOTHING_KNOWN = SiteSnapshot(None, {}, {}, {})


def build_snapshot(rules: SiteRules, history: Sequence[Released], continent: Continents) -> SiteSnapshot:
    """The snapshot from a site's released intervals of a day, in any order; older ones are left out.

    Which groups are cohorts follows from the newest alone. Some 0.3 us per cell, so not for the event loop where there
    are many.
    """
    if not history:
        return NOTHING_KNOWN
    newest = max(history, key=lambda released: released.interval.end_s)
    recent = sorted(
        (released for released in history if released.interval.start_s >= newest.interval.end_s - HISTORY_S),
        key=lambda released: released.interval,
    )[-HISTORY_INTERVALS_MAX:]
    devices = _members(newest)
    return SiteSnapshot(
        interval=newest.interval,
        devices=devices,
        learned=_learned(rules.site.languages, recent),
        rankings=rankings(rules.site, recent, devices, continent, newest.interval),
        reported=_reported(recent),
    )


def is_in_snapshot(field: str) -> bool:
    """Whether a released cell has a part in a snapshot."""
    cohort, what = parse_counter_key(field)
    kind = what.lstrip(LEARN_ONLY + CLIPPED).partition(":")[0]
    return kind in LEARNED_KINDS or (kind in REPORTED_KINDS and cohort == EVERYBODY)


def _members(newest: Released) -> dict[CohortKey, int]:
    return {
        cohort: newest.cells.get(counter_key(cohort, "devices"), 0)
        for cohort, what in map(parse_counter_key, newest.cells)
        if what == "in"
    }


def _reported(history: Iterable[Released]) -> dict[Code, int]:
    """The newest count of each code of everybody that comes of reports; not where it was clipped."""
    reported: dict[Code, int] = {}
    for released in history:
        for field, count in released.cells.items():
            if field.startswith(_OF_EVERYBODY):
                what = field.removeprefix(_OF_EVERYBODY).removeprefix(LEARN_ONLY)
                if what.partition(":")[0] in REPORTED_KINDS and not is_clipped(released.cells, EVERYBODY, what):
                    reported[what] = count
    return reported


_OF_EVERYBODY = counter_key(EVERYBODY, "")


def _learned(languages: Sequence[str], history: Iterable[Released]) -> dict[CohortKey, Learned]:
    """The weights of each group's languages, with those of the groups that hold it."""
    index = {tag: number for number, tag in enumerate(languages)}
    weights: dict[CohortKey, list[float]] = {}
    for released in history:
        for field, count in learned_cells(released.cells).items():
            if "|wanted:" not in field and "|chosen:" not in field:
                continue
            cohort, what = parse_counter_key(field)
            kind, _, tag = what.partition(":")
            if tag in index and language_rungs(cohort):
                row = weights.setdefault(cohort, [0.0] * len(languages))
                row[index[tag]] += count * (CHOSEN_WEIGHT if kind == "chosen" else 1)
    rows = {cohort: tuple(row) for cohort, row in weights.items()}
    return {
        cohort: Learned(tuple(rows[rung] for rung in reversed(language_rungs(cohort)) if rung in rows))
        for cohort in rows
    }
