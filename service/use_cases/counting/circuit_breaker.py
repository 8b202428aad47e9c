"""A circuit breaker before the store: while the store fails it is hardly asked, and every caller hears so at once.

All that a process wants of the store goes through one of these, so that a store which is gone or hung is asked no more
than 1.25 times a second by the whole process, and used again within a second of its return.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar, get_args

from service.core.groups.cohort import CohortKey
from service.core.groups.counts import Batch, Released, Size
from service.core.groups.interval import Interval
from service.core.sites import Key
from service.ports import Applied, Clock, StatsStore, StoreError, StoreErrorKind

RETRY_S = 0.8
T = TypeVar("T")


class CircuitBreaker:
    """A ``StatsStore`` behind a breaker. ``monotonic_s`` is a clock that never jumps.

    A time that the store does not accept (``clock``) is the caller's failure, and leaves the breaker closed.
    """

    def __init__(self, store: StatsStore, monotonic_s: Clock) -> None:
        self._store = store
        self._monotonic_s = monotonic_s
        self._retry_at_s = 0.0
        self.kind: Literal["redis", "memory"] = store.kind
        self.open = False
        """Whether the store failed when last asked."""
        self.openings = 0
        """How often it began to fail: it may be back before anybody looks whether it does."""
        self.failure: StoreErrorKind | None = None
        self.not_permitted: str | None = None
        """The right that is missing, where that is the failure and it is known."""
        self.errors: dict[StoreErrorKind, int] = dict.fromkeys(get_args(StoreErrorKind), 0)
        """Failures by kind. All kinds are there from the start: an alarm on growth hears a first one only from 0."""

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        return await self._ask(lambda: self._store.apply(batch, now_s))

    async def salt(self, site: Key, now_s: float) -> bytes:
        return await self._ask(lambda: self._store.salt(site, now_s))

    async def released(self, site: Key, intervals: Sequence[Interval]) -> list[Released | None]:
        return await self._ask(lambda: self._store.released(site, intervals))

    async def claim(self, site: Key, interval: Interval) -> bytes | None:
        return await self._ask(lambda: self._store.claim(site, interval))

    async def counts(self, site: Key, interval: Interval) -> dict[str, int]:
        return await self._ask(lambda: self._store.counts(site, interval))

    async def sizes(self, site: Key, day: int, cohorts: Sequence[CohortKey]) -> list[Size]:
        return await self._ask(lambda: self._store.sizes(site, day, cohorts))

    async def publish(self, site: Key, released: Released, claim: bytes) -> bool:
        return await self._ask(lambda: self._store.publish(site, released, claim))

    async def started_at(self) -> float | None:
        # It is only told to people: that it cannot be told trips nothing.
        return None if self.open else await self._store.started_at()

    async def close(self) -> None:
        await self._store.close()

    async def _ask(self, question: Callable[[], Awaitable[T]]) -> T:
        if self.open:
            now_s = self._monotonic_s()
            if now_s < self._retry_at_s:
                raise StoreError(self.failure or "other", not_permitted=self.not_permitted)
            self._retry_at_s = now_s + RETRY_S  # this one is the probe; others wait for what it finds
        try:
            answer = await question()
        except StoreError as error:
            self.errors[error.kind] += 1
            if error.kind != "clock":
                self.openings += not self.open
                self.open, self.failure, self.not_permitted = True, error.kind, error.not_permitted
                self._retry_at_s = self._monotonic_s() + RETRY_S
            raise
        self.open, self.failure, self.not_permitted = False, None, None
        return answer
