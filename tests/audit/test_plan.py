"""Which marker goes by which channel: each cell once before any twice, and what comes back counted by what it is."""

import pytest

from service.audit import MARKERS_MIN, MARKERS_WHOLE
from service.audit.channels import CHANNELS, SLOW, needed
from service.audit.client import Exchange
from service.audit.marker_encodings import FAMILIES
from service.audit.plan import CROWD, HOLDING, MARKERS_NEEDED, Outcomes, Plan, PlannedRequest, outcome_of, plan
from service.audit.requests import CARRIERS, OUTCOMES, SHEDDING, Carrier, SiteContext
from service.audit.search import Finding

CONTEXT = SiteContext(host="127.0.0.1:8080", site="demo", topic="outdoor")


def planned(markers_n: int) -> Plan:
    return plan(markers_n, 7, CONTEXT, OUTCOMES)


@pytest.fixture(scope="module")
def whole() -> Plan:
    return planned(MARKERS_WHOLE)


@pytest.fixture(scope="module")
def fewest() -> Plan:
    return planned(MARKERS_MIN)


def told(dropped: str) -> bytes:
    """An answer that tells of a visit."""
    return b'HTTP/1.1 200 OK\r\ncache-control: private\r\n\r\n{"signals_used":["ip"],"dropped":[%s]}' % dropped.encode()


def sent_by(found: Plan, key: str, outcome: str = "success") -> PlannedRequest:
    """The first one by a channel."""
    return next(one for one in found.main if (one.channel.key, one.outcome) == (key, outcome))


def test_the_fewest_markers_get_through_every_channel_with_every_outcome(fewest: Plan) -> None:
    """Every one is unlike all others, and the plan has as many as were asked for."""
    assert MARKERS_MIN >= MARKERS_NEEDED
    assert {(one.channel.key, one.outcome) for one in fewest.main} == {(one.key, outcome) for one, outcome in needed()}
    texts = [marker.text for marker in fewest.markers]
    assert len(texts) == len(set(texts)) == MARKERS_MIN + len(FAMILIES)
    assert len(fewest.crowd) == CROWD
    assert len(fewest.holding) == HOLDING
    assert fewest.carriers_met == 1


def test_with_as_many_as_are_sent_unasked_each_channel_goes_on_every_carrier_with_every_outcome(whole: Plan) -> None:
    """Cookies, User-Agents and all the others on every route, to be granted and to be refused, and in a full house."""
    met: dict[tuple[str, str], set[Carrier]] = {}
    for one in whole.main:
        if one.channel.rides and one.outcome != "shutdown":
            met.setdefault((one.channel.key, one.outcome), set()).add(one.carrier())
    riding = {channel.key for channel in CHANNELS if channel.rides}
    assert {key for key, outcome in met if outcome == "refusal"} == riding
    assert {key for key, outcome in met if outcome == "success"} == riding
    for (_, outcome), carriers in met.items():
        assert carriers == {*SHEDDING} if outcome == "overload" else carriers == {*CARRIERS}
    assert whole.carriers_met == len(CARRIERS)


def test_few_markers_meet_every_carrier_taken_together() -> None:
    """One channel here and another there: so that a route that repeats all cookies is found by some of them."""
    few = 110 * len(CARRIERS)
    cookies = [one for one in planned(few).main if one.channel.key.startswith("cookie_") and one.outcome == "success"]
    assert {one.carrier() for one in cookies} == {*CARRIERS}


def test_what_identifies_somebody_is_refused_for_that_alone(fewest: Plan) -> None:
    """Where a visit is read; elsewhere, and of other channels, something else is wrong with the request."""
    refused = sent_by(fewest, "cookie_device_email", "refusal")
    assert refused.carrier().refuses
    assert b"nobody-knows-this" not in refused.octets(CONTEXT)
    assert b"nobody-knows-this" in sent_by(fewest, "cookie_device", "refusal").octets(CONTEXT)
    elsewhere = refused._replace(turn=CARRIERS.index(next(one for one in CARRIERS if one.route == "/v1/opt-out")))
    assert b"nobody-knows-this" in elsewhere.octets(CONTEXT)


def test_more_markers_go_round_after_round_by_one_carrier_after_the_other() -> None:
    """But for slow channels, and for what is under way when the service stops: all of that is so at once."""
    found = planned(4000)
    assert len(found.requests) == 4000
    by_cell: dict[tuple[str, str], list[bytes]] = {}
    for one in found.main:
        heads = by_cell.setdefault((one.channel.key, one.outcome), [])
        heads.append(one.octets(CONTEXT).partition(b" HTTP/1.1")[0])
    assert len(set(by_cell["unknown_header", "success"])) > 3
    assert all(len(heads) == 1 for (key, outcome), heads in by_cell.items() if key in SLOW or outcome == "shutdown")


