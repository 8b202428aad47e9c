"""Lines in, lines out: a stream goes at the pace of its reader, is answered once, and leaves nothing behind."""

import asyncio
import contextlib
import select
import socket
import time
from collections.abc import AsyncGenerator, Callable, Iterator

import pytest

from service.app import Application, Container
from service.core.access import Grant
from service.telemetry import Telemetry
from service.web.problems import Refusal
from service.web.wire.body import UNREAD_MAX_BYTES
from service.web.wire.dispatch import BodyLimits, Dispatcher, Handler, Row
from service.web.wire.messages import Request, Response, Stream, head_of, problem_response
from tests.web.wire.test_connection import SMALL, Talk, at_once, run
from tests.web.wire.test_lifetime import Serving, post, rest_of, serve, statuses

HASTY_S = 0.02
OPENING = b"POST /s HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
LINES = (
    b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
END = b"0\r\n\r\n"
LINE = b"{}\n"
LONG_LINE = b"{}" + b" " * 4000 + b"\n"


def chunk(octets: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(octets), octets)


class Echo:
    """A handler that says again what comes, and knows how its streams went."""

    def __init__(self) -> None:
        self.asked = self.begun = self.closed = self.ended = 0

    def __call__(self, request: Request, _: Grant) -> Stream:
        self.asked += 1
        return Stream(200, head_of([]), self._lines(request), self._end)

    async def _lines(self, request: Request) -> AsyncGenerator[bytes, None]:
        assert request.chunks is not None
        self.begun += 1
        try:
            async for octets in request.chunks:
                yield octets
        finally:
            self.closed += 1

    def _end(self) -> None:
        self.ended += 1


def full(_: Request, __: Grant) -> Response:
    return problem_response(Refusal("overloaded"))


def of(handler: Handler, timeout_s: float = 5.0) -> Dispatcher:
    """A stream with this handler, and plain rows beside it."""
    rows = [
        Row("/s", "POST", "", "stream", handler),
        Row("/p", "POST", "", "batch", at_once),
        Row("/small", "GET", "", "none", at_once),
    ]
    return Dispatcher(rows, Telemetry(), BodyLimits(8192, 1 << 20, timeout_s, timeout_s))


# ---- refused ----

PLAIN = b"POST /p HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello"


@pytest.mark.parametrize("cut", [0, 1, -5, -3, -1])
@pytest.mark.parametrize(
    "pieces",
    [
        (OPENING + chunk(b"a"), END),
        (OPENING + chunk(b"a"), chunk(b"b"), chunk(b"c"), END),
        (OPENING + chunk(b"a") + END,),
        (OPENING, chunk(b"a") + END),
        (b"POST /s HTTP/1.1\r\ncontent-length: 3\r\n\r\na", b"bc"),
        (b"POST /s HTTP/1.1\r\ncontent-length: 3\r\n\r\n", b"a", b"b", b"c"),
    ],
)
def test_after_a_refused_stream_the_next_request_has_its_own_body(pieces: tuple[bytes, ...], cut: int) -> None:
    """The refusal is said once; the rest of the stream is nobody's, and what comes after it is read as ever."""

    async def work() -> list[tuple[int, bytes]]:
        async with Talk(dispatcher=of(full)) as connection:
            await connection.say(*pieces, *filter(None, [PLAIN[:cut], PLAIN[cut:]]), b"")
            return connection.answers

    answers = run(work())
    assert [status for status, _ in answers] == [503, 200]
    assert answers[1] == (200, b"/p 1 5")


def test_a_refused_stream_is_not_refused_again_when_its_time_is_over() -> None:
    """The time of a body is no matter once its request has an answer."""

    async def work() -> list[int]:
        async with Talk(dispatcher=of(full, HASTY_S)) as connection:
            await connection.say(OPENING + chunk(b"a"))
            await asyncio.sleep(HASTY_S * 3)
            await connection.say(b"")
            return connection.statuses

    assert run(work()) == [503]


def test_the_body_of_a_refused_stream_is_read_to_its_end() -> None:
    """Whatever its size, reading it never stops, so that the next request is reached."""

    async def work() -> None:
        async with Talk(dispatcher=of(full)) as connection:
            opening = b"POST /s HTTP/1.1\r\ncontent-length: 200001\r\n\r\na"
            await connection.say(opening, *[b"b" * 10_000] * 20, SMALL)
            assert connection.statuses == [503, 200]
            assert not connection.wire.paused
            assert not connection.wire.closed

    run(work())


# ---- broken off ----


@pytest.mark.parametrize(
    ("pieces", "asked"),
    [
        ((OPENING + chunk(b"a") + b"nonsense\r\n",), 0),
        ((OPENING + chunk(b"a" * 16_384) + b"nonsense\r\n",), 1),
        ((OPENING + chunk(b"a"), b"nonsense\r\n"), 1),
        ((OPENING, chunk(b"a") + b"nonsense\r\n"), 1),
        ((OPENING, chunk(b"a"), chunk(b"b"), b"nonsense\r\n"), 1),
    ],
)
def test_a_stream_whose_body_breaks_is_ended(pieces: tuple[bytes, ...], asked: int) -> None:
    """Also where it breaks in the read that begins it: if its handler was asked, its place is given back, once."""
    echo = Echo()

    async def work() -> None:
        async with Talk(dispatcher=of(echo)) as connection:
            await connection.say(*pieces, b"", b"")
            assert connection.wire.closed or connection.wire.ended
            assert connection.wire.written.count(b"HTTP/1.1") == 1

    run(work())
    assert (echo.asked, echo.ended) == (asked, asked)
    assert echo.closed == echo.begun


def test_what_breaks_after_the_answer_is_not_answered_again() -> None:
    """A handler may be done before its body is; what comes of that is no request."""

    async def one(_: Request) -> AsyncGenerator[bytes, None]:
        yield b"x"

    async def work() -> None:
        async with Talk(dispatcher=of(lambda asked, _: Stream(200, head_of([]), one(asked)))) as connection:
            await connection.say(OPENING + chunk(b"a"), b"", b"nonsense\r\n", b"")
            assert connection.wire.written.count(b"HTTP/1.1") == 1
            assert connection.wire.written.endswith(b"1\r\nx\r\n" + END)

    run(work())


@pytest.mark.parametrize("state", ["waits for a line", "does not read", "has just begun"])
def test_a_client_that_goes_away_ends_its_handler(state: str) -> None:
    """Whatever the handler waits for: its iterator is closed, and all that it took is given back."""
    echo = Echo()
    dispatcher = of(echo)

    async def work() -> None:
        async with Talk(dispatcher=dispatcher) as connection:
            if state == "has just begun":
                connection.protocol.data_received(OPENING + chunk(b"a"))
            else:
                await connection.say(OPENING + chunk(b"a"))
            if state == "does not read":
                connection.protocol.pause_writing()
                await connection.say(chunk(b"b"))
            connection.protocol.connection_lost(None)
            await connection.say(b"", b"")
            assert not connection.state.tasks
            assert (echo.ended, dispatcher.in_work, dispatcher.unfinished_bytes) == (1, 0, 0)
            assert echo.closed == echo.begun

    run(work())


@pytest.mark.parametrize("ahead", [b"", SMALL])
def test_a_server_that_ends_lets_a_stream_come_to_its_end(ahead: bytes) -> None:
    """What is in work is written whole, then the connection closes."""
    echo = Echo()

    async def work() -> None:
        async with Talk(dispatcher=of(echo)) as connection:
            await connection.say(ahead + OPENING + chunk(b"a"))
            connection.protocol.shutdown()
            await connection.say(chunk(b"b"), END, b"")
            assert connection.wire.written.endswith(chunk(b"a") + chunk(b"b") + END)
            assert connection.wire.closed

    run(work())
    assert (echo.closed, echo.ended) == (1, 1)


# ---- at the reader's pace ----


def test_lines_of_a_client_that_does_not_read_its_answers_wait(house: Container) -> None:
    """So many octets are taken in and no more; when it reads, all that it said is answered."""
    piece, said = chunk(LONG_LINE), 1

    async def settle(until: Callable[[], bool]) -> None:
        while not until():  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0)

    async def work() -> int:
        nonlocal said
        async with Talk(dispatcher=Application(house).dispatcher) as connection:
            await connection.say(LINES + piece)
            connection.protocol.pause_writing()
            while not connection.wire.paused:
                connection.protocol.data_received(piece)
                said += 1
                assert said * len(LONG_LINE) < UNREAD_MAX_BYTES * 1.5
                await asyncio.sleep(0)
            held = len(connection.wire.written)
            await connection.say(b"", b"")
            assert len(connection.wire.written) == held
            connection.protocol.resume_writing()
            await settle(lambda: not connection.wire.paused)
            connection.protocol.data_received(END)
            await settle(lambda: connection.wire.written.endswith(END))
            return connection.wire.written.count(b'"ttl":')

    assert run(asyncio.wait_for(work(), 10)) == said
    assert said * len(LONG_LINE) > UNREAD_MAX_BYTES


