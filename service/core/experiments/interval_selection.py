"""The intervals that a rate is taken over: chosen by their exposures, never by their conversions.

A count of conversions is released when it is k or more. Where it is near k, that happens in the hours when there were
more by chance, and a rate of those hours is too high: by a fifth and more, with an interval that is sure of it. So the
intervals of a rate are chosen by their *exposures*: the busiest ones, as many as go, in which conversions at the rate
of all of them would hardly have been below k. Chance keeps conversions from being told there at most once in 700 times
(``LIKELY_SDS``). Where they were held back all the same, the hour was another than the others, and it stays in: its
conversions were 0 to k - 1, which widens what the rate may be.

The rate by which intervals are chosen is over all of them: conversions that were held back count as none in it, so
that it errs downwards, and chance is allowed for. At least an eighth of the intervals are
taken: among few of many, some would have such a rate by chance. What remains is that a rate is given at all. Where it
comes out just high enough for that, it is more often too high than too low; but of all experiments of a kind, whether
they are given a rate or none, 5 in 100 are given an interval that is wrong, as it says.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt

from msgspec import Struct

from service.core.groups.aggregates import RatioSum

LIKELY_SDS = 3.0
PART_MIN = 8


class Counted(Struct, frozen=True, gc=False):
    """One variant in one interval: exposures, conversions unless held back below ``k``, the variances of the noise."""

    exposed: int
    converted: int | None
    k: int
    exposed_noise: float
    converted_noise: float


def select_intervals(intervals: Sequence[Sequence[Counted]]) -> list[RatioSum]:
    """The sums of each variant over the intervals that count, which are the same for all; empty where none does.

    ``intervals`` hold the same variants in the same order. Some 2 us for each.
    """
    busiest = sorted(intervals, key=lambda arms: -min([arm.exposed / arm.k for arm in arms]))
    ends = [_ends(arms) for arms in zip(*busiest, strict=True)]
    for end in range(len(busiest), (len(busiest) - 1) // PART_MIN, -1):
        if all(is_likely[end - 1] for is_likely in ends):
            return [_sums(arms[:end]) for arms in zip(*busiest, strict=True)]
    return []


def _ends(arms: Sequence[Counted]) -> list[bool]:
    """For each number of first intervals, whether chance would have held back conversions in none of them."""
    columns = zip(
        accumulate(arm.exposed for arm in arms),
        accumulate(arm.converted or 0 for arm in arms),
        accumulate((arm.exposed for arm in arms), min),
        accumulate((arm.k for arm in arms), max),
        accumulate((arm.converted_noise for arm in arms), max),
        strict=True,
    )
    return [_least(exposed, converted, fewest, noise) >= k for exposed, converted, fewest, k, noise in columns]


def _least(exposed: int, converted: int, fewest: int, noise: float) -> float:
    """The least conversions that so few exposures likely have, where so many had so many; noise is of each count."""
    rate = min(1.0, converted / exposed)
    expected = rate * fewest
    return expected - LIKELY_SDS * sqrt(expected * (1 - rate) * (1 + fewest / exposed) + 2 * noise)


def _sums(arms: Sequence[Counted]) -> RatioSum:
    ratio = RatioSum()
    for arm in arms:
        if arm.converted is None:
            ratio.add_held_back(arm.exposed, arm.k - 1, arm.exposed_noise, arm.converted_noise)
        else:
            ratio.add(arm.exposed, arm.converted, arm.exposed_noise, arm.converted_noise)
    return ratio
