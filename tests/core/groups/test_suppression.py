"""Nothing below k is told, by no cell and by no total minus its parts."""

import random
from collections.abc import Iterator, Mapping
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.core.groups.cohort import ancestors
from service.core.groups.counts import PrivacyParameters, Size, counter_key, parse_counter_key
from service.core.groups.interval import Interval
from service.core.groups.release import release, size_candidates
from service.core.groups.suppression import suppress

CONTINENTS = {"CH": "150", "DE": "150", "JP": "142"}.get
LADDERLESS = {"CH", "DE", "JP"}  # the rungs that only languages climb
CODES = ("wanted:de", "shown:de", "wanted:fr", "offered:front:a", "offered:front:b", "offered:front:c")


def let_out(raw: Mapping[str, int], k: int) -> dict[str, int]:
    """The released cells that are told, without noise."""
    terms = PrivacyParameters(k=k, k_prefixes=0, epsilon=1.0, noise="off")
    enough = dict.fromkeys(size_candidates(raw, None, CONTINENTS), Size(10**6, 10**6))
    found = release(Interval(0, 3600), raw, enough, None, terms, 1, CONTINENTS, lambda scales: [0] * len(scales))
    unasked = ("|in", "|devices")
    return {field: count for field, count in found.cells.items() if "|~" not in field and not field.endswith(unasked)}


def by_code(cells: Mapping[str, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for field, count in cells.items():
        cohort, what = parse_counter_key(field)
        found.setdefault(what, {})[cohort] = count
    return found


def disjoint_sets(cohorts: list[str]) -> Iterator[tuple[str, ...]]:
    """All sets of these cohorts of which none holds another."""
    for size in range(1, len(cohorts) + 1):
        for found in combinations(cohorts, size):
            if not any(one in ancestors(other, CONTINENTS) for one in found for other in found):
                yield found


def remainders(cells: Mapping[str, int]) -> Iterator[int]:
    """All that can be told by taking released parts from a released total: cohorts of one code, codes of one cohort."""
    found = by_code(cells)
    for counts in found.values():
        for total, count in counts.items():
            lower = [cohort for cohort in counts if total in ancestors(cohort, CONTINENTS)]
            yield from (count - sum(counts[part] for part in parts) for parts in disjoint_sets(lower))
    for cohort, count in found.get("visit", {}).items():
        for prefix in (("wanted", "shown"), ("offered:front",)):
            parts = [counts[cohort] for what, counts in found.items() if what.startswith(prefix) and cohort in counts]
            yield count - sum(parts)
    for country in LADDERLESS:
        languages = [counts.get(country, 0) for what, counts in found.items() if what.startswith(("wanted", "shown"))]
        visits = [
            count
            for cohort, count in found.get("visit", {}).items()
            if cohort.startswith(country) and cohort.count("/") == 1
        ]
        if any(languages) and visits:
            yield abs(sum(languages) - sum(visits))


def assert_tells_nothing_small(cells: Mapping[str, int], k: int) -> None:
    assert all(count >= k for count in cells.values())
    for rest in remainders(cells):
        assert rest <= 0 or rest >= k, (rest, cells)


@pytest.mark.parametrize("k", [3, 4])
def test_no_small_tree_of_visits_tells_anything_small(k: int) -> None:
    """Exhaustively: every count up to k in four finest cohorts, and what came with less known about it."""
    finest = ("CH/tv/tizen", "CH/tv/webos", "DE/tv/tizen", "JP/tv/tizen")
    for counts in product(range(k + 1), repeat=len(finest)):
        for coarse in ("CH/tv", "europe/tv", "tv", "all"):
            for direct in (0, 1, k):
                raw = {counter_key(cohort, "visit"): count for cohort, count in zip(finest, counts, strict=True)}
                raw[counter_key(coarse, "visit")] = direct
                cells = let_out(raw, k)
                assert_tells_nothing_small(cells, k)
                total = sum(counts) + direct
                assert cells.get("all|visit", 0) == (total if total >= k else 0)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["CH/tv/tizen", "CH/tv/webos", "CH/desktop/linux", "DE/tv/tizen", "JP/tv/other", "all"]),
            st.sampled_from([code for code in CODES if not code.startswith("offered")]),
            st.sampled_from([code for code in CODES if code.startswith("offered")]),
            st.integers(1, 9),
        ),
        max_size=8,
    ),
    st.integers(2, 5),
)
@settings(max_examples=300, deadline=None)
def test_no_visits_by_language_and_option_tell_anything_small(visits: list[tuple[str, str, str, int]], k: int) -> None:
    """Every visit adds its own count, one language and one option, in its cohort and all that hold it."""
    raw: dict[str, int] = {}
    for cohort, language, option, count in visits:
        for what in ("visit", language, option):
            raw[counter_key(cohort, what)] = raw.get(counter_key(cohort, what), 0) + count
    assert_tells_nothing_small(let_out(raw, k), k)


