"""The table as a function: which row a request finds, what is refused before it is asked, and what is never said."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.access import Grant
from service.telemetry import Telemetry
from service.web.problems import Refusal
from service.web.wire.dispatch import BodyLimits, BodyRule, Dispatcher, Row
from service.web.wire.messages import ClientGone, Request, Response, Stream, head_of, respond
from tests.doors import LIMITS, answer, dispatcher_of, request

JSON = [(b"content-type", b"application/json")]


def named(name: str) -> Any:
    """A handler that answers with its name and the path's parameters."""

    def handler(asked: Request, _: Grant) -> Response:
        parameters = {} if asked.matched is None else asked.matched.groupdict()
        return respond(200, [], json.dumps([name, parameters]).encode())

    return handler


TABLE = [
    Row("/fixed", "GET", "", "none", named("fixed")),
    Row("/things/{thing}", "GET", "", "none", named("thing")),
    Row("/things/{thing}/parts/{part}", "GET", "", "none", named("part")),
    Row("/flags", "POST", "", "small", named("flags")),
    Row("/flags/{key}", "POST", "", "small", named("flag")),
    Row("/sites/{site}/flags/{key}", "POST", "", "small", named("site flag")),
]


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/fixed", ["fixed", {}]),
        ("HEAD", "/fixed", ["fixed", {}]),
        ("GET", "/%66ixed", ["fixed", {}]),
        ("GET", "/fixed?any=thing", ["fixed", {}]),
        ("GET", "/things/a", ["thing", {"thing": "a"}]),
        ("GET", "/things/a%20b", ["thing", {"thing": "a b"}]),
        ("GET", "/things/a/parts/b", ["part", {"thing": "a", "part": "b"}]),
        ("POST", "/flags", ["flags", {}]),
        ("POST", "/flags/", ["flag", {"key": ""}]),
        ("POST", "/flags/a", ["flag", {"key": "a"}]),
        ("POST", "/flags/a/b//c", ["flag", {"key": "a/b//c"}]),
        ("POST", "/flags/a%2Fb", ["flag", {"key": "a/b"}]),
        ("POST", "/flags/a%0Ab", ["flag", {"key": "a\nb"}]),
        ("POST", "/sites/s/flags/a/b", ["site flag", {"site": "s", "key": "a/b"}]),
    ],
)
def test_a_path_finds_its_row(method: str, path: str, found: Any) -> None:
    """A parameter is a segment, decoded; a key is all that is left."""
    assert json.loads(answer(dispatcher_of(*TABLE), request(method, path)).content) == found


@pytest.mark.parametrize(
    "path",
    ["/", "", "/fixed/", "/Fixed", "/things", "/things/", "/things//parts/b", "/things/a/parts", "/things/a/parts/b/c",
     "/flagsx", "/sites//flags/a", "/sites/a/b/flags/c", "//fixed", "/%", "/%ff", "/fixed%00"],
)  # fmt: skip
def test_other_paths_are_not_found(path: str) -> None:
    response = answer(dispatcher_of(*TABLE), request("GET", path))
    assert (response.status, json.loads(response.content)["type"]) == (404, "/problems/not-found")


@given(st.binary(max_size=40), st.binary(max_size=10), st.text(max_size=8))
def test_no_request_raises(path: bytes, query: bytes, method: str) -> None:
    """Whatever path, query and method."""
    response = answer(dispatcher_of(*TABLE), Request(method, path, query, [], None))
    assert response.status in (200, 404, 405)


def test_a_method_without_a_row_is_told_which_there_are() -> None:
    response = answer(dispatcher_of(*TABLE), request("PUT", "/fixed"))
    assert (response.status, dict(response.headers)[b"allow"]) == (405, b"GET, HEAD")


# ---- bodies ----

BY_MEDIA = [
    Row("/many", "POST", "", "batch", named("batch"), media=("application/json",)),
    Row("/many", "POST", "", "stream", named("lines"), media=("application/x-ndjson",)),
    Row("/one", "POST", "", "small", named("one")),
    Row("/none", "GET", "", "none", named("none")),
]


@pytest.mark.parametrize(
    ("kind", "found"),
    [("application/json", "batch"), ("application/x-ndjson", "lines"), ("text/plain", 415), ("", 415)],
)
def test_rows_of_one_path_may_differ_by_what_their_bodies_are(kind: str, found: str | int) -> None:
    response = answer(dispatcher_of(*BY_MEDIA), request("POST", "/many", [(b"content-type", kind.encode())], b"{}"))
    assert response.status == 415 if found == 415 else json.loads(response.content)[0] == found


