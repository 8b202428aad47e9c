"""Intervals are released once, by somebody, and everybody learns the same from them."""

import asyncio
import itertools
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from service.adapters.memory_store import MemoryStore
from service.core.groups.counts import Batch, PrivacyParameters, Released, Size
from service.core.groups.interval import DAY_S, Interval, interval_at
from service.core.groups.snapshot import SiteSnapshot
from service.core.sites import Site, SiteRules, Slot
from service.ports import CLAIM_S, StoreError
from service.use_cases.counting import release_loop as release_loop_module
from service.use_cases.counting.release_loop import GRACE_S, ReleaseLoop

HOUR = 3600
NOON = 20_000 * DAY_S + 12 * HOUR
START_S = NOON + 60.0
TERMS = PrivacyParameters(k=10, k_prefixes=2, epsilon=1.0, noise="off")
CONTINENTS = {"CH": "150"}.get
SITE = SiteRules(
    Site(id="shop", languages=("en", "de"), default_language="en", slots={"front": Slot(("a", "b"))}),
    None,
    None,
    None,
    {},
)
HASHES = itertools.count(1)


class Store(MemoryStore):
    """The store in memory; it counts what it is asked, fails when told to, and lets nobody release what is not over."""

    def __init__(self, world: "World") -> None:
        super().__init__(k=TERMS.k, k_prefixes=TERMS.k_prefixes, retention_s=DAY_S, clock=lambda: world.now_s)
        self._world = world
        self.asked: Counter[str] = Counter()
        self.failing: set[str] = set()

    def note(self, what: str) -> None:
        self.asked[what] += 1
        if {what, "all"} & self.failing:
            raise StoreError("timeout")

    async def released(self, site: str, intervals: Sequence[Interval]) -> list[Released | None]:
        self.note("released")
        return await super().released(site, intervals)

    async def claim(self, site: str, interval: Interval) -> bytes | None:
        self.note("claim")
        if interval.end_s > self._clock():
            raise StoreError("clock")
        return await super().claim(site, interval)

    async def counts(self, site: str, interval: Interval) -> dict[str, int]:
        self.note("counts")
        return await super().counts(site, interval)

    async def sizes(self, site: str, day: int, cohorts: Sequence[str]) -> list[Size]:
        self.note("sizes")
        return await super().sizes(site, day, cohorts)

    async def publish(self, site: str, released: Released, claim: bytes) -> bool:
        self.note("publish")
        self._world.published.set()
        return await super().publish(site, released, claim)


class NoNoise:
    def draw(self, scales: Sequence[float]) -> list[int]:
        return [0] * len(scales)


class Worker:
    """A learner with a clock that can be wrong, and the snapshots that it handed on."""

    def __init__(
        self,
        world: "World",
        terms: PrivacyParameters = TERMS,
        noise=None,
        sites: Mapping[str, SiteRules] | None = None,
        interval_s: int = HOUR,
    ) -> None:
        self.ahead_s = 0.0
        self.sites = sites or {"shop": SITE}
        self.snapshots: list[SiteSnapshot] = []
        self.errors: list[Exception] = []
        self.failed = asyncio.Event()
        self.clipped: list[int] = []
        self.release_loop = ReleaseLoop(
            world.store, noise or NoNoise(), lambda: self.sites, CONTINENTS, terms, interval_s,
            lambda: world.now_s + self.ahead_s, self.note_snapshot, self.note_error,
            on_clipped=self.clipped.append,
        )  # fmt: skip

    async def note_snapshot(self, _site: str, snapshot: SiteSnapshot) -> None:
        self.snapshots.append(snapshot)

    def note_error(self, error: Exception) -> None:
        self.errors.append(error)
        self.failed.set()

    async def look(self, times: int = 1) -> None:
        for _ in range(times):
            await self.release_loop.step()

    @property
    def known(self) -> tuple:
        """Everything in the newest snapshot."""
        snapshot = self.snapshots[-1]
        learned = {key: one.rungs for key, one in snapshot.learned.items()}
        return snapshot.interval, snapshot.devices, learned, snapshot.rankings


