"""What a worker has counted: nothing lost but what is said to be, nothing twice, and never more than its bounds."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from service.core.counts import HASH_BYTES, Increment, Mark
from service.use_cases import tally as tally_module
from service.use_cases.tally import MARKS_MAX, Tally

HOUR = 3600
PHONES = Increment("demo", "CH/smartphone/android", ("visit", "wanted:de"))
DESKS = Increment("demo", "CH/desktop/windows", ("visit", "shown:fr"))
OTHERS = Increment("other", "CH/desktop/windows", ("visit",))
RUNGS = ("CH/smartphone/android", "CH/smartphone", "europe/smartphone", "smartphone", "all")


class Now:
    """A clock that a test sets."""

    def __init__(self, now_s: float = 1_795_344_000.0) -> None:  # 2026-11-22, 12:00 UTC
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def test_what_was_counted_is_what_is_sealed() -> None:
    """Sums by field, in a batch for each site."""
    tally = Tally(HOUR, 1000, Now())
    for increment in (PHONES, PHONES, DESKS, OTHERS):
        tally.count(increment)
    assert tally.sites() == ["demo", "other"]
    batch = tally.seal("demo")
    assert batch is not None
    assert batch.counts == {
        "CH/smartphone/android|visit": 2, "CH/smartphone/android|wanted:de": 2, "CH/desktop/windows|visit": 1, "CH/desktop/windows|shown:fr": 1,
    }  # fmt: skip
    assert (batch.site, batch.events, batch.interval.length_s) == ("demo", 3, HOUR)
    assert tally.seal("demo") is None
    assert tally.waiting == 1


def test_two_batches_never_share_an_id() -> None:
    """Ids are random, so that two workers' batches do not meet either."""
    tally = Tally(HOUR, 1000, Now())
    ids = set()
    for _ in range(100):
        tally.count(PHONES)
        batch = tally.seal("demo")
        assert batch is not None
        ids.add(batch.id)
    assert len(ids) == 100


def test_a_count_belongs_to_the_interval_of_its_moment() -> None:
    """What is counted after the hour has turned is in another batch, and the older goes first."""
    now = Now()
    tally = Tally(HOUR, 1000, now)
    tally.count(PHONES)
    now.now_s += HOUR
    tally.count(DESKS)
    first, second = tally.seal("demo"), tally.seal("demo")
    assert first is not None
    assert second is not None
    assert second.interval.start_s - first.interval.start_s == HOUR
    assert [*first.counts] == ["CH/smartphone/android|visit", "CH/smartphone/android|wanted:de"]


def test_a_clock_that_goes_back_loses_nothing() -> None:
    """Counts go to the interval that the clock tells, whichever it is."""
    now = Now()
    tally = Tally(HOUR, 1000, now)
    for jump in (0, -5 * HOUR, 9 * HOUR, -4 * HOUR):
        now.now_s += jump
        tally.count(PHONES)
    total = 0
    while batch := tally.seal("demo"):
        total += batch.events
    assert (total, tally.waiting, tally.dropped) == (4, 0, 0)


@given(
    st.lists(st.sampled_from([PHONES, DESKS, OTHERS, "seal demo", "seal other", "hour"]), max_size=400),
    st.integers(8, 60),
)
def test_every_count_is_sealed_waiting_or_said_to_be_dropped(steps: list[object], events_max: int) -> None:
    """Counted = sealed + waiting + dropped, at every moment, and never more wait than may."""
    now = Now()
    tally = Tally(HOUR, events_max, now)
    sealed: Counter[str] = Counter()
    counted = 0
    for step in steps:
        if isinstance(step, Increment):
            tally.count(step)
            counted += 1
        elif step == "hour":
            now.now_s += HOUR
        elif batch := tally.seal(str(step).removeprefix("seal ")):
            sealed[batch.site] += batch.events
            assert batch.events == sum(n for field, n in batch.counts.items() if field.endswith("|visit"))
        assert counted == sealed.total() + tally.waiting + tally.dropped
        assert tally.waiting <= events_max


def test_of_a_full_buffer_the_oldest_part_goes() -> None:
    """An outage keeps the newest counts, but for an eighth."""
    tally = Tally(HOUR, 800, Now())
    for _ in range(1000):
        tally.count(DESKS)
    for _ in range(600):
        tally.count(PHONES)
    kept: Counter[str] = Counter()
    while batch := tally.seal("demo"):
        kept.update(batch.counts)
    assert kept["CH/smartphone/android|visit"] == 600
    assert kept["CH/desktop/windows|visit"] == 1000 - tally.dropped
    assert kept["CH/desktop/windows|visit"] >= 100


