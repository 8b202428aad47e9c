"""``/v1/opt-out`` and the mirror's buttons: a no that nothing stands in the way of, and that only its person takes back."""

import asyncio
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from starlette.testclient import TestClient

from service.app import Application, Container, assemble, read_configuration
from service.settings import Configuration
from service.telemetry import Telemetry
from service.web.visit.cookies import NAMES

OTHERS = sorted(NAMES - {"optout", "language", "region"})
SET = "pb_optout=1; Path=/; Max-Age=31536000; SameSite=Lax"
CLEARED = "pb_optout=; Path=/; Max-Age=0; SameSite=Lax"
LOOKING = ("GET", "HEAD", "PUT", "PATCH")
SHOP, STRANGE = "https://shop.example", "https://elsewhere.example"
PRESSED_OUT, PRESSED_IN, SAID = ("POST", "/opt-out"), ("POST", "/opt-in"), "/v1/opt-out"
EVERY_WAY = [("POST", SAID), ("DELETE", SAID), PRESSED_OUT, PRESSED_IN]
# What a browser sends along from this very page, so that its cookies are secure.
OVER_TLS = {"host": "shop.example", "sec-fetch-site": "same-origin"}
THIRTEEN_MONTHS_S = 13 * 30 * 24 * 3600


def cookies_of(response: Any) -> list[str]:
    """Its ``Set-Cookie`` lines."""
    return [value for name, value in response.headers.multi_items() if name == "set-cookie"]


def asked(client: TestClient, way: tuple[str, str], headers: Mapping[str, str] | None = None, query: str = "") -> Any:
    """The answer to one way in or out, from a page over TLS."""
    method, path = way
    return client.request(method, path + query, headers={**OVER_TLS, **(headers or {})}, follow_redirects=False)


@pytest.fixture(scope="module")
def with_domain(configuration: Configuration) -> TestClient:
    """A client of a service whose site has a domain for its cookies."""
    site = replace(configuration.sites["demo"], cookie_domain="shop.example")
    other = replace(site, id="other", cookie_domain="")
    sites = {"demo": site, "other": other}
    return TestClient(Application(assemble(replace(configuration, sites=sites), Telemetry(stream=io.StringIO()))))


def test_a_program_says_no_and_takes_it_back(client: TestClient) -> None:
    """JSON that no cache keeps; the opt-out for a year, and everything else of ours gone but what the visitor chose."""
    out = asked(client, ("POST", SAID))
    assert (out.status_code, out.content) == (200, b'{"opt_out":true}')
    assert out.headers["content-type"] == "application/json"
    assert (out.headers["cache-control"], out.headers["cdn-cache-control"]) == ("private, no-store", "no-store")
    gone = [f"pb_{name}=; Path=/; Max-Age=0; SameSite=Lax; Secure" for name in OTHERS]
    assert cookies_of(out) == [f"{SET}; Secure", *gone]
    back = asked(client, ("DELETE", SAID))
    assert (back.status_code, back.content) == (200, b'{"opt_out":false}')
    assert back.headers["cache-control"] == "private, no-store"
    assert cookies_of(back) == [f"{CLEARED}; Secure"]


KEPT = [
    "", "pb_language=fr", "pb_language=de-CH; pb_region=CH-ZH", "pb_language=FR", "pb_language=zh-Hans",
    "pb_language=zh-hant; pb_region=TW", "pb_language=sv", "pb_language=x-klingon", "pb_language=de_CH",
    "pb_region=fr", "pb_region=FR-75C", "pb_region=ME", "pb_region=CA-QC", "pb_region=XX", "pb_region=CH-", "pb_language=",
    'pb_language="fr"', "pb_device=anna@shop.example; pb_language=fr", "pb_language=fr; pb_optout=1",
    "pb_consent=statistics; pb_region=CH; pb_language=it; session=s", "my_pb_language=anna@shop.example", "pb_language",
]  # fmt: skip
REFUSED = [
    ("pb_language=anna.schmidt@shop.example", {"language"}),
    ("pb_language=anna%40shop.example", {"language"}),
    ("pb_region=anna.schmidt@shop.example; pb_language=fr", {"region"}),
    ("pb_language=Anna-Schmidt; pb_region=+41791234567", {"language", "region"}),
    ("pb_region=195.65.10.7", {"region"}),
    (f"pb_language={'a' * 2100}", {"language", "region"}),
    (f"pb_language=fr; pb_region={'a-' * 1100}", {"language", "region"}),
]


