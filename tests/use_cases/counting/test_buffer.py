"""What a worker has counted: nothing lost but what is said to be, nothing twice, and never more than its bounds."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.counts import HASH_BYTES, DeviceHash, Increment
from service.use_cases.counting.buffer import CountBuffer, DeviceLimits

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
    buffer = CountBuffer(HOUR, 1000, Now())
    for increment in (PHONES, PHONES, DESKS, OTHERS):
        buffer.count(increment)
    assert buffer.sites() == ["demo", "other"]
    batch = buffer.seal("demo")
    assert batch is not None
    assert batch.counts == {
        "CH/smartphone/android|visit": 2, "CH/smartphone/android|wanted:de": 2, "CH/desktop/windows|visit": 1, "CH/desktop/windows|shown:fr": 1,
    }  # fmt: skip
    assert (batch.site, batch.events, batch.interval.length_s) == ("demo", 3, HOUR)
    assert buffer.seal("demo") is None
    assert buffer.waiting == 1


def test_two_batches_never_share_an_id() -> None:
    """Ids are random, so that two workers' batches do not meet either."""
    buffer = CountBuffer(HOUR, 1000, Now())
    ids = set()
    for _ in range(100):
        buffer.count(PHONES)
        batch = buffer.seal("demo")
        assert batch is not None
        ids.add(batch.id)
    assert len(ids) == 100


def test_a_count_belongs_to_the_interval_of_its_moment() -> None:
    """What is counted after the hour has turned is in another batch, and the older goes first."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now)
    buffer.count(PHONES)
    now.now_s += HOUR
    buffer.count(DESKS)
    first, second = buffer.seal("demo"), buffer.seal("demo")
    assert first is not None
    assert second is not None
    assert second.interval.start_s - first.interval.start_s == HOUR
    assert [*first.counts] == ["CH/smartphone/android|visit", "CH/smartphone/android|wanted:de"]


def test_a_clock_that_goes_back_loses_nothing() -> None:
    """Counts go to the interval that the clock tells, whichever it is."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now)
    for jump in (0, -5 * HOUR, 9 * HOUR, -4 * HOUR):
        now.now_s += jump
        buffer.count(PHONES)
    total = 0
    while batch := buffer.seal("demo"):
        total += batch.events
    assert (total, buffer.waiting, buffer.dropped) == (4, 0, 0)


@given(
    st.lists(st.sampled_from([PHONES, DESKS, OTHERS, "seal demo", "seal other", "hour"]), max_size=400),
    st.integers(8, 60),
)
def test_every_count_is_sealed_waiting_or_said_to_be_dropped(steps: list[object], events_max: int) -> None:
    """Counted = sealed + waiting + dropped, at every moment, and never more wait than may."""
    now = Now()
    buffer = CountBuffer(HOUR, events_max, now)
    sealed: Counter[str] = Counter()
    counted = 0
    for step in steps:
        if isinstance(step, Increment):
            buffer.count(step)
            counted += 1
        elif step == "hour":
            now.now_s += HOUR
        elif batch := buffer.seal(str(step).removeprefix("seal ")):
            sealed[batch.site] += batch.events
            assert batch.events == sum(n for field, n in batch.counts.items() if field.endswith("|visit"))
        assert counted == sealed.total() + buffer.waiting + buffer.dropped
        assert buffer.waiting <= events_max


def test_of_a_full_buffer_the_oldest_part_goes() -> None:
    """An outage keeps the newest counts, but for an eighth."""
    buffer = CountBuffer(HOUR, 800, Now())
    for _ in range(1000):
        buffer.count(DESKS)
    for _ in range(600):
        buffer.count(PHONES)
    kept: Counter[str] = Counter()
    while batch := buffer.seal("demo"):
        kept.update(batch.counts)
    assert kept["CH/smartphone/android|visit"] == 600
    assert kept["CH/desktop/windows|visit"] == 1000 - buffer.dropped
    assert kept["CH/desktop/windows|visit"] >= 100


def test_a_batch_is_small_and_leaves_the_rest() -> None:
    """So that sealing never holds the event loop; where much waits, batches grow."""
    buffer = CountBuffer(HOUR, 100_000, Now())

    def sizes(increments: int) -> list[int]:
        for number in range(increments):
            buffer.count(Increment("demo", "all", (f"chosen:x{number}",)))
        found = []
        while batch := buffer.seal("demo"):
            found.append(len(batch.counts))
        return found

    assert sizes(120) == [50, 50, 20]
    assert sizes(5000)[:2] == [250, 250]
    assert len(sizes(5000)) < 100


