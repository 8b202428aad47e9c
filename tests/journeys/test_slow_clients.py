"""Six hundred sockets that say nothing, or do not read, stop nobody, and the memory of the service stays as it is."""

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import Server

CROWD = 600
POST = b"POST /v1/recommendation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BATCH = json.dumps({"requests": [{}] * 1000}).encode()
SILENT = {
    "a length and nothing": POST + b"Content-Length: 10\r\n\r\n",
    "expects to be asked": POST + b"Expect: 100-continue\r\nContent-Length: 10\r\n\r\n",
    "chunked and nothing": POST + b"Transfer-Encoding: chunked\r\n\r\n",
}
DEAF = {
    "visits": b"GET /v1/recommendation HTTP/1.1\r\nHost: x\r\n\r\n" * 1500,
    "posts": (POST + b"Content-Length: 2\r\n\r\n{}") * 600,
    "batches": (POST.replace(b"dation ", b"dations ") + b"Content-Length: %d\r\n\r\n" % len(BATCH) + BATCH) * 8,
}
RISE_MAX_MB = 130  # of what a service may hold for all clients that do not read, 32 are octets of answers


@pytest.fixture(scope="module")
def server(start: Callable[..., Server]) -> Server:
    return start(write_timeout_s="2")


@contextlib.contextmanager
def crowd(server: Server, octets: bytes) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        clients = []
        for _ in range(CROWD):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", server.port))
            client.setblocking(False)
            with contextlib.suppress(OSError):
                client.send(octets)
            clients.append(client)
        yield clients


def memory_mb(server: Server) -> int:
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


def answers(server: Server) -> list[int]:
    """The statuses of a visit, a report and a page.

    600 batches of 1000 visits want the processor too, which other tests have the most of.
    """
    report = {"events": [{"type": "view", "topic": "shoes"}]}
    return [
        server.ask("/v1/recommendation", {}, timeout_s=20)[0],
        server.ask("/v1/events", report, timeout_s=20)[0],
        server.ask("/v1/privacy", timeout_s=20)[0],
    ]


@pytest.mark.parametrize("name", SILENT)
def test_six_hundred_silent_sockets_stop_nobody(server: Server, name: str) -> None:
    """While they wait, and after they were told 408."""
    with crowd(server, SILENT[name]) as clients:
        assert answers(server) == [200, 202, 200]
        time.sleep(3)
        assert answers(server) == [200, 202, 200]
        said = clients[-1].recv(65536)
    assert b"HTTP/1.1 408 " in said


@pytest.mark.parametrize("name", DEAF)
def test_six_hundred_clients_that_do_not_read_stop_nobody(server: Server, name: str) -> None:
    """They are let go, memory does not grow with how often they come, and the log has no complaint."""
    before = memory_mb(server)
    for _ in range(2):
        with crowd(server, DEAF[name]) as clients:
            for _ in range(25):
                for client in clients:
                    with contextlib.suppress(OSError):
                        client.send(DEAF[name][: 1 << 16])
                time.sleep(0.05)
            assert answers(server) == [200, 202, 200]
        assert memory_mb(server) - before < RISE_MAX_MB
    events = {json.loads(line)["event"] for line in server.log.read_text().splitlines()}
    assert not {"internal_error", "library_said"} & events
