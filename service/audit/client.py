"""The HTTP client of an audit: requests as octets over plain sockets, and every octet that comes back.

No HTTP library, which would tidy up what is sent and hide what is answered. Connections are kept alive as browsers and
edges keep them, a bounded number at a time. Nothing is waited for longer than ``ANSWER_MAX_S``, except by the requests
that overload the service.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final, NamedTuple
from urllib.parse import urlsplit

ANSWER_MAX_S: Final = 5.0
ANSWER_MAX_BYTES: Final = 16 * 1024 * 1024
HEAD_MAX_BYTES: Final = 64 * 1024
CONNECTIONS: Final = 16
HOLDERS_MAX: Final = 2048
HOLDERS_FIRST: Final = 64
PROBE_PAUSE_S: Final = 0.02
HOLDER_PAUSE_S: Final = 0.1
HOLDER_ANSWER_MAX_S: Final = 30.0
CLOSING_S: Final = 0.3
_PORTS: Final = {"http": 80, "https": 443}
_NO_BODY: Final = frozenset({204, 304})


class Address(NamedTuple):
    """Where a service listens."""

    host: str
    port: int
    tls: bool = False

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Exchange(NamedTuple):
    """The status and all octets that came back: 0 and nothing where nothing did."""

    status: int
    answer: bytes


def address_of(url: str) -> Address:
    """The address in ``http://host:port`` or ``https://host:port``. Raises ValueError, which repeats nothing."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        port = None
    if port is None or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("the service's URL is such as http://127.0.0.1:8080")
    return Address(parts.hostname, port, parts.scheme == "https")


class Connection:
    """One connection, opened when it is wanted and again when the other end closed it."""

    def __init__(self, address: Address, answer_max_s: float = ANSWER_MAX_S) -> None:
        self._address = address
        self._answer_max_s = answer_max_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> Exchange:
        """Send a request and read its answer. On a kept connection that turns out closed, once more on a new one."""
        was_kept = self._streams is not None
        exchange = await self._ask(request)
        if exchange.status == 0 and not exchange.answer and was_kept:
            exchange = await self._ask(request)
        return exchange

    async def begin(self, octets: bytes) -> asyncio.StreamReader:
        """Send the first part of a request. Raises OSError."""
        reader, writer = await self._opened()
        writer.write(octets)
        await writer.drain()
        return reader

    async def end(self, request: bytes) -> Exchange:
        """Send the last octet of a request, if anybody still takes it, and read what is answered."""
        reader, writer = await self._opened()
        with contextlib.suppress(OSError):
            writer.write(request[-1:])
            await writer.drain()
        exchange = await _read(reader, self._answer_max_s, request)
        self.close()
        return exchange

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _ask(self, request: bytes) -> Exchange:
        try:
            reader = await self.begin(request)
        except OSError:
            self.close()
            return Exchange(0, b"")
        exchange = await _read(reader, self._answer_max_s, request)
        if exchange.status == 0 or b"\r\nconnection: close" in exchange.answer[:HEAD_MAX_BYTES].lower():
            self.close()
        return exchange

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            tls = ssl.create_default_context() if self._address.tls else None
            try:
                async with asyncio.timeout(ANSWER_MAX_S):
                    self._streams = await asyncio.open_connection(
                        self._address.host, self._address.port, ssl=tls, limit=HEAD_MAX_BYTES
                    )
            except TimeoutError:
                raise OSError("the service takes no connection") from None
        return self._streams


async def _read(reader: asyncio.StreamReader, answer_max_s: float, request: bytes) -> Exchange:
    """The answer to a request, 1xx ones before it included. What is cut off counts as it came."""
    answer = bytearray()
    status = 0
    with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, TimeoutError):
        async with asyncio.timeout(answer_max_s):
            while status < 200:  # noqa: PLR2004 - what is below only says that an answer is to come
                head = await _receive(reader.readuntil(b"\r\n\r\n"), answer)
                status = int(head[9:12])
            if not request.startswith(b"HEAD ") and status not in _NO_BODY:
                await _read_body(reader, head.lower(), answer)
    return Exchange(status, bytes(answer))


async def _receive(reading: Awaitable[bytes], answer: bytearray) -> bytes:
    """What is read, which is kept as far as it comes."""
    try:
        octets = await reading
    except asyncio.IncompleteReadError as cut:
        answer += cut.partial
        raise
    answer += octets
    return octets


