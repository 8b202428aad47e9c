"""The language of a site that a visit is answered in, with its confidence and alternatives.

A ``LanguageMatcher`` is built once per site. ``prefer`` turns an Accept-Language header into a ``Preference``, which
speaks of the site's languages by number and no longer holds anything the client wrote; ``decide`` weighs the visitor's
own choice, that preference and the country into a ``Language``. Distances between languages are CLDR's (UTS #35
"Language Matching"), the choice among several ranges is that of ICU's LocaleMatcher.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Annotated, Any, Literal, Protocol

from msgspec import Meta, Struct

from service.core.languages.accept_language import FULL_WEIGHT
from service.core.languages.available_locales import LanguageOffers, Matching
from service.core.languages.distance import FARTHEST, THRESHOLD, DistanceTables
from service.core.languages.preference import (
    NO_PREFERENCE,
    RANGES_CACHED_MAX,
    Match,
    Preference,
    Remembered,
    reader_of_headers,
)
from service.core.languages.prior import LanguageShare, Learned, Speakers, language_shares, odds, update_prior
from service.core.languages.tags import TagTables
from service.core.location import PlaceSource

LanguageTag = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$", max_length=35, description="BCP 47, as the site spells it"),
]
LanguageSource = Literal["cookie", "accept_language", "edge", "ip", "cohort", "prior", "default"]

ALTERNATIVES_MAX = 15
CHOICE_ALTERNATIVES_MAX = 3
PRIOR_MIN = 0.05
"""The least probability at which a country's language is worth naming, and worth leaving the default for."""

_STEP = 20  # confidences are whole twentieths: 0.05 is as fine as such guesses can honestly be
_NEXT_RANGE = 1 / 3  # how likely the next range is against the one before it when it weighs less
_EVEN_RANGE = 2 / 3  # and when it weighs the same, so that only the order speaks
_NONE_OF_THESE = 0.05  # the weight of "something the header does not say"
_RELATED = 10  # CLDR's distances below are between forms of one language, from here on between languages
_COUNTRIES_CACHED_MAX = 512
_DECISIONS_SHARDS = 8  # what is remembered is in so many caches, so that a full one is emptied soon


class Candidate(Struct, frozen=True, gc=False):
    """A further language and how likely it is that the visitor would rather read it."""

    tag: LanguageTag
    confidence: float


class Language(Struct, frozen=True, gc=False):
    """The recommended language. ``confidence`` is a probability in steps of 0.05, ``source`` the signal that decided.

    ``alternatives`` never rise in confidence, and all confidences together are at most 1.
    """

    tag: LanguageTag
    confidence: float
    source: LanguageSource
    alternatives: tuple[Candidate, ...]


class LanguageTables(Struct, frozen=True):
    """CLDR's data for languages: what tags mean, how near they are, and who speaks what in each country.

    ``local_scripts`` has by language and country the script that is at home there, where that is not the usual one.
    """

    version: str
    tags: TagTables
    distances: DistanceTables
    speakers: dict[str, tuple[Speakers, ...]]
    local_scripts: dict[str, dict[str, str]]


class Decide(Protocol):
    """How ``LanguageMatcher.decide`` is called."""

    def __call__(
        self,
        preference: Preference | None,
        choice: str | None,
        country: str | None,
        country_source: PlaceSource | None,
        learned: Learned | None = None,
        /,
    ) -> Language: ...


_Odds = tuple[tuple[int, float], ...]  # languages by index with their probability
_Spoken = Callable[[str | None], tuple[tuple[LanguageShare, Matching], ...]]  # a country's languages
_Weigh = Callable[[str | None, frozenset[int], Learned | None], _Odds]  # a country's languages without the excluded


