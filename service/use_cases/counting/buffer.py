"""What a worker has counted and not yet handed over: sums, new devices, and the sealed batches made of them.

Counting is on every visit's path, so there it is a number that grows: visits that show the same share one ``Tally``.
Before anything is handed over, tallies are gathered into sums by ``Increment``. Sums lie on sheets, one for each
release interval; a sheet that grows large is put aside and a new one begun, so that when the bound is reached only the
oldest part goes. A batch carries all that waits of its increments, from every sheet of their interval: how many batches
it takes is a matter of how many different increments there are, never of how often they came. Everything here is
arithmetic in the process: ``flush`` speaks to the store.
"""

import secrets
from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from itertools import islice
from typing import NamedTuple

from msgspec import Struct

from service.core.groups.cohort import CohortKey, Rungs
from service.core.groups.counts import Batch, DeviceHash, Increment, counter_key
from service.core.groups.interval import DAY_S, Interval, interval_at
from service.core.sites import Key
from service.ports import Clock
from service.use_cases.counting.distinct import PENDING_MAX, SEEN_MAX, DistinctDevices, Needed, PendingHashes

BATCH_ID_BYTES = 16
# A batch of 50 different increments, about three fields each, costs the worker and Redis together a millisecond. What
# is left over goes with the next, and meanwhile grows only in number, for it is summed; where there is much of it,
# batches grow, so that all is handed over within 20 of them, and while a sheet is aside they carry five times as many:
# with many sites, each of which has its turn every few seconds, more comes between two turns than 50 can carry away.
INCREMENTS_PER_BATCH_MIN = 50
INCREMENTS_PER_BATCH_WITH_BACKLOG = 250
HASHES_PER_BATCH_MIN = 200
BATCHES_FOR_ALL = 20
# To look at a device costs a third of an answer, and cohorts have devices enough soon. So in a rush not every visit is
# looked at: 5,000 in a row, then 500 a second. Cohorts then fill a little later, and never too early.
LOOKS_BURST = 5000
LOOKS_PER_S = 500
# Of a full buffer an eighth is dropped at a time, the oldest.
SHEETS_MAX = 8


class DeviceLimits(NamedTuple):
    """How many devices are looked at, remembered and handed over at once."""

    looks_burst: int = LOOKS_BURST
    looks_per_s: float = LOOKS_PER_S
    seen_max: int = SEEN_MAX
    pending_max: int = PENDING_MAX
    hashes_per_batch_min: int = HASHES_PER_BATCH_MIN


_LIMITS = DeviceLimits()


class Tally(Struct, eq=False, gc=False):
    """How often an increment came of visits, since that was last gathered. Several may be of equal increments."""

    increment: Increment
    times: int = 0


class _Sheet:
    """The sums of one interval: how often each increment came, and which devices are new on which rungs."""

    def __init__(self, interval: Interval) -> None:
        self.interval = interval
        self.counts: dict[Key, dict[Increment, int]] = defaultdict(dict)
        self.hashes: dict[Key, PendingHashes] = defaultdict(PendingHashes)
        self.events = 0

    def has(self, site: Key) -> bool:
        """Whether anything of this site is on the sheet."""
        return site in self.counts or bool(self.hashes.get(site))

    def sites(self) -> Iterable[Key]:
        """The sites with anything on the sheet, in the order in which they came."""
        return dict.fromkeys((*self.counts, *(site for site, pending in self.hashes.items() if pending)))

    def move(self, site: Key, increments: Iterable[Increment], into: dict[Increment, int]) -> None:
        """Add to these sums what is on the sheet of these increments, and take it off the sheet."""
        sums = self.counts.get(site)
        if sums is None:
            return
        for increment in increments:
            if times := sums.pop(increment, 0):
                into[increment] = into.get(increment, 0) + times
                self.events -= times
        if not sums:
            del self.counts[site]


