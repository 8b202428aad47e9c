"""What cannot be is clipped and, where it is plain, marked: for who holds much of it, and hardly ever by chance."""

from collections.abc import Mapping, Sequence
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.opendp_noise import OpendpNoise
from service.core.experiments.results import ExperimentAggregator
from service.core.groups.aggregates import Rate, SlotAggregator
from service.core.groups.clipping import DOUBTFUL_PART, MARKED_SCALES, clip, uncounted, whole_of
from service.core.groups.cohort import ancestors
from service.core.groups.counts import (
    CLIPPED,
    PrivacyParameters,
    Released,
    Size,
    clipped_in,
    counter_key,
    is_clipped,
    parse_counter_key,
)
from service.core.groups.interval import Interval
from service.core.groups.ranking import rankings
from service.core.groups.release import noise_scales, release, size_candidates
from service.core.sites import Experiment, Site, Slot
from service.ports import Noise

HOUR = Interval(0, 3600)
CONTINENTS = {"CH": "150", "JP": "142"}.get
FINEST = "CH/smartphone/android"
QUIET = PrivacyParameters(k=10, k_prefixes=0, epsilon=1.0, noise="off")
NOISY = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")
COHORTS = (FINEST, "CH/smartphone/ios", "CH/smartphone", "JP/tv/tizen", "smartphone", "all")


class Silence:
    def draw(self, scales: Sequence[float]) -> list[int]:
        return [0] * len(scales)


def let_out(raw: Mapping[str, int], terms: PrivacyParameters = QUIET, noise: Noise | None = None) -> Mapping[str, int]:
    """The released cells, of cohorts that all hold enough."""
    sizes = dict.fromkeys(size_candidates(raw, None, CONTINENTS), Size(10**6, 10**6))
    return release(HOUR, raw, sizes, None, terms, 1, CONTINENTS, (noise or Silence()).draw).cells


def marks(cells: Mapping[str, int]) -> set[str]:
    return {field for field in cells if CLIPPED in field}


@pytest.mark.parametrize(
    ("whole", "part", "told", "marked"),
    [
        (3600, 10_397, 3600, True),
        (3600, 3601, 3600, True),
        (3600, 3600, 3600, False),
        (3600, 3599, 3599, False),
        (3600, 10, 10, False),
        (3600, 9, None, False),
        (10, 11, 10, True),
        (10, 10_000, 10, True),
        (9, 10, None, True),
        (9, 9, None, False),
        (8, 9, None, False),
        (1, 10, None, True),
        (0, 10, None, True),
        (0, 9, None, False),
        (0, 10_000, None, True),
    ],
)
@pytest.mark.parametrize("codes", [("offered:front:a", "rewarded:front:a"), ("exposed:hero:b", "converted:hero:b")])
def test_no_part_is_told_above_its_whole(
    codes: tuple[str, str], whole: int, part: int, told: int | None, marked: bool
) -> None:
    """Without noise by a single one; below k neither is told, and what is not told is not marked."""
    cells = let_out({counter_key("all", codes[0]): whole, counter_key("all", codes[1]): part})
    assert cells.get(counter_key("all", codes[1])) == told
    assert marks(cells) == ({counter_key("all", CLIPPED + codes[1])} if marked else set())
    assert is_clipped(cells, "all", codes[1]) is marked
    assert clipped_in(cells) == marked


@pytest.mark.parametrize(("excess", "marked"), [(0, False), (1, False), (57, False), (58, True), (59, True)])
def test_with_noise_a_mark_is_beyond_three_scales_of_both(excess: int, marked: bool) -> None:
    """14 and 5 with one slot; at n - 1, n and n + 1."""
    cells = let_out({"all|offered:front:a": 500, "all|rewarded:front:a": 500 + excess}, NOISY)
    assert (cells["all|rewarded:front:a"], is_clipped(cells, "all", "rewarded:front:a")) == (500, marked)


