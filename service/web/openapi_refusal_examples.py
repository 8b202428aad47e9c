"""Real refusals by the demo site, for the OpenAPI document: what is said where a request asks for what is not there."""

from service.core.identity import Category
from service.web.openapi_example import JSON, PROBLEM, Example, problem
from service.web.openapi_parameters import Json

_LANGUAGES = ["en", "de", "de-CH", "fr", "it", "es", "pt-BR", "ja", "zh-Hans", "zh-Hant", "ar"]


def no_device_id(category: Category) -> Json:
    """The refusal of a device id that is of some category instead."""
    return problem(
        "identifying-value",
        {
            "pointer": "/signals/device/id",
            "code": "identifying_value",
            "category": category,
            "allowed": ["uuid4", "uuid7", "ulid", "nanoid", "base64url128", "base58_128"],
            "detail": "An opaque random id in one of these formats, made for the device and kept by the site.",
        },
    )


REFUSAL_EXAMPLES: dict[str, Example] = {
    "identifying": Example(
        operation="recommend",
        summary="An e-mail address where a device id should be",
        path="/v1/recommendation",
        status=422,
        answer=no_device_id("email"),
        answer_type=PROBLEM,
        body={"signals": {"device": {"id": "anna@example.org"}}},
        content_type=JSON,
    ),
    "unknownSite": Example(
        operation="recommend",
        summary="A site that is not configured",
        path="/v1/recommendation",
        status=404,
        answer=problem("unknown-site"),
        answer_type=PROBLEM,
        body={"site": "nowhere"},
        content_type=JSON,
    ),
    "unknownParameter": Example(
        operation="recommendForThisRequest",
        summary="A parameter that is not described",
        path="/v1/recommendation?lang=fr",
        status=422,
        answer=problem(
            "unknown-field",
            {"pointer": "/query", "code": "unknown_field", "position": 0, "allowed": ["site", "format"]},
        ),
        answer_type=PROBLEM,
    ),
    "noPage": Example(
        operation="recommendForCohort",
        summary="A language the site does not have",
        path="/v1/cohorts/CH/rm/smartphone",
        status=404,
        answer=problem("not-found", {"pointer": "/path/language", "code": "invalid_value", "allowed": _LANGUAGES}),
        answer_type=PROBLEM,
    ),
    "noWindow": Example(
        operation="countCohorts",
        summary="A window of nine days, where a week is kept",
        path="/v1/sites/demo/cohorts?window=9d",
        status=422,
        answer=problem(
            "invalid-value",
            {"pointer": "/query/window", "code": "invalid_value", "allowed": ["1h to 168h", "1d to 7d"]},
        ),
        answer_type=PROBLEM,
    ),
    "noExperiment": Example(
        operation="countExperiment",
        summary="An experiment that the site does not have, or has as a draft",
        path="/v1/sites/demo/experiments/checkout",
        status=404,
        answer=problem("not-found", {"pointer": "/path/experiment", "code": "invalid_value", "allowed": ["hero"]}),
        answer_type=PROBLEM,
    ),
}
