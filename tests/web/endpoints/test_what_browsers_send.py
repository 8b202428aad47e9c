"""What a browser sends by itself never refuses a visit, in no way of asking: one bad signal costs only itself."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from service.app import Container
from tests.refusals import pointed

PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)
# An app's own browser, as those of social networks name themselves: 601 bytes.
IN_APP = f"{PHONE} [FBAN/FB4A;FBAV/500.0.0.0;FBPN/com.example;".ljust(600, "x") + "]"
# A desktop's with every language of the system in it: 331 bytes.
LANGUAGES = "de-CH,de;q=0.9," + ",".join(f"{tag};q=0.5" for tag in ("en", "fr", "it", "rm", "gsw")).ljust(316, " ")
PLACE = {"x-forwarded-for": "195.65.10.7"}
JSON = {"content-type": "application/json"}


def device_of(agent: str | None = None, languages: str | None = None, **hints: str) -> dict[str, Any]:
    texts = {"user_agent": agent, "accept_language": languages, "client_hints": hints or None}
    return {name: text for name, text in texts.items() if text is not None}


def by_get(client: TestClient, device: dict[str, Any]) -> dict[str, Any]:
    hints: dict[str, str] = device.get("client_hints", {})
    texts = {"user-agent": device.get("user_agent"), "accept-language": device.get("accept_language"), **hints}
    headers = PLACE | {name: text.encode("latin-1") for name, text in texts.items() if text is not None}
    response = client.get("/v1/recommendation", headers=headers)
    alone = client.get("/v1/recommendation?format=headers", headers=headers)
    page = client.get("/", headers=headers)
    assert (response.status_code, alone.status_code, page.status_code) == (200, 204, 200), response.text
    assert "pb-problem" not in alone.headers
    for name in ("pb-language", "pb-region", "pb-device", "pb-variants"):
        assert alone.headers[name] == response.headers[name]
    return dict(response.json())


def by_bodies(client: TestClient, device: dict[str, Any]) -> dict[str, Any]:
    """One body, an item beside another, a line: the same answer, whatever the way."""
    visit = {"signals": {"ip": "195.65.10.7", "device": device}}
    one = client.post("/v1/recommendation", content=json.dumps(visit), headers=JSON)
    assert one.status_code == 200, one.text
    many = client.post("/v1/recommendations", content=json.dumps({"requests": [{}, visit]}), headers=JSON)
    assert many.json()["recommendations"][1] == one.json()
    lines = client.post(
        "/v1/recommendations", content=json.dumps(visit) + "\n", headers={"content-type": "application/x-ndjson"}
    )
    assert json.loads(lines.text) == one.json()
    return dict(one.json())


def flags(client: TestClient, device: dict[str, Any]) -> dict[str, Any]:
    """The same in a context for flags: all of them, and each by itself."""
    names = {"user_agent": "userAgent", "accept_language": "acceptLanguage"}
    context = {"ip": "195.65.10.7", **{names[name]: text for name, text in device.items() if name in names}}
    path = "/ofrep/v1/evaluate/flags"
    found = client.post(path, content=json.dumps({"context": context}), headers=JSON)
    assert found.status_code == 200, found.text
    values = {flag["key"]: flag.get("value") for flag in found.json()["flags"]}
    for key in ("language", "device"):
        single = client.post(f"{path}/{key}", content=json.dumps({"context": context}), headers=JSON)
        assert (single.status_code, single.json().get("value")) == (200, values[key])
    return values


def test_an_in_app_browser_of_601_bytes_is_read(client: TestClient) -> None:
    """Its device is known, and nothing is left out."""
    assert len(IN_APP) == 601
    device = device_of(IN_APP, "fr")
    for found in (by_get(client, device), by_bodies(client, device)):
        assert (found["device"]["class"], found["device"]["os"]) == ("smartphone", "android")
        assert found["privacy"]["dropped"] == []
    assert flags(client, device)["device"] == "smartphone"


def test_an_accept_language_of_331_bytes_is_read(client: TestClient) -> None:
    assert len(LANGUAGES) == 331
    device = device_of(PHONE, LANGUAGES)
    for found in (by_get(client, device), by_bodies(client, device)):
        assert (found["language"]["tag"], found["language"]["source"]) == ("de-CH", "accept_language")
        assert found["privacy"]["dropped"] == []
    assert flags(client, device)["language"] == "de-CH"


@pytest.mark.parametrize("length", [1023, 1024, 1025, 2000, 7000])
def test_a_user_agent_has_a_kilobyte(client: TestClient, length: int) -> None:
    """A longer one is unread and named; language and place are told as before."""
    is_read = length <= 1024
    device = device_of(PHONE.ljust(length, "x"), "fr")
    for found in (by_get(client, device), by_bodies(client, device)):
        assert found["device"]["class"] == ("smartphone" if is_read else "unknown")
        assert found["privacy"]["dropped"] == ([] if is_read else ["user_agent"])
        assert ("user_agent" in found["privacy"]["signals_used"]) == is_read
        assert (found["language"]["tag"], found["region"]["country"]) == ("fr", "CH")
    assert flags(client, device)["device"] == ("smartphone" if is_read else None)


@pytest.mark.parametrize("length", [1023, 1024, 1025, 2000, 7000])
def test_of_languages_the_first_kilobyte_is_read(client: TestClient, length: int) -> None:
    """The whole members within it; the device is told as before. It is named when anything was left out."""
    device = device_of(PHONE, "fr-CH,fr;q=0.9," + ("en;q=0.1," * 1000)[: length - 15])
    for found in (by_get(client, device), by_bodies(client, device)):
        assert (found["language"]["tag"], found["language"]["source"]) == ("fr", "accept_language")
        assert found["privacy"]["dropped"] == ([] if length <= 1024 else ["accept_language"])
        assert found["device"]["class"] == "smartphone"
    assert flags(client, device)["language"] == "fr"


@pytest.mark.parametrize("length", [255, 256, 257, 5000])
@pytest.mark.parametrize("hint", ["sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "save-data"])
def test_a_hint_has_256_bytes(client: TestClient, hint: str, length: int) -> None:
    """The others are read all the same, and so is the User-Agent."""
    hints = {"sec-ch-ua-mobile": "?1", "sec-ch-ua-platform": '"Android"', hint: "x" * length}
    device = device_of(PHONE, "fr", **hints)
    for found in (by_get(client, device), by_bodies(client, device)):
        assert found["privacy"]["dropped"] == ([] if length <= 256 else ["client_hints"])
        assert found["device"]["class"] == "smartphone"


CONTROLS = ["\0", "\x01", "\x08", "\x0b", "\x1b[2J", "\x1f", "\x7f"]


@pytest.mark.parametrize("control", CONTROLS)
def test_control_characters_are_unread_and_named(client: TestClient, control: str) -> None:
    device = device_of(PHONE + control, "fr" + control, **{"save-data": "on" + control})
    for found in (by_get(client, device), by_bodies(client, device)):
        assert found["privacy"]["dropped"] == ["user_agent", "client_hints", "accept_language"]
        assert (found["device"]["class"], found["region"]["country"]) == ("unknown", "CH")
        assert found["language"]["source"] == "ip"
    assert flags(client, device)["device"] is None


@pytest.mark.parametrize("control", ["\x80", "\x85", "\x9f"])
def test_a_c1_control_is_one_in_a_body_and_half_a_letter_in_a_header(client: TestClient, control: str) -> None:
    device = device_of(PHONE + control, "fr")
    assert by_get(client, device)["privacy"]["dropped"] == []
    assert by_bodies(client, device)["privacy"]["dropped"] == ["user_agent"]


@pytest.mark.parametrize("name", ["user_agent", "accept_language"])
@pytest.mark.parametrize("value", [7, True, [], {}, None, "\ud800"])
def test_in_a_body_it_is_a_text_or_a_mistake(client: TestClient, name: str, value: object) -> None:
    """What a backend gets wrong is its own: the schema stays closed."""
    body = {"signals": {"device": {name: value}}}
    response = client.post("/v1/recommendation", content=json.dumps(body), headers=JSON)
    assert response.status_code == 422
    assert pointed(response.json()["errors"]) == [{"pointer": f"/signals/device/{name}", "code": "invalid_value"}]


def test_what_is_not_read_is_not_remembered(client: TestClient, house: Container) -> None:
    """A long text is no key of what is kept so as not to be looked at twice, nor is what came with it."""
    intake = house.decisions.intake
    intake.forget()
    for number in range(20):
        by_get(client, device_of(str(number) * 1025, "fr"))
        by_bodies(client, device_of(PHONE, "fr", **{"sec-ch-ua": str(number) * 1025}))
    kept: Any = intake._look_up_cached
    assert kept.cache_info().currsize == 1  # of the flags that are asked for with no device at all


def test_the_mirror_says_what_it_did_not_read(client: TestClient) -> None:
    """And the page is in the language of the part that it did."""
    page = client.get("/", headers={**PLACE, "user-agent": "x" * 1025, "accept-language": "fr," + "de," * 400}).text
    assert 'lang="fr"' in page
    assert "Accept-Language" in page.partition("non lu")[2][:60]
