"""Pages in other languages than English: no word of English is left in them, wherever a visitor is and whatever they show."""

import asyncio
import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2 as httpx
import msgspec
import pytest

from service.adapters.memory_store import MemoryStore
from service.app import Application, assemble, read_configuration
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.languages.prior import Learned
from service.core.location import Place
from service.telemetry import Telemetry
from service.web.pages import words
from tests.conftest import CHROME, Discarded

FOLDER = Path(words.__file__).parent
OTHERS = ("de", "de-CH", "fr", "es", "zh-Hans", "ar")
# What is left out beforehand: header and field names, the signal's own name, time zones, and what a browser shows as code.
NAMES = re.compile(
    r"Accept-Language|User-Agent|Sec-CH-UA|Sec-GPC|Save-Data|pb_[a-z]*(=1)?|Global Privacy Control|\b[A-Z][a-z]+/[A-Z]\w+"
)
# Proper names: products, laws, authorities, courts' cases, codes of currencies, and what the site calls its things.
PROPER = """Passerby Android Chrome iOS Safari iPadOS Windows macOS Linux ChromeOS Firefox Edge Roku OS WebView JSON IP
    ANPD APPI Breyer CCPA CCR CEPD CFR CNIL COPPA CPA CPRA DPDP DUAA EDPB EDPS EU Europe FTC GB GDPR IAB ICO IX LGPD LIL
    PECR PIPA PIPC PIPL SRB TCA UK US revFADP ePrivacy C P T v A1 c2 vii
    BRL CAD CHF CNY EUR GBP INR JPY KRW PEN USD CA QC ZH TX
    hero dach front spring app outlet outdoor shoes home a b"""
# Words that both languages have, some of them under other meanings.
# Words that a language has in common with English, some under other meanings.
SHARED = {
    "de": "all also an art browser cookie cookies experiment form in information mail min name option region smartphone so "
    "system tablet was website will",
    "fr": "an art car chose cookie cookies description en exceptions guide information long mail min non on option page par "
    "postal questions script service signal simple smartphone standard transmission web",
    "es": "art control cookie cookies en hash hashes legal min no personal postal script sector web",
    "zh": "cookie",
    "ar": "",
}
COMMONEST = """the of and to in is that it was for on are as with his they at be this have from or one had by but not what
    all were we when your can said there use an each which she do how their if will up other about out many then them
    these so some her would make like him into time has look two more go see no way could people my than first been who
    its now find long down day did get come made may part draft counsel engineering sure unknown known"""


@pytest.fixture(scope="module")
def world() -> tuple[Application, list[str]]:
    """An application and the addresses of its visitors.

    The shipped configuration over a place in each row of the policy, with groups that have grown and learned.
    """
    configuration = read_configuration(environment={"PASSERBY_ADMIN_PORT": "0"})
    house = assemble(configuration, Telemetry(stream=Discarded()), MemoryStore(k=100, k_prefixes=20, retention_s=3600))
    places: Any = _Places(configuration.policy)
    house.decisions.intake.geo = places
    known = {"JP/smartphone/android": 200, "smartphone": 400, "all": 400}
    languages = house.current.epoch.sites["demo"].rules.matcher.languages
    learned = {"BR": Learned((tuple(1e5 if tag == "es" else 0.0 for tag in languages),))}
    house.current.epoch = house.current.epoch.released("demo", SiteSnapshot(Interval(0, 3600), known, learned, {}))
    return Application(msgspec.structs.replace(house, geo=places)), [*places.of, "203.0.113.9"]


class _Places:
    """The geo door (``ports.GeoLookup``) with an address for every row, and for a country of which the part is unknown."""

    healthy, refused, errors, built_at = True, 0, 0, 1_795_000_000

    def __init__(self, policy: Any) -> None:
        firsts = [(row.places or ("PE",))[0].partition("-") for row in policy.regimes.values()]
        found = [Place(country, part or None, "Europe/Zurich", "ip") for country, _, part in firsts]
        found += [Place(country, None, None, "ip") for country, _, part in firsts if part]
        found.append(Place("JP", None, "Asia/Tokyo", "ip"))
        self.of = {f"9.9.9.{number}": place for number, place in enumerate(found, start=1)}

    def look_up(self, address: str) -> Place | None:
        return self.of.get(address)

    def open(self) -> bool:
        return True

    async def watch(self, interval_s: float) -> None:
        """Nothing changes here."""

    def close(self) -> None:
        """Nothing to let go."""


