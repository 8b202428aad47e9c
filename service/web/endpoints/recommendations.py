"""``/v1/recommendation`` and ``/v1/recommendations``: one visit, or many.

The GET is the hot path: edges call it for every page. It is plain ASGI, awaits nothing but ``send``, and everything
that can be known beforehand (queries, response headers) is remembered.
"""

import asyncio
from functools import lru_cache
from time import perf_counter
from typing import Literal

import msgspec
from msgspec import UNSET, Struct

from service.core.recommendation import Decision
from service.core.sites import SiteRules
from service.web.asgi import (
    JSON,
    PRIVATE,
    ClientGone,
    Headers,
    Receive,
    Scope,
    Send,
    media_type,
    read_body,
    respond,
    respond_problem,
)
from service.web.cors import Cors
from service.web.decisions import Decisions
from service.web.problems import FieldError, Refusal, encode, refuse
from service.web.query import read_query
from service.web.schema import read_batch

# The event loop is given back after so long a stretch of a batch; the contract bears 10 ms.
SLICE_S = 0.004
QUERY_REMEMBERED_MAX_BYTES = 64
_encode = msgspec.json.Encoder().encode


class Limits(Struct, frozen=True):
    """What one request may cost."""

    body_max_bytes: int
    batch_body_max_bytes: int
    batch_items_max: int
    body_read_timeout_s: float