@pytest.mark.parametrize(("size", "status"), [(8191, 200), (8192, 200), (8193, 413)])
@pytest.mark.parametrize("stated", [True, False])
def test_a_body_of_just_its_limit_is_read(size: int, status: int, stated: bool) -> None:
    """Whether it is there, or only its length is known."""
    dispatcher = dispatcher_of(*BY_MEDIA)
    fields = [(b"content-length", b"%d" % size)] if stated else []
    assert answer(dispatcher, request("POST", "/one", fields, b"x" * size)).status == status
    before = dispatcher.before_body(request("POST", "/one", fields))
    assert isinstance(before, BodyRule) == (status == 200 or not stated)


def test_what_need_not_come_is_answered_by_its_head() -> None:
    """A body that nobody reads, that has no row, or is not of the right kind."""
    dispatcher = dispatcher_of(*BY_MEDIA)
    for asked, status in [
        (request("GET", "/none"), 200), (request("POST", "/none"), 405), (request("POST", "/nowhere"), 404),
        (request("POST", "/many", [(b"content-type", b"text/csv")]), 415),
    ]:  # fmt: skip
        before = dispatcher.before_body(asked)
        assert isinstance(before, Response)
        assert before.status == status
    rule = dispatcher.before_body(request("POST", "/many", [(b"content-type", b"application/x-ndjson")]))
    assert isinstance(rule, BodyRule)
    assert rule.is_stream


@given(st.lists(st.integers(0, 50), max_size=8))
def test_beginnings_of_bodies_are_bounded_all_together(octets: list[int]) -> None:
    """However many clients they are of; what is whole counts no more."""
    dispatcher = dispatcher_of(*BY_MEDIA, unfinished_max_bytes=100)
    fits = [dispatcher.hold(number) for number in octets]
    assert fits == [sum(octets[: at + 1]) <= 100 for at in range(len(octets))]
    for number in octets:
        dispatcher.let_go(number)
    assert dispatcher.unfinished_bytes == 0


# ---- what is in work ----


def test_what_waits_takes_a_place_and_gives_it_back() -> None:
    """In the order n - 1, n, n + 1; also where the client is gone, a task is cancelled before it began, or all breaks."""

    async def work() -> None:
        leave = asyncio.Event()

        async def wait(asked: Request, _: Grant) -> Response:
            await leave.wait()
            if asked.query == b"gone":
                raise ClientGone
            if asked.query == b"broken":
                raise KeyError
            return respond(200, [])

        rows = Row("/wait", "GET", "", "none", wait), Row("/now", "GET", "", "none", named("now")), ALIVE
        dispatcher = dispatcher_of(*rows, in_work_max=3)
        tasks = []
        for query in ("", "?gone"):
            tasks.append(dispatcher.respond(request("GET", f"/wait{query}")))
            assert status_of(dispatcher.respond(request("GET", "/now"))) == 200
        tasks.append(dispatcher.respond(request("GET", "/wait?broken")))
        assert dispatcher.in_work == 3
        for path in ("/now", "/wait", "/nowhere"):
            assert status_of(dispatcher.respond(request("GET", path))) == 503
        assert status_of(dispatcher.respond(request("GET", "/alive"))) == 200
        leave.set()
        answers = await asyncio.gather(*tasks)  # type: ignore[arg-type]
        assert [None if one is None else one.status for one in answers] == [200, None, 500]
        cancelled = dispatcher.respond(request("GET", "/wait"))
        assert isinstance(cancelled, asyncio.Task)
        cancelled.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert dispatcher.in_work == 0

    asyncio.run(work())


ALIVE = Row("/alive", "GET", "", "none", named("alive"), always=True)


def status_of(made: Any) -> int:
    assert isinstance(made, Response)
    return made.status


def test_ten_thousand_cancelled_requests_leave_nothing() -> None:
    """Neither a task nor a place."""

    async def work() -> None:
        async def wait(_: Request, __: Grant) -> Response:
            await asyncio.Event().wait()
            raise AssertionError

        dispatcher = dispatcher_of(Row("/wait", "GET", "", "none", wait), in_work_max=20_000)
        for number in range(10_000):
            task = dispatcher.respond(request("GET", "/wait"))
            assert isinstance(task, asyncio.Task)
            if number % 2:
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert dispatcher.in_work == 0
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(work())


# ---- what is never said ----

MARKER = "anna.schmidt@example.org"


