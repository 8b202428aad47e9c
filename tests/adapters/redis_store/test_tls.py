"""TLS where the server speaks plainly, plainly where it wants TLS, a certificate that nobody trusts: each is ``tls``."""

import asyncio
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from service.adapters.redis_store.store import RedisStore
from service.adapters.redis_store.tls import TlsMismatch
from service.ports import StoreError
from tests.adapters.faulty_proxy import FaultyProxy, serving
from tests.adapters.redis_servers import RedisServer, executables, free_port, running
from tests.journeys.conftest import left_out

CERTIFICATE = Path(__file__).parents[1] / "loopback.pem"
TRUSTING = f"ssl_ca_certs={CERTIFICATE}"
DENIED = b"-DENIED Redis is running in protected mode\r\n"
Streams = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def wants_tls(*, client_certificate: bool = False, newest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    if client_certificate:
        context.load_verify_locations(CERTIFICATE)
        context.verify_mode = ssl.CERT_REQUIRED
    if newest is not None:
        context.maximum_version = newest
    return context


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    while await reader.read(1 << 16):
        pass


async def closing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def at_once(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    pass


def saying(answer: bytes) -> Streams:
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            writer.write(answer)
            await writer.drain()

    return say


async def alerting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As one that wants TLS answers to what is none."""
    await reader.read(1)
    writer.write(b"\x15\x03\x03\x00\x02\x02\x2f")
    await writer.drain()


async def plain_alone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """It closes a link that begins with TLS, and answers in plain words."""
    if await reader.read(1) != b"\x16":
        writer.write(DENIED)
        await writer.drain()


@asynccontextmanager
async def server_of(kind: str, redis: RedisServer) -> AsyncIterator[int]:
    """A server that listens on a port of loopback."""
    contexts = {
        "tls": wants_tls(),
        "tls 1.2": wants_tls(newest=ssl.TLSVersion.TLSv1_2),
        "mutual tls": wants_tls(client_certificate=True),
        "mutual tls 1.2": wants_tls(client_certificate=True, newest=ssl.TLSVersion.TLSv1_2),
    }
    streams = {
        "silent": silent,
        "closing": closing,
        "at once": at_once,
        "protected": saying(DENIED),
        "http": saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    }
    if kind in streams:
        async with serving(streams[kind]) as port:
            yield port
    elif kind == "nobody":
        yield free_port()
    else:
        async with FaultyProxy(redis.socket).running(contexts.get(kind)) as proxy:
            yield proxy.port


@pytest.mark.parametrize(
    ("server", "url", "kind"),
    [
        ("plain", "redis://127.0.0.1:{port}", None),
        ("plain", "rediss://127.0.0.1:{port}", "tls"),
        ("plain", "rediss://127.0.0.1:{port}?" + TRUSTING, "tls"),
        ("plain", "rediss://user:secret@127.0.0.1:{port}?ssl_cert_reqs=none&ssl_check_hostname=false", "tls"),
        ("locked", "rediss://127.0.0.1:{port}", "tls"),
        ("locked", "redis://127.0.0.1:{port}", "authentication"),
        ("protected", "rediss://127.0.0.1:{port}", "tls"),
        ("tls", "rediss://127.0.0.1:{port}?" + TRUSTING, None),
        ("tls", "rediss://127.0.0.1:{port}", "tls"),  # nobody's certificate
        ("tls", "rediss://localhost:{port}?" + TRUSTING, None),
        ("tls", "rediss://127.0.0.1:{port}?ssl_ca_certs=/nowhere.pem", "tls"),
        ("tls", "rediss://127.0.0.1:{port}?ssl_cert_reqs=none&ssl_check_hostname=false", None),
        ("tls", "redis://127.0.0.1:{port}", "tls"),
        ("tls", "redis://user:secret@127.0.0.1:{port}/0", "tls"),
        ("tls 1.2", "redis://127.0.0.1:{port}", "tls"),
        ("tls 1.2", "rediss://127.0.0.1:{port}", "tls"),
        ("mutual tls", "redis://127.0.0.1:{port}", "tls"),
        ("mutual tls 1.2", "redis://127.0.0.1:{port}", "tls"),
        ("mutual tls", "rediss://127.0.0.1:{port}?" + TRUSTING + f"&ssl_certfile={CERTIFICATE}&ssl_keyfile={CERTIFICATE}", None),
        ("silent", "rediss://127.0.0.1:{port}", "timeout"),
        ("silent", "redis://127.0.0.1:{port}", "timeout"),
        ("closing", "rediss://127.0.0.1:{port}", "connection"),
        ("closing", "redis://127.0.0.1:{port}", "connection"),
        ("at once", "rediss://127.0.0.1:{port}", "connection"),
        ("at once", "redis://127.0.0.1:{port}", "connection"),
        ("nobody", "rediss://127.0.0.1:{port}", "connection"),
        ("nobody", "redis://127.0.0.1:{port}", "connection"),
        ("http", "redis://127.0.0.1:{port}", "other"),
    ],
)  # fmt: skip
def test_what_tls_has_to_do_with_it_is_told(server: str, url: str, kind: str | None) -> None:
    """A server that is hung, gone or strange is called so still; nothing was applied; the time for it is bounded."""

    async def scenario(redis: RedisServer) -> None:
        async with server_of(server, redis) as port:
            store = RedisStore(
                url.format(port=port), k=25, k_prefixes=5, retention_s=3600, timeout_s=0.5, connect_timeout_s=0.5
            )
            if kind is None:
                assert len(await store.salt("demo", time.time())) == 32
            else:
                for _ in range(2):  # not only the first time
                    began = time.monotonic()
                    with pytest.raises(StoreError) as caught:
                        await store.salt("demo", time.time())
                    assert (caught.value.kind, str(caught.value)) == (kind, kind)
                    assert time.monotonic() - began < 2.5
            await store.close()

    options = ("--requirepass", "another") if server == "locked" else ()
    with running(*options) as redis:
        asyncio.run(scenario(redis))
        if server != "locked":
            assert all(b"salt" in key.encode() for key in redis.expiries())


def test_a_server_that_turns_to_tls_while_it_is_used_is_told() -> None:
    """After a restart with another configuration: the links break, and the next says why."""

    async def scenario(redis: RedisServer) -> None:
        port = free_port()
        store = RedisStore(f"redis://127.0.0.1:{port}", k=25, k_prefixes=5, retention_s=3600, timeout_s=2)
        proxy = FaultyProxy(redis.socket)
        plain = await asyncio.start_server(proxy._serve, "127.0.0.1", port)
        await store.salt("demo", time.time())
        plain.close()
        redis.ask("CLIENT", "KILL", "TYPE", "normal")
        await asyncio.sleep(0.1)
        turned = await asyncio.start_server(proxy._serve, "127.0.0.1", port, ssl=wants_tls(), reuse_address=True)
        with pytest.raises(StoreError, match=r"^(tls|connection)$"):
            await store.salt("demo", time.time())
        with pytest.raises(StoreError, match=r"^tls$"):
            await store.salt("demo", time.time())
        turned.close()
        await store.close()

    with running() as redis:
        asyncio.run(scenario(redis))


@pytest.mark.parametrize("url", ["redis://127.0.0.1:{port}", "redis+sentinel://127.0.0.1:{port}/main"])
@pytest.mark.parametrize(
    ("tls", "answer", "kind", "looks"),
    [
        (False, closing, "connection", 1),
        (False, at_once, "connection", 1),
        (False, alerting, "tls", 1),
        (False, saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "other", 1),
        (True, closing, "connection", 2),  # in plain words, and with a certificate of ours
        (True, at_once, "connection", 2),
        (True, saying(DENIED), "tls", 0),  # what comes of it is told by itself
        (True, plain_alone, "tls", 1),
    ],
)
def test_a_server_that_fails_is_looked_at_now_and_then_alone(
    url: str, tls: bool, answer: Streams, kind: str, looks: int
) -> None:
    """While it fails there is one look in five seconds, whatever it finds, so that a server in need is left alone.

    The breaker asks 1.25 times a second, so that there are at most 1.65 connections a second.
    """

    async def scenario() -> None:
        connections = 0

        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            await answer(reader, writer)

        async with serving(count) as port:
            whole = url.format(port=port).replace("redis", "rediss", 1) if tls else url.format(port=port)
            store = RedisStore(whole, k=25, k_prefixes=5, retention_s=3600, timeout_s=0.5)
            for _ in range(5):
                with pytest.raises(StoreError, match=f"^{kind}$"):
                    await store.salt("demo", time.time())
            assert connections == 5 + looks
            await store.close()

    asyncio.run(scenario())


def test_who_fails_while_another_looks_waits_for_what_it_finds() -> None:
    """One look for all, and one answer."""

    async def scenario() -> None:
        connections = 0

        async def count(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            await alerting(reader, writer)

        async with serving(count) as port:
            mismatch = TlsMismatch(("127.0.0.1", port), None, 2.0)
            assert await asyncio.gather(*(mismatch.explains("other") for _ in range(20))) == [True] * 20
            assert connections == 1

    asyncio.run(scenario())


def test_what_a_look_told_is_not_believed_for_ever() -> None:
    """A server that was mended and then fails otherwise is told so."""

    async def scenario() -> None:
        answer = alerting

        async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await answer(reader, writer)

        async with serving(speak) as port:
            mismatch = TlsMismatch(("127.0.0.1", port), None, 2.0, look_again_s=0.05)
            assert await mismatch.explains("other")
            answer = closing
            await asyncio.sleep(0.1)
            assert not await mismatch.explains("other")

    asyncio.run(scenario())


def speaks_tls(executable: str) -> bool:
    """Whether it was built with TLS: else it knows no such option. It is told to listen nowhere, and ends at once."""
    command = [executable, "--port", "0", "--tls-port", "0", "--save", ""]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert ended.returncode == 1 or "not listen anywhere" in ended.stdout
    return "Bad directive" not in ended.stdout + ended.stderr


def test_redis_itself_is_understood() -> None:
    """Every redis-server at hand that was built with TLS: one that wants a certificate of ours says so in an alert."""
    able = [executable for executable in executables() if speaks_tls(executable)]
    if not able:
        left_out("this test needs a redis-server built with TLS: apt-get install redis-server")
    port = free_port()
    for executable in able:
        command = [executable, "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--tls-cert-file", CERTIFICATE, "--tls-key-file", CERTIFICATE, "--tls-ca-cert-file", CERTIFICATE]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            try:
                assert server.stdout is not None
                assert any("Ready to accept" in line for line in server.stdout)
                ours = f"&ssl_certfile={CERTIFICATE}&ssl_keyfile={CERTIFICATE}"
                for url in ("redis://{}", "redis://:secret@{}", "rediss://{}", "rediss://{}?" + TRUSTING):
                    assert asyncio.run(failure_of(url.format(f"127.0.0.1:{port}"))) == "tls", url
                assert asyncio.run(failure_of(f"rediss://127.0.0.1:{port}?{TRUSTING}{ours}")) is None
            finally:
                server.kill()


async def failure_of(url: str) -> str | None:
    store = RedisStore(url, k=25, k_prefixes=5, retention_s=3600, timeout_s=1, connect_timeout_s=1)
    try:
        await store.salt("demo", time.time())
    except StoreError as error:
        return error.kind
    finally:
        await store.close()
    return None
