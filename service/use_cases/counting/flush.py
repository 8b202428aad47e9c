"""The way of counts from the worker to the store: sealed, sent, and sent again until it is known that they are there.

A batch whose fate is unknown is sent again as it is, under its own id, which the store counts once. Each site has at
most one such batch; what comes meanwhile goes on being summed, so that a store which was gone for minutes gets a
handful of batches and no flood. Commands grow with sites, not with traffic.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Literal, get_args

from service.core.groups.counts import Batch, Increment
from service.core.groups.interval import interval_at
from service.core.sites import Key
from service.ports import Clock, StatsStore, StoreError
from service.use_cases.counting.buffer import CountBuffer, seal

# Of the 15 commands a second that a worker may send; the rest is for salts and for learning.
COMMANDS_PER_S_MAX = 13
# A batch id is known for at least this long in the store; older ones might count twice, so they are let go.
RESEND_MAX_S = 3600
# After these a store may have counted all the same, which the next try of the same batch finds out.
_PERHAPS_COUNTED = {"timeout", "connection", "other"}
SALT_REFRESH_S = 60
STORED_TRIES = 3
# Within the 10 seconds that a process has to end.
DRAIN_MAX_S = 3.0
DRAIN_PAUSE_S = 0.1
Loss = Literal["overflow", "expired", "late", "unsent"]


class Flush:
    """Hands a buffer's counts to a store, every ``flush_s`` or so. ``interval_s`` is the length of a release interval.

    ``on_error`` is called with unexpected errors; it goes on after them.
    """

    def __init__(
        self,
        buffer: CountBuffer,
        store: StatsStore,
        interval_s: int,
        flush_s: float,
        now_s: Clock,
        on_error: Callable[[Exception], None] = lambda _error: None,
        *,
        drain_max_s: float = DRAIN_MAX_S,
    ) -> None:
        self._drain_max_s = drain_max_s
        self._on_error = on_error
        self._buffer = buffer
        self._store = store
        self._interval_s = interval_s
        self._flush_s = flush_s
        self._now_s = now_s
        self._sent: dict[Key, Batch] = {}
        self._wanting: dict[Key, tuple[dict[Increment, int], list[asyncio.Future[bool]]]] = {}
        self.healthy = True
        """Whether the store took what it was last handed."""
        self.flushes = 0
        self.batches = 0
        self.fields = 0
        self.applied = 0
        """Increments that the store has counted."""
        self.duplicates = 0
        """Batches that the store knew already: their first reply was lost."""
        self.rejected = 0
        """Increments whose sender was told that they were not stored."""
        self._lost: dict[Loss, int] = dict.fromkeys(get_args(Loss), 0)

    @property
    def waiting(self) -> int:
        """Increments taken and not known to be in the store."""
        return self._buffer.waiting + sum(batch.events for batch in self._sent.values())

    @property
    def lost(self) -> dict[Loss, int]:
        """Increments that will never be counted, by reason."""
        return {**self._lost, "overflow": self._buffer.dropped}

    def count(self, increment: Increment) -> None:
        """Count with the next flush."""
        self._buffer.count(increment)

    async def record_and_wait(self, increments: Sequence[Increment]) -> bool:
        """Count, and wait for the store. False where it is not known to have it; it is not counted here either then."""
        if not increments:
            return True
        sums, waiters = self._wanting.setdefault(increments[0].site, ({}, []))
        for increment in increments:
            sums[increment] = sums.get(increment, 0) + 1
        self._buffer.took(len(increments))
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        waiters.append(waiter)
        return await waiter

    async def run(self) -> None:
        """Flush until cancelled, then once more and for as long as it takes, within ``drain_max_s``."""
        try:
            while True:
                commands = await self.flush_once()
                await asyncio.sleep(max(self._flush_s, commands / COMMANDS_PER_S_MAX))
        finally:
            await self.drain()

    async def drain(self) -> None:
        """Hand over everything, as a process that is about to end."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._drain_max_s
        while self._sent or self._wanting or self._buffer.sites():
            await self.flush_once()
            if loop.time() >= give_up_at:
                break
            if not self.healthy:
                await asyncio.sleep(DRAIN_PAUSE_S)
        self._lost["unsent"] += self.waiting

    async def flush_once(self) -> int:
        """Send of every site the batch that is still unsure, else the oldest sums. Returns how many commands it took.

        A site that fails stops no other.
        """
        self.flushes += 1
        self._buffer.refill()
        sites = {**dict.fromkeys(self._sent), **dict.fromkeys(self._buffer.sites())}
        stale = (site for site in self._buffer.stale_salts(SALT_REFRESH_S) if site in sites)
        turns = [(self._fetch_salt, site) for site in dict.fromkeys((*self._buffer.unsalted, *stale))]
        turns += [(self._send, site) for site in sites]
        turns += [(self._send_wanted, site) for site in self._wanting]
        commands, failed = 0, False
        for turn, site in turns:
            try:
                commands += await turn(site)
            except StoreError as error:
                failed = True
                if error.kind == "clock":
                    commands += 1
                else:  # the breaker sees to it that hardly any of these is sent
                    self._buffer.forget_salt(site)
            except Exception as error:  # noqa: BLE001  # counting must outlive its own mistakes
                failed = True
                self._on_error(error)
        self.healthy = not failed and (self.healthy or commands > 0)
        return commands

    async def _send(self, site: Key) -> int:
        batch = self._sent.pop(site, None) or self._buffer.seal(site)
        while batch is not None and self._now_s() - batch.interval.end_s > RESEND_MAX_S:
            self._lost["expired"] += batch.events
            batch = self._buffer.seal(site)
        if batch is None:
            return 0
        self._sent[site] = batch
        await self._apply(batch)
        del self._sent[site]
        return 1

    async def _apply(self, batch: Batch) -> None:
        try:
            applied = await self._store.apply(batch, self._now_s())
        except StoreError as error:
            if error.kind == "clock":  # it would be refused for ever
                del self._sent[batch.site]
                self._lost["late"] += batch.events
            raise
        self.batches += 1
        self.fields += len(batch.counts)
        if applied.outcome == "late":
            # Its interval was released, and the open one too, or it is of another day: a clock is wrong, here or there.
            del self._sent[batch.site]
            self._lost["late"] += batch.events
            raise StoreError("clock")
        self.applied += batch.events
        self.duplicates += applied.outcome == "duplicate"
        if applied.salt_mismatch:
            self._buffer.forget_salt(batch.site)
        self._buffer.mark_full(batch.site, batch.interval.day, applied.full_cohorts)

    async def _send_wanted(self, site: Key) -> int:
        """What somebody waits for goes in a batch of its own, so that it can be withdrawn."""
        sums, waiters = self._wanting.pop(site)
        batch = seal(site, interval_at(self._now_s(), self._interval_s), sums.items(), {}, {})
        stored = False
        tries = 0
        try:
            while not stored and tries < STORED_TRIES:
                tries += 1
                try:
                    stored = (await self._store.apply(batch, self._now_s())).outcome != "late"
                except StoreError as error:
                    if error.kind not in _PERHAPS_COUNTED or tries == STORED_TRIES:
                        raise
        finally:
            if stored:
                self.applied += batch.events
            else:
                self.rejected += batch.events
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(stored)
        return tries

    async def _fetch_salt(self, site: Key) -> int:
        now_s = self._now_s()
        salt = await self._store.salt(site, now_s)
        if self._buffer.wants_salt(site):  # it may have gone meanwhile
            self._buffer.take_salt(site, interval_at(now_s, self._interval_s).day, salt)
        return 1
