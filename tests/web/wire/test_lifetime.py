"""A client may be slow, silent or deaf: it costs the others nothing, and is let go in time. All over real sockets."""

import contextlib
import io
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec
import pytest
import uvicorn

from service.app import Application, Container
from service.telemetry import Telemetry
from service.web.wire.answering import PIPELINED_MAX, PIPELINED_MAX_BYTES, Limits
from service.web.wire.connection import connections
from service.web.wire.lifetime import Unread

GET = b"GET /v1/recommendation HTTP/1.1\r\nHost: x\r\n\r\n"
PAGE = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
LIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"
BODY_S, WRITE_S, KEEP_S = 0.6, 0.6, 0.5


def post(path: bytes, body: bytes, more: bytes = JSON) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n%b" % (path, more, len(body), body)


class Serving(NamedTuple):
    """A server in a thread, and what it logs."""

    port: int
    log: io.StringIO
    application: Application

    def connect(self, *, receive_bytes: int = 0) -> socket.socket:
        client = socket.socket()
        client.settimeout(8)
        if receive_bytes:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        client.connect(("127.0.0.1", self.port))
        return client

    def ask(self, octets: bytes) -> int:
        """The status of an answer on a connection of its own."""
        with self.connect() as client:
            client.sendall(octets)
            return int(client.recv(65536).split()[1])

    @property
    def failures(self) -> list[str]:
        return [line for line in self.log.getvalue().splitlines() if '"error"' in line or '"warning"' in line]


