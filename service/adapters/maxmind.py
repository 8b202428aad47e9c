"""Geo look-ups in MaxMind, DB-IP and country-code databases: from an address to a coarse place.

It is on the hot path: one call of the C reader, one look into a table of the places met so far, nothing else. 1 us a
look-up on a country-code file; the reader's decoding of names in eight languages makes it 4 to 7 us on a full City
file. The table is keyed by what records say (country, subdivision, time zone), never by addresses, so nothing here
remembers who asked.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from service.adapters.mmdb.database import Database, RawPlace, country_code_place, geoip2_place
from service.adapters.mmdb.following import DatabaseFollower
from service.adapters.mmdb.snapshot_file import DatabaseRefusedError, Refusal
from service.core.location import Place, PlaceSource

Normalise = Callable[[str | None, str | None, str | None, PlaceSource], Place]
GeoEvent = Literal["geo_opened", "geo_replaced", "geo_refused"]
OnEvent = Callable[[GeoEvent, Mapping[str, object]], None]

places_max = 16_384
"""A world-wide City file has about 5,000 distinct (country, subdivision, time zone); the rest is not cached."""

_nowhere = Place(None, None, None, "ip")


class MaxmindGeo:
    """Answers ``ports.GeoLookup`` from the file at ``path`` and follows the file when it is replaced.

    ``open`` once, then run ``watch`` beside the service, then ``close``. ``errors`` counts look-ups that failed inside
    the reader (a record that does not decode, an address that is none) and were answered "unknown".
    """

    def __init__(
        self,
        path: str | Path,
        normalise: Normalise,
        on_event: OnEvent = lambda _event, _fields: None,
        *,
        places_max: int = places_max,
    ) -> None:
        self._places_max = places_max
        self.errors = 0
        self.refused = 0
        self.refusal: Refusal | None = None
        """Why there is no database; None while there is one."""
        self._normalise = normalise
        self._on_event = on_event
        self._follower = DatabaseFollower(path)
        self._places: dict[str | RawPlace | None, Place | None] = {}
        self._database: Database | None = None
        self._get: Callable[[str], Any] = _unknown
        self._flat = False
        self._knows_ipv6 = False

    def look_up(self, address: str) -> Place | None:
        """The place of a normalised textual IPv4 or IPv6 address; None when nothing is known. Never raises.

        Private, reserved and documentation addresses are unknown whatever the database says: some say nonsense.
        """
        try:
            if ":" in address:
                if not self._knows_ipv6 or _is_reserved_ipv6(address):
                    return None
            elif address[:4] in _perhaps_reserved and _is_reserved_ipv4(address):
                return None
            record = self._get(address)
            if record is None:
                return None
            key = record["country_code"] if self._flat else geoip2_place(record)
            return self._places[key]
        except KeyError:
            return self._learn(address)
        except Exception:  # noqa: BLE001 - the promise is to answer: a broken record is an unknown place
            self.errors += 1
            return None

    @property
    def built_at(self) -> int | None:
        return None if self._database is None else self._database.built_at

    @property
    def database_type(self) -> str | None:
        return None if self._database is None else self._database.database_type

    @property
    def healthy(self) -> bool:
        database = self._database
        if database is None:
            return False
        try:
            return database.reader.get(database.witness) is not None
        except Exception:  # noqa: BLE001 - as in look_up
            return False

    def open(self) -> bool:
        """Open the file now, blocking. False when it was refused: look-ups answer "unknown" until a good one comes."""
        return self._take(self._follower.open_now)

    async def watch(self, interval_s: float) -> None:
        """Follow the file for ever: look at it every ``interval_s``, take a new one once it is complete and sound."""
        while True:
            await asyncio.sleep(interval_s)
            await self.refresh()

    async def refresh(self) -> bool:
        """One look at the file; whether a new database came into service. Opening happens off the event loop."""
        serving = self.built_at or 0
        try:
            change = await asyncio.to_thread(self._follower.poll, serving)
        except DatabaseRefusedError as refused:
            self._refuse(refused)
            return False
        return change is not None and self._take(lambda: change)

    def close(self) -> None:
        """Every later look-up answers "unknown"."""
        self._put(None)

    def _take(self, bring: Callable[[], tuple[int, Database]]) -> bool:
        try:
            descriptor, database = bring()
        except DatabaseRefusedError as refused:
            self._refuse(refused)
            return False
        os.close(descriptor)
        event: GeoEvent = "geo_opened" if self._database is None else "geo_replaced"
        self.refused, self.refusal = 0, None
        self._put(database)
        self._on_event(event, {"built_at": database.built_at, "database_type": database.database_type})
        return True

    def _refuse(self, refused: DatabaseRefusedError) -> None:
        self.refused += 1
        self.refusal = refused.reason if self._database is None else None
        self._on_event("geo_refused", {"reason": refused.reason, "built_at": self.built_at})

    def _put(self, database: Database | None) -> None:
        # The old reader is not closed but let go: it unmaps its file when the last look-up that holds it ends.
        self._database = database
        self._get = _unknown if database is None else database.reader.get
        self._flat = database is not None and database.record_kind == "country_code"
        self._knows_ipv6 = database is not None and database.ip_version == 6  # noqa: PLR2004

    def _learn(self, address: str) -> Place | None:
        """A look-up whose record says something not met before."""
        try:
            record = self._get(address)
            flat = self._flat
            country, subdivision, time_zone = raw = country_code_place(record) if flat else geoip2_place(record)
            place: Place | None = self._normalise(country, subdivision, time_zone, "ip")
            if place == _nowhere:
                place = None
            if len(self._places) < self._places_max:
                self._places[country if flat else raw] = place
        except Exception:  # noqa: BLE001 - as in look_up
            self.errors += 1
            return None
        return place


def _unknown(_address: str) -> None:
    return None


def _reserved_prefixes() -> dict[str, tuple[str, ...]]:
    """Textual beginnings of addresses of no place, by first octet (IANA's IPv4 Special-Purpose Address Registry)."""
    prefixes: dict[str, tuple[str, ...]] = {str(first): (f"{first}.",) for first in (0, 10, 127, *range(224, 256))}
    prefixes["100"] = tuple(f"100.{second}." for second in range(64, 128))
    prefixes["169"] = ("169.254.",)
    prefixes["172"] = tuple(f"172.{second}." for second in range(16, 32))
    prefixes["192"] = ("192.168.", "192.0.0.", "192.0.2.", "192.88.99.")
    prefixes["198"] = ("198.18.", "198.19.", "198.51.100.")
    prefixes["203"] = ("203.0.113.",)
    return prefixes


_reserved_ipv4 = _reserved_prefixes()
_perhaps_reserved = frozenset(f"{first}.{second}."[:4] for first in _reserved_ipv4 for second in range(256))
"""What those addresses begin with in their first four characters: few others do, and it is quickly asked."""


def _is_reserved_ipv4(address: str) -> bool:
    reserved = _reserved_ipv4.get(address[: address.find(".")])
    return reserved is not None and address.startswith(reserved)


def _is_reserved_ipv6(address: str) -> bool:
    """Global unicast is 2000::/3 (RFC 4291), without documentation's 2001:db8::/32 and 3fff::/20 (RFC 3849, 9637)."""
    if address[4:5] != ":" or address[0] not in "23":
        return True
    return address.startswith(("2001:db8:", "3fff:0:", "3fff::"))
