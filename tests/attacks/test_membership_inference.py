"""Whether a visit was there: nobody's best guess is better than epsilon allows, and the attack that shows it works."""

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from service.adapters.opendp_noise import OpendpNoise
from service.attacks import membership_inference as attacks
from service.attacks.group_sizes import by_sizes
from service.attacks.measures import Share, advantage, allowed, by_arithmetic
from service.attacks.membership_inference import (
    CONTROL_MIN,
    EXPOSURE,
    SIBLINGS,
    WITH_EVENTS,
    DifferenceReader,
    LikelihoodReader,
    Scene,
    agrees,
    by_every_count,
    by_release,
    crowd,
    keeps,
    membership,
)
from service.core.groups.counts import PrivacyParameters
from service.ports import Noise

ON = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")
OFF = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="off")
OF_A_VISIT = 0.104
"""The exact advantage by 14 cells of scale 14."""


def test_a_limit_that_chance_hides_is_told_and_one_that_is_broken_is_not() -> None:
    """With an epsilon of a hundredth 10^5 trials cannot tell what may be from nothing; without noise they still can."""
    assert keeps("", Share(0.004, 0.006), 0.005, "").bound == "told"
    assert keeps("", Share(1.0, 0.006), allowed(30.0), "").bound == "told"
    for found, limit, passed in ((0.1, 0.462, True), (0.46, 0.462, False), (0.5, 0.462, False), (0.3, 0.005, False)):
        measure = keeps("", Share(found, 0.006), limit, "")
        assert (measure.bound, measure.passed) == ("at_most", passed)


def test_without_noise_the_attack_all_but_knows() -> None:
    """The control: where a group holds enough, the very same adversary is always right."""
    assert by_release(crowd(OFF), OpendpNoise(), 200).value >= CONTROL_MIN


@pytest.mark.parametrize("others, trials", [(1000, 500), (99, 1000), (0, 500)])
def test_what_is_released_tells_no_more_of_one_visit_than_epsilon_allows(others: int, trials: int) -> None:
    """In a large group, in one that the visit brings to k, and in one that it makes alone, by OpenDP's own noise."""
    assert by_release(Scene(others, ON), OpendpNoise(), trials).high <= allowed(1.0)


def test_arithmetic_knows_what_a_visit_an_event_and_both_may_tell() -> None:
    """By the cells that the real code counts them in: 14 of a visit, one of an exposure, five of a reward."""
    visit, exposure, both = (crowd(ON, codes) for codes in (crowd(ON).codes, EXPOSURE, WITH_EVENTS))
    assert visit.lawful_scales() == [14.0] * 14
    assert by_arithmetic(visit.lawful_scales()) == pytest.approx(OF_A_VISIT, abs=0.0005)
    assert exposure.lawful_scales() == [1.0]
    assert by_arithmetic([1.0]) == pytest.approx(allowed(1.0))  # to the very limit
    assert Counter(both.lawful_scales()) == {14.0: 14, 1.0: 2, 5.0: 5}
    assert by_arithmetic(both.lawful_scales()) == pytest.approx(0.544, abs=0.002)  # of 0.964 that 4 epsilon allow


def test_what_every_noisy_count_tells_is_what_arithmetic_says() -> None:
    """Neither more, for it would break the promise, nor less, for then the simulation would be wrong."""
    found = by_every_count(ON, 40_000)
    assert found.high <= allowed(1.0)
    assert found.value == pytest.approx(OF_A_VISIT, abs=0.02)
    assert agrees("", found, crowd(ON)).passed
    assert agrees("", by_every_count(ON, 20_000, codes=WITH_EVENTS), crowd(ON, WITH_EVENTS)).passed


@pytest.mark.parametrize(
    "scene, trials",
    [(crowd(ON), 2000), (crowd(ON, siblings=SIBLINGS), 1000), (crowd(ON, WITH_EVENTS), 1000)],
)
def test_what_the_real_code_releases_tells_what_arithmetic_says(scene: Scene, trials: int) -> None:
    """The scales in force are those that the promise needs: noise that is too small shows here, long before a limit."""
    assert agrees("", by_release(scene, OpendpNoise(), trials), scene).passed


