"""A body that is refused: why, that a page may read it, and that nothing of the body is counted or waited for after."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from service.app import Container
from service.core.access import Keys
from service.telemetry import Telemetry
from service.web.auth import Auth
from service.web.cors import Cors
from service.web.query import UNREAD
from service.web.wire.answering import Limits
from service.web.wire.dispatch import BodyLimits, Dispatcher, Row
from service.web.wire.messages import Headers
from tests.web.wire.test_connection import SMALL, Talk, at_once, run
from tests.web.wire.test_connection import serve as serve_dispatcher
from tests.web.wire.test_lifetime import JSON, Serving, serve, statuses

SHOP, ELSEWHERE = b"https://shop.example", b"https://evil.example"
SMALL_MAX, UNFINISHED_MAX, BODY_S = 100, 70, 0.03


class NoKeys:
    """A service to which nobody has a key."""

    keys = Keys.of([])


def broken(*_: Any) -> Any:
    raise KeyError


def dispatcher_of(*, timeout_s: float = 5.0) -> Dispatcher:
    """Rows that pages may ask."""
    rows = [
        Row("/p", "POST", "", "small", at_once, cors=True),
        Row("/json", "POST", "", "small", at_once, cors=True, media=("application/json",)),
        Row("/closed", "POST", "recommend", "small", at_once, cors=True),
        Row("/plain", "POST", "", "small", at_once, cors=True, takes_query=False),
        Row("/broken", "POST", "", "small", broken, cors=True),
        Row("/s", "POST", "", "stream", at_once, cors=True, media=("application/x-ndjson",)),
        Row("/small", "GET", "", "none", at_once),
    ]
    return Dispatcher(
        rows, Telemetry(stream=Silent()), BodyLimits(SMALL_MAX, 1 << 20, timeout_s, timeout_s), auth=Auth(NoKeys(), ()),
        cors=lambda: Cors({"demo": (SHOP.decode(),)}), unfinished_max_bytes=UNFINISHED_MAX,
    )  # fmt: skip


class Silent:
    def write(self, _: str) -> None:
        """A log that nobody reads."""


def lengthy(path: bytes, size: int, sent: bytes, more: bytes = b"") -> bytes:
    """The beginning of a post."""
    return b"POST %b HTTP/1.1\r\n%bcontent-length: %d\r\n\r\n%b" % (path, more, size, sent)


def chunked(path: bytes, sent: bytes, more: bytes = b"") -> bytes:
    return b"POST %b HTTP/1.1\r\n%btransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (path, more, len(sent), sent)


# ---- what a page may read ----

# The request but for its origin, and the refusal.
REFUSED: dict[str, tuple[list[bytes], str]] = {
    "too large, as it says itself": ([lengthy(b"/p", 101, b"")], "body-too-large"),
    "too large, with its octets": ([lengthy(b"/p", 101, b"x" * 101)], "body-too-large"),
    "too large, without a length": ([chunked(b"/p", b"x" * 60), b"29\r\n" + b"y" * 41 + b"\r\n"], "body-too-large"),
    "late, with a length": ([lengthy(b"/p", 10, b"x")], "body-timeout"),
    "late, without an octet": ([lengthy(b"/p", 10, b"")], "body-timeout"),
    "late, without a length": ([chunked(b"/p", b"x")], "body-timeout"),
    "late lines": ([lengthy(b"/s", 10, b"", b"content-type: application/x-ndjson\r\n")], "body-timeout"),
    "of another type": ([lengthy(b"/json", 2, b"{}")], "unsupported-media-type"),
    "of another type, still to come": ([lengthy(b"/json", 2, b"")], "unsupported-media-type"),
    "coded": ([lengthy(b"/json", 2, b"", JSON + b"content-encoding: gzip\r\n")], "unsupported-media-type"),
    "lines of another type": ([lengthy(b"/s", 2, b"", JSON)], "unsupported-media-type"),
    "without a key": ([lengthy(b"/closed", 2, b"{}")], "unauthorized"),
    "without a key, still to come": ([lengthy(b"/closed", 2, b"")], "unauthorized"),
    "with a query beside it": ([lengthy(b"/plain?x=1", 2, b"{}")], "unknown-field"),
    "with a query beside it, still to come": ([lengthy(b"/plain?x=1", 2, b"")], "unknown-field"),
    "too much for all": ([chunked(b"/p", b"x" * 60), b"f\r\n" + b"y" * 15 + b"\r\n"], "overloaded"),
    "a mistake of ours": ([lengthy(b"/broken", 2, b"{}")], "internal-error"),
}


def refused(name: str, origin: bytes) -> tuple[dict[bytes, bytes], dict[str, Any]]:
    """The fields of the one answer, and its problem. Nothing is held after it."""
    pieces, _ = REFUSED[name]
    first = pieces[0].replace(b"\r\n", b"\r\norigin: " + origin + b"\r\n", 1)

    async def work() -> bytes:
        dispatcher = dispatcher_of(timeout_s=BODY_S if name.startswith("late") else 5.0)
        async with Talk(dispatcher=dispatcher) as connection:
            await connection.say(first, *pieces[1:])
            async with asyncio.timeout(5):
                while not connection.statuses:  # noqa: ASYNC110  # there is no event for it
                    await asyncio.sleep(0.005)
            assert len(connection.statuses) == 1
            assert (dispatcher.unfinished_bytes, dispatcher.in_work) == (0, 0)
            return connection.wire.written

    head, _, body = run(work()).partition(b"\r\n\r\n")
    return dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:]), json.loads(body)


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_may_read_why_its_body_is_refused(name: str) -> None:
    """A browser shows an answer to a page of an origin that it names, and to no other."""
    fields, problem = refused(name, SHOP)
    assert problem["type"] == f"/problems/{REFUSED[name][1]}"
    assert fields[b"vary"] == b"origin"
    assert fields[b"access-control-allow-origin"] == SHOP
    assert fields[b"access-control-allow-credentials"] == b"true"
    assert b"access-control-expose-headers" in fields


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_of_another_origin_may_not(name: str) -> None:
    """The refusal is the same; nothing lets the page read it."""
    fields, problem = refused(name, ELSEWHERE)
    assert problem["type"] == f"/problems/{REFUSED[name][1]}"
    assert fields[b"vary"] == b"origin"
    assert not [field for field in fields if field.startswith(b"access-control")]


# ---- a query beside a body ----


@pytest.fixture(scope="module")
def serving(house: Container) -> Iterator[Serving]:
    with serve(house) as found:
        yield found


def plain_rows(dispatcher: Dispatcher) -> list[Row]:
    """The rows of the service that read no query."""
    resources = dispatcher._fixed.values()
    return [
        row for resource in resources for row in [*resource.methods.values(), *resource.further] if not row.takes_query
    ]


@pytest.mark.parametrize("query", ["?site=demo", "?x", "?x=1&y=2", "?site=demo#x"])
@pytest.mark.parametrize("there", [True, False])
def test_where_the_body_says_everything_a_query_is_refused(serving: Serving, query: str, there: bool) -> None:
    """On all such rows; its head is enough, so that the body is not waited for."""
    rows = plain_rows(serving.application.dispatcher)
    assert {(row.path, row.body) for row in rows} >= {
        ("/v1/recommendations", "batch"),
        ("/v1/recommendations", "stream"),
    }
    for row in rows:
        fields: Headers = [(b"host", b"x"), (b"content-type", row.media[0].encode()), (b"content-length", b"2")]
        lines = [f"{row.method} {row.path}{query} HTTP/1.1".encode(), *(b": ".join(field) for field in fields)]
        with serving.connect() as client:
            client.sendall(b"\r\n".join([*lines, b"", b"{}" if there else b""]))
            found = client.recv(65536)
        problem = json.loads(found.partition(b"\r\n\r\n")[2])
        assert statuses(found) == [422]
        assert {error["pointer"] for error in problem["errors"]} == {"/query"}
        assert all(error["detail"].startswith(UNREAD) for error in problem["errors"])


@pytest.mark.parametrize("query", ["", "?"])
def test_no_query_is_no_query_however_it_is_written(serving: Serving, query: str) -> None:
    with serving.connect() as client:
        client.sendall(b"POST /v1/recommendation%b HTTP/1.1\r\nhost: x\r\n" % query.encode())
        client.sendall(JSON + b"content-length: 2\r\n\r\n{}")
        assert statuses(client.recv(65536)) == [200]


# ---- too much for all together ----

BEGINNINGS = {
    "lengths": (lengthy(b"/p", 60, b"x" * 40), lengthy(b"/p", 60, b"y" * 40), b"x" * 20, b"y" * 20),
    "chunks": (
        chunked(b"/p", b"x" * 40), chunked(b"/p", b"y" * 40), b"14\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n", b"0\r\n\r\n",
    ),
    "then more": (lengthy(b"/p", 60, b"x" * 40), lengthy(b"/p", 90, b"y" * 35), b"x" * 20, b"y" * 55),
}  # fmt: skip


@pytest.mark.parametrize("name", BEGINNINGS)
def test_beginnings_of_bodies_beyond_the_bound_are_shed(name: str) -> None:
    """Over sockets: the one that was too much gets 503, the other its answer, and nothing is counted after."""
    first, second, rest, other_rest = BEGINNINGS[name]
    dispatcher = dispatcher_of()

    async def work(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(first)
            while dispatcher.unfinished_bytes < 40:  # noqa: ASYNC110  # there is no event for it
                await asyncio.sleep(0.005)
            other_writer.write(second)
            head = await other_reader.readuntil(b"\r\n\r\n")
            problem = await other_reader.readuntil(b"}")
            assert head.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 1" in head
            assert json.loads(problem)["type"] == "/problems/overloaded"
            assert dispatcher.unfinished_bytes == 40
            writer.write(rest)
            assert (await reader.readuntil(b"/p 1 60")).startswith(b"HTTP/1.1 200")
            assert dispatcher.unfinished_bytes == 0
            other_writer.write(other_rest + SMALL)
            assert (await other_reader.readuntil(b"/small 1 0")).startswith(b"HTTP/1.1 200")
        finally:
            writer.close()
            other_writer.close()

    run(serve_dispatcher(Limits(), lambda port: asyncio.wait_for(work(port), 8), dispatcher))
    assert (dispatcher.unfinished_bytes, dispatcher.in_work) == (0, 0)


@pytest.mark.parametrize("ends", ["closes", "breaks", "is late"])
def test_a_body_that_never_comes_is_counted_no_more(ends: str) -> None:
    """Whatever was the end of it."""
    dispatcher = dispatcher_of(timeout_s=BODY_S if ends == "is late" else 5.0)

    async def work(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(chunked(b"/p", b"x" * 40))
        if ends != "is late":
            while dispatcher.unfinished_bytes < 40:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.005)
        if ends == "breaks":
            writer.write(b"nonsense\r\n")
        if ends == "closes":
            writer.close()
        else:
            assert (await reader.read(12)) == (b"HTTP/1.1 408" if ends == "is late" else b"HTTP/1.1 400")
        while dispatcher.unfinished_bytes:  # noqa: ASYNC110  # as above
            await asyncio.sleep(0.005)
        writer.close()

    run(serve_dispatcher(Limits(), lambda port: asyncio.wait_for(work(port), 8), dispatcher))
