"""``/openapi.json``: the document that describes all of this, as constant bytes with a tag."""

import hashlib
from functools import cache

import msgspec

from service.web.asgi import JSON, Headers, Receive, Scope, Send, header, respond
from service.web.openapi import document

MAX_AGE_S = 3600


class Documents:
    """Documents about the service, the same for everybody. Each is made when it is first asked for."""

    async def openapi(self, scope: Scope, receive: Receive, send: Send) -> int:  # noqa: ARG002  # ASGI
        """The document, or 304 when the caller has it."""
        body, etag = _openapi()
        headers: Headers = [(b"cache-control", b"public, max-age=%d" % MAX_AGE_S), (b"etag", etag)]
        known = [tag.strip().removeprefix(b"W/") for tag in header(scope, b"if-none-match").split(b",")]
        if etag in known or known == [b"*"]:  # RFC 9110 13.1.2, by weak comparison
            return await respond(send, 304, headers)
        return await respond(send, 200, [JSON, *headers], body)


@cache
def _openapi() -> tuple[bytes, bytes]:
    body = msgspec.json.encode(document())
    return body, b'"%s"' % hashlib.blake2b(body, digest_size=16).hexdigest().encode()
