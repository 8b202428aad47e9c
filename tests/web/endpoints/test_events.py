"""``/v1/events`` as a device speaks to it: closed, all or nothing, and deaf to everything but the body and a no."""

import json
from collections.abc import Sequence
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.core.access import EVERYTHING, Grant, Keys, record_of
from service.core.event import EVENTS_MAX, NotCounted
from service.core.groups.cohort_token import VALID_S, TokenSealer
from service.core.groups.counts import Increment
from service.core.sites import Experiment, Site, SiteRules, Slot
from service.use_cases.counting.report_cap import ReportCap
from service.use_cases.personalize import Personalizer
from service.web.auth import Auth
from service.web.endpoints.events import MEDIA_TYPES, OF_ANOTHER_SITE, OF_ITS_SITE, Events
from service.web.epoch import Current, Inputs, epoch_of
from service.web.openapi import document
from service.web.visit.client_ip import ClientIpResolver
from service.web.visit.networks import Networks
from service.web.wire.dispatch import Row
from service.web.wire.messages import Request, Response
from tests.doors import answer, dispatcher_of
from tests.refusals import pointed

START_S = 1_795_341_600
NOW_S = START_S + 1800.0
SEALER = TokenSealer(["a secret of some length"])
COHORT = "CH/smartphone/android"
TOKEN = SEALER.seal("demo", START_S, COHORT, True, True)
ORIGIN = "https://shop.example"


def site(key):
    return Site(
        key,
        ("en", "de-CH", "fr"),
        "en",
        topics=("outdoor", "shoes", "home"),
        experiments={"hero": Experiment("running", ("a", "b"), "hero"), "later": Experiment("draft", ("a", "b"), "x")},
        slots={"front": Slot(("spring", "app"))},
        cors_origins=(ORIGIN,) if key == "demo" else (),
        child_directed=key == "children",
    )


RULES = {
    key: SiteRules.compile(site(key), load_languages(), load_region_tables()) for key in ("demo", "other", "children")
}


NOTHING: Any = None  # a report needs no policy, and of the personalizer nothing but that there is one
PERSONALIZER = Personalizer(TokenSealer(["of a test"], 3600), {}.get, 300)
EPOCH = epoch_of(Inputs(RULES, {}, NOTHING, "current", NOTHING, 0, "demo", PERSONALIZER))


class Book:
    """A recorder that keeps what it is given."""

    def __init__(self, stores: bool = True) -> None:
        self.counted: list[Increment] = []
        self._stores = stores

    def count(self, increment: Increment) -> None:
        self.counted.append(increment)

    async def record_and_wait(self, increments: Sequence[Increment]) -> bool:
        if self._stores:
            self.counted += increments
        return self._stores


class Answer:
    """What came back."""

    def __init__(self, response: Response) -> None:
        self.status = response.status
        self.headers = {name.decode(): value.decode() for name, value in response.headers}
        self.body = response.content

    @property
    def json(self):
        return json.loads(self.body)


KEY = "pbk_abcdefgh_" + "a" * 43


class Held:
    """Keys for events, of two sites; and one for visits alone."""

    keys = Keys.of(
        [
            record_of(KEY, ("events",), "2026-11-22T10:00:00Z", None, None),
            record_of(KEY.replace("abcdefgh", "elsewher"), ("admin",), "2026-11-22T10:00:00Z", ("other",), None),
            record_of(KEY.replace("abcdefgh", "recommen"), ("recommend",), "2026-11-22T10:00:00Z", None, None),
        ]
    )


def networks_of(last=None):
    """Where nothing was released yet, or so much."""
    return Networks(ClientIpResolver(), ReportCap(lambda _site: last or {}))


def ask(
    body, book=None, headers=(), query=b"", media_type="application/json", grant=EVERYTHING, networks=None,
    client=("195.65.10.7", 4711),
):  # fmt: skip
    """Send a report without a server, as a list of headers, so that a line may come twice."""
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [("content-type", media_type), ("content-length", str(len(octets))), *headers]
    auth = Auth(Held(), (), everything_open=True)
    events = Events(Current(EPOCH), Book() if book is None else book, SEALER, lambda: NOW_S, auth, networks)
    row = Row(
        "/v1/events", "POST", "", "small", lambda asked, _: events.post(asked, grant), cors=True, media=MEDIA_TYPES
    )
    fields = [(name.encode(), value.encode("latin-1")) for name, value in lines]
    asked = Request("POST", b"/v1/events", query, fields, None if client is None else client[0], body=octets)
    return Answer(answer(dispatcher_of(row, cors=lambda: EPOCH.cors), asked))


