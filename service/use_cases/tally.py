"""What a worker has counted and not yet handed over: sums, salted hashes, and the sealed batches made of them.

Counting is on every visit's path, so it is one step in a dict: visits that show the same share one ``Increment``, and
only their number grows. Sums lie on sheets, one for each release interval; a sheet that grows large during an outage is
put aside and a new one begun, so that when the bound is reached only the oldest part goes. Everything here is
arithmetic in the process: ``flush`` speaks to the store.
"""

import secrets
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from service.core.cohort import CohortKey
from service.core.counts import HASH_BYTES, Batch, Increment, Mark, cell
from service.core.interval import Interval, interval_at
from service.core.sites import Key
from service.ports import Clock

BATCH_ID_BYTES = 16
# A batch of so many different increments, about four fields each, and of devices on so many ladders takes 2 ms to seal
# and pack, and Redis 10 ms of its 50. What is left over goes with the next.
INCREMENTS_PER_BATCH_MAX = 500
LADDERS_PER_BATCH_MAX = 100
# Of a full buffer an eighth is dropped at a time, the oldest.
SHEETS_MAX = 8
# Hashes that wait for the store. Beyond, further devices are not counted: 8 MB is enough to hold for an outage.
MARKS_MAX = 100_000

Rungs = tuple[CohortKey, ...]
K = TypeVar("K")
V = TypeVar("V")


class _Sheet:
    """The sums of one interval: how often each increment came, and which devices and prefixes on which rungs."""

    def __init__(self, interval: Interval) -> None:
        self.interval = interval
        self.counts: dict[Key, dict[Increment, int]] = defaultdict(dict)
        self.marks: dict[Key, dict[Rungs, set[Mark]]] = defaultdict(dict)
        self.events = 0

    def sites(self) -> Iterable[Key]:
        """The sites with anything on the sheet, in the order in which they came."""
        return dict.fromkeys((*self.counts, *self.marks))


class Salt:
    """A site's salt on one day. It shows nothing of itself."""

    __slots__ = ("day", "fetched_at_s", "value")

    def __init__(self, day: int, value: bytes, fetched_at_s: float) -> None:
        self.day = day
        self.value = value
        self.fetched_at_s = fetched_at_s


