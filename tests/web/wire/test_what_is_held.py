"""What is left of a request once it is answered: on a connection that stands, nothing."""

import asyncio
from typing import Any

import pytest

from service.core.access import Grant
from service.web.wire.messages import Request, Response, respond
from tests.held import held_by
from tests.web.wire.test_connection import Talk, at_once, dispatcher_of, run, say_what_came

MARKER = b"qxzkvjw"
SENT = b"/p?q=%b HTTP/1.1\r\nHost: x\r\nUser-Agent: %b\r\nCookie: pb_device=%b\r\nX-Forwarded-For: %b\r\n" % (
    (MARKER,) * 4
)
GET = b"GET " + SENT + b"\r\n"
POST = b"POST " + SENT + b"Content-Length: 14\r\n\r\n{" + MARKER + b"     }"
CHUNKED = b"POST " + SENT + b"Transfer-Encoding: chunked\r\n\r\n7\r\n" + MARKER + b"\r\n0\r\nx: " + MARKER + b"\r\n\r\n"
UPGRADE = b"GET " + SENT + b"Connection: upgrade\r\nUpgrade: h2c\r\n\r\n"


async def refuse_later(_: Request, __: Grant) -> Response:
    await asyncio.sleep(0)
    return respond(413, [], b"{}")


def holders(start: object) -> list[object]:
    """Texts and octets with the marker among all that an object leads to."""
    texts = [one for one in held_by(start) if isinstance(one, str | bytes | bytearray)]
    return [one for one in texts if MARKER in (one.encode() if isinstance(one, str) else bytes(one))]


@pytest.mark.parametrize("handler", [at_once, say_what_came, refuse_later])
@pytest.mark.parametrize("body", ["none", "small"])
@pytest.mark.parametrize("cut", [None, 30, -3])
@pytest.mark.parametrize("sent", [GET, POST, CHUNKED, UPGRADE, GET + POST, POST + GET + CHUNKED])
def test_a_connection_that_stands_holds_nothing_of_what_was_answered(
    handler: Any, body: str, cut: int | None, sent: bytes
) -> None:
    """Neither address, headers, URL nor body, though the client may keep it open for seconds."""

    async def work() -> None:
        async with Talk(dispatcher=dispatcher_of(handler, body=body)) as connection:
            await connection.say(*([sent] if cut is None else [sent[:cut], sent[cut:]]))
            for _ in range(3):
                await connection.say(b"")
            assert len(connection.statuses) == sent.count(b"HTTP/1.1")
            assert not connection.wire.closed
            connection.wire.written = b""  # what was answered
            assert holders(connection.protocol) == []

    run(work())


def test_a_request_in_work_is_held_and_would_be_found() -> None:
    """The control: before its end has come, a request is there."""

    async def work() -> None:
        async with Talk(dispatcher=dispatcher_of(say_what_came, body="small")) as connection:
            await connection.say(POST[:-3])
            assert len(holders(connection.protocol)) > 3
            await connection.say(POST[-3:])
            connection.wire.written = b""
            assert holders(connection.protocol) == []

    run(work())
