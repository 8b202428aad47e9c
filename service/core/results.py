"""What an experiment showed in a window: counts by variant, rates, comparisons with control, and what to doubt in them.

Everything follows from released cells, of everybody (``all``): exposures and conversions are told for no smaller group.

- A variant's *rate* is of the intervals that released both its counts, as a slot's is.
- Its *lift* is of the intervals that released both its counts and both of control's, so that the two are of the same
  hours. It may differ from what the two rates would give.
- The *sample-ratio test*, of the variants' shares, is of the intervals that released every variant's exposures, and of
  these only such that by the configured weights chance could hardly have kept one below k. An interval chosen because
  a small variant happened to reach k would speak for that variant.

What was held back throughout has no figure. A rate that nobody knows is None, never 0.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated

from msgspec import Meta, Struct

from service.core.caveats import (
    CONVERSIONS_MIN,
    MISMATCH_BELOW,
    ResultWarning,
    held_back,
    noisy,
    sample_ratio_mismatch,
    too_early,
    variant_missing,
)
from service.core.cohort import EVERYBODY
from service.core.comparison import Arm, Comparison, SampleRatio, compare, least_expected, sample_ratio
from service.core.counts import Released, Terms, cell, code
from service.core.experiment import equal_weights
from service.core.figures import Figure, Pairs, Rate, Scales, Sums, noise_variance
from service.core.sites import Experiment, Key

# Of a variance; beyond it the noise hides more than chance does.
NOISE_PART_MAX = 0.5


class Lift(Struct, frozen=True, gc=False):
    """A variant's rate by control's, less 1, over the ``intervals`` that released all four counts, with 95 % interval.

    By the delta method with the noise's variance in it; without noise it is GrowthBook's relative effect.
    """

    value: float
    low: float
    high: float
    intervals: int


class VariantRow(Struct, frozen=True, gc=False):
    """One variant. Control is the first, and has no lift. Nor is there one while a rate is 0, 1 or unknown."""

    variant: Key
    weight: Annotated[float, Meta(description="the share of the exposures that it should have")]
    exposures: Figure
    conversions: Figure
    rate: Rate | None
    lift: Lift | None
    probability_to_beat_control: Annotated[
        float | None, Meta(description="by the normal approximation, with nothing assumed beforehand")
    ]


class SampleRatioTest(Struct, frozen=True, gc=False):
    """The sample-ratio test: whether the variants' exposures over these ``intervals`` have the configured shares.

    ``p_value``: how often chance and noise alone make shares that are further off. ``mismatch``: it is below 0.001.
    """

    p_value: float
    chi_square: float
    mismatch: bool
    intervals: int


class ExperimentSums(Sums):
    """Exposures and conversions of one experiment's variants. ``scales`` tells the noise under some terms."""

    kinds = ("exposed", "converted")

    def __init__(self, key: Key, experiment: Experiment, scales: Callable[[Terms], Scales]) -> None:
        super().__init__()
        self._variants = experiment.variants
        weights = experiment.weights or equal_weights(len(experiment.variants))
        self._weights = [weight / sum(weights) for weight in weights]
        self._fields = [
            (cell(EVERYBODY, code("exposed", key, variant)), cell(EVERYBODY, code("converted", key, variant)))
            for variant in experiment.variants
        ]
        self._scales = scales
        self._own = [Pairs() for _ in experiment.variants]
        self._beside_control = [(Pairs(), Pairs()) for _ in experiment.variants]
        self._shares = _Shares(self._weights)
        self._held_back = 0

    def take(self, released: Released) -> Iterator[None]:
        """Add an interval: a look-up for each count, however many cells it has."""
        self._note(released)
        scales = self._scales(released.terms)
        noise = noise_variance(scales["exposed"]), noise_variance(scales["converted"])
        counts = [tuple(self._found(released, field) for field in fields) for fields in self._fields]
        for (exposed, converted), own in zip(counts, self._own, strict=True):
            if exposed is not None and converted is not None:
                own.add(exposed, converted, *noise)
        if None not in counts[0]:
            self._add_beside_control(counts, noise)
        self._shares.add([exposed for exposed, _ in counts], released.terms.k, noise[0])
        weighed = zip(counts, self._weights, strict=True)
        self._held_back += any(None in pair for pair, weight in weighed if weight > 0)
        yield

    def rows(self) -> tuple[VariantRow, ...]:
        """A row for each variant, in the experiment's order."""
        return tuple(self._row(index) for index in range(len(self._variants)))

    def sample_ratio_test(self) -> SampleRatioTest | None:
        """The sample-ratio test; None where no interval can be in it."""
        tested = self._shares.tested()
        if tested is None:
            return None
        return SampleRatioTest(
            float(f"{tested.p_value:.6g}"),
            round(tested.chi_square, 6),
            tested.p_value < MISMATCH_BELOW,
            self._shares.intervals,
        )

    def warnings(self) -> tuple[ResultWarning, ...]:
        """What speaks against these figures, the gravest first."""
        tested = self._shares.tested()
        found = []
        if tested is not None and tested.p_value < MISMATCH_BELOW:
            found.append(sample_ratio_mismatch(tested.p_value))
        if self._shares.missing:
            found.append(variant_missing(self._shares.missing))
        weighed = [row for row in self.rows() if row.weight > 0]
        if any((row.conversions.count or 0) < CONVERSIONS_MIN for row in weighed):
            found.append(too_early())
        if self._held_back:
            found.append(held_back(self._held_back, self.released))
        if self._shares.is_noisy() or any(_is_noisy(own) for own in self._own):
            found.append(noisy())
        return tuple(found)

    def _found(self, released: Released, field: str) -> int | None:
        count = released.cells.get(field)
        if count is not None:
            self._count(EVERYBODY, field, count)
        return count

    def _add_beside_control(self, counts: Sequence[tuple[int | None, ...]], noise: tuple[float, float]) -> None:
        control = counts[0]
        for (exposed, converted), (of_control, of_variant) in zip(counts, self._beside_control, strict=True):
            if exposed is not None and converted is not None:
                of_variant.add(exposed, converted, *noise)
                of_control.add(control[0] or 0, control[1] or 0, *noise)

    def _row(self, index: int) -> VariantRow:
        exposed, converted = self._fields[index]
        compared, intervals = self._compared(index)
        return VariantRow(
            self._variants[index],
            round(self._weights[index], 6),
            self.figure(exposed),
            self.figure(converted),
            self._own[index].rate(),
            _lift(compared, intervals),
            None if compared is None else round(compared.probability, 6),
        )

    def _compared(self, index: int) -> tuple[Comparison | None, int]:
        """A variant beside control, and over how many intervals; control is not compared with itself."""
        arms = [_arm(pairs) for pairs in self._beside_control[index]]
        if index == 0 or arms[0] is None or arms[1] is None:
            return None, 0
        return compare(arms[0], arms[1]), self._beside_control[index][0].intervals


