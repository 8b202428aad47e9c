"""Release intervals: equal parts of a UTC day whose counts are released together, once, when the part is over."""

from msgspec import Struct

DAY_S = 86400
HOUR_S = 3600


class Interval(Struct, frozen=True, gc=False, order=True):
    """Seconds since 1970 to seconds since 1970; ``length_s`` divides a day, so no interval is in two of them."""

    start_s: int
    length_s: int

    @property
    def end_s(self) -> int:
        return self.start_s + self.length_s

    @property
    def day(self) -> int:
        """Days since 1970."""
        return self.start_s // DAY_S

    def before(self, count: int = 1) -> "Interval":
        """The interval so many before this one."""
        return Interval(self.start_s - count * self.length_s, self.length_s)


def interval_at(now_s: float, length_s: int) -> Interval:
    """The interval that a moment lies in."""
    return Interval(int(now_s) // length_s * length_s, length_s)


def closed_intervals(now_s: float, length_s: int, span_s: int) -> list[Interval]:
    """The intervals that are over, from ``span_s`` seconds before the open one, oldest first; one at least."""
    opened = interval_at(now_s, length_s)
    return [opened.before(count) for count in range(max(1, span_s // length_s), 0, -1)]
