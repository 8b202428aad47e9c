"""Noise for simulations: a table of the right distribution that is fast to draw from, and tests of the service's own.

What the attacks find stands only as far as the noise of the service is like the table's: of the right distribution,
and drawn anew for each number.
"""

import random
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import erfc, exp, sqrt

from service.core.experiments.comparison import chi_square_survival
from service.ports import Noise

_SURE_BELOW = 40
"""Noise beyond so many scales is rarer than once in 10^17."""
_EXPECTED_MIN = 10
"""Of a bin, for Pearson's test to hold."""


class NoiseTable:
    """Discrete Laplace noise of one scale from a table, drawn fast; for simulations alone, never for a release."""

    def __init__(self, scale: float, seed: int) -> None:
        ratio = exp(-1 / scale)
        reach = max(1, int(scale * _SURE_BELOW))
        self.values = range(-reach, reach + 1)
        self._cumulated = list(accumulate((1 - ratio) / (1 + ratio) * ratio ** abs(value) for value in self.values))
        self._random = random.Random(seed)  # noqa: S311  # a simulation that can be repeated

    def draw(self, count: int) -> list[int]:
        return self._random.choices(self.values, cum_weights=self._cumulated, k=count)


class NoiseStock:
    """Noise of the service, fetched in large lots: to ask for each number alone costs nearly twice."""

    def __init__(self, noise: Noise, numbers_at_once: int = 5000) -> None:
        self._noise = noise
        self._numbers_at_once = numbers_at_once
        self._waiting: dict[float, list[int]] = {}

    def draw(self, scales: Sequence[float]) -> list[int]:
        return [self._next(scale) if scale > 0 else 0 for scale in scales]

    def _next(self, scale: float) -> int:
        waiting = self._waiting.get(scale)
        if not waiting:
            waiting = self._waiting[scale] = self._noise.draw([scale] * self._numbers_at_once)
        return waiting.pop()


def goodness_of_fit(noise: Noise, scale: float, draws: int) -> float:
    """How often noise of the right distribution is further from it than the service's: Pearson's chi-square."""
    drawn = Counter(noise.draw([scale] * draws))
    ratio = exp(-1 / scale)
    reach = next(n for n in range(10**6) if draws * ratio ** (n + 1) / (1 + ratio) < _EXPECTED_MIN)
    inner = {n: draws * (1 - ratio) / (1 + ratio) * ratio ** abs(n) for n in range(1 - reach, reach)}
    tail = draws * ratio**reach / (1 + ratio)
    low = sum(count for value, count in drawn.items() if value <= -reach)
    high = sum(count for value, count in drawn.items() if value >= reach)
    statistic = sum((drawn[n] - expected) ** 2 / expected for n, expected in inner.items())
    statistic += sum((count - tail) ** 2 / tail for count in (low, high))
    return chi_square_survival(statistic, len(inner) + 1)


def independence(noise: Noise, scale: float, draws: int) -> float:
    """How often independent noise follows its own neighbours more than the service's does.

    The less of two: of one number and the next in a lot, and of a number and the one at its place in the next lot.
    """
    lots = [noise.draw([scale] * draws) for _ in range(2)]
    return min(_unlike(list(pairwise(lots[0]))), _unlike(list(zip(*lots, strict=True))))


def _unlike(pairs: Sequence[tuple[int, int]]) -> float:
    """The two-sided p-value of a correlation around 0, normal for many pairs."""
    products = [first * second for first, second in pairs]
    squares = sum(product * product for product in products)
    return erfc(abs(sum(products)) / sqrt(2 * squares)) if squares else 1.0
