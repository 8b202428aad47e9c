"""Reads ``regions.json``, generated from CLDR and the time zone database, into the tables of ``core.region``.

The file is compact (a list is words in one string, what is unknown is left out) because it is read at every start,
which takes 1 to 2 ms. ``build_regions`` writes it.
"""

from pathlib import Path

import msgspec

from service.core.location import CountryCode, SubdivisionCode, TimeZone
from service.core.region import ContinentCode, CountryFacts, CurrencyCode, Measurement, RegionTables, Weekday

PACKAGED = Path(__file__).with_name("regions.json")


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    measurement: Measurement
    first_day: Weekday
    continent: ContinentCode
    currency: CurrencyCode | None = None
    time_zone: TimeZone | None = None
    time_zones: str = ""
    subdivisions: str = ""
    elsewhere: dict[str, str] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, str]
    aliases: dict[str, CountryCode]
    currencies: str
    countries: dict[CountryCode, _Entry]


def load_region_tables(path: Path = PACKAGED) -> RegionTables:
    """The tables in a file that ``build_regions`` wrote. Raises OSError and msgspec.ValidationError."""
    file = msgspec.json.decode(path.read_bytes(), type=_File)
    return RegionTables(
        countries={country: _facts(entry) for country, entry in file.countries.items()},
        aliases=file.aliases,
        currencies=frozenset(file.currencies.split()),
    )


def _facts(entry: _Entry) -> CountryFacts:
    zones: dict[SubdivisionCode, TimeZone | None] = dict.fromkeys(entry.subdivisions.split(), entry.time_zone)
    for zone, subdivisions in entry.elsewhere.items():
        zones.update(dict.fromkeys(subdivisions.split(), zone or None))
    return CountryFacts(
        currency=entry.currency,
        measurement=entry.measurement,
        first_day=entry.first_day,
        continent=entry.continent,
        time_zone=entry.time_zone,
        time_zones=frozenset(entry.time_zones.split()),
        subdivisions=zones,
    )
