"""``/v1/privacy`` and ``/.well-known/gpc.json``: public, cacheable, as documented, and about everybody alike."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from service.app import Application, Container
from service.use_cases.transparency.disclosure import Disclosure, disclose
from service.web.openapi.operation import schema_of
from tests.refusals import pointed
from tests.web.test_openapi import problems_of

WELL_KNOWN = "/.well-known/gpc.json"
PATHS = ["/v1/privacy", WELL_KNOWN]


def test_it_is_the_disclosure_of_the_default_site(client: TestClient, house: Container) -> None:
    """The very value that the command writes down, with every field described in the document."""
    response = client.get("/v1/privacy")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    inputs = house.current.epoch.inputs
    told = disclose(inputs.sites["demo"].site, inputs.policy, inputs.policy_age, inputs.facts)
    assert msgspec.json.decode(response.content, type=Disclosure) == told
    assert problems_of(schema_of(Disclosure), response.json()) == []
    assert client.get("/v1/privacy?site=demo").content == response.content


@pytest.mark.parametrize("path", PATHS)
def test_any_cache_may_keep_it_for_some_minutes(client: TestClient, path: str) -> None:
    """Under a strong tag, which saves sending it again; HEAD has the same head."""
    response = client.get(path)
    assert response.headers["cache-control"] == "public, max-age=300"
    tag = response.headers["etag"]
    assert re.fullmatch('"[0-9a-f]{32}"', tag)
    again = client.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.head(path).headers["etag"] == tag
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_nothing_of_the_visitor_is_read(client: TestClient, path: str) -> None:
    """The same bytes for whoever asks, whatever they show: it is about all."""
    shown = {"sec-gpc": "1", "cookie": "pb_optout=1; pb_device=anna@example.com", "accept-language": "fr"}
    assert client.get(path, headers=shown).content == client.get(path).content


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("site=shop", 404, None),
        ("site=-", 422, {"pointer": "/query/site", "code": "invalid_value"}),
        ("zite=demo", 422, {"pointer": "/query", "code": "unknown_field", "position": 0}),
        ("email=a", 422, {"pointer": "/query", "code": "identifying_name", "category": "email", "position": 0}),
        ("site=demo&site=demo", 422, {"pointer": "/query/site", "code": "duplicate_field", "position": 1}),
    ],
)
def test_another_site_or_query_is_refused_as_elsewhere(
    client: TestClient, query: str, status: int, error: dict[str, Any] | None
) -> None:
    """404 and 422, and nothing of what was sent comes back."""
    response = client.get(f"/v1/privacy?{query}")
    assert response.status_code == status
    assert pointed(response.json().get("errors")) == (None if error is None else [error])
    assert "zite" not in response.text
    assert response.headers["cache-control"] == "no-store"


def test_support_of_global_privacy_control_is_stated(client: TestClient, house: Container) -> None:
    """By the GPC specification: a member `gpc` that is true, and the date of the statement, as JSON."""
    response = client.get(WELL_KNOWN)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == {"gpc": True, "lastUpdate": house.current.epoch.policy.version}


@pytest.mark.parametrize("path", PATHS)
def test_it_is_only_read(client: TestClient, path: str) -> None:
    """Nobody can post to it."""
    response = client.post(path)
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_it_is_public_where_keys_are_asked_for(house: Container, tmp_path: Path) -> None:
    """Who wants to know what is done with them needs no key, and a request is counted by its route alone."""
    (tmp_path / "keys.toml").write_text("")
    settings = msgspec.structs.replace(house.configuration.settings, keys_file=str(tmp_path / "keys.toml"))
    guarded = msgspec.structs.replace(
        house, configuration=msgspec.structs.replace(house.configuration, settings=settings)
    )
    client = TestClient(Application(guarded))  # not as a context: nothing is opened
    assert client.get("/v1/recommendation").status_code == 401
    before = sum(house.telemetry.answers.get(("/v1/privacy", "GET", 200), [0])[:-1])
    assert [client.get(path).status_code for path in PATHS] == [200, 200]
    assert sum(house.telemetry.answers["/v1/privacy", "GET", 200][:-1]) == before + 1


@pytest.mark.parametrize(
    ("origin", "path", "status", "readable"),
    [
        ("https://shop.example", "/v1/privacy", 200, True),
        ("https://shop.example", "/v1/privacy?site=demo", 200, True),
        ("https://shop.example", "/v1/privacy?site=nowhere", 404, True),
        ("https://shop.example", "/v1/privacy?email=x", 422, True),
        ("https://elsewhere.example", "/v1/privacy", 200, False),
        ("https://shop.example.elsewhere.example", "/v1/privacy", 200, False),
        ("http://shop.example", "/v1/privacy", 200, False),
        ("null", "/v1/privacy", 200, False),
        ("", "/v1/privacy", 200, False),
    ],
)
def test_a_page_of_the_site_may_read_it(
    client: TestClient, origin: str, path: str, status: int, readable: bool
) -> None:
    """With its cookies or without. As any cache may keep it, it always says that it differs by origin."""
    sent = {"origin": origin} if origin else {}
    answer = client.get(path, headers=sent)
    again = client.get(path, headers={**sent, "if-none-match": answer.headers.get("etag", '"none"')})
    assert (answer.status_code, again.status_code) == (status, 304 if status == 200 else status)
    for response in (answer, again):
        assert response.headers["vary"] == "origin"
        assert response.headers.get("access-control-allow-origin") == (origin if readable else None)
        assert response.headers.get("access-control-allow-credentials") == ("true" if readable else None)


def test_the_rights_that_are_told_can_be_used(client: TestClient) -> None:
    """Each by the request it names: the opt-out sets and deletes the cookies that are told, and GPC's status is shown."""
    rights = client.get("/v1/privacy").json()["rights"]
    method, path = rights["opt_out"]["set_by"].split()
    said = [header.split("; ") for header in client.request(method, path).headers.get_list("set-cookie")]
    kept = {name_value: parts for name_value, *parts in said if "Max-Age=0" not in parts}
    assert [*kept] == [f"{rights['opt_out']['cookie']}={rights['opt_out']['value']}"]
    assert f"Max-Age={rights['opt_out']['max_age_s']}" in next(iter(kept.values()))
    deleted = {cookie[0].partition("=")[0] for cookie in said if "Max-Age=0" in cookie}
    assert deleted == {*rights["opt_out"]["deletes"]}
    client.cookies.clear()
    method, path = rights["opt_out"]["cleared_by"].split()
    cleared = client.request(method, path).headers.get_list("set-cookie")
    assert {header.partition("=")[0] for header in cleared} == {rights["opt_out"]["cookie"]}
    assert client.get(rights["opt_out"]["page"]).status_code == 200
    assert client.get(rights["gpc"]["support_at"]).json()["gpc"] is True
    answer: Any = client.get("/v1/recommendation", headers={rights["gpc"]["header"]: rights["gpc"]["value"]}).json()
    for part in rights["gpc"]["status_in"].split("/")[1:]:
        answer = answer[part]
    assert answer == "honoured"
