"""Reader of the policy's file, ``regimes.toml``.

A slip here changes the law that is applied, so everything that the service would not read is refused, and nothing is
guessed.
"""

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from service.core.privacy import (
    LEVELS,
    PURPOSES,
    REST_REGIME,
    ROW_KEY_PATTERN,
    UNKNOWN_REGIME,
    Confidence,
    Policy,
    Regime,
    RowReading,
    mistakes_in_regimes,
    stricter_than_unknown,
)
from service.core.region import RegionTables
from service.settings.reading import PlaceCode, Reading, as_toml
from service.settings.synonyms import closest_word

SALT_HOURS = 25
"""How long the store keeps a day's salt. A test asks the store's code."""
UNRELEASED_HOURS = 24
"""How long after its interval, or its day, the store keeps what nobody released, likewise."""


class Retention(Struct, frozen=True):
    """The policy's promises of how long things are kept, in hours, each with what the service can keep at most."""

    counts: Annotated[int, Meta(ge=0, le=168)] = 168
    salt: Annotated[int, Meta(ge=0, le=SALT_HOURS)] = SALT_HOURS
    raw_signals: Literal[0] = 0


class PolicyFile(Struct, frozen=True):
    """The tables of ``regimes.toml``."""

    version: datetime.date
    not_legal_advice: bool = True
    retention_hours: Retention = Retention()
    regimes: Mapping[str, Any] = {}


class RowNotes(Struct, frozen=True):
    """The fields of a policy's row beside its levels. All after the first two are for people: no decision uses them."""

    places: tuple[PlaceCode, ...] = ()
    inherits: str = ""
    law: tuple[str, ...] = ()
    limits: dict[str, bool | int | str] = {}
    confidence: Confidence = "low"
    reviewed: datetime.date = datetime.date.min
    reviewer: str = ""
    display_signal_status: tuple[PlaceCode, ...] = ()
    in_region_storage_only: bool = False


def read_policy(
    reading: Reading, path: Path, regions: RegionTables, today: datetime.date, counts_kept_hours: int
) -> Policy | None:
    """The policy; None, and mistakes, when it cannot be used.

    ``today`` is what no date in it may lie beyond, ``counts_kept_hours`` the setting that its promise must cover.
    """
    before, where = len(reading.mistakes), f"{path.name}: "
    tables = reading.toml(path)
    if len(reading.mistakes) > before:
        return None
    values = reading.fields(where, tables, PolicyFile, skip=("retention_hours", "regimes"))
    version = values.get("version")
    if version is not None and version > today:
        reading.mistakes.append(f"{where}version: is a date in the future, {version}; today is {today}")
    _retention(reading, f"{where}retention_hours", tables.get("retention_hours", {}), counts_kept_hours)
    rows = {
        key: _row(reading, f"{where}regimes.{key}", key, row)
        for key, row in reading.table(f"{where}regimes", tables.get("regimes", {})).items()
    }
    for key, row in rows.items():
        _check_row(reading, f"{where}regimes.{key}", row, today)
        _check_inheritance(reading, f"{where}regimes.{key}", key, rows)
    _check_places(reading, f"{where}regimes", rows)
    regimes = [_regime(key, rows) for key in rows]
    reading.mistakes += [where + text for text in mistakes_in_regimes(regimes, regions)]
    reading.mistakes += [where + text for text in stricter_than_unknown(filter(_is_whole, regimes))]
    reading.mistakes += [
        f"{where}the row {key} is missing: [regimes.{key}] is for {whom}"
        for key, whom in ((UNKNOWN_REGIME, "visits from an unknown place"), (REST_REGIME, "places that no row names"))
        if key not in rows
    ]
    if version is None or len(reading.mistakes) > before:
        return None
    return Policy(version.isoformat(), regimes, not_legal_advice=values.get("not_legal_advice", True))


