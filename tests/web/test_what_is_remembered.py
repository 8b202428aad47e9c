"""What a process remembers of visits so as to work less for the next ones: which texts, and for how long."""

import asyncio
import contextlib
import inspect
import json
import sys
from collections.abc import Iterator
from typing import Any

from service.app import Application, Container
from service.web.decisions import TEXTS_KEPT_MAX_S
from service.web.problems import Refusal
from tests.doors import answer, request
from tests.held import held_by

FLAGS = "/ofrep/v1/evaluate/flags"
AGENT, LANGUAGE, HINT = "qxzkvjw-agent", "de-CH-x-qxzkvjwl", '"qxzkvjwhint";v="1"'
ADDRESS, DEVICE_ID = "195.65.77.93", "3f8a1c5e-9b7d-4e2f-8a61-5c0d9e4b7f23"
HEADERS = [
    (b"user-agent", AGENT.encode()),
    (b"accept-language", LANGUAGE.encode()),
    (b"sec-ch-ua", HINT.encode()),
    (b"x-forwarded-for", ADDRESS.encode()),
    (b"cookie", f"pb_device={DEVICE_ID}; pb_variants=hero.b; session=qxzkvjw-session".encode()),
    (b"x-unread", b"qxzkvjw-unread"),
]
SIGNALS = {
    "ip": ADDRESS,
    "cookies": {"variants": "hero.b"},
    "device": {"id": DEVICE_ID, "user_agent": AGENT, "accept_language": LANGUAGE, "client_hints": {"sec-ch-ua": HINT}},
}
CONTEXT = {"targetingKey": DEVICE_ID, "ip": ADDRESS, "userAgent": AGENT, "acceptLanguage": LANGUAGE}
MARKERS = (AGENT, LANGUAGE, HINT, ADDRESS, DEVICE_ID, "qxzkvjw-session", "qxzkvjw-unread")


def remembered(start: object) -> set[str]:
    """The markers among all texts and octets that an object leads to."""
    return {marker for text in texts(start) for marker in MARKERS if marker in text}


def texts(start: object) -> Iterator[str]:
    for one in held_by(start):
        if isinstance(one, str | bytes):
            yield one if isinstance(one, str) else one.decode("latin-1")


def globals_of_the_house() -> list[dict[str, Any]]:
    """What modules hold for themselves, as a cache beside a function would be."""
    return [vars(module) for name, module in sorted(sys.modules.items()) if name.partition(".")[0] == "service"]


def visit(application: Application) -> None:
    """By its own request, as a backend describes it, and as a context for flags."""
    assert answer(application.dispatcher, request("GET", "/v1/recommendation", HEADERS)).status == 200
    house = application._container
    described = house.decisions.for_body(json.dumps({"signals": SIGNALS}).encode(), house.current.epoch)
    assert not isinstance(described, Refusal)
    flags = json.dumps({"context": CONTEXT}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(flags))]
    assert answer(application.dispatcher, request("POST", FLAGS, headers, flags)).status == 200
    application._telemetry.exposition()


def test_three_kinds_of_texts_and_no_other(house: Container) -> None:
    """A User-Agent, client hints and an Accept-Language; no address, no device id, no cookies, nothing that is not read."""
    application = Application(house)
    visit(application)
    everything = [application, *globals_of_the_house()]
    assert remembered(everything) == {AGENT, LANGUAGE, HINT}
    for _ in house.forget_texts():
        pass
    assert remembered(everything) == set()


# A consent in odd order with repeats is a text of its own: nine numbers from 0 to 6, freely chosen.
CONSENTS = ("interests.language.language.device.cohort", "language.interests.interests.cohort.region.region.region")
QUERIES = ("site=%64emo", "site=de%6do&format=%68eaders", "&&&site=demo&&", "site=demo&&&&format=json", "&")


def test_no_spelling_of_a_client_is_remembered(house: Container) -> None:
    """Of a consent, a query or a place; not even beside the application, in a module."""
    application = Application(house)
    by_contract = "pb_consent=statistics.experiments"
    for query in ("", "site=demo", "site=demo&format=json"):
        asked = request("GET", f"/v1/recommendation?{query}", [(b"cookie", by_contract.encode())])
        answer(application.dispatcher, asked)
    known = len(house.current.epoch.queries)
    for consent in CONSENTS:
        for query in QUERIES:
            headers = [(b"cookie", f"pb_consent={consent}".encode())]
            asked = request("GET", f"/v1/recommendation?{query}", headers)
            assert answer(application.dispatcher, asked).status in (200, 204)
            told = json.loads(answer(application.dispatcher, request("GET", "/v1/recommendation", headers)).content)
            assert "consent" in told["privacy"]["signals_used"]
            assert "consent" not in told["privacy"]["dropped"]
    flags = json.dumps({"context": {"consent": CONSENTS[0], "country": "CH"}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(flags))]
    assert answer(application.dispatcher, request("POST", FLAGS, headers, flags)).status == 200
    assert len(house.current.epoch.queries) == known
    for geo in ({"country": "CH", "subdivision": "QXZ"}, {"country": "QX", "subdivision": "QXZ"}):
        body = json.dumps({"signals": {"geo": geo}}).encode()
        assert not isinstance(house.decisions.for_body(body, house.current.epoch), Refusal)
    held = [*texts([application, *globals_of_the_house()])]
    sent = {"QXZ", *CONSENTS, *QUERIES[:-1]}
    assert [text for text in held if any(one in text for one in sent)] == []
    assert "statistics.experiments" in held  # the control: what modules hold is looked at


def test_they_are_forgotten_within_the_hour(house: Container) -> None:
    """By a loop that does not wait for others to come and displace them."""
    interval_s = inspect.signature(Application._forget_texts).parameters["interval_s"].default
    assert interval_s == TEXTS_KEPT_MAX_S <= 3600
    application = Application(house)
    visit(application)
    assert remembered(application) != set()  # the control

    async def run_for_a_moment() -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(application._forget_texts(0.01), 0.2)

    asyncio.run(run_for_a_moment())
    assert remembered(application) == set()
