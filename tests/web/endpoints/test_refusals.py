"""Errors that help, over the whole surface: each says where, why, and what would have been right, in our own words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.adapters.memory_store import MemoryStore
from service.app import Application, assemble, read_configuration
from service.core.privacy import PURPOSES
from service.telemetry import Telemetry
from service.web import query
from service.web.bodies.event_schema import EventsBody
from service.web.bodies.guidance import (
    A_LIST,
    AN_OBJECT,
    ELSEWHERE,
    KEY_FORM,
    NO_NULL,
    NONE,
    ONCE,
    OTHER_KIND,
    SITE_LEFT_OUT,
    guide_of,
)
from service.web.bodies.schema import BatchDocument, RecommendationBody
from service.web.endpoints import cohorts, events
from service.web.openapi import document
from service.web.visit import refusal_details as visit_refusals
from tests.conftest import Discarded, KnownPlaces

VISIT, VISITS, REPORT = "/v1/recommendation", "/v1/recommendations", "/v1/events"
COUNTS = "/v1/sites/demo/cohorts"
EXPOSURE = {"type": "exposure", "experiment": "hero", "variant": "b"}
GUIDES = [guide_of(kind) for kind in (RecommendationBody, BatchDocument, EventsBody)]
ROOT = ["signals", "consent", "opt_out", "site"]
SIGNALS = ["ip", "geo", "cookies", "device", "gpc"]
COUNTRY = ["two capital letters (ISO 3166-1 alpha-2), without a subdivision, such as CH"]
SUBDIVISION = ["one to three capital letters or digits (ISO 3166-2, without the country), such as ZH"]
FORMATS = ["uuid4", "uuid7", "ulid", "nanoid", "base64url128", "base58_128"]
LANGUAGES = ["en", "de", "de-CH", "fr", "it", "es", "pt-BR", "ja", "zh-Hans", "zh-Hant", "ar"]
KEY = list(KEY_FORM)
EVENT_TYPES = ["exposure", "conversion", "reward", "language_chosen", "view"]
CLASSES = list(cohorts._CLASSES)


def unknown(pointer: str, allowed: list[str], detail: str | None = None, position: int = 0) -> dict[str, Any]:
    return told(pointer, "unknown_field", allowed, detail) | {"position": position}


def told(pointer: str, code: str, allowed: list[str], detail: str | None = None) -> dict[str, Any]:
    error: dict[str, Any] = {"pointer": pointer, "code": code}
    return error | ({"allowed": allowed} if allowed else {}) | ({"detail": detail} if detail else {})


def invalid(pointer: str, allowed: list[str], detail: str | None = None) -> dict[str, Any]:
    return told(pointer, "invalid_value", allowed, detail)


def report(*happened: Any, **more: Any) -> dict[str, Any]:
    return {"events": list(happened)} | more


# Where, the body, and what is told.
BODIES: list[tuple[str, Any, dict[str, Any]]] = [
    (VISIT, {"geo": {"country": "DE"}}, unknown("", ROOT, "This field belongs at /signals/geo.")),
    (VISIT, {"user_agent": "x"}, unknown("", ROOT, "This field belongs at /signals/device/user_agent.")),
    (VISIT, {"ip": "1.2.3.4"}, unknown("", ROOT, "This field belongs at /signals/ip.")),
    (VISIT, {"signals": {"consent": ["cohort"]}}, unknown("/signals", SIGNALS, "This field belongs at /consent.")),
    (VISIT, {"signals": {"country": "DE"}}, unknown("/signals", SIGNALS, "This field belongs at /signals/geo/country.")),
    (VISIT, {"signals": {"id": "x"}}, unknown("/signals", SIGNALS, "This field belongs at /signals/device/id.")),
    (VISIT, {"language": "fr"}, unknown("", ROOT, "This field belongs at /signals/cookies/language.")),
    (VISIT, {"foo": 1}, unknown("", ROOT)),
    (VISIT, {"requests": []}, unknown("", ROOT, "This is a field of POST /v1/recommendations: /requests.")),
    (VISIT, {"events": []}, unknown("", ROOT, "This is a field of POST /v1/events: /events.")),
    (VISIT, {"signals": {"geo": {"country": "ch"}}}, invalid("/signals/geo/country", COUNTRY)),
    (VISIT, {"signals": {"geo": {"country": "US-CA"}}}, invalid("/signals/geo/country", COUNTRY)),
    (VISIT, {"signals": {"geo": {"country": "CHE"}}}, invalid("/signals/geo/country", COUNTRY)),
    (VISIT, {"signals": {"geo": {"country": 756}}}, invalid("/signals/geo/country", COUNTRY)),
    (VISIT, {"signals": {"geo": {}}}, told("/signals/geo/country", "missing_field", COUNTRY)),
    (
        VISIT,
        {"signals": {"geo": {"country": "US", "subdivision": "US-CA"}}},
        invalid("/signals/geo/subdivision", SUBDIVISION),
    ),
    (VISIT, {"signals": {"geo": "CH"}}, invalid("/signals/geo", ["country", "subdivision"], AN_OBJECT)),
    (
        VISIT,
        {"signals": {"geo": {"country": "CH"}, "ip": "1.2.3.4"}},
        invalid("/signals/geo", ["ip", "geo"], visit_refusals.ONE_OF_TWO),
    ),
    (VISIT, {"site": "Demo"}, invalid("/site", KEY)),
    (VISIT, {"site": 1}, invalid("/site", KEY)),
    (VISIT, {"consent": "statistics"}, invalid("/consent", sorted(PURPOSES), A_LIST)),
    (VISIT, {"consent": ["Statistics"]}, invalid("/consent/0", sorted(PURPOSES))),
    (VISIT, {"opt_out": "true"}, invalid("/opt_out", ["true", "false"])),
    (VISIT, {"signals": {"gpc": 1}}, invalid("/signals/gpc", ["true", "false"])),
    (VISIT, {"signals": {"gpc": None}}, invalid("/signals/gpc", ["true", "false"], NO_NULL)),
    (VISIT, {"signals": None}, invalid("/signals", SIGNALS, NO_NULL)),
    (VISIT, [], invalid("", ROOT, AN_OBJECT)),
    (VISIT, {"signals": {"device": {"id": "nope"}}}, invalid("/signals/device/id", FORMATS, visit_refusals.DEVICE_ID)),
    (
        VISIT,
        {"signals": {"cookies": {"variants": "hero.b~" * 400}}},
        told("/signals/cookies", "too_large", ["at most 2048 bytes together"]),
    ),
    (VISIT, {"signals": {"device": [[[[[[]]]]]]}}, told("", "too_large", ["objects and lists, at most 6 deep"])),
    (VISIT, '{"opt_out":true,"opt_out":true}', told("/opt_out", "duplicate_field", [], ONCE) | {"position": 1}),
    (VISITS, {}, told("/requests", "missing_field", ["a list: visits, at most the setting batch_items_max of them"])),
    (VISITS, {"requests": [{}] * 1001}, told("/requests", "too_large", ["a list of at most 1000"])),
    (
        VISITS,
        {"requests": [], "signals": {}},
        unknown("", ["requests", "site"], "This field belongs at /requests/0/signals.", 1),
    ),
    (VISITS, {"site": "Demo", "requests": []}, invalid("/site", KEY)),
    (VISITS, [], invalid("", ["requests", "site"], AN_OBJECT)),
    (REPORT, {}, told("/events", "missing_field", ["a list of 1 to 20: what happened, in its order"])),
    (REPORT, report(), invalid("/events", ["a list of 1 to 20: what happened, in its order"])),
    (
        REPORT,
        report(*[EXPOSURE] * 21),
        told("/events", "too_large", ["a list of 1 to 20: what happened, in its order"]),
    ),
    (REPORT, report(EXPOSURE | {"type": "Exposure"}), invalid("/events/0/type", EVENT_TYPES)),
    (REPORT, report({}), told("/events/0/type", "missing_field", EVENT_TYPES)),
    (REPORT, report(EXPOSURE | {"experiment": "checkout2026"}), invalid("/events/0/experiment", ["hero"], SITE_LEFT_OUT)),
    (REPORT, report(EXPOSURE | {"experiment": "x"}, site="demo"), invalid("/events/0/experiment", ["hero"])),
    (REPORT, report(EXPOSURE | {"variant": "z"}), invalid("/events/0/variant", ["a", "b"], SITE_LEFT_OUT)),
    (
        REPORT,
        report(EXPOSURE | {"experiment": "Hero"}),
        invalid("/events/0/experiment", ["an experiment of the site, in small letters, such as hero"]),
    ),
    (
        REPORT,
        report({"type": "reward", "slot": "back", "option": "x"}, site="demo"),
        invalid("/events/0/slot", ["front"]),
    ),
    (
        REPORT,
        report({"type": "reward", "slot": "front", "option": "x"}, site="demo"),
        invalid("/events/0/option", ["spring", "app", "outlet"]),
    ),
    (
        REPORT,
        report({"type": "view", "topic": "cars"}, site="demo"),
        invalid("/events/0/topic", ["outdoor", "shoes", "home"]),
    ),
    (
        REPORT,
        report({"type": "language_chosen", "language": "nl"}, site="demo"),
        invalid("/events/0/language", LANGUAGES),
    ),
    (
        REPORT,
        report(EXPOSURE, token="x"),
        invalid("/token", ["cohort.token of the visit's answer; without it nothing counts"], events.OF_ANOTHER_SITE),
    ),
    (
        REPORT,
        report(EXPOSURE, token="x", site="demo"),
        invalid("/token", ["cohort.token of the visit's answer; without it nothing counts"], events.OF_ITS_SITE),
    ),
    (
        REPORT,
        report(EXPOSURE | {"slot": "front"}),
        unknown("/events/0", ["type", "experiment", "variant"], OTHER_KIND, 3),
    ),
    (
        REPORT,
        report(EXPOSURE, geo={}),
        unknown("", ["events", "site", "token", "variants", "interests"], ELSEWHERE["geo"], 1),
    ),
]  # fmt: skip
# Method, address, cookies if any, status, and what is told.
HEADS: list[tuple[str, str, str, int, dict[str, Any] | None]] = [
    ("GET", f"{VISIT}?site=Demo", "", 422, invalid("/query/site", KEY)),
    ("GET", f"{VISIT}?country=CH", "", 422, unknown("/query", ["site", "format"], ELSEWHERE["country"])),
    ("GET", f"{VISIT}?format=xml", "", 422, invalid("/query/format", ["headers", "json"])),
    ("POST", f"{VISIT}?site=demo", "", 422, unknown("/query", [], f"{query.UNREAD} {ELSEWHERE['site']}")),
    ("POST", f"{VISITS}?x=1", "", 422, unknown("/query", [], query.UNREAD)),
    ("POST", f"{REPORT}?site=demo", "", 422, unknown("/query", ["ack"], ELSEWHERE["site"])),
    ("POST", f"{REPORT}?ack=yes", "", 422, invalid("/query/ack", ["stored"])),
    ("GET", f"{COUNTS}?window=169h", "", 422, invalid("/query/window", ["1h to 168h", "1d to 7d"])),
    ("GET", f"{COUNTS}?site=demo", "", 422, unknown("/query", ["window", "format"], ELSEWHERE["site"])),
    ("GET", "/v1/sites/demo/slots/back", "", 404, invalid("/path/slot", ["front"])),
    ("GET", "/v1/sites/demo/experiments/nope", "", 404, invalid("/path/experiment", ["hero"])),
    ("GET", "/v1/cohorts/ch/de/desktop", "", 404, invalid("/path/country", COUNTRY)),
    ("GET", "/v1/cohorts/CH/nl/desktop", "", 404, invalid("/path/language", LANGUAGES)),
    ("GET", "/v1/cohorts/CH/de/phone", "", 404, invalid("/path/device_class", CLASSES)),
    ("GET", "/v1/cohorts/CH/de/desktop?lang=de", "", 422, unknown("/query", ["site"])),
    ("GET", "/v1/cohorts/CH/de/desktop?site=%64emo", "", 404, invalid("/query/site", [], cohorts.AS_IT_IS)),
    ("POST", "/v1/opt-out?language=fr", "", 422, unknown("/query", ["site"], ELSEWHERE["language"])),
    ("DELETE", "/v1/opt-out?site=Demo", "", 422, invalid("/query/site", KEY)),
    ("GET", "/v1/privacy?site=Demo", "", 422, invalid("/query/site", KEY)),
    (
        "GET",
        VISIT,
        "pb_device=anna@example.org",
        422,
        told("/cookies/pb_device", "identifying_value", FORMATS, visit_refusals.DEVICE_ID) | {"category": "email"},
    ),
    (
        "GET",
        VISIT,
        "pb_consent=anna@example.org",
        422,
        told("/cookies/pb_consent", "identifying_value", [f"purposes joined by dots: {' '.join(PURPOSES)}"])
        | {"category": "email"},
    ),
    (
        "GET",
        VISIT,
        f"pb_variants={'hero.b~' * 400}",
        422,
        told("/cookies", "too_large", ["at most 2048 bytes together"]),
    ),
    ("GET", f"{VISIT}?site=nowhere", "", 404, None),
]


def ask(client: TestClient, path: str, body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(
        path, content=text.encode("utf-8", "surrogatepass"), headers={"content-type": "application/json"}
    )


@pytest.mark.parametrize(("path", "body", "error"), BODIES, ids=lambda part: str(part)[:60])
def test_a_refused_body_is_told_what_would_be_right(client: TestClient, path: str, body: Any, error: Any) -> None:
    """The pointer, the code, what is allowed there, and a sentence where that is not all."""
    response = ask(client, path, body)
    assert response.status_code == 422
    assert response.json()["errors"] == [error]


@pytest.mark.parametrize(("path", "body", "error"), BODIES, ids=lambda part: str(part)[:60])
def test_a_line_and_an_item_are_told_the_same(client: TestClient, path: str, body: Any, error: Any) -> None:
    """NDJSON's lines as one visit; an item of a batch too, but that a site is not named in it."""
    if path != VISIT:
        return
    text = body if isinstance(body, str) else json.dumps(body)
    kind = {"content-type": "application/x-ndjson"}
    line = client.post(VISITS, content=f"{text}\n".encode(), headers=kind).json()
    assert line["errors"] == [error]
    [item] = ask(client, VISITS, f'{{"requests":[{text}]}}').json()["recommendations"]
    without_site = json.loads(json.dumps(error).replace(', "site"]', "]"))
    if "/site" not in error["pointer"]:
        assert item["errors"] == [without_site]


