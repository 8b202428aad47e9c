"""The OpenAPI 3.1 document at ``/openapi.json``, made from the very types that read requests and write answers.

Schemas come from the structs, so what is validated is what is documented. What structs cannot say is data here:

    operation.py           what a row is, and what many rows share
    operations.py          the rows; those that are about people and for them are in people_operations.py
    parameters.py          parameters and headers, which the rows name
    examples.py            real requests and answers, which stand in examples/

Building the document takes some 6 ms.
"""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from service import __version__
from service.core.groups.aggregates import DevicesTotal, Total
from service.core.recommendation import CohortPage, Decision
from service.use_cases.counting.report import CohortReport, ExperimentReport, SlotReport
from service.use_cases.evaluate_flags import Flag
from service.use_cases.transparency.disclosure import Disclosure
from service.use_cases.transparency.inventory import RetentionEntry
from service.web.bodies.event_schema import EventsAnswer, EventsBody
from service.web.bodies.schema import BatchDocument, RecommendationBody, VisitBody
from service.web.endpoints.health import Readiness
from service.web.endpoints.opt_out import OptOutAnswer
from service.web.endpoints.privacy import GpcSupport
from service.web.ofrep.context import EvaluationBody
from service.web.ofrep.flags import FlagSet
from service.web.ofrep.refusals import FlagFailure, FlagSetFailure
from service.web.openapi.examples import Example, all_examples
from service.web.openapi.operation import ANY_REFUSALS, KEY_REFUSALS, TAGS, Answer, Operation, schema_of
from service.web.openapi.operations import OPERATIONS
from service.web.openapi.parameters import HEADERS, PARAMETERS, Header, Json, Parameter
from service.web.problems import PROBLEM_MEDIA_TYPE, PROBLEMS, Problem, ProblemName

KINDS = (
    RecommendationBody, VisitBody, BatchDocument, Decision, CohortPage, CohortReport, SlotReport, ExperimentReport,
    EventsBody, EventsAnswer, EvaluationBody, FlagSet, Flag, FlagFailure, FlagSetFailure, OptOutAnswer, Problem,
    Readiness, Disclosure, GpcSupport,
)  # fmt: skip
# Python's `$` also matches before a last line's end, so some patterns end on `\\Z`, which JSON Schema does not know.
_PYTHONS_END = rb'\\Z"'
# The name of a component that clients may have made classes of, where the struct is called otherwise.
_COMPONENTS = {RetentionEntry: "Kept", Total: "Figure", DevicesTotal: "DevicesFigure"}


@cache
def document() -> Json:
    """The whole document. Callers must not change it."""
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Passerby",
            "version": __version__,
            "summary": "Language, region and device recommendations for a visit, without knowing the visitor.",
            "description": "Requests are closed: a field that is not described here is refused, and so is a value that "
            "says who the visitor is. No error repeats anything that was sent. Answers may gain fields.",
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": meaning} for name, meaning in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "parameters": {name: _parameter(name, parameter) for name, parameter in PARAMETERS.items()},
            "headers": {name: _header(header) for name, header in HEADERS.items()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A key with the scope of the operation."},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
            },
        },
    }


