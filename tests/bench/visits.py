"""Invented visits to replay, the same on every machine, as the octets of whole requests.

``zipf`` is what a shop sees: a few browsers make most visits and a quarter of the visits come again.
``fresh`` has no User-Agent twice, so that nobody's cache of them helps. ``varied`` is ``fresh`` with new languages too,
for whoever asks what memory a million visits take, and ``languages`` is ``zipf`` in which nearly every visit asks for
languages of its own. Apart from ``run`` because this is data and that is measuring.

A file holds requests one after the other: the length in decimal, a newline, the octets. ``MARK`` in one is replaced
when it is sent, by a number of as many octets that was not sent before.
"""

import ipaddress
import json
import random
import uuid
from collections.abc import Iterable, Iterator
from itertools import accumulate, islice
from pathlib import Path
from typing import Literal, NamedTuple

from languages import accept_language

Mix = Literal["zipf", "fresh", "varied", "languages"]

VISITS = 16_000
MARK = "@@@@@@@@"
_SEED = 81_926
_RETURNING = 0.25

_PLATFORMS = {  # the word of Sec-CH-UA-Platform: what stands in brackets in a User-Agent, and whether it is mobile
    "Windows": ("Windows NT 10.0; Win64; x64", "?0"),
    "macOS": ("Macintosh; Intel Mac OS X 10_15_7", "?0"),
    "Android": ("Linux; Android 10; K", "?1"),
    "Linux": ("X11; Linux x86_64", "?0"),
    "Chrome OS": ("X11; CrOS x86_64 14541.0.0", "?0"),
}
_BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
)
_LANGUAGES = (
    *("en-US,en;q=0.9", "en-GB,en;q=0.9", "de-DE,de;q=0.9,en;q=0.6", "fr-FR,fr;q=0.9,en-US;q=0.8", "es-ES,es;q=0.9"),
    *("ja", "zh-CN,zh;q=0.9", "pt-BR,pt;q=0.9,en;q=0.5", "it-IT,it;q=0.9", "de-CH,de;q=0.9,fr-CH;q=0.7", "ar-EG,ar"),
    *("zh-TW,zh;q=0.9,en;q=0.4", "nl-NL,nl;q=0.9,en;q=0.8", "pl-PL,pl;q=0.9", "tr-TR,tr;q=0.9", "ko-KR,ko;q=0.9,en"),
    *("ru-RU,ru;q=0.9,en-US;q=0.8", "sv-SE,sv;q=0.9,en;q=0.8", "es-MX,es;q=0.9", "fr-CA,fr;q=0.9,en-CA;q=0.8", "*"),
)
_CHOSEN_LANGUAGES = ("de", "fr", "ja", "pt-BR")
_NETWORKS6 = (0x2001_0470, 0x2A02_1200, 0x2600_1700, 0x2400_4050, 0x2804_014C, 0x2A01_0CB0)


class Browser(NamedTuple):
    """What one browser sends of itself; the hints are empty where it has none."""

    user_agent: str
    brands: str = ""
    mobile: str = ""
    platform: str = ""


class Visit(NamedTuple):
    """One visit with all that it shows. ``chosen_language`` is a cookie of the visitor's own choice, mostly empty."""

    address: str
    browser: Browser
    languages: str
    device_id: str
    chosen_language: str


def visits(mix: Mix) -> list[Visit]:
    """VISITS visits; those of ``fresh`` and ``varied`` have a MARK in their User-Agent."""
    draw = random.Random(_SEED)
    browsers = list(_browsers())
    draw.shuffle(browsers)
    weights = list(accumulate(1 / rank for rank in range(1, len(browsers) + 1)))
    found: list[Visit] = []
    for number in range(VISITS):
        if mix == "zipf" and found and draw.random() < _RETURNING:
            found.append(draw.choice(found))
            continue
        browser = draw.choices(browsers, cum_weights=weights)[0]
        languages = draw.choice(_LANGUAGES)
        if mix == "languages":
            languages = accept_language(draw)
        elif mix != "zipf":
            browser = browser._replace(user_agent=f"{browser.user_agent} shop/{number:05d}.{MARK}")
        if mix == "varied":
            languages += f",x-{MARK};q=0.1"
        chosen = draw.choice(_CHOSEN_LANGUAGES) if draw.random() < 1 / 6 else ""
        device_id = str(uuid.UUID(int=draw.getrandbits(128), version=4))
        found.append(Visit(_address(draw), browser, languages, device_id, chosen))
    return found