def test_the_excess_goes_from_all_who_hold_it() -> None:
    """One phone's forged rewards are in its class, its continent and everybody; other groups keep what they had."""
    raw = {
        f"{FINEST}|offered:front:a": 100, f"{FINEST}|rewarded:front:a": 1000, "CH/smartphone/ios|offered:front:a": 200,
        "CH/smartphone/ios|rewarded:front:a": 20, "JP/tv/tizen|offered:front:a": 900,
        "JP/tv/tizen|rewarded:front:a": 90,
    }  # fmt: skip
    cells = let_out(raw)
    told = {cohort: cells.get(f"{cohort}|rewarded:front:a") for cohort in ("CH/smartphone", "smartphone", "all")}
    assert told == {"CH/smartphone": 120, "smartphone": 120, "all": 210}
    line = {FINEST, *ancestors(FINEST, CONTINENTS)} - {"CH"}
    assert marks(cells) == {f"{cohort}|{CLIPPED}rewarded:front:a" for cohort in line}
    assert cells["JP/tv/tizen|rewarded:front:a"] == 90


def site_with(offers: int, rewards: int, small: int, forged: int) -> dict[str, int]:
    """A site whose visits are of one large cohort but for a small one, in which there were only false rewards."""
    return {
        "US/desktop/windows|offered:front:a": offers, "US/desktop/windows|rewarded:front:a": rewards,
        f"{FINEST}|offered:front:a": small, f"{FINEST}|rewarded:front:a": forged,
    }  # fmt: skip


def rate_of_all(raw: Mapping[str, int], terms: PrivacyParameters, noise: Noise) -> Rate | None:
    sums = SlotAggregator("front", ("a",), lambda terms: noise_scales(terms, 1))
    assert [*sums.take(Released(HOUR, terms, let_out(raw, terms, noise)))]
    return next(row.options[0].rate for row in sums.rows(lambda _: None, 100) if row.key == "all")


@pytest.mark.parametrize(
    ("terms", "offers", "rewards", "small", "forged", "is_unmoved"),
    [
        (PrivacyParameters(50, 0, 1.0, "off"), 8000, 3400, 60, 160, True),
        (PrivacyParameters(50, 0, 1.0, "on"), 8000, 3400, 60, 400, False),
        (NOISY, 100_000, 10_000, 300, 600, False),
        (NOISY, 100_000, 10_000, 0, 220, True),
        (NOISY, 100_000, 10_000, 0, 500, True),
        (NOISY, 100_000, 10_000, 0, 50_000, True),
        (NOISY, 100_000, 40_000, 280, 1000, False),
        (NOISY, 20_000, 4000, 120, 10_000, False),
        (NOISY, 20_000, 4000, 60, 10_000, True),
        (QUIET, 1000, 400, 20, 41, True),
    ],
)
def test_a_small_cohort_does_not_blank_the_rate_of_all(
    terms: PrivacyParameters, offers: int, rewards: int, small: int, forged: int, *, is_unmoved: bool
) -> None:
    """However much is made up in it: the site's rate keeps its interval and moves by less than a tenth of itself.

    Where the cohort has few offers, or they are held back, the rate is within the 95 % that it would have without.
    """
    noise = OpendpNoise() if terms.noise == "on" else Silence()
    raw = site_with(offers, rewards, small, forged)
    honest = rate_of_all(site_with(offers, rewards, small, 0), terms, Silence())
    assert honest is not None
    for _ in range(20):
        cells = let_out(raw, terms, noise)
        line = {FINEST, *ancestors(FINEST, CONTINENTS)} - {"CH", "all"}
        assert marks(cells) == {f"{cohort}|{CLIPPED}rewarded:front:a" for cohort in line}
        found = rate_of_all(raw, terms, noise)
        assert found is not None
        low, high = (honest.low, honest.high) if is_unmoved else (0.9 * honest.value, 1.1 * honest.value)
        assert low <= found.value <= high


