"""Counts in Redis: each batch once, under the names and for the time that are promised."""

import asyncio
import random
import re
import time

import pytest

from service.adapters.redis_store.keys import KEY_PATTERN
from service.adapters.redis_store.store import RedisStore
from service.core.groups.counts import Batch, Released
from service.core.groups.interval import DAY_S, HOUR_S, interval_at
from service.ports import StoreError
from tests.adapters.faulty_proxy import Fault, FaultyProxy
from tests.adapters.redis_servers import RedisServer, running
from tests.adapters.redis_store.scenarios import TERMS, a_batch, a_store, run


def test_a_batch_counts_once_through_everything_that_may_happen_to_it(redis_server: RedisServer) -> None:
    """Lost replies, resets before and after, delays, halves and garbage: resent until answered, nothing counts twice."""
    plan = random.Random(7)
    faults: list[Fault] = ["drop_reply", "reset_before", "reset_after", "delay", "truncate", "garbage"]
    seen: set[Fault] = set()

    def next_fault() -> Fault:
        fault: Fault = plan.choice(faults) if plan.random() < 0.4 else "pass"
        seen.add(fault)
        return fault

    async def scenario() -> None:
        async with FaultyProxy(redis_server.socket, next_fault, delay_s=0.06).running() as proxy:
            store = a_store(f"redis://127.0.0.1:{proxy.port}", timeout_s=0.03)
            interval = interval_at(time.time(), HOUR_S)
            batches = [
                a_batch({f"all|shown:x{n % 7}": 100 + n, "all|visit": 1}, interval=interval, devices=3)
                for n in range(120)
            ]
            failures = 0

            async def send(batch: Batch) -> None:
                nonlocal failures
                sent_before = False
                while True:
                    try:
                        applied = await store.apply(batch, time.time())
                    except StoreError:
                        sent_before = True
                        failures += 1
                    else:
                        assert sent_before or applied.outcome == "applied", "what was not sent is no duplicate"
                        return

            async def send_all(mine: list[Batch]) -> None:
                for batch in mine:
                    await send(batch)

            await asyncio.gather(*(send_all(batches[worker::6]) for worker in range(6)))
            proxy.plan = lambda: "pass"
            counted = await store.counts("demo", interval)
            await store.close()
            assert counted["all|visit"] == len(batches)
            assert sum(counted.values()) == sum(sum(batch.counts.values()) for batch in batches)
            assert failures > 20

    asyncio.run(scenario())
    assert seen == {"pass", *faults}


def test_a_forgotten_script_is_sent_again(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        one = a_batch()
        await store.apply(one, time.time())
        redis_server.ask("SCRIPT", "FLUSH")
        assert (await store.apply(a_batch(), time.time())).outcome == "applied"
        assert (await store.apply(one, time.time())).outcome == "duplicate"
        assert await store.counts("demo", one.interval) == {"all|visit": 2}

    run(redis_server.url, scenario)


def test_a_flush_is_one_command(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        await store.apply(a_batch(), time.time())
        for n in range(20):
            await store.apply(a_batch({f"all|shown:x{m}": 1 for m in range(n)}, devices=n), time.time())
        calls = redis_server.ask("INFO", "commandstats")
        assert int(re.search(rb"cmdstat_evalsha:calls=(\d+)", calls)[1]) == 21
        assert int(re.search(rb"cmdstat_eval:calls=(\d+)", calls)[1]) == 1
        assert int(re.search(rb"connected_clients:(\d+)", redis_server.ask("INFO", "clients"))[1]) == 2

    run(redis_server.url, scenario)


def test_every_key_matches_the_grammar_and_ends_with_its_bucket(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        now = time.time()
        interval = interval_at(now, HOUR_S)
        midnight = interval.day * DAY_S
        await store.apply(a_batch(devices=30), now)
        await store.salt("demo", now)
        past = interval_at(now, 60).before()
        claim = await store.claim("demo", past)
        assert await store.publish("demo", Released(past, TERMS, {"all|visit": 30}), claim or b"")
        claimed = past.before()
        await store.claim("demo", claimed)

        found = redis_server.expiries()
        day = time.strftime("%Y-%m-%d", time.gmtime(now))
        begins, hour = f"pb:{{demo:{day}}}:", time.strftime("%H", time.gmtime(interval.start_s))
        expected = {
            f"{begins}counts:{hour}": interval.end_s + 24 * HOUR_S,
            f"{begins}batches:{hour}": interval.end_s + 2 * HOUR_S,
            f"{begins}devices:all": midnight + 2 * DAY_S,
            f"{begins}devices:tv": midnight + 2 * DAY_S,
            f"{begins}prefixes:all": midnight + 2 * DAY_S,
            f"{begins}prefixes:tv": midnight + 2 * DAY_S,
            f"{begins}salt": min(midnight + 25 * HOUR_S, int(now) + 25 * HOUR_S),
        }
        for released, end_s in ((past, past.end_s + 48 * HOUR_S), (claimed, int(time.time()) + 30)):
            at = time.gmtime(released.start_s)
            expected[f"pb:{{demo:{time.strftime('%Y-%m-%d', at)}}}:released:{time.strftime('%H%M', at)}"] = end_s
        assert found.keys() == expected.keys()
        assert found == pytest.approx(expected, abs=2)
        assert all(KEY_PATTERN.fullmatch(key) for key in found)

        await store.apply(a_batch({"all|visit": 5}, devices=30), now)
        assert redis_server.expiries() == pytest.approx(found, abs=1), "writing renews nothing"

    run(redis_server.url, scenario)


def test_the_memory_of_an_hour_does_not_grow_with_what_is_counted(redis_server: RedisServer) -> None:
    """A million events on the same cells, and ever new devices, take no more than the first ones; ids take 100 bytes."""

    async def scenario(store: RedisStore) -> None:
        cells = {
            f"{cohort}|{code}": 500
            for cohort in ("CH/tv/tizen", "DE/tv/tizen")
            for code in ("visit", "shown:de", "offered:front:a")
        }
        sizes = []
        for _ in range(3):
            for _ in range(100):
                await store.apply(a_batch(cells, devices=50), time.time())
            sizes.append(int(re.search(rb"used_memory_dataset:(\d+)", redis_server.ask("INFO", "memory"))[1]))
        counted = await store.counts("demo", a_batch().interval)
        assert sum(counted.values()) == 300 * 3000
        assert sizes[2] - sizes[1] < 100 * 100 + 20_000

    run(redis_server.url, scenario)


def test_since_when_it_counts_is_unknown_where_redis_may_not_say() -> None:
    async def scenario(store: RedisStore) -> None:
        assert await store.started_at() is None

    with running("--user", "default", "off", "--user", "counter", "on", ">secret", "~pb:*", "+get") as server:
        run(f"unix://counter:secret@{server.socket}", scenario)
