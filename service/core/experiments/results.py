"""The results of an experiment in a window: counts by variant, rates, comparisons with control, and warnings.

All follow from released cells of everybody (``all``): exposures and conversions are released for no smaller group.

- A variant's *rate* is of the busier intervals, such that chance would hardly have kept its conversions below k: those
  chosen because conversions happened to reach k would speak for the variant (``interval_selection``).
- Its *lift* is of intervals chosen in the same way for it and control together, so that the two are of the same hours.
  It may differ from what the two rates would give.
- The *sample-ratio test* is of the variants' shares of the exposures (``sample_ratio``).

A count that was held back throughout is None, and so is an unknown rate, never 0. Intervals with more conversions
than exposures (a report of a conversion need not prove that there was an exposure) are in no rate and no lift of that
variant: they were clipped and marked when they were released.
"""

from collections.abc import Callable, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from service.core.experiments.bucketing import equal_weights
from service.core.experiments.comparison import Arm, Comparison, compare
from service.core.experiments.interval_selection import Counted, select_intervals
from service.core.experiments.result_warnings import (
    CONVERSIONS_MIN,
    MISMATCH_BELOW,
    ResultWarning,
    held_back,
    more_conversions_than_exposures,
    near_k,
    noisy,
    sample_ratio_mismatch,
    sample_ratio_untested,
    too_early,
    variant_missing,
)
from service.core.experiments.sample_ratio import Method, Shares
from service.core.groups.aggregates import Aggregator, Rate, RatioSum, Scales, Total, noise_variance
from service.core.groups.cohort import EVERYBODY
from service.core.groups.counts import CLIPPED, PrivacyParameters, Released, code, counter_key
from service.core.sites import Experiment, Key

# Of a variance; beyond it the noise hides more than chance does.
NOISE_PART_MAX = 0.5


class Lift(Struct, frozen=True, gc=False):
    """A variant's rate by control's, less 1, over the same ``intervals`` of both, with its interval of 95 %.

    By the delta method with the noise's variance in it; without noise it is GrowthBook's relative effect.
    """

    value: float
    low: float
    high: float
    intervals: int


class VariantRow(Struct, frozen=True, gc=False):
    """One variant. Control is the first, and has no lift. Nor is there one while a rate is 0, 1 or unknown.

    A rate is null while conversions are too near k to give one, or are always more than the exposures: warnings say
    which. ``clipped`` is how many of the released intervals are marked for that: they are in no rate and no lift.
    """

    variant: Key
    weight: Annotated[float, Meta(description="the share of the exposures that it should have")]
    exposures: Total
    conversions: Total
    rate: Rate | None
    lift: Lift | None
    probability_to_beat_control: Annotated[
        float | None, Meta(description="by the normal approximation, with nothing assumed beforehand")
    ]
    clipped: int


class SampleRatioTest(Struct, frozen=True, gc=False):
    """The sample-ratio test: whether the variants' exposures over these ``intervals`` have the configured shares.

    ``p_value``: how often chance and noise alone make shares that are further off. ``mismatch``: it is below 0.001.
    ``method``: ``counts`` is of intervals in which all are told; ``bounds`` gives what was held back, 0 to k - 1 in an
    interval, as speaks most for the configured shares, and its p-value is the largest that there can be.
    """

    p_value: float
    chi_square: float
    mismatch: bool
    intervals: int
    method: Method


