"""What callers may do, as data: every operation of the OpenAPI document with its parameters, answers and refusals.

A test compares the rows with ``routes.table``.
"""

from msgspec import Struct

from service.core.recommendation import CohortPage, Decision
from service.use_cases.counting.report import CohortReport, ExperimentReport, SlotReport
from service.use_cases.evaluate_flags import Flag
from service.web.bodies.event_schema import EventsAnswer, EventsBody
from service.web.bodies.schema import BatchDocument, RecommendationBody
from service.web.endpoints.health import Readiness
from service.web.ofrep.context import EvaluationBody
from service.web.ofrep.flags import FLAG_PATH, FLAGS_PATH, SITE_FLAG_PATH, SITE_FLAGS_PATH, FlagSet
from service.web.ofrep.refusals import FlagFailure, FlagSetFailure
from service.web.openapi.operation import (
    CSV,
    JSON,
    NDJSON,
    PRIVATE,
    PUBLIC,
    QUERY_REFUSALS,
    SITE_REFUSALS,
    VISIT_PARAMETERS,
    Answer,
    Operation,
    schema_of,
)
from service.web.openapi.parameters import Json
from service.web.openapi.people_operations import PEOPLE_OPERATIONS
from service.web.problems import Problem, ProblemName

BODY_REFUSALS: tuple[ProblemName, ...] = (
    *QUERY_REFUSALS, "missing-field", "too-large", "not-json", "body-timeout", "body-too-large",
    "unsupported-media-type",
)  # fmt: skip
_COUNTS_REFUSALS: tuple[ProblemName, ...] = (*SITE_REFUSALS, *QUERY_REFUSALS, "counts-unavailable")
_PB = ("PB-Language", "PB-Region", "PB-Device", "PB-Cohort", "PB-Variants")
_TAGGED = (*PRIVATE, "ETag")
_COUNTS = ("No-Store", "Vary")


def _lines(kind: str) -> Json:
    return {"type": "string", "description": f"One {kind} a line."}


def _flags(
    path: str, name: str, summary: str, description: str, success: type[Struct], failure: type[Struct]
) -> Operation:
    """A row of OFREP: its refusals are its own, but for those that are no matter of a context."""
    refused = {JSON: schema_of(failure)}
    return Operation(
        path,
        "POST",
        "recommend",
        name,
        "flags",
        summary,
        f"The visit is the context alone, and a browser's `Sec-GPC` and `pb_optout`. {description}",
        {
            200: Answer("Where there is no `value`, the caller's own holds.", {JSON: schema_of(success)}, _TAGGED),
            304: Answer("The caller has just this.", {}, _TAGGED),
            400: Answer("Not JSON, or a context that is refused.", refused, ("No-Store",)),
            404: Answer("No such flag, or no such site.", refused, ("No-Store",)),
            500: Answer("A mistake of ours.", refused, ("No-Store",)),
        },
        (
            *(["site_counted"] if "{site}" in path else []),
            *(["flag"] if "{key}" in path else []),
            *("flagConfigEtag", "flagConfigLastModified", "If-None-Match", "Sec-GPC", "pb_optout"),
        ),
        body={JSON: schema_of(EvaluationBody)},
        refusals=("body-timeout", "body-too-large", "unsupported-media-type"),
    )


