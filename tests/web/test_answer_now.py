"""The way without ASGI gives the same octets as the way through it, and leaves the connection in the same state."""

import asyncio
import http.client
import json
import socket

import pytest

from service.app import Application

PHONE = (
    b"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
VISITS = [
    [],
    [(b"x-forwarded-for", b"195.65.10.7"), (b"user-agent", PHONE), (b"accept-language", b"de-CH,de;q=0.9")],
    [
        (b"x-forwarded-for", b"195.65.10.7"),
        (b"x-forwarded-for", b"127.0.0.1"),
        (b"cookie", b"pb_language=fr"),
        (b"cookie", b"pb_region=CH"),
    ],
    [(b"x-forwarded-for", b"5.9.9.9"), (b"sec-gpc", b"0"), (b"sec-gpc", b"1"), (b"cookie", b"pb_consent=statistics")],
    [(b"cookie", b"pb_device=anna@example.com")],
    [(b"cookie", b"pb_optout=1; pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11")],
    [(b"origin", b"https://shop.example"), (b"accept-language", b"ja")],
    [(b"origin", b"https://evil.example")],
    [(b"user-agent", b"x" * 513)],
]
QUERIES = [b"", b"site=demo", b"site=demo&format=headers", b"email=x", b"site=nowhere", b"format=xml"]


def through_asgi(app, path, query, headers):
    """Status, headers without the length, and body of the answer that ASGI gives."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"}

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query,
        "client": ("127.0.0.1", 1), "headers": headers,
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    kept = {name: value for name, value in sent[0]["headers"] if name != b"content-length"}
    return sent[0]["status"], kept, sent[1]["body"]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("headers", VISITS)
def test_both_ways_answer_alike(house, query, headers):
    """Status, headers and body, for answers and refusals."""
    app = Application(house)
    status, head, body, more, pieces = app.answer_now(
        b"/v1/recommendation" + (b"?" + query if query else b""), "127.0.0.1", headers
    )
    sent = [*head.headers, *(tuple(line.split(b": ", 1)) for line in more.splitlines())]
    assert (status, dict(sent), b"".join((body, *pieces))) == through_asgi(app, "/v1/recommendation", query, headers)
    assert head.lines + more == b"".join(b"%b: %b\r\n" % pair for pair in sent)


@pytest.mark.parametrize("name", [b"content-length", b"transfer-encoding", b"expect"])
def test_a_request_with_more_than_a_head_goes_through_asgi(house, name):
    """What has a body, or wants to be asked for one, is left to the application."""
    assert Application(house).answer_now(b"/v1/recommendation", "127.0.0.1", [(name, b"0")]) is None


@pytest.mark.parametrize(
    "url",
    [
        b"/livez",
        b"/v1/recommendations",
        b"/v1/recommendation/",
        b"/v1/%72ecommendation",
        b"http://x/v1/recommendation",
        b"/v1/recommendation?site=demo#x",
        b"/v1/recommendation#x",
        b"/v1/cohorts/CH/de/smartphone#x",
    ],
)
def test_other_addresses_go_through_asgi(house, url):
    """Only the plain address is hot."""
    assert Application(house).answer_now(url, "127.0.0.1", []) is None


def test_a_cohort_page_is_hot_once_made(house):
    """The first caller has it made; the next get the same without ASGI, unless they may have it already."""
    app = Application(house)
    path = "/v1/cohorts/CH/de/smartphone"
    assert app.answer_now(path.encode(), "127.0.0.1", []) is None
    made = through_asgi(app, path, b"", [])
    status, head, body, *_ = app.answer_now(path.encode(), "127.0.0.1", [(b"cookie", b"pb_language=fr")])
    assert status == 200
    assert (status, dict(head.headers), body) == made
    assert app.answer_now(path.encode(), "127.0.0.1", [(b"if-none-match", b"*")]) is None
    assert app.answer_now(path.encode() + b"?email=x", "127.0.0.1", []) is None


@pytest.fixture(scope="module")
def port(house):
    """The application on a real socket, with the real protocol."""
    import threading

    import uvicorn

    from service.app import ProtocolMaker

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # who comes before the server waits for it
    config = uvicorn.Config(
        Application(house), interface="asgi3", http=ProtocolMaker(16384, 64, 2.0), lifespan="off", log_config=None,
        proxy_headers=False, server_header=False, timeout_keep_alive=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(10)


def answers(port, sent, count):
    """The statuses and bodies of so many answers to these octets."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        found = []
        for _ in range(count):
            response = http.client.HTTPResponse(connection)
            response.begin()
            found.append((response.status, response.read()))
        return found


HOT = b"GET /v1/recommendation?site=demo HTTP/1.1\r\nHost: x\r\nAccept-Language: %s\r\n\r\n"
COLD = b"POST /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


def test_pipelined_requests_are_answered_in_order(port):
    """Hot ones, and hot and cold ones mixed, whatever way each goes."""
    tags = [b"de", b"fr", b"it", b"ja", b"es"]
    sent = (
        HOT % tags[0] + HOT % tags[1] + COLD + HOT % tags[2] + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" + HOT % tags[3]
    )
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(sent)
        said = b""
        while said.count(b"HTTP/1.1 200") < 6 or not said.endswith(b"}"):
            said += connection.recv(65536)
    bodies = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in said.split(b"HTTP/1.1 200 OK\r\n")[1:]]
    assert [body.get("language", body).get("tag", body.get("status")) for body in bodies] == [
        "de",
        "fr",
        "en",
        "it",
        "live",
        "ja",
    ]


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_a_client_that_wants_no_more_is_let_go(port, version):
    """`Connection: close`, and HTTP/1.0, end after the answer."""
    close = b"Connection: close\r\n" if version == b"HTTP/1.1" else b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /v1/recommendation " + version + b"\r\nHost: x\r\n" + close + b"\r\n")
        said = b""
        while part := connection.recv(65536):
            said += part
    assert b" 200 OK\r\n" in said


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(port):
    """The timer of uvicorn's keep-alive, one second here, runs from the last answer."""
    import time

    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        for _ in range(4):
            connection.sendall(HOT % b"de")
            assert b"200 OK" in connection.recv(65536)
            time.sleep(0.6)
        started = time.monotonic()
        assert connection.recv(65536) == b""
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("spelling", [b"100-continue", b"100-Continue"])
def test_who_expects_to_be_asked_is_asked(port, spelling):
    """RFC 9110 10.1.1: 100 before the body, in any case of the word."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(COLD.replace(b"Content-Length", b"Expect: " + spelling + b"\r\nContent-Length")[:-2])
        assert connection.recv(65536).startswith(b"HTTP/1.1 100")
        connection.sendall(b"{}")
        assert b"200 OK" in connection.recv(65536)


def test_a_get_with_a_body_is_answered_and_its_body_is_no_request(port):
    """The body is read away; the next request on the connection is the next request."""
    sent = b"GET /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /" + HOT % b"de"
    assert [status for status, _ in answers(port, sent, 1)] == [200]
