"""The region recommended for a visit: its country, perhaps a large subdivision, and what CLDR says of that country.

A visitor's own choice (``pb_region``) replaces the place (``location``); the legal regime goes by the place alone. The
facts of the world arrive as ``RegionTables``. From any text only codes of the tables come out.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct

from service.core.location import CountryCode, Place, PlaceSource, SubdivisionCode, TimeZone

CurrencyCode = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217")]
ContinentCode = Annotated[str, Meta(pattern=r"^[0-9]{3}$", description="UN M49: 002 009 019 142 150")]
MarketKey = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,31}$", max_length=32)]
Measurement = Literal["metric", "us", "uk"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
RegionSource = Literal["cookie", "edge", "ip", "cohort", "default"]
Confidence = Annotated[float, Meta(ge=0.0, le=1.0, description="rounded to 0.05")]
RegionChoice = tuple[CountryCode, SubdivisionCode | None]

# How sure the *country* is. A visitor's own choice is certain. An edge looks its peer up in data of the day; a file of
# our own may be weeks old; and behind either stand VPNs, roaming and satellites, which no database sees through. The
# subdivision is the likeliest one, less sure than the country, and never lifts or lowers this number.
CONFIDENCE: Mapping[RegionSource, float] = {"cookie": 1.0, "edge": 0.95, "ip": 0.9, "default": 0.0}


class Region(Struct, frozen=True, gc=False):
    """The recommended region. Unknown parts are None, never guessed; ``default`` means that all of them are.

    ``market`` is a key of the site's config. ``time_zone`` is None where a country has several and nothing tells which.
    """

    country: CountryCode | None
    subdivision: SubdivisionCode | None
    market: MarketKey | None
    currency: CurrencyCode | None
    time_zone: TimeZone | None
    measurement: Measurement | None
    first_day: Weekday | None
    confidence: Confidence
    source: RegionSource


UNKNOWN_REGION = Region(None, None, None, None, None, None, None, CONFIDENCE["default"], "default")


class CountryFacts(Struct, frozen=True):
    """The facts of one country.

    ``currency``: the legal tender that CLDR lists first. ``time_zone``: its only zone, the one CLDR calls primary, or
    the first of several that keep the same time; None where they differ. ``time_zones``: every IANA name that lies in
    it, old names too. ``subdivisions``: those of 100,000 inhabitants or more, each with its zone, None where it has
    several.
    """

    currency: CurrencyCode | None
    measurement: Measurement
    first_day: Weekday
    continent: ContinentCode
    time_zone: TimeZone | None
    time_zones: frozenset[TimeZone]
    subdivisions: Mapping[SubdivisionCode, TimeZone | None]


class RegionTables(Struct, frozen=True):
    """The world's countries by code. ``aliases``: a code out of use, and the one country that took it over (UK: GB)."""

    countries: Mapping[CountryCode, CountryFacts]
    aliases: Mapping[str, CountryCode]
    currencies: frozenset[CurrencyCode]

    def has_country(self, country: str) -> bool:
        """Whether this is a country's code in its canonical form."""
        return country in self.countries

    def mistake_in_country(self, country: str) -> str | None:
        """The mistake in a country's code, in words for an operator; None when it is canonical."""
        if country in self.countries:
            return None
        current = self.aliases.get(country)
        return f"{country} is no country" + ("" if current is None else f"; its code is {current}")

    def continent(self, country: str) -> ContinentCode | None:
        """The UN M49 code of the country's continent: 002 Africa, 009 Oceania, 019 Americas, 142 Asia, 150 Europe."""
        facts = self.countries.get(country)
        return None if facts is None else facts.continent

    def normalise_place(
        self, country: str | None, subdivision: str | None, time_zone: str | None, source: PlaceSource
    ) -> Place:
        """The place that a geo database or an edge's headers mean; never raises. 0.1 us on canonical codes, else 0.4.

        ``country`` in any case, also a code out of use; what stands for no country (``XX T1 A1 EU``) is None, and then
        everything is. ``subdivision`` with or without the country before it; one that is unknown or has fewer than
        100,000 inhabitants is None. A ``time_zone`` that does not lie in the country is None.
        """
        if country is None:
            return _NOWHERE[source]
        facts = self.countries.get(country)
        if facts is None:
            canonical = self._country(country)
            if canonical is None:
                return _NOWHERE[source]
            country, facts = canonical, self.countries[canonical]
        if subdivision is not None and subdivision not in facts.subdivisions:
            subdivision = _subdivision(country, facts, subdivision)
        if time_zone is not None and time_zone not in facts.time_zones:
            time_zone = None
        return Place(country, subdivision, time_zone, source)

    def parse_region(self, text: str) -> RegionChoice | None:
        """A visitor's own choice as ``pb_region`` and the flag context carry it: ``CH`` or ``CH-ZH``, in any case.

        None when ill-formed or no country. A subdivision that is unknown or has fewer than 100,000 inhabitants is left
        away, so that what a cookie may say is no finer than what we would.
        """
        if _REGION_SHAPE.fullmatch(text) is None:
            return None
        country = self._country(text[:2])
        if country is None:
            return None
        if len(text) == 2:  # noqa: PLR2004  # the length of a country's code
            return country, None
        return country, _subdivision(country, self.countries[country], text[3:])

    def _country(self, code: str) -> CountryCode | None:
        if len(code) > _CODE_LENGTH_MAX or not code.isascii():
            return None
        code = code.strip().upper()
        code = self.aliases.get(code, code)
        return code if code in self.countries else None


