"""A snapshot says what follows from released cells, and the same to everyone."""

import itertools

from service.core.groups.counts import PrivacyParameters, Released
from service.core.groups.interval import DAY_S, Interval
from service.core.groups.snapshot import (
    CHOSEN_WEIGHT,
    HISTORY_INTERVALS_MAX,
    NOTHING_KNOWN,
    SiteSnapshot,
    build_snapshot,
    is_in_snapshot,
)
from service.core.languages.prior import Learned
from service.core.sites import Site, SiteRules, Slot, SlotRanking

SITE = Site(
    id="shop",
    languages=("en", "de", "fr"),
    default_language="en",
    slots={"front": Slot(("a", "b")), "side": Slot(("x", "y"))},
)
RULES = SiteRules(SITE, None, None, None, {})  # a snapshot needs nothing that its config compiles to
TERMS = PrivacyParameters(10, 3, 1.0, "off")
CONTINENTS = {"CH": "150"}.get
LADDER = ("CH/tv/tizen", "CH/tv", "europe/tv", "tv", "all")


def released(hour: int, cells: dict[str, int], length_s: int = 3600) -> Released:
    return Released(Interval(length_s * hour, length_s), TERMS, cells)


def build(*history: Released) -> SiteSnapshot:
    return build_snapshot(RULES, history, CONTINENTS)


def fields(snapshot: SiteSnapshot) -> tuple:
    learned = {key: one.rungs for key, one in snapshot.learned.items()}
    return snapshot.interval, snapshot.devices, learned, snapshot.rankings


def test_before_the_first_release_nothing_is_known() -> None:
    assert build() is NOTHING_KNOWN
    assert NOTHING_KNOWN.cohort(LADDER) is None
    assert NOTHING_KNOWN.ranking("front", LADDER) is None
    assert NOTHING_KNOWN.learned_on("CH/tv/tizen") is None


def test_who_is_a_cohort_follows_from_the_newest_release_alone() -> None:
    found = build(released(8, {"tv|in": 1, "tv|devices": 20}), released(7, {"CH/tv|in": 1, "CH/tv|devices": 20}))
    assert found.interval == Interval(8 * 3600, 3600)
    assert found.devices == {"tv": 20}


def test_the_cohort_of_a_ladder_is_the_finest_that_holds_enough() -> None:
    found = build(released(8, {"tv|in": 1, "tv|devices": 20, "all|in": 1, "all|devices": 40}))
    assert found.cohort(LADDER) == 3
    assert found.cohort(("all",)) == 0
    assert found.cohort(LADDER[:3]) is None


def test_languages_are_learned_rung_by_rung_from_what_visitors_want_and_choose() -> None:
    """The coarsest rung first, one without counts left out; what the service guessed teaches nothing."""
    found = build(
        released(8, {"CH|wanted:de": 100, "CH|wanted:fr": 40, "CH/tv/tizen|chosen:fr": 12, "CH|shown:en": 900}),
        released(9, {"CH|wanted:de": 60, "CH/tv/tizen|wanted:xx": 80, "all|wanted:de": 300, "CH/tv|shown:de": 50}),
    )
    country, finest = (0.0, 160.0, 40.0), (0.0, 0.0, 12.0 * CHOSEN_WEIGHT)
    assert {key: learned.rungs for key, learned in found.learned.items()} == {
        "CH": (country,),
        "CH/tv/tizen": (country, finest),
    }
    assert isinstance(found.learned_on("CH/tv/tizen"), Learned)
    assert found.learned_on("CH/tv/webos") is found.learned_on("CH")
    assert found.learned_on("DE/tv/webos") is found.learned_on("all") is None


def test_slots_are_ranked_for_cohorts_that_hold_enough_and_back_off_up_the_ladder() -> None:
    """A ranking that one busy device made for itself is nobody's: CH/tv has offers enough, and too few devices."""
    counts = {"offered:front:a": 100, "rewarded:front:a": 20, "offered:front:b": 100, "rewarded:front:b": 40}
    cells = {f"{cohort}|{what}": count for cohort in ("all", "CH/tv") for what, count in counts.items()}
    found = build(released(8, cells | {"all|in": 1, "all|devices": 40, "tv|in": 1, "tv|devices": 20}))
    assert found.rankings == {"front": {"all": SlotRanking(("b", "a"), "cohort")}, "side": {}}
    assert found.ranking("front", LADDER) == SlotRanking(("b", "a"), "cohort")
    assert found.ranking("side", LADDER) is found.ranking("gone", LADDER) is None


def test_what_is_older_than_a_day_is_forgotten() -> None:
    old, new = released(0, {"CH|wanted:de": 50}), released(24, {})
    assert build(old, released(23, {})).learned
    assert not build(old, new).learned
    assert new.interval.start_s - old.interval.start_s == DAY_S


def test_short_intervals_are_bounded_in_number() -> None:
    """Of one-minute intervals the newest 288 are read."""
    minutes = [released(n, {"CH|wanted:de": 1}, 60) for n in range(300)]
    (weights,) = build(*minutes).learned["CH"].rungs
    assert weights == (0.0, float(HISTORY_INTERVALS_MAX), 0.0)


def test_everyone_builds_the_same_in_whatever_order_it_came() -> None:
    history = [
        released(hour, {"CH|wanted:de": 10 + hour, "all|in": 1, "all|devices": 10, "all|offered:front:a": 100 * hour})
        for hour in range(4)
    ]
    found = [fields(build(*some)) for some in itertools.permutations(history)]
    assert all(one == found[0] for one in found)


def test_what_is_not_told_is_learned_all_the_same() -> None:
    """The mark is for those who read counts, not for those who greet visitors."""
    told = build(released(1, {"CH/smartphone|wanted:fr": 50, "CH/smartphone|offered:front:app": 20}))
    untold = build(released(1, {"CH/smartphone|~wanted:fr": 50, "CH/smartphone|~offered:front:app": 20}))
    assert fields(told) == fields(untold)
    assert untold.learned_on("CH/smartphone/ios") is not None


def test_what_is_reported_is_known_of_everybody_as_it_was_last_told() -> None:
    """Of the newest interval that told it: also what is only learned from, but not what was clipped."""
    found = build(
        released(8, {"all|rewarded:front:a": 300, "all|exposed:hero:a": 90, "all|chosen:de": 40, "all|visit": 9000}),
        released(9, {"all|rewarded:front:a": 500, "all|~chosen:de": 60, "tv|rewarded:front:b": 70}),
        released(10, {"all|rewarded:front:a": 900, "all|!rewarded:front:a": 1, "all|converted:hero:a": 20}),
    )
    assert found.reported == {
        "rewarded:front:a": 500, "exposed:hero:a": 90, "chosen:de": 60, "converted:hero:a": 20,
    }  # fmt: skip
    assert build().reported == {}


def test_a_worker_keeps_what_a_snapshot_is_made_of() -> None:
    """Of a release it holds no more than teaches, or bounds what is reported."""
    kept = [
        "tv|rewarded:front:a",
        "tv|~wanted:de",
        "tv|!rewarded:front:a",
        "all|exposed:hero:a",
        "all|in",
        "all|devices",
    ]
    gone = ["all|visit", "tv|visit", "all|shown:de", "tv|exposed:hero:a", "all|danced", "all|!danced:front:a"]
    assert [is_in_snapshot(field) for field in (*kept, *gone)] == [True] * len(kept) + [False] * len(gone)