_ALL_FLAGS = "A visit that permits statistics is counted as one, also where nothing changed."
_ONE_FLAG = "Nothing is counted: a server asks for many flags of one visit."
_TABLE: Json = {"type": "string", "description": "RFC 4180: a head, then a row for each figure, each with its terms."}
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
            200: Answer("The decision, with its explanation.", {JSON: schema_of(Decision)}, (*PRIVATE, *_PB)),
            204: Answer(
                "With `format=headers`: the decision in headers alone; without the cookies that were refused, if any "
                "were, and then with `PB-Problem`.",
                {},
                (*PRIVATE, *_PB, "PB-Problem"),
            ),
        },
        ("site", "format", *VISIT_PARAMETERS),
        refusals=(*SITE_REFUSALS, *QUERY_REFUSALS, "too-large"),
    ),
    Operation(
        "/v1/recommendation",
        "POST",
        "recommend",
        "recommend",
        "recommendations",
        "Ask with explicit signals",
        "For backends. Only the body counts: the backend's own address, headers and cookies are not the visitor's.",
        {200: Answer("The decision, with its explanation.", {JSON: schema_of(Decision)}, (*PRIVATE, *_PB))},
        body={JSON: schema_of(RecommendationBody)},
        refusals=(*SITE_REFUSALS, *BODY_REFUSALS),
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
                PRIVATE,
            )
        },
        body={JSON: schema_of(BatchDocument), NDJSON: _lines("RecommendationBody")},
        refusals=(*SITE_REFUSALS, *BODY_REFUSALS),
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
            200: Answer("What may be said to everyone alike.", {JSON: schema_of(CohortPage)}, PUBLIC),
            304: Answer("The caller has this page already.", {}, PUBLIC),
        },
        ("country", "language", "device_class", "site", "If-None-Match"),
        refusals=(*SITE_REFUSALS, "not-found", *QUERY_REFUSALS),
    ),
    Operation(
        "/v1/events",
        "POST",
        "events",
        "report",
        "events",
        "Tell what happened after a visit",
        "For pages and backends. The events are counted in the cohort that the token names, all of them or none. What "
        "was counted is remembered by the device alone, in the marks of its cookie. With `Sec-GPC: 1`, an opt-out or "
        "no token the report is read and nothing is counted, nor without a key where its network has reported more in "
        "this release interval than 20 of a kind or 5 % of what was last released; `reason` says which. `text/plain` "
        "is read as JSON, for `navigator.sendBeacon`.",
        {
            202: Answer(
                "What became of it, and the next values of the cookies.", {JSON: schema_of(EventsAnswer)}, PRIVATE
            )
        },
        ("ack", "Sec-GPC", "pb_optout"),
        body={JSON: schema_of(EventsBody), "text/plain": schema_of(EventsBody)},
        refusals=(*SITE_REFUSALS, *BODY_REFUSALS, "not-stored"),
    ),
    _flags(FLAGS_PATH, "evaluateFlags", "Evaluate all flags", _ALL_FLAGS, FlagSet, FlagSetFailure),
    _flags(FLAG_PATH, "evaluateFlag", "Evaluate one flag", _ONE_FLAG, Flag, FlagFailure),
    _flags(SITE_FLAGS_PATH, "evaluateFlagsOfSite", "Evaluate all flags of a site", _ALL_FLAGS, FlagSet, FlagSetFailure),
    _flags(SITE_FLAG_PATH, "evaluateFlagOfSite", "Evaluate one flag of a site", _ONE_FLAG, Flag, FlagFailure),
    Operation(
        "/v1/sites/{site}/cohorts",
        "GET",
        "statistics",
        "countCohorts",
        "counts",
        "Read the counts of a site's cohorts",
        "Visits, devices and languages of every cohort of which anything was released in the window: sums of released "
        "cells, null where all were suppressed. Answers change when an interval is released and at no other time.",
        {200: Answer("The counts, on their terms.", {JSON: schema_of(CohortReport), CSV: _TABLE}, _COUNTS)},
        ("site_counted", "window", "format_of_counts"),
        refusals=_COUNTS_REFUSALS,
    ),
    Operation(
        "/v1/sites/{site}/slots/{slot}",
        "GET",
        "statistics",
        "countSlot",
        "counts",
        "Read the counts of one of a site's slots",
        "For each option the visits in whose ranking it stood first, its rewards and their rate, by cohort.",
        {200: Answer("The counts, on their terms.", {JSON: schema_of(SlotReport), CSV: _TABLE}, _COUNTS)},
        ("site_counted", "slot", "window", "format_of_counts"),
        refusals=(*_COUNTS_REFUSALS, "not-found"),
    ),
    Operation(
        "/v1/sites/{site}/experiments/{experiment}",
        "GET",
        "statistics",
        "countExperiment",
        "counts",
        "Read the results of one of a site's experiments",
        "For each variant its exposures, conversions and their rate, and beside control its lift and the probability "
        "to beat it; whether the shares are as configured; and what to doubt in these figures. A draft has none.",
        {200: Answer("The results, on their terms.", {JSON: schema_of(ExperimentReport), CSV: _TABLE}, _COUNTS)},
        ("site_counted", "experiment", "window", "format_of_counts"),
        refusals=(*_COUNTS_REFUSALS, "not-found"),
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
    *PEOPLE_OPERATIONS,
)
