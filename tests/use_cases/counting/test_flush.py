"""The way to the store: whatever it does, nothing is counted twice, and what is lost is said."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Sequence
from typing import get_args

import pytest

from service.core.groups.counts import Batch, DeviceHash, Increment
from service.ports import Applied, StoreError, StoreErrorKind
from service.use_cases.counting import flush as flush_module
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.counting.circuit_breaker import RETRY_S, CircuitBreaker
from service.use_cases.counting.flush import RESEND_MAX_S, Flush

HOUR = 3600
VISIT = Increment("demo", "CH/smartphone/android", ("visit",))
ELSEWHERE = Increment("other", "all", ("visit",))


class Now:
    def __init__(self) -> None:
        self.now_s = 1_795_344_000.0

    def __call__(self) -> float:
        return self.now_s


class Ledger:
    """A store that applies each batch once and does to its callers what a test says.

    ``faults``: None works, ``gone`` fails before anything happens, ``deaf`` applies and loses the reply, ``clock``
    refuses a moment for good.
    """

    kind = "memory"

    def __init__(self, faults: Sequence[str | None] = ()) -> None:
        self.faults = list(faults)
        self.sums: Counter[str] = Counter()
        self.ids: set[bytes] = set()
        self.calls = 0
        self.salts_asked = 0
        self.devices: Counter[str] = Counter()

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        self.calls += 1
        await asyncio.sleep(0)
        fault = self.faults.pop(0) if self.faults else None
        if fault in ("gone", "clock"):
            raise StoreError("connection" if fault == "gone" else "clock")
        known = batch.id in self.ids
        if not known:
            self.ids.add(batch.id)
            self.sums.update({f"{batch.site}/{field}": n for field, n in batch.counts.items()})
            self.devices.update({rung: len(found) for rung, found in batch.devices.items()})
        if fault == "deaf":
            raise StoreError("timeout")
        return Applied("duplicate" if known else "applied", ())

    async def salt(self, site: str, now_s: float) -> bytes:
        self.salts_asked += 1
        return b"s" * 32


def build(ledger: Ledger, events_max: int = 10_000, **given: float) -> tuple[CountBuffer, Flush, Now]:
    now = Now()
    buffer = CountBuffer(HOUR, events_max, now)
    store: object = ledger
    return buffer, Flush(buffer, store, HOUR, 0.01, now, **given), now  # type: ignore[arg-type]


def test_a_round_sends_one_batch_for_each_site() -> None:
    """However many visits: commands grow with sites."""
    ledger = Ledger()
    buffer, flush, _ = build(ledger, events_max=100_000)
    for _ in range(5000):
        buffer.count(VISIT)
        buffer.count(ELSEWHERE)
    assert asyncio.run(flush.flush_once()) == 2
    assert ledger.sums == {"demo/CH/smartphone/android|visit": 5000, "other/all|visit": 5000}
    assert (flush.applied, flush.waiting) == (10_000, 0)
    assert asyncio.run(flush.flush_once()) == 0


class Traffic:
    """Visits that come evenly to many sites, by a clock that the test turns: of so many kinds, few of them frequent."""

    def __init__(self, sites: int, kinds: int, visits_per_s: int, events_max: int) -> None:
        self.ledger = Ledger()
        self.buffer, self.flush, self.now = build(self.ledger, events_max)
        self.gone = False
        self.largest = 0
        self._per_s = visits_per_s
        self._chance = random.Random(1)
        self._sites = sites
        self._increments = [
            [Increment(f"s{site}", f"C{kind}", ("visit",)) for kind in range(kinds)] for site in range(sites)
        ]
        self._shares = list(itertools.accumulate(1 / (1 + kind) for kind in range(kinds)))
        right = self.ledger.apply

        async def apply(batch: Batch, now_s: float) -> Applied:
            if self.gone:
                raise StoreError("connection")
            self.largest = max(self.largest, len(batch.counts))
            return await right(batch, now_s)

        self.ledger.apply = apply  # type: ignore[method-assign]

    async def run(self, seconds: float) -> None:
        """Flush at the pace of ``Flush.run``, and let visits come meanwhile."""
        until_s = self.now.now_s + seconds
        while self.now.now_s < until_s:
            pause_s = max(0.2, await self.flush.flush_once() / flush_module.COMMANDS_PER_S_MAX)
            self.now.now_s += pause_s
            visits = int(self._per_s * pause_s)
            kinds = self._chance.choices(range(len(self._shares)), cum_weights=self._shares, k=visits)
            for number, kind in enumerate(kinds):
                self.buffer.count(self._increments[number % self._sites][kind])


@pytest.mark.parametrize(
    ("sites", "kinds", "visits_per_s", "events_max"),
    [(120, 100, 3000, 100_000), (120, 1000, 3000, 100_000), (60, 500, 6000, 120_000), (1, 1000, 6000, 8000)],
)
def test_however_many_visits_come_a_store_that_answers_gets_them_all(
    sites: int, kinds: int, visits_per_s: int, events_max: int
) -> None:
    """Each of many sites has its turn every few seconds, and meanwhile more comes than a sheet may hold."""
    traffic = Traffic(sites, kinds, visits_per_s, events_max)
    asyncio.run(traffic.run(50))
    assert sum(traffic.flush.lost.values()) == 0
    assert traffic.flush.waiting <= events_max * 0.6
    assert traffic.ledger.calls <= 50 * flush_module.COMMANDS_PER_S_MAX + sites
    assert traffic.largest <= 250


def test_after_an_outage_that_filled_the_buffer_nothing_more_is_lost() -> None:
    """Once every site has had a turn. What waited goes with what comes, in batches no larger and no more frequent."""
    traffic = Traffic(120, 500, 3000, 100_000)
    traffic.gone = True

    async def work() -> tuple[int, float]:
        await traffic.run(45)
        traffic.gone, back_s = False, traffic.now.now_s
        await traffic.run(20)
        lost = traffic.flush.lost["overflow"]
        await traffic.run(60)
        return lost, traffic.now.now_s - back_s

    lost, passed_s = asyncio.run(work())
    assert 0 < lost == sum(traffic.flush.lost.values()) < 45 * 3000
    assert traffic.flush.waiting <= 60_000
    assert traffic.ledger.calls <= passed_s * flush_module.COMMANDS_PER_S_MAX + 1
    assert traffic.largest <= 250
    assert traffic.flush.applied == traffic.ledger.sums.total()


@pytest.mark.parametrize("seed", range(8))
def test_nothing_counts_twice_and_nothing_is_lost_through_any_faults(seed: int) -> None:
    """Refused, lost and repeated replies in any order: in the end the store has each count once."""
    chance = random.Random(seed)
    ledger = Ledger([chance.choice([None, "gone", "deaf"]) for _ in range(300)])
    buffer, flush, _ = build(ledger)

    async def work() -> None:
        for _ in range(300):
            for _ in range(chance.randrange(20)):
                buffer.count(chance.choice([VISIT, ELSEWHERE]))
            await flush.flush_once()
        await flush.drain()

    asyncio.run(work())
    assert ledger.sums.total() == buffer.counted == flush.applied
    assert flush.waiting == 0
    assert sum(flush.lost.values()) == 0
    assert flush.duplicates > 0


def test_a_store_that_stays_away_costs_what_does_not_fit_and_says_so() -> None:
    """Counted = applied + lost, when all is over."""
    ledger = Ledger(["gone"] * 50)
    buffer, flush, _ = build(ledger, events_max=800)

    async def work() -> None:
        for _ in range(50):
            for _ in range(100):
                buffer.count(VISIT)
            await flush.flush_once()
        await flush.drain()

    asyncio.run(work())
    assert flush.lost["overflow"] > 0
    assert ledger.sums.total() == flush.applied == 5000 - sum(flush.lost.values())


def test_what_cannot_be_handed_over_at_the_end_is_lost_and_said() -> None:
    """A stop waits a bounded time for a store that is gone."""
    ledger = Ledger(["gone"] * 1000)
    buffer, flush, _ = build(ledger, drain_max_s=0.05)
    for _ in range(10):
        buffer.count(VISIT)
    asyncio.run(flush.drain())
    assert flush.lost["unsent"] == 10


def test_a_clean_stop_hands_over_everything() -> None:
    """Cancelling the loop flushes what waits, however many batches it takes."""
    ledger = Ledger()
    buffer, flush, _ = build(ledger)

    async def work() -> None:
        loop = asyncio.create_task(flush.run())
        await asyncio.sleep(0.02)
        for number in range(4000):
            buffer.count(Increment("demo", "all", (f"chosen:x{number}",)))
        loop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop

    asyncio.run(work())
    assert ledger.sums.total() == 4000
    assert flush.waiting == 0


def test_a_batch_older_than_the_store_remembers_is_let_go() -> None:
    """Sent again it might count twice."""
    ledger = Ledger(["deaf"])
    buffer, flush, now = build(ledger)
    buffer.count(VISIT)
    asyncio.run(flush.flush_once())
    now.now_s += HOUR + RESEND_MAX_S + 1
    buffer.count(VISIT)
    asyncio.run(flush.flush_once())
    assert ledger.sums.total() == 2
    assert flush.lost["expired"] == 1


def test_a_moment_that_the_store_refuses_is_lost_and_does_not_come_again() -> None:
    """A worker with a wild clock does not send the same batch for ever."""
    ledger = Ledger(["clock"])
    buffer, flush, _ = build(ledger)
    buffer.count(VISIT)
    asyncio.run(flush.flush_once())
    asyncio.run(flush.flush_once())
    assert ledger.calls == 1
    assert flush.lost["late"] == 1


def test_to_wait_for_the_store_ends_when_it_has_the_counts() -> None:
    """``ack=stored``: true once applied, and together with others' in one batch."""
    ledger = Ledger(["deaf"])
    _, flush, _ = build(ledger)

    async def work() -> list[bool]:
        waiting = [asyncio.create_task(flush.record_and_wait([VISIT, VISIT])) for _ in range(10)]
        await asyncio.sleep(0)
        await flush.flush_once()
        return await asyncio.gather(*waiting)

    assert asyncio.run(work()) == [True] * 10
    assert ledger.sums.total() == 20
    assert ledger.calls == 2  # the first reply was lost, so it was asked again


