"""How a connection ends: after the answer, never instead of it, whoever it was that wanted the end."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterator

import pytest

from service.app import Container
from service.core.access import Grant
from service.telemetry import Telemetry
from service.web.wire.answering import Limits
from service.web.wire.dispatch import BodyLimits, Dispatcher, Row
from service.web.wire.messages import Request, Response, Stream, head_of
from tests.web.wire.test_connection import (
    SMALL,
    Talk,
    at_once,
    dispatcher_of,
    run,
    said,
    say_what_came,
    send_all,
)
from tests.web.wire.test_connection import serve as serve_dispatcher
from tests.web.wire.test_lifetime import GET, LIVE, PAGE, Serving, post, rest_of, serve, statuses

VISIT = post(b"/v1/recommendation", b"{}")
BATCH = post(b"/v1/recommendations", b'{"requests":[{}]}')
REPORT = post(b"/v1/events", b"{}")
REPORT_STORED = post(b"/v1/events?ack=stored", b"{}")


@pytest.fixture(scope="module")
def serving(house: Container) -> Iterator[Serving]:
    with serve(house, 30) as found:
        yield found


def closing(octets: bytes) -> bytes:
    """The same request, said to be the last."""
    return octets.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def of_1_0(octets: bytes) -> bytes:
    """The same request in HTTP/1.0."""
    return octets.replace(b"HTTP/1.1", b"HTTP/1.0", 1)


def kept_in_1_0(octets: bytes) -> bytes:
    """The same in HTTP/1.0, which asks for the connection to stay: by a name that proxies once used for it."""
    return of_1_0(octets).replace(b"\r\n", b"\r\nProxy-Connection: keep-alive\r\n", 1)


# ---- the client said so ----


@pytest.mark.parametrize(
    "last", [closing, of_1_0, kept_in_1_0], ids=["connection: close", "HTTP/1.0", "HTTP/1.0, kept alive"]
)
@pytest.mark.parametrize(
    ("octets", "status"), [(GET, 200), (LIVE, 200), (PAGE, 200), (VISIT, 200), (BATCH, 200), (REPORT, 422)]
)
@pytest.mark.parametrize("before", [b"", LIVE, BATCH])
@pytest.mark.parametrize("after", [b"", LIVE, b"\x16\x03\x01"])
def test_the_last_request_is_answered_and_the_connection_ends(
    serving: Serving, last: object, octets: bytes, status: int, before: bytes, after: bytes
) -> None:
    """It says so itself. What comes after it is not answered; what came before it is."""
    assert callable(last)
    with serving.connect() as client:
        client.sendall(before + last(octets) + after)
        found = rest_of(client)
    assert statuses(found) == [200] * bool(before) + [status]
    assert found.count(b"\r\nconnection: close\r\n") == 1
    answer = found[found.rindex(b"HTTP/1.1 ") :]
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"\r\ncontent-length: %d" % len(body) in head


def test_a_stream_of_http_1_0_has_no_chunks() -> None:
    """It ends where the connection does."""

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one "
        yield b"two"

    dispatcher = dispatcher_of(lambda _, __: Stream(200, head_of([]), pieces()), body="none")

    async def work() -> None:
        async with Talk(dispatcher=dispatcher) as connection:
            await connection.say(of_1_0(SMALL), b"")
            head, _, body = connection.wire.written.partition(b"\r\n\r\n")
            assert (b"transfer-encoding" in head, b"connection: close" in head) == (False, True)
            assert body == b"one two"
            assert connection.wire.closed

    run(work())


def test_the_answer_to_a_large_body_that_is_not_read_reaches_its_client() -> None:
    """It writes all of it before it reads, and has its answer and that of the next request."""
    octets = b"POST /p HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 1_000_000

    async def work(port: int) -> list[bytes]:
        return [await send_all(port, octets + closing(SMALL)) for _ in range(5)]

    for answer in run(serve_dispatcher(Limits(), work, dispatcher_of(at_once, body="none"))):
        assert statuses(answer) == [200, 200]


@pytest.mark.parametrize("closes", [True, False])
def test_a_refusal_of_a_large_body_reaches_its_client(serving: Serving, closes: bool) -> None:
    """Also where the client wants the connection to end: that is closed when the client has said all."""
    octets = post(b"/v1/recommendation", b"x" * 1_000_000)
    for _ in range(5):
        with serving.connect() as client:
            client.sendall(closing(octets) if closes else octets + closing(LIVE))
            assert statuses(rest_of(client)) == ([413] if closes else [413, 200])


# ---- the client said its last word ----


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (VISIT, 200), (BATCH, 200), (REPORT, 422), (REPORT_STORED, 422), (GET, 200), (PAGE, 200), (LIVE, 200),
        (b"GET /v1/sites/demo/cohorts HTTP/1.1\r\nHost: x\r\n\r\n", 200), (b"GET /problems HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ],
)  # fmt: skip
@pytest.mark.parametrize("ahead", [0, 3])
def test_who_only_listens_any_more_is_answered(serving: Serving, octets: bytes, status: int, ahead: int) -> None:
    """A client may end its side with its last request, as ``nc -N`` does; then the connection ends."""
    for _ in range(4):
        with serving.connect() as client:
            client.sendall(REPORT * ahead + octets)
            client.shutdown(socket.SHUT_WR)
            found = statuses(rest_of(client))
        assert found == [422] * ahead + [status]
    assert not serving.failures


# ---- the server ends ----


@pytest.mark.parametrize("cut", [1, 10, len(SMALL) - 1])
def test_a_head_that_has_begun_when_the_server_ends_is_answered_or_let_go(cut: int) -> None:
    """Its connection does not stay behind."""

    async def work() -> None:
        async with Talk(at_once) as connection:
            await connection.say(SMALL[:cut])
            connection.protocol.shutdown()
            await connection.say(SMALL[cut:])
            assert connection.statuses in ([200], [])
            assert connection.wire.closed

    run(work())


def test_what_waits_for_its_client_to_read_when_the_server_ends_does_not_stay() -> None:
    async def work() -> None:
        async with Talk(at_once) as connection:
            connection.protocol.pause_writing()
            await connection.say(SMALL)
            connection.protocol.shutdown()
            connection.protocol.resume_writing()
            await connection.say(b"")
            assert connection.wire.closed

    run(work())


@pytest.mark.parametrize("pieces", [(b"ab",), (b"a", b"b")])
def test_a_body_that_is_let_go_when_the_server_ends_does_not_hold_it(pieces: tuple[bytes, ...]) -> None:
    """It has its answer; with its end, the connection's has come."""

    async def work() -> None:
        async with Talk(dispatcher=dispatcher_of(at_once, body="none")) as connection:
            await connection.say(b"POST /p HTTP/1.1\r\ncontent-length: 2\r\n\r\n")
            connection.protocol.shutdown()
            await connection.say(*pieces, b"")
            assert connection.statuses == [200]
            assert connection.wire.closed

    run(work())


