"""The writing half of a connection: responses at once, later or as streams, in the order of their requests.

One request of a connection is in work at a time; those that come meanwhile wait, a bounded number of them. An answer is
made when those before it are on their way: whoever does not read them gets none to hold.
"""

import asyncio
from collections import deque
from http import HTTPStatus
from typing import Any, Final, Literal, Protocol

from msgspec import Struct

from service.web.problems import PROBLEM_MEDIA_TYPE, Refusal, encode
from service.web.wire.body import BodyChunks
from service.web.wire.dispatch import Answer, Dispatcher
from service.web.wire.lifetime import TimedConnection, Unread
from service.web.wire.messages import WITHOUT_LENGTH, ClientGone, Headers, Request, Response, Stream, lines_of
from service.web.wire.parsing import StopReadingError

# Of one connection, requests that wait for the answer before theirs, and their octets; the body of the last one aside.
PIPELINED_MAX: Final = 64
PIPELINED_MAX_BYTES: Final = 65_536
STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status} {status.phrase}\r\n".encode() for status in HTTPStatus}

EarlyRefusal = Literal["headers-too-large", "headers-timeout", "not-http", "internal-error"]


class Limits(Struct, frozen=True):
    """What one connection may take. A worker process is sent them by pickle."""

    header_block_max_bytes: int = 16_384
    header_fields_max: int = 64
    header_read_timeout_s: float = 2.0
    write_timeout_s: float = 10.0
    connections_max: int = 4096


class ServerState(Protocol):
    """What the server shares with its connections."""

    connections: set[Any]
    tasks: set[Any]
    total_requests: int

    @property
    def default_headers(self) -> Headers: ...


class _Waiting(Struct):
    """A request that is there whole, and waits for its turn."""

    request: Request
    keeps_alive: bool


