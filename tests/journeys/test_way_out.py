"""A person says no once: from then on they add nothing, and the service that forgot them all along keeps nothing of it."""

import http.client
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.adapters.redis_servers import running
from tests.journeys.browser import Browser
from tests.journeys.conftest import Server
from tests.journeys.counting import IPHONE, SWISS, until

DEVICE_ID = "3b1f8a52-90c7-4d3e-a6f1-5e2b7c94d08a"
ASK = "/v1/recommendation?site=demo"


class Jar:
    """A browser's cookies, as far as it takes them: by name, with a life in seconds."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.cookies = {
            "pb_device": DEVICE_ID,
            "pb_language": "fr",
            "pb_interests": "outdoor:3",
            "pb_variants": "hero.b",
            "pb_consent": "statistics.experiments.interests",
            "session": "of the site",
        }
        self.lives_s: dict[str, int] = {}

    def ask(self, method: str, path: str) -> tuple[int, bytes]:
        """One request with these cookies, and what it sets."""
        headers = {"X-Forwarded-For": SWISS, "User-Agent": IPHONE, "Sec-Fetch-Site": "same-origin"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        link = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=5)
        link.request(method, path, headers=headers)
        response = link.getresponse()
        for line in response.headers.get_all("set-cookie") or []:
            self._take(line)
        answer = response.status, response.read()
        link.close()
        return answer

    def _take(self, line: str) -> None:
        pair, *rest = line.split("; ")
        name, _, value = pair.partition("=")
        life_s = next(int(part.removeprefix("Max-Age=")) for part in rest if part.startswith("Max-Age="))
        assert {"Secure", "SameSite=Lax", "Path=/"} <= {*rest}
        if life_s:
            self.cookies[name], self.lives_s[name] = value, life_s
        else:
            self.cookies.pop(name, None)

    def visit(self) -> Mapping[str, Any]:
        status, body = self.ask("GET", ASK)
        assert status == 200
        return dict(json.loads(body))


def test_over_plain_http_too(browser: Browser, server: Server) -> None:
    """Where a browser says nothing of who asks but `Origin`, and would not keep a cookie that is for TLS alone.

    The address is this machine's own for the network alone: no browser takes it for loopback.
    """
    url = f"http://0.0.0.0:{server.port}/"
    browser.visitor("en", "8.8.8.8")
    browser.open(url)
    for button, kept in (("/opt-out", [("pb_optout", False)]), ("/opt-in", [])):
        browser.click(f"form[action='{button}'] button")
        found = browser.do("Network.getCookies", urls=[url])["cookies"]
        assert [(cookie["name"], cookie["secure"]) for cookie in found] == kept
    sent = [told["headers"] for told in browser.told("Network.requestWillBeSentExtraInfo")]
    assert [headers["Origin"] for headers in sent if "Origin" in headers] == [url.rstrip("/")] * 2
    assert not any(name.lower() == "sec-fetch-site" for headers in sent for name in headers)


def test_out_and_back_in(start: Callable[..., Server]) -> None:
    """One request out, one back; meanwhile nothing is counted, no visit renews it, and the log does not know that it happened."""
    with running() as redis:
        server = start(redis_url=redis.url)
        until(lambda: server.ask("/readyz")[1]["counts"]["since"])
        jar = Jar(server)
        before = jar.visit()
        assert {"statistics", "experiments", "cohort"} <= {*before["privacy"]["allowed"]}
        assert before["language"]["tag"] == "fr"
        counted = server.metrics()["passerby_counted_total"]
        assert until(lambda: server.metrics()["passerby_applied_total"] == counted)
        logged = len(server.log.read_bytes())

        assert jar.ask("POST", "/v1/opt-out") == (200, b'{"opt_out":true}')
        assert jar.cookies == {"pb_language": "fr", "session": "of the site", "pb_optout": "1"}
        assert jar.lives_s == {"pb_optout": 31_536_000}
        assert jar.ask("POST", "/v1/opt-out") == (200, b'{"opt_out":true}')  # twice is once

        during = jar.visit()
        assert during["language"]["tag"] == "fr"  # who objects to being counted goes on reading their language
        assert {one["purpose"]: one["reason"] for one in during["privacy"]["withheld"]} == dict.fromkeys(
            ("cohort", "statistics", "experiments", "interests"), "opt_out"
        )
        page = jar.ask("GET", "/")[1].decode()
        assert re.search(r'<form method="post" action="/opt-in">', page)
        assert jar.lives_s == {"pb_optout": 31_536_000}  # no visit renewed it
        assert server.metrics()["passerby_counted_total"] == counted
        assert b"opt" not in server.log.read_bytes()[logged:]

        assert jar.ask("DELETE", "/v1/opt-out") == (200, b'{"opt_out":false}')
        assert jar.cookies == {"pb_language": "fr", "session": "of the site"}
        after = jar.visit()
        assert {"statistics", "experiments", "cohort"} <= {*after["privacy"]["allowed"]}
        assert server.metrics()["passerby_counted_total"] == counted + 1
        requests = [name for name in server.metrics() if 'route="/v1/opt-out"' in name]
        assert requests
        assert not any(part in name for name in requests for part in (DEVICE_ID, SWISS, "iPhone"))
        assert server.stop() == 0
        told = server.log.read_text()
        assert not any(part in told for part in (DEVICE_ID, SWISS, "iPhone"))
