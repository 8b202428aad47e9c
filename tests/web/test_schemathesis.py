"""The service attacked from its own OpenAPI document: whatever is sent, what comes back is what the document says."""

from collections.abc import Iterator
from threading import Thread
from time import sleep
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, CheckContext, GenerationMode, Response
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from service.app import Application, Container
from service.web.openapi.operation import Operation
from service.web.openapi.operations import OPERATIONS
from service.web.wire.answering import Limits
from service.web.wire.connection import connections

EXAMPLES_MAX = 50
# What is wrong with a value itself, which no schema can tell.
ABOUT_VALUES = {"identifying_value", "invalid_value", "too_large"}


def refused_for_its_values_alone(_: CheckContext, response: Response, case: Case) -> None:
    """What follows the document is never refused for its form: no unknown, missing or repeated field, no wrong type."""
    if response.status_code < 400 or "problem" not in response.headers["content-type"][0]:
        return
    assert response.status_code in (404, 422), case
    assert {error["code"] for error in response.json().get("errors", [])} <= ABOUT_VALUES


def refused(context: CheckContext, response: Response, case: Case) -> bool | None:
    """What does not follow the document gets no answer. Nginx's `auth_request` must be told so in a header."""
    if response.status_code == 204 and "pb-problem" in response.headers:
        return None
    return negative_data_rejection(context, response, case)


CONFORMANCE: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ACCEPTED = [*CONFORMANCE, unsupported_method, refused_for_its_values_alone]
REFUSED = [*CONFORMANCE, refused]


@pytest.fixture(scope="module")
def document(house: Container) -> Iterator[Any]:
    """The document, read from a real server of the application that it describes: every byte goes over a socket."""
    limits = house.configuration.settings
    application = Application(house)
    protocol = connections(
        application.dispatcher,
        Limits(limits.header_block_max_bytes, limits.header_fields_max, limits.header_read_timeout_s),
    )
    config = uvicorn.Config(application, port=0, http=protocol, log_config=None, proxy_headers=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")
    finally:
        server.should_exit = True
        thread.join()


def attack(document: Any, operation: Operation, mode: GenerationMode, checks: list[CheckFunction]) -> None:
    requests = document[operation.path][operation.method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES_MAX,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests)
    def send(case: Case) -> None:
        case.call_and_validate(checks=checks)

    send()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_requests_by_the_document_are_answered_by_it(document: Any, operation: Operation) -> None:
    """Status, media type, headers and body are as described; a refusal is about a value, never about the form.

    Any other method is 405, with those that are allowed.
    """
    attack(document, operation, GenerationMode.POSITIVE, ACCEPTED)


@pytest.mark.parametrize(
    "operation",
    [row for row in OPERATIONS if row.refusals and row.name != "recommendMany"],
    ids=lambda operation: operation.name,
)
def test_requests_against_the_document_are_refused_by_it(document: Any, operation: Operation) -> None:
    """Unknown fields, wrong types and values outside their vocabulary never get an answer."""
    attack(document, operation, GenerationMode.NEGATIVE, REFUSED)


def test_batches_against_the_document_are_answered_item_by_item(document: Any) -> None:
    """A bad item is refused in its place, which is no refusal of the batch."""
    [operation] = [row for row in OPERATIONS if row.name == "recommendMany"]
    attack(document, operation, GenerationMode.NEGATIVE, CONFORMANCE)
