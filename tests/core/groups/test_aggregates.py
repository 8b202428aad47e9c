"""Figures: whole sums of released cells, what is missing said to be, and rates no surer than they are."""

import random
from collections.abc import Iterable, Mapping
from math import exp, log, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.aggregates import (
    CELLS_AT_ONCE,
    Z_95,
    Aggregator,
    CohortAggregator,
    DevicesTotal,
    Rate,
    SlotAggregator,
    Total,
    interval_95,
    noise_variance,
)
from service.core.groups.counts import PrivacyParameters, Released
from service.core.groups.interval import Interval
from service.core.sites import SlotRanking

TERMS = PrivacyParameters(k=5, k_prefixes=2, epsilon=1.0, noise="off")
LANGUAGES = ("en", "de", "fr")
OPTIONS = ("spring", "app")


def released(hour: int, cells: Mapping[str, int], terms: PrivacyParameters = TERMS) -> Released:
    return Released(Interval(hour * 3600, 3600), terms, cells)


def take(tally: Any, parts: Iterable[Released]) -> Any:
    for part in parts:
        for _ in tally.take(part):
            pass
    return tally


def rows(*parts: Released, languages: tuple[str, ...] = LANGUAGES, cohorts_max: int = 100) -> dict[str, Any]:
    return {row.key: row for row in take(CohortAggregator(), parts).rows(languages, cohorts_max)}


def slot_rows(*parts: Released, scale: float = 0.0) -> dict[str, Any]:
    tally = SlotAggregator("front", OPTIONS, lambda _: {"offered": scale, "rewarded": scale})
    return {row.key: row for row in take(tally, parts).rows(lambda _: None, 100)}


def test_a_figure_is_the_sum_over_the_intervals_that_have_it() -> None:
    """Where some do not, that is said, because what they held back is not in it."""
    found = rows(released(1, {"all|visit": 10, "CH/tv|visit": 7}), released(2, {"all|visit": 20}))
    assert found["all"].visits == Total(30, suppressed=False, intervals=2)
    assert found["CH/tv"].visits == Total(7, suppressed=True, intervals=1)


def test_what_no_interval_released_is_null() -> None:
    """Suppressed, whether there was little or nothing; everybody has a row all the same."""
    for parts in ((), (released(1, {}),)):
        assert rows(*parts)["all"].visits == Total(None, suppressed=True, intervals=0)
        assert slot_rows(*parts)["all"].options[0].rewarded == Total(None, suppressed=True, intervals=0)
        assert slot_rows(*parts)["all"].options[0].rate is None


def test_devices_are_the_largest_released_size() -> None:
    """No sum: the same devices come again. At the cap there are at least so many."""
    parts = [released(1, {"tv|devices": 12}), released(2, {"tv|devices": 20}), released(3, {"tv|devices": 11})]
    assert rows(*parts)["tv"].devices == DevicesTotal(20, suppressed=False, intervals=3, at_least=True)
    assert rows(parts[0], parts[2])["tv"].devices == DevicesTotal(12, suppressed=False, intervals=2, at_least=False)
    assert rows(*parts)["all"].devices == DevicesTotal(None, suppressed=True, intervals=0, at_least=False)


def test_a_cohort_is_current_by_the_newest_release_alone() -> None:
    """Whichever order they are taken in."""
    older = released(1, {"tv|in": 1, "tv|visit": 9, "car|visit": 9})
    newer = released(2, {"car|in": 1, "car|visit": 9})
    for parts in ((older, newer), (newer, older)):
        found = rows(*parts)
        assert (found["tv"].current, found["car"].current) == (False, True)


def test_languages_are_those_released_of_the_site() -> None:
    """In the site's order, each with what was shown, wanted and chosen."""
    found = rows(released(1, {"CH|shown:fr": 6, "CH|wanted:de": 8, "CH|chosen:de": 5, "CH|shown:nl": 9}))["CH"]
    assert [row.language for row in found.languages] == ["de", "fr"]
    german = found.languages[0]
    assert (german.shown.count, german.wanted.count, german.chosen.count) == (None, 8, 5)


def test_cohorts_stand_by_rung_then_by_size() -> None:
    """Everybody first; where there is no room for all, the smallest of the finest are left out."""
    cells = {
        "CH/tv/tizen|visit": 9, "CH/tv|visit": 6, "DE/tv|visit": 8, "CH|shown:de": 9, "DE|wanted:de": 12,
        "europe/tv|visit": 9, "tv|visit": 9, "all|visit": 50,
    }  # fmt: skip
    keys = ["all", "tv", "europe/tv", "DE", "CH", "DE/tv", "CH/tv", "CH/tv/tizen"]
    assert list(rows(released(1, cells))) == keys
    assert list(rows(released(1, cells), cohorts_max=5)) == keys[:5]


