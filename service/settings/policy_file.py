"""The policy's file, ``regimes.toml``: what may stand in it, and how it becomes a ``Policy``.

Apart from the settings because a slip here changes the law that is applied: everything that the service would not read
is refused, and nothing is guessed.
"""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from service.core.privacy import LEVELS, PURPOSES, ROW_KEY_PATTERN, Policy, Regime, mistakes_in_regimes
from service.core.region import RegionTables
from service.settings.reading import PlaceCode, Reading


class Retention(Struct, frozen=True):
    """The policy's promises of how long things are kept, in hours, each with what the service can keep at most."""

    counts: Annotated[int, Meta(ge=0, le=168)] = 168
    salt: Annotated[int, Meta(ge=0, le=25)] = 25
    raw_signals: Literal[0] = 0


class PolicyFile(Struct, frozen=True):
    """The tables of ``regimes.toml``."""

    version: datetime.date
    not_legal_advice: bool = True
    retention_hours: Retention = Retention()
    regimes: Mapping[str, Any] = {}


class RowNotes(Struct, frozen=True):
    """What a row of the policy says beside its levels. After the first two it is for people: nothing acts on it."""

    places: tuple[PlaceCode, ...] = ()
    inherits: str = ""
    law: tuple[str, ...] = ()
    limits: dict[str, bool | int | str] = {}
    confidence: Literal["low", "medium", "high"] = "low"
    reviewed: datetime.date = datetime.date.min
    reviewer: str = ""
    display_signal_status: tuple[PlaceCode, ...] = ()
    in_region_storage_only: bool = False


def read_policy(reading: Reading, path: Path, regions: RegionTables, today: datetime.date) -> Policy | None:
    """The policy; None, and mistakes, when it cannot be used. ``today`` is what its date may not lie beyond."""
    before, where = len(reading.mistakes), f"{path.name}: "
    found = reading.toml(path)
    if len(reading.mistakes) > before:
        return None
    version = reading.fields(where, found, PolicyFile, skip=("retention_hours", "regimes")).get("version")
    if version is not None and version > today:
        reading.mistakes.append(f"{where}version: is a date in the future")
    kept = f"{where}retention_hours"
    reading.fields(f"{kept}.", reading.table(kept, found.get("retention_hours", {})), Retention)
    rows = {
        key: _row(reading, f"{where}regimes.{key}", key, row)
        for key, row in reading.table(f"{where}regimes", found.get("regimes", {})).items()
    }
    regimes = [
        Regime(key, row.get("places", ()), levels)
        for key, row in rows.items()
        if (levels := _levels(reading, f"{where}regimes.{key}", key, rows))
    ]
    reading.mistakes += [where + text for text in mistakes_in_regimes(regimes, regions)]
    reading.mistakes += [f"{where}the row {key} is missing" for key in ("ZZ", "REST") if key not in rows]
    return Policy(version.isoformat(), regimes) if version is not None and len(reading.mistakes) == before else None


_ROW_NOTES = frozenset(field.name for field in msgspec.structs.fields(RowNotes))


def _row(reading: Reading, where: str, key: str, found: object) -> dict[str, Any]:
    """A row with its notes checked and its levels as they are: those it inherits count too."""
    reading.convert(where, key, Annotated[str, Meta(pattern=ROW_KEY_PATTERN)])
    row = reading.table(where, found)
    notes = {name: value for name, value in row.items() if name in _ROW_NOTES}
    levels = {name: value for name, value in row.items() if name not in _ROW_NOTES}
    return levels | reading.fields(f"{where}.", notes, RowNotes)


def _levels(reading: Reading, where: str, key: str, rows: Mapping[str, Any]) -> dict[Any, Any]:
    """A level for every purpose, its own or inherited. A row that inherits from itself in the end is a mistake."""
    levels: dict[str, str] = {}
    seen = []
    while key in rows and key not in seen:
        seen.append(key)
        row = rows[key]
        own = {name: level for name, level in row.items() if name not in _ROW_NOTES}
        if len(seen) == 1:
            reading.mistakes += [f"{where}.{name}: there is no such purpose" for name in own if name not in PURPOSES]
            reading.mistakes += [
                f"{where}.{name}: must be one of {' '.join(LEVELS)}" for name in own if own[name] not in LEVELS
            ]
        levels = {**own, **levels}
        if "inherits" not in row:
            break
        key = row["inherits"]
    else:
        reading.mistakes.append(f"{where}.inherits: leads to {'itself' if key in rows else 'no row'}")
        return {}
    missing = [purpose for purpose in PURPOSES if purpose not in levels]
    if missing:
        reading.mistakes.append(f"{where}: says nothing about {' '.join(missing)}")
    return levels
