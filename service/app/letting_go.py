"""What was remembered is let go of a little at a time.

A full cache takes ten milliseconds to empty, for each of its entries is made of many objects, and nobody is answered
meanwhile. So somebody else holds them while it is emptied, and lets go in slices.
"""

import asyncio
import gc

SLICE = 256


class Remains:
    """What is to be let go of."""

    def __init__(self) -> None:
        self._held: list[object] = []

    def take(self, *owners: object) -> None:
        """Empty the caches of these, bounded ones that they have as attributes: a millisecond each.

        What their dicts hold is taken too, so that an owner may clear those afterwards at as little cost.
        """
        for owner in owners:
            for one in vars(owner).values():
                clear = getattr(one, "cache_clear", None)
                if clear is not None or isinstance(one, dict):
                    self._held += gc.get_referents(one)  # keys and values, of which functools shows no others
                if clear is not None:
                    clear()

    async def let_go(self) -> None:
        """Let go of it all. Others are answered in between."""
        while self._held:
            del self._held[-SLICE:]
            await asyncio.sleep(0)
