"""The sending half of an audit: requests as octets over plain sockets, and every octet that comes back.

No HTTP library, which would tidy up what is sent and hide what is answered. Connections are kept alive as browsers and
edges keep them, a bounded number at a time, and nothing is waited for longer than ``ANSWER_MAX_S``, but by those that
fill a house.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from service.proof.messages import is_bodyless

ANSWER_MAX_S: Final = 5.0
ANSWER_MAX_BYTES: Final = 16 * 1024 * 1024
HEAD_MAX_BYTES: Final = 64 * 1024
CONNECTIONS: Final = 16
HOLDERS_MAX: Final = 2048
HOLDERS_FIRST: Final = 64
PROBE_PAUSE_S: Final = 0.02
HOLDER_PAUSE_S: Final = 0.1
HOLDER_ANSWER_MAX_S: Final = 30.0
LETTING_GO_S: Final = 0.3
_PORTS: Final = {"http": 80, "https": 443}
_NO_BODY: Final = frozenset({204, 304})


class Place(NamedTuple):
    """Where a service listens."""

    host: str
    port: int
    tls: bool = False

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Exchange(NamedTuple):
    """A request and all that came back: 0 and nothing where nothing did."""

    status: int
    answer: bytes


def place_of(url: str) -> Place:
    """The place in ``http://host:port`` or ``https://host:port``. Raises ValueError, which repeats nothing."""
    try:
        parts = urlsplit(url)
        usual = _PORTS.get(parts.scheme)
        port = parts.port or usual
    except ValueError:
        port = None
    if port is None or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("the service's URL is such as http://127.0.0.1:8080")
    return Place(parts.hostname, port, parts.scheme == "https")


class Line:
    """One connection, opened when it is wanted and again when the other end closed it."""

    def __init__(self, place: Place, answer_max_s: float = ANSWER_MAX_S) -> None:
        self._place = place
        self._answer_max_s = answer_max_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Exchange:
        """Send a request and read its answer. On a kept connection that turns out closed, once more on a new one."""
        was_kept = self._streams is not None
        found = await self._ask(request)
        if found.status == 0 and not found.answer and was_kept:
            found = await self._ask(request)
        return found

    async def begin(self, octets: bytes) -> None:
        """Send the first part of a request. Raises OSError."""
        _, writer = await self._opened()
        writer.write(octets)
        await writer.drain()

    async def end(self, octets: bytes, *, bodyless: bool = False) -> Exchange:
        """Send the rest, as far as anybody still takes it, and read what is answered."""
        reader, writer = await self._opened()
        with contextlib.suppress(OSError):
            writer.write(octets)
            await writer.drain()
        found = await _read(reader, self._answer_max_s, bodyless=bodyless)
        self.close()
        return found

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: bytes) -> Exchange:
        try:
            await self.begin(request)
        except OSError:
            self.close()
            return Exchange(0, b"")
        assert self._streams is not None  # noqa: S101 - just opened
        found = await _read(self._streams[0], self._answer_max_s, bodyless=is_bodyless(request))
        if found.status == 0 or b"\r\nconnection: close" in found.answer[:HEAD_MAX_BYTES].lower():
            self.close()
        return found

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            tls = ssl.create_default_context() if self._place.tls else None
            try:
                async with asyncio.timeout(ANSWER_MAX_S):
                    self._streams = await asyncio.open_connection(
                        self._place.host, self._place.port, ssl=tls, limit=HEAD_MAX_BYTES
                    )
            except TimeoutError:
                raise OSError("the service takes no connection") from None
        return self._streams


async def _read(reader: asyncio.StreamReader, answer_max_s: float, *, bodyless: bool) -> Exchange:
    """One answer, 1xx ones before it included. What is cut off counts as it came."""
    kept = bytearray()
    status = 0
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, TimeoutError):
        async with asyncio.timeout(answer_max_s):
            while status < 200:  # noqa: PLR2004 - what is below only says that an answer is to come
                head = await _read_head(reader, kept)
                status = int(head[9:12])
            if not bodyless and status not in _NO_BODY:
                await _read_body(reader, head.lower(), kept)
    return Exchange(status, bytes(kept))


async def _read_head(reader: asyncio.StreamReader, kept: bytearray) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as cut:
        kept += cut.partial
        raise
    kept += head
    return head


