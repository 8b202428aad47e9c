"""The release of a closed interval: sums by cohort, noised once, with no small count in them or to be worked out.

Raw counts come by the cohort in which they were counted. A cohort's own count is the sum of its raw cells and those of
all cohorts that it holds, on the rungs where its kind of code is released (``RUNGS``).

What the noise protects is *one visit, or one event*. Each cell with a raw count gets discrete Laplace noise of a scale
at which all count cells of one interval together tell at most ``epsilon`` of whether one visit (or one event) was there
(differential privacy; Ghosh, Roughgarden and Sundararajan 2009, "Universally utility-maximizing privacy mechanisms").
It is not more than that: of n visits of one device in an interval they tell n epsilon, and intervals and days add up.
Only cells with a raw count are candidates, so that a cell is released at all tells that its count was not 0. For a
cell that one visit alone makes this happens with a probability of ``delta``; all other times it looks like no cell.

How many devices a cohort holds gets noise of its own, epsilon for devices and epsilon for prefixes, on five rungs each.
A device stays counted for its day, and the next, and its cohort's size is looked at in every interval of them: the
noise is new each time and can be averaged away. A HyperLogLog's estimate has no strict sensitivity either: one more
device mostly moves it by about 1, now and then by some per cent. So no promise of differential privacy is made about
sizes; what stands for them is that only a *step* is told, whole multiples of k, of cohorts that hold enough. That also
keeps the difference of two cohorts' or two intervals' sizes from telling of the few who came in between.

Rewards beyond offers and conversions beyond exposures are clipped after the noise (``clipping``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import exp, log
from typing import Literal, cast

from service.core.groups.clipping import clip, uncounted, whole_of
from service.core.groups.cohort import EVERYBODY, CohortKey, Continents, ancestors
from service.core.groups.counts import (
    CLIPPED,
    LEARN_ONLY,
    SIZE_CAP_FACTOR,
    Code,
    CodeKind,
    PrivacyParameters,
    Released,
    Size,
    counter_key,
    parse_counter_key,
)
from service.core.groups.interval import Interval
from service.core.groups.suppression import suppress

Draw = Callable[[Sequence[float]], list[int]]
"""One random integer for each scale: ``ports.Noise.draw``."""

Rung = Literal["country/class/os", "country/class", "country", "continent/class", "class", "all"]
_LADDER: tuple[Rung, ...] = ("country/class/os", "country/class", "continent/class", "class", "all")
_LANGUAGE: tuple[Rung, ...] = ("country/class/os", "country/class", "country", "all")

RUNGS: Mapping[CodeKind, tuple[Rung, ...]] = {
    "visit": _LADDER,
    "shown": _LANGUAGE,
    "wanted": _LANGUAGE,
    "chosen": _LANGUAGE,
    "offered": _LADDER,
    "rewarded": _LADDER,
    "exposed": ("all",),
    "converted": ("all",),
}
"""The rungs on which each kind of code is released."""
LEARNED: frozenset[CodeKind] = frozenset({"wanted", "chosen", "offered", "rewarded"})
"""What is learned from. Of these a cell of k or more that may not be told is kept, marked ``LEARN_ONLY``: else a group
in which nearly all ask for one language would teach nothing, for the few others would show in the difference. It is
kept in whole multiples of k, so that what follows from it tells nothing of so few either."""
HYSTERESIS = 0.8
"""A cohort is one from k devices on, and stays one down to this part of k."""


def release(
    interval: Interval,
    raw: Mapping[str, int],
    sizes: Mapping[CohortKey, Size],
    before: Released | None,
    terms: PrivacyParameters,
    slots_n: int,
    continent: Continents,
    draw: Draw,
) -> Released:
    """The cells of an interval that everyone may know. Some 15 us per raw cell, so not for the event loop.

    ``raw`` are its sums by field, ``sizes`` those of the cohorts that may be one (``size_candidates``), ``before`` the
    release before it, and ``slots_n`` how many slots the site has. With the noise off nothing is drawn.
    Where the site had other slots during the interval, the noise is for all of them.
    """
    rungs = _Rungs(continent)
    members = _members(sizes, before, terms, draw)
    totals = _totals(raw, rungs, _reportable(members))
    scales = noise_scales(terms, max(slots_n, _slots_in(totals)))
    by_code = {what: scales[_kind(what)] for what in totals}
    uncounted_noise = dict.fromkeys(uncounted(totals), 0)
    if terms.noise == "on":
        if uncounted_noise:
            uncounted_noise = dict(
                zip(uncounted_noise, draw([scales[_kind(what)] for what, _ in uncounted_noise]), strict=True)
            )
        noise = iter(draw([by_code[what] for what, counts in totals.items() for _ in counts]))
        totals = {
            what: {cohort: count + next(noise) for cohort, count in counts.items()} for what, counts in totals.items()
        }
    kept = suppress({what: totals[what] for what in totals if whole_of(what) is None}, terms.k, rungs.above, by_code)
    clipped = clip(totals, kept, uncounted_noise, terms.k, scales, rungs.above)
    kept |= suppress(clipped.counts, terms.k, rungs.above, by_code)  # these are in no equation with the others
    cells = {counter_key(cohort, what): count for what, counts in kept.items() for cohort, count in counts.items()}
    learn_only = {
        counter_key(cohort, LEARN_ONLY + what): count // terms.k * terms.k
        for what, counts in {**totals, **clipped.counts}.items()
        if _kind(what) in LEARNED
        for cohort, count in counts.items()
        if count >= terms.k and cohort not in kept[what] and cohort not in clipped.marked.get(what, ())
    }
    marks = {counter_key(cohort, CLIPPED + what): 1 for what, cohorts in clipped.marked.items() for cohort in cohorts}
    return Released(interval, terms, cells | learn_only | marks | members)


def noise_scales(terms: PrivacyParameters, slots_n: int) -> dict[CodeKind, float]:
    """The scale of the noise on one released cell of each kind, in counts; 0 without noise.

    It is the number of cells that one visit, or one event, adds 1 to, by epsilon. A visit adds to its own count, to a
    language's and to an option's for each slot, and all of these share one scale; any other event is one of its own.
    """
    if terms.noise == "off":
        return dict.fromkeys(RUNGS, 0.0)
    by_visit = len(RUNGS["visit"]) + len(RUNGS["wanted"]) + slots_n * len(RUNGS["offered"])
    visits: tuple[CodeKind, ...] = ("visit", "shown", "wanted", "offered")
    return {kind: (by_visit if kind in visits else len(rungs)) / terms.epsilon for kind, rungs in RUNGS.items()}


def size_scale(terms: PrivacyParameters) -> float:
    """The scale of the noise on a cohort's devices, and on its prefixes."""
    return len(_LADDER) / terms.epsilon if terms.noise == "on" else 0.0