class CountBuffer:
    """The counts of one worker that are on their way. Not for several threads.

    ``interval_s`` is the length of a release interval, ``events_max`` how many increments may wait at once, ``sites``
    those to be ready for before their first visit; ``devices_max`` and ``prefixes_max`` are how many a cohort needs.
    """

    def __init__(
        self,
        interval_s: int,
        events_max: int,
        now_s: Clock,
        sites: Iterable[Key] = (),
        devices_max: int = 400,
        prefixes_max: int = 80,
        *,
        limits: DeviceLimits = _LIMITS,
    ) -> None:
        self._limits = limits
        self._interval_s = interval_s
        self._events_max = events_max
        self._now_s = now_s
        self._sheets: deque[_Sheet] = deque()
        self._most: dict[Key, int] = {}
        """Of a site the most different increments since it last had none: its batches are measured by them."""
        self._sheet = _Sheet(interval_at(now_s(), interval_s))
        self._day = self._sheet.interval.day
        self._from_s, self._until_s = self._sheet.interval.start_s, self._sheet.interval.end_s
        self._devices_max = devices_max
        self._prefixes_max = prefixes_max
        self._distinct: dict[Key, DistinctDevices] = {}
        self._tallies: list[Tally] = []
        """Those that are not 0."""
        self._gathered = 0
        self._ungathered_max = self._ungathered_left = events_max // SHEETS_MAX
        self._looks = float(limits.looks_burst)
        self._looks_at_s = now_s()
        self._served: Collection[Key] | None = None
        self.unsalted = {*sites}
        """Sites that have no salt to count a device by."""
        self.dropped = 0
        """Increments that were let go because too many waited."""
        self.hashes_dropped = 0
        self.not_looked_at = 0
        """Visits whose device was not looked at for the rush."""

    @property
    def counted(self) -> int:
        """All increments that were ever taken."""
        return self._gathered + self._ungathered

    @property
    def waiting(self) -> int:
        """Increments that no batch carries yet."""
        return sum(sheet.events for sheet in (*self._sheets, self._sheet)) + self._ungathered

    @property
    def _ungathered(self) -> int:
        return self._ungathered_max - self._ungathered_left

    def count_visit(self, tally: Tally) -> None:
        """Count one visit: 0.2 us."""
        if not self._from_s <= (now_s := self._now_s()) < self._until_s:
            self._turn(interval_at(now_s, self._interval_s))
        if not tally.times:
            self._tallies.append(tally)
        tally.times += 1
        self._ungathered_left -= 1
        if not self._ungathered_left:
            self._gather()

    def count(self, increment: Increment) -> None:
        """Count one event."""
        self.count_visit(Tally(increment))

    def took(self, increments: int) -> None:
        """Count increments into ``counted`` alone: they go to the store by another way."""
        self._gathered += increments

    def _gather(self) -> None:
        """Move what the tallies have to the sheet."""
        sheet = self._sheet
        for tally in self._tallies:
            increment = tally.increment
            sums = sheet.counts[increment.site]
            sums[increment] = sums.get(increment, 0) + tally.times
            tally.times = 0
        self._tallies.clear()
        sheet.events += self._ungathered
        self._gathered += self._ungathered
        if sheet.events * SHEETS_MAX >= self._events_max:
            self._put_aside(sheet.interval)
        self._ungathered_left = self._ungathered_max = max(1, self._events_max // SHEETS_MAX - self._sheet.events)

    def may_look(self) -> bool:
        """Whether there is time to ask ``wants_hash`` for a visit: in a rush there is for some of them alone."""
        if self._looks >= 1:
            return True
        self.not_looked_at += 1
        return False

    def wants_hash(self, site: Key, rungs: Rungs, *, has_prefix: bool = True) -> tuple[bytes, Needed] | None:
        """The salt to count a visit's device by, and what is needed of it; to be asked where it ``may_look``.

        None when there is no salt today, or these rungs need no more of what the visit has.
        """
        distinct = self._distinct.get(site)
        if distinct is None or distinct.day != self._day:
            if self._served is None or site in self._served:  # a batch may go on with a site that is gone
                self.unsalted.add(site)
            return None
        needed = distinct.wants_hash(rungs)
        if needed is None or (needed == "prefix" and not has_prefix):
            return None
        self._looks -= 1
        return distinct.salt, needed

    def refill(self) -> None:
        """Let more devices be looked at, by the time that has passed, up to a burst."""
        now_s = self._now_s()
        passed_s = max(0.0, now_s - self._looks_at_s)
        self._looks = min(self._limits.looks_burst, self._looks + passed_s * self._limits.looks_per_s)
        self._looks_at_s = now_s
        if any(distinct.day != now_s // DAY_S for distinct in self._distinct.values()):
            self.forget_salts()  # a salt lives as long as its day, also where nobody comes

    def add_hash(self, site: Key, seen: DeviceHash) -> None:
        """Count a device by its hash under the site's salt; without effect where that salt was just forgotten."""
        distinct = self._distinct.get(site)
        if distinct is None:
            return
        pending = self._sheet.hashes[site]
        if pending.print != distinct.print:  # those of a salt that is gone mean nothing any more
            pending = self._sheet.hashes[site] = PendingHashes()
            pending.print = distinct.print
        if pending.count >= self._limits.pending_max // max(1, len(self._distinct)):
            self.hashes_dropped += 1
        else:
            distinct.add(seen, pending)

    def sites(self) -> list[Key]:
        """The sites that have something to hand over, or some of them while one batch cannot carry it all."""
        if sum(map(len, self._sheet.counts.values())) < INCREMENTS_PER_BATCH_MIN:
            self._gather()
        return list(dict.fromkeys(site for sheet in (*self._sheets, self._sheet) for site in sheet.sites()))

    def seal(self, site: Key) -> Batch | None:
        """Take out a batch of a site's oldest interval, its oldest increments first; None when nothing waits."""
        if site not in self._sheet.counts:
            self._gather()
        sheets = [sheet for sheet in (*self._sheets, self._sheet) if sheet.has(site)]
        if not sheets:
            return None
        interval = sheets[0].interval
        sheets = [sheet for sheet in sheets if sheet.interval == interval]
        most = max(self._most.get(site, 0), *(len(sheet.counts.get(site, ())) for sheet in sheets), 0)
        increments_min = INCREMENTS_PER_BATCH_WITH_BACKLOG if self._sheets else INCREMENTS_PER_BATCH_MIN
        increments_max = max(increments_min, most // BATCHES_FOR_ALL)
        packed: dict[Increment, int] = {}
        for number, sheet in enumerate(sheets):
            oldest = [*islice(sheet.counts.get(site, ()), increments_max - len(packed))]
            for newer in sheets[number:]:
                newer.move(site, oldest, packed)
        if any(site in sheet.counts for sheet in sheets):
            self._most[site] = most
        else:
            self._most.pop(site, None)
        hashes = next((sheet.hashes[site] for sheet in sheets if sheet.hashes.get(site)), PendingHashes())
        devices, prefixes = hashes.take(max(self._limits.hashes_per_batch_min, hashes.count // BATCHES_FOR_ALL))
        batch = seal(site, interval, packed.items(), devices, prefixes, hashes.print if devices or prefixes else "")
        for sheet in sheets:
            if not sheet.sites() and sheet is not self._sheet:
                self._sheets.remove(sheet)
        return batch

    def take_salt(self, site: Key, day: int, value: bytes) -> None:
        """Count devices of this site by this salt from now on. With another than before all begins anew."""
        distinct = self._distinct.get(site)
        if distinct is not None and (distinct.day, distinct.salt) == (day, value):
            distinct.fetched_at_s = self._now_s()
        else:
            seen_max = self._limits.seen_max // (len(self._distinct) + len(self.unsalted) + 1)
            caps = self._devices_max, self._prefixes_max
            self._distinct[site] = DistinctDevices(day, value, self._now_s(), *caps, seen_max)
        self.unsalted.discard(site)

    def stale_salts(self, age_max_s: float) -> list[Key]:
        """Sites whose salt is to be asked for again: the store may have lost it, and then others took a new one."""
        now_s = self._now_s()
        return [site for site, distinct in self._distinct.items() if not 0 <= now_s - distinct.fetched_at_s < age_max_s]

    def forget_salts(self) -> None:
        """Forget all salts, and with them which rungs have enough: the store may have lost them."""
        for site in [*self._distinct]:
            self.forget_salt(site)

    def forget_salt(self, site: Key) -> None:
        """Forget a site's salt: the store has another or none. A site that is gone needs none."""
        if self._distinct.pop(site, None) is not None:
            self.unsalted.add(site)

    def wants_salt(self, site: Key) -> bool:
        """Whether devices of this site are counted: not once it is gone."""
        return site in self.unsalted or site in self._distinct

    def set_sites(self, sites: Collection[Key]) -> None:
        """Take visits to these sites from now on. What was counted of others stays until it is handed over."""
        self._served = {*sites}
        self.unsalted = {site for site in sites if site not in self._distinct}
        self._distinct = {site: distinct for site, distinct in self._distinct.items() if site in sites}

    def mark_full(self, site: Key, day: int, full: Collection[CohortKey]) -> None:
        """Note that the store has devices and prefixes enough on these rungs on this day."""
        distinct = self._distinct.get(site)
        if distinct is not None and distinct.day == day:
            distinct.mark_full(full)

    def _turn(self, interval: Interval) -> None:
        """Begin another interval."""
        self._gather()
        self._put_aside(interval)

    def _put_aside(self, interval: Interval) -> None:
        """Put the sheet aside and begin another. Beyond the bound the oldest go."""
        aside, self._sheet = self._sheet, _Sheet(interval)
        if aside.sites():
            self._sheets.append(aside)
        if interval == aside.interval:  # hashes go along, so that their bound is one for all sheets of an interval
            self._sheet.hashes, aside.hashes = aside.hashes, self._sheet.hashes
        if interval.day != aside.interval.day:
            self.forget_salts()
        self._day = interval.day
        self._from_s, self._until_s = interval.start_s, interval.end_s
        while self._sheets and sum(sheet.events for sheet in self._sheets) + self._sheet.events >= self._events_max:
            dropped_sheet = self._sheets.popleft()
            self.dropped += dropped_sheet.events
            self.forget_salts()  # devices on it were not counted


def seal(
    site: Key,
    interval: Interval,
    sums: Iterable[tuple[Increment, int]],
    devices: dict[CohortKey, bytes],
    prefixes: dict[CohortKey, bytes],
    salt_print: str = "",
) -> Batch:
    """A batch of sums under a new random id."""
    counts: dict[str, int] = {}
    events = 0
    for increment, times in sums:
        events += times
        for code in increment.codes:
            field = counter_key(increment.cohort, code)
            counts[field] = counts.get(field, 0) + times
    batch_id = secrets.token_bytes(BATCH_ID_BYTES)
    return Batch(batch_id, interval, site, counts, devices, prefixes, events, salt_print)