def test_a_batch_has_its_largest_size_and_leaves_the_rest(monkeypatch) -> None:
    """So that sealing never holds the event loop."""
    monkeypatch.setattr(tally_module, "INCREMENTS_PER_BATCH_MAX", 10)
    tally = Tally(HOUR, 1000, Now())
    for number in range(25):
        tally.count(Increment("demo", "all", (f"chosen:x{number}",)))
    sizes = []
    while batch := tally.seal("demo"):
        sizes.append(len(batch.counts))
    assert sizes == [10, 10, 5]


def test_devices_wait_for_a_salt_and_are_sealed_by_rung() -> None:
    """Without a salt a site is named as wanting one; with it hashes go to every rung, sorted, each once."""
    now = Now()
    tally = Tally(HOUR, 1000, now)
    assert tally.salt("demo", RUNGS) is None
    assert tally.unsalted == {"demo"}
    tally.take_salt("demo", int(now.now_s) // 86400, b"s" * 32)
    assert tally.unsalted == set()
    assert tally.salt("demo", RUNGS) == b"s" * 32
    for mark in (Mark(7, 1), Mark(3, 1), Mark(7, 1), Mark(9, None)):
        tally.count(PHONES)
        tally.mark("demo", RUNGS, mark)
    batch = tally.seal("demo")
    assert batch is not None
    assert [*batch.devices] == [*RUNGS]
    assert batch.devices["all"] == b"".join(n.to_bytes(HASH_BYTES, "big") for n in (3, 7, 9))
    assert batch.prefixes["all"] == (1).to_bytes(HASH_BYTES, "big")


def test_a_full_rung_gets_no_more_devices_until_the_day_or_the_salt_turns() -> None:
    """What has enough is not sent; where all rungs have enough, devices are not even hashed."""
    now = Now()
    tally = Tally(HOUR, 1000, now)
    day = int(now.now_s) // 86400
    tally.take_salt("demo", day, b"s" * 32)
    tally.rungs_full("demo", day, ("all", "smartphone"))
    tally.count(PHONES)
    tally.mark("demo", RUNGS, Mark(7, 1))
    batch = tally.seal("demo")
    assert batch is not None
    assert [*batch.devices] == [*RUNGS[:3]]
    tally.rungs_full("demo", day, RUNGS)
    assert tally.salt("demo", RUNGS) is None
    tally.take_salt("demo", day, b"t" * 32)  # the store forgot, and with the salt its sets
    assert tally.salt("demo", RUNGS) == b"t" * 32
    tally.rungs_full("demo", day, RUNGS)
    now.now_s += 24 * HOUR
    tally.count(PHONES)
    assert tally.salt("demo", RUNGS) is None
    tally.take_salt("demo", day + 1, b"u" * 32)
    assert tally.salt("demo", RUNGS) == b"u" * 32


def test_hashes_that_wait_are_bounded(monkeypatch) -> None:
    """Beyond the bound devices are not counted, which is said."""
    monkeypatch.setattr(tally_module, "MARKS_MAX", 10)
    tally = Tally(HOUR, 1000, Now())
    for number in range(25):
        tally.count(PHONES)
        tally.mark("demo", RUNGS, Mark(number, None))
    assert tally.marks_dropped == 15
    batch = tally.seal("demo")
    assert batch is not None
    assert len(batch.devices["all"]) == 10 * HASH_BYTES
    tally.count(PHONES)
    tally.mark("demo", RUNGS, Mark(99, None))  # there is room again
    assert tally.marks_dropped == 15
    assert MARKS_MAX * 64 < 10_000_000


def test_salts_show_nothing_of_themselves() -> None:
    """Neither they nor what holds them has a repr that repeats them."""
    now = Now()
    tally = Tally(HOUR, 1000, now)
    tally.take_salt("demo", int(now.now_s) // 86400, b"SECRETSALT" * 3)
    assert "SECRETSALT" not in repr(tally) + repr(tally._salts)
    assert tally.stale_salts(60) == []
    now.now_s += 61
    assert tally.stale_salts(60) == ["demo"]
    tally.forget_salts()
    assert tally.stale_salts(60) == []


def test_devices_on_many_ladders_go_in_several_batches(monkeypatch) -> None:
    """However many cohorts an attacker thinks of at once, a batch stays small; none is forgotten."""
    monkeypatch.setattr(tally_module, "LADDERS_PER_BATCH_MAX", 10)
    tally = Tally(HOUR, 1000, Now())
    for number in range(25):
        tally.count(PHONES)
        tally.mark("demo", (f"X{number}", "all"), Mark(number, None))
    found = []
    while batch := tally.seal("demo"):
        found.append(len(batch.devices) - 1)
    assert found == [10, 10, 5]
    assert tally.sites() == []
    tally.mark("demo", RUNGS, Mark(1, None))  # of a visit that was counted just before an interval turned
    assert tally.sites() == ["demo"]
    assert tally.seal("demo").events == 0