# ---- over sockets ----

STREAMS_MAX = 4  # a quarter of what may be in work


@pytest.fixture(scope="module")
def serving(house: Container) -> Iterator[Serving]:
    with serve(house, requests_in_flight_max=STREAMS_MAX * 4) as found:
        yield found


def begin(serving: Serving, stack: contextlib.ExitStack, *, receive_bytes: int = 0) -> tuple[socket.socket, int]:
    """A connection with a stream that has begun, and the status of its answer."""
    client = stack.enter_context(serving.connect(receive_bytes=receive_bytes))
    client.sendall(LINES + chunk(LINE))
    return client, int(client.recv(65536).split()[1])


def all_places_come_free(serving: Serving) -> bool:
    """Whether as many streams as there may be can begin, in a while."""
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with contextlib.ExitStack() as stack:
            begun = [begin(serving, stack) for _ in range(STREAMS_MAX)]
            for client, status in begun:
                if status == 200:
                    client.sendall(END)
                    while (part := client.recv(65536)) and not part.endswith(END):
                        pass
            if {status for _, status in begun} == {200}:
                return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(("leaves", "reads"), [("closes", False), ("resets", False), ("resets", True)])
def test_whoever_leaves_in_the_middle_gives_its_place_back(serving: Serving, leaves: str, reads: bool) -> None:
    """Whether it waited for us or we for it; nothing is complained of."""
    for _ in range(2):
        assert all_places_come_free(serving)
        with contextlib.ExitStack() as stack:
            for _ in range(STREAMS_MAX):
                client, status = begin(serving, stack, receive_bytes=4096)
                assert status == 200
                if not reads:
                    client.sendall(chunk(LINE * 1000))
                    assert select.select([client], [], [], 5)[0]  # there is something that it leaves unread
                if leaves == "resets":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert all_places_come_free(serving)
    assert serving.application.dispatcher.in_work == 0
    assert not serving.failures


