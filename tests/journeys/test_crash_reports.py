"""The promise: whatever breaks, wherever, says of what kind and where it was, and nothing that a client sent.

A service runs whose functions fail on demand, each with all that it was given as the exception's text, under everything
that makes Python talk: development mode, asyncio's debug mode, warnings. What it writes is read to the last line.
"""

import ast
import http.client
import io
import json
import os
import pprint
import re
import signal
import socket
import subprocess
import sys
import time
import traceback
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback as RichTraceback

import service.web.bodies.event_schema
import service.web.ofrep.context  # noqa: F401  # with these two imported, all bodies are known  # noqa: F401  # with these two imported, all bodies are known
from service.adapters.redis_store.url import parse_redis_url
from service.core.access import Keys, record_of
from service.core.experiments.assignment import BucketingInput
from service.core.groups.counts import DeviceHash
from service.settings import Settings
from service.web.bodies import schema
from service.web.visit import connection
from service.web.visit.client_ip import Origin
from service.web.visit.intake import Visit
from service.web.wire.messages import Request
from tests.free_ports import free_port
from tests.journeys.conftest import ROOT, START_MAX_S
from tests.journeys.wire import request

ADDRESS = "195.65.77.90"
HEADERS = {
    "X-Forwarded-For": ADDRESS,
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; qxzkvjwagent) Gecko/20100101 Firefox/130.0",
    "Accept-Language": "de-CH-x-qxzkvjwl",
    "Cookie": "pb_device=3f8a1c5e-9b7d-4e2f-8a61-5c0d9e4b7f23; pb_language=fr; session=qxzkvjwcookie",
    "Sec-CH-UA": '"qxzkvjwbrand";v="1"',
}
DEVICE_ID = "c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f"
BODY = {
    "signals": {
        "ip": "195.65.77.91",
        "cookies": {"language": "fr", "variants": "hero.b"},
        "device": {"id": DEVICE_ID, "user_agent": "qxzkvjwbody", "accept_language": "fr-x-qxzkvjwm"},
    }
}
CONTEXT = {"context": {"targetingKey": DEVICE_ID, "ip": "195.65.77.91", "userAgent": "qxzkvjwcontext"}}
MARKERS = ["qxzkvjw", "195.65.77.9", "3f8a1c5e-9b7d", "c1d2e3f4-a5b6"]

GET, POST, MANY, FLAGS, MIRROR = (
    "/v1/recommendation",
    "/v1/recommendation",
    "/v1/recommendations",
    "/ofrep/v1/evaluate/flags",
    "/",
)
# Each fault, the way to it, and what is answered.
FAULTS: list[tuple[str, str, Any, int]] = [
    # First: it is told of when the collector comes by, while the others are asked for. Of a device of its own.
    ("task", FLAGS, {"context": CONTEXT["context"] | {"userAgent": "qxzkvjwtask"}}, 200),
    *((fault, GET, None, 500) for fault in ("geo", "device", "cookies", "connect", "derive", "mark", "assign", "encode")),
    *((fault, GET, None, 500) for fault in ("personalize", "make", "count")),
    *((fault, POST, BODY, 500) for fault in ("body", "geo", "derive", "assign", "send", "base")),
    *((fault, MANY, {"requests": [BODY, BODY]}, 500) for fault in ("geo", "derive", "assign")),
    *((fault, FLAGS, CONTEXT, 500) for fault in ("geo", "device", "derive")),
    *((fault, MIRROR, None, 500) for fault in ("connect", "derive")),
    ("parser", GET, None, 500),
    *((fault, GET, None, 200) for fault in ("callback", "thread", "unraisable", "warning", "record")),
]  # fmt: skip