def test_what_could_not_be_stored_is_withdrawn() -> None:
    """False, and not counted later: whoever was told so will send it again."""
    ledger = Ledger(["gone"] * flush_module.STORED_TRIES)
    _, flush, _ = build(ledger)

    async def work() -> bool:
        waiting = asyncio.create_task(flush.record_and_wait([VISIT]))
        await asyncio.sleep(0)
        await flush.flush_once()
        return await waiting

    assert asyncio.run(work()) is False
    asyncio.run(flush.flush_once())
    assert ledger.sums.total() == 0
    assert flush.rejected == 1


def test_salts_are_fetched_for_sites_that_met_a_device_and_again_after_a_failure() -> None:
    """Once, then after a minute, then whenever the store may have forgotten."""
    ledger = Ledger()
    buffer, flush, now = build(ledger)
    assert buffer.wants_hash("demo", ("all",)) is None
    asyncio.run(flush.flush_once())
    asyncio.run(flush.flush_once())
    assert ledger.salts_asked == 1
    assert buffer.wants_hash("demo", ("all",)) is not None
    buffer.count(VISIT)
    buffer.add_hash("demo", DeviceHash(("all",), 1, None))
    ledger.faults = ["gone"]
    asyncio.run(flush.flush_once())
    assert buffer.wants_hash("demo", ("all",)) is None
    asyncio.run(flush.flush_once())
    assert ledger.salts_asked == 2
    now.now_s += flush_module.SALT_REFRESH_S + 1
    asyncio.run(flush.flush_once())
    assert ledger.salts_asked == 2  # nobody came
    buffer.count(VISIT)
    asyncio.run(flush.flush_once())
    assert ledger.salts_asked == 3