class World:
    """A store, the time, and visitors."""

    def __init__(self) -> None:
        self.now_s = START_S
        self.store = Store(self)
        self.published = asyncio.Event()

    async def visits(self, count: int, *, codes: Mapping[str, int] | None = None, cohort: str = "CH/tv/tizen") -> None:
        """So many visits by a device each, from two networks, now."""
        hashes = b"".join(next(HASHES).to_bytes(8) for _ in range(count))
        prefixes = b"".join(n.to_bytes(8) for n in (1, 2))
        rungs = ["CH/tv/tizen", "CH/tv", "europe/tv", "tv", "all"] if cohort != "all" else ["all"]
        counts = {f"{cohort}|{what}": n for what, n in (codes or {"visit": count}).items()}
        batch = Batch(
            next(HASHES).to_bytes(16), interval_at(self.now_s, HOUR), "shop", counts, dict.fromkeys(rungs, hashes),
            dict.fromkeys(rungs, prefixes), count,
        )  # fmt: skip
        assert (await self.store.apply(batch, self.now_s)).outcome == "applied"

    def close_hour(self) -> None:
        """Go on to when the hour is over and its last counts have come."""
        self.now_s = float(interval_at(self.now_s, HOUR).end_s + GRACE_S + 1)


@pytest.fixture
def world() -> World:
    return World()


async def released_of(world: World, interval: Interval) -> Released | None:
    return (await MemoryStore.released(world.store, "shop", [interval]))[0]


def test_nothing_changes_before_an_interval_closes(world: World) -> None:
    """One visit more, or twenty, shows nowhere until the hour is over and its stragglers are in; then all at once."""

    async def scene() -> None:
        worker = Worker(world)
        await worker.look()
        before = worker.known
        world.now_s += 60
        for _ in range(20):
            await world.visits(1, codes={"visit": 1, "wanted:de": 1})
            await worker.look()
        world.now_s = float(NOON + HOUR + GRACE_S - 1)
        await worker.look()
        assert worker.known == before
        assert len(worker.snapshots) == 1
        world.now_s = float(NOON + HOUR + GRACE_S + 1)
        await worker.look()
        assert worker.known != before
        assert worker.snapshots[-1].devices["CH/tv/tizen"] == 20
        assert worker.snapshots[-1].learned["CH"].rungs == ((0.0, 20.0),)

    asyncio.run(scene())


def test_a_look_costs_nothing_while_no_interval_has_closed(world: World) -> None:
    async def scene() -> None:
        worker = Worker(world)
        await worker.look(80)  # the intervals before the service began turn out to be empty
        world.store.asked.clear()
        await worker.look(50)
        assert not world.store.asked
        world.close_hour()
        await worker.look(5)
        assert world.store.asked == {"released": 1, "claim": 1, "counts": 1, "sizes": 2, "publish": 1}

    asyncio.run(scene())


def test_a_start_asks_little_and_releases_only_the_newest_of_a_quiet_day(world: World) -> None:
    """A day of empty intervals: one of them is released, and the rest are looked at one at a time."""

    async def scene() -> None:
        worker = Worker(world)
        for _ in range(200):
            before = world.store.asked.total()
            await worker.look()
            assert world.store.asked.total() - before <= 6
        assert worker.release_loop.released == world.store.asked["claim"] == 1
        assert world.store.asked.total() < 80

    asyncio.run(scene())


def test_workers_release_once_and_know_the_same(world: World) -> None:
    async def scene() -> None:
        workers = [Worker(world) for _ in range(3)]
        for hour in range(4):
            rewards = {
                "visit": 40,
                "wanted:de": 30,
                "wanted:en": 10,
                "offered:front:a": 40,
                "rewarded:front:a": 10 + hour,
            }
            await world.visits(40, codes=rewards)
            world.close_hour()
            for _ in range(3):
                await asyncio.gather(*(worker.look() for worker in workers))
            assert workers[0].known == workers[1].known == workers[2].known
            assert workers[0].snapshots[-1].interval == interval_at(world.now_s, HOUR).before()
        late = Worker(world)
        await late.look()
        assert late.known == workers[0].known
        assert late.snapshots[-1].rankings["front"]["all"].options == ("b", "a")
        assert sum(worker.release_loop.released for worker in workers) == 4
        assert late.release_loop.released == 0

    asyncio.run(scene())