@pytest.mark.parametrize(
    ("offers", "rewards", "small", "forged", "marked"),
    [
        (1000, 400, 40, 41, False),
        (1000, 400, 41, 42, False),
        (1000, 405, 45, 46, False),
        (1000, 404, 45, 46, True),
        (1000, 900, 100, 101, False),
        (1000, 899, 100, 101, True),
        (1000, 400, 500, 501, True),
        (1000, 400, 500, 50_000, True),
        (1000, 99, 10, 11, False),
        (1000, 80, 10, 11, True),
        (1000, 100, 0, 10, False),
        (1000, 99, 0, 10, True),
        (1000, 100, 9, 10, False),
        (1000, 100, 9, 50_000, False),
        (1000, 99, 9, 50_000, True),
    ],
)
def test_who_holds_it_is_marked_where_more_than_a_tenth_is_doubtful(
    offers: int, rewards: int, small: int, forged: int, marked: bool
) -> None:
    """By the offers of the cohort, not by how many were made up; by steps of k where they are held back."""
    cells = let_out(site_with(offers, rewards, small, forged))
    assert is_clipped(cells, FINEST, "rewarded:front:a")
    assert is_clipped(cells, "all", "rewarded:front:a") is marked
    assert not is_clipped(cells, "US/desktop/windows", "rewarded:front:a")


def test_doubts_add_up() -> None:
    """Of three small cohorts none would do, all of them do."""
    raw = site_with(10_000, 1000, 0, 0)
    for system, marked in (("android", False), ("ios", False), ("other", True)):
        raw |= {
            f"CH/smartphone/{system}|offered:front:a": 40, f"CH/smartphone/{system}|rewarded:front:a": 500
        }  # fmt: skip
        assert is_clipped(let_out(raw), "all", "rewarded:front:a") is marked


def told_of_all(raw: Mapping[str, int]) -> int | None:
    cells = let_out(raw)
    return None if is_clipped(cells, "all", "rewarded:front:a") else cells.get("all|rewarded:front:a")


@given(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 500), st.integers(0, 500), st.integers(0, 9000))
def test_what_is_unmarked_is_off_by_no_more_than_a_tenth(
    offers: int, rewards: int, small: int, honest: int, forged: int
) -> None:
    """Whatever was made up in a cohort that is marked for it: all who hold it are marked, or nearly right."""
    rewards, honest = min(rewards, offers), min(honest, small)
    cells = let_out(site_with(offers, rewards, small, honest + forged))
    told = cells.get("all|rewarded:front:a")
    marked = [is_clipped(cells, cohort, "rewarded:front:a") for cohort in (FINEST, "all")]
    if told is not None and marked == [True, False]:
        assert abs(told - rewards - honest) <= told / DOUBTFUL_PART


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 9), st.integers(0, 9), st.integers(10, 500))
def test_no_mark_tells_of_offers_that_are_held_back(
    offers: int, rewards: int, few: int, fewer: int, forged: int
) -> None:
    """Without noise, where a cohort had fewer than k: the marks are the same, however many it had."""
    rewards = min(rewards, offers)
    found = [marks(let_out(site_with(offers, rewards, small, forged))) for small in (few, fewer)]
    assert found[0] == found[1]


def test_a_clipped_count_does_not_tell_what_it_was_clipped_to() -> None:
    """Offers that are held back beside others are not told by rewards of the same number."""
    raw = {
        f"{FINEST}|visit": 207, f"{FINEST}|offered:front:a": 200, f"{FINEST}|offered:front:b": 7,
        f"{FINEST}|rewarded:front:a": 900,
    }  # fmt: skip
    cells = let_out(raw)
    assert f"{FINEST}|offered:front:a" not in cells
    assert f"{FINEST}|rewarded:front:a" not in cells
    assert f"{FINEST}|~rewarded:front:a" not in cells
    assert is_clipped(cells, FINEST, "rewarded:front:a")
    others = {"visit": 600, "offered:front:a": 500, "offered:front:b": 100, "rewarded:front:a": 40}
    cells = let_out(raw | {f"JP/tv/tizen|{what}": count for what, count in others.items()})
    assert (cells["all|offered:front:a"], FINEST + "|offered:front:a" in cells) == (700, False)
    assert cells["all|rewarded:front:a"] == 40, "of which none are the forged ones, nor as many as were offers"
    assert is_clipped(cells, "all", "rewarded:front:a")


