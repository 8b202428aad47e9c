"""Requests that come before their turn: whatever is in work, every one of them has its answer, or the connection ends."""

import asyncio
import contextlib
import json
import select
import time
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from service.app import Container
from service.core.access import Grant
from service.telemetry import Telemetry
from service.web.wire.answering import PIPELINED_MAX_BYTES
from service.web.wire.dispatch import BodyLimits, Dispatcher, Row
from service.web.wire.messages import Request, Stream, head_of
from tests.web.wire.test_connection import HEAD_MAX, SMALL, Talk, at_once, run, say_what_came
from tests.web.wire.test_lifetime import PAGE, Serving, post, serve, statuses
from tests.web.wire.test_streams import END, LINE, LINES, OPENING, chunk

BIG = PIPELINED_MAX_BYTES + 5_000


def big_post(octets: int = BIG) -> bytes:
    return b"POST /p HTTP/1.1\r\ncontent-length: %d\r\n\r\n" % octets + b"x" * octets


# ---- large bodies ----


@pytest.mark.parametrize("octets", [5, PIPELINED_MAX_BYTES - 1, PIPELINED_MAX_BYTES, PIPELINED_MAX_BYTES + 1, BIG])
def test_a_body_that_waits_for_a_client_to_read_is_answered(octets: int) -> None:
    """Nothing is in work: it is the answers before it that are not taken yet."""

    async def work() -> None:
        async with Talk(at_once) as connection:
            connection.protocol.pause_writing()
            await connection.say(big_post(octets))
            assert connection.statuses == []
            connection.protocol.resume_writing()
            await connection.say(b"", b"")
            assert connection.answers == [(200, b"/p 1 %d" % octets)]
            assert not connection.wire.closed

    run(work())


def test_a_body_of_which_a_part_is_there_comes_when_the_client_reads() -> None:
    """Its rest is let in then."""

    async def work() -> None:
        async with Talk(at_once) as connection:
            connection.protocol.pause_writing()
            await connection.say(b"POST /p HTTP/1.1\r\ncontent-length: 5\r\n\r\nhe")
            connection.protocol.resume_writing()
            await connection.say(b"llo", b"")
            assert connection.answers == [(200, b"/p 1 5")]

    run(work())


@pytest.mark.parametrize("octets", [5, BIG])
def test_a_body_behind_a_request_in_work_is_answered_after_it(octets: int) -> None:
    async def work() -> None:
        async with Talk(say_what_came) as connection:
            await connection.say(SMALL + big_post(octets), *[b""] * 5)
            assert connection.answers == [(200, b"/small 1 0"), (200, b"/p 1 %d" % octets)]
            assert not connection.wire.closed
            assert not connection.wire.paused

    run(work())


@pytest.mark.parametrize("octets", [5, BIG])
def test_a_body_behind_a_stream_is_answered_after_it(octets: int) -> None:
    """The end of the stream, and the request after it, may come in one read while the handler is behind."""

    async def lines(request: Request) -> AsyncGenerator[bytes, None]:
        assert request.chunks is not None
        async for octets_of in request.chunks:
            await asyncio.sleep(0.02)
            yield octets_of

    def stream(request: Request, _: Grant) -> Stream:
        return Stream(200, head_of([]), lines(request))

    rows = [Row("/s", "POST", "", "stream", stream), Row("/p", "POST", "", "batch", at_once)]
    dispatcher = Dispatcher(rows, Telemetry(), BodyLimits(8192, 1 << 20, 5.0))

    async def work() -> None:
        async with Talk(dispatcher=dispatcher) as connection:
            await connection.say(OPENING + chunk(b"a"))
            await connection.say(END + big_post(octets))
            until = time.monotonic() + 5
            while connection.wire.written.count(b"HTTP/1.1") < 2 and time.monotonic() < until:  # noqa: ASYNC110  # no event
                await asyncio.sleep(0.005)
            assert connection.wire.written.endswith(b"\r\n\r\n/p 1 %d" % octets)

    run(work())


