"""``/metrics`` on a listener of its own, not on the public port.

It is asyncio's, with connections of ours: a second ``uvicorn.Server`` in this loop would take the signals of the first.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from msgspec import Struct, field

from service.app.listening import BACKLOG, listen, metrics_ports, port_of
from service.core.access import Grant
from service.settings import Settings
from service.telemetry import Telemetry
from service.web.wire.answering import Limits
from service.web.wire.connection import Connection
from service.web.wire.dispatch import PUBLIC, BodyLimits, Dispatcher, Row
from service.web.wire.lifetime import Unread
from service.web.wire.messages import Headers, Request, Response, respond


class _State(Struct):
    """What the connections of this listener share: a ``ServerState``."""

    connections: set[Any] = field(default_factory=set)
    tasks: set[Any] = field(default_factory=set)
    total_requests: int = 0

    @property
    def default_headers(self) -> Headers:
        return [(b"date", formatdate(usegmt=True).encode())]


async def serve_metrics(settings: Settings, telemetry: Telemetry, stack: contextlib.AsyncExitStack) -> None:
    """Serve until the stack is closed: of several workers the n-th on the n-th port from ``admin_port``."""
    connect = _connections(settings, telemetry)
    for port in metrics_ports(settings):
        try:
            listeners = listen(settings.admin_host, port)
        except OSError:  # another worker's, or taken since the start
            continue
        fields = {"host": settings.admin_host, "port": port_of(listeners), "pid": os.getpid()}
        for listener in listeners:
            server = await asyncio.get_running_loop().create_server(connect, sock=listener, backlog=BACKLOG)
            stack.push_async_callback(server.wait_closed)
            stack.callback(server.close)
        telemetry.log("metrics_served", fields=fields)
        return
    fields = {"host": settings.admin_host, "port": settings.admin_port}
    telemetry.log("metrics_not_served", "warning", fields=fields)


def _connections(settings: Settings, telemetry: Telemetry) -> Callable[[], Connection]:
    def metrics(request: Request, grant: Grant) -> Response:  # noqa: ARG001  # a handler
        body, media_type = telemetry.exposition()
        return respond(200, [(b"content-type", media_type.encode())], body)

    bodies = BodyLimits(settings.body_max_bytes, settings.body_max_bytes, settings.body_read_timeout_s)
    # Who reads the metrics is not counted in them.
    dispatcher = Dispatcher([Row("/metrics", "GET", PUBLIC, "none", metrics)], Telemetry(), bodies)
    limits = Limits(
        settings.header_block_max_bytes,
        settings.header_fields_max,
        settings.header_read_timeout_s,
        settings.write_timeout_s,
    )
    state, unread = _State(), Unread()
    return lambda: Connection(dispatcher, limits, state, settings.keep_alive_s, unread)