class Market(Struct, frozen=True, forbid_unknown_fields=True):
    """A market of a site: its countries, and the currency it trades in where that is not the country's own."""

    countries: tuple[CountryCode, ...]
    currency: CurrencyCode | None = None


class RegionRecommender:
    """Recommends a region on one site, from its markets and the tables of the world."""

    def __init__(self, markets: Mapping[str, Market], tables: RegionTables) -> None:
        """Expects markets in which ``mistakes_in_markets`` found nothing."""
        self.tables = tables
        self._facts = tables.countries
        self._market_of = {country: key for key, market in markets.items() for country in market.countries}
        self._currency_of = {key: market.currency for key, market in markets.items()}

    def decide(self, place: Place | None, choice: RegionChoice | None) -> Region:
        """The region of a visit: what the visitor chose, else the place. 0.3 us, too little for a cache to save any.

        ``place`` and ``choice`` come from ``RegionTables.normalise_place`` and ``parse_region``. Of a place outside the
        chosen country nothing is used; one inside it tells the time zone, where the choice alone does not.
        """
        if choice is not None and choice[0] in self._facts:
            country, subdivision = choice
            inside = place is not None and place.country == country and subdivision in (None, place.subdivision)
            time_zone = place.time_zone if place is not None and inside else None
            whereabouts = place.subdivision if place is not None and inside else subdivision
            return self._region(country, subdivision, time_zone, whereabouts, "cookie")
        if place is not None and place.country is not None and place.country in self._facts:
            return self._region(place.country, place.subdivision, place.time_zone, place.subdivision, place.source)
        return UNKNOWN_REGION

    def _region(
        self,
        country: CountryCode,
        subdivision: SubdivisionCode | None,
        time_zone: TimeZone | None,
        whereabouts: SubdivisionCode | None,
        source: RegionSource,
    ) -> Region:
        facts = self._facts[country]
        if time_zone is None:
            time_zone = facts.time_zone if whereabouts is None else facts.subdivisions.get(whereabouts, facts.time_zone)
        market = self._market_of.get(country)
        currency = None if market is None else self._currency_of[market]
        return Region(
            country=country,
            subdivision=subdivision,
            market=market,
            currency=currency or facts.currency,
            time_zone=time_zone,
            measurement=facts.measurement,
            first_day=facts.first_day,
            confidence=CONFIDENCE[source],
            source=source,
        )


def mistakes_in_markets(markets: Mapping[str, Market], tables: RegionTables) -> list[str]:
    """Everything wrong with a site's markets, in words for its operator: what a type alone cannot say."""
    mistakes = []
    market_of_country: dict[str, str] = {}
    for key, market in markets.items():
        if not market.countries:
            mistakes.append(f"markets.{key}.countries: at least one is needed")
        for country in market.countries:
            if mistake := tables.mistake_in_country(country):
                mistakes.append(f"markets.{key}.countries: {mistake}")
            elif country in market_of_country:
                where = (
                    "there twice"
                    if market_of_country[country] == key
                    else f"in markets.{market_of_country[country]} too"
                )
                mistakes.append(f"markets.{key}.countries: {country} stands {where}")
            market_of_country.setdefault(country, key)
        if market.currency is not None and market.currency not in tables.currencies:
            mistakes.append(f"markets.{key}.currency: {market.currency} is no country's money today")
    return mistakes


_NOWHERE: Mapping[PlaceSource, Place] = {"edge": Place(None, None, None, "edge"), "ip": Place(None, None, None, "ip")}
_REGION_SHAPE = re.compile(r"[A-Za-z]{2}(?:-[A-Za-z0-9]{1,3})?")
# Longer than any code with its country and some white space; a header's value may be kilobytes.
_CODE_LENGTH_MAX = 16


def _subdivision(country: CountryCode, facts: CountryFacts, code: str) -> SubdivisionCode | None:
    if len(code) > _CODE_LENGTH_MAX or not code.isascii():
        return None
    code = code.strip().upper().removeprefix(f"{country}-")
    return code if code in facts.subdivisions else None
