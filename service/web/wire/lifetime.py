"""The limits of connections: unread answers, idle time, and how many there may be.

An asyncio transport waits without end for a client that does not take its answers, and once closed it stands until its
last octet is taken. Here both have a deadline: once the transport's buffer is full, or its end has come, it must drain
within ``write_timeout_s``. What all clients of a server leave unread is bounded too; those that have waited longest go
first. A request that is on its way when the time of an idle connection is over is answered, as far as anybody can know
of it; then our side ends and the connection lingers, so that no reset overtakes the answer (RFC 9112 section 9.6).

Nothing here is done for a request on the hot path; ``connection`` notes the time of its answer.
"""

import asyncio
import heapq
import socket
import struct
from collections.abc import Callable
from fcntl import ioctl
from termios import FIONREAD
from typing import Any, Final

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
        """Add a client that has stopped reading; where all hold too much, end those that have waited longest."""
        self.remove(transport)
        self._octets[transport] = octets
        self._sum += octets
        while self._sum > self._octets_max and len(self._octets) > 1:
            longest = next(iter(self._octets))
            self.remove(longest)
            longest.abort()

    def remove(self, transport: asyncio.Transport) -> None:
        self._sum -= self._octets.pop(transport, 0)


class Deadline:
    """Calls ``passed`` once, some time after it began, unless it is stopped. To begin what runs changes nothing."""

    __slots__ = ("_handle", "_loop", "_passed")

    def __init__(self, loop: asyncio.AbstractEventLoop, passed: Callable[[], None]) -> None:
        self._loop = loop
        self._passed = passed
        self._handle: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        return self._handle is not None

    def begin(self, seconds: float) -> None:
        if self._handle is None:
            self._handle = self._loop.call_later(seconds, self._pass)

    def stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _pass(self) -> None:
        self._handle = None
        self._passed()


class TimedConnection(asyncio.Protocol):
    """A connection that ends in time whatever its client does. A subclass reads and writes.

    ``connections`` are all of its server, of which there may be ``connections_max``. ``lost`` is set once it is gone.
    """

    __slots__ = (
        "_answered_s", "_connections", "_connections_max", "_ended", "_idle_timer", "_keep_alive_s", "_loop", "_lost",
        "_reading_paused", "_refused", "_transport", "_unread", "_write_timeout_s", "_write_timer", "_writing_paused",
    )  # fmt: skip

    _transport: asyncio.Transport

    def __init__(
        self,
        connections: set[Any],
        connections_max: int,
        keep_alive_s: float,
        write_timeout_s: float,
        unread: Unread,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._connections = connections
        self._connections_max = connections_max
        self._keep_alive_s = keep_alive_s
        self._write_timeout_s = write_timeout_s
        self._unread = unread
        self._answered_s = self._loop.time()  # or begun: it is idle since then, if it is
        self._ended = False  # our side of it
        self._lost = False
        self._refused = False  # nothing more is read; the last answer is said, or waits for its turn
        self._reading_paused = False
        self._writing_paused = False
        self._write_timer: asyncio.TimerHandle | None = None
        self._idle_timer: asyncio.TimerHandle | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether a request is being read or answered."""
        raise NotImplementedError

    def on_writable(self) -> None:
        """Go on with what waited until the client had taken what was written."""
        raise NotImplementedError

    @property
    def idle_since_s(self) -> float | None:
        """Since when, by the loop's clock, it stands only to be used again; None while it does more than that."""
        return None if self.is_at_work or self._refused or self._transport.is_closing() else self._answered_s

    # ---- asyncio's callbacks ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin. A connection that never sends anything is closed as an idle one is."""
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")  # noqa: S101
        self._transport = transport  # type: ignore[assignment]  # as asyncio makes them for streams
        self._connections.add(self)
        self._transport.set_write_buffer_limits(UNSENT_MAX_BYTES)
        if (own_socket := self._transport.get_extra_info("socket")) is not None:
            own_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_MAX_BYTES)
        self._wait_for_next(self._keep_alive_s)
        if len(self._connections) > self._connections_max:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's shape
        self._lost = self._refused = True
        self._stop_write_timer()
        self._stop_idle_timer()
        self._connections.discard(self)

    def eof_received(self) -> bool:
        """The client sends no more, but may still read: what is in work is answered, then the connection ends."""
        return False

    def pause_writing(self) -> None:
        self._writing_paused = True
        self._unread.add(self._transport, self._transport.get_write_buffer_size())
        self._begin_write_timer()

    def resume_writing(self) -> None:
        self._writing_paused = False
        if not self._transport.is_closing():
            self._stop_write_timer()
            self.on_writable()

    # ---- how many ----

    def _make_room(self) -> None:
        """End the connections that are idle longest; this one where all others are at work."""
        others = [other for other in self._connections if other is not self]
        idle = [(since_s, id(other), other) for other in others if (since_s := other.idle_since_s) is not None]
        surplus = len(self._connections) - self._connections_max + self._connections_max // ROOM_SHARE
        for _, _, other in heapq.nsmallest(surplus, idle):
            other.close()
        if not idle:
            self._transport.abort()

    # ---- answers that nobody reads ----

    def close(self) -> None:
        """Close, in time: a transport that is closed waits until its client has read what was written."""
        self._transport.close()
        if self._transport.get_write_buffer_size() > 0:
            self._begin_write_timer()

    def _begin_write_timer(self) -> None:
        if self._write_timer is None:
            self._write_timer = self._loop.call_later(self._write_timeout_s, self._transport.abort)

    def _stop_write_timer(self) -> None:
        self._unread.remove(self._transport)
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()

    # ---- silence ----

    def _wait_for_next(self, seconds: float) -> None:
        self._idle_timer = self._loop.call_later(seconds, self._on_idle)

    def _stop_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _on_idle(self) -> None:
        """End an idle connection, or one that has lingered. The one timer looks, when it fires, how things stand."""
        idle_since_s = self.idle_since_s
        if self._ended or self._transport.is_closing():
            self.close()
        elif idle_since_s is None:
            self._wait_for_next(self._keep_alive_s)
        elif (remaining_s := idle_since_s + self._keep_alive_s - self._loop.time()) > 0:
            self._wait_for_next(remaining_s)
        elif self._octets_to_read() > 0:  # a request has come in this very turn of the loop, and is about to be read
            self._wait_for_next(LINGER_S)
        else:
            self._refused = True
            self.linger()

    def _octets_to_read(self) -> int:
        """How much the system has taken in that the loop has not read yet."""
        own_socket = self._transport.get_extra_info("socket")
        if own_socket is None:
            return 0
        (octets,) = struct.unpack("i", ioctl(own_socket.fileno(), FIONREAD, bytes(struct.calcsize("i"))))
        return int(octets)

    def linger(self) -> None:
        """End our side of the connection, and let go of what comes for a moment more.

        Closing at once would make the kernel reset a connection of which octets are still unread, and a reset can
        overtake the answer.
        """
        self._ended = True
        self._stop_idle_timer()
        if self._transport.can_write_eof():
            self._transport.write_eof()
            self._wait_for_next(LINGER_S)
        else:
            self.close()
