"""The same octets through the socket and through ASGI: the same status, headers, body and metrics."""

import asyncio
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from service.app import Application, Container
from service.telemetry import Telemetry
from service.web.wire.answering import Limits
from service.web.wire.asgi import answer_scope
from service.web.wire.connection import Connection
from service.web.wire.dispatch import Dispatcher
from service.web.wire.lifetime import Unread
from service.web.wire.messages import Headers
from tests.web.wire.test_connection import Wire

# A response's own; those of the connection may differ (RFC 9110 section 7.6.1), and ASGI's servers say the date.
OF_THE_CONNECTION = {b"date", b"connection", b"keep-alive", b"transfer-encoding", b"content-length"}
ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
PATHS = [
    "/v1/recommendation", "/v1/recommendation?site=demo", "/v1/recommendation?format=headers", "/v1/recommendation?email=x",
    "/v1/%72ecommendation", "/v1/recommendation/", "/v1/recommendations", "/v1/events", "/v1/events?ack=stored",
    "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/hero", "/ofrep/v1/evaluate/flags/a/b",
    "/sites/demo/ofrep/v1/evaluate/flags/h%65ro", "/sites/none/ofrep/v1/evaluate/flags", "/v1/cohorts/CH/de/smartphone",
    "/v1/cohorts/CH/xx/phone", "/v1/cohorts/CH/de/smart%70hone", "/v1/sites/demo/cohorts", "/v1/sites/demo/slots/none",
    "/v1/opt-out", "/v1/privacy", "/.well-known/gpc.json?x", "/livez", "/readyz", "/openapi.json", "/", "/opt-out",
    "/opt-in?site=demo", "/problems", "/problems/not-found", "/docs", "/docs/", "/docs/glossary", "/docs/gl%6Fssary", "/docs/none", "/problems/none", "/nowhere", "//", "/v1/recommendation?x#y",
]  # fmt: skip
BODIES = [
    b"", b"{}", b"{", b'{"signals":{"geo":{"country":"CH"}}}', b'{"requests":[{},{}]}', b"{}\n{\n", b'{"email":"a@b.ch"}',
    json.dumps({"context": {"targetingKey": ID, "country": "US"}}).encode(), b"x" * 9000,
    b'{"events":[{"type":"view","topic":"shoes"}]}',
]  # fmt: skip
FIELDS: list[tuple[bytes, bytes]] = [
    (b"content-type", b"application/json"), (b"content-type", b"application/x-ndjson"), (b"content-type", b"text/plain"),
    (b"content-encoding", b"gzip"), (b"origin", b"https://shop.example"), (b"origin", b"https://evil.example"),
    (b"if-none-match", b"*"), (b"accept-language", b"de-CH,fr;q=0.5"), (b"sec-gpc", b"1"), (b"accept", b"text/csv"),
    (b"x-forwarded-for", b"195.65.10.7"), (b"cookie", f"pb_device={ID}; pb_consent=statistics".encode()),
    (b"cookie", b"pb_device=anna@example.com"), (b"cookie", b"pb_optout=1"), (b"authorization", b"Bearer x"),
    (b"access-control-request-method", b"POST"), (b"sec-fetch-site", b"cross-site"),
]  # fmt: skip


def counted(dispatcher: Dispatcher, telemetry: Telemetry) -> Telemetry:
    """From now on the dispatcher counts there."""
    dispatcher._telemetry = telemetry
    return telemetry


def octets_of(method: str, url: str, fields: Headers, body: bytes) -> bytes:
    """A request as HTTP/1.1 writes it."""
    lines = [f"{method} {url} HTTP/1.1".encode(), *(b": ".join(field) for field in fields)]
    if body:
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join([*lines, b"", b""]) + body


async def written(dispatcher: Dispatcher, *pieces: bytes) -> bytes:
    """All that a connection says to octets that come in these reads."""
    state, wire = ServerState(), Wire()
    connection = Connection(dispatcher, Limits(), state, 5.0, Unread())
    connection.connection_made(wire)  # type: ignore[arg-type]  # a transport as far as it is asked
    for piece in pieces:
        connection.data_received(piece)
        await asyncio.sleep(0)
    while state.tasks:  # noqa: ASYNC110  # the server waits for them so too
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    connection.connection_lost(None)
    return wire.written


def by_socket(dispatcher: Dispatcher, method: str, url: str, fields: Headers, body: bytes) -> Any:
    """Status, headers and body of the one answer to a request over a connection."""
    return answer_in(asyncio.run(written(dispatcher, octets_of(method, url, fields, body))))


def answer_in(octets: bytes) -> Any:
    """Status, headers and body as they were written."""
    head, _, content = octets.partition(b"\r\n\r\n")
    status_line, *lines = head.split(b"\r\n")
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    if (b"transfer-encoding", b"chunked") in headers:
        content = unchunked(content)
    return int(status_line.split()[1]), headers, content


def unchunked(content: bytes) -> bytes:
    parts = []
    while content:
        size, _, rest = content.partition(b"\r\n")
        parts.append(rest[: int(size, 16)])
        content = rest[int(size, 16) + 2 :]
    return b"".join(parts)


