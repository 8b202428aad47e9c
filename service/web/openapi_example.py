"""What an example is: one request and its answer. They are tried by a test, each against the real service."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from service.web.openapi_operation import JSON
from service.web.problems import PROBLEM_MEDIA_TYPE as PROBLEM
from service.web.problems import PROBLEMS, ProblemName

__all__ = ["JSON", "PROBLEM", "Example", "problem"]


class Example(Struct, frozen=True):
    """One request to an operation, by the operation's name, and what comes back. NDJSON stands as text."""

    operation: str
    summary: str
    path: str
    status: int
    answer: Any
    answer_type: str = JSON
    headers: Mapping[str, str] = {}
    body: Any = None
    content_type: str = ""


def problem(name: ProblemName, *errors: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a refusal, as an answer has it."""
    kind = PROBLEMS[name]
    told = {"type": f"/problems/{name}", "title": kind.title, "status": kind.status}
    return told | {"errors": [*errors]} if errors else told
