"""What is told of the service is what it does: every word of the vocabularies, every signal's place, every right."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from service.adapters import retention
from service.adapters.redis_store.keys import KEY_PATTERN
from service.core.groups.counts import KEY_KINDS, PrivacyParameters
from service.core.groups.interval import HOUR_S, Interval
from service.core.privacy import LEVELS, NEVER_DONE, NO_CONSENT, PURPOSES, Policy, Regime, RowReading
from service.core.signals import SIGNAL_NAMES, SignalName
from service.core.sites import Site
from service.use_cases.counting.report_cap import COUNTS_MAX
from service.use_cases.transparency.disclosure import Disclosure, disclose
from service.use_cases.transparency.inventory import (
    DeploymentFacts,
    KeptThing,
    Lifetimes,
    inventory,
    retention_entries,
)
from service.web.bodies.event_schema import EventsBody
from service.web.bodies.schema import VisitBody
from service.web.ofrep.context import ContextBody
from service.web.openapi.operations import OPERATIONS
from service.web.openapi.parameters import PARAMETERS
from service.web.visit import cookies, intake
from service.web.visit.client_ip import ClientIpResolver, Edge, headers_of_edge

SIGNALS = {entry.name: entry for entry in inventory().signals}
COOKIES = inventory().cookies
FACTS = DeploymentFacts(
    store="redis",
    terms=PrivacyParameters(100, 20, 1.0, "on"),
    release_interval_s=3600,
    retention_hours=168,
    flush_interval_ms=200,
    buffer_events_max=1000,
    answer_ttl_s=300,
    cohort_max_age_s=600,
    opt_out_max_age_s=31536000,
    device_texts_max=10,
    language_texts_max=20,
    texts_kept_max_s=3600,
    answers_max=30,
    lifetimes=Lifetimes(24, 2, 24, 25),
)
SITE = Site("shop", ("en",), "en", slots={}, topics=("shoes",))
OPEN = dict.fromkeys(PURPOSES, "allow")
POLICY = Policy(
    "2026-01-01",
    [
        Regime("XA-A", ("XA-A",), {**OPEN, "cohort": "deny"}),
        Regime(
            "XA", ("XA",), {**OPEN, "interests": "consent"}, RowReading(("Act 1",), "high", "2025-12-31", "Counsel")
        ),
        Regime("ZZ", (), dict.fromkeys(PURPOSES, "deny")),
        Regime("REST", (), OPEN),
    ],
)


def told(site: Site = SITE, policy: Policy = POLICY, **facts: Any) -> Disclosure:
    return disclose(site, policy, "current", msgspec.structs.replace(FACTS, **facts))


def pointers(kind: Any, path: str = "") -> Iterator[str]:
    """The JSON pointers of every value that a body of this kind may have."""
    for field in msgspec.structs.fields(kind):
        kinds = [part for part in get_args(field.type) if isinstance(part, type) and issubclass(part, Struct)]
        where = f"{path}/{field.encode_name}"
        yield from pointers(kinds[0], where) if kinds else (where,)


def test_every_signal_and_purpose_has_its_word() -> None:
    """A signal or purpose that is added without being told of fails here; each purpose is served by some signal."""
    assert [entry.name for entry in inventory().signals] == [*SIGNAL_NAMES]
    assert [*inventory().purposes] == [*PURPOSES]
    assert {purpose for source in inventory().signals for purpose in source.purposes} == {*PURPOSES}
    assert all(source.becomes and source.meaning.endswith(".") for source in inventory().signals)


def test_cookies_and_headers_are_those_that_are_read() -> None:
    """By the intake, by the reader of cookies, and by the document for callers: the same names, none left out."""
    headers = {name for source in inventory().signals for name in source.headers}
    assert {*COOKIES} == {f"pb_{name}" for name in cookies.NAMES}
    assert len(COOKIES) == len({*COOKIES})
    read = {name.decode() for name in intake._OWN_HEADERS} - {"cookie", "if-none-match"}
    assert headers == read | {"x-forwarded-for", "forwarded"}
    visit = next(row for row in OPERATIONS if row.name == "recommendForThisRequest")
    documented = {name for name in visit.parameters if PARAMETERS[name].place in {"header", "cookie"}}
    assert {name.lower() for name in documented} == read | {*COOKIES}


def test_body_pointers_are_those_of_the_schema() -> None:
    """Every value of a visit's body, of a flag's context and of a report stands with its signal, and no other does."""
    sources = inventory().signals
    assert sorted(pointer for source in sources for pointer in source.body) == sorted(pointers(VisitBody))
    assert sorted(f"/{name}" for source in sources for name in source.context) == sorted(pointers(ContextBody))
    report = {pointer for source in sources for pointer in source.report}
    assert report == {*pointers(EventsBody)} - {"/site", "/token", "/events"}


@pytest.mark.parametrize("edge", get_args(Edge))
def test_an_edges_headers_are_told_where_they_are_believed(edge: Edge) -> None:
    """Those of the configured preset, each for what it says: an address or a place."""
    addresses, places = headers_of_edge(edge)
    signals = {it.name: it for it in told(address_headers=addresses, place_headers=places).signals}
    wanted = {name.decode() for name in ClientIpResolver(edge=edge).header_names}
    assert {*signals["ip"].headers, *signals["geo"].headers} == wanted
    assert {*signals["geo"].headers}.isdisjoint(signals["ip"].headers)


def test_every_kind_of_key_is_told() -> None:
    """A key that is added to the store's grammar without a word of what it holds fails here."""
    tail = KEY_PATTERN.pattern.partition(r"\}:")[2]
    kinds = set(re.findall(r"(?<=[(|])[a-z]+(?=[|)])", tail))
    assert kinds == {*KEY_KINDS} == {"counts", "batches", "released", "devices", "prefixes", "salt"}
    things = retention_entries(FACTS)
    assert {key for thing in things for key in thing.keys} == kinds
    assert all((thing.where == "store") == bool(thing.keys) for thing in things)


