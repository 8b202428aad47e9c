"""Without noise the statistics are those of GrowthBook's own package, and the chi-square tail is SciPy's."""

import random

import pytest
from gbstats.bayesian.tests import EffectBayesianABTest
from gbstats.frequentist.tests import TwoSidedTTest
from gbstats.models.statistics import ProportionStatistic
from gbstats.utils import check_srm
from scipy.stats import chi2

from service.core.experiments.comparison import Arm, chi_square_survival, compare, sample_ratio

DRAW = random.Random(4)
TRIALS = [DRAW.choice((50, 150, 1000, 40_000, 3_000_000)) + DRAW.randrange(50) for _ in range(600)]
RATES = [DRAW.choice((0.02, 0.1, 0.3, 0.5, 0.9)) * DRAW.uniform(0.7, 1.1) for _ in range(600)]
CASES = [(trials, max(1, int(trials * rate))) for trials, rate in zip(TRIALS, RATES, strict=True)]


@pytest.mark.filterwarnings("ignore:(invalid|divide|overflow):RuntimeWarning")  # of its risks, far out in the tails
def test_effects_are_gbstats() -> None:
    """Relative effect, its deviation, the interval and the chance to win of its Bayesian engine without a prior."""
    for (n, a), (m, b) in zip(CASES[:300], CASES[300:], strict=True):
        ours = compare(Arm(a / n, n, 0.0), Arm(b / m, m, 0.0))
        theirs = EffectBayesianABTest(ProportionStatistic(n=n, sum=a), ProportionStatistic(n=m, sum=b)).compute_result()
        assert ours is not None
        assert (ours.lift, ours.low, ours.high) == pytest.approx((theirs.expected, *theirs.ci), rel=1e-6, abs=1e-6)
        assert ours.probability == pytest.approx(theirs.chance_to_win, abs=1e-6)


def test_the_frequentist_interval_is_a_little_wider() -> None:
    """The same effect and deviation, with Student's t: at most 1 % wider from 150 trials on."""
    for (n, a), (m, b) in zip(CASES[:300], CASES[300:], strict=True):
        ours = compare(Arm(a / n, n, 0.0), Arm(b / m, m, 0.0))
        theirs = TwoSidedTTest(ProportionStatistic(n=n, sum=a), ProportionStatistic(n=m, sum=b)).compute_result()
        assert ours is not None
        assert ours.lift == pytest.approx(theirs.expected, rel=1e-6, abs=1e-6)
        assert (ours.high - ours.lift) / 1.959964 == pytest.approx(theirs.uplift.stddev, rel=1e-6)
        if min(n, m) >= 150:
            assert 1 <= (theirs.ci[1] - theirs.expected) / (ours.high - ours.lift) * (1 + 1e-6) <= 1.01


def test_where_we_know_nothing_gbstats_says_so_too() -> None:
    """It gives a half and an error where a rate is 0 or 1; we give no figure."""
    for a, b in ((0, 10), (100, 10), (10, 0), (10, 100)):
        theirs = EffectBayesianABTest(
            ProportionStatistic(n=100, sum=a), ProportionStatistic(n=100, sum=b)
        ).compute_result()
        assert theirs.error_message
        assert compare(Arm(a / 100, 100, 0.0), Arm(b / 100, 100, 0.0)) is None


def test_the_test_of_shares_is_gbstats() -> None:
    """For two to six variants, with equal and unequal weights, near the shares and far off."""
    for _ in range(400):
        weights = [DRAW.choice((1.0, DRAW.uniform(0.05, 1))) for _ in range(DRAW.randint(2, 6))]
        size = DRAW.choice((100, 5000, 200_000))
        counts = [int(size * weight * DRAW.uniform(0.97, 1.03)) for weight in weights]
        ours = sample_ratio(counts, weights, 0.0)
        assert ours is not None
        assert ours.p_value == pytest.approx(check_srm(counts, weights), rel=1e-6, abs=1e-9)


def test_the_tail_is_scipys() -> None:
    """From one degree of freedom to more than any experiment has."""
    for degrees in (1, 2, 3, 4, 7, 20, 51, 200):
        for statistic in (1e-9, 0.3, 1.0, 4.0, 12.5, 60.0, 190.0, 700.0, 1500.0):
            ours, theirs = chi_square_survival(statistic, degrees), float(chi2.sf(statistic, degrees))
            assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-300)