def delta(k: int, scale: float) -> float:
    """The probability that noise lifts a cell that one visit alone made to k, so that the cell is released.

    For discrete Laplace noise X of this scale: P(X >= k - 1) = a^(k - 1) / (1 + a) with a = exp(-1 / scale).
    """
    if scale <= 0:
        return 0.0 if k > 1 else 1.0
    return exp(-(k - 1) / scale - log(1 + exp(-1 / scale)))


def size_candidates(raw: Mapping[str, int], before: Released | None, continent: Continents) -> list[CohortKey]:
    """The cohorts whose sizes a release needs: those visited in the interval, and those that were one before it."""
    rungs = _Rungs(continent)
    candidates = {EVERYBODY}
    for cohort in {parse_counter_key(field)[0] for field in raw}:
        candidates.update(rungs.counted_in("visit", cohort))
    if before is not None:
        candidates.update(cohort for cohort, what in map(parse_counter_key, before.cells) if what == "in")
    return sorted(candidates)


class _Rungs:
    """The cohorts that a raw cell counts in, cached for one release: there are many cells and few cohorts."""

    def __init__(self, continent: Continents) -> None:
        self._continent = continent
        self._counted_in: dict[tuple[tuple[Rung, ...], CohortKey], tuple[CohortKey, ...]] = {}

    def counted_in(self, kind: CodeKind, cohort: CohortKey) -> tuple[CohortKey, ...]:
        """The cohorts to which a raw cell of this kind adds, finest first."""
        key = RUNGS[kind], cohort
        if key not in self._counted_in:
            lineage = (cohort, *ancestors(cohort, self._continent))
            self._counted_in[key] = tuple(member for member in lineage if _rung(member) in RUNGS[kind])
        return self._counted_in[key]

    def above(self, what: Code, cohort: CohortKey) -> CohortKey | None:
        """The cohort right above one on the rungs of a code."""
        line = self.counted_in(_kind(what), cohort)
        return line[1] if len(line) > 1 else None


