"""What a connection may do to the service before any request exists, and that nothing else about HTTP changes."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from itertools import pairwise
from typing import Any, Self

import pytest
import uvloop
from hypothesis import example, given, settings
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.server import Server, ServerState

from service.core.access import Grant
from service.telemetry import Telemetry
from service.web.problems import PROBLEMS
from service.web.wire.answering import PIPELINED_MAX, Limits
from service.web.wire.connection import Connection, connections
from service.web.wire.dispatch import BodyLimits, Dispatcher, Handler, Row
from service.web.wire.lifetime import Unread
from service.web.wire.messages import Request, Response, Stream, head_of, respond

HEAD_MAX = 16_384
FIELDS_MAX = 64
SECRET = b"anna.schmidt@example.org"
PATHS = ("/", "/p", "/q", "/small", "/late")
BODY_S = 0.5
LIMITS = Limits()


async def say_what_came(request: Request, grant: Grant) -> Response:  # a handler
    """Answers with the path, the number of fields and the length of the body, a turn of the loop later."""
    await asyncio.sleep(0)
    return said(request)


def said(request: Request) -> Response:
    return respond(200, [], b"%b %d %d" % (request.path, len(request.headers), len(request.body)))


def at_once(request: Request, grant: Grant) -> Response:  # a handler
    return said(request)


def dispatcher_of(handler: Handler, telemetry: Telemetry | None = None, body: str = "batch") -> Dispatcher:
    """All that is asked for is answered by this."""
    rows = [
        Row(path, method, "", body, handler)  # type: ignore[arg-type]
        for path in PATHS
        for method in ("GET", "POST", "CONNECT")
    ]
    return Dispatcher(rows, telemetry or Telemetry(), BodyLimits(8192, 1 << 20, BODY_S))


class Wire:
    """A transport that remembers what was written and whether it was closed."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = self.ended = self.paused = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 40000), "sockname": ("127.0.0.1", 8080)}.get(name, default)

    def write(self, data: bytes) -> None:
        assert not self.closed, "written after close"
        assert not self.ended, "written after the end"
        self.written += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.ended = True

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    def set_write_buffer_limits(self, high: int) -> None:
        """Nothing is held here."""

    def get_write_buffer_size(self) -> int:
        return 0

    def abort(self) -> None:
        self.closed = True


class Talk:
    """One connection, inside a running loop."""

    def __init__(
        self,
        handler: Handler = say_what_came,
        limits: Limits = LIMITS,
        keep_alive_s: float = 5.0,
        dispatcher: Dispatcher | None = None,
    ) -> None:
        self.state = ServerState()
        self.dispatcher = dispatcher or dispatcher_of(handler)
        self.protocol = Connection(self.dispatcher, limits, self.state, keep_alive_s, Unread())
        self.wire = Wire()

    async def __aenter__(self) -> Self:
        self.protocol.connection_made(self.wire)  # type: ignore[arg-type]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.protocol.connection_lost(ConnectionResetError())  # without an error it would close the transport
        await asyncio.gather(*self.state.tasks, return_exceptions=True)

    async def say(self, *pieces: bytes) -> None:
        """Send pieces as reads of their own, and let the application work after each."""
        for piece in pieces:
            if piece and not (self.wire.closed or self.wire.paused):
                self.protocol.data_received(piece)
            for _ in range(6):
                await asyncio.sleep(0)

    @property
    def answers(self) -> list[tuple[int, bytes]]:
        """Status and body of each response written so far."""
        rest, found = self.wire.written, []
        while rest:
            head, _, rest = rest.partition(b"\r\n\r\n")
            fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:])
            length = int(fields[b"content-length"])
            found.append((int(head.split(b" ")[1]), rest[:length]))
            rest = rest[length:]
        return found

    @property
    def statuses(self) -> list[int]:
        return [status for status, _ in self.answers]


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def talk(*pieces: bytes, handler: Handler = say_what_came) -> Talk:
    """Say it all on a fresh connection; what came of it."""

    async def work() -> Talk:
        async with Talk(handler) as connection:
            await connection.say(*pieces)
            return connection

    return run(work())


