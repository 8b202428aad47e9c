"""The parts that count: the store, the loops that flush and release, their state and their metrics."""

import asyncio
import contextlib
import datetime
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from service.adapters.memory_store import MemoryStore
from service.adapters.opendp_noise import OpendpNoise
from service.adapters.redis_store.embedded import EmbeddedRedis, Lack, is_embedded_url, lack
from service.adapters.redis_store.store import RedisStore
from service.core.groups.cohort import Continents
from service.core.groups.counts import SIZE_CAP_FACTOR, Increment, PrivacyParameters
from service.core.groups.interval import HOUR_S, interval_at
from service.core.groups.snapshot import SiteSnapshot
from service.core.sites import Key, SiteRules
from service.ports import StatsStore, StoreError, StoreErrorKind
from service.settings import Settings
from service.telemetry import Telemetry
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.circuit_breaker import CircuitBreaker
from service.use_cases.counting.flush import Flush
from service.use_cases.counting.release_loop import ReleaseLoop
from service.use_cases.counting.report import RankingInUse, Reports
from service.use_cases.transparency.inventory import StoreName
from service.web.endpoints.health import CountsState

LOOK_S = 1.0
# A release is late when it is a whole interval late, and some time for whoever makes it.
OVERDUE_SLACK_S = 60

OFF = CountsState("off", working=True, since=None, snapshot_age_s=None, overdue=False)