async def _read_body(reader: asyncio.StreamReader, head: bytes, kept: bytearray) -> None:
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
    if length:
        await _read_exactly(reader, int(length), kept)
    elif b"\r\ntransfer-encoding: chunked" in head:
        size = -1
        while size:
            line = await reader.readuntil(b"\r\n")
            kept += line
            size = int(line.partition(b";")[0], 16)
            await _read_exactly(reader, size + 2, kept)
    else:
        kept += await reader.read(ANSWER_MAX_BYTES)


async def _read_exactly(reader: asyncio.StreamReader, octets: int, kept: bytearray) -> None:
    if len(kept) + octets > ANSWER_MAX_BYTES:
        raise ValueError("the answer has no end")
    try:
        kept += await reader.readexactly(octets)
    except asyncio.IncompleteReadError as cut:
        kept += cut.partial
        raise


async def ask_all(
    place: Place, requests: Iterable[bytes], take: Callable[[int, Exchange], None], connections: int = CONNECTIONS
) -> None:
    """Send every request and hand over what came back, by its index. So many connections are used at a time."""
    waiting = iter(enumerate(requests))

    async def work() -> None:
        line = Line(place)
        try:
            for index, request in waiting:
                take(index, await line.ask(request))
        finally:
            line.close()

    await asyncio.gather(*(work() for _ in range(connections)))


def fetch(host: str, port: int, request: bytes) -> bytes:
    """One request and the octets of its answer: the same code as everything else here, for who cannot wait for it."""

    async def once() -> bytes:
        line = Line(Place(host, port))
        try:
            return (await line.ask(request)).answer
        finally:
            line.close()

    return asyncio.run(once())


@contextlib.asynccontextmanager
async def full_house(
    place: Place, lasting: Callable[[], bytes], probe: bytes, take: Callable[[Exchange], None]
) -> AsyncIterator[bool]:
    """Keep a service as busy as it lets itself be, with requests that take their time. Yields whether it is full.

    ``lasting`` makes one such request after the other; ``probe`` is one that a full house refuses. Every holder
    comes back as soon as it is answered. There are more of them until the probe is refused, HOLDERS_MAX at most.
    Each keeps its connection: a busy service takes new ones so slowly that the house would never be full.
    """
    stopping = asyncio.Event()

    async def hold() -> None:
        line = Line(place, HOLDER_ANSWER_MAX_S)
        while not stopping.is_set():
            answer = asyncio.ensure_future(line.ask(lasting()))
            stop = asyncio.ensure_future(stopping.wait())
            await asyncio.wait((answer, stop), return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            if answer.done():
                take(answer.result())
                await asyncio.sleep(HOLDER_PAUSE_S)
            else:
                answer.cancel()
        line.close()

    holders = [asyncio.create_task(hold()) for _ in range(HOLDERS_FIRST)]
    try:
        is_full = await _is_refused(place, probe)
        while not is_full and len(holders) < HOLDERS_MAX:
            holders += [asyncio.create_task(hold()) for _ in range(len(holders))]
            is_full = await _is_refused(place, probe)
        holders += [asyncio.create_task(hold()) for _ in range(len(holders) // 4)]  # for those that come back
        yield is_full
    finally:
        stopping.set()
        await asyncio.gather(*holders)


async def _is_refused(place: Place, probe: bytes, tries: int = 10) -> bool:
    line = Line(place)
    try:
        for _ in range(tries):
            await asyncio.sleep(PROBE_PAUSE_S)
            if (await line.ask(probe)).status == 503:  # noqa: PLR2004 - too busy
                return True
    finally:
        line.close()
    return False


async def across(
    place: Place, requests: Iterable[bytes], stop: Callable[[], Awaitable[None]], take: Callable[[int, Exchange], None]
) -> None:
    """Have requests under way while ``stop`` stops the service: all but the last octet before it, that one after it.

    Every second one ends at once, the others when the service has begun to let go of its connections.
    """
    begun: list[tuple[int, bytes, Line]] = []
    for index, request in enumerate(requests):
        line = Line(place)
        with contextlib.suppress(OSError):
            await line.begin(request[:-1])
            begun.append((index, request, line))
    await asyncio.sleep(PROBE_PAUSE_S)  # until they have been read

    async def finish(index: int, request: bytes, line: Line) -> None:
        await asyncio.sleep(index % 2 * LETTING_GO_S)
        take(index, await line.end(request[-1:], bodyless=is_bodyless(request)))

    await stop()
    await asyncio.gather(*(finish(*one) for one in begun))