counts = st.integers(0, 400) | st.integers(0, 10_000)
raws = st.dictionaries(
    st.builds(
        counter_key,
        st.sampled_from(COHORTS),
        st.sampled_from(
            ["visit", *(f"{kind}:front:{option}" for kind in ("offered", "rewarded") for option in ("a", "b"))]
        ),
    )
    | st.sampled_from([f"all|{kind}:hero:{variant}" for kind in ("exposed", "converted") for variant in ("a", "b")]),
    counts,
    max_size=16,
)


@given(raws, st.sampled_from([QUIET, NOISY]), st.lists(st.integers(-60, 60), min_size=1, max_size=9))
def test_a_rate_is_never_above_one(raw: Mapping[str, int], terms: PrivacyParameters, drawn: list[int]) -> None:
    """Whatever was reported, and whatever the noise: of what is told a part is at most its whole, and beside it."""

    class Given:
        def draw(self, scales: Sequence[float]) -> list[int]:
            return [drawn[index % len(drawn)] for index in range(len(scales))]

    cells = let_out(raw, terms, Given())
    for field, count in cells.items():
        cohort, what = parse_counter_key(field)
        whole = whole_of(what)
        assert whole is None or count <= cells.get(counter_key(cohort, whole), count)
    released = Released(HOUR, terms, cells)
    slot = SlotAggregator("front", ("a", "b"), lambda terms: noise_scales(terms, 1))
    hero = ExperimentAggregator("hero", Experiment("running", ("a", "b"), "hero"), lambda terms: noise_scales(terms, 1))
    assert [*slot.take(released), *hero.take(released)]
    options = [option for row in slot.rows(lambda _: None, 100) for option in row.options]
    for row in (*options, *hero.rows()):
        assert row.rate is None or (row.rate.value <= 1 and row.rate.high <= 1)
        assert row.clipped in (0, 1)
        assert not (row.clipped and row.rate), "a marked interval is in no rate"


@given(raws, raws)
def test_honest_counts_are_let_be(raw: Mapping[str, int], more: Mapping[str, int]) -> None:
    """Without noise, where no part is above its whole, clipping changes nothing and marks nothing."""
    honest = dict(raw)
    for field, count in raw.items():
        cohort, what = parse_counter_key(field)
        if (whole := whole_of(what)) is not None:
            honest[counter_key(cohort, whole)] = count + more.get(field, 0)
    cells = let_out(honest)
    assert not marks(cells)
    plain: dict[str, dict[str, int]] = {}
    for field, count in honest.items():
        cohort, what = parse_counter_key(field)
        plain.setdefault(what, {})[cohort] = count
    kept = clip(plain, {}, {}, 10, dict.fromkeys(noise_scales(QUIET, 1), 0.0), lambda _what, _cohort: None)
    assert all(kept.counts[what] == plain[what] for what in kept.counts)
    assert not any(kept.marked.values())


def test_nothing_is_told_from_one_by_a_clip() -> None:
    """Where there were no offers, they have the noise that one would have, and are not told for it."""
    asked: list[list[float]] = []

    class Asked:
        def draw(self, scales: Sequence[float]) -> list[int]:
            asked.append([*scales])
            return [150 if scale == 14 else 0 for scale in scales]

    cells = let_out({"all|rewarded:front:a": 140, "all|converted:hero:a": 500}, NOISY, Asked())
    assert sorted(asked[-2]) == [1.0, 14.0]
    assert sorted(asked[-1]) == [1.0, 5.0]
    assert "all|offered:front:a" not in cells
    assert marks(cells) == {f"all|{CLIPPED}converted:hero:a"}
    assert uncounted({"rewarded:front:a": {"all": 1}, "offered:front:a": {"all": 1}}) == []


