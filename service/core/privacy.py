"""Legal regimes, and the permissions that follow from them for one visit.

A policy is data (``config/regimes.toml``): per regime and purpose one of four levels, ``allow < notice < consent <
deny``; for the
region a row may ask more before a part of a country is used than before the country is. This module says which regime
a place falls under, and what a visit with its consent, Global Privacy Control, opt-out and a child-directed site may be
used for. Three laws hold and are tested as properties: consent never
takes a permission away; beside an opt-out it gives none; and Global Privacy Control, an opt-out, a child-directed site
or less knowledge of the place never gives one. All hold for a country and for its part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Annotated, Any, Literal, NamedTuple, get_args

from msgspec import Meta, Struct

from service.core.cache import Cache
from service.core.location import CountryCode, Place
from service.core.region import RegionTables

Purpose = Literal["language", "region", "device", "cohort", "statistics", "experiments", "interests"]
Level = Literal["allow", "notice", "consent", "deny"]
Confidence = Literal["low", "medium", "high"]
WithheldReason = Literal["consent_required", "gpc", "opt_out", "child_directed", "denied"]
GpcStatus = Literal["absent", "honoured"]
PERMISSIONS_MAX = 4096
_ROW = r"[A-Z]{2,4}(-[A-Z0-9]{1,3})?"
ROW_KEY_PATTERN = rf"^{_ROW}\Z"
RegimeKey = Annotated[str, Meta(pattern=rf"^{_ROW}(\+{_ROW})*$")]
PolicyVersion = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
LEVELS: tuple[Level, ...] = get_args(Level)
UNKNOWN_REGIME, REST_REGIME = "ZZ", "REST"
JOINED_BY = "+"
NO_CONSENT: frozenset[Purpose] = frozenset()

# What a signal of the visitor's turns off, whatever the law or the visitor's consent would allow.
GPC_ENDS = frozenset[Purpose]({"statistics", "experiments", "interests"})
OPT_OUT_ENDS = GPC_ENDS | frozenset[Purpose]({"cohort"})
CHILD_KEEPS = frozenset[Purpose]({"language", "region", "device"})

NeverDone = Literal[
    "advertising", "sale_or_sharing", "cross_site_linking", "special_categories", "location_finer_than_subdivision"
]
"""Uses that no row, consent or setting can allow: there is no code for them."""
NEVER_DONE: tuple[NeverDone, ...] = get_args(NeverDone)


class RowReading(Struct, frozen=True):
    """The sources of a row and how sure its readers are; for people, no decision uses it.

    ``reviewed`` is a date as ``2026-11-22``, empty where the row tells none. ``status_shown`` are the places whose law
    asks that a visitor be shown that the signal was honoured, which every answer does.
    """

    law: tuple[str, ...] = ()
    confidence: Confidence = "low"
    reviewed: str = ""
    reviewer: str = ""
    status_shown: tuple[str, ...] = ()


class Regime(Struct, frozen=True, eq=False):
    """One legal row: its key, the places it covers, a level for every purpose, and what that was read from.

    ``places`` are country codes or ``CC-SUB`` subdivision codes. ``levels`` has every purpose, for ``region`` what is
    asked before the country is told. ``of_subdivision`` is what is asked before its part is, if that is more; consent
    to ``region`` is to both. Rows are compared by identity, so that permissions can be remembered by row.
    """

    key: str
    places: tuple[str, ...]
    levels: Mapping[Purpose, Level]
    reading: RowReading = RowReading()
    of_subdivision: Level | None = None

    @property
    def subdivision(self) -> Level:
        """The level for the part of a country."""
        return self.of_subdivision or self.levels["region"]


class Withheld(Struct, frozen=True, gc=False):
    """A purpose this visit may not be used for, and why."""

    purpose: Purpose
    reason: WithheldReason


class Permissions(Struct, frozen=True, gc=False, cache_hash=True):
    """The purposes allowed for one visit, each refusal with its reason. The closed gate every signal passes.

    ``region`` is for the country alone where ``subdivision`` is not allowed; that is allowed only where ``region`` is.
    """

    regime: RegimeKey
    policy_version: PolicyVersion
    allowed: tuple[Purpose, ...]
    withheld: tuple[Withheld, ...]
    gpc: GpcStatus
    language: bool
    region: bool
    device: bool
    cohort: bool
    statistics: bool
    experiments: bool
    interests: bool
    subdivision: bool = False

    def narrowed(self, place: Place | None) -> Place | None:
        """The part of a place that may be used. A time zone goes with the subdivision, which it tells."""
        if place is None or not self.region:
            return None
        if self.subdivision or (place.subdivision is None and place.time_zone is None):
            return place
        return Place(place.country, None, None, place.source)


class _Rows(NamedTuple):
    """The rows of a policy by the places that they cover; ``strictest`` are those of divided countries."""

    by_place: Mapping[str, Regime]
    strictest: Mapping[CountryCode, Regime]
    unknown: Regime
    rest_of_world: Regime

    def covering(self, place: Place | None) -> Regime:
        """See ``Policy.regime_of``."""
        if place is None or place.country is None:
            return self.unknown
        if place.country in self.strictest:
            if place.subdivision is None:
                return self.strictest[place.country]
            row = self.by_place.get(f"{place.country}-{place.subdivision}")
            if row is not None:
                return row
        return self.by_place.get(place.country, self.rest_of_world)


class Policy:
    """All regimes of one version, ready to say which one a place is under and what a visit may be used for.

    ``rest_of_world`` is the key of the row for countries that no row names. Raises ValueError when the rows lack it, or
    ``ZZ``: without them some visits have no regime. ``not_legal_advice`` is for people: no decision uses it.
    """

    def __init__(
        self,
        version: str,
        regimes: Iterable[Regime],
        rest_of_world: str = REST_REGIME,
        *,
        not_legal_advice: bool = True,
    ) -> None:
        self.version = version
        self.not_legal_advice = not_legal_advice
        self.regimes = {regime.key: regime for regime in regimes}
        missing = {UNKNOWN_REGIME, rest_of_world} - self.regimes.keys()
        if missing:
            raise ValueError(f"a policy needs the rows {', '.join(sorted(missing))}")
        self.rest_of_world = self.regimes[rest_of_world]
        """The row of countries that no row names."""
        self._by_place = {place: regime for regime in self.regimes.values() for place in regime.places}
        divided = {place.partition("-")[0] for place in self._by_place if "-" in place}
        self.strictest = {country: self._strictest_of(country) for country in divided}
        """By divided country the row of its unknown parts."""
        # Bounded by what exists: regimes x 2^7 consents x three switches is 14,000; the common few hundred stay.
        # A function and no method, which would hold the policy, and outlive it in a circle.
        self.permit = lru_cache(maxsize=PERMISSIONS_MAX)(partial(_permit, version))
        self._rows = _Rows(self._by_place, self.strictest, self.regimes[UNKNOWN_REGIME], self.rest_of_world)
        self.permissions: Cache[tuple[Place | None, frozenset[Purpose], bool, bool, bool], Permissions]
        self.permissions = Cache(partial(_permit_in, self._rows, self.permit), PERMISSIONS_MAX)
        """The same by place, consent, Global Privacy Control, opt-out, and whether the site is child-directed."""

    def regime_of(self, place: Place | None) -> Regime:
        """The row that covers a place. A divided country with no known subdivision takes the strictest of its rows."""
        return self._rows.covering(place)

    def rows_of(self, key: RegimeKey) -> tuple[Regime, ...]:
        """The rows of the file that a decision's regime stands for: one, or several where the strictest were joined."""
        return tuple(self.regimes[part] for part in key.split(JOINED_BY) if part in self.regimes)

    def outdated(self) -> "Policy":
        """The policy that replaces one too old to trust: ``ZZ`` for every place."""
        unknown = self.regimes[UNKNOWN_REGIME]
        row = Regime(unknown.key, (), unknown.levels, unknown.reading, unknown.of_subdivision)
        return Policy(self.version, (row,), rest_of_world=row.key, not_legal_advice=self.not_legal_advice)

    def _strictest_of(self, country: CountryCode) -> Regime:
        rows = [row for place, row in self._by_place.items() if place.startswith(f"{country}-")]
        rows.append(self._by_place.get(country, self.rest_of_world))
        levels, subdivision = strictest_of(rows)
        for row in rows:  # one row may be the strictest in everything: then it has a name already
            if row.levels == levels and row.subdivision == subdivision:
                return row
        key = JOINED_BY.join(dict.fromkeys(row.key for row in rows))
        return Regime(key, (), levels, of_subdivision=subdivision)