def broken(*_: Any) -> Any:
    raise KeyError(MARKER)


async def broken_later(*_: Any) -> Any:
    await asyncio.sleep(0)
    raise KeyError(MARKER)


@pytest.mark.parametrize("handler", [broken, broken_later])
@pytest.mark.parametrize("own", [True, False])
def test_a_mistake_of_ours_is_told_by_its_kind_and_place(handler: Any, own: bool) -> None:
    """In the log; the client learns that there was one, as its row has it."""
    log = io.StringIO()
    refuse = (lambda _, refusal: respond(refusal.kind.status, [], b"own words")) if own else None
    row = Row("/it", "POST", "", "small", handler, refuse=refuse)
    telemetry = Telemetry(stream=log)
    response = answer(Dispatcher([row], telemetry, LIMITS), request("POST", f"/it?{MARKER}", JSON, MARKER.encode()))
    assert response.status == 500
    assert (response.content == b"own words") == own
    line = json.loads(log.getvalue())
    assert (line["event"], line["error"]) == ("internal_error", "KeyError")
    assert MARKER not in log.getvalue() + response.content.decode()
    assert [*telemetry.answers] == [("/it", "POST", 500)]


class BrokenAuth:
    """Breaks wherever it is asked for a grant; nothing is open."""

    grant = staticmethod(broken)

    def is_open(self, _: str) -> bool:
        return False


def test_a_mistake_is_told_of_before_a_body_has_come_too() -> None:
    """A head is enough for it: the answer is there, and nothing is raised into the connection."""
    log = io.StringIO()
    row = Row("/it", "POST", "recommend", "small", named("it"))
    auth: Any = BrokenAuth()
    dispatcher = Dispatcher([row], Telemetry(stream=log), LIMITS, auth=auth)
    before = dispatcher.before_body(request("POST", "/it", [*JSON, (b"content-length", b"5")]))
    assert isinstance(before, Response)
    assert before.status == 500
    assert json.loads(log.getvalue())["error"] == "KeyError"
    assert MARKER not in log.getvalue() + before.content.decode()


def test_a_mistake_in_a_row_s_own_words_is_answered_in_plain_ones() -> None:
    """The last resort does not raise, whatever a row does with a refusal."""
    log = io.StringIO()
    row = Row("/it", "POST", "", "small", broken, media=("application/json",), refuse=broken)
    dispatcher = Dispatcher([row], Telemetry(stream=log), LIMITS)
    for asked in (request("POST", "/it", JSON, b"{}"), request("POST", "/it", [], b"{}")):
        response = answer(dispatcher, asked)
        assert (response.status, json.loads(response.content)["type"]) == (500, "/problems/internal-error")
    assert dispatcher.refuse_body(request("POST", "/it", JSON), Refusal("body-timeout")).status == 500
    assert MARKER not in log.getvalue()


def test_a_mistake_within_a_stream_ends_it() -> None:
    """As if the client had; and it is told of."""
    log = io.StringIO()

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one"
        raise KeyError(MARKER)

    row = Row("/it", "GET", "", "none", lambda _, __: Stream(200, head_of([]), pieces()))
    dispatcher = Dispatcher([row], Telemetry(stream=log), BodyLimits(8, 8, 1.0))

    async def work() -> list[bytes]:
        made = dispatcher.respond(request("GET", "/it"))
        assert isinstance(made, asyncio.Task)
        stream = await made
        assert isinstance(stream, Stream)
        read = [await anext(stream.chunks)]
        with pytest.raises(ClientGone):
            await anext(stream.chunks)
        return read

    assert asyncio.run(work()) == [b"one"]
    assert json.loads(log.getvalue())["error"] == "KeyError"


def test_each_answer_is_counted_once_under_its_template() -> None:
    telemetry = Telemetry()
    dispatcher = Dispatcher(TABLE, telemetry, LIMITS)
    for method, path in [("GET", "/fixed"), ("GET", "/things/a"), ("PUT", "/fixed"), ("GET", "/nowhere")]:
        answer(dispatcher, request(method, path))
    dispatcher.refuse_body(request("POST", "/flags/x"), Refusal("body-timeout"))
    counted = {key: sum(times[:-1]) for key, times in telemetry.answers.items()}
    assert counted == {
        ("/fixed", "GET", 200): 1, ("/things/{thing}", "GET", 200): 1, ("/fixed", "other", 405): 1,
        ("none", "other", 404): 1, ("/flags/{key}", "POST", 408): 1,
    }  # fmt: skip
