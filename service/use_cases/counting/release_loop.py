"""The release loop: intervals that are over are released, once, and what was released becomes what this worker knows.

Each worker looks at its clock every second, which costs nothing until an interval closes. Then it asks whether somebody
has released it; if nobody has, whoever gets the store's claim does. All take in the same released cells and build the
same snapshot. A claim that its holder did not use is gone after ``ports.CLAIM_S``, and the next worker to look takes
its place. Adding up, noise and snapshots are work for a thread, so that no visit waits for them.

No clock is trusted with more than when to look: an interval is released at most once because the store says so.

Sites come, go and change while it runs. What was released of a site stays known, and what follows from it is built anew
by new rules before they are in force. A snapshot that was built while its rules changed is not used, but built again.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from service.core.groups.cohort import Continents
from service.core.groups.counts import PrivacyParameters, Released, Size, clipped_in
from service.core.groups.interval import Interval, closed_intervals, interval_at
from service.core.groups.release import release, size_candidates
from service.core.groups.snapshot import (
    HISTORY_INTERVALS_MAX,
    HISTORY_S,
    SiteSnapshot,
    build_snapshot,
    is_in_snapshot,
)
from service.core.sites import Key, SiteRules
from service.ports import Clock, Noise, StatsStore, StoreError
from service.use_cases.counting.flush import RESEND_MAX_S

LOOK_S = 1.0
# Between two sites that needed the store, so that many sites do not ask for everything within one second.
SPREAD_S = 0.25
# Time for what was counted in an interval's last moments to arrive.
GRACE_S = 5.0
GRACE_PART = 1 / 4
# How far back intervals are released that nobody released in time; older counts are left to expire.
CATCH_UP_MAX = 24
# An interval without counts may get some for as long as batches are sent again; so often it is looked at until then.
EMPTY_RECHECK_LOOKS = 60


class ReleaseLoop:
    """Learns of the sites that ``sites`` gives, as they are at each moment. ``on_snapshot`` gets each new snapshot.

    ``interval_s`` divides a day. ``on_error`` is called with unexpected errors; it goes on after them.
    ``on_clipped`` is called with how many cells of a release that it made were marked as clipped.
    """

    def __init__(
        self,
        store: StatsStore,
        noise: Noise,
        sites: Callable[[], Mapping[Key, SiteRules]],
        continent: Continents,
        terms: PrivacyParameters,
        interval_s: int,
        now_s: Clock,
        on_snapshot: Callable[[Key, SiteSnapshot], Awaitable[None]],
        on_error: Callable[[Exception], None] = lambda _error: None,
        retention_s: int = HISTORY_S,
        on_clipped: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._store = store
        self._noise = noise
        self._sites = sites
        self._continent = continent
        self._terms = terms
        self._interval_s = interval_s
        self._now_s = now_s
        self._on_snapshot = on_snapshot
        self._on_error = on_error
        self._on_clipped = on_clipped
        self._history_s = min(HISTORY_S, retention_s)
        self._grace_s = min(GRACE_S, GRACE_PART * interval_s)
        self._releases: dict[Key, _SiteReleases] = {}
        self._looks = 0
        self.released = 0
        """Intervals that this worker released."""
        self.clipped = 0
        """Cells of those intervals that were marked as clipped."""
        self.failures = 0
        """Releases that it had the claim for and did not finish."""

    async def run(self) -> None:
        """Look until cancelled. Whatever happens, the last snapshots stay, and it looks again a second later."""
        while True:
            await self.step(SPREAD_S)
            await asyncio.sleep(LOOK_S)

    async def step(self, spread_s: float = 0.0) -> None:
        """One look at every site; at most one interval of each is released. Raises nothing."""
        self._looks += 1
        sites = self._sites()
        # Of those that are gone nothing is known any more.
        self._releases = {key: self._releases.get(key) or _SiteReleases(self._now_s()) for key in sites}
        for site in sites:
            try:
                asked = await self._look(site)
            except StoreError:
                asked = True
            except Exception as error:  # noqa: BLE001  # learning must outlive its own mistakes, for visits do not need it
                asked = True
                self._on_error(error)
            if asked:
                await asyncio.sleep(spread_s)

    async def snapshots_by(self, sites: Mapping[Key, SiteRules]) -> dict[Key, SiteSnapshot]:
        """Snapshots by these rules, of the sites that have other rules than those in force.

        They have all that is known when this returns, and until its caller next awaits something.
        """
        snapshots: dict[Key, SiteSnapshot] = {}
        built_from: dict[Key, tuple[Released, ...]] = {}
        while True:
            now = self._sites()
            histories = {
                site: releases.history
                for site, releases in self._releases.items()
                if site in sites and sites[site] is not now.get(site)
            }
            new_histories = {site: history for site, history in histories.items() if built_from.get(site) != history}
            if not new_histories:
                return {site: snapshots[site] for site in histories}
            for site, history in new_histories.items():
                snapshots[site] = await asyncio.to_thread(build_snapshot, sites[site], history, self._continent)
            built_from |= new_histories

    def released_at(self, site: Key) -> int | None:
        """Up to when a site's counts are known, in seconds since 1970; None before its first release."""
        releases = self._releases.get(site)
        return None if releases is None else releases.until_s

    @property
    def known_until_s(self) -> int | None:
        """Up to when every site's counts are known, in seconds since 1970; None while nothing is known of one."""
        ends = [self.released_at(site) for site in self._sites()]
        known_ends = [end_s for end_s in ends if end_s is not None]
        return min(known_ends) if known_ends and len(known_ends) == len(ends) else None

    @property
    def behind_s(self) -> float:
        """How long ago the counts of some site were last known, or it was new: far in the future is as wrong."""
        now_s = self._now_s()
        by_site = [self._releases[site] for site in self._sites() if site in self._releases]
        return max((abs(now_s - max(site.until_s or 0, site.begun_s)) for site in by_site), default=0.0)

    async def _look(self, site: Key) -> bool:
        """Take in what was released since the last look, and release the newest that was not. Whether it asked."""
        if site not in self._sites():  # it went while others were looked at
            return False
        releases, over_s = self._releases[site], self._now_s() - self._grace_s
        if releases.settled_until == interval_at(over_s, self._interval_s):
            return False
        span_s = min(self._history_s, HISTORY_INTERVALS_MAX * self._interval_s)
        closed = closed_intervals(over_s, self._interval_s, span_s)
        releases.forget(closed[0])
        releases.history = tuple(release for release in releases.history if release.interval >= closed[0])
        due = releases.due(closed, self._looks)
        if due:
            due_releases = await self._store.released(site, due)
            await self._learn(site, releases, [release for release in due_releases if release is not None])
            missing = [interval for interval, release in zip(due, due_releases, strict=True) if release is None]
            await self._catch_up(site, releases, missing, closed[-1])
        if releases.all_settled(closed):
            releases.settled_until = interval_at(over_s, self._interval_s)
        return bool(due)

    async def _catch_up(self, site: Key, releases: "_SiteReleases", missing: list[Interval], last: Interval) -> None:
        """Release the newest of the missing intervals, if that is called for; the others' turns come in later looks."""
        for turn, interval in enumerate(reversed(missing)):
            if turn < CATCH_UP_MAX:
                releases.look_again[interval.start_s] = self._looks + turn
            else:
                releases.settled.add(interval.start_s)
        rules = self._sites().get(site)
        if not missing or rules is None:
            return
        interval = missing[-1]
        # The newest is released with or without counts: who is a cohort follows from it.
        is_newest = interval == last and (releases.newest is None or releases.newest.interval < interval)
        if not is_newest and not await self._store.counts(site, interval):
            if interval.end_s + RESEND_MAX_S <= self._now_s():
                releases.settled.add(interval.start_s)
            releases.look_again[interval.start_s] = self._looks + EMPTY_RECHECK_LOOKS
            return
        claim = await self._store.claim(site, interval)
        if claim is None:
            return  # somebody else is at it
        released = None
        try:
            new_release = await self._release(site, rules, releases, interval)
            released = new_release if await self._store.publish(site, new_release, claim) else None
        finally:
            self.released += released is not None
            self.failures += released is None
        if released is not None:
            if clipped := clipped_in(released.cells):
                self.clipped += clipped
                self._on_clipped(clipped)
            await self._learn(site, releases, [released])

    async def _release(self, site: Key, rules: SiteRules, releases: "_SiteReleases", interval: Interval) -> Released:
        """What may be released of an interval. It needs a claim, after which nothing is added to the interval."""
        before = releases.before(interval)
        raw = await self._store.counts(site, interval)
        cohorts = size_candidates(raw, before, self._continent)
        today = await self._store.sizes(site, interval.day, cohorts)
        yesterday = await self._store.sizes(site, interval.day - 1, cohorts)
        sizes = {
            cohort: Size(max(new.devices, old.devices), max(new.prefixes, old.prefixes))
            for cohort, new, old in zip(cohorts, today, yesterday, strict=True)
        }
        slots_n = len(rules.site.slots)
        return await asyncio.to_thread(
            release, interval, raw, sizes, before, self._terms, slots_n, self._continent, self._noise.draw
        )

    async def _learn(self, site: Key, releases: "_SiteReleases", new_releases: Sequence[Released]) -> None:
        """Take in what was released and, where any of it is news, tell what follows from it."""
        if not new_releases:
            return
        news = [releases.take(lean) for lean in await asyncio.to_thread(lambda: [*map(_lean, new_releases)])]
        while any(news) and (rules := self._sites().get(site)) is not None:
            snapshot = await asyncio.to_thread(build_snapshot, rules, releases.history, self._continent)
            if self._sites().get(site) is rules:
                await self._on_snapshot(site, snapshot)
                break