def test_an_open_breaker_asks_at_most_once_in_its_time() -> None:
    """Everybody else hears of the failure at once; the first success closes it."""
    ledger = Ledger(["gone"] * 3)
    clock = [0.0]
    store: object = ledger
    guarded = CircuitBreaker(store, lambda: clock[0])  # type: ignore[arg-type]
    buffer = CountBuffer(HOUR, 1000, Now())
    buffer.count(VISIT)
    batch = buffer.seal("demo")
    assert batch is not None
    outcomes = []

    async def ask() -> None:
        try:
            outcomes.append((await guarded.apply(batch, 0.0)).outcome)
        except StoreError as error:
            outcomes.append(error.kind)

    for _ in range(100):
        asyncio.run(ask())
        clock[0] += RETRY_S / 10
    assert ledger.calls <= 3 + (100 - 30) + 1
    asked_while_open = 3
    assert outcomes[:30].count("connection") == 30
    assert ledger.calls - outcomes.count("applied") - outcomes.count("duplicate") == asked_while_open
    assert (guarded.open, guarded.openings) == (False, 1)  # that it was open is seen afterwards too
    assert guarded.errors == dict.fromkeys(get_args(StoreErrorKind), 0) | {"connection": 3}
    assert 1 / RETRY_S <= 1.3


@pytest.mark.parametrize("kind", get_args(StoreErrorKind))
def test_what_a_store_surely_refused_is_not_asked_again(kind: StoreErrorKind) -> None:
    """Only where it may have been counted all the same: its reply may be the one that was lost."""
    ledger = Ledger()
    _, flush, _ = build(ledger)
    asked = []

    async def refuse(batch: Batch, now_s: float) -> Applied:
        asked.append(batch)
        raise StoreError(kind)

    async def work() -> bool:
        ledger.apply = refuse  # type: ignore[method-assign]
        waiting = asyncio.create_task(flush.record_and_wait([VISIT]))
        await asyncio.sleep(0)
        await flush.flush_once()
        return await waiting

    assert asyncio.run(work()) is False
    assert len(asked) == (3 if kind in ("timeout", "connection", "other") else 1)
    assert len({batch.id for batch in asked}) == 1


