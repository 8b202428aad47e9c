"""A TCP proxy in front of a server that misbehaves by plan: it loses, cuts, delays and spoils what passes."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

Fault = Literal["pass", "drop_reply", "reset_before", "reset_after", "delay", "truncate", "garbage"]
"""
What happens to one request and its reply. ``drop_reply``: the server does it, the answer never comes. ``reset_before``:
the connection is reset and the server never sees it; ``reset_after``: it did. ``delay``: the reply is late.
``truncate``: half of the reply, then the end. ``garbage``: the reply is not the protocol.
"""


class FaultyProxy:
    """Listens on ``port`` of loopback and passes to a Unix socket; asks ``plan`` about every piece a client sends."""

    def __init__(self, upstream: Path, plan: Callable[[], Fault] = lambda: "pass", delay_s: float = 0.1) -> None:
        self.plan = plan
        self.port = 0
        self.connections = 0
        self._upstream = upstream
        self._delay_s = delay_s

    @contextlib.asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["FaultyProxy"]:
        async with serving(self._serve, tls) as self.port:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        up_reader, up_writer = await asyncio.open_unix_connection(str(self._upstream))
        try:
            while request := await reader.read(1 << 20):
                fault = self.plan()
                if fault == "reset_before":
                    return
                up_writer.write(request)
                await up_writer.drain()
                reply = await up_reader.read(1 << 20)  # to half a command there is none
                if fault == "reset_after":
                    return
                if fault == "drop_reply":
                    continue
                if fault == "delay":
                    await asyncio.sleep(self._delay_s)
                elif fault == "truncate":
                    writer.write(reply[: len(reply) // 2])
                    await writer.drain()
                    return
                elif fault == "garbage":
                    reply = b"!" + reply
                writer.write(reply)
                await writer.drain()
        finally:
            up_writer.transport.abort()


@contextlib.asynccontextmanager
async def serving(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A server on a free port of loopback whose connections end with it, without a trace."""
    open_now: dict[asyncio.StreamWriter, tuple[asyncio.Event, asyncio.Task[None] | None]] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended = asyncio.Event()
        open_now[writer] = ended, asyncio.current_task()
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                await handle(reader, writer)
        finally:
            writer.transport.abort()
            ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer, (_, task) in open_now.items():
            writer.transport.abort()
            if task is not None:
                task.cancel()
        for ended, _ in open_now.values():
            await ended.wait()
        await server.wait_closed()
        await asyncio.sleep(0)
