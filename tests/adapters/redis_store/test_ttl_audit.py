"""Durations measured in real Redis servers: what is well is told exactly, and what is not is found, and not named."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from service.adapters.redis_store.ttl_audit import Durations, Finding, measure_durations, write_one_visit
from service.adapters.redis_store.url import parse_redis_url
from service.core.groups.counts import KEY_KINDS, KeyKind, PrivacyParameters
from service.core.groups.interval import DAY_S, HOUR_S
from service.ports import StoreError
from tests.adapters.redis_servers import RedisServer, executables, running

PROMISED: Mapping[KeyKind, float] = {
    "counts": 24, "batches": 2, "released": 168, "devices": 24, "prefixes": 24, "salt": 25
}  # fmt: skip
TERMS = PrivacyParameters(100, 20, 1.0, "on")
SOMEBODY = "anna@example.com"


def measured(server: RedisServer, interval_s: int = HOUR_S, **given: Any) -> Durations:
    options: dict[str, Any] = {"promised_hours": PROMISED, "alone": False} | given
    url = options.pop("url", server.url)
    return asyncio.run(measure_durations(parse_redis_url(url), "demo", interval_s, **options))


def visited(
    server: RedisServer, interval_s: int = HOUR_S, *, terms: PrivacyParameters = TERMS, site: str = "demo"
) -> None:
    asyncio.run(write_one_visit(server.url, site, terms, interval_s, 168 * HOUR_S, time.time()))


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def midnight_s() -> int:
    return int(time.time()) // DAY_S * DAY_S


@pytest.mark.parametrize("executable", executables())
def test_a_visit_leaves_one_key_of_each_kind_with_the_life_that_is_promised(executable: str) -> None:
    """Whatever the length of intervals, and with every Redis at hand."""
    with running(executable=executable) as server:
        for interval_s in (45, 15 * 60, HOUR_S, DAY_S):
            server.ask("FLUSHALL")
            visited(server, interval_s)
            found = measured(server, interval_s, alone=True)
            assert {one.kind: one.kept_hours for one in found.kinds} == PROMISED
            assert [one.kind for one in found.kinds] == list(KEY_KINDS)
            assert all(one.keys == 1 and one.bytes for one in found.kinds)
            assert all(0 < (one.left_hours or 0) <= 168 for one in found.kinds)
            assert (found.findings, found.other_sites, found.foreign, found.kept_on_disk) == ((), 0, 0, False)
            assert abs(found.at_s - time.time()) < 5


LENGTHS_S = (15, 45, 15 * 60, 30 * 60, HOUR_S, 6 * HOUR_S, DAY_S)


@pytest.mark.parametrize("ran_s", LENGTHS_S)
def test_what_other_intervals_left_is_never_measured_by_ours(redis_server: RedisServer, ran_s: int) -> None:
    """No life is negative, and names that none of ours has are a finding that says so."""
    visited(redis_server, ran_s)
    for ours_s in LENGTHS_S:
        found = measured(redis_server, ours_s)
        lives = {one.kind: one.kept_hours for one in found.kinds}
        codes = {finding.kind: finding.code for finding in found.findings}
        assert all(life is None or life >= 0 for life in lives.values())
        if ours_s == ran_s:
            assert (lives, codes) == (PROMISED, {})
        elif unit_of(ours_s) != unit_of(ran_s):
            assert codes == dict.fromkeys(("counts", "batches", "released"), "other_interval")
            assert {kind: lives[kind] for kind in codes} == dict.fromkeys(codes)
        elif ours_s < ran_s:
            assert codes.keys() >= {"counts", "batches"}
        else:  # as much as the one name tells
            assert lives["batches"] is None or lives["batches"] < PROMISED["batches"]
            assert (lives["batches"] is None) == (codes.get("batches") == "other_interval")


def unit_of(length_s: int) -> int:
    return next(unit_s for unit_s in (HOUR_S, 60, 1) if length_s % unit_s == 0)


def test_where_no_prefix_is_counted_none_is_kept(redis_server: RedisServer) -> None:
    """And one that is there all the same is a finding."""
    visited(redis_server, terms=PrivacyParameters(200, 0, 1.0, "on"))
    promised = {kind: hours for kind, hours in PROMISED.items() if kind != "prefixes"}
    found = measured(redis_server, promised_hours=promised)
    assert {one.kind: one.keys for one in found.kinds} == dict.fromkeys(KEY_KINDS, 1) | {"prefixes": 0}
    assert found.findings == ()
    redis_server.ask("SET", f"pb:{{demo:{today()}}}:prefixes:all", 1, "EX", 60)
    assert measured(redis_server, promised_hours=promised).findings == (Finding("not_promised", "prefixes", 1),)


@pytest.mark.parametrize(
    ("name", "end_s", "finding"),
    [
        ("pb:{demo:DAY}:counts:00", None, Finding("no_expiry", "counts", 1)),
        ("pb:{demo:DAY}:salt", 25 * HOUR_S + 60, Finding("beyond_promise", "salt", 1)),
        ("pb:{demo:DAY}:salt", 25 * HOUR_S, None),
        ("pb:{demo:DAY}:devices:CH/smartphone", 2 * DAY_S + 60, Finding("beyond_promise", "devices", 1)),
        ("pb:{demo:DAY}:released:00", 169 * HOUR_S + 60, Finding("beyond_promise", "released", 1)),
        ("pb:{demo:DAY}:released:00", 169 * HOUR_S, None),
        # Of another configuration's intervals, which were a day long at most.
        ("pb:{demo:DAY}:released:0030", 170 * HOUR_S, Finding("other_interval", "released", 1)),
        ("pb:{demo:DAY}:counts:000015", 24 * HOUR_S + 30, Finding("other_interval", "counts", 1)),
        ("pb:{demo:DAY}:batches:23", 23 * HOUR_S + 59 * 60 + 45, Finding("other_interval", "batches", 1)),
        ("pb:{demo:DAY}:released:0030", 193 * HOUR_S, Finding("beyond_promise", "released", 1)),
        ("pb:{demo:DAY}:visitors:" + SOMEBODY, DAY_S, Finding("outside_grammar", None, 1)),
        ("pb:" + SOMEBODY, DAY_S, Finding("outside_grammar", None, 1)),
        ("pb:{demo:2026-02-30}:salt", DAY_S, Finding("outside_grammar", None, 1)),
        (b"pb:\xff\xfe", DAY_S, Finding("outside_grammar", None, 1)),
        (SOMEBODY, None, Finding("foreign", None, 1)),
    ],
)  # fmt: skip
def test_what_is_not_as_promised_is_found(
    redis_server: RedisServer, name: str | bytes, end_s: int | None, finding: Finding | None
) -> None:
    """By code, kind and number. A name that is none of ours is not told: it might be somebody's."""
    key = name if isinstance(name, bytes) else name.replace("DAY", today())
    redis_server.ask("SET", key, SOMEBODY)
    if end_s is not None:
        redis_server.ask("EXPIREAT", key, midnight_s() + end_s)
    found = measured(redis_server, alone=True)
    assert found.findings == (() if finding is None else (finding,))
    assert SOMEBODY not in repr(found)