@pytest.mark.parametrize(("method", "url", "cookie", "status", "error"), HEADS, ids=lambda part: str(part)[:50])
def test_a_refused_address_is_told_what_would_be_right(
    client: TestClient, method: str, url: str, cookie: str, status: int, error: dict[str, Any] | None
) -> None:
    """Queries, paths and cookies likewise."""
    kind = {"content-type": "application/json"} if method == "POST" else {}
    response = client.request(method, url, headers=kind | ({"cookie": cookie} if cookie else {}))
    assert response.status_code == status
    assert response.json().get("errors") == (None if error is None else [error])


@pytest.mark.parametrize("path", ["/v1/cohorts/ch/nl/phone"])
def test_every_mistake_in_a_path_is_named(client: TestClient, path: str) -> None:
    """Country, language and class, in the path's order."""
    pointers = [error["pointer"] for error in client.get(path).json()["errors"]]
    assert pointers == ["/path/country", "/path/language", "/path/device_class"]


IDENTITIES = [
    "anna@example.org",
    "+41 44 668 18 00",
    "4111 1111 1111 1111",
    "Anna Schmidt",
    "47.3769, 8.5417",
    "aa:bb:cc:dd:ee:ff",
]
GARBAGE = ["", "?", "zz", "x" * 50]
PLACES = [
    ("/signals/geo/country", lambda value: {"signals": {"geo": {"country": value}}}),
    ("/signals/geo/subdivision", lambda value: {"signals": {"geo": {"country": "CH", "subdivision": value}}}),
    ("/signals/device/id", lambda value: {"signals": {"device": {"id": value or "?"}}}),
    ("/site", lambda value: {"site": value}),
    ("/consent/0", lambda value: {"consent": [value]}),
    ("/opt_out", lambda value: {"opt_out": value}),
]


