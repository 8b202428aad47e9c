"""Documents: ``/docs/``, ``/openapi.json``, and ``/problems`` with a page for each refusal.

They are the same for everybody, so a Starlette application answers for them, behind rows of the table. Whatever looks
at a visit is a handler of our own.
"""

import asyncio
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as PageRequest
from starlette.responses import Response as PageResponse
from starlette.routing import Route

from service.core.access import Grant
from service.web.cacheable import etag_of, matches
from service.web.pages.frame import Frame
from service.web.pages.problem_pages import problem_pages
from service.web.problems import PROBLEM_MEDIA_TYPE, Refusal, encode
from service.web.wire.messages import Request, Response, head_of

if TYPE_CHECKING:
    from service.web.pages.document_pages import DocumentPages

MAX_AGE_S = 3600


class Documents:
    """Starlette's application as a handler.

    Pages on problems are rendered at start; documents, and OpenAPI's, when they are first asked for.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        pages = problem_pages(frame)
        headers = {name.decode(): value.decode("latin-1") for name, value in frame.headers()}
        headers["cache-control"] = f"public, max-age={MAX_AGE_S}"

        async def problem(request: PageRequest) -> PageResponse:
            """A page, or 404 for a name that is no problem's. The query is not read."""
            name = request.path_params.get("name")
            page = pages.get("/problems" if name is None else f"/problems/{name}")
            if page is None:
                raise HTTPException(404)
            return PageResponse(page, headers=headers)

        async def document(request: PageRequest) -> PageResponse:
            """As for problems. A page is rendered in a thread, where that keeps nobody waiting."""
            page = await asyncio.to_thread(self._document, request.path_params.get("name"))
            if page is None:
                raise HTTPException(404)
            return PageResponse(page, headers=headers)

        self._application = Starlette(
            routes=[
                Route("/openapi.json", _openapi),
                Route("/docs", document),
                Route("/docs/", document),
                Route("/docs/{name}", document),
                Route("/problems", problem),
                Route("/problems/{name}", problem),
            ],
            exception_handlers={404: _not_found},
        )

    @cached_property
    def _documents(self) -> "DocumentPages":
        from service.web.pages.document_pages import DocumentPages  # noqa: PLC0415  # 30 ms that a start need not wait

        return DocumentPages(self._frame)

    def _document(self, name: str | None) -> bytes | None:
        return self._documents.get(name)

    async def get(self, request: Request, grant: Grant) -> Response:  # noqa: ARG002  # a handler
        """The response of Starlette's application."""
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request"}

        async def send(message: Any) -> None:
            messages.append(message)

        scope = {
            "type": "http", "method": request.method, "path": unquote(request.path.decode("latin-1")),
            "raw_path": request.path, "query_string": request.query, "headers": request.headers,
            "scheme": request.scheme, "root_path": "",
        }  # fmt: skip
        await self._application(scope, receive, send)
        start, *bodies = messages
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        return Response(start["status"], (head_of(headers),), b"".join(body["body"] for body in bodies))


async def _openapi(request: PageRequest) -> PageResponse:
    """The OpenAPI document, or 304 when the caller has it."""
    body, etag = _document()
    headers = {"cache-control": f"public, max-age={MAX_AGE_S}", "etag": etag.decode()}
    if_none_match = request.headers.get("if-none-match")
    if if_none_match and matches(if_none_match.encode("latin-1"), etag):
        return PageResponse(status_code=304, headers=headers)
    return PageResponse(body, headers={"content-type": "application/json"} | headers)


@cache
def _document() -> tuple[bytes, bytes]:
    from service.web.openapi import document  # noqa: PLC0415  # 8 ms that a start need not wait for

    body = msgspec.json.encode(document())
    return body, etag_of(body)


async def _not_found(request: PageRequest, error: Exception) -> PageResponse:  # noqa: ARG001  # Starlette's shape
    body = encode(Refusal("not-found"))
    return PageResponse(body, 404, {"content-type": PROBLEM_MEDIA_TYPE, "cache-control": "no-store"})