def _retention(reading: Reading, where: str, value: object, counts_kept_hours: int) -> None:
    """The promises, none of which may be shorter than what is done."""
    table = reading.table(where, value)
    promised = reading.fields(f"{where}.", table, Retention)
    unmentioned = [field.name for field in msgspec.structs.fields(Retention) if field.name not in table]
    if unmentioned:
        reading.notices.append(f"{where}: says nothing about {' '.join(unmentioned)}, so nothing is promised there")
    for name, kept_hours, by in (
        ("counts", counts_kept_hours, "the setting retention_hours keeps them for"),
        ("counts", UNRELEASED_HOURS, "what nobody released is kept for"),
        ("salt", SALT_HOURS, "it is kept for"),
    ):
        if (hours := promised.get(name)) is not None and hours < kept_hours:
            reading.mistakes.append(f"{where}.{name}: promises {hours} hours, but {by} {kept_hours}")


def _regime(key: str, rows: Mapping[str, Any]) -> Regime:
    """A row with what it inherits. Where there are mistakes, a level may be missing or be none."""
    levels, row = _levels(key, rows), rows[key]
    region, subdivision = levels.get("region"), None
    if isinstance(region, dict):
        levels["region"], subdivision = region.get("country"), region.get("subdivision")
    return Regime(key, row.get("places", ()), levels, _reading_of(row), subdivision)


def _is_whole(regime: Regime) -> bool:
    """Whether it has one of the levels for every purpose."""
    levels = [regime.levels.get(purpose) for purpose in PURPOSES]
    return all(level in LEVELS for level in (*levels, regime.of_subdivision or levels[0]))


def _reading_of(row: Mapping[str, Any]) -> RowReading:
    """The notes of a row for people."""
    reviewed = row.get("reviewed")
    return RowReading(
        law=row.get("law", ()),
        confidence=row.get("confidence", "low"),
        reviewed="" if reviewed is None else reviewed.isoformat(),
        reviewer=row.get("reviewer", ""),
        status_shown=row.get("display_signal_status", ()),
    )


_NEVER_DONE = frozenset({
    "ads", "advertising", "marketing", "targeting", "retargeting", "remarketing", "sale", "sharing",
    "cross_site", "tracking", "ad_storage", "ad_user_data", "ad_personalization",
})  # fmt: skip
_ROW_NOTES = frozenset(field.name for field in msgspec.structs.fields(RowNotes))


def _row(reading: Reading, where: str, key: str, value: object) -> dict[str, Any]:
    """A row with its notes checked and its levels as they are: those it inherits count too.

    One that means to inherit, but says it wrong, inherits from None.
    """
    reading.convert(where, key, Annotated[str, Meta(pattern=ROW_KEY_PATTERN)])
    row = reading.table(where, value)
    notes = {name: value for name, value in row.items() if name in _ROW_NOTES}
    levels = {name: value for name, value in row.items() if name not in _ROW_NOTES}
    parent = {"inherits": None} if "inherits" in row or not isinstance(value, dict) else {}
    return levels | parent | reading.fields(f"{where}.", notes, RowNotes)


def _check_row(reading: Reading, where: str, row: Mapping[str, Any], today: datetime.date) -> None:
    """Everything wrong with what a row says itself. What it inherits is told where it stands."""
    for name, level in _own_levels(row).items():
        if name not in PURPOSES:
            reading.mistakes.append(f"{where}.{name}: there is no such purpose{_purpose_meant(name)}")
        elif name == "region" and isinstance(level, dict):
            reading.mistakes += [f"{where}.region{text}" for text in _mistakes_in_parts(level)]
        elif level not in LEVELS:
            reading.mistakes.append(f"{where}.{name}: {_level_mistake(level, _OR_PARTS.get(name, ''))}")
    missing = [purpose for purpose in PURPOSES if purpose not in row]
    if missing and "inherits" not in row:
        reading.mistakes.append(f"{where}: says nothing about {' '.join(missing)}")
    if "reviewed" not in row:
        reading.notices.append(f"{where}.reviewed: is missing, so nobody knows when this row was last read")
    elif row["reviewed"] > today:
        reading.mistakes.append(f"{where}.reviewed: is a date in the future, {row['reviewed']}; today is {today}")
    if not row.get("law"):
        reading.notices.append(f"{where}.law: is missing, so nobody knows what this row was read from")