@pytest.mark.parametrize("handler", [at_once, say_what_came])
def test_a_body_that_has_begun_when_the_server_ends_is_answered(handler: object) -> None:
    """And the answer says that it is the last."""

    async def work() -> None:
        async with Talk(handler) as connection:  # type: ignore[arg-type]
            await connection.say(b"POST /p HTTP/1.1\r\ncontent-length: 5\r\n\r\nhe")
            connection.protocol.shutdown()
            await connection.say(b"llo", b"")
            assert connection.answers == [(200, b"/p 1 5")]
            assert b"connection: close" in connection.wire.written
            assert connection.wire.closed or connection.wire.ended

    run(work())


# ---- the connection is no use any more ----


@pytest.mark.parametrize("rest", [b"cde" + SMALL, b"cde", SMALL, b""])
def test_after_a_body_that_did_not_come_in_time_nothing_is_read(rest: bytes) -> None:
    """What comes then might be its rest, and would be taken for a request."""

    async def work() -> None:
        row = Row("/p", "POST", "", "small", at_once)
        async with Talk(dispatcher=Dispatcher([row], Telemetry(), BodyLimits(8192, 8192, 0.02))) as connection:
            await connection.say(b"POST /p HTTP/1.1\r\ncontent-length: 5\r\n\r\nab")
            async with asyncio.timeout(5):
                while not connection.statuses:  # noqa: ASYNC110  # there is no event for it
                    await asyncio.sleep(0.005)
            await connection.say(rest, b"")
            assert connection.statuses == [408]
            assert connection.wire.closed or connection.wire.ended

    run(work())


def test_a_body_that_breaks_after_its_answer_ends_the_connection_without_a_word() -> None:
    """A second answer would be taken for that of another request."""

    async def work() -> None:
        async with Talk(dispatcher=dispatcher_of(at_once, body="none")) as connection:
            await connection.say(b"POST /p HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", b"nonsense\r\n")
            assert connection.statuses == [200]
            assert connection.wire.ended or connection.wire.closed

    run(work())


def test_the_answer_to_a_request_whose_body_never_comes_is_made_in_its_own_time() -> None:
    """The body is waited for no longer than a head is, but what is in work is not given up for it."""

    async def slow(request: Request, _: Grant) -> Response:
        await asyncio.sleep(0.1)
        return said(request)

    async def work() -> list[int]:
        limits = Limits(header_read_timeout_s=0.03)
        async with Talk(limits=limits, dispatcher=dispatcher_of(slow, body="none")) as connection:
            await connection.say(b"GET /p HTTP/1.1\r\ncontent-length: 5\r\n\r\nab")
            async with asyncio.timeout(3):
                while not connection.statuses:  # noqa: ASYNC110  # as above
                    await asyncio.sleep(0.005)
            return connection.statuses

    assert run(work()) == [200]
