"""Cookies as frameworks write them, from the request to the answer: four are decoded, and identities are found in them."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import Container

PLACE = {"x-forwarded-for": "195.65.10.7"}
JSON = {"content-type": "application/json"}
CONSENT = "pb_consent=interests.experiments.statistics"
ALL = ["interests", "experiments", "statistics"]


def by_header(client: TestClient, name: str, value: str) -> Any:
    return client.get("/v1/recommendation", headers={**PLACE, "cookie": f"{CONSENT}; pb_{name}={value}"})


def by_body(client: TestClient, name: str, value: str) -> Any:
    body = {"signals": {"ip": "195.65.10.7", "cookies": {name: value}}, "consent": ALL}
    return client.post("/v1/recommendation", content=json.dumps(body), headers=JSON)


WAYS = [by_header, by_body]

READ = [  # (cookie, as it is written, as it is meant)
    ("interests", "outdoor%3A3.shoes%3A1", "outdoor:3.shoes:1"),
    ("interests", "outdoor%3a3%2eshoes%3a1", "outdoor:3.shoes:1"),
    ("interests", '"outdoor:3"', "outdoor:3"),
    ("interests", '"outdoor%3A3"', "outdoor:3"),
    ("variants", "hero%2Eb", "hero.b"),
    ("variants", "hero.b%7Echeckout.a", "hero.b~checkout.a"),
    ("variants", '"hero.b~checkout.a"', "hero.b~checkout.a"),
    ("variants", "hero.b.ec%7Echeckout.a.e", "hero.b.ec~checkout.a.e"),
    ("language", "de%2DCH", "de-CH"),
    ("language", "zh%2DHant", "zh-Hant"),
    ("language", '"fr"', "fr"),
    ("language", "%66%72", "fr"),
    ("region", "CH%2DZH", "CH-ZH"),
    ("region", '"CH"', "CH"),
    ("region", "%43%48", "CH"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "written", "meant"), READ)
def test_an_encoded_value_is_read_as_the_plain_one(
    client: TestClient, way: Any, name: str, written: str, meant: str
) -> None:
    """The whole answer is the same, and nothing was dropped."""
    found, plain = way(client, name, written), way(client, name, meant)
    assert found.status_code == plain.status_code == 200
    assert found.json() == plain.json()
    assert found.json()["privacy"]["dropped"] == []


ILL_FORMED = [
    ("language", "fr%"), ("language", "fr%2"), ("language", "fr%zz"), ("language", "fr%25"), ("language", "%"),
    ("language", "%2525"), ("language", "%25fr"), ("region", "CH%"), ("region", "C%25H"), ("region", "%%%"),
    ("variants", "hero.b%25"), ("variants", "hero%252Eb"), ("variants", "hero.b%7"), ("variants", "hero+b"),
    ("interests", "outdoor%253A3"), ("interests", "outdoor%3A3%"), ("interests", "outdoor%3A3+shoes%3A1"),
    ("interests", "%22outdoor:3%22"), ("interests", "outdoor%3B3"), ("region", "%22CH%22"),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "written"), ILL_FORMED)
def test_a_percent_sign_that_is_left_over_is_ill_formed(client: TestClient, way: Any, name: str, written: str) -> None:
    """Dropped and named; neither decoded again nor taken for anybody's identity."""
    found = way(client, name, written)
    assert found.status_code == 200, found.text
    assert found.json()["privacy"]["dropped"] == [name]


NOT_OURS = [
    ("variants", "???"), ("variants", "1demo"), ("variants", "{}"), ("variants", "hero=b&checkout=a"), ("variants", "!"),
    ("language", "fr%20"), ("language", "%20fr"), ("language", 'j:"fr"'), ("language", "j%3A%22fr%22"), ("language", "<lang>"),
    ("language", "${lang}"), ("language", "acme.com"), ("region", "acme.com"), ("region", "CH%20"), ("region", "(none)"),
    ("interests", "???"), ("interests", "[]"), ("interests", "1demo"), ("region", "j%3A%7B%22country%22%3A%22CH%22%7D"),
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("name", "written"), NOT_OURS)
def test_what_is_merely_not_our_grammar_is_ill_formed(client: TestClient, way: Any, name: str, written: str) -> None:
    """Signs, a framework's JSON, a blank, a site's name: nobody is in it, so it is dropped and named, not refused."""
    found = way(client, name, written)
    assert found.status_code == 200, found.text
    assert found.json()["privacy"]["dropped"] == [name]