class LanguageMatcher:
    """Matches visits to one site's languages. Every method is total, and cached within bounds.

    ``languages`` are the site's own spellings in its order of preference, ``default`` is one of them.
    """

    languages: tuple[str, ...]
    default: str
    prefer: Callable[[str], Preference]
    """What an Accept-Language header says about this site's languages. 0.1 us when known, 5 to 40 us when new."""
    decide: "Decide"
    """The language for (preference, the visitor's own choice, country, source of the country, what was learned).

    By position. The order of authority is choice, header, country with what its visitors taught, default. The choice is
    one of ``languages``, see ``spelling``; any other counts as none. 0.1 us when known, 5 to 20 us when new, 60 more
    for a new country.
    """
    spelling: Callable[[str], str | None]
    """The site's own spelling of a language named in a cookie or a URL; None when the site does not have it."""

    def __init__(
        self,
        languages: tuple[str, ...],
        default: str,
        tables: LanguageTables,
        *,
        headers_cached_max: int = 2048,
        decisions_cached_max: int = 8192,
    ) -> None:
        """Raise ValueError when a language is no BCP 47 tag or the default is not one of them."""
        if default not in languages:
            raise ValueError("default_language must be one of languages")
        self.languages = languages
        self.default = default
        offers = LanguageOffers(languages, tables.tags, tables.distances, tables.local_scripts)
        self.spelling = offers.spelling
        self.texts_cached_max = headers_cached_max + RANGES_CACHED_MAX
        """How many headers, and parts of such, are remembered at most."""
        # What is cached are functions over each other: methods would hold the matcher, and outlive it in a circle.
        self.prefer, self._remembering = reader_of_headers(offers, headers_cached_max)
        spoken = lru_cache(maxsize=_COUNTRIES_CACHED_MAX)(partial(_serve_country, languages, tables.speakers, offers))
        prior = lru_cache(maxsize=_COUNTRIES_CACHED_MAX)(partial(_weigh_country, spoken))
        decide = partial(_decide, languages, languages.index(default), prior)
        shard = lru_cache(maxsize=decisions_cached_max // _DECISIONS_SHARDS)
        shards = tuple(shard(decide) for _ in range(_DECISIONS_SHARDS))
        self.decide = partial(_decide_once, shards)
        self.caches: tuple[Remembered, ...] = (*self._remembering, spoken, prior, *shards)
        """All its caches, each of which is emptied in a millisecond."""

    def forget(self) -> None:
        """Clear the caches of texts that clients sent."""
        for texts in self._remembering:
            texts.cache_clear()


def _decide_once(shards: tuple[Decide, ...], *inputs: Any) -> Language:
    return shards[hash(inputs) % _DECISIONS_SHARDS](*inputs)


def _decide(
    languages: tuple[str, ...],
    default_index: int,
    weigh: _Weigh,
    preference: Preference | None,
    choice: str | None,
    country: str | None,
    country_source: PlaceSource | None,
    learned: Learned | None = None,
) -> Language:
    if choice is not None and choice in languages:
        chosen = languages.index(choice)
        further = [(index, 0.0) for index, _ in weigh(country, frozenset(), learned) if index != chosen]
        return _answer(languages, [(chosen, 1.0), *further[:CHOICE_ALTERNATIVES_MAX]], "cookie")
    if preference is None:
        preference = NO_PREFERENCE
    for countries, local in preference.local:
        if country in countries:
            preference = local
    requested = _certainly(preference.matches) if preference.certain else _probabilities(preference.matches)
    named = tuple(index for index, _ in requested)
    if requested and not preference.deferring:
        unclaimed = 1 - sum(probability for _, probability in requested)
        prior = weigh(country, preference.excluded | preference.unread, learned)
        by_country_rest = [(index, unclaimed * part) for index, part in prior if index not in named]
        return _answer(languages, [*requested, *by_country_rest], "accept_language")
    excluded = preference.excluded.union(named)
    prior = weigh(country, excluded | preference.unread, learned)
    by_country: LanguageSource = "prior" if learned is not None else country_source or "ip"
    country_decides: LanguageSource = by_country if prior else "default"
    alternatives = prior or _fallback(len(languages), default_index, excluded, preference.unread)
    if requested:
        # The header would rather have anything else, if there is anything else.
        if not alternatives:
            return _answer(languages, requested, "accept_language")
        return _answer(languages, [*alternatives, *((index, 0.0) for index in named)], country_decides)
    return _answer(languages, alternatives or ((default_index, 0.0),), country_decides)


def _fallback(count: int, default_index: int, excluded: frozenset[int], unread: frozenset[int]) -> _Odds:
    """The default, else the first language that is not excluded, one that may be read before one that may not."""
    order = (default_index, *sorted(range(count), key=unread.__contains__))
    return tuple((index, 0.0) for index in order if index not in excluded)[:1]


def _weigh_country(spoken: _Spoken, country: str | None, excluded: frozenset[int], learned: Learned | None) -> _Odds:
    """The languages a country makes probable, and what its visitors taught, the most probable first."""
    reached = []
    for share, matching in spoken(country):
        pair = next((pair for pair in matching if pair[0] not in excluded), None)
        if pair is not None:
            reached.append((share, pair))
    weights: dict[int, float] = defaultdict(float)
    for (_, (index, distance)), part in zip(reached, odds([share for share, _ in reached]), strict=True):
        # Another region's form of the language is read as well as one's own.
        weights[index] += part if distance < _RELATED else part * (1 - distance / FARTHEST)
    if learned is not None:
        weights = update_prior(weights, learned, excluded)
    return tuple(sorted((pair for pair in weights.items() if pair[1] >= PRIOR_MIN), key=_falling))


def _serve_country(
    languages: tuple[str, ...],
    speakers: Mapping[str, tuple[Speakers, ...]],
    offers: LanguageOffers,
    country: str | None,
) -> tuple[tuple[LanguageShare, Matching], ...]:
    """For each language spoken in a country its shares and which of the site's languages match it."""
    native = speakers.get(country, ()) if country is not None else ()
    spoken = []
    for speakers_of_language, share in zip(native, language_shares(native), strict=True):
        nearest = offers.nearest(speakers_of_language.tag)
        # A site's plain "zh" does not say which script it means; where nothing is nearer, it may be this one.
        matching = tuple(pair for pair in nearest if pair[1] < THRESHOLD or languages[pair[0]].isalpha())
        if matching:
            spoken.append((share, matching))
    return tuple(spoken)


def _answer(languages: tuple[str, ...], ranked: Iterable[tuple[int, float]], source: LanguageSource) -> Language:
    """The ranked languages with confidences rounded so that they never rise and never sum to more than 1."""
    remaining = ceiling = _STEP
    candidates = []
    for index, probability in ranked:
        steps = min(round(probability * _STEP), ceiling, remaining)
        remaining, ceiling = remaining - steps, steps
        candidates.append(Candidate(languages[index], steps / _STEP))
    first, *alternatives = candidates
    return Language(first.tag, first.confidence, source, tuple(alternatives[:ALTERNATIVES_MAX]))


def _certainly(matches: tuple[Match, ...]) -> list[tuple[int, float]]:
    """The first is what the visitor named, and the others what they would read if it were not there."""
    return [(match.language, float(not position)) for position, match in enumerate(matches)]


def _probabilities(matches: tuple[Match, ...]) -> list[tuple[int, float]]:
    """Each match's probability: nearer, heavier and earlier is likelier; what distance takes away stays open."""
    weights: list[float] = []
    open_weight = _NONE_OF_THESE
    order = 1.0
    for match, before in zip(matches, (None, *matches), strict=False):
        if before is not None:
            order *= (
                _EVEN_RANGE if match.weight == before.weight and match.range_index > before.range_index else _NEXT_RANGE
            )
        whole = order * match.weight / FULL_WEIGHT
        weight = whole * (1 - match.distance / FARTHEST)
        open_weight += whole - weight
        weights.append(min(weight, weights[-1]) if weights else weight)
    total = sum(weights) + open_weight
    return [(match.language, weight / total) for match, weight in zip(matches, weights, strict=True)]


def _falling(pair: tuple[int, float]) -> float:
    return -pair[1]
