"""The preference that an Accept-Language header expresses among a site's languages, by their numbers.

A ``Preference`` holds nothing that the client wrote, and no place: where a range leaves its script open
and the place would settle it, the preference holds what the header means in those countries.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import chain
from typing import Protocol

from msgspec import Struct, structs

from service.core.languages.accept_language import AcceptLanguage, parse_accept_language
from service.core.languages.available_locales import Exclusions, LanguageOffers, Matching, Near, Reach
from service.core.languages.distance import DEMOTION
from service.core.location import CountryCode

_OPEN_LANGUAGES_MAX = 3
"""Of the languages that a header names in no script, how many the place settles: each may double the work."""


class Match(Struct, frozen=True, gc=False):
    """One of the site's languages as a header wants it.

    ``language`` is its index among the site's, ``range_index`` that of the range it matches, ``weight`` that range's in
    thousandths, ``distance`` CLDR's from the range, below ``THRESHOLD``.
    """

    language: int
    range_index: int
    weight: int
    distance: int


class Preference(Struct, frozen=True, cache_hash=True, gc=False):
    """The wishes of a header among the site's languages, by index: it holds nothing that the client wrote.

    ``matches`` is in the order of the answer, the best first; ``excluded`` may not be answered (q=0). ``deferring``
    says that the header wants anything else (``*``) more than what it names, ``certain`` that the best match is exactly
    what its first range names. ``unread`` are in a script that the header's reader is not expected to read, though in
    one of their languages. ``local`` is what the header says instead in some countries, where it names a language
    without its script and that script is another one there.
    """

    matches: tuple[Match, ...]
    excluded: frozenset[int]
    deferring: bool
    certain: bool
    unread: frozenset[int] = frozenset()
    local: tuple[tuple[frozenset[CountryCode], "Preference"], ...] = ()


NO_PREFERENCE = Preference((), frozenset(), deferring=False, certain=False)

RANGES_CACHED_MAX = 1024
_NOWHERE: Mapping[str, Near] = {}
_Look = Callable[..., Reach | None]  # ``LanguageOffers.reach``, remembered

_RequestedRange = tuple[int, int, Matching]
"""A range with a match: its position in the header, its weight, and the matching offers."""


class Remembered(Protocol):
    """A cache, such as that of texts already read."""

    def cache_clear(self) -> None:
        """Empty it."""


def reader_of_headers(
    offers: LanguageOffers, headers_cached_max: int
) -> tuple[Callable[[str], Preference], tuple[Remembered, ...]]:
    """A reader of headers for one site (total; 0.1 us when cached, 5 to 40 us when new), and its caches."""
    look = lru_cache(maxsize=RANGES_CACHED_MAX)(offers.reach)
    prefer = lru_cache(maxsize=headers_cached_max)(partial(_prefer, offers, look))
    return prefer, (look, prefer)


def _prefer(offers: LanguageOffers, look: _Look, accept_language: str) -> Preference:
    header = parse_accept_language(accept_language)
    reaches, open_languages = _reaches(offers, look, header)
    exclusions = None
    if header.excluded or header.wildcard == 0:
        exclusions = offers.ruled_out(header.excluded, [reach.tag for reach in reaches if reach is not None])
    preference = _rank(offers, header, reaches, exclusions, _NOWHERE)
    if not open_languages:
        return preference
    local = tuple(
        (countries, _rank(offers, header, reaches, exclusions, near_here))
        for countries, near_here in _places(offers, open_languages)
    )
    return structs.replace(preference, local=local)


def _reaches(offers: LanguageOffers, look: _Look, header: AcceptLanguage) -> tuple[list[Reach | None], list[str]]:
    """What each range reaches, and the languages named in no script of which the place would tell another.

    Browsers write the language after its forms (``zh-TW,zh``): a bare range after one that tells its script has that
    script, or whoever reads traditional Chinese would be said to read simplified too.

    Each range is read once, or twice where it is bare in other words than its language alone (``zh-u-co-stroke``).
    """
    scripts: dict[str, str] = {}
    reaches: list[Reach | None] = []
    open_languages: list[str] = []
    for text, _ in header.ranges:
        if text in scripts:
            reach = look(text, scripts[text])
        else:
            reach = look(text)
            if reach is not None and (reach.matching or reach.unread):
                language = reach.tag.language
                if not reach.is_bare:
                    scripts.setdefault(language, reach.script)
                elif language in scripts:
                    reach = look(text, scripts[language])
                elif language in offers.local and language not in open_languages:
                    open_languages.append(language)
        reaches.append(reach)
    return reaches, open_languages[:_OPEN_LANGUAGES_MAX]


def _places(offers: LanguageOffers, languages: list[str]) -> list[tuple[frozenset[CountryCode], dict[str, Near]]]:
    """The countries in which bare ranges in these languages reach something else, grouped by what that is."""
    places: list[tuple[frozenset[CountryCode], dict[str, Near]]] = []
    for language in languages:
        split = []
        for countries, near in offers.local[language]:
            undivided = countries
            for others, near_by_language in places:
                split.append((others & countries, {**near_by_language, language: near}))
                undivided -= others
            split.append((undivided, {language: near}))
        settled = frozenset(country for countries, _ in offers.local[language] for country in countries)
        places = [(others - settled, near_by_language) for others, near_by_language in places] + split
    return [place for place in places if place[0]]


def _rank(
    offers: LanguageOffers,
    header: AcceptLanguage,
    reaches: list[Reach | None],
    exclusions: Exclusions | None,
    near_by_language: Mapping[str, Near],
) -> Preference:
    """The preference that the ranges express, where a bare range means what ``near_by_language`` says."""
    requested: list[_RequestedRange] = []
    unread: frozenset[int] = frozenset()
    for position, reach in enumerate(reaches):
        if reach is not None:
            near: Reach | Near = reach
            if reach.is_bare and reach.tag.language in near_by_language:
                near = near_by_language[reach.tag.language]
            if near.matching:
                requested.append((position, header.ranges[position][1], near.matching))
            if near.unread:
                unread = unread | near.unread if unread else near.unread
    excluded: frozenset[int] = frozenset()
    if exclusions is not None:
        requested, excluded = _without(requested, exclusions, others=header.wildcard == 0)
    if not requested:
        return Preference((), excluded, deferring=False, certain=False, unread=unread)
    best = _best_range(requested)
    matches = _matches(best, requested)
    match = matches[best[2][0][0]]
    deferring = header.wildcard is not None and header.wildcard > match.weight
    certain = not (deferring or match.distance) and _is_first(offers, reaches[0], requested[0], match)
    if unread:
        unread = unread.difference(matches)
    return Preference(tuple(matches.values()), excluded, deferring, certain, unread)


def _without(
    requested: list[_RequestedRange], exclusions: Exclusions, *, others: bool
) -> tuple[list[_RequestedRange], frozenset[int]]:
    """The ranges without the refused offers, and all offers that are excluded: with ``others``, the unnamed too."""
    refused, unnamed = exclusions
    excluded = refused
    if others:
        excluded |= unnamed.difference(dict(chain.from_iterable(matching for _, _, matching in requested)))
    if refused:
        requested = [
            (position, weight, remaining)
            for position, weight, matching in requested
            if (remaining := tuple(pair for pair in matching if pair[0] not in refused))
        ]
    return requested, excluded


def _is_first(offers: LanguageOffers, first: Reach | None, requested_range: _RequestedRange, best: Match) -> bool:
    """Whether a match at no distance is exactly what the header's first range names.

    Weights only rank (RFC 9110 12.4.2), so the first range may have any; of ranges that weigh the same the first in the
    header is first, as scripts write it that join ``navigator.languages``.
    """
    position, _, matching = requested_range
    if position or first is None or (best.language, 0) not in matching:
        return False
    return offers.names(first.tag, best.language)


def _best_range(requested: list[_RequestedRange]) -> _RequestedRange:
    """The range that decides: each one after it must be nearer by ``DEMOTION``, as in ICU.

    Unlike there a range without a match costs nothing before one with a match: the eleventh of a header may decide.
    """
    best = requested[0]
    nearest = best[2][0][1]
    if nearest:
        nearest += DEMOTION * best[0]
        for requested_range in requested:
            demoted = requested_range[2][0][1] + DEMOTION * requested_range[0]
            if demoted < nearest:
                best, nearest = requested_range, demoted
    return best


def _matches(best: _RequestedRange, requested: list[_RequestedRange]) -> dict[int, Match]:
    """The languages that match a range, each once: first the nearest of the best range and of each, then the others."""
    matches: dict[int, Match] = {}
    for position, weight, matching in (best, *requested):
        language, distance = matching[0]
        if language not in matches:
            matches[language] = Match(language, position, weight, distance)
    for position, weight, matching in requested:
        for language, distance in matching[1:]:
            if language not in matches:
                matches[language] = Match(language, position, weight, distance)
    return matches