IDENTITIES = [
    "anna%40example.com", "anna%2540example.com", "anna%40example%2Ecom", "%61nna@example.com", "%2B41791234567",
    "%2B41%2079%20123%2045%2067", "https%3A%2F%2Fexample.com%2F%3Fu%3D7", "4111%201111%201111%201111", "Anna%20Schmidt",
    "CH93%200076%202011%206238%205295%207", "123%2D45%2D6789", '"anna%40example.com"', "%22anna%40example.com%22",
    "195%2E65%2E10%2E7", "00%3A1B%3A44%3A11%3A3A%3AB7", "1987%2D03%2D02", "anna%40example.com%", "4%31111111111111111%",
    "47.3769%2C8.5417", "eyJhbGciOiJIUzI1NiJ9%2EeyJzdWIiOiIxIn0%2Esig", "Bahnhofstrasse%201%2C%20Z%C3%BCrich",
    "M%C3%BCller",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("written", IDENTITIES)
@pytest.mark.parametrize("name", ["language", "region", "interests", "variants"])
def test_an_encoded_identity_is_refused_as_one(client: TestClient, way: Any, name: str, written: str) -> None:
    """Encoding hides nothing, and nothing of it comes back."""
    found = way(client, name, written)
    assert (found.status_code, found.json()["type"]) == (422, "/problems/identifying-value")
    assert found.json()["errors"][0]["pointer"].endswith(name)
    assert written not in found.text


def test_consent_opt_out_and_device_id_are_never_decoded(client: TestClient) -> None:
    """They fail closed: no consent, an opt-out, and no id."""

    def privacy(cookie: str) -> Any:
        headers = {"x-forwarded-for": "5.9.9.9", "cookie": cookie}
        return client.get("/v1/recommendation", headers=headers).json()["privacy"]

    for consent in ("statistics%2Eexperiments", "%73tatistics", '"statistics"', '"statistics.experiments"'):
        assert privacy(f"pb_consent={consent}")["dropped"] == ["consent"]
        assert "statistics" not in privacy(f"pb_consent={consent}")["allowed"]
    assert "statistics" in privacy("pb_consent=statistics")["allowed"]
    for optout in ("%30", '"0"', '""', "%00", "%20"):
        assert "opt_out" in privacy(f"pb_optout={optout}")["signals_used"]
    encoded = client.get(
        "/v1/recommendation",
        headers={**PLACE, "cookie": f"{CONSENT}; pb_device=7d9f0c9e%2D5a34%2D4e0b%2D9b0e%2D6f0c9a3f8f11"},
    )
    assert encoded.status_code == 422


@pytest.mark.parametrize("size", [2047, 2048, 2049])
def test_the_limit_of_2_kb_is_of_what_is_sent(client: TestClient, size: int) -> None:
    """Encoded as it is, in both ways."""
    whole, rest = divmod(size - len("hero.b"), len("hero%2Eb~"))
    value = "hero%2Eb~" * whole + "hero.b" + "b" * rest
    assert by_body(client, "variants", value).status_code == (200 if size <= 2048 else 422)
    cookie = f"pb_variants={value}"
    response = client.get("/v1/recommendation", headers={**PLACE, "cookie": cookie})
    assert response.status_code == (200 if size <= 2048 else 422)


def test_a_context_for_flags_is_read_alike(client: TestClient) -> None:
    def values(**context: str) -> Any:
        asked = {"context": {"ip": "195.65.10.7", "consent": "experiments", **context}}
        response = client.post("/ofrep/v1/evaluate/flags", content=json.dumps(asked), headers=JSON)
        assert response.status_code == 200
        return response.json()

    assert values(language="de%2DCH", variants="hero%2Eb") == values(language="de-CH", variants="hero.b")


def test_a_report_is_read_alike(client: TestClient, house: Container) -> None:
    """A page reads its cookies as they are written; the next values that it gets are plain."""
    event = {"type": "exposure", "experiment": "hero", "variant": "b"}
    visit = client.post("/v1/recommendation", content=b'{"signals":{"ip":"195.65.10.7"}}', headers=JSON).json()
    token = None if visit["cohort"] is None else visit["cohort"]["token"]

    def report(**cookies: str) -> Any:
        body = {"site": house.configuration.settings.default_site, "token": token, "events": [event], **cookies}
        return client.post("/v1/events", content=json.dumps(body), headers=JSON)

    for name, written, meant in READ:
        if name in ("interests", "variants"):
            found = report(**{name: written})
            assert (found.status_code, found.json()) == (202, report(**{name: meant}).json())
    assert report(variants="anna%40example.com").json()["type"] == "/problems/identifying-value"
