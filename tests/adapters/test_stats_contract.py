"""What every store of counts promises: one contract for memory, for single servers of Redis, and for a Redis Cluster.

And for a Redis that runs by ``deploy/redis/redis.conf`` to the letter, whose one user may do what stands there alone.
"""

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from service.adapters.memory_store import MemoryStore
from service.adapters.redis_store.store import RedisStore
from service.core.groups.counts import Batch, PrivacyParameters, Released, Size, salt_print
from service.core.groups.interval import DAY_S, Interval, interval_at
from service.ports import StatsStore, StoreError
from tests.adapters.redis_servers import executables, running

TERMS = PrivacyParameters(25, 5, 1.0, "on")
sites = (f"site{n}" for n in itertools.count())
Check = Callable[[Callable[[StatsStore], Awaitable[None]]], None]


SHIPPED = Path(__file__).resolve().parents[2] / "deploy/redis/redis.conf"
SERVERS = executables()
STORES = ["memory", "cluster", *SERVERS, *[f"shipped {server}" for server in SERVERS]]
NAMES = ["bundled", "on_path"][: len(SERVERS)]


@pytest.fixture(
    scope="module", params=STORES, ids=["memory", "cluster", *NAMES, *[f"shipped-{name}" for name in NAMES]]
)
def check(request: pytest.FixtureRequest) -> Iterator[Check]:
    """Runs a scenario against a fresh client of the store; k is 25, so that 100 devices fill a cohort."""
    limits = {"k": 25, "k_prefixes": 5, "retention_s": DAY_S}
    with contextlib.ExitStack() as stack:
        make: Callable[[], StatsStore]
        if request.param == "memory":
            make = lambda: MemoryStore(**limits)  # noqa: E731
        else:
            if request.param == "cluster":
                url = request.getfixturevalue("redis_cluster")[0].url
            elif request.param.startswith("shipped "):
                executable = request.param.removeprefix("shipped ")
                server = stack.enter_context(running(executable=executable, configuration=SHIPPED))
                url = f"unix://passerby:change-this-password@{server.socket}"
            else:
                url = stack.enter_context(running(executable=request.param)).url
            # The scenarios are about what happens; how long it may take is another test's.
            make = lambda: RedisStore(url, timeout_s=2, connect_timeout_s=2, **limits)  # noqa: E731

        def check(scenario: Callable[[StatsStore], Awaitable[None]]) -> None:
            async def main() -> None:
                store = make()
                try:
                    await scenario(store)
                finally:
                    await store.close()

            asyncio.run(main())

        yield check


def calm_now() -> float:
    """A time within the hour's leeway of every clock, and not within a quarter of an hour after midnight."""
    now = time.time()
    return now - 1200 if now % DAY_S < 900 else now


def batch(interval: Interval, counts: dict[str, int], **more: object) -> Batch:
    fields: dict[str, object] = {"site": next(sites), "devices": {}, "prefixes": {}, "events": 1} | more
    return Batch(id=os.urandom(16), interval=interval, counts=counts, **fields)


def again(batch: Batch) -> Batch:
    """Another batch with the same content."""
    return msgspec.structs.replace(batch, id=os.urandom(16))


def hashes(count: int, first: int = 0) -> bytes:
    return b"".join((0x9E3779B97F4A7C15 * (n + 1) % 2**64).to_bytes(8) for n in range(first, first + count))