@pytest.mark.parametrize(("pointer", "body_of"), PLACES, ids=[place for place, _ in PLACES])
def test_help_is_no_test_of_what_was_recognised(
    client: TestClient, pointer: str, body_of: Callable[[str], Any]
) -> None:
    """Whatever a value looks like, what is allowed in its place is told in the same words."""
    told = set()
    for value in [*IDENTITIES, *GARBAGE]:
        response = ask(client, VISIT, body_of(value))
        if response.status_code != 422:
            continue
        [error] = response.json()["errors"]
        assert error["pointer"] == pointer
        told.add((*error.get("allowed", ()), error.get("detail")))
    assert len(told) == 1


OURS = sorted({name for guide in GUIDES for name in guide._places} | {"userAgent", "pb_device", "deviceId", "window"})
MARKER = "qxzkvjw"
TEXTS = st.sampled_from(
    [MARKER, f"{MARKER}@example.org", "Demo", "demo", "ch", "CH", "hero", "b", "x" * 300, "é\ud800", ""]
)
JSON = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers() | st.sampled_from(EVENT_TYPES + list(PURPOSES)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(OURS) | st.sampled_from([MARKER, f"{MARKER}_id", "email"]), inner, max_size=6)
    ),
    max_leaves=12,
)
SENTENCES = {sentence for guide in GUIDES for sentence in guide.sentences()} | {
    NONE, SITE_LEFT_OUT, events.OF_ITS_SITE, events.OF_ANOTHER_SITE, visit_refusals.ONE_OF_TWO, visit_refusals.DEVICE_ID,
    f"{SITE_LEFT_OUT} {NONE}",
}  # fmt: skip
VOCABULARY = {text for guide in GUIDES for texts in guide._allowed.values() for text in texts} | {
    *LANGUAGES, *FORMATS, "hero", "a", "b", "front", "spring", "app", "outlet", "outdoor", "shoes", "home", "ip", "geo",
    "objects and lists, at most 6 deep", "objects and lists, a few deep", "a list of at most 1000", "at most 8192 bytes",
    *visit_refusals.COOKIES_SIZE,
}  # fmt: skip
PROBLEM = jsonschema_rs.Draft202012Validator(
    {"$ref": "#/components/schemas/Problem", "components": {"schemas": document()["components"]["schemas"]}}
)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=JSON,
    path=st.sampled_from([VISIT, VISITS, REPORT]),
    inside=st.sampled_from(["", "signals", "events", "requests"]),
)
def test_all_that_is_told_is_ours(client: TestClient, body: Any, path: str, inside: str) -> None:
    """Whatever is sent: every name, form and sentence is of a closed set, short, and as the document says."""
    sent = {inside: [body] if inside in {"events", "requests"} else body} if inside else body
    response = ask(client, path, sent)
    if response.status_code in {200, 202, 400, 404}:
        problems = response.json().get("recommendations", []) if response.status_code == 200 else []
    else:
        problems = [response.json()]
    for problem in problems:
        if "status" not in problem:
            continue
        assert [str(error) for error in PROBLEM.iter_errors(problem)] == []
        assert len(json.dumps(problem)) <= 12_000
        for error in problem.get("errors", []):
            assert set(error.get("allowed", ())) <= VOCABULARY
            assert error.get("detail") in SENTENCES | {None}
            assert "allowed" in error or error["code"] == "duplicate_field"
            assert MARKER not in json.dumps(error)


