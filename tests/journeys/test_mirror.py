"""A person opens the mirror in a real browser, reads it in their language, opts out with one click, and takes it back.

The browser is Chromium without a window, spoken to over its debugging pipe (the DevTools protocol): clicks are clicks,
cookies are kept by the browser, and every request and every complaint of the page is seen.
"""

import base64
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ANSWER_MAX_S = 20
PHONE = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
)


class Browser:
    """One page of a headless Chromium. What it asked for and what it complained of stand in ``events``."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._commands = os.pipe()
        self._answers, to_write = os.pipe()
        # The pipe is descriptors 3 and 4 of the browser; ours are first moved out of their way.
        ours = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_read, to_write)]
        arguments = [program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
                     "about:blank"]  # fmt: skip
        self._log = (profile.parent / "browser.log").open("wb")
        self._pid = os.posix_spawn(
            program,
            arguments,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, ours[0], 3),
                (os.POSIX_SPAWN_DUP2, ours[1], 4),
                (os.POSIX_SPAWN_DUP2, self._log.fileno(), 2),
            ],
        )
        for end in (to_read, to_write, *ours):
            os.close(end)
        os.set_blocking(self._answers, False)
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []
        self._session = None
        (page,) = [target for target in self.do("Target.getTargets")["targetInfos"] if target["type"] == "page"]
        self._session = self.do("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command, and its result."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            command["sessionId"] = self._session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def wait_for(self, method: str) -> None:
        """Until the next event of this kind."""
        while True:
            self.events.append(self._message())
            if self.events[-1].get("method") == method:
                return

    def _message(self) -> dict[str, Any]:
        deadline = time.monotonic() + ANSWER_MAX_S
        while b"\0" not in self._rest:
            assert time.monotonic() < deadline, "the browser does not answer"
            try:
                self._rest += os.read(self._answers, 1 << 20)
            except BlockingIOError:
                time.sleep(0.002)
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, url: str) -> None:
        self.do("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def told(self, method: str) -> list[dict[str, Any]]:
        """What the browser told of this kind since the test began."""
        return [event["params"] for event in self.events if event.get("method") == method]

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, asked from outside: the page itself may run no script."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def click(self, selector: str) -> None:
        """A real click in the middle of an element, and the page that it leads to."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
        box = self.evaluate(f"{found}.getBoundingClientRect().toJSON()")
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.wait_for("Page.loadEventFired")

    def visitor(self, languages: str, address: str) -> None:
        """A phone whose owner reads these languages, seen from this address by the proxy in front of the service."""
        self.do("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
        self.do("Emulation.setUserAgentOverride", userAgent=PHONE, acceptLanguage=languages)
        self.do("Network.setExtraHTTPHeaders", headers={"X-Forwarded-For": address})

    def close(self) -> None:
        os.close(self._commands)
        os.kill(self._pid, signal.SIGTERM)
        os.waitpid(self._pid, 0)
        os.close(self._answers)
        self._log.close()


@pytest.fixture(scope="module")
def chromium(chromium_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    profile = tmp_path_factory.mktemp("browser") / "profile"
    profile.mkdir()
    browser = Browser(chromium_program, profile)
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """The browser as it was on its first day: no cookies, nothing open."""
    chromium.do("Network.clearBrowserCookies")
    chromium.open("about:blank")
    chromium.events.clear()
    return chromium


def own_cookies(browser: Browser, url: str) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in browser.do("Network.getCookies", urls=[url])["cookies"]}


def shown_decision(browser: Browser) -> dict[str, Any]:
    return json.loads(browser.evaluate("document.querySelector('details code').textContent"))


def test_a_person_reads_it_opts_out_with_one_click_and_undoes_it(browser: Browser, server: Any) -> None:
    """In German, on a phone, in Switzerland. After one click the answer honours it; a second takes it back."""
    browser.visitor("de-CH,de", "195.65.10.7")
    browser.open(f"{server.url}/")
    assert browser.evaluate("document.documentElement.lang") == "de"
    assert browser.evaluate("document.querySelector('h1').innerText") == "Was dieser Besuch zeigt"
    facts = browser.evaluate("[...document.querySelectorAll('.fact')].map(e => e.innerText)")
    assert facts[:3] == ["Deutsch (Schweiz)", "Schweiz", "Smartphone"]
    assert own_cookies(browser, server.url) == {}

    browser.click("form[action='/opt-out'] button")
    assert own_cookies(browser, server.url) == {"pb_optout": "1"}
    assert browser.evaluate("location.pathname") == "/"
    assert "Sie haben widersprochen" in browser.evaluate("document.querySelector('.notice').innerText")
    withheld = shown_decision(browser)["privacy"]["withheld"]
    reasons = {entry["purpose"]: entry["reason"] for entry in withheld}
    assert reasons == dict.fromkeys(("cohort", "statistics", "experiments", "interests"), "opt_out")

    browser.click("form[action='/opt-in'] button")
    assert own_cookies(browser, server.url) == {}
    assert "opt_out" not in shown_decision(browser)["privacy"]["signals_used"]


def test_the_page_asks_for_nothing_else_and_breaks_no_rule_of_its_own(browser: Browser, server: Any) -> None:
    """Every request goes to the service itself, the style is applied, and the browser has nothing to complain of."""
    browser.visitor("en", "8.8.8.8")
    browser.open(f"{server.url}/")
    asked = [told["request"]["url"] for told in browser.told("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [f"{server.url}/"]
    assert browser.told("Log.entryAdded") == []
    assert browser.evaluate("getComputedStyle(document.querySelector('button')).borderRadius") == "999px"


@pytest.mark.parametrize("languages", ["en", "de", "fr", "es", "zh-CN", "ar"])
def test_it_fits_a_phone_in_every_language(browser: Browser, server: Any, languages: str) -> None:
    """Nothing is wider than the screen, no text is under 15 pixels, and the button is large enough for a thumb."""
    browser.visitor(languages, "195.65.10.7")
    browser.open(f"{server.url}/")
    assert browser.evaluate("document.documentElement.scrollWidth") == 390
    assert browser.evaluate("Math.min(...[...document.querySelectorAll('p, li, td, th, button, code')]"
                            ".map(e => parseFloat(getComputedStyle(e).fontSize)))") >= 15  # fmt: skip
    assert browser.evaluate("document.querySelector('button').getBoundingClientRect().height") >= 44
    assert browser.evaluate("document.dir") == ("rtl" if languages == "ar" else "ltr")
    picture = base64.b64decode(browser.do("Page.captureScreenshot")["data"])
    assert len(picture) > 10_000, "the page is blank"


def test_an_identifying_cookie_is_explained(browser: Browser, server: Any) -> None:
    """The page says what was refused and where, and not what it was."""
    browser.visitor("fr", "195.65.10.7")
    browser.do("Network.setCookie", name="pb_device", value="anna.schmidt@example.org", url=server.url)
    browser.open(f"{server.url}/")
    text = browser.evaluate("document.body.innerText")
    assert "Cette visite a été refusée" in text
    assert "une adresse e-mail" in text
    assert "anna" not in text
