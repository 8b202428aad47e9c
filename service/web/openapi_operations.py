"""What callers may do, as data: every operation of the OpenAPI document with its parameters, answers and refusals.

Apart from ``openapi``, which turns these rows and the structs into the document. A test compares the rows with
``routes.table``.
"""

from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct

from service.core.device import DeviceClass
from service.core.privacy import PURPOSES
from service.core.recommendation import CohortPage, Decision
from service.core.sites import KEY_PATTERN
from service.web.endpoints.health import Readiness
from service.web.problems import PROBLEM_MEDIA_TYPE, PROBLEMS, Problem, ProblemName
from service.web.schema import (
    ACCEPT_LANGUAGE_MAX_BYTES,
    CLIENT_HINT_MAX_BYTES,
    USER_AGENT_MAX_BYTES,
    BatchDocument,
    RecommendationBody,
)

JSON, NDJSON, HTML = "application/json", "application/x-ndjson", "text/html"
Json = dict[str, Any]
Tag = Literal["recommendations", "cohorts", "people", "operation"]

TAGS: Mapping[Tag, str] = {
    "recommendations": "What to show one visit, and why.",
    "cohorts": "What may be said to many alike, and kept by a CDN.",
    "people": "Pages and documents to read.",
    "operation": "For load balancers and orchestrators.",
}

_SITE_REFUSALS: tuple[ProblemName, ...] = ("unknown-site",)
_QUERY_REFUSALS: tuple[ProblemName, ...] = (
    "identifying-name", "identifying-value", "unknown-field", "duplicate-field", "invalid-value",
)  # fmt: skip
_BODY_REFUSALS: tuple[ProblemName, ...] = (
    *_QUERY_REFUSALS, "missing-field", "too-large", "not-json", "body-timeout", "body-too-large",
    "unsupported-media-type",
)  # fmt: skip
KEY_REFUSALS: tuple[ProblemName, ...] = ("unauthorized", "forbidden")
ANY_REFUSALS: tuple[ProblemName, ...] = ("not-http", "headers-timeout", "headers-too-large", "internal-error")

_MIRROR_REFUSALS: tuple[ProblemName, ...] = (*_SITE_REFUSALS, *_QUERY_REFUSALS, "too-large")