class AnsweringConnection(TimedConnection):
    """A connection that answers. What it reads is its subclass's."""

    __slots__ = (
        "_discards", "_dispatcher", "_drained", "_early", "_ends", "_in_hand", "_limits", "_queue", "_queued_bytes",
        "_server", "_stream_body", "_streams", "_task",
    )  # fmt: skip

    def __init__(
        self, dispatcher: Dispatcher, limits: Limits, server: ServerState, keep_alive_s: float, unread: Unread
    ) -> None:
        super().__init__(server.connections, limits.connections_max, keep_alive_s, limits.write_timeout_s, unread)
        self._dispatcher = dispatcher
        self._limits = limits
        self._server = server
        self._task: asyncio.Task[Any] | None = None
        self._in_hand: tuple[str, bool] | None = None  # the task's: its method, and whether the connection stays
        self._stream_body: BodyChunks | None = None  # what the task reads, if it reads a stream
        self._streams = False  # the task writes its response piece by piece
        self._drained: asyncio.Event | None = None
        self._queue: deque[_Waiting] = deque()
        self._queued_bytes = 0
        self._ends = False  # the answer in work is the last
        self._discards = False  # the request that is being read needs no body, and what comes of it is let go
        self._early: EarlyRefusal | None = None  # to be said in its turn, as the last answer

    def on_turn(self) -> None:
        """Go on with what is being read: nothing is in work and nothing waits."""
        raise NotImplementedError

    def on_mistake(self, error: BaseException) -> None:
        """Log a mistake of ours that prevented an answer."""
        raise NotImplementedError

    def on_stream_end(self) -> None:
        """The response to a request that came as a stream is written, whether or not all of it was read."""
        raise NotImplementedError

    @property
    def may_answer(self) -> bool:
        """Whether it is the turn of the request that is being read."""
        return self._task is None and not self._queue and not self._writing_paused

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._queue.clear()
        if self._drained is not None:
            self._drained.set()
        if self._stream_body is not None:
            self._stream_body.lose()
        if self._streams and self._task is not None:
            self._task.cancel()

    def on_writable(self) -> None:
        if self._drained is not None:
            self._drained.set()
        self._go_on()

    def _close_after_work(self) -> None:
        """End the connection with the answer that is in work."""
        self._queue.clear()
        self._ends = True

    # ---- answers ----

    def _answer(self, request: Request, keeps_alive: bool) -> None:
        if not keeps_alive and request.chunks is None:
            self._refused = True  # nothing is read after the last request
        self._take(self._dispatcher.respond(request), request.method, keeps_alive)

    def _take(self, answer: Response | asyncio.Task[Answer | None], method: str, keeps_alive: bool) -> None:
        if type(answer) is Response:
            self._end_work()
            self._write(answer, method, keeps_alive)
            return
        assert isinstance(answer, asyncio.Task)  # noqa: S101  # there is no third
        self._task, self._in_hand = answer, (method, keeps_alive)
        self._server.tasks.add(answer)
        answer.add_done_callback(self._on_answer)

    def _on_answer(self, task: asyncio.Task[Answer | None]) -> None:
        """The answer that was waited for is there."""
        self._server.tasks.discard(task)
        if task is not self._task or self._in_hand is None:  # it was given up
            if not task.cancelled() and task.exception() is None and isinstance(answer := task.result(), Stream):
                answer.ended()
            return
        method, keeps_alive = self._in_hand
        mistake = None if task.cancelled() else task.exception()
        if mistake is not None and not self._lost:  # no ``Exception``, which the dispatcher would have caught
            self._end_work()
            self.on_mistake(mistake)
            return
        answer = None if task.cancelled() or mistake is not None else task.result()
        if answer is None or self._lost or self._transport.is_closing():
            if isinstance(answer, Stream):
                answer.ended()
            self._end_work()
            self.close()
        elif isinstance(answer, Stream):
            self._streams = True
            self._task = self._loop.create_task(self._write_stream(answer, method, keeps_alive))
            self._server.tasks.add(self._task)
            self._task.add_done_callback(lambda task: self._on_stream_written(task, answer))
        else:
            self._end_work()
            self._write(answer, method, keeps_alive)
            self._go_on()

    def _end_work(self) -> None:
        """Mark that nothing is in work any more."""
        self._task = self._in_hand = None
        self._streams = False
        if self._stream_body is not None:
            self._stream_body = None
            self.on_stream_end()

    def _on_stream_written(self, task: asyncio.Task[None], stream: Stream) -> None:
        """Also where the task was cancelled before it began."""
        self._server.tasks.discard(task)
        stream.ended()

    def _abandon(self) -> None:
        """What is in work gets no answer: half a response cannot be followed by another."""
        if self._streams:
            self._transport.close()
        elif self._task is not None:
            self._task.cancel()
            self._task = self._in_hand = None
        if self._stream_body is not None:
            self._stream_body.lose()
            self._stream_body = None

    def _write(self, response: Response, method: str, keeps_alive: bool) -> None:
        """One whole response."""
        status, pieces, server = response.status, response.pieces, self._server
        stays = keeps_alive and not response.closes and not self._ends
        if server.default_headers is not starts.headers:
            starts.renew(server.default_headers)
        parts = [starts[status]]
        for head in response.heads:
            parts.append(head.lines)  # noqa: PERF401  # a comprehension is a call, and there are three heads
        if not stays:
            parts.append(b"connection: close\r\n")
        if status in WITHOUT_LENGTH:
            parts.append(b"\r\n")
        else:
            content = b"".join(pieces) if pieces else b""
            if response.body:
                content = response.body + content
            parts.append(b"content-length: %d\r\n\r\n" % len(content))
            if method != "HEAD":
                parts.append(content)
        self._transport.write(b"".join(parts))
        server.total_requests += 1
        self._answered_s = self._loop.time()
        if not stays:
            self._refused = True
            if self._discards:  # to close while octets come would be a reset, which overtakes the answer
                self.linger()
            else:
                self.close()

    async def _write_stream(self, stream: Stream, method: str, keeps_alive: bool) -> None:
        """A response piece by piece, at the pace at which its client reads."""
        end = b"transfer-encoding: chunked\r\n\r\n" if keeps_alive else b"connection: close\r\n\r\n"
        starts.renew(self._server.default_headers)
        self._transport.write(b"".join((starts[stream.status], stream.head.lines, end)))
        frame = b"%x\r\n%b\r\n" if keeps_alive else None
        try:
            async for chunk in stream.chunks:
                while self._writing_paused and not self._lost:
                    self._drained = asyncio.Event()
                    await self._drained.wait()
                if self._transport.is_closing():
                    return
                if chunk and method != "HEAD":
                    self._transport.write(chunk if frame is None else frame % (len(chunk), chunk))
        except ClientGone:
            self._transport.abort()
            return
        except asyncio.CancelledError:  # half a response cannot be followed by another
            self._transport.abort()
            raise
        finally:
            self._drained = None
            await stream.chunks.aclose()
            self._end_work()
        if keeps_alive:
            self._transport.write(b"0\r\n\r\n")
        self._server.total_requests += 1
        self._answered_s = self._loop.time()
        if not keeps_alive or self._ends:
            self.close()
        self._go_on()

    # ---- requests that wait ----

    def _wait(self, request: Request, keeps_alive: bool) -> None:
        """Put a request behind the others; where there are too many, answer those and close.

        A client sends again what was not answered (RFC 9112 section 9.3.2).
        """
        octets = len(request.path) + len(request.query) + 14
        octets += sum([len(name) + len(value) + 4 for name, value in request.headers])
        self._queued_bytes = (self._queued_bytes if self._queue else 0) + octets
        if len(self._queue) >= PIPELINED_MAX or self._queued_bytes > PIPELINED_MAX_BYTES:
            self._refused = True
            if self._queue:
                self._queue[-1].keeps_alive = False
            else:
                self._ends = True
            raise StopReadingError
        self._queued_bytes += len(request.body)
        self._queue.append(_Waiting(request, keeps_alive))
        self._pause_reading()

    def _go_on(self) -> None:
        """Answer what waits, as long as nothing is in work and the client reads."""
        while self._queue and self._task is None and not self._writing_paused and not self._transport.is_closing():
            waiting = self._queue.popleft()
            self._answer(waiting.request, waiting.keeps_alive)
        if not self.may_answer or self._transport.is_closing():
            return
        if self._early is None:
            self.on_turn()
        else:
            self._say_early(self._early)

    def _say_early(self, name: EarlyRefusal) -> None:
        """Write the refusal of what is no request, then end our side of the connection and linger."""
        self._early = None
        if self._transport.is_closing():
            return
        status, fields_and_body = _EARLY_REFUSALS[name]
        starts.renew(self._server.default_headers)
        self._transport.write(starts[status] + fields_and_body)
        self.linger()


