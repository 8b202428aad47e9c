"""Likelihoods of noisy counts and what an adversary gains by them: the arithmetic under the guesses at membership.

Apart from the guesses, because those at visits (``membership``) and at devices (``group_sizes``) both need it.
"""

from collections import Counter
from collections.abc import Sequence
from math import exp

from service.attacks.measures import Share, difference


def allowed(epsilon: float, slack: float = 0.0) -> float:
    """The most advantage that epsilon, and a delta of ``slack``, allow."""
    return (exp(epsilon) - 1 + 2 * slack) / (exp(epsilon) + 1)


def advantage(there: Counter[float], away: Counter[float]) -> Share:
    """From scores with the visit and without: the most that any threshold gives, which flatters the adversary."""
    there_n, away_n = there.total(), away.total()
    hits = alarms = 0
    best = difference(0.0, there_n, 0.0, away_n)
    for score in sorted(there.keys() | away.keys(), reverse=True):
        hits += there[score]
        alarms += away[score]
        found = difference(hits / there_n, there_n, alarms / away_n, away_n)
        best = max(best, found, key=lambda share: share.value)
    return best


def by_arithmetic(scales: Sequence[float]) -> float:
    """What the best guess at one visit gains, exactly, where a noisy count of each scale is seen and none held back.

    One cell says "there" or "away", and is right once in 1 + e^(-1 / scale) times.
    """
    chances = {0.0: (1.0, 1.0)}
    for scale in scales:
        right = 1 / (1 + exp(-1 / scale))
        after: dict[float, tuple[float, float]] = {}
        for score, (there, away) in chances.items():
            for sign, of_there, of_away in ((1, right, 1 - right), (-1, 1 - right, right)):
                key = round(score + sign / scale, 9)
                before = after.get(key, (0.0, 0.0))
                after[key] = before[0] + there * of_there, before[1] + away * of_away
        chances = after
    return sum(max(0.0, there - away) for there, away in chances.values())


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
