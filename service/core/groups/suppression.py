"""Complementary suppression: no small count can be worked out by taking released parts from their released total.

A cell below k is left out, and then every cell that would tell it.

Three things are totals with parts. A code in a cohort, with the same code in the cohorts right below it. The visits of
a cohort, with its visits by language, and by first option for each slot. And the visits of a country's classes of
device, with the country's visits by language, either way round. Where the released parts leave a remainder r of their
released total with ``0 < r < k``, r would be told: the smallest part goes, with all that stands below it. What is left
out leaves out what stands below, so the remainders of all totals are disjoint groups, and a total minus any set of
disjoint cells below it is a sum of remainders: 0, or at least k. What this does not follow up are combinations of both
at once (languages by cohort is a table with two margins), which by clever sums can tell a smaller group of *visits*;
against those stands the noise.

With noise, a remainder is noisy itself. It is judged as it would be read, so that what is left out follows from what
is released, and one that drowns in its own noise tells nothing: up to ``DROWNED_SCALES`` times its scale it is let be.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from math import sqrt

from service.core.groups.cohort import CohortKey, fineness
from service.core.groups.counts import VISIT, Code

Cells = Mapping[Code, Mapping[CohortKey, int]]
"""Counts by code, then by cohort."""
Above = Callable[[Code, CohortKey], CohortKey | None]
"""The cohort right above one on the rungs that a code is counted on; None above the top."""

DROWNED_SCALES = 3

_Cell = tuple[Code, CohortKey]
_Equation = tuple[str, Code, CohortKey]
"""How (``below``, ``split`` or ``country``), of what code, family of codes or country, and where."""


def suppress(candidates: Cells, k: int, above: Above, scales: Mapping[Code, float]) -> dict[Code, dict[CohortKey, int]]:
    """The cells that may be released together. ``scales`` are the noise's by code: 0 where there is none.

    Some 2 us per candidate, more where much is left out.
    """
    table = _Table(candidates, k, above, scales)
    table.run_to_fixpoint()
    return table.kept


class _Table:
    """The cells still to be released, and what can be worked out from them."""

    def __init__(self, candidates: Cells, k: int, above: Above, scales: Mapping[Code, float]) -> None:
        self.kept: dict[Code, dict[CohortKey, int]] = {}
        self._k, self._above, self._scales = k, above, scales
        self._below: dict[_Cell, list[CohortKey]] = defaultdict(list)
        self._families: dict[str, list[Code]] = defaultdict(list)
        self._classes: dict[CohortKey, list[CohortKey]] = defaultdict(list)
        for what in sorted(candidates, key=lambda what: what != VISIT):
            self._keep(what, candidates)

    def run_to_fixpoint(self) -> None:
        """Leave cells out until no remainder is small. It ends: every round but the last leaves a cell out."""
        queue = deque(self._equations())
        queued = set(queue)
        while queue:
            equation = queue.popleft()
            queued.remove(equation)
            for part in self._small_remainders(equation):
                for changed in self._leave_out(part):
                    if changed not in queued:
                        queued.add(changed)
                        queue.append(changed)

    def _keep(self, what: Code, candidates: Cells) -> None:
        """Keep what reaches k and stands under something kept, the coarsest first."""
        kept = self.kept[what] = {}
        family = _family(what)
        visits, visits_kept = candidates.get(VISIT, {}), self.kept.get(VISIT, {})
        if family:
            self._families[family].append(what)
        for cohort in sorted(candidates[what], key=fineness):
            count, coarser = candidates[what][cohort], self._above(what, cohort)
            if count < self._k or (coarser is not None and coarser not in kept):
                continue
            if family and cohort in visits and cohort not in visits_kept:
                continue  # visits by language add up to the visits that were too few
            kept[cohort] = count
            if coarser is not None:
                self._below[what, coarser].append(cohort)
            if what == VISIT and _is_class_in_country(cohort):
                self._classes[cohort.partition("/")[0]].append(cohort)

    def _equations(self) -> Iterable[_Equation]:
        yield from (("below", what, cohort) for what, cohort in self._below)
        yield from (("split", family, cohort) for family in self._families for cohort in self.kept.get(VISIT, {}))
        yield from (("country", "", country) for country in self._classes)

    def _sides(self, equation: _Equation) -> Iterable[tuple[list[_Cell], list[_Cell]]]:
        """Totals and their parts, as far as they are kept."""
        kind, of, where = equation
        if kind == "below":
            yield self._alive([(of, where)]), self._alive((of, cohort) for cohort in self._below[of, where])
        elif kind == "split":
            yield self._alive([(VISIT, where)]), self._alive((what, where) for what in self._families[of])
        else:
            for is_total in (True, False):  # neither is a total of the other: both are of the country's visits
                visits = self._alive((VISIT, cohort) for cohort in self._classes[where])
                languages = self._alive((what, where) for what in self._families["language"])
                yield (visits, languages) if is_total else (languages, visits)

    def _small_remainders(self, equation: _Equation) -> Iterable[_Cell]:
        """The parts to leave out, so that the remainder of their total is not small."""
        for totals, parts in self._sides(equation):
            if not totals or not parts:
                continue
            parts.sort(key=lambda part: (-self._count(part), part))
            remainder = sum(map(self._count, totals)) - sum(map(self._count, parts))
            while parts and self._drowned(totals, parts) < remainder < self._k:
                part = parts.pop()
                remainder += self._count(part)
                yield part

    def _drowned(self, totals: list[_Cell], parts: list[_Cell]) -> float:
        """The largest remainder that tells nothing for its noise: each cell has noise of its own."""
        scale = max(self._scales[what] for what, _ in (totals[0], parts[0]))
        return DROWNED_SCALES * scale * sqrt(len(totals) + len(parts))

    def _leave_out(self, cell: _Cell) -> Iterable[_Equation]:
        """Leave a cell out with all that stands below it. Yields the equations whose remainder changed."""
        what, cohort = cell
        if self.kept[what].pop(cohort, None) is None:
            return
        family, coarser = _family(what), self._above(what, cohort)
        if coarser is not None:
            yield "below", what, coarser
        if family:
            yield "split", family, cohort
        if family == "language" or what == VISIT:
            yield "country", "", cohort.partition("/")[0]
        for lower in self._below[cell]:
            yield from self._leave_out((what, lower))
        if what == VISIT:
            for part in self._families.values():
                for code in part:
                    yield from self._leave_out((code, cohort))

    def _alive(self, cells: Iterable[_Cell]) -> list[_Cell]:
        return [(what, cohort) for what, cohort in cells if cohort in self.kept.get(what, {})]

    def _count(self, cell: _Cell) -> int:
        return self.kept[cell[0]][cell[1]]


def _family(what: Code) -> str:
    """The name of the codes of which every visit adds exactly one: of a slot, or of languages. Empty for the others."""
    kind, _, name = what.partition(":")
    if kind == "offered":
        return "slot:" + name.partition(":")[0]
    return "language" if kind in {"shown", "wanted"} else ""


def _is_class_in_country(cohort: CohortKey) -> bool:
    return cohort[0].isupper() and cohort.count("/") == 1
