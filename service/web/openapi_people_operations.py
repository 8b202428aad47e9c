"""The operations that are about people, and for them: pages, documents, the way out and what is done with visits.

Apart from ``openapi_operations``, which has all others and joins both.
"""

from service.use_cases.disclosure import Disclosure
from service.web.endpoints.privacy import GpcSupport
from service.web.endpoints.way_out import OptOutAnswer
from service.web.openapi_operation import (
    HTML,
    JSON,
    PRIVATE,
    PUBLIC,
    QUERY_REFUSALS,
    SITE_REFUSALS,
    VISIT_PARAMETERS,
    Answer,
    Operation,
    schema_of,
)
from service.web.openapi_parameters import Json
from service.web.problems import ProblemName

_WAY_OUT_REFUSALS: tuple[ProblemName, ...] = (*SITE_REFUSALS, *QUERY_REFUSALS, "body-timeout", "body-too-large")
_MIRROR_REFUSALS: tuple[ProblemName, ...] = (*SITE_REFUSALS, *QUERY_REFUSALS, "too-large")
_PAGE: Json = {"type": "string"}

PEOPLE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "/v1/opt-out",
        "POST",
        "",
        "refuse",
        "people",
        "Say no",
        "Sets `pb_optout` for a year and deletes our other cookies, but for the visitor's own `pb_language` and "
        "`pb_region`. Nothing is stored here, and no body is looked at. A page of `cors_origins` asks with "
        "`credentials: 'include'`; to a script of another website a browser would set no cookie, so it is refused.",
        {200: Answer("What the cookie says now.", {JSON: schema_of(OptOutAnswer)}, ("Set-Cookie", *PRIVATE))},
        ("site",),
        refusals=(*_WAY_OUT_REFUSALS, "cross-site"),
    ),
    Operation(
        "/v1/opt-out",
        "DELETE",
        "",
        "refuseNoLonger",
        "people",
        "Take a no back",
        "Deletes `pb_optout`. Pages of other origins may not ask for it. No body is looked at.",
        {200: Answer("What the cookie says now.", {JSON: schema_of(OptOutAnswer)}, ("Set-Cookie", *PRIVATE))},
        ("site",),
        refusals=(*_WAY_OUT_REFUSALS, "forbidden"),
    ),
    Operation(
        "/v1/privacy",
        "GET",
        "",
        "disclose",
        "people",
        "What is done with visits",
        "Every signal with where it is read from and what it is for, every purpose and regime with its law, everything "
        "that is kept and for how long, the noise, the visitor's rights, and what is never done: by the vocabularies, "
        "the policy and the settings in force.",
        {
            200: Answer("All of it.", {JSON: schema_of(Disclosure)}, PUBLIC),
            304: Answer("The caller has it already.", {}, PUBLIC),
        },
        ("site", "If-None-Match"),
        refusals=(*SITE_REFUSALS, *QUERY_REFUSALS),
    ),
    Operation(
        "/.well-known/gpc.json",
        "GET",
        "",
        "supportsGpc",
        "people",
        "That Global Privacy Control is honoured",
        "The support resource of the GPC specification. `lastUpdate` is the policy's date.",
        {
            200: Answer("It is.", {JSON: schema_of(GpcSupport)}, PUBLIC),
            304: Answer("The caller has it already.", {}, PUBLIC),
        },
        ("If-None-Match",),
    ),
    Operation(
        "/",
        "GET",
        "",
        "mirror",
        "people",
        "What this service sees in this visit",
        "The decision on the visitor's own request as a page to read, with its reasons and an opt-out.",
        {200: Answer("The page, in the recommended language.", {HTML: _PAGE}, PRIVATE)},
        ("site", "language_of_page", *VISIT_PARAMETERS),
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
        "The mirror's button: does as `POST /v1/opt-out` and leads back.",
        {303: Answer("Back to the mirror.", {}, ("Location", "Set-Cookie", *PRIVATE))},
        ("site", "language_of_page"),
        refusals=_WAY_OUT_REFUSALS,
        refusals_as=HTML,
    ),
    Operation(
        "/opt-in",
        "POST",
        "",
        "optIn",
        "people",
        "Take an opt-out back",
        "The mirror's other button: deletes `pb_optout`, where it comes along and no other website's page asked, and "
        "leads back.",
        {303: Answer("Back to the mirror.", {}, ("Location", "Set-Cookie", *PRIVATE))},
        ("site", "language_of_page", "pb_optout"),
        refusals=_WAY_OUT_REFUSALS,
        refusals_as=HTML,
    ),
    Operation(
        "/docs",
        "GET",
        "",
        "documents",
        "people",
        "Every document there is",
        "The same as `/docs/`.",
        {200: Answer("The page.", {HTML: _PAGE}, ("Public",))},
    ),
    Operation(
        "/docs/",
        "GET",
        "",
        "documentList",
        "people",
        "Every document there is",
        "What each answers, in one sentence.",
        {200: Answer("The page.", {HTML: _PAGE}, ("Public",))},
    ),
    Operation(
        "/docs/{name}",
        "GET",
        "",
        "documentPage",
        "people",
        "A document to read",
        "In English, made of the Markdown that comes with the service.",
        {200: Answer("The page.", {HTML: _PAGE}, ("Public",))},
        ("document",),
        refusals=("not-found",),
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
            200: Answer("The document.", {JSON: {"type": "object"}}, PUBLIC),
            304: Answer("The caller has it already.", {}, PUBLIC),
        },
        ("If-None-Match",),
    ),
)
