"""The mirror: the same decision as the API's, in the reader's language, in a page that does nothing but be read."""

import asyncio
import base64
import hashlib
import html
import io
import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser

import httpx2 as httpx
import pytest
from msgspec.structs import replace

from service.app import Application, House, assemble
from service.settings import Configuration
from service.telemetry import Telemetry
from service.web.pages.words import SPOKEN, Spoken, speakers

PAGE_MAX_BYTES = 50_000
HEADERS_OF = {
    "en": {"accept-language": "en-US,en;q=0.9", "x-forwarded-for": "8.8.8.8"},
    "de": {"accept-language": "de-CH", "x-forwarded-for": "195.65.10.7"},
    "fr": {"accept-language": "fr-FR,fr;q=0.8"},
    "es": {"accept-language": "es-ES", "x-forwarded-for": "24.48.0.1"},
    "zh": {"accept-language": "zh-CN,zh;q=0.9", "sec-gpc": "1"},
    "ar": {"accept-language": "ar-EG", "cookie": "pb_optout=1; pb_region=EG"},
}
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
def app(house: House) -> Application:
    return Application(house)


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
    words = speakers()[spoken].words
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
    """A policy without ``unsafe-inline`` whose digest is the page's own style; no referrer, no sniffing, no cache."""
    response = ask(app)
    style = re.search(r"<style>(.*)</style>", response.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert response.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert response.headers["referrer-policy"] == "no-referrer"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in response.headers


def test_one_click_opts_out_and_another_undoes_it(app: Application) -> None:
    """The button's form sets the cookie, the page then says so, and offers the way back."""
    assert '<form method="post" action="/opt-out">' in ask(app).text
    out = ask(app, "/opt-out", method="POST")
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert out.headers["set-cookie"] == "pb_optout=1; Path=/; Max-Age=31536000; SameSite=Lax"
    page = ask(app, headers={"cookie": "pb_optout=1"}).text
    assert speakers()["en"].page.choice_made in page
    assert '<form method="post" action="/opt-in">' in page
    back = ask(app, "/opt-in", {"cookie": "pb_optout=1"}, "POST")
    assert (back.status_code, back.headers["location"]) == (303, "/")
    assert back.headers["set-cookie"] == "pb_optout=; Path=/; Max-Age=0; SameSite=Lax"


def test_another_website_cannot_undo_an_opt_out(app: Application) -> None:
    """Its form arrives without the Lax cookie, and then nothing is deleted."""
    response = ask(app, "/opt-in", method="POST")
    assert response.status_code == 303
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("headers", [{"x-forwarded-proto": "https"}, {"forwarded": "for=192.0.2.1;proto=https"}])
def test_the_cookie_is_secure_where_the_visit_is(app: Application, headers: Mapping[str, str]) -> None:
    """TLS mostly ends at a proxy, which says so."""
    assert ask(app, "/opt-out", headers, "POST").headers["set-cookie"].endswith("; Secure")


def test_the_cookie_covers_the_domain_of_the_site(configuration: Configuration) -> None:
    """``cookie_domain`` is the site's; undoing deletes the cookie of the domain and that of the host."""
    site = replace(configuration.sites["demo"], cookie_domain="shop.example")
    app = Application(assemble(replace(configuration, sites={"demo": site}), Telemetry(stream=io.StringIO())))
    assert "; Domain=shop.example" in ask(app, "/opt-out", method="POST").headers["set-cookie"]
    deleted = ask(app, "/opt-in", {"cookie": "pb_optout=1"}, "POST").headers.get_list("set-cookie")
    assert ["Domain=shop.example" in cookie for cookie in deleted] == [True, False]


def test_global_privacy_control_is_confirmed(app: Application) -> None:
    """The page shows that the signal was honoured (11 CCR 7025(c)(6) asks for this)."""
    page = ask(app, headers={"sec-gpc": "1", "x-forwarded-for": "8.8.8.8", "accept-language": "en"}).text
    assert '<p class="notice">Opt-Out Request Honored.' in page


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_refused_visit_is_explained_without_repeating_anything(app: Application, spoken: Spoken) -> None:
    """The status is the problem's, the language the reader's, and the value appears nowhere."""
    headers = {**HEADERS_OF[spoken], "cookie": "pb_device=anna.schmidt@example.org"}
    response = ask(app, headers=headers)
    words = speakers()[spoken].words
    assert response.status_code == 422
    assert response.headers["content-language"] == words.language
    text = Outline(response.text).text
    assert words.page.refused in text
    assert words.categories["email"] in text
    assert "/cookies/pb_device" in text
    assert "anna" not in response.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/?site=nowhere", 404), ("/?marker_q7=1", 422), ("/?site=demo&site=demo", 422), ("/?email=x", 422),
     ("/?format=headers", 422), ("/?site=%3Cscript%3E", 422)],
)  # fmt: skip
def test_the_query_is_read_as_strictly_as_the_api_reads_it(app: Application, path: str, status: int) -> None:
    """Only ``site``, once; and the refusal is a page that repeats nothing."""
    for address, method in ((path, "GET"), (f"/opt-out{path[1:]}", "POST"), (f"/opt-in{path[1:]}", "POST")):
        response = ask(app, address, method=method)
        assert response.status_code == status
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "set-cookie" not in response.headers
        assert not any(part in response.text for part in ("marker_q7", "nowhere", "<script"))


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


def test_a_button_sends_no_body_and_none_is_read(app: Application) -> None:
    """The form's body is empty; anything else is refused, and the method is the table's."""
    assert ask(app, "/opt-out", method="POST", body=b"name=anna").status_code == 413
    assert ask(app, "/opt-out").status_code == 405


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_colours_can_be_read(app: Application, ground: str) -> None:
    """WCAG 2.2: text has a contrast of 4.5 : 1 or more on every ground it stands on."""
    style = re.findall(r":root \{(.*?)\}", ask(app).text, re.DOTALL)[ground == "dark"]
    colour = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", style))
    pairs = [("ink", "paper"), ("ink", "card"), ("ink", "wash"), ("soft", "paper"), ("soft", "card"),
             ("accent", "paper"), ("accent", "card"), ("warm", "paper"), ("on-accent", "accent")]  # fmt: skip
    for text, behind in pairs:
        assert contrast(colour[text], colour[behind]) >= 4.5, (text, behind)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2 between two colours."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