def _reportable(members: Mapping[str, int]) -> frozenset[CohortKey]:
    """The cohorts of which anything may be released or learned: those that hold enough devices, and everybody.

    A count of k may be one device that came k times. A country is among them where one of its classes is.
    """
    cohorts = {cohort for cohort, what in map(parse_counter_key, members) if what == "in"}
    countries = {cohort.partition("/")[0] for cohort in cohorts if _rung(cohort) == "country/class"}
    return frozenset(cohorts | countries | {EVERYBODY})


def _totals(
    raw: Mapping[str, int], rungs: _Rungs, reportable: frozenset[CohortKey]
) -> dict[Code, dict[CohortKey, int]]:
    """The sums by code and cohort. Kinds that nobody knows, as a newer worker may send, are left out."""
    totals: dict[Code, dict[CohortKey, int]] = {}
    for field, count in raw.items():
        cohort, what = parse_counter_key(field)
        if count <= 0 or _kind(what) not in RUNGS:
            continue
        counts = totals.setdefault(what, {})
        for rung in rungs.counted_in(_kind(what), cohort):
            if rung in reportable:
                counts[rung] = counts.get(rung, 0) + count
    return totals


def _slots_in(codes: Iterable[Code]) -> int:
    """How many slots these codes are of."""
    return len({what.split(":")[1] for what in codes if _kind(what) == "offered"})


def _members(
    sizes: Mapping[CohortKey, Size], before: Released | None, terms: PrivacyParameters, draw: Draw
) -> dict[str, int]:
    """The cohorts that hold enough devices from now on, and the step that their size reaches."""
    cohorts = [cohort for cohort, size in sizes.items() if size.devices > 0]
    noise = draw([size_scale(terms)] * (2 * len(cohorts))) if terms.noise == "on" else [0] * (2 * len(cohorts))
    cells = {}
    for index, cohort in enumerate(cohorts):
        was_in = before is not None and before.cells.get(counter_key(cohort, "in"), 0) > 0
        needed_part = HYSTERESIS if was_in else 1.0
        devices = sizes[cohort].devices + noise[2 * index]
        prefixes = sizes[cohort].prefixes + noise[2 * index + 1]
        prefixes_enough = terms.k_prefixes == 0 or prefixes >= needed_part * terms.k_prefixes
        if prefixes_enough and devices >= needed_part * terms.k:
            cells[counter_key(cohort, "in")] = 1
            if devices >= terms.k:  # of one that only stays in, no size is told
                cells[counter_key(cohort, "devices")] = size_step(devices, terms.k)
    return cells


def size_step(devices: int, k: int) -> int:
    """The size of a cohort of k or more as it is told: whole multiples of k, at most the cap."""
    return min(devices // k, SIZE_CAP_FACTOR) * k


def _kind(what: Code) -> CodeKind:
    return cast("CodeKind", what.partition(":")[0])


def _rung(cohort: CohortKey) -> Rung:
    """The rung of a cohort."""
    if cohort == EVERYBODY:
        return "all"
    slashes = cohort.count("/")
    if cohort[0].isupper():
        return "country" if slashes == 0 else "country/class" if slashes == 1 else "country/class/os"
    return "continent/class" if slashes else "class"
