"""``/v1/recommendation`` and ``/v1/recommendations``: one visit, or many.

The GET is the hot path: edges call it for every page. It is plain ASGI, awaits nothing but ``send``, and everything
that can be known beforehand (queries, response headers) is remembered.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from functools import lru_cache
from time import perf_counter
from typing import Literal, TypeVar

from msgspec import UNSET, Raw, Struct

from service.core.access import Grant
from service.core.sites import SiteRules
from service.web.asgi import (
    JSON,
    PRIVATE,
    ClientGone,
    Headers,
    Message,
    Receive,
    Response,
    Scope,
    Send,
    head_of,
    header,
    media_type,
    problem_response,
    read_body,
    respond,
    respond_problem,
    send_response,
)
from service.web.auth import grant_of
from service.web.client_ip import peer_of
from service.web.cors import Cors
from service.web.decision_headers import nothing_known
from service.web.decisions import Answer, Decisions
from service.web.intake import Fields
from service.web.problems import FieldError, Refusal, encode, refuse
from service.web.query import read_query
from service.web.schema import BYTE_ORDER_MARK, VisitBody, read_batch
from service.web.scrutiny import Budget, budget_for

# The event loop is given back after so long a stretch of a batch; the contract bears 10 ms.
SLICE_S = 0.002
# A batch holds its answers, a megabyte, until they are all there; more of them at once would be no faster.
BATCHES_AT_WORK_MAX = 4
QUERIES_MAX = 256
STREAM_IDLE_MAX_S = 10.0
T = TypeVar("T")
Form = Literal["json", "headers"]


class Limits(Struct, frozen=True):
    """What one request may cost."""

    body_max_bytes: int
    batch_body_max_bytes: int
    batch_items_max: int
    body_read_timeout_s: float
    streams_max: int


class Recommendations:
    """The three ways to ask."""

    def __init__(self, decisions: Decisions, limits: Limits, cors: Cors) -> None:
        self._decisions = decisions
        self._limits = limits
        self._cors = cors
        self._no_origin = lru_cache(maxsize=QUERIES_MAX)(lambda site: head_of(cors.headers(b"", site)))
        self._batches = asyncio.Semaphore(BATCHES_AT_WORK_MAX)
        self._streams = 0
        self._asked: dict[bytes, tuple[SiteRules, Form]] = {}

    def forget(self) -> None:
        """The sites are others from now on: let go of what is remembered of them."""
        self._asked.clear()
        self._no_origin.cache_clear()

    async def get(self, scope: Scope, receive: Receive, send: Send) -> int:  # noqa: ARG002  # ASGI
        """The visit's own request: every input is its headers and the query."""
        fields = self._decisions.intake.fields(scope["headers"])
        counted = scope["method"] == "GET"  # whoever asks for the head alone shows nobody a page
        answer = self._answer(scope["query_string"], peer_of(scope["client"]), fields, grant_of(scope), counted=counted)
        return await send_response(send, answer)

    def answer_now(self, query: bytes, peer: str | None, headers: Headers, grant: Grant) -> Response | None:
        """``get`` without waiting for anything, not even ASGI; None where the request has more than a head."""
        fields = self._decisions.intake.fields(headers)
        if b"content-length" in fields or b"transfer-encoding" in fields or b"expect" in fields:
            return None
        return self._answer(query, peer, fields, grant, counted=True)

    def _answer(self, query: bytes, peer: str | None, fields: Fields, grant: Grant, *, counted: bool) -> Response:
        asked = self._asked.get(query) or self._read_query(query, grant)
        if not isinstance(asked, Refusal) and not grant.reaches(asked[0].site.id):
            asked = Refusal("forbidden")
        if isinstance(asked, Refusal):
            return problem_response(asked, self._cors.headers_for_any(fields.get(b"origin", b"")))
        rules, form = asked
        answer = self._decisions.for_request(peer, fields, rules, counted=counted)
        problem = b""
        if isinstance(answer, Refusal) and form == "headers":
            # An edge can do nothing with a refusal: it is told what the rest of the visit comes to, and what was wrong.
            problem = b"pb-problem: %b\r\n" % answer.name.encode()
            answer = self._decisions.despite(answer, peer, fields, rules, counted=counted)
        origin = fields.get(b"origin", b"")
        if isinstance(answer, Refusal):
            headers = [*nothing_known(rules.site.default_language), *self._cors.headers(origin, rules.site.id)]
            return problem_response(answer, headers)
        more = problem + self._more(rules.site.id, answer.assigned.cookie, origin)
        heads = answer.made.heads
        if form == "headers":
            return Response(204, heads.without_body, b"", more)
        return Response(200, heads.with_body, b"", more, answer.pieces)

    def _more(self, site: str, variants: str, origin: bytes) -> bytes:
        """The headers that an answer does not share with others: what a device carries is remembered nowhere."""
        cors = head_of(self._cors.headers(origin, site)) if origin else self._no_origin(site)
        return b"pb-variants: %b\r\n%b" % (variants.encode(), cors.lines)

    async def post(self, scope: Scope, receive: Receive, send: Send) -> int:
        """One visit in a body. Only the body counts."""
        origin = header(scope, b"origin")
        answer: Answer | Refusal | None = _unread_query(scope) or _media_refusal(scope, "application/json")
        if answer is None:
            read = await read_body(scope, receive, self._limits.body_max_bytes, self._limits.body_read_timeout_s)
            answer = read if isinstance(read, Refusal) else self._decisions.for_body(read, grant_of(scope))
        if isinstance(answer, Refusal):
            return await respond_problem(send, answer, self._cors.headers_for_any(origin))
        more = self._more(answer.made.decision.site, answer.assigned.cookie, origin)
        return await send_response(send, Response(200, answer.made.heads.with_body, answer.body, more))

    async def post_many(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Many visits: a JSON document of up to a thousand, or lines of NDJSON without end."""
        origin = header(scope, b"origin")
        refusal = _unread_query(scope) or _media_refusal(scope, "application/json", "application/x-ndjson")
        if refusal is None and media_type(scope) == "application/x-ndjson":
            return await self._stream(receive, send, self._cors.headers_for_any(origin), grant_of(scope))
        answered = refusal or await self._many(scope, receive)
        if isinstance(answered, Refusal):
            return await respond_problem(send, answered, self._cors.headers_for_any(origin))
        site, body = answered
        return await respond(send, 200, [JSON, *PRIVATE, *self._cors.headers(origin, site)], body)

    async def _many(self, scope: Scope, receive: Receive) -> tuple[str, bytes] | Refusal:
        """The site of a batch and its answers as they are sent. The loop is given back every few milliseconds."""
        body = await read_body(scope, receive, self._limits.batch_body_max_bytes, self._limits.body_read_timeout_s)
        if isinstance(body, Refusal):
            return body
        async with self._batches:
            return await self._answer_batch(body, grant_of(scope))

    async def _answer_batch(self, body: bytes, grant: Grant) -> tuple[str, bytes] | Refusal:
        batch = await read_batch(body, self._limits.batch_items_max)
        if isinstance(batch, Refusal):
            return batch
        site = self._decisions.default_site if batch.site is UNSET else batch.site
        async with self._decisions.still.held():
            rules = self._decisions.rules(site, grant)
            if isinstance(rules, Refusal):
                return rules
            parts = []
            pause_at = perf_counter() + SLICE_S
            with budget_for(len(batch.requests)):
                for item in batch.requests:
                    parts.append(self._item(item, rules))
                    if perf_counter() > pause_at:
                        await asyncio.sleep(0)
                        pause_at = perf_counter() + SLICE_S
        return rules.site.id, b'{"recommendations":[' + b",".join(parts) + b"]}"

    async def _stream(self, receive: Receive, send: Send, headers: Headers, grant: Grant) -> int:
        """A line in, a line out, as they come; only what has no newline yet is held.

        Whoever sends no line for STREAM_IDLE_MAX_S, or does not read for as long, is let go: ``ClientGone``. A stream
        counts from its first octet on, so that those who never say anything keep nobody out.
        """
        try:
            async with asyncio.timeout(STREAM_IDLE_MAX_S):
                first = await receive()
        except TimeoutError:
            return await respond_problem(send, Refusal("body-timeout"), headers)
        if self._streams >= self._limits.streams_max:
            return await respond_problem(send, Refusal("overloaded"), headers)
        self._streams += 1
        try:
            return await self._answer_lines(first, receive, send, headers, grant)
        finally:
            self._streams -= 1

    async def _answer_lines(
        self, message: Message, receive: Receive, send: Send, headers: Headers, grant: Grant
    ) -> int:
        start = [(b"content-type", b"application/x-ndjson"), *PRIVATE, *headers]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        lines = _Lines(self._limits.body_max_bytes)
        with budget_for(0) as budget:
            await self._answer_each(lines, budget, message, receive, send, grant)
        await send({"type": "http.response.body", "body": b""})
        return 200

    async def _answer_each(
        self, lines: "_Lines", budget: Budget, message: Message, receive: Receive, send: Send, grant: Grant
    ) -> None:
        line_at = perf_counter()
        while True:
            if message["type"] != "http.request":
                raise ClientGone
            more = message.get("more_body", False)
            parts: list[bytes] = []
            pause_at = perf_counter() + SLICE_S
            for line in lines.feed(message.get("body", b""), last=not more):
                line_at = perf_counter()
                budget.add_item()
                answer = Refusal("body-too-large") if line is None else self._decisions.for_body(line, grant)
                parts.append(encode(answer) if isinstance(answer, Refusal) else answer.body)
                if perf_counter() > pause_at:
                    await _within(STREAM_IDLE_MAX_S, send(_piece(parts)))
                    parts = []
                    await asyncio.sleep(0)
                    pause_at = perf_counter() + SLICE_S
            if parts:
                await _within(STREAM_IDLE_MAX_S, send(_piece(parts)))
            if not more:
                return
            message = await _within(line_at + STREAM_IDLE_MAX_S - perf_counter(), receive())

    def _item(self, item: VisitBody | Raw, rules: SiteRules) -> bytes:
        if isinstance(item, VisitBody):
            answer = self._decisions.for_visit(item, rules)
        else:
            raw = bytes(item)
            if len(raw) > self._limits.body_max_bytes:
                size = (f"at most {self._limits.body_max_bytes} bytes",)
                return encode(refuse(FieldError("", "too_large", allowed=size)))
            answer = self._decisions.for_item(raw, rules)
        return encode(answer) if isinstance(answer, Refusal) else answer.body

    def _read_query(self, query: bytes, grant: Grant) -> tuple[SiteRules, Form] | Refusal:
        """What a query asks for. Remembered where it is written as plainly as can be: no client's spelling is kept."""
        found = read_query(query, {"site": None, "format": frozenset({"json", "headers"})})
        if isinstance(found, Refusal):
            return found
        rules = self._decisions.rules(found.get("site", self._decisions.default_site), grant)
        if isinstance(rules, Refusal):
            return rules
        form: Form = "headers" if found.get("format") == "headers" else "json"
        plain = "&".join(f"{name}={value}" for name, value in found.items())
        if query == plain.encode() and len(self._asked) < QUERIES_MAX:
            self._asked[query] = rules, form
        return rules, form


class _Lines:
    """Lines out of chunks: what has no newline yet is held, up to the limit of a line."""

    def __init__(self, line_max_bytes: int) -> None:
        self._line_max_bytes = line_max_bytes
        self._rest = b""
        self._oversized = False

    def feed(self, chunk: bytes, *, last: bool) -> Iterator[bytes | None]:
        """Each whole line that is not blank, None for one over the limit."""
        lines = (self._rest + chunk).split(b"\n")
        self._rest = b"" if last else lines.pop()
        for line in lines:
            if self._oversized or len(line) > self._line_max_bytes:
                self._oversized = False
                yield None
            elif line.removeprefix(BYTE_ORDER_MARK).strip():
                yield line
        if len(self._rest) > self._line_max_bytes:  # its answer is known; its end is still to come
            self._rest, self._oversized = b"", True


def _piece(lines: list[bytes]) -> Message:
    return {"type": "http.response.body", "body": b"\n".join([*lines, b""]), "more_body": True}


async def _within(seconds: float, step: Awaitable[T]) -> T:
    """One step of a stream. A client that takes longer is treated as gone."""
    try:
        async with asyncio.timeout(seconds):
            return await step
    except TimeoutError:
        raise ClientGone from None


def _media_refusal(scope: Scope, *kinds: str) -> Refusal | None:
    return None if media_type(scope) in kinds else Refusal("unsupported-media-type")


def _unread_query(scope: Scope) -> Refusal | None:
    """A body says everything; a query beside it is refused rather than ignored."""
    if not scope["query_string"]:
        return None
    found = read_query(scope["query_string"], {})
    return found if isinstance(found, Refusal) else None
