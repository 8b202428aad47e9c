"""What is let out of an interval: sums on the right rungs, noise once per cell, cohorts that hold enough."""

import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.clipping import whole_of
from service.core.groups.cohort import Traits, ladder
from service.core.groups.counts import PrivacyParameters, Released, Size, counter_key
from service.core.groups.interval import Interval
from service.core.groups.release import delta, noise_scales, release, size_candidates, size_scale, size_step

HOUR = Interval(0, 3600)
OFF = PrivacyParameters(k=10, k_prefixes=3, epsilon=1.0, noise="off")
ON = PrivacyParameters(k=10, k_prefixes=3, epsilon=0.5, noise="on")
CONTINENTS = {"CH": "150", "JP": "142"}.get
FINEST = "CH/smartphone/android"


def nothing(scales: Sequence[float]) -> list[int]:
    return [0] * len(scales)


def let_out(
    raw: Mapping[str, int],
    sizes: Mapping[str, Size] | None = None,
    before: Released | None = None,
    terms: PrivacyParameters = OFF,
    draw=nothing,
) -> dict[str, int]:
    """The released cells. Where a test gives no sizes, every cohort holds enough, and sizes are left out of the answer."""
    if sizes is not None:
        return dict(release(HOUR, raw, sizes, before, terms, 1, CONTINENTS, draw).cells)
    enough = dict.fromkeys(size_candidates(raw, before, CONTINENTS), Size(10**6, 10**6))
    found = release(HOUR, raw, enough, before, terms, 1, CONTINENTS, draw).cells
    return {field: count for field, count in found.items() if not field.endswith(("|in", "|devices"))}


@pytest.mark.parametrize(
    "what, rungs",
    [
        ("visit", {FINEST, "CH/smartphone", "europe/smartphone", "smartphone", "all"}),
        ("rewarded:front:a", {FINEST, "CH/smartphone", "europe/smartphone", "smartphone", "all"}),
        ("offered:front:a", {FINEST, "CH/smartphone", "europe/smartphone", "smartphone", "all"}),
        ("shown:de", {FINEST, "CH/smartphone", "CH", "all"}),
        ("wanted:de", {FINEST, "CH/smartphone", "CH", "all"}),
        ("chosen:zh-Hant", {FINEST, "CH/smartphone", "CH", "all"}),
        ("exposed:hero:b", {"all"}),
        ("converted:hero:b", {"all"}),
    ],
)
def test_each_kind_of_code_is_told_on_its_rungs(what: str, rungs: set[str]) -> None:
    """Rewards and conversions beside as many offers and exposures."""
    raw = {counter_key(FINEST, code): 10 for code in {what, whole_of(what) or what}}
    found = {field: count for field, count in let_out(raw).items() if field.endswith(f"|{what}")}
    assert found == {counter_key(rung, what): 10 for rung in rungs}


def test_a_rung_holds_what_was_counted_in_it_and_below_it() -> None:
    """Events come in the cohort that their token names, on any rung; where the cohort is withheld it is all."""
    raw = {
        "CH/tv/tizen|rewarded:front:a": 11, "CH/tv|rewarded:front:a": 12, "europe/tv|rewarded:front:a": 13,
        "tv|rewarded:front:a": 14, "all|rewarded:front:a": 15, "CH/tv/tizen|offered:front:a": 99,
    }  # fmt: skip
    assert {field: count for field, count in let_out(raw).items() if "rewarded" in field} == {
        "CH/tv/tizen|rewarded:front:a": 11, "CH/tv|rewarded:front:a": 23, "europe/tv|rewarded:front:a": 36,
        "tv|rewarded:front:a": 50, "all|rewarded:front:a": 65,
    }  # fmt: skip


def test_what_a_newer_worker_counts_is_left_out() -> None:
    assert let_out({"all|danced:front:a": 100, "all|": 100, "nonsense": 100}) == {}


def test_noise_is_drawn_once_for_each_cell_with_a_count_on_the_scale_of_its_kind() -> None:
    """A visit adds to 5 counts of visits, 4 of its language and 5 for its one slot; epsilon is a half."""
    raw = {"all|visit": 50, "all|wanted:de": 50, "all|chosen:fr": 40, "all|exposed:hero:a": 30, "all|shown:fr": 0}
    asked: list[float] = []

    def draw(scales: Sequence[float]) -> list[int]:
        asked.extend(scales)
        return [7] * len(scales)

    found = let_out(raw, terms=ON, draw=draw)
    assert sorted(asked) == [2.0, 8.0, 10.0, 10.0, 28.0, 28.0]  # the tens are for everybody's devices and prefixes
    assert found == {"all|visit": 57, "all|wanted:de": 57, "all|chosen:fr": 47, "all|exposed:hero:a": 37}


