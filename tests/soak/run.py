"""``make soak``: ten million visits through a worker's counting into a real Redis, and what grows meanwhile.

Traffic is like a site's: a few groups make most of it, and every group that can be named comes once, as an attacker
would have it. Each round is a flush of as many visits as a busy worker takes in its 200 ms. Memory is flat when what a
store and a process hold after ten million is within 5 % of what they held after three million, when every group has
the devices that it needs; batch ids, which a store keeps for two hours, are told apart. The clock runs ahead, 2 s a
round, for a worker looks at so many devices a second and no more.

Exit status 0 when both are flat, every key is of the grammar and expires, and each visit was counted once; else 1.
"""

import asyncio
import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from service.adapters.cldr.regions import load_region_tables
from service.adapters.redis_store.keys import KEY_PATTERN
from service.adapters.redis_store.store import RedisStore
from service.core.groups.cohort import Traits, ladder
from service.core.groups.counts import DeviceHash, Increment
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.flush import Flush
from tests.adapters.redis_servers import RedisServer, running

VISITS = 10_000_000
WARM = 3_000_000
VISITS_A_ROUND = 20_000
ROUND_S = 2
FLAT = 0.05
HOUR_S = 3600
DEVICES = 200_000
COMMON = [
    ("smartphone", "ios"),
    ("smartphone", "android"),
    ("desktop", "windows"),
    ("desktop", "macos"),
    ("tablet", "ipados"),
]


def used_bytes(redis: RedisServer) -> int:
    found = re.search(rb"used_memory_dataset:(\d+)", redis.ask("INFO", "memory"))
    assert found
    return int(found[1])


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def ids_bytes(redis: RedisServer) -> int:
    """What the ids of batches take."""
    keys = [key for key in redis.expiries() if ":batches:" in key]
    replies = (redis.ask("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys)
    return sum(int(reply[1:].split(b"\r\n")[0]) for reply in replies)


def groups(chance: random.Random) -> list[tuple[Increment, tuple[str, ...]]]:
    """Increments with their ladders, the most frequent first, and at last one of every country."""
    tables = load_region_tables()
    countries = sorted(tables.countries)
    chance.shuffle(countries)
    pairs = [(country, class_, os) for country in countries[:40] for class_, os in COMMON]
    chance.shuffle(pairs)
    pairs += [(country, "tv", "tizen") for country in countries]
    found = []
    for country, class_, os in pairs:
        rungs = ladder(Traits(country, class_, os), tables.continent)  # type: ignore[arg-type]
        language = chance.choice(["en", "de", "fr", "it"])
        found.append((Increment("demo", rungs[0], ("visit", f"wanted:{language}", "offered:front:spring")), rungs))
    return found


async def soak(redis: RedisServer) -> bool:
    chance = random.Random(1)
    store = RedisStore(redis.url, k=100, k_prefixes=20, retention_s=168 * HOUR_S, timeout_s=1)
    now = [time.time() // HOUR_S * HOUR_S + 10]

    def clock() -> float:
        return now[0]

    buffer = CountBuffer(HOUR_S, VISITS, clock)
    flush = Flush(buffer, store, HOUR_S, 0.2, clock)
    known = groups(chance)
    weights = [1 / (rank + 1) for rank in range(len(known))]
    await flush.flush_once()
    buffer.unsalted.add("demo")
    await flush.flush_once()
    began_s, samples = time.monotonic(), {}
    for round_ in range(1, VISITS // VISITS_A_ROUND + 1):
        for increment, rungs in chance.choices(known, weights, k=VISITS_A_ROUND):
            buffer.count(increment)
            if buffer.wants_hash("demo", rungs) is not None:
                device = chance.randrange(DEVICES)
                buffer.add_hash("demo", DeviceHash(rungs, device * 0x9E3779B97F4A7C15 % 2**64, device % 1000))
        now[0] += ROUND_S
        await flush.flush_once()
        if round_ * VISITS_A_ROUND in (WARM, VISITS):
            samples[round_ * VISITS_A_ROUND] = used_bytes(redis), ids_bytes(redis), resident_bytes()
    await flush.drain()
    took_s = time.monotonic() - began_s
    await store.close()
    return report(redis, flush, samples, took_s)


def report(redis: RedisServer, flush: Flush, samples: dict[int, tuple[int, int, int]], took_s: float) -> bool:
    (held, ids, resident), (held_after, ids_after, resident_after) = samples[WARM], samples[VISITS]
    keys = redis.expiries()
    now_s = time.time()
    stray = [
        key
        for key, expires in keys.items()
        if not KEY_PATTERN.fullmatch(key) or not 0 < expires - now_s <= 169 * HOUR_S
    ]
    grew = (held_after - ids_after) / (held - ids) - 1
    grew_here = resident_after / resident - 1
    print(
        f"{VISITS:,} visits in {took_s:.0f} s, {flush.batches:,} batches, {flush.fields:,} sums in them, {flush.applied:,} counted"
    )
    print(
        f"Redis holds {len(keys)} keys; {held / 1e6:.2f} MB after {WARM:,} visits, {held_after / 1e6:.2f} MB after {VISITS:,}"
    )
    print(f"  of them ids of batches {ids / 1e6:.3f} and {ids_after / 1e6:.3f} MB; without them {grew:+.1%}")
    print(f"this process {resident / 1e6:.1f} and {resident_after / 1e6:.1f} MB: {grew_here:+.1%}")
    print(f"keys that are not of the grammar, or do not expire in time: {len(stray)}")
    return flush.applied == VISITS and not stray and abs(grew) <= FLAT and abs(grew_here) <= FLAT


if __name__ == "__main__":
    with running() as server:
        sys.exit(0 if asyncio.run(soak(server)) else 1)
