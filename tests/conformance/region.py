"""Scores currency, first day, measurement and time zone of every country against CLDR's own supplemental data.

The expectations are read from the JSON of the conformance set in the most literal way, apart from the code that builds
the shipped tables, so that a mistake in the one shows in the other.
"""

import datetime as dt
import json
import zoneinfo
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from service.adapters.cldr.regions import PACKAGED, load_region_tables
from service.core.region import Region, RegionRecommender

Row = tuple[str, str, str, bool]
Case = tuple[str, Any, Any]
Ask = Callable[..., Region]
BAR = 0.995
UNKNOWN_REGION = "ZZ"


def score(folder: Path) -> list[Row]:
    """One row for each fact, over all territories of CLDR; none where the set is absent."""
    rows = []
    for name, results in _results(folder):
        right = sum(got == expected for _, got, expected in results)
        share = right / len(results)
        rows.append((f"region: {name}", f"{right}/{len(results)} = {share:.2%}", f">= {BAR:.1%}", share >= BAR))
    return rows


def misses(folder: Path) -> list[str]:
    """What the rows count as wrong, for people who look into it."""
    return [
        f"{name}, {case}: {got} for {expected}"
        for name, results in _results(folder)
        for case, got, expected in results
        if got != expected
    ]


def _results(folder: Path) -> Iterator[tuple[str, list[Case]]]:
    data = folder / "region-language" / "cldr-supplemental"
    if not data.exists():
        return
    tables = load_region_tables()
    site = RegionRecommender({}, tables)
    territories = sorted(_read(data, "territoryInfo").keys() - {UNKNOWN_REGION})

    def ask(country: str, time_zone: str | None = None) -> Region:
        return site.decide(tables.normalise_place(country, None, time_zone, "ip"), None)

    yield "country is told", [(code, ask(code).country, code) for code in territories]
    yield "currency", list(_currency(data, territories, ask))
    yield "first day", list(_first_day(data, territories, ask))
    yield "measurement", list(_measurement(data, territories, ask))
    yield "time zone of the geo record", list(_recorded_zone(data, ask))
    yield "time zone of the country alone", list(_country_zone(data, ask))


def _currency(data: Path, territories: list[str], ask: Ask) -> Iterator[Case]:
    day = json.loads(PACKAGED.read_bytes())["sources"]["today"]
    regions = _read(data, "currencyData")["region"]
    for country in territories:
        tender = [
            code
            for entry in regions.get(country, [])
            for code, facts in entry.items()
            if facts.get("_tender") != "false" and facts.get("_from", day) <= day <= facts.get("_to", day)
        ]
        yield country, ask(country).currency, (tender or [None])[0]


def _first_day(data: Path, territories: list[str], ask: Ask) -> Iterator[Case]:
    days = _read(data, "weekData")["firstDay"]
    for country in territories:
        yield country, ask(country).first_day, days.get(country, days["001"])


def _measurement(data: Path, territories: list[str], ask: Ask) -> Iterator[Case]:
    systems = _read(data, "measurementData")["measurementSystem"]
    for country in territories:
        yield country, ask(country).measurement, systems.get(country, systems["001"]).casefold()


def _recorded_zone(data: Path, ask: Ask) -> Iterator[Case]:
    """A geo record names the zone, under CLDR's name for it: the answer must be that zone and no other."""
    for country, zones in _zones(data).items():
        for zone in zones:
            yield f"{country} {zone}", ask(country, zone).time_zone, zone


def _country_zone(data: Path, ask: Ask) -> Iterator[Case]:
    """With the country alone: its only zone or CLDR's primary one, by the clock; nothing where the clocks differ."""
    primary = _read(data, "primaryZones")
    for country, zones in _zones(data).items():
        clocks = {_clock(zone) for zone in zones}
        expected = _clock(primary[country]) if country in primary else None
        if expected is None and len(clocks) == 1:
            expected = clocks.pop()
        told = ask(country).time_zone
        yield country, None if told is None else _clock(told), expected


def _zones(data: Path) -> dict[str, list[str]]:
    zones: dict[str, list[str]] = defaultdict(list)
    for entry in _read(data, "windowsZones")["mapTimezones"]:
        mapped = entry["mapZone"]
        if mapped["_territory"] not in ("001", UNKNOWN_REGION):
            zones[mapped["_territory"]] += [zone for zone in mapped["_type"].split() if "/" in zone]
    return zones


def _clock(zone: str) -> tuple[object, ...]:
    """What clocks show in each month of 2026."""
    months = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in range(1, 13))
    return tuple(moment.astimezone(zoneinfo.ZoneInfo(zone)).utcoffset() for moment in months)


def _read(data: Path, name: str) -> Any:
    supplemental = json.loads((data / f"{name}.json").read_text(encoding="utf-8"))["supplemental"]
    return supplemental[name]
