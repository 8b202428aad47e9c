"""What is counted, route by route: visits that permit it, and nothing else."""

import inspect
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from service.app import Container
from service.core.recommendation import Decision
from service.use_cases.counting.buffer import CountBuffer
from service.use_cases.transparency.sentences import adds_to_bots
from service.web import answers as answers_module
from service.web.decisions import Answer
from service.web.problems import Refusal
from service.web.visit import intake as intake_module
from service.web.visit.connection import Connection
from tests.conftest import CHROME

SEEN = {
    "X-Forwarded-For": "195.65.10.7",
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0",
}
DEVICE = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
VISIT = {"signals": {"ip": "195.65.10.7", "device": {"id": DEVICE}}}


def counted(house: Container) -> int:
    assert house.counting is not None
    return house.counting.buffer.counted


@pytest.mark.parametrize(
    "method, path, body, count",
    [
        ("GET", "/v1/recommendation?site=demo", None, 1),
        ("GET", "/v1/recommendation?format=headers", None, 1),
        ("HEAD", "/v1/recommendation?site=demo", None, 0),
        ("POST", "/v1/recommendation", VISIT, 1),
        ("POST", "/v1/recommendations", {"requests": [VISIT, {"signals": {"ip": "5.9.9.9"}}, VISIT]}, 2),
        ("GET", "/v1/cohorts/CH/de/smartphone", None, 0),
        ("GET", "/", None, 0),
        ("GET", "/v1/recommendation?site=nobody", None, 0),
    ],
)
def test_each_permitted_visit_counts_once(
    client: TestClient, house: Container, method: str, path: str, body: object, count: int
) -> None:
    """Pages for people and for CDNs are no visits to the site, and Germany's wants a consent."""
    before = counted(house)
    client.request(method, path, headers=SEEN, json=body)
    assert counted(house) - before == count


def bots(house: Container) -> dict[str, int]:
    return {kind: number for kind, number in house.decisions.bots.items() if number}


def test_bots_are_counted_by_kind_and_in_no_group(client: TestClient, house: Container) -> None:
    """By every way of asking that counts people; all sites together, whatever the law of the place asks for groups."""
    house.decisions.bots.update(dict.fromkeys(house.decisions.bots, 0))
    before = counted(house)
    training, monitor = "GPTBot/1.2 (+https://openai.com/gptbot)", "UptimeRobot/2.0"
    posted = {"signals": {"ip": "5.9.9.9", "device": {"user_agent": monitor}}}
    client.get("/v1/recommendation?site=demo", headers=SEEN | {"User-Agent": training})
    client.get("/v1/recommendation?site=demo", headers=SEEN)
    client.post("/v1/recommendation", json=posted)
    client.post("/v1/recommendations", json={"requests": [posted, VISIT, posted]})
    client.post("/ofrep/v1/evaluate/flags", json={"context": {"userAgent": training}})
    assert bots(house) == {"training": 2, "monitor": 3}
    assert counted(house) - before == 2


@pytest.mark.parametrize("no", [{"Sec-GPC": "1"}, {"Cookie": "pb_optout=1"}])
def test_a_no_is_believed_of_bots_too(client: TestClient, house: Container, no: dict[str, str]) -> None:
    """It adds to no number, and its kind is told all the same."""
    house.decisions.bots.update(dict.fromkeys(house.decisions.bots, 0))
    told = client.get("/v1/recommendation?site=demo", headers=SEEN | {"User-Agent": "curl/8.5.0"} | no).json()
    assert told["privacy"]["bot_kind"] == "tool"
    assert bots(house) == {}


@pytest.mark.parametrize("no", [{}, {"Sec-GPC": "1"}, {"Cookie": "pb_optout=1"}])
@pytest.mark.parametrize("address", ["", "5.9.9.9", "195.65.10.7", "8.8.8.8"])
@pytest.mark.parametrize("agent", ["GPTBot/1.2", "curl/8.5.0", CHROME])
def test_what_is_said_of_the_number_of_bots_is_what_happens(
    client: TestClient, house: Container, agent: str, address: str, no: dict[str, str]
) -> None:
    """Under every regime, with every no, of bots and people: it grows just where an account of the answer says so."""
    house.decisions.bots.update(dict.fromkeys(house.decisions.bots, 0))
    seen = {"User-Agent": agent} | ({"X-Forwarded-For": address} if address else {}) | no
    told = client.get("/v1/recommendation?site=demo", headers=seen).content
    assert adds_to_bots(msgspec.json.decode(told, type=Decision)) == (sum(bots(house).values()) == 1)


