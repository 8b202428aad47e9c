"""From a request to its response: routing, shedding, auth, media types, CORS, timing and the last resort, each once.

    dispatcher.respond(request)        a request that is there whole: a ``Response``, or a task that will have one
    dispatcher.before_body(request)    a head whose body is still to come: how much of it may come, or a refusal

The socket (``connection``) and ASGI (``asgi``) ask here and nowhere else.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import aclosing
from functools import partial
from http import HTTPStatus
from math import inf
from time import perf_counter
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from service.core.access import EVERYTHING, SCOPES, Grant, KeyScope
from service.telemetry import Telemetry
from service.web.auth import NOTHING_GRANTED, Auth, refused
from service.web.cors import NO_ORIGINS, Cors
from service.web.problems import Refusal
from service.web.query import read_query
from service.web.wire.body import chunks_of
from service.web.wire.messages import ClientGone, Request, Response, Stream, media_type, problem_response, respond

PUBLIC: Literal[""] = ""
Answer = Response | Stream
Handler = Callable[[Request, Grant], Answer | Awaitable[Answer]]
Refuse = Callable[[Request, Refusal], Response]
BodyKind = Literal["none", "small", "batch", "stream"]
PATHS_MAX: Final = 4096
LENGTH_MAX_DIGITS: Final = 20
UNFINISHED_MAX_BYTES: Final = 64 << 20
"""Of bodies that are not there yet, all together."""


class Row(NamedTuple):
    """One line of the table.

    ``scope`` is what a key must allow; empty means public. ``body`` says how much of one is read: none of it, as much
    as one visit, as a batch, or a stream that the handler reads itself. ``media`` are the types that the body may have,
    any if empty; rows of one path and method may differ by it alone. ``takes_query``: where a body says everything, a
    query beside it is refused rather than ignored. HEAD is asked for as GET is, and OPTIONS, with which a browser asks
    whether it may ask, needs no key. ``cors``: pages of a site's ``cors_origins`` may ask. ``refuse`` writes what is
    refused before the handler is asked, where it is no plain problem. ``always``: answered also where too much is in
    work, for an orchestrator must not be told then that nobody is at home. ``reads_path``: the handler reads the path
    itself and not its parameters, and so few have an answer that those are remembered.
    """

    path: str
    method: str
    scope: KeyScope | Literal[""]
    body: BodyKind
    handler: Handler
    cors: bool = False
    media: tuple[str, ...] = ()
    takes_query: bool = True
    refuse: Refuse | None = None
    always: bool = False
    reads_path: bool = False


class BodyLimits(Struct, frozen=True):
    """How much of a body is read, and in what time; of a stream, until its first octet."""

    body_max_bytes: int
    batch_body_max_bytes: int
    body_read_timeout_s: float
    stream_idle_max_s: float = 10.0


class BodyRule(NamedTuple):
    """What a body still to come may be. ``is_stream``: the handler is asked once it has begun, and reads the rest."""

    max_bytes: float
    timeout_s: float
    is_stream: bool


class _Resource(Struct, frozen=True):
    """The rows of one path by their method, and what counts the answers to each by their status and seconds.

    ``further`` are those that differ from it by the type of the body alone. ``open_to_pages`` are the methods that
    pages of other origins may use.
    """

    path: str
    methods: dict[str, Row]
    records: dict[str, Callable[[int, float], None]]
    further: list[Row]
    open_to_pages: list[str]


class _Pattern(NamedTuple):
    """A path with parameters, as an expression that the whole of a decoded path must match."""

    matches: Callable[[str], re.Match[str] | None]
    resource: _Resource


class Dispatcher:
    """Answers requests by the table. At most ``in_work_max`` requests that wait for something are in work at once.

    A request is in work from when its body is there until its answer is made, so that neither a client that sends its
    body slowly, or never, nor one that does not read its answer keeps others out. Both have deadlines elsewhere.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        telemetry: Telemetry,
        limits: BodyLimits,
        *,
        auth: Auth = NOTHING_GRANTED,
        cors: Callable[[], Cors] = lambda: NO_ORIGINS,
        in_work_max: int = 1024,
        unfinished_max_bytes: int = UNFINISHED_MAX_BYTES,
    ) -> None:
        self.in_work = 0
        self.in_work_max = in_work_max
        self.unfinished_bytes = 0
        self.unfinished_max_bytes = unfinished_max_bytes
        self._telemetry = telemetry
        self.limits = limits
        self._max_bytes: dict[BodyKind, float] = {
            "none": inf,
            "small": limits.body_max_bytes,
            "batch": limits.batch_body_max_bytes,
            "stream": inf,
        }
        self._auth = auth
        self._keyed = frozenset(scope for scope in SCOPES if not auth.is_open(scope))
        self._cors = cors
        self._fixed: dict[bytes, _Resource] = {}
        self._patterns: list[_Pattern] = []
        resources = _resources(rows, telemetry)
        self.paths = tuple(resources)
        """All paths of the table."""
        for path, resource in resources.items():
            if "{" in path:
                self._patterns.append(_pattern(path, resource))
            else:
                self._fixed[path.encode()] = resource

    def respond(self, request: Request) -> Response | asyncio.Task[Answer | None]:  # noqa: C901  # the one way, on one screen
        """The response, or a task that will have one, or None where the client is gone. Neither raises."""
        started = perf_counter()
        if self.in_work >= self.in_work_max and not self._is_always_answered(request):
            return self._record(problem_response(Refusal("overloaded")), "none", "other", started)
        resource = self._fixed.get(request.path)
        if resource is None:
            resource, matched = self._match(request.path)
            if resource is None:
                return self._record(problem_response(Refusal("not-found")), "none", "other", started)
            request = replace(request, matched=matched)
        row = resource.methods.get(request.method)
        if row is None:
            return self._without_row(resource, request, started)
        if resource.further:
            row = _by_media(row, resource.further, request)
        try:
            grant = self._auth.grant(row.scope, request.headers) if row.scope in self._keyed else EVERYTHING
            answer: Any
            if isinstance(grant, Refusal):
                answer = refused(grant, request.headers, self._cors() if row.cors else None)
            elif row.body == "none":
                answer = row.handler(request, grant)
            else:
                answer = self._answer_with_body(row, request, grant)
        except Exception as error:  # noqa: BLE001  # the last resort: its text may repeat what a client sent
            answer = self._broken(row, request, error)
        if type(answer) is Response:
            if row.reads_path and request.matched is not None and answer.status == HTTPStatus.OK:
                self._remember(request.path, resource)
            resource.records[request.method](answer.status, perf_counter() - started)
            return answer
        task = asyncio.get_running_loop().create_task(self._finish(answer, row, resource.path, request, started))
        self.in_work += 1
        task.add_done_callback(partial(self._leave, answer))
        return task

    def before_body(self, request: Request) -> BodyRule | Response | asyncio.Task[Answer | None]:
        """What a request's body may be, by its head alone; or the answer, as of ``respond``, where none need come."""
        row = self._row(request)
        try:
            may_come = (
                row is not None
                and row.body != "none"
                and not (row.scope and isinstance(self._auth.grant(row.scope, request.headers), Refusal))
                and self._refusal_of_body(row, request) is None
            )
        except Exception:  # noqa: BLE001  # it happens again where it is caught and counted
            may_come = False
        if row is None or not may_come:
            return self.respond(request)
        is_stream = row.body == "stream"
        timeout_s = self.limits.stream_idle_max_s if is_stream else self.limits.body_read_timeout_s
        return BodyRule(self._max_bytes[row.body], timeout_s, is_stream)

    def refuse_body(self, request: Request, refusal: Refusal) -> Response:
        """The answer to a request whose body did not come as it should."""
        row = self._row(request)
        if row is None:  # nobody lets in the body of such a request
            raise LookupError
        return self._record(self._refuse(row, request, refusal), row.path, request.method, perf_counter())

    def _refuse(self, row: Row, request: Request, refusal: Refusal) -> Response:
        """A refusal in the form of this row. It does not raise."""
        if row.refuse is not None:
            try:
                return row.refuse(request, refusal)
            except Exception as error:  # noqa: BLE001  # as in ``respond``
                self._telemetry.internal_error(error)
                return problem_response(Refusal("internal-error"))
        return problem_response(refusal, self._cors().headers_for_any(request.header(b"origin")) if row.cors else [])

    def count_early_refusal(self, status: int) -> None:
        """Count a request that was refused before it reached a row."""
        self._telemetry.record_response("none", "other", status, 0.0)

    def log_broken(self, error: BaseException) -> None:
        """Log a mistake of ours in a connection itself."""
        self._telemetry.internal_error(error)

    def hold(self, octets: int) -> bool:
        """Take in part of a body that is not there whole; False where all of them together are too many."""
        self.unfinished_bytes += octets
        return self.unfinished_bytes <= self.unfinished_max_bytes

    def let_go(self, octets: int) -> None:
        """Release that part: its body is whole, or will never be."""
        self.unfinished_bytes -= octets

    # ---- within ----

    def _remember(self, path: bytes, resource: _Resource) -> None:
        """Remember the resource of a path, so that it needs no matching again."""
        if len(self._fixed) < PATHS_MAX and b"%" not in path:  # of which one path has many writings
            self._fixed[path] = resource

    def _is_always_answered(self, request: Request) -> bool:
        row = self._row(request)
        return row is not None and row.always

    def _row(self, request: Request) -> Row | None:
        resource = self._fixed.get(request.path) or self._match(request.path)[0]
        row = None if resource is None else resource.methods.get(request.method)
        return row if resource is None or row is None else _by_media(row, resource.further, request)

    def _match(self, raw: bytes) -> tuple[_Resource | None, re.Match[str] | None]:
        """The resource of a path that is written with percent signs, or has parameters."""
        path = raw.decode("latin-1")
        if "%" in path:
            path = unquote(path)
            resource = self._fixed.get(path.encode())
            if resource is not None:
                return resource, None
        for matches, resource in self._patterns:
            if matched := matches(path):
                return resource, matched
        return None, None

    def _answer_with_body(self, row: Row, request: Request, grant: Grant) -> Answer | Awaitable[Answer]:
        if (refusal := self._refusal_of_body(row, request)) is not None:
            return self._refuse(row, request, refusal)
        if row.body == "stream" and request.chunks is None:
            request = replace(request, body=b"", chunks=chunks_of(request.body))
        return row.handler(request, grant)

    def _without_row(self, resource: _Resource, request: Request, started: float) -> Response:
        """The answer to a method that no row has."""
        if request.method == "OPTIONS" and resource.open_to_pages and self._cors().enabled:
            response = respond(204, self._cors().preflight(request, resource.open_to_pages))
            return self._record(response, resource.path, request.method, started)
        allow = (b"allow", ", ".join(sorted(resource.methods)).encode())
        return self._record(problem_response(Refusal("method-not-allowed"), [allow]), resource.path, "other", started)

    def _refusal_of_body(self, row: Row, request: Request) -> Refusal | None:
        if request.query and not row.takes_query and isinstance(refusal := read_query(request.query, {}), Refusal):
            return refusal
        if row.media and media_type(request.headers) not in row.media:
            return Refusal("unsupported-media-type")
        size: float = len(request.body)
        if not size and row.body != "stream":  # it may be still to come
            length = request.header(b"content-length")
            size = _octets(length) if length.isdigit() else 0
        return Refusal("body-too-large") if size > self._max_bytes[row.body] else None

    async def _finish(
        self, promised: Awaitable[Answer] | Answer, row: Row, path: str, request: Request, started: float
    ) -> Answer | None:
        try:
            answer = promised if isinstance(promised, Response | Stream) else await promised
        except ClientGone:
            return None
        except Exception as error:  # noqa: BLE001  # as above
            answer = self._broken(row, request, error)
        self._telemetry.record_response(path, request.method, answer.status, perf_counter() - started)
        if isinstance(answer, Stream):
            return answer._replace(chunks=self._guarded(answer.chunks))
        return answer

    async def _guarded(self, chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        """The same stream, which a mistake of ours ends as if the client had."""
        try:
            async with aclosing(chunks) as closing:
                async for chunk in closing:
                    yield chunk
        except ClientGone:
            raise
        except Exception as error:  # noqa: BLE001  # as above
            self._telemetry.internal_error(error)
            raise ClientGone from None

    def _leave(self, promised: Any, task: asyncio.Task[Answer | None]) -> None:
        self.in_work -= 1
        if task.cancelled() and isinstance(promised, Coroutine):  # perhaps before it began
            promised.close()
        elif task.cancelled() and isinstance(promised, Stream):
            promised.ended()

    def _broken(self, row: Row, request: Request, error: Exception) -> Response:
        self._telemetry.internal_error(error)
        return self._refuse(row, request, Refusal("internal-error"))

    def _record(self, response: Response, path: str, method: str, started: float) -> Response:
        self._telemetry.record_response(path, method, response.status, perf_counter() - started)
        return response


def _resources(rows: Iterable[Row], telemetry: Telemetry) -> dict[str, _Resource]:
    """The rows by path and method, in their order."""
    resources: dict[str, _Resource] = {}
    for row in rows:
        resource = resources.setdefault(row.path, _Resource(row.path, {}, {}, [], []))
        for method in ("GET", "HEAD") if row.method == "GET" else (row.method,):
            if resource.methods.setdefault(method, row) is not row:
                resource.further.append(row)
            else:
                resource.records[method] = telemetry.recorder(row.path, method)
            if row.cors and method not in resource.open_to_pages:
                resource.open_to_pages.append(method)
    return resources


def _pattern(path: str, resource: _Resource) -> _Pattern:
    """A parameter is one segment; but ``{key}``, at the end, is all that is left, slashes too."""
    expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path).replace("(?P<key>[^/]+)", "(?P<key>.*)")
    return _Pattern(re.compile(expression, re.DOTALL).fullmatch, resource)


def _octets(length: bytes) -> float:
    """The number that a length says; of one with more digits than any body has, that it is large."""
    digits = length.lstrip(b"0")
    return int(digits or b"0") if len(digits) < LENGTH_MAX_DIGITS else inf


def _by_media(row: Row, further: list[Row], request: Request) -> Row:
    """Of rows that differ by the type of the body the one that this body is for, else the first."""
    if further:
        kind = media_type(request.headers)
        for candidate in further:
            if kind in candidate.media and candidate.method == request.method:
                return candidate
    return row
