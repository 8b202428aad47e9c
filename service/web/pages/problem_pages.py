"""The pages on refusals, for the person who reads a problem's ``type``: one for each, and a list of them all.

They are for those who build websites, so they are written in English alone and any cache may keep them.
"""

from collections.abc import Mapping
from html import escape

import msgspec

from service.web.pages.frame import Frame, template
from service.web.pages.words import speakers
from service.web.problems import PROBLEMS, FieldError, ProblemKind, ProblemName, Refusal

_EXAMPLES: Mapping[ProblemName, FieldError] = {
    "identifying-value": FieldError("/signals/device/id", "identifying_value", "email"),
    "identifying-name": FieldError("/signals", "identifying_name", "email", 2),
    "unknown-field": FieldError("/signals", "unknown_field", None, 0),
    "duplicate-field": FieldError("/signals/ip", "duplicate_field", None, 1),
    "invalid-value": FieldError("/signals/gpc", "invalid_value"),
    "missing-field": FieldError("/requests", "missing_field"),
    "too-large": FieldError("/signals/device/user_agent", "too_large"),
}


def problem_pages(frame: Frame) -> Mapping[str, bytes]:
    """Every page by its path: ``/problems`` and ``/problems/{name}``. Rendered once, at start."""
    tagline = speakers()["en"].page.tagline
    one, listing = template("problem.html"), template("problems.html")
    pages = {}
    for name, kind in PROBLEMS.items():
        example = (_EXAMPLES[name],) if name in _EXAMPLES else ()
        answer = msgspec.json.format(msgspec.json.encode(Refusal(name, example).problem()), indent=2).decode()
        body = one.substitute(
            status=kind.status,
            title=escape(kind.title),
            meaning=_code(kind.meaning),
            remedy=_code(kind.remedy),
            json=escape(answer),
        )
        pages[f"/problems/{name}"] = frame.page(kind.title, tagline, body)
    by_status = sorted(PROBLEMS.items(), key=lambda item: (item[1].status, item[0]))
    rows = "\n".join(_row(name, kind) for name, kind in by_status)
    pages["/problems"] = frame.page("What refusals mean", tagline, listing.substitute(rows=rows))
    return pages


def _row(name: ProblemName, kind: ProblemKind) -> str:
    link = f'<a href="/problems/{name}">{escape(kind.title)}</a>'
    return f'<tr><th scope="row"><code>{name}</code></th><td>{link}<span class="number">{kind.status}</span></td></tr>'


def _code(text: str) -> str:
    """Escaped text, with what stands between backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
