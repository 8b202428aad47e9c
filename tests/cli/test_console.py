"""Words for what a store did not do."""

from typing import get_args

from service.cli.console import STORE_FAILURES
from service.ports import StoreErrorKind


def test_every_kind_of_failure_has_words() -> None:
    """One each, and no two the same."""
    assert set(STORE_FAILURES) == {*get_args(StoreErrorKind)}
    assert len({*STORE_FAILURES.values()}) == len(STORE_FAILURES)
