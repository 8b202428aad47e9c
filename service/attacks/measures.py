"""The figures that simulated attacks find, each with its limit; and the advantages of adversaries."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import exp, sqrt
from typing import Literal

from msgspec import Struct

from service.core.groups.aggregates import Z_95

Progress = Callable[[str, int, int], None]
"""Told how far something is: what, how many steps are done, and how many there are."""


class Measure(Struct, frozen=True):
    """One figure. ``bound`` says how ``limit`` is meant; a figure that is only ``told`` has none, and always passes.

    ``passed`` may judge by more than the value: where chance moves a figure, by the end of its interval of 95 %.
    """

    name: str
    value: float
    limit: float | None
    unit: str
    passed: bool
    note: str
    bound: Literal["at_most", "at_least", "told"]


class Share(Struct, frozen=True):
    """A figure that chance moves, with the half width of its interval of 95 %."""

    value: float
    give_or_take: float

    def __float__(self) -> float:
        return self.value

    @property
    def high(self) -> float:
        return self.value + self.give_or_take


def at_most(name: str, value: float | Share, limit: float, unit: str, note: str = "") -> Measure:
    """A figure with a limit above. Of one that chance moves, the upper end of its interval must keep to it."""
    high = value.high if isinstance(value, Share) else value
    return Measure(name, float(value), limit, unit, high <= limit, _noted(value, note), "at_most")


def at_least(name: str, value: float, limit: float, unit: str, note: str = "") -> Measure:
    """A figure with a limit below, such as how often an attack succeeds that must: else it would prove nothing."""
    return Measure(name, value, limit, unit, value >= limit, note, "at_least")


def figure(name: str, value: float | Share, unit: str, note: str = "") -> Measure:
    """A figure without a limit, printed beside the others."""
    return Measure(name, float(value), None, unit, passed=True, note=_noted(value, note), bound="told")


def _noted(value: float | Share, note: str) -> str:
    chance = f"give or take {value.give_or_take:.2g}" if isinstance(value, Share) else ""
    return "; ".join(filter(None, (chance, note)))


def difference(first: float, first_n: int, second: float, second_n: int) -> Share:
    """The difference of two shares of so many trials each, by the normal approximation of the binomial."""
    spread = Z_95 * sqrt(first * (1 - first) / first_n + second * (1 - second) / second_n)
    # Where both are 0 or 1 the approximation knows no doubt: with none of n seen, 3 in n is as much as there may be.
    return Share(first - second, max(spread, 3 / min(first_n, second_n)))


def unseen(_what: str, _done: int, _of: int) -> None:
    """Progress that nobody looks at."""


def allowed(epsilon: float, slack: float = 0.0) -> float:
    """The most advantage that epsilon, and a delta of ``slack``, allow an adversary."""
    return (exp(epsilon) - 1 + 2 * slack) / (exp(epsilon) + 1)


def advantage(with_visit: Counter[float], without_visit: Counter[float]) -> Share:
    """From scores with the visit and without: the most that any threshold gives, which flatters the adversary."""
    with_n, without_n = with_visit.total(), without_visit.total()
    hits = alarms = 0
    best = difference(0.0, with_n, 0.0, without_n)
    for score in sorted(with_visit.keys() | without_visit.keys(), reverse=True):
        hits += with_visit[score]
        alarms += without_visit[score]
        best = max(best, difference(hits / with_n, with_n, alarms / without_n, without_n), key=float)
    return best


def by_arithmetic(scales: Sequence[float]) -> float:
    """What the best guess at one visit gains, exactly, where a noisy count of each scale is seen and none held back.

    One cell says "there" or "away", and is right once in 1 + e^(-1 / scale) times.
    """
    chances = {0.0: (1.0, 1.0)}
    for scale in scales:
        right = 1 / (1 + exp(-1 / scale))
        after: dict[float, tuple[float, float]] = {}
        for score, (present, absent) in chances.items():
            for sign, if_present, if_absent in ((1, right, 1 - right), (-1, 1 - right, right)):
                key = round(score + sign / scale, 9)
                before = after.get(key, (0.0, 0.0))
                after[key] = before[0] + present * if_present, before[1] + absent * if_absent
        chances = after
    return sum(max(0.0, present - absent) for present, absent in chances.values())


def between(low: int | None, end: int, count: int, scale: float) -> float:
    """P(low <= count + noise < end); a count of 0 is no cell, so it is surely below."""
    if count == 0:
        return float(low is None)
    below = 0.0 if low is None else _up_to(low - 1 - count, scale)
    return _up_to(end - 1 - count, scale) - below


def _up_to(value: int, scale: float) -> float:
    """P(noise <= value)."""
    if scale == 0:
        return float(value >= 0)
    ratio = exp(-1 / scale)
    return ratio**-value / (1 + ratio) if value < 0 else 1 - ratio ** (value + 1) / (1 + ratio)