_PARTS = ("country", "subdivision")
_OR_PARTS = {"region": ", or a table with one of them each for country and subdivision"}


def _level_mistake(level: object, or_what: str = "") -> str:
    guess = closest_word(level, LEVELS)
    hint = "" if guess is None else f"; {as_toml(guess)}?"
    return f"must be one of {' '.join(LEVELS)}{or_what}, not {as_toml(level)}{hint}"


def _mistakes_in_parts(parts: Mapping[str, Any]) -> Iterator[str]:
    """Everything wrong with a region whose country and subdivision have levels of their own."""
    for name, level in parts.items():
        if name not in _PARTS:
            guess = closest_word(name, _PARTS)
            yield f".{name}: there is no such part, but {' '.join(_PARTS)}" + (f"; {guess}?" if guess else "")
        elif level not in LEVELS:
            yield f".{name}: {_level_mistake(level)}"
    missing = [name for name in _PARTS if name not in parts]
    if missing:
        yield f": says nothing about {' '.join(missing)}"
    country, subdivision = (parts.get(name) for name in _PARTS)
    if country in LEVELS and subdivision in LEVELS and LEVELS.index(subdivision) < LEVELS.index(country):
        yield f".subdivision: {subdivision} is milder than the country's {country}: a part tells its country"


def _purpose_meant(name: str) -> str:
    """The hint after an unknown purpose: for advertising, that it is never done here."""
    if name.lower() in _NEVER_DONE:
        return "; nothing is done for it here, so leave it out"
    guess = closest_word(name, (*PURPOSES, *_ROW_NOTES))
    return f"; there are {' '.join(PURPOSES)}" if guess is None else f"; {guess}?"


def _check_places(reading: Reading, where: str, rows: Mapping[str, Any]) -> None:
    """Rows that hold nowhere, and places that a row speaks of and another one covers."""
    covering = {place: key for key, row in rows.items() for place in row.get("places", ())}
    for key, row in rows.items():
        if not row.get("places") and key not in {UNKNOWN_REGIME, REST_REGIME}:
            reading.notices.append(f"{where}.{key}.places: is missing or empty, so this row holds nowhere itself")
        for place in row.get("display_signal_status", ()):
            covered = covering.get(place, covering.get(place.partition("-")[0], REST_REGIME))
            if covered != key:
                reading.notices.append(f"{where}.{key}.display_signal_status: {place} is under the row {covered}")


def _check_inheritance(reading: Reading, where: str, key: str, rows: Mapping[str, Any]) -> None:
    """A row inherits from one that is there, and not from itself in the end. Its heirs are not told of that again."""
    parent = rows[key].get("inherits")
    if parent is not None and parent not in rows:
        guess = closest_word(parent, rows)
        hint = f"; {guess}?" if guess is not None else f"; there are {' '.join(rows)}"
        reading.mistakes.append(f"{where}.inherits: leads to no row: there is no {as_toml(parent)}{hint}")
    elif rows[_line(key, rows)[-1]].get("inherits") == key:
        line = " -> ".join((*_line(key, rows), key))
        reading.mistakes.append(f"{where}.inherits: leads to itself: {line}")


def _levels(key: str, rows: Mapping[str, Any]) -> dict[Any, Any]:
    """The levels of a row, its own before those it inherits; some may be missing or none where there are mistakes."""
    levels: dict[Any, Any] = {}
    for ancestor in reversed(_line(key, rows)):
        levels |= _own_levels(rows[ancestor])
    return levels


def _line(key: str, rows: Mapping[str, Any]) -> list[str]:
    """A row and those that it inherits from, nearest first, each once."""
    line = [key]
    while (parent := rows[line[-1]].get("inherits")) in rows and parent not in line:
        line.append(parent)
    return line


def _own_levels(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: level for name, level in row.items() if name not in _ROW_NOTES}