def test_a_batch_carries_all_that_waits_of_its_increments() -> None:
    """Also where they lie on several sheets: what comes often takes no more batches than what comes once."""
    buffer = CountBuffer(HOUR, 8000, Now())
    kinds = [Increment("demo", "all", (f"chosen:x{number}",)) for number in range(400)]
    for _ in range(15):
        for kind in kinds:
            buffer.count(kind)
    batches = []
    while batch := buffer.seal("demo"):
        batches.append(batch)
    assert [len(batch.counts) for batch in batches] == [250, 150]
    assert {n for batch in batches for n in batch.counts.values()} == {15}
    assert (buffer.waiting, buffer.sites()) == (0, [])


def test_a_batch_is_of_one_interval_also_where_sheets_are_aside() -> None:
    """Of the older interval all goes before anything of the newer."""
    now = Now()
    buffer = CountBuffer(HOUR, 80, now)
    for _ in range(2):
        for _ in range(25):
            buffer.count(PHONES)
        now.now_s += HOUR
    batches = [batch for batch in (buffer.seal("demo") for _ in range(3)) if batch]
    assert [batch.events for batch in batches] == [25, 25]
    assert batches[1].interval.start_s - batches[0].interval.start_s == HOUR


def salted(events_max: int = 1000, **caps: Any) -> tuple[CountBuffer, int]:
    """A tally with a salt for the demo site, and the day it is of."""
    now = Now()
    buffer, day = CountBuffer(HOUR, events_max, now, **caps), int(now.now_s) // 86400
    buffer.take_salt("demo", day, b"s" * 32)
    return buffer, day