# ---- offers to upgrade ----


@pytest.mark.parametrize("handler", [at_once, say_what_came])
def test_a_read_full_of_offers_to_upgrade_is_answered(handler: Any) -> None:
    """One after the other, however many one read holds."""
    one = b"GET /p HTTP/1.1\r\nupgrade:x\r\nconnection:upgrade\r\n\r\n"
    number = HEAD_MAX // len(one) if handler is at_once else 60

    async def work() -> list[int]:
        async with Talk(handler) as connection:
            await connection.say(one * number)
            for _ in range(number):
                await connection.say(b"")
            return connection.statuses

    assert run(work()) == [200] * number


# ---- over sockets ----


@pytest.fixture(scope="module")
def serving(house: Container) -> Iterator[Serving]:
    with serve(house) as found:
        yield found


def answers_of(client: Any, number: int) -> tuple[list[int], bool]:
    """The statuses of so many answers, as far as they come, and whether the connection ended."""
    said = b""
    client.settimeout(5)
    with contextlib.suppress(TimeoutError, ConnectionError):
        while said.count(b"HTTP/1.1 ") < number:
            if not (part := client.recv(1 << 20)):
                return statuses(said), True
            said += part
    return statuses(said), False


@pytest.mark.parametrize("method", [b"GET /livez", b"PUT /"])
def test_offers_to_upgrade_are_no_fault_of_ours(serving: Serving, method: bytes) -> None:
    one = method + b" HTTP/1.1\r\nupgrade:x\r\nconnection:upgrade\r\n\r\n"
    number = HEAD_MAX // len(one)
    with serving.connect() as client:
        client.sendall(one * number)
        found, _ = answers_of(client, number)
    assert found == [405 if b"PUT" in method else 200] * number
    assert not serving.failures


def test_a_batch_behind_answers_that_are_read_late_is_answered(serving: Serving) -> None:
    """It waits with its body for a client that takes its time."""
    pages = 30
    batch = post(b"/v1/recommendations", json.dumps({"requests": [{}] * 20}).encode() + b" " * BIG)
    octets = PAGE * pages + batch
    with serving.connect(receive_bytes=65536) as client:
        client.setblocking(False)
        until = time.monotonic() + 0.1  # less than it may leave unread
        while octets and time.monotonic() < until:
            try:
                octets = octets[client.send(octets) :]
            except BlockingIOError:
                time.sleep(0.005)
        said = b""
        until = time.monotonic() + 8
        while said.count(b"HTTP/1.1 ") <= pages and time.monotonic() < until:
            readable, writable, _ = select.select([client], [client] if octets else [], [], 0.5)
            if writable:
                octets = octets[client.send(octets) :]
            if readable:
                part = client.recv(1 << 20)
                assert part, "it ended before all was answered"
                said += part
    assert statuses(said) == [200] * (pages + 1)


def test_a_batch_behind_a_report_is_answered(serving: Serving) -> None:
    batch = post(b"/v1/recommendations", json.dumps({"requests": [{}] * 900}).encode() + b" " * BIG)
    with serving.connect() as client:
        client.sendall(post(b"/v1/events", b"{}") + batch)
        assert answers_of(client, 2) == ([422, 200], False)


def test_a_batch_behind_the_end_of_a_stream_does_not_hang(serving: Serving) -> None:
    """On connections that have been used before, as those of a client that keeps them are."""
    body = json.dumps({"requests": [{}] * 50}).encode()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(serving.connect()) for _ in range(4)]
        for client in clients:
            client.sendall(post(b"/v1/recommendations", body + b" " * BIG))
            said = b""
            while not said.endswith(b"]}"):
                said += client.recv(1 << 20)
        for client in clients:
            client.sendall(LINES + chunk(LINE))
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
            client.sendall(END + post(b"/v1/recommendations", body + b" " * BIG))
        for client in clients:
            assert answers_of(client, 1) == ([200], False)
