"""Reports: whole closed intervals, on stated terms, with a bounded number of readers."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest

from service.adapters.memory_store import MemoryStore
from service.core.groups.aggregates import CELLS_AT_ONCE
from service.core.groups.counts import Batch, PrivacyParameters, Released
from service.core.groups.interval import Interval
from service.core.groups.release import noise_scales
from service.core.sites import Site, SiteRules, Slot, SlotRanking
from service.ports import StoreError
from service.use_cases.counting import report
from service.use_cases.counting.report import CohortReport, Reports, SlotReport

HOUR_S = 3600
NOON_S = 20_000 * 86400 + 12 * HOUR_S
TERMS = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")
SITE = Site("demo", ("en", "de"), "en", slots={"front": Slot(("spring", "app"))})
ABSENT = cast("Any", None)
SCALES = noise_scales(TERMS, len(SITE.slots))
RULES = SiteRules(SITE, ABSENT, ABSENT, ABSENT, {})


class ReleasedOnly:
    """A store that has released cells and nothing else. It may fail, or wait until it is let go."""

    def __init__(self, *known: Released) -> None:
        self.known = {one.interval: one for one in known}
        self.asked: list[Interval] = []
        self.reading = self.reading_max = 0
        self.failure: StoreError | None = None
        self.go = asyncio.Event()
        self.go.set()

    async def released(self, site: str, intervals: Sequence[Interval]) -> list[Released | None]:
        self.asked += intervals
        self.reading += 1
        self.reading_max = max(self.reading, self.reading_max)
        try:
            await self.go.wait()
            if self.failure is not None:
                raise self.failure
            return [self.known.get(interval) for interval in intervals]
        finally:
            self.reading -= 1


def hour(back: int, cells: dict[str, int], terms: PrivacyParameters = TERMS) -> Released:
    """The interval that ended so many hours before noon."""
    return Released(Interval(NOON_S - (back + 1) * HOUR_S, HOUR_S), terms, cells)


def reports(
    store: Any, now_s: float = NOON_S + 900, interval_s: int = HOUR_S, ranking: Any = lambda *_: None, **given: float
) -> Reports:
    return Reports(store, interval_s, TERMS, ranking, lambda: now_s, **given)


def read(store: Any, window: str = "24h", **given: Any) -> CohortReport:
    found = asyncio.run(reports(store, **given).cohorts(RULES, window))
    assert isinstance(found, CohortReport)
    return found


def test_a_window_is_the_closed_intervals_in_it() -> None:
    """The open one is not, and borders are borders of intervals, whatever the minute."""
    store = ReleasedOnly(hour(-1, {"all|visit": 999}), hour(0, {"all|visit": 100}), hour(5, {"all|visit": 200}))
    for window, count, start in (
        ("1h", 100, "11:00"),
        ("5h", 100, "07:00"),
        ("6h", 300, "06:00"),
        ("24h", 300, "12:00"),
    ):
        for minutes in (0, 15, 59):
            found = read(store, window, now_s=NOON_S + minutes * 60)
            assert found.cohorts[0].visits.count == count
            assert (found.from_[11:16], found.to[11:]) == (start, "12:00:00Z")
            assert found.intervals == int(window[:-1])


def test_a_report_states_its_terms() -> None:
    """Those of the newest release, and that older ones were released on others."""
    older = PrivacyParameters(k=50, k_prefixes=5, epsilon=2.0, noise="off")
    store = ReleasedOnly(hour(1, {"all|visit": 60}, older), hour(0, {"all|visit": 200}))
    found = read(store)
    assert (found.site, found.window, found.release_minutes) == ("demo", "24h", 60)
    assert (found.intervals, found.intervals_released, found.cohorts_left_out) == (24, 2, 0)
    assert (found.k, found.k_prefixes, found.epsilon, found.noise, found.terms_differ) == (100, 20, 1.0, "on", True)
    assert found.noise_scales == {kind: SCALES[kind] for kind in ("visit", "shown", "wanted", "chosen")}
    assert not read(store, "1h").terms_differ


def test_before_the_first_release_the_terms_to_come_are_stated() -> None:
    """And everybody's count is held back."""
    found = read(ReleasedOnly())
    assert (found.k, found.noise, found.intervals_released, found.terms_differ) == (100, "on", 0, False)
    assert [(row.key, row.visits.count, row.visits.suppressed) for row in found.cohorts] == [("all", None, True)]


@pytest.mark.parametrize(("window", "hours"), [("1h", 1), ("168h", 168), ("1d", 24), ("7d", 168)])
def test_windows_are_hours_and_days(window: str, hours: int) -> None:
    """From an hour to a week."""
    assert read(ReleasedOnly(), window).intervals == hours
    assert report.WINDOWS[window] == hours


def test_there_are_no_other_windows() -> None:
    """An exact, closed list."""
    assert len(report.WINDOWS) == 168 + 7
    tried = [f"{number}{unit}" for number in range(200) for unit in ("h", "d", "", "H", "m")]
    assert {
        text for text in [*tried, "024h", "", "h"] if re.search(report.WINDOW_PATTERN, text)
    } == report.WINDOWS.keys()


def test_intervals_longer_than_the_window_give_the_last_one() -> None:
    """What was released of a day is not cut into hours."""
    found = read(ReleasedOnly(), "1h", interval_s=86400)
    assert (found.intervals, found.release_minutes, found.to[11:]) == (1, 1440, "00:00:00Z")


