"""Reports of what was released of a site in a window of time: its sums, and the terms on which they were released.

It reads released cells only, never raw ones, and only of intervals that are over, so an answer changes when an interval
is released and at no other time. No visit waits for this, so it may ask the store; how many ask at a time is bounded,
so that reading cannot crowd out counting.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct

from service.core.experiments.result_warnings import ResultNote, ResultWarning, notes
from service.core.experiments.results import ExperimentAggregator, SampleRatioTest, VariantRow
from service.core.groups.aggregates import Aggregator, CohortAggregator, CohortRow, SlotAggregator, SlotRow
from service.core.groups.cohort import CohortKey
from service.core.groups.counts import PrivacyParameters
from service.core.groups.interval import HOUR_S, Interval, closed_intervals
from service.core.groups.release import noise_scales
from service.core.sites import Key, SiteRules, SlotRanking
from service.ports import Clock, StatsStore, StoreError

READS_MAX = 4
WAITING_MAX = 16
READ_TIMEOUT_S = 10
INTERVALS_AT_ONCE = 72
# A week by five minutes. Where intervals are shorter, a long window covers the newest so many.
INTERVALS_MAX = 2016
ROWS_AT_ONCE = 50
COHORTS_MAX = 2000

WINDOWS: Mapping[str, int] = {f"{hours}h": hours for hours in range(1, 169)} | {f"{d}d": 24 * d for d in range(1, 8)}
"""Every window by its name, in hours."""
WINDOW_PATTERN = r"^(([1-9][0-9]?|1[0-5][0-9]|16[0-8])h|[1-7]d)$"
DEFAULT_WINDOW = "24h"

Unread = Literal["busy", "unavailable"]
"""Why there is no report: too many are being read, or the store does not answer."""
RankingInUse = Callable[[Key, Key, CohortKey], SlotRanking | None]
"""The ranking of a site's slot that a cohort is shown now, None when unknown."""

LeftOut = Annotated[int, Meta(description="how many of the smallest cohorts had no room")]
_MOMENT = {"format": "date-time", "examples": ["2026-11-22T10:00:00Z"]}
T = TypeVar("T")


class Report(Struct, frozen=True, rename={"from_": "from"}):
    """What a report is about, and on what terms its cells were released: those of the newest interval in it."""

    site: Key
    window: Annotated[str, Meta(pattern=WINDOW_PATTERN, examples=["24h"])]
    from_: Annotated[str, Meta(description="where the first interval begins", extra_json_schema=_MOMENT)]
    to: Annotated[
        str, Meta(description="where the last interval ends: none that is open is in it", extra_json_schema=_MOMENT)
    ]
    release_minutes: Annotated[int | float, Meta(description="the length of an interval")]
    intervals: Annotated[int, Meta(description="how many intervals the window has")]
    intervals_released: Annotated[int, Meta(description="how many of them were released, and are in the figures")]
    k: Annotated[int, Meta(description="no smaller count is released, and no cohort of fewer devices")]
    k_prefixes: Annotated[int, Meta(description="nor one from fewer networks")]
    epsilon: Annotated[float, Meta(description="what all cells of one interval may tell of one visit or event")]
    noise: Annotated[Literal["on", "off"], Meta(description="`off` is for closed test beds")]
    noise_scales: Annotated[
        Mapping[str, float],
        Meta(
            description="by kind of count, the scale of the discrete Laplace noise on one cell of one interval; for "
            "visits, languages and offers by the slots that the site has now: older intervals may have been noised for "
            "others"
        ),
    ]
    terms_differ: Annotated[bool, Meta(description="whether older intervals were released on other terms")]


class CohortReport(Report, frozen=True):
    """The cohorts of a site: everybody first, then rung by rung, the largest first."""

    cohorts_left_out: LeftOut
    cohorts: tuple[CohortRow, ...]


class SlotReport(Report, frozen=True):
    """A slot of a site, for everybody and for each cohort of which anything was released, and what to doubt in it."""

    cohorts_left_out: LeftOut
    slot: Key
    cohorts: tuple[SlotRow, ...]
    warnings: tuple[ResultWarning, ...]


class ExperimentReport(Report, frozen=True):
    """What an experiment showed: control first, then the other variants beside it, and what to doubt in them.

    ``warnings`` are about these figures, the gravest first; ``notes`` hold for all of their kind.
    """

    experiment: Key
    status: Literal["running", "stopped"]
    variants: tuple[VariantRow, ...]
    sample_ratio_test: SampleRatioTest | None
    warnings: tuple[ResultWarning, ...]
    notes: tuple[ResultNote, ...]