def _early_refusal(name: EarlyRefusal) -> tuple[int, bytes]:
    refusal = Refusal(name)
    body = encode(refusal)
    fields = f"content-type: {PROBLEM_MEDIA_TYPE}", f"content-length: {len(body)}", "cache-control: no-store"
    return refusal.kind.status, "\r\n".join((*fields, "connection: close", "", "")).encode() + body


_EARLY_REFUSALS: Final[dict[EarlyRefusal, tuple[int, bytes]]] = {
    "headers-too-large": _early_refusal("headers-too-large"),
    "headers-timeout": _early_refusal("headers-timeout"),
    "not-http": _early_refusal("not-http"),
    "internal-error": _early_refusal("internal-error"),
}


class _Starts(dict[int, bytes]):
    """Of each status what its responses begin with: the status line, and the server's own ``headers`` (the date).

    The server makes these anew every second, and whoever writes a response renews them before.
    """

    def __init__(self) -> None:
        super().__init__()
        self.headers: Headers = []

    def renew(self, headers: Headers) -> None:
        if self.headers is not headers:
            self.headers = headers
            self.clear()

    def __missing__(self, status: int) -> bytes:
        start = self[status] = STATUS_LINES[status] + lines_of(self.headers)
        return start


starts: Final = _Starts()
