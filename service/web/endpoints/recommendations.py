"""``/v1/recommendation`` and ``/v1/recommendations``: one visit, or many.

The GET is the hot path: edges call it for every page. What can be known beforehand (queries, response headers) is
cached.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from time import perf_counter
from typing import Any, TypeVar

from msgspec import UNSET, Raw, Struct

from service.core.access import Grant
from service.web.answers import Answer
from service.web.bodies.schema import BYTE_ORDER_MARK, BatchDocument, read_batch
from service.web.bodies.scrutiny import Budget, budget_for
from service.web.decision_headers import WITH_BODY, WITHOUT_BODY, nothing_known
from service.web.decisions import Decisions
from service.web.epoch import Current, Epoch, Form, ServedSite
from service.web.problems import FieldError, Refusal, encode, refuse
from service.web.query import read_query
from service.web.wire.body import chunks_of
from service.web.wire.messages import (
    JSON,
    PRIVATE,
    ClientGone,
    Head,
    Request,
    Response,
    Stream,
    head_of,
    problem_response,
    respond,
)

# The event loop is given back after so long a stretch of a batch; the contract bears 10 ms.
SLICE_S = 0.002
# A look at the clock after so many: each costs some tens of microseconds, and of refused ones the budget is bounded.
ITEMS_BETWEEN_LOOKS = 8
# A batch holds its answers, a megabyte, until they are all there; more of them at once would be no faster.
BATCHES_AT_WORK_MAX = 4
QUERIES_MAX = 256
T = TypeVar("T")
_NO_VARIANTS = head_of([(b"pb-variants", b"")])


class Limits(Struct, frozen=True):
    """Limits of one request, and of all streams at once."""

    body_max_bytes: int
    batch_items_max: int
    streams_max: int
    stream_idle_max_s: float
    slice_s: float = SLICE_S


class Recommendations:
    """Answers for one visit, for batches and for streams."""

    def __init__(self, current: Current, decisions: Decisions, limits: Limits) -> None:
        self._current = current
        self._decisions = decisions
        self._limits = limits
        self._batches = asyncio.Semaphore(BATCHES_AT_WORK_MAX)
        self._streams = 0

    def get(self, request: Request, grant: Grant) -> Response:
        """The visit's own request: every input is its headers and the query."""
        fields = self._decisions.intake.fields(request.given)
        counted = request.method == "GET"  # whoever asks for the head alone shows nobody a page
        epoch, origin = self._current.epoch, fields.get(b"origin", b"")
        site_and_form = epoch.queries.get(request.query) or _read_query(request.query, epoch, grant)
        if not isinstance(site_and_form, Refusal) and not grant.allows_site(site_and_form[0].id):
            site_and_form = Refusal("forbidden")
        if isinstance(site_and_form, Refusal):
            return problem_response(site_and_form, epoch.cors.headers_for_any(origin))
        site, form = site_and_form
        answer = self._decisions.for_request(request.peer, fields, site, counted=counted)
        problem_heads: tuple[Head, ...] = ()
        if isinstance(answer, Refusal) and form == "headers":
            # An edge can do nothing with a refusal: it is told what the rest of the visit comes to, and what was wrong.
            problem_heads = (head_of([(b"pb-problem", answer.name.encode())]),)
            answer = self._decisions.despite(answer, request.peer, fields, site, counted=counted)
        if isinstance(answer, Refusal):
            headers = [*nothing_known(site.rules.site.default_language), *epoch.cors.headers(origin, site.id)]
            return problem_response(answer, headers)
        variants_head = _variants(answer.assigned.cookie)
        cors = head_of(epoch.cors.headers(origin, site.id)) if origin else site.no_origin
        traits = answer.language.head, answer.region.head, answer.device.head, answer.cohort.head
        if form == "headers":
            return Response(204, (WITHOUT_BODY, *traits, *problem_heads, variants_head, cors))
        return Response(200, (WITH_BODY, *traits, variants_head, cors), b"", answer.pieces)

    def post(self, request: Request, grant: Grant) -> Response:
        """One visit in a body. Only the body counts."""
        epoch, origin = self._current.epoch, request.header(b"origin")
        answer = self._decisions.for_body(request.body, epoch, grant)
        if isinstance(answer, Refusal):
            return problem_response(answer, epoch.cors.headers_for_any(origin))
        site = answer.site
        cors = head_of(epoch.cors.headers(origin, site)) if origin else epoch.sites[site].no_origin
        traits = answer.language.head, answer.region.head, answer.device.head, answer.cohort.head
        return Response(200, (WITH_BODY, *traits, _variants(answer.assigned.cookie), cors), b"", answer.pieces)

    async def post_batch(self, request: Request, grant: Grant) -> Response:
        """A JSON document of up to a thousand visits. The loop is given back every few milliseconds.

        All are answered by the epoch in which work on them began.
        """
        origin = request.header(b"origin")
        async with self._batches:
            epoch = self._current.epoch
            site_and_body = await self._answer_batch(request.body, epoch, grant)
        if isinstance(site_and_body, Refusal):
            return problem_response(site_and_body, epoch.cors.headers_for_any(origin))
        site, body = site_and_body
        return respond(200, [JSON, *PRIVATE, *epoch.cors.headers(origin, site)], body)

    async def _answer_batch(self, body: bytes, epoch: Epoch, grant: Grant) -> tuple[str, bytes] | Refusal:
        """The site of a batch and its answers as they are sent."""
        batch = await read_batch(body, self._limits.batch_items_max, self._limits.body_max_bytes)
        if isinstance(batch, Refusal):
            return batch
        site = epoch.site(None if batch.site is UNSET else batch.site, grant)
        if isinstance(site, Refusal):
            return site
        items: Sequence[Any] = batch.requests  # all read already, or all still raw
        answer_to: Callable[[Any, ServedSite], Answer | Refusal]
        answer_to = self._decisions.for_visit if isinstance(batch, BatchDocument) else self._answer_to_raw
        pieces = [b'{"recommendations":[']
        pause_at = perf_counter() + self._limits.slice_s
        with budget_for(len(items)):
            for start in range(0, len(items), ITEMS_BETWEEN_LOOKS):
                for item in items[start : start + ITEMS_BETWEEN_LOOKS]:
                    answer = answer_to(item, site)
                    pieces += (encode(answer),) if isinstance(answer, Refusal) else answer.pieces
                    pieces.append(b",")
                if perf_counter() > pause_at:
                    await asyncio.sleep(0)
                    pause_at = perf_counter() + self._limits.slice_s
        if items:
            pieces.pop()
        pieces.append(b"]}")
        return site.id, b"".join(pieces)

    def post_lines(self, request: Request, grant: Grant) -> Response | Stream:
        """Lines of NDJSON without end: a line in, a line out, as they come; only what has no newline yet is held.

        Whoever sends no line for ``stream_idle_max_s`` is let go: ``ClientGone``. A stream counts from when it is read.
        """
        headers = self._current.epoch.cors.headers_for_any(request.header(b"origin"))
        chunks = request.chunks or chunks_of(request.body)
        if self._streams >= self._limits.streams_max:
            return problem_response(Refusal("overloaded"), headers)
        self._streams += 1
        start = [(b"content-type", b"application/x-ndjson"), *PRIVATE, *headers]
        return Stream(200, head_of(start), self._answer_lines(chunks, grant), self._end_stream)

    def _end_stream(self) -> None:
        self._streams -= 1

    async def _answer_lines(self, chunks: AsyncIterator[bytes], grant: Grant) -> AsyncGenerator[bytes, None]:
        """The answers to the lines of each chunk, given out every few milliseconds.

        A stream may have no end, so each chunk is answered by the epoch in force when it came.
        """
        lines, line_at = _Lines(self._limits.body_max_bytes), perf_counter()
        with budget_for(0) as budget:
            is_open = True
            while is_open:
                chunk = await _within(line_at + self._limits.stream_idle_max_s - perf_counter(), anext(chunks, None))
                is_open, parts, epoch = chunk is not None, list[bytes](), self._current.epoch
                pause_at = perf_counter() + self._limits.slice_s
                for line in lines.feed(chunk or b"", last=not is_open):
                    parts.append(self._line(line, budget, epoch, grant))
                    line_at = perf_counter()
                    if line_at > pause_at:
                        yield b"\n".join([*parts, b""])
                        parts = []
                        await asyncio.sleep(0)
                        pause_at = perf_counter() + self._limits.slice_s
                if parts:
                    yield b"\n".join([*parts, b""])

    def _line(self, line: bytes | None, budget: Budget, epoch: Epoch, grant: Grant) -> bytes:
        budget.add_item()
        answer = Refusal("body-too-large") if line is None else self._decisions.for_body(line, epoch, grant)
        return encode(answer) if isinstance(answer, Refusal) else answer.body

    def _answer_to_raw(self, item: Raw, site: ServedSite) -> Answer | Refusal:
        """The answer to an item of a batch in which not all is well."""
        raw = bytes(item)
        if len(raw) > self._limits.body_max_bytes:
            return refuse(FieldError("", "too_large", allowed=(f"at most {self._limits.body_max_bytes} bytes",)))
        return self._decisions.for_item(raw, site)


