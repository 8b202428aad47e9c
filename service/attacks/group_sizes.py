"""Membership inference by group sizes: whether a device was there, by the sizes of its groups over two days.

Sizes make no promise of differential privacy: a device stays counted for its day and the next, and sizes are released
in steps. How much that tells is measured.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log

from service.attacks.measures import Share, advantage, between
from service.attacks.noise_tables import NoiseTable
from service.core.groups.cohort import CohortKey, Traits, ladder
from service.core.groups.counts import PrivacyParameters, Released, Size, counter_key
from service.core.groups.interval import HOUR_S, Interval
from service.core.groups.release import HYSTERESIS, release, size_scale, size_step

SIZE_INTERVALS = 48
"""How often a device's day is looked at: in each hour of it and of the next."""

_HOUR = Interval(0, HOUR_S)
_PREFIXES_ENOUGH = 10**6
_CONTINENT = {"CH": "150"}.get


def by_sizes(terms: PrivacyParameters, trials: int, rungs_at_the_step: int, seed: int = 1) -> Share:
    """The advantage of an adversary who looks at the sizes of a device's groups in every hour of two days.

    The worst there is: this many of its groups hold k devices exactly with it and k - 1 without, and the adversary
    knows their other devices, which a HyperLogLog's own error hides from those who do not have the day's salt.
    """
    rungs = ladder(Traits("CH", "smartphone", "android"), _CONTINENT)[:rungs_at_the_step]
    table = NoiseTable(size_scale(terms), seed)

    def draw(scales: Sequence[float]) -> list[int]:
        return table.draw(len(scales))

    scores: tuple[Counter[float], Counter[float]] = Counter(), Counter()
    ratios: dict[tuple[bool, int | None], float] = {}
    for trial in range(trials):
        present = trial % 2
        sizes = dict.fromkeys(rungs, Size(terms.k - 1 + present, _PREFIXES_ENOUGH))
        before, total = None, 0.0
        for _ in range(SIZE_INTERVALS):
            after = release(_HOUR, {}, sizes, before, terms, 1, _CONTINENT, draw)
            for rung in rungs:
                seen = _was_in(before, rung), _size_seen(after, rung)
                if seen not in ratios:
                    ratios[seen] = _size_ratio(*seen, terms)
                total += ratios[seen]
            before = after
        scores[present][round(total, 9)] += 1
    return advantage(scores[1], scores[0])


def _was_in(released: Released | None, rung: CohortKey) -> bool:
    return released is not None and counter_key(rung, "in") in released.cells


def _size_seen(released: Released, rung: CohortKey) -> int | None:
    """The released size; 0 where a group is kept without one, None where there is no group."""
    return released.cells.get(counter_key(rung, "devices"), 0) if counter_key(rung, "in") in released.cells else None


def _size_ratio(was_in: bool, seen: int | None, terms: PrivacyParameters) -> float:
    """The logarithm of the ratio of likelihoods of one look at one group."""
    k, scale = terms.k, size_scale(terms)
    least = -int(-HYSTERESIS * k // 1) if was_in else k
    ranges: Mapping[int | None, tuple[int | None, int]] = {None: (None, least), 0: (least, k)}
    if seen in ranges:
        low, end = ranges[seen]
    else:
        assert seen is not None  # noqa: S101  # for the types
        low, end = seen, seen + k if size_step(seen + k, k) > seen else seen * 100
    with_device, without_device = (between(low, end, count, scale) for count in (k, k - 1))
    return log(with_device / without_device)
