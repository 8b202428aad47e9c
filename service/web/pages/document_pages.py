"""The documents of ``service/docs`` as pages: their Markdown in the frame of all pages, and a list of them.

In the files links lead to other files, as GitHub and editors follow them. Served, a link to another document leads to
its page, and one out of the folder, to what is not served, is its words alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Literal, get_args

from markdown_it import MarkdownIt
from markdown_it.token import Token

from service.web.pages.frame import Frame, template
from service.web.pages.words import speakers

DocumentName = Literal[
    "deciding", "openfeature", "experiments", "edge", "operate", "troubleshooting", "counting", "privacy", "audit",
    "figures", "glossary",
]  # fmt: skip
DOCUMENT_NAMES: tuple[DocumentName, ...] = get_args(DocumentName)
"""In the order of the list: what is asked first stands first."""
SECTIONS_LISTED_MIN = 4
"""A document of so many sections has a list of them at its head."""
LINE_CHARS_MAX = 300
"""In an example. A longer line, a whole answer say, is broken, since nobody moves a window that far."""

_FOLDER = Path(__file__).parent.parent.parent / "docs"
_OTHER = re.compile(rf"({'|'.join(DOCUMENT_NAMES)})\.md(#[\w-]+)?")


class DocumentPages:
    """Every page by its path: ``/docs/`` and ``/docs/{name}``. Each is rendered when first asked for, in 25 ms at most.

    So it is for a thread to ask. Two that ask at once make the same page.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._template, self._listing = template("document.html"), template("documents.html")
        self._pages: dict[str, bytes] = {}
        self._markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
        for rule in (_table_open, _table_close, _code):
            self._markdown.add_render_rule(rule.__name__.removeprefix("_"), rule)
        self._markdown.add_render_rule("fence", _code)

    def get(self, name: str | None) -> bytes | None:
        """The page of a document, or of all where there is no name; None where there is no such document."""
        key = name or ""
        if key and key not in DOCUMENT_NAMES:
            return None
        if key not in self._pages:
            self._pages[key] = self._document(key) if key else self._list()
        return self._pages[key]

    def _document(self, name: str) -> bytes:
        tokens = self._markdown.parse(_read(name))
        title, _ = _opening(tokens)
        sections = [*_with_anchors(tokens)]
        tokens[3].attrSet("class", "lead")  # the paragraph after the title
        for token in tokens:
            if token.children:
                token.children = [*_served(token.children)]
        head, body = tokens[:6], tokens[6:]
        contents = _contents(sections) if len(sections) >= SECTIONS_LISTED_MIN else ""
        html = self._render(head) + contents + self._render(body)
        return self._page(title, self._template.substitute(text=html.strip()))

    def _list(self) -> bytes:
        rows = "\n".join(self._row(name) for name in DOCUMENT_NAMES)
        return self._page("Documents", self._listing.substitute(rows=rows))

    def _row(self, name: str) -> str:
        title, answers = _opening(self._markdown.parse(_read(name)))
        return f'<dt><a href="/docs/{name}">{escape(title)}</a></dt>\n<dd>{escape(answers)}</dd>'

    def _page(self, title: str, body: str) -> bytes:
        return self._frame.page(title, speakers()["en"].page.tagline, body)

    def _render(self, tokens: Sequence[Token]) -> str:
        html: str = self._markdown.renderer.render(tokens, self._markdown.options, {})
        return html


def anchor_of(heading: str) -> str:
    """What GitHub makes of a heading, so that a link holds here and there: lower case, blanks as hyphens, no marks."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _read(name: str) -> str:
    return (_FOLDER / f"{name}.md").read_text(encoding="utf-8")


def _opening(tokens: Sequence[Token]) -> tuple[str, str]:
    """A document's title and its first paragraph, which says what it answers."""
    return tokens[1].content, tokens[4].content


def _with_anchors(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Name each heading by its anchor; of the sections of a document, their anchors and headings."""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[index + 1].content
            token.attrSet("id", anchor_of(heading))
            if token.tag == "h2":
                yield anchor_of(heading), heading.replace("`", "")


def _contents(sections: Sequence[tuple[str, str]]) -> str:
    links = "".join(f'<li><a href="#{anchor}">{escape(heading)}</a></li>\n' for anchor, heading in sections)
    return f'<nav aria-label="On this page">\n<ul class="plain">\n{links}</ul>\n</nav>\n'


def _served(tokens: Sequence[Token]) -> Iterator[Token]:
    """The same with links as they are served: within the document, to another, or none."""
    is_kept = True
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrGet("href"))
            document = _OTHER.fullmatch(href)
            if document is not None:
                token.attrSet("href", f"/docs/{document[1]}{document[2] or ''}")
            is_kept = document is not None or href.startswith("#")
        if is_kept or token.type not in ("link_open", "link_close"):
            yield token


# Rules of markdown-it: what becomes of a token. A table or a text too wide for a phone is moved, by keyboard too.


def _table_open(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Mapping[str, Any]) -> str:  # noqa: ARG001
    return '<div class="wide" tabindex="0">\n<table>\n'


def _table_close(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Mapping[str, Any]) -> str:  # noqa: ARG001
    return "</table>\n</div>\n"


def _code(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Mapping[str, Any]) -> str:  # noqa: ARG001
    text = tokens[index].content
    wraps = ' class="long"' if max(map(len, text.splitlines()), default=0) > LINE_CHARS_MAX else ""
    return f'<pre tabindex="0"{wraps}><code>{escape(text, quote=False)}</code></pre>\n'
