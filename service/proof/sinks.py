"""Where a leak would come out: a deployment's metrics and its answers; and what every sink can do.

A sink is opened before the first marker is sent and read after the last. Each can also be given leaks, in the place
where a real one would be, to show that it is watched. For that a log and Redis are written to: for a moment the leaks
stand in the operator's own log, and whoever ships its lines elsewhere ships them too, and may take it that the file was
cut. Redis stands in ``redis_sinks``, because it takes a client, files in ``log_file``.
"""

import contextlib
import http.client
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol
from urllib.parse import urlsplit

from service.proof.leaking_server import leaking_server
from service.proof.search import Piece
from service.proof.spool import SinkError

__all__ = ["Answers", "Metrics", "Sink", "SinkError"]

http_timeout_s = 10.0
metrics_bytes_max = 1 << 26
answers_bytes_max = 1 << 28
"""Of answers that differ."""


class Sink(Protocol):
    """Every method but ``open`` needs it opened, and any may raise SinkError. None is a coroutine."""

    name: str

    def open(self) -> None:
        """Begin to watch. What is there already counts where a sink has a state, as Redis; of a log only what comes."""

    def alive(self) -> str:
        """By what one can tell that this belongs to the deployment under audit, in words. Empty: one cannot."""

    def read(self) -> Iterator[Piece]:
        """All that it holds, or was given since it was opened. May be called again."""

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Put each leak where a real one would be, read it as ``read`` does, and take it away when all is read."""

    def close(self) -> None:
        """Stop watching. May be called twice."""


Knock = Callable[[int], int]
"""So many requests with the method and the path of KNOCK, at once by as many connections; how many were refused 405."""

KNOCK: Final = ("PATCH", "/.well-known/gpc.json")
"""Nobody else sends it, and the metrics have a row for it."""
_KNOCKED: Final = re.compile(
    rb'^passerby_requests_total\{(?=[^}]*method="other")(?=[^}]*route="/\.well-known/gpc\.json")'
    rb'(?=[^}]*status="405")[^}]*\} ([0-9.e+]+)',
    re.MULTILINE,
)
_KNOCKS_MIN: Final = 24
_KNOCKING_TIMES: Final = 3
_COUNTED_S: Final = 0.5


class Metrics:
    """What a scraper sees: one GET, with its head. ``is_share``: they are of one worker, and there are others."""

    name = "metrics"

    def __init__(self, url: str, knock: Knock) -> None:
        self._url = url
        self._knock = knock
        self.is_share = False

    def open(self) -> None:
        """Ask once, to know beforehand that somebody answers."""
        self._get(self._url)

    def alive(self) -> str:
        """Whether they count what only we ask: of several workers one counts its share, of another service none."""
        for _ in range(_KNOCKING_TIMES):
            before = self._knocks()
            knocked = self._knock(_KNOCKS_MIN + secrets.randbelow(_KNOCKS_MIN))
            until_s = time.monotonic() + _COUNTED_S
            while (counted := self._knocks() - before) < knocked and time.monotonic() < until_s:
                time.sleep(_COUNTED_S / 10)
            if 0 < counted <= knocked:
                self.is_share = counted < knocked
                return f"they counted {counted} of {knocked} requests that nobody else sends"
        return ""

    def read(self) -> Iterator[Piece]:
        yield Piece("line", self._get(self._url), 1)

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        with leaking_server(leaks) as (host, port):
            yield Piece("line", self._get(f"http://{host}:{port}/metrics"), 1)

    def close(self) -> None:
        """Nothing is held."""

    def _knocks(self) -> int:
        return sum(int(float(found[1])) for found in _KNOCKED.finditer(self._get(self._url)))

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
        self._kept: dict[bytes, str] = {}
        self._octets = 0
        self.count = 0

    def open(self) -> None:
        """Nothing to begin with: the traffic brings it."""

    def keep(self, octets: bytes, where: str = "an answer") -> None:
        """One answer, status line and head included; ``where``: of which route, say."""
        self.count += 1
        if octets not in self._kept:
            self._octets += len(octets)
            if self._octets > answers_bytes_max:
                raise SinkError(f"answers: more than {answers_bytes_max >> 20} MiB of them; send fewer markers")
            self._kept[octets] = where

    def alive(self) -> str:
        return f"{self.count} answers, {len(self._kept)} of them different" if self.count else ""

    def read(self) -> Iterator[Piece]:
        for octets, where in self._kept.items():
            yield Piece(where, octets)

    def planted(self, leaks: Sequence[bytes]) -> Iterator[Piece]:
        """Answered by a server that leaks, and fetched by the code that fetched all the others."""
        with leaking_server(leaks) as (host, port):
            for number in range(len(leaks)):
                request = b"GET /%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (number, host.encode(), port)
                yield Piece("an answer of the leaking server", self._fetch(host, port, request))

    def close(self) -> None:
        self._kept.clear()
