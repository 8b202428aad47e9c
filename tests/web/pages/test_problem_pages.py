"""The pages on refusals: one for every problem there is, small, still and cacheable."""

import html
import json
import re
from typing import get_args

import pytest

from service.web.endpoints.documents import Documents
from service.web.pages.frame import Frame
from service.web.problems import PROBLEMS, ProblemName
from service.web.wire.dispatch import Row
from tests.doors import answer, dispatcher_of, request

NAMES = get_args(ProblemName)


@pytest.fixture(scope="module")
def pages() -> Documents:
    return Documents(Frame())


def ask(pages: Documents, path: str) -> tuple[int, dict[bytes, bytes], str]:
    rows = [Row(one, "GET", "", "none", pages.get) for one in ("/problems", "/problems/{name}")]
    response = answer(dispatcher_of(*rows), request("GET", path))
    return response.status, dict(response.headers), response.content.decode()


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_has_a_page_where_its_type_points(pages: Documents, name: ProblemName) -> None:
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


def test_the_list_leads_to_every_page(pages: Documents) -> None:
    """``/problems`` links to each of them."""
    _, _, page = ask(pages, "/problems")
    assert set(re.findall(r'href="/problems/([a-z-]+)"', page)) == set(NAMES)


@pytest.mark.parametrize("path", ["/problems", "/problems/unknown-field"])
def test_pages_may_be_kept_and_do_nothing(pages: Documents, path: str) -> None:
    """They are the same for everyone, run no script and load nothing."""
    _, headers, page = ask(pages, path)
    assert headers[b"cache-control"] == b"public, max-age=3600"
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; style-src 'sha256-")
    assert b"unsafe" not in headers[b"content-security-policy"]
    assert not re.search(r"<script|https?://", page)
    assert len(page.encode()) < 20_000


@pytest.mark.parametrize("path", ["/problems/", "/problems/nothing-of-ours", "/problems/<b>"])
def test_a_name_that_is_no_problems_is_not_found(pages: Documents, path: str) -> None:
    """And it is not repeated."""
    status, headers, body = ask(pages, path)
    assert (status, headers[b"content-type"]) == (404, b"application/problem+json")
    assert "nothing-of-ours" not in body
    assert "<b>" not in body
