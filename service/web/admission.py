"""How many requests are in work at once: a request is from when its body is there until its answer is made.

So neither a client that sends its body slowly, or never, nor one that does not read its answer keeps others out. Both
have deadlines elsewhere: ``asgi.read_body`` and ``sockets``. What there is of bodies that are not there yet is bounded
in octets, all together.
"""

from typing import Final

from service.web.asgi import Message, Receive, Send

UNFINISHED_MAX_BYTES: Final = 64 << 20


class Crowded(Exception):  # noqa: N818  # it is news, not an error
    """A body has come when as many requests are in work as may be, or there are too many beginnings of bodies."""


class Admission:
    """Places for ``in_flight_max`` requests."""

    def __init__(self, in_flight_max: int, unfinished_max_bytes: int = UNFINISHED_MAX_BYTES) -> None:
        self.in_flight_max = in_flight_max
        self.unfinished_max_bytes = unfinished_max_bytes
        self.in_flight = 0
        self.unfinished_bytes = 0

    def enter(self, *, always: bool) -> "Place | None":
        """A place; None where none is left, but to those who are always let in."""
        if self.in_flight < self.in_flight_max or always:
            self.in_flight += 1
            return Place(self)
        return None


class Place:
    """Of one request: taken but while its body is on its way, and given back for good when its answer begins."""

    __slots__ = ("_admission", "_answered", "_held", "_receive", "_send", "_unfinished_bytes")

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._answered = False
        self._held = True
        self._unfinished_bytes = 0

    def leave(self) -> None:
        """Give it back, and what is counted of its body."""
        if self._held:
            self._held = False
            self._admission.in_flight -= 1
        if self._unfinished_bytes:
            self._admission.unfinished_bytes -= self._unfinished_bytes
            self._unfinished_bytes = 0

    def receiving(self, receive: Receive) -> Receive:
        """The same, without a place meanwhile. Raises ``Crowded`` where others have taken it."""
        self._receive = receive
        return self._received

    async def _received(self) -> Message:
        admission = self._admission
        if self._held:
            self._held = False
            admission.in_flight -= 1
        message = await self._receive()
        if self._answered:  # a stream: it has bounds of its own
            return message
        if message.get("more_body", False):
            octets = len(message.get("body", b""))
            self._unfinished_bytes += octets
            admission.unfinished_bytes += octets
            if admission.unfinished_bytes > admission.unfinished_max_bytes:
                raise Crowded
            return message
        self.leave()
        if admission.in_flight >= admission.in_flight_max:
            raise Crowded
        self._held = True
        admission.in_flight += 1
        return message

    def sending(self, send: Send) -> Send:
        """The same, which gives the place back: how long the client takes to read is no matter here."""
        self._send = send
        return self._sent

    async def _sent(self, message: Message) -> None:
        if not self._answered:
            self._answered = True
            self.leave()
        await self._send(message)
