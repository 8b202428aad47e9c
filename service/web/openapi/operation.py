"""What a row of the OpenAPI document is: one operation as its callers see it, and what many rows share."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from service.web.openapi.parameters import Json
from service.web.problems import PROBLEM_MEDIA_TYPE, ProblemName

JSON, NDJSON, HTML, CSV = "application/json", "application/x-ndjson", "text/html", "text/csv"
Tag = Literal["recommendations", "cohorts", "events", "flags", "counts", "people", "operation"]

TAGS: Mapping[Tag, str] = {
    "recommendations": "What to show one visit, and why.",
    "cohorts": "What may be said to many alike, and kept by a CDN.",
    "events": "What happened, counted for groups alone.",
    "flags": "The same as feature flags, for every OpenFeature SDK: the remote evaluation protocol, OFREP 0.3.",
    "counts": "What groups do, as it was released: noised, nothing below k.",
    "people": "Pages and documents to read.",
    "operation": "For load balancers and orchestrators.",
}

SITE_REFUSALS: tuple[ProblemName, ...] = ("unknown-site",)
QUERY_REFUSALS: tuple[ProblemName, ...] = (
    "identifying-name", "identifying-value", "unknown-field", "duplicate-field", "invalid-value",
)  # fmt: skip
KEY_REFUSALS: tuple[ProblemName, ...] = ("unauthorized", "forbidden")
ANY_REFUSALS: tuple[ProblemName, ...] = ("not-http", "headers-timeout", "headers-too-large", "internal-error")


PRIVATE = ("Private", "CDN")
PUBLIC = ("Public", "ETag")
VISIT_PARAMETERS = (
    "User-Agent", "Accept-Language", "Sec-CH-UA", "Sec-CH-UA-Mobile", "Sec-CH-UA-Platform", "Save-Data", "Sec-GPC",
    "pb_device", "pb_language", "pb_region", "pb_interests", "pb_variants", "pb_consent", "pb_optout",
)  # fmt: skip


class Answer(Struct, frozen=True):
    """One status that is no problem: its body's media types with their schemas, and its headers by component."""

    meaning: str
    content: Mapping[str, Json]
    headers: tuple[str, ...] = ()


class Operation(Struct, frozen=True):
    """One row of ``routes.table`` as its callers see it.

    ``refusals`` are the problems beyond those that any row answers, ``refusals_as`` their media type. ``sheds`` says
    whether it is refused when the service is too busy.
    """

    path: str
    method: Literal["GET", "POST", "DELETE"]
    scope: str
    name: str
    tag: Tag
    summary: str
    description: str
    answers: Mapping[int, Answer]
    parameters: tuple[str, ...] = ()
    body: Mapping[str, Json] = {}
    refusals: tuple[ProblemName, ...] = ()
    refusals_as: str = PROBLEM_MEDIA_TYPE
    sheds: bool = True


def schema_of(kind: type[Struct]) -> Json:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