def test_of_very_short_intervals_the_newest_are_read() -> None:
    """So that reading stays bounded; the report says from when."""
    store = ReleasedOnly()
    found = read(store, "24h", interval_s=3)
    assert found.intervals == len(store.asked) == report.INTERVALS_MAX
    assert (found.release_minutes, found.from_[11:], found.to[11:]) == (0.05, "10:34:12Z", "12:15:00Z")


def test_nothing_shows_before_it_is_released() -> None:
    """Counts come in by the thousand, and the report stays byte for byte the same until one of them is let out."""

    async def live() -> tuple[bytes, bytes, bytes, bytes]:
        store = MemoryStore(k=100, k_prefixes=20, retention_s=7 * 86400, clock=lambda: NOON_S + 900)
        reader = reports(store)

        async def told() -> bytes:
            return msgspec.json.encode(await reader.cohorts(RULES, "24h"))

        before = await told()
        for number, interval in enumerate((Interval(NOON_S, HOUR_S), Interval(NOON_S - HOUR_S, HOUR_S))):
            batch = Batch(bytes([number] * 16), interval, "demo", {"tv|visit": 5000}, {}, {}, 5000)
            assert (await store.apply(batch, NOON_S + 900)).outcome == "applied"
        counted = await told()
        claim = await store.claim("demo", Interval(NOON_S - HOUR_S, HOUR_S))
        assert claim is not None
        claimed = await told()
        assert await store.publish("demo", hour(0, {"tv|visit": 5003}), claim)
        return before, counted, claimed, await told()

    before, counted, claimed, released = asyncio.run(live())
    assert before == counted == claimed != released
    assert b"5000" not in released


def test_a_slot_is_reported_with_its_ranking_in_use() -> None:
    """Which the worker's snapshot tells."""
    asked = []

    def ranking(*of: str) -> SlotRanking:
        asked.append(of)
        return SlotRanking(("app", "spring"), "cohort")

    store = ReleasedOnly(hour(0, {"tv|offered:front:app": 400, "tv|rewarded:front:app": 100}))
    found = asyncio.run(reports(store, ranking=ranking).slot(RULES, "front", "24h"))
    assert isinstance(found, SlotReport)
    assert (found.slot, found.noise_scales) == ("front", {kind: SCALES[kind] for kind in ("offered", "rewarded")})
    assert asked == [("demo", "front", "all"), ("demo", "front", "tv")]
    [_, tv] = found.cohorts
    assert (tv.ranking, tv.options[1].rate.value) == (SlotRanking(("app", "spring"), "cohort"), 0.25)


def test_a_store_that_fails_is_no_report() -> None:
    """No part of one either."""
    store = ReleasedOnly()
    store.failure = StoreError("connection")
    assert asyncio.run(reports(store).cohorts(RULES, "24h")) == "unavailable"
    assert asyncio.run(reports(store).slot(RULES, "front", "24h")) == "unavailable"


def test_a_store_that_hangs_is_given_up() -> None:
    """Whatever timeouts of its own it has."""
    store = ReleasedOnly()
    store.go.clear()
    assert asyncio.run(reports(store, read_timeout_s=0.02).cohorts(RULES, "24h")) == "unavailable"
    assert store.reading == 0


def test_few_read_at_a_time_and_few_wait() -> None:
    """Four read, sixteen wait, the next is told so at once; all who were let in get their report."""

    async def crowd() -> tuple[list[Any], int]:
        store = ReleasedOnly(hour(0, {"all|visit": 100}))
        store.go.clear()
        reader = reports(store)
        asking = [asyncio.create_task(reader.cohorts(RULES, "1h")) for _ in range(20)]
        await asyncio.sleep(0.01)
        assert [await reader.cohorts(RULES, "1h"), await reader.slot(RULES, "front", "1h")] == ["busy", "busy"]
        store.go.set()
        found = await asyncio.gather(*asking)
        return [*found, await reader.cohorts(RULES, "1h")], store.reading_max

    found, reading_max = asyncio.run(crowd())
    assert [one.cohorts[0].visits.count for one in found] == [100] * 21
    assert reading_max == report.READS_MAX


def test_a_large_report_does_not_hold_up_others() -> None:
    """Others get a turn after every thousand cells, every interval, and every fifty rows."""
    cells = {f"{a}{b}/{kind}|{what}": 200 for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ" for kind in ("tv", "car", "tablet")
             for what in ("visit", "devices", "in", "shown:en", "wanted:de")}  # fmt: skip
    store = ReleasedOnly(*(hour(back, cells) for back in range(24)))

    async def watch() -> int:
        turns = 0
        reading = asyncio.create_task(reports(store).cohorts(RULES, "24h"))
        while not reading.done():
            await asyncio.sleep(0)
            turns += 1
        found = await reading
        assert isinstance(found, CohortReport)
        assert len(found.cohorts) == 301
        return turns

    assert asyncio.run(watch()) >= 24 * (1500 // CELLS_AT_ONCE + 1) + 301 // report.ROWS_AT_ONCE


def test_what_is_untold_stands_in_no_report() -> None:
    """Neither as a figure nor as a cohort, for it would tell what others leave out."""
    cells = {
        "all|visit": 207,
        "all|~wanted:fr": 200,
        "CH/tv|~offered:front:spring": 150,
        "CH/tv|~rewarded:front:spring": 120,
    }
    store = ReleasedOnly(hour(0, cells))
    (row,) = read(store).cohorts
    assert (row.key, row.languages) == ("all", ())
    slot = asyncio.run(reports(store).slot(RULES, "front", "24h"))
    told = msgspec.json.encode(slot)
    assert not any(number in told for number in (b"150", b"120", b"CH/tv"))
