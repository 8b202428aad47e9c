"""Slots as bandits: which option a cohort is offered first, learned from what was released of offers and rewards.

An option's rate in a cohort has the posterior Beta(1 + rewards, 1 + offers without one). Options stand by its mean, or
by a draw from it (Thompson 1933, "On the likelihood that one unknown probability exceeds another"), ties in the site's
order. An option that was tried nowhere has mean 1/2, more than rewards usually reach, so each is tried in its turn.

Some things make this learn from little. *Backing off*: what a cohort knows nothing of, it takes from the next coarser
one that knows, as so many trials of its own at most as ``INHERITED_TRIALS_MAX``; one that knows nothing at all has no
ranking, and the coarser one's holds. What is *marked* as clipped says nothing of how many rewards there were: neither
it nor its offers are counted. *Counts held back*: where an option's offers were released and its rewards were
not, the rewards were below k. That is no news where one would have expected so few anyhow, and then such intervals are
not counted; else they count with k - 1, the most there can have been. Without this, an option that hardly ever works
would never be found out, and one in a small cohort would be judged by its silence.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import cos, log, pi, sqrt

from msgspec import Struct

from service.core.groups.cohort import CohortKey, Continents, ancestors
from service.core.groups.counts import CLIPPED, Released, learned_cells, parse_counter_key
from service.core.groups.interval import Interval
from service.core.sites import Key, Site, Slot, SlotRanking

INHERITED_TRIALS_MAX = 300
_GAMMA_ROUNDS_MAX = 64  # one round in twenty is refused, so that nobody ever sees the last one


class Trials(Struct, frozen=True, gc=False):
    """The released counts of one option in one cohort, summed over intervals.

    ``offered`` and ``rewarded`` are of the intervals that released both. In others only the offers were released:
    ``unseen_offered`` of them, for which there were ``unseen_rewarded_max`` rewards at most.
    """

    offered: int = 0
    rewarded: int = 0
    unseen_offered: int = 0
    unseen_rewarded_max: int = 0


class Belief(Struct, frozen=True, gc=False):
    """A Beta distribution of a rate, as the trials with and without a reward that lead to it from even odds."""

    rewarded: float
    failed: float

    @property
    def mean(self) -> float:
        return (1 + self.rewarded) / (2 + self.rewarded + self.failed)

    def at_most(self, trials: float) -> "Belief":
        """The same rate from so many trials at most."""
        part = min(1.0, trials / max(1.0, self.rewarded + self.failed))
        return Belief(self.rewarded * part, self.failed * part)


NO_BELIEF = Belief(0.0, 0.0)
Evidence = Mapping[CohortKey, Mapping[Key, Trials]]


def rankings(
    site: Site, history: Sequence[Released], cohorts: Iterable[CohortKey], continent: Continents, newest: Interval
) -> dict[Key, dict[CohortKey, SlotRanking]]:
    """The options' order in each slot, for those of the cohorts that know anything of their own.

    Draws are seeded by site, slot, cohort and the ``newest`` interval: the same for every worker, new in each interval.
    """
    evidence = _evidence(history)
    by_slot: dict[Key, dict[CohortKey, SlotRanking]] = {}
    for key, slot in site.slots.items():
        beliefs = _Beliefs(evidence.get(key, {}), continent)
        by_slot[key] = {}
        for cohort in cohorts:
            if any(beliefs.own(cohort, option) is not None for option in slot.options):
                seed = f"{site.id}|{key}|{cohort}|{newest.start_s}"
                order = rank(slot, [beliefs.of(cohort, option) for option in slot.options], seed)
                by_slot[key][cohort] = SlotRanking(order, "cohort")
    return by_slot


def rank(slot: Slot, beliefs: Sequence[Belief], seed: str) -> tuple[Key, ...]:
    """A slot's options, best first, by what is believed of each in the site's order."""
    if slot.explore == "mean":
        worth = {option: belief.mean for option, belief in zip(slot.options, beliefs, strict=True)}
    else:
        worth = {
            option: draw_beta(1 + belief.rewarded, 1 + belief.failed, f"{seed}|{option}")
            for option, belief in zip(slot.options, beliefs, strict=True)
        }
    return tuple(sorted(slot.options, key=lambda option: -worth[option]))


def draw_beta(a: float, b: float, seed: str) -> float:
    """A number from Beta(a, b), for a and b of 1 or more, that follows from the seed: x / (x + y) of two gammas."""
    uniform = _uniforms(seed)
    x = _gamma(a, uniform)
    return x / (x + _gamma(b, uniform))


class _Beliefs:
    """The beliefs about the options of one slot in each cohort, cached while they are worked out."""

    def __init__(self, evidence: Evidence, continent: Continents) -> None:
        self._evidence = evidence
        self._continent = continent
        self._own: dict[tuple[CohortKey, Key], Belief | None] = {}

    def of(self, cohort: CohortKey, option: Key) -> Belief:
        """The belief from the cohort's own trials, else from those of the nearest coarser one that has any."""
        own = self.own(cohort, option)
        return self._inherited(cohort, option) if own is None else own

    def own(self, cohort: CohortKey, option: Key) -> Belief | None:
        """The belief from the cohort's own trials; None where they say nothing."""
        key = cohort, option
        if key not in self._own:
            self._own[key] = self._weigh(cohort, option)
        return self._own[key]

    def _weigh(self, cohort: CohortKey, option: Key) -> Belief | None:
        trials = self._evidence.get(cohort, {}).get(option)
        if trials is None:
            return None
        observed = Belief(trials.rewarded, max(0, trials.offered - trials.rewarded)) if trials.offered else None
        expected = (observed or self._inherited(cohort, option)).mean * trials.unseen_offered
        if expected <= trials.unseen_rewarded_max:
            return observed
        rewarded = trials.rewarded + trials.unseen_rewarded_max
        return Belief(rewarded, max(0, trials.offered + trials.unseen_offered - rewarded))

    def _inherited(self, cohort: CohortKey, option: Key) -> Belief:
        for coarser in ancestors(cohort, self._continent):
            belief = self.own(coarser, option)
            if belief is not None:
                return belief.at_most(INHERITED_TRIALS_MAX)
        return NO_BELIEF