class Tally:
    """The counts of one worker that are on their way. Not for several threads.

    ``interval_s`` is the length of a release interval, ``events_max`` how many increments may wait at once, ``sites``
    those to be ready for before their first visit.
    """

    def __init__(self, interval_s: int, events_max: int, now_s: Clock, sites: Iterable[Key] = ()) -> None:
        self._interval_s = interval_s
        self._events_max = events_max
        self._now_s = now_s
        self._sheets: deque[_Sheet] = deque()
        self._sheet = _Sheet(interval_at(now_s(), interval_s))
        self._from_s, self._until_s = self._sheet.interval.start_s, self._sheet.interval.end_s
        self._salts: dict[Key, Salt] = {}
        self._full: dict[Key, tuple[int, set[CohortKey]]] = {}
        self._marks_waiting = 0
        self.unsalted = {*sites}
        """Sites that have no salt to count a device by."""
        self.waiting = 0
        """Increments that no batch carries yet."""
        self.counted = 0
        self.dropped = 0
        """Increments that were let go because too many waited."""
        self.marks_dropped = 0

    def count(self, increment: Increment) -> None:
        """One visit or event: 0.3 us."""
        now_s = self._now_s()
        if not self._from_s <= now_s < self._until_s:
            self._turn(interval_at(now_s, self._interval_s))
        sheet = self._sheet
        sums = sheet.counts[increment.site]
        sums[increment] = sums.get(increment, 0) + 1
        sheet.events += 1
        self.waiting += 1
        self.counted += 1
        if sheet.events * SHEETS_MAX >= self._events_max:
            self._turn(sheet.interval)

    def salt(self, site: Key, rungs: Rungs) -> bytes | None:
        """The salt to count a device by; None when there is none today, or these rungs need no more devices."""
        day = self._sheet.interval.day
        salt = self._salts.get(site)
        if salt is None or salt.day != day:
            self.unsalted.add(site)
            return None
        full = self._full.get(site)
        if full is not None and full[0] == day and full[1].issuperset(rungs):
            return None
        return salt.value

    def mark(self, site: Key, rungs: Rungs, mark: Mark) -> None:
        """A device that was seen on these rungs."""
        marks = self._sheet.marks[site].setdefault(rungs, set())
        if mark in marks:
            return
        if self._marks_waiting >= MARKS_MAX:
            self.marks_dropped += 1
            return
        marks.add(mark)
        self._marks_waiting += 1

    def sites(self) -> list[Key]:
        """The sites that have something to hand over."""
        return list(dict.fromkeys(site for sheet in (*self._sheets, self._sheet) for site in sheet.sites()))

    def seal(self, site: Key) -> Batch | None:
        """The oldest sums of a site as a batch, and forget them here; None when there are none."""
        sheet = next((sheet for sheet in (*self._sheets, self._sheet) if site in sheet.sites()), None)
        if sheet is None:
            return None
        taken = _take(sheet.counts, site, INCREMENTS_PER_BATCH_MAX)
        devices, prefixes = self._hashes(site, sheet)
        batch = seal(site, sheet.interval, taken, devices, prefixes)
        sheet.events -= batch.events
        self.waiting -= batch.events
        if not sheet.sites() and sheet is not self._sheet:
            self._sheets.remove(sheet)
        return batch

    def take_salt(self, site: Key, day: int, value: bytes) -> None:
        """From now on devices of this site are counted by this salt. Another one than before: nothing is full."""
        known = self._salts.get(site)
        if known is None or known.value != value:
            self._full.pop(site, None)
        self._salts[site] = Salt(day, value, self._now_s())
        self.unsalted.discard(site)

    def stale_salts(self, age_max_s: float) -> list[Key]:
        """Sites whose salt is to be asked for again: the store may have lost it, and then others took a new one."""
        now_s = self._now_s()
        return [site for site, salt in self._salts.items() if not 0 <= now_s - salt.fetched_at_s < age_max_s]

    def forget_salts(self) -> None:
        """The store may have lost what it held: salts, and with them which rungs are full."""
        self.unsalted.update(self._salts)
        self._salts.clear()
        self._full.clear()

    def rungs_full(self, site: Key, day: int, full: Collection[CohortKey]) -> None:
        """These rungs have devices enough on this day."""
        if full:
            known = self._full.get(site)
            if known is None or known[0] != day:
                known = self._full[site] = day, set()
            known[1].update(full)

    def _turn(self, interval: Interval) -> None:
        """Put the sheet aside and begin another. Beyond the bound the oldest go."""
        if self._sheet.sites():
            self._sheets.append(self._sheet)
        if interval.day != self._sheet.interval.day:
            self._full.clear()
            self.unsalted.update(self._salts)
            self._salts.clear()
        self._sheet = _Sheet(interval)
        self._from_s, self._until_s = interval.start_s, interval.end_s
        while self._sheets and self.waiting >= self._events_max:
            gone = self._sheets.popleft()
            self.waiting -= gone.events
            self.dropped += gone.events
            self._marks_waiting -= _marks_on(gone)

    def _hashes(self, site: Key, sheet: _Sheet) -> tuple[dict[CohortKey, bytes], dict[CohortKey, bytes]]:
        """The waiting hashes of a site by rung, but for rungs that have enough."""
        day, full = self._full.get(site, (None, set()))
        full = full if day == sheet.interval.day else set()
        devices: dict[CohortKey, set[int]] = defaultdict(set)
        prefixes: dict[CohortKey, set[int]] = defaultdict(set)
        for rungs, marks in _take(sheet.marks, site, LADDERS_PER_BATCH_MAX):
            self._marks_waiting -= len(marks)
            for rung in rungs:
                if rung not in full:
                    devices[rung].update(mark.device for mark in marks)
                    prefixes[rung].update(mark.prefix for mark in marks if mark.prefix is not None)
        return _strung(devices), _strung({rung: hashes for rung, hashes in prefixes.items() if hashes})


def seal(
    site: Key,
    interval: Interval,
    taken: Iterable[tuple[Increment, int]],
    devices: dict[CohortKey, bytes],
    prefixes: dict[CohortKey, bytes],
) -> Batch:
    """A batch of sums under a new random id."""
    counts: dict[str, int] = {}
    events = 0
    for increment, times in taken:
        events += times
        for code in increment.codes:
            field = cell(increment.cohort, code)
            counts[field] = counts.get(field, 0) + times
    return Batch(secrets.token_bytes(BATCH_ID_BYTES), interval, site, counts, devices, prefixes, events)


def _take(by_site: dict[Key, dict[K, V]], site: Key, count_max: int) -> list[tuple[K, V]]:
    """The first entries of a site, so many at most, taken away."""
    entries = by_site.get(site, {})
    taken = list(islice(entries.items(), count_max))
    for key, _ in taken:
        del entries[key]
    if not entries:
        by_site.pop(site, None)
    return taken


def _marks_on(sheet: _Sheet) -> int:
    return sum(len(marks) for by_rungs in sheet.marks.values() for marks in by_rungs.values())


def _strung(hashes: dict[CohortKey, set[int]]) -> dict[CohortKey, bytes]:
    return {rung: b"".join(_octets(found)) for rung, found in hashes.items()}


def _octets(hashes: Iterable[int]) -> Iterator[bytes]:
    # In order of their value: the order in which devices came is nobody's business.
    return (value.to_bytes(HASH_BYTES, "big") for value in sorted(hashes))