_PB = ("PB-Language", "PB-Region", "PB-Device", "PB-Cohort", "PB-Variants")
_PRIVATE = ("Private", "CDN")
_PUBLIC = ("Public", "ETag")
_VISIT_PARAMETERS = (
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
    method: Literal["GET", "POST"]
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


def _lines(kind: str) -> Json:
    return {"type": "string", "description": f"One {kind} a line."}


_PAGE: Json = {"type": "string"}
_BATCH_ANSWER: Json = {
    "type": "object",
    "description": "The answers in the order of the requests. A problem's pointers start at its item.",
    "properties": {"recommendations": {"type": "array", "items": {"anyOf": [schema_of(Decision), schema_of(Problem)]}}},
    "required": ["recommendations"],
}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "/v1/recommendation",
        "GET",
        "recommend",
        "recommendForThisRequest",
        "recommendations",
        "Ask with the visit's own request",
        "For edges, which pass the visitor's request on. The visit is its address (behind `trusted_proxies`) or the "
        "geo header of the configured `edge`, the headers and the cookies below. All others are left unread.",
        {
            200: Answer("The decision, with its explanation.", {JSON: schema_of(Decision)}, (*_PRIVATE, *_PB)),
            204: Answer(
                "With `format=headers`: the decision in headers alone, or the defaults of the site and `PB-Problem`.",
                {},
                (*_PRIVATE, *_PB, "PB-Problem"),
            ),
        },
        ("site", "format", *_VISIT_PARAMETERS),
        refusals=(*_SITE_REFUSALS, *_QUERY_REFUSALS, "too-large"),
    ),
    Operation(
        "/v1/recommendation",
        "POST",
        "recommend",
        "recommend",
        "recommendations",
        "Ask with explicit signals",
        "For backends. Only the body counts: the backend's own address, headers and cookies are not the visitor's.",
        {200: Answer("The decision, with its explanation.", {JSON: schema_of(Decision)}, (*_PRIVATE, *_PB))},
        body={JSON: schema_of(RecommendationBody)},
        refusals=(*_SITE_REFUSALS, *_BODY_REFUSALS),
    ),
    Operation(
        "/v1/recommendations",
        "POST",
        "recommend",
        "recommendMany",
        "recommendations",
        "Ask for many visits at once",
        "Answers come in order, and one bad item does not spoil the rest. As NDJSON there is no limit to the number of "
        "lines: each is a request of its own, answered by a line.",
        {
            200: Answer(
                "An answer or a problem for each request.",
                {JSON: _BATCH_ANSWER, NDJSON: _lines("Decision or Problem")},
                _PRIVATE,
            )
        },
        body={JSON: schema_of(BatchDocument), NDJSON: _lines("RecommendationBody")},
        refusals=(*_SITE_REFUSALS, *_BODY_REFUSALS),
    ),
    Operation(
        "/v1/cohorts/{country}/{language}/{device_class}",
        "GET",
        "",
        "recommendForCohort",
        "cohorts",
        "Ask for a whole cohort, as a CDN may keep it",
        "Every input stands in the URL; headers and cookies are not read. Only canonical values have a page.",
        {
            200: Answer("What may be said to everyone alike.", {JSON: schema_of(CohortPage)}, _PUBLIC),
            304: Answer("The caller has this page already.", {}, _PUBLIC),
        },
        ("country", "language", "device_class", "site", "If-None-Match"),
        refusals=(*_SITE_REFUSALS, "not-found", *_QUERY_REFUSALS),
    ),
    Operation(
        "/livez",
        "GET",
        "",
        "live",
        "operation",
        "Whether the process lives",
        "Answers always, however busy the service is.",
        {
            200: Answer(
                "It does.",
                {JSON: {"type": "object", "properties": {"status": {"const": "live"}}, "required": ["status"]}},
                ("No-Store",),
            )
        },
        sheds=False,
    ),
    Operation(
        "/readyz",
        "GET",
        "",
        "ready",
        "operation",
        "Whether visitors should be sent here",
        "Does a real look-up. `degraded` still answers, but something wants a person.",
        {
            200: Answer("Ready, or degraded.", {JSON: schema_of(Readiness)}, ("No-Store",)),
            503: Answer("Draining, or too busy.", {JSON: schema_of(Readiness)}, ("No-Store",)),
        },
    ),
    Operation(
        "/",
        "GET",
        "",
        "mirror",
        "people",
        "What this service sees in this visit",
        "The decision on the visitor's own request as a page to read, with its reasons and an opt-out.",
        {200: Answer("The page, in the recommended language.", {HTML: _PAGE}, _PRIVATE)},
        ("site", *_VISIT_PARAMETERS),
        refusals=_MIRROR_REFUSALS,
        refusals_as=HTML,
    ),
    Operation(
        "/opt-out",
        "POST",
        "",
        "optOut",
        "people",
        "Opt out",
        "Sets `pb_optout` and leads back to the mirror. The body is empty.",
        {303: Answer("Back to the mirror.", {}, ("Location", "Set-Cookie", *_PRIVATE))},
        ("site",),
        refusals=(*_MIRROR_REFUSALS, "body-timeout", "body-too-large"),
        refusals_as=HTML,
    ),
    Operation(
        "/opt-in",
        "POST",
        "",
        "optIn",
        "people",
        "Take an opt-out back",
        "Deletes `pb_optout`, where it comes along, and leads back to the mirror. The body is empty.",
        {303: Answer("Back to the mirror.", {}, ("Location", "Set-Cookie", *_PRIVATE))},
        ("site", "pb_optout"),
        refusals=(*_MIRROR_REFUSALS, "body-timeout", "body-too-large"),
        refusals_as=HTML,
    ),
    Operation(
        "/problems",
        "GET",
        "",
        "problems",
        "people",
        "Every problem there is",
        "",
        {200: Answer("The page.", {HTML: _PAGE}, ("Public",))},
    ),
    Operation(
        "/problems/{name}",
        "GET",
        "",
        "problem",
        "people",
        "What a problem means and what to do",
        "Where the `type` of a problem leads.",
        {200: Answer("The page.", {HTML: _PAGE}, ("Public",))},
        ("name",),
        refusals=("not-found",),
    ),
    Operation(
        "/openapi.json",
        "GET",
        "",
        "document",
        "people",
        "This document",
        "",
        {
            200: Answer("The document.", {JSON: {"type": "object"}}, _PUBLIC),
            304: Answer("The caller has it already.", {}, _PUBLIC),
        },
        ("If-None-Match",),
    ),
)


class Parameter(Struct, frozen=True):
    """One parameter of any operation that names it. ``name`` is the one sent, where it is not the component's."""

    place: Literal["query", "header", "cookie", "path"]
    meaning: str
    schema: Json
    example: str | None = None