def sealed(buffer: CountBuffer) -> tuple[dict[str, int], dict[str, int]]:
    """How many devices and prefixes each rung gets with all that waits."""
    devices: Counter[str] = Counter()
    prefixes: Counter[str] = Counter()
    while batch := buffer.seal("demo"):
        devices.update({rung: len(found) // HASH_BYTES for rung, found in batch.devices.items()})
        prefixes.update({rung: len(found) // HASH_BYTES for rung, found in batch.prefixes.items()})
    return devices, prefixes


def test_devices_wait_for_a_salt_and_are_sealed_by_rung() -> None:
    """Without a salt a site is named as wanting one; with it new hashes go to every rung, sorted, each once."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now)
    assert buffer.wants_hash("demo", RUNGS) is None
    assert buffer.unsalted == {"demo"}
    buffer.take_salt("demo", int(now.now_s) // 86400, b"s" * 32)
    assert buffer.unsalted == set()
    assert buffer.wants_hash("demo", RUNGS) == (b"s" * 32, "both")
    for mark in (DeviceHash(RUNGS, 7, 1), DeviceHash(RUNGS, 3, 1), DeviceHash(RUNGS, 7, 1), DeviceHash(RUNGS, 9, None)):
        buffer.count(PHONES)
        buffer.add_hash("demo", mark)
    batch = buffer.seal("demo")
    assert batch is not None
    assert [*batch.devices] == [*RUNGS]
    assert batch.devices["all"] == b"".join(n.to_bytes(HASH_BYTES, "big") for n in (3, 7, 9))
    assert batch.prefixes["all"] == (1).to_bytes(HASH_BYTES, "big")
    buffer.count(PHONES)
    buffer.add_hash("demo", DeviceHash(RUNGS, 7, 2))  # it came back, from elsewhere
    assert sealed(buffer) == ({}, dict.fromkeys(RUNGS, 1))


def test_no_look_is_spent_on_a_visit_that_has_not_what_is_needed() -> None:
    """Where devices are enough and prefixes are not, a visit without an address has nothing to give."""
    buffer, _ = salted(devices_max=1, prefixes_max=2)
    for device in (1, 2):
        buffer.add_hash("demo", DeviceHash(RUNGS, device, 7))
    assert buffer.wants_hash("demo", RUNGS, has_prefix=True) == (b"s" * 32, "prefix")
    assert buffer.wants_hash("demo", RUNGS, has_prefix=False) is None
    assert buffer.not_looked_at == 0


def test_a_rung_takes_devices_up_to_its_cap_and_then_none() -> None:
    """Where all rungs have enough, devices are not even hashed."""
    buffer, _ = salted(devices_max=4, prefixes_max=2)
    for number in range(10):
        if buffer.wants_hash("demo", RUNGS) is not None:
            buffer.add_hash("demo", DeviceHash(RUNGS, number, number))
    assert sealed(buffer) == (dict.fromkeys(RUNGS, 4), dict.fromkeys(RUNGS, 2))
    assert buffer.wants_hash("demo", RUNGS) is None
    others = ("CH/tablet/ipados", "CH/tablet", *RUNGS[2:])
    assert buffer.wants_hash("demo", others) is not None
    buffer.add_hash("demo", DeviceHash(others, 99, 99))
    assert sealed(buffer)[0] == {"CH/tablet/ipados": 1, "CH/tablet": 1}


def test_without_prefixes_devices_alone_are_enough() -> None:
    """``k_prefixes = 0``: no prefix is ever asked for."""
    buffer, _ = salted(devices_max=2, prefixes_max=0)
    for number in range(3):
        buffer.add_hash("demo", DeviceHash(RUNGS, number, None))
    assert sealed(buffer) == (dict.fromkeys(RUNGS, 2), {})
    assert buffer.wants_hash("demo", RUNGS) is None


def test_what_the_store_has_enough_of_is_not_sent_until_the_day_or_the_salt_turns() -> None:
    """Others' devices count as well as ours. A store with another salt has forgotten, and all begins anew."""
    buffer, day = salted()
    buffer.mark_full("demo", day, ("all", "smartphone"))
    buffer.add_hash("demo", DeviceHash(RUNGS, 7, 1))
    assert [*sealed(buffer)[0]] == [*RUNGS[:3]]
    buffer.mark_full("demo", day, RUNGS)
    buffer.add_hash("demo", DeviceHash(RUNGS, 8, 1))
    assert sealed(buffer) == ({}, {})
    assert buffer.wants_hash("demo", RUNGS) is None
    buffer.take_salt("demo", day, b"s" * 32)
    assert buffer.wants_hash("demo", RUNGS) is None
    buffer.take_salt("demo", day, b"t" * 32)
    assert buffer.wants_hash("demo", RUNGS) == (b"t" * 32, "both")


def test_a_salt_is_of_its_day() -> None:
    """When the day turns there is none, and one is wanted."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now, ["demo"])
    buffer.take_salt("demo", int(now.now_s) // 86400, b"s" * 32)
    assert buffer.wants_hash("demo", RUNGS) is not None
    now.now_s += 24 * HOUR
    buffer.count(PHONES)
    assert buffer.wants_hash("demo", RUNGS) is None
    assert buffer.unsalted == {"demo"}


def test_a_hash_by_the_salt_of_yesterday_counts_nowhere() -> None:
    """The first visit after the day turned was hashed before it was counted."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now, ["demo"])
    buffer.take_salt("demo", int(now.now_s) // 86400, b"s" * 32)
    now.now_s += 24 * HOUR
    assert buffer.wants_hash("demo", RUNGS) is not None
    buffer.count(PHONES)
    buffer.add_hash("demo", DeviceHash(RUNGS, 7, 1))
    assert sealed(buffer) == ({}, {})
    assert buffer.unsalted == {"demo"}


def test_hashes_that_wait_or_are_remembered_are_bounded() -> None:
    """Beyond the one bound devices are not counted, which is said; beyond the other some are sent again."""
    buffer, _ = salted(limits=DeviceLimits(pending_max=50, seen_max=50))
    for number in range(25):
        buffer.add_hash("demo", DeviceHash(RUNGS, number, None))
    assert buffer.hashes_dropped == 15
    assert sealed(buffer)[0] == dict.fromkeys(RUNGS, 10)
    buffer.add_hash("demo", DeviceHash(RUNGS, 1, None))
    assert sealed(buffer)[0] == dict.fromkeys(RUNGS, 1)  # 50 were remembered: all is forgotten, and it is new again
    assert buffer.hashes_dropped == 15


def test_the_bound_of_hashes_holds_for_all_sheets_of_an_interval() -> None:
    """However many sheets the sums fill, hashes wait on one."""
    buffer, _ = salted(events_max=80, limits=DeviceLimits(pending_max=50))
    for number in range(60):
        buffer.count(PHONES)
        buffer.add_hash("demo", DeviceHash(RUNGS, number, None))
    assert buffer.hashes_dropped == 50
    assert sealed(buffer)[0] == dict.fromkeys(RUNGS, 10)
    assert buffer.sites() == []


def test_devices_of_an_interval_that_was_dropped_are_sent_again() -> None:
    """What never reached the store is not taken for counted."""
    buffer, day = salted(events_max=8)
    for number in range(20):
        buffer.add_hash("demo", DeviceHash(RUNGS, number, None)) if buffer.wants_hash(
            "demo", RUNGS
        ) else buffer.take_salt("demo", day, b"s" * 32)
        buffer.count(PHONES)
    assert buffer.dropped > 0
    buffer.take_salt("demo", day, b"s" * 32)
    buffer.add_hash("demo", DeviceHash(RUNGS, 0, None))
    assert sealed(buffer)[0]["all"] >= 1


def test_salts_show_nothing_of_themselves() -> None:
    """Neither they nor what holds them has a repr that repeats them."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now)
    buffer.take_salt("demo", int(now.now_s) // 86400, b"SECRETSALT" * 3)
    assert "SECRETSALT" not in repr(buffer) + repr(buffer._distinct)
    assert buffer.stale_salts(60) == []
    now.now_s += 61
    assert buffer.stale_salts(60) == ["demo"]
    buffer.forget_salts()
    assert buffer.stale_salts(60) == []
    assert buffer.unsalted == {"demo"}


def test_many_hashes_go_in_several_batches() -> None:
    """However many cohorts an attacker thinks of at once, a batch stays small; none is forgotten."""
    buffer, _ = salted(limits=DeviceLimits(hashes_per_batch_min=10))
    for number in range(25):
        buffer.add_hash("demo", DeviceHash((f"X{number}", "all"), number, None))
    found = []
    while batch := buffer.seal("demo"):
        found.append(sum(map(len, batch.devices.values())) // HASH_BYTES)
    assert found == [10] * 5
    assert buffer.sites() == []


def test_in_a_rush_not_every_device_is_looked_at() -> None:
    """A burst is, then so many a second; it is said how many were let be. All visits are counted all the same."""
    now = Now()
    buffer = CountBuffer(HOUR, 10_000, now, limits=DeviceLimits(looks_burst=100, looks_per_s=10))
    buffer.take_salt("demo", int(now.now_s) // 86400, b"s" * 32)

    def looked_at(visits: int) -> int:
        found = 0
        for _ in range(visits):
            buffer.count(PHONES)
            found += buffer.may_look() and buffer.wants_hash("demo", RUNGS) is not None
        return found

    assert looked_at(150) == 100
    assert buffer.not_looked_at == 50
    now.now_s += 0.5
    buffer.refill()
    assert looked_at(10) == 5
    now.now_s += 100  # a jump
    buffer.refill()
    assert looked_at(50) == 50
    now.now_s -= 50
    buffer.refill()
    assert looked_at(60) == 50
    assert buffer.counted == 270


def test_a_site_that_goes_is_handed_over_and_then_forgotten() -> None:
    """No salt is wanted for it any more, whatever happens; one that comes is ready for its first visit."""
    now = Now()
    buffer = CountBuffer(HOUR, 1000, now, ("demo", "other"))
    day = int(now.now_s) // 86400
    buffer.take_salt("demo", day, b"s" * 32)
    buffer.count(PHONES)
    buffer.add_hash("demo", DeviceHash(RUNGS, 1, None))
    buffer.set_sites({"other", "new"})
    assert buffer.unsalted == {"other", "new"}
    assert [buffer.wants_salt(site) for site in ("demo", "other", "new")] == [False, True, True]
    batch = buffer.seal("demo")
    assert batch is not None
    assert (batch.events, len(batch.devices["all"])) == (1, HASH_BYTES)
    buffer.forget_salt("demo")
    buffer.mark_full("demo", day, ["all"])
    buffer.forget_salts()
    assert buffer.wants_hash("demo", RUNGS) is None  # a batch that began before goes on
    assert (buffer.sites(), buffer.unsalted) == ([], {"other", "new"})
