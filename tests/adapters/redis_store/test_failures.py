"""When Redis will not: what it says becomes a kind of failure, and nothing that it says is repeated."""

import asyncio
import time

import pytest

from service.adapters.redis_store.store import RedisStore
from tests.adapters.faulty_proxy import serving
from tests.adapters.redis_servers import RedisServer, executables, running
from tests.adapters.redis_store.scenarios import a_batch, a_store, refused, run
from tests.free_ports import free_port


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