def test_every_thing_kept_is_told_once_and_only_where_it_is_kept() -> None:
    """All of them where groups are counted from many networks; no count of anything where nothing is counted."""
    everything = [thing.what for thing in retention_entries(FACTS)]
    assert sorted(everything) == sorted(get_args(KeptThing))
    without = msgspec.structs.replace(FACTS, terms=PrivacyParameters(200, 0, 1.0, "on"))
    assert {*everything} - {thing.what for thing in retention_entries(without)} == {"prefix_sketches"}
    off = {thing.what for thing in retention_entries(msgspec.structs.replace(FACTS, store="off"))}
    assert {*everything} - off == {
        "waiting_counts", "device_hashes", "report_networks", "snapshot", "raw_counts", "batch_ids", "salt", "device_sketches",
        "prefix_sketches", "released_counts", "cohort_token",
    }  # fmt: skip
    assert told(store="off").counts is None


def test_interests_gpc_consent_and_opt_out_are_counted_nowhere() -> None:
    """What a device's interests and wishes are, no count and no store ever holds; nor what region it chose."""
    for thing in retention_entries(FACTS):
        if thing.where == "store" or thing.what in {"waiting_counts", "snapshot", "device_hashes"}:
            assert {"cookie_interests", "cookie_region", "gpc", "consent", "opt_out"}.isdisjoint(thing.signals), (
                thing.what
            )


def test_the_number_of_bots_is_told_with_what_it_is_made_of_and_who_is_not_in_it() -> None:
    """By the signals that tell a bot's kind, with counts and without; and that no group counts one."""
    for store in ("redis", "off"):
        found = told(store=store)
        [metrics] = [thing for thing in found.retention if thing.what == "metrics"]
        telling = tuple(signal.name for signal in found.signals if "bot_kind" in signal.becomes)
        assert metrics.signals == telling == ("client_hints", "user_agent")
        assert all("metrics" in signal.kept for signal in found.signals if signal.name in telling)
        for word in (
            "bots",
            "User-Agent",
            "apart from groups",
            "whatever a regime",
            "Global Privacy Control",
            "opt-out",
        ):
            assert word in metrics.meaning
        [statistics] = [purpose for purpose in found.purposes if purpose.name == "statistics"]
        assert "Bots are counted in none." in statistics.meaning


