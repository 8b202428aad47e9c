"""Requests to one Redis server, by redis-py's client with its retries off.

Those retries take seconds, and nothing needs them: whoever asks may ask again, since every script can be repeated. What
redis-py does not do is done here: one deadline for a connection with TLS and authentication and one for a request, and
certificates that are read off the event loop. A connection that saw anything but whole replies is closed, so that a
late reply is never taken for another's.

redis-py closes a connection only when all that was sent has been read. So a server that answers nothing may hold as
many half-sent requests as there are connections, until it reads on or ends; no more, because it is then asked for a
word before it is sent anything large.
"""

import asyncio
import contextlib
from typing import Any

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection, UnixDomainSocketConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from service.adapters.redis_store.failures import store_error
from service.adapters.redis_store.tls import TlsMismatch
from service.adapters.redis_store.url import Address, RedisUrl
from service.ports import StoreError

Argument = str | bytes | int | float
Command = tuple[Argument, ...]

connections_max = 4
"""Connections to one server at a time; who comes later waits within the time for connecting."""


async def read_certificates(url: RedisUrl) -> SSLConnection | None:
    """A connection that is never made, whose certificates were read in a thread, for all to share; None without TLS.

    Raises StoreError.
    """
    if url.tls is None:
        return None
    options: dict[str, Any] = {**url.tls}
    pattern = SSLConnection(**options)
    try:
        await asyncio.to_thread(pattern.ssl_context.get)
    except (OSError, ValueError):
        raise StoreError("tls") from None  # a certificate's file is missing or holds none
    return pattern


class RedisNode:
    """One server. ``connect_timeout_s`` bounds making a connection, with TLS and authentication.

    ``tls_mismatch`` is asked after a failure whether TLS explains it. ``sentinel``: it is one.
    """

    def __init__(
        self,
        address: Address,
        url: RedisUrl,
        certificates: SSLConnection | None,
        connect_timeout_s: float,
        tls_mismatch: TlsMismatch | None = None,
        *,
        sentinel: bool = False,
    ) -> None:
        options: dict[str, Any] = {
            "username": url.sentinel_username if sentinel else url.username,
            "password": url.sentinel_password if sentinel else url.password,
            "db": 0 if sentinel else url.db,
            "protocol": 2,
            "driver_info": None,
            "retry": Retry(NoBackoff(), 0),
            "socket_timeout": None,
            "socket_connect_timeout": connect_timeout_s,
        }
        if url.kind == "unix":
            options |= {"connection_class": UnixDomainSocketConnection, "path": address[0]}
        else:
            options |= {"connection_class": Connection, "host": address[0], "port": address[1]}
        if certificates is not None:
            options |= {"connection_class": _TlsConnection, "certificates": certificates}
        self._client = Redis(connection_pool=BlockingConnectionPool(connections_max, None, **options))
        self._connect_timeout_s = connect_timeout_s
        self._tls_mismatch = tls_mismatch
        self._silent = False

    async def ask(self, command: Command, timeout_s: float, *, asking: bool = False) -> Any:
        """Send a command and wait for its reply. ``asking``: of a slot that moves here in a Cluster.

        Raises StoreError where there is no connection, or no reply in time, and redis-py's ResponseError where the
        server refused.
        """
        try:
            return await self._ask(command, timeout_s, asking=asking)
        except StoreError as error:
            if self._tls_mismatch is None or not await self._tls_mismatch.explains(error.kind):
                raise
            raise StoreError("tls") from None

    async def _ask(self, command: Command, timeout_s: float, *, asking: bool) -> Any:
        client: Any = self._client.client()  # it has few annotations
        ending = False
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                await self._connect(client)
            async with asyncio.timeout(timeout_s):
                if asking:
                    await client.execute_command("ASKING")
                return await client.execute_command(*command)
        except ResponseError as refusal:
            ending = "Protocol error" in str(refusal)
            raise
        except (RedisError, OSError, ValueError, RecursionError) as error:
            # ValueError and RecursionError: what came is not the protocol.
            self._silent = self._silent or isinstance(error, TimeoutError)
            raise store_error(error) from None
        finally:
            await client.aclose()
            if ending:  # the server closes it
                await self._client.connection_pool.disconnect(inuse_connections=False)

    async def _connect(self, client: Any) -> None:
        try:
            await client.initialize()
        except ResponseError as refusal:
            raise store_error(refusal) from None
        if self._silent:
            with contextlib.suppress(ResponseError):  # a refusal is a word too
                await client.execute_command("TIME")
            self._silent = False

    async def close(self) -> None:
        """Close all connections, once nobody asks any more."""
        with contextlib.suppress(RedisError, OSError):
            await self._client.aclose(close_connection_pool=True)


class _TlsConnection(SSLConnection):
    """One of redis-py with certificates that were read before: by itself it takes 26 ms of the event loop for them."""

    def __init__(self, *, certificates: SSLConnection, **options: Any) -> None:
        super().__init__(**options)
        self.ssl_context = certificates.ssl_context