_TEXT: Json = {"type": "string"}
PARAMETERS: Mapping[str, Parameter] = {
    "site": Parameter("query", "The site; else `default_site`.", {"type": "string", "pattern": KEY_PATTERN}, "demo"),
    "format": Parameter("query", "`headers`: 204 and no body.", {"enum": ["json", "headers"], "default": "json"}),
    "country": Parameter("path", "ISO 3166-1 alpha-2.", {"type": "string", "pattern": "^[A-Z]{2}$"}, "CH"),
    "language": Parameter("path", "A language of the site, as the site spells it.", _TEXT, "de-CH"),
    "name": Parameter("path", "A problem's name.", {"enum": [*PROBLEMS]}, "unknown-field"),
    "device_class": Parameter("path", "A device class.", {"enum": [*get_args(DeviceClass)]}, "smartphone"),
    "User-Agent": Parameter(
        "header", "Read for a class of device.", {"type": "string", "maxLength": USER_AGENT_MAX_BYTES}
    ),
    "Accept-Language": Parameter(
        "header",
        "RFC 9110 12.5.4.",
        {"type": "string", "maxLength": ACCEPT_LANGUAGE_MAX_BYTES},
        "de-CH,de;q=0.9,en;q=0.5",
    ),
    "Sec-CH-UA": Parameter("header", "Brands.", {"type": "string", "maxLength": CLIENT_HINT_MAX_BYTES}),
    "Sec-CH-UA-Mobile": Parameter(
        "header", "`?1` or `?0`.", {"type": "string", "maxLength": CLIENT_HINT_MAX_BYTES}, "?1"
    ),
    "Sec-CH-UA-Platform": Parameter(
        "header", "Platform.", {"type": "string", "maxLength": CLIENT_HINT_MAX_BYTES}, '"Android"'
    ),
    "Save-Data": Parameter("header", "`on`.", {"type": "string", "maxLength": CLIENT_HINT_MAX_BYTES}, "on"),
    "Sec-GPC": Parameter("header", "Global Privacy Control: exactly `1`.", _TEXT, "1"),
    "If-None-Match": Parameter("header", "RFC 9110 13.1.2: a list of tags, or `*`.", _TEXT),
    "pb_device": Parameter(
        "cookie",
        "The device id: opaque and random, of one of the site's `device_id_formats`, minted and kept by the site.",
        _TEXT,
        "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11",
    ),
    "pb_language": Parameter("cookie", "The visitor's own choice of language.", _TEXT, "fr"),
    "pb_region": Parameter("cookie", "The visitor's own choice of region: `CC` or `CC-SUB`.", _TEXT, "CH"),
    "pb_interests": Parameter("cookie", "Up to three topics with weights 1 to 3.", _TEXT, "outdoor:3.shoes:1"),
    "pb_variants": Parameter("cookie", "Variants by experiment.", _TEXT, "hero.b~checkout.a"),
    "pb_consent": Parameter(
        "cookie", f"Purposes the visitor consented to, of: {' '.join(PURPOSES)}.", _TEXT, "statistics.experiments"
    ),
    "pb_optout": Parameter("cookie", "Anything but empty or `0` is an opt-out.", _TEXT, "1"),
}


class Header(Struct, frozen=True):
    """One header of an answer, under the name of its component. ``required``: no answer that has it lacks it."""

    name: str
    meaning: str
    schema: Json
    required: bool = True


HEADERS: Mapping[str, Header] = {
    "PB-Language": Header("PB-Language", "The recommended language.", {"type": "string"}),
    "PB-Region": Header(
        "PB-Region", "`CC` or `CC-SUB`.", {"type": "string", "pattern": "^([A-Z]{2}(-[A-Z0-9]{1,3})?)?$"}
    ),
    "PB-Device": Header(
        "PB-Device", "The class of device.", {"enum": ["", *(k for k in get_args(DeviceClass) if k != "unknown")]}
    ),
    "PB-Cohort": Header("PB-Cohort", "The cohort's key.", _TEXT),
    "PB-Variants": Header("PB-Variants", "Variants by experiment, sorted.", _TEXT),
    "PB-Problem": Header("PB-Problem", "Why the defaults were sent.", {"enum": [*PROBLEMS]}, required=False),
    "Location": Header("Location", "The mirror.", {"type": "string", "pattern": r"^/(\?site=[a-z0-9_-]+)?$"}),
    "Set-Cookie": Header("Set-Cookie", "`pb_optout`, set or deleted.", _TEXT, required=False),
    "Private": Header("Cache-Control", "One visitor's answer: no cache may keep it.", {"const": "private, no-store"}),
    "CDN": Header("CDN-Cache-Control", "The same, for CDNs.", {"const": "no-store"}),
    "No-Store": Header("Cache-Control", "No cache may keep it.", {"const": "no-store"}),
    "Public": Header(
        "Cache-Control", "Any cache may keep it so long.", {"type": "string", "pattern": "^public, max-age=[0-9]+$"}
    ),
    "ETag": Header("ETag", "A strong tag of these bytes.", {"type": "string", "pattern": '^"[0-9a-f]{32}"$'}),
    "Retry-After": Header("Retry-After", "Seconds.", {"type": "string", "pattern": "^[0-9]+$"}, required=False),
}