def _operation(operation: Operation) -> Json:
    examples = {name: example for name, example in all_examples().items() if example.operation == operation.name}
    responses = {status: _response(status, answer, examples) for status, answer in operation.answers.items()}
    for names, kind in (
        (operation.refusals, operation.refusals_as),
        (KEY_REFUSALS if operation.scope else (), PROBLEM_MEDIA_TYPE),
        (ANY_REFUSALS, PROBLEM_MEDIA_TYPE),
        (("overloaded",) if operation.sheds else (), PROBLEM_MEDIA_TYPE),
    ):
        for name in names:
            _add_problem(responses, name, kind, examples)
    item: Json = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "responses": {str(status): responses[status] for status in sorted(responses)},
        # The empty alternative: on loopback without keys, and for `open_scopes`, none is asked for.
        "security": [{"bearer": []}, {"key": []}, {}] if operation.scope else [],
    }
    if operation.parameters:
        item["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in operation.parameters]
    if operation.body:
        content = {
            kind: {"schema": schema}
            | _examples_member(
                {
                    name: (example.summary, example.body)
                    for name, example in examples.items()
                    if example.body is not None and example.content_type == kind
                }
            )
            for kind, schema in operation.body.items()
        }
        item["requestBody"] = {"required": True, "content": content}
    return item


def _response(status: int, answer: Answer, examples: dict[str, Example]) -> Json:
    response: Json = {"description": answer.meaning}
    if answer.headers:
        response["headers"] = {HEADERS[name].name: {"$ref": f"#/components/headers/{name}"} for name in answer.headers}
    if answer.content:
        response["content"] = {
            kind: {"schema": schema} | _answers(examples, status, kind) for kind, schema in answer.content.items()
        }
    return response


def _add_problem(responses: dict[int, Json], name: ProblemName, kind: str, examples: dict[str, Example]) -> None:
    """One more thing that a status may mean."""
    status = PROBLEMS[name].status
    response = responses.setdefault(status, {"description": ""})
    response["description"] = f"{response['description']} `{name}`: {PROBLEMS[name].title}.".strip()
    schema = schema_of(Problem) if kind == PROBLEM_MEDIA_TYPE else {"type": "string"}
    response.setdefault("content", {})[kind] = {"schema": schema} | _answers(examples, status, kind)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.setdefault("headers", {})["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    if name == "unauthorized":
        response.setdefault("headers", {})["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}


def _answers(examples: dict[str, Example], status: int, kind: str) -> Json:
    return _examples_member(
        {
            name: (example.summary, example.answer)
            for name, example in examples.items()
            if (example.status, example.answer_type) == (status, kind)
        }
    )


def _examples_member(examples: dict[str, tuple[str, Any]]) -> Json:
    by_name = {name: {"summary": summary, "value": value} for name, (summary, value) in examples.items()}
    return {"examples": by_name} if by_name else {}


def _parameter(name: str, parameter: Parameter) -> Json:
    item: Json = {
        "name": parameter.name or name,
        "in": parameter.place,
        "description": parameter.meaning,
        "schema": parameter.schema,
    }
    if parameter.place == "path":
        item["required"] = True
    if parameter.example is not None:
        item["example"] = parameter.example
    return item


def _header(header: Header) -> Json:
    return {"description": header.meaning, "required": header.required, "schema": header.schema}


def _schemas() -> Json:
    """The structs' own schemas, with what their types cannot say."""
    _, components = msgspec.json.schema_components(KINDS, ref_template="#/components/schemas/{name}")
    text = msgspec.json.encode(components).replace(_PYTHONS_END, b'$"')
    for kind, name in _COMPONENTS.items():
        text = re.sub(rf'(?<=["/]){kind.__name__}(?=")'.encode(), name.encode(), text)
    schemas: Json = msgspec.json.decode(text)
    for schema in schemas.values():
        schema["description"] = _in_markdown(schema.get("description", ""))
    schemas["BatchDocument"]["description"] = "Many visits to one site."
    schemas["SignalsBody"]["not"] = {"required": ["ip", "geo"]}
    schemas["SignalsBody"]["properties"]["ip"]["anyOf"] = [{"format": "ipv4"}, {"format": "ipv6"}]
    schemas["Problem"]["properties"]["type"]["enum"] = [f"/problems/{name}" for name in PROBLEMS]
    schemas["Problem"]["properties"]["status"]["enum"] = sorted({kind.status for kind in PROBLEMS.values()})
    return schemas


def _in_markdown(docstring: str) -> str:
    """A docstring as its readers outside see it."""
    text = " ".join(docstring.split())
    return re.sub(r"\bNone\b", "`null`", re.sub(r"``([^`]*)``", r"`\1`", text))
