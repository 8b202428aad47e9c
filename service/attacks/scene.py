"""Scenes of a guess at membership: an interval in which a visit is looked for, and what the real code releases of it.

Apart from the guesses (``membership``), which read what is released here. What a visit touches is found out by
releasing with it and without it, so that nothing has to be believed of the code that is attacked.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct

from service.core.cohort import CohortKey
from service.core.counts import Released, Size, Terms, cell, parse_cell
from service.core.interval import HOUR_S, Interval
from service.core.release import Draw, noise_scales, release, size_candidates

SLOTS_N = 1
VISIT = ("visit", "wanted:de", "offered:front:spring")
"""What a visit is counted as, on a site of one slot."""
EXPOSURE = ("exposed:hero:a",)
WITH_EVENTS = (*VISIT, *EXPOSURE, "converted:hero:a", "rewarded:front:spring")
"""A visit, and what may follow it: three events, each with an epsilon of its own."""
SIBLINGS = ("JP/smartphone/android", 80), ("JP/desktop/windows", 70), ("CH/smartphone/ios", 90)
"""Other groups of the interval, of which the adversary knows all visits, in per cent of those of the crowd."""
CONTINENT = {"CH": "150", "JP": "142"}.get

_HOUR = Interval(0, HOUR_S)
_PLENTY = Size(10**6, 10**6)
_FAR_SCALES = 40
_CROWD_TIMES = 10
_FINEST: CohortKey = "CH/smartphone/android"


class Touched(Struct, frozen=True):
    """A cell that a visit or an event adds 1 to: its count without it, and the scale of its noise."""

    without: int
    scale: float


class Scene(Struct, frozen=True):
    """Where the visit is looked for: how many others its group has in the interval, and the terms of release.

    ``codes`` are what it is counted as, ``siblings`` other groups with the visits they have.
    """

    others: int
    terms: Terms
    codes: tuple[str, ...] = VISIT
    siblings: tuple[tuple[CohortKey, int], ...] = ()

    def raw(self, visits: int) -> dict[str, int]:
        """The raw counts with so many visits of the one looked for: all of its group, for what others add is known."""
        counts = {_FINEST: self.others + visits, **dict(self.siblings)}
        return {cell(cohort, what): count for cohort, count in counts.items() if count for what in self.codes}

    def released(self, visits: int, draw: Draw) -> Released:
        """What the real code releases. The groups hold devices enough: their sizes are looked at on their own."""
        return release(_HOUR, self.raw(visits), _enough(self), None, self.terms, SLOTS_N, CONTINENT, draw)

    def known(self, visits: int) -> Mapping[str, int]:
        """Every count that there is, with no noise and nothing held back."""
        bare = Scene(self.others, Terms(1, 0, 1.0, "off"), self.codes, self.siblings)
        cells = bare.released(visits, _no_noise).cells
        return {field: count for field, count in cells.items() if parse_cell(field)[1] not in {"in", "devices"}}

    def touched(self) -> dict[str, Touched]:
        """The cells that a visit adds to, as the real code says, each with the scale that the real code gives it."""
        before, after = self.known(0), self.known(1)
        scales = noise_scales(self.terms, SLOTS_N)
        return {
            field: Touched(before.get(field, 0), scales[_code(field).partition(":")[0]])  # type: ignore[index]  # a kind
            for field, count in after.items()
            if count != before.get(field, 0)
        }

    def lawful_scales(self) -> list[float]:
        """The scale that each of these cells must have: how many a visit, or one event, touches, by epsilon."""
        fields = self.touched()
        of_event = Counter("" if _code(field) in VISIT else _code(field) for field in fields)
        return [of_event["" if _code(field) in VISIT else _code(field)] / self.terms.epsilon for field in fields]


def crowd_of(terms: Terms, codes: tuple[str, ...] = VISIT, siblings: tuple[tuple[CohortKey, int], ...] = ()) -> Scene:
    """A visit in a group so large that its noise does not reach down to k; the siblings by their part of it."""
    scale = max(noise_scales(terms, SLOTS_N).values())
    others = max(_CROWD_TIMES * terms.k, 2 * (terms.k + int(_FAR_SCALES * scale)))
    return Scene(others, terms, codes, tuple((cohort, part * others // 100) for cohort, part in siblings))


@lru_cache(maxsize=16)
def _enough(scene: Scene) -> Mapping[CohortKey, Size]:
    """Sizes for all groups of a scene: more than enough."""
    return dict.fromkeys(size_candidates(scene.raw(1), None, CONTINENT), _PLENTY)


def _no_noise(scales: Sequence[float]) -> list[int]:
    return [0] * len(scales)


def _code(field: str) -> str:
    return parse_cell(field)[1]