@contextlib.contextmanager
def serve(
    house: Container, keep_alive_s: float = KEEP_S, connections_max: int = 4096, **changed: Any
) -> Iterator[Serving]:
    changed = {"body_read_timeout_s": BODY_S, "requests_in_flight_max": 16} | changed
    settings = msgspec.structs.replace(house.configuration.settings, **changed)
    log = io.StringIO()
    configuration = msgspec.structs.replace(house.configuration, settings=settings)
    application = Application(
        msgspec.structs.replace(house, configuration=configuration, telemetry=Telemetry(stream=log))
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    protocol = connections(application.dispatcher, Limits(16384, 64, 0.5, WRITE_S, connections_max))
    config = uvicorn.Config(
        application, interface="asgi3", http=protocol, lifespan="off",
        log_config=None, proxy_headers=False, loop="uvloop", timeout_keep_alive=keep_alive_s,
        timeout_graceful_shutdown=1,
    )  # type: ignore[arg-type]  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
    thread.start()
    try:
        yield Serving(listener.getsockname()[1], log, application)
    finally:
        server.should_exit = True
        thread.join(15)


@pytest.fixture(scope="module")
def serving(house: Container) -> Iterator[Serving]:
    with serve(house) as found:
        yield found


@contextlib.contextmanager
def crowd(serving: Serving, octets: bytes, number: int, *, receive_bytes: int = 0) -> Iterator[list[socket.socket]]:
    """So many connections that say this and no more."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(serving.connect(receive_bytes=receive_bytes)) for _ in range(number)]
        for client in clients:
            client.sendall(octets)
        yield clients


def rest_of(client: socket.socket) -> bytes:
    """All that comes until the other side ends, however it ends."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(1 << 20):
            said += part
    return said


def statuses(said: bytes) -> list[int]:
    return [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]


# ---- bodies that do not come ----

CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n"
EXPECT = JSON + b"Expect: 100-continue\r\n"
PATHS = [b"/v1/recommendation", b"/v1/recommendations", b"/v1/events", b"/ofrep/v1/evaluate/flags", b"/opt-out"]
SILENT = {
    "a length and nothing": (JSON + b"Content-Length: 10\r\n", b""),
    "expects to be asked": (EXPECT + b"Content-Length: 10\r\n", b""),
    "chunked and nothing": (CHUNKED, b""),
    "half a chunk": (CHUNKED, b"5\r\n{"),
    "one octet": (JSON + b"Content-Length: 10\r\n", b"{"),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_body_that_does_not_come_costs_the_others_nothing(serving: Serving, name: str) -> None:
    """On each path five times as many wait as may be in work: all others are answered all the same, and they get 408."""
    more, begun = SILENT[name]
    with contextlib.ExitStack() as stack:
        heads = [b"POST %b HTTP/1.1\r\nHost: x\r\n%b\r\n%b" % (path, more, begun) for path in PATHS]
        clients = [client for head in heads for client in stack.enter_context(crowd(serving, head, 80))]
        time.sleep(0.05)
        assert serving.ask(post(b"/v1/recommendation", b"{}")) == 200
        assert serving.ask(post(b"/v1/events", b'{"events":[{"type":"view","topic":"shoes"}]}')) == 202
        assert serving.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") == 200
        assert serving.application.dispatcher.in_work == 0
        said = [rest_of(client) for client in clients]
    asked = [100] if "expects" in name else []
    assert [statuses(answer) for answer in said] == [[*asked, 408]] * 80 * len(PATHS)
    assert all(b"\r\nconnection: close\r\n" in answer for answer in said)


@pytest.mark.parametrize("target", [b"http://host", b"http://host?x=1", b"https://host:1"])
@pytest.mark.parametrize("at_once", [True, False])
def test_a_post_to_no_path_is_no_request(serving: Serving, target: bytes, at_once: bool) -> None:
    """Whether its body comes with the head or after it; and nothing of it is an error of ours."""
    head = b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: 2\r\n\r\n" % (target, JSON)
    with serving.connect() as client:
        client.sendall(head + b"{}" if at_once else head)
        assert statuses(rest_of(client)) == [400]
    assert "internal_error" not in serving.log.getvalue()


def test_lines_that_do_not_come_cost_the_others_nothing(serving: Serving) -> None:
    """A stream that has not begun takes no place among the streams."""
    silent = b"POST /v1/recommendations HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    with crowd(serving, silent + b"Transfer-Encoding: chunked\r\n\r\n", 80):
        time.sleep(0.05)
        assert serving.ask(post(b"/v1/recommendation", b"{}")) == 200
        assert serving.ask(silent + b"Content-Length: 3\r\n\r\n{}\n") == 200


@pytest.mark.parametrize("pause_s", [0.02, 0.05, 0.1])
def test_a_slow_body_within_its_time_is_read(serving: Serving, pause_s: float) -> None:
    """An octet now and then, and all of them in time."""
    with serving.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.sendall(post(b"/v1/recommendation", b"{ }")[:-3])
        for octet in (b"{", b" ", b"}"):
            time.sleep(pause_s)
            client.sendall(octet)
        assert client.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("pause_s", [0.1, 0.2, 0.3])
def test_a_slow_body_beyond_its_time_is_not(serving: Serving, pause_s: float) -> None:
    """Octets win no time."""
    with serving.connect() as client:
        client.sendall(post(b"/v1/recommendation", b"{}" + b" " * 60)[:-62])
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            for _ in range(60):
                client.sendall(b" ")
                if select.select([client], [], [], pause_s)[0]:
                    break
        assert statuses(rest_of(client)) == [408]
        assert time.monotonic() - begun < BODY_S + 3


# ---- answers that nobody reads ----

BATCH = post(b"/v1/recommendations", json.dumps({"requests": [{}] * 300}).encode())
DEAF = {
    "visits": GET * 3000,
    "pages": PAGE * 60,
    "batches": BATCH * 12,
    "posts": post(b"/v1/recommendation", b"{}") * 500,
    "mixed": (GET + PAGE + BATCH + post(b"/v1/recommendation", b"{}")) * 15,
    "then closed": GET * 3000 + b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "then not HTTP": PAGE * 60 + b"\x16\x03\x01\r\n\r\n",
    "then too large": PAGE * 60 + b"GET / HTTP/1.1\r\nx: " + b"y" * 20_000 + b"\r\n\r\n",
}


@pytest.mark.parametrize("name", DEAF)
def test_a_client_that_does_not_read_is_let_go_in_time(serving: Serving, name: str) -> None:
    """It takes no place meanwhile, others are answered, and nothing is complained of."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(serving.connect(receive_bytes=4096)) for _ in range(20)]
        for client in clients:
            client.setblocking(False)
        gone: set[int] = set()
        left = {client.fileno(): DEAF[name] for client in clients}
        until = time.monotonic() + WRITE_S + 10
        while len(gone) < len(clients) and time.monotonic() < until:
            for client in clients:
                number = client.fileno()
                try:
                    left[number] = left[number][client.send(left[number] or GET) :]
                except BlockingIOError:
                    pass
                except OSError:
                    gone.add(number)
            assert serving.ask(LIVE) == 200
            time.sleep(0.02)
        assert len(gone) == len(clients)
    assert serving.ask(post(b"/v1/recommendation", b"{}")) == 200
    assert not serving.failures


def test_a_client_that_reads_slowly_is_waited_for(serving: Serving) -> None:
    """As long as each stretch is taken in time, all of it arrives."""
    octets = BATCH * 6
    with serving.connect(receive_bytes=65536) as client:
        client.sendall(octets)
        said = 0
        while said < 100_000 * 6:
            time.sleep(0.02)
            part = client.recv(65536)
            assert part
            said += len(part)


REPORT = post(b"/v1/events", b"{}")


@pytest.mark.parametrize("over", [-1, 0, 1, 2, 50])
@pytest.mark.parametrize("request_", [post(b"/v1/recommendation", b"{}"), LIVE, REPORT])
def test_pipelines_are_answered_up_to_their_bound(serving: Serving, over: int, request_: bytes) -> None:
    """What is answered at once never waits. Of others one is in work and PIPELINED_MAX wait behind it.

    Of more, these are answered and the connection ends, without complaint.
    """
    number = PIPELINED_MAX + 1 + over
    answered = min(number, PIPELINED_MAX + 1) if request_ == REPORT else number
    with serving.connect() as client:
        client.sendall(request_ * number)
        said = b""
        while said.count(b"HTTP/1.1 ") < answered or not said.endswith((b"}", b"\n")):
            said += client.recv(1 << 20)
        assert len(statuses(said)) == answered
        if answered == number:
            client.sendall(LIVE)
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
        else:
            assert rest_of(client) == b""
            assert b"connection: close" in said
    assert not serving.failures


def test_what_waits_in_a_pipeline_is_bounded_in_octets(serving: Serving) -> None:
    """Few large requests are as much to hold as many small ones."""
    large = post(b"/v1/events", b"{}", JSON + b"X: " + b"y" * 9000 + b"\r\n")
    with serving.connect() as client:
        client.sendall(large * 20)
        answered = statuses(rest_of(client))
    assert set(answered) == {422}
    assert PIPELINED_MAX_BYTES // len(large) <= len(answered) <= PIPELINED_MAX_BYTES // len(large) + 2
    assert not serving.failures


@pytest.mark.parametrize("leaves", ["closes", "resets"])
def test_a_client_that_leaves_its_pipeline_behind_is_no_fault_of_ours(serving: Serving, leaves: str) -> None:
    """What was to be answered goes nowhere, and the log has no word of it."""
    for octets in (post(b"/v1/recommendation", b"{}") * 60, BATCH * 30, PAGE * 50, (BATCH + GET) * 20):
        with serving.connect(receive_bytes=4096) as client:
            client.sendall(octets)
            time.sleep(0.02)
            if leaves == "resets":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    time.sleep(0.3)
    assert serving.ask(LIVE) == 200
    assert not serving.failures
    assert serving.application.dispatcher.in_work == 0


class Held:
    """A transport that remembers whether it was broken off."""

    aborted = False

    def abort(self) -> None:
        self.aborted = True


@pytest.mark.parametrize(("last", "broken"), [(39, []), (40, []), (41, [0]), (70, [0]), (71, [0, 1]), (500, [0, 1])])
def test_what_all_leave_unread_is_bounded(last: int, broken: list[int]) -> None:
    """Those that have waited longest go first; the last comer stays, for its answer is but made."""
    unread, held = Unread(100), [Held() for _ in range(3)]
    for transport, octets in zip(held, (30, 30, last), strict=True):
        unread.add(transport, octets)  # type: ignore[arg-type]
    assert [at for at, transport in enumerate(held) if transport.aborted] == broken


def test_what_is_read_after_all_counts_no_more() -> None:
    unread, held = Unread(100), [Held() for _ in range(50)]
    for transport in held:
        unread.add(transport, 90)  # type: ignore[arg-type]
        unread.remove(transport)  # type: ignore[arg-type]
        unread.remove(transport)  # type: ignore[arg-type]
    assert not any(transport.aborted for transport in held)


# ---- silence ----


def test_a_connection_is_kept_for_its_time_and_no_longer(serving: Serving) -> None:
    """From the last answer on, whichever way that was made; and it ends, it is not broken off."""
    for request_ in (GET, LIVE, post(b"/v1/recommendation", b"{}")):
        with serving.connect() as client:
            for _ in range(3):
                time.sleep(KEEP_S * 0.4)
                client.sendall(request_)
                assert client.recv(65536).startswith(b"HTTP/1.1 200")
            begun = time.monotonic()
            assert client.recv(1) == b""
            assert KEEP_S * 0.9 < time.monotonic() - begun < KEEP_S + 3


def test_a_request_that_takes_longer_than_a_connection_is_kept_is_answered(serving: Serving) -> None:
    """Its body comes while the timer fires, and the timer does not end what is at work."""
    with serving.connect() as client:
        client.sendall(GET)
        assert client.recv(65536)
        time.sleep(KEEP_S - 0.2)
        octets = post(b"/v1/recommendation", b"{}")
        client.sendall(octets[:-1])
        time.sleep(0.4)
        client.sendall(octets[-1:])
        assert client.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("request_", [GET, LIVE, post(b"/v1/recommendation", b"{}"), GET * 3, GET[:-7]])
def test_a_request_that_comes_as_the_timer_fires_is_answered(house: Container, request_: bytes) -> None:
    """Each of many tries around the moment: what was sent before our side ended has its answer; nobody is reset."""
    keep_s, tries = 0.1, 80
    lost: list[int] = []
    with serve(house, keep_s) as serving:

        def attempt(number: int) -> None:
            with serving.connect() as client:
                client.sendall(GET)
                assert client.recv(65536).startswith(b"HTTP/1.1 200")
                answered = time.monotonic()
                at = answered + keep_s + (number - tries / 2) * 0.0002
                while (left := at - time.monotonic()) > 0:
                    time.sleep(left / 2 if left > 0.002 else 0)
                asked = time.monotonic()
                if select.select([client], [], [], 0)[0]:
                    return  # our side had ended, and the client could know
                client.sendall(request_)
                at_once = time.monotonic() - asked < 0.0002  # else our side may have ended in between
                if request_ == GET[:-7]:
                    time.sleep(0.01)
                    client.sendall(GET[-7:])
                if not client.recv(65536).startswith(b"HTTP/1.1 200") and at_once:  # a reset raises
                    lost.append(number)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(attempt, range(tries)))
            on_their_way, lost = lost, []  # in the very moment: by chance, which has no second turn
            list(pool.map(attempt, on_their_way))
    assert len(lost) <= 2  # closed without a reset, so that a client asks again
    assert not serving.failures


# ---- how many ----


def alive(client: socket.socket) -> bool:
    return not select.select([client], [], [], 0.05)[0]


@pytest.mark.parametrize(("number", "closed"), [(7, 0), (8, 0), (9, 1), (11, 3)])
def test_beyond_the_bound_the_longest_idle_connection_is_closed(house: Container, number: int, closed: int) -> None:
    """It is the time of the last answer that counts, not that of the beginning."""
    with serve(house, 30, 8) as serving, contextlib.ExitStack() as stack:
        clients = []
        for at in range(number):
            if at == 8:  # the first has just been used, and the second is idle longest
                clients[0].sendall(GET)
                assert clients[0].recv(65536).startswith(b"HTTP/1.1 200")
            time.sleep(0.01)  # the loop's clock tells milliseconds apart
            clients.append(stack.enter_context(serving.connect()))
            clients[-1].sendall(GET)
            assert clients[-1].recv(65536).startswith(b"HTTP/1.1 200")
        gone = [at for at, client in enumerate(clients) if not alive(client)]
        assert gone == [*range(1, 1 + closed)]


def test_a_connection_at_work_makes_no_room(house: Container) -> None:
    """Where all are at work, the one that came last is let go."""
    with serve(house, 30, 8, body_read_timeout_s=5.0) as serving, contextlib.ExitStack() as stack:
        octets = post(b"/v1/recommendation", b"{}")
        clients = [stack.enter_context(serving.connect()) for _ in range(8)]
        for client in clients:
            client.sendall(octets[:-1])
        time.sleep(0.1)
        with serving.connect() as late:
            assert rest_of(late) == b""
        for client in clients:
            client.sendall(octets[-1:])
            assert client.recv(65536).startswith(b"HTTP/1.1 200")
        assert serving.ask(GET) == 200