class Reports:
    """Reads reports out of a store. ``terms`` are said while nothing has been released."""

    def __init__(
        self,
        store: StatsStore,
        interval_s: int,
        terms: PrivacyParameters,
        ranking: RankingInUse,
        now_s: Clock,
        *,
        reads_max: int = READS_MAX,
        waiting_max: int = WAITING_MAX,
        read_timeout_s: float = READ_TIMEOUT_S,
    ) -> None:
        self._store = store
        self._interval_s = interval_s
        self._terms = terms
        self._ranking = ranking
        self._now_s = now_s
        self._reading = asyncio.Semaphore(reads_max)
        self._read_timeout_s = read_timeout_s
        self._waiting = 0
        self._waiting_max = reads_max + waiting_max

    async def cohorts(self, rules: SiteRules, window: str) -> CohortReport | Unread:
        """What was released of a site's cohorts in a window, one of WINDOWS."""
        sums = CohortAggregator()
        covered = await self._read(sums, rules.site.id, window)
        if not isinstance(covered, list):
            return covered
        rows = tuple([row async for row in paced(sums.rows(rules.site.languages, COHORTS_MAX))])
        common = self._common(rules, window, covered, sums)
        return CohortReport(**common, cohorts_left_out=len(sums.cohorts) - len(rows), cohorts=rows)

    async def slot(self, rules: SiteRules, slot: Key, window: str) -> SlotReport | Unread:
        """What was released of one of a site's slots in a window, one of WINDOWS."""
        site = rules.site
        sums = SlotAggregator(slot, site.slots[slot].options, lambda terms: noise_scales(terms, len(site.slots)))
        covered = await self._read(sums, site.id, window)
        if not isinstance(covered, list):
            return covered
        rows = sums.rows(lambda cohort: self._ranking(site.id, slot, cohort), COHORTS_MAX)
        cohorts = tuple([row async for row in paced(rows)])
        common = self._common(rules, window, covered, sums)
        left_out = len(sums.cohorts) - len(cohorts)
        return SlotReport(**common, cohorts_left_out=left_out, slot=slot, cohorts=cohorts, warnings=sums.warnings())

    async def experiment(self, rules: SiteRules, key: Key, window: str) -> ExperimentReport | Unread:
        """What was released of one of a site's experiments, not a draft, in a window, one of WINDOWS."""
        site = rules.site
        experiment = site.experiments[key]
        sums = ExperimentAggregator(key, experiment, lambda terms: noise_scales(terms, len(site.slots)))
        covered = await self._read(sums, site.id, window)
        if not isinstance(covered, list):
            return covered
        async for _ in paced(sums.settle(), 1):
            pass
        return ExperimentReport(
            **self._common(rules, window, covered, sums),
            experiment=key,
            status="running" if experiment.status == "running" else "stopped",
            variants=sums.rows(),
            sample_ratio_test=sums.sample_ratio_test(),
            warnings=sums.warnings(),
            notes=notes(len(experiment.variants) - 1),
        )

    async def _read(self, sums: Aggregator, site: Key, window: str) -> list[Interval] | Unread:
        """Add up what was released, some intervals at a time; which intervals were asked for."""
        if self._waiting >= self._waiting_max:
            return "busy"
        span_s = min(WINDOWS[window] * HOUR_S, INTERVALS_MAX * self._interval_s)
        covered = closed_intervals(self._now_s(), self._interval_s, span_s)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._read_timeout_s), self._reading:
                for first in range(0, len(covered), INTERVALS_AT_ONCE):
                    for released in await self._store.released(site, covered[first : first + INTERVALS_AT_ONCE]):
                        if released is not None:
                            async for _ in paced(sums.take(released), 1):
                                pass
        except (TimeoutError, StoreError):
            return "unavailable"
        finally:
            self._waiting -= 1
        return covered

    def _common(self, rules: SiteRules, window: str, covered: list[Interval], sums: Aggregator) -> dict[str, Any]:
        """The fields of ``Report``."""
        terms = self._terms if sums.newest is None else sums.newest.terms
        scales = noise_scales(terms, len(rules.site.slots))
        return {
            "site": rules.site.id,
            "window": window,
            "from_": _utc(covered[0].start_s),
            "to": _utc(covered[-1].end_s),
            "release_minutes": self._interval_s // 60 if self._interval_s % 60 == 0 else self._interval_s / 60,
            "intervals": len(covered),
            "intervals_released": sums.released,
            "k": terms.k,
            "k_prefixes": terms.k_prefixes,
            "epsilon": terms.epsilon,
            "noise": terms.noise,
            "noise_scales": {kind: scales[kind] for kind in sums.kinds},
            "terms_differ": len(sums.terms) > 1,
        }


async def paced(steps: Iterable[T], at_once: int = ROWS_AT_ONCE) -> AsyncIterator[T]:
    """The same items; other tasks may run after every so many."""
    for index, step in enumerate(steps, 1):
        yield step
        if index % at_once == 0:
            await asyncio.sleep(0)


def _utc(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
