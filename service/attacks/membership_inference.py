"""Membership inference: whether a visit or an event was there, by someone who knows all others of an interval.

The adversary knows the counts of an interval but for one visit or one event, and sees all that was released of it: more
than the API tells, for what is only learned from (``LEARN_ONLY``) is given to them too. They decide by the ratio of
likelihoods over all cells that it may touch (Neyman and Pearson 1933). Their advantage is how much more often they say
"there" of one that was than of one that was not: 0 is guessing, 1 is knowing. What epsilon allows is (e^epsilon - 1) /
(e^epsilon + 1), or with a delta, (e^epsilon - 1 + 2 delta) / (e^epsilon + 1) (Kairouz, Oh and Viswanath 2015, "The
composition theorem for differential privacy").

Four adversaries: one reads what ``core.release`` releases with noise from OpenDP; one also knows other groups and
subtracts cells from each other, which gives away noise that cells share; one gets every noisy count before anything is
held back, by noise from a table, and nobody who sees less does better. The last one is arithmetic: what the others
should get, from the number of cells that a visit touches and from epsilon. As noise that is too small may keep to a
limit too, what is measured must be that figure, neither more nor less.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from math import log

from msgspec import Struct
from msgspec.structs import replace

from service.attacks.group_sizes import by_sizes
from service.attacks.measures import (
    Measure,
    Progress,
    Share,
    advantage,
    allowed,
    at_least,
    at_most,
    between,
    by_arithmetic,
    figure,
    unseen,
)
from service.attacks.noise_tables import NoiseStock, NoiseTable, goodness_of_fit, independence
from service.core.groups.clipping import whole_of
from service.core.groups.cohort import CohortKey, ancestors
from service.core.groups.counts import LEARN_ONLY, PrivacyParameters, Released, Size, counter_key, parse_counter_key
from service.core.groups.interval import HOUR_S, Interval
from service.core.groups.release import Draw, delta, noise_scales, release, size_candidates
from service.ports import Noise

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
_COHORT: CohortKey = "CH/smartphone/android"


class Touched(Struct, frozen=True):
    """A cell that a visit or an event adds 1 to: its count without it, and the scale of its noise."""

    without: int
    scale: float


class Scene(Struct, frozen=True):
    """Where the visit is looked for: how many others its group has in the interval, and the terms of release.

    ``codes`` are what it is counted as, ``siblings`` other groups with the visits they have.
    """

    others: int
    terms: PrivacyParameters
    codes: tuple[str, ...] = VISIT
    siblings: tuple[tuple[CohortKey, int], ...] = ()

    def raw(self, visits: int) -> dict[str, int]:
        """The raw counts with so many visits of the one looked for: all of its group, for what others add is known.

        Of the others half convert and are rewarded, so that no count is clipped to what it is a part of by noise alone.
        """
        counts = {_COHORT: self.others, **dict(self.siblings)}
        of_all = {
            counter_key(cohort, code): (others // 2 if whole_of(code) else others) + visits * (cohort == _COHORT)
            for cohort, others in counts.items()
            for code in self.codes
        }
        return {field: count for field, count in of_all.items() if count}

    def released(self, visits: int, draw: Draw) -> Released:
        """What the real code releases. The groups hold devices enough (their sizes are ``group_sizes``)."""
        return release(_HOUR, self.raw(visits), _enough(self), None, self.terms, SLOTS_N, CONTINENT, draw)

    def true_counts(self, visits: int) -> Mapping[str, int]:
        """Every count that there is, with no noise and nothing held back."""
        bare = Scene(self.others, PrivacyParameters(1, 0, 1.0, "off"), self.codes, self.siblings)
        cells = bare.released(visits, _no_noise).cells
        return {field: count for field, count in cells.items() if parse_counter_key(field)[1] not in {"in", "devices"}}

    def touched(self) -> dict[str, Touched]:
        """The cells that a visit adds to, as the real code says, each with the scale that the real code gives it."""
        before, after = self.true_counts(0), self.true_counts(1)
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


def crowd(
    terms: PrivacyParameters, codes: tuple[str, ...] = VISIT, siblings: tuple[tuple[CohortKey, int], ...] = ()
) -> Scene:
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
    return parse_counter_key(field)[1]


CONTROL_MIN = 0.99
"""Without noise the same attack must all but know, else it would prove nothing of the noise."""
FIT_P_MIN = 1e-6
"""Noise of the right distribution fails a test of it once in so many runs."""
SURE_TIMES = 2.5
"""How many half intervals of 95 % a measured advantage may be from the one that follows: more, once in 10^6 runs."""
EVENTS_N = 3

_CERTAIN = 1e9
_ROUNDING = 1e-9


class LikelihoodReader:
    """The adversary's reading of a release: the logarithm of the ratio of likelihoods, with the visits and without."""

    def __init__(self, scene: Scene, visits: int = 1) -> None:
        self._k = scene.terms.k
        self._cells = [
            (field, field.replace("|", f"|{LEARN_ONLY}"), touched.without, touched.without + visits, touched.scale)
            for field, touched in scene.touched().items()
        ]

    def score(self, released: Released) -> float:
        """How much this release speaks for the visits. A cell that is absent speaks too: its count was below k."""
        cells = released.cells
        total = 0.0
        for field, learn_only, without_visits, with_visits, scale in self._cells:
            if field in cells:
                total += _of_count(cells[field], without_visits, with_visits, scale)
            elif learn_only in cells:
                total += _of_range(cells[learn_only], cells[learn_only] + self._k, without_visits, with_visits, scale)
            else:
                total += _of_range(None, self._k, without_visits, with_visits, scale)
        return round(total, 9)