EXPOSURE = {"type": "exposure", "experiment": "hero", "variant": "b"}
REWARD = {"type": "reward", "slot": "front", "option": "spring"}
REPORT = {
    "site": "demo",
    "token": TOKEN,
    "variants": "hero.b",
    "interests": "outdoor:3",
    "events": [
        EXPOSURE,
        {"type": "conversion", "experiment": "hero", "variant": "b"},
        REWARD,
        {"type": "language_chosen", "language": "fr"},
        {"type": "view", "topic": "shoes"},
    ],
}


def not_counted(reason):
    """The answer to a report of which nothing was counted, and why."""
    return {"accepted": 0, "duplicates": 0, "reason": reason, "variants_cookie": None, "interests_cookie": None}


def changed(**members):
    """The report of the contract with other members; None leaves one out."""
    return {name: value for name, value in (REPORT | members).items() if value is not None}


def test_the_report_of_the_contract_is_counted():
    """The example of the contract, to the letter."""
    book = Book()
    answer = ask(REPORT, book)
    assert (answer.status, answer.json) == (
        202,
        {
            "accepted": 4,
            "duplicates": 0,
            "reason": None,
            "variants_cookie": "hero.b.ec",
            "interests_cookie": "outdoor:3.shoes:1",
        },
    )
    assert book.counted == [
        Increment("demo", COHORT, (code,))
        for code in ("exposed:hero:b", "converted:hero:b", "rewarded:front:spring", "chosen:fr")
    ]
    assert answer.headers == {
        "content-type": "application/json",
        "cache-control": "private, no-store",
        "cdn-cache-control": "no-store",
        "vary": "origin",
    }


def test_sent_again_with_its_cookie_it_is_a_duplicate():
    """The device remembers, not the service."""
    first = ask(REPORT).json
    again = ask(changed(variants=first["variants_cookie"], interests=first["interests_cookie"])).json
    assert again == {
        "accepted": 2,
        "duplicates": 2,
        "reason": None,
        "variants_cookie": "hero.b.ec",
        "interests_cookie": "outdoor:3.shoes:2",
    }


@pytest.mark.parametrize("media_type", ["text/plain", "text/plain;charset=UTF-8", "application/json; charset=utf-8"])
def test_a_beacon_is_read_as_json(media_type):
    """Navigator.sendBeacon sends texts as text/plain."""
    assert ask(REPORT, media_type=media_type).json["accepted"] == 4


@pytest.mark.parametrize("media_type", ["", "text/html", "application/x-ndjson", "text/plain;charset=latin1"])
def test_other_media_types_are_refused(media_type):
    """And nothing is counted."""
    book = Book()
    assert ask(REPORT, book, media_type=media_type).status == 415
    assert book.counted == []


@pytest.mark.parametrize(
    "headers",
    [
        [("sec-gpc", "1")],
        [("sec-gpc", "0"), ("sec-gpc", "1")],
        [("sec-gpc", " 1 , 0")],
        [("cookie", "pb_optout=1")],
        [("cookie", "theme=dark; pb_optout=no")],
        [("cookie", "pb_optout=0; pb_optout=1")],
        [("cookie", "theme=dark"), ("cookie", "pb_optout=true")],
        [("cookie", "pb_optout=Anna Schmidt")],
        [("cookie", 'a="; pb_optout=1')],
    ],
)
def test_a_no_is_heard(headers):
    """Global Privacy Control and any opt-out: nothing is counted, and no cookie changes."""
    book = Book()
    answer = ask(REPORT, book, headers)
    assert (answer.status, answer.json) == (202, not_counted("gpc" if headers[0][0] == "sec-gpc" else "opt_out"))
    assert book.counted == []


@pytest.mark.parametrize(
    "headers",
    [
        [("sec-gpc", "true")],
        [("sec-gpc", "11")],
        [("sec-gpc", "")],
        [("cookie", "pb_optout=0")],
        [("cookie", "pb_optout=")],
        [("cookie", "xpb_optout=1")],
        [("cookie", "pb_device=nobody@example.org; pb_consent=nonsense")],
        [("user-agent", "curl"), ("x-forwarded-for", "no address"), ("accept-language", "\xe9" * 300)],
    ],
)
def test_nothing_else_is_read(headers):
    """Neither other cookies nor other headers change anything, whatever they hold."""
    assert ask(REPORT, headers=headers).json["accepted"] == 4


