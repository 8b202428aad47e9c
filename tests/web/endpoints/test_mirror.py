"""The mirror: the same decision as the API's, in the reader's language, in a page that does nothing but be read."""

import asyncio
import base64
import hashlib
import html
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import httpx2 as httpx
import msgspec
import pytest

from service.adapters.memory_store import MemoryStore
from service.app import Application, Container, assemble, read_configuration
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.languages.prior import Learned
from service.core.recommendation import Decision
from service.core.signals import SIGNAL_NAMES
from service.telemetry import Telemetry
from service.use_cases.transparency.opt_out_diff import opt_out_diff
from service.web.epoch import epoch_of
from service.web.pages.words import SPOKEN, Spoken, speaker_for, speakers
from tests.conftest import CHROME, Discarded, KnownPlaces
from tests.use_cases.transparency.test_explanation_of_a_decision import USUAL

PAGE_MAX_BYTES = 50_000
HEADERS_OF = {
    "en": {"accept-language": "en-US,en;q=0.9", "x-forwarded-for": "8.8.8.8"},
    "de": {"accept-language": "de-CH", "x-forwarded-for": "195.65.10.7"},
    "fr": {"accept-language": "fr-FR,fr;q=0.8"},
    "es": {"accept-language": "es-ES", "x-forwarded-for": "24.48.0.1"},
    "zh": {"accept-language": "zh-CN,zh;q=0.9", "sec-gpc": "1"},
    "ar": {"accept-language": "ar-EG", "cookie": "pb_optout=1; pb_region=EG"},
}
# The German of these is Swiss.
READ_IN = {"de": speaker_for("de-CH")}
# Everything that a visit can carry and permit, so that the page has everything to say.
FULL = {
    "cookie": "pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11; pb_interests=outdoor:3.shoes:2.home:1; pb_region=JP; "
    "pb_variants=hero.b; pb_consent=statistics.experiments.interests.cohort; pb_language=",
    "user-agent": CHROME,
    "x-forwarded-for": "8.8.8.8",
}
PLAIN = {name: value for name, value in FULL.items() if name != "cookie"}
VOID = {"meta", "link", "br", "hr", "img", "input", "path", "rect", "circle"}


class Outline(HTMLParser):
    """Reads a page strictly: every element closed in order. Keeps its elements, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), "an attribute stands there twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


@pytest.fixture(scope="module")
def app(house: Container) -> Application:
    return Application(house)


@pytest.fixture(scope="module")
def app_with() -> Callable[..., Application]:
    """Makes an application over known places, with settings of a test's choice."""

    def make(**settings: str) -> Application:
        environment = {f"PASSERBY_{name.upper()}": value for name, value in settings.items()}
        configuration = read_configuration(environment=environment)
        store = MemoryStore(k=100, k_prefixes=20, retention_s=3600) if configuration.settings.counting else None
        house = assemble(configuration, Telemetry(stream=Discarded()), store)
        places: Any = KnownPlaces()
        house.decisions.intake.geo = places
        return Application(msgspec.structs.replace(house, geo=places))

    return make


@pytest.fixture
def grown(house: Container) -> Iterator[None]:
    """A site whose groups have grown: one holds between 200 and 299 devices, one 400 or more."""
    known = {"JP/smartphone/android": 200, "smartphone": 400, "all": 400}
    before = house.current.epoch
    house.current.epoch = before.released("demo", SiteSnapshot(Interval(0, 3600), known, {}, {}))
    yield
    house.current.epoch = before


def ask(
    app: Application, path: str = "/", headers: Mapping[str, str] | None = None, method: str = "GET", body: bytes = b""
) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://passerby.test") as client:
            return await client.request(method, path, headers=headers, content=body)

    return asyncio.run(send())


@pytest.mark.parametrize("spoken", SPOKEN)
def test_shows_the_same_decision_as_the_api(app: Application, spoken: Spoken) -> None:
    """The JSON in the page is the JSON that a website gets for this very request."""
    page = ask(app, headers=HEADERS_OF[spoken])
    shown = re.search(r"<code>(\{.*\})</code>", page.text, re.DOTALL)
    assert shown is not None
    answer = ask(app, "/v1/recommendation", HEADERS_OF[spoken])
    assert json.loads(html.unescape(shown[1])) == answer.json()


