"""Words for what a store did not do."""

from typing import get_args

from service.cli.store_failures import WORDS
from service.ports import StoreErrorKind


def test_every_kind_of_failure_has_words() -> None:
    """One each, and no two the same."""
    assert set(WORDS) == {*get_args(StoreErrorKind)}
    assert len({*WORDS.values()}) == len(WORDS)
