"""The OpenAPI document: valid, complete beside the routes, closed as requests are, with examples that are real."""

import json
from inspect import signature
from typing import Any, get_args

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from starlette.testclient import TestClient

from service.core.device import Browser, DeviceClass, OperatingSystem
from service.core.identity import Category
from service.core.privacy import Purpose
from service.core.signals import SignalName
from service.web.openapi import document
from service.web.openapi.examples import Example, all_examples
from service.web.openapi.operation import NDJSON
from service.web.openapi.operations import OPERATIONS
from service.web.problems import PROBLEMS, ErrorCode
from service.web.routes import table
from tests.web.endpoints.test_counts_experiments import ReleasedOnly, client_of

DOCUMENT = document()
SCHEMAS = DOCUMENT["components"]["schemas"]
EXAMPLES = all_examples()
# What every interval of the window of an experiment's example released.
RELEASED = {
    "all|exposed:hero:a": 1000,
    "all|exposed:hero:b": 1010,
    "all|converted:hero:a": 200,
    "all|converted:hero:b": 240,
}


def closed(schema: Any) -> Any:
    """A schema whose objects may hold nothing that it does not describe: stricter than what callers are told."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(part) for name, part in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made else made


def problems_of(schema: Any, value: Any) -> list[str]:
    """What is wrong with a value, by a schema of the document whose objects are closed."""
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | closed(schema)
    whole["components"] = {"schemas": closed(SCHEMAS)}
    return [str(error) for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]


def operation_of(name: str) -> Any:
    found = [row for row in OPERATIONS if row.name == name]
    assert len(found) == 1
    return DOCUMENT["paths"][found[0].path][found[0].method.lower()]


def values_in(schema: Any) -> list[Any]:
    """Every list of allowed values anywhere in a schema."""
    if isinstance(schema, list):
        return [value for part in schema for value in values_in(part)]
    if not isinstance(schema, dict):
        return []
    own = [schema["enum"]] if isinstance(schema.get("enum"), list) else []
    return own + [value for part in schema.values() for value in values_in(part)]


def test_it_is_valid_openapi() -> None:
    """By the 3.1 meta schema, and every schema in it by JSON Schema's."""
    OPENAPI_31_VALIDATOR.validate(DOCUMENT)
    for schema in SCHEMAS.values():
        assert jsonschema_rs.meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema)


def test_every_pattern_is_json_schemas() -> None:
    """Not Python's: `\\Z` is a letter there, or an error."""
    assert "\\Z" not in json.dumps(DOCUMENT).replace("\\\\", "\\")


def test_every_reference_leads_somewhere() -> None:
    """A document that points at nothing is of no use to a generator of clients."""
    for place in _references(DOCUMENT):
        found: Any = DOCUMENT
        for part in place.removeprefix("#/").split("/"):
            found = found[part]


def _references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [place for each in part for place in _references(each)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    return own + [place for each in part.values() for place in _references(each)]


class AnyEndpoints:
    """Whatever a row of the table asks of it."""

    def __getattr__(self, name: str) -> str:
        return name


def test_it_lists_exactly_the_routes() -> None:
    """Path, method and scope of every row of the table, and no other."""
    endpoints: list[Any] = [AnyEndpoints() for _ in signature(table).parameters]
    rows = {(row.path, row.method, row.scope) for row in table(*endpoints)}
    assert {(row.path, row.method, row.scope) for row in OPERATIONS} == rows
    described = {(path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == {(path, method) for path, method, _ in rows}


def test_requests_are_closed() -> None:
    """The document says of each object of a request that nothing else may stand in it."""
    for name, schema in SCHEMAS.items():
        if name.endswith(("Body", "BatchDocument")):
            assert schema["additionalProperties"] is False, name


@pytest.mark.parametrize(
    "vocabulary", [Purpose, SignalName, DeviceClass, OperatingSystem, Browser, Category, ErrorCode]
)
def test_vocabularies_are_closed(vocabulary: Any) -> None:
    """Every closed vocabulary stands there in full."""
    assert sorted(get_args(vocabulary)) in [sorted(map(str, values)) for values in values_in(SCHEMAS)]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_status_is_described_as_problem(operation: Any) -> None:
    """Every refusal has its status, in its media type, and the description names it."""
    responses = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]
    for name in operation.refusals:
        response = responses[str(PROBLEMS[name].status)]
        assert operation.refusals_as in response["content"]
        assert f"`{name}`" in response["description"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_real(name: str, client: TestClient) -> None:
    """The service answers each example with just the answer that the document shows; results, where so much is released."""
    example = EXAMPLES[name]
    response = _send(example, client_of(ReleasedOnly(RELEASED)) if name == "results" else client)
    assert response.status_code == example.status
    assert response.headers["content-type"] == example.answer_type
    assert (response.text if example.answer_type == NDJSON else response.json()) == example.answer


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_follow_the_document(name: str) -> None:
    """Each example stands in the document, valid by the schemas beside it, with nothing undescribed in it."""
    example = EXAMPLES[name]
    described = operation_of(example.operation)
    answer = described["responses"][str(example.status)]["content"][example.answer_type]
    assert answer["examples"][name]["value"] == example.answer
    assert problems_of(answer["schema"], example.answer) == []
    if example.body is not None:
        request = described["requestBody"]["content"][example.content_type]
        assert request["examples"][name]["value"] == example.body
        assert problems_of(request["schema"], example.body) == []


@pytest.mark.parametrize("operation", [row.name for row in OPERATIONS if row.body])
def test_every_body_has_an_example(operation: str) -> None:
    """Of every media type it takes, and with an answer and a refusal among them."""
    content = operation_of(operation)["requestBody"]["content"]
    assert all(kind["examples"] for kind in content.values())
    assert any(example.operation == operation for example in EXAMPLES.values())


def test_it_is_served_as_it_is_built(client: TestClient) -> None:
    """The same document, for any cache to keep, under a tag that saves sending it again."""
    response = client.get("/openapi.json")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert response.json() == json.loads(json.dumps(DOCUMENT))
    tag = response.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/openapi.json", headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get("/openapi.json", headers={"if-none-match": '"other"'}).status_code == 200


def _send(example: Example, client: TestClient) -> Any:
    if example.body is None:
        return client.get(example.path, headers=dict(example.headers))
    body = example.body if isinstance(example.body, str) else json.dumps(example.body)
    return client.post(example.path, content=body, headers={"content-type": example.content_type})
