"""Metrics and answers are watched: what leaks into one is read, and what a control put there is gone again."""

import io
import re
import socket
from collections.abc import Callable, Iterator

import pytest

from service.audit.recorder import Recorder
from service.audit.sinks import Answers, Metrics, Sink, SinkError, leaking_server
from service.telemetry import Telemetry
from tests.audit.planting import Leaks


@pytest.fixture(scope="module")
def leaks() -> Leaks:
    return Leaks()


@pytest.fixture
def opened() -> Iterator[Callable[[Sink], Sink]]:
    """Opens sinks and closes them at the end."""
    sinks: list[Sink] = []

    def open_(sink: Sink) -> Sink:
        sink.open()
        sinks.append(sink)
        return sink

    yield open_
    for sink in sinks:
        sink.close()


def nobody(_times: int) -> int:
    return 0


def fetch(host: str, port: int, request: bytes) -> bytes:
    """What an audit's traffic does, in its simplest form."""
    answer = b""
    with socket.create_connection((host, port), timeout=5) as link:
        link.sendall(request)
        while part := link.recv(1 << 16):
            answer += part
    return answer


def octets_of(sink: Sink) -> bytes:
    return b"".join(piece.octets[piece.repeated :] for piece in sink.read())


def test_a_sink_that_is_told_too_much_says_so_and_keeps_what_it_can() -> None:
    recorder = Recorder(bytes_max=100)
    recorder.add(b"x" * 100)
    with pytest.raises(SinkError, match="send fewer markers"):
        recorder.add(b"y")
    assert [piece.octets for piece in recorder.pieces("line")] == [b"x" * 100]
    recorder.close()


def test_metrics_are_read_with_their_head(opened: Callable[[Sink], Sink]) -> None:
    with leaking_server([b"# TYPE passerby_requests counter"]) as (host, port):
        sink = opened(Metrics(f"http://{host}:{port}/metrics", nobody))
        assert b"content-type: text/plain" in octets_of(sink)
        assert b"passerby_requests" in octets_of(sink)


def test_leaks_of_every_family_are_found_in_metrics(opened: Callable[[Sink], Sink], leaks: Leaks) -> None:
    with leaking_server([b"# TYPE other counter"]) as (host, port):
        sink = opened(Metrics(f"http://{host}:{port}/metrics", nobody))
        assert leaks.missed(list(sink.planted(leaks.octets))) == set()
        assert not leaks.any_found(list(sink.read()))


class Counting:
    """The metrics of a service of which ``share`` of what is asked comes to this worker; ``busy``: what others ask."""

    def __init__(self, share: float, busy: int = 0) -> None:
        self._telemetry = Telemetry(stream=io.StringIO())
        self.share, self._busy = share, busy

    def knock(self, times: int) -> int:
        for _ in range(round(times * self.share) + self._busy):
            self._telemetry.record_response("/.well-known/gpc.json", "other", 405, 0.001)
            self._telemetry.record_response("/v1/recommendation", "GET", 200, 0.001)
        return times

    def get(self, _url: str) -> bytes:
        return self._telemetry.exposition()[0]


@pytest.mark.parametrize(
    ("counting", "words"),
    [
        (Counting(1), r"they counted (\d+) of \1 requests that nobody else sends"),
        (Counting(0.25), r"they counted \d+ of \d+ requests that nobody else sends"),
        (Counting(0), ""),
        (Counting(1, busy=500), ""),
    ],
)
def test_metrics_are_known_by_counting_what_only_the_audit_asks(
    counting: Counting, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it, or a worker's share; those of another deployment do not, nor by chance as many."""
    sink = Metrics("http://127.0.0.1:9/metrics", counting.knock, counted_s=0.01)
    monkeypatch.setattr(sink, "_get", counting.get)
    assert re.fullmatch(words, sink.known_by())
    assert sink.is_share == (counting.share == 0.25)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/metrics", "http://127.0.0.1:99999/", "metrics", "http://[/"])
def test_where_nobody_answers_for_metrics_it_is_said(url: str) -> None:
    with pytest.raises(SinkError, match="nobody answers"):
        Metrics(url, nobody).open()


def test_equal_answers_are_kept_once_and_each_tells_its_route() -> None:
    sink = Answers(fetch)
    assert sink.known_by() == ""
    for answer in (
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\n\r\n",
    ):
        sink.keep(answer, "GET /livez")
    assert [piece.where for piece in sink.read()] == ["GET /livez"] * 2
    assert sink.known_by() == "3 answers, 2 of them different"


def test_leaks_of_every_family_are_found_in_answers_in_head_and_body(leaks: Leaks) -> None:
    sink = Answers(fetch)
    pieces = list(sink.planted(leaks.octets))
    assert leaks.missed(pieces) == set()
    heads = [piece.octets.partition(b"\r\n\r\n")[0] for piece in pieces]
    assert sum(b"x-leak: " in head for head in heads) > 10
    assert sum(not head.startswith(b"HTTP/1.1 200 OK") for head in heads) > 10
    assert not leaks.any_found(list(sink.read()))
