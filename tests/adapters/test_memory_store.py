"""What only the store in memory can show: expiry by a clock that a test turns, and its bound."""

import asyncio
import os

import pytest

from service.adapters.memory_store import MemoryStore
from service.core.groups.counts import Batch, PrivacyParameters, Released, Size
from service.core.groups.interval import DAY_S, HOUR_S, Interval, interval_at
from service.ports import CLAIM_S, StoreError

MIDNIGHT = 20_779 * DAY_S
TERMS = PrivacyParameters(25, 5, 1.0, "on")


class Clock:
    now = MIDNIGHT + 14 * HOUR_S + 5.0

    def __call__(self) -> float:
        return self.now


def sent(interval: Interval, cells: int = 1, devices: int = 0) -> Batch:
    return Batch(
        os.urandom(16),
        interval,
        "demo",
        {f"all|shown:x{n}": 1 for n in range(cells)},
        {"all": os.urandom(8 * devices)},
        {},
        1,
    )


def test_everything_is_forgotten_when_its_time_is_over() -> None:
    clock = Clock()
    store = MemoryStore(k=25, k_prefixes=0, retention_s=168 * HOUR_S, clock=clock)

    async def scenario() -> None:
        interval = interval_at(clock.now, HOUR_S)
        end_s = interval.end_s
        await store.apply(sent(interval, devices=4), clock.now)
        salt = await store.salt("demo", clock.now)
        clock.now = end_s + 23 * HOUR_S
        assert await store.counts("demo", interval) == {"all|shown:x0": 1}
        clock.now = end_s + 24 * HOUR_S
        assert await store.counts("demo", interval) == {}
        assert await store.sizes("demo", interval.day, ["all"]) == [Size(4, 0)]
        assert await store.salt("demo", clock.now - HOUR_S) != salt
        clock.now = MIDNIGHT + 2 * DAY_S
        assert await store.sizes("demo", interval.day, ["all"]) == [Size(0, 0)]

        claim = await store.claim("demo", interval)
        assert await store.publish("demo", Released(interval, TERMS, {}), claim or b"")
        clock.now = end_s + 168 * HOUR_S - 1
        assert await store.released("demo", [interval]) != [None]
        clock.now += 1
        assert await store.released("demo", [interval]) == [None]
        assert not any((store._counts, store._batches, store._hashes, store._claims, store._released)), (
            "nothing is left"
        )

    asyncio.run(scenario())


def test_a_salt_lives_an_hour_past_its_day_and_never_over_25_hours() -> None:
    clock = Clock()
    store = MemoryStore(k=25, k_prefixes=0, retention_s=DAY_S, clock=clock)

    async def scenario() -> None:
        clock.now = MIDNIGHT - 1800.0
        of_a_clock_ahead = await store.salt("demo", MIDNIGHT + 60)
        clock.now += 25 * HOUR_S - 1
        assert await store.salt("demo", clock.now - HOUR_S) == of_a_clock_ahead
        clock.now += 1
        assert await store.salt("demo", clock.now - HOUR_S) != of_a_clock_ahead

    asyncio.run(scenario())


def test_a_claim_ends_by_itself() -> None:
    clock = Clock()
    store = MemoryStore(k=25, k_prefixes=0, retention_s=DAY_S, clock=clock)

    async def scenario() -> None:
        interval = interval_at(clock.now, HOUR_S).before()
        first = await store.claim("demo", interval)
        clock.now += CLAIM_S - 1
        assert await store.claim("demo", interval) is None
        clock.now += 1
        second = await store.claim("demo", interval)
        assert second not in (None, first)
        assert not await store.publish("demo", Released(interval, TERMS, {}), first or b"")
        assert await store.publish("demo", Released(interval, TERMS, {}), second or b"")

    asyncio.run(scenario())


def test_a_batch_that_does_not_fit_is_refused_whole() -> None:
    clock = Clock()
    store = MemoryStore(k=25, k_prefixes=0, retention_s=DAY_S, clock=clock, entries_max=100)

    async def scenario() -> None:
        interval = interval_at(clock.now, HOUR_S)
        await store.apply(sent(interval, cells=50, devices=40), clock.now)
        too_much = sent(interval, cells=50, devices=10)
        for _ in range(2):
            with pytest.raises(StoreError, match=r"^out_of_memory$"):
                await store.apply(too_much, clock.now)
        assert len(await store.counts("demo", interval)) == 50
        assert await store.sizes("demo", interval.day, ["all"]) == [Size(40, 0)]

    asyncio.run(scenario())


def test_what_was_released_makes_room_for_what_is_new_the_oldest_first() -> None:
    """Its bound holds all that it keeps, and counting goes on."""
    clock = Clock()
    store = MemoryStore(k=25, k_prefixes=0, retention_s=168 * HOUR_S, clock=clock, entries_max=100)

    async def scenario() -> None:
        opened = interval_at(clock.now, HOUR_S)
        for back in (3, 2, 1):
            interval = opened.before(back)
            claim = await store.claim("demo", interval)
            assert claim is not None
            cells = {f"all|shown:x{n}": 50 for n in range(40)}
            assert await store.publish("demo", Released(interval, TERMS, cells), claim)
        kept = await store.released("demo", [opened.before(back) for back in (3, 2, 1)])
        assert [one is not None for one in kept] == [False, True, True]
        assert (await store.apply(sent(opened, cells=50), clock.now)).outcome == "applied"
        assert [one is not None for one in await store.released("demo", [opened.before(2), opened.before(1)])] == [
            False,
            True,
        ]
        with pytest.raises(StoreError, match="out_of_memory"):
            await store.apply(sent(opened, cells=200), clock.now)

    asyncio.run(scenario())
