"""Comparisons: GrowthBook's arithmetic with the noise in it, finite whatever comes, and as sure as it says."""

from math import exp, isfinite, lgamma, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.experiments.comparison import (
    Arm,
    chi_square_survival,
    compare,
    least_expected,
    sample_ratio,
    sample_ratio_within,
)

COUNTS = st.integers(0, 10**7)
NOISE = st.floats(0, 1e6)


def test_a_lift_by_hand() -> None:
    """100 of 1000 beside 120 of 1000: a fifth more, with the deviation of the delta method."""
    found = compare(Arm(0.1, 1000, 0.0), Arm(0.12, 1000, 0.0))
    assert found is not None
    deviation = sqrt(0.12 * 0.88 / 1000 / 0.01 + 0.1 * 0.9 / 1000 * 0.0144 / 0.0001)
    assert found.lift == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.2 - 1.959964 * deviation, 0.2 + 1.959964 * deviation))
    assert found.probability == pytest.approx(0.9039, abs=0.0001)  # of a standard normal, up to 0.2 / 0.1534


def test_noise_makes_a_comparison_less_sure() -> None:
    """The lift stays, its interval grows, and the probability goes towards a half."""
    found = [compare(Arm(0.1, 1000, noise), Arm(0.12, 1000, noise)) for noise in (0.0, 1e-5, 1e-3)]
    quiet, loud, louder = (one for one in found if one is not None)
    assert quiet.lift == loud.lift == louder.lift
    assert quiet.high - quiet.low < loud.high - loud.low < louder.high - louder.low
    assert quiet.probability > loud.probability > louder.probability > 0.5


@given(COUNTS, COUNTS, COUNTS, COUNTS, NOISE)
def test_a_comparison_is_finite_or_none(n: int, a: int, m: int, b: int, noise: float) -> None:
    """None where a rate is 0 or 1, of which the approximation would be sure."""
    n, m = max(1, n), max(1, m)
    control, variant = Arm(min(1, a / n), n, noise), Arm(min(1, b / m), m, noise)
    found = compare(control, variant)
    assert (found is None) == (not 0 < control.rate < 1 or not 0 < variant.rate < 1)
    if found is not None:
        assert all(map(isfinite, (found.lift, found.low, found.high)))
        assert found.low <= found.lift <= found.high
        assert 0 <= found.probability <= 1
        assert (found.probability >= 0.5) == (variant.rate >= control.rate)


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_whoever_is_control_the_better_one_is_better(n: int, a: int, m: int, b: int) -> None:
    """The other way round the lift has the other sign."""
    one, other = Arm(a / (a + n), a + n, 0.0), Arm(b / (b + m), b + m, 0.0)
    there, back = compare(one, other), compare(other, one)
    assert there is not None
    assert back is not None
    assert (1 + there.lift) * (1 + back.lift) == pytest.approx(1)
    assert there.lift * back.lift <= 0


def test_shares_by_hand() -> None:
    """Pearson's statistic where there is no noise."""
    found = sample_ratio([480, 520], [0.5, 0.5], 0.0)
    assert found is not None
    assert (found.chi_square, found.p_value) == (pytest.approx(1.6), pytest.approx(0.2059, abs=0.0001))


def test_two_noised_counts_by_hand() -> None:
    """Their difference has the variance of chance and twice that of the noise, whatever else."""
    found = sample_ratio([1100, 1000], [1, 1], 450.0)
    assert found is not None
    assert found.chi_square == pytest.approx(100**2 / (2100 + 2 * 450))


@given(st.lists(st.tuples(COUNTS, st.floats(0.001, 1)), min_size=2, max_size=8), NOISE, NOISE)
def test_the_test_of_shares_is_a_probability_that_grows_with_the_noise(
    pairs: list[tuple[int, float]], one: float, other: float
) -> None:
    """What noise may have done speaks less against the shares. The scale of weights is all one."""
    counts, weights = [count for count, _ in pairs], [weight for _, weight in pairs]
    less, more = sorted((one, other))
    quiet, loud = sample_ratio(counts, weights, less), sample_ratio(counts, weights, more)
    scaled = sample_ratio(counts, [7 * weight for weight in weights], less)
    if sum(counts) == 0:
        assert quiet is loud is scaled is None
        return
    assert quiet is not None
    assert loud is not None
    assert scaled is not None
    assert 0 <= quiet.p_value <= loud.p_value + 1e-9 <= 1 + 1e-9
    assert scaled.chi_square == pytest.approx(quiet.chi_square, rel=1e-6, abs=1e-6)


