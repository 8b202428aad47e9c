"""Comparing variants: how far a rate lies from control's, how sure that is, and whether the shares are as configured.

The arithmetic of GrowthBook's statistics (its package ``gbstats`` 0.8), with one thing more: released counts have noise
of a known variance, which goes into every variance here. Without noise the figures are GrowthBook's own: the effect and
its deviation those of both its engines, the interval and the probability those of its Bayesian engine with no prior,
which is its usual one, and the p-value that of its sample-ratio test. Its frequentist engine takes Student's t for the
interval instead, which is wider by less than 1 % from 150 trials on; noise has no degrees of freedom to do so with.

With more than two variants there are several comparisons with one control. Nothing is corrected for that: each is wrong
5 times in 100 by itself, whatever the others say.
"""

from collections.abc import Sequence
from math import erfc, exp, lgamma, log, sqrt

from msgspec import Struct

from service.core.groups.aggregates import Z_95

# Chance leaves a normal variable out of so many standard deviations once in 1.7 million times; some noise more often.
SURE_SDS = 5.0
# Taking a third off so often leaves 1e-7.
_THIRDS = 40


class Arm(Struct, frozen=True, gc=False):
    """One variant as measured: its rate, from 0 to 1, its trials, and the variance of the noise on the rate."""

    rate: float
    trials: int
    noise: float


class Comparison(Struct, frozen=True, gc=False):
    """A rate relative to control's, less 1: its 95 % interval, and the probability that it is above control's."""

    lift: float
    low: float
    high: float
    probability: float


class SampleRatio(Struct, frozen=True, gc=False):
    """A test of counts against their expected shares: the statistic, and how often chance alone gives a larger one."""

    chi_square: float
    p_value: float


def compare(control: Arm, variant: Arm) -> Comparison | None:
    """A variant beside control. None where a rate is 0 or 1: there the approximation knows of no variance.

    With rates a and b and their variances A and B, each x (1 - x) / n plus the noise's, the lift b / a - 1 has the
    variance B / a^2 + A b^2 / a^4 (the delta method). It is taken for normal, with nothing assumed beforehand.
    """
    if not (0 < control.rate < 1 and 0 < variant.rate < 1):
        return None
    a, b = control.rate, variant.rate
    variance = _variance(variant) / a**2 + _variance(control) * b**2 / a**4
    lift, deviation = (b - a) / a, sqrt(variance)
    return Comparison(lift, lift - Z_95 * deviation, lift + Z_95 * deviation, erfc(-lift / (deviation * sqrt(2))) / 2)


def sample_ratio(counts: Sequence[int], weights: Sequence[float], noise: float) -> SampleRatio | None:
    """Whether counts have the shares that their weights say; ``noise`` is the variance of the noise on each count.

    Of n counts x with the shares w of N, and noise of variance v, all contrasts between shares vary as if each count
    had the variance D = N w + v by itself: what a multinomial takes from that lies along w, which no contrast has. So
    the statistic is the least of the sum of (x - m w)^2 / D over all m, a generalised chi-square with n - 1 degrees of
    freedom (Aitken 1935 on generalised least squares; Kifer and Rogers 2017, "A new class of private chi-square
    tests"). Without noise it is Pearson's. Taken plainly, counts with noise would be called a mismatch for their noise.
    Sums over few intervals, in which the noise is more than chance, are not yet normal: p comes out too small there.

    Weights need not add up to 1. A variant with none is left out: it must have no exposures. None where less than two
    are left.
    """
    pairs = [(count, weight) for count, weight in zip(counts, weights, strict=True) if weight > 0]
    total, whole = sum(count for count, _ in pairs), sum(weight for _, weight in pairs)
    if len(pairs) < 2 or total <= 0:  # noqa: PLR2004  # one share is always right
        return None
    parts = [(count, weight / whole, total * weight / whole + noise) for count, weight in pairs]
    scale = sum(x * w / d for x, w, d in parts) / sum(w * w / d for _, w, d in parts)
    chi_square = sum((x - scale * w) ** 2 / d for x, w, d in parts)
    return SampleRatio(chi_square, chi_square_survival(chi_square, len(parts) - 1))


def sample_ratio_within(
    bounds: Sequence[tuple[int, int]], weights: Sequence[float], noise: float
) -> SampleRatio | None:
    """The same test for counts of which only bounds are known: no counts between them have a smaller statistic.

    Each is taken as near to its share m w as the bounds allow, and every variance as that of the largest sum there can
    be. What is left is convex in m, and the least is found by thirds.
    """
    parts = [(least, most, weight) for (least, most), weight in zip(bounds, weights, strict=True) if weight > 0]
    total, whole = sum(most for _, most, _ in parts), sum(weight for *_, weight in parts)
    if len(parts) < 2 or total <= 0:  # noqa: PLR2004  # as above
        return None
    shares = [(least, most, weight / whole, total * weight / whole + noise) for least, most, weight in parts]

    def statistic_at(scale: float) -> float:
        return sum((min(most, max(least, scale * w)) - scale * w) ** 2 / d for least, most, w, d in shares)

    low, high = min(most / w for _, most, w, _ in shares), max(least / w for least, _, w, _ in shares)
    if high <= low:  # some counts between the bounds have just these shares
        return SampleRatio(0.0, 1.0)
    for _ in range(_THIRDS):
        lower_third, upper_third = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, upper_third) if statistic_at(lower_third) < statistic_at(upper_third) else (lower_third, high)
    chi_square = statistic_at((low + high) / 2)
    return SampleRatio(chi_square, chi_square_survival(chi_square, len(shares) - 1))


def least_expected(observed: float, observed_weight: float, weight: float, noise: float) -> float:
    """The least that a count of this weight can be, chance and noise taken together, where others were observed.

    ``observed`` is the sum of the others, or of all, ``observed_weight`` that of their weights, ``noise`` the variance
    of each.
    """
    expected = observed * weight / observed_weight
    variance = expected * (1 + weight / observed_weight) + 2 * noise
    return expected - SURE_SDS * sqrt(variance)


def chi_square_survival(statistic: float, degrees: int) -> float:
    """How often a chi-square variable with so many degrees of freedom, 1 or more, is larger than this.

    The sums for odd and for even degrees (Abramowitz and Stegun 1964, 26.4.4 and 26.4.5): it is a tail of the normal
    distribution, or nothing, and the terms x^a e^-x / gamma(a + 1) for a from 0 or 1/2 up to degrees / 2 - 1.
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    odd = degrees % 2
    powers = [index + odd / 2 for index in range(degrees // 2)]
    tail = erfc(sqrt(half)) if odd else 0.0
    return min(1.0, tail + sum(exp(power * log(half) - half - lgamma(power + 1)) for power in powers))


def _variance(arm: Arm) -> float:
    return arm.rate * (1 - arm.rate) / arm.trials + arm.noise
