"""Links to one Redis server, kept and reused.

It builds on the connections of redis-py (addresses, TLS, authentication, the protocol) and not on its clients: those
retry by themselves for seconds and blur what the caller must know, which is whether a request was surely not carried
out. A link that saw anything but whole replies is closed, so that a late reply is never taken for another's. Nothing a
server says goes into an error.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from service.adapters.redis_store.failures import store_error
from service.adapters.redis_store.tls import OtherLanguage
from service.adapters.redis_store.url import Address
from service.ports import StoreError

if TYPE_CHECKING:
    from redis.asyncio.connection import AbstractConnection

Argument = str | bytes | int | float
Command = tuple[Argument, ...]

links_max = 4
"""Links to one server at a time; who comes later waits within the time for connecting."""


class RedisLinks:
    """The links to one server. ``connect_timeout_s`` bounds making one, with TLS and authentication.

    ``other_language`` is asked after a failure whether TLS explains it.
    """

    def __init__(
        self,
        address: Address,
        make: "Callable[[], AbstractConnection]",
        connect_timeout_s: float,
        other_language: OtherLanguage | None = None,
    ) -> None:
        self.address = address
        self._make = make
        self._other_language = other_language
        self._connect_timeout_s = connect_timeout_s
        self._idle: list[AbstractConnection] = []
        self._turns = asyncio.Semaphore(links_max)

    async def connect(self) -> None:
        """Make sure that there is a link. Raises StoreError."""
        self._give_back(await self._take())

    async def exchange(self, commands: Sequence[Command], timeout_s: float) -> Any:
        """Send commands together and wait for all replies; the last one.

        Raises StoreError where there was no link, or no reply in time, and redis-py's ResponseError where the server
        refused the last command.
        """
        try:
            return await self._exchange(commands, timeout_s)
        except StoreError as error:
            if self._other_language is None or not await self._other_language.explains(error.kind):
                raise
            raise StoreError("tls", maybe_applied=error.maybe_applied) from None

    async def _exchange(self, commands: Sequence[Command], timeout_s: float) -> Any:
        from redis.exceptions import RedisError, ResponseError  # noqa: PLC0415 - loaded before there is a link

        link = await self._take()
        wire = link._writer  # noqa: SLF001 - redis-py offers no other way to cut it
        awaited = len(commands)
        try:
            async with asyncio.timeout(timeout_s):
                await link.send_packed_command(link.pack_commands(commands), check_health=False)
                reply: Any = None
                while awaited:
                    awaited -= 1
                    reply = await link.read_response()
        except ResponseError as refusal:
            if awaited:
                await self._drop(link, wire)
                raise StoreError("other", maybe_applied=True) from None
            if "Protocol error" in str(refusal):
                await self._drop(link, wire)  # the server is closing it
            else:
                self._give_back(link)
            raise
        except (RedisError, OSError, ValueError, RecursionError, TimeoutError) as error:
            # ValueError and RecursionError: what came is not the protocol.
            await self._drop(link, wire)
            raise store_error(error) from None
        except BaseException:
            await self._drop(link, wire)
            raise
        self._give_back(link)
        return reply

    async def close(self) -> None:
        """Close the idle links; one in use would be kept again, so call this last."""
        while self._idle:
            await self._idle.pop().disconnect(nowait=True)
        await asyncio.sleep(0)  # for the event loop to let go of them

    async def _take(self) -> "AbstractConnection":
        """A link that is ready, and one of the turns."""
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._turns.acquire()
        except TimeoutError:
            raise StoreError("timeout") from None
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                return await self._ready()
        except BaseException as error:
            self._turns.release()
            if isinstance(error, Exception):
                found = store_error(error)  # nothing was asked yet
                raise StoreError(found.kind, not_permitted=found.not_permitted) from None
            raise

    async def _ready(self) -> "AbstractConnection":
        while self._idle:
            link = self._idle.pop()
            try:
                if not await link.can_read():
                    return link  # neither closed by the other side, nor with bytes that nobody asked for
            except Exception:  # noqa: BLE001, S110 - a link that cannot be asked is no link
                pass
            await link.disconnect(nowait=True)
        link = self._make()
        try:
            await link.connect()  # type: ignore[no-untyped-call]  # redis-py left it so
        except BaseException:
            await link.disconnect(nowait=True)
            raise
        return link

    def _give_back(self, link: "AbstractConnection") -> None:
        self._idle.append(link)
        self._turns.release()

    async def _drop(self, link: "AbstractConnection", wire: asyncio.StreamWriter | None) -> None:
        # To close it politely, as redis-py does, is to wait until a hung server has read all that was sent to it.
        if wire is not None:
            wire.transport.abort()
        try:
            await link.disconnect(nowait=True)
        finally:
            self._turns.release()
