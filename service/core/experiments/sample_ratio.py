"""The sample-ratio test: whether the variants' released exposures have the shares that their weights say.

Exposures below k are held back, so the intervals in which all are told are those in which a small variant happened to
have more. There are two ways round that:

- *counts*: of the intervals in which by the configured weights chance could hardly have kept a count below k. There
  the test is as without k.
- *bounds*: of all intervals in which any exposures are told. What was held back was 0 to k - 1, so the sums lie between
  bounds, and what is told is the least that the test can say of counts between them. A mismatch there is one whatever
  was held back. That there is none says little where the bounds are wide, so it is told only where they are narrow.

The second is taken where the first cannot be made, or sees no mismatch where the second does. Right shares might so be
called wrong twice as often as by one test; the bounds hardly ever do, for they give every doubt to the weights.
"""

from collections.abc import Sequence
from typing import Literal

from service.core.experiments.comparison import SampleRatio, least_expected, sample_ratio, sample_ratio_within
from service.core.experiments.result_warnings import MISMATCH_BELOW

# Of the exposures that are told; wider bounds hide too much to call shares right.
BOUNDS_PART_MAX = 0.1
TESTABLE_MIN = 2

Method = Literal["counts", "bounds"]


class Shares:
    """Exposures over intervals, and in how many of these a variant was missing though its share promised many."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.missing = 0
        self._weights = weights
        self._sure = _Summed(weights)
        self._observed = _Summed(weights)

    def add(self, counts: Sequence[int | None], k: int, noise: float) -> None:
        """An interval's exposures, None where they were not released, and the variance of the noise on each."""
        weighed = [pair for pair in zip(counts, self._weights, strict=True) if pair[1] > 0]
        observed = sum(count for count, _ in weighed if count is not None)
        observed_weight = sum(weight for count, weight in weighed if count is not None)
        if observed <= 0:
            return
        self._observed.add(counts, k - 1, noise)
        is_sure = [least_expected(observed, observed_weight, weight, noise) >= k for _, weight in weighed]
        is_released = [count is not None for count, _ in weighed]
        if all(is_sure) and all(is_released):
            self._sure.add(counts, 0, noise)
        elif any(sure and not released for sure, released in zip(is_sure, is_released, strict=True)):
            self.missing += 1

    def test_result(self) -> tuple[SampleRatio, Method, int] | None:
        """The test, how it was made, and over how many intervals; None where none could be made."""
        by_counts, by_bounds = self._sure.test_result(), self._observed.test_result()
        if by_bounds is not None and by_bounds.p_value < MISMATCH_BELOW:
            is_needed = by_counts is None or by_counts.p_value >= MISMATCH_BELOW
        else:
            is_needed = by_counts is None and self._observed.is_narrow()
        if is_needed and by_bounds is not None:
            return by_bounds, "bounds", self._observed.intervals
        return None if by_counts is None else (by_counts, "counts", self._sure.intervals)

    def is_untested(self) -> bool:
        """Whether there are shares, but no test of them was possible."""
        is_testable = sum(weight > 0 for weight in self._weights) >= TESTABLE_MIN
        return is_testable and self._observed.intervals > 0 and self.test_result() is None

    def noise_and_chance(self) -> tuple[float, float]:
        """The variances of the smallest count in the test that the noise and that chance make."""
        test_result = self.test_result()
        sums = self._observed if test_result is not None and test_result[1] == "bounds" else self._sure
        return sums.noise, min(weight for weight in self._weights if weight > 0) * sum(sums.least)


class _Summed:
    """Sums of counts by variant, between bounds."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.intervals = 0
        self.noise = 0.0
        self.least = [0] * len(weights)
        self._most = [0] * len(weights)
        self._weights = weights

    def add(self, counts: Sequence[int | None], most: int, noise: float) -> None:
        """An interval's counts; one that was held back was at most so many."""
        self.intervals += 1
        self.noise += noise
        for index, count in enumerate(counts):
            self.least[index] += count or 0
            self._most[index] += most if count is None else count

    def is_narrow(self) -> bool:
        weighed = [index for index, weight in enumerate(self._weights) if weight > 0]
        width = sum(self._most[index] - self.least[index] for index in weighed)
        return width <= BOUNDS_PART_MAX * sum(self.least[index] for index in weighed)

    def test_result(self) -> SampleRatio | None:
        if self.least == self._most:
            return sample_ratio(self.least, self._weights, self.noise)
        return sample_ratio_within([*zip(self.least, self._most, strict=True)], self._weights, self.noise)
