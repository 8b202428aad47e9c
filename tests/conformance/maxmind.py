"""Scores geo look-ups over the databases MaxMind publishes for testing, good and bad.

What every network in the source JSON says is asked of the adapter with a normaliser that passes everything on; how many
of those places the shipped normaliser then drops or coarsens is said in a row of its own, because dropping small
subdivisions is intended. Bad files must be refused, or answer every address without raising.
"""

import ipaddress
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from service.adapters.cldr.regions import load_region_tables
from service.adapters.maxmind import MaxmindGeo
from service.adapters.mmdb.coarse import coarsen
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, copy_to_sealed_memfd
from service.core.location import Place, PlaceSource

Row = tuple[str, str, str, bool]

_without_places = ("ASN", "ISP", "Domain", "Connection-Type", "Anonymous", "Residential", "IP-Risk", "Static-IP",
                   "User-Count", "DensityIncome")  # fmt: skip
_probe_addresses = tuple(str(ipaddress.IPv4Address(n << 22 | 1)) for n in range(1 << 10)) + tuple(
    f"{n:x}::1" for n in range(0x2000, 0x4000, 16)
)

logger = logging.getLogger(__name__)


def score(folder: Path) -> list[Row]:
    """One row per set of the folder's ``maxmind``; none where it is absent."""
    root = folder / "maxmind"
    if not root.is_dir():
        return []
    return [
        *(
            row
            for source in sorted((root / "source-data").glob("*.json"))
            for row in _places(source, root / "test-data")
        ),
        _normalised(root),
        _bad_files(root),
        _without_countries(root),
    ]


def _as_said(country: str | None, subdivision: str | None, time_zone: str | None, source: PlaceSource) -> Place:
    return Place(country, subdivision, time_zone, source)


def _expected(source: Path) -> Iterator[tuple[str, tuple[Any, Any, Any]]]:
    """First address of each network, the most specific network's record winning, as when the database was built."""
    networks = {}
    for entry in json.loads(source.read_text()):
        for text, record in entry.items():
            network = ipaddress.ip_network(text, strict=False)
            first = network.network_address
            if first.version == 6 and int(first) >> 32 == 0 and network.prefixlen >= 96:
                network = ipaddress.ip_network((int(first), network.prefixlen - 96))
            networks[network] = record
    for network, record in networks.items():
        address = network.network_address
        if any(other != network and other.version == network.version and address in other
               and other.prefixlen > network.prefixlen for other in networks):  # fmt: skip
            continue
        location, subdivisions = record.get("location", {}), record.get("subdivisions", [{}])
        yield (
            str(address),
            (record.get("country", {}).get("iso_code"), subdivisions[0].get("iso_code"), location.get("time_zone")),
        )


def _said(place: Place | None) -> tuple[Any, Any, Any]:
    return (place.country, place.subdivision, place.time_zone) if place else (None, None, None)


def _places(source: Path, databases: Path) -> Iterator[Row]:
    if any(name in source.name for name in _without_places):
        return
    path = databases / f"{source.stem}.mmdb"
    cases = list(_expected(source))
    right = dict.fromkeys(("full", "coarse"), 0)
    held = coarsen(copy_to_sealed_memfd(path))
    for variant, file in (("full", path), ("coarse", f"/proc/self/fd/{held}")):
        geo = MaxmindGeo(file, _as_said)
        if geo.open():
            right[variant] = sum(_said(geo.look_up(address)) == expected for address, expected in cases)
    for variant, count in right.items():
        yield f"{source.stem} ({variant})", f"{count}/{len(cases)}", "100 %", count == len(cases)


def _normalised(root: Path) -> Row:
    tables = load_region_tables()
    total = countries = subdivisions = kept = zones = kept_zones = 0
    for source in sorted((root / "source-data").glob("*City*.json")):
        geo = MaxmindGeo(root / "test-data" / f"{source.stem}.mmdb", tables.normalise_place)
        geo.open()
        for address, (country, subdivision, time_zone) in _expected(source):
            said = _said(geo.look_up(address))
            total += 1
            countries += said[0] == country
            subdivisions, kept = subdivisions + (subdivision is not None), kept + (said[1] is not None)
            zones, kept_zones = zones + (time_zone is not None), kept_zones + (said[2] is not None)
    text = f"country {countries}/{total}, subdivision kept {kept}/{subdivisions}, time zone kept {kept_zones}/{zones}"
    return "City, normalised (small subdivisions are dropped by design)", text, "every country", countries == total


def _bad_files(root: Path) -> Row:
    """bad-data where present, and the files of test-data that are broken on purpose."""
    bad = [
        *root.glob("bad-data/**/*.mmdb"),
        *root.glob("test-data/*roken*.mmdb"),
        *root.glob("test-data/*Invalid*.mmdb"),
    ]
    refused = answered = raised = 0
    for path in sorted(bad):
        geo = MaxmindGeo(path, _as_said)
        try:
            if not geo.open():
                refused += 1
                continue
            for address in _probe_addresses:
                geo.look_up(address)
            answered += 1
        except Exception:
            logger.exception("%s", path.name)
            raised += 1
    return "bad files", f"{refused} refused, {answered} answer, {raised} raise", "none raises", bool(bad) and not raised


def _without_countries(root: Path) -> Row:
    paths = [
        path
        for path in sorted((root / "test-data").glob("Geo*.mmdb"))
        if any(name in path.name for name in _without_places)
    ]
    refused = 0
    for path in paths:
        try:
            hold = MaxmindGeo(path, _as_said)
            refused += not hold.open()
        except DatabaseRefusedError:
            refused += 1
    return "databases without countries are refused", f"{refused}/{len(paths)}", "all", refused == len(paths)