def test_who_releases_what_cannot_be_is_told_how_much_of_it(world: World) -> None:
    """An alarm for the worker that released it, once; and nobody learns from it."""

    async def scene() -> None:
        workers = [Worker(world) for _ in range(2)]
        codes = {"visit": 40, "offered:front:a": 40, "rewarded:front:a": 10, "exposed:hero:a": 15}
        await world.visits(40, codes=codes)
        world.close_hour()
        for worker in workers:
            await worker.look(2)
        assert [worker.clipped for worker in workers] == [[], []]
        assert all(
            worker.snapshots[-1].reported == {"rewarded:front:a": 10, "exposed:hero:a": 15} for worker in workers
        )
        taught = workers[0].snapshots[-1].rankings
        await world.visits(40, codes=codes | {"rewarded:front:a": 4000, "converted:hero:a": 600})
        world.close_hour()
        for worker in workers:
            await worker.look(2)
        assert [worker.clipped for worker in workers] == [[5 + 1], []]
        assert [worker.release_loop.clipped for worker in workers] == [6, 0]
        assert workers[0].snapshots[-1].rankings == workers[1].snapshots[-1].rankings == taught
        assert workers[1].snapshots[-1].reported == {"rewarded:front:a": 10, "exposed:hero:a": 15}

    asyncio.run(scene())


def test_whoever_dies_with_a_claim_is_replaced(world: World) -> None:
    """Until the claim has run out the others wait; then one of them releases."""

    async def scene() -> None:
        worker = Worker(world)
        await world.visits(20)
        world.close_hour()
        interval = interval_at(world.now_s, HOUR).before()
        assert await MemoryStore.claim(world.store, "shop", interval)
        await worker.look(3)
        assert not worker.snapshots
        world.now_s += CLAIM_S + 1
        await worker.look()
        assert worker.snapshots[-1].devices["all"] == 20
        assert worker.release_loop.released_at("shop") == interval.end_s == worker.release_loop.known_until_s

    asyncio.run(scene())


def test_a_cohort_stays_one_down_to_four_fifths_from_one_release_to_the_next(world: World) -> None:
    """Shortly after midnight yesterday's devices count; a day later only today's do."""

    async def scene() -> None:
        worker = Worker(world)
        seen = []
        for count in (10, 8):
            await world.visits(count)
            world.close_hour()
            await worker.look()
            seen.append(worker.snapshots[-1].devices.get("all"))
            for _ in range(23):
                world.close_hour()
                await worker.look()
        for _ in range(24):
            world.close_hour()
            await worker.look()
            seen.append(worker.snapshots[-1].devices.get("all"))
        assert seen[:2] == [10, 10]
        assert (
            seen[2:12] == [0] * 10
        )  # after the second midnight only 8 are left: a cohort still, of no size that is told
        assert seen[13:] == [None] * (len(seen) - 13)

    asyncio.run(scene())


def test_a_store_that_fails_leaves_the_last_snapshot_and_is_asked_again(world: World) -> None:
    async def scene() -> None:
        worker = Worker(world)
        await worker.look()
        known = worker.known
        for step in ("released", "claim", "counts", "sizes", "publish"):
            world.close_hour()
            world.store.failing = {step}
            await worker.look()
            assert worker.known == known
            world.store.failing.clear()
            world.now_s += CLAIM_S + 1
            await worker.look()
            assert worker.known != known
            known = worker.known
        assert worker.release_loop.failures == 3  # with the claim in hand
        assert worker.release_loop.released == 6
        assert not worker.errors

    asyncio.run(scene())


def test_a_claim_lost_on_the_way_releases_nothing(world: World) -> None:
    """It ran out, somebody else took it and is not done: what the first one brings is refused."""

    async def scene() -> None:
        class Slow(NoNoise):
            def draw(self, scales: Sequence[float]) -> list[int]:
                world.now_s += CLAIM_S + 1
                return super().draw(scales)

        worker = Worker(world, PrivacyParameters(10, 2, 1.0, "on"), Slow())
        await world.visits(20)
        world.close_hour()
        await worker.look()
        assert (worker.release_loop.released, worker.release_loop.failures, worker.snapshots) == (0, 1, [])

    asyncio.run(scene())


