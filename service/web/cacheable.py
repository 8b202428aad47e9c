"""Answers that a cache may keep: constant bytes and a strong entity tag over them, sent once to those who have them."""

import hashlib

from msgspec import Struct
from msgspec.structs import replace

from service.web.wire.messages import JSON, Head, Headers, Request, Response, head_of, respond


class CacheableResponse(Struct, frozen=True, gc=False):
    """A whole response, made beforehand; ``cache_head`` are the headers that a cache goes by, which a 304 has too."""

    response: Response
    etag: bytes
    cache_head: Head

    def answer(self, request: Request, further: Headers = []) -> Response:  # noqa: B006  # never changed
        """The page, or 304 when the caller has it, with further headers which this caller alone gets."""
        if (if_none_match := request.header(b"if-none-match")) and matches(if_none_match, self.etag):
            return Response(304, (self.cache_head, head_of(further)))
        return replace(self.response, heads=(*self.response.heads, head_of(further))) if further else self.response


def cacheable(body: bytes, max_age_s: int) -> CacheableResponse:
    """JSON that anyone may keep for ``max_age_s``."""
    etag = etag_of(body)
    cache_headers: Headers = [(b"cache-control", b"public, max-age=%d" % max_age_s), (b"etag", etag)]
    return CacheableResponse(respond(200, [JSON, *cache_headers], body), etag, head_of(cache_headers))


def etag_of(body: bytes) -> bytes:
    """The strong entity tag of these bytes: 2 us for two kilobytes."""
    return b'"%s"' % hashlib.blake2b(body, digest_size=16).hexdigest().encode()


def matches(if_none_match: bytes, etag: bytes) -> bool:
    """RFC 9110 13.1.2, by weak comparison: a list of tags, or ``*``."""
    tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
    return etag in tags or tags == [b"*"]
