"""The limits of HTTP itself, below ASGI: how large a request's head may be and how long it may take to arrive.

uvicorn's httptools protocol has no such limits: it gathers any number of fields, llhttp buffers a line that never ends,
and a head may take for ever. This subclass adds them, and answers what is not HTTP with a problem of ours that repeats
nothing.

    uvicorn.Config(app, http=bounded_protocol(16_384, 64, 2.0), ws="none", proxy_headers=False)

The size of a head is that of its plain writing: ``METHOD target HTTP/1.1``, a line ``name: value`` for each field, CR
LF after each line, and the empty line. Each of several pipelined requests is counted for itself. A refusal waits until
earlier requests of the connection have their answers; it is the last thing said, and nothing after it is read.

A GET that the application can answer without waiting (``answer_now``) is answered right here, with no task, scope or
cycle made for it, and so is a POST whose body came in one read with its head; everything else goes through ASGI as
uvicorn does it.

On the hot path (a head that arrives whole in one read of at most the limit) nothing is counted but the fields. Anything
else is fed in slices and watched.
"""

import asyncio
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import httptools
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.web.asgi import Headers, Response
from service.web.client_ip import peer_of
from service.web.farewell import Farewell, ProtocolProblem
from service.web.response_cycle import FastCycle, default_lines
from service.web.sockets import TimedConnection, Unread

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

# An upgrade is no error to httptools. The last is uvicorn's where a URL has no path (`POST http://host`).
_PARSER_STOPS: Final = (httptools.HttpParserError, httptools.HttpParserUpgrade, AttributeError)
# Of a GET, and of a POST with its whole body: URL, the peer's address, header lines, body (None for a GET). None: it is
# left to the application.
AnswerNow = Callable[[bytes, str | None, Headers, bytes | None], Response | None]

# Of one connection, requests that wait for the answer before theirs, and their octets; the body of the last one aside.
PIPELINED_MAX: Final = 64
PIPELINED_MAX_BYTES: Final = 65_536


# uvicorn's method as it is installed, but that the cycle it makes is ours: the class is a global that it names.
_uvicorns_on_headers_complete: Final = FunctionType(
    HttpToolsProtocol.on_headers_complete.__code__, vars(httptools_impl) | {"RequestResponseCycle": FastCycle}
)


class _Ignored(list[tuple[bytes, bytes]]):
    """Takes and keeps nothing."""

    def append(self, _: tuple[bytes, bytes], /) -> None:
        return


class _Answered:
    """Stands for the cycle of a request that was answered at once, as far as uvicorn's class asks for one."""

    response_complete = True
    more_body = False
    disconnected = False
    keep_alive = True
    message_event: Final = asyncio.Event()  # set when the connection is lost; nobody waits for it


_ANSWERED: Final[Any] = _Answered()


# Where fields go that come after a head: trailers, which the application, at work with its headers, did not ask for.
# That a protocol's list is this one is also how it knows that no head has begun since the last was complete.
_TRAILERS: Final = _Ignored()