def test_a_shared_redis_may_hold_what_is_not_ours(redis_server: RedisServer) -> None:
    """It is counted and no finding; other sites of ours are told apart."""
    redis_server.ask("SET", "sessions:1", SOMEBODY)
    visited(redis_server)
    visited(redis_server, site="other")
    found = measured(redis_server)
    assert (found.foreign, found.other_sites, found.findings) == (1, 6, ())
    assert sum(one.keys for one in found.kinds) == 6


def test_a_disk_is_a_finding(redis_server: RedisServer) -> None:
    """What expires in memory is still on it."""
    visited(redis_server)
    for name, on, off in (("save", "3600 1", ""), ("appendonly", "yes", "no")):
        redis_server.ask("CONFIG", "SET", name, on)
        found = measured(redis_server)
        assert (found.kept_on_disk, found.findings) == (True, (Finding("kept_on_disk", None, 6),))
        redis_server.ask("CONFIG", "SET", name, off)


@pytest.mark.parametrize("executable", executables())
def test_what_the_user_may_not_ask_is_told_as_unknown_or_refused(executable: str) -> None:
    """Sizes and the disk are extras; names and times are not."""
    with running(executable=executable) as server:
        visited(server)
        url = f"unix://auditor:pass@{server.socket}"
        needed = ("~pb:*", "+eval", "+scan", "+pttl", "+time")
        server.ask("ACL", "SETUSER", "auditor", "on", ">pass", *needed)
        found = measured(server, url=url)
        assert {one.kind: one.kept_hours for one in found.kinds} == PROMISED
        assert [one.bytes for one in found.kinds] == [None] * 6
        assert (found.kept_on_disk, found.findings) == (None, ())
        for taken in ("-pttl", "-scan", "-time", "-eval", "resetkeys"):
            server.ask("ACL", "SETUSER", "auditor", *needed, taken)
            with pytest.raises(StoreError) as caught:
                measured(server, url=url)
            assert str(caught.value) == "permission"


def test_every_key_of_many_is_looked_at_once(redis_server: RedisServer) -> None:
    """In slices, up to a bound; beyond it the report says that it is not whole."""
    script = (
        "for n = 1, 3000 do redis.call('SET', string.format('pb:{demo:%s}:counts:%02d%02d%02d', ARGV[1], n / 3600, "
        "n / 60 % 60, n % 60), 1, 'EXAT', ARGV[2]) end for n = 1, 700 do redis.call('SET', 'other:' .. n, 1) end"
    )
    redis_server.ask("EVAL", script, 0, today(), midnight_s() + DAY_S, tolerant=True)
    found = measured(redis_server, 1)
    assert (found.kinds[0].keys, found.foreign, found.findings) == (3000, 700, ())
    found = measured(redis_server, 1, keys_max=1000)
    assert (found.kinds[0].keys, found.findings) == (1000, (Finding("incomplete", None, 1000),))


def test_all_masters_of_a_cluster_are_asked(redis_cluster: list[RedisServer]) -> None:
    """Sites and days lie on different ones."""
    for node in redis_cluster:
        node.ask("FLUSHALL")
    node = redis_cluster[0]
    for site in ("demo", "one", "two", "three", "four"):
        visited(node, site=site)
    found = measured(node)
    assert sum(one.keys for one in found.kinds) == 6
    assert (found.other_sites, found.findings) == (24, ())
    for one in redis_cluster:
        one.ask("FLUSHALL")
