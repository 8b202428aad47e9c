"""One Redis server that hangs, dawdles or is given up: nothing waits longer, and no reply is another's."""

import asyncio
import contextlib
import os
import random
import re
import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from service.adapters.redis_store.connections import connections_max
from service.adapters.redis_store.store import RedisStore
from service.ports import StoreError
from tests.adapters.faulty_proxy import Fault, FaultyProxy
from tests.adapters.redis_servers import RedisServer, running
from tests.adapters.redis_store.scenarios import a_batch, a_store, refused, run

CERTIFICATE = Path(__file__).parents[1] / "loopback.pem"


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

    async def at_most(files_max: int) -> None:
        """A socket that was given up is closed when its loop comes round to it."""
        for _ in range(200):
            if open_files() <= files_max:
                return
            await asyncio.sleep(0.01)
        assert open_files() <= files_max

    async def scenario(store: RedisStore) -> None:
        salt = await store.salt("demo", time.time())
        before = open_files()
        big = a_batch({f"all|shown:{n:030}": 1 for n in range(30_000)})
        redis_server.process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(4):
                many = [asyncio.ensure_future(refused(store.apply(big, time.time()))) for _ in range(12)]
                assert {error.kind for error in await asyncio.gather(*many)} == {"timeout"}
                await at_most(before + connections_max - 1)
        finally:
            redis_server.process.send_signal(signal.SIGCONT)
        assert await store.salt("demo", time.time()) == salt
        await at_most(before)
        assert await store.counts("demo", big.interval) in ({}, big.counts)

    run(redis_server.url, scenario, timeout_s=0.2)


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
