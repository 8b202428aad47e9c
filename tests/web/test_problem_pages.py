"""The pages on refusals: one for every problem there is, small, still and cacheable."""

import asyncio
import html
import json
import re
from typing import get_args

import pytest

from service.web.asgi import Message
from service.web.endpoints.problems import ProblemPages
from service.web.pages.frame import Frame
from service.web.problems import PROBLEMS, ProblemName

NAMES = get_args(ProblemName)


@pytest.fixture(scope="module")
def pages() -> ProblemPages:
    return ProblemPages(Frame())


def ask(pages: ProblemPages, path: str) -> tuple[int, dict[bytes, bytes], str]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    status = asyncio.run(pages.get({"path": path}, receive, send))
    assert sent[0]["status"] == status
    return status, dict(sent[0]["headers"]), sent[1]["body"].decode()


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_has_a_page_where_its_type_points(pages: ProblemPages, name: ProblemName) -> None:
    """Title, status, meaning and remedy are those of the problem; the example is an answer of this kind."""
    status, headers, page = ask(pages, f"/problems/{name}")
    kind = PROBLEMS[name]
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert status == 200
    assert headers[b"content-type"] == b"text/html; charset=utf-8"
    for part in (kind.title, str(kind.status), kind.meaning.replace("`", ""), kind.remedy.replace("`", "")):
        assert part in text
    example = re.search(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
    assert example is not None
    answer = json.loads(html.unescape(example[1]))
    assert (answer["type"], answer["title"], answer["status"]) == (f"/problems/{name}", kind.title, kind.status)


def test_the_list_leads_to_every_page(pages: ProblemPages) -> None:
    """``/problems`` links to each of them."""
    _, _, page = ask(pages, "/problems")
    assert set(re.findall(r'href="/problems/([a-z-]+)"', page)) == set(NAMES)


@pytest.mark.parametrize("path", ["/problems", "/problems/unknown-field"])
def test_pages_may_be_kept_and_do_nothing(pages: ProblemPages, path: str) -> None:
    """They are the same for everyone, run no script and load nothing."""
    _, headers, page = ask(pages, path)
    assert headers[b"cache-control"] == b"public, max-age=3600"
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; style-src 'sha256-")
    assert b"unsafe" not in headers[b"content-security-policy"]
    assert not re.search(r"<script|https?://", page)
    assert len(page.encode()) < 20_000


@pytest.mark.parametrize("path", ["/problems/", "/problems/nothing-of-ours", "/problems/<b>"])
def test_a_name_that_is_no_problems_is_not_found(pages: ProblemPages, path: str) -> None:
    """And it is not repeated."""
    status, headers, body = ask(pages, path)
    assert (status, headers[b"content-type"]) == (404, b"application/problem+json")
    assert "nothing-of-ours" not in body
    assert "<b>" not in body
