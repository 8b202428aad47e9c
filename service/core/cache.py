"""A bounded cache whose hits cost one look-up."""

from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

K = TypeVar("K", bound=tuple[Any, ...])
V = TypeVar("V")


class Cache(dict[K, V]):
    """What follows from a key, at most ``entries_max`` at once: ``cache[key]`` makes what is not there yet.

    The key is the tuple of the arguments of ``make``. A full one lets its oldest eighth go, however often that was
    asked for: to keep an order of use, as ``functools.lru_cache`` does, means to write into several entries at each
    hit, which costs more than to make some of them again.
    """

    __slots__ = ("_make", "entries_max")

    def __init__(self, make: Callable[..., V], entries_max: int) -> None:
        super().__init__()
        self._make = make
        self.entries_max = entries_max

    def __missing__(self, key: K) -> V:
        value = self._make(*key)
        if len(self) >= self.entries_max:
            for old in [*islice(self, max(1, self.entries_max // 8))]:
                del self[old]
        self[key] = value
        return value
