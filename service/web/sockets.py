"""What a connection may hold and how long it may stand: answers that nobody reads, silence, and how many there are.

uvicorn waits without end for a client that does not take its answers, and a transport that is closed stands until its
last octet is taken. Here both have a deadline: once the transport's buffer is full, or its end has come, it must drain
within ``write_timeout_s``. What all clients of a server leave unread is bounded too; those that have waited longest go
first. A request that is on its way when the time of an idle connection is over is answered, as far as anybody can know
of it; then our side ends and the connection lingers, so that no reset overtakes what was said (RFC 9112 section 9.6).

Nothing here is done for a request on the hot path; ``protocol`` notes the time of its answer.
"""

import asyncio
import heapq
import socket
import struct
from fcntl import ioctl
from termios import FIONREAD
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

LINGER_S: Final = 1.0
# Of one connection: what is written beyond it waits for the client, and so does the next answer.
UNSENT_MAX_BYTES: Final = 16_384
# What the system may hold of it; left alone it would take four megabytes for each connection.
SEND_BUFFER_MAX_BYTES: Final = 131_072
UNREAD_MAX_BYTES: Final = 32 << 20
# To find the idle ones all connections are looked at, so one look makes room for several.
ROOM_SHARE: Final = 64


class Unread:
    """How many octets each transport holds that its client does not take. All together are at most ``octets_max``."""

    def __init__(self, octets_max: int = UNREAD_MAX_BYTES) -> None:
        self._octets_max = octets_max
        self._octets: dict[asyncio.Transport, int] = {}
        self._sum = 0

    def add(self, transport: asyncio.Transport, octets: int) -> None:
        """A client has stopped reading. Too much of it ends the connections that have waited longest."""
        self.remove(transport)
        self._octets[transport] = octets
        self._sum += octets
        while self._sum > self._octets_max and len(self._octets) > 1:
            longest = next(iter(self._octets))
            self.remove(longest)
            longest.abort()

    def remove(self, transport: asyncio.Transport) -> None:
        self._sum -= self._octets.pop(transport, 0)


class TimedConnection(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 over one connection, which ends in time whatever its client does."""

    # uvicorn's class has 28 attributes; beyond 30 CPython 3.11 does not share their keys, and each access gets slower.
    __slots__ = ("_answered_s", "_ended", "_refused", "_write_timer")

    write_timeout_s = 10.0
    connections_max = 4096
    unread = Unread()

    def __init__(
        self,
        config: "Config",
        server_state: "ServerState",
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._answered_s = self.loop.time()  # or begun: it is idle since then, if it is
        self._ended = False  # our side of it
        self._refused = False  # nothing more is read; the last answer is said, or waits for its turn
        self._write_timer: asyncio.TimerHandle | None = None

    @property
    def idle_since_s(self) -> float | None:
        """Since when, by the loop's clock, it stands only to be used again; None while it does more than that."""
        at_work = self.cycle is not None and not self.cycle.response_complete
        return None if at_work or self._refused or self.transport.is_closing() else self._answered_s

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """A connection that never says anything is closed as one that has nothing more to say is."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(UNSENT_MAX_BYTES)
        if (own := transport.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_MAX_BYTES)
        self._wait_for_next(self.timeout_keep_alive)
        if len(self.connections) > self.connections_max:
            self._make_room()

    def _make_room(self) -> None:
        """End the connections that are idle longest; this one where all others are at work."""
        others = [other for other in self.connections if isinstance(other, TimedConnection) and other is not self]
        idle = [(since_s, id(other), other) for other in others if (since_s := other.idle_since_s) is not None]
        wanted = len(self.connections) - self.connections_max + self.connections_max // ROOM_SHARE
        for _, _, other in heapq.nsmallest(wanted, idle):
            other.close()
        if not idle:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._refused = True
        self._stop_write_timer()
        self._unset_keepalive_if_required()
        self.pipeline.clear()
        super().connection_lost(exc)

    # ---- answers that nobody reads ----

    def pause_writing(self) -> None:
        super().pause_writing()
        self.unread.add(self.transport, self.transport.get_write_buffer_size())
        self._begin_write_timer()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop_write_timer()

    def _begin_write_timer(self) -> None:
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.write_timeout_s, self.transport.abort)

    def _stop_write_timer(self) -> None:
        self.unread.remove(self.transport)
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def close(self) -> None:
        """Close, in time: a transport that is closed waits until its client has read what was written."""
        self.transport.close()
        self.on_cycle_end()

    def on_cycle_end(self) -> None:
        """What is closed with the end of a request, by uvicorn itself, has its deadline too."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size() > 0:
            self._begin_write_timer()

    # ---- silence ----

    def on_response_complete(self) -> None:
        """As uvicorn's own, but that no timer is begun for each answer: that costs as much as a tenth of it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self._answered_s = self.loop.time()
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _wait_for_next(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection, or one that has lingered. The one timer looks, when it fires, how things stand."""
        idle_since_s = self.idle_since_s
        if self._ended or self.transport.is_closing():
            self.close()
        elif idle_since_s is None:
            self._wait_for_next(self.timeout_keep_alive)
        elif (left := idle_since_s + self.timeout_keep_alive - self.loop.time()) > 0:
            self._wait_for_next(left)
        elif self._octets_to_read() > 0:  # a request has come in this very turn of the loop, and is about to be read
            self._wait_for_next(LINGER_S)
        else:
            self._refused = True
            self.linger()

    def _octets_to_read(self) -> int:
        """How much the system has taken in that the loop has not read yet."""
        own = self.transport.get_extra_info("socket")
        if own is None:
            return 0
        (octets,) = struct.unpack("i", ioctl(own.fileno(), FIONREAD, bytes(struct.calcsize("i"))))
        return int(octets)

    def linger(self) -> None:
        """End our side of the connection, and let go of what comes for a moment more.

        Closing at once would make the kernel reset a connection of which octets are still unread, and a reset can
        overtake the answer.
        """
        self._ended = True
        self._unset_keepalive_if_required()
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self._wait_for_next(LINGER_S)
        else:
            self.close()
