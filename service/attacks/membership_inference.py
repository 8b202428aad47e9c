"""Was this visit, or this event, there? The best guess by someone who knows all others of an interval.

The adversary knows the counts of an interval but for one visit or one event, and sees all that was released of it: more
than the API tells, for what is only learned from (``UNTOLD``) is given to them too. They decide by the ratio of
likelihoods over all cells that it may touch (Neyman and Pearson 1933). Their advantage is how much more often they say
"there" of one that was than of one that was not: 0 is guessing, 1 is knowing. What epsilon allows is (e^epsilon - 1) /
(e^epsilon + 1), or with a delta, (e^epsilon - 1 + 2 delta) / (e^epsilon + 1) (Kairouz, Oh and Viswanath 2015, "The
composition theorem for differential privacy").

Four adversaries. One reads what ``core.release`` releases with noise from OpenDP; a cell that was left out beside small
ones they take for small. One knows other groups of the interval too and subtracts cells from each other, which gives
away noise that cells share. One gets every noisy count before anything is held back, and there the ratio is exact: as
whatever is released follows from those, nobody who sees only that does better. For that one the noise comes from a
table of the same distribution, a hundred times as fast. The last one is arithmetic: what the others should get, from
the number of cells that a visit touches and from epsilon alone. As a limit may be kept by noise that is too small for
what was promised of it, what is measured must be that figure, neither more nor less.
"""

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from math import log

from msgspec.structs import replace

from service.attacks.chances import advantage, allowed, between, by_arithmetic
from service.attacks.group_sizes import by_sizes
from service.attacks.measures import Measure, Report, Share, at_least, at_most, nothing, told
from service.attacks.noise_tables import NoiseTable, Stock, goodness_of_fit, independence
from service.attacks.scene import CONTINENT, EXPOSURE, SIBLINGS, VISIT, WITH_EVENTS, Scene, crowd_of
from service.core.cohort import ancestors
from service.core.counts import UNTOLD, Released, Terms, cell, parse_cell
from service.core.release import delta
from service.ports import Noise

CONTROL_MIN = 0.99
"""Without noise the same attack must all but know, else it would prove nothing of the noise."""
FIT_P_MIN = 1e-6
"""Noise of the right distribution fails a test of it once in so many runs."""
SURE_TIMES = 2.5
"""How many half intervals of 95 % a measured advantage may be from the one that follows: more, once in 10^6 runs."""
EVENTS_N = 3

_CERTAIN = 1e9
_ROUNDING = 1e-9


class Reader:
    """The adversary's reading of a release: the logarithm of the ratio of likelihoods, with the visits and without."""

    def __init__(self, scene: Scene, visits: int = 1) -> None:
        self._k = scene.terms.k
        self._cells = [
            (field, field.replace("|", f"|{UNTOLD}"), one.without, one.without + visits, one.scale)
            for field, one in scene.touched().items()
        ]

    def score(self, released: Released) -> float:
        """How much this release speaks for the visits. A cell that is absent speaks too: its count was below k."""
        cells = released.cells
        total = 0.0
        for field, untold, without, there, scale in self._cells:
            if field in cells:
                total += _of_count(cells[field], without, there, scale)
            elif untold in cells:
                total += _of_range(cells[untold], cells[untold] + self._k, without, there, scale)
            else:
                total += _of_range(None, self._k, without, there, scale)
        return round(total, 9)


class Subtractor:
    """Reads differences: a cell of the visit's groups less one that it does not touch, and less all that are known.

    Where the noise of cells is independent a difference has more of it than either. Where two share theirs, or where
    one is the sum of others, a difference is exact: it is what is known, or one more.
    """

    def __init__(self, scene: Scene) -> None:
        known, touched = scene.known(0), scene.touched()
        self._looks: list[tuple[str, tuple[str, ...], int]] = []
        for field in touched:
            cohort, what = parse_cell(field)
            beside = [other for other in known if other not in touched and parse_cell(other)[1] == what]
            inside = tuple(
                cell(sibling, what)
                for sibling, _ in scene.siblings
                if cohort in ancestors(sibling, CONTINENT) and cell(sibling, what) in known
            )
            for less in {*((other,) for other in beside), inside} - {()}:
                self._looks.append((field, less, known.get(field, 0) - sum(map(known.__getitem__, less))))

    def score(self, released: Released) -> float:
        cells = released.cells
        total = 0
        for field, less, expected in self._looks:
            if field in cells and all(other in cells for other in less):
                more = cells[field] - sum(map(cells.__getitem__, less)) - expected
                total += 1 if more == 1 else -1 if more == 0 else 0
        return total


