"""A POST whose body came with its head: the way without ASGI gives the same octets as the way through it."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import pytest
import uvicorn

from service.app import Application, House, ProtocolMaker
from service.web.asgi import Headers

ALL = "/ofrep/v1/evaluate/flags"
JSON = (b"content-type", b"application/json")
ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
VISIT = json.dumps({"context": {"targetingKey": ID, "country": "US"}}).encode()
PATHS = [
    ALL,
    f"{ALL}/hero",
    f"{ALL}/a/b",
    f"{ALL}/",
    f"/sites/demo{ALL}",
    f"/sites/demo{ALL}/hero",
    f"/sites/none{ALL}/x",
]
BODIES = [VISIT, b"{}", b"", b"{", b'{"context":{"email":"x"}}', b'{"context":{"targetingKey":"anna@example.org"}}']
HEADERS = [
    [JSON],
    [(b"content-type", b"application/json; charset=utf-8"), (b"if-none-match", b"*")],
    [JSON, (b"sec-gpc", b"0"), (b"sec-gpc", b"1")],
    [JSON, (b"cookie", b"a=b"), (b"cookie", b"pb_optout=1")],
    [JSON, (b"if-none-match", b'"x"'), (b"if-none-match", b"*")],
    [JSON, (b"origin", b"https://shop.example"), (b"authorization", b"Bearer x")],
    [JSON, (b"origin", b"https://evil.example")],
]


def through_asgi(app: Application, path: str, query: bytes, headers: Headers, body: bytes) -> Any:
    """Status, headers without the length, and body of the answer that ASGI gives."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": query,
        "client": ("127.0.0.1", 1), "headers": headers,
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    kept = {name: value for name, value in sent[0]["headers"] if name != b"content-length"}
    return sent[0]["status"], kept, sent[1]["body"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", HEADERS)
def test_both_ways_answer_alike(house: House, path: str, headers: Headers) -> None:
    """Status, headers and body, for flags and failures, with and without a query."""
    app = Application(house)
    for body in BODIES:
        for query in (b"", b"flagConfigEtag=x", b"scope=y"):
            url = path.encode() + (b"?" + query if query else b"")
            response = app.answer_now(url, "127.0.0.1", headers, body)
            assert response is not None
            found = response.status, dict(response.head.headers), response.body
            assert found == through_asgi(app, path, query, headers, body)
            assert response.head.lines == b"".join(b"%b: %b\r\n" % pair for pair in response.head.headers)


@pytest.mark.parametrize(
    "url, headers, body",
    [
        (ALL, [(b"content-type", b"text/plain")], VISIT),
        (ALL, [], VISIT),
        (ALL, [JSON, (b"content-encoding", b"gzip")], VISIT),
        (ALL, [JSON], VISIT + b" " * 8192),
        (f"{ALL}/h%65ro", [JSON], VISIT),
        (f"/sites/d%65mo{ALL}", [JSON], VISIT),
        (f"http://x{ALL}", [JSON], VISIT),
        (f"{ALL}/hero#x", [JSON], VISIT),
        (f"{ALL}?flagConfigEtag=x#x", [JSON], VISIT),
        (f"{ALL}s", [JSON], VISIT),
        ("/v1/recommendation", [JSON], b"{}"),
        ("/v1/events", [JSON], b"{}"),
        ("/opt-out", [], b""),
    ],
)
def test_what_is_not_plain_goes_through_asgi(house: House, url: str, headers: Headers, body: bytes) -> None:
    assert Application(house).answer_now(url.encode(), "127.0.0.1", headers, body) is None


def test_both_ways_are_measured_alike(house: House) -> None:
    """Under the template of the route, whatever the path."""
    app = Application(house)
    told = app._telemetry.answers
    for path, template in [(ALL, ALL), (f"{ALL}/x/y", ALL + "/{key}"), (f"/sites/demo{ALL}", "/sites/{site}" + ALL)]:
        before = sum(told.get((template, "POST", status), [0.0])[-1] for status in (200, 404))
        app.answer_now(path.encode(), "127.0.0.1", [JSON], VISIT)
        through_asgi(app, path, b"", [JSON], VISIT)
        assert sum(told.get((template, "POST", status), [0.0])[-1] for status in (200, 404)) > before
    assert not [route for route, _, _ in told if "x/y" in route]


# ---- over a socket ----


@pytest.fixture(scope="module")
def port(house: House) -> Iterator[int]:
    """The application on a real socket, with the real protocol."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    config = uvicorn.Config(
        Application(house), interface="asgi3", http=ProtocolMaker(16384, 64, 2.0), lifespan="off", log_config=None,
        proxy_headers=False, server_header=False, timeout_keep_alive=1,
    )  # type: ignore[arg-type]  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def post(path: str = ALL, body: bytes = VISIT, more: str = "", version: str = "1.1") -> bytes:
    head = f"POST {path} HTTP/{version}\r\nHost: x\r\nContent-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def read(said: BinaryIO) -> tuple[int, bytes]:
    """The next answer of a connection."""
    status = int(said.readline().split()[1])
    length = 0
    while (line := said.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        length = int(value) if name == b"content-length" else length
    return status, said.read(length)


def exchange(port: int, *pieces: bytes, count: int = 1) -> list[tuple[int, bytes]]:
    """So many answers to octets that are sent in pieces."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
            if len(pieces) > 1:
                time.sleep(0.02)
        said = connection.makefile("rb")
        return [read(said) for _ in range(count)]


def test_a_body_may_come_in_any_pieces(port: int) -> None:
    """Wherever the reads end: in the head, between, in the body, octet by octet at the end."""
    whole = post()
    [expected] = exchange(port, whole)
    assert expected[0] == 200
    head = whole.index(b"\r\n\r\n") + 4
    for at in (1, 40, head - 1, head, head + 1, len(whole) - 1):
        assert exchange(port, whole[:at], whole[at:]) == [expected]
    assert exchange(port, whole[:head], *(bytes([octet]) for octet in whole[head : head + 5]), whole[head + 5 :]) == [
        expected
    ]


def test_a_fragment_is_no_part_of_what_is_asked_for(port: int) -> None:
    """However it comes: in one read or in two."""
    whole = post(f"{ALL}/hero#x")
    assert exchange(port, whole) == exchange(port, whole[:-5], whole[-5:]) == exchange(port, post(f"{ALL}/hero"))


def test_a_connection_goes_on(port: int) -> None:
    """One after the other, both kinds of POST and a GET between; a refusal does not end it."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        said = connection.makefile("rb")
        for octets, status in [
            (post(), 200), (post(f"{ALL}/hero"), 200), (post("/v1/recommendation", b"{}"), 200), (post(body=b"{"), 400),
            (b"GET /v1/recommendation HTTP/1.1\r\nHost: x\r\n\r\n", 200), (post(more="If-None-Match: *\r\n"), 304),
            (post("/livez", b"{}"), 405), (post(body=b""), 400), (post(), 200),
        ]:  # fmt: skip
            connection.sendall(octets)
            assert read(said)[0] == status


def test_pipelined_posts_are_answered_in_order(port: int) -> None:
    """Those that wait for nothing among those that do, and the last one cut in two."""
    last = post(f"{ALL}/front")
    sent = (
        post()
        + post("/v1/recommendation", b"{}")
        + post(f"{ALL}/hero")
        + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        + last
    )
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent[:-10])
        time.sleep(0.02)
        connection.sendall(sent[-10:])
        said = b""
        while said.count(b"HTTP/1.1 200") < 5 or not said.endswith(b"}"):
            said += connection.recv(65536)
    bodies = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in said.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert [next(iter(body)) for body in bodies] == ["flags", "site", "key", "status", "key"]
    assert [bodies[2]["key"], bodies[4]["key"]] == ["hero", "front"]


@pytest.mark.parametrize("version, more", [("1.1", "Connection: close\r\n"), ("1.0", "")])
def test_a_client_that_wants_no_more_is_let_go(port: int, version: str, more: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(post(version=version, more=more))
        said = b""
        while part := connection.recv(65536):
            said += part
    assert b" 200 OK\r\n" in said


def test_who_expects_to_be_asked_is_asked(port: int) -> None:
    """RFC 9110 10.1.1: 100 before the body, also where the body came along."""
    head, _, body = post(more="Expect: 100-continue\r\n").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(body)
        assert b"200 OK" in connection.recv(65536)


def test_a_chunked_body_is_read_as_ever(port: int) -> None:
    """No length is stated, so it goes through ASGI; and what comes after it is the next request."""
    chunked = post(more="Transfer-Encoding: chunked\r\n").partition(b"Content-Length")[0] + b"\r\n"
    pieces = chunked + b"%x\r\n%b\r\n0\r\n\r\n" % (len(VISIT), VISIT)
    [expected] = exchange(port, post())
    assert exchange(port, pieces + post(), count=2) == [expected, expected]


def test_a_large_body_is_refused_as_ever(port: int) -> None:
    """By its length alone, and by what came of it."""
    assert exchange(port, post(body=b"{}" + b" " * 9000))[0][0] == 413
    assert exchange(port, post(body=b"{}" + b" " * 40000))[0][0] == 413


def test_a_body_that_stops_is_let_go(port: int) -> None:
    """Half of one is no visit: the house waits its time, then refuses."""
    assert exchange(port, post()[:-5])[0][0] == 408