def test_a_mistake_of_ours_stops_no_counting() -> None:
    """Whatever is raised, it is told, and the next round goes on."""
    ledger = Ledger()
    buffer, flush, now = build(ledger)
    told: list[Exception] = []
    flush = Flush(buffer, ledger, HOUR, 0.001, now, told.append)  # type: ignore[arg-type]
    right = ledger.apply

    async def wrong(batch: Batch, now_s: float) -> Applied:
        raise ZeroDivisionError

    async def work() -> None:
        ledger.apply = wrong  # type: ignore[method-assign]
        buffer.count(VISIT)
        waiting = asyncio.create_task(flush.record_and_wait([VISIT]))
        loop = asyncio.create_task(flush.run())
        assert await waiting is False
        assert not flush.healthy
        ledger.apply = right  # type: ignore[method-assign]
        await asyncio.sleep(0.3)
        assert flush.healthy
        loop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loop

    asyncio.run(work())
    assert ledger.sums.total() == 1
    assert {type(error) for error in told} == {ZeroDivisionError}


def test_a_site_that_fails_stops_no_other() -> None:
    """The other's counts arrive in the same round, and its own when it is well again."""
    ledger = Ledger()
    buffer, flush, _ = build(ledger)
    right = ledger.apply

    async def fussy(batch: Batch, now_s: float) -> Applied:
        if batch.site == "demo":
            raise StoreError("connection")
        return await right(batch, now_s)

    ledger.apply = fussy  # type: ignore[method-assign]
    buffer.count(VISIT)
    buffer.count(ELSEWHERE)
    asyncio.run(flush.flush_once())
    assert ledger.sums == {"other/all|visit": 1}
    assert not flush.healthy
    ledger.apply = right  # type: ignore[method-assign]
    asyncio.run(flush.flush_once())
    assert ledger.sums.total() == 2
    assert flush.healthy


def test_counts_that_come_too_late_are_lost_loudly() -> None:
    """A clock is wrong, here or there: that must not look well."""
    ledger = Ledger()
    buffer, flush, _ = build(ledger)

    async def late(batch: Batch, now_s: float) -> Applied:
        return Applied("late", ())

    ledger.apply = late  # type: ignore[method-assign]
    buffer.count(VISIT)
    asyncio.run(flush.flush_once())
    assert (flush.lost["late"], flush.waiting, flush.healthy) == (1, 0, False)


def test_a_stop_waits_for_a_store_without_spinning() -> None:
    """Also where nothing could be sent at all."""
    buffer, flush, _ = build(Ledger(), drain_max_s=0.3)
    asked = []

    async def gone(site: str, now_s: float) -> bytes:
        asked.append(site)
        raise StoreError("connection")

    store: object = flush._store
    store.salt = gone  # type: ignore[attr-defined]
    store.apply = gone  # type: ignore[attr-defined]
    buffer.wants_hash("demo", ("all",))
    buffer.count(VISIT)
    asyncio.run(flush.drain())
    assert len(asked) <= 2 * 5
    assert flush.lost["unsent"] == 1


def test_devices_by_a_salt_that_the_store_lost_are_looked_at_anew() -> None:
    """It says so, and the salt is asked for again at once."""
    ledger = Ledger()
    buffer, flush, _ = build(ledger)
    buffer.wants_hash("demo", ("all",))
    asyncio.run(flush.flush_once())
    right = ledger.apply

    async def of_another_salt(batch: Batch, now_s: float) -> Applied:
        return (await right(batch, now_s))._replace(salt_mismatch=True)

    ledger.apply = of_another_salt  # type: ignore[method-assign]
    buffer.count(VISIT)
    buffer.add_hash("demo", DeviceHash(("all",), 1, None))
    asyncio.run(flush.flush_once())
    assert buffer.wants_hash("demo", ("all",)) is None
    ledger.apply = right  # type: ignore[method-assign]
    asyncio.run(flush.flush_once())
    assert ledger.salts_asked == 2


def test_a_site_that_goes_is_sent_to_the_end_and_its_salt_is_not_kept() -> None:
    """Also where it goes while the store is asked for its salt."""

    class Going(Ledger):
        async def salt(self, site: str, now_s: float) -> bytes:
            buffer.set_sites(set())
            return await super().salt(site, now_s)

    ledger = Going()
    buffer, flush, _ = build(ledger)
    buffer.set_sites({"demo"})
    buffer.count(VISIT)
    asyncio.run(flush.flush_once())
    assert (flush.applied, ledger.salts_asked, buffer.wants_salt("demo")) == (1, 1, False)
    asyncio.run(flush.flush_once())
    assert ledger.salts_asked == 1