def by_asgi(dispatcher: Dispatcher, method: str, url: str, fields: Headers, body: bytes) -> Any:
    """The same as ASGI has it."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = url.partition("#")[0].partition("?")
    length = [(b"content-length", b"%d" % len(body))] if body else []
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "client": ("127.0.0.1", 40000), "headers": [*fields, *length],
    }  # fmt: skip
    asyncio.run(answer_scope(dispatcher, scope, receive, send))
    return sent[0]["status"], sent[0]["headers"], b"".join(message.get("body", b"") for message in sent[1:])


def compare(dispatcher: Dispatcher, method: str, url: str, fields: Headers, body: bytes) -> None:
    telemetries = counted(dispatcher, Telemetry()), Telemetry()
    status, headers, content = by_socket(dispatcher, method, url, fields, body)
    counted(dispatcher, telemetries[1])
    theirs, their_headers, their_content = by_asgi(dispatcher, method, url, fields, body)
    assert status == theirs
    own, other = ([field for field in one if field[0] not in OF_THE_CONNECTION] for one in (headers, their_headers))
    assert own == other
    if method != "HEAD":
        assert without_time(content) == without_time(their_content)
    said, also = ({key: sum(times[:-1]) for key, times in one.answers.items()} for one in telemetries)
    assert said == also


def without_time(content: bytes) -> bytes:
    """The ages that /readyz tells, and tokens, are of this moment."""
    return b"" if b'"snapshot_age_s"' in content else content


@pytest.fixture(scope="module")
def dispatcher(house: Container) -> Dispatcher:
    return Application(house).dispatcher


@pytest.mark.parametrize("url", PATHS)
def test_every_address_says_the_same_through_both_doors(dispatcher: Dispatcher, url: str) -> None:
    """By every method, with the body that it wants and without one."""
    for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT"):
        for body in BODIES[:6] if method == "POST" else BODIES[:1]:
            for kind in ("application/json", "application/x-ndjson"):
                fields = [(b"host", b"x"), (b"content-type", kind.encode())]
                compare(dispatcher, method, url, fields, body)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "DELETE"]),
    st.sampled_from(PATHS),
    st.lists(st.sampled_from(FIELDS), max_size=6),
    st.sampled_from(BODIES),
)
def test_the_same_octets_say_the_same_through_both_doors(
    dispatcher: Dispatcher, method: str, url: str, fields: Headers, body: bytes
) -> None:
    """Whatever is asked with whatever headers, refusals included."""
    compare(dispatcher, method, url, [(b"host", b"x"), *fields], body)


# ---- cut into reads ----

JSON, LINES = (b"content-type", b"application/json"), (b"content-type", b"application/x-ndjson")
CUT: list[tuple[str, str, Headers, bytes]] = [
    ("GET", "/v1/recommendation?site=demo", [(b"accept-language", b"de-CH"), (b"sec-gpc", b"1")], b""),
    ("HEAD", "/v1/%72ecommendation", [], b""), ("GET", "/problems/not%2Dfound", [], b""), ("GET", "/nowhere", [], b""),
    ("PUT", "/livez", [], b"{}"), ("GET", "/livez", [], b"{}"), ("POST", "/v1/opt-out", [], b""),
    ("POST", "/v1/recommendation", [JSON], BODIES[3]), ("POST", "/v1/recommendation", [JSON], b"{"),
    ("POST", "/v1/recommendation", [LINES], b"{}"), ("POST", "/v1/recommendation?x=1", [JSON], b"{}"),
    ("POST", "/v1/recommendations", [JSON], BODIES[4]), ("POST", "/v1/recommendations", [LINES], b"{}\n{\n{}"),
    ("POST", "/v1/events", [JSON], BODIES[9]), ("POST", "/ofrep/v1/evaluate/flags", [JSON], BODIES[7]),
    ("OPTIONS", "/v1/events", [(b"origin", b"https://shop.example")], b""),
    ("GET", "/livez", [(b"connection", b"upgrade"), (b"upgrade", b"h2c")], b""),
]  # fmt: skip


def chunked(octets: bytes, body: bytes, size: int) -> bytes:
    """The same request with its body in chunks of this size."""
    head = octets.removesuffix(body).replace(b"content-length: %d" % len(body), b"transfer-encoding: chunked")
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize("asked", CUT, ids=lambda asked: f"{asked[0]} {asked[1]} {len(asked[3])}")
def test_a_request_cut_anywhere_has_the_answer_that_it_has_whole(
    dispatcher: Dispatcher, asked: tuple[str, str, Headers, bytes]
) -> None:
    """In two reads, cut at every place, and in as many reads as it has octets; its body with a length or in chunks."""
    method, url, fields, body = asked
    whole = octets_of(method, url, [(b"host", b"x"), *fields], body)

    async def work() -> None:
        expected = answer_in(await written(dispatcher, whole))
        for octets in [whole, chunked(whole, body, 2)] if body else [whole]:
            assert answer_in(await written(dispatcher, *(octets[at : at + 1] for at in range(len(octets))))) == expected
            for at in range(1, len(octets)):
                assert answer_in(await written(dispatcher, octets[:at], octets[at:])) == expected, octets[:at]

    asyncio.run(work())


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(CUT), min_size=2, max_size=5), st.lists(st.floats(0, 1), max_size=12), st.integers(1, 50)
)
def test_requests_of_one_connection_cut_anywhere_have_the_same_answers(
    dispatcher: Dispatcher, asked: list[tuple[str, str, Headers, bytes]], cuts: list[float], size: int
) -> None:
    """One after the other, wherever the reads end. Streams aside, whose answers may come in other pieces."""
    asked = [one for one in asked if LINES not in one[2]]
    requests = [octets_of(method, url, [(b"host", b"x"), *fields], body) for method, url, fields, body in asked]

    async def work() -> None:
        expected = [await written(dispatcher, octets) for octets in requests]
        framed = [
            chunked(octets, one[3], size) if one[3] else octets for octets, one in zip(requests, asked, strict=True)
        ]
        for together in (b"".join(requests), b"".join(framed)):
            at = [0, *sorted(int(cut * len(together)) for cut in cuts), len(together)]
            pieces = [together[a:b] for a, b in pairwise(at) if a < b]
            assert await written(dispatcher, *pieces) == b"".join(expected)

    asyncio.run(work())
