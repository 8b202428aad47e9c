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
        self._in_flight_max = in_flight_max
        self._unfinished_max_bytes = unfinished_max_bytes
        self.in_flight = 0
        self.unfinished_bytes = 0

    @property
    def full(self) -> bool:
        return self.in_flight >= self._in_flight_max or self.unfinished_bytes > self._unfinished_max_bytes

    def enter(self, *, always: bool) -> "Place | None":
        """A place; None where none is left, but to those who are always let in."""
        return Place(self) if always or not self.full else None


class Place:
    """Of one request: taken but while its body is on its way, and given back for good when its answer begins."""

    __slots__ = ("_admission", "_answered", "_held", "_unfinished_bytes")

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self._answered = False
        self._held = True
        self._unfinished_bytes = 0
        admission.in_flight += 1

    def leave(self) -> None:
        """Give it back, and what is counted of its body."""
        self._give_back()
        self._admission.unfinished_bytes -= self._unfinished_bytes
        self._unfinished_bytes = 0

    def _give_back(self) -> None:
        if self._held:
            self._held = False
            self._admission.in_flight -= 1

    def receiving(self, receive: Receive) -> Receive:
        """The same, without a place meanwhile. Raises ``Crowded`` where others have taken it."""

        async def received() -> Message:
            self._give_back()
            message = await receive()
            if self._answered:  # a stream: it has bounds of its own
                return message
            more = message.get("more_body", False)
            if more:
                octets = len(message.get("body", b""))
                self._unfinished_bytes += octets
                self._admission.unfinished_bytes += octets
            else:
                self.leave()
            if self._admission.full:
                raise Crowded
            if not more:
                self._held = True
                self._admission.in_flight += 1
            return message

        return received

    def sending(self, send: Send) -> Send:
        """The same, which gives the place back: how long the client takes to read is no matter here."""

        async def sent(message: Message) -> None:
            self._answered = True
            self.leave()
            await send(message)

        return sent
