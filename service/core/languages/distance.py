"""The distance of an offered language from a desired one: CLDR's enhanced language matching (UTS #35).

The rules are CLDR's written data, compiled into look-ups by the adapter that loads them; this module only adds the
distances up. 0 is the same language, below ``THRESHOLD`` is a match, ``FARTHEST`` is as good as unrelated.
"""

from msgspec import Struct

from service.core.languages.tags import Locale

THRESHOLD = 50
"""Distances below are a match: CLDR's distance between two scripts, ICU LocaleMatcher's default."""
DEMOTION = 5
"""What each further range costs, ICU's demotionPerDesiredLocale: the distance of en-US from en-GB."""
FARTHEST = 100
_LANGUAGE_DISTANCE = 80
_SCRIPT_DISTANCE = 50
_REGION_DISTANCE = 4


class RegionRules(Struct, frozen=True):
    """How regions of one language differ: each region has a class (0 unless listed), classes have distances."""

    script: str
    classes: dict[str, int]
    distances: tuple[tuple[int, ...], ...]


class DistanceTables(Struct, frozen=True):
    """CLDR's languageMatching: pairs are (desired, offered); ``regions`` by language; ``paradigms`` win ties."""

    languages: dict[str, dict[str, int]]
    scripts: dict[tuple[str, str], dict[tuple[str, str], int]]
    regions: dict[str, RegionRules]
    paradigms: frozenset[Locale]


def language_distance(desired: str, offered: str, tables: DistanceTables) -> int:
    """The part of the distance that two language subtags make."""
    if desired == offered:
        return 0
    return tables.languages.get(desired, {}).get(offered, _LANGUAGE_DISTANCE)


def locale_distance(desired: Locale, offered: Locale, tables: DistanceTables) -> int:
    """The distance from a desired to an offered maximised locale, at most ``FARTHEST``. Not symmetric; about 1 us."""
    if desired == offered:
        return 0
    distance = language_distance(desired.language, offered.language, tables)
    if distance >= THRESHOLD:
        return FARTHEST
    if desired.script != offered.script:
        pairs = tables.scripts.get((desired.language, offered.language))
        pair = (desired.script, offered.script)
        distance += _SCRIPT_DISTANCE if pairs is None else pairs.get(pair, _SCRIPT_DISTANCE)
    if desired.region != offered.region:
        distance += _region_distance(desired, offered, tables)
    return min(distance, FARTHEST)


def reads_script(language: str, script: str, other: str, tables: DistanceTables) -> bool:
    """Whether CLDR expects someone who reads a language in one script to read it in another too (``hi-Latn``)."""
    pairs = tables.scripts.get((language, language))
    return script == other or (pairs is not None and pairs.get((script, other), _SCRIPT_DISTANCE) < THRESHOLD)


def _region_distance(desired: Locale, offered: Locale, tables: DistanceTables) -> int:
    rules = tables.regions.get(desired.language) if desired.language == offered.language else None
    if rules is None or (rules.script and not rules.script == desired.script == offered.script):
        return _REGION_DISTANCE
    return rules.distances[rules.classes.get(desired.region, 0)][rules.classes.get(offered.region, 0)]
