"""HTTP/1.1 over one connection, within limits: octets become requests, and responses become octets.

    uvicorn.Config(app, http=connections(dispatcher, Limits(16_384, 64, 2.0)), ws="none", proxy_headers=False)

httptools parses. Of the server nothing is used but what it hands to such a class: the set of its connections, the set
of its tasks, the number of requests, and the fields that stand in every response.

The size of a head is that of its plain writing: ``METHOD target HTTP/1.1``, a line ``name: value`` for each field, CR
LF after each line, and the empty line. Each of several pipelined requests is counted for itself. A refusal of what is
not HTTP, or too large or too slow, waits until earlier requests of the connection have their answers; it is the last
response, and nothing after it is read.

A request goes to the dispatcher when it is there whole. Where its body is still to come when a read ends, the
dispatcher is asked first whether it may come. Requests that come before the answer to the one before them wait.

On the hot path (a head that arrives whole in one read of at most the limit) nothing is counted but the fields. Anything
else is fed in slices and watched.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httptools
from msgspec.structs import replace

from service.web.problems import Refusal
from service.web.wire.answering import PIPELINED_MAX_BYTES, AnsweringConnection, EarlyRefusal, Limits, ServerState
from service.web.wire.body import BodyChunks
from service.web.wire.dispatch import BodyRule, Dispatcher
from service.web.wire.lifetime import Deadline, Unread
from service.web.wire.messages import Fields, Headers, Request, Response
from service.web.wire.parsing import TRAILERS, StopReadingError, head_bytes, head_without_upgrade, parser_for, target_of

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
HASH, SLASH = b"#/"  # as numbers they are looked for five times as fast


class Connection(AnsweringConnection):
    """One connection. WebSocket is not spoken: to ask for it is a plain request."""

    __slots__ = (
        "_body", "_body_bytes", "_body_deadline", "_chunks", "_fields", "_further", "_head", "_head_deadline",
        "_held_bytes", "_keeps_alive", "_moved", "_octets_since_moved", "_parser", "_peer", "_rule", "_scheme",
        "_upgrade_offered", "_url", "_watched",
    )  # fmt: skip

    def __init__(
        self, dispatcher: Dispatcher, limits: Limits, server: ServerState, keep_alive_s: float, unread: Unread
    ) -> None:
        super().__init__(dispatcher, limits, server, keep_alive_s, unread)
        self._parser = parser_for(self)
        self._peer: str | None = None
        self._scheme = "http"
        # The request that is being read.
        self._url = b""
        self._fields: Fields = TRAILERS  # of each header the first line
        self._further: Headers = []
        self._head: Request | None = None  # complete, of a request with a body that is not there whole
        self._keeps_alive = True
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._held_bytes = 0  # of these, what the dispatcher counts
        self._rule: BodyRule | None = None  # by which its body is let in; None while nobody was asked
        self._chunks: BodyChunks | None = None  # where its body goes, if it is a stream
        self._body_deadline = Deadline(self._loop, self._on_body_timeout)
        self._upgrade_offered = False  # the parser is about to stop at a head that offers one
        # The slice in hand.
        self._watched = False  # the last read did not end exactly with a request
        self._moved = False  # it brought a head or chunk to its end, or octets of a body
        self._octets_since_moved = 0
        self._head_deadline = Deadline(self._loop, self._on_head_timeout)

    # ---- the connection ----

    @property
    def is_at_work(self) -> bool:
        reading = self._head is not None or self._head_deadline.is_running or self._discards
        return reading or self._task is not None or bool(self._queue)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if isinstance(peer, tuple | list) and peer else None
        if transport.get_extra_info("sslcontext") is not None:
            self._scheme = "https"

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._head_deadline.stop()
        self._drop_body()

    def shutdown(self) -> None:
        """Close now, or after the answer that is in work: what the server calls when it ends."""
        self._close_after_work()
        if not self.is_at_work:
            self.close()

    def eof_received(self) -> bool:
        if (self._task is None and not self._queue) or self._chunks is not None:  # a body that will never be whole
            return False
        self._refused = self._ends = True
        if self._queue:
            self._ends = False
            self._queue[-1].keeps_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        if self._watched or len(data) > self._limits.header_block_max_bytes or self._refused:
            self._watch(data)
            return
        self._moved = False
        self._feed(data)
        if self._fields is not TRAILERS or not self._moved or self._head is not None or self._queue:
            self._after_slice(len(data))

    def _on_stop(self, stop: Exception) -> None:
        """Refuse what is not HTTP; a refusal of ours has spoken already."""
        mistake = stop.__context__ if isinstance(stop, httptools.HttpParserCallbackError) else None
        if mistake is not None and not isinstance(mistake, (StopReadingError, httptools.HttpParserError)):
            self._dispatcher.log_broken(mistake)
            self._refuse("internal-error")
        elif not self._refused:
            self._refuse("not-http")

    def _decline_upgrade(self, remaining: bytes | memoryview) -> bytes:
        """An upgrade that is not taken is an ordinary request, body and all (RFC 9110 section 7.8).

        The parser takes all after such a head for another protocol, and would take a body for the next request. So
        another parser gets the head without the offer, and the rest.
        """
        head = head_without_upgrade(self._parser, self._url, [*self._fields.items(), *self._further])
        self._url, self._further, self._upgrade_offered = b"", [], False
        self._parser = parser_for(self)
        return head + remaining

    def _feed(self, data: bytes | memoryview) -> None:
        while True:
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade as stop:
                if self._upgrade_offered:
                    data = self._decline_upgrade(data[stop.args[0] :])
                    continue
            except httptools.HttpParserError as stop:
                self._on_stop(stop)
            return

    def _watch(self, data: bytes) -> None:
        """Feed a read that is large or continues a request, in slices, so that a refused one costs little."""
        self._watched = True
        view = memoryview(data)
        slice_bytes = self._limits.header_block_max_bytes
        for start in range(0, len(data), slice_bytes):
            if self._refused or self._transport.is_closing():
                return
            piece = view[start : start + slice_bytes]
            self._feed(piece)
            self._after_slice(len(piece))

    def _after_slice(self, octets: int) -> None:
        """Decide what a slice leaves behind: a request to watch, one that is too large already, or none."""
        if self._refused or self._transport.is_closing():
            return
        moved, self._moved = self._moved, False
        self._octets_since_moved = 0 if moved else self._octets_since_moved + octets
        begun = self._fields is not TRAILERS
        reads_body = self._head is not None or self._discards
        self._watched = begun or reads_body or not moved  # the last: octets that begin nothing
        if not self._watched:
            self._octets_since_moved = 0
        if begun or self._discards or (not reads_body and not moved and self._task is None):
            self._head_deadline.begin(self._limits.header_read_timeout_s)
        else:
            self._head_deadline.stop()
        # While no octet reaches a request, the parser holds what comes: a line of a head, a trailer or the extension
        # of a chunk that does not end.
        fields = len(self._fields) + len(self._further) if begun else 0
        if fields > self._limits.header_fields_max or self._octets_since_moved >= self._limits.header_block_max_bytes:
            self._refuse("headers-too-large")
        elif self._head is not None and self._rule is None and self.may_answer:
            self._ask_for_body()

    def _on_head_timeout(self) -> None:
        """Close on a head that does not come to its end; say so if it has begun."""
        if self._refused or self._transport.is_closing():
            return
        if self._reading_paused:  # it is we who do not read
            self._head_deadline.begin(self._limits.header_read_timeout_s)
        elif self._discards and self._task is not None:  # it is we who have not answered yet
            self._refused = self._ends = True
        elif self._fields is TRAILERS:
            self.close()
        else:
            self._refuse("headers-timeout")

    # ---- the parser's callbacks ----

    def on_message_begin(self) -> None:
        self._fields = {}

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name, fields = name.lower(), self._fields
        if name in fields:
            self._further.append((name, value))
        else:
            fields[name] = value

    def on_headers_complete(self) -> None:
        limits, parser, url, fields = self._limits, self._parser, self._url, self._fields
        given: Headers | Fields = [*fields.items(), *self._further] if self._further else fields
        too_many = len(given) > limits.header_fields_max
        if too_many or (self._watched and head_bytes(parser, url, given) > limits.header_block_max_bytes):
            self._refuse("headers-too-large")
            raise StopReadingError
        self._moved = True
        method = parser.get_method()
        if parser.should_upgrade() and method != b"CONNECT":
            self._upgrade_offered = True
            return
        if url[0] == SLASH and HASH not in url:
            path, _, query = url.partition(b"?")
        else:
            path, query = target_of(url)
        is_silent = b"connection" not in fields and b"proxy-connection" not in fields  # then it stays by 1.1 alone
        self._keeps_alive = parser.should_keep_alive() and (is_silent or parser.get_http_version() == "1.1")
        name = "GET" if method == b"GET" else method.decode()
        self._head = Request(name, path, query, given, self._peer, self._scheme)
        if given is not fields:
            self._further = []
        self._fields, self._url = TRAILERS, b""  # the connection may stand for long, and keeps nothing of a request

    def on_body(self, body: bytes) -> None:
        self._moved = True
        if self._discards or self._head is None:
            return
        if self._chunks is not None:
            self._chunks.push(body)
            return
        self._body.append(body)
        self._body_bytes += len(body)
        if self._rule is None:
            if self._body_bytes > PIPELINED_MAX_BYTES:  # its turn has not come
                self._pause_reading()
        elif self._rule.is_stream:
            self._begin_stream(self._head)
        elif self._body_bytes > self._rule.max_bytes:
            self._refuse_body(Refusal("body-too-large"))
        elif not self._hold(len(body)):
            self._refuse_body(Refusal("overloaded"))

    def on_chunk_complete(self) -> None:
        """Also at the end of the last chunk and its trailers, so that these do not count into the next head."""
        self._moved = True

    def on_message_complete(self) -> None:
        if self._upgrade_offered:
            return
        if self._discards:
            self._on_discarded()
            return
        request, self._head = self._head, None  # nothing of it is left here
        if request is None:
            return
        if self._chunks is not None:
            self._chunks.end()
            self._chunks = None
            return
        if self._body:
            request = replace(request, body=b"".join(self._body))
        if self._rule is not None or self._body:
            self._drop_body()
        if self._task is not None or self._queue or self._writing_paused:
            self._wait(request, self._keeps_alive)
            return
        if not self._keeps_alive:
            self._refused = True  # nothing is read after the last request
        answer = self._dispatcher.respond(request)
        if type(answer) is Response:
            self._write(answer, request.method, self._keeps_alive)
        else:
            self._take(answer, request.method, self._keeps_alive)

    def _on_discarded(self) -> None:
        """Go on after a body that nobody reads has come to its end."""
        self._discards = False
        self._head_deadline.stop()
        if self._ends and self._task is None:
            self.close()

    def _hold(self, octets: int) -> bool:
        self._held_bytes += octets
        return self._dispatcher.hold(octets)

    def _drop_body(self) -> None:
        """Drop what has come of a body."""
        self._dispatcher.let_go(self._held_bytes)
        self._held_bytes = 0
        self._rule = None
        self._body = []
        self._body_bytes = 0
        self._body_deadline.stop()

    # ---- bodies that are not there whole ----

    def _ask_for_body(self) -> None:
        """Ask the dispatcher whether the body of this head may come, and let it come, or answer."""
        head = self._head
        if head is None:
            return
        rule = self._dispatcher.before_body(head)
        if not isinstance(rule, BodyRule):
            self._discard_body()
            self._take(rule, head.method, self._keeps_alive)
            return
        self._rule = rule
        if (b"expect", b"100-continue") in [(name, value.lower()) for name, value in head.headers if name == b"expect"]:
            self._transport.write(_CONTINUE)
        if rule.is_stream and self._body:
            self._begin_stream(head)
        elif not rule.is_stream and self._body_bytes > rule.max_bytes:
            self._refuse_body(Refusal("body-too-large"))
        elif not self._hold(self._body_bytes):
            self._refuse_body(Refusal("overloaded"))
        else:
            self._body_deadline.begin(rule.timeout_s)

    def _begin_stream(self, head: Request) -> None:
        """Hand a stream to its handler, once its first octets are there."""
        self._chunks = self._stream_body = BodyChunks(self._pause_reading, self._resume_reading)
        for body in self._body:
            self._chunks.push(body)
        self._drop_body()
        self._answer(replace(head, chunks=self._chunks), self._keeps_alive)

    def _on_body_timeout(self) -> None:
        if self._head is not None and not self._transport.is_closing():
            self._keeps_alive = False  # what may still come of the body is no request (RFC 9110 section 15.5.9)
            self._refuse_body(Refusal("body-timeout"))

    def _refuse_body(self, refusal: Refusal) -> None:
        """Answer a request whose body is not waited for any longer. What still comes of it is let go."""
        head = self._head
        self._discard_body()
        if head is not None:
            self._write(self._dispatcher.refuse_body(head, refusal), head.method, self._keeps_alive)

    def _discard_body(self) -> None:
        self._head = self._chunks = None
        self._drop_body()
        self._discards = True
        self._head_deadline.begin(self._limits.header_read_timeout_s)  # it must not take for ever

    # ---- turns ----

    def on_turn(self) -> None:
        self._resume_reading()
        if self._head is not None and self._rule is None:
            self._ask_for_body()

    def on_mistake(self, error: BaseException) -> None:
        self._dispatcher.log_broken(error)
        self._refuse("internal-error")

    def on_stream_end(self) -> None:
        if self._chunks is not None:
            self._discard_body()
            self._resume_reading()

    # ---- refusing what is no request ----

    def _refuse(self, name: EarlyRefusal) -> None:
        """Answer a request that never reaches the dispatcher, when its turn comes, and close."""
        self._refused = True
        self._head_deadline.stop()
        if self._discards and self._task is None:  # the request whose body this is has its answer
            self.linger()
            return
        self._dispatcher.count_early_refusal(Refusal(name).kind.status)
        self._early = name
        self._head = None
        self._drop_body()
        if self._chunks is not None:  # what is refused is the body of the request in work
            self._chunks = None
            self._abandon()
        if self.may_answer:
            self._say_early(name)


def connections(dispatcher: Dispatcher, limits: Limits, unread: Unread | None = None) -> Callable[..., Connection]:
    """The factory of a server's connections: uvicorn calls it with ``config``, ``server_state`` and unused values."""
    shared = Unread() if unread is None else unread

    def connect(*, config: Any, server_state: ServerState, **_: Any) -> Connection:
        return Connection(dispatcher, limits, server_state, config.timeout_keep_alive, shared)

    return connect