@pytest.mark.parametrize(
    "report",
    [
        changed(token=None),
        changed() | {"token": None},
        changed(token=SEALER.seal("demo", START_S, COHORT, False, True)),
        changed(token=SEALER.seal("demo", START_S, COHORT, False, False)),
    ],
)
def test_without_a_permission_nothing_is_counted(report):
    """No token, ``null``, or one without statistics."""
    book = Book()
    answer = ask(report, book)
    assert (answer.status, answer.json) == (202, not_counted("no_token"))
    assert book.counted == []


NO_GPC, NO_OPT_OUT = [("sec-gpc", "1")], [("cookie", "pb_optout=1")]
REWARDS = changed(variants=None, interests=None, events=[REWARD] * 20)
VIEW = {"type": "view", "topic": "shoes"}


@pytest.mark.parametrize(
    ("report", "headers", "reason"),
    [
        (REPORT, [], "capped"),
        (changed(events=[REWARD]), [], "capped"),
        (changed(events=[REWARD | {"option": "app"}]), [], None),
        (changed(events=[EXPOSURE, VIEW]), [], None),
        (changed(events=[VIEW]), [], None),
        (changed(events=[EXPOSURE], variants="hero.b.ec"), [], None),
        (changed(events=[EXPOSURE | {"experiment": "later"}]), [], None),
        (changed(token=None), [], "no_token"),
        (REPORT | {"token": None}, [], "no_token"),
        (changed(token=None, events=[VIEW]), [], "no_token"),
        (changed(token=None, variants="hero.b.ec", events=[EXPOSURE]), [], "no_token"),
        (changed(token=SEALER.seal("demo", START_S, COHORT, False, True)), [], "no_token"),
        (changed(token=SEALER.seal("demo", START_S, COHORT, False, False)), [], "no_token"),
        (changed(site="children", token=SEALER.seal("children", START_S, COHORT, True, True)), [], "no_token"),
        (REPORT, NO_GPC, "gpc"),
        (REPORT, NO_OPT_OUT, "opt_out"),
        (REPORT, [*NO_OPT_OUT, *NO_GPC], "gpc"),
        (REPORT, [*NO_GPC, *NO_OPT_OUT], "gpc"),
        (changed(token=None), NO_GPC, "gpc"),
        (changed(token=None), NO_OPT_OUT, "opt_out"),
        (changed(token=None), [*NO_GPC, *NO_OPT_OUT], "gpc"),
        (changed(events=[VIEW]), NO_GPC, "gpc"),
        (changed(events=[VIEW]), NO_OPT_OUT, "opt_out"),
        (REWARDS, [], "capped"),
        (REWARDS, NO_GPC, "gpc"),
        (REWARDS, NO_OPT_OUT, "opt_out"),
        (REWARDS | {"token": None}, [], "no_token"),
    ],
)
def test_why_nothing_was_counted_is_said(report, headers, reason):
    """The first that holds, of: the visitor's no, a missing permission, the cap. Else null, whatever was counted."""
    networks = networks_of()
    assert ask(REWARDS, networks=networks).json["accepted"] == 20
    answer = ask(report, headers=headers, networks=networks)
    assert (answer.status, answer.json["reason"]) == (202, reason)
    assert [*answer.json] == ["accepted", "duplicates", "reason", "variants_cookie", "interests_cookie"]
    if reason is not None:
        assert answer.json == not_counted(reason)


def test_what_is_said_is_of_a_closed_list():
    """The document has it, in the order in which they are told."""
    reasons = document()["components"]["schemas"]["EventsAnswer"]["properties"]["reason"]
    told = [value for part in reasons["anyOf"] for value in part.get("enum", [None])]
    assert sorted(map(str, told)) == sorted(map(str, (*get_args(NotCounted), None)))


def test_a_network_without_a_key_is_capped():
    """Its twenty-first reward is not counted, nor anything else of that report; another network's is."""
    networks, book = networks_of(), Book()
    assert ask(REWARDS, book, networks=networks).json["accepted"] == 20
    answer = ask(changed(events=[EXPOSURE, REWARD, VIEW]), book, networks=networks, client=("195.65.10.250", 1))
    assert (answer.status, answer.json) == (202, not_counted("capped"))
    assert len(book.counted) == 20
    assert ask(changed(events=[EXPOSURE, VIEW]), book, networks=networks).json["accepted"] == 1
    assert ask(REWARDS, book, networks=networks, client=("195.65.11.7", 1)).json["accepted"] == 20
    assert networks.cap.refused == 1
    networks.turn()
    assert ask(REWARDS, book, networks=networks).json["accepted"] == 20