class BoundedHttpProtocol(TimedConnection):
    """uvicorn's HTTP/1.1 over one connection, within limits. WebSocket is not spoken: to ask for it is a plain GET."""

    __slots__ = (
        "_body", "_head_timer", "_moved", "_octets_since_moved", "_offered_upgrade", "_pipelined_bytes", "_watched",
    )  # fmt: skip

    header_block_max_bytes = 16_384
    header_fields_max = 64
    header_read_timeout_s = 2.0
    on_refusal: Callable[[ProtocolProblem], None] | None = None
    answer_now: AnswerNow | None = None

    def __init__(
        self,
        config: "Config",
        server_state: "ServerState",
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.ws_protocol_class = None
        self._body: bytes | None = None  # of a POST that waits for the rest of it, which may be in the read in hand
        self._offered_upgrade = False  # the parser is about to stop at a head that offers one
        self._pipelined_bytes = 0
        self._watched = False  # the last read did not end exactly with a request
        self._moved = False  # the slice in hand brought a head or chunk to its end, or octets of a body
        self._octets_since_moved = 0
        self._head_timer: asyncio.TimerHandle | None = None

    # ---- the connection ----

    @property
    def idle_since_s(self) -> float | None:
        return super().idle_since_s if self._head_timer is None else None

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._watched or len(data) > self.header_block_max_bytes or self._refused:
            self._watch(data)
            return
        self._moved = False
        try:
            self.parser.feed_data(data)
            if self._body is not None:
                self._begin_with_body()
        except _PARSER_STOPS as stop:
            self._on_stop(stop, data)
        begun = self.headers is not _TRAILERS
        if self.cycle is _ANSWERED and self._moved and not begun:
            self._answered_s = self.loop.time()
            return
        if begun or not self._moved or self.cycle.more_body or self.pipeline:
            self._after_slice(len(data))

    def _feed(self, data: bytes | memoryview) -> None:
        """Let the parser have what came."""
        try:
            self.parser.feed_data(data)
            if self._body is not None:
                self._begin_with_body()
        except _PARSER_STOPS as stop:
            self._on_stop(stop, data)

    def _on_stop(self, stop: Exception, data: bytes | memoryview) -> None:
        """Go on after an offer to upgrade, and refuse what is not HTTP; a refusal of ours has spoken already."""
        if not isinstance(stop, httptools.HttpParserUpgrade):
            if not self._refused:
                self._refuse("not-http")
        elif self._offered_upgrade:
            self._decline_upgrade(data[stop.args[0] :])

    def _decline_upgrade(self, rest: bytes | memoryview) -> None:
        """An upgrade that is not taken is an ordinary request, body and all (RFC 9110 section 7.8).

        The parser takes all after such a head for another protocol, and would take a body for the next request. So
        another parser gets the head without the offer, and the rest.
        """
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        lines = [method + b" " + self.url + b" HTTP/" + version]
        lines += [name + b": " + value for name, value in self.headers if name != b"upgrade"]
        self._offered_upgrade = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's
        self._feed(b"\r\n".join([*lines, b"", b""]) + rest)

    def _watch(self, data: bytes) -> None:
        """Feed a read that is large or continues a request, in slices, so that a refused one costs little."""
        self._watched = True
        view = memoryview(data)
        for start in range(0, len(data), self.header_block_max_bytes):
            if self._refused or self.transport.is_closing():
                return
            piece = view[start : start + self.header_block_max_bytes]
            self._feed(piece)
            self._after_slice(len(piece))

    def _after_slice(self, octets: int) -> None:
        """Decide what a slice leaves behind: a request to watch, one that is too large already, or none."""
        if self._refused or self.transport.is_closing():
            return
        moved, self._moved = self._moved, False
        self._octets_since_moved = 0 if moved else self._octets_since_moved + octets
        cycle = self.cycle
        begun = self.headers is not _TRAILERS
        # The last: octets that begin nothing.
        self._watched = begun or cycle.more_body or (cycle.response_complete and not moved)
        if not self._watched:
            self._octets_since_moved = 0
        if not begun and not (self._watched and cycle.response_complete):
            self._stop_head_timer()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.header_read_timeout_s, self._on_head_timeout)
        # While no octet reaches the application, the parser holds what comes: a line of a head, a trailer or the
        # extension of a chunk that does not end.
        fields = len(self.headers) if begun and self.headers is not None else 0
        if fields > self.header_fields_max or self._octets_since_moved >= self.header_block_max_bytes:
            self._refuse("headers-too-large")

    def _on_head_timeout(self) -> None:
        """Close on a head that does not come to its end; say so if it has begun."""
        self._head_timer = None
        if self._refused or self.transport.is_closing():
            return
        if self.flow.read_paused:  # it is we who do not read
            self._head_timer = self.loop.call_later(self.header_read_timeout_s, self._on_head_timeout)
        elif self.headers is None or self.headers is _TRAILERS:
            self.close()
        else:
            self._refuse("headers-timeout")

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    # ---- the parser's callbacks ----

    def on_message_begin(self) -> None:
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        too_many = len(self.headers) > self.header_fields_max
        if too_many or (self._watched and self._head_bytes() > self.header_block_max_bytes):
            self._refuse("headers-too-large")
            raise _RefusedError
        self._moved = True
        if self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT":
            self._offered_upgrade = True
            return
        idle = self.cycle is None or self.cycle.response_complete
        if idle and not self._watched and not self.flow.write_paused and self._answer_at_once():
            return
        if not idle:
            self._queue()
        self._begin()

    def _queue(self) -> None:
        """See to it that no more requests wait than may."""
        waiting = len(self.pipeline)
        before = len(self.cycle.body) + (self._pipelined_bytes if waiting else 0)
        self._pipelined_bytes = before + self._head_bytes()
        if waiting >= PIPELINED_MAX or self._pipelined_bytes > PIPELINED_MAX_BYTES:
            # Answer those and close; a client sends again what was not answered (RFC 9112 section 9.3.2).
            self.cycle.keep_alive = False
            self._refused = True
            self._stop_head_timer()
            raise _RefusedError

    def _begin(self) -> None:
        """Hand the request whose head is complete to the application, as uvicorn does."""
        self.expect_100_continue = any(
            name == b"expect" and value.lower() == b"100-continue" for name, value in self.headers
        )
        self.scope = {  # type: ignore[typeddict-item]  # uvicorn's method adds the rest
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": "1.1",
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,  # type: ignore[typeddict-item]  # set when the connection was made
            "root_path": self.root_path,
            "headers": self.headers,
            "state": self.app_state.copy(),
        }
        _uvicorns_on_headers_complete(self)
        self.cycle.on_end = self.on_cycle_end  # type: ignore[attr-defined]  # it is a FastCycle
        self.headers, self.url = _TRAILERS, b""

    def _answer_at_once(self) -> bool:
        """Answer what needs no waiting without a task, a scope or a cycle; False when it is not of that kind.

        A POST is put off until its body is there, or the read in hand ends without it.
        """
        parser, answer_now = self.parser, self.answer_now
        if answer_now is None or ((method := parser.get_method()) != b"GET" and method != b"POST"):
            return False
        if not parser.should_keep_alive() or parser.get_http_version() != "1.1":
            return False
        if method == b"POST" and self._body is None:
            if _has_plain_body(self.headers):
                self._body = b""
            return self._body is not None
        response = answer_now(self.url, peer_of(self.client), self.headers, self._body)
        if response is None:
            return False
        status, head, body, more, pieces = response
        length = b"content-length: %d\r\n\r\n" % (len(body) + sum(map(len, pieces))) if body or pieces else b"\r\n"
        defaults = default_lines(self.server_state.default_headers)
        self.transport.write(b"".join((STATUS_LINE[status], defaults, head.lines, more, length, body, *pieces)))
        self.server_state.total_requests += 1
        self.headers, self.url = _TRAILERS, b""  # the connection may stand for long, and keeps nothing of the request
        self.cycle = _ANSWERED
        return True

    def _head_bytes(self) -> int:
        """The size of a complete head: the request line has 2 spaces, the version and CR LF; a field 4 octets more."""
        fields = sum([len(name) + len(value) + 4 for name, value in self.headers])
        return len(self.parser.get_method()) + len(self.url) + 12 + fields + 2

    def on_body(self, body: bytes) -> None:
        self._moved = True
        if self._body is None:
            super().on_body(body)
        else:
            self._body += body

    def on_message_complete(self) -> None:
        if self._body is not None:
            if self._answer_at_once():
                self._body = None
                return
            self._begin_with_body()
        if self.cycle is not _ANSWERED and not self._offered_upgrade:
            self.cycle.more_body = False  # uvicorn's own forgets it where the answer came first
            super().on_message_complete()

    def _begin_with_body(self) -> None:
        """Hand over a POST with what is there of its body."""
        body, self._body = self._body, None
        self._begin()
        if body:
            super().on_body(body)

    def on_chunk_complete(self) -> None:
        """Also at the end of the last chunk and its trailers, so that these do not count into the next head."""
        self._moved = True

    # ---- refusing ----

    def _refuse(self, name: ProtocolProblem) -> None:
        """Answer a request that never reaches the application, when its turn comes, and close."""
        self._refused = True
        self._stop_head_timer()
        if self.on_refusal is not None:
            self.on_refusal(name)
        cycle = self.cycle
        answer = Farewell(self, name)
        if cycle is None or cycle.response_complete:
            answer.speak()
        elif not cycle.more_body:
            self.pipeline.appendleft((answer, self.app))  # type: ignore[arg-type]  # a cycle as far as a pipeline goes
        elif self.pipeline:
            # What is refused is the body of the request that came last, which waits behind others.
            self.pipeline[0] = (answer, self.app)  # type: ignore[assignment]  # as above
        elif cycle.response_started:
            self.transport.close()
        else:
            cycle.disconnected = True
            cycle.message_event.set()
            answer.speak()


