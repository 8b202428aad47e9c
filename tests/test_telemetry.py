"""What the service says of itself: numbers as Prometheus reads them, and log lines that cannot carry a client's text."""

import json

import pytest

from service.telemetry import Telemetry


class Stream:
    def __init__(self):
        self.lines = []

    def write(self, text):
        self.lines.append(json.loads(text))


def test_requests_are_counted_by_route_and_status():
    """Counts and times of each route, in the exposition format."""
    telemetry = Telemetry()
    telemetry.record_response("/v1/recommendation", "GET", 200, 0.00004)
    telemetry.record_response("/v1/recommendation", "GET", 200, 0.003)
    telemetry.record_response("/v1/recommendation", "POST", 422, 99.0)
    telemetry.gauge("passerby_geo_age_seconds", "Age of the geo data", lambda: 7)
    telemetry.gauge("passerby_unknown", "Nothing is known of it", lambda: None)
    telemetry.fact("passerby_build_info", "Which version this is", "version", "9.8.7")
    body, media_type = telemetry.exposition()
    lines = body.decode().splitlines()
    assert media_type.startswith("text/plain")
    assert 'passerby_requests_total{method="GET",route="/v1/recommendation",status="200"} 2.0' in lines
    assert 'passerby_requests_total{method="POST",route="/v1/recommendation",status="422"} 1.0' in lines
    assert 'passerby_request_seconds_bucket{le="0.0001",route="/v1/recommendation"} 1.0' in lines
    assert 'passerby_request_seconds_bucket{le="0.005",route="/v1/recommendation"} 2.0' in lines
    assert 'passerby_request_seconds_bucket{le="+Inf",route="/v1/recommendation"} 3.0' in lines
    assert "passerby_geo_age_seconds 7.0" in lines
    assert 'passerby_build_info{version="9.8.7"} 1.0' in lines
    assert "passerby_unknown" not in body.decode()


def test_a_log_line_has_only_known_fields():
    """One JSON object a line; a field off the list is a mistake of ours and does not pass."""
    stream = Stream()
    telemetry = Telemetry(now_s=lambda: 1234.5678, stream=stream)
    telemetry.log("starting", fields={"port": 8080})
    assert stream.lines == [{"time": 1234.568, "level": "info", "event": "starting", "port": 8080}]
    with pytest.raises(ValueError, match="not on the list"):
        telemetry.log("visit", fields={"user_agent": "x"})


@pytest.mark.parametrize("kind", [OSError, BrokenPipeError, ConnectionResetError, InterruptedError, ValueError])
def test_a_log_that_nobody_takes_stops_nothing(kind):
    """A full disk, or a reader that is gone: a visit must not be answered 500 for it, nor the service end badly."""

    class Gone:
        def write(self, _):
            raise kind(5, "Input/output error")

    telemetry = Telemetry(stream=Gone())
    telemetry.log("started", fields={"pid": 1})
    telemetry.log_adapter_event("geo_refused", {"reason": "missing"})
    telemetry.internal_error(ValueError("x"))


def test_without_standard_error_nothing_is_said_and_nothing_ends(monkeypatch):
    """Python has no stream at all in a process that began without one, as `serve 2>&-` does."""
    monkeypatch.setattr("sys.stderr", None)
    telemetry = Telemetry()
    telemetry.log("started", fields={"pid": 1})
    telemetry.internal_error(ValueError("x"))
    with pytest.raises(ValueError, match="not on the list"):
        telemetry.log("visit", fields={"user_agent": "x"})


def test_an_exception_is_logged_without_its_message():
    """Its type and our line of code; the message may hold what a client sent."""
    stream = Stream()
    try:
        raise KeyError("anna@example.com")
    except KeyError as error:
        Telemetry(stream=stream).internal_error(error)
    (line,) = stream.lines
    assert line["error"] == "KeyError"
    assert "anna" not in json.dumps(line)
