"""How long each kind of count lives, whichever store keeps it.

Every moment here follows from the interval or the day that a count belongs to, never from when it was written, so that
writing renews nothing and what is over is forgotten on time.
"""

from service.core.groups.interval import DAY_S, HOUR_S, Interval

CLOCK_LEEWAY_S = HOUR_S
"""How far a caller's clock may be from the store's."""
RELEASED_KEPT_MAX_S = 168 * HOUR_S


def batches_end_s(interval: Interval) -> int:
    """Until when a batch of this interval is known again: an hour longer than anybody resends it."""
    return interval.end_s + 2 * HOUR_S


def counts_end_s(interval: Interval) -> int:
    """Until when the raw sums wait for their release: time to repair what releases."""
    return interval.end_s + DAY_S


def hashes_end_s(day: int) -> int:
    """Until when a day's devices and prefixes can be counted: its last interval is released the day after."""
    return (day + 2) * DAY_S


def released_end_s(interval: Interval, retention_s: int) -> int:
    """Until when released cells are kept."""
    return interval.end_s + min(retention_s, RELEASED_KEPT_MAX_S)


def salt_end_s(day: int, now_s: float) -> int:
    """Until when a day's salt is known: an hour past its day, for clocks that are behind, and never over 25 hours."""
    return min((day + 1) * DAY_S + CLOCK_LEEWAY_S, int(now_s) + DAY_S + HOUR_S)


def clock_agrees(caller_s: float, store_s: float) -> bool:
    """Whether a caller's idea of the time is near enough to the store's."""
    return abs(caller_s - store_s) <= CLOCK_LEEWAY_S


def accepts_interval(interval: Interval, store_s: float) -> bool:
    """Whether a batch of this interval may be counted now: not from the future, and still known again when resent."""
    return interval.start_s <= store_s + CLOCK_LEEWAY_S and store_s < batches_end_s(interval)
