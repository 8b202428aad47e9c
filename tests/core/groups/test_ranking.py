"""Options stand by what was released of them; a bandit that learns this way loses little."""

import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.counts import PrivacyParameters, Released, counter_key
from service.core.groups.interval import Interval
from service.core.groups.ranking import Belief, draw_beta, rank, rankings
from service.core.sites import Site, Slot

OPTIONS = ("a", "b", "c", "d")
CONTINENTS = {"CH": "150", "JP": "142"}.get
LADDER = ("CH/tv/tizen", "CH/tv", "europe/tv", "tv", "all")


def shop(explore="mean") -> Site:
    return Site(id="shop", languages=("en",), default_language="en", slots={"front": Slot(OPTIONS, explore=explore)})


def cells_of(cohort: str, trials: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    """Released cells by option: offers and rewards; rewards of -1 were held back."""
    offered = {counter_key(cohort, f"offered:front:{option}"): n for option, (n, _) in trials.items()}
    rewarded = {counter_key(cohort, f"rewarded:front:{option}"): n for option, (_, n) in trials.items() if n >= 0}
    return offered | rewarded


def orders(*intervals: Mapping[str, int], k: int = 100, explore="mean", newest: int = 0) -> dict[str, tuple[str, ...]]:
    terms = PrivacyParameters(k, 20, 1.0, "off")
    history = [Released(Interval(3600 * n, 3600), terms, cells) for n, cells in enumerate(intervals)]
    found = rankings(shop(explore), history, LADDER, CONTINENTS, Interval(3600 * newest, 3600))["front"]
    assert all(ranking.source == "cohort" for ranking in found.values())
    return {cohort: ranking.options for cohort, ranking in found.items()}


def test_without_counts_there_is_no_ranking() -> None:
    assert orders() == orders({"all|visit": 500}) == {}


def test_options_stand_by_their_rate_and_untried_ones_come_first() -> None:
    tried = {"a": (1000, 100), "b": (1000, 300), "c": (2000, 400)}
    assert orders(cells_of("all", tried)) == {"all": ("d", "b", "c", "a")}


def test_intervals_add_up() -> None:
    first, second = {"a": (1000, 900), "b": (1000, 500)}, {"a": (1000, 100), "c": (1000, 700)}
    assert orders(cells_of("all", first), cells_of("all", second))["all"] == ("c", "a", "b", "d")


def test_more_rewards_than_offers_count_as_one_each() -> None:
    """Noise, or a visitor who comes back, may make it so."""
    assert orders(cells_of("all", {"a": (200, 250), "b": (200, 199)}))["all"] == ("a", "b", "c", "d")


def test_rewards_held_back_say_that_there_were_fewer_than_k() -> None:
    """Where even odds would have made more than k, the most there can have been counts; where not, nothing does."""
    assert orders(cells_of("all", {"a": (1000, -1)}))["all"] == ("b", "c", "d", "a")
    assert orders(cells_of("all", {"a": (190, -1)})) == {}
    seen_and_not = [cells_of("all", {"a": (1000, 120)}), cells_of("all", {"a": (500, -1), "b": (1000, 115)})]
    # 500 offers at 12 in 100 would have made 60, which nobody could have seen: they teach nothing.
    assert orders(*seen_and_not)["all"] == ("c", "d", "a", "b")


def test_a_cohort_goes_its_own_way_and_takes_the_rest_from_the_next_coarser() -> None:
    """In CH/tv a is known to do better than b; of b, c and d it only knows what everybody does with them."""
    everybody = cells_of("all", {"a": (1000, 110), "b": (1000, 300), "c": (1000, 200), "d": (1000, 120)})
    found = orders(everybody | cells_of("CH/tv", {"a": (400, 250)}))
    assert found == {"all": ("b", "c", "d", "a"), "CH/tv": ("a", "b", "c", "d")}


def test_a_small_cohort_is_not_judged_by_its_silence() -> None:
    """In CH/tv 300 offers of a would have made 33 rewards as everywhere, which nobody could have seen."""
    everybody = cells_of("all", {"a": (1000, 110), "b": (1000, -1)})
    assert set(orders(everybody | cells_of("CH/tv", {"a": (300, -1)}))) == {"all"}


@pytest.mark.parametrize("explore", ["mean", "thompson"])
def test_the_order_follows_from_the_counts_and_the_interval_alone(explore: str) -> None:
    cells = cells_of("all", dict.fromkeys(OPTIONS, (300, 101)))
    assert orders(cells, explore=explore, newest=5) == orders(dict(reversed(cells.items())), explore=explore, newest=5)


def test_thompson_draws_anew_in_each_interval_and_cohort() -> None:
    """Equals come first about equally often, and one that is surely worse hardly ever."""
    cells = cells_of("all", {"a": (300, 110), "b": (300, 110), "c": (300, 110), "d": (3000, 101)})
    first = [orders(cells, explore="thompson", newest=n)["all"][0] for n in range(300)]
    assert min(first.count(option) for option in "abc") > 60
    assert first.count("d") == 0


def test_thompson_tries_what_is_known_from_elsewhere_only() -> None:
    """However much everybody tried b, in CH/tv that weighs as 300 trials: b at 20 in 100 still gets its turns beside a at 25."""
    everybody = cells_of("all", {"b": (20_000, 4000), "c": (20_000, 101), "d": (20_000, 101)})
    cells = everybody | cells_of("CH/tv", {"a": (400, 101)})
    first = [orders(cells, explore="thompson", newest=n)["CH/tv"][0] for n in range(200)]
    assert 4 < first.count("b") < 40
    assert first.count("a") + first.count("b") == 200


@given(st.floats(1, 1000), st.floats(1, 1000), st.integers())
def test_a_draw_is_a_rate(a: float, b: float, seed: int) -> None:
    assert 0 < draw_beta(a, b, str(seed)) < 1


@pytest.mark.parametrize("a, b", [(1, 1), (2, 5), (80, 20), (1.5, 400)])
def test_draws_have_the_mean_and_variance_of_their_distribution(a: float, b: float) -> None:
    """Mean a / (a + b), variance ab / ((a + b)^2 (a + b + 1)); the seeds are fixed, so is the outcome."""
    drawn = [draw_beta(a, b, f"{a}|{b}|{n}") for n in range(4000)]
    mean = sum(drawn) / len(drawn)
    variance = a * b / ((a + b) ** 2 * (a + b + 1))
    assert mean == pytest.approx(a / (a + b), abs=4 * (variance / len(drawn)) ** 0.5)
    assert sum((x - mean) ** 2 for x in drawn) / len(drawn) == pytest.approx(variance, rel=0.1)


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=4, max_size=4),
    st.sampled_from(["mean", "thompson"]),
)
def test_every_option_stands_in_the_order_once(trials: list[tuple[float, float]], explore) -> None:
    order = rank(Slot(OPTIONS, explore=explore), [Belief(*one) for one in trials], "seed")
    assert sorted(order) == sorted(OPTIONS)


