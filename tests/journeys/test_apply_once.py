"""A million counts through a network that loses, cuts, delays and spoils, with workers that die: none counts twice."""

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

from service.adapters.redis_store.store import RedisStore
from service.core.groups.counts import Increment
from service.core.groups.interval import interval_at
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.flush import Flush
from tests.adapters.faulty_proxy import Fault, FaultyProxy
from tests.adapters.redis_servers import RedisServer, running

HOUR = 3600
ROUNDS = 400
EVENTS_A_ROUND = 1250
WORKERS = 2
FAULTS: list[Fault] = ["drop_reply", "reset_before", "reset_after", "delay", "truncate", "garbage"]
LANGUAGES = ["en", "fr", "it"]
ROOT = Path(__file__).resolve().parent.parent.parent


def total(redis: RedisServer, field: str) -> int:
    """The sum of a field over all that the store holds."""
    keys = [key for key in redis.expiries() if ":counts:" in key]
    found = (re.search(rb"\r\n(\d+)\r\n", redis.ask("HGET", key, field)) for key in keys)
    return sum(int(match[1]) for match in found if match)


async def count_through(
    proxy: FaultyProxy, redis: RedisServer, chance: random.Random
) -> list[tuple[CountBuffer, Flush]]:
    """Workers that count and flush side by side, each in a field of its own, until all have handed over."""
    workers = []
    for _ in range(WORKERS):
        store = RedisStore(f"redis://127.0.0.1:{proxy.port}", k=100, k_prefixes=20, retention_s=HOUR)
        buffer = CountBuffer(HOUR, 10_000_000, time.time)
        workers.append((buffer, Flush(buffer, store, HOUR, 0.2, time.time), store))

    async def work(number: int) -> None:
        buffer, flush, store = workers[number]
        what = Increment("demo", "CH/smartphone/ios", (f"wanted:{LANGUAGES[number]}",))
        for _ in range(ROUNDS):
            for _ in range(EVENTS_A_ROUND):
                buffer.count(what)
            await flush.flush_once()
            if chance.random() < 0.01:  # somebody restarts a load balancer
                redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        proxy.plan = lambda: "pass"
        await flush.drain()
        await store.close()

    await asyncio.gather(*(work(number) for number in range(WORKERS)))
    return [(buffer, flush) for buffer, flush, _ in workers]


def test_a_million_counts_arrive_once_through_every_fault() -> None:
    """Over-count 0, loss 0, and the service's own numbers say exactly that."""
    chance = random.Random(20261122)
    with running() as redis:

        async def journey() -> list[tuple[CountBuffer, Flush]]:
            proxy = FaultyProxy(redis.socket, lambda: chance.choice(FAULTS) if chance.random() < 0.3 else "pass")
            async with proxy.running():
                return await count_through(proxy, redis, chance)

        done = asyncio.run(journey())
        assert sum(buffer.counted for buffer, _ in done) == WORKERS * ROUNDS * EVENTS_A_ROUND == 1_000_000
        for number, (buffer, flush) in enumerate(done):
            assert total(redis, f"CH/smartphone/ios|wanted:{LANGUAGES[number]}") == buffer.counted == flush.applied
            assert flush.duplicates > 10  # replies were lost, and the batches sent again
            assert sum(flush.lost.values()) == flush.waiting == 0


def test_a_worker_killed_between_sending_and_reply_loses_only_what_it_held() -> None:
    """What it knew to be applied is there, nothing is there that it did not count; what it held is one round or two."""
    chance = random.Random(7)
    with running() as redis:
        lost = counted_in_all = 0

        async def journey() -> None:
            nonlocal lost, counted_in_all
            proxy = FaultyProxy(redis.socket, lambda: "delay" if chance.random() < 0.5 else "pass", delay_s=0.03)
            async with proxy.running():
                for _ in range(5):
                    before = total(redis, "all|chosen:de")
                    with subprocess.Popen(  # noqa: ASYNC220  # it is the fault under test, and starts in no time
                        [sys.executable, str(Path(__file__).with_name("doomed_worker.py")), f"redis://127.0.0.1:{proxy.port}"],
                        cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)},
                    ) as worker:  # fmt: skip
                        assert worker.stdout is not None
                        lines = [await asyncio.to_thread(worker.stdout.readline) for _ in range(20)]
                        await asyncio.sleep(chance.random() * 0.05)
                        worker.kill()
                        lines += (await asyncio.to_thread(worker.stdout.read)).splitlines()
                    found = [re.fullmatch(r"counted (\d+) applied (\d+)\n?", line) for line in lines]
                    last = next(match for match in reversed(found) if match)
                    counted, applied = int(last[1]), int(last[2])
                    await asyncio.sleep(0.1)  # what was on its way arrives
                    there = total(redis, "all|chosen:de") - before
                    assert applied <= there <= counted
                    lost += counted - there
                    counted_in_all += counted

        asyncio.run(journey())
        assert lost <= 5 * 2 * 2000
        assert counted_in_all >= 5 * 19 * 2000


def test_every_count_is_in_the_interval_that_it_was_taken_in() -> None:
    """Also what waited in a worker over the turn of an interval."""
    now = [1_795_344_000.0 - 1]
    with running() as redis:

        async def journey() -> None:
            store = RedisStore(redis.url, k=100, k_prefixes=20, retention_s=HOUR, timeout_s=2)
            buffer = CountBuffer(HOUR, 1000, lambda: now[0])
            flush = Flush(buffer, store, HOUR, 0.2, time.time)
            now[0] = time.time()
            open_interval = interval_at(now[0], HOUR)
            buffer.count(Increment("demo", "all", ("visit",)))
            now[0] = open_interval.start_s - 1.0
            buffer.count(Increment("demo", "all", ("visit",)))
            await flush.drain()
            await store.close()

        asyncio.run(journey())
        counts = sorted(key for key in redis.expiries() if ":counts:" in key)
        assert len(counts) == 2
        assert all(b"\r\n1\r\n" in redis.ask("HGET", key, "all|visit") for key in counts)
