"""The two doors of the service, as tests knock: a request as a value, and a dispatcher or an application as ASGI."""

import asyncio
from typing import Any

from service.core.access import EVERYTHING, Grant
from service.telemetry import Telemetry
from service.web.wire.asgi import answer_scope
from service.web.wire.dispatch import BodyLimits, Dispatcher, Row
from service.web.wire.messages import Headers, Request, Response

LIMITS = BodyLimits(8192, 1 << 20, 2.0)


def request(
    method: str, url: str, headers: Headers | None = None, body: bytes = b"", peer: str | None = "127.0.0.1"
) -> Request:
    """A request that is there whole."""
    path, _, query = url.encode().partition(b"?")
    return Request(method, path, query, headers or [], peer, body=body)


def answer(dispatcher: Dispatcher, asked: Request) -> Response:
    """The response, also where it has to be waited for."""

    async def work() -> Response:
        made = dispatcher.respond(asked)
        response = made if isinstance(made, Response) else await made
        assert isinstance(response, Response)
        return response

    return asyncio.run(work())


def dispatcher_of(*rows: Row, **options: Any) -> Dispatcher:
    """A dispatcher of these rows alone."""
    return Dispatcher(rows, Telemetry(), options.pop("limits", LIMITS), **options)


class Granted:
    """An ASGI application of some rows whose callers were granted this."""

    def __init__(self, *rows: Row, grant: Grant = EVERYTHING) -> None:
        def granted(row: Row) -> Row:
            return row._replace(scope="", handler=lambda asked, _: row.handler(asked, grant))

        self._dispatcher = dispatcher_of(*map(granted, rows))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await answer_scope(self._dispatcher, scope, receive, send)