def test_other_cells_stay_out() -> None:
    """Prefixes are nobody's figure, and experiments are read elsewhere."""
    found = rows(released(1, {"tv|prefixes": 9, "car|exposed:hero:a": 9, "console|offered:front:app": 9}))
    assert list(found) == ["all"]


def test_a_slot_has_its_options_by_cohort() -> None:
    """Options of other slots and of an older configuration are not among them."""
    cells = {
        "tv|offered:front:app": 50,
        "tv|rewarded:front:app": 10,
        "tv|offered:side:app": 9,
        "tv|offered:front:old": 9,
    }
    found = slot_rows(released(1, cells))
    assert list(found) == ["all", "tv"]
    spring, app = found["tv"].options
    assert (spring.option, spring.offered.count, spring.rate) == ("spring", None, None)
    assert (app.option, app.offered.count, app.rewarded.count, app.rate.value) == ("app", 50, 10, 0.2)


def test_the_ranking_in_use_is_asked_for_by_cohort() -> None:
    """It comes from the worker's snapshot, not from the counts."""
    tally = take(SlotAggregator("front", OPTIONS, lambda _: {}), [])
    ranking = SlotRanking(("app", "spring"), "cohort")
    assert [row.ranking for row in tally.rows({"all": ranking}.get, 9)] == [ranking]


def test_a_rate_is_of_the_intervals_that_have_both_counts() -> None:
    """Else rewards that were held back would count as none."""
    parts = [
        released(1, {"all|offered:front:app": 100, "all|rewarded:front:app": 10}),
        released(2, {"all|offered:front:app": 900}),
        released(3, {"all|rewarded:front:app": 500}),
    ]
    app = slot_rows(*parts)["all"].options[1]
    assert (app.offered.count, app.rewarded.count) == (1000, 510)
    assert (app.rate.value, app.rate.intervals) == (0.1, 1)


def test_a_marked_interval_is_in_no_rate() -> None:
    """What was clipped is in the counts, is said to be, and says nothing of how many there were."""
    honest = {"all|offered:front:app": 100, "all|rewarded:front:app": 10}
    forged = {"all|offered:front:app": 900, "all|rewarded:front:app": 900, "all|!rewarded:front:app": 1}
    tally = take(SlotAggregator("front", OPTIONS, lambda _: {"offered": 0.0, "rewarded": 0.0}), [])
    assert tally.warnings() == ()
    take(tally, [released(1, honest), released(2, forged), released(3, {"tv|!rewarded:front:app": 1})])
    found = {row.key: row.options[1] for row in tally.rows(lambda _: None, 9)}
    assert (found["all"].offered.count, found["all"].rewarded.count, found["all"].clipped) == (1000, 910, 1)
    assert (found["all"].rate.value, found["all"].rate.intervals) == (0.1, 1)
    assert (found["tv"].rewarded.count, found["tv"].clipped) == (None, 1)
    assert [warning.code for warning in tally.warnings()] == ["more_rewards_than_offers"]
    assert tally.warnings()[0].text.startswith("One option had more rewards than offers")
    others = {"all|!rewarded:side:app": 1, "all|!converted:front:app": 1, "all|!rewarded:front:old": 1}
    assert take(SlotAggregator("front", OPTIONS, lambda _: {}), [released(1, others)]).warnings() == ()


def test_a_rate_stays_a_rate() -> None:
    """An earlier version released rewards above the visits, as noise and late ones made them."""
    app = slot_rows(released(1, {"all|offered:front:app": 10, "all|rewarded:front:app": 12}))["all"].options[1]
    assert (app.rate.value, app.rate.high) == (1.0, 1.0)
    assert app.rate.low < 1.0


def test_noise_widens_a_rate_by_the_terms_of_each_interval() -> None:
    """Two intervals with noise are less sure than one with and one without."""
    loud, quiet = PrivacyParameters(5, 2, 1.0, "on"), PrivacyParameters(5, 2, 1.0, "off")
    cells = {"all|offered:front:app": 500, "all|rewarded:front:app": 100}
    widths = []
    for terms in ((quiet, quiet), (loud, quiet), (loud, loud)):
        tally = SlotAggregator(
            "front", OPTIONS, lambda of: dict.fromkeys(("offered", "rewarded"), 20.0 * (of.noise == "on"))
        )
        take(tally, (released(hour, cells, of) for hour, of in enumerate(terms)))
        [row] = tally.rows(lambda _: None, 9)
        rate = row.options[1].rate
        assert isinstance(rate, Rate)
        widths.append(rate.high - rate.low)
    assert widths[0] < widths[1] < widths[2]


