"""The same question answered as a team would in an afternoon: FastAPI, pydantic, and the packages used as they come.

It has no policy, no limits, no trusted proxies, no metrics and, kindly, no Redis to wait for, so that it is faster than
what such a team would run. GEO_DATABASE names a country database.
"""

import os

import maxminddb
import user_agents
from fastapi import Cookie, FastAPI, Header, Request
from pydantic import BaseModel, Field

LANGUAGES = ["en", "de", "de-CH", "fr", "it", "es", "pt-BR", "ja", "zh-Hans", "zh-Hant", "ar"]
MARKETS = {"DE": "dach", "AT": "dach", "CH": "dach", "LI": "dach"}

app = FastAPI()
database = maxminddb.open_database(os.environ["GEO_DATABASE"])


class Language(BaseModel):
    tag: str
    source: str


class Region(BaseModel):
    country: str | None
    market: str | None
    source: str


class Device(BaseModel):
    class_: str = Field(serialization_alias="class")
    os: str
    browser: str
    bot: bool


class Slot(BaseModel):
    options: list[str]
    source: str


class Recommendation(BaseModel):
    site: str
    language: Language
    region: Region
    device: Device
    slots: dict[str, Slot]
    consent: list[str]
    ttl: int


def best_language(accept_language: str) -> str | None:
    """The first wish, by weight, that the site has: as written or without its last parts."""
    wishes = []
    for part in accept_language.split(","):
        tag, *parameters = part.strip().split(";")
        quality = next((text.strip()[2:] for text in parameters if text.strip().startswith("q=")), "1")
        try:
            wishes.append((float(quality), tag))
        except ValueError:
            continue
    by_lower = {language.lower(): language for language in LANGUAGES}
    for _, tag in sorted(wishes, key=lambda wish: wish[0], reverse=True):
        parts = tag.lower().split("-")
        for length in range(len(parts), 0, -1):
            if found := by_lower.get("-".join(parts[:length])):
                return found
    return None


def device_class(agent: user_agents.parsers.UserAgent) -> str:
    if agent.is_bot:
        return "bot"
    if agent.is_tablet:
        return "tablet"
    return "smartphone" if agent.is_mobile else "desktop" if agent.is_pc else "unknown"


@app.get("/v1/recommendation")
async def recommend(
    request: Request,
    site: str = "demo",
    x_forwarded_for: str | None = Header(None),
    user_agent: str = Header(""),
    accept_language: str = Header(""),
    pb_language: str | None = Cookie(None),
    pb_consent: str = Cookie(""),
) -> Recommendation:
    address = x_forwarded_for.split(",")[-1].strip() if x_forwarded_for else request.client.host
    try:
        country = (database.get(address) or {}).get("country_code")
    except ValueError:
        country = None
    chosen = pb_language if pb_language in LANGUAGES else None
    wished = best_language(accept_language)
    agent = user_agents.parse(user_agent)
    return Recommendation(
        site=site,
        language=Language(
            tag=chosen or wished or "en", source="cookie" if chosen else "accept_language" if wished else "default"
        ),
        region=Region(country=country, market=MARKETS.get(country), source="ip" if country else "default"),
        device=Device(class_=device_class(agent), os=agent.os.family, browser=agent.browser.family, bot=agent.is_bot),
        slots={"front": Slot(options=["spring", "app", "outlet"], source="default")},
        consent=[purpose for purpose in pb_consent.split(".") if purpose],
        ttl=300,
    )
