"""The ASGI application, for tests and for servers other than our own. It makes the same requests as a connection."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import quote

from msgspec.structs import replace

from service.web.problems import Refusal
from service.web.wire.dispatch import Answer, BodyRule, Dispatcher
from service.web.wire.messages import WITHOUT_LENGTH, ClientGone, Request, Response, Stream

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def answer_scope(dispatcher: Dispatcher, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one HTTP request of ASGI."""
    client = scope.get("client")
    request = Request(
        scope["method"], scope.get("raw_path") or quote(scope["path"]).encode(), scope["query_string"],
        [(bytes(name), bytes(value)) for name, value in scope["headers"]], client[0] if client else None,
        scheme=scope.get("scheme", "http"),
    )  # fmt: skip
    answer: Answer | None
    try:
        response = await _ask(dispatcher, request, receive)
        answer = response if isinstance(response, Response) else await response
    except ClientGone:
        return
    if isinstance(answer, Response):
        headers = answer.headers
        if answer.status not in WITHOUT_LENGTH:
            headers.append((b"content-length", b"%d" % len(answer.content)))
        if answer.closes and scope.get("http_version", "1.1").startswith("1"):  # later versions have no such field
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content})
    elif answer is not None:
        await _send_stream(answer, send, dispatcher.limits.stream_idle_max_s)


async def _ask(dispatcher: Dispatcher, request: Request, receive: Receive) -> Response | asyncio.Task[Answer | None]:
    rule = dispatcher.before_body(request)
    if not isinstance(rule, BodyRule):
        return rule
    if rule.is_stream:
        return await _begin_stream(dispatcher, request, receive, rule)
    body = await _gather(dispatcher, receive, rule)
    return (
        dispatcher.refuse_body(request, body)
        if isinstance(body, Refusal)
        else dispatcher.respond(replace(request, body=body))
    )


async def _begin_stream(
    dispatcher: Dispatcher, request: Request, receive: Receive, rule: BodyRule
) -> Response | asyncio.Task[Answer | None]:
    chunks = _chunks(receive)
    try:
        async with asyncio.timeout(rule.timeout_s):
            first = await anext(chunks, b"")
    except TimeoutError:
        return dispatcher.refuse_body(request, Refusal("body-timeout"))
    return dispatcher.respond(replace(request, chunks=_after(first, chunks)))


async def _after(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for chunk in chunks:
        yield chunk


async def _gather(dispatcher: Dispatcher, receive: Receive, rule: BodyRule) -> bytes | Refusal:
    """The whole body, or why it is not waited for."""
    parts: list[bytes] = []
    held_bytes = 0
    try:
        async with asyncio.timeout(rule.timeout_s):
            async for chunk in _chunks(receive):
                parts.append(chunk)
                held_bytes += len(chunk)
                is_room = dispatcher.hold(len(chunk))
                if held_bytes > rule.max_bytes:
                    return Refusal("body-too-large")
                if not is_room:
                    return Refusal("overloaded")
    except TimeoutError:
        return Refusal("body-timeout")
    finally:
        dispatcher.let_go(held_bytes)
    return b"".join(parts)


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    is_open = True
    while is_open:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        is_open = message.get("more_body", False)
        if body := message.get("body", b""):
            yield body


async def _send_stream(stream: Stream, send: Send, idle_max_s: float) -> None:
    """Send a stream; a client that does not read for so long is treated as gone."""

    async def send_in_time(message: Message) -> None:
        async with asyncio.timeout(idle_max_s):
            await send(message)

    try:
        await send_in_time({"type": "http.response.start", "status": stream.status, "headers": stream.head.headers})
        async with contextlib.aclosing(stream.chunks) as chunks:
            async for chunk in chunks:
                await send_in_time({"type": "http.response.body", "body": chunk, "more_body": True})
        await send_in_time({"type": "http.response.body", "body": b""})
    except (ClientGone, TimeoutError):
        return
    finally:
        stream.ended()
