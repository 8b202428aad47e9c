"""Requests and responses as values: what the connection and the ASGI application read and write.

An endpoint is a function from the one to the other. It knows of no socket, no ASGI and no other endpoint.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from http import HTTPStatus
from typing import NamedTuple

from msgspec import Struct

from service.web.problems import PROBLEM_MEDIA_TYPE, Refusal, encode

Headers = list[tuple[bytes, bytes]]
"""Names in small letters, in the order in which they came or are sent."""
Fields = dict[bytes, bytes]
"""Headers by name, where each name has one line."""

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")
PROBLEM: tuple[bytes, bytes] = (b"content-type", PROBLEM_MEDIA_TYPE.encode())
# An answer is one visitor's: no cache may keep it, whatever it makes of `private`.
PRIVATE: Headers = [(b"cache-control", b"private, no-store"), (b"cdn-cache-control", b"no-store")]
NO_STORE: tuple[bytes, bytes] = (b"cache-control", b"no-store")
# RFC 9110 8.6: a 204 has no length, and that of a 304 would have to be the length of the 200 it stands for.
WITHOUT_LENGTH = frozenset({204, 304})


class Request(Struct, frozen=True, gc=False):
    """One request, whole: but for the body of a row that reads a stream, which comes in ``chunks``.

    ``path`` and ``query`` are as they were sent. ``given`` are the headers: by name, which is what most ask for, or as
    a list where a name stands on several lines. ``peer`` is the address of the connection's other end, None for a unix
    socket. ``matched`` is how the decoded path fits that of its row, if that has parameters.
    """

    method: str
    path: bytes
    query: bytes
    given: Headers | Fields
    peer: str | None
    scheme: str = "http"
    body: bytes = b""
    chunks: AsyncIterator[bytes] | None = None
    matched: re.Match[str] | None = None

    def __repr__(self) -> str:  # what a client sent is shown to nobody
        return "Request(...)"

    def __rich_repr__(self) -> list[tuple[str, object]]:  # msgspec's own lists every field
        return []

    @property
    def headers(self) -> Headers:
        """All lines of the headers."""
        return [*self.given.items()] if isinstance(self.given, dict) else self.given

    def header(self, name: bytes) -> bytes:
        """The first line of a header, empty when there is none."""
        if isinstance(self.given, dict):
            return self.given.get(name, b"")
        for field_name, value in self.given:
            if field_name == name:
                return value
        return b""

    def parameter(self, name: str) -> str | None:
        """The segment of the path that the row's path names so, decoded; None where it names none."""
        return None if self.matched is None else self.matched.groupdict().get(name)


class Head(Struct, frozen=True, gc=False):
    """Headers of a response, and the same as HTTP/1.1 writes them."""

    headers: Headers
    lines: bytes


class Response(Struct, frozen=True, gc=False):
    """A whole response, ready to be written.

    Its headers, but for the length, are those of all ``heads``: what many responses share is made once. ``pieces`` come
    after ``body``: what lies apart need not be put together before it is written. ``closes``: the connection ends.
    """

    status: int
    heads: tuple[Head, ...]
    body: bytes = b""
    pieces: tuple[bytes, ...] = ()
    closes: bool = False

    @property
    def headers(self) -> Headers:
        """All headers but the length."""
        return [pair for head in self.heads for pair in head.headers]

    @property
    def content(self) -> bytes:
        """The body put together."""
        return b"".join((self.body, *self.pieces))


class Stream(NamedTuple):
    """A response whose length is not known before its end. The iterator may raise ``ClientGone``.

    ``ended`` is called once whoever writes it is done with it, even where it never began.
    """

    status: int
    head: Head
    chunks: AsyncGenerator[bytes, None]
    ended: Callable[[], None] = lambda: None


class ClientGone(Exception):  # noqa: N818  # it is news, not an error
    """The client went away before its request was complete; there is nobody to answer."""


def head_of(headers: Headers) -> Head:
    """Headers of our own, which are known to be well-formed."""
    return Head(headers, lines_of(headers))


def lines_of(headers: Headers) -> bytes:
    """Headers as HTTP/1.1 writes them."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers])


def respond(status: int, headers: Headers, body: bytes = b"") -> Response:
    """A response with headers of its own."""
    return Response(status, (head_of(headers),), body)


def problem_response(refusal: Refusal, headers: Headers | None = None) -> Response:
    """A refusal as ``application/problem+json``, never kept by a cache."""
    status = refusal.kind.status
    head = head_of([PROBLEM, NO_STORE, *MORE_OF_STATUS.get(status, ()), *(headers or [])])
    # After a body that did not come the connection ends: its rest is no request (RFC 9110 section 15.5.9).
    return Response(status, (head,), encode(refusal), closes=status == HTTPStatus.REQUEST_TIMEOUT)


MORE_OF_STATUS: dict[int, tuple[tuple[bytes, bytes], ...]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: ((b"retry-after", b"1"),),
}


def media_type(headers: Headers) -> str:
    """The media type of the body without parameters, in lower case; empty when it is coded or its charset not UTF-8.

    Names of codings and of charsets have no case (RFC 9110 sections 8.3.2 and 8.4.1), and US-ASCII is UTF-8 as well.
    """
    content_type = None
    for name, value in headers:
        if name == b"content-type":
            if content_type is None:
                content_type = value
        elif name == b"content-encoding" and not _NO_CODING.fullmatch(value):
            return ""
    if content_type == b"application/json":
        return "application/json"
    kind, _, parameters = (content_type or b"").decode("latin-1").lower().partition(";")
    for parameter in parameters.split(";"):
        name_of_parameter, _, charset = parameter.partition("=")
        if name_of_parameter.strip() == "charset" and charset.strip().strip('"').strip() not in _UTF_8:
            return ""
    return kind.strip()


_NO_CODING = re.compile(rb"(?:[\t ,]|identity(?=[\t ,]|$))*", re.IGNORECASE)
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