def test_learning_outlives_its_own_mistakes(world: World) -> None:
    async def scene() -> None:
        class Broken(NoNoise):
            def draw(self, scales: Sequence[float]) -> list[int]:
                raise RuntimeError

        worker = Worker(world, PrivacyParameters(10, 2, 1.0, "on"), Broken())
        await world.visits(20)
        world.close_hour()
        running = asyncio.create_task(worker.release_loop.run())
        await worker.failed.wait()
        assert not running.done()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert worker.release_loop.failures == 1

    asyncio.run(scene())


def test_what_nobody_released_in_time_is_released_later(world: World) -> None:
    """All workers were gone for three hours; what was counted before is released after the newest, and the gaps never."""

    async def scene() -> None:
        await world.visits(20, codes={"visit": 20, "wanted:de": 20})
        counted = interval_at(world.now_s, HOUR)
        world.now_s += 3 * HOUR
        worker, other = Worker(world), Worker(world)
        await worker.look()
        assert "CH" not in worker.snapshots[-1].learned
        for _ in range(8):
            await worker.look()
            await other.look()
        assert worker.snapshots[-1].learned["CH"].rungs == ((0.0, 20.0),)
        assert await released_of(world, counted)
        assert not await released_of(world, Interval(counted.end_s, HOUR))
        await other.look(80)
        assert worker.known == other.known
        assert worker.release_loop.released + other.release_loop.released == 2

    asyncio.run(scene())


def test_counts_that_come_late_to_an_interval_nobody_released_are_found(world: World) -> None:
    """The store was gone over the end of ten minutes; their batch arrives when others are the newest and they looked empty."""

    async def scene() -> None:
        worker = Worker(world, interval_s=600)
        missed = interval_at(world.now_s, 600)
        world.now_s = float(missed.end_s + 600 + GRACE_S + 1)
        await worker.look(200)
        assert not await released_of(world, missed)
        batch = Batch(b"x" * 16, missed, "shop", {"all|visit": 33}, {}, {}, 33)
        assert (await world.store.apply(batch, world.now_s)).outcome == "applied"
        await worker.look(100)
        found = await released_of(world, missed)
        assert found is not None
        assert found.cells["all|visit"] == 33

    asyncio.run(scene())


def test_a_clock_that_jumps_releases_nothing_twice_and_nothing_open(world: World) -> None:
    """By hours and days, forwards and backwards; the snapshot stays, and learning goes on when the clock is right again."""

    async def scene() -> None:
        worker, right = Worker(world), Worker(world)
        published: Counter[Interval] = Counter()
        publish = world.store.publish

        async def noting(site: str, released: Released, claim: bytes) -> bool:
            assert released.interval.end_s <= world.now_s
            done = await publish(site, released, claim)
            published[released.interval] += done
            return done

        world.store.publish = noting
        await world.visits(20)
        world.close_hour()
        await worker.look()
        for ahead_s in (2 * HOUR, -5 * HOUR, 40 * DAY_S, -40 * DAY_S, -0.5, HOUR):
            known = worker.known
            worker.ahead_s = ahead_s
            await worker.look(3)
            assert worker.known == known
            await world.visits(20)
            world.close_hour()
            worker.ahead_s = 0
            await worker.look()
            await right.look(2)
            assert worker.snapshots[-1].interval == interval_at(world.now_s, HOUR).before()
            assert worker.known == right.known
        assert set(published.values()) == {1}
        assert min(published).end_s > NOON  # a clock that is behind is no reason to release the past

    asyncio.run(scene())


def test_the_age_of_what_is_known_is_that_of_the_site_that_knows_least(world: World) -> None:
    async def scene() -> None:
        worker = Worker(world, sites={"shop": SITE, "other": SITE})
        assert worker.release_loop.known_until_s is None
        world.store.failing = {"claim"}
        await worker.look()
        assert worker.release_loop.known_until_s is None
        world.store.failing.clear()
        await worker.look()
        assert worker.release_loop.known_until_s == NOON

    asyncio.run(scene())


def other_rules(options: tuple[str, ...]) -> SiteRules:
    return SiteRules(
        Site(id="shop", languages=("de", "en"), default_language="de", slots={"front": Slot(options)}),
        None,
        None,
        None,
        {},
    )