def test_a_large_site_leaves_more_room():
    """A twentieth of what was last released."""
    networks = networks_of({"rewarded:front:spring": 1200})
    assert [ask(REWARDS, networks=networks).json["accepted"] for _ in range(4)] == [20, 20, 20, 0]


@pytest.mark.parametrize(
    ("headers", "client", "accepted"),
    [
        ([("authorization", f"Bearer {KEY}")], ("195.65.10.7", 1), [20, 20]),
        ([("x-api-key", KEY)], ("195.65.10.7", 1), [20, 20]),
        ([("x-api-key", KEY), ("x-forwarded-for", "195.65.10.7")], ("127.0.0.1", 1), [20, 20]),
        ([("x-api-key", KEY[:-1] + "b")], ("195.65.10.7", 1), [20, 0]),
        ([("x-api-key", KEY.replace("abcdefgh", "elsewher"))], ("195.65.10.7", 1), [20, 0]),
        ([("x-api-key", KEY.replace("abcdefgh", "recommen"))], ("195.65.10.7", 1), [20, 0]),
        ([("x-api-key", KEY), ("authorization", "Bearer another")], ("195.65.10.7", 1), [20, 0]),
        ([], ("127.0.0.1", 1), [20, 20]),
        ([], ("::1", 1), [20, 20]),
        ([], None, [20, 20]),
        ([("x-forwarded-for", "195.65.10.7")], ("127.0.0.1", 1), [20, 0]),
        ([("x-forwarded-for", "195.65.10.7"), ("forwarded", "for=8.8.8.8")], ("127.0.0.1", 1), [20, 0]),
        ([("x-forwarded-for", "8.8.8.8")], ("195.65.10.7", 1), [20, 0]),
    ],
)
def test_whom_the_cap_is_for(headers, client, accepted):
    """Everybody without a key for this site's events but this machine itself; also where no key is asked for."""
    networks = networks_of()
    assert [ask(REWARDS, headers=headers, client=client, networks=networks).json["accepted"] for _ in "12"] == accepted


def test_a_report_that_could_not_be_stored_took_no_room():
    """It is sent again, and must not be capped for that."""
    networks = networks_of()
    for _ in range(3):
        assert ask(REWARDS, Book(stores=False), query=b"ack=stored", networks=networks).status == 503
    assert ask(REWARDS, query=b"ack=stored", networks=networks).json["accepted"] == 20
    assert ask(REWARDS, query=b"ack=stored", networks=networks).json == not_counted("capped")


def test_a_view_needs_the_permission_for_interests():
    """Everything else goes on without it."""
    answer = ask(changed(token=SEALER.seal("demo", START_S, COHORT, True, False)))
    assert (answer.json["accepted"], answer.json["interests_cookie"]) == (4, None)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "Q"),
        SEALER.seal("other", START_S, COHORT, True, True),
        SEALER.seal("demo", START_S - 3600 - VALID_S, COHORT, True, True),
        SEALER.seal("demo", START_S + 7200, COHORT, True, True),
        TokenSealer(["another secret"]).seal("demo", START_S, COHORT, True, True),
        "a" * 129,
        17,
    ],
)
@pytest.mark.parametrize("headers", [[], [("sec-gpc", "1")]])
def test_a_token_that_is_none_is_refused(token, headers):
    """Forged, of another site, too old, of the future: told alike to everybody."""
    book = Book()
    answer = ask(REPORT | {"token": token}, book, headers)
    assert answer.status == 422
    assert answer.json["errors"][0]["pointer"] == "/token"
    assert book.counted == []


@pytest.mark.parametrize(("site", "said"), [({}, OF_ANOTHER_SITE), ({"site": "demo"}, OF_ITS_SITE)])
def test_a_token_of_another_site_is_told_whose_it_should_be(site, said):
    """Where no site is named, that may be all that is wrong."""
    token = SEALER.seal("shop", START_S, COHORT, True, True)
    answer = ask({"token": token, "events": [EXPOSURE], **site})
    assert answer.json["errors"][0]["detail"] == said


