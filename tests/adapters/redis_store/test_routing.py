"""Where Redis is: behind sentinels, or one of a Cluster whose slots move."""

import itertools
import re
import time

from service.adapters.redis_store.store import RedisStore
from service.core.groups.interval import HOUR_S, interval_at
from tests.adapters.redis_servers import RedisServer, running
from tests.adapters.redis_store.scenarios import a_batch, refused, run
from tests.free_ports import free_port

IMPORTED_AT = time.time()


def test_sentinels_say_who_the_master_is() -> None:
    """And are asked again when the one they named takes nothing any more."""
    with (
        running(port=free_port()) as old,
        running(port=free_port()) as new,
        running(port=free_port(), sentinel=True) as sentinel,
    ):
        sentinel.ask("SENTINEL", "MONITOR", "main", "127.0.0.1", old.port, 1)

        async def scenario(store: RedisStore) -> None:
            one = a_batch()
            await store.apply(one, time.time())
            assert len(old.expiries()) == 2
            sentinel.ask("SENTINEL", "REMOVE", "main")
            sentinel.ask("SENTINEL", "MONITOR", "main", "127.0.0.1", new.port, 1)
            old.ask("REPLICAOF", "127.0.0.1", "1")
            assert (await refused(store.apply(a_batch(), time.time()))).kind == "read_only"
            assert (await store.apply(one, time.time())).outcome == "applied"
            assert len(new.expiries()) == 2

        async def unknown(store: RedisStore) -> None:
            assert (await refused(store.apply(a_batch(), time.time()))).kind == "connection"

        run(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel.port}/main", scenario)
        run(f"redis+sentinel://127.0.0.1:{sentinel.port}/other", unknown)


def test_sites_spread_over_a_cluster(redis_cluster: list[RedisServer]) -> None:
    held = [len(node.expiries()) for node in redis_cluster]

    async def scenario(store: RedisStore) -> None:
        names = [
            "shop",
            "news",
            "blog",
            "demo",
            "forum",
            "games",
            "travel",
            "music",
            "books",
            "sports",
            "health",
            "food",
        ]
        for site in names:
            one = a_batch(site=site, devices=2)
            assert (await store.apply(one, time.time())).outcome == "applied"
            assert (await store.apply(one, time.time())).outcome == "duplicate"
            assert await store.counts(site, one.interval) == {"all|visit": 1}
        more = [len(node.expiries()) - before for node, before in zip(redis_cluster, held, strict=True)]
        assert sum(more) == 12 * 6
        assert all(more)
        assert int(IMPORTED_AT) <= await store.started_at() <= time.time()  # by whichever test came first

    run(redis_cluster[1].url, scenario, timeout_s=2)


def test_a_slot_that_moves_is_followed(redis_cluster: list[RedisServer]) -> None:
    """While it moves (ASK) and when it has (MOVED), without a request counted twice or lost."""
    interval = interval_at(time.time(), HOUR_S)
    tag = time.strftime("%Y-%m-%d", time.gmtime(interval.start_s))
    ids = [re.split(rb"\r\n", node.ask("CLUSTER", "MYID"))[1] for node in redis_cluster]

    async def scenario(store: RedisStore) -> None:
        await store.apply(a_batch(site="elsewhere"), time.time())  # the client knows who holds what
        for n in itertools.count():
            site = f"moves{n}"
            slot = int(redis_cluster[0].ask("CLUSTER", "KEYSLOT", f"{{{site}:{tag}}}")[1:])
            if slot < 5461:
                break
        old, new = redis_cluster[:2]
        new.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        old.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        salt = await store.salt(site, time.time())
        assert b":salt" in new.ask("KEYS", "*")
        one = a_batch(site=site)
        # Of several keys some may still be at the old place: Redis has it tried again later.
        error = await refused(store.apply(one, time.time()))
        assert error.kind == "loading"
        for node in (new, old, redis_cluster[2]):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[1])
        assert (await store.apply(one, time.time())).outcome == "applied"
        assert (await store.apply(one, time.time())).outcome == "duplicate"
        assert await store.salt(site, time.time()) == salt

    run(redis_cluster[0].url, scenario, timeout_s=2)


def test_a_cluster_is_found_by_any_of_its_seeds(redis_cluster: list[RedisServer]) -> None:
    async def scenario(store: RedisStore) -> None:
        assert (await store.apply(a_batch(site="seeded"), time.time())).outcome == "applied"

    run(f"redis://127.0.0.1:1,127.0.0.1:{redis_cluster[2].port}", scenario, timeout_s=2)