class Breaking:
    """The service in ``breaking_server.py``, until it was asked all and told to stop."""

    def __init__(self, log: Path, mode: str) -> None:
        self.port = free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PASSERBY_")}
        environment |= {
            "PASSERBY_PORT": str(self.port),
            "PASSERBY_ADMIN_PORT": "0",
            "PYTHONPATH": str(ROOT),
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONFAULTHANDLER": "1",
        }
        command = [
            sys.executable,
            "-X",
            "dev",
            "-W",
            "always",
            str(Path(__file__).with_name("breaking_server.py")),
            mode,
        ]
        self._log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)

    def break_all(self) -> None:
        """Ask for every fault, end it, and read what it said."""
        try:
            self._wait()
            self.limits = Path(f"/proc/{self.process.pid}/limits").read_text()
            self.answers = [self._ask(fault, path, body) for fault, path, body, _ in FAULTS]
        finally:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(15)
        self.log = self._log.read_text()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_MAX_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/livez", timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return

    def _ask(self, fault: str, path: str, body: Any) -> list[tuple[int, str, bytes]]:
        """On a connection that stays, where most is answered without ASGI, and on one that is to be closed."""
        ask = self._ask_until_hashed if fault == "mark" else self._ask_once
        return [ask(fault, path, body, connection) for connection in ("keep-alive", "close")]

    def _ask_until_hashed(self, fault: str, path: str, body: Any, connection: str) -> tuple[int, str, bytes]:
        """Again until the device is hashed, which is when that can break: it waits for the day's salt."""
        deadline = time.monotonic() + START_MAX_S
        while (answer := self._ask_once(fault, path, body, connection))[0] != 500:
            assert time.monotonic() < deadline, "no device was ever hashed"
            time.sleep(0.05)
        return answer

    def _ask_once(self, fault: str, path: str, body: Any, connection: str) -> tuple[int, str, bytes]:
        headers = HEADERS | {"X-Fault": fault, "Connection": connection}
        # What was answered before is remembered, and then there is nothing to fail: each asks something new.
        headers["User-Agent"] += f" {fault} {path} {connection}"
        headers["Accept-Language"] = {"personalize": "it", "make": "es"}.get(fault, "de-CH") + "-x-qxzkvjwl"
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as link:
            # In one piece: what of a body comes later than its head is not among what a fault is told.
            link.sendall(request("GET" if body is None else "POST", path, headers, body))
            response = http.client.HTTPResponse(link)
            response.begin()
            return response.status, response.headers["Content-Type"], response.read()


def markers_in(text: str) -> list[str]:
    return [marker for marker in MARKERS if marker in text.lower()]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Breaking]:
    """The service as it ships, and without ``log_redaction``: they start together."""
    modes = ("hushed", "talking")
    both = {mode: Breaking(tmp_path_factory.mktemp(mode) / "log", mode) for mode in modes}
    try:
        for server in both.values():
            server.break_all()
    finally:
        for server in both.values():
            server.process.kill()
    return both


@pytest.fixture
def hushed(both: dict[str, Breaking]) -> Breaking:
    return both["hushed"]


def test_each_fault_is_answered_with_nothing_but_that_there_was_one(hushed: Breaking) -> None:
    """A problem, or OpenFeature's own form of one; what breaks beside an answer does not change it."""
    for (fault, path, _, expected), answers in zip(FAULTS, hushed.answers, strict=True):
        for status, kind, body in answers:
            assert (status, markers_in(body.decode())) == (expected, []), (fault, path)
            if expected == 500 and fault != "base" and path != FLAGS:
                assert (kind, json.loads(body)["type"]) == ("application/problem+json", "/problems/internal-error")


def test_the_log_tells_kind_and_place_alone(hushed: Breaking) -> None:
    """Every line is one of ours, and in none is anything of a request."""
    assert markers_in(hushed.log) == []
    lines = [json.loads(line) for line in hushed.log.splitlines()]
    broken = [line for line in lines if line["event"] == "internal_error"]
    assert {line["error"] for line in broken} >= {"BrokenError", "ValueError"}
    assert len(broken) >= 2 * sum(status == 500 and fault != "base" for fault, *_, status in FAULTS)
    assert all(set(line) == {"time", "level", "event", "error", "where"} for line in broken)
    said = [line for line in lines if line["event"] == "library_said"]
    assert {line["where"].partition(":")[0] for line in said} >= {"somebody", "py.warnings"}
    assert all(set(line) <= {"time", "level", "event", "error", "where", "reason", "notice"} for line in said)


def test_the_memory_is_written_to_no_file(hushed: Breaking) -> None:
    """Should the process itself crash, the system is asked for no image of it."""
    assert re.search(r"(?m)^Max core file size +0 ", hushed.limits)