def test_only_what_would_tell_is_left_out() -> None:
    """The smallest part goes with what stands below it; the larger one stays."""
    raw = {"CH/tv/tizen|visit": 50, "CH/tv/webos|visit": 20, "CH/tv/other|visit": 3, "DE/tv/tizen|visit": 40}
    assert by_code(let_out(raw, 10))["visit"] == {
        "CH/tv/tizen": 50, "CH/tv": 73, "DE/tv": 40, "DE/tv/tizen": 40, "europe/tv": 113, "tv": 113, "all": 113,
    }  # fmt: skip


def test_a_country_in_its_languages_tells_nothing_of_its_small_classes() -> None:
    """Visits by language on the country's rung add up to its visits, though no visits are told there: 72 - 68 = 4."""
    tv = {"visit": 68, "wanted:de": 50, "wanted:fr": 9, "shown:de": 9}
    desktop = {"visit": 4, "wanted:fr": 3, "shown:de": 1}
    raw = {f"CH/tv/tizen|{what}": count for what, count in tv.items()}
    raw |= {f"CH/desktop/linux|{what}": count for what, count in desktop.items()}
    raw |= {"JP/desktop/linux|visit": 30, "JP/desktop/linux|shown:de": 30}
    cells = let_out(raw, 10)
    assert_tells_nothing_small(cells, 10)
    assert sum(cells.get(f"CH|{what}", 0) for what in ("wanted:de", "wanted:fr", "shown:de")) == 72
    assert "CH/tv|visit" not in cells


@pytest.mark.parametrize("seed", [*range(100), 236, 487])
def test_counts_that_noise_made_inconsistent_tell_nothing_small_either(seed: int) -> None:
    """Parts may exceed their totals then, and what is left out in one place can uncover something in another."""
    world, k = random.Random(seed), 10
    cohorts = ["CH/tv/tizen", "CH/tv/webos", "CH/desktop/linux", "DE/tv/tizen", "JP/tv/other"]
    every = sorted({key for cohort in cohorts for key in (cohort, *ancestors(cohort, CONTINENTS))})
    ladder = [key for key in every if key not in LADDERLESS]
    languages = [key for key in every if key[0].isupper() or key == "all"]
    candidates = {
        what: {key: world.randint(k - 2, 3 * k) for key in (languages if what[0] in "ws" else ladder)}
        for what in ("visit", *CODES)
    }

    def above(what: str, cohort: str) -> str | None:
        return next((key for key in ancestors(cohort, CONTINENTS) if key in candidates[what]), None)

    kept = suppress(candidates, k, above, dict.fromkeys(candidates, 0.0))
    for what, counts in kept.items():
        for total, count in counts.items():
            parts = [other for cohort, other in counts.items() if above(what, cohort) == total]
            assert not parts or not 0 < count - sum(parts) < k
            over = above(what, total)
            assert over is None or over in counts
            assert what == "visit" or total in LADDERLESS or total in kept["visit"]
    for cohort, count in kept["visit"].items():
        for family in (("wanted", "shown"), ("offered",)):
            parts = [kept[what][cohort] for what in kept if what.startswith(family) and cohort in kept[what]]
            assert not parts or not 0 < count - sum(parts) < k
    for country in LADDERLESS:
        visits = [kept["visit"][key] for key in kept["visit"] if key.startswith(country) and key.count("/") == 1]
        told = [kept[what][country] for what in CODES if country in kept[what]]
        assert not visits or not told or not 0 < abs(sum(visits) - sum(told)) < k


def one_total(total: int, parts: Mapping[str, int], scale: float) -> set[str]:
    """Of the visits of a class on five continents, the continents that may be told with k = 100."""
    candidates = {"visit": {"tv": total, **parts}}
    kept = suppress(candidates, 100, lambda _, cohort: None if cohort == "tv" else "tv", {"visit": scale})
    return {*kept["visit"]} - {"tv"}


def test_a_remainder_that_drowns_in_noise_is_let_be() -> None:
    """3 scales by the root of the cells in it: below that nobody reads anything from it, and 0 must cost nothing."""
    parts = {"asia/tv": 200, "europe/tv": 300}
    assert one_total(540, parts, scale=10.0) == {"asia/tv", "europe/tv"}
    assert one_total(560, parts, scale=10.0) == {"europe/tv"}
    assert one_total(460, parts, scale=10.0) == {"asia/tv", "europe/tv"}
    assert one_total(600, parts, scale=10.0) == {"asia/tv", "europe/tv"}
    assert one_total(501, parts, scale=0.0) == {"europe/tv"}


def test_what_stands_under_something_left_out_is_left_out_though_noise_made_it_larger() -> None:
    """Else a coarser total minus it would be told of a group that is too small."""
    candidates = {"visit": {"all": 500, "tv": 90, "europe/tv": 120}, "offered:front:a": {"all": 500, "tv": 130}}
    above = {"tv": "all", "europe/tv": "tv", "all": None}
    kept = suppress(candidates, 100, lambda _, cohort: above[cohort], {"visit": 50.0, "offered:front:a": 50.0})
    assert kept == {"visit": {"all": 500}, "offered:front:a": {"all": 500}}