class Counting:
    """The counts of one worker.

    ``sites`` gives those that are served. ``on_snapshot`` gets each new snapshot of a site's groups, ``on_interval``
    the start of each release interval in seconds since 1970.
    """

    def __init__(
        self,
        settings: Settings,
        sites: Callable[[], Mapping[Key, SiteRules]],
        continent: Continents,
        store: StatsStore,
        on_snapshot: Callable[[Key, SiteSnapshot], Awaitable[None]],
        on_interval: Callable[[int], Awaitable[None]],
        ranking: RankingInUse,
        telemetry: Telemetry,
    ) -> None:
        self._on_interval = on_interval
        self._telemetry = telemetry
        self._store_name = store_name(settings, store)
        self._interval_s = settings.release_interval_s
        self.terms = PrivacyParameters(settings.k, settings.k_prefixes, settings.epsilon, settings.noise)
        self.store = CircuitBreaker(store, time.monotonic)
        self.buffer = CountBuffer(
            self._interval_s,
            settings.buffer_events_max,
            time.time,
            sites(),
            SIZE_CAP_FACTOR * settings.k,
            SIZE_CAP_FACTOR * settings.k_prefixes,
        )
        flush_s = settings.flush_interval_ms / 1000
        self.flush = Flush(self.buffer, self.store, self._interval_s, flush_s, time.time, telemetry.internal_error)
        self.release_loop = ReleaseLoop(
            self.store,
            OpendpNoise(),
            sites,
            continent,
            self.terms,
            self._interval_s,
            time.time,
            on_snapshot,
            telemetry.internal_error,
            settings.retention_hours * HOUR_S,
            lambda count: telemetry.log("counts_clipped", "warning", fields={"count": count}),
        )
        self.reports = Reports(self.store, self._interval_s, self.terms, ranking, time.time)
        self._since_s: float | None = None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Count while the context lasts. At its end what waits is flushed."""
        loops = [self._watch(), self.release_loop.run(), self.flush.run()]
        tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for task in tasks:  # the hand-over is the last
                task.cancel()
                await asyncio.wait([task])
            await self.store.close()
            if unsent := self.flush.lost["unsent"]:
                self._telemetry.log("counts_lost", "warning", fields={"reason": "unsent", "count": unsent})

    def state(self) -> CountsState:
        """The state of the counts for ``/readyz``."""
        now_s = time.time()
        known_until_s = self.release_loop.known_until_s
        since = None if self._since_s is None else datetime.datetime.fromtimestamp(self._since_s, datetime.UTC)
        return CountsState(
            self._store_name,
            working=self.flush.healthy and not self.store.open,
            since=None if since is None else since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            snapshot_age_s=None if known_until_s is None else max(0, int(now_s - known_until_s)),
            overdue=self.release_loop.behind_s > 2 * self._interval_s + OVERDUE_SLACK_S,
            failure=self.store.failure,
            not_permitted=self.store.not_permitted,
        )

    def measure(self, telemetry: Telemetry) -> None:
        """Register the metrics of counting."""
        flush, buffer, release_loop, store = self.flush, self.buffer, self.release_loop, self.store
        gauge, counter = telemetry.gauge, telemetry.counter
        counter("passerby_counted", "Visits and events taken", lambda: buffer.counted)
        counter("passerby_applied", "Visits and events that the store has counted", lambda: flush.applied)
        counter("passerby_lost", "Visits and events that will never be counted", lambda: flush.lost, by="reason")
        counter("passerby_withdrawn", "Events whose sender was told they were not stored", lambda: flush.rejected)
        counter("passerby_flushes", "Rounds of handing over", lambda: flush.flushes)
        counter("passerby_batches", "Batches that the store answered", lambda: flush.batches)
        counter("passerby_batch_fields", "Sums in those batches", lambda: flush.fields)
        counter("passerby_batches_known", "Batches that the store had counted before", lambda: flush.duplicates)
        counter("passerby_devices_not_counted", "Devices dropped, too many waited", lambda: buffer.hashes_dropped)
        counter("passerby_devices_not_looked_at", "Devices let be in a rush", lambda: buffer.not_looked_at)
        counter("passerby_store_errors", "Failures of the store", lambda: store.errors, by="kind")
        counter("passerby_releases", "Intervals that this worker released", lambda: release_loop.released)
        counter("passerby_clipped", "Released counts that were more than can be", lambda: release_loop.clipped)
        counter("passerby_release_failures", "Attempts at it that failed", lambda: release_loop.failures)
        gauge("passerby_waiting", "Visits and events not handed over", lambda: flush.waiting)
        gauge("passerby_counts_overdue", "Whether a release is late", lambda: self.state().overdue)
        gauge("passerby_store_open", "Whether the breaker before the store is open", lambda: store.open)
        gauge("passerby_snapshot_age_seconds", "Age of what is known of groups", lambda: self.state().snapshot_age_s)

    async def _watch(self) -> None:
        """Call ``on_interval`` for each, and log when the store fails, each way once, and when it is back.

        Whenever the store comes back it is asked since when it has been counting.
        """
        start_s, failures, openings = -1, set[StoreErrorKind | None](), 0
        while True:
            if self.store.open and self.store.failure not in failures:
                failures.add(self.store.failure)
                failure = {"reason": self.store.failure, "not_permitted": self.store.not_permitted}
                fields = {name: value for name, value in failure.items() if value is not None} | {"pid": os.getpid()}
                self._telemetry.log_adapter_event("store_failed", fields)
            elif failures and not self.store.open:
                failures.clear()
                self._telemetry.log_adapter_event("store_back", {"pid": os.getpid()})
            opened = interval_at(time.time(), self._interval_s)
            if opened.start_s != start_s:
                start_s = opened.start_s
                try:
                    await self._on_interval(start_s)
                except Exception as error:  # noqa: BLE001  # the store must be watched whatever a turn meets
                    self._telemetry.internal_error(error)
            if self.store.open or self.store.openings != openings:
                self._since_s, openings = None, self.store.openings
            if not self.store.open and self._since_s is None:
                try:
                    self._since_s = await self.store.started_at()
                except Exception as error:  # noqa: BLE001  # whatever it is, the turns of intervals must be told
                    if not isinstance(error, StoreError):
                        self._telemetry.internal_error(error)
            await asyncio.sleep(LOOK_S)


def open_store(settings: Settings, telemetry: Telemetry, embedded: EmbeddedRedis | None) -> StatsStore | None:
    """The store that the settings name; None where nothing is to be counted. It connects when it is first asked."""
    if not settings.counting:
        return None
    url = settings.redis_url or (embedded.url if embedded is not None else "")
    if not url:
        telemetry.log("counts_in_process", "warning", fields={"notice": IN_PROCESS[lack() or "no_directory"]})
        return MemoryStore(k=settings.k, k_prefixes=settings.k_prefixes, retention_s=settings.retention_hours * HOUR_S)
    return RedisStore(
        url,
        timeout_s=settings.redis_timeout_ms / 1000,
        k=settings.k,
        k_prefixes=settings.k_prefixes,
        retention_s=settings.retention_hours * HOUR_S,
    )


class _Nowhere:
    """A recorder where nothing is counted."""

    def count(self, increment: Increment) -> None:
        """Drop an increment."""

    async def record_and_wait(self, increments: Sequence[Increment]) -> bool:  # noqa: ARG002  # ``Recorder``
        """Whether they were stored: never."""
        return False


NOWHERE = _Nowhere()

_IN_PROCESS = "counts stay in this process, are gone when it ends, and are each worker's own"
IN_PROCESS: Mapping[Lack, str] = {
    "no_server": f"no redis-server was found: {_IN_PROCESS}; set redis_url, or install redis-server",
    "no_directory": "no directory for temporary files can be written to, so a redis-server of our own has no place for "
    f"its socket: {_IN_PROCESS}; set redis_url, or TMPDIR",
}
"""Why counts are in the process, by what a redis-server of our own lacks."""


def store_name(settings: Settings, store: StatsStore | None) -> StoreName:
    """The name of the store in ``/readyz`` and disclosures."""
    if store is None:
        return "off"
    if store.kind == "memory":
        return "process"
    return "redis" if settings.redis_url and not is_embedded_url(settings.redis_url) else "embedded"
