"""The noise of the service is that of the tables, and what is not is seen."""

import pytest

from service.adapters.opendp_noise import OpendpNoise
from service.attacks.membership_inference import FIT_P_MIN
from service.attacks.noise_tables import NoiseTable, goodness_of_fit, independence


class Door:
    """``ports.Noise`` made of a function of the scales."""

    def __init__(self, draw) -> None:
        self.draw = draw


@pytest.mark.parametrize("scale", [1.0, 5.0, 14.0])
def test_opendps_noise_is_of_the_distribution_that_the_table_has(scale: float) -> None:
    """Of an event's, of a reward's and of a visit's cells; and each draw is a new one."""
    for noise in (OpendpNoise(), NoiseTable_as_noise(scale)):
        assert goodness_of_fit(noise, scale, 20_000) >= FIT_P_MIN
        assert independence(noise, scale, 5000) >= FIT_P_MIN


@pytest.mark.parametrize("wrong, right", [(12.0, 14.0), (4.5, 5.0), (1.1, 1.0)])
def test_noise_of_another_scale_does_not_fit(wrong: float, right: float) -> None:
    assert goodness_of_fit(NoiseTable_as_noise(wrong), right, 20_000) < FIT_P_MIN


def test_noise_that_repeats_is_not_independent() -> None:
    """Twice the same number in a row, or the same lot again."""
    table = NoiseTable(14.0, seed=3)
    twice = Door(lambda scales: [number for number in table.draw(len(scales) // 2) for _ in range(2)])
    lot = table.draw(2000)
    assert independence(twice, 14.0, 2000) < FIT_P_MIN
    assert independence(Door(lambda _: lot), 14.0, 2000) < FIT_P_MIN


class NoiseTable_as_noise:  # noqa: N801 - reads as a function above
    """``ports.Noise`` of one scale, whatever is asked for."""

    def __init__(self, scale: float) -> None:
        self._table = NoiseTable(scale, seed=2)

    def draw(self, scales: list[float]) -> list[int]:
        return self._table.draw(len(scales))