def test_by_themselves_they_would_tell_everything(both: dict[str, Breaking]) -> None:
    """The control: without ``log_redaction`` the same faults write every marker."""
    talking = both["talking"]
    assert markers_in(talking.log) == MARKERS
    assert "Traceback" in talking.log


HELD = "qxzkvjw"


def filled(kind: Any) -> Any:
    """A struct of this kind with the marker in every text, structs within it included."""
    hints = get_type_hints(kind)
    return kind(**{field.name: _filled_field(hints[field.name]) for field in msgspec.structs.fields(kind)})


def _filled_field(hint: Any) -> Any:
    for part in get_args(hint) or (hint,):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return filled(part)
    return [HELD] if get_origin(hint) in (list, tuple) else HELD


def kinds_of(kind: type) -> Iterator[type]:
    """A class and all that are made of it."""
    yield kind
    for one in kind.__subclasses__():
        yield from kinds_of(one)


CARRIERS = [
    *(filled(kind) for kind in kinds_of(schema.ClientText)),
    filled(connection.Connection),
    filled(Origin),
    filled(Settings),
    Request(HELD, HELD.encode(), HELD.encode(), [(HELD.encode(), HELD.encode())], HELD, HELD, HELD.encode()),
    DeviceHash(("all",), 7171717, 7171717),
    BucketingInput((7171717,), ((HELD, HELD),)),
    Visit(None, None, BucketingInput((7171717,), ()), None),  # type: ignore[arg-type]  # of what it is made does not matter here
    parse_redis_url("redis://:qxzkvjw@127.0.0.1:6379/0"),
    Keys.of([record_of(f"pbk_qxzkvjwx_{'qxzkvjw' * 6}q", ("admin",), "2026-11-22T10:00:00Z", None, None)]),
]


def test_the_carriers_of_identity_are_all_here() -> None:
    """Every body, the events' and OpenFeature's among them, with every field filled."""
    names = {type(carrier).__name__ for carrier in CARRIERS}
    assert names >= {
        "VisitBody", "RecommendationBody", "BatchBody", "BatchDocument", "SignalsBody", "GeoBody", "CookiesBody",
        "DeviceBody", "ClientHintsBody", "ContextBody", "EvaluationBody", "EventsBody", "ExposureBody", "ViewBody",
    }  # fmt: skip
    body = filled(schema.RecommendationBody)
    assert (body.signals.device.user_agent, body.signals.cookies.language) == (HELD, HELD)


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: type(carrier).__name__)
def test_whoever_shows_it_shows_nothing(carrier: Any) -> None:
    """By itself, in a list, formatted, printed prettily, or as a local of a frame in somebody's traceback."""
    forms = [repr(carrier), str(carrier), f"{carrier}", f"{carrier!r:>4}", "%s %r" % (carrier, [carrier])]  # noqa: UP031  # one of the ways
    forms += [pprint.pformat({"it": carrier}), pretty_repr(carrier), pretty_repr([carrier], expand_all=True)]
    try:
        fail_with(carrier)
    except ZeroDivisionError as error:
        forms += traceback.TracebackException.from_exception(error, capture_locals=True).format()
        console = Console(file=io.StringIO(), width=200)
        console.print(RichTraceback.from_exception(type(error), error, error.__traceback__, show_locals=True))
        forms.append(console.file.getvalue())  # type: ignore[attr-defined]  # it is the StringIO above
    assert not any(HELD in form or "7171717" in form for form in forms)


def fail_with(it: Any) -> None:
    """A function that holds something when it fails."""
    here = it
    raise ZeroDivisionError(f"{here is it}"[:0])


def test_a_plain_text_in_a_frame_is_shown_to_whoever_asks_for_locals() -> None:
    """What cannot be promised, said by a test: a tool that records the locals of frames sees texts on their way."""
    try:
        fail_with(HELD)
    except ZeroDivisionError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert HELD in shown
    used = {name.partition(".")[0] for path in (ROOT / "service").rglob("*.py") for name in imported_by(path)}
    assert not used & {"sentry_sdk", "cgitb", "rollbar", "bugsnag", "raygun4py", "newrelic", "ddtrace", "opentelemetry"}


def imported_by(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