class _SiteReleases:
    """What a worker has taken in of one site: the released intervals of a day, and which others need no more looks."""

    def __init__(self, begun_s: float) -> None:
        self.begun_s = begun_s
        """Since when the site is looked at."""
        self.history: tuple[Released, ...] = ()
        """Oldest first."""
        self.settled: set[int] = set()
        """Starts of intervals that are taken in, or that nobody will release."""
        self.look_again: dict[int, int] = {}
        """By an interval's start, the number of the look that is its next."""
        self.settled_until: Interval | None = None
        """The open interval at a look that found everything before it settled."""

    @property
    def newest(self) -> Released | None:
        return self.history[-1] if self.history else None

    @property
    def until_s(self) -> int | None:
        """Up to when counts are known, in seconds since 1970."""
        return self.history[-1].interval.end_s if self.history else None

    def before(self, interval: Interval) -> Released | None:
        """The newest that was released of a time before an interval."""
        return next((release for release in reversed(self.history) if release.interval < interval), None)

    def due(self, closed: Sequence[Interval], look: int) -> list[Interval]:
        return [
            interval
            for interval in closed
            if interval.start_s not in self.settled and self.look_again.get(interval.start_s, 0) <= look
        ]

    def all_settled(self, closed: Sequence[Interval]) -> bool:
        return all(interval.start_s in self.settled for interval in closed)

    def take(self, released: Released) -> bool:
        """Take in a release. False where it is too old, or was known."""
        self.settled.add(released.interval.start_s)
        if any(release.interval == released.interval for release in self.history):
            return False
        history = sorted((*self.history, released), key=lambda release: release.interval)
        oldest_s = history[-1].interval.end_s - HISTORY_S
        self.history = tuple(old for old in history if old.interval.start_s >= oldest_s)[-HISTORY_INTERVALS_MAX:]
        return released in self.history

    def forget(self, oldest: Interval) -> None:
        """Forget what is remembered of intervals before this one, except what was released."""
        self.settled = {start_s for start_s in self.settled if start_s >= oldest.start_s}
        self.look_again = {start_s: look for start_s, look in self.look_again.items() if start_s >= oldest.start_s}


def _lean(released: Released) -> Released:
    """Only the cells that are learned from. Fields repeat in every interval: as one object each they take a fifth."""
    cells = {sys.intern(field): count for field, count in released.cells.items() if is_in_snapshot(field)}
    return Released(released.interval, released.terms, cells)
