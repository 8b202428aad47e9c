"""The noise is the discrete Laplace distribution's, and is drawn anew for every number."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.adapters.opendp_noise import OpendpNoise

DRAWS = 20_000
# Each bound below fails a right sampler one time in ten million.
NORMAL_BOUND = 5.33


def test_the_frequencies_are_those_of_the_discrete_laplace_distribution() -> None:
    """Chi-square over 21 values and the two tails: P(X = x) = (1 - a) / (1 + a) a^|x| with a = exp(-1 / scale)."""
    scale, edge = 4.0, 10
    a = math.exp(-1 / scale)
    drawn = OpendpNoise().draw([scale] * DRAWS)
    expected = [(1 - a) / (1 + a) * a ** abs(x) * DRAWS for x in range(-edge, edge + 1)]
    expected += [a ** (edge + 1) / (1 + a) * DRAWS] * 2
    found = [drawn.count(x) for x in range(-edge, edge + 1)]
    found += [sum(x < -edge for x in drawn), sum(x > edge for x in drawn)]
    chi_square = sum((f - e) ** 2 / e for f, e in zip(found, expected, strict=True))
    assert chi_square < 76.9  # 22 degrees of freedom, one time in ten million beyond


@pytest.mark.parametrize("scale", [0.3, 25.0, 1400.0])
def test_mean_and_spread_fit_the_scale(scale: float) -> None:
    """E|X| = 2a / (1 - a^2), and the variance is 2a / (1 - a)^2."""
    a = math.exp(-1 / scale)
    variance, spread = 2 * a / (1 - a) ** 2, 2 * a / (1 - a**2)
    drawn = OpendpNoise().draw([scale] * DRAWS)
    assert abs(sum(drawn) / DRAWS) < NORMAL_BOUND * math.sqrt(variance / DRAWS)
    error = math.sqrt((variance - spread**2) / DRAWS)
    assert abs(sum(map(abs, drawn)) / DRAWS - spread) < NORMAL_BOUND * error


def test_each_scale_is_drawn_on_its_own_and_stays_in_its_place() -> None:
    noise = OpendpNoise()
    drawn = noise.draw([0.0, 1e6, 0.0, 0.01, 1e6])
    assert (drawn[0], drawn[2], drawn[3]) == (0, 0, 0)  # a scale of 0.01 draws another number one time in 10^43
    assert drawn[1] != drawn[4]
    assert noise.draw([0.0, 0.0]) == [0, 0]
    assert noise.draw([]) == []


@pytest.mark.parametrize("scale", [-1.0, math.inf, math.nan])
def test_a_scale_that_is_none_is_refused(scale: float) -> None:
    with pytest.raises(ValueError, match="a scale is a finite number, 0 or more"):
        OpendpNoise().draw([1.0, scale])


def test_threads_and_many_scales_do_not_disturb_each_other() -> None:
    noise = OpendpNoise()
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda n: noise.draw([1.0 + n, 2000.0 + n, 0.0]), range(100)))
    assert all(len(one) == 3 and one[2] == 0 for one in drawn)
    assert len({one[1] for one in drawn}) > 50


def test_importing_the_adapter_does_not_load_opendp() -> None:
    """A worker that never releases pays nothing for it."""
    import subprocess
    import sys

    code = "import sys, service.adapters.opendp_noise; print('opendp' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