def headers(visit: Visit) -> dict[str, str]:
    """The visit as its own request's headers, behind one proxy."""
    cookies = f"basket=3; pb_device={visit.device_id}; pb_consent=cohort.statistics.experiments"
    sent = {
        "X-Forwarded-For": visit.address,
        "User-Agent": visit.browser.user_agent,
        "Accept-Language": visit.languages,
        "Cookie": f"{cookies}; pb_language={visit.chosen_language}" if visit.chosen_language else cookies,
        "Sec-CH-UA": visit.browser.brands,
        "Sec-CH-UA-Mobile": visit.browser.mobile,
        "Sec-CH-UA-Platform": visit.browser.platform,
    }
    return {name: value for name, value in sent.items() if value}


def item(visit: Visit) -> dict[str, object]:
    """The visit as a backend tells it, one of a batch."""
    said = headers(visit)
    hints = {name.lower(): value for name, value in said.items() if name.startswith("Sec-CH-UA")}
    device = {
        "id": visit.device_id,
        "user_agent": said["User-Agent"],
        "accept_language": said["Accept-Language"],
        **({"client_hints": hints} if hints else {}),
    }
    signals: dict[str, object] = {"ip": visit.address, "device": device}
    if visit.chosen_language:
        signals["cookies"] = {"language": visit.chosen_language}
    return {"signals": signals, "consent": ["cohort", "statistics", "experiments"]}


def context(visit: Visit) -> bytes:
    """The body of a request for flags: the visit as an OpenFeature context."""
    said = headers(visit)
    fields = {
        "targetingKey": visit.device_id,
        "ip": visit.address,
        "userAgent": said["User-Agent"],
        "acceptLanguage": said["Accept-Language"],
        "consent": ["cohort", "statistics", "experiments"],
    } | ({"language": visit.chosen_language} if visit.chosen_language else {})
    return json.dumps({"context": fields}).encode()


def batches(found: Iterable[Visit], size: int) -> Iterator[bytes]:
    """Bodies of ``POST /v1/recommendations`` with ``size`` visits each."""
    items = map(item, found)
    while chunk := list(islice(items, size)):
        yield json.dumps({"site": "demo", "requests": chunk}, separators=(",", ":")).encode()


def get(target: str, fields: dict[str, str]) -> bytes:
    """A request without a body."""
    lines = [f"GET {target} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def post(target: str, body: bytes) -> bytes:
    """A request with a body of JSON."""
    fields = f"Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"POST {target} HTTP/1.1\r\n{fields}\r\n\r\n".encode() + body


def write(path: Path, requests: Iterable[bytes]) -> Path:
    """A file for replay.lua."""
    path.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))
    return path


def _browsers() -> Iterator[Browser]:
    """Some hundred browsers of the last two years, and two bots."""
    for version in range(120, 144):
        for platform, (system, mobile) in _PLATFORMS.items():
            phone = "Mobile " if mobile == "?1" else ""
            engine = f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0"
            for brand, suffix in (("Google Chrome", ""), ("Microsoft Edge", f" Edg/{version}.0.0.0")):
                brands = f'"{brand}";v="{version}", "Chromium";v="{version}", "Not?A_Brand";v="99"'
                yield Browser(f"{engine} {phone}Safari/537.36{suffix}", brands, mobile, f'"{platform}"')
        for system in ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Android 14; Mobile"):
            gecko = f"{version}.0" if "Android" in system else "20100101"
            yield Browser(f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/{gecko} Firefox/{version}.0")
    for major in (16, 17, 18):
        for minor in range(7):
            for system in (
                f"iPhone; CPU iPhone OS {major}_{minor} like Mac OS X",
                f"iPad; CPU OS {major}_{minor} like Mac OS X",
            ):
                engine = f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                yield Browser(f"{engine} Version/{major}.{minor} Mobile/15E148 Safari/604.1")
    yield from map(Browser, _BOTS)


def _address(draw: random.Random) -> str:
    """A public address; every fourth of IPv6."""
    if draw.random() < 1 / 4:
        return str(ipaddress.IPv6Address(draw.choice(_NETWORKS6) << 96 | draw.getrandbits(64)))
    while True:
        address = ipaddress.IPv4Address(draw.getrandbits(32))
        if address.is_global and not address.is_multicast:
            return str(address)