@pytest.mark.parametrize(("jar", "gone"), [*((jar, set[str]()) for jar in KEPT), *REFUSED])
@pytest.mark.parametrize("way", [("POST", SAID), PRESSED_OUT])
def test_what_the_visitor_chose_stays(client: TestClient, way: tuple[str, str], jar: str, gone: set[str]) -> None:
    """An objection to being counted costs nobody their language or region.

    Only what is nobody's choice and would get every later visit refused goes; and afterwards no visit is refused.
    """
    said = asked(client, way, {"cookie": jar})
    ended = {line.partition("=")[0] for line in cookies_of(said) if "Max-Age=0" in line}
    assert ended == {f"pb_{name}" for name in (*OTHERS, *gone)}
    left = [pair for pair in jar.split("; ") if pair.partition("=")[0] not in (*ended, "pb_optout")]
    after = client.get("/v1/recommendation", headers={"cookie": "; ".join([*left, "pb_optout=1"])})
    assert after.status_code == 200
    if "pb_language=fr" in left:
        assert (after.json()["language"]["tag"], after.json()["language"]["source"]) == ("fr", "cookie")


def test_a_button_does_the_same_and_leads_back_to_the_mirror(client: TestClient) -> None:
    """The same cookies as for a program, and a redirect that a form follows with GET."""
    for pressed, said, cookie in ((PRESSED_OUT, ("POST", SAID), ""), (PRESSED_IN, ("DELETE", SAID), "pb_optout=1")):
        response = asked(client, pressed, {"cookie": cookie})
        assert (response.status_code, response.headers["location"], response.content) == (303, "/", b"")
        assert response.headers["cache-control"] == "private, no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert cookies_of(response) == cookies_of(asked(client, said))


def test_it_lasts_no_longer_than_thirteen_months_and_no_visit_renews_it(client: TestClient) -> None:
    """Max-Age is a year, and neither a page nor an answer sets any cookie, with an opt-out or without."""
    assert int(SET.partition("Max-Age=")[2].partition(";")[0]) <= THIRTEEN_MONTHS_S
    for path in ("/", "/v1/recommendation", "/v1/recommendation?format=headers", "/problems", "/openapi.json"):
        for jar in ("", "pb_optout=1", "pb_optout=0; pb_language=fr"):
            response = client.get(path, headers={**OVER_TLS, "cookie": jar})
            assert response.status_code in (200, 204)
            assert cookies_of(response) == [], path


def test_another_website_cannot_take_it_back(client: TestClient) -> None:
    """Its form arrives without the Lax cookie; its script must ask first whether it may DELETE, and is told no."""
    response = asked(client, PRESSED_IN)
    assert (response.status_code, cookies_of(response)) == (303, [])
    for origin in ("https://elsewhere.example", "https://shop.example"):  # the second is one of the site's own
        preflight = {"origin": origin, "access-control-request-method": "DELETE"}
        answer = client.options(SAID, headers=preflight)
        assert answer.status_code == 204
        assert not any(name.startswith("access-control") for name in answer.headers)


