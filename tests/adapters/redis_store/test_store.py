"""Redis when it fails, lies or dawdles: what is counted stays right, and what is said about it is true."""

import asyncio
import contextlib
import itertools
import os
import random
import re
import signal
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from service.adapters.redis_store.connections import connections_max
from service.adapters.redis_store.keys import KEY_PATTERN
from service.adapters.redis_store.store import RedisStore
from service.core.counts import Batch, Released, Terms
from service.core.interval import DAY_S, HOUR_S, Interval, interval_at
from service.ports import StoreError
from tests.adapters.faulty_proxy import Fault, FaultyProxy, serving
from tests.adapters.redis_servers import RedisServer, executables, running
from tests.free_ports import free_port

IMPORTED_AT = time.time()
CERTIFICATE = Path(__file__).parents[1] / "loopback.pem"
TERMS = Terms(25, 5, 1.0, "on")
# Long enough for a busy machine; what is tested about it is that nothing waits longer.
TIMEOUT_S = 0.4


def a_store(url: str, **options: Any) -> RedisStore:
    limits: dict[str, Any] = {"k": 25, "k_prefixes": 5, "retention_s": 48 * HOUR_S, "timeout_s": TIMEOUT_S}
    return RedisStore(url, **limits | options)


def run(url: str, scenario: Callable[[RedisStore], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        store = a_store(url, **options)
        try:
            await scenario(store)
        finally:
            await store.close()

    asyncio.run(main())


def a_batch(
    counts: dict[str, int] | None = None, site: str = "demo", interval: Interval | None = None, devices: int = 0
) -> Batch:
    interval = interval or interval_at(time.time(), HOUR_S)
    hashes = {"all": os.urandom(8 * devices), "tv": os.urandom(8 * devices)} if devices else {}
    return Batch(os.urandom(16), interval, site, counts or {"all|visit": 1}, hashes, hashes, 1)


async def refused(asked: Awaitable[object]) -> StoreError:
    """The error that comes of it, which repeats nothing and came within the time."""
    began = time.monotonic()
    with pytest.raises(StoreError) as caught:
        await asked
    assert time.monotonic() - began < 2 * TIMEOUT_S + 0.2
    assert str(caught.value) == caught.value.kind
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


# --- Once, and no more


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


def test_a_late_reply_is_never_read_as_another_s(redis_server: RedisServer) -> None:
    async def scenario() -> None:
        # CLUSTER SLOTS, EVALSHA of a script not seen yet, EVAL; then the one that is late, and TIME after it.
        faults = iter(["pass", "pass", "pass", "delay", "pass", "pass"])
        async with FaultyProxy(redis_server.socket, lambda: next(faults), delay_s=0.4).running() as proxy:
            store = a_store(f"redis://127.0.0.1:{proxy.port}", timeout_s=0.25)
            first = a_batch()
            assert (await store.apply(first, time.time())).outcome == "applied"
            # This one's reply would be "duplicate", and comes while the next is asked.
            error = await refused(store.apply(first, time.time()))
            assert error.kind == "timeout"
            await asyncio.sleep(0.25)
            assert (await store.apply(a_batch(), time.time())).outcome == "applied"
            await store.close()

    asyncio.run(scenario())


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


# --- What stays


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


# --- When Redis will not


def test_out_of_memory_leaves_nothing_behind_and_the_same_batch_counts_later(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        await store.apply(a_batch(), time.time())
        before = redis_server.expiries()
        redis_server.ask("CONFIG", "SET", "maxmemory", "1")
        now = time.time()
        one = a_batch({"all|visit": 5}, devices=9)
        asked = [store.apply(one, now), store.salt("demo", now), store.claim("demo", one.interval.before())]
        for error in [await refused(question) for question in asked]:
            assert error.kind == "out_of_memory"
        assert redis_server.expiries() == before
        assert await store.counts("demo", one.interval) == {"all|visit": 1}, "what is there can be read"
        redis_server.ask("CONFIG", "SET", "maxmemory", "0")
        assert (await store.apply(one, now)).outcome == "applied"
        assert await store.counts("demo", one.interval) == {"all|visit": 6}

    for executable in executables():
        with running(executable=executable) as server:
            redis_server = server
            run(server.url, scenario)


@pytest.mark.parametrize("executable", executables(), ids=["bundled", "on_path"][: len(executables())])
def test_a_read_only_replica_takes_nothing(executable: str) -> None:
    async def scenario(store: RedisStore) -> None:
        error = await refused(store.apply(a_batch(devices=2), time.time()))
        assert error.kind == "read_only"
        assert server.expiries() == {}

    with running("--replicaof", "127.0.0.1", "1", executable=executable) as server:
        run(server.url, scenario)


@pytest.mark.parametrize("executable", executables(), ids=["bundled", "on_path"][: len(executables())])
@pytest.mark.parametrize("credentials", ["", ":wrong@", "anna:wrong@", "nobody:secret@", "reader:secret@"])
def test_whom_redis_does_not_know_or_allow_is_refused(executable: str, credentials: str) -> None:
    kind = "permission" if credentials.startswith("reader") else "authentication"

    async def scenario(store: RedisStore) -> None:
        for _ in range(2):
            error = await refused(store.apply(a_batch(), time.time()))
            assert error.kind == kind
            assert error.not_permitted == ("EVALSHA" if kind == "permission" else None)

    with running(
        "--user",
        "reader",
        "on",
        ">secret",
        "~pb:*",
        "+get",
        "--requirepass",
        "secret",
        executable=executable,
        port=free_port(),
    ) as server:
        run(server.url.replace("://", f"://{credentials}"), scenario)
        run(f"unix://{credentials}{server.socket}", scenario)


INSIDE = b"The user executing the script can't run this command or subcommand"


@pytest.mark.parametrize(
    ("reply", "not_permitted"),
    [
        (b"-NOPERM this user has no permissions to run the 'evalsha' command or its subcommand", "EVALSHA"),
        (b"-NOPERM this user has no permissions to run the 'evalsha' command", "EVALSHA"),
        (b"-NOPERM User anna has no permissions to run the 'eval' command", "EVAL"),
        (b"-NOPERM User anna has no permissions to run the 'cluster|slots' command", "CLUSTER"),
        (b"-NOPERM this user has no permissions to access one of the keys used as arguments", "keys"),
        (b"-NOPERM No permissions to access a key", "keys"),
        (b"-NOPERM User anna has no permissions to access a key 'pb:{demo:x}'", "keys"),
        (b"-NOPERM User anna has no permissions to run the 'anna' command", None),
        (b"-NOPERM User run the 'anna@example.org' command", None),
        (b"-NOPERM", None),
        (b"-ERR Error running script (call to f_ab): @user_script:3: @user_script: 3: " + INSIDE, "TIME"),
        (b"-ERR Error running script (call to f_ab): @user_script:9: @user_script: 9: " + INSIDE, "HEXISTS"),
        (b"-ERR " + INSIDE + b" script: ab, on @user_script:11.", "EXISTS"),
        (b"-ERR " + INSIDE + b" script: ab, on @user_script:15.", "HLEN"),
        (b"-ERR " + INSIDE + b" script: ab, on @user_script:17.", "PFCOUNT"),
        (b"-ERR " + INSIDE + b" script: ab, on @user_script:1.", None),
        (b"-ERR " + INSIDE + b" script: ab, on @user_script:999999.", None),
        (b"-ERR " + INSIDE, None),
        (b"-NOPERM ACL failure in script: User anna has no permissions to run the 'hset' command", "HSET"),
        (b"-ERR ACL failure in script: No permissions to access a key", "keys"),
        (
            (
                b"-ERR The user executing the script can't access at least one of the keys mentioned in the command "
                b"arguments script: ab, on @user_script:4."
            ),
            "keys",
        ),
    ],
)
def test_a_missing_right_is_told_by_our_name_for_it(reply: bytes, not_permitted: str | None) -> None:
    """In the words of Redis 6.2, 7 and later, outside of scripts and inside; a name that is not ours is not told."""

    async def scenario() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while request := await reader.read(1 << 16):
                cluster = b"CLUSTER" in request
                writer.write(b"-ERR This instance has cluster support disabled\r\n" if cluster else reply + b"\r\n")
                await writer.drain()

        async with serving(answer) as port:
            store = a_store(f"redis://127.0.0.1:{port}")
            error = await refused(store.apply(a_batch(), time.time()))
            assert (error.kind, error.not_permitted) == ("permission", not_permitted)
            await store.close()

    asyncio.run(scenario())


def test_since_when_it_counts_is_unknown_where_redis_may_not_say() -> None:
    async def scenario(store: RedisStore) -> None:
        assert await store.started_at() is None

    with running("--user", "default", "off", "--user", "counter", "on", ">secret", "~pb:*", "+get") as server:
        run(f"unix://counter:secret@{server.socket}", scenario)


def test_a_hung_redis_costs_a_timeout_and_recovers(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        one = a_batch()
        await store.salt("demo", time.time())
        redis_server.process.send_signal(signal.SIGSTOP)
        try:
            error = await refused(store.apply(one, time.time()))
            assert error.kind == "timeout"
            for question in (store.apply(one, time.time()), store.salt("demo", time.time())):
                assert (await refused(question)).kind == "timeout"
        finally:
            redis_server.process.send_signal(signal.SIGCONT)
        assert (await store.apply(one, time.time())).outcome in {"applied", "duplicate"}
        assert await store.counts("demo", one.interval) == {"all|visit": 1}
        assert len(await store.salt("demo", time.time())) == 32

    run(redis_server.url, scenario)


def test_a_hung_redis_is_not_sent_ever_more_that_it_does_not_read(redis_server: RedisServer) -> None:
    """What was on its way may wait for it, one request for each connection; whoever comes then sends a word first."""

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async def scenario(store: RedisStore) -> None:
        salt = await store.salt("demo", time.time())
        before = open_files()
        big = a_batch({f"all|shown:{n:030}": 1 for n in range(30_000)})
        redis_server.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(4):
                many = [asyncio.ensure_future(refused(store.apply(big, time.time()))) for _ in range(12)]
                assert {error.kind for error in await asyncio.gather(*many)} == {"timeout"}
                await asyncio.sleep(0.01)
                assert open_files() <= before + connections_max - 1
        finally:
            redis_server.process.send_signal(signal.SIGCONT)
        assert await store.salt("demo", time.time()) == salt
        await asyncio.sleep(0.01)
        assert open_files() <= before
        assert await store.counts("demo", big.interval) in ({}, big.counts)

    run(redis_server.url, scenario, timeout_s=0.2)


def test_a_redis_that_is_not_there_is_told() -> None:
    async def scenario(store: RedisStore) -> None:
        for question in (store.apply(a_batch(), time.time()), store.salt("demo", time.time()), store.started_at()):
            error = await refused(question)
            assert error.kind == "connection"

    run(f"redis://127.0.0.1:{free_port()}", scenario)
    run("unix:///nowhere/at/all", scenario)


def test_a_redis_that_went_away_between_two_requests_is_told(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        await store.apply(a_batch(), time.time())
        redis_server.process.kill()
        redis_server.process.wait()
        await asyncio.sleep(0.05)
        error = await refused(store.apply(a_batch(), time.time()))
        assert error.kind == "connection"

    run(redis_server.url, scenario)


@pytest.mark.parametrize(
    "reply, kind",
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "loading"),
        (b"-MASTERDOWN Link with MASTER is down\r\n", "loading"),
        (b"-CLUSTERDOWN The cluster is down\r\n", "loading"),
        (b"-TRYAGAIN Multiple keys request during rehashing of slot\r\n", "loading"),
        (b"-MISCONF Redis is configured to save RDB snapshots\r\n", "read_only"),
        (b"-NOREPLICAS Not enough good replicas to write.\r\n", "read_only"),
        (b"-READONLY You can't write against a read only replica.\r\n", "read_only"),
        (b"-ERR max number of clients reached\r\n", "connection"),
        (b"-ERR something about visit\r\n", "other"),
        (b"+OK\r\n", "other"),
        (b":7\r\n", "other"),
        (b"$-1\r\n", "other"),
        (b"*2\r\n$4\r\nlate\r\n$1\r\n0\r\n", "other"),  # one bit for no cohort
        (b"*2\r\n$5\r\nnever\r\n$0\r\n\r\n", "other"),
        (b"*9999999\r\n", "timeout"),
        (b"*x\r\n", "other"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "other"),
        (b"-MOVED nonsense\r\n", "other"),
        (b"*1\r\n" * 3000, "other"),
        (b"", "connection"),
    ],
)
def test_what_a_server_answers_becomes_a_kind(reply: bytes, kind: str) -> None:
    """Whatever it says, no error repeats it."""

    async def scenario() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while request := await reader.read(1 << 16):
                if b"CLUSTER" in request:
                    writer.write(b"-ERR This instance has cluster support disabled\r\n")
                elif reply:
                    writer.write(reply)
                else:
                    return
                await writer.drain()

        async with serving(answer) as port:
            store = a_store(f"redis://127.0.0.1:{port}")
            error = await refused(store.apply(a_batch(), time.time()))
            assert error.kind == kind
            await store.close()

    asyncio.run(scenario())


# --- Where Redis is


def test_tls_is_spoken_to_a_server_that_shows_the_right_certificate(redis_server: RedisServer) -> None:
    async def scenario() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        async with FaultyProxy(redis_server.socket).running(context) as proxy:
            url = f"rediss://127.0.0.1:{proxy.port}"
            trusting = a_store(f"{url}?ssl_ca_certs={CERTIFICATE}", timeout_s=2)
            assert (await trusting.apply(a_batch(), time.time())).outcome == "applied"
            await trusting.close()
            careful = a_store(url, timeout_s=2)
            with pytest.raises(StoreError, match=r"^tls$"):
                await careful.apply(a_batch(), time.time())
            misled = a_store(f"{url}?ssl_ca_certs=/nowhere.pem")
            assert (await refused(misled.apply(a_batch(), time.time()))).kind == "tls"

    asyncio.run(scenario())
    assert int(re.search(rb"keys=(\d+)", redis_server.ask("INFO", "keyspace"))[1]) == 2


def test_a_database_is_chosen(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        await store.apply(a_batch(), time.time())
        assert b"db3:keys=2" in redis_server.ask("INFO", "keyspace")

    run(f"unix://{redis_server.socket}?db=3", scenario)


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


# --- Many at once


def test_more_requests_than_links_wait_for_their_turn(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        one = a_batch()
        await asyncio.gather(
            *(store.apply(msgspec.structs.replace(one, id=os.urandom(16)), time.time()) for _ in range(40))
        )
        assert await store.counts("demo", one.interval) == {"all|visit": 40}
        assert int(re.search(rb"connected_clients:(\d+)", redis_server.ask("INFO", "clients"))[1]) <= 5

    run(redis_server.url, scenario, timeout_s=2)


def test_a_request_that_is_given_up_leaves_no_reply_behind(redis_server: RedisServer) -> None:
    async def scenario(store: RedisStore) -> None:
        one = a_batch()
        await store.apply(one, time.time())
        redis_server.process.send_signal(signal.SIGSTOP)
        given_up = [asyncio.ensure_future(store.salt("demo", time.time())) for _ in range(6)]
        await asyncio.sleep(0.02)
        for task in given_up:
            task.cancel()
        assert all(
            isinstance(end, asyncio.CancelledError) for end in await asyncio.gather(*given_up, return_exceptions=True)
        )
        redis_server.process.send_signal(signal.SIGCONT)
        assert (await store.apply(one, time.time())).outcome == "duplicate"

    run(redis_server.url, scenario, timeout_s=2)


def test_requests_that_are_given_up_at_any_moment_mix_up_no_replies() -> None:
    """While connecting and authenticating too: whoever asks next gets the reply to what they asked."""
    chance = random.Random(5)
    sites = [f"site{n}" for n in range(8)]

    async def scenario() -> None:
        plan: Callable[[], Fault] = lambda: chance.choice(["pass", "delay", "reset_after"])  # noqa: E731
        async with FaultyProxy(server.socket, plan, delay_s=0.005).running() as proxy:
            store = a_store(f"redis://:secret@127.0.0.1:{proxy.port}/2", timeout_s=2)
            direct = a_store(f"unix://:secret@{server.socket}?db=2", timeout_s=2)
            salts = {site: await direct.salt(site, time.time()) for site in sites}

            answers: list[bool] = []

            async def ask(site: str) -> None:
                with contextlib.suppress(StoreError, TimeoutError):
                    async with asyncio.timeout(chance.random() * 0.03):
                        answers.append(await store.salt(site, time.time()) == salts[site])

            for _ in range(50):
                await asyncio.gather(*map(ask, sites))
            assert all(answers)
            assert 0 < len(answers) < 50 * len(sites)
            proxy.plan = lambda: "pass"
            assert {site: await store.salt(site, time.time()) for site in sites} == salts
            await store.close()
            await direct.close()

    with running("--requirepass", "secret") as server:
        asyncio.run(scenario())
