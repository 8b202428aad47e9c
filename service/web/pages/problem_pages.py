"""The pages on refusals, for the person who reads a problem's ``type``: one for each, and a list of them all.

They are for those who build websites, so they are written in English alone and any cache may keep them.
"""

from collections.abc import Mapping
from html import escape

import msgspec

from service.core.identity import DEFAULT_DEVICE_ID_FORMATS
from service.web.bodies.guidance import ONCE, guide_of
from service.web.bodies.schema import BatchDocument, RecommendationBody
from service.web.pages.frame import Frame, template
from service.web.pages.words import speakers
from service.web.problems import PROBLEMS, FieldError, ProblemKind, ProblemName, Refusal
from service.web.visit.refusal_details import COOKIES_SIZE, DEVICE_ID

_VISIT, _BATCH = guide_of(RecommendationBody), guide_of(BatchDocument)
_EXAMPLES: Mapping[ProblemName, FieldError] = {
    "identifying-value": FieldError(
        "/signals/device/id", "identifying_value", "email", None, DEFAULT_DEVICE_ID_FORMATS, DEVICE_ID
    ),
    "identifying-name": _VISIT.misplaced("deviceId", "/signals", 2, _VISIT.allowed("/signals")),
    "unknown-field": _VISIT.misplaced("geo", "", 0, _VISIT.allowed("")),
    "duplicate-field": FieldError("/signals/ip", "duplicate_field", None, 1, detail=ONCE),
    "invalid-value": _VISIT.explain(FieldError("/signals/geo/country", "invalid_value")),
    "missing-field": _BATCH.explain(FieldError("/requests", "missing_field")),
    "too-large": _VISIT.explain(FieldError("/signals/cookies", "too_large", allowed=COOKIES_SIZE)),
    "not-found": FieldError("/path/slot", "invalid_value", allowed=("front",)),
}

_LIMITS = ("operate#limits", "Limits")
_MORE: Mapping[ProblemName, tuple[str, str]] = {
    "identifying-value": ("troubleshooting#a-device-id-is-refused", "A device id is refused"),
    "too-large": _LIMITS,
    "body-timeout": _LIMITS,
    "headers-timeout": _LIMITS,
    "body-too-large": _LIMITS,
    "headers-too-large": _LIMITS,
    "overloaded": _LIMITS,
    "unauthorized": ("operate#keys", "Keys"),
    "forbidden": ("operate#keys", "Keys"),
    "cross-site": ("privacy#the-way-out", "The way out"),
    "not-stored": ("operate#at-three-in-the-morning", "At three in the morning"),
    "counts-unavailable": ("operate#at-three-in-the-morning", "At three in the morning"),
}
"""Where a document says more: the section, and its heading."""


def problem_pages(frame: Frame) -> Mapping[str, bytes]:
    """Every page by its path: ``/problems`` and ``/problems/{name}``. Rendered once, at start."""
    tagline = speakers()["en"].page.tagline
    page_template, listing = template("problem.html"), template("problems.html")
    pages = {}
    for name, kind in PROBLEMS.items():
        example = (_EXAMPLES[name],) if name in _EXAMPLES else ()
        answer = msgspec.json.format(msgspec.json.encode(Refusal(name, example).problem()), indent=2).decode()
        body = page_template.substitute(
            status=kind.status,
            title=escape(kind.title),
            meaning=_code(kind.meaning),
            remedy=_code(kind.remedy),
            more=_document_link(*_MORE[name]) if name in _MORE else "",
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


def _document_link(section: str, heading: str) -> str:
    return f'<p>More: <a href="/docs/{section}">{escape(heading)}</a></p>'


def _code(text: str) -> str:
    """Escaped text, with what stands between backticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