# What a browser says of a page's POST, and what comes of it: 200 with the cookie, or 403.
BY_PAGES = [
    ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "origin": SHOP}, 200, True),
    ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "origin": SHOP}, 200, True),
    ({"origin": SHOP}, 200, True),  # in the clear, and from old browsers, nothing more is said
    ({"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "origin": "https://blog.shop.example"}, 200, False),
    ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "origin": SHOP}, 200, True),  # sendBeacon
    ({"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 200, False),
    ({"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}, 200, False),
    ({"sec-fetch-site": "same-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", "origin": SHOP}, 200, True),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}, 200, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "origin": STRANGE},
     200, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "origin": SHOP}, 200, True),
    ({"sec-fetch-site": "cross-site"}, 200, False),
    ({"sec-fetch-site": "something new", "sec-fetch-mode": "cors"}, 200, False),
    ({}, 200, False),
    ({"origin": "null"}, 200, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "origin": SHOP}, 403, True),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty", "origin": SHOP}, 403, True),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "origin": STRANGE}, 403, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "origin": SHOP}, 403, True),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "origin": STRANGE}, 403, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "origin": "null"}, 403, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}, 403, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe", "origin": STRANGE},
     403, False),
    ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "embed", "origin": SHOP}, 403, True),
    ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "object"}, 403, False),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "status", "readable"), BY_PAGES)
def test_a_page_that_asks_is_told_what_became_of_it(
    client: TestClient, sent: dict[str, str], status: int, readable: bool
) -> None:
    """No page takes a no for said that its browser throws away, and none of the site's takes one for failed that was.

    Only the exact origins of the site may read either.
    """
    response = client.post(SAID, headers={"host": "api.shop.example", **sent})
    assert (response.status_code, bool(cookies_of(response))) == (status, status == 200)
    told = {name: value for name, value in response.headers.items() if name.startswith("access-control-allow")}
    allowed = {"access-control-allow-origin": SHOP, "access-control-allow-credentials": "true"}
    assert told == (allowed if readable else {})
    assert response.headers["vary"] == "origin"
    if status == 403:
        assert response.json() == {
            "type": "/problems/cross-site",
            "title": "A page of another website cannot set this cookie: call the site's own host",
            "status": 403,
        }


@pytest.mark.parametrize(
    "sent",
    [
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "same-site", "origin": STRANGE},
    ],
)
def test_the_button_is_for_whoever_is_led_to_it(client: TestClient, sent: dict[str, str]) -> None:
    """A form of any website may lead a person out: the cookie is set, for the page becomes ours."""
    assert cookies_of(client.request(*PRESSED_OUT, headers={**OVER_TLS, **sent}, follow_redirects=False))


@pytest.mark.parametrize(
    ("path", "method", "origin", "allowed"),
    [
        (SAID, "POST", SHOP, "POST"),
        (SAID, "", SHOP, "POST"),
        (SAID, "DELETE", SHOP, None),
        (SAID, "PUT", SHOP, None),
        (SAID, "delete", SHOP, None),
        (SAID, "POST", STRANGE, None),
        (SAID, "DELETE", STRANGE, None),
        ("/v1/privacy", "GET", SHOP, "GET, HEAD"),
        ("/v1/privacy", "HEAD", SHOP, "GET, HEAD"),
        ("/v1/privacy", "POST", SHOP, None),
        ("/v1/privacy", "GET", STRANGE, None),
        ("/v1/recommendation", "GET", SHOP, "GET, HEAD, POST"),
        ("/v1/recommendation", "DELETE", SHOP, None),
        ("/v1/events", "POST", SHOP, "POST"),
        ("/v1/recommendations", "POST", SHOP, "POST"),
        ("/ofrep/v1/evaluate/flags", "POST", SHOP, "POST"),
    ],
)
def test_a_page_may_ask_what_the_table_lets_it(
    client: TestClient, path: str, method: str, origin: str, allowed: str | None
) -> None:
    """With the headers that its tracing adds to every request; never may it take a no back."""
    asking = {"origin": origin, "access-control-request-headers": "traceparent, tracestate, baggage"}
    answer = client.options(path, headers={**asking, **({"access-control-request-method": method} if method else {})})
    assert answer.status_code == 204
    assert answer.headers.get("access-control-allow-methods") == allowed
    named = {*answer.headers.get("access-control-allow-headers", "").split(", ")}
    assert ({"traceparent", "tracestate", "baggage", "content-type", "sec-gpc"} <= named) == (allowed is not None)
    assert answer.headers["vary"] == "origin"


