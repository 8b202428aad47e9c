"""A report is handed over whole or not at all, and an answer that promises storage waits for it."""

import asyncio
from typing import Any

import msgspec
import pytest

from service.core.event import CAPPED, NOTHING, EventReport, Exposure, Reward, View
from service.core.groups.cohort_token import Sealed
from service.core.groups.counts import Increment
from service.core.sites import Experiment, Site, Slot
from service.use_cases.counting.record_events import record_events

SITE = Site(
    "demo",
    ("en",),
    "en",
    topics=("shoes",),
    experiments={"hero": Experiment("running", ("a", "b"), "hero")},
    slots={"front": Slot(("spring",))},
)
SEALED = Sealed(1_795_341_600, "CH/smartphone", statistics=True, interests=False)
REPORT = EventReport((Exposure("hero", "b"), View("shoes"), Reward("front", "spring")), None, None)
INCREMENTS = [
    Increment("demo", "CH/smartphone", ("exposed:hero:b",)),
    Increment("demo", "CH/smartphone", ("rewarded:front:spring",)),
]


class Rules(msgspec.Struct):
    """As much of a site's rules as counting looks at."""

    site: Site


class Book:
    """A recorder that keeps what it is given."""

    def __init__(self, stores: bool = True) -> None:
        self.counted: list[Increment] = []
        self.asked: list[list[Increment]] = []
        self._stores = stores

    def count(self, increment: Increment) -> None:
        self.counted.append(increment)

    async def record_and_wait(self, increments: Any) -> bool:
        await asyncio.sleep(0)
        self.asked.append([*increments])
        return self._stores


class Room:
    """Room for so many increments."""

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, increments: Any) -> bool:
        enough = len(increments) <= self.left
        self.left -= len(increments) * enough
        return enough

    def give_back(self, increments: Any) -> None:
        self.left += len(increments)


def record(book, sealed=SEALED, event_report=REPORT, until_stored=False, room=None):
    rules: Any = Rules(SITE)
    return asyncio.run(record_events(book, rules, sealed, event_report, until_stored=until_stored, room=room))


def test_each_event_that_counts_is_an_increment():
    """In the cohort that the token names."""
    book = Book()
    found = record(book)
    assert (found.accepted, found.variants_cookie) == (2, "hero.b.e")
    assert (book.counted, book.asked) == (INCREMENTS, [])


def test_stored_is_said_when_it_is():
    """All increments in one question, and none of them counted twice."""
    book = Book()
    assert record(book, until_stored=True).accepted == 2
    assert (book.counted, book.asked) == ([], [INCREMENTS])


def test_a_store_that_cannot_leaves_the_marks_as_they_were():
    """There is no outcome then, so no cookie that would hide the events next time."""
    book = Book(stores=False)
    assert record(book, until_stored=True) is None
    assert book.counted == []


@pytest.mark.parametrize("until_stored", [False, True])
@pytest.mark.parametrize("sealed", [None, Sealed(0, "all", statistics=False, interests=False)])
def test_where_nothing_may_be_counted_the_recorder_is_not_asked(sealed, until_stored):
    """Even one that could not store."""
    book = Book(stores=False)
    assert record(book, sealed, until_stored=until_stored) == NOTHING
    assert (book.counted, book.asked) == ([], [])


@pytest.mark.parametrize("until_stored", [False, True])
@pytest.mark.parametrize("left", [1, 2, 3])
def test_what_has_no_room_is_not_counted(until_stored, left):
    """All of it or nothing, at n - 1, n and n + 1; and the cookies stay as they are."""
    book, room = Book(), Room(left)
    found = record(book, until_stored=until_stored, room=room)
    assert len(book.counted) + sum(map(len, book.asked)) == (2 if left >= 2 else 0)
    assert (found == CAPPED) == (left < 2)
    assert room.left == (left - 2 if left >= 2 else left)


def test_room_is_given_back_where_the_store_could_not():
    """What was not counted does not use it up."""
    room = Room(2)
    assert record(Book(stores=False), until_stored=True, room=room) is None
    assert room.left == 2