@pytest.fixture(scope="module")
def two_sites(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The shipped configuration with another site beside the demo."""
    config = Path(shutil.copytree(Path(__file__).parents[3] / "config", tmp_path_factory.mktemp("sites") / "config"))
    demo = (config / "sites" / "demo.toml").read_text()
    other = demo.replace('id = "demo"', 'id = "zebra"').replace("hero", "zulu").replace("front", "zone")
    other = other.replace('"spring"', '"zinc"').replace("spring =", "zinc =")
    (config / "sites" / "zebra.toml").write_text(other)
    read = read_configuration(config, environment={"PASSERBY_ADMIN_PORT": "0"})
    house = assemble(read, Telemetry(stream=Discarded()), MemoryStore(k=100, k_prefixes=20, retention_s=3600))
    places: Any = KnownPlaces()
    house.decisions.intake.geo = places
    with TestClient(Application(msgspec.structs.replace(house, geo=places)), client=("127.0.0.1", 50000)) as client:
        client.headers.clear()
        yield client


@pytest.mark.parametrize(("path", "body"), [(path, body) for path, body, _ in BODIES], ids=lambda part: str(part)[:50])
def test_no_other_site_is_told_of(two_sites: TestClient, path: str, body: Any) -> None:
    """Neither its id nor anything in its file, to whoever asks for this one."""
    text = ask(two_sites, path, body).text
    assert not any(word in text for word in ("zebra", "zulu", "zone", "zinc"))


@pytest.mark.parametrize("url", ["?site=Zebra", "?site=nowhere", "?site=ZEBRA", f"?site={quote('zebra ')}"])
def test_sites_are_not_listed(two_sites: TestClient, url: str) -> None:
    """What is no site is told the form of ids, and none of them."""
    assert "zebra" not in two_sites.get(VISIT + url).text


def test_a_report_meant_for_another_site_is_told_so(two_sites: TestClient) -> None:
    """Its token and its experiments are not the default site's, and that is what is meant without ``site``."""
    visit = {"site": "zebra", "signals": {"ip": "5.9.9.9"}}
    assert ask(two_sites, VISIT, visit).status_code == 200
    happened = {"type": "exposure", "experiment": "zulu", "variant": "b"}
    assert ask(two_sites, REPORT, report(happened, site="zebra")).status_code == 202
    [error] = ask(two_sites, REPORT, report(happened)).json()["errors"]
    assert error == invalid("/events/0/experiment", ["hero"], SITE_LEFT_OUT)
