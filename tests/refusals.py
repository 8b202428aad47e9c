"""Where a refusal points and why, without the words of help: those have tests of their own (``tests/web/bodies/test_guidance.py``)."""

from typing import Any

from service.web.problems import FieldError, Refusal

HELP = ("allowed", "detail")


def pointed(errors: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """The ``errors`` of a problem as JSON, without what helps."""
    return errors and [{name: value for name, value in error.items() if name not in HELP} for error in errors]


def without_help(refusal: Refusal | None) -> Refusal | None:
    """The same of a refusal."""
    if refusal is None:
        return None
    bare = (FieldError(error.pointer, error.code, error.category, error.position) for error in refusal.errors)
    return Refusal(refusal.name, tuple(bare))