def test_each_cohort_of_a_code_gets_a_draw_of_its_own() -> None:
    """Noise that two cohorts share would go when one is taken from the other. In each code, of each kind."""
    numbers = iter(range(1, 1000))
    raw = {counter_key(cohort, what): 500 for cohort in (FINEST, "JP/tv/tizen") for what in ("visit", "wanted:de")}
    plain = let_out(raw)
    found = let_out(raw, terms=ON, draw=lambda scales: [next(numbers) for _ in scales])
    added = [found[field] - count for field, count in plain.items()]
    assert len(added) == 9 + 7
    assert len({*added}) == len(added)


def test_without_noise_nothing_is_drawn() -> None:
    def draw(_: Sequence[float]) -> list[int]:
        raise AssertionError

    assert let_out({"all|visit": 10}, {"all": Size(10, 3)}, draw=draw)["all|visit"] == 10


def test_a_cell_that_noise_takes_below_k_looks_like_none() -> None:
    assert let_out({"all|visit": 12}, terms=ON, draw=lambda scales: [-3] * len(scales)) == {}


@given(st.integers(0, 6), st.integers(0, 6), st.floats(0.01, 10))
def test_all_cells_of_one_visit_together_cost_epsilon(slots_n: int, slots_left: int, epsilon: float) -> None:
    """The law of the scales: what each cell that a visit or an event adds to tells, summed, is epsilon.

    Also where the site has fewer slots now than when the visit came.
    """
    terms = PrivacyParameters(10, 3, epsilon, "on")
    scales = noise_scales(terms, slots_n)
    finest = ladder(Traits("CH", "tv", "tizen"), CONTINENTS)[0]
    visit = ["visit", "wanted:de", *(f"offered:s{slot}:a" for slot in range(slots_n))]
    for codes in (visit, ["chosen:de"], ["rewarded:s0:a"], ["exposed:e:a"], ["converted:e:a"]):
        spent: list[float] = []

        def draw(scales: Sequence[float], spent: list[float] = spent) -> list[int]:
            spent[:] = [1 / scale for scale in scales]  # the noise of sizes is drawn first, that of counts last
            return [0] * len(scales)

        raw = {counter_key(finest, code): 1 for code in codes}
        enough = dict.fromkeys(size_candidates(raw, None, CONTINENTS), Size(10**6, 10**6))
        release(HOUR, raw, enough, None, terms, min(slots_n, slots_left), CONTINENTS, draw)
        assert sum(spent) == pytest.approx(epsilon)
    assert {scales[kind] for kind in ("visit", "shown", "wanted", "offered")} == {(9 + 5 * slots_n) / epsilon}
    assert size_scale(terms) == 5 / epsilon


def test_delta_is_the_tail_of_the_discrete_laplace() -> None:
    """Summed term by term: P(X = x) = (1 - a) / (1 + a) a^|x|."""
    a = math.exp(-1 / 14)
    tail = sum((1 - a) / (1 + a) * a**x for x in range(99, 3000))
    assert delta(100, 14.0) == pytest.approx(tail)
    assert delta(100, 0.0) == 0.0
    assert delta(1, 0.0) == 1.0
    assert delta(200, 0.001) == 0.0


def test_a_cohort_needs_k_devices_from_k_prefixes() -> None:
    """At n - 1, n and n + 1 of both."""
    for devices in (9, 10, 11):
        for prefixes in (2, 3, 4):
            is_in = "all|in" in let_out({}, {"all": Size(devices, prefixes)})
            assert is_in == (devices >= 10 and prefixes >= 3)
    assert "all|in" in let_out({}, {"all": Size(10, 0)}, terms=PrivacyParameters(10, 0, 1.0, "off"))


def test_a_cohort_stays_one_down_to_four_fifths() -> None:
    terms = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="off")
    before = Released(HOUR.before(), terms, {"tv|in": 1, "tv|devices": 100})
    for size, stays in ((Size(80, 16), True), (Size(79, 20), False), (Size(100, 15), False)):
        assert ("tv|in" in let_out({}, {"tv": size}, before, terms)) == stays
        assert "tv|in" not in let_out({}, {"tv": size}, None, terms) or size.devices >= 100


