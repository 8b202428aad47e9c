"""Clipping of counts that cannot be, more rewards than offers or conversions than exposures, and marks on plain cases.

Whoever may report events can invent them, a thousand for each real one. Nobody can tell which are false, but a count
above the one that it is a part of is false in part. Counts are clipped after the noise, so that it costs no privacy:
the result follows from noised counts alone. Where there were no offers at all the noise on that is drawn too
(``uncounted``), or a clip would tell none from one.

A cell is *marked* where it is k or more and above what it is a part of by more than three scales of the noise on
each of the two. Where every offer is rewarded, which nowhere happens, the noise alone marks a cell in an interval less
than once in 40 times, whatever the settings: once in 100 on a site with one slot, once in 250 for a variant of an
experiment. Where a tenth are rewarded it would have to lift the rewards to k besides, and never does.

The excess of a marked cell is in every cohort that holds its cohort, and is taken out of their counts too. What is left
of the forgery there is at most the offers that it was clipped to; where those are held back, none of it is left, and no
more is missing than there were offers. So that many of a larger cohort's rewards are *doubtful*. It is marked as well
where they are more than a tenth of what it is told. Below that a rate moves by less than a tenth of itself, and whoever
may report unmarked moves it as much. Were it marked for less, one network could blank a whole site's rate from a cohort
of a few: within its cap at one worker (``report_cap``: a twentieth of an option's rewards) it cannot make a tenth
doubtful, as long as no more than half of the offers are rewarded.

A count that is clipped to another says what that one is. So where offers are held back, rewards above them are none,
in their cohort and in all that hold it.

What a marked cell tells is how many there can have been at most, and nothing of how many there were. So it is in no
rate, and nothing is learned from it (``aggregates``, ``results``, ``ranking``).
"""

from collections.abc import Callable, Mapping
from typing import cast

from msgspec import Struct

from service.core.groups.cohort import CohortKey, fineness
from service.core.groups.counts import Code, CodeKind

PART_OF: Mapping[CodeKind, CodeKind] = {"rewarded": "offered", "converted": "exposed"}
"""For each of these kinds the kind that its counts cannot exceed."""
MARKED_SCALES = 3
DOUBTFUL_PART = 10
"""A cohort is marked for those that it holds where more than one in so many of its rewards is doubtful."""


class Clipped(Struct, frozen=True):
    """The clipped rewards and conversions by code and cohort, and the cohorts where a code is marked."""

    counts: Mapping[Code, Mapping[CohortKey, int]]
    marked: Mapping[Code, frozenset[CohortKey]]


def whole_of(what: Code) -> Code | None:
    """The code that a code is a part of: ``offered:front:spring`` of ``rewarded:front:spring``; None of others."""
    kind, _, of = what.partition(":")
    whole = PART_OF.get(cast("CodeKind", kind))
    return None if whole is None else f"{whole}:{of}"


def uncounted(totals: Mapping[Code, Mapping[CohortKey, int]]) -> list[tuple[Code, CohortKey]]:
    """The offers and exposures without any count, where there are rewards or conversions."""
    return [
        (whole, cohort)
        for what, counts in totals.items()
        if (whole := whole_of(what)) is not None
        for cohort in counts
        if cohort not in totals.get(whole, {})
    ]


def clip(
    totals: Mapping[Code, Mapping[CohortKey, int]],
    released: Mapping[Code, Mapping[CohortKey, int]],
    uncounted_noise: Mapping[tuple[Code, CohortKey], int],
    k: int,
    scales: Mapping[CodeKind, float],
    above: Callable[[Code, CohortKey], CohortKey | None],
) -> Clipped:
    """The rewards and conversions among noised totals, none above its offers or exposures. 1 us for each.

    ``released`` are the offers and exposures that are not held back, ``uncounted_noise`` is the noise of those that are
    ``uncounted``, ``above`` the cohort right above one on the rungs that a code is counted on.
    """
    counts: dict[Code, dict[CohortKey, int]] = {}
    marked: dict[Code, frozenset[CohortKey]] = {}
    for what, noised in totals.items():
        whole = whole_of(what)
        if whole is not None:
            kind, kind_of_whole = what.partition(":")[0], whole.partition(":")[0]
            slack = MARKED_SCALES * (scales[cast("CodeKind", kind)] + scales[cast("CodeKind", kind_of_whole)])
            wholes = {
                cohort: totals.get(whole, {}).get(cohort, uncounted_noise.get((whole, cohort), 0)) for cohort in noised
            }
            line = _Line(wholes, released.get(whole, {}), k, slack)
            for cohort in sorted(noised, key=fineness, reverse=True):
                line.judge(cohort, noised[cohort], _next(what, cohort, noised, above))
            counts[what], marked[what] = line.counts, frozenset(line.marked)
    return Clipped(counts, marked)


class _Line:
    """One code in all cohorts, judged from the finest to the coarsest."""

    def __init__(
        self, wholes: Mapping[CohortKey, int], released: Mapping[CohortKey, int], k: int, slack: float
    ) -> None:
        self.counts: dict[CohortKey, int] = {}
        self.marked: set[CohortKey] = set()
        self._wholes, self._released, self._k, self._slack = wholes, released, k, slack
        self._excess: dict[CohortKey, int] = {}
        self._doubtful: dict[CohortKey, int] = {}

    def judge(self, cohort: CohortKey, count: int, coarser: CohortKey | None) -> None:
        """Take out the excess of finer cohorts and of this one. ``coarser`` is the next cohort that holds this one."""
        excess, doubtful = self._excess.get(cohort, 0), self._doubtful.get(cohort, 0)
        count -= excess
        most = max(0, self._wholes[cohort])
        clipped = count if count <= most else self._released.get(cohort, 0)
        if count >= self._k and count - most > self._slack:
            self.marked.add(cohort)
            excess += count - clipped
            doubtful = max(doubtful, self._released.get(cohort, self._step(most) + self._k))
        elif doubtful * DOUBTFUL_PART > self._step(clipped):
            self.marked.add(cohort)
        self.counts[cohort] = clipped
        if coarser is not None and doubtful:
            self._excess[coarser] = self._excess.get(coarser, 0) + excess
            self._doubtful[coarser] = self._doubtful.get(coarser, 0) + doubtful

    def _step(self, count: int) -> int:
        """The multiple of k at or below a count. Finer than that no mark may tell of counts that are held back."""
        return max(0, count) // self._k * self._k


def _next(
    what: Code,
    cohort: CohortKey,
    cohorts: Mapping[CohortKey, int],
    above: Callable[[Code, CohortKey], CohortKey | None],
) -> CohortKey | None:
    """The next cohort up that anything is told of."""
    coarser = above(what, cohort)
    while coarser is not None and coarser not in cohorts:
        coarser = above(what, coarser)
    return coarser
