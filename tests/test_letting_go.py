"""Caches are emptied whole at once, and what they held is gone a little later."""

import asyncio
import weakref
from functools import lru_cache
from typing import Any

from service.app import letting_go
from service.app.letting_go import Remains


class Thing:
    pass


class Owner:
    def __init__(self) -> None:
        self.remember = lru_cache(maxsize=1000)(lambda number: Thing())
        self.known = {number: Thing() for number in range(1000)}
        self.number = 1


def test_what_is_let_go_of_goes_in_slices() -> None:
    """Others have their turn between two slices of bounded size; in the end nothing is held."""

    async def scene() -> None:
        owner = Owner()
        alive: Any = weakref.WeakSet()
        for number in range(1000):
            alive.add(owner.remember(number))
        alive.update(owner.known.values())
        remains = Remains()
        remains.take(owner)
        assert owner.remember.cache_info().currsize == 0
        assert len(owner.known) == 1000  # it is its owner's to clear
        owner.known.clear()
        assert len(alive) == 2000
        going = asyncio.create_task(remains.let_go())
        before = len(alive)
        while not going.done():
            await asyncio.sleep(0)
            assert before - len(alive) <= letting_go.SLICE
            before = len(alive)
        assert before == 0

    asyncio.run(scene())


def test_nothing_is_let_go_of_at_once() -> None:
    asyncio.run(Remains().let_go())