@pytest.mark.parametrize("spoken", SPOKEN)
def test_speaks_the_recommended_language(app: Application, spoken: Spoken) -> None:
    """Title, heading, ``lang``, ``dir`` and Content-Language agree."""
    response = ask(app, headers=HEADERS_OF[spoken])
    words = READ_IN.get(spoken, speakers()[spoken]).words
    outline = Outline(response.text)
    assert response.headers["content-language"] == words.language
    assert outline.elements[0] == ("html", {"lang": words.language, "dir": "rtl" if spoken == "ar" else "ltr"})
    assert words.page.title in outline.text
    assert words.page.never_address in outline.text


def test_speaks_english_to_readers_of_other_languages_and_still_names_theirs(app: Application) -> None:
    """A page in the wrong script is worse than one in English."""
    response = ask(app, headers={"accept-language": "zh-TW"})
    assert response.headers["content-language"] == "en"
    assert "Traditional Chinese" in response.text


@pytest.mark.parametrize("spoken", SPOKEN)
def test_is_a_small_well_formed_page_without_scripts_or_other_addresses(app: Application, spoken: Spoken) -> None:
    """Elements nest, ids are unique, labels resolve, and whatever is loaded is in the page."""
    response = ask(app, headers=HEADERS_OF[spoken])
    assert len(response.content) <= PAGE_MAX_BYTES
    outline = Outline(response.text)
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {attributes.get("aria-labelledby", ids[0]) for _, attributes in outline.elements} <= set(ids)
    for tag, attributes in outline.elements:
        assert tag not in {"script", "iframe", "object", "embed", "base"}
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        for name in ("href", "src", "action"):
            assert re.match(r"/(?!/)|data:", attributes.get(name) or "/")
    assert not re.search(r"https?://|url\(|@import", response.text)
    assert "width=device-width" in response.text
    assert [tag for tag, _ in outline.elements].count("h1") == 1