async def _read_body(reader: asyncio.StreamReader, head: bytes, answer: bytearray) -> None:
    length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0].strip()
    if length:
        await _read_exactly(reader, int(length), answer)
    elif b"\r\ntransfer-encoding: chunked" in head:
        size = -1
        while size:
            line = await _receive(reader.readuntil(b"\r\n"), answer)
            size = int(line.partition(b";")[0], 16)
            await _read_exactly(reader, size + 2, answer)
    else:
        answer += await reader.read(ANSWER_MAX_BYTES)


async def _read_exactly(reader: asyncio.StreamReader, octets: int, answer: bytearray) -> None:
    if len(answer) + octets > ANSWER_MAX_BYTES:
        raise ValueError("the answer has no end")
    await _receive(reader.readexactly(octets), answer)


async def ask_all(
    address: Address, requests: Iterable[bytes], take: Callable[[int, Exchange], None], connections: int = CONNECTIONS
) -> None:
    """Send every request and hand over what came back, by its index. So many connections are used at a time."""
    waiting = iter(enumerate(requests))

    async def work() -> None:
        connection = Connection(address)
        try:
            for index, request in waiting:
                take(index, await connection.ask(request))
        finally:
            connection.close()

    await asyncio.gather(*(work() for _ in range(connections)))


def fetch(host: str, port: int, request: bytes) -> bytes:
    """One request and the octets of its answer, by the same code, for those who cannot await it."""

    async def once() -> bytes:
        connection = Connection(Address(host, port))
        try:
            return (await connection.ask(request)).answer
        finally:
            connection.close()

    return asyncio.run(once())


@contextlib.asynccontextmanager
async def overload(
    address: Address, lasting: Callable[[], bytes], probe: bytes, take: Callable[[Exchange], None]
) -> AsyncIterator[bool]:
    """Keep a service overloaded with requests that take their time. Yields whether it sheds requests.

    ``lasting`` makes one such request after the other; ``probe`` is one that an overloaded service sheds. Every holder
    comes back as soon as it is answered. There are more of them until the probe is shed, HOLDERS_MAX at most. Each
    keeps its connection: a busy service takes new ones so slowly that it would never be overloaded.
    """
    stopping = asyncio.Event()

    async def hold() -> None:
        connection = Connection(address, HOLDER_ANSWER_MAX_S)
        while not stopping.is_set():
            answer = asyncio.ensure_future(connection.ask(lasting()))
            stop = asyncio.ensure_future(stopping.wait())
            await asyncio.wait((answer, stop), return_when=asyncio.FIRST_COMPLETED)
            stop.cancel()
            if answer.done():
                take(answer.result())
                await asyncio.sleep(HOLDER_PAUSE_S)
            else:
                answer.cancel()
        connection.close()

    holders = [asyncio.create_task(hold()) for _ in range(HOLDERS_FIRST)]
    try:
        sheds = await _is_shed(address, probe)
        while not sheds and len(holders) < HOLDERS_MAX:
            holders += [asyncio.create_task(hold()) for _ in range(len(holders))]
            sheds = await _is_shed(address, probe)
        holders += [asyncio.create_task(hold()) for _ in range(len(holders) // 4)]  # for those that come back
        yield sheds
    finally:
        stopping.set()
        await asyncio.gather(*holders)


async def _is_shed(address: Address, probe: bytes, tries: int = 10) -> bool:
    connection = Connection(address)
    try:
        for _ in range(tries):
            await asyncio.sleep(PROBE_PAUSE_S)
            if (await connection.ask(probe)).status == 503:  # noqa: PLR2004 - too busy
                return True
    finally:
        connection.close()
    return False


async def ask_across_shutdown(
    address: Address, requests: Iterable[bytes], stop: Callable[[], None], take: Callable[[int, Exchange], None]
) -> None:
    """Have requests under way while ``stop`` stops the service: all but the last octet before it, that one after it.

    Every second one ends at once, the others when the service has begun to close its connections.
    """
    begun: list[tuple[int, bytes, Connection]] = []
    for index, request in enumerate(requests):
        connection = Connection(address)
        with contextlib.suppress(OSError):
            await connection.begin(request[:-1])
            begun.append((index, request, connection))
    await asyncio.sleep(PROBE_PAUSE_S)  # until they have been read

    async def finish(index: int, request: bytes, connection: Connection) -> None:
        await asyncio.sleep(index % 2 * CLOSING_S)
        take(index, await connection.end(request))

    stop()
    await asyncio.gather(*(finish(*request) for request in begun))