def test_what_tracing_adds_is_left_unread(client: TestClient) -> None:
    """It changes nothing in any answer, whatever it holds."""
    traced = {
        "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
        "tracestate": "x=1",
        "baggage": "email=a@b.example",
    }
    for method, path in (("POST", SAID), ("GET", "/v1/privacy"), ("GET", "/v1/recommendation")):
        plain, with_it = (client.request(method, path, headers=headers) for headers in ({}, traced))
        assert (plain.status_code, plain.content) == (with_it.status_code, with_it.content)


# What browsers send of who asked, over TLS and else, to the host shop.example.
ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "same-site", "origin": "https://shop.example"},
    {"sec-fetch-site": "something new"},
    {"origin": "https://elsewhere.example"},
    {"origin": "https://blog.shop.example"},
    {"origin": "http://shop.example.elsewhere.example"},
    {"origin": "https://elsewhere.example:443/shop.example"},
    {"origin": "null"},
    {"origin": "null", "host": ""},
    {"origin": "shop.example"},
]
HERE = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"sec-fetch-site": "same-origin", "origin": "null"},
    {"origin": "http://shop.example"},
    {"origin": "https://shop.example", "host": "SHOP.example:8443"},
    {"origin": "http://[::1]:8080", "host": "[::1]:8080"},
    {},
]


@pytest.mark.parametrize(("sent", "here"), [*((sent, False) for sent in ELSEWHERE), *((sent, True) for sent in HERE)])
def test_only_its_own_page_takes_it_back(client: TestClient, sent: dict[str, str], here: bool) -> None:
    """A sibling domain is another website, although the cookie comes along from there. No browser: nothing is said."""
    headers = {"host": "shop.example", "cookie": "pb_optout=1", **sent}
    pressed = client.request(*PRESSED_IN, headers=headers, follow_redirects=False)
    assert (pressed.status_code, bool(cookies_of(pressed))) == (303, here)
    said = client.delete(SAID, headers=headers)
    assert (said.status_code, bool(cookies_of(said))) == ((200, True) if here else (403, False))
    assert here or said.json()["type"] == "/problems/forbidden"
    for way in (("POST", SAID), PRESSED_OUT):  # and whoever asks, a no is taken
        assert cookies_of(client.request(*way, headers=headers, follow_redirects=False))


@pytest.mark.parametrize(
    "jar",
    ["pb_optout=yes", "pb_optout=0; pb_optout=1", "a=b;pb_optout=false", "pb_optout=%20", 'pb_optout="0"', "pb_optout",
     "a=1, pb_optout=1"],
)  # fmt: skip
def test_whatever_counts_as_an_opt_out_can_be_taken_back(client: TestClient, jar: str) -> None:
    """What the service takes for an opt-out, the button takes away."""
    assert cookies_of(asked(client, PRESSED_IN, {"cookie": jar})) == [f"{CLEARED}; Secure"]


@pytest.mark.parametrize("jar", ["pb_optout=0", "pb_optout=", "my_pb_optout=1", "pb_optouts=1"])
def test_nothing_is_taken_back_where_nothing_was_said(client: TestClient, jar: str) -> None:
    """Only an opt-out in force is an answer that our form was sent from our page."""
    assert cookies_of(asked(client, PRESSED_IN, {"cookie": jar})) == []


@pytest.mark.parametrize(
    "sent",
    [
        {"cookie": "pb_device=anna.schmidt@example.org; pb_optout=1"},
        {"cookie": "pb_optout=anna.schmidt@example.org"},
        {"cookie": f"pb_variants={'x' * 3000}; pb_optout=1"},
        {"cookie": "pb_consent=nonsense; pb_interests=;;;; pb_optout=1"},
        {"user-agent": "x" * 3000, "accept-language": "y" * 3000, "cookie": "pb_optout=1"},
        {"x-forwarded-for": "no address, at all", "sec-gpc": "1", "cookie": "pb_optout=1"},
        {"content-type": "text/plain;charset=UTF-8", "cookie": "pb_optout=1"},
        {"content-type": "application/x-www-form-urlencoded", "cookie": "pb_optout=1"},
    ],
)
@pytest.mark.parametrize("way", EVERY_WAY)
def test_no_other_signal_can_stand_in_the_way(client: TestClient, way: tuple[str, str], sent: dict[str, str]) -> None:
    """Where a visit with these signals may be refused, the way out and back never is, and its answer is the same."""
    response, plain = asked(client, way, sent), asked(client, way, {"cookie": "pb_optout=1"})
    assert response.status_code in (200, 303)
    assert (response.content, response.headers) == (plain.content, plain.headers)


