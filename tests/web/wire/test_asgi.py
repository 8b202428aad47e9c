"""The ASGI door: bodies in time and within their limits, whatever pieces they come in; and the same as the socket says."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.access import Grant
from service.telemetry import Telemetry
from service.web.wire.asgi import answer_scope
from service.web.wire.dispatch import BodyLimits, Dispatcher, Row
from service.web.wire.messages import Headers, Request, Response, respond
from tests.doors import dispatcher_of


def pieces_of(*pieces: bytes, pause_s: float = 0.0, ends: bool = True) -> Any:
    """A ``receive`` that gives these pieces, each after a pause; where they do not end, it waits for ever after them."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if pause_s:
            await asyncio.sleep(pause_s)
        if not left:
            await asyncio.Event().wait()
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left) or not ends}

    return receive


def say_body(request: Request, _: Grant) -> Response:
    return respond(200, [], request.body)


def read(receive: Any, max_bytes: int = 8192, timeout_s: float = 0.05, headers: Headers | None = None) -> Any:
    """Status and content of the answer to a post; nothing where the client is gone. Nothing is held after it."""
    limits = BodyLimits(max_bytes, max_bytes, timeout_s)
    dispatcher = dispatcher_of(Row("/", "POST", "", "small", say_body), limits=limits)
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": headers or [],
        "client": None,
    }  # fmt: skip
    asyncio.run(asyncio.wait_for(answer_scope(dispatcher, scope, receive, send), 5))
    assert (dispatcher.in_work, dispatcher.unfinished_bytes) == (0, 0)
    return (sent[0]["status"], sent[1]["body"]) if sent else None


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=8), st.sampled_from([0.0, 0.0001]))
def test_a_body_is_the_same_in_any_pieces(pieces: list[bytes], pause_s: float) -> None:
    """Whether they are there or waited for."""
    assert read(pieces_of(*pieces, pause_s=pause_s), timeout_s=5) == (200, b"".join(pieces))


@pytest.mark.parametrize("pieces", [(), (b"",), (b"a",), (b"a", b"b"), (b"", b"")])
def test_a_body_that_does_not_come_is_refused_in_time(pieces: tuple[bytes, ...]) -> None:
    """Whether an octet came of it or none."""
    assert read(pieces_of(*pieces, ends=False))[0] == 408


@pytest.mark.parametrize("pause_s", [0.01, 0.02, 0.04])
def test_a_trickle_wins_no_time(pause_s: float) -> None:
    """The time is that of the whole body, not of a piece."""
    assert read(pieces_of(*[b"x"] * 20, pause_s=pause_s))[0] == 408


def test_what_is_slow_but_in_time_is_read() -> None:
    assert read(pieces_of(*[b"x"] * 10, pause_s=0.02), timeout_s=3) == (200, b"x" * 10)


@pytest.mark.parametrize(("size", "fits"), [(99, True), (100, True), (101, False)])
@pytest.mark.parametrize("piece", [1, 7, 1000])
@pytest.mark.parametrize("pause_s", [0.0, 0.0001])
@pytest.mark.parametrize("stated", [True, False])
def test_a_body_of_just_its_limit_is_read(size: int, fits: bool, piece: int, pause_s: float, stated: bool) -> None:
    """n - 1, n and n + 1, with and without a length, in one piece or many."""
    body = b"b" * size
    receive = pieces_of(*[body[at : at + piece] for at in range(0, size, piece)], pause_s=pause_s)
    headers = [(b"content-length", b"%d" % size)] if stated else []
    status, content = read(receive, 100, 5, headers)
    assert (status, content == body) == ((200, True) if fits else (413, False))


@pytest.mark.parametrize("before", [(), (b"a",)])
@pytest.mark.parametrize("waits", [True, False])
def test_a_client_that_goes_away_is_nobody_to_answer(before: tuple[bytes, ...], waits: bool) -> None:
    left = list(before)

    async def receive() -> dict[str, Any]:
        if waits:
            await asyncio.sleep(0.001)
        return {"type": "http.request", "body": left.pop(), "more_body": True} if left else {"type": "http.disconnect"}

    assert read(receive, timeout_s=5) is None


def test_too_many_beginnings_of_bodies_are_shed() -> None:
    limits = BodyLimits(8192, 8192, 5.0)
    dispatcher = Dispatcher([Row("/", "POST", "", "small", say_body)], Telemetry(), limits, unfinished_max_bytes=50)
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [], "client": ("::1", 1)}
    asyncio.run(answer_scope(dispatcher, scope, pieces_of(b"x" * 30, b"x" * 30), send))
    assert (statuses, dispatcher.unfinished_bytes) == ([503], 0)


def asked(dispatcher: Dispatcher, **scope: Any) -> tuple[int, bytes]:
    """Status and content of the answer to a request that such a scope describes."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    whole = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "client": None} | scope
    asyncio.run(answer_scope(dispatcher, whole, pieces_of(b""), send))
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize("digits", [4, 5, 4300, 4301, 5000, 100_000])
def test_a_length_of_any_number_of_digits_is_too_large(digits: int) -> None:
    """A server may let one through that is longer than Python would read as a number."""
    dispatcher = dispatcher_of(Row("/", "POST", "", "small", say_body))
    headers = [(b"content-length", b"9" * digits)]
    assert asked(dispatcher, method="POST", headers=headers)[0] == 413


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ({"path": "/things/a%41"}, b"a%41"),
        ({"path": "/things/a%2541", "raw_path": b""}, b"a%2541"),
        ({"path": "/things/aA", "raw_path": b"/things/a%41"}, b"aA"),
        ({"path": "/things/a%41", "raw_path": b"/things/a%2541"}, b"a%41"),
        ({"path": "/things/\u00fc"}, "\u00fc".encode()),
        ({"path": "/things/\u00fc", "raw_path": b"/things/%C3%BC"}, "\u00fc".encode()),
        ({"path": "/things/a b?c"}, b"a b?c"),
    ],
)
def test_a_path_is_decoded_once(scope: dict[str, Any], key: bytes) -> None:
    """What a server hands over as ``path`` it has decoded; as ``raw_path`` it has not, and may leave that out."""

    def say_key(request: Request, _: Grant) -> Response:
        return respond(200, [], (request.parameter("thing") or "").encode())

    dispatcher = dispatcher_of(Row("/things/{thing}", "GET", "", "none", say_key))
    assert asked(dispatcher, **scope) == (200, key)