def false_marks(part: float, whole: float) -> float:
    """How often discrete Laplace noise of these scales marks two counts that are the same, summed term by term."""

    def at_least(scale: float, least: int) -> float:
        ratio = exp(-1 / scale)
        return ratio**least / (1 + ratio) if least > 0 else 1 - ratio ** (1 - least) / (1 + ratio)

    ratio, far = exp(-1 / whole), int(40 * whole) + 2
    beyond = int(MARKED_SCALES * (part + whole)) + 1
    return sum((1 - ratio) / (1 + ratio) * ratio ** abs(y) * at_least(part, beyond + y) for y in range(-far, far + 1))


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 50.0])
@pytest.mark.parametrize("slots_n", [1, 2, 5, 20])
def test_a_false_mark_is_as_rare_as_is_said(epsilon: float, slots_n: int) -> None:
    """Where every offer is rewarded and every device converts: less than once in 40 times in any cell."""
    scales = noise_scales(PrivacyParameters(100, 20, epsilon, "on"), slots_n)
    assert false_marks(scales["rewarded"], scales["offered"]) < 1 / 40
    assert false_marks(scales["converted"], scales["exposed"]) < 1 / 40
    if (epsilon, slots_n) == (1.0, 1):
        assert false_marks(scales["rewarded"], scales["offered"]) < 1 / 100
        assert false_marks(scales["converted"], scales["exposed"]) < 1 / 250


def test_where_every_offer_is_rewarded_few_intervals_are_marked() -> None:
    """With the noise that serves, of a hundred options in one interval each: far from what is said at most, 1 in 100."""
    raw = {f"all|{kind}:front:o{number}": 1000 for kind in ("offered", "rewarded") for number in range(100)} | {
        f"all|{kind}:hero:v{number}": 1000 for kind in ("exposed", "converted") for number in range(100)
    }
    found = [marks(let_out(raw, NOISY, OpendpNoise())) for _ in range(5)]
    assert sum(map(len, found)) <= 1000 / 40


def test_where_a_tenth_are_rewarded_no_mark_comes_of_noise() -> None:
    """Also not where offers are so few that noise hides them: a mark needs k rewards."""
    raw = {f"all|offered:front:o{number}": 100 for number in range(200)}
    raw |= {f"all|rewarded:front:o{number}": 10 for number in range(200)}
    assert not any(marks(let_out(raw, NOISY, OpendpNoise())) for _ in range(5))


SITE = Site("demo", ("en",), "en", slots={"front": Slot(("a", "b"))})


def test_nothing_is_learned_from_what_is_marked() -> None:
    """Neither that it works nor that it does not: the interval is as if the option had not been tried."""

    def ranked(*raws: Mapping[str, int]) -> object:
        history = [
            release(Interval(hour * 3600, 3600), raw, {}, None, QUIET, 1, CONTINENTS, Silence().draw)
            for hour, raw in enumerate(raws)
        ]
        return rankings(SITE, history, ["all"], CONTINENTS, history[-1].interval)["front"].get("all")

    honest = {
        "all|offered:front:a": 1000, "all|rewarded:front:a": 200, "all|offered:front:b": 1000,
        "all|rewarded:front:b": 100,
    }  # fmt: skip
    forged = honest | {"all|rewarded:front:b": 10_000}
    assert ranked(honest, forged) == ranked(honest)
    assert ranked(forged, honest, forged) == ranked(honest)
    only = {"all|offered:front:b": 1000, "all|rewarded:front:b": 10_000}
    assert ranked(only) is None
