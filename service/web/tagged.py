"""Answers that a cache may keep: constant bytes and a strong entity tag over them, sent once to those who have them."""

import hashlib

from msgspec import Struct

from service.web.asgi import JSON, Headers, Receive, Response, Scope, Send, head_of, header, respond, send_response


class TaggedPage(Struct, frozen=True):
    """A whole response, made beforehand; it answers like an endpoint. ``kept`` are the headers that a cache goes by."""

    response: Response
    etag: bytes
    kept: Headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> int:  # noqa: ARG002  # ASGI
        """The page, or 304 when the caller has it."""
        return await self.answer(scope, send, [])

    async def answer(self, scope: Scope, send: Send, more: Headers) -> int:
        """The same with further headers, which this caller alone gets."""
        if (known := header(scope, b"if-none-match")) and matches(known, self.etag):
            return await respond(send, 304, [*self.kept, *more])
        return await send_response(send, self.response._replace(more=head_of(more).lines))


def tagged_page(body: bytes, max_age_s: int) -> TaggedPage:
    """JSON that anyone may keep for ``max_age_s``."""
    etag = etag_of(body)
    kept: Headers = [(b"cache-control", b"public, max-age=%d" % max_age_s), (b"etag", etag)]
    return TaggedPage(Response(200, head_of([JSON, *kept]), body), etag, kept)


def etag_of(body: bytes) -> bytes:
    """The strong entity tag of these bytes: 2 us for two kilobytes."""
    return b'"%s"' % hashlib.blake2b(body, digest_size=16).hexdigest().encode()


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """RFC 9110 13.1.2, by weak comparison: a list of tags, or ``*``."""
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]
