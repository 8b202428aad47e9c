"""The promise: nothing that a client sent comes back or is written down, in whatever field, however ill-formed.

Every request carries a marker that occurs nowhere else. Requests are put together as bytes and given to the application
as a server would, so that no client tidies them up first.
"""

import asyncio
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_type_hints
from urllib.parse import quote_from_bytes

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, UnsetType

from service.app import Application, Container
from service.telemetry import Telemetry
from service.web.bodies.schema import RecommendationBody
from service.web.openapi.operations import OPERATIONS
from service.web.openapi.parameters import PARAMETERS

MARKER = "qxzkvjw"
HEADERS = sorted({
    *(name.lower() for name, parameter in PARAMETERS.items() if parameter.place == "header"),
    "accept", "accept-encoding", "authorization", "cf-connecting-ip", "content-type", "cookie", "dnt", "forwarded",
    "host", "origin", "pb-client-ip", "pb-geo-country", "range", "referer", "via", "x-api-key", "x-forwarded-for",
    "x-forwarded-proto", "x-real-ip", "x-request-id", "x-unheard-of",
})  # fmt: skip
COOKIES = [name for name, parameter in PARAMETERS.items() if parameter.place == "cookie"]
PAGES = sorted({row.path for row in OPERATIONS if row.method == "GET" and "{" not in row.path})

