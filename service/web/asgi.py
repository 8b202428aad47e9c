"""Plain ASGI for the hot path: reading a body within its limits and sending bytes, without an object for either.

Starlette routes what is not asked for by the thousand; see ``routes``.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from http import HTTPStatus
from typing import Any, NamedTuple

from service.web.problems import PROBLEM_MEDIA_TYPE, Refusal, encode

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
# An endpoint answers a request and returns the status it sent.
Endpoint = Callable[[Scope, Receive, Send], Awaitable[int]]
Headers = list[tuple[bytes, bytes]]

JSON: tuple[bytes, bytes] = (b"content-type", b"application/json")
PROBLEM: tuple[bytes, bytes] = (b"content-type", PROBLEM_MEDIA_TYPE.encode())
# An answer is one visitor's: no cache may keep it, whatever it makes of `private`.
PRIVATE: Headers = [(b"cache-control", b"private, no-store"), (b"cdn-cache-control", b"no-store")]
NO_STORE: tuple[bytes, bytes] = (b"cache-control", b"no-store")


class Head(NamedTuple):
    """A response's headers but for the length, and the same as HTTP/1.1 writes them."""

    headers: Headers
    lines: bytes


class Response(NamedTuple):
    """A whole response, ready to be written.

    ``more`` are lines of headers, as HTTP/1.1 writes them, after those of its head, which it shares with others.
    ``pieces`` come after ``body``: what lies apart need not be put together before it is written.
    """

    status: int
    head: Head
    body: bytes
    more: bytes = b""
    pieces: tuple[bytes, ...] = ()


def head_of(headers: Headers) -> Head:
    """Headers of our own, which are known to be well-formed."""
    return Head(headers, b"".join([b"%b: %b\r\n" % pair for pair in headers]))


def problem_response(refusal: Refusal, headers: Headers) -> Response:
    """A refusal as ``application/problem+json``, never kept by a cache."""
    more = MORE_OF_STATUS.get(refusal.kind.status, ())
    return Response(refusal.kind.status, head_of([PROBLEM, NO_STORE, *more, *headers]), encode(refusal))


# After a body that did not come the connection ends: its rest is no request (RFC 9110 section 15.5.9).
MORE_OF_STATUS: dict[int, tuple[tuple[bytes, bytes], ...]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: ((b"retry-after", b"1"),),
    HTTPStatus.REQUEST_TIMEOUT: ((b"connection", b"close"),),
}


class ClientGone(Exception):  # noqa: N818  # it is news, not an error
    """The client went away before its request was complete; there is nobody to answer."""


# RFC 9110 8.6: a 204 has no length, and that of a 304 would have to be the length of the 200 it stands for.
_WITHOUT_LENGTH = frozenset({204, 304})


async def respond(send: Send, status: int, headers: Headers, body: bytes = b"") -> int:
    """A whole response; its status. ``headers`` lacks the length, which is added."""
    length = [(b"content-length", b"%d" % len(body))] if status not in _WITHOUT_LENGTH else []
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
    return status


async def send_response(send: Send, response: Response) -> int:
    """A response that is there whole; its status."""
    status, head, body, more, pieces = response
    lines = (line.partition(b": ") for line in more.splitlines())
    headers = [*head.headers, *((name, value) for name, _, value in lines)]
    return await respond(send, status, headers, b"".join((body, *pieces)))


async def respond_problem(send: Send, refusal: Refusal, headers: Headers | None = None) -> int:
    """The same, sent."""
    return await send_response(send, problem_response(refusal, headers or []))


async def read_body(scope: Scope, receive: Receive, max_bytes: int, timeout_s: float) -> bytes | Refusal:
    """The whole body, or the refusal of one that is too large or too slow. Raises ClientGone.

    The time runs from here on, whether an octet comes or none.
    """
    length = header(scope, b"content-length")
    if length and int(length) > max_bytes:
        return Refusal("body-too-large")
    # A timer is a tenth of the time of a small request: where the body came with its head, none is begun.
    first = _begin(receive())
    if isinstance(first, _Begun) or first.get("more_body", False):
        try:
            async with asyncio.timeout(timeout_s):
                message = await first if isinstance(first, _Begun) else first
                body = await _gather(message, receive, max_bytes)
        except TimeoutError:
            return Refusal("body-timeout")
    else:
        body = _part(first)
    return body if len(body) <= max_bytes else Refusal("body-too-large")


async def _gather(message: Message, receive: Receive, max_bytes: int) -> bytes:
    """The body that begins with this message; of one that is too large, no more than shows it."""
    parts = [_part(message)]
    size = len(parts[0])
    while message.get("more_body", False) and size <= max_bytes:
        message = await receive()
        parts.append(_part(message))
        size += len(parts[-1])
    return b"".join(parts)


def _part(message: Message) -> bytes:
    if message["type"] != "http.request":
        raise ClientGone
    body: bytes = message.get("body", b"")
    return body


class _Begun:
    """A message that is not there yet: who awaits it goes on with what waits for it already."""

    def __init__(self, waits_for: Any, receiving: Generator[Any, Any, Message]) -> None:
        self._waits_for = waits_for
        self._receiving = receiving

    def __await__(self) -> Generator[Any, Any, Message]:
        yield self._waits_for
        return (yield from self._receiving)


def _begin(received: Awaitable[Message]) -> Message | _Begun:
    """The message that is there, without waiting for it."""
    receiving = received.__await__()
    try:
        return _Begun(next(receiving), receiving)
    except StopIteration as there:
        message: Message = there.value
        return message


def header(scope: Scope, name: bytes) -> bytes:
    """The first line of a header, empty when there is none."""
    for found, value in scope["headers"]:
        if found == name:
            return bytes(value)
    return b""


def media_type(scope: Scope) -> str:
    """The media type of the body without parameters, in lower case; empty when it is coded or its charset not UTF-8.

    Names of codings and of charsets have no case (RFC 9110 sections 8.3.2 and 8.4.1), and US-ASCII is UTF-8 as well.
    """
    if any(name == b"content-encoding" and not _NO_CODING.fullmatch(value) for name, value in scope["headers"]):
        return ""
    value = header(scope, b"content-type")
    if value == b"application/json":
        return "application/json"
    kind, _, parameters = value.decode("latin-1").lower().partition(";")
    for parameter in parameters.split(";"):
        name, _, charset = parameter.partition("=")
        if name.strip() == "charset" and charset.strip().strip('"').strip() not in _UTF_8:
            return ""
    return kind.strip()


_NO_CODING = re.compile(rb"(?:[\t ,]|identity(?=[\t ,]|$))*", re.IGNORECASE)
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