def head(size: int, fields: int = 3, method: bytes = b"GET", ending: bytes = b"") -> bytes:
    """A request whose head has exactly so many octets and fields."""
    lines = [method + b" /p HTTP/1.1", b"host: a", *([b"x: y"] * (fields - 2 - bool(ending)))]
    text = b"\r\n".join([*lines, *filter(None, [ending]), b"z: "])
    return text + b"z" * (size - len(text) - 4) + b"\r\n\r\n"


def split(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


SMALL = b"GET /small HTTP/1.1\r\nhost: a\r\n\r\n"


# ---- size ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "status"), [(HEAD_MAX - 1, 200), (HEAD_MAX, 200), (HEAD_MAX + 1, 431)])
@pytest.mark.parametrize("piece", [1 << 20, HEAD_MAX, HEAD_MAX - 1, 8192, 1000, 7])
def test_a_head_of_16_kb_is_read_and_one_octet_more_is_not(size: int, status: int, piece: int) -> None:
    """However the octets are cut into reads, the request line counts too."""
    done = talk(*split(head(size), piece))
    assert len(head(size)) == size
    assert done.statuses == [status]
    assert done.wire.ended == (status == 431)


@pytest.mark.parametrize(("fields", "status"), [(63, 200), (64, 200), (65, 431), (2000, 431)])
@pytest.mark.parametrize("piece", [1 << 20, 100])
def test_64_fields_are_read_and_65_are_not(fields: int, status: int, piece: int) -> None:
    """The number of fields is a limit of its own."""
    request = b"GET /p HTTP/1.1\r\n" + b"a: b\r\n" * fields + b"\r\n"
    done = talk(*split(request, piece))
    assert done.statuses == [status]


@pytest.mark.parametrize("line", [b"GET /p?%b HTTP/1.1\r\nhost: a\r\n\r\n", b"GET /p HTTP/1.1\r\n%b: a\r\n\r\n"])
@pytest.mark.parametrize(("over", "status"), [(-1, 200), (0, 200), (1, 431)])
def test_targets_and_names_count_as_values_do(line: bytes, over: int, status: int) -> None:
    """It makes no difference which part of a head is long."""
    request = line % (b"q" * (HEAD_MAX - len(line) + 2 + over))
    assert len(request) == HEAD_MAX + over
    assert talk(request).statuses == [status]
    assert talk(request[:5000], request[5000:]).statuses == [status]


@pytest.mark.parametrize("piece", [1 << 20, HEAD_MAX, 4096])
@pytest.mark.parametrize(
    ("sizes", "statuses"),
    [
        ((HEAD_MAX, HEAD_MAX, HEAD_MAX), [200, 200, 200]),
        ((100, HEAD_MAX, 100), [200, 200, 200]),
        ((100, HEAD_MAX + 1, 100), [200, 431]),
        ((HEAD_MAX, HEAD_MAX + 1), [200, 431]),
        ((HEAD_MAX + 1, 100), [431]),
        ((HEAD_MAX - 1, 50, HEAD_MAX, HEAD_MAX + 1, 100), [200, 200, 200, 431]),
    ],
)
def test_pipelined_heads_are_counted_one_by_one(piece: int, sizes: tuple[int, ...], statuses: list[int]) -> None:
    """What came before in the same read is not held against a request, and the refusal is the last answer."""

    async def work() -> list[int]:
        async with Talk() as connection:
            for octets in split(b"".join(map(head, sizes)), piece):
                await connection.say(octets, *[b""] * 4)
            await connection.say(*[b""] * 5)
            return connection.statuses

    assert run(work()) == statuses


@pytest.mark.parametrize(("fields", "statuses"), [(64, [200, 200]), (65, [200, 431])])
def test_fields_of_pipelined_requests_are_counted_one_by_one(fields: int, statuses: list[int]) -> None:
    """64 and 64 fields are not 128."""
    one = b"GET /p HTTP/1.1\r\n" + b"a: b\r\n" * 64 + b"\r\n"
    two = b"GET /p HTTP/1.1\r\n" + b"a: b\r\n" * fields + b"\r\n"
    assert talk(one + two, b"", b"").statuses == statuses


def test_a_body_is_not_part_of_the_head() -> None:
    """A large body in one read, or behind a full head, is read whole; so is the request behind it."""
    post = head(HEAD_MAX, method=b"POST", ending=b"content-length: 60000") + b"b" * 60_000
    done = talk(post + SMALL, b"", b"")
    assert [body for _, body in done.answers] == [b"/p 3 60000", b"/small 1 0"]


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_bodies_in_small_pieces_arrive_whole(piece: int) -> None:
    """Watching a body as it comes changes nothing in it; neither does a chunked one."""
    length = b"POST /p HTTP/1.1\r\ncontent-length: 500\r\n\r\n" + b"b" * 500
    chunked = b"POST /q HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n" + b"32\r\n" + b"c" * 50 + b"\r\n0\r\n\r\n"
    done = talk(*split(length + chunked + SMALL, piece), b"", b"")
    assert [body for _, body in done.answers] == [b"/p 1 500", b"/q 1 50", b"/small 1 0"]


def test_the_end_of_a_chunked_body_is_not_part_of_the_next_head() -> None:
    """A full head may begin in the read that ends a body."""
    post = b"POST /q HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"
    full = head(HEAD_MAX)
    done = talk(post, b"0\r\n\r\n" + full[:-5], full[-5:], b"")
    assert [body for _, body in done.answers] == [b"/q 1 1", b"/p 3 0"]


@pytest.mark.parametrize(
    "opening",
    [b"GET /", b"GET / HTTP/1.1\r\nx: ", b"GET / HTTP/1.1\r\nx", b"GET / HTTP/1.1\r\nx: y\r\n x", b"\r\n"],
    ids=["target", "value", "name", "folded value", "empty lines"],
)
def test_a_line_that_never_ends_is_cut_off(opening: bytes) -> None:
    """The parser buffers a line until it ends, so the octets are counted while they come, and no more are taken."""
    filler = (opening if opening == b"\r\n" else b"a") * 500
    done = talk(opening, *[filler] * 40)
    assert done.statuses in ([431], [400])
    assert done.wire.ended
    assert done.protocol._refused


@pytest.mark.parametrize("tail", [b"0\r\nx: ", b"0\r\n", b"1;ext="], ids=["trailer", "trailers", "extension"])
def test_what_a_chunked_body_carries_beside_its_octets_is_bounded(tail: bytes) -> None:
    """A trailer, trailers or a chunk's extension that do not end are cut off; nobody is asked to answer."""
    opening = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"
    filler = b"x: y\r\n" * 100 if tail == b"0\r\n" else b"y" * 600
    asked: list[bytes] = []

    def handler(request: Request, _: Grant) -> Response:
        asked.append(request.path)
        return said(request)

    done = talk(opening + tail, *[filler] * 40, handler=handler)
    assert done.statuses == [431]
    assert asked == []
    assert done.dispatcher.unfinished_bytes == 0


def test_trailers_do_not_reach_the_application() -> None:
    """They would join the headers that an application has looked at already."""
    request = b"POST /p HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-forwarded-for: 8.8.8.8\r\n\r\n"
    done = talk(request, SMALL)
    assert [body for _, body in done.answers] == [b"/p 1 1", b"/small 1 0"]


def test_a_refusal_waits_for_the_answers_before_it() -> None:
    """HTTP has no other way to tell which request an answer belongs to than the order."""

    async def work() -> list[int]:
        may_answer = asyncio.Event()

        async def app(request: Request, _: Grant) -> Response:
            await may_answer.wait()
            return said(request)

        async with Talk(app) as connection:
            await connection.say(SMALL + SMALL + head(HEAD_MAX + 1) + SMALL)
            assert connection.statuses == []
            may_answer.set()
            await connection.say(*[b""] * 4)
            return connection.statuses

    assert run(work()) == [200, 200, 431]


@pytest.mark.parametrize("ahead", [0, 1, 2])
def test_a_broken_body_is_refused_in_its_turn(ahead: int) -> None:
    """The request whose body it is never gets another answer."""
    broken = b"POST /p HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\nnonsense\r\n"
    assert talk(SMALL * ahead + broken, *[b""] * 4).statuses == [200] * ahead + [400]


def test_a_broken_body_after_the_response_began_closes() -> None:
    """Half a response cannot be followed by a problem."""

    async def pieces(request: Request) -> AsyncGenerator[bytes, None]:
        yield b"first"
        assert request.chunks is not None
        async for chunk in request.chunks:
            yield chunk

    def handler(request: Request, _: Grant) -> Stream:
        return Stream(200, head_of([]), pieces(request))

    async def work() -> Talk:
        async with Talk(dispatcher=dispatcher_of(handler, body="stream")) as connection:
            opening = b"POST /p HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"
            await connection.say(opening, b"nonsense\r\n")
            return connection

    done = run(work())
    assert done.wire.closed
    assert done.wire.written.count(b"HTTP/1.1") == 1
    assert b"5\r\nfirst\r\n" in done.wire.written
    assert not done.wire.written.endswith(b"0\r\n\r\n")


def test_a_flood_of_pipelined_requests_is_answered_up_to_a_bound() -> None:
    """One read of many tiny requests cannot queue without end: the queued are answered, then the connection closes."""

    async def work() -> Talk:
        async with Talk() as connection:
            await connection.say(SMALL * 8000)
            while not connection.wire.closed:
                await connection.say(b"")
            return connection

    done = run(work())
    assert PIPELINED_MAX < len(done.statuses) < PIPELINED_MAX + HEAD_MAX // len(SMALL) + 2
    assert set(done.statuses) == {200}


# ---- time ----------------------------------------------------------------------------------------------------------

HASTY = Limits(HEAD_MAX, FIELDS_MAX, 0.05)


def wait_for(*pieces: bytes, pause: float = 0.0, patience: float = 0.12) -> Talk:
    """Say it, with pauses between the pieces, and wait."""

    async def work() -> Talk:
        async with Talk(limits=HASTY) as connection:
            for piece in pieces:
                await connection.say(piece)
                await asyncio.sleep(pause)
            await asyncio.sleep(patience)
            return connection

    return run(work())


@pytest.mark.parametrize("opening", [b"G", b"GET /", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: a\r\n"])
def test_a_head_that_does_not_come_to_its_end_in_time_is_refused(opening: bytes) -> None:
    """Slowloris: 408, and the connection ends."""
    done = wait_for(opening)
    assert done.statuses == [408]
    assert done.wire.ended


def test_a_trickle_does_not_win_time() -> None:
    """The time runs from the head's first octet."""
    request = b"GET /p HTTP/1.1\r\nhost: aaaaaaaaaaaaaaaaaaa\r\n\r\n"
    assert wait_for(*split(request, 4), pause=0.015, patience=0).statuses == [408]


def test_a_trickle_within_the_time_is_read() -> None:
    """What is slow but not too slow is a request like any other, and leaves no timer behind."""
    done = wait_for(b"GET /p HT", b"TP/1.1\r\n", b"\r\n", pause=0.005)
    assert done.statuses == [200]
    assert done.protocol._head_deadline.is_running is False


@pytest.mark.parametrize("before", [b"", SMALL], ids=["fresh", "kept alive"])
def test_empty_lines_do_not_hold_a_connection(before: bytes) -> None:
    """Octets that begin no request end the connection in time, without a word."""
    done = wait_for(*filter(None, [before]), *[b"\r\n"] * 8, pause=0.01)
    assert done.statuses == ([200] if before else [])
    assert done.wire.closed


def test_the_time_of_a_head_is_not_that_of_a_body_or_an_answer() -> None:
    """A slow body and a slow application have limits elsewhere."""
    post = b"POST /p HTTP/1.1\r\ncontent-length: 2\r\n\r\n"
    assert wait_for(post, b"a", b"b", pause=0.08).answers == [(200, b"/p 1 2")]
    assert wait_for(post[:20], post[20:], b"a", b"b", pause=0.04, patience=0.08).answers == [(200, b"/p 1 2")]


@pytest.mark.parametrize("pieces", [(b"ab",), (b"a", b"b"), (b"", b"ab")])
def test_a_body_that_comes_after_its_answer_does_not_end_the_connection(pieces: tuple[bytes, ...]) -> None:
    """A refusal may come before the body does; the next request on the connection is a request like any other."""

    async def work() -> list[int]:
        async with Talk(limits=HASTY, dispatcher=dispatcher_of(at_once, body="none")) as connection:
            await connection.say(b"POST /p HTTP/1.1\r\ncontent-length: 2\r\n\r\n", *pieces)
            await asyncio.sleep(0.12)
            assert not connection.wire.closed
            await connection.say(SMALL)
            return connection.statuses

    assert run(work()) == [200, 200]


def test_a_late_second_head_is_refused_after_the_first_answer() -> None:
    """The clock of a pipelined head runs while the request before it is at work."""

    async def work() -> list[int]:
        may_answer = asyncio.Event()

        async def app(request: Request, _: Grant) -> Response:
            await may_answer.wait()
            return said(request)

        async with Talk(app, HASTY) as connection:
            await connection.say(SMALL + b"GET /")
            await asyncio.sleep(0.1)
            assert connection.statuses == []
            may_answer.set()
            await connection.say(b"", b"")
            return connection.statuses

    assert run(work()) == [200, 408]


def test_a_head_is_not_late_while_it_is_we_who_do_not_read() -> None:
    """With requests queued, reading is paused; the clock waits as well."""

    async def work() -> list[int]:
        may_answer = asyncio.Event()

        async def app(request: Request, _: Grant) -> Response:
            await may_answer.wait()
            return said(request)

        async with Talk(app, HASTY) as connection:
            await connection.say(SMALL + SMALL + b"GET /late HTTP")
            assert connection.wire.paused
            await asyncio.sleep(0.12)
            may_answer.set()
            await connection.say(b"", b"", b"/1.1\r\n\r\n", b"")
            return connection.statuses

    assert run(work()) == [200, 200, 200]


def test_a_connection_that_says_nothing_is_closed() -> None:
    """A fresh connection has as long as one that is kept alive."""

    async def work() -> bool:
        async with Talk(keep_alive_s=0) as connection:
            await asyncio.sleep(0.01)
            return connection.wire.ended and not connection.wire.written

    assert run(work())


def test_the_usual_request_arms_no_timer_and_is_not_watched() -> None:
    """The common case costs nothing: its head is never counted and no timer exists for it."""

    async def work() -> None:
        async with Talk() as connection:
            for _ in range(3):
                connection.protocol.data_received(SMALL)
                assert connection.protocol._head_deadline.is_running is False
                assert not connection.protocol._watched
                await connection.say(b"")
            assert connection.statuses == [200, 200, 200]

    run(work())


def test_watching_ends_with_the_request_that_was_watched() -> None:
    """A slow first request does not make later ones dear."""
    done = talk(b"GET /p HT", b"TP/1.1\r\n\r\n", SMALL)
    assert done.statuses == [200, 200]
    assert not done.protocol._watched


# ---- what is not HTTP ----------------------------------------------------------------------------------------------

NOT_HTTP = {
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "words": SECRET + b"\r\n\r\n",
    "http/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "octets": bytes(range(256)),
    "no such version": b"GET /" + SECRET + b" HTTP/7.7\r\n\r\n",
    "field without a colon": b"GET / HTTP/1.1\r\n" + SECRET + b"\r\n\r\n",
    "control octets in a value": b"GET / HTTP/1.1\r\nx: " + SECRET + b"\x00\r\n\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\ncontent-length: " + SECRET + b"\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "connect": b"CONNECT " + SECRET + b":443 HTTP/1.1\r\nhost: a\r\n\r\n",
    "target beyond ascii": b"GET /\xff" + SECRET + b" HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("octets", NOT_HTTP.values(), ids=NOT_HTTP)
def test_what_is_not_http_gets_one_fixed_answer(octets: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A problem of ours, the same for all; nothing of it comes back or enters the log."""
    with caplog.at_level(logging.DEBUG):
        done = talk(octets)
    assert done.statuses == [400]
    assert done.wire.written == talk(NOT_HTTP["tls"]).wire.written
    assert done.wire.ended
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


@pytest.mark.parametrize(
    ("octets", "name"),
    [(NOT_HTTP["tls"], "not-http"), (head(HEAD_MAX + 1), "headers-too-large"), (b"GET", "headers-timeout")],
)
def test_refusals_are_problems(octets: bytes, name: Any) -> None:
    """RFC 9457, closed, complete, not to be stored, and told to whoever counts them."""
    telemetry = Telemetry()

    async def work() -> Talk:
        dispatcher = dispatcher_of(at_once, telemetry)
        async with Talk(limits=Limits(HEAD_MAX, FIELDS_MAX, 0.02), dispatcher=dispatcher) as connection:
            await connection.say(octets)
            await asyncio.sleep(0.05)
            return connection

    done = run(work())
    (status, body), lines = done.answers[0], done.wire.written.lower().split(b"\r\n")
    problem = json.loads(body)
    assert problem == {"type": f"/problems/{name}", "title": PROBLEMS[name].title, "status": status}
    assert status == PROBLEMS[name].status
    assert {b"content-type: application/problem+json", b"connection: close", b"cache-control: no-store"} <= set(lines)
    assert [*telemetry.answers] == [("none", "other", status)]


def test_nothing_is_read_after_a_refusal() -> None:
    """Neither a request nor more nonsense gets a second answer, and the application is not asked."""
    calls: list[bytes] = []

    def app(request: Request, _: Grant) -> Response:
        calls.append(request.path)
        return said(request)

    done = talk(NOT_HTTP["tls"] + SMALL, SMALL, NOT_HTTP["words"], b"x" * 100_000, handler=app)
    assert done.statuses == [400]
    assert calls == []


@pytest.mark.parametrize("upgrade", [b"websocket", b"h2c"])
def test_an_upgrade_is_an_ordinary_request(upgrade: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """WebSocket is not spoken, whatever libraries are installed; a client cannot fill the log by asking."""
    fields = (
        b"connection: upgrade\r\nupgrade: " + upgrade + b"\r\nsec-websocket-key: x\r\nsec-websocket-version: 13\r\n"
    )
    with caplog.at_level(logging.DEBUG):
        done = talk(b"GET /p HTTP/1.1\r\nhost: a\r\n" + fields + b"\r\n")
    assert done.answers == [(200, b"/p 4 0")]  # the offer itself is left out
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


JAVA = b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n"
"""What java.net.http sends along with its first request over plain HTTP."""


@pytest.mark.parametrize("cut", [0, 1, 60, 200, 240, 259, None])
@pytest.mark.parametrize("body", [b"hello, world", b"GET /another HTTP/1.1\r\nhost: a\r\n\r\n"])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_the_body_after_an_offer_to_upgrade_is_a_body(body: bytes, cut: int | None, framing: str) -> None:
    """And never the next request, in whatever pieces it comes; the one after it is one."""
    if framing == "length":
        sent = b"POST /p HTTP/1.1\r\n" + JAVA + b"content-length: %d\r\n\r\n" % len(body) + body
    else:
        sent = (
            b"POST /p HTTP/1.1\r\n"
            + JAVA
            + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(body)
            + body
            + b"\r\n0\r\n\r\n"
        )
    pieces = [sent] if cut is None else [sent[:cut], sent[cut:]]
    done = talk(*(piece for piece in pieces if piece), SMALL)
    assert done.answers == [(200, b"/p 3 %d" % len(body)), (200, b"/small 1 0")]


def test_an_offer_to_upgrade_has_the_limits_of_any_head() -> None:
    small = b"POST /p HTTP/1.1\r\n" + JAVA
    assert talk(small + b"a: b\r\n" * 62 + b"\r\n").statuses == [431]
    assert talk(small + b"x: " + b"y" * 17_000 + b"\r\n\r\n").statuses == [431]
    many = talk(*[small + b"content-length: 2\r\n\r\nhi"] * 5)
    assert many.answers == [(200, b"/p 3 2")] * 5


def test_what_only_the_parser_of_urls_refuses_is_refused_with_part_of_a_body() -> None:
    """Nothing of it is raised, for what is raised there comes into the log."""
    for target in (b"http://", b"http://a@b@c/"):
        assert talk(b"POST " + target + b" HTTP/1.1\r\ncontent-length: 5\r\n\r\nab").statuses == [400]


def test_limits_are_those_of_the_design() -> None:
    """Where nobody sets others."""
    limits = Limits()
    assert (limits.header_block_max_bytes, limits.header_fields_max, limits.header_read_timeout_s) == (16_384, 64, 2.0)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
@settings(max_examples=150)
@example(b"GET / HTTP/1.1\r\n\r\n\x00", [18])
def test_no_octets_raise(noise: bytes, cuts: list[int]) -> None:
    """Whatever arrives in whatever pieces, the connection is answered, closed or waiting."""
    at = [0, *sorted(min(cut, len(noise)) for cut in cuts), len(noise)]
    done = talk(*[noise[a:b] for a, b in pairwise(at)], SMALL)
    assert all(status in (200, 400) for status in done.statuses)


def test_a_slow_reader_is_waited_for() -> None:
    """With the transport's buffer full nothing is written until it drains, head and body alike."""

    async def work() -> None:
        async with Talk() as connection:
            connection.protocol.pause_writing()
            await connection.say(SMALL)
            assert connection.wire.written == b""
            connection.protocol.resume_writing()
            await connection.say(b"")
            assert connection.answers == [(200, b"/small 1 0")]

    run(work())


def test_nothing_is_written_to_a_client_that_is_gone() -> None:
    """A response to a lost connection goes nowhere and raises nothing."""

    async def work() -> bytes:
        may_answer = asyncio.Event()

        async def app(request: Request, _: Grant) -> Response:
            await may_answer.wait()
            return said(request)

        connection = Talk(app)
        async with connection:
            await connection.say(SMALL)
            connection.protocol.connection_lost(None)
            may_answer.set()
            await asyncio.sleep(0.01)
        return connection.wire.written

    assert run(work()) == b""


@pytest.mark.parametrize("shut", [True, False])
def test_a_graceful_stop_answers_what_is_at_work(shut: bool) -> None:
    """Requests at work finish and the connection closes behind them, as with uvicorn's own."""

    async def work() -> Talk:
        may_answer = asyncio.Event()

        async def app(request: Request, _: Grant) -> Response:
            await may_answer.wait()
            return said(request)

        async with Talk(app) as connection:
            await connection.say(SMALL)
            assert len(connection.state.tasks) == 1
            if shut:
                connection.protocol.shutdown()
            may_answer.set()
            await connection.say(b"", b"")
            assert not connection.state.tasks
            return connection

    done = run(work())
    assert done.statuses == [200]
    assert done.wire.closed is shut


# ---- over a socket -------------------------------------------------------------------------------------------------


async def serve(limits: Limits, work: Callable[[int], Awaitable[Any]], dispatcher: Dispatcher | None = None) -> Any:
    """A real uvicorn with the protocol on a free port of the loopback interface."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config(
        say_what_came,
        http=connections(dispatcher or dispatcher_of(say_what_came), limits),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )  # type: ignore[arg-type]
    server = Server(config)
    serving = asyncio.create_task(server._serve([listener]))
    while not server.started:  # noqa: ASYNC110  # uvicorn offers no event for it
        await asyncio.sleep(0.005)
    try:
        return await work(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving


async def send_all(port: int, octets: bytes) -> bytes:
    """Everything a client reads that writes first, and does not stop when it is refused."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(octets)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"GET / HTTP/1.1\r\nx: " + b"y" * 1_000_000 + b"\r\n\r\n", b"431"),
        (b"GET /" + b"y" * 300_000, b"431"),
        (b"\x16\x03\x01" + SECRET * 10_000, b"400"),
        (b"GET / HTTP/1.1\r\nx: ", b"408"),
        (b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", b"200"),
    ],
    ids=["large field", "large target", "not http", "slow", "fine"],
)
def test_a_refusal_reaches_the_client(octets: bytes, status: bytes) -> None:
    """The answer arrives although much of the request was never read: no reset overtakes it."""

    async def work(port: int) -> list[bytes]:
        return [await send_all(port, octets) for _ in range(3)]

    for answer in run(serve(Limits(HEAD_MAX, FIELDS_MAX, 0.1), work)):
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert answer.count(b"HTTP/1.1") == 1
        assert SECRET not in answer