class ExperimentAggregator(Aggregator):
    """Exposures and conversions of one experiment's variants. ``scales`` gives the noise under given terms."""

    kinds = ("exposed", "converted")

    def __init__(self, key: Key, experiment: Experiment, scales: Callable[[PrivacyParameters], Scales]) -> None:
        super().__init__()
        self._variants = experiment.variants
        weights = experiment.weights or equal_weights(len(experiment.variants))
        self._weights = [weight / sum(weights) for weight in weights]
        self._fields = [
            (
                counter_key(EVERYBODY, code("exposed", key, variant)),
                counter_key(EVERYBODY, code("converted", key, variant)),
            )
            for variant in experiment.variants
        ]
        self._marks = [
            counter_key(EVERYBODY, CLIPPED + code("converted", key, variant)) for variant in experiment.variants
        ]
        self._scales = scales
        self._intervals: list[list[Counted | None]] = []
        self._clipped = [0] * len(experiment.variants)
        self._shares = Shares(self._weights)
        self._held_back = 0
        # What follows from the intervals taken so far, worked out when it is asked for.
        self._selected: dict[tuple[int, ...], list[RatioSum]] = {}

    def take(self, released: Released) -> Iterator[None]:
        """Add an interval: a look-up for each count, however many cells it has."""
        self._note(released)
        self._selected.clear()
        scales, k = self._scales(released.terms), released.terms.k
        noise = noise_variance(scales["exposed"]), noise_variance(scales["converted"])
        counts = [tuple(self._take_count(released, field) for field in fields) for fields in self._fields]
        is_clipped = [mark in released.cells for mark in self._marks]
        self._intervals.append(
            [
                None if exposed is None or clipped else Counted(exposed, converted, k, *noise)
                for (exposed, converted), clipped in zip(counts, is_clipped, strict=True)
            ]
        )
        self._clipped = [before + clipped for before, clipped in zip(self._clipped, is_clipped, strict=True)]
        self._shares.add([exposed for exposed, _ in counts], k, noise[0])
        weighed = zip(counts, self._weights, strict=True)
        self._held_back += any(None in pair for pair, weight in weighed if weight > 0)
        yield

    def settle(self) -> Iterator[None]:
        """Select the intervals of all rates and lifts, some 5 ms for each over 2016 intervals; yields after each."""
        for index in range(len(self._variants)):
            self._select(index)
            yield
            if index > 0:
                self._select(0, index)
                yield

    def rows(self) -> tuple[VariantRow, ...]:
        """A row for each variant, in the experiment's order."""
        return tuple(self._row(index) for index in range(len(self._variants)))

    def sample_ratio_test(self) -> SampleRatioTest | None:
        """The sample-ratio test; None where none could be made."""
        tested_ratio = self._shares.test_result()
        if tested_ratio is None:
            return None
        ratio, method, intervals = tested_ratio
        return SampleRatioTest(
            float(f"{ratio.p_value:.6g}"),
            round(ratio.chi_square, 6),
            ratio.p_value < MISMATCH_BELOW,
            intervals,
            method,
        )

    def warnings(self) -> tuple[ResultWarning, ...]:
        """The warnings about these figures, the gravest first."""
        test, rows = self.sample_ratio_test(), self.rows()
        weighed = [index for index, row in enumerate(rows) if row.weight > 0]
        warnings = []
        if test is not None and test.mismatch:
            warnings.append(sample_ratio_mismatch(test.p_value))
        if self._shares.missing:
            warnings.append(variant_missing(self._shares.missing))
        if any(self._clipped):
            warnings.append(more_conversions_than_exposures(sum(map(bool, self._clipped))))
        if self._shares.is_untested():
            warnings.append(sample_ratio_untested())
        if any(self._is_near_k(index) for index in weighed):
            warnings.append(near_k())
        if any((rows[index].conversions.count or 0) < CONVERSIONS_MIN for index in weighed):
            warnings.append(too_early())
        if self._held_back:
            warnings.append(held_back(self._held_back, self.released))
        if _is_too_much(*self._shares.noise_and_chance()) or any(_is_noisy(sums) for sums in self._rate_sums()):
            warnings.append(noisy())
        return tuple(warnings)

    def _take_count(self, released: Released, field: str) -> int | None:
        count = released.cells.get(field)
        if count is not None:
            self._count(EVERYBODY, field, count)
        return count

    def _row(self, index: int) -> VariantRow:
        exposed, converted = self._fields[index]
        compared, intervals = self._compared(index)
        rate_sum = self._rate_sums()[index]
        return VariantRow(
            self._variants[index],
            round(self._weights[index], 6),
            self.total(exposed),
            self.total(converted),
            None if rate_sum is None else rate_sum.rate(),
            _lift(compared, intervals),
            None if compared is None else round(compared.probability, 6),
            self._clipped[index],
        )

    def _rate_sums(self) -> list[RatioSum | None]:
        """Each variant's sums over the intervals selected for its rate."""
        return [next(iter(self._select(index)), None) for index in range(len(self._variants))]

    def _select(self, *variants: int) -> list[RatioSum]:
        """The sums of some variants over the intervals selected for them together; empty where there are none."""
        if variants not in self._selected:
            complete = ([arms[index] for index in variants] for arms in self._intervals)
            self._selected[variants] = select_intervals(
                [[arm for arm in arms if arm is not None] for arms in complete if None not in arms]
            )
        return self._selected[variants]

    def _compared(self, index: int) -> tuple[Comparison | None, int]:
        """The comparison of a variant with control, and over how many intervals; None for control itself."""
        sums = self._select(0, index) if index > 0 else []
        if not sums:
            return None, 0
        return compare(*(Arm(ratio.value, ratio.trials, ratio.uncertainty) for ratio in sums)), sums[0].intervals

    def _is_near_k(self, index: int) -> bool:
        """Whether a variant's exposures are told, and no rate of it or no lift for conversions that are too few."""
        if not any(arms[index] for arms in self._intervals):
            return False
        rate_sums = self._rate_sums()
        are_both_released = any(arms[0] and arms[index] for arms in self._intervals)
        return rate_sums[index] is None or (
            index > 0 and rate_sums[0] is not None and are_both_released and not self._select(0, index)
        )


def _lift(compared: Comparison | None, intervals: int) -> Lift | None:
    if compared is None:
        return None
    return Lift(round(compared.lift, 6), round(compared.low, 6), round(compared.high, 6), intervals)


def _is_noisy(ratio: RatioSum | None) -> bool:
    """Whether the noise moves a rate more than chance does."""
    return ratio is not None and _is_too_much(ratio.noise, ratio.value * (1 - ratio.value) / ratio.trials)


def _is_too_much(noise: float, chance: float) -> bool:
    return noise > NOISE_PART_MAX * (noise + chance)
