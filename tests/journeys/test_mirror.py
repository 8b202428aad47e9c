"""A person opens the mirror in a real browser, reads it in their language, opts out with one click, and takes it back."""

import base64
import json
from typing import Any

import pytest

from tests.journeys.browser import Browser


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
