"""Counts of groups in this process: ``ports.StatsStore`` where there is no Redis at all, and in unit tests.

The same calls have the same results as in ``redis_store`` (one contract test runs against both), but what is counted
lives and ends with the process and is seen by no other: for a single worker. Exact sets stand for HyperLogLogs; their
caps and ``entries_max`` bound the memory. What is over is forgotten at the next call.
"""

import secrets
import time
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

from service.adapters import retention
from service.core.groups.cohort import CohortKey
from service.core.groups.counts import HASH_BYTES, SIZE_CAP_FACTOR, Batch, Released, Size, salt_print
from service.core.groups.interval import DAY_S, Interval, interval_at
from service.core.sites import Key
from service.ports import CLAIM_S, Applied, Clock, StoreError

_K = TypeVar("_K")

ENTRIES_MAX = 250_000
"""Cells, hashes and batch ids together, at about 100 bytes each."""


class MemoryStore:
    """Answers ``ports.StatsStore``. ``clock`` is what Redis' own clock is there."""

    kind: Literal["redis", "memory"] = "memory"

    def __init__(
        self, *, k: int, k_prefixes: int, retention_s: int, clock: Clock = time.time, entries_max: int = ENTRIES_MAX
    ) -> None:
        self._devices_max = SIZE_CAP_FACTOR * k
        self._prefixes_max = SIZE_CAP_FACTOR * k_prefixes
        self._retention_s = retention_s
        self._clock = clock
        self._entries_max = entries_max
        self._started_at = clock()
        self._counts: dict[tuple[Key, Interval], dict[str, int]] = {}
        self._batches: dict[tuple[Key, Interval], set[bytes]] = {}
        self._hashes: dict[tuple[Key, int], _DayHashes] = {}
        self._claims: dict[tuple[Key, Interval], tuple[bytes, float]] = {}
        self._released: dict[tuple[Key, Interval], tuple[Released, bytes]] = {}
        self._salts: dict[tuple[Key, int], tuple[bytes, int]] = {}

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        store_s = self._forget()
        site, interval = batch.site, batch.interval
        if not (retention.clock_agrees(now_s, store_s) and retention.accepts_interval(interval, store_s)):
            raise StoreError("clock")
        hashes = self._hashes.get((site, interval.day)) or _DayHashes()
        cohorts = list(dict.fromkeys((*batch.devices, *batch.prefixes)))
        salt, _ = self._salts.get((site, interval.day), (b"", 0))
        salt_mismatch = bool(batch.salt_print) and batch.salt_print != salt_print(salt)
        into = interval
        outcome: Literal["applied", "duplicate", "late"] = "applied"
        if batch.id in self._batches.get((site, interval), ()):
            outcome = "duplicate"
        elif self._is_closed(site, interval):
            into = interval_at(now_s, interval.length_s)
            if into.day != interval.day or self._is_closed(site, into):
                outcome = "late"
        if outcome == "applied":
            self._make_room(batch)
            self._batches.setdefault((site, interval), set()).add(batch.id)
            cells = self._counts.setdefault((site, into), {})
            for field, count in batch.counts.items():
                cells[field] = cells.get(field, 0) + count
            self._hashes[site, interval.day] = hashes
            for cohort in () if salt_mismatch else cohorts:
                hashes.add(hashes.devices, cohort, batch.devices.get(cohort, b""), self._devices_max)
                hashes.add(hashes.prefixes, cohort, batch.prefixes.get(cohort, b""), self._prefixes_max)
        full = tuple(cohort for cohort in cohorts if self._is_full(hashes.size(cohort)))
        return Applied(outcome, full, salt_mismatch)

    async def salt(self, site: Key, now_s: float) -> bytes:
        store_s = self._forget()
        day = int(now_s) // DAY_S
        end_s = retention.salt_end_s(day, min(now_s, store_s))
        if not retention.clock_agrees(now_s, store_s) or end_s <= store_s:
            raise StoreError("clock")
        return self._salts.setdefault((site, day), (secrets.token_bytes(32), end_s))[0]

    async def released(self, site: Key, intervals: Sequence[Interval]) -> list[Released | None]:
        self._forget()
        pairs = (self._released.get((site, interval)) for interval in intervals)
        return [None if pair is None else pair[0] for pair in pairs]

    async def claim(self, site: Key, interval: Interval) -> bytes | None:
        store_s = self._forget()
        if interval.end_s > store_s + 1:
            raise StoreError("clock")
        if self._is_closed(site, interval):
            return None
        claim = secrets.token_hex(16).encode()
        self._claims[site, interval] = (claim, store_s + CLAIM_S)
        return claim

    async def counts(self, site: Key, interval: Interval) -> dict[str, int]:
        self._forget()
        return dict(self._counts.get((site, interval), {}))

    async def sizes(self, site: Key, day: int, cohorts: Sequence[CohortKey]) -> list[Size]:
        self._forget()
        hashes = self._hashes.get((site, day)) or _DayHashes()
        return [hashes.size(cohort) for cohort in cohorts]

    async def publish(self, site: Key, released: Released, claim: bytes) -> bool:
        self._forget()
        where = (site, released.interval)
        if where in self._released:
            return self._released[where][1] == claim
        if self._claims.get(where, (b"", 0))[0] != claim:
            return False
        self._fit(len(released.cells))
        del self._claims[where]
        self._released[where] = (released, claim)
        self._counts.pop(where, None)
        return True

    async def started_at(self) -> float | None:
        return self._started_at

    async def close(self) -> None:
        """Does nothing: the store may still be asked."""

    def _is_closed(self, site: Key, interval: Interval) -> bool:
        """Whether an interval is released, or somebody is about to release it: nothing is added to it any more."""
        return (site, interval) in self._released or (site, interval) in self._claims

    def _is_full(self, size: Size) -> bool:
        return size.devices >= self._devices_max and size.prefixes >= self._prefixes_max

    def _make_room(self, batch: Batch) -> None:
        """Refuse a batch that might not fit, before any of it is taken."""
        hashes = sum(len(text) for hashes in (batch.devices, batch.prefixes) for text in hashes.values()) // HASH_BYTES
        self._fit(1 + len(batch.counts) + hashes)

    def _fit(self, more: int) -> None:
        """Room for so many entries more: the oldest released intervals go first, then nothing more is taken."""
        entries = sum(map(len, self._counts.values())) + sum(map(len, self._batches.values()))
        entries += sum(hashes.count for hashes in self._hashes.values())
        entries += sum(len(released.cells) for released, _ in self._released.values())
        for where in sorted(self._released, key=lambda where: where[1]):
            if entries + more <= self._entries_max:
                break
            entries -= len(self._released.pop(where)[0].cells)
        if entries + more > self._entries_max:
            raise StoreError("out_of_memory")

    def _forget(self) -> float:
        """What time it is, after letting go of everything whose time is over."""
        now_s = self._clock()
        _drop(self._counts, [key for key in self._counts if retention.counts_end_s(key[1]) <= now_s])
        _drop(self._batches, [key for key in self._batches if retention.batches_end_s(key[1]) <= now_s])
        _drop(self._hashes, [key for key in self._hashes if retention.hashes_end_s(key[1]) <= now_s])
        _drop(self._claims, [key for key, (_, end_s) in self._claims.items() if end_s <= now_s])
        _drop(self._salts, [key for key, (_, end_s) in self._salts.items() if end_s <= now_s])
        kept_s = self._retention_s
        _drop(self._released, [key for key in self._released if retention.released_end_s(key[1], kept_s) <= now_s])
        return now_s


class _DayHashes:
    """The distinct devices and prefixes of a site's cohorts on one day."""

    def __init__(self) -> None:
        self.devices: dict[CohortKey, set[bytes]] = {}
        self.prefixes: dict[CohortKey, set[bytes]] = {}
        self.count = 0

    def add(self, kind: dict[CohortKey, set[bytes]], cohort: CohortKey, hashes: bytes, at_most: int) -> None:
        """Add the hashes that are strung together, as far as there is room."""
        if not hashes or not at_most:
            return
        seen = kind.setdefault(cohort, set())
        before = len(seen)
        for at in range(0, len(hashes), HASH_BYTES):
            if len(seen) >= at_most:
                break
            seen.add(hashes[at : at + HASH_BYTES])
        self.count += len(seen) - before

    def size(self, cohort: CohortKey) -> Size:
        return Size(len(self.devices.get(cohort, ())), len(self.prefixes.get(cohort, ())))


def _drop(table: dict[_K, Any], keys: list[_K]) -> None:
    for key in keys:
        del table[key]
