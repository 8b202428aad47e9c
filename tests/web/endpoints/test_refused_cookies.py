"""An edge that asks for headers is told what the visit comes to without the cookies that were refused, and the problem."""

from itertools import combinations
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import Container
from service.use_cases.counting.buffer import Tally

DEVICE_ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
SHOWN = {"x-forwarded-for": "195.65.10.7", "user-agent": PHONE, "accept-language": "de-CH,de;q=0.9"}
GOOD = {
    "device": DEVICE_ID,
    "language": "fr",
    "region": "CH-ZH",
    "interests": "outdoor:3",
    "variants": "hero.b",
    "consent": "statistics.experiments.cohort.interests",
}
REFUSED = {
    "device": "user-123",
    "language": "anna@example.com",
    "region": "+41791234567",
    "interests": "anna.schmidt@example.com:3",
    "variants": "https://example.com/?u=7",
    "consent": "anna@example.com",
}


def jar(cookies: dict[str, str]) -> str:
    return "; ".join(f"pb_{name}={value}" for name, value in cookies.items())


def ask(client: TestClient, cookies: dict[str, str] | str, form: str = "?format=headers", **more: str) -> Any:
    cookie = cookies if isinstance(cookies, str) else jar(cookies)
    return client.get(f"/v1/recommendation{form}", headers={**SHOWN, **more, **({"cookie": cookie} if cookie else {})})


def told(response: Any) -> dict[str, str]:
    """What the headers say, but for the problem."""
    assert (response.status_code, response.content) == (204, b"")
    return {name: value for name, value in response.headers.items() if name != "pb-problem"}