def test_headers_let_the_page_do_nothing_but_be_read(app: Application) -> None:
    """A policy without ``unsafe-inline`` whose digest is the page's own style; no referrer for others, no sniffing, no cache."""
    response = ask(app)
    style = re.search(r"<style>(.*)</style>", response.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert response.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in response.headers


def test_global_privacy_control_is_confirmed(app: Application) -> None:
    """The page shows that the signal was honoured (11 CCR 7025(c)(6) asks for this)."""
    page = ask(app, headers={"sec-gpc": "1", "x-forwarded-for": "8.8.8.8", "accept-language": "en"}).text
    assert '<p class="notice">Opt-Out Request Honored.' in page
    assert "The law asks for it to be shown that this signal was honoured in: United States (CA)." in Outline(page).text


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_refused_visit_is_explained_without_repeating_anything(app: Application, spoken: Spoken) -> None:
    """The status is the problem's, the language the reader's, and the value appears nowhere."""
    headers = {**HEADERS_OF[spoken], "cookie": "pb_device=anna.schmidt@example.org"}
    response = ask(app, headers=headers)
    words = READ_IN.get(spoken, speakers()[spoken]).words
    assert response.status_code == 422
    assert response.headers["content-language"] == words.language
    text = Outline(response.text).text
    assert words.page.refused in text
    assert words.categories["email"] in text
    assert "/cookies/pb_device" in text
    assert "anna" not in response.text


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("cookie", ["pb_device=anna.schmidt@example.org", "pb_device=a@example.org; pb_optout=1"])
def test_a_refused_visit_can_opt_out_which_ends_what_was_refused(app: Application, spoken: Spoken, cookie: str) -> None:
    """The button stands there in every language; pressed, it deletes the cookie, and the next visit is answered."""
    headers = {**HEADERS_OF[spoken], "cookie": cookie}
    page = ask(app, headers=headers)
    assert page.status_code == 422
    words = speakers()[spoken].page
    assert f'<form method="post" action="/opt-out"><button>{html.escape(words.opt_out)}</button></form>' in page.text
    assert words.choice_lead in Outline(page.text).text
    pressed = ask(app, "/opt-out", headers, "POST")
    assert pressed.status_code == 303
    ended = [line for line in pressed.headers.get_list("set-cookie") if line.startswith("pb_device=;")]
    assert ended
    assert all("Max-Age=0;" in line for line in ended)
    assert ask(app, headers={**headers, "cookie": "pb_optout=1"}).status_code == 200


def test_the_button_on_a_refusal_is_of_the_site_that_was_asked_for(app: Application, house: Container) -> None:
    """Of another than the default one, too; a site that is not there has none of its own."""
    before = house.current.epoch
    rules = before.sites["demo"].rules
    other = msgspec.structs.replace(rules, site=msgspec.structs.replace(rules.site, id="other"))
    house.current.epoch = epoch_of(msgspec.structs.replace(before.inputs, sites={"demo": rules, "other": other}))
    try:
        page = ask(app, "/?site=other", {"cookie": "pb_device=a@example.org"}).text
    finally:
        house.current.epoch = before
    assert 'action="/opt-out?site=other"' in page
    assert '<a class="button" href="/?site=other">' in page
    assert 'action="/opt-out"' in ask(app, "/?site=nowhere").text


def test_a_refused_visit_s_languages_are_not_remembered(app: Application, house: Container) -> None:
    """They are read for the page alone: no matcher, which remembers texts, sees them."""
    matchers = [site.rules.matcher for site in house.current.epoch.sites.values()]
    before = [texts.cache_info() for matcher in matchers for texts in matcher._remembering]
    headers = {"cookie": "pb_device=a@example.org", "accept-language": "de-AT-1996,gsw;q=0.9,ja;q=0.123"}
    assert ask(app, headers=headers).headers["content-language"] == "de-AT"
    assert [texts.cache_info() for matcher in matchers for texts in matcher._remembering] == before


@pytest.mark.parametrize(
    ("languages", "spoken"),
    [
        ("ja,pt;q=0.9,es-MX;q=0.5,fr;q=0.4", "es-MX"),
        ("de-ch,fr;q=0.9", "de-CH"),
        ("fr;q=0.2,zh-Hant;q=0.9,ar;q=0.3", "ar"),
        ("ja", "en"),
        ("*", "en"),
        ("", "en"),
        ("de" + " " * 5000, "en"),
        ("de,\x07", "en"),
    ],
)
def test_a_refusal_is_told_in_the_first_language_of_the_reader_that_is_spoken(
    app: Application, languages: str, spoken: str
) -> None:
    """As their region writes it; in the site's own where nothing was said, or nothing that is read."""
    headers = {"cookie": "pb_device=a@example.org", "accept-language": languages}
    found = ask(app, headers=headers)
    assert found.status_code == 422
    assert found.headers["content-language"] == spoken


@pytest.mark.parametrize(
    ("path", "status"),
    [("/?site=nowhere", 404), ("/?site=demo&site=demo", 422), ("/?marker_q7=1&site=demo&fbclid=2&site=demo", 422),
     ("/?site=%3Cscript%3E", 422), ("/?site=anna@example.org", 422), ("/?site=Demo", 422), ("/?site=", 422)],
)  # fmt: skip
def test_a_site_is_read_as_strictly_as_the_api_reads_it(app: Application, path: str, status: int) -> None:
    """Once, and one that there is; and the refusal is a page that repeats nothing."""
    response = ask(app, path)
    assert response.status_code == status
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "set-cookie" not in response.headers
    assert not any(part in response.text for part in ("marker_q7", "nowhere", "<script"))


# What others add to a link of ours, or to any.
ADDED = [
    "fbclid=IwAR0marker", "utm_source=marker&utm_medium=email", "gclid=marker", "msclkid=1", "mc_eid=marker", "ref=marker",
    "email=anna%40example.org", "email=x", "user_id=7", "phone=%2B41446681800", "format=headers", "marker_q7", "=", "&&&",
    "%ff=%ff", "utm_campaign=gr\xfcn", "q=%3Cscript%3E", "Site=demo", "sites=x", "xsite=nowhere", "site%20=nowhere",
    "_ga=1.2.3.4", "token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "a=" + "x" * 4000, "&".join(f"p{n}=1" for n in range(40)),
    "a;site=nowhere", "a=1?site=nowhere",
]  # fmt: skip


@pytest.mark.parametrize("added", ADDED, ids=range(len(ADDED)))
def test_what_others_add_to_a_link_is_not_read(app: Application, added: str) -> None:
    """Whatever it is, it refuses nobody the page, is not in it, and leaves the site what it is."""
    plain = ask(app, "/")
    for path in (f"/?{added}", f"/?{added}&site=demo", f"/?site=demo&{added}"):
        found = ask(app, path)
        assert (found.status_code, found.text) == (200, plain.text)
        assert found.headers == plain.headers


@pytest.mark.parametrize("path", ["/problems", "/problems/unknown-field", "/.well-known/gpc.json"])
def test_nor_is_it_on_the_other_pages(app: Application, path: str) -> None:
    for added in ADDED:
        assert ask(app, f"{path}?{added}").text == ask(app, path).text


@pytest.mark.parametrize("path", ["/v1/recommendation", "/v1/privacy", "/v1/cohorts/CH/de/smartphone"])
def test_the_api_goes_on_refusing_it(app: Application, path: str) -> None:
    """A program that sends what is not known has made a mistake."""
    for added in ("fbclid=1", "utm_source=x", "email=x", "site=demo&marker_q7=1"):
        found = ask(app, f"{path}?{added}")
        assert (found.status_code, found.headers["content-type"]) == (422, "application/problem+json")
        assert "marker_q7" not in found.text


def test_nothing_that_was_sent_is_in_the_page(app: Application) -> None:
    """Address, User-Agent and cookies go in; only what was derived from them comes out."""
    sent = {
        "x-forwarded-for": "195.65.10.7",
        "user-agent": "Mozilla/5.0 (Linux; Android 14; Quokka9000) Chrome/126.0.0.0 Mobile",
        "accept-language": "de-CH-x-quokka,tlh;q=0.77",
        "cookie": "pb_language=x-quokka; pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11; session=quokka",
    }
    page = ask(app, headers=sent).text
    for fragment in ("195.65", "Quokka9000", "quokka", "0.77", "7d9f0c9e", "126.0"):
        assert fragment not in page


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("more", [{}, {"sec-gpc": "1"}, {"cookie": "pb_optout=1"}, {"x-forwarded-for": "24.48.0.1"}])
def test_the_page_stays_small_with_everything_shown(app: Application, spoken: Spoken, more: Mapping[str, str]) -> None:
    """In every language, with a group, interests and variants; with no; and under two rows at once."""
    tag = speakers()[spoken].words.language
    headers = {**FULL, "accept-language": tag, **more}
    response = ask(app, headers={**headers, "cookie": headers["cookie"].removesuffix("pb_language=")})
    assert response.headers["content-language"] == tag
    assert len(response.content) <= PAGE_MAX_BYTES
    outline = Outline(response.text)
    levels = [int(element[1]) for element, _ in outline.elements if re.fullmatch("h[1-6]", element)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), "a heading skips a level"


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize(
    ("address", "told"),
    [("1.1.1.9", "about 200 to 299 devices"), ("8.8.8.8", "400 devices or more")],
)
def test_the_size_of_a_group_is_a_band(app: Application, address: str, told: str) -> None:
    """In steps of k, up to four of them, and nowhere on the page finer."""
    page = ask(app, headers={**PLAIN, "x-forwarded-for": address, "accept-language": "en"})
    assert told in Outline(page.text).text


def test_what_is_not_used_is_told_as_barred_or_as_not_sent(app: Application) -> None:
    """All that a visit can carry, and an opt-out: what it ends is barred, though it was sent; a consent beside it is not used."""
    headers = {**PLAIN, "cookie": FULL["cookie"] + "; pb_optout=1", "accept-language": "en"}
    english = speakers()["en"]
    sentences = {name: english.words.sentences[f"signal_{name}"] for name in SIGNAL_NAMES}
    page = ask(app, headers=headers).text
    barred, unused = page.partition(html.escape(english.page.barred))[2].split("<details>", 1)
    unused = unused.partition("</details>")[0]
    told = [[name for name in SIGNAL_NAMES if html.escape(sentences[name]) in part] for part in (barred, unused)]
    assert told == [
        ["device_id", "cookie_variants", "cookie_interests"],
        ["geo", "client_hints", "cookie_language", "gpc", "consent"],
    ]


def test_every_link_leads_somewhere(app: Application) -> None:
    """The page for programs, those on refusals and the documents are there."""
    links = re.findall(r'<a href="([^"]*)"', ask(app).text)
    assert {"/", "/problems", "/docs/", "/v1/privacy"} <= {*links}
    assert {ask(app, link).status_code for link in links} == {200}


def test_sources_of_the_rules_are_named(app: Application) -> None:
    """The law that the row was read from, how sure its readers are, and when it was looked at."""
    text = Outline(ask(app, headers={"x-forwarded-for": "195.65.10.7", "accept-language": "en"}).text).text
    for told in ("revFADP", "How sure this reading of the law is: low", "November 22, 2026", "not legal advice"):
        assert told in text
    assert text.count("With notice, as here") == 6


def test_a_region_without_its_part_is_told_with_the_reason(app: Application) -> None:
    """In Quebec the country is used, and the part of it only with consent: the page says so in every language."""
    said = "Of the region only the country is used, not the part of it that you are in, because it needs your consent"
    headers = {"x-forwarded-for": "24.48.0.1", "accept-language": "en"}
    text = Outline(ask(app, headers=headers).text).text
    assert said in text
    assert "Canada" in text
    agreed = Outline(ask(app, headers={**headers, "cookie": "pb_consent=region"}).text).text
    assert said not in agreed
    assert "Canada (QC)" in agreed
    assert said not in Outline(ask(app, headers={**headers, "x-forwarded-for": "195.65.10.7"}).text).text
    for spoken in SPOKEN:
        page = ask(app, headers={**headers, "accept-language": spoken}).text
        words = speakers()[spoken].words.sentences["subdivision_withheld"].partition("{")[0]
        assert html.escape(words) in page


def test_what_is_kept_is_told_with_the_figures_of_the_settings(app: Application, house: Container) -> None:
    """Hours, days and numbers as they are configured."""
    text = Outline(ask(app).text).text.replace("\u00a0", " ")
    settings = house.configuration.settings
    for told in ("7 days", "25 h", f"none of them under {settings.k}", "Random noise is added"):
        assert told in text


@pytest.mark.usefixtures("grown")
@pytest.mark.parametrize("address", ["195.65.10.7", "5.9.9.9", "24.48.0.1", "8.8.8.8", "192.0.2.1"])
@pytest.mark.parametrize("cookies", [FULL["cookie"].removesuffix("pb_language="), "pb_language=fr", ""])
def test_what_an_opt_out_would_change_is_what_it_changes(app: Application, address: str, cookies: str) -> None:
    """The sentences are those of the API's two answers: now, and with the cookies that then are left."""
    headers = {**PLAIN, "x-forwarded-for": address, "accept-language": "en"}
    choices = "; ".join(pair for pair in cookies.split("; ") if re.match("pb_(language|region)=", pair))
    opted_out = f"{choices}; pb_optout=1" if choices else "pb_optout=1"
    before, after = (
        msgspec.json.decode(ask(app, "/v1/recommendation", {**headers, "cookie": cookie}).content, type=Decision)
        for cookie in (cookies, opted_out)
    )
    page, page_after = (ask(app, headers={**headers, "cookie": cookie}).text for cookie in (cookies, opted_out))
    speaker = speakers()["fr" if "language=fr" in cookies else "en"]
    for sentence in opt_out_diff(before, after, USUAL):
        assert f"<li>{speaker.html(sentence)}</li>" in page
    bare = msgspec.json.decode(ask(app, "/v1/recommendation", {**headers, "cookie": choices}).content, type=Decision)
    for sentence in opt_out_diff(after, bare, USUAL):
        assert f"<li>{speaker.html(sentence)}</li>" in page_after


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("chosen_by", ["accept-language", "cookie"])
def test_the_page_after_a_button_is_in_the_language_of_the_page_before(
    app: Application, spoken: Spoken, chosen_by: str
) -> None:
    """Out and back in, whether the browser or the visitor's choice on the site told the language; the cookies obeyed."""
    tag = "zh-Hans" if spoken == "zh" else spoken
    jar = {"pb_interests": "outdoor:3", **({"pb_language": tag} if chosen_by == "cookie" else {})}
    shown = {**PLAIN, "sec-fetch-site": "same-origin"}
    shown["accept-language"] = tag if chosen_by == "accept-language" else "ja"
    address = "/"
    for button in ("/opt-out", "/opt-in"):
        sent = {**shown, "cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}
        page = ask(app, address, sent)
        assert page.headers["content-language"] == speakers()[spoken].words.language
        (action,) = re.findall(r'<form method="post" action="([^"]*)"', page.text)
        assert action == button
        pressed = ask(app, html.unescape(action), sent, "POST")
        for line in pressed.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            jar = {other: kept for other, kept in {**jar, name: value}.items() if kept}
        address = pressed.headers["location"]
    after = ask(app, address, {**shown, "cookie": "; ".join(f"{name}={value}" for name, value in jar.items())})
    assert after.headers["content-language"] == speakers()[spoken].words.language
    assert jar == ({"pb_language": tag} if chosen_by == "cookie" else {})


def test_where_only_a_group_taught_the_language_the_button_carries_it(app: Application, house: Container) -> None:
    """Who opts out is of no group any more, and still is answered in the language in which they were asked."""
    before = house.current.epoch
    languages = before.sites["demo"].rules.matcher.languages
    taught = tuple(100_000.0 if tag == "fr" else 0.0 for tag in languages)
    snapshot = SiteSnapshot(Interval(0, 3600), {}, {"US": Learned((taught,))}, {})
    house.current.epoch = before.released("demo", snapshot)
    try:
        sent = {**PLAIN, "accept-language": "el"}
        page = ask(app, headers=sent)
        assert page.headers["content-language"] == "fr"
        assert '<form method="post" action="/opt-out?language=fr">' in page.text
        location = ask(app, "/opt-out?language=fr", sent, "POST").headers["location"]
        after = ask(app, location, {**sent, "cookie": "pb_optout=1"})
        assert after.headers["content-language"] == "fr"
        assert '<form method="post" action="/opt-in">' in after.text  # back in, the group tells it again
    finally:
        house.current.epoch = before


DEVICE_ID = "pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"


def test_an_address_beside_a_place_that_the_network_named_is_not_said_to_tell_one(
    app_with: Callable[..., Application],
) -> None:
    """Swiss by the edge's word, with an American address: the rules follow the edge, and no country was looked up."""
    app = app_with(edge="generic", k_prefixes="20")
    seen = {**PLAIN, "pb-geo-country": "CH", "cookie": DEVICE_ID, "accept-language": "en"}
    text = Outline(ask(app, headers=seen).text).text
    assert "They follow the place that the network named." in text
    assert "They follow the country of your IP address." not in text
    assert "Your IP address, to look up a country" not in text
    assert "Your IP address, but only for a hash of its first part, by which networks may be counted" in text


def test_an_address_is_said_to_be_used_for_the_hash_of_its_network_where_it_is(
    app_with: Callable[..., Application],
) -> None:
    """With a device id and counts of networks; without the id it only tells a country."""
    app = app_with(k_prefixes="20")
    seen = {**PLAIN, "accept-language": "en"}
    with_id, without = (Outline(ask(app, headers=each).text).text for each in ({**seen, "cookie": DEVICE_ID}, seen))
    for text in (with_id, without):
        assert "Your IP address, to look up a country" in text
    assert "by which networks may be counted" in with_id
    assert "by which networks may be counted" not in without


@pytest.mark.parametrize("cookie", [DEVICE_ID, DEVICE_ID + "; pb_optout=1"])
def test_a_service_that_keeps_no_counts_does_not_say_that_it_counts(
    app_with: Callable[..., Application], cookie: str
) -> None:
    """Neither now nor after the other choice."""
    seen = {**PLAIN, "accept-language": "en", "cookie": cookie}
    page = ask(app_with(counting="false", k_prefixes="20"), headers=seen).text
    english = speakers()["en"].words.sentences
    for key in ("kept_no_counts", "not_counted"):
        assert english[key] in page
    for key in ("counted", "change_count_ends", "change_count_returns"):
        assert english[key] not in page
    assert "by which networks may be counted" not in page


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("place", [{}, {"x-forwarded-for": "195.65.10.7"}, {"x-forwarded-for": "8.8.8.8"}])
@pytest.mark.parametrize("no", [{}, {"sec-gpc": "1"}, {"cookie": "pb_optout=1"}])
def test_a_program_reads_that_it_is_numbered_just_where_it_is(
    app: Application, no: dict[str, str], place: dict[str, str], spoken: Spoken
) -> None:
    """An objection takes it out of the number of its kind, and without one the page says that an opt-out would."""
    page = ask(app, f"/?language={spoken}", headers={"user-agent": "GPTBot/1.2", **place, **no}).text
    words = speakers()[spoken].words.sentences
    keys = ("bot_counted", "bot_not_counted", "change_bot_count_ends", "change_bot_count_returns", "kept_metrics")
    without = {"bot_not_counted", "change_bot_count_returns"} if "cookie" in no else {"bot_not_counted"}
    wanted = without if no else {"bot_counted", "change_bot_count_ends"}
    assert {key for key in keys if html.escape(words[key]) in page} == {*wanted, "kept_metrics"}
    assert (html.escape(words["change_nothing_ends"]) in page) == ("sec-gpc" in no and not place)


def test_an_outdated_policy_is_told_as_what_it_is(app: Application, house: Container) -> None:
    """The country may well be known; it is the rules that are too old."""
    before = house.current.epoch
    house.current.epoch = before.aged("outdated")
    try:
        text = Outline(ask(app, headers={"x-forwarded-for": "195.65.10.7", "accept-language": "en"}).text).text
    finally:
        house.current.epoch = before
    assert "too old to be relied on. So the strictest apply" in text
    assert "Your country is not known" not in text


def test_what_is_kept_is_told_alike_to_people_and_programs(app: Application, house: Container) -> None:
    """As the facts of the epoch have it."""
    before = house.current.epoch
    told = []
    for factor in (1, 2):
        texts_max = factor * before.inputs.facts.language_texts_max
        facts = msgspec.structs.replace(before.inputs.facts, language_texts_max=texts_max)
        house.current.epoch = epoch_of(msgspec.structs.replace(before.inputs, facts=facts), before)
        retention = ask(app, "/v1/privacy").json()["retention"]
        (texts,) = [thing["entries_max"] for thing in retention if thing["what"] == "header_texts"]
        assert f"up to {texts:,} texts" in Outline(ask(app).text).text
        told.append(texts)
    house.current.epoch = before
    assert told[1] - told[0] == before.inputs.facts.language_texts_max


def test_looking_into_the_mirror_is_no_visit(app: Application, house: Container) -> None:
    """Neither way that it decides is counted."""
    assert house.counting is not None
    before = house.counting.buffer.counted
    ask(app, headers=PLAIN)
    ask(app, headers={**PLAIN, "cookie": "pb_optout=1"})
    assert house.counting.buffer.counted == before


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_colours_can_be_read(app: Application, ground: str) -> None:
    """WCAG 2.2: text has a contrast of 4.5 : 1 or more on every ground it stands on."""
    style = re.findall(r":root \{(.*?)\}", ask(app).text, re.DOTALL)[ground == "dark"]
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", style))
    pairs = [("ink", "paper"), ("ink", "card"), ("ink", "wash"), ("soft", "paper"), ("soft", "card"),
             ("accent", "paper"), ("accent", "card"), ("warm", "paper"), ("on-accent", "accent")]  # fmt: skip
    for text, behind in pairs:
        assert contrast_ratio(colour[text], colour[behind]) >= 4.5, (text, behind)


def contrast_ratio(one: str, other: str) -> float:
    """The ratio of WCAG 2.2 between two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