def why_no_subdivision(permissions: Permissions, rows: Sequence[Regime]) -> WithheldReason | None:
    """Why the part of a country may not be used where the country may, under these rows. None: both may, or neither."""
    if permissions.subdivision or not permissions.region or not rows:
        return None
    return "denied" if strictest_of(rows)[1] == "deny" else "consent_required"


def strictest_of(rows: Sequence[Regime]) -> tuple[dict[Purpose, Level], Level]:
    """The strictest that any of these rows asks for each purpose, and before it tells the part of a country."""
    levels = {purpose: max((row.levels[purpose] for row in rows), key=LEVELS.index) for purpose in PURPOSES}
    return levels, max((row.subdivision for row in rows), key=LEVELS.index)


def stricter_than_unknown(regimes: Iterable[Regime]) -> list[str]:
    """The levels that are stricter than those of ``ZZ``, as mistakes in words for the policy's operator.

    A visitor who hides the place would be allowed more than one who shows it: fewer signals must never give more.
    """
    by_key = {regime.key: regime for regime in regimes}
    unknown = by_key.get(UNKNOWN_REGIME)
    if unknown is None:
        return []
    return [
        f"regimes.{regime.key}.{name}: {level} is stricter than regimes.{UNKNOWN_REGIME}, "
        f"which says {other}: hiding one's place must never open a purpose"
        for regime in by_key.values()
        for name, level, other in _side_by_side(regime, unknown)
        if LEVELS.index(level) > LEVELS.index(other)
    ]