def test_a_size_is_told_in_steps_so_that_differences_tell_of_nobody() -> None:
    """Between an hour and the next, or a cohort and its class, a few devices more change nothing, or a whole step."""
    assert [size_step(devices, 100) for devices in (100, 199, 200, 399, 400, 5000)] == [100, 100, 200, 300, 400, 400]
    before = Released(HOUR.before(), OFF, {"tv|in": 1})
    assert let_out({}, {"tv": Size(9, 9)}, before) == {"tv|in": 1}, "a size below k is not told"
    assert let_out({}, {"all": Size(37, 9), "tv": Size(9, 9)}) == {"all|in": 1, "all|devices": 30}


def test_sizes_are_noised_each_on_its_own() -> None:
    def draw(scales: Sequence[float]) -> list[int]:
        assert {*scales} <= {10.0}
        return [(5, 0, -9, 0, 9, -9)[index] for index in range(len(scales))]

    sizes = {"all": Size(5, 3), "tv": Size(18, 9), "desktop": Size(8, 9)}
    assert let_out({}, sizes, terms=ON, draw=draw) == {"all|in": 1, "all|devices": 10}


def test_a_quiet_interval_asks_for_no_noise() -> None:
    """So that a fresh start does not wait for the library that draws it."""
    asked: list[float] = []

    def draw(scales: Sequence[float]) -> list[int]:
        asked.extend(scales)
        return [0] * len(scales)

    assert let_out({}, {"all": Size(0, 0)}, terms=ON, draw=draw) == {}
    assert asked == []


def test_the_cohorts_to_be_sized_are_those_visited_and_those_that_were_one() -> None:
    before = Released(HOUR, OFF, {"JP/tv|in": 1, "JP/tv|devices": 20, "tv|visit": 40})
    found = size_candidates({"CH/tv/tizen|visit": 1, "CH|wanted:de": 3}, before, CONTINENTS)
    assert found == ["CH/tv", "CH/tv/tizen", "JP/tv", "all", "europe/tv", "tv"]
    assert size_candidates({}, None, CONTINENTS) == ["all"]


def test_a_group_of_one_mind_teaches_though_it_may_not_be_told() -> None:
    """200 of 207 visits ask for French: beside the 207, the 200 would tell the 7 others, so they are learned from alone."""
    raw = {"BE/smartphone/ios|visit": 207, "BE/smartphone/ios|wanted:fr": 200, "BE/smartphone/ios|wanted:nl": 7}
    cells = let_out(raw, terms=PrivacyParameters(100, 0, 1.0, "off"))
    assert cells["BE/smartphone/ios|visit"] == 207
    assert cells["BE/smartphone/ios|~wanted:fr"] == 200
    assert "BE/smartphone/ios|wanted:fr" not in cells
    assert not [field for field in cells if "nl" in field]


def test_what_is_untold_is_never_below_k() -> None:
    """Learning knows no small counts either."""
    raw = {
        f"CH/smartphone/ios|{what}": count
        for what, count in {"visit": 40, "wanted:de": 29, "wanted:fr": 9, "wanted:it": 2}.items()
    }
    cells = let_out(raw, terms=PrivacyParameters(10, 0, 1.0, "off"))
    assert all(count >= 10 for field, count in cells.items() if not field.endswith("|in"))


def test_one_device_that_came_often_is_no_group() -> None:
    """A count of k or more is told, and learned from, only of cohorts that hold k devices; and of everybody."""
    raw = {
        "VA/smartphone/ios|visit": 500,
        "VA/smartphone/ios|wanted:it": 500,
        "VA/smartphone/ios|rewarded:front:a": 300,
    }
    sizes = dict.fromkeys(size_candidates(raw, None, CONTINENTS), Size(1, 1)) | {"all": Size(1000, 100)}
    cells = let_out(raw, sizes, terms=PrivacyParameters(100, 20, 1.0, "off"))
    assert {field.partition("|")[0] for field in cells} == {"all"}
    sizes |= {"VA/smartphone": Size(120, 30)}
    cells = let_out(raw, sizes, terms=PrivacyParameters(100, 20, 1.0, "off"))
    assert "VA|wanted:it" in cells
    assert not [field for field in cells if field.startswith("VA/smartphone/ios")]