def _has_plain_body(headers: Headers) -> bool:
    """Whether a body of stated length follows that nobody has to be asked for."""
    names = {name for name, _ in headers}
    return b"content-length" in names and b"expect" not in names


class _RefusedError(Exception):
    """Stops the parser. It has no text: nothing of the request goes with it."""


def bounded_protocol(
    header_block_max_bytes: int,
    header_fields_max: int,
    header_read_timeout_s: float,
    on_refusal: Callable[[ProtocolProblem], None] | None = None,
    answer_now: AnswerNow | None = None,
    write_timeout_s: float = TimedConnection.write_timeout_s,
    connections_max: int = TimedConnection.connections_max,
) -> type[BoundedHttpProtocol]:
    """The protocol class with these limits, for one server; ``on_refusal`` is told the problem's name, to count it.

    ``answer_now`` is asked before the application is, which gets what it leaves.
    """
    told = None if on_refusal is None else staticmethod(on_refusal)
    limits = {
        "__slots__": (),
        "header_block_max_bytes": header_block_max_bytes,
        "header_fields_max": header_fields_max,
        "header_read_timeout_s": header_read_timeout_s,
        "write_timeout_s": write_timeout_s,
        "connections_max": connections_max,
        "unread": Unread(),
        "on_refusal": told,
        "answer_now": None if answer_now is None else staticmethod(answer_now),
    }
    return type("BoundedHttpProtocol", (BoundedHttpProtocol,), limits)