class DifferenceReader:
    """Reads differences: a cell of the visit's groups less one that it does not touch, and less all that are known.

    Where the noise of cells is independent a difference has more of it than either. Where two share theirs, or where
    one is the sum of others, a difference is exact: it is what is known, or one more.
    """

    def __init__(self, scene: Scene) -> None:
        counts, touched = scene.true_counts(0), scene.touched()
        self._differences: list[tuple[str, tuple[str, ...], int]] = []
        for field in touched:
            cohort, code = parse_counter_key(field)
            untouched = [other for other in counts if other not in touched and parse_counter_key(other)[1] == code]
            inside = tuple(
                counter_key(sibling, code)
                for sibling, _ in scene.siblings
                if cohort in ancestors(sibling, CONTINENT) and counter_key(sibling, code) in counts
            )
            for subtracted in {*((other,) for other in untouched), inside} - {()}:
                expected = counts.get(field, 0) - sum(map(counts.__getitem__, subtracted))
                self._differences.append((field, subtracted, expected))

    def score(self, released: Released) -> float:
        cells = released.cells
        total = 0
        for field, subtracted, expected in self._differences:
            if field in cells and all(other in cells for other in subtracted):
                excess = cells[field] - sum(map(cells.__getitem__, subtracted)) - expected
                total += 1 if excess == 1 else -1 if excess == 0 else 0
        return total


def by_release(
    scene: Scene,
    noise: Noise,
    trials: int,
    visits: int = 1,
    progress: Progress = unseen,
    reader: Callable[[Scene], LikelihoodReader | DifferenceReader] | None = None,
) -> Share:
    """The advantage of an adversary who gets what the real code releases, over so many trials, half with the visits."""
    reading = LikelihoodReader(scene, visits) if reader is None else reader(scene)
    stock = NoiseStock(noise)
    scores: tuple[Counter[float], Counter[float]] = Counter(), Counter()
    for trial in range(trials):
        present = trial % 2
        scores[present][reading.score(scene.released(present * visits, stock.draw))] += 1
        if trial % 1000 == 0:
            progress("membership by what is released", trial, trials)
    return advantage(scores[1], scores[0])


def by_every_count(
    terms: PrivacyParameters, trials: int, visits: int = 1, seed: int = 1, codes: tuple[str, ...] = VISIT
) -> Share:
    """The advantage of an adversary who gets every noisy count, nothing held back."""
    scales = Counter(touched.scale for touched in crowd(terms, codes).touched().values())
    half = trials // 2
    scores = []
    for present in (True, False):
        shift = visits if present else 0
        sums = [0.0] * half
        for number, (scale, cells) in enumerate(scales.items()):
            table = NoiseTable(scale, seed + 2 * number + present)
            ratio = {value: (abs(value + shift) - abs(value + shift - visits)) / scale for value in table.values}
            drawn = zip(*[iter(table.draw(cells * half))] * cells, strict=True)
            sums = [before + sum(map(ratio.__getitem__, numbers)) for before, numbers in zip(sums, drawn, strict=True)]
        scores.append(Counter(round(total, 9) for total in sums))
    return advantage(*scores)


