"""What every page has in common: frame, style, and the headers that let it do nothing but be read.

The style stands in the page itself, allowed by its digest: one response is the whole page, no script runs, and nothing
is loaded, framed or sent anywhere else.
"""

import hashlib
from base64 import b64encode
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

Headers = list[tuple[bytes, bytes]]

_FOLDER = Path(__file__).parent


def template(name: str) -> Template:
    """A page's template from its file. What is put into it must be HTML already."""
    return Template((_FOLDER / name).read_text(encoding="utf-8"))


class Frame:
    """Wraps the body of a page. It reads its files when it is built, never while it answers."""

    def __init__(self) -> None:
        icon = (_FOLDER / "icon.svg").read_text(encoding="utf-8").strip()
        style = _compact((_FOLDER / "passerby.css").read_text(encoding="utf-8"))
        digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
        logo = icon.replace("<svg", '<svg aria-hidden="true"').replace(' xmlns="http://www.w3.org/2000/svg"', "")
        filled = {"icon": quote(icon, safe=""), "style": style, "mark": logo}
        self._page = Template(template("frame.html").safe_substitute(filled))
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ).encode()

    def page(self, title: str, tagline: str, body: str, language: str = "en", direction: str = "ltr") -> bytes:
        """A whole page. ``title`` and ``tagline`` are text, ``body`` is HTML."""
        return self._page.substitute(
            title=escape(title), tagline=escape(tagline), body=body, language=language, direction=direction
        ).encode()

    def headers(self, language: str = "en") -> Headers:
        """The headers of a page but for its caching."""
        return [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-language", language.encode()),
            (b"content-security-policy", self._policy),
            (b"referrer-policy", b"same-origin"),  # so that a form says whose it is
            (b"x-content-type-options", b"nosniff"),
        ]


def _compact(css: str) -> str:
    """The style without its comment and its indentation."""
    lines = (line.strip() for line in css.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("/*"))
