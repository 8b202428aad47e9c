"""The documents as they are served: each of them, its links and anchors, in a frame that does nothing but be read."""

import html
import re

import pytest

from service.web.endpoints.documents import Documents
from service.web.pages.document_pages import DOCUMENT_NAMES, DocumentName, DocumentPages, anchor_of
from service.web.pages.frame import Frame
from service.web.pages.problem_pages import problem_pages
from service.web.wire.dispatch import Row
from tests.documents import DOCUMENTS
from tests.doors import answer, dispatcher_of, request

PATHS = ("/docs", "/docs/", "/docs/{name}")
PAGES = ("", *DOCUMENT_NAMES)


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(Frame())


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every page by its path."""
    made = DocumentPages(Frame())
    return {f"/docs/{name}": (made.get(name or None) or b"").decode() for name in PAGES}


def ask(documents: Documents, path: str) -> tuple[int, dict[bytes, bytes], str]:
    response = answer(
        dispatcher_of(*(Row(one, "GET", "", "none", documents.get) for one in PATHS)), request("GET", path)
    )
    return response.status, dict(response.headers), response.content.decode()


def text_of(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_every_document_is_served_and_no_other() -> None:
    """A file in the folder is a page, and a page is a file."""
    assert {f"service/docs/{name}.md" for name in DOCUMENT_NAMES} == {*DOCUMENTS} - {"README.md"}


@pytest.mark.parametrize("name", DOCUMENT_NAMES)
def test_a_page_says_what_its_document_says(documents: Documents, name: DocumentName) -> None:
    """Title, sections, every example and every row of a table; one heading of the first rank."""
    status, headers, page = ask(documents, f"/docs/{name}")
    text, markdown = text_of(page), DOCUMENTS[f"service/docs/{name}.md"]
    assert (status, headers[b"content-type"]) == (200, b"text/html; charset=utf-8")
    assert page.count("<h1") == 1
    examples = re.findall(r"(?ms)^```[^\n]*\n(.*?)^```$", markdown)
    assert [html.unescape(block) for block in re.findall(r"(?s)<pre[^>]*><code>(.*?)</code></pre>", page)] == examples
    prose = re.sub(r"(?ms)^```.*?^```$", "", markdown)
    for heading in re.findall(r"(?m)^#+ (.+)$", prose):
        assert heading.replace("`", "").split(":")[0] in text
    rows = [line for line in prose.split("\n") if line.startswith("|") and not line.startswith("|---")]
    assert page.count("<tr>") == len(rows)


@pytest.mark.parametrize("path", ["/docs", "/docs/"])
def test_the_list_has_every_document_with_its_sentence(documents: Documents, path: str) -> None:
    """Each leads to its page."""
    _, _, page = ask(documents, path)
    for name in DOCUMENT_NAMES:
        title, _, sentence, *_ = DOCUMENTS[f"service/docs/{name}.md"].split("\n")
        assert f'href="/docs/{name}"' in page
        assert title.removeprefix("# ") in text_of(page)
        assert sentence in text_of(page)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_of_a_page_leads_somewhere(pages: dict[str, str], name: str) -> None:
    """To a page that is served, and to a place on it where it names one; never to a file or out of this service."""
    own = f"/docs/{name}"
    links = [html.unescape(link) for link in re.findall(r'href="([^"]*)"', pages[own])]
    links = [link for link in links if not link.startswith("data:")]
    for link in links:
        path, _, anchor = link.partition("#")
        if path not in ("/", "/problems", "/openapi.json"):
            assert (path or own) in pages, link
            assert not anchor or f'id="{anchor}"' in pages[path or own], link


def test_every_link_of_a_problems_page_into_a_document_leads_to_its_heading(pages: dict[str, str]) -> None:
    """With the heading's own words."""
    links = [
        link
        for page in problem_pages(Frame()).values()
        for link in re.findall(r'<a href="(/docs/[^"#]*)(?:#([^"]*))?">([^<]*)</a>', page.decode())
    ]
    assert len({path for path, _, _ in links}) > 3
    for path, anchor, words in links:
        assert path in pages
        assert not anchor or re.search(rf'<h2 id="{anchor}">{words}</h2>', pages[path]), (path, anchor)


def test_links_between_documents_are_kept_and_others_are_words() -> None:
    """As many links as the documents have to each other; what is not served is named and not linked."""
    made = DocumentPages(Frame())
    page = (made.get("operate") or b"").decode()
    assert "../" not in page
    assert "deploy/telemetry.md has every metric" in text_of(page)
    assert 'href="/docs/deciding#what-follows-from-what"' in (made.get("troubleshooting") or b"").decode()


@pytest.mark.parametrize("name", PAGES)
def test_pages_may_be_kept_and_do_nothing(documents: Documents, name: str) -> None:
    """They are the same for everyone, run no script, load nothing, and have no style but the frame's."""
    _, headers, page = ask(documents, f"/docs/{name}")
    assert headers[b"cache-control"] == b"public, max-age=3600"
    assert headers[b"content-language"] == b"en"
    assert headers[b"content-security-policy"].startswith(b"default-src 'none'; style-src 'sha256-")
    assert b"unsafe" not in headers[b"content-security-policy"]
    outside = re.sub(r"(?s)<code>.*?</code>", "", page)
    assert not re.search(r"<script|https?://|<[^>]* (style|on\w+)=|<img|<iframe", outside)
    assert page.count("<style") == 1


@pytest.mark.parametrize(
    "path", ["/docs/nothing-of-ours", "/docs/<b>", "/docs/edge.md", "/docs/..", "/docs/../edge", "/docs/%2e%2e%2fedge"]
)
def test_what_is_no_document_is_not_found(documents: Documents, path: str) -> None:
    """And it is not repeated. Names are a closed list: no path reaches a file."""
    status, headers, body = ask(documents, path)
    assert (status, headers[b"content-type"]) == (404, b"application/problem+json")
    assert "nothing-of-ours" not in body
    assert "<b>" not in body


def test_html_in_a_document_is_text() -> None:
    """Whatever somebody writes into one, no element comes of it."""
    made = DocumentPages(Frame())
    tokens = made._markdown.parse('<b onclick="x()">bold</b>\n\n<script>x()</script>\n\n[a](javascript:x())\n')
    said = made._render(tokens)
    assert "<b" not in said
    assert "<script" not in said
    assert "href" not in said


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What it keeps", "what-it-keeps"),
        ("Answer quality: `make conformance`", "answer-quality-make-conformance"),
        ("401, 403", "401-403"),
        ("A page's own", "a-pages-own"),
        ("The pb_device cookie", "the-pb_device-cookie"),
    ],
)
def test_anchors_are_githubs(heading: str, anchor: str) -> None:
    """So that one link holds in both places."""
    assert anchor_of(heading) == anchor