class Recommendations:
    """The three ways to ask."""

    def __init__(self, decisions: Decisions, limits: Limits, cors: Cors) -> None:
        self._decisions = decisions
        self._limits = limits
        self._cors = cors
        self._asked = lru_cache(maxsize=1024)(self._read_query)

    async def get(self, scope: Scope, receive: Receive, send: Send) -> int:  # noqa: ARG002  # ASGI
        """The visit's own request: every input is its headers and the query."""
        query = scope["query_string"]
        asked = self._asked(query) if len(query) <= QUERY_REMEMBERED_MAX_BYTES else self._read_query(query)
        if isinstance(asked, Refusal):
            return await respond_problem(send, asked)
        rules, form = asked
        decision = self._decisions.for_request(scope, rules)
        cors = self._cors.headers(scope, rules.site.id)
        if isinstance(decision, Refusal):
            headers = [*_defaults(rules), *cors]
            if form == "headers":
                return await respond(send, 204, [*PRIVATE, *headers, (b"pb-problem", decision.name.encode())])
            return await respond_problem(send, decision, headers)
        headers = [*decision_headers(decision), *cors]
        if form == "headers":
            return await respond(send, 204, [*PRIVATE, *headers])
        return await respond(send, 200, [JSON, *PRIVATE, *headers], _encode(decision))

    async def post(self, scope: Scope, receive: Receive, send: Send) -> int:
        """One visit in a body. Only the body counts."""
        refusal = _unread_query(scope)
        if refusal is None and media_type(scope) != "application/json":
            refusal = Refusal("unsupported-media-type")
        if refusal is not None:
            return await respond_problem(send, refusal)
        body = await read_body(scope, receive, self._limits.body_max_bytes, self._limits.body_read_timeout_s)
        answer = body if isinstance(body, Refusal) else self._decisions.for_body(body)
        if isinstance(answer, Refusal):
            return await respond_problem(send, answer)
        cors = self._cors.headers(scope, answer.site)
        return await respond(send, 200, [JSON, *PRIVATE, *decision_headers(answer), *cors], _encode(answer))

    async def post_many(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Many visits: a JSON document of up to a thousand, or lines of NDJSON without end."""
        refusal = _unread_query(scope)
        if refusal is not None:
            return await respond_problem(send, refusal)
        kind = media_type(scope)
        if kind == "application/x-ndjson":
            return await self._stream(receive, send)
        if kind != "application/json":
            return await respond_problem(send, Refusal("unsupported-media-type"))
        body = await read_body(scope, receive, self._limits.batch_body_max_bytes, self._limits.body_read_timeout_s)
        if isinstance(body, Refusal):
            return await respond_problem(send, body)
        batch = read_batch(body, self._limits.batch_items_max)
        if isinstance(batch, Refusal):
            return await respond_problem(send, batch)
        rules = self._decisions.rules(self._decisions.default_site if batch.site is UNSET else batch.site)
        if isinstance(rules, Refusal):
            return await respond_problem(send, rules)
        parts = []
        pause_at = perf_counter() + SLICE_S
        for raw in batch.requests:
            parts.append(self._item(bytes(raw), rules))
            if perf_counter() > pause_at:
                await asyncio.sleep(0)
                pause_at = perf_counter() + SLICE_S
        return await respond(send, 200, [JSON, *PRIVATE], b'{"recommendations":[' + b",".join(parts) + b"]}")

    async def _stream(self, receive: Receive, send: Send) -> int:
        """A line in, a line out, as they come; only what has no newline yet is held."""
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/x-ndjson"), *PRIVATE],
            }
        )
        line_max = self._limits.body_max_bytes
        rest, oversized, more = b"", False, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientGone
            more = message.get("more_body", False)
            lines = (rest + message.get("body", b"")).split(b"\n")
            rest = lines.pop() if more else b""
            parts = []
            pause_at = perf_counter() + SLICE_S
            for line in lines:
                if oversized or len(line) > line_max:
                    parts.append(encode(Refusal("body-too-large")))
                    oversized = False
                elif line.strip():
                    answer = self._decisions.for_body(line)
                    parts.append(encode(answer) if isinstance(answer, Refusal) else _encode(answer))
                if perf_counter() > pause_at:
                    await send({"type": "http.response.body", "body": b"\n".join([*parts, b""]), "more_body": True})
                    parts.clear()
                    await asyncio.sleep(0)
                    pause_at = perf_counter() + SLICE_S
            if len(rest) > line_max:  # its answer is known; the line's end is still to come
                rest, oversized = b"", True
            if parts:
                await send({"type": "http.response.body", "body": b"\n".join([*parts, b""]), "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        return 200

    def _item(self, raw: bytes, rules: SiteRules) -> bytes:
        if len(raw) > self._limits.body_max_bytes:
            return encode(refuse(FieldError("", "too_large")))
        answer = self._decisions.for_item(raw, rules)
        return encode(answer) if isinstance(answer, Refusal) else _encode(answer)

    def _read_query(self, query: bytes) -> tuple[SiteRules, Literal["json", "headers"]] | Refusal:
        found = read_query(query, {"site": None, "format": frozenset({"json", "headers"})})
        if isinstance(found, Refusal):
            return found
        rules = self._decisions.rules(found.get("site", self._decisions.default_site))
        return (
            rules if isinstance(rules, Refusal) else (rules, "headers" if found.get("format") == "headers" else "json")
        )


def decision_headers(decision: Decision) -> Headers:
    """The answer in headers, for edges that read no body. What is unknown or withheld is sent empty.

    An empty header still overwrites a client's own of that name at the edge.
    """
    region = decision.region
    return _headers(decision.language.tag, region.country, region.subdivision, decision.device.class_)


@lru_cache(maxsize=8192)
def _headers(tag: str, country: str | None, subdivision: str | None, device_class: str) -> Headers:
    region = "" if country is None else country if subdivision is None else f"{country}-{subdivision}"
    return [
        (b"pb-language", tag.encode()),
        (b"pb-region", region.encode()),
        (b"pb-device", b"" if device_class == "unknown" else device_class.encode()),
        (b"pb-cohort", b""),
        (b"pb-variants", b""),
    ]


def _defaults(rules: SiteRules) -> Headers:
    return _headers(rules.site.default_language, None, None, "unknown")


def _unread_query(scope: Scope) -> Refusal | None:
    """A body says everything; a query beside it is refused rather than ignored."""
    if not scope["query_string"]:
        return None
    found = read_query(scope["query_string"], {})
    return found if isinstance(found, Refusal) else None