def play(explore: str, rates: Sequence[float], intervals: int, memory: int, visits: int, k: int) -> float:
    """The part of the rewards of always offering the best option that learning from released counts loses."""
    world = random.Random(7)
    terms = PrivacyParameters(k, 0, 1.0, "off")
    history: list[Released] = []
    rewards = 0
    for number in range(intervals):
        found = rankings(shop(explore), history, ["all"], CONTINENTS, Interval(300 * number, 300))["front"]
        first = found["all"].options[0] if found else OPTIONS[0]
        won = sum(world.random() < rates[OPTIONS.index(first)] for _ in range(visits))
        rewards += won
        cells = cells_of("all", {first: (visits, won if won >= k else -1)})
        history = [*history, Released(Interval(300 * number, 300), terms, cells)][-memory:]
    return 1 - rewards / (intervals * visits * max(rates))


@pytest.mark.parametrize("explore", ["mean", "thompson"])
def test_learning_loses_little(explore: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Four options, 300 visits in each of 400 intervals, a day's memory of 288: against always the best."""
    lost = play(explore, (0.05, 0.08, 0.15, 0.11), intervals=400, memory=288, visits=300, k=10)
    with capsys.disabled():
        print(f" [{explore}: {lost:.1%} of the rewards lost]", end="")
    assert lost < 0.04


def test_learning_finds_the_one_option_whose_rewards_are_ever_seen() -> None:
    """With k = 30 of 300 visits, three options never show a reward; the one that does is found and kept."""
    assert play("mean", (0.02, 0.03, 0.15, 0.05), intervals=200, memory=100, visits=300, k=30) < 0.07
