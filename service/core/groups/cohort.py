"""Groups of devices: the traits that make them, and the ladder from the finest group to everybody.

A cohort is named by its key: ``CH/smartphone/android``, ``CH/smartphone``, ``europe/smartphone``, ``smartphone``,
``all``. Beside the ladder stands ``CH``, a rung that only the language prior climbs. Countries are upper case,
everything else lower, so that no two kinds of rung can share a key.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Literal

from msgspec import Meta, Struct

from service.core.device import Device, DeviceClass, OperatingSystem
from service.core.location import CountryCode, Place

CohortKey = Annotated[
    str,
    Meta(
        pattern=r"^([A-Z]{2}(/[a-z_]{2,13}(/[a-z_]{3,11})?)?|[a-z_]{2,13}(/[a-z_]{2,13})?)\Z",
        max_length=32,
        description="CH/smartphone/android, CH/smartphone, europe/smartphone, smartphone or all",
    ),
]
Rungs = tuple[CohortKey, ...]
"""The cohorts that one visit counts into, the finest first."""
Generalized = Literal["os", "country", "class"]

UNKNOWN_COUNTRY = "ZZ"
EVERYBODY = "all"
# UN M49 as CLDR contains countries in it; words, because two-letter codes of continents are codes of countries too.
CONTINENTS = {"002": "africa", "009": "oceania", "019": "americas", "142": "asia", "150": "europe"}
UNKNOWN_CONTINENT = "nowhere"
Continents = Callable[[str], str | None]
"""From a country's code to the UN M49 code of its continent, None when unknown: ``RegionTables.continent``."""

# What each rung of the ladder gave up, the finest first.
LADDER_GENERALIZED: tuple[tuple[Generalized, ...], ...] = (
    (),
    ("os",),
    ("os", "country"),
    ("os", "country"),
    ("os", "country", "class"),
)


class Traits(Struct, frozen=True, gc=False):
    """The traits by which a visit is grouped, as far as permitted. ``country`` is ``ZZ`` when unknown."""

    country: CountryCode
    class_: DeviceClass
    os: OperatingSystem


def ladder(traits: Traits, continent: Continents) -> tuple[CohortKey, ...]:
    """The five cohorts that a visit belongs to, the finest first: what stands in ``LADDER_GENERALIZED``'s order."""
    finest = f"{traits.country}/{traits.class_}/{traits.os}"
    return (finest, *(key for key in ancestors(finest, continent) if key != traits.country))


class Ladders:
    """The ladders of visits, remembered."""

    def __init__(self, continent: Continents) -> None:
        # Bounded by what exists: countries x classes x systems is 50,000; a few hundred make up most visits.
        self.climb = lru_cache(maxsize=4096)(lambda country, class_, os: ladder(Traits(country, class_, os), continent))

    def rungs(self, place: Place | None, device: Device, *, grouped: bool) -> Rungs:
        """The cohorts of a visit by as much as may be known of it; those that may not be grouped are of everybody's."""
        if not grouped:
            return _EVERYBODY
        return self.climb((place and place.country) or UNKNOWN_COUNTRY, device.class_, device.os)


_EVERYBODY: Rungs = (EVERYBODY,)


def ancestors(key: CohortKey, continent: Continents) -> tuple[CohortKey, ...]:
    """Every coarser group that holds all of this one, nearest first; a country is one of them.

    >>> ancestors("CH/smartphone/android", {"CH": "150"}.get)
    ('CH/smartphone', 'CH', 'europe/smartphone', 'smartphone', 'all')
    >>> ancestors("europe/smartphone", {"CH": "150"}.get)
    ('smartphone', 'all')
    """
    if key == EVERYBODY:
        return ()
    head, *tail = key.split("/")
    if not head.isupper():  # continent/class, or class
        return (tail[0], EVERYBODY) if tail else (EVERYBODY,)
    if not tail:
        return (EVERYBODY,)
    class_ = tail[0]
    above = (head, f"{CONTINENTS.get(continent(head) or '', UNKNOWN_CONTINENT)}/{class_}", class_, EVERYBODY)
    return (f"{head}/{class_}", *above) if len(tail) > 1 else above


def fineness(key: CohortKey) -> int:
    """A number that is larger for a cohort than for those that hold all of it: 0 for all, 5 for country/class/os."""
    if key == EVERYBODY:
        return 0
    return (3 if key[0].isupper() else 1) + key.count("/")


def language_rungs(key: CohortKey) -> tuple[CohortKey, ...]:
    """The rungs of the language prior that a cohort stands on, the finest first: ``CH/smartphone/android`` to ``CH``.

    None for a cohort that knows no country.
    """
    parts = key.split("/")
    return tuple("/".join(parts[:n]) for n in range(len(parts), 0, -1)) if parts[0].isupper() else ()
