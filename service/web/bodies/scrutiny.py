"""A budget for asking whether texts identify somebody: one request may bring a thousand refused items.

The question costs a microsecond a character, a hundred times what a good item of a batch does. A batch therefore has a
budget that grows with its items, good or bad, and so has a stream of lines. Once it is spent, what is ill-formed is
refused as just that, without saying whom it identifies; so is a cookie, which is otherwise dropped where it identifies
nobody. Device ids have a budget of their own, so that bad items do not spoil good ones. Judgements are cached for the
rest of a batch, for a backend sends the same few odd values with all its visits.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Final, Literal

from service.core import identity
from service.core.identity import Category

# In characters of a text that is judged. The first buys a few hostile items a full account, in the smallest batch too.
BUDGET_CHARS: Final = 600
BUDGET_CHARS_OF_ITEM: Final = 1
_JUDGED_CHARS_MAX: Final = 128  # ``core.identity`` reads no further
_QUESTION_CHARS: Final = 3
# To read something slowly costs as much as so many characters, and one more for so many octets.
_SLOW_READING_CHARS: Final = 20
_OCTETS_OF_CHAR: Final = 6
# Close looks whether an id was composed. One random id in twenty is looked at so: there are enough for all good items,
# whatever else is wrong with others, unless more than an eighth of a batch are ids that need such a look.
CLOSE_LOOKS: Final = 20
CLOSE_LOOKS_OF_ITEM: Final = 1 / 8
JUDGED_MAX: Final = 64


class Budget:
    """What may still be judged, in characters."""

    def __init__(self, items: int) -> None:
        self.judged: dict[tuple[str, str], Category | None] = {}
        """The first JUDGED_MAX texts that were judged, while the batch is in work."""
        self._left_chars = BUDGET_CHARS + BUDGET_CHARS_OF_ITEM * items
        self._left_looks = CLOSE_LOOKS + CLOSE_LOOKS_OF_ITEM * items

    def add_item(self) -> None:
        """Add the share of one more item, as they come in a stream."""
        self._left_chars = min(self._left_chars, BUDGET_CHARS) + BUDGET_CHARS_OF_ITEM
        self._left_looks = min(self._left_looks, CLOSE_LOOKS) + CLOSE_LOOKS_OF_ITEM

    def spend(self, chars: int) -> bool:
        """Spend this, and whether the budget was not spent before."""
        if self._left_chars <= 0:
            return False
        self._left_chars -= chars
        return True

    def look_closely(self) -> bool:
        """Take a close look, and whether one was left."""
        if self._left_looks < 1:
            return False
        self._left_looks -= 1
        return True


_budget: Final[ContextVar[Budget | None]] = ContextVar("budget", default=None)


@contextlib.contextmanager
def budget_for(items: int) -> Iterator[Budget]:
    """A context in which all judgements share the budget of a batch of so many items."""
    budget = Budget(items)
    before = _budget.set(budget)
    try:
        yield budget
    finally:
        _budget.reset(before)


def may_read_slowly(octets: int) -> bool:
    """Whether the mistakes in so many octets can be looked for."""
    budget = _budget.get()
    return budget is None or budget.spend(_SLOW_READING_CHARS + octets // _OCTETS_OF_CHAR)


def value_category(value: str) -> Category | None:
    """As ``core.identity`` has it; None too where the budget is spent."""
    return identity.identifying_value(value) if may_judge(value) else None


def name_category(name: str) -> Category | None:
    """As ``core.identity`` has it; None too where the budget is spent."""
    return identity.identifying_name(name) if may_judge(name) else None


def judge(
    field: str, text: str, category_of: Callable[[str], Category | None]
) -> Category | Literal["unjudged"] | None:
    """The category of a text by this function, as far as the budget goes."""
    budget = _budget.get()
    if budget is None:
        return category_of(text)
    if (field, text) in budget.judged:
        return budget.judged[field, text]
    if not may_judge(text):
        return "unjudged"
    category = category_of(text)
    if len(budget.judged) < JUDGED_MAX:
        budget.judged[field, text] = category
    return category


def may_look_closely() -> bool:
    """Whether an id may be looked at closely. What it costs is spent."""
    budget = _budget.get()
    return budget is None or budget.look_closely()


def may_judge(text: str) -> bool:
    """Whether the budget allows to judge a text. What it costs is spent."""
    budget = _budget.get()
    return budget is None or budget.spend(_QUESTION_CHARS + min(len(text), _JUDGED_CHARS_MAX))
