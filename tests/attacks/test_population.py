"""The reference population is what its figures say, and can be drawn again."""

import pytest

from service.app import Container
from service.attacks.population import PRIVACY_CHOICES, Course, Population, _devices, figures
from service.attacks.population_weeks import World
from service.core.groups.counts import PrivacyParameters

TERMS = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")


@pytest.fixture(scope="module")
def world(house: Container) -> World:
    epoch = house.current.epoch
    return World(epoch.policy, epoch.sites["demo"].rules, TERMS, house.regions, house.languages)


def test_the_mix_is_what_it_says(world: World) -> None:
    """Shares add up to one, every country is in it, and about one week in 150 is spent abroad for travel."""
    assert sum(wish.part for wish in PRIVACY_CHOICES) == pytest.approx(1)
    for kind in figures().kinds:
        assert sum(part for _, part in _devices(kind)) == pytest.approx(1, abs=0.001)
    mix = Population(world.regions, world.languages, ["shoes"], 7)
    assert {*mix.countries} == {*world.regions.countries}
    nobody = [[False] * len(PRIVACY_CHOICES)] * len(mix.countries)
    drawn = list(mix.draw(20_000, 4, nobody))
    abroad = sum(country != one.country for one in drawn for country in one.abroad) / (4 * len(drawn))
    assert abroad == pytest.approx(0.0065 + 0.05 * 0.3, abs=0.004)
    assert not any(one.carried for one in drawn)


def test_the_same_seed_draws_the_same(world: World) -> None:
    def first(seed: int) -> list[Course]:
        mix = Population(world.regions, world.languages, ["shoes", "home"], seed)
        return list(mix.draw(50, 4, [[True] * len(PRIVACY_CHOICES)] * len(mix.countries)))

    assert first(1) == first(1) != first(2)
