"""``/openapi.json``: the document that describes all of this."""

from functools import cache

import msgspec

from service.web.asgi import Receive, Scope, Send
from service.web.tagged import TaggedPage, tagged_page

MAX_AGE_S = 3600


class Documents:
    """Documents about the service, the same for everybody. Each is made when it is first asked for."""

    async def openapi(self, scope: Scope, receive: Receive, send: Send) -> int:
        """The OpenAPI document, or 304 when the caller has it."""
        return await _openapi()(scope, receive, send)


@cache
def _openapi() -> TaggedPage:
    from service.web.openapi import document  # noqa: PLC0415  # 8 ms that a start need not wait for

    return tagged_page(msgspec.json.encode(document()), MAX_AGE_S)