def _read_query(query: bytes, epoch: Epoch, grant: Grant) -> tuple[ServedSite, Form] | Refusal:
    """What a query asks for. Only a plainly written one is cached: no client's spelling is kept."""
    parameters = read_query(query, {"site": None, "format": frozenset({"json", "headers"})})
    if isinstance(parameters, Refusal):
        return parameters
    site = epoch.site(parameters.get("site"), grant)
    if isinstance(site, Refusal):
        return site
    form: Form = "headers" if parameters.get("format") == "headers" else "json"
    plain = "&".join(f"{name}={value}" for name, value in parameters.items())
    if query == plain.encode() and len(epoch.queries) < QUERIES_MAX:
        epoch.queries[query] = site, form
    return site, form


def _variants(variants: str) -> Head:
    """The head with the variants of a device: they are cached nowhere, so it is written for each visit."""
    if not variants:
        return _NO_VARIANTS
    value = variants.encode()
    return Head([(b"pb-variants", value)], b"pb-variants: %b\r\n" % value)


class _Lines:
    """Lines out of chunks: what has no newline yet is held, up to the limit of a line."""

    def __init__(self, line_max_bytes: int) -> None:
        self._line_max_bytes = line_max_bytes
        self._unfinished = b""
        self._oversized = False

    def feed(self, chunk: bytes, *, last: bool) -> Iterator[bytes | None]:
        """Each whole line that is not blank, None for one over the limit."""
        lines = (self._unfinished + chunk).split(b"\n")
        self._unfinished = b"" if last else lines.pop()
        for line in lines:
            if self._oversized or len(line) > self._line_max_bytes:
                self._oversized = False
                yield None
            elif line.removeprefix(BYTE_ORDER_MARK).strip():
                yield line
        if len(self._unfinished) > self._line_max_bytes:  # its answer is known; its end is still to come
            self._unfinished, self._oversized = b"", True


async def _within(seconds: float, step: Awaitable[T]) -> T:
    """One step of a stream. A client that takes longer is treated as gone."""
    try:
        async with asyncio.timeout(seconds):
            return await step
    except TimeoutError:
        raise ClientGone from None
