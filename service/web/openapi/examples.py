"""Real requests and their answers by the demo site: a file in ``examples/`` for each tag of operations.

A test sends each one to the service as configured in this repository and compares, so that none of them can age.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.web.openapi.operation import JSON, NDJSON, Tag

_FOLDER = Path(__file__).parent / "examples"


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """One request to an operation, by the operation's name, and what comes back."""

    operation: str
    summary: str
    path: str
    status: int
    answer: Any
    answer_type: str = JSON
    headers: Mapping[str, str] = {}
    body: Any = None
    content_type: str = JSON


@cache
def all_examples() -> Mapping[str, Example]:
    """Every example by its name. NDJSON is text here; in the files it is a list with an item for each line."""
    texts = (_FOLDER.joinpath(f"{tag}.json").read_bytes() for tag in get_args(Tag))
    return {
        name: replace(
            example,
            body=_as_sent(example.body, example.content_type),
            answer=_as_sent(example.answer, example.answer_type),
        )
        for text in texts
        for name, example in msgspec.json.decode(text, type=dict[str, Example]).items()
    }


def _as_sent(content: Any, media_type: str) -> Any:
    if media_type != NDJSON:
        return content
    return b"".join(msgspec.json.encode(line) + b"\n" for line in content).decode()