def error(pointer, code="invalid_value", **more):
    return {"pointer": pointer, "code": code, **more}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (EXPOSURE | {"experiment": "heroes"}, error("/events/1/experiment")),
        (EXPOSURE | {"variant": "z"}, error("/events/1/variant")),
        (REWARD | {"slot": "back"}, error("/events/1/slot")),
        (REWARD | {"option": "autumn"}, error("/events/1/option")),
        ({"type": "view", "topic": "cars"}, error("/events/1/topic")),
        ({"type": "language_chosen", "language": "nl"}, error("/events/1/language")),
        ({"type": "language_chosen", "language": "fr_"}, error("/events/1/language")),
        ({"type": "view", "topic": "anna-schmidt"}, error("/events/1/topic", "identifying_value", category="name")),
        (
            EXPOSURE | {"variant": "anna@example.org"},
            error("/events/1/variant", "identifying_value", category="email"),
        ),
        (EXPOSURE | {"variant": None}, error("/events/1/variant")),
        (EXPOSURE | {"variant": ["b"]}, error("/events/1/variant")),
        (EXPOSURE | {"type": "purchase"}, error("/events/1/type")),
        (EXPOSURE | {"type": None}, error("/events/1/type")),
        (EXPOSURE | {"type": ["exposure"]}, error("/events/1/type")),
        (EXPOSURE | {"type": "anna@example.org"}, error("/events/1/type", "identifying_value", category="email")),
        (EXPOSURE | {"slot": "front"}, error("/events/1", "unknown_field", position=3)),
        (EXPOSURE | {"email": "x"}, error("/events/1", "identifying_name", category="email", position=3)),
        ({"type": "exposure", "experiment": "hero"}, error("/events/1/variant", "missing_field")),
        ({"experiment": "hero", "variant": "b"}, error("/events/1/type", "missing_field")),
        ([], error("/events/1")),
        ("exposure", error("/events/1")),
        (None, error("/events/1")),
    ],
)
def test_a_mistake_in_an_event_is_pointed_at_and_nothing_is_counted(event, expected):
    """By our own names, also where the rest of the report is right."""
    book = Book()
    answer = ask(changed(events=[EXPOSURE, event, REWARD]), book)
    assert (answer.status, pointed(answer.json["errors"])) == (422, [expected])
    assert book.counted == []


@pytest.mark.parametrize(
    ("report", "errors"),
    [
        (changed(events=None), [error("/events", "missing_field")]),
        (changed(events=[]), [error("/events")]),
        (changed() | {"events": None}, [error("/events")]),
        (changed(events={}), [error("/events")]),
        (changed(events=[REWARD] * (EVENTS_MAX + 1)), [error("/events", "too_large")]),
        (changed(variants="hero"), [error("/variants")]),
        (changed(variants="anna@example.org"), [error("/variants", "identifying_value", category="email")]),
        (changed(variants="~".join(["hero.b"] * 300)), [error("/variants", "too_large")]),
        (changed() | {"variants": None}, [error("/variants")]),
        (changed(interests="outdoor:4"), [error("/interests")]),
        (changed() | {"interests": None}, [error("/interests")]),
        (changed() | {"site": None}, [error("/site")]),
        (changed(colour="x"), [error("", "unknown_field", position=5)]),
        (changed(ip="195.65.10.7"), [error("", "identifying_name", category="network_id", position=5)]),
        (
            changed(variants="hero", interests="shoes", events=[REWARD | {"slot": "x"}]) | {"token": "x"},
            [error("/token"), error("/events/0/slot"), error("/variants"), error("/interests")],
        ),
        ([REPORT], [error("")]),
    ],
)
def test_a_mistake_in_a_report_is_pointed_at(report, errors):
    """All of them at once, as far as they can be told."""
    book = Book()
    answer = ask(report, book)
    assert (answer.status, pointed(answer.json["errors"])) == (422, errors)
    assert book.counted == []


def test_of_many_mistakes_in_events_the_first_are_told():
    """Judging each costs time, and four tell what the rest are like."""
    answer = ask(changed(events=[REWARD | {"slot": "back"}] * EVENTS_MAX))
    assert [each["pointer"] for each in answer.json["errors"]] == [f"/events/{index}/slot" for index in range(4)]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"events":[{"type":"view","type":"view","topic":"shoes"}]}', "/events/0/type"),
        (b'{"events":[{"type":"view","topic":"shoes","topic":"home"}]}', "/events/0/topic"),
        (b'{"events":[{"topic":"home","type":"view","t\\u0079pe":"reward"}]}', "/events/0/type"),
        (b'{"token":null,"events":[{"type":"view","topic":"shoes"}],"token":null}', "/token"),
        (b'{"events":[],"events":[{"type":"view","topic":"shoes"}]}', "/events"),
    ],
)
def test_a_member_given_twice_is_refused(body, pointer):
    """Readers would disagree on which it is."""
    answer = ask(body)
    assert answer.json["type"] == "/problems/duplicate-field"
    assert [each["pointer"] for each in answer.json["errors"] if each["code"] == "duplicate_field"] == [pointer]


