"""What a simulated attack found: a figure, what it may be, and whether it is.

Apart from the attacks, because each of them makes these and one table prints them all.
"""

from collections.abc import Callable
from math import sqrt
from typing import Literal

from msgspec import Struct

from service.core.figures import Z_95

Report = Callable[[str, int, int], None]
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

    @property
    def high(self) -> float:
        return self.value + self.give_or_take


def at_most(name: str, value: float | Share, limit: float, unit: str, note: str = "") -> Measure:
    """A figure with a limit above. Of one that chance moves, the upper end of its interval must keep to it."""
    if isinstance(value, Share):
        note = f"give or take {value.give_or_take:.2g}; {note}" if note else f"give or take {value.give_or_take:.2g}"
        return Measure(name, value.value, limit, unit, value.high <= limit, note, "at_most")
    return Measure(name, value, limit, unit, value <= limit, note, "at_most")


def at_least(name: str, value: float, limit: float, unit: str, note: str = "") -> Measure:
    """A figure with a limit below, such as how often an attack succeeds that must: else it would prove nothing."""
    return Measure(name, value, limit, unit, value >= limit, note, "at_least")


def told(name: str, value: float | Share, unit: str, note: str = "") -> Measure:
    """A figure that is told beside the others, and promises nothing."""
    if isinstance(value, Share):
        note = f"give or take {value.give_or_take:.2g}; {note}" if note else f"give or take {value.give_or_take:.2g}"
        value = value.value
    return Measure(name, value, None, unit, passed=True, note=note, bound="told")


def difference(first: float, first_n: int, second: float, second_n: int) -> Share:
    """The difference of two shares of so many trials each, by the normal approximation of the binomial."""
    spread = Z_95 * sqrt(first * (1 - first) / first_n + second * (1 - second) / second_n)
    # Where both are 0 or 1 the approximation knows no doubt: with none of n seen, 3 in n is as much as there may be.
    return Share(first - second, max(spread, 3 / min(first_n, second_n)))


def nothing(_what: str, _done: int, _of: int) -> None:
    """A report that nobody reads."""
