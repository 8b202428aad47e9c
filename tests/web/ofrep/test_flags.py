"""OFREP as OpenFeature's providers see it: what they send, what they must get, and what they may not learn."""

import json
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.adapters.memory_store import MemoryStore
from service.app import Application, Container, assemble
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.sites import Experiment, Slot
from service.telemetry import Telemetry
from service.web.epoch import epoch_of
from service.web.ofrep.context import CONTEXT_FIELDS
from tests.doors import answer, request

ALL = "/ofrep/v1/evaluate/flags"
ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
VISIT = {"targetingKey": ID, "ip": "8.8.8.8", "userAgent": PHONE, "acceptLanguage": "de-CH,de;q=0.9,en;q=0.5"}
SHOP = "https://shop.example"
MARKER = "qxzkvjw"

# What OpenFeature knows: a provider breaks on any other.
REASONS = {"STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "DEFAULT"}
ERROR_CODES = {400: {"PARSE_ERROR", "INVALID_CONTEXT", "GENERAL"}, 404: {"FLAG_NOT_FOUND"}}


@pytest.fixture(scope="module")
def full(house: Container) -> Container:
    """The demo site with flags of every kind, and a snapshot in which all phones are one cohort."""
    demo = house.configuration.sites["demo"]
    experiments = demo.experiments | {
        "over": Experiment("stopped", ("a", "b"), "over"),
        "soon": Experiment("draft", ("a", "b"), "soon"),
        "half": Experiment("running", ("a", "b"), "half", coverage=0.0),
    }
    site = msgspec.structs.replace(demo, experiments=experiments, slots=demo.slots | {"side": Slot(("x", "y"))})
    configuration = msgspec.structs.replace(house.configuration, sites={"demo": site})
    made = assemble(configuration, Telemetry(), MemoryStore(k=1, k_prefixes=0, retention_s=3600))
    made.decisions.intake.geo = house.geo
    snapshot = SiteSnapshot(Interval(0, 3600), {"smartphone": 1000}, {}, {})
    made.current.epoch = made.current.epoch.in_interval(int(time.time()) // 3600 * 3600).released("demo", snapshot)
    return made


@pytest.fixture(scope="module")
def shop(full: Container) -> TestClient:
    return TestClient(Application(full), client=("127.0.0.1", 50000))


def ask(client: TestClient, context: Any = VISIT, key: str = "", path: str = ALL, **headers: str) -> Any:
    """As a provider posts: the body is the context in an object, or ready octets."""
    body = context if isinstance(context, bytes) else json.dumps({"context": context}).encode()
    fields = {"content-type": "application/json; charset=utf-8"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return client.post(f"{path}/{key}" if key else path, content=body, headers=fields)


def flags_in(response: Any) -> dict[str, Any]:
    assert response.status_code == 200
    return {flag["key"]: flag for flag in response.json()["flags"]}


def check_flag(flag: dict[str, Any]) -> None:
    """One evaluation as the protocol has it and providers read it."""
    assert set(flag) - {"value"} == {"key", "reason", "variant", "metadata"}
    assert flag["reason"] in REASONS
    assert isinstance(flag["variant"], str)
    assert flag.get("value", flag["variant"]) == flag["variant"]
    assert isinstance(flag["metadata"]["reason"], str)
    assert all(isinstance(value, str | int | float) for value in flag["metadata"].values())


def check(response: Any, *, single: bool) -> None:
    """Any reply: one flag, all of them, or a failure."""
    assert response.headers["content-type"] == "application/json"
    reply = response.json()
    if response.status_code == 200:
        assert response.headers["etag"].startswith('"')
        for flag in [reply] if single else reply["flags"]:
            check_flag(flag)
        assert single or set(reply) == {"flags", "metadata"}
        assert single or all(isinstance(value, str) for value in reply["metadata"].values())
        return
    assert reply["errorCode"] in ERROR_CODES[response.status_code]
    assert set(reply) == {"errorCode", "errorDetails"} | ({"key", "metadata"} if single else set())
    assert reply.pop("metadata", {}) == {}
    assert all(isinstance(value, str) for value in reply.values())


# ---- what is answered ----


def test_all_flags_of_a_visit(shop: TestClient) -> None:
    """Every flag but drafts, in a fixed order, with what holds for all of them."""
    response = ask(shop)
    check(response, single=False)
    flags = flags_in(response)
    assert [*flags] == [
        "language", "country", "market", "currency", "device", "tier", "cohort", "front", "side", "half", "hero", "over",
    ]  # fmt: skip
    assert {key: flag.get("value") for key, flag in flags.items()} == {
        "language": "de-CH", "country": "US", "market": None, "currency": "USD", "device": "smartphone",
        "tier": "standard", "cohort": "smartphone", "front": "spring", "side": "x", "hero": "b", "over": "a", "half": "a",
    }  # fmt: skip
    reasons = {key: (flag["reason"], flag["metadata"]["reason"]) for key, flag in flags.items()}
    assert reasons["language"] == ("TARGETING_MATCH", "accept_language")
    assert reasons["country"] == ("TARGETING_MATCH", "ip")
    assert reasons["market"] == ("DEFAULT", "ip")
    assert reasons["front"] == ("STATIC", "default")
    assert reasons["hero"] == ("SPLIT", "split")
    assert reasons["over"] == ("DISABLED", "stopped")
    assert reasons["half"] == ("DEFAULT", "out_of_coverage")
    assert flags["front"]["metadata"]["options"] == "spring,app,outlet"
    assert flags["hero"]["metadata"]["in_experiment"] is True
    assert response.json()["metadata"] == {
        "site": "demo", "regime": "US-GPC", "policy_version": "2026-11-30", "variants": "hero.b",
    }  # fmt: skip


def test_one_flag_is_as_among_all(shop: TestClient) -> None:
    """Under its key, on both addresses of the site."""
    for path in (ALL, f"/sites/demo{ALL}"):
        flags = flags_in(ask(shop, path=path))
        for key, flag in flags.items():
            response = ask(shop, key=key, path=path)
            check(response, single=True)
            assert response.json() == flag


def test_without_a_context_everything_is_the_sites_own(client: TestClient) -> None:
    """As Python's provider sends none, and the web's an empty one. No targeting key is control, and no error."""
    flags = flags_in(ask(client, b"{}"))
    assert ask(client, {}).content == ask(client, b"{}").content == ask(client, {"targetingKey": ""}).content
    assert flags["language"]["reason"] == "STATIC"
    assert "value" not in flags["country"]
    assert flags["country"]["metadata"]["reason"] == "denied"
    hero = flags_in(ask(client, {"country": "US"}))["hero"]
    assert (hero["value"], hero["reason"], hero["metadata"]["reason"]) == ("a", "DEFAULT", "no_device_id")


def test_the_variant_cookie_goes_on(shop: TestClient) -> None:
    """Its variant is kept without an id, and the metadata have its next value."""
    response = ask(shop, {"country": "US", "variants": "hero.b.e~gone.c"})
    hero = flags_in(response)["hero"]
    assert (hero["value"], hero["reason"], hero["metadata"]["reason"]) == ("b", "DEFAULT", "cookie")
    assert response.json()["metadata"]["variants"] == "hero.b.e"


def test_the_cohorts_token_reports_events(shop: TestClient) -> None:
    """A page that knows OFREP alone can say what happened."""
    token = flags_in(ask(shop))["cohort"]["metadata"]["token"]
    report = {
        "token": token,
        "variants": "hero.b",
        "events": [{"type": "exposure", "experiment": "hero", "variant": "b"}],
    }
    answer = shop.post("/v1/events", json=report).json()
    assert (answer["accepted"], answer["variants_cookie"]) == (1, "hero.b.e")


def test_who_asks_is_not_who_visits(client: TestClient) -> None:
    """The provider's own address, headers and other cookies have no say."""
    said = {"x_forwarded_for": "5.9.9.9", "user_agent": PHONE, "accept_language": "fr", "cookie": "pb_language=fr"}
    assert ask(client, **said).content == ask(client).content


# ---- what does not change is not sent again ----


def test_a_tag_saves_sending_the_same_again(shop: TestClient) -> None:
    """A list of tags, weak or strong, or any; for all flags and for one."""
    for key in ("", "hero"):
        first = ask(shop, key=key)
        tag = first.headers["etag"]
        assert ask(shop, key=key).headers["etag"] == tag
        for known in (tag, f"W/{tag}", f'"other", {tag}', f'"a",W/{tag} , "b"', "*"):
            again = ask(shop, key=key, if_none_match=known)
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
            assert again.headers["cache-control"] == first.headers["cache-control"] == "private, no-store"
            assert "content-type" not in again.headers
        for known in ('"other"', tag.strip('"'), ""):
            assert ask(shop, key=key, if_none_match=known).status_code == 200


def test_tags_in_two_lines_are_one_list(shop: TestClient) -> None:
    """RFC 9110 5.3."""
    tag = ask(shop).headers["etag"]
    for known in ('"other"', tag), (tag, '"other"'):
        again = shop.post(ALL, json={"context": VISIT}, headers=[("if-none-match", one) for one in known])
        assert again.status_code == 304


def test_a_changed_attribute_is_answered_anew(shop: TestClient) -> None:
    """The web provider keeps its tag when the context changes, so it must not match; unless nothing changed by it."""
    tag = ask(shop).headers["etag"]
    assert ask(shop, VISIT | {"language": "fr"}, if_none_match=tag).status_code == 200
    assert ask(shop, VISIT | {"gpc": True}, if_none_match=tag).status_code == 200
    assert ask(shop, VISIT | {"language": "tlh"}, if_none_match=tag).status_code == 304


def test_what_is_remembered_does_not_outlive_a_snapshot(house: Container, full: Container) -> None:
    """A new one is told at once."""
    shop = TestClient(Application(full))
    known = full.current.epoch
    assert flags_in(ask(shop))["cohort"]["value"] == "smartphone"
    full.current.epoch = known.released("demo", SiteSnapshot(None, {}, {}, {}))
    try:
        assert "value" not in flags_in(ask(shop))["cohort"]
    finally:
        full.current.epoch = known
    assert flags_in(ask(shop))["cohort"]["value"] == "smartphone"


# ---- what is refused ----


@pytest.mark.parametrize(
    "context",
    [
        {"email": "anna@example.org"},
        {"targetingKey": "d-1", "name": "Anna"},
        {"targetingKey": ID, "userId": "7"},
        {"targetingKey": "anna@example.org"},
        {"targetingKey": "+41 44 668 18 00"},
        {"targetingKey": "5d41402abc4b2a76b9719d911017c592"},
        {"targetingKey": "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"},
        {"targetingKey": ID, "plan": "pro"},
        {"ip": "195.65.10.7", "country": "CH"},
        {"userAgent": 513},
        {"consent": ["everything"]},
        {"gpc": None},
    ],
)
def test_what_says_who_the_visitor_is_is_refused(client: TestClient, context: dict[str, Any]) -> None:
    """INVALID_CONTEXT with helpful words, for which the SDK gives its default; nothing of what was sent is in them."""
    for key in ("", "hero", "language"):
        response = ask(client, context, key)
        assert (response.status_code, response.json()["errorCode"]) == (400, "INVALID_CONTEXT")
        assert response.json().get("key", "") == key
        assert response.headers["cache-control"] == "no-store"
        check(response, single=bool(key))
        texts = [text for text in context.values() if isinstance(text, str) and len(text) > 2]
        assert not [text for text in texts if text in response.text]


@pytest.fixture
def declaring(house: Container) -> Iterator[TestClient]:
    """A client of a service whose site has declared two members of contexts harmless."""
    before = house.current.epoch
    demo = before.inputs.sites["demo"]
    site = msgspec.structs.replace(demo.site, context_ignored=("plan", "appVersion"))
    sites = {"demo": msgspec.structs.replace(demo, site=site)}
    house.current.epoch = epoch_of(msgspec.structs.replace(before.inputs, sites=sites))
    yield TestClient(Application(house), client=("127.0.0.1", 50000))
    house.current.epoch = before


@pytest.mark.parametrize("key", ["", "hero", "language"])
def test_what_a_site_declares_harmless_changes_nothing(client: TestClient, declaring: TestClient, key: str) -> None:
    """The answer and its tag are those of the visit without it; what nobody declared is refused, also at this site."""
    plain = ask(declaring, VISIT, key)
    for more in ({"plan": "pro"}, {"plan": None, "appVersion": 1.5}, {"appVersion": "1.2.3", "plan": True}):
        found = ask(declaring, VISIT | more, key)
        assert (found.status_code, found.content) == (200, plain.content)
        assert found.headers["etag"] == plain.headers["etag"]
        assert ask(declaring, VISIT | more, key, if_none_match=plain.headers["etag"]).status_code == 304
        assert ask(client, VISIT | {"theme": "dark"} | more, key).status_code == 400
    nulls = dict.fromkeys(("country", "subdivision", "language", "region", "variants"))
    assert ask(client, VISIT | nulls, key).content == plain.content
    refused = ask(declaring, VISIT | {"plan": "anna@example.org"}, key)
    assert (refused.status_code, refused.json()["errorCode"]) == (400, "INVALID_CONTEXT")
    assert refused.json()["errorDetails"] == "plan looks like an e-mail address, so it was refused. Do not send it."


def test_the_words_help(client: TestClient) -> None:
    """They name our field and say what to send instead."""
    said = ask(client, {"targetingKey": "anna@example.org"}, "hero").json()["errorDetails"]
    assert said == (
        "targetingKey looks like an e-mail address, so it was refused. "
        "Send an opaque random id that the site made for the device, such as a UUIDv4, or none."
    )
    assert "such as a UUIDv4" in ask(client, {"targetingKey": "d-1"}).json()["errorDetails"]


@pytest.mark.parametrize("key", ["checkout", "flag/with space", "flag%2Fwith%20space", MARKER, "x" * 2000, "soon", ""])
def test_a_flag_that_the_site_does_not_have(shop: TestClient, key: str) -> None:
    """404 in the protocol's words. The key is not repeated: it is whatever the caller made up. A draft is none either."""
    response = shop.post(f"{ALL}/{key}", json={"context": VISIT})
    assert response.status_code == 404
    reply = response.json()
    assert reply.pop("metadata") == {}
    assert reply == {"key": "", "errorCode": "FLAG_NOT_FOUND", "errorDetails": "The site has no such flag."}
    check(response, single=True)
    assert shop.post(f"{ALL}/{key}", json={"context": {"email": 1}}).json()["key"] == ""


def test_a_site_that_is_not_there(client: TestClient) -> None:
    """The same status and form, with words of its own."""
    for key in ("", "hero"):
        response = ask(client, key=key, path=f"/sites/{MARKER}{ALL}")
        assert (response.status_code, response.json()["errorCode"]) == (404, "FLAG_NOT_FOUND")
        check(response, single=bool(key))
        assert MARKER not in response.text


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"context":}'])
def test_what_is_not_json(client: TestClient, body: bytes) -> None:
    for key in ("", "hero"):
        response = ask(client, body, key)
        assert (response.status_code, response.json()["errorCode"]) == (400, "PARSE_ERROR")
        check(response, single=bool(key))


def test_what_is_no_matter_of_a_context_stays_a_problem(client: TestClient) -> None:
    """Providers make an error of it by its status alone."""
    large = ask(client, b'{"context":{}}' + b" " * 8192)
    assert (large.status_code, large.json()["type"]) == (413, "/problems/body-too-large")
    form = client.post(ALL, content=b"{}", headers={"content-type": "text/plain"})
    assert (form.status_code, form.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert client.get(ALL).status_code == client.put(f"{ALL}/hero").status_code == 405
    assert client.post(f"{ALL}s").status_code == client.post(f"/sites/a/b{ALL}").status_code == 404
    assert client.post(f"/sites/{ALL}").json()["type"] == "/problems/not-found"


def test_a_mistake_of_ours_is_told_as_the_protocol_has_it(
    house: Container, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a code, words, and leave for a page to read them; on both ways to the answer."""

    def broken(*_: object, **__: object) -> None:
        raise KeyError(MARKER)

    monkeypatch.setattr(house.decisions, "for_visit", broken)
    app, body = Application(house), json.dumps({"context": VISIT}).encode()
    headers = [(b"content-type", b"application/json"), (b"origin", SHOP.encode())]
    for path, names in [
        (ALL, set()),
        (f"{ALL}/hero", {"key", "metadata"}),
        (f"/sites/demo{ALL}/{MARKER}/x", {"key", "metadata"}),
    ]:
        response = client.post(path, content=body, headers=[*headers])
        assert (response.status_code, response.headers["content-type"]) == (500, "application/json")
        assert response.headers["access-control-allow-origin"] == SHOP
        assert response.headers["cache-control"] == "no-store"
        told = response.json()
        assert told.keys() == {"errorCode", "errorDetails"} | names
        assert (told["errorCode"], told.get("key", "")) == ("GENERAL", "")
        assert MARKER not in response.text
        now = answer(app.dispatcher, request("POST", path, headers, body))
        assert (now.status, now.content) == (500, response.content)
        assert (b"access-control-allow-origin", SHOP.encode()) in now.headers
    monkeypatch.setattr(house.decisions, "for_body", broken)
    other = client.post("/v1/recommendation", json={})
    assert (other.status_code, other.json()["type"]) == (500, "/problems/internal-error")


def test_a_full_house_says_when_to_come_back(house: Container) -> None:
    """In whole seconds: providers take a date that begins with digits for seconds."""
    application = Application(house)
    application.dispatcher.in_work_max = 0
    response = ask(TestClient(application))
    assert (response.status_code, response.headers["retry-after"].isdigit()) == (503, True)


@pytest.mark.parametrize(
    "query, status", [("flagConfigEtag=%22x%22&flagConfigLastModified=1795353685", 200), ("scope=web", 400), ("", 200)]
)
def test_only_the_protocols_own_parameters(client: TestClient, query: str, status: int) -> None:
    """What a provider adds after a notice is left unread; what somebody configured is refused in words."""
    for key in ("", "/hero"):
        response = client.post(f"{ALL}{key}?{query}", json={"context": VISIT})
        assert response.status_code == status
        check(response, single=bool(key))


# ---- who says no, and what is counted ----


@pytest.mark.parametrize("no", [{"sec_gpc": "1"}, {"cookie": "pb_optout=1"}, {"cookie": "a=b; pb_optout=yes"}])
def test_a_no_of_the_browser_is_a_no(shop: TestClient, no: dict[str, str]) -> None:
    """The same bytes as without id and variants, as the context's own no, and nothing is told that experiments need."""
    response = ask(shop, VISIT | {"variants": "hero.b"}, **no)
    without = {name: value for name, value in VISIT.items() if name != "targetingKey"}
    own = {"gpc": True} if "sec_gpc" in no else {"optOut": True}
    assert response.content == ask(shop, without, **no).content == ask(shop, without | own).content
    hero = flags_in(response)["hero"]
    assert (hero["value"], hero["metadata"]["reason"]) == ("a", "withheld")
    assert "token" not in flags_in(response)["cohort"]["metadata"]
    assert response.json()["metadata"]["variants"] == ""


@pytest.mark.parametrize("gpc", ["0", "true", "11", ""])
def test_only_one_is_a_signal(shop: TestClient, gpc: str) -> None:
    assert ask(shop, sec_gpc=gpc).content == ask(shop).content


def test_all_flags_are_a_visit_and_one_is_none(client: TestClient, house: Container) -> None:
    """Counted also where nothing changed; not where the visit says no, or is refused."""
    assert house.counting is not None
    buffer = house.counting.buffer

    def counted(context: Any, key: str = "", **headers: str) -> int:
        before = buffer.counted
        ask(client, context, key, **headers)
        return buffer.counted - before

    assert counted(VISIT) == 1
    assert counted(VISIT, if_none_match="*") == 1
    assert counted(VISIT, "hero") == counted(VISIT, "nothing") == 0
    assert counted(VISIT, sec_gpc="1") == counted(VISIT | {"gpc": True}) == counted(VISIT | {"optOut": True}) == 0
    assert counted(VISIT | {"plan": "pro"}) == 0


# ---- pages of other origins ----


def test_a_page_may_ask_whether_it_may_ask(client: TestClient) -> None:
    """What the web provider sends: a POST of JSON with a tag and a key."""
    for path in (ALL, f"{ALL}/hero", f"/sites/demo{ALL}", f"/sites/demo{ALL}/hero"):
        response = client.options(
            path, headers={"origin": SHOP, "access-control-request-method": "POST",
                           "access-control-request-headers": "authorization, content-type, if-none-match"},
        )  # fmt: skip
        assert response.status_code == 204
        assert response.headers["access-control-allow-origin"] == SHOP
        assert response.headers["access-control-allow-methods"] == "POST"
        allowed = response.headers["access-control-allow-headers"].split(", ")
        assert {"content-type", "if-none-match", "authorization", "x-api-key"} <= {*allowed}


def test_a_page_can_read_every_answer(client: TestClient) -> None:
    """Whole, unchanged, refused; the tag and when to come back are exposed."""
    tag = ask(client).headers["etag"]
    for response in (
        ask(client, origin=SHOP),
        ask(client, origin=SHOP, if_none_match=tag),
        ask(client, {"email": "x"}, origin=SHOP),
        ask(client, key="none", origin=SHOP),
        ask(client, key="hero", origin=SHOP),
    ):
        assert response.headers["access-control-allow-origin"] == SHOP
        assert {"ETag", "Retry-After"} <= {*response.headers["access-control-expose-headers"].split(", ")}
        assert response.headers["vary"] == "origin"
    other = ask(client, origin="https://other.example")
    assert "access-control-allow-origin" not in other.headers
    assert ask(client).headers["vary"] == other.headers["vary"] == "origin"


# ---- whatever is sent ----

texts = st.text(max_size=40) | st.builds(lambda a, b: f"{a}{MARKER}{b}", st.text(max_size=9), st.text(max_size=9))
values = (
    texts | st.booleans() | st.none() | st.lists(texts, max_size=2) | st.sampled_from([ID, "CH", "hero.b", "8.8.8.8"])
)


@settings(
    max_examples=200, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    context=st.dictionaries(st.sampled_from(CONTEXT_FIELDS) | texts, values, max_size=4),
    key=st.sampled_from(["", "hero", "front", "language", MARKER]),
)
def test_every_reply_is_the_protocols_and_repeats_nothing(shop: TestClient, context: dict[str, Any], key: str) -> None:
    """Any context gets flags or a failure in the protocol's form, and never anything back that it made up."""
    response = ask(shop, context, key)
    check(response, single=bool(key))
    assert MARKER not in response.text.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"if_none_match": f'"{MARKER}"'},
        {"origin": f"https://{MARKER}.example"},
        {"cookie": f"pb_optout={MARKER}@example.org; pb_device={MARKER}"},
        {"sec_gpc": MARKER},
        {"authorization": f"Bearer {MARKER}"},
        {"content_type": f"application/{MARKER}"},
    ],
)
@pytest.mark.parametrize("query", ["", f"?{MARKER}=1", f"?flagConfigEtag={MARKER}", f"?email={MARKER}"])
def test_nothing_beside_the_context_comes_back(shop: TestClient, headers: dict[str, str], query: str) -> None:
    """Neither from headers nor from the address."""
    for key in ("", f"/{MARKER}", "/hero"):
        response = ask(shop, VISIT, path=f"{ALL}{key}{query}", **headers)
        told = " ".join([response.text, *response.headers.keys(), *response.headers.values()])
        assert MARKER not in told.lower()