def test_what_cannot_be_had_is_not_planned() -> None:
    """A deployment that may be neither filled nor stopped gets no marker for it."""
    found = plan(1000, 7, CONTEXT, ("success", "refusal"))
    assert {one.outcome for one in found.main} == {"success", "refusal"}
    assert not found.holding
    assert len(found.requests) == 1000


def test_the_same_seed_plans_the_same() -> None:
    assert planned(MARKERS_MIN).markers == planned(MARKERS_MIN).markers


def test_a_marker_that_is_a_part_of_a_value_knows_the_whole(fewest: Plan) -> None:
    """Because a digest of the whole value would tell it just as well."""
    agent = sent_by(fewest, "user_agent_browser")
    assert agent.marker.whole.startswith("Mozilla/5.0 (X11; Linux x86_64; ")
    assert agent.marker.whole.encode() in agent.octets(CONTEXT)


def test_there_is_a_control_of_every_family_of_forms(fewest: Plan) -> None:
    """Each with a marker of its own, which nobody sends."""
    found = fewest
    assert found.controls.keys() == set(FAMILIES)
    sent = {one.marker.number for one in found.requests}
    assert not sent & {marker.number for marker, _ in found.controls.values()}


def test_an_answer_is_counted_by_what_it_is(fewest: Plan) -> None:
    """Not by what it was to be; a request under way at the end counts as that, answered or not."""
    assert [outcome_of(status) for status in (200, 304, 404, 503, 500, 0)] == [
        "success", "success", "refusal", "overload", None, None,
    ]  # fmt: skip
    outcomes = Outcomes()
    one = sent_by(fewest, "referer")
    assert outcomes.take(one, Exchange(200, b""))
    assert not outcomes.take(one, Exchange(422, b""))
    assert not outcomes.take(one, Exchange(500, b""))
    outcomes.take(one, Exchange(0, b""), stopped=True)
    found = Finding(one.marker.number, one.channel.key, "text", "logs", "line 1")
    row = next(row for row in outcomes.rows([one], [found, found], OUTCOMES) if row.channel == one.channel.key)
    assert row.outcomes == {"success": 1, "refusal": 1, "overload": 0, "shutdown": 1}
    assert row.missing == ("overload",)
    assert (row.markers, row.broken, row.found) == (1, 1, 1)
    assert len([*outcomes.rows([], [], OUTCOMES)]) == len(CHANNELS)


def test_a_grant_counts_only_where_the_answer_tells_that_the_channel_was_read(fewest: Plan) -> None:
    """A route that reads no cookies grants any: that shows nothing of a cookie that is to be dropped."""
    one, outcomes = sent_by(fewest, "cookie_language"), Outcomes()
    assert not outcomes.take(one, Exchange(204, b"HTTP/1.1 204 No Content"))
    assert not outcomes.take(one, Exchange(200, told('"region"')))
    assert outcomes.missing(one.channel, ("success",)) == ("success",)
    assert outcomes.take(one, Exchange(200, told('"region","language"')))
    assert outcomes.missing(one.channel, ("success",)) == ()
    row = next(row for row in outcomes.rows([one], [], ("success",)) if row.channel == one.channel.key)
    assert (row.outcomes, row.beside) == ({"success": 1}, 2)


def test_a_refusal_counts_only_where_it_points_at_the_channel(fewest: Plan) -> None:
    one, outcomes = sent_by(fewest, "cookie_device_email", "refusal"), Outcomes()
    assert not outcomes.take(one, Exchange(422, b'{"errors":[{"pointer":"/query","code":"unknown_field"}]}'))
    assert outcomes.take(
        one, Exchange(422, b'{"errors":[{"pointer":"/cookies/pb_device","code":"identifying_value"}]}')
    )
    assert (outcomes.met_n[one.channel.key, "refusal"], outcomes.unread_n[one.channel.key]) == (1, 1)


def test_of_a_site_without_topics_nobody_waits_for_a_topic_to_be_used() -> None:
    without = plan(MARKERS_MIN, 7, SiteContext("h", "demo", experiment=""), ("success",))
    for key in ("cookie_interests_beside", "cookie_variants_beside"):
        one = sent_by(without, key)
        assert Outcomes().take(one, Exchange(200, told(""))), key
        assert not Outcomes().take(sent_by(planned(MARKERS_MIN), key), Exchange(200, told("")))
