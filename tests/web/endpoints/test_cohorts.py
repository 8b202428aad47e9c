"""``/v1/cohorts/{country}/{language}/{device_class}``: the one answer that a CDN may keep."""

import msgspec
import pytest

URL = "/v1/cohorts/CH/de/smartphone?site=demo"


def test_the_answer_for_a_whole_cohort(client):
    """Everything that follows from country, language and class, and nothing that is one visitor's."""
    answer = client.get(URL).json()
    assert list(answer) == ["site", "language", "region", "device", "cohort", "slots", "policy_version", "ttl"]
    assert answer["language"]["tag"] == "de"
    assert (answer["region"]["country"], answer["region"]["currency"], answer["region"]["market"]) == (
        "CH",
        "CHF",
        "dach",
    )
    assert answer["device"] == {
        "class": "smartphone", "os": "unknown", "browser": "unknown", "tier": "standard", "bot": False, "source": "cohort",
    }  # fmt: skip
    assert {answer["language"]["source"], answer["region"]["source"]} == {"cohort"}
    assert answer["cohort"] is None
    assert answer["slots"] == {"front": {"options": ["spring", "app", "outlet"], "source": "default"}}


def test_headers_and_cookies_are_not_read(client):
    """The same bytes for everyone, and nothing that would part the cache."""
    plain = client.get(URL)
    other = client.get(
        URL, headers={"cookie": "pb_language=fr", "accept-language": "ja", "x-forwarded-for": "8.8.8.8", "sec-gpc": "1"}
    )
    assert (plain.content, plain.headers) == (other.content, other.headers)
    assert "vary" not in plain.headers
    assert "set-cookie" not in plain.headers
    assert plain.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("sent", "status"),
    [("{etag}", 304), ("W/{etag}", 304), ('"x", {etag}', 304), ("*", 304), ('"x"', 200), ("", 200), ("{etag}x", 200)],
)
def test_a_known_answer_is_not_sent_again(client, sent, status):
    """The strong ETag over the body is compared as RFC 9110 13.1.2 says."""
    first = client.get(URL)
    again = client.get(URL, headers={"if-none-match": sent.replace("{etag}", first.headers["etag"])})
    assert again.status_code == status
    assert again.headers["etag"] == first.headers["etag"]
    if status == 304:
        assert again.content == b""


@pytest.mark.parametrize(
    "path",
    [
        "/v1/cohorts/ch/de/smartphone",
        "/v1/cohorts/XX/de/smartphone",
        "/v1/cohorts/UK/de/smartphone",
        "/v1/cohorts/CH/DE/smartphone",
        "/v1/cohorts/CH/nl/smartphone",
        "/v1/cohorts/CH/de/phone",
        "/v1/cohorts/CH/de",
        "/v1/cohorts/CH/de/smartphone/",
        "/v1/cohorts/CH/de/smartphone/android",
        "/v1/cohorts/CH/de/anna@example.com",
        "/v1/cohorts/CH%2Fde/smartphone",
    ],
)
def test_only_canonical_addresses_exist(client, path):
    """Anything else is 404 and not kept, so that a cache holds each answer once."""
    response = client.get(path)
    assert (response.status_code, response.headers["cache-control"]) == (404, "no-store")
    problem = response.json()
    assert (problem["type"], problem["status"]) == ("/problems/not-found", 404)
    assert all(error["pointer"].startswith(("/path/", "/query/")) for error in problem.get("errors", []))


def test_an_unknown_site_is_404(client):
    """As everywhere."""
    assert client.get("/v1/cohorts/CH/de/smartphone?site=nowhere").json()["type"] == "/problems/unknown-site"


def test_the_memory_of_pages_is_bounded(client, house):
    """Many different pages push the oldest out; every answer stays right."""
    before = house.current.epoch
    site = msgspec.structs.replace(before.sites["demo"], pages={}, pages_max=8)
    house.current.epoch = msgspec.structs.replace(before, by_query={b"": site})
    for country in ("CH", "DE", "FR", "IT", "ES", "PT", "US", "CA", "JP", "CN", "IN", "BR"):
        assert client.get(f"/v1/cohorts/{country}/de/tablet").json()["region"]["country"] == country
    assert client.get("/v1/cohorts/CH/de/tablet").json()["region"]["country"] == "CH"
    house.current.epoch = before
    assert len(site.pages) == 8