BODIES = [
    (b"{}", "application/json"),
    (b"null", "application/json"),
    (b'{"site": "nowhere", "opt_out": false, "email": "anna@example.org"}', "application/json"),
    (b"csrf=1&site=nowhere&name=anna", "application/x-www-form-urlencoded"),
    (b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nanna\r\n--x--\r\n', "multipart/form-data; boundary=x"),
    (b"\xff\x00 anna", "text/plain"),
    (b"anna", ""),
    (b"a" * 8192, "application/octet-stream"),
]


@pytest.mark.parametrize(("body", "kind"), BODIES)
@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_no_never_fails_for_its_body(client: TestClient, way: tuple[str, str], body: bytes, kind: str) -> None:
    """What a form or a library puts there is not looked at: the answer is that to an empty one, and ``?site=`` counts."""
    headers = {**OVER_TLS, "cookie": "pb_optout=1", "content-type": kind}
    response = client.request(*way, content=body, headers=headers, follow_redirects=False)
    plain = asked(client, way, {"cookie": "pb_optout=1"})
    assert response.status_code in (200, 303)
    assert (response.status_code, response.headers, response.content) == (
        plain.status_code, plain.headers, plain.content,
    )  # fmt: skip


@pytest.mark.parametrize("way", EVERY_WAY)
def test_no_more_is_read_than_of_any_other_body(client: TestClient, way: tuple[str, str]) -> None:
    """One octet over the limit is too much, whether the length is stated or not."""
    for content in (b"a" * 8193, iter([b"a" * 8192, b"a"])):
        response = client.request(*way, content=content, headers=OVER_TLS, follow_redirects=False)
        assert (response.status_code, cookies_of(response)) == (413, [])
        assert b"aaaa" not in response.content


def test_of_an_endless_body_only_the_limit_is_taken(house: Container) -> None:
    """The service does not ask for more once it has had more than eight kilobytes."""
    asked_for = []
    answered: list[Any] = []

    async def receive() -> dict[str, Any]:
        asked_for.append(1)
        return {"type": "http.request", "body": b"a" * 4096, "more_body": True}

    async def send(message: Any) -> None:
        answered.append(message)

    scope = {
        "type": "http", "method": "POST", "path": SAID, "query_string": b"", "client": ("127.0.0.1", 1),
        "scheme": "http", "headers": [(b"host", b"shop.example"), (b"transfer-encoding", b"chunked")],
    }  # fmt: skip
    asyncio.run(Application(house)(scope, receive, send))
    assert answered[0]["status"] == 413
    assert len(asked_for) == 3


@pytest.mark.parametrize(
    ("query", "status"),
    [("?site=nowhere", 404), ("?site=demo&site=demo", 422), ("?site=%3Cscript%3E", 422), ("?site=", 422)],
)  # fmt: skip
@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_site_is_read_as_strictly_as_elsewhere(
    client: TestClient, way: tuple[str, str], query: str, status: int
) -> None:
    """Once, and one that there is. A program is told so in a problem, a person in a page, and nothing is repeated."""
    response = asked(client, way, {"cookie": "pb_optout=1"}, query)
    assert (response.status_code, cookies_of(response)) == (status, [])
    kind = "application/problem+json" if way[1] == SAID else "text/html; charset=utf-8"
    assert response.headers["content-type"] == kind
    assert not any(part in response.text for part in ("nowhere", "<script"))


@pytest.mark.parametrize(
    "added",
    ["marker_q7=1", "language=pt", "language=DE", "fbclid=1", "utm_source=x&gclid=y", "email=x", "opt_out=0", "%ff"],
)
def test_a_button_works_whatever_others_added_to_its_page(client: TestClient, added: str) -> None:
    """It does what it does without, and leads back to the plain page; a program that adds something is told so."""
    for way in (PRESSED_OUT, PRESSED_IN):
        plain, found = (asked(client, way, {"cookie": "pb_optout=1"}, query) for query in ("", f"?{added}"))
        assert (found.status_code, found.headers["location"]) == (303, "/")
        assert cookies_of(found) == cookies_of(plain) != []
    for way in (("POST", SAID), ("DELETE", SAID)):
        refused = asked(client, way, {"cookie": "pb_optout=1"}, f"?{added}")
        assert (refused.status_code, cookies_of(refused)) == (422, [])
        assert "marker_q7" not in refused.text


@pytest.mark.parametrize(
    ("path", "allowed", "method"),
    [*((SAID, "DELETE, POST", method) for method in LOOKING),
     *((path, "POST", method) for path in ("/opt-out", "/opt-in") for method in (*LOOKING, "OPTIONS"))],
)  # fmt: skip
def test_looking_changes_nothing(client: TestClient, path: str, allowed: str, method: str) -> None:
    """No link, image or prefetch can say no for somebody, or yes."""
    response = client.request(method, path, headers=OVER_TLS)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert cookies_of(response) == []


@pytest.mark.parametrize(
    "host", ["shop.example", "www.shop.example", "SHOP.example:443", "127.0.0.1:8080", "notshop.example"]
)
def test_cookies_are_the_domains(with_domain: TestClient, host: str) -> None:
    """The opt-out holds for the whole of ``cookie_domain``; what is deleted may be the domain's or the host's own.

    It is set for the host alone as well: a domain that everybody may have a website under, as ``co.uk`` is, no browser
    takes, nor one that the host is outside of, and the no would be lost.
    """
    out = cookies_of(asked(with_domain, ("POST", SAID), {"host": host}))
    said = [line for line in out if line.startswith("pb_optout=")]
    assert said == [f"{SET}; Domain=shop.example; Secure", f"{SET}; Secure"]
    assert [line for line in cookies_of(asked(with_domain, PRESSED_OUT, {"host": host})) if line in said] == said
    for name in OTHERS:
        mine = [line for line in out if line.startswith(f"pb_{name}=")]
        assert ["; Domain=shop.example" in line for line in mine] == [True, False]
        assert all("Max-Age=0" in line for line in mine)
    back = cookies_of(asked(with_domain, ("DELETE", SAID), {"host": host}))
    assert ["; Domain=shop.example" in line for line in back] == [True, False]
    pressed = asked(with_domain, PRESSED_IN, {"host": host, "cookie": "pb_optout=1"})
    assert cookies_of(pressed) == back


def test_each_site_has_its_own_domain_and_mirror(with_domain: TestClient) -> None:
    """``?site=`` says whose cookies they are, and where the button leads back to."""
    said = cookies_of(asked(with_domain, ("POST", SAID), query="?site=other"))
    assert len(said) == 1 + len(OTHERS)
    assert not any("Domain" in line for line in said)
    assert asked(with_domain, PRESSED_OUT, query="?site=other").headers["location"] == "/?site=other"
    assert asked(with_domain, PRESSED_OUT, query="?site=demo").headers["location"] == "/"


@pytest.mark.parametrize("way", [PRESSED_OUT, PRESSED_IN])
def test_a_button_hands_on_the_language_of_its_page(with_domain: TestClient, way: tuple[str, str]) -> None:
    """Where its page says so; of a program nobody asks it."""
    assert asked(with_domain, way, query="?language=fr").headers["location"] == "/?language=fr"
    assert asked(with_domain, way, query="?language=zh&site=other").headers["location"] == "/?site=other&language=zh"
    assert asked(with_domain, ("POST", SAID), query="?language=fr").status_code == 422


SECURE = [
    {"host": "127.0.0.1:8080"},
    {"host": "localhost"},
    {"host": "app.localhost:3000"},
    {"host": "[::1]:8080"},
    {"host": "shop.example", "x-forwarded-proto": "https"},
    {"host": "shop.example", "x-forwarded-proto": "HTTPS, http"},
    {"host": "shop.example", "forwarded": "for=192.0.2.1;proto=https"},
    {"host": "shop.example", "forwarded": 'for=192.0.2.1;Proto="HTTPS"'},
    {"host": "shop.example", "sec-fetch-site": "same-origin"},
    {"host": "shop.example", "x-forwarded-proto": "http", "sec-fetch-site": "none"},
    {"host": "shop.example", "origin": "https://shop.example"},
    {"host": "shop.example:443"},
]
IN_THE_CLEAR = [
    {"host": "shop.example"},
    {"host": "shop.example:8080"},
    {"host": "127.0.0.1.shop.example"},
    {"host": "192.168.0.7"},
    {"host": "shop.example", "x-forwarded-proto": "http"},
    {"host": "shop.example", "origin": "http://shop.example"},
    {"host": "shop.example:4430"},
    {"host": "shop.example", "origin": "https://shop.example", "x-forwarded-proto": "http"},
    {"host": "127.0.0.1:8080", "x-forwarded-proto": "http"},
    {"host": "shop.example", "forwarded": "for=192.0.2.1;proto=http"},
]


@pytest.mark.parametrize(("headers", "secure"), [*((h, True) for h in SECURE), *((h, False) for h in IN_THE_CLEAR)])
@pytest.mark.parametrize("way", EVERY_WAY)
def test_cookies_are_secure_but_where_a_browser_would_drop_them(
    client: TestClient, way: tuple[str, str], headers: dict[str, str], secure: bool
) -> None:
    """TLS mostly ends at a proxy; a browser tells of it too. Only what plainly came in the clear goes without."""
    response = client.request(*way, headers={**headers, "cookie": "pb_optout=1"}, follow_redirects=False)
    found = cookies_of(response)
    assert found
    assert {line.endswith("; Secure") for line in found} == {secure}


@pytest.mark.parametrize("way", EVERY_WAY)
def test_a_connection_over_tls_itself_is_secure(house: Container, way: tuple[str, str]) -> None:
    """Where no proxy stands before the service."""
    with TestClient(Application(house), base_url="https://shop.example") as client:
        response = client.request(*way, headers={"cookie": "pb_optout=1"}, follow_redirects=False)
    assert all(line.endswith("; Secure") for line in cookies_of(response))


def test_no_key_is_asked_for(config_copy: Callable[[], Path]) -> None:
    """It is open where everything else wants a key."""
    directory = config_copy()
    (directory / "keys.toml").write_text("", encoding="utf-8")
    environment = {"PASSERBY_ADMIN_PORT": "0", "PASSERBY_KEYS_FILE": "keys.toml"}
    house = assemble(read_configuration(directory, environment), Telemetry(stream=io.StringIO()))
    with TestClient(Application(house)) as client:
        assert client.get("/v1/recommendation").status_code == 401
        assert {asked(client, way).status_code for way in EVERY_WAY} == {200, 303}


def test_nothing_is_kept_of_it(house: Container) -> None:
    """No log line, no count, no memory of who asked: the metrics know the route and how it ended."""
    log = io.StringIO()
    telemetry = Telemetry(stream=log)
    made = replace(house, telemetry=telemetry, counting=None)
    with TestClient(Application(made)) as client:
        before = log.getvalue()
        for way in EVERY_WAY:
            asked(client, way, {"cookie": "pb_optout=1; pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"})
        assert log.getvalue() == before
        told = telemetry.exposition()[0].decode()
    lines = [line for line in told.splitlines() if "opt-" in line and "_bucket" not in line and "_created" not in line]
    assert any('route="/v1/opt-out"' in line and "DELETE" in line for line in lines)
    assert "7d9f0c9e" not in told