def test_new_rules_know_at_once_what_was_released_under_the_old(world: World) -> None:
    """The history stays; what follows from it is by the new languages and options, before and after a release."""

    async def scene() -> None:
        worker = Worker(world)
        counts = {"visit": 40, "wanted:de": 40, "offered:front:a": 40, "rewarded:front:a": 20}
        await world.visits(40, codes=counts)
        world.close_hour()
        await worker.look()
        assert worker.snapshots[-1].learned["CH"].rungs == ((0.0, 40.0),)
        sites = {"shop": other_rules(("c", "a"))}
        snapshots = await worker.release_loop.snapshots_by(sites)
        worker.sites = sites
        assert snapshots["shop"].learned["CH"].rungs == ((40.0, 0.0),)
        assert set(snapshots["shop"].rankings["front"]["all"].options) == {"a", "c"}
        assert worker.release_loop.released_at("shop") == worker.release_loop.known_until_s
        world.close_hour()
        await worker.look()
        assert worker.snapshots[-1].learned["CH"].rungs == ((40.0, 0.0),)

    asyncio.run(scene())


def test_rules_that_change_while_a_release_is_taken_in_are_the_ones_it_is_told_by(world: World) -> None:
    """One that was built by rules which are no longer in force is told to nobody."""

    async def scene() -> None:
        worker = Worker(world)
        await world.visits(40, codes={"visit": 40, "wanted:de": 40})
        world.close_hour()
        looking = asyncio.create_task(worker.look())
        await world.published.wait()
        worker.sites = {"shop": other_rules(("a", "b"))}
        await looking
        assert [snapshot.learned["CH"].rungs for snapshot in worker.snapshots] == [((40.0, 0.0),)]

    asyncio.run(scene())


def test_what_is_released_while_new_rules_are_being_made_is_known_to_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was learned until the moment in which they come into force."""
    build = release_loop_module.build_snapshot

    async def scene() -> None:
        worker = Worker(world)
        await worker.look()
        await world.visits(40, codes={"visit": 40, "wanted:de": 40})
        world.close_hour()
        entered, may_go_on = threading.Event(), threading.Event()

        def slow(rules: SiteRules, *given: Any) -> SiteSnapshot:
            if rules is not SITE and not entered.is_set():
                entered.set()
                assert may_go_on.wait(5)
            return build(rules, *given)

        monkeypatch.setattr(release_loop_module, "build_snapshot", slow)
        making = asyncio.create_task(worker.release_loop.snapshots_by({"shop": other_rules(("a", "b"))}))
        assert await asyncio.to_thread(entered.wait, 5)
        await worker.look()
        may_go_on.set()
        assert (await making)["shop"].learned["CH"].rungs == ((40.0, 0.0),)

    asyncio.run(scene())


def test_a_site_that_goes_while_it_is_looked_at_is_told_of_no_more(world: World) -> None:
    """Nor is it asked for again; one of the same name that comes later learns all anew from the store."""

    async def scene() -> None:
        worker = Worker(world)
        await world.visits(40)
        world.close_hour()
        looking = asyncio.create_task(worker.look())
        await world.published.wait()
        worker.sites = {}
        await looking
        world.store.asked.clear()
        await worker.look()
        assert (worker.snapshots, world.store.asked.total(), worker.errors) == ([], 0, [])
        assert worker.release_loop.known_until_s is None
        worker.sites = {"shop": SITE}
        assert worker.release_loop.behind_s == 0
        await worker.look()
        assert worker.snapshots[-1].devices["all"] == 40

    asyncio.run(scene())


def test_a_new_site_is_not_late_because_others_began_long_ago(world: World) -> None:
    """What is behind is told by the site that is most so, counted from when each came."""

    async def scene() -> None:
        worker = Worker(world)
        await worker.look()
        for _ in range(3):
            world.close_hour()
            await worker.look()
        worker.sites = {"shop": SITE, "new": SITE}
        assert worker.release_loop.behind_s == GRACE_S + 1
        world.now_s += HOUR
        assert worker.release_loop.behind_s == HOUR + GRACE_S + 1
        assert worker.release_loop.known_until_s is None

    asyncio.run(scene())
