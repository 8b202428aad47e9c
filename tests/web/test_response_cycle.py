"""What is left of a request once it is answered: on a connection that stands, nothing; in what is kept of answers, nothing of one device."""

import gc
import types
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.web import response_cycle
from service.web.asgi import Head, Response
from service.web.protocol import BoundedHttpProtocol, bounded_protocol
from tests.web.test_protocol import Talk, answer_path, run

MARKER = b"qxzkvjw"
SENT = b"/%b?q=%b HTTP/1.1\r\nHost: x\r\nUser-Agent: %b\r\nCookie: pb_device=%b\r\nX-Forwarded-For: %b\r\n" % (
    (MARKER,) * 5
)
GET = b"GET " + SENT + b"\r\n"
POST = b"POST " + SENT + b"Content-Length: 14\r\n\r\n{" + MARKER + b"     }"
NOW = bounded_protocol(16_384, 64, 2.0, None, lambda _url, _peer, _headers, _body: Response(200, Head([], b""), b"{}"))


async def refuse_early(scope: Any, receive: Any, send: Any) -> None:  # ASGI
    """Answers without having read the body."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


def held_by(start: object) -> list[object]:
    """Everything that an object leads to, but for code, modules, the loop and the task in hand."""
    found: list[object] = []
    seen = {id(start)}
    waiting = [start]
    while waiting:
        one = waiting.pop()
        found.append(one)
        # A struct without garbage collection tells of nothing that it holds, so its fields are asked for.
        fields = [getattr(one, name) for name in one.__struct_fields__] if isinstance(one, msgspec.Struct) else []
        # Nor does a dict whose keys are all texts tell of these.
        keys = [*one] if isinstance(one, dict) else []
        for other in (*gc.get_referents(one), *fields, *keys):
            kept_out = isinstance(
                other, type | types.ModuleType | types.FunctionType | types.CodeType | types.FrameType
            )
            if id(other) not in seen and not kept_out and "Loop" not in type(other).__name__:
                seen.add(id(other))
                waiting.append(other)
    return found


def holders(start: object) -> list[object]:
    """Texts and octets with the marker among them."""
    texts = [one for one in held_by(start) if isinstance(one, str | bytes | bytearray)]
    return [one for one in texts if MARKER in (one.encode() if isinstance(one, str) else bytes(one))]


@pytest.mark.parametrize("kind", [BoundedHttpProtocol, NOW], ids=["through ASGI", "at once"])
@pytest.mark.parametrize(
    "sent", [GET, POST, GET + POST, POST + GET], ids=["get", "post", "get and post", "post and get"]
)
@pytest.mark.parametrize("app", [answer_path, refuse_early])
def test_a_connection_that_stands_holds_nothing_of_what_was_answered(kind: Any, sent: bytes, app: Any) -> None:
    """Neither address, headers, URL nor body, though the client may keep it open for seconds."""

    async def work() -> None:
        async with Talk(kind, app) as connection:
            await connection.say(sent)
            assert len(connection.statuses) == sent.count(b"HTTP/1.1")
            assert not connection.wire.closed
            connection.wire.written = b""  # what was answered, which here repeats the path
            assert holders(connection.protocol) == []

    run(work())


def test_a_request_in_work_is_held_and_would_be_found() -> None:
    """The control: before its end has come, a request is there."""

    async def work() -> None:
        async with Talk(BoundedHttpProtocol) as connection:
            await connection.say(POST[:-3])
            assert len(holders(connection.protocol)) > 3
            await connection.say(POST[-3:])
            connection.wire.written = b""
            assert holders(connection.protocol) == []

    run(work())


@settings(max_examples=50, deadline=None, database=None)
@given(value=st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,3}", fullmatch=True))
def test_what_may_be_one_devices_alone_is_not_kept(value: str) -> None:
    """Lines of short response headers are remembered, but for the variants that a device carries and an answer's print."""
    for name in (b"pb-variants", b"PB-Variants", b"etag"):
        assert response_cycle._line(name, value.encode()) == b"%b: %b\r\n" % (name.lower(), value.encode())
        assert (name, value.encode()) not in response_cycle._LINES
    assert response_cycle._line(b"pb-region", b"CH") == b"pb-region: CH\r\n"
    assert (b"pb-region", b"CH") in response_cycle._LINES