def test_a_signal_has_a_part_in_what_its_purposes_keep() -> None:
    """What is counted has all signals that serve statistics, groups those that find them; a token says of consents, too."""
    for_purpose: dict[str, set[SignalName]] = {
        purpose: {name for name in SIGNAL_NAMES if purpose in SIGNALS[name].purposes} for purpose in PURPOSES
    }
    things = {thing.what: thing for thing in retention_entries(FACTS)}
    for what in ("waiting_counts", "raw_counts", "released_counts"):
        assert {*things[what].signals} == for_purpose["statistics"], what
    assert {*things["cohort_token"].signals} == for_purpose["cohort"] | {"consent"}
    for what in ("device_hashes", "device_sketches", "prefix_sketches", "snapshot"):
        assert for_purpose["cohort"] <= {*things[what].signals} <= for_purpose["statistics"], what
    for name in SIGNAL_NAMES:
        assert ("device_hash" in SIGNALS[name].becomes) == (name in things["device_sketches"].signals) or (
            name in for_purpose["cohort"]
        )
    with_cookies = {name for name in SIGNAL_NAMES if SIGNALS[name].cookies}
    assert {*things["site_cookies"].signals, *things["opt_out_cookie"].signals} == with_cookies


def test_an_address_and_a_device_id_are_raw_for_the_time_of_an_answer() -> None:
    """0 hours, in memory; what of headers' texts is remembered longer is said, and for how long."""
    things = {thing.what: thing for thing in retention_entries(FACTS)}
    assert (things["raw_signals"].where, things["raw_signals"].hours_max) == ("worker_memory", 0)
    assert things["raw_signals"].signals == SIGNAL_NAMES
    assert (things["header_texts"].hours_max, things["header_texts"].entries_max) == (1.0, 30)
    assert {"ip", "device_id"}.isdisjoint(things["header_texts"].signals)
    assert {"cookie_variants", "device_id"}.isdisjoint(things["remembered_answers"].signals)


def test_the_network_of_a_report_is_held_for_an_interval() -> None:
    """As a hash, in memory, a bounded number: of the address alone, whatever the interval is."""
    for interval_s in (15, 300, 3600, 86400):
        facts = msgspec.structs.replace(FACTS, release_interval_s=interval_s)
        [thing] = [thing for thing in retention_entries(facts) if thing.what == "report_networks"]
        assert thing.hours_max == pytest.approx(interval_s / 3600, abs=1e-4)
        assert (thing.where, thing.counted_from, thing.signals) == ("worker_memory", "request", ("ip",))
        assert thing.entries_max == COUNTS_MAX
        assert "for each site and code" in thing.meaning
    assert "network_prefix_hash" in SIGNALS["ip"].becomes


def test_the_rights_are_what_the_policy_does() -> None:
    """GPC, an opt-out and a child's site end, in a visit that is allowed all, just the purposes that are told."""
    rights, row = told().rights, POLICY.regimes["REST"]

    def ended(*, gpc: bool = False, opt_out: bool = False, child: bool = False) -> tuple[str, ...]:
        return tuple(it.purpose for it in POLICY.permit(row, NO_CONSENT, gpc, opt_out, child).withheld)

    assert ended(gpc=True) == rights.gpc.ends
    assert ended(opt_out=True) == rights.opt_out.ends
    assert ended(child=True) == tuple(name for name in PURPOSES if name not in rights.child_directed.keeps)
    for purpose in told().purposes:
        assert purpose.ended_by_gpc == (purpose.name in ended(gpc=True))
        assert purpose.ended_by_opt_out == (purpose.name in ended(opt_out=True))
        assert purpose.on_child_directed_sites == (purpose.name not in ended(child=True))
    assert rights.consent.purposes == ("interests",)
    assert {rights.opt_out.cookie, *rights.opt_out.deletes, *rights.opt_out.keeps} == {*COOKIES}
    assert rights.opt_out.keeps == ("pb_language", "pb_region")
    assert told().never == NEVER_DONE


def test_a_childrens_site_says_what_it_has() -> None:
    """Three purposes, told with the site."""
    child = told(msgspec.structs.replace(SITE, child_directed=True)).site
    assert (child.child_directed, child.purposes) == (True, ("language", "region", "device"))
    assert told().site.purposes == PURPOSES


def test_regimes_are_told_with_their_law_and_their_reviews() -> None:
    """Each row as it is, where the strictest are joined for an unknown part, and null where nobody reviewed."""
    found = told()
    rows = {row.key: row for row in found.regimes}
    assert [*rows] == [*POLICY.regimes]
    assert (rows["XA"].law, rows["XA"].confidence, rows["XA"].reviewed) == (("Act 1",), "high", "2025-12-31")
    assert (rows["REST"].reviewed, rows["REST"].reviewer) == (None, None)
    assert found.policy.defaults.unknown_part == {"XA": "XA-A+XA"}
    assert (found.policy.defaults.unknown_place, found.policy.defaults.elsewhere) == ("ZZ", "REST")
    for purpose in found.purposes:
        assert purpose.levels == {key: row.levels[purpose.name] for key, row in POLICY.regimes.items()}
        parts = {key: row.subdivision for key, row in POLICY.regimes.items()} if purpose.name == "region" else None
        assert purpose.subdivision_levels == parts