def keeps(name: str, gained: Share, limit: float, note: str) -> Measure:
    """An advantage with its limit. Where the trials are too few to tell either from chance, the figure has none.

    That is with an epsilon of a hundredth, or where all but certainty is allowed; what remains is ``agrees``.
    """
    is_chance = gained.value - gained.give_or_take <= limit < gained.high
    if is_chance and (gained.give_or_take >= limit or limit > 1 - gained.give_or_take):
        return figure(name, gained, "advantage", f"{limit:.4f} may be, which is within chance; {note}")
    return at_most(name, gained, limit, "advantage", note)


def agrees(name: str, gained: Share, scene: Scene) -> Measure:
    """Whether the measured advantage is that of epsilon: too little noise gives more, too much noise less."""
    right = by_arithmetic(scene.lawful_scales())
    note = f"{gained.value:.3f} measured; {right:.3f} by the cells it touches and epsilon"
    limit = SURE_TIMES * gained.give_or_take
    return at_most(f"{name}: how far from arithmetic", abs(gained.value - right), limit, "advantage", note)


def membership(
    terms: PrivacyParameters, noise: Noise, trials: int, trials_real: int, progress: Progress = unseen
) -> list[Measure]:
    """The whole attack. ``trials_real`` are those with the real release and noise: 0.3 ms each."""
    if terms.noise == "off":
        return [at_most("membership of one visit", 1.0, allowed(terms.epsilon), "advantage", "the noise is off")]
    measures = [
        *_of_noise(noise, crowd(terms, WITH_EVENTS), trials),
        *_of_one_visit(terms, noise, trials, trials_real, progress),
        *_of_differences(terms, noise, max(2, trials_real // 10)),
        *_of_events(terms, noise, trials, max(2, trials_real // 5)),
    ]
    for rungs in (1, 5):
        fewer = max(2, trials // 200)
        name = f"membership of a device by two days' group sizes, {rungs} of 5 at the step"
        note = f"{fewer} trials; sizes are told in steps of k and make no promise of differential privacy"
        measures.append(figure(name, by_sizes(terms, fewer, rungs), "advantage", note))
        progress("membership by sizes", rungs, 5)
    return measures


def _of_noise(noise: Noise, scene: Scene, trials: int) -> list[Measure]:
    """Is OpenDP's noise that of the tables, on each scale that is needed, and each draw of it a new one?"""
    draws = min(50_000, max(2000, trials // 2))
    scales = sorted({*scene.lawful_scales()})
    which = f"{draws} draws each of the scales {', '.join(f'{scale:g}' for scale in scales)}"
    fit = min(goodness_of_fit(noise, scale, draws) for scale in scales)
    independent = min(independence(noise, scale, draws) for scale in scales)
    return [
        at_least("fit of OpenDP's noise to the table's", fit, FIT_P_MIN, "p-value", f"chi-square over {which}"),
        at_least("independence of one draw of noise and the next", independent, FIT_P_MIN, "p-value", which),
    ]


def _of_one_visit(
    terms: PrivacyParameters, noise: Noise, trials: int, trials_real: int, progress: Progress
) -> list[Measure]:
    k, by_one, fewer = terms.k, allowed(terms.epsilon), max(2, trials_real // 10)
    quiet, many = crowd(replace(terms, noise="off")), crowd(terms)
    edge, alone = Scene(k - 1, terms), Scene(0, terms)
    slack = sum(delta(k, touched.scale) for touched in alone.touched().values())
    released = by_release(many, noise, trials_real, progress=progress)
    every = by_every_count(terms, trials)
    return [
        at_least("membership, control without noise", float(by_release(quiet, noise, min(1000, trials))), CONTROL_MIN,
                 "advantage", "the attack works where nothing is done against it"),
        keeps("membership of one visit, by what is released", released, by_one,
              f"{trials_real} releases, real code and OpenDP's noise"),
        agrees("membership of one visit, by what is released", released, many),
        keeps("membership of one visit, in a group of k - 1 others", by_release(edge, noise, fewer), by_one,
              f"{fewer} releases"),
        keeps("membership of a visit alone in all its groups", by_release(alone, noise, fewer),
              allowed(terms.epsilon, slack), f"{fewer} releases; delta {slack:.1g} is in the limit"),
        keeps("membership of one visit, by every noisy count", every, by_one,
              f"{trials} trials; nothing held back, so nobody does better"),
        agrees("membership of one visit, by every noisy count", every, many),
    ]  # fmt: skip


def _of_differences(terms: PrivacyParameters, noise: Noise, trials: int) -> list[Measure]:
    """The same beside other groups, of which the adversary knows all."""
    scene, quiet = (crowd(other, siblings=SIBLINGS) for other in (terms, replace(terms, noise="off")))
    beside = f"membership of one visit beside {len(SIBLINGS)} known groups"
    read = by_release(scene, noise, trials)
    without_noise = by_release(quiet, noise, min(200, trials), reader=DifferenceReader)
    return [
        keeps(f"{beside}, by its cells", read, allowed(terms.epsilon), f"{trials} releases"),
        agrees(f"{beside}, by its cells", read, scene),
        at_least(f"{beside}, by differences, control without noise", float(without_noise), CONTROL_MIN, "advantage"),
        keeps(f"{beside}, by differences of cells", by_release(scene, noise, trials, reader=DifferenceReader),
              allowed(terms.epsilon), f"{trials} releases; noise that cells share would be seen"),
    ]  # fmt: skip


def _of_events(terms: PrivacyParameters, noise: Noise, trials: int, trials_real: int) -> list[Measure]:
    """Epsilon is for one visit or one event: what it is of an event alone, of a visit with its events, of several."""
    exposure, whole = (crowd(terms, codes) for codes in (EXPOSURE, WITH_EVENTS))
    in_force = by_arithmetic([touched.scale for touched in exposure.touched().values()])
    seen, both = by_release(exposure, noise, trials_real), by_release(whole, noise, trials_real)
    every, of_all = by_every_count(terms, trials, codes=WITH_EVENTS), allowed((1 + EVENTS_N) * terms.epsilon)
    return [
        at_most("membership of one event (an exposure), by arithmetic", in_force, allowed(terms.epsilon) + _ROUNDING,
                "advantage", "one cell has all of epsilon: the limit is reached exactly"),
        agrees("membership of one event (an exposure), by what is released", seen, exposure),
        keeps(f"membership of a visit with its {EVENTS_N} events, by what is released", both, of_all,
              f"exposure, conversion, reward: of one visit and {EVENTS_N} events they tell {1 + EVENTS_N} epsilon"),
        agrees("membership of a visit with its events, by what is released", both, whole),
        keeps("membership of a visit with its events, by every noisy count", every, of_all,
              f"{trials} trials; nothing held back"),
        *(
            keeps(f"membership of a device that came {n} times", by_every_count(terms, trials, n),
                  allowed(n * terms.epsilon), f"epsilon is for one visit: of {n} they tell {n} epsilon")
            for n in (3, 10)
        ),
    ]  # fmt: skip


def _of_count(count: int, without_visits: int, with_visits: int, scale: float) -> float:
    """What a count says: the logarithm of the ratio of its likelihoods around one value and around the other."""
    if without_visits == 0:  # a cell that nobody else makes: only the visit can
        return _CERTAIN
    if scale == 0:
        return _CERTAIN if count == with_visits else -_CERTAIN
    return (abs(count - without_visits) - abs(count - with_visits)) / scale


@lru_cache(maxsize=4096)
def _of_range(low: int | None, end: int, without_visits: int, with_visits: int, scale: float) -> float:
    """What a count from ``low`` to below ``end`` says."""
    if_present, if_absent = (between(low, end, count, scale) for count in (with_visits, without_visits))
    if if_present == if_absent:
        return 0.0
    return -_CERTAIN if if_present == 0 else _CERTAIN if if_absent == 0 else log(if_present / if_absent)