def test_the_interval_is_wilsons_where_there_is_no_noise() -> None:
    """Against the textbook's form: centre and half width over 1 + z^2/n."""
    for rate, trials in ((0.0, 10), (0.1, 50), (0.5, 7), (1.0, 20)):
        z2 = Z_95**2
        centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
        half = Z_95 / (1 + z2 / trials) * sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2))
        assert interval_95(rate, trials, 0.0) == pytest.approx((max(0, centre - half), min(1, centre + half)), abs=1e-9)


@given(st.floats(0, 1), st.integers(1, 10**7), st.floats(0, 10), st.floats(0, 10))
def test_the_interval_holds_the_rate_and_grows_with_the_noise(
    rate: float, trials: int, one: float, other: float
) -> None:
    """And never leaves what a rate can be."""
    inner, outer = (interval_95(rate, trials, noise) for noise in sorted((one, other)))
    assert 0 <= outer[0] <= inner[0] + 1e-9
    assert inner[0] <= rate + 1e-9
    assert rate <= inner[1] + 1e-9
    assert inner[1] <= outer[1] + 1e-9 <= 1 + 1e-9


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Over 24 intervals of noised counts; without the noise's part it would cover far less often."""
    draw = random.Random(7)
    truth, visits, scale, hours, tries = 0.2, 60, 12.0, 24, 400
    noise = hours * noise_variance(scale)
    covered = covered_without = 0
    for _ in range(tries):
        offered = hours * visits + sum(laplace(draw, scale) for _ in range(hours))
        rewarded = sum(draw.random() < truth for _ in range(hours * visits)) + sum(
            laplace(draw, scale) for _ in range(hours)
        )
        rate = min(1.0, max(0.0, rewarded / offered))
        low, high = interval_95(rate, offered, (noise + rate**2 * noise) / offered**2)
        covered += low <= truth <= high
        low, high = interval_95(rate, offered, 0.0)
        covered_without += low <= truth <= high
    assert covered / tries > 0.92
    assert covered_without / tries < 0.6


def laplace(draw: random.Random, scale: float) -> int:
    """Discrete Laplace: the difference of two geometric numbers."""
    first, second = (int(log(1 - draw.random()) / (-1 / scale)) for _ in range(2))
    return first - second


def test_the_noise_has_the_variance_that_is_reckoned_with() -> None:
    """By the sum over its probabilities."""
    for scale in (0.0, 0.3, 1.0, 7.5, 40.0):
        ratio = exp(-1 / scale) if scale else 0.0
        told = sum(n * n * ratio ** abs(n) for n in range(-3000, 3001)) * (1 - ratio) / (1 + ratio)
        assert noise_variance(scale) == pytest.approx(told)


FIELDS = st.sampled_from(["all|visit", "tv|visit", "CH/tv|visit", "CH|wanted:de", "CH/tv|shown:fr", "all|chosen:en"])
DAYS = st.lists(st.dictionaries(FIELDS, st.integers(5, 50)), max_size=12)


@given(DAYS, st.integers(0, 12))
def test_windows_differ_by_sums_of_released_cells(days: list[dict[str, int]], cut: int) -> None:
    """The figures of a longer window less those of a shorter are the released cells between: nothing else is told."""
    parts = [released(hour, cells) for hour, cells in enumerate(days)]
    whole, late = sums(rows(*parts)), sums(rows(*parts[cut:]))
    between = sums(rows(*parts[:cut]))
    assert {
        field: whole[field] - late.get(field, 0) for field in whole if whole[field] != late.get(field, 0)
    } == between


def sums(found: Mapping[str, Any]) -> dict[str, int]:
    """Every count that an answer tells, by cell."""
    told = {f"{key}|visit": row.visits.count for key, row in found.items()}
    for key, row in found.items():
        for it in row.languages:
            told |= {f"{key}|{kind}:{it.language}": getattr(it, kind).count for kind in ("shown", "wanted", "chosen")}
    return {field: count for field, count in told.items() if count is not None}


def test_taking_an_interval_pauses_now_and_then() -> None:
    """So that thousands of cells do not hold up visits."""
    cells = {f"CH/tv|visit{index}": 9 for index in range(3 * CELLS_AT_ONCE)}
    assert len([*CohortAggregator().take(released(1, cells))]) == 3 + 1


def test_sums_are_of_one_kind_or_the_other() -> None:
    """The class that both kinds share adds nothing by itself."""
    with pytest.raises(NotImplementedError):
        take(Aggregator(), [released(1, {"all|visit": 9})])
