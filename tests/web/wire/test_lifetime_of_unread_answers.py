"""One answer, too large for the buffers on its way, and a client that does not read it: it is let go in time."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from uvicorn.server import ServerState

from service.core.access import Grant
from service.web.wire.answering import Limits
from service.web.wire.connection import Connection
from service.web.wire.lifetime import Unread
from service.web.wire.messages import Request, Response, Stream, head_of, respond
from tests.web.wire.test_connection import SMALL, dispatcher_of, run

WRITE_S = 0.15
LARGE = b"x" * (16 << 20)
CLOSING = SMALL.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
OF_1_0 = SMALL.replace(b"HTTP/1.1", b"HTTP/1.0")


def at_once(_: Request, __: Grant) -> Response:
    return respond(200, [], LARGE)


async def later(_: Request, __: Grant) -> Response:
    await asyncio.sleep(0)
    return Response(200, (), b"", (LARGE[: 8 << 20], LARGE[8 << 20 :]))


class InPieces:
    """A stream of as many octets, which knows how often it was ended."""

    def __init__(self) -> None:
        self.closed = self.ended = 0

    def __call__(self, _: Request, __: Grant) -> Stream:
        return Stream(200, head_of([]), self._pieces(), self._end)

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(1024):
                yield LARGE[: len(LARGE) // 1024]
        finally:
            self.closed += 1

    def _end(self) -> None:
        self.ended += 1


HANDLERS = [at_once, later, InPieces()]


async def asks(handler: Any, request: bytes, *, reads: bool) -> tuple[float, int]:
    """After which time the connection of a client was gone, and how much of the answer could be read."""
    loop, state = asyncio.get_running_loop(), ServerState()
    limits = Limits(write_timeout_s=30 if reads else WRITE_S)
    dispatcher = dispatcher_of(handler, body="none")
    server = await loop.create_server(lambda: Connection(dispatcher, limits, state, 0.05, Unread()), "127.0.0.1", 0)
    with socket.socket() as client:
        if not reads:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        await loop.sock_connect(client, server.sockets[0].getsockname())
        while not state.connections:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0)
        begun = loop.time()
        await loop.sock_sendall(client, request)
        if not reads:
            while state.connections:  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.005)
        gone_s, octets = loop.time() - begun, 0
        with contextlib.suppress(ConnectionError):
            while part := await loop.sock_recv(client, 1 << 20):
                octets += len(part)
    server.close()
    await server.wait_closed()
    await asyncio.gather(*state.tasks, return_exceptions=True)
    assert dispatcher.in_work == 0
    return gone_s, octets


@pytest.mark.parametrize("request_", [SMALL, CLOSING, OF_1_0], ids=["kept", "closing", "HTTP/1.0"])
@pytest.mark.parametrize("handler", HANDLERS, ids=["at once", "later", "in pieces"])
def test_an_answer_that_nobody_reads_is_given_up_in_time(handler: Any, request_: bytes) -> None:
    """Not before its time is over; and what was not taken by then is not kept for later."""
    gone_s, octets = run(asyncio.wait_for(asks(handler, request_, reads=False), 8))
    assert gone_s >= WRITE_S * 0.9
    assert 0 < octets < len(LARGE)


@pytest.mark.parametrize("request_", [SMALL, CLOSING, OF_1_0], ids=["kept", "closing", "HTTP/1.0"])
@pytest.mark.parametrize("handler", HANDLERS, ids=["at once", "later", "in pieces"])
def test_the_same_answer_arrives_whole_where_it_is_read(handler: Any, request_: bytes) -> None:
    """The control."""
    _, octets = run(asyncio.wait_for(asks(handler, request_, reads=True), 8))
    assert octets > len(LARGE)


def test_a_stream_that_nobody_reads_ends_its_handler() -> None:
    """Its iterator is closed, and its place is free."""
    pieces = InPieces()
    run(asyncio.wait_for(asks(pieces, SMALL, reads=False), 8))
    assert (pieces.closed, pieces.ended) == (1, 1)