def test_a_batch_counts_once_however_often_it_is_sent(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        one = batch(interval_at(now, 3600), {"CH/smartphone/android|visit": 3, "all|shown:de": 2})
        outcomes = [(await store.apply(one, now)).outcome for _ in range(3)]
        assert outcomes == ["applied", "duplicate", "duplicate"]
        assert await store.counts(one.site, one.interval) == one.counts

    check(scenario)


def test_other_batches_add_up(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        one = batch(interval_at(now, 3600), {"all|visit": 2})
        await asyncio.gather(*(store.apply(again(one), now) for _ in range(30)))
        assert await store.counts(one.site, one.interval) == {"all|visit": 60}

    check(scenario)


def test_an_empty_batch_is_applied(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        one = batch(interval_at(now, 3600), {})
        assert (await store.apply(one, now)).outcome == "applied"
        assert await store.counts(one.site, one.interval) == {}

    check(scenario)


@pytest.mark.parametrize("published", [False, True], ids=["claimed", "published"])
def test_what_comes_after_its_interval_is_closed_counts_in_the_open_one(check: Check, published: bool) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        opened = interval_at(now, 60)
        one = batch(opened.before(), {"all|visit": 2}, devices={"all": hashes(3)})
        claim = await store.claim(one.site, one.interval)
        assert claim is not None
        if published:
            assert await store.publish(one.site, Released(one.interval, TERMS, {}), claim)
        assert (await store.apply(one, now)).outcome == "applied"
        assert (await store.apply(one, now)).outcome == "duplicate"
        assert await store.counts(one.site, one.interval) == {}
        assert await store.counts(one.site, opened) == {"all|visit": 2}
        assert (await store.sizes(one.site, opened.day, ["all"]))[0].devices == 3

    check(scenario)


def test_a_batch_is_late_where_the_open_interval_is_closed_as_well(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now() - 120  # a caller that is two minutes behind
        opened = interval_at(now, 60)
        one = batch(opened.before(), {"all|visit": 2}, devices={"all": hashes(3)})
        for interval in (one.interval, opened):
            claim = await store.claim(one.site, interval)
            assert await store.publish(one.site, Released(interval, TERMS, {}), claim or b"")
        for _ in range(2):
            assert (await store.apply(one, now)).outcome == "late"
        assert (await store.apply(again(msgspec.structs.replace(one, interval=opened)), now)).outcome == "late"
        assert await store.counts(one.site, one.interval) == await store.counts(one.site, opened) == {}
        assert await store.sizes(one.site, opened.day, ["all"]) == [Size(0, 0)]

    check(scenario)


def test_a_batch_is_late_when_its_interval_is_released_and_its_day_over(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = time.time()
        midnight = int(now) // DAY_S * DAY_S
        # An interval that began yesterday and just ended, of such a length that the open one began today.
        candidates = (Interval(start, int(now) - start - 1) for start in range(midnight - 1, midnight - DAY_S, -7))
        yesterday = next(i for i in candidates if interval_at(now, i.length_s).day == i.day + 1)
        one = batch(yesterday, {"all|visit": 2})
        claim = await store.claim(one.site, yesterday)
        assert await store.publish(one.site, Released(yesterday, TERMS, {}), claim or b"")
        assert (await store.apply(one, now)).outcome == "late"
        assert await store.counts(one.site, yesterday) == {}

    check(scenario)


def test_clocks_more_than_an_hour_apart_are_refused(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = time.time()
        opened = interval_at(now, 60)
        one = batch(opened, {"all|visit": 1})
        old, coming = opened.before(125), opened.before(-62)
        refused = [(one, now - 3700), (one, now + 3700)]
        refused += [(msgspec.structs.replace(one, interval=interval), now) for interval in (old, coming)]
        for sent, clock in refused:
            with pytest.raises(StoreError, match=r"^clock$"):
                await store.apply(sent, clock)
        for clock in (now - 3700, now + 3700):
            with pytest.raises(StoreError, match=r"^clock$"):
                await store.salt(one.site, clock)
        assert (await store.apply(one, now - 3500)).outcome == "applied"

    check(scenario)


def test_devices_and_prefixes_are_counted_once_each_up_to_their_caps(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        interval = interval_at(now, 3600)
        one = batch(interval, {}, devices={"all": hashes(60), "tv": hashes(5)}, prefixes={"all": hashes(19)})
        assert (await store.apply(one, now)).full_cohorts == ()
        assert (await store.apply(again(one), now)).full_cohorts == ()
        sizes = await store.sizes(one.site, interval.day, ["all", "tv", "desktop"])
        assert sizes == [Size(pytest.approx(60, abs=1), 19), Size(5, 0), Size(0, 0)]

        many = batch(
            interval, {}, site=one.site, devices={"all": hashes(5000), "tv": b""}, prefixes={"all": hashes(2000)}
        )
        for outcome in ("applied", "duplicate"):
            assert await store.apply(many, now) == (outcome, ("all",), False)
        assert await store.sizes(one.site, interval.day, ["all"]) == [
            Size(pytest.approx(100, abs=3), pytest.approx(20, abs=1))
        ]
        more = batch(
            interval, {}, site=one.site, devices={"all": hashes(5000, 9000)}, prefixes={"all": hashes(20, 9000)}
        )
        assert (await store.apply(more, now)).full_cohorts == ("all",)
        assert await store.sizes(one.site, interval.day, ["all"]) == [
            Size(pytest.approx(100, abs=3), pytest.approx(20, abs=1))
        ]
        assert await store.sizes(one.site, interval.day + 1, ["all"]) == [Size(0, 0)]

    check(scenario)


def test_all_get_the_same_salt_of_a_site_and_day(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = time.time()
        one, other = next(sites), next(sites)
        salts = await asyncio.gather(*(store.salt(one, now) for _ in range(5)), store.salt(other, now))
        assert len(set(salts[:5])) == 1
        assert salts[5] != salts[0]
        assert [len(salt) for salt in salts] == [32] * 6

    check(scenario)


def test_one_releases_an_interval_and_all_see_the_same(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        interval = interval_at(now, 60).before()
        one = batch(interval, {f"all|shown:x{n}": n + 1 for n in range(2500)})
        await store.apply(one, now)
        assert await store.released(one.site, [interval]) == [None]
        claims = await asyncio.gather(*(store.claim(one.site, interval) for _ in range(5)))
        (claim,) = (claim for claim in claims if claim is not None)
        assert await store.counts(one.site, interval) == one.counts
        assert await store.released(one.site, [interval]) == [None]

        released = Released(interval, TERMS, {**one.counts, "all|in": 1, "all|wanted:de": -3})
        assert not await store.publish(one.site, released, b"0" * 32)
        assert await store.released(one.site, [interval]) == [None]
        assert await store.publish(one.site, released, claim)
        assert await store.publish(one.site, Released(interval, TERMS, {}), claim), (
            "an answer that was lost is given again"
        )
        assert await store.counts(one.site, interval) == {}
        assert await store.claim(one.site, interval) is None
        asked = [interval.before(2000), interval.before(), interval, interval.before(-1)]
        assert await store.released(one.site, asked) == [None, None, released, None]
        assert await store.released(one.site, [Interval(interval.start_s, 30)]) == [None], "of another length"
        assert await store.released(next(sites), [interval]) == [None]

    check(scenario)


def test_what_is_not_over_cannot_be_released(check: Check) -> None:
    """A worker whose clock is ahead does not close an interval that others still count in."""

    async def scenario(store: StatsStore) -> None:
        now = time.time()
        with pytest.raises(StoreError, match="clock"):
            await store.claim(next(sites), interval_at(now + 10, 60).before(-1))
        assert await store.claim(next(sites), interval_at(now, 60).before())

    check(scenario)


def test_devices_hashed_by_a_salt_that_is_not_the_store_s_are_not_counted(check: Check) -> None:
    """A store that lost its salt would else take the same devices for new ones. Sums count all the same."""

    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        site, interval = next(sites), interval_at(now, 3600)
        salt = await store.salt(site, now)
        right = batch(interval, {"all|visit": 1}, site=site, devices={"all": hashes(3)}, salt_print=salt_print(salt))
        assert not (await store.apply(right, now)).salt_mismatch
        wrong = batch(
            interval, {"all|visit": 1}, site=site, devices={"all": hashes(9, 50)}, salt_print=salt_print(b"old")
        )
        applied = await store.apply(wrong, now)
        assert (applied.outcome, applied.salt_mismatch) == ("applied", True)
        assert (await store.counts(site, interval))["all|visit"] == 2
        assert (await store.sizes(site, interval.day, ["all"]))[0].devices == 3
        lost = batch(interval, {"all|visit": 1}, devices={"all": hashes(3)}, salt_print=salt_print(salt))
        assert (await store.apply(lost, now)).salt_mismatch, "a site that has no salt at all"

    check(scenario)


def test_nothing_can_be_released_as_well(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        site, interval = next(sites), interval_at(calm_now(), 60).before()
        claim = await store.claim(site, interval)
        assert await store.publish(site, Released(interval, TERMS, {}), claim or b"")
        assert await store.released(site, [interval]) == [Released(interval, TERMS, {})]
        assert await store.counts(site, interval) == {}
        assert await store.released(site, []) == []
        assert await store.sizes(site, interval.day, []) == []

    check(scenario)


def test_many_intervals_and_cohorts_are_read_in_order(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        now = calm_now()
        opened = interval_at(now, 60)
        site = next(sites)
        done = [opened.before(n) for n in (3, 8, 9)]
        for n, interval in enumerate(done):
            claim = await store.claim(site, interval)
            assert await store.publish(site, Released(interval, TERMS, {"all|visit": 30 + n}), claim or b"")
        found = await store.released(site, [opened.before(n) for n in range(10, 0, -1)])
        assert [None if one is None else one.cells["all|visit"] for one in found] == [
            None,
            32,
            31,
            *[None] * 4,
            30,
            None,
            None,
        ]

        cohorts = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}/tv" for n in range(450)]
        await store.apply(batch(opened, {}, site=site, devices={c: hashes(n % 3) for n, c in enumerate(cohorts)}), now)
        assert [size.devices for size in await store.sizes(site, opened.day, cohorts)] == [n % 3 for n in range(450)]

    check(scenario)


def test_it_says_since_when_it_counts(check: Check) -> None:
    async def scenario(store: StatsStore) -> None:
        started_at = await store.started_at()
        assert started_at is not None
        assert 0 <= time.time() + 1 - started_at <= 1200  # in whole seconds; its servers began with these tests

    check(scenario)