DEVICE = "pb_device=7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
FULL = (
    f"{DEVICE}; pb_interests=outdoor:3.shoes:2; pb_variants=hero.b; pb_consent=statistics.experiments.interests.cohort"
)
SHOWN: list[tuple[str, Mapping[str, str]]] = [
    ("/", {}),
    ("/", {"user-agent": CHROME}),
    ("/", {"user-agent": CHROME, "cookie": "pb_optout=1"}),
    ("/", {"user-agent": CHROME, "cookie": f"{FULL}; pb_region=JP"}),
    ("/", {"user-agent": CHROME, "cookie": f"{FULL}; pb_optout=1", "sec-gpc": "1"}),
    ("/", {"user-agent": CHROME, "cookie": "pb_device=x; pb_region=!!; pb_interests=!; pb_variants=!; pb_consent=!"}),
    ("/", {"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}),
    ("/", {"sec-ch-ua": '"Chromium";v="141"', "sec-ch-ua-mobile": "?0", "sec-ch-ua-platform": '"Windows"'}),
    (
        "/",
        {"user-agent": "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Safari/604.1"},
    ),
    ("/", {"user-agent": "Roku/DVP-12.0 (12.0.0)", "save-data": "on"}),
    ("/", {"cookie": "pb_device=anna@shop.example"}),
    ("/", {"cookie": "pb_device=+41791234567; pb_region=195.65.10.7"}),
    ("/", {"cookie": f"pb_interests={'x' * 3000}"}),
    ("/?site=nowhere", {}),
    ("/?site=demo&site=demo", {}),
    ("/?site=%3C", {}),
]


def pages(app: Application, addresses: list[str], language: str) -> Iterator[str]:
    """What people read of every page, but for what is said to be code."""

    async def send() -> list[str]:
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://passerby.test") as client:
            found = []
            for path, headers in SHOWN:
                # What was refused does not depend on the place.
                for address in addresses if path == "/" and "anna" not in str(headers) else addresses[:1]:
                    sent = {"accept-language": language, "x-forwarded-for": address, **headers}
                    response = await client.get(path, headers=sent)
                    if response.headers["content-language"].partition("-")[0] == language.partition("-")[0]:
                        found.append(response.text)
            return found

    for page in asyncio.run(send()):
        told = re.sub(r"<(pre|code|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
        yield NAMES.sub(" ", html.unescape(re.sub(r"<[^>]*>", " ", told)))


def english() -> frozenset[str]:
    """The words that our own English has, and the commonest of all."""
    told = json.loads((FOLDER / "words" / "en.json").read_text())
    notes = " ".join(json.loads((FOLDER / "notes.json").read_text())["notes"])
    text = re.sub(r"{\w+}", " ", json.dumps(_values(told)) + notes + COMMONEST)
    return frozenset(word.lower() for word in re.findall(r"[A-Za-z]+", text))


def _values(told: Any) -> list[Any]:
    return [_values(value) if isinstance(value, dict) else value for value in told.values()]


@pytest.mark.parametrize("language", OTHERS)
def test_no_word_of_english_is_left(world: tuple[Application, list[str]], language: str) -> None:
    """Between other letters than Latin ones any Latin word is one that must be a name."""
    spoken = language.partition("-")[0]
    shared = {*SHARED[spoken].split()}
    known, proper = english(), {*PROPER.split()}
    seen: dict[str, str] = {}
    count = 0
    for text in pages(*world, language):
        count += 1
        for found in re.finditer(r"[^\W\d_]{2,}", text):
            word = found[0]
            if not word.isascii() or word in proper or word.lower() in shared:
                continue
            if spoken in ("zh", "ar") or word.lower() in known:
                seen.setdefault(word, text[max(0, found.start() - 40) : found.end() + 40])
    assert count >= 150
    assert seen == {}


@pytest.mark.parametrize("language", OTHERS)
def test_dates_are_written_as_the_language_writes_them(world: tuple[Application, list[str]], language: str) -> None:
    """No ISO date is left where people read; and where Switzerland reads, no ß."""
    spoken = language.partition("-")[0]
    dates = {"de": "22. November 2026", "fr": "22 novembre 2026", "es": "22 de noviembre de 2026",
             "zh": "2026年11月22日", "ar": "22 نوفمبر 2026"}  # fmt: skip
    told = [text for text in pages(*world, language) if dates[spoken] in text]
    assert len(told) >= 100
    for text in pages(*world, language):
        assert not re.search(r"\d{4}-\d\d-\d\d", text)
        assert language != "de-CH" or "ß" not in text
