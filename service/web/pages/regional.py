"""How dates and numbers are written in the languages that the pages speak, and in their regions: CLDR's long formats.

The data stand in ``formats.json``, which ``tests/tables/build_names.py`` makes: a language's own way,
and of each region that writes otherwise only what differs.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

_DATE = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
# CLDR has no ordinals in dates, and yet nobody writes "1 janvier".
_FIRST_DAY = {"fr": "1er"}
Months = Annotated[tuple[str, ...], Meta(min_length=12, max_length=12)]


class Dates(Struct, frozen=True):
    """A pattern of ``{day} {month} {number} {year}``, where ``number`` is the month's, and the months' names."""

    pattern: str
    months: Months
    first_day: str = ""

    def say(self, date: str) -> str:
        """A date as ``2026-11-22`` in words; what is no date as it is."""
        match = _DATE.fullmatch(date)
        if match is None:
            return date
        year, number, day = map(int, match.groups())
        day_text = self.first_day if day == 1 and self.first_day else day
        return self.pattern.format(day=day_text, month=self.months[number - 1], number=number, year=year)


class _Language(Struct, frozen=True, forbid_unknown_fields=True):
    date: str
    months: Months
    thousands: str
    percent: str


class _Region(Struct, frozen=True, forbid_unknown_fields=True):
    tags: tuple[str, ...]
    date: str | UnsetType = UNSET
    months: Months | UnsetType = UNSET
    thousands: str | UnsetType = UNSET
    percent: str | UnsetType = UNSET


class _Formats(Struct, frozen=True, forbid_unknown_fields=True):
    cldr: str
    languages: dict[str, _Language]
    regions: tuple[_Region, ...]


class Regional(Struct, frozen=True):
    """How a region writes; None where its language's own way is meant. ``percent`` is the sign behind a number."""

    dates: Dates
    thousands: str | None
    percent: str | None


@lru_cache(maxsize=1)
def _formats() -> _Formats:
    return msgspec.json.decode(Path(__file__).with_name("formats.json").read_bytes(), type=_Formats)


def dates_of(language: str) -> Dates:
    """How a language writes dates where no region is given."""
    format_ = _formats().languages[language]
    return Dates(format_.date, format_.months, _FIRST_DAY.get(language, ""))


@lru_cache(maxsize=1)
def regions() -> Mapping[str, Regional]:
    """The regions that write otherwise, by tag (``de-CH``): a few dozen."""
    by_tag = {}
    for region in _formats().regions:
        for tag in region.tags:
            language = tag.partition("-")[0]
            default = _formats().languages[language]
            by_tag[tag] = Regional(
                Dates(region.date or default.date, region.months or default.months, _FIRST_DAY.get(language, "")),
                region.thousands or None,
                region.percent or None,
            )
    return by_tag


def region_of(tag: str) -> str | None:
    """The tag under which ``regions`` knows a language's region, whatever else the tag says; None where it does not."""
    language, *subtags = tag.replace("_", "-").split("-")
    for subtag in subtags:
        region = f"{language.lower()}-{subtag.upper()}"
        if region in regions():
            return region
        if len(subtag) == 1:  # what follows is no region
            break
    return None