# What identity looks like, and what breaks readers, around the marker. Bytes, as they come over the wire.
AROUND = [
    b"%s", b"%s@example.org", b"+41 44 668 18 00 %s", b"\xff\xfe%s", b"%s\x00", b"%s\xc3\xa9", b'"%s"', b"<b>%s</b>",
    b"%s;%s", b"%s=%s", b"{%s}", b"195.65.10.7, %s", b"for=%s", b"%s-CH,de;q=0.9", b"hero.%s", b"outdoor:3.%s:1",
    b"CH-%s", b"https://%s/", b'W/"%s"', b"7d9f0c9e-5a34-4e0b-9b0e-%s", b"%s" * 80, b"%s" * 2000, b"../%s", b"%%%s",
    b"%s\r\nX-Injected: %s",
]  # fmt: skip
values = st.one_of(
    st.sampled_from(AROUND).map(lambda text: text.replace(b"%s", MARKER.encode()).replace(b"%%", b"%")),
    st.builds(lambda before, after: before + MARKER.encode() + after, st.binary(max_size=12), st.binary(max_size=12)),
)
bounded = settings(
    max_examples=300,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Watched:
    """The application with a log that is kept, driven without a server."""

    def __init__(self, house: Container) -> None:
        self.log = io.StringIO()
        self.telemetry = Telemetry(stream=self.log)
        self._application = Application(msgspec.structs.replace(house, telemetry=self.telemetry))

    def ask(
        self,
        method: str,
        path: str,
        query: bytes = b"",
        headers: list[tuple[bytes, bytes]] | None = None,
        body: bytes = b"",
    ) -> int:
        """The status. Fails on a 5xx, and when the marker comes back or is written down."""
        sent: list[Mapping[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode("utf-8", "surrogateescape"), "query_string": query, "root_path": "",
            "headers": headers or [], "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8080),
        }  # fmt: skip
        asyncio.run(self._application(scope, receive, send))  # type: ignore[arg-type]
        start, *rest = sent
        status: int = start["status"]
        answered = b"\n".join([*(b": ".join(line) for line in start["headers"]), *(part["body"] for part in rest)])
        assert status < 500, answered
        assert not holds_marker(answered), (status, method, path)
        assert not holds_marker(self.log.getvalue().encode())
        return status


def holds_marker(text: bytes) -> bool:
    """As it was sent, in other letters, or encoded as text."""
    marker = MARKER.encode()
    return any(form in text.lower() for form in (marker, marker.hex().encode(), marker[::-1]))


@pytest.fixture(scope="module")
def watched(house: Container) -> Iterator[Watched]:
    """One application for all requests; its metrics must not hold the marker in the end either."""
    watched = Watched(house)
    yield watched
    assert not holds_marker(watched.telemetry.exposition()[0])
    assert sum(sum(times[:-1]) for times in watched.telemetry.answers.values()) > 100


def test_an_echo_would_be_seen(house: Container) -> None:
    """In an answer, in a log, and in other letters."""
    assert all(holds_marker(form) for form in (b"sent: " + MARKER.upper().encode(), MARKER.encode().hex().encode()))
    watched = Watched(house)
    watched.telemetry.log("starting", fields={"notice": MARKER})
    with pytest.raises(AssertionError):
        watched.ask("GET", "/livez")


@pytest.mark.parametrize("path", PAGES)
@bounded
@given(sent=st.lists(st.tuples(st.sampled_from(HEADERS), values), min_size=1, max_size=4))
def test_no_header_of_a_get(watched: Watched, path: str, sent: list[tuple[str, bytes]]) -> None:
    """Any header, several times over, on every page there is."""
    watched.ask("GET", path, headers=[(name.encode(), value) for name, value in sent])


@bounded
@given(
    jar=st.lists(st.tuples(st.sampled_from([*COOKIES, "session", MARKER]), values), min_size=1, max_size=4),
    separator=st.sampled_from([b"; ", b";", b" ;\t", b", "]),
    page=st.sampled_from(["/v1/recommendation", "/"]),
)
def test_no_cookie(watched: Watched, jar: list[tuple[str, bytes]], separator: bytes, page: str) -> None:
    """Ours and foreign ones, well-formed or not."""
    cookie = separator.join(name.encode() + b"=" + value for name, value in jar)
    watched.ask("GET", page, headers=[(b"cookie", cookie)])


@bounded
@given(
    name=st.sampled_from(["site", "format", "window", "ack", "email", MARKER]),
    value=values,
    page=st.sampled_from(
        [
            *PAGES,
            "/v1/cohorts/CH/de/desktop",
            "/v1/sites/demo/cohorts",
            "/v1/sites/demo/slots/front",
            "/problems/not-found",
        ]
    ),
)
def test_no_query(watched: Watched, name: str, value: bytes, page: str) -> None:
    """Known and unknown parameters, encoded or not."""
    for query in (name.encode() + b"=" + value, name.encode() + b"=" + quote_from_bytes(value).encode()):
        watched.ask("GET", page, query)


@bounded
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", MARKER.upper()]),
    prefix=st.sampled_from(
        [
            "/",
            "/v1/",
            "/v1/cohorts/CH/",
            "/v1/cohorts/CH/de/",
            "/problems/",
            "/v1/cohorts/",
            "/v1/sites/",
            "/v1/sites/demo/slots/",
        ]
    ),
    value=values,
)
def test_no_path_and_no_method(watched: Watched, method: str, prefix: str, value: bytes) -> None:
    """Where there is nothing, that alone is said."""
    watched.ask(method, prefix + value.decode("utf-8", "replace"))


def fields_of(kind: Any, pointer: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every field of a body, objects and values alike."""
    for field in msgspec.structs.fields(kind):
        inner = get_type_hints(kind)[field.name]
        parts = [part for part in (get_args(inner) or (inner,)) if part is not UnsetType]
        yield (*pointer, field.encode_name)
        for part in parts:
            if isinstance(part, type) and issubclass(part, Struct):
                yield from fields_of(part, (*pointer, field.encode_name))


def body_with(pointer: tuple[str, ...], value: Any) -> Any:
    for name in reversed(pointer):
        value = {name: value}
    return value


FIELDS = sorted(fields_of(RecommendationBody))
json_values = st.one_of(
    values.map(lambda value: value.decode("latin-1")),
    st.just({MARKER: 1}),
    st.just([MARKER]),
    st.just({MARKER: {"email": MARKER}}),
    st.just([[[[[[[[MARKER]]]]]]]]),
)


def test_every_field_is_known() -> None:
    """The walk over the body's types found them all."""
    assert ("signals", "device", "client_hints", "sec-ch-ua-platform") in FIELDS
    assert ("signals", "geo", "subdivision") in FIELDS
    assert len(FIELDS) == 23


@pytest.mark.parametrize("pointer", FIELDS, ids="/".join)
@settings(bounded, max_examples=25)
@given(value=json_values, beside=st.booleans())
def test_no_field_of_a_body(watched: Watched, pointer: tuple[str, ...], value: Any, beside: bool) -> None:
    """As its value, as one of the wrong type, and as the name of a field beside it; alone, in a batch, in lines."""
    body = body_with((*pointer[:-1], MARKER) if beside else pointer, value)
    one = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")
    kind = [(b"content-type", b"application/json")]
    watched.ask("POST", "/v1/recommendation", headers=kind, body=one)
    watched.ask("POST", "/v1/recommendations", headers=kind, body=b'{"requests":[' + one + b"]}")
    watched.ask(
        "POST", "/v1/recommendations", headers=[(b"content-type", b"application/x-ndjson")], body=one + b"\n" + one
    )


EVENTS: list[dict[str, Any]] = [
    {"type": "exposure", "experiment": "hero", "variant": "b"},
    {"type": "reward", "slot": "front", "option": "spring"},
    {"type": "language_chosen", "language": "fr"},
    {"type": "view", "topic": "shoes"},
]  # fmt: skip


@pytest.mark.parametrize("field", ["site", "token", "variants", "interests", "events", MARKER])
@settings(bounded, max_examples=25)
@given(value=json_values)
def test_no_field_of_a_report(watched: Watched, field: str, value: Any) -> None:
    """Of the report itself, beside events that are right."""
    body = json.dumps({"events": EVENTS} | {field: value}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    for kind in (b"application/json", b"text/plain"):
        watched.ask("POST", "/v1/events", headers=[(b"content-type", kind)], body=body)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
@settings(bounded, max_examples=25)
@given(value=json_values, beside=st.booleans())
def test_no_field_of_an_event(watched: Watched, event: dict[str, Any], value: Any, beside: bool) -> None:
    """As each of its values, as its type, and as a field that it does not have."""
    for name in [MARKER] if beside else event:
        body = json.dumps({"events": [event, event | {name: value}]}, ensure_ascii=False)
        octets = body.encode("utf-8", "surrogatepass")
        watched.ask("POST", "/v1/events", headers=[(b"content-type", b"application/json")], body=octets)


@bounded
@given(
    body=values,
    kind=st.one_of(st.sampled_from([b"application/json", b"application/x-ndjson", b"text/plain"]), values),
    path=st.sampled_from(["/v1/recommendation", "/v1/recommendations", "/v1/events", "/opt-out", "/opt-in"]),
    before=st.sampled_from(
        [b"", b"{", b'{"site":"', b'{"', b"[", b'{"signals":{"ip":"', b'{"requests":[{"', b'{"events":[{"type":"']
    ),
)
def test_no_body_that_is_no_json(watched: Watched, body: bytes, kind: bytes, path: str, before: bytes) -> None:
    """Cut short, of another type, or of no type at all."""
    watched.ask("POST", path, headers=[(b"content-type", kind)], body=before + body)
