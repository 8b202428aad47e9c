"""Whether TLS explains why a server fails us: it wants TLS and we use none, or we use TLS and it has none.

Such a server waits, closes the connection or answers what is no answer, so that from outside it looks hung, gone or
strange. One short look after the failure tells: a connection of the other kind, with nothing in it that a stranger
might not hear.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import Mapping

from service.adapters.redis_store.url import Address
from service.ports import StoreErrorKind

LOOK_AGAIN_S = 5.0
"""How long what a look found is believed."""

# What a failure looks like to who speaks TLS to a plain server, and plainly to one that wants TLS.
_TO_PLAIN: frozenset[StoreErrorKind] = frozenset({"connection", "timeout", "other"})
_TO_TLS: frozenset[StoreErrorKind] = frozenset({"connection", "other"})


# Types of TLS records (RFC 8446, 5.1).
_HANDSHAKE, _ALERT = b"\x16", b"\x15"


class TlsMismatch:
    """Of one server. ``tls`` is what its URL says of TLS, None: we use none. ``timeout_s`` bounds each look."""

    def __init__(
        self,
        address: Address,
        tls: Mapping[str, str | bool] | None,
        timeout_s: float,
        *,
        look_again_s: float = LOOK_AGAIN_S,
    ) -> None:
        self._look_again_s = look_again_s
        self._address = address
        self._tls = tls
        self._timeout_s = timeout_s
        self._no_look_before_s = 0.0
        self._is_mismatch = False
        self._looking = asyncio.Lock()

    async def explains(self, kind: StoreErrorKind) -> bool:
        """Whether a failure of this kind came of it. Never raises. Whoever asks while there is a look waits for it."""
        if kind not in (_TO_TLS if self._tls is None else _TO_PLAIN):
            return False
        async with self._looking:
            if time.monotonic() >= self._no_look_before_s:
                self._is_mismatch = await self._look()
                self._no_look_before_s = time.monotonic() + self._look_again_s
            return self._is_mismatch

    async def _look(self) -> bool:
        looks = [self._is_tls] if self._tls is None else [self._is_plain, self._refuses_us]
        for look in looks:
            with contextlib.suppress(OSError, TimeoutError, EOFError, ValueError):
                async with asyncio.timeout(self._timeout_s):
                    if await look():
                        return True
        return False

    async def _is_plain(self) -> bool:
        """Whether it answers a PING as Redis does, be it with a refusal."""
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            writer.write(b"PING\r\n")
            return (await reader.read(1)) in {b"+", b"-"}
        finally:
            writer.transport.abort()

    async def _refuses_us(self) -> bool:
        """Whether it ends a handshake with an alert: it wants a certificate of ours, or another than we have.

        Of TLS 1.3 who had asked something already would not hear of it: the link is reset before the alert is read.
        """
        context = await asyncio.to_thread(_as_client, self._tls or {})
        try:
            reader, writer = await asyncio.open_connection(*self._address, ssl=context)
            try:
                await reader.read(1)
            finally:
                writer.transport.abort()
        except ssl.SSLError as error:
            return "ALERT" in (error.reason or "")
        return False

    async def _is_tls(self) -> bool:
        """Whether it answers the beginning of a handshake in words of TLS, be it with an alert."""
        reader, writer = await asyncio.open_connection(*self._address)
        try:
            writer.write(_client_hello())
            return (await reader.read(1)) in {_HANDSHAKE, _ALERT}
        finally:
            writer.transport.abort()


def _as_client(tls: Mapping[str, str | bool]) -> ssl.SSLContext:
    """Who shows our certificate and believes any: nothing is said to the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if "ssl_certfile" in tls:
        context.load_cert_chain(str(tls["ssl_certfile"]), str(tls.get("ssl_keyfile", tls["ssl_certfile"])))
    return context


def _client_hello() -> bytes:
    """What a client of TLS says first. It names nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    hello = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), hello).do_handshake()
    return hello.read()
