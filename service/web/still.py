"""Things that must not change under a request which gives the loop back before it is done.

Most requests decide between two awaits, so that nothing can change meanwhile. A batch does not: it holds what it
decides by, and whoever wants to change that waits until no batch is in work. Apart from the decisions because it knows
nothing of them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator


class Still:
    """Many may hold it at once. Who wants to be alone keeps new holders waiting, so that they cannot starve it."""

    def __init__(self) -> None:
        self._holders = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._open = asyncio.Event()
        self._open.set()

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Nobody is alone while the context lasts."""
        while not self._open.is_set():  # somebody else may be first, once it is open
            await self._open.wait()
        self._holders += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders:
                self._idle.set()

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Nobody holds it while the context lasts. Not for two at once."""
        self._open.clear()
        try:
            await self._idle.wait()
            yield
        finally:
            self._open.set()