def test_whoever_sends_lines_and_never_reads_is_let_go(serving: Serving) -> None:
    """Of what it sends only a part is taken in, and its place comes free when its time is over."""
    assert all_places_come_free(serving)
    piece = chunk(LINE * 1000)
    sent = 0
    with serving.connect(receive_bytes=4096) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        client.sendall(LINES)
        client.setblocking(False)
        until = time.monotonic() + 8
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < until:
                try:
                    sent += client.send(piece[sent % len(piece) :])
                except BlockingIOError:
                    time.sleep(0.005)
            pytest.fail("it was never let go")
    assert sent < 16 << 20
    assert all_places_come_free(serving)
    assert not serving.failures


@pytest.mark.parametrize("lines", [1, 6000])
def test_broken_streams_use_up_no_places(serving: Serving, lines: int) -> None:
    """Three times as many as there are places."""
    assert all_places_come_free(serving)
    for _ in range(STREAMS_MAX * 3):
        with serving.connect() as client:
            client.sendall(LINES + chunk(LINE * lines) + b"nonsense\r\n")
            rest_of(client)
    assert all_places_come_free(serving)
    assert not serving.failures


def test_a_stream_beyond_the_bound_is_refused_and_the_connection_goes_on(serving: Serving) -> None:
    """503, once, though its lines still come; the next request, in two pieces, has its answer."""
    assert all_places_come_free(serving)
    with contextlib.ExitStack() as stack:
        others = [begin(serving, stack) for _ in range(STREAMS_MAX)]
        assert {status for _, status in others} == {200}
        client, status = begin(serving, stack)
        assert status == 503
        client.sendall(chunk(LINE))
        client.sendall(END)
        one = post(b"/v1/recommendation", b"{}")
        client.sendall(one[:-1])
        time.sleep(0.05)
        client.sendall(one[-1:])
        assert statuses(client.recv(65536)) == [200]
        for other, _ in others:
            other.sendall(END)


def test_a_stream_whose_client_has_ended_its_side_in_the_middle_gives_its_place_back_at_once() -> None:
    """Its body will never be whole, so there is nothing to wait for."""

    async def work() -> None:
        echo = Echo()
        async with Talk(dispatcher=of(echo)) as connection:
            await connection.say(OPENING + chunk(LINE), b"")
            assert (echo.begun, echo.closed) == (1, 0)
            if not connection.protocol.eof_received():  # as asyncio does then
                connection.protocol.connection_lost(None)
            await connection.say(b"", b"")
            assert (echo.closed, echo.ended) == (1, 1)

    run(work())
