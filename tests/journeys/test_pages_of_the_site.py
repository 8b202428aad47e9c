"""A page of the site calls the service from the person's browser: what it is told is what became of it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.journeys.browser import Browser
from tests.journeys.conftest import ROOT, Server

# To a browser these are three hosts of this machine, and two websites: `shop.localhost` and `elsewhere.localhost`.
SHOP, API, ELSEWHERE = "www.shop.localhost", "passerby.shop.localhost", "www.elsewhere.localhost"
TRACED = "{traceparent: '00-' + 'a'.repeat(32) + '-' + 'b'.repeat(16) + '-01', tracestate: 'x=1', baggage: 'y=2'}"


class _Blank(BaseHTTPRequestHandler):
    """An empty page at every address."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page of the site</title>")

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@pytest.fixture(scope="module")
def pages() -> Iterator[int]:
    """The port of the websites' own pages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def service(start: Callable[..., Server], pages: int, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A service whose site names a page's origin of its own website, and of another one."""
    sites = tmp_path_factory.mktemp("sites")
    text = (ROOT / "config" / "sites" / "demo.toml").read_text()
    origins = json.dumps([f"http://{host}:{pages}" for host in (SHOP, ELSEWHERE)])
    (sites / "demo.toml").write_text(re.sub(r"(?m)^cors_origins = .*$", f"cors_origins = {origins}", text))
    return start(sites_dir=str(sites))


def fetched(browser: Browser, url: str, options: str) -> Any:
    """What a page's script gets: the status and the body, or that it failed."""
    return browser.evaluate(
        f"fetch({json.dumps(url)}, {options}).then(async r => [r.status, await r.json()], e => ['failed', e.name])"
    )


def cookies(browser: Browser, url: str) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in browser.do("Network.getCookies", urls=[url])["cookies"]}


@pytest.mark.parametrize("headers", ["{}", TRACED])
def test_a_page_of_the_same_site_opts_out(browser: Browser, service: Server, pages: int, headers: str) -> None:
    """The call succeeds, the cookie is set, the chosen language stays; to take it back the page may not ask."""
    url = f"http://{API}:{service.port}"
    browser.do("Network.setCookie", name="pb_language", value="fr", url=url)
    browser.do("Network.setCookie", name="pb_interests", value="outdoor:3", url=url)
    browser.open(f"http://{SHOP}:{pages}/")
    asking = f"{{method: 'POST', credentials: 'include', headers: {headers}}}"
    assert fetched(browser, f"{url}/v1/opt-out", asking) == [200, {"opt_out": True}]
    assert cookies(browser, url) == {"pb_optout": "1", "pb_language": "fr"}
    back = f"{{method: 'DELETE', credentials: 'include', headers: {headers}}}"
    assert fetched(browser, f"{url}/v1/opt-out", back) == ["failed", "TypeError"]
    assert cookies(browser, url) == {"pb_optout": "1", "pb_language": "fr"}
    status, visit = fetched(browser, f"{url}/v1/recommendation", "{credentials: 'include'}")
    assert (status, visit["language"]["tag"], "opt_out" in visit["privacy"]["signals_used"]) == (200, "fr", True)


@pytest.mark.parametrize("credentials", ["include", "omit"])
def test_a_page_reads_what_is_done_with_visits(browser: Browser, service: Server, pages: int, credentials: str) -> None:
    """From its script, twice: the second time the browser's cache may answer."""
    url = f"http://{API}:{service.port}/v1/privacy"
    for host in (SHOP, ELSEWHERE, SHOP):
        browser.open(f"http://{host}:{pages}/")
        status, told = fetched(browser, url, f"{{credentials: {credentials!r}}}")
        assert (status, told["rights"]["opt_out"]["cookie"]) == (200, "pb_optout")


@pytest.mark.parametrize("host", [API, "127.0.0.1", "localhost"])
def test_a_page_of_another_website_is_told_that_its_browser_would_lose_the_cookie(
    browser: Browser, service: Server, pages: int, host: str
) -> None:
    """It stands among the origins, and still its call cannot succeed: it is told so, and where to call."""
    url = f"http://{host}:{service.port}"
    browser.open(f"http://{ELSEWHERE}:{pages}/")
    status, told = fetched(browser, f"{url}/v1/opt-out", "{method: 'POST', credentials: 'include'}")
    assert (status, told["type"]) == (403, "/problems/cross-site")
    assert "call the site's own host" in told["title"]
    assert cookies(browser, url) == {}


def test_a_page_that_no_site_names_reads_nothing(browser: Browser, service: Server, pages: int) -> None:
    """Its no is taken all the same, as anybody's is."""
    url = f"http://{API}:{service.port}"
    browser.open(f"http://blog.shop.localhost:{pages}/")
    failed = fetched(browser, f"{url}/v1/opt-out", "{method: 'POST', credentials: 'include'}")
    assert failed == ["failed", "TypeError"]
    assert cookies(browser, url) == {"pb_optout": "1"}


def test_a_form_of_another_website_leads_out(browser: Browser, service: Server, pages: int) -> None:
    """The person is led to the mirror, which is no page of that website any more, and so the cookie is set."""
    url = f"http://{API}:{service.port}"
    browser.open(f"http://{ELSEWHERE}:{pages}/")
    browser.evaluate(
        'document.body.innerHTML = \'<form method="post" action="' + url + "/opt-out\"><button>No</button></form>'"
    )
    browser.click("form button")
    assert cookies(browser, url) == {"pb_optout": "1"}
    assert browser.evaluate("location.origin + location.pathname") == f"{url}/"
