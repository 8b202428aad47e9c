"""A person opens the mirror in a real browser, reads it in their language, opts out with one click, and takes it back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.web.pages.document_pages import DOCUMENT_NAMES
from tests.journeys.browser import PHONE_WIDTH_PX, Browser, Ground
from tests.journeys.conftest import ROOT, left_out

AXE = Path(__file__).with_name("axe") / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / ".screenshots"
DESK_WIDTH_PX = 1280
DEVICE_COOKIES = {"pb_device": "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "pb_interests": "outdoor:2", "pb_region": "JP"}
LANGUAGES = ["en", "de", "fr", "es", "zh-CN", "ar"]
# Rules that must have looked at something; a checker that sees nothing finds nothing.
LOOKED_AT = {
    "bypass", "color-contrast", "document-title", "heading-order", "html-has-lang", "html-lang-valid",
    "landmark-one-main", "link-name", "meta-viewport", "page-has-heading-one", "region",
}  # fmt: skip

Axe = Callable[[Browser], dict[str, Any]]
Look = tuple[int, Ground]
# The last shares nothing with the first, and the last but one nothing with the second.
LOOKS: list[Look] = [
    (PHONE_WIDTH_PX, "light"), (PHONE_WIDTH_PX, "dark"), (DESK_WIDTH_PX, "light"), (DESK_WIDTH_PX, "dark"),
]  # fmt: skip


@pytest.fixture(scope="module")
def axe() -> Axe:
    """Runs axe-core on the open page, every fold of it open; its script comes from outside, for the page allows none."""
    if not AXE.exists():
        left_out("this journey needs axe-core: make clients")
    script = AXE.read_text(encoding="utf-8")

    def run(browser: Browser) -> dict[str, Any]:
        browser.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
        if not browser.evaluate("'axe' in window"):
            browser.evaluate(f"{script};0")
        told = browser.evaluate(
            "axe.run().then(found => ({"
            "violations: found.violations.map(rule => [rule.id, rule.nodes.map(node => node.target.join(' '))]),"
            "passes: found.passes.map(rule => rule.id)}))"
        )
        assert isinstance(told, dict)
        return told

    return run


def own_cookies(browser: Browser, url: str) -> dict[str, str]:
    return {cookie["name"]: cookie["value"] for cookie in browser.do("Network.getCookies", urls=[url])["cookies"]}


def set_cookies(browser: Browser, url: str, **cookies: str) -> None:
    for name, value in cookies.items():
        browser.do("Network.setCookie", name=name, value=value, url=url)


def shown_decision(browser: Browser) -> dict[str, Any]:
    return json.loads(browser.evaluate("document.querySelector('details code').textContent"))


def changes(browser: Browser) -> list[str]:
    """What the page says that the other choice would change, under its heading."""
    told = browser.evaluate("[...document.querySelectorAll('.choice h3, .choice li')].map(e => e.innerText)")
    return [text.replace("\u00a0", " ") for text in told]


def keep(browser: Browser, name: str) -> None:
    """The page as a picture among the output of the tests, folded as it comes."""
    PICTURES.mkdir(exist_ok=True)
    browser.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = false })")
    picture = browser.picture()
    assert len(picture) > 10_000, "the page is blank"
    (PICTURES / f"{name}.png").write_bytes(picture)


def test_a_person_reads_it_opts_out_with_one_click_and_undoes_it(browser: Browser, server: Any) -> None:
    """In German, on a phone, in Switzerland. What was said to change then changed; a second click takes it back."""
    browser.visitor("de-CH,de", "195.65.10.7")
    set_cookies(browser, server.url, **DEVICE_COOKIES)
    browser.open(f"{server.url}/")
    assert browser.evaluate("document.documentElement.lang") == "de-CH"
    assert browser.evaluate("document.querySelector('h1').innerText") == "Was dieser Besuch zeigt"
    facts = browser.evaluate("[...document.querySelectorAll('.fact')].map(e => e.innerText)")
    assert facts[:3] == ["Deutsch (Schweiz)", "Japan", "Smartphone"]
    assert own_cookies(browser, server.url) == DEVICE_COOKIES
    assert changes(browser) == [
        "Wenn Sie widersprächen",
        "Dieser Besuch würde nicht mehr verwendet für: Gruppe, Zählung, Experimente.",
        "Besuche wie dieser würden keine einzige Zahl erhöhen.",
        "Experiment hero: Variante a statt b.",
    ]

    browser.click("form[action='/opt-out'] button")
    assert own_cookies(browser, server.url) == {"pb_region": "JP", "pb_optout": "1"}
    assert browser.evaluate("location.pathname") == "/"
    assert "Sie haben widersprochen" in browser.evaluate("document.querySelector('.notice').innerText")
    facts = browser.evaluate("[...document.querySelectorAll('.fact')].map(e => e.innerText)")
    assert facts == ["Deutsch (Schweiz)", "Japan", "Smartphone", "Nicht verwendet"]
    decision = shown_decision(browser)
    reasons = {entry["purpose"]: entry["reason"] for entry in decision["privacy"]["withheld"]}
    assert reasons == dict.fromkeys(("cohort", "statistics", "experiments", "interests"), "opt_out")
    assert decision["experiments"]["hero"]["variant"] == "a"
    assert changes(browser)[:2] == [
        "Wenn Sie den Widerspruch zurücknähmen",
        "Dieser Besuch dürfte wieder verwendet werden für: Gruppe, Zählung, Experimente.",
    ]

    browser.click("form[action='/opt-in'] button")
    assert own_cookies(browser, server.url) == {"pb_region": "JP"}
    assert "opt_out" not in shown_decision(browser)["privacy"]["signals_used"]
    assert "statistics" in shown_decision(browser)["privacy"]["allowed"]


def test_a_keyboard_is_enough(browser: Browser, server: Any) -> None:
    """Tab goes through everything that can be used, each in sight and visibly in focus; Enter unfolds and opts out."""
    browser.visitor("en", "8.8.8.8")
    browser.open(f"{server.url}/")
    reached = []
    while len(reached) < 12:
        browser.press("Tab")
        name, outlined, in_sight = browser.evaluate(
            "(() => { const at = document.activeElement, style = getComputedStyle(at);"
            "const box = at.getBoundingClientRect();"
            "return [at.tagName, style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2,"
            "box.bottom > 0 && box.top < innerHeight] })()"
        )
        if name == "BODY":
            break
        assert outlined, name
        assert in_sight, name
        reached.append(name)
        if name == "SUMMARY":
            browser.press("Enter")
            assert browser.evaluate("document.activeElement.parentElement.open")
    assert reached == ["A", "BUTTON", "SUMMARY", "SUMMARY", "PRE", "A", "A", "A"]

    browser.evaluate("document.querySelector('.brand a').focus()")
    browser.press("Tab")
    loads = len(browser.told("Page.loadEventFired"))
    browser.press("Enter")
    browser.wait_for("Page.loadEventFired", loads)
    assert own_cookies(browser, server.url) == {"pb_optout": "1"}


def test_the_page_asks_for_nothing_else_and_breaks_no_rule_of_its_own(browser: Browser, server: Any) -> None:
    """Every request goes to the service itself, the style is applied, and the browser has nothing to complain of."""
    browser.visitor("en", "8.8.8.8")
    browser.open(f"{server.url}/")
    asked = [told["request"]["url"] for told in browser.told("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [f"{server.url}/"]
    assert browser.told("Log.entryAdded") == []
    assert browser.evaluate("getComputedStyle(document.querySelector('button')).borderRadius") == "999px"


@pytest.mark.parametrize("languages", LANGUAGES)
def test_it_fits_every_screen_in_every_language(browser: Browser, server: Any, languages: str) -> None:
    """Nothing is wider than the screen, no text is under 15 pixels, and the button is large enough for a thumb."""
    browser.visitor(languages, "195.65.10.7")
    set_cookies(browser, server.url, **DEVICE_COOKIES)
    browser.open(f"{server.url}/")
    browser.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    for width_px in (320, PHONE_WIDTH_PX, 768, 1440):
        browser.look(width_px, "light")
        assert browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), width_px
        assert browser.evaluate("innerWidth") == width_px
    assert browser.evaluate("Math.min(...[...document.querySelectorAll('p, li, td, th, button, code')]"
                            ".map(e => parseFloat(getComputedStyle(e).fontSize)))") >= 15  # fmt: skip
    assert browser.evaluate("document.querySelector('button').getBoundingClientRect().height") >= 44
    assert browser.evaluate("document.dir") == ("rtl" if languages == "ar" else "ltr")


def looks_at(languages: str) -> tuple[list[Look], list[Look]]:
    """How a page is looked at before and after an opt-out: in English in every way, else in two that share nothing.

    So each language is seen with and without an opt-out, on a phone and a desk, light and dark; and the languages
    begin in turn.
    """
    if languages == "en":
        return LOOKS, LOOKS
    first = LANGUAGES.index(languages) % len(LOOKS)
    return [LOOKS[first]], [LOOKS[-1 - first]]


@pytest.mark.parametrize("languages", LANGUAGES)
def test_axe_finds_nothing(browser: Browser, server: Any, axe: Axe, languages: str) -> None:
    """With and without an opt-out, on a phone and a desk, light and dark; two pages are kept as pictures."""
    before, after = looks_at(languages)
    browser.visitor(languages, "195.65.10.7")
    set_cookies(browser, server.url, **DEVICE_COOKIES)
    browser.open(f"{server.url}/")
    check(browser, axe, *before)
    browser.look(PHONE_WIDTH_PX, "light")
    keep(browser, f"mirror-{languages}-phone-light")
    browser.click("form[action='/opt-out'] button")
    check(browser, axe, *after)
    browser.look(DESK_WIDTH_PX, "dark")
    keep(browser, f"mirror-{languages}-desk-opted-out")


def test_axe_looks_at_every_language_in_every_way() -> None:
    """And at all eight ways together in English; the others show between them every way, too."""
    for languages in LANGUAGES:
        ways = {(opted_out, *look) for opted_out, looks in enumerate(looks_at(languages)) for look in looks}
        assert [len({way[part] for way in ways}) for part in range(3)] == [2, 2, 2]
        assert len(ways) == (8 if languages == "en" else 2)
    others = [looks_at(languages) for languages in LANGUAGES[1:]]
    assert {look for before, _ in others for look in before} == {look for _, after in others for look in after}
    assert {look for before, _ in others for look in before} == {*LOOKS}


def check(browser: Browser, axe: Axe, *looks: Look) -> None:
    """Nothing found on the open page in any of these looks, where there was something to find."""
    for look in looks:
        browser.look(*look)
        found = axe(browser)
        assert found["violations"] == [], look
        assert {*found["passes"]} >= LOOKED_AT


@pytest.mark.parametrize(
    "path",
    ["/", "/problems", "/problems/identifying-value", "/docs/", *(f"/docs/{name}" for name in DOCUMENT_NAMES)],
)
def test_axe_finds_nothing_on_the_pages_to_read(browser: Browser, server: Any, axe: Axe, path: str) -> None:
    """The page for a refused visit, with its button, those that say what refusals mean, and the documents."""
    browser.visitor("ar", "195.65.10.7")
    set_cookies(browser, server.url, pb_device="anna.schmidt@example.org")
    browser.open(f"{server.url}{path}")
    check(browser, axe, (PHONE_WIDTH_PX, "light"), (DESK_WIDTH_PX, "dark"))
    keep(browser, f"read{path.replace('/', '-').rstrip('-')}")


def test_axe_would_find_a_flaw(browser: Browser, server: Any, axe: Axe) -> None:
    """Pale text, a button without a name, and a page without a title are found where they are planted."""
    browser.visitor("en", "195.65.10.7")
    browser.open(f"{server.url}/")
    browser.evaluate("document.querySelector('.lead').style.color = '#ddd'")
    browser.evaluate("document.querySelector('button').textContent = ''")
    browser.evaluate("document.title = ''")
    assert {rule for rule, _ in axe(browser)["violations"]} == {"color-contrast", "button-name", "document-title"}


def test_on_paper_nothing_is_folded_away_but_the_answer_for_programs(browser: Browser, server: Any) -> None:
    """Printed, the page has no button, and what it did not use stands there."""
    browser.visitor("en", "195.65.10.7")
    browser.open(f"{server.url}/")
    browser.do("Emulation.setEmulatedMedia", media="print")
    seen = "(e => e.checkVisibility({contentVisibilityAuto: true}) && e.getBoundingClientRect().height > 0)"
    told = browser.evaluate(f"['button', '.raw', 'section > details li'].map(s => {seen}(document.querySelector(s)))")
    browser.do("Emulation.setEmulatedMedia", media="")
    assert told == [False, False, True]


def test_an_identifying_cookie_is_explained_and_one_click_ends_it(browser: Browser, server: Any) -> None:
    """The page says what was refused and where, and not what it was; its button opts out and deletes that cookie."""
    browser.visitor("fr", "195.65.10.7")
    browser.do("Network.setCookie", name="pb_device", value="anna.schmidt@example.org", url=server.url)
    browser.open(f"{server.url}/")
    text = browser.evaluate("document.body.innerText")
    assert "Cette visite a été refusée" in text
    assert "une adresse e-mail" in text
    assert "anna" not in text

    browser.click("form[action='/opt-out'] button")
    assert own_cookies(browser, server.url) == {"pb_optout": "1"}
    assert browser.evaluate("document.querySelector('h1').innerText") == "Ce que montre cette visite"
