"""What an Accept-Language header says about a site's languages, by their numbers: which it wants, in what order.

Of what the client wrote nothing is left in a ``Preference``. It knows no place: where a range leaves its script open
and the place would settle it, the preference holds what the header means in those countries.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

from msgspec import Struct, structs

from service.core.accept_language import AcceptLanguage, parse_accept_language
from service.core.language_distance import DEMOTION, THRESHOLD
from service.core.language_offers import LanguageOffers, Reach, Served
from service.core.location import CountryCode

_OPEN_LANGUAGES_MAX = 3
"""Of the languages that a header names in no script, how many the place settles: each may double the work."""


class Match(NamedTuple):
    """One of the site's languages as a header wants it.

    ``language`` is its index among the site's, ``wish`` the position of the range it serves, ``weight`` that range's in
    thousandths, ``distance`` CLDR's from the range, below ``THRESHOLD``.
    """

    language: int
    wish: int
    weight: int
    distance: int


class Preference(Struct, frozen=True, cache_hash=True, gc=False):
    """What a header says about the site's languages, by index: nothing the client wrote is left in it.

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
_Look = Callable[..., Reach | None]  # ``LanguageOffers.reach``, remembered
_Wish = tuple[int, Served]  # a range's weight and what serves it


class Remembered(Protocol):
    """Texts that are remembered so as not to be read twice."""

    def cache_clear(self) -> None:
        """Let go of them."""


def reader_of_headers(
    offers: LanguageOffers, headers_cached_max: int
) -> tuple[Callable[[str], Preference], tuple[Remembered, ...]]:
    """What reads headers for one site (total; 0.1 us when known, 5 to 40 us when new), and what it remembers."""
    look = lru_cache(maxsize=RANGES_CACHED_MAX)(offers.reach)
    prefer = lru_cache(maxsize=headers_cached_max)(partial(_prefer, offers, look))
    return prefer, (look, prefer)


def _prefer(offers: LanguageOffers, look: _Look, accept_language: str) -> Preference:
    said = parse_accept_language(accept_language)
    reaches, open_languages = _reaches(offers, look, said)
    preference = _rank(offers, said, reaches)
    if not open_languages:
        return preference
    places = _places(offers, open_languages)
    local = tuple((countries, _rank(offers, said, _settled(reaches, there))) for countries, there in places)
    return structs.replace(preference, local=local)


def _reaches(offers: LanguageOffers, look: _Look, said: AcceptLanguage) -> tuple[list[Reach | None], tuple[str, ...]]:
    """What each range reaches, and the languages named in no script of which the place would tell another.

    Browsers write the language after its forms (``zh-TW,zh``): a bare range after one that tells its script has that
    script, or whoever reads traditional Chinese would be said to read simplified too. Only where CLDR expects them to
    read the usual script as well (``hi-Latn,hi``), that is what they ask for next.
    """
    scripts: dict[str, str] = {}
    reaches: list[Reach | None] = []
    open_languages: dict[str, None] = {}
    for text, _ in said.ranges:
        reach = look(text)
        if reach is not None:
            language, script = reach.language, reach.script
            told = scripts.get(language)
            if not reach.is_bare:
                scripts.setdefault(language, script)
            elif told is None:
                if language in offers.local:
                    open_languages[language] = None
            elif told != script and not offers.reads(language, told, script):
                reach = look(text, told)
        reaches.append(reach)
    return reaches, tuple(open_languages)[:_OPEN_LANGUAGES_MAX]


def _places(offers: LanguageOffers, languages: tuple[str, ...]) -> list[tuple[frozenset[str], dict[str, Reach]]]:
    """The countries in which bare ranges in these languages reach something else, grouped by what that is."""
    local = [offers.local[language] for language in languages]
    groups: dict[tuple[Reach | None, ...], set[str]] = defaultdict(set)
    for country in {country for reaches in local for country in reaches}:
        groups[tuple(reaches.get(country) for reaches in local)].add(country)
    return [
        (frozenset(countries), {reach.language: reach for reach in group if reach is not None})
        for group, countries in groups.items()
    ]


def _settled(reaches: list[Reach | None], there: Mapping[str, Reach]) -> list[Reach | None]:
    """The same ranges where a bare one means what ``there`` says of its language."""
    return [
        there[reach.language] if reach is not None and reach.is_bare and reach.language in there else reach
        for reach in reaches
    ]


def _rank(offers: LanguageOffers, said: AcceptLanguage, reaches: list[Reach | None]) -> Preference:
    wishes: list[_Wish] = [
        (weight, () if reach is None else reach.served) for (_, weight), reach in zip(said.ranges, reaches, strict=True)
    ]
    excluded: frozenset[int] = frozenset()
    if said.excluded or said.wildcard == 0:
        named = {index for _, served in wishes for index, _ in served}
        wanted = [text for text, _ in said.ranges]
        excluded = offers.ruled_out(said.excluded, wanted, named if said.wildcard == 0 else None)
        wishes = [(weight, tuple(pair for pair in served if pair[0] not in excluded)) for weight, served in wishes]
    best = _best_wish(wishes)
    matches = () if best is None else _matches(wishes, (best, *range(len(wishes))))
    deferring = bool(matches) and said.wildcard is not None and said.wildcard > matches[0].weight
    certain = not deferring and bool(matches) and _is_certain(offers, said.ranges[0][0], reaches[0], matches[0])
    unread: frozenset[int] = frozenset()
    for reach in reaches:
        if reach is not None and reach.unread:
            unread |= reach.unread
    if unread:
        unread = unread.difference(match.language for match in matches)
    return Preference(matches, excluded, deferring, certain, unread)


def _is_certain(offers: LanguageOffers, first: str, reach: Reach | None, best: Match) -> bool:
    """Whether the best match is exactly what the header's first range names.

    Weights only rank (RFC 9110 12.4.2), so the first range may have any; of ranges that weigh the same the first in the
    header is first, as scripts write it that join ``navigator.languages``.
    """
    if best.distance or reach is None:
        return False
    return (best.language, 0) in reach.served and offers.names(first, best.language)


def _best_wish(wishes: list[_Wish]) -> int | None:
    """The position of the wish that decides: each one after it must be nearer by ``DEMOTION``, as in ICU.

    Unlike there what nothing serves costs nothing before a wish that is served: the eleventh of a header may decide.
    """
    best, nearest = None, THRESHOLD
    for position, (_, served) in enumerate(wishes):
        if served and served[0][1] < nearest:
            best, nearest = position, served[0][1]
        if best is not None:
            nearest -= DEMOTION
            if nearest <= 0:
                break
    return best


def _matches(wishes: list[_Wish], order: Iterable[int]) -> tuple[Match, ...]:
    """The languages that serve a wish, each once: first the nearest of each wish in the order, then the others."""
    matches: dict[int, Match] = {}
    for position in order:
        weight, served = wishes[position]
        for language, distance in served[:1]:
            if language not in matches:
                matches[language] = Match(language, position, weight, distance)
    for position, (weight, served) in enumerate(wishes):
        for language, distance in served[1:]:
            if language not in matches:
                matches[language] = Match(language, position, weight, distance)
    return tuple(matches.values())