def by_release(
    scene: Scene,
    noise: Noise,
    trials: int,
    visits: int = 1,
    report: Report = nothing,
    reader: Callable[[Scene], Reader | Subtractor] | None = None,
) -> Share:
    """The advantage of who gets what the real code releases, over so many trials, half of them with the visits."""
    reads = Reader(scene, visits) if reader is None else reader(scene)
    stock = Stock(noise)
    scores: tuple[Counter[float], Counter[float]] = Counter(), Counter()
    for trial in range(trials):
        there = trial % 2
        scores[there][reads.score(scene.released(there * visits, stock.draw))] += 1
        if trial % 1000 == 0:
            report("membership by what is released", trial, trials)
    return advantage(scores[1], scores[0])


def by_every_count(terms: Terms, trials: int, visits: int = 1, seed: int = 1, codes: tuple[str, ...] = VISIT) -> Share:
    """The advantage of who gets every noisy count, nothing held back."""
    scales = Counter(one.scale for one in crowd_of(terms, codes).touched().values())
    half = trials // 2
    scores = []
    for there in (True, False):
        shift = visits if there else 0
        sums = [0.0] * half
        for number, (scale, cells) in enumerate(scales.items()):
            table = NoiseTable(scale, seed + 2 * number + there)
            ratio = {value: (abs(value + shift) - abs(value + shift - visits)) / scale for value in table.values}
            drawn = zip(*[iter(table.draw(cells * half))] * cells, strict=True)
            sums = [before + sum(map(ratio.__getitem__, numbers)) for before, numbers in zip(sums, drawn, strict=True)]
        scores.append(Counter(round(found, 9) for found in sums))
    return advantage(*scores)


def keeps(name: str, found: Share, limit: float, note: str) -> Measure:
    """An advantage with its limit. Where the trials are too few to tell either from chance, it is told without one.

    That is with an epsilon of a hundredth, or where all but certainty is allowed; what remains is ``agrees``.
    """
    shown = found.value - found.give_or_take <= limit < found.high
    if shown and (found.give_or_take >= limit or limit > 1 - found.give_or_take):
        return told(name, found, "advantage", f"{limit:.4f} may be, which is within chance; {note}")
    return at_most(name, found, limit, "advantage", note)


def agrees(name: str, found: Share, scene: Scene) -> Measure:
    """Whether what was measured is what follows from epsilon: noise that is too small tells more, too much spoils."""
    right = by_arithmetic(scene.lawful_scales())
    note = f"{found.value:.3f} measured; {right:.3f} by the cells it touches and epsilon"
    limit = SURE_TIMES * found.give_or_take
    return at_most(f"{name}: how far from arithmetic", abs(found.value - right), limit, "advantage", note)