def test_no_event_of_a_crowd_is_clipped_by_noise_alone() -> None:
    """Or the adversary would see less of it than epsilon allows, and it would not agree with arithmetic."""
    scene, signs = crowd(ON, WITH_EVENTS), random.Random(3)
    events = {field: it for field, it in scene.touched().items() if "converted" in field or "rewarded" in field}
    for _ in range(20):
        cells = scene.released(0, lambda scales: [signs.choice((-3, 3)) * int(scale) for scale in scales]).cells
        off_by = {field: abs(cells[field] - it.without) for field, it in events.items() if field in cells}
        assert off_by == {field: 3 * int(events[field].scale) for field in off_by}
        assert off_by


class Door:
    """``ports.Noise`` made of a function of the scales."""

    def __init__(self, draw) -> None:
        self.draw = draw


def test_noise_of_a_third_is_called_out_though_it_keeps_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is drawn too small, or the scales are: the limit of epsilon alone would let both pass."""
    door = OpendpNoise()
    thirds: Noise = Door(lambda scales: door.draw([scale / 3 for scale in scales]))
    found = by_release(crowd(ON), thirds, 1500)
    assert found.high <= allowed(1.0)
    assert not agrees("", found, crowd(ON)).passed

    def scales_of_a_third(terms: PrivacyParameters, slots_n: int) -> dict:
        return {kind: scale / 3 for kind, scale in noise_scales(terms, slots_n).items()}

    noise_scales = attacks.noise_scales
    monkeypatch.setattr("service.core.groups.release.noise_scales", scales_of_a_third)
    monkeypatch.setattr(attacks, "noise_scales", scales_of_a_third)
    assert not agrees("", by_every_count(ON, 4000), crowd(ON)).passed


def test_differences_of_cells_tell_nothing_more() -> None:
    """Beside three groups of which all is known; without noise a difference is as good as a count."""
    scene = crowd(ON, siblings=SIBLINGS)
    assert by_release(scene, OpendpNoise(), 400, reader=DifferenceReader).high <= allowed(1.0)
    assert by_release(crowd(OFF, siblings=SIBLINGS), OpendpNoise(), 100, reader=DifferenceReader).value >= CONTROL_MIN


def test_noise_that_cohorts_share_is_called_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One draw for all cohorts of a code: each cell alone looks right, and their differences tell all."""
    door = OpendpNoise()

    class Shared:
        def __init__(self, _noise: Noise) -> None:
            pass

        def draw(self, scales: Sequence[float]) -> list[int]:
            one = {scale: door.draw([scale])[0] for scale in {*scales}}
            return [one[scale] for scale in scales]

    monkeypatch.setattr(attacks, "NoiseStock", Shared)
    scene = crowd(ON, siblings=SIBLINGS)
    assert by_release(scene, door, 200, reader=DifferenceReader).value > 0.9  # a few cells are held back


@pytest.mark.parametrize("epsilon", [0.1, 3.0])
def test_it_follows_epsilon(epsilon: float) -> None:
    terms = PrivacyParameters(100, 20, epsilon, "on")
    assert by_every_count(terms, 10_000).high <= allowed(epsilon)


def test_a_device_that_comes_often_is_told_more_of() -> None:
    """Epsilon is for one visit: ten visits are easier to see, and keep to ten times epsilon."""
    once, often = by_every_count(ON, 4000), by_every_count(ON, 4000, visits=10)
    assert once.value + 0.3 < often.value <= allowed(10.0)


def test_sizes_of_groups_make_no_promise_and_it_is_told() -> None:
    """At the very step, in all five groups and over two days, who knows all other devices knows most of the time."""
    found = by_sizes(ON, 40, 5)
    assert found.value > allowed(1.0)


def test_a_cell_that_only_the_visit_can_have_made_gives_it_away() -> None:
    """Where the visit is alone, any released cell is certain: how rarely that happens is delta."""
    scene = Scene(0, ON)
    reader = LikelihoodReader(scene)
    lucky = scene.released(1, lambda scales: [1000] * len(scales))
    assert reader.score(lucky) > 1e8 > reader.score(scene.released(0, lambda scales: [1000] * len(scales)))


def test_the_advantage_is_that_of_the_best_threshold() -> None:
    assert advantage(Counter({1.0: 100}), Counter({0.0: 100})).value == 1.0
    assert advantage(Counter({1.0: 50, 0.0: 50}), Counter({1.0: 50, 0.0: 50})).value == 0.0
    assert advantage(Counter({2.0: 60, 0.0: 40}), Counter({2.0: 10, 0.0: 90})).value == 0.5


def test_where_the_noise_is_off_nothing_is_proven() -> None:
    assert [found.passed for found in membership(OFF, OpendpNoise(), 10, 10)] == [False]