@pytest.mark.parametrize(
    "value",
    ["user-123", "anna@example.com", "12345678", "anna.schmidt", "5d41402abc4b2a76b9719d911017c592", "+41446681800",
     "00000000-0000-0000-0000-000000000000", "123e4567-e89b-12d3-a456-426614174000", "anna%40example.com",
     "4111111111111111", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig"],
)  # fmt: skip
def test_a_careless_device_id_costs_only_itself(client: TestClient, value: str) -> None:
    """Language, region and device stay what they are; there is no variant by a device, as without the cookie."""
    found = ask(client, {**GOOD, "device": value})
    assert found.headers["pb-problem"] == "identifying-value"
    assert (found.headers["pb-language"], found.headers["pb-region"]) == ("fr", "CH-ZH")
    assert (found.headers["pb-device"], found.headers["pb-variants"]) == ("smartphone", "hero.b")
    assert told(found) == told(ask(client, {name: text for name, text in GOOD.items() if name != "device"}))


ALL_SUBSETS = [names for count in range(1, len(GOOD) + 1) for names in combinations(GOOD, count)]


@pytest.mark.parametrize("names", ALL_SUBSETS, ids="-".join)
def test_any_cookies_refused_cost_only_themselves(client: TestClient, names: tuple[str, ...]) -> None:
    """One of them or several at once: the answer of the same visit without them."""
    found = ask(client, GOOD | {name: REFUSED[name] for name in names})
    assert found.headers["pb-problem"] == "identifying-value"
    assert told(found) == told(ask(client, {name: text for name, text in GOOD.items() if name not in names}))


@pytest.mark.parametrize("names", [(), ("device",), ("language", "variants"), tuple(REFUSED)], ids="-".join)
def test_a_refused_opt_out_stays_one(client: TestClient, names: tuple[str, ...]) -> None:
    """Whatever else is refused beside it: the answer of who said no plainly."""
    refused = GOOD | {name: REFUSED[name] for name in names}
    found = ask(client, {**refused, "optout": "anna@example.com"})
    assert found.headers["pb-problem"] == "identifying-value"
    kept = {name: text for name, text in GOOD.items() if name not in names}
    assert told(found) == told(ask(client, {**kept, "optout": "1"}))
    assert (found.headers["pb-cohort"], found.headers["pb-variants"]) == ("", "")


def test_a_refused_consent_is_none(client: TestClient) -> None:
    """In a country that asks for it there is no variant by the device, as without the cookie."""
    berlin = {"x-forwarded-for": "5.9.9.9"}
    with_consent = ask(client, {**GOOD, "consent": "experiments"}, **berlin)
    found = ask(client, {**GOOD, "consent": "anna@example.com"}, **berlin)
    assert "pb-problem" not in with_consent.headers
    assert found.headers["pb-problem"] == "identifying-value"
    assert told(found) == told(ask(client, {name: text for name, text in GOOD.items() if name != "consent"}, **berlin))


@pytest.mark.parametrize(
    ("optout", "objects"), [("", False), ("0", False), ("1", True), ("no", True), ("a@b.ch", True)]
)
@pytest.mark.parametrize("large", ["variants", "device", "interests", "language"])
def test_where_all_cookies_are_too_large_the_largest_are_not_read(
    client: TestClient, optout: str, objects: bool, large: str
) -> None:
    """The rest of the visit is answered. An opt-out stays one, whatever is too large beside it."""
    found = ask(client, {**GOOD, large: "hero.b~" * 300, "optout": optout})
    rest = {name: text for name, text in GOOD.items() if name != large}
    assert found.headers["pb-problem"] == "too-large"
    assert told(found) == told(ask(client, {**rest, "optout": "1" if objects else ""}))


def test_what_is_refused_beside_a_large_one_is_left_out_too(client: TestClient) -> None:
    """And nothing else is: an edge can do nothing with a refusal."""
    found = ask(client, {**GOOD, "variants": "hero.b~" * 300, "region": "anna@example.com"})
    rest = {name: text for name, text in GOOD.items() if name not in ("variants", "region")}
    assert (found.status_code, found.headers["pb-problem"]) == (204, "too-large")
    assert told(found) == told(ask(client, rest))


def test_in_json_it_is_a_refusal_as_before(client: TestClient) -> None:
    """Whoever reads a body reads the problem."""
    for name, value in REFUSED.items():
        response = ask(client, {**GOOD, name: value}, "")
        assert (response.status_code, response.json()["type"]) == (422, "/problems/identifying-value")
        assert [error["pointer"] for error in response.json()["errors"]] == [f"/cookies/pb_{name}"]
        assert value not in response.text


@pytest.mark.parametrize(
    ("query", "status"),
    [("?format=headers&x=1", 422), ("?format=headers&email=a@b.ch", 422), ("?format=headers&site=nowhere", 404),
     ("?format=headers&format=headers", 422), ("?format=header", 422)],
)  # fmt: skip
def test_what_is_wrong_with_the_question_itself_is_told_as_before(client: TestClient, query: str, status: int) -> None:
    """That is the edge's own mistake, and the same for all its visits."""
    assert ask(client, GOOD, query).status_code == status


def test_nothing_that_was_refused_comes_back(client: TestClient) -> None:
    found = ask(client, REFUSED)
    assert not [value for value in REFUSED.values() if value in str(found.headers)]


def test_it_counts_as_a_visit_without_the_cookie(client: TestClient, house: Container) -> None:
    """Once, as any visit that comes without what was refused; who objects is not counted."""
    counted: list[object] = []

    class Counting:
        def count_visit(self, tally: Tally) -> None:
            counted.append(tally.increment)

        def may_look(self) -> bool:
            return True

        def wants_hash(self, site: str, rungs: object) -> None:
            return None

    before = house.decisions.buffer
    buffer: Any = Counting()
    house.decisions.buffer = buffer
    try:
        ask(client, {**GOOD, "device": "user-123"})
        ask(client, {name: text for name, text in GOOD.items() if name != "device"})
        ask(client, {**GOOD, "device": "user-123", "optout": "1"})
        ask(client, {**GOOD, "device": "user-123"}, "")
        client.head("/v1/recommendation?format=headers", headers={**SHOWN, "cookie": jar(REFUSED)})
    finally:
        house.decisions.buffer = before
    assert len(counted) == 2
    assert counted[0] == counted[1]