def test_each_line_counts(client: TestClient, house: Container) -> None:
    """NDJSON as well; a refused line does not."""
    before = counted(house)
    lines = "\n".join(map(json.dumps, [VISIT, {"signals": {"ip": "nowhere"}}, VISIT, VISIT]))
    client.post("/v1/recommendations", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert counted(house) - before == 3


def test_interests_that_no_option_has_are_answered_as_if_none_had_come(client: TestClient) -> None:
    """The same bytes, with consent to interests: they are in ``interests`` and ``signals_used`` only where they serve."""
    consent = "pb_consent=interests"
    plain, useless, useful = (
        client.get("/v1/recommendation?site=demo", headers=SEEN | {"Cookie": cookie})
        for cookie in (consent, f"{consent}; pb_interests=home:2.shoes:3", f"{consent}; pb_interests=outdoor:1.shoes:3")
    )
    assert plain.content == useless.content
    assert useful.json()["interests"] == ["outdoor"]
    assert "cookie_interests" in useful.json()["privacy"]["signals_used"]


@pytest.mark.parametrize(
    "no", [{"Sec-GPC": "1"}, {"Cookie": "pb_optout=1"}, {"Cookie": "pb_optout=yes; pb_consent=statistics"}]
)
def test_a_no_counts_nothing_and_is_answered_as_if_nothing_else_had_come(
    client: TestClient, house: Container, no: dict[str, str]
) -> None:
    """Device id, interests and variants or not: the same bytes."""
    before = counted(house)
    plain = client.get("/v1/recommendation?site=demo", headers=SEEN | no)
    extra = f"pb_device={DEVICE}; pb_interests=outdoor:3; pb_variants=hero.b"
    cookies = "; ".join(filter(None, [no.get("Cookie"), extra]))
    full = client.get("/v1/recommendation?site=demo", headers=SEEN | no | {"Cookie": cookies})
    assert plain.content == full.content
    assert counted(house) == before


@pytest.mark.parametrize(
    "cookie", ["", f"pb_device={DEVICE}; pb_interests=outdoor:3; pb_region=CH-ZH; pb_consent=statistics.cohort"]
)
@pytest.mark.parametrize(
    "agent", ["", "curl/8.0", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile"]
)
def test_the_pieces_of_an_answer_are_its_json(house: Container, cookie: str, agent: str) -> None:
    """What is shared by many answers, put together, is what an encoder writes of the whole decision."""
    site = house.current.epoch.default
    fields = {b"cookie": cookie.encode(), b"user-agent": agent.encode(), b"accept-language": b"de-CH,fr;q=0.7"}
    for _ in range(2):  # made, and remembered
        answer = house.decisions.for_request("195.65.10.7", fields, site)
        assert isinstance(answer, Answer)
        assert answer.body == msgspec.json.encode(answer.decision)


def test_the_connection_ends_before_the_decision(house: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a visit's variants are looked up no function that is still at work holds what it showed; the intake did."""
    held: dict[str, list[Connection]] = {"decision": [], "hash": []}

    def holding(what: str, whole: Callable[..., Any]) -> Callable[..., Any]:
        def look(*given: Any) -> Any:
            frame = inspect.currentframe()
            while frame is not None:
                held[what] += [value for value in frame.f_locals.values() if isinstance(value, Connection)]
                frame = frame.f_back
            return whole(*given)

        return look

    monkeypatch.setattr(answers_module, "assign", holding("decision", answers_module.assign))
    monkeypatch.setattr(intake_module, "_hash_device", holding("hash", intake_module._hash_device))
    decisions = house.decisions
    epoch = house.current.epoch
    site = epoch.sites["demo"]
    fields = {b"cookie": b"pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", b"x-forwarded-for": b"195.65.10.7"}
    buffer = CountBuffer(3600, 1000, lambda: 0.0)
    buffer.take_salt("demo", 0, bytes(32))
    monkeypatch.setattr(decisions, "buffer", buffer)
    assert isinstance(decisions.for_request("127.0.0.1", fields, site), Answer)
    body = b'{"signals":{"ip":"195.65.10.7","device":{"user_agent":"x"}}}'
    assert isinstance(decisions.for_body(body, epoch), Answer)
    refused = {**fields, b"cookie": fields[b"cookie"] + b"; pb_language=anna@example.org"}
    refusal = decisions.for_request("127.0.0.1", refused, site)
    assert isinstance(refusal, Refusal)
    assert isinstance(decisions.despite(refusal, "127.0.0.1", refused, site, counted=True), Answer)
    assert isinstance(decisions.with_and_without_opt_out("127.0.0.1", fields, site), tuple)
    assert held["decision"] == []
    assert held["hash"] != []  # the control