class _Shares:
    """Exposures over the intervals that the sample-ratio test may use, and in how many a variant was missing."""

    def __init__(self, weights: Sequence[float]) -> None:
        self.intervals = self.missing = 0
        self._weights = weights
        self._sums = [0] * len(weights)
        self._noise = 0.0

    def add(self, counts: Sequence[int | None], k: int, noise: float) -> None:
        """An interval's exposures, None where they were not released, and the variance of the noise on each."""
        weighed = [pair for pair in zip(counts, self._weights, strict=True) if pair[1] > 0]
        seen = sum(count for count, _ in weighed if count is not None)
        seen_weight = sum(weight for count, weight in weighed if count is not None)
        if seen <= 0:
            return
        is_sure = [least_expected(seen, seen_weight, weight, noise) >= k for _, weight in weighed]
        is_there = [count is not None for count, _ in weighed]
        if all(is_sure) and all(is_there):
            self.intervals += 1
            self._sums = [before + (count or 0) for before, count in zip(self._sums, counts, strict=True)]
            self._noise += noise
        elif any(sure and not there for sure, there in zip(is_sure, is_there, strict=True)):
            self.missing += 1

    def is_noisy(self) -> bool:
        """Whether the noise moves some share more than chance does."""
        chance = min(weight for weight in self._weights if weight > 0) * sum(self._sums)
        return _is_too_much(self._noise, chance)

    def tested(self) -> SampleRatio | None:
        return sample_ratio(self._sums, self._weights, self._noise)


def _arm(pairs: Pairs) -> Arm | None:
    return Arm(pairs.value, pairs.trials, pairs.noise) if pairs.trials > 0 else None


def _lift(compared: Comparison | None, intervals: int) -> Lift | None:
    if compared is None:
        return None
    return Lift(round(compared.lift, 6), round(compared.low, 6), round(compared.high, 6), intervals)


def _is_noisy(pairs: Pairs) -> bool:
    """Whether the noise moves a rate more than chance does."""
    return pairs.trials > 0 and _is_too_much(pairs.noise, pairs.value * (1 - pairs.value) / pairs.trials)


def _is_too_much(noise: float, chance: float) -> bool:
    return noise > NOISE_PART_MAX * (noise + chance)