@given(st.integers(2, 8), st.integers(1, 10**6), NOISE)
def test_exact_shares_are_no_mismatch(n: int, count: int, noise: float) -> None:
    """Then chance alone is always further off."""
    found = sample_ratio([count * weight for weight in range(1, n)] + [count], [*range(1, n), 1], noise)
    assert found is not None
    assert found.p_value == pytest.approx(1, abs=1e-4)


@given(
    st.lists(
        st.tuples(st.integers(0, 10**5), st.integers(0, 10**4), st.floats(0.01, 1), st.floats(0, 1)),
        min_size=2,
        max_size=5,
    ),
    st.floats(0, 1e4),
)
def test_within_bounds_nothing_speaks_more_for_the_weights(
    parts: list[tuple[int, int, float, float]], noise: float
) -> None:
    """No counts between them; and where the bounds are the counts themselves, it is the plain test."""
    weights = [weight for _, _, weight, _ in parts]
    inside = [least + int(width * part) for least, width, _, part in parts]
    known = sample_ratio_within([(count, count) for count in inside], weights, noise)
    plain = sample_ratio(inside, weights, noise)
    found = sample_ratio_within([(least, least + width) for least, width, *_ in parts], weights, noise)
    assert (known is None) == (plain is None)
    if plain is not None:
        assert known is not None
        assert found is not None
        assert known.chi_square == pytest.approx(plain.chi_square, rel=1e-6, abs=1e-6)
        assert found.chi_square <= plain.chi_square * (1 + 1e-6) + 1e-6


def test_bounds_by_hand() -> None:
    """The nearest to equal shares of 5184 and 1836 to 2529 is 2529; of 90 to 110 and 100 there are equal ones."""
    found, plain = (
        sample_ratio_within([(1836, 2529), (5184, 5184)], [1, 1], 0.0),
        sample_ratio([2529, 5184], [1, 1], 0.0),
    )
    assert found is not None
    assert plain is not None
    assert found.chi_square == pytest.approx(plain.chi_square)
    equal = sample_ratio_within([(90, 110), (100, 100)], [1, 1], 0.0)
    assert equal is not None
    assert (equal.chi_square, equal.p_value) == (0.0, 1.0)
    assert sample_ratio_within([(90, 110), (100, 100)], [1, 0], 0.0) is None
    assert sample_ratio_within([(0, 0), (0, 0)], [1, 1], 3.0) is None


def test_a_variant_of_no_weight_is_in_no_test() -> None:
    """Nor is there a test of one share, or of nothing."""
    assert sample_ratio([480, 7, 520], [0.5, 0.0, 0.5], 0.0) == sample_ratio([480, 520], [0.5, 0.5], 0.0)
    assert sample_ratio([480, 7], [1.0, 0.0], 0.0) is None
    assert sample_ratio([0, 0], [0.5, 0.5], 3.0) is None
    assert sample_ratio([], [], 0.0) is None


def test_survival_is_what_tables_say() -> None:
    """The usual critical values, both ends, and far beyond."""
    for statistic, degrees, probability in (
        (3.841459, 1, 0.05), (10.827566, 1, 0.001), (5.991465, 2, 0.05), (7.814728, 3, 0.05), (13.815511, 2, 0.001),
        (18.307038, 10, 0.05), (24.995790, 15, 0.05),
    ):  # fmt: skip
        assert chi_square_survival(statistic, degrees) == pytest.approx(probability, rel=1e-5)
    assert chi_square_survival(0.0, 3) == 1.0
    assert chi_square_survival(1e6, 7) == 0.0
    assert 0 < chi_square_survival(1400.0, 2) < 1e-300


@given(st.floats(0.001, 300), st.integers(1, 60))
def test_survival_falls_as_the_density_says(statistic: float, degrees: int) -> None:
    """Over a short step it falls by the density times the step."""
    step = 1e-4 * statistic
    middle, half = statistic + step / 2, degrees / 2
    density = exp((half - 1) * log(middle) - middle / 2 - half * log(2) - lgamma(half))
    fall = chi_square_survival(statistic, degrees) - chi_square_survival(statistic + step, degrees)
    assert fall == pytest.approx(density * step, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize("noise", [0.0, 200.0])
def test_the_least_that_is_expected(noise: float) -> None:
    """Grows with what was seen, is below the share itself, and lower with noise."""
    found = [least_expected(seen, 0.9, 0.1, noise) for seen in (900, 9000, 90_000)]
    assert found == sorted(found)
    assert all(least < share for least, share in zip(found, (100, 1000, 10_000), strict=True))
    assert least_expected(900, 0.9, 0.1, noise + 1) < found[0]