def membership(terms: Terms, noise: Noise, trials: int, trials_real: int, report: Report = nothing) -> list[Measure]:
    """All of it. ``trials_real`` are those with the real release and noise: 0.3 ms each."""
    if terms.noise == "off":
        return [at_most("membership of one visit", 1.0, allowed(terms.epsilon), "advantage", "the noise is off")]
    found = [
        *_of_noise(noise, crowd_of(terms, WITH_EVENTS), trials),
        *_of_one_visit(terms, noise, trials, trials_real, report),
        *_of_differences(terms, noise, max(2, trials_real // 10)),
        *_of_events(terms, noise, trials, max(2, trials_real // 5)),
    ]
    for rungs in (1, 5):
        found.append(
            told(
                f"membership of a device by two days' group sizes, {rungs} of 5 at the step",
                by_sizes(terms, max(2, trials // 200), rungs),
                "advantage",
                f"{max(2, trials // 200)} trials; sizes are told in steps of k and make no promise of differential "
                "privacy",
            )
        )
        report("membership by sizes", rungs, 5)
    return found


def _of_noise(noise: Noise, scene: Scene, trials: int) -> list[Measure]:
    """Is OpenDP's noise that of the tables, on each scale that is needed, and each draw of it a new one?"""
    draws = min(50_000, max(2000, trials // 2))
    scales = sorted({*scene.lawful_scales()})
    named = ", ".join(f"{scale:g}" for scale in scales)
    fit = min(goodness_of_fit(noise, scale, draws) for scale in scales)
    apart = min(independence(noise, scale, draws) for scale in scales)
    return [
        at_least("fit of OpenDP's noise to the table's", fit, FIT_P_MIN, "p-value",
                 f"chi-square over {draws} draws each of the scales {named}"),
        at_least("independence of one draw of noise and the next", apart, FIT_P_MIN, "p-value",
                 f"{draws} draws each of the scales {named}"),
    ]  # fmt: skip


def _of_one_visit(terms: Terms, noise: Noise, trials: int, trials_real: int, report: Report) -> list[Measure]:
    k, by_one = terms.k, allowed(terms.epsilon)
    quiet = crowd_of(replace(terms, noise="off"))
    crowd, edge, alone = crowd_of(terms), Scene(k - 1, terms), Scene(0, terms)
    slack = sum(delta(k, one.scale) for one in alone.touched().values())
    fewer = max(2, trials_real // 10)
    released = by_release(crowd, noise, trials_real, report=report)
    every = by_every_count(terms, trials)
    return [
        at_least(
            "membership, control without noise",
            by_release(quiet, noise, min(1000, trials)).value,
            CONTROL_MIN,
            "advantage",
            "the attack works where nothing is done against it",
        ),
        keeps(
            "membership of one visit, by what is released",
            released,
            by_one,
            f"{trials_real} releases, real code and OpenDP's noise",
        ),
        agrees("membership of one visit, by what is released", released, crowd),
        keeps(
            "membership of one visit, in a group of k - 1 others",
            by_release(edge, noise, fewer),
            by_one,
            f"{fewer} releases",
        ),
        keeps(
            "membership of a visit alone in all its groups",
            by_release(alone, noise, fewer),
            allowed(terms.epsilon, slack),
            f"{fewer} releases; delta {slack:.1g} is in the limit",
        ),
        keeps(
            "membership of one visit, by every noisy count",
            every,
            by_one,
            f"{trials} trials; nothing held back, so nobody does better",
        ),
        agrees("membership of one visit, by every noisy count", every, crowd),
    ]


def _of_differences(terms: Terms, noise: Noise, trials: int) -> list[Measure]:
    """The same beside other groups, of which the adversary knows all."""
    scene, quiet = (crowd_of(one, siblings=SIBLINGS) for one in (terms, replace(terms, noise="off")))
    beside = f"membership of one visit beside {len(SIBLINGS)} known groups"
    read = by_release(scene, noise, trials)
    return [
        keeps(f"{beside}, by its cells", read, allowed(terms.epsilon), f"{trials} releases"),
        agrees(f"{beside}, by its cells", read, scene),
        at_least(
            f"{beside}, by differences, control without noise",
            by_release(quiet, noise, min(200, trials), reader=Subtractor).value,
            CONTROL_MIN,
            "advantage",
        ),
        keeps(
            f"{beside}, by differences of cells",
            by_release(scene, noise, trials, reader=Subtractor),
            allowed(terms.epsilon),
            f"{trials} releases; noise that cells share would be seen",
        ),
    ]


def _of_events(terms: Terms, noise: Noise, trials: int, trials_real: int) -> list[Measure]:
    """Epsilon is for one visit or one event: what it is of an event alone, of a visit with its events, of several."""
    exposure, whole = (crowd_of(terms, codes) for codes in (EXPOSURE, WITH_EVENTS))
    in_force = by_arithmetic([one.scale for one in exposure.touched().values()])
    seen, both = by_release(exposure, noise, trials_real), by_release(whole, noise, trials_real)
    return [
        at_most(
            "membership of one event (an exposure), by arithmetic",
            in_force,
            allowed(terms.epsilon) + _ROUNDING,
            "advantage",
            "one cell has all of epsilon: the limit is reached exactly",
        ),
        agrees("membership of one event (an exposure), by what is released", seen, exposure),
        keeps(
            f"membership of a visit with its {EVENTS_N} events, by what is released",
            both,
            allowed((1 + EVENTS_N) * terms.epsilon),
            f"exposure, conversion, reward: of one visit and {EVENTS_N} events they tell {1 + EVENTS_N} epsilon",
        ),
        agrees("membership of a visit with its events, by what is released", both, whole),
        keeps(
            "membership of a visit with its events, by every noisy count",
            by_every_count(terms, trials, codes=WITH_EVENTS),
            allowed((1 + EVENTS_N) * terms.epsilon),
            f"{trials} trials; nothing held back",
        ),
        *(
            keeps(
                f"membership of a device that came {n} times",
                by_every_count(terms, trials, n),
                allowed(n * terms.epsilon),
                f"epsilon is for one visit: of {n} they tell {n} epsilon",
            )
            for n in (3, 10)
        ),
    ]


def _of_count(count: int, without: int, there: int, scale: float) -> float:
    """What a count says: the logarithm of the ratio of its likelihoods around one value and around the other."""
    if without == 0:  # a cell that nobody else makes: only the visit can
        return _CERTAIN
    if scale == 0:
        return _CERTAIN if count == there else -_CERTAIN
    return (abs(count - without) - abs(count - there)) / scale


@lru_cache(maxsize=4096)
def _of_range(low: int | None, end: int, without: int, there: int, scale: float) -> float:
    """What a count from ``low`` to below ``end`` says."""
    by_visit, else_ = (between(low, end, count, scale) for count in (there, without))
    if by_visit == else_:
        return 0.0
    return -_CERTAIN if by_visit == 0 else _CERTAIN if else_ == 0 else log(by_visit / else_)