def test_a_region_in_two_parts_is_told_in_both() -> None:
    """Of the country in the levels, of its part beside them; consent may be asked for the part alone."""
    levels: Any = dict.fromkeys(PURPOSES, "notice")
    rows = [Regime("ZZ", (), levels, of_subdivision="consent"), Regime("REST", (), levels)]
    found = disclose(SITE, Policy("2026-01-01", rows), "current", FACTS)
    assert [(row.levels["region"], row.subdivision_level) for row in found.regimes] == [
        ("notice", "consent"),
        ("notice", "notice"),
    ]
    region = found.purposes[PURPOSES.index("region")]
    assert region.subdivision_levels == {"ZZ": "consent", "REST": "notice"}
    assert found.rights.consent.purposes == ("region",)


def test_an_outdated_policy_tells_the_one_row_that_holds() -> None:
    """ZZ everywhere, and what was lost is not told as if it held."""
    found = disclose(SITE, POLICY.outdated(), "outdated", FACTS)
    assert [row.key for row in found.regimes] == ["ZZ"]
    assert (found.policy.age, found.policy.defaults.elsewhere) == ("outdated", "ZZ")


def test_the_noise_budget_adds_up() -> None:
    """Epsilon is of one interval; a day of them sums, and a closed test bed without noise says that it protects nothing."""
    counts = told(release_interval_s=1800).counts
    assert counts is not None
    assert (counts.epsilon_per_interval, counts.epsilon_per_day_max, counts.release_minutes) == (1.0, 48.0, 30)
    assert counts.noise_scales["exposed"] == 1.0
    bare = told(terms=PrivacyParameters(100, 20, 1.0, "off")).counts
    assert bare is not None
    assert (bare.protects, bare.epsilon_per_interval, bare.epsilon_per_day_max) == ("nothing", None, None)
    assert {*bare.noise_scales.values()} == {0.0}


@given(
    st.integers(0, 20_000).map(lambda hour: Interval(hour * HOUR_S, HOUR_S)),
    st.integers(1, 168),
    st.floats(0, 1),
)
def test_no_key_outlives_what_is_told(interval: Interval, retention_hours: int, part: float) -> None:
    """By the code that sets the keys' expiry: each thing is gone when its hours, from where they count, are over."""
    things = {
        thing.what: thing
        for thing in retention_entries(msgspec.structs.replace(FACTS, retention_hours=retention_hours))
    }
    now_s = interval.start_s + part * HOUR_S
    begins_s = {
        "interval_end": interval.end_s,
        "day_begin": interval.day * 24 * HOUR_S,
        "day_end": (interval.day + 1) * 24 * HOUR_S,
    }
    for what, ends_s in (
        ("raw_counts", retention.counts_end_s(interval)),
        ("batch_ids", retention.batches_end_s(interval)),
        ("released_counts", retention.released_end_s(interval, retention_hours * HOUR_S)),
        ("device_sketches", retention.hashes_end_s(interval.day)),
        ("prefix_sketches", retention.hashes_end_s(interval.day)),
        ("salt", retention.salt_end_s(interval.day, now_s)),
    ):
        hours = things[what].hours_max
        assert hours is not None
        # Not later, nor is more told than is so.
        assert ends_s == begins_s[things[what].counted_from] + hours * HOUR_S, what


@given(st.lists(st.sampled_from(LEVELS), min_size=7, max_size=7))
def test_any_policy_can_be_told(levels: list[str]) -> None:
    """Whatever the levels, a row says them and consent is asked for what a row asks it for."""
    row: Any = dict(zip(PURPOSES, levels, strict=True))
    policy = Policy("2026-01-01", [Regime("ZZ", (), row)], rest_of_world="ZZ")
    found = disclose(SITE, policy, "current", FACTS)
    assert (found.regimes[0].levels, found.regimes[0].subdivision_level) == (row, row["region"])
    assert found.rights.consent.purposes == tuple(name for name in PURPOSES if row[name] == "consent")
    assert msgspec.json.decode(msgspec.json.encode(found), type=Disclosure) == found