@pytest.mark.parametrize(
    "body",
    [
        b' { "events" : [ { "topic" : "shoes" , "type" : "view" } ] , "token" : null } ',
        b'{"events":[{"topic":"\\u0073hoes","t\\u0079pe":"view"}],"\\u0074oken":null}',
    ],
)
def test_a_report_is_read_however_it_is_written(body):
    """Blanks, escapes and order are the sender's own affair."""
    assert ask(body).status == 202


def test_a_site_is_told_or_the_default():
    """And one that is not there is not found."""
    assert ask(changed(site=None)).json["accepted"] == 4
    assert ask(changed(site="other", token=SEALER.seal("other", START_S, COHORT, True, True))).json["accepted"] == 4
    assert ask(changed(site="nowhere")).status == 404


def test_a_key_of_other_sites_may_not_report():
    """Wherever the site is named, the default included."""
    elsewhere = Grant(frozenset({"events"}), frozenset({"other"}))
    for report in (REPORT, changed(site=None), changed(events=[REWARD | {"slot": "x"}])):
        book = Book()
        assert ask(report, book, grant=elsewhere).status == 403
        assert book.counted == []
    assert ask(changed(site="other", token=None), grant=elsewhere).status == 202


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"{", 400), (b"\xff", 400), (b" " * 8193, 413)])
def test_what_is_no_report_is_refused(body, status):
    """Whatever it is."""
    assert ask(body).status == status


def test_stored_is_answered_once_it_is():
    """And 503 with Retry-After where the store cannot; then no cookie hides the events."""
    assert ask(REPORT, query=b"ack=stored").json["accepted"] == 4
    answer = ask(REPORT, Book(stores=False), query=b"ack=stored")
    assert (answer.status, answer.json["type"], answer.headers["retry-after"]) == (503, "/problems/not-stored", "1")
    assert ask(REPORT, Book(stores=False)).status == 202
    assert ask(changed(token=None), Book(stores=False), query=b"ack=stored").json == not_counted("no_token")


@pytest.mark.parametrize("query", [b"ack=now", b"ack=", b"site=demo", b"ack=stored&ack=stored"])
def test_no_other_query_is_taken(query):
    """A body says everything; a query beside it is refused rather than ignored."""
    assert ask(REPORT, query=query).status == 422


@pytest.mark.parametrize(
    ("report", "origin", "allowed"),
    [
        (REPORT, ORIGIN, True),
        (REPORT, "https://else.example", False),
        (changed(events=[]), ORIGIN, True),
        (changed(site="other", token=None), ORIGIN, False),
    ],
)
def test_pages_of_the_site_may_read_the_answer(report, origin, allowed):
    """Those of its own ``cors_origins``; a refusal is read by the pages of any site."""
    headers = ask(report, headers=[("origin", origin)]).headers
    assert (headers.get("access-control-allow-origin") == origin) == allowed


# Whatever is wrong anywhere, nothing is counted; and whatever is said, nothing of it comes back.
MARKER = "qxzkvjw"
values = st.sampled_from(["hero", "b", "front", "spring", "shoes", "fr", MARKER, f"{MARKER}@example.org", None, 3])
members = st.dictionaries(
    st.sampled_from(["type", "experiment", "variant", "slot", "option", "language", "topic", MARKER]),
    values | st.sampled_from(["exposure", "conversion", "reward", "language_chosen", "view"]),
    max_size=4,
)
parts = st.fixed_dictionaries(
    {"events": st.lists(members | st.sampled_from(REPORT["events"]), max_size=3)},
    optional={
        "token": st.sampled_from([TOKEN, None, MARKER]),
        "variants": st.sampled_from(["hero.b.e", "", MARKER, f"{MARKER}.b"]),
        "interests": st.sampled_from(["shoes:1", "", MARKER, f"{MARKER}:1"]),
        "site": st.sampled_from(["demo", "other", MARKER]),
        MARKER: values,
    },
)


@given(parts)
def test_all_or_nothing_and_nothing_repeated(report):
    """A report is counted whole or refused whole, without an echo."""
    book = Book()
    answer = ask(report, book)
    assert MARKER.encode() not in answer.body
    if answer.status == 202:
        assert answer.json["accepted"] == len(book.counted)
    else:
        assert answer.status in (404, 422)
        assert book.counted == []
