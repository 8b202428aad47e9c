"""What the inventory of signals does not name is not read: whatever else comes with a visit, the answer is the same."""

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.use_cases.transparency.inventory import inventory

VISIT = {
    "x-forwarded-for": "195.65.10.7",
    "accept-language": "de-CH,de;q=0.9,en;q=0.5",
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1",
    "cookie": "pb_region=AT",
}
# Of HTTP itself and of keys, which say nothing of a visit.
OF_THE_CONNECTION = {
    "authorization", "connection", "content-length", "content-type", "cookie", "expect", "host", "origin", "te",
    "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip
READ = {header for source in inventory().signals for header in source.headers}
COOKIES_READ = {cookie for source in inventory().signals for cookie in source.cookies}
TELLING = [
    "referer", "dnt", "from", "via", "x-real-ip", "true-client-ip", "cf-connecting-ip", "cf-ipcountry", "x-device-id",
    "x-user-id", "x-wap-profile", "x-msisdn", "x-requested-with", "sec-ch-ua-model", "sec-ch-ua-full-version-list",
    "sec-ch-viewport-width", "device-memory", "ect", "rtt", "priority", "if-none-match", "x-amzn-trace-id",
]  # fmt: skip

names = st.sampled_from(TELLING) | st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=20)
values = st.sampled_from(["", "1", "195.65.10.8", "anna@example.org", "de", "US", "?1", '"Windows"']) | st.text(
    string.ascii_letters + string.digits + ' ;,="/.@-', max_size=40
).map(str.strip)
other_headers = st.dictionaries(
    names.filter(lambda name: name not in READ | OF_THE_CONNECTION and not name.startswith("-")), values, max_size=6
)
other_cookies = st.dictionaries(
    st.text(string.ascii_lowercase + "_", min_size=1, max_size=12).filter(lambda name: name not in COOKIES_READ),
    st.text(string.ascii_letters + string.digits + ".@-", max_size=20),
    max_size=4,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=other_headers, cookies=other_cookies)
def test_what_the_inventory_does_not_name_changes_nothing(
    client: TestClient, headers: dict[str, str], cookies: dict[str, str]
) -> None:
    alone = client.get("/v1/recommendation", headers=VISIT)
    cookie = "; ".join([*(f"{name}={value}" for name, value in cookies.items()), VISIT["cookie"]])
    among_others = client.get("/v1/recommendation", headers=headers | VISIT | {"cookie": cookie})
    assert among_others.status_code == 200
    assert among_others.content == alone.content
    kept = {name: value for name, value in alone.headers.items() if name != "date"}
    assert {name: value for name, value in among_others.headers.items() if name != "date"} == kept


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("x-forwarded-for", "8.8.8.8"),
        ("accept-language", "fr"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
        ("sec-ch-ua-platform", '"Windows"'),
        ("sec-gpc", "1"),
        ("cookie", "pb_region=DE"),
        ("cookie", "pb_region=AT; pb_language=fr"),
    ],
)
def test_what_it_names_would_be_seen(client: TestClient, header: str, value: str) -> None:
    """The same comparison, of what is read."""
    alone = client.get("/v1/recommendation", headers=VISIT)
    assert client.get("/v1/recommendation", headers=VISIT | {header: value}).content != alone.content