def _side_by_side(regime: Regime, other: Regime) -> Iterator[tuple[str, Level, Level]]:
    """For each purpose its name in the file, the level of one row, and that of another."""
    divided = regime.of_subdivision is not None
    for purpose in PURPOSES:
        name = "region.country" if divided and purpose == "region" else purpose
        yield name, regime.levels[purpose], other.levels[purpose]
    if divided:
        yield "region.subdivision", regime.subdivision, other.subdivision


def mistakes_in_regimes(regimes: Iterable[Regime], tables: RegionTables) -> list[str]:
    """Everything wrong with where the rows of a policy hold, in words for its operator: what a type cannot say.

    Of a subdivision only the country is looked up: the tables leave small ones out, and the law does not.
    """
    mistakes = []
    row_of_place: dict[str, str] = {}
    for regime in regimes:
        where = f"regimes.{regime.key}.places"
        for place in regime.places:
            country = place.partition("-")[0]
            if mistake := tables.mistake_in_country(country):
                mistakes.append(f"{where}: {mistake}")
            elif place in row_of_place:
                mistakes.append(f"{where}: {place} stands in regimes.{row_of_place[place]} too")
            row_of_place.setdefault(place, regime.key)
        # So that a key alone tells whether its row was chosen for a part of a country, which an explanation says.
        if any(("-" in place) != ("-" in regime.key) for place in regime.places):
            mistakes.append(f"{where}: parts of countries, and they alone, are for a row with a key such as US-CA")
    return mistakes


def _permit_in(rows: _Rows, permit: Callable[..., Permissions], place: Place | None, *choices: Any) -> Permissions:
    return permit(rows.covering(place), *choices)


def _permit(
    version: PolicyVersion,
    regime: Regime,
    consent: frozenset[Purpose],
    gpc: bool,
    opt_out: bool,
    child_directed: bool,
) -> Permissions:
    """The permissions of one visit. Of several reasons to withhold, the one hardest to lift is told.

    An opt-out beats every consent, also to what it does not end by itself: a consent beside it opens nothing.
    """
    consent = NO_CONSENT if opt_out else consent
    reasons: dict[Purpose, WithheldReason] = {}
    for purpose in PURPOSES:
        level = regime.levels[purpose]
        if level == "deny":
            reasons[purpose] = "denied"
        elif child_directed and purpose not in CHILD_KEEPS:
            reasons[purpose] = "child_directed"
        elif opt_out and purpose in OPT_OUT_ENDS:
            reasons[purpose] = "opt_out"
        elif gpc and purpose in GPC_ENDS:
            reasons[purpose] = "gpc"
        elif level == "consent" and purpose not in consent:
            reasons[purpose] = "consent_required"
    subdivision_allowed = regime.subdivision in ("allow", "notice") or (
        regime.subdivision == "consent" and "region" in consent
    )
    return Permissions(
        regime=regime.key,
        policy_version=version,
        allowed=tuple(purpose for purpose in PURPOSES if purpose not in reasons),
        withheld=tuple(Withheld(purpose, reason) for purpose, reason in reasons.items()),
        gpc="honoured" if gpc else "absent",
        subdivision=subdivision_allowed and "region" not in reasons,
        **{purpose: purpose not in reasons for purpose in PURPOSES},
    )
