"""A request body as a stream, read at the pace of its reader."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from service.web.wire.messages import ClientGone

UNREAD_MAX_BYTES = 65_536


class BodyChunks(AsyncIterator[bytes]):
    """The octets of one body. Of those that nobody has taken yet no more than UNREAD_MAX_BYTES and one read are held.

    Iterating raises ``ClientGone`` where the client went away before the end.
    """

    def __init__(self, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._pause = pause
        self._resume = resume
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._ended = False
        self._lost = False
        self._news = asyncio.Event()

    def push(self, chunk: bytes) -> None:
        """Add octets that have come."""
        self._waiting.append(chunk)
        self._bytes += len(chunk)
        self._news.set()
        if self._bytes > UNREAD_MAX_BYTES:
            self._pause()

    def end(self) -> None:
        """Mark the body as whole."""
        self._ended = True
        self._news.set()

    def lose(self) -> None:
        """Mark that the client went away before the end."""
        self._lost = True
        self._news.set()

    async def __anext__(self) -> bytes:
        while not self._waiting:
            if self._lost:
                raise ClientGone
            if self._ended:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        chunk = b"".join(self._waiting)
        self._waiting.clear()
        if self._bytes > UNREAD_MAX_BYTES:
            self._resume()
        self._bytes = 0
        return chunk


async def chunks_of(body: bytes) -> AsyncIterator[bytes]:
    """The chunks of a body that is there whole."""
    if body:
        yield body