def _evidence(history: Iterable[Released]) -> dict[Key, dict[CohortKey, dict[Key, Trials]]]:
    """The trials by slot, cohort and option."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for released in history:
        cells, k = learned_cells(released.cells), released.terms.k
        for field, offered in cells.items():
            if "|offered:" in field and field.replace("|offered:", f"|{CLIPPED}rewarded:") not in cells:
                rewarded = cells.get(field.replace("|offered:", "|rewarded:"))
                sums_of_cell = sums[field]
                if rewarded is None:
                    sums_of_cell[2] += offered
                    sums_of_cell[3] += k - 1
                else:
                    sums_of_cell[0] += offered
                    sums_of_cell[1] += rewarded
    trials: dict[Key, dict[CohortKey, dict[Key, Trials]]] = defaultdict(lambda: defaultdict(dict))
    for field, sums_of_cell in sums.items():
        cohort, what = parse_counter_key(field)
        _, slot, option = what.split(":")
        trials[slot][cohort][option] = Trials(*sums_of_cell)
    return trials


def _gamma(shape: float, uniform: Iterator[float]) -> float:
    """A gamma variate of a shape of 1 or more.

    Marsaglia and Tsang 2000, "A simple method for generating gamma variables"; the normal variates are Box and
    Muller's (1958).
    """
    d = shape - 1 / 3
    c = 1 / sqrt(9 * d)
    for _ in range(_GAMMA_ROUNDS_MAX):
        normal = sqrt(-2 * log(next(uniform))) * cos(2 * pi * next(uniform))
        v = (1 + c * normal) ** 3
        if v > 0 and log(next(uniform)) < normal**2 / 2 + d - d * v + d * log(v):
            return d * v
    return d


def _uniforms(seed: str) -> Iterator[float]:
    """Numbers between 0 and 1, neither of them, that follow from the seed: SHA-256 in counter mode, 52 bits each."""
    count = 0
    while True:
        digest = hashlib.sha256(f"{seed}|{count}".encode()).digest()
        count += 1
        for start in range(0, len(digest), 8):
            yield ((int.from_bytes(digest[start : start + 8]) >> 12) + 0.5) / 2**52
