"""Release intervals: they tile each day, and only what is over is closed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.interval import DAY_S, Interval, closed_intervals, interval_at

lengths = st.sampled_from([length for length in range(2, DAY_S + 1) if DAY_S % length == 0])
moments = st.floats(0, 4e9)


@given(moments, lengths)
def test_every_moment_lies_in_one_interval_of_one_day(now_s: float, length_s: int) -> None:
    """And the next begins where it ends."""
    interval = interval_at(now_s, length_s)
    assert interval.start_s <= now_s < interval.end_s
    assert interval.start_s // DAY_S == (interval.end_s - 1) // DAY_S == interval.day
    assert interval_at(interval.end_s, length_s).before() == interval


@given(moments.filter(lambda now_s: now_s > 2e9), lengths, st.integers(1, 7 * DAY_S))
def test_closed_intervals_are_whole_over_and_in_order(now_s: float, length_s: int, span_s: int) -> None:
    """The newest ended when the open one began."""
    closed = closed_intervals(now_s, length_s, min(span_s, 500 * length_s))
    assert closed[-1].end_s == interval_at(now_s, length_s).start_s
    assert all(one.end_s == other.start_s for one, other in pairwise(closed))
    assert len(closed) == max(1, min(span_s, 500 * length_s) // length_s)


@pytest.mark.parametrize("count", [1, 24])
def test_before_counts_back(count: int) -> None:
    assert Interval(7200, 3600).before(count).start_s == 7200 - count * 3600
