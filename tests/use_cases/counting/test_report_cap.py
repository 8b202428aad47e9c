"""One network reports so much in an interval and no more; the honest are never capped, and what is held is bounded."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.counts import Increment
from service.use_cases.counting.report_cap import COUNTS_MAX, EVENTS_MIN, ReportCap, events_max

REWARD, OTHER, CHOSEN = "rewarded:front:spring", "rewarded:front:app", "chosen:fr"


def report(*codes: str, cohort: str = "CH/smartphone", site: str = "demo") -> tuple[Increment, ...]:
    return tuple(Increment(site, cohort, (code,)) for code in codes)


def cap_of(last: dict[str, int] | None = None, counts_max: int = COUNTS_MAX) -> ReportCap:
    return ReportCap(lambda site: (last or {}) if site == "demo" else {}, counts_max)


@pytest.mark.parametrize(
    ("last", "most"),
    [
        (0, 20), (1, 20), (19, 20), (20, 20), (100, 20), (399, 20), (400, 20), (419, 20), (420, 21), (421, 21), (439, 21),
        (440, 22), (530, 26), (999, 49), (1000, 50), (1001, 50), (3600, 180), (10_397, 519), (1_000_000, 50_000),
        (1_000_019, 50_000), (1_000_020, 50_001),
    ],
)  # fmt: skip
def test_a_network_has_twenty_or_a_twentieth(last: int, most: int) -> None:
    """Whichever is more, of what everybody together was last released as: at n - 1, n and n + 1."""
    cap = cap_of({REWARD: last})
    assert events_max(last) == most
    assert all(cap.take(1, report(REWARD)) for _ in range(most - 1))
    assert cap.take(1, report(REWARD))
    assert not cap.take(1, report(REWARD))
    assert not cap.take(1, report(REWARD))
    assert cap.refused == 2


def test_each_code_site_and_network_has_room_of_its_own() -> None:
    """But cohorts do not: tokens of many leave no more than one."""
    cap = cap_of({OTHER: 1000})
    assert cap.take(1, report(*[REWARD] * EVENTS_MIN))
    assert not cap.take(1, report(REWARD, cohort="JP/tv"))
    assert cap.take(1, report(*[OTHER] * 50, cohort="JP/tv"))
    assert not cap.take(1, report(OTHER))
    assert cap.take(1, report(*[CHOSEN] * EVENTS_MIN))
    assert cap.take(1, report(*[REWARD] * EVENTS_MIN, site="other"))
    assert cap.take(2, report(*[REWARD] * EVENTS_MIN))


@pytest.mark.parametrize("others", range(1, 21))
def test_a_refusal_is_exact_and_so_tells_what_others_of_the_network_reported(others: int) -> None:
    """Where others of it reported n of a code, 20 - n more are taken, and one more is not. The documents say so."""
    for sent, taken in ((EVENTS_MIN - others, True), (EVENTS_MIN - others + 1, False)):
        cap = cap_of()
        assert cap.take(1, report(*[REWARD] * others))
        assert cap.take(1, report(*[REWARD] * sent)) is taken


def test_a_report_is_taken_whole_or_not_at_all() -> None:
    """One event without room costs the others of its report, and leaves their room as it was."""
    cap = cap_of()
    assert cap.take(1, report(*[REWARD] * 19))
    assert not cap.take(1, report(REWARD, REWARD, OTHER))
    assert cap.take(1, report(REWARD, *[OTHER] * 20))
    assert not cap.take(1, report(OTHER))


def test_a_new_interval_has_new_room() -> None:
    """Nothing of the one before is held."""
    cap = cap_of()
    assert cap.take(1, report(*[REWARD] * 20))
    cap.turn()
    assert cap.take(1, report(*[REWARD] * 20))


def test_what_was_not_counted_gives_its_room_back() -> None:
    """A store that failed does not cost the next try."""
    cap = cap_of()
    room = cap.room_of(1)
    for _ in range(30):
        assert room.take(report(*[REWARD] * 20, CHOSEN))
        room.give_back(report(*[REWARD] * 20, CHOSEN))
    assert room.take(report(*[REWARD] * 20))
    assert not room.take(report(REWARD))
    cap.turn()
    room.give_back(report(REWARD))
    assert room.take(report(*[REWARD] * 20))


def test_a_report_of_nothing_needs_no_room() -> None:
    """Of views and of what was counted before."""
    cap = cap_of(counts_max=1)
    assert all(cap.take(network, ()) for network in range(100))


def test_only_numbers_are_held() -> None:
    """No text of a report, and nothing that a network could be read from."""
    cap = cap_of()
    assert cap.take(2**63 + 5, report(REWARD, CHOSEN))
    assert all(type(key) is type(count) is int for key, count in cap._counts.items())


networks = st.integers(0, 5)
reports = st.lists(st.tuples(networks, st.lists(st.sampled_from([REWARD, OTHER, CHOSEN]), max_size=20)), max_size=60)


@given(reports, st.dictionaries(st.sampled_from([REWARD, OTHER]), st.integers(0, 2000)))
def test_the_honest_are_never_capped_and_nobody_reports_more(sent: list, last: dict[str, int]) -> None:
    """A report within the room of each of its codes is taken; what is taken stays within it, for every network."""
    cap, taken = cap_of(last), Counter[tuple[int, str]]()
    for network, codes in sent:
        after = taken + Counter((network, code) for code in codes)
        honest = all(after[network, code] <= events_max(last.get(code, 0)) for code in codes)
        assert cap.take(network, report(*codes)) is honest
        taken = after if honest else taken
    assert all(count <= events_max(last.get(code, 0)) for (_, code), count in taken.items())


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=150), st.integers(1, 12))
def test_beyond_the_bound_it_errs_towards_counting(sent: list, counts_max: int) -> None:
    """No more counts than the bound; nobody within the cap is refused; nobody gets more than the bound's error beyond."""
    cap, taken, events = cap_of(counts_max=counts_max), Counter[int](), 0
    for network, count in sent:
        accepted = cap.take(network, report(*[REWARD] * count))
        assert len(cap._counts) <= counts_max
        assert accepted or taken[network] + count > EVENTS_MIN
        if accepted:
            taken[network] += count
            events += count
        assert taken[network] <= EVENTS_MIN + events / (counts_max + 1)


def test_many_networks_cannot_silence_the_others() -> None:
    """As many as are held and a tenth more, once each: who comes then still has all of its room."""
    cap = cap_of(counts_max=1000)
    assert all(cap.take(network, report(REWARD)) for network in range(1100))
    assert cap.take(5000, report(*[REWARD] * 20))
    assert not cap.take(5000, report(REWARD))
