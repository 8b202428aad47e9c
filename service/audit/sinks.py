"""Where a leak would come out: what every sink can do; the metrics of a deployment and its answers.

A sink is opened before the first marker is sent and read after the last. Each can also be given leaks, in the place
where a real one would be, to show that it is watched. For that a log and Redis are written to: for a moment the leaks
stand in the operator's own log, and whoever ships its lines elsewhere ships them too, and may take it that the file was
cut. For metrics and answers a server that leaks on purpose takes the place of the deployment.
"""

import contextlib
import http.client
import re
import secrets
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from service.audit.recorder import SinkError
from service.audit.search import Piece

http_timeout_s = 10.0
metrics_bytes_max = 1 << 26
answers_bytes_max = 1 << 28
"""Of answers that differ."""


class Sink(Protocol):
    """Every method but ``open`` needs it opened, and any may raise SinkError. None is a coroutine."""

    name: str

    def open(self) -> None:
        """Begin to watch. What is there already counts where a sink has a state, as Redis; of a log only what comes."""

    def known_by(self) -> str:
        """The evidence, in words, that this belongs to the deployment under audit; empty without any."""

    def read(self) -> Iterator[Piece]:
        """All that it holds, or was given since it was opened. May be called again."""

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Put each leak where a real one would be, read it as ``read`` does, and take it away when all is read."""

    def close(self) -> None:
        """Stop watching. May be called twice."""


Probe = Callable[[int], int]
"""Sends so many requests of PROBE, at once by as many connections; how many were refused 405."""

PROBE: Final = ("PATCH", "/.well-known/gpc.json")
"""Nobody else sends it, and the metrics have a row for it."""
_PROBED: Final = re.compile(
    rb'^passerby_requests_total\{(?=[^}]*method="other")(?=[^}]*route="/\.well-known/gpc\.json")'
    rb'(?=[^}]*status="405")[^}]*\} ([0-9.e+]+)',
    re.MULTILINE,
)
_PROBES_MIN: Final = 24
_PROBING_TIMES: Final = 3
_COUNTED_S: Final = 0.5


class Metrics:
    """What a scraper sees: one GET, with its head. ``is_share``: they are of one worker, and there are others."""

    name = "metrics"

    def __init__(self, url: str, probe: Probe, *, counted_s: float = _COUNTED_S) -> None:
        self._counted_s = counted_s
        self._url = url
        self._probe = probe
        self.is_share = False

    def open(self) -> None:
        """Ask once, to know beforehand that somebody answers."""
        self._get(self._url)

    def known_by(self) -> str:
        """Whether they count what only we ask: of several workers one counts its share, of another service none."""
        for _ in range(_PROBING_TIMES):
            before = self._probes_counted()
            sent = self._probe(_PROBES_MIN + secrets.randbelow(_PROBES_MIN))
            until_s = time.monotonic() + self._counted_s
            while (counted := self._probes_counted() - before) < sent and time.monotonic() < until_s:
                time.sleep(self._counted_s / 10)
            if 0 < counted <= sent:
                self.is_share = counted < sent
                return f"they counted {counted} of {sent} requests that nobody else sends"
        return ""

    def read(self) -> Iterator[Piece]:
        yield Piece("line", self._get(self._url), 1)

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        with leaking_server(leaks) as (host, port):
            yield Piece("line", self._get(f"http://{host}:{port}/metrics"), 1)

    def close(self) -> None:
        """Nothing is held."""

    def _probes_counted(self) -> int:
        return sum(int(float(row[1])) for row in _PROBED.finditer(self._get(self._url)))

    def _get(self, url: str) -> bytes:
        try:
            split = urlsplit(url)
            kind = http.client.HTTPSConnection if split.scheme == "https" else http.client.HTTPConnection
            connection = kind(split.hostname or "", split.port, timeout=http_timeout_s)
            with contextlib.closing(connection):
                connection.request("GET", split.path or "/metrics", headers={"Accept-Encoding": "identity"})
                response = connection.getresponse()
                body = response.read(metrics_bytes_max + 1)
        except (OSError, ValueError, http.client.HTTPException):
            raise SinkError("metrics: nobody answers at that URL") from None
        if response.status != http.HTTPStatus.OK or len(body) > metrics_bytes_max:
            raise SinkError("metrics: there are none at that URL, or too many")
        return str(response.headers).encode() + body


Fetch = Callable[[str, int, bytes], bytes]
"""Host, port and the octets of one request; all octets of the answer. The code that sends the audit's own traffic."""


class Answers:
    """Every octet that the service answered, as the audit's traffic hands it in; equal answers are kept once."""

    name = "answers"

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._different: dict[bytes, str] = {}
        self._octets = 0
        self.count = 0

    def open(self) -> None:
        """Nothing to begin with: the traffic brings it."""

    def keep(self, octets: bytes, where: str = "an answer") -> None:
        """One answer, status line and head included; ``where``: of which route, say."""
        self.count += 1
        if octets not in self._different:
            self._octets += len(octets)
            if self._octets > answers_bytes_max:
                raise SinkError(f"answers: more than {answers_bytes_max >> 20} MiB of them; send fewer markers")
            self._different[octets] = where

    def known_by(self) -> str:
        return f"{self.count} answers, {len(self._different)} of them different" if self.count else ""

    def read(self) -> Iterator[Piece]:
        for octets, where in self._different.items():
            yield Piece(where, octets)

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Answered by a server that leaks, and fetched by the code that fetched all the others."""
        with leaking_server(leaks) as (host, port):
            for number in range(len(leaks)):
                request = b"GET /%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (number, host.encode(), port)
                yield Piece("an answer of the leaking server", self._fetch(host, port, request))

    def close(self) -> None:
        self._different.clear()


HEAD_BYTES_MAX: Final = 1 << 16


@contextlib.contextmanager
def leaking_server(leaks: Sequence[bytes]) -> Iterator[tuple[str, int]]:
    """Serve leaks on loopback until the block ends; the host and port.

    It tells what it was given: whole, in the body, to any path; the n-th leak to ``/n``, in turn in the body, in a
    header and in the reason phrase. A leak that HTTP cannot carry in its head goes into the body.
    """

    class Leak(socketserver.StreamRequestHandler):
        timeout = 5

        def handle(self) -> None:
            target = self.rfile.readline(HEAD_BYTES_MAX).split(b" ")[1:2]
            while self.rfile.readline(HEAD_BYTES_MAX).strip():
                pass
            number = target[0].removeprefix(b"/") if target else b""
            is_planted = number.isdigit() and int(number) < len(leaks)
            self.wfile.write(_leaking(leaks[int(number)], int(number)) if is_planted else _in_body(b"\n".join(leaks)))

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is no matter, and nothing is to be printed."""

    with Server(("127.0.0.1", 0), Leak) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield "127.0.0.1", server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _leaking(leak: bytes, number: int) -> bytes:
    fits = leak.isascii() and leak.decode().isprintable()
    if fits and number % 3 == 1:
        return b"HTTP/1.1 200 OK\r\nx-leak: %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % leak
    if fits and number % 3 == 2:  # noqa: PLR2004 - the third of three places
        return b"HTTP/1.1 200 %s\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % leak
    return _in_body(leak)


def _in_body(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
    return head % len(body) + body
