"""A site's languages as offers: which of them serve a wish, how near they come, and which a header rules out.

Built once per site, so that a wish is only measured against the few offers that can be near it at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from msgspec import Struct

from service.core.language_distance import THRESHOLD, DistanceTables, locale_distance
from service.core.language_tags import Locale, Tag, TagTables, canonical_tag, maximise, range_tag

Served = tuple[tuple[int, int], ...]
"""The offers that serve a wish, as (index among the site's languages, distance), the nearest first."""

_NONE: frozenset[int] = frozenset()


class Reach(NamedTuple):
    """Which offers a language range reaches.

    ``language`` and ``script`` are what the range means; ``is_bare`` that it says neither script nor region, so that
    the script is only the language's usual one. ``unread`` are offers in this language whose script CLDR does not
    expect its reader to read (UTS #35 "Language Matching": they are ``THRESHOLD`` or more away).
    """

    language: str
    script: str
    is_bare: bool
    served: Served
    unread: frozenset[int]


class _Offer(Struct, frozen=True, gc=False):
    """One of the site's languages. ``rank`` settles what distance leaves open, see ``LanguageOffers.nearest``."""

    index: int
    tag: Tag
    written_language: str
    readings: tuple[Locale, ...]
    rank: tuple[bool, bool, bool, bool, int]


class LanguageOffers:
    """The languages of one site, in the site's spelling and order. Immutable, total once built."""

    local: Mapping[str, Mapping[str, Reach]]
    """By language and country what a bare range reaches there, where the site has the script that is written there."""

    def __init__(
        self,
        languages: tuple[str, ...],
        tags: TagTables,
        distances: DistanceTables,
        local_scripts: Mapping[str, Mapping[str, str]],
    ) -> None:
        """``local_scripts`` by language and country. Raise ValueError when a language is no BCP 47 tag."""
        self._languages = languages
        self._tags = tags
        self._distances = distances
        self._offers = tuple(self._offer(index, text) for index, text in enumerate(languages))
        self._near = self._near_offers()
        # What a site wrote itself goes before what the same text would mean canonically.
        self._spellings = {str(offer.tag).lower(): languages[offer.index] for offer in reversed(self._offers)}
        self._spellings |= {text.lower(): text for text in reversed(languages)}
        self.local = self._local_reaches(local_scripts)

    def spelling(self, text: str) -> str | None:
        """The site's spelling of a tag that is canonically one of its languages, else None."""
        found = self._spellings.get(text.lower())
        if found is None and "_" not in text:
            tag = canonical_tag(text, self._tags)
            found = None if tag is None else self._spellings.get(str(tag).lower())
        return found

    def reach(self, text: str, script: str = "") -> Reach | None:
        """The offers that a language range reaches; None when there are none. About 3 us, 20 at worst.

        ``script`` is that of a bare range whose script is known from elsewhere.
        """
        tag = range_tag(text, self._tags)
        if tag is None:
            return None
        if script:
            tag = Tag(tag.language, script, tag.region, tag.variants, tag.extensions, tag.private)
        return self._reach(tag, _first_subtag(text))

    def reads(self, language: str, script: str, other: str) -> bool:
        """Whether CLDR expects someone who reads a language in one script to read it in another too (``hi-Latn``)."""
        wanted, offered = Locale(language, script, ""), Locale(language, other, "")
        return locale_distance(wanted, offered, self._distances) < THRESHOLD

    def _reach(self, tag: Tag, written_language: str) -> Reach | None:
        readings = self._readings(tag, written_language)
        near = self._nearest(tag, written_language, readings)
        if not near:
            return None
        served, unread = near, _NONE
        if near[-1][1] >= THRESHOLD:
            served = tuple(pair for pair in near if pair[1] < THRESHOLD)
            unread = frozenset(index for index, _ in near[len(served) :])
        return Reach(tag.language, readings[0].script, not (tag.script or tag.region), served, unread)

    def names(self, text: str, index: int) -> bool:
        """Whether a range at no distance from an offer names all that the offer says, so that nothing is guessed.

        A region tells how people write there (``zh-TW`` names ``zh-Hant``); a bare language tells neither script nor
        region, however likely they are (``pt`` does not name ``pt-BR``).
        """
        tag, offered = range_tag(text, self._tags), self._offers[index].tag
        if tag is None:
            return False
        says_region = bool(tag.region) or not offered.region
        says_script = bool(tag.script or tag.region) or not offered.script
        return says_region and says_script and set(offered.variants) <= set(tag.variants)

    def nearest(self, tag: Tag) -> Served:
        """The offers below ``THRESHOLD``, and those of the same language in a script beyond it, nearest first.

        Of offers at no distance the one that says the same subtags goes first, the script before the region. Among
        equally near ones the language's usual script does, then its usual region, then the first of the site, then
        CLDR's paradigm locales, then the site's order. All as in ICU's LocaleMatcher, whose default locale is the first
        of the site.
        """
        return self._nearest(tag, tag.language, self._readings(tag, tag.language))

    def _nearest(self, tag: Tag, written_language: str, readings: tuple[Locale, ...]) -> Served:
        found = []
        for wanted in readings:
            for offered, offer in self._near.get(wanted.language, ()):
                distance = locale_distance(wanted, offered, self._distances)
                if distance >= THRESHOLD and offered.language != wanted.language:
                    continue
                unlikeness = distance == 0 and (
                    16 * (offer.tag.script != tag.script)
                    + 8 * (offer.tag.region != tag.region)
                    + 4 * (offer.written_language != written_language)
                    + 2 * (offer.tag.variants != tag.variants)
                    + (offer.tag != tag)
                )
                found.append((distance, unlikeness, offer.rank, offer.index))
        found.sort()
        nearest: dict[int, int] = {}
        for distance, _, _, index in found:
            nearest.setdefault(index, distance)
        return tuple(nearest.items())

    def ruled_out(self, refused: Iterable[str], wanted: Iterable[str], served: set[int] | None) -> frozenset[int]:
        """The offers that a header excludes with q=0: of its ranges the longest that is a prefix of a tag decides.

        ``served`` is given where ``*`` is excluded: then offers outside it are ruled out too, unless a range names
        them. A refused range also rules out its equal in other words (zh-TW, zh-Hant). One that is no tag rules out
        nothing: what is left when it is cut would refuse more than was said. Source: RFC 4647 section 3.3.1.
        """
        refused_tags = [tag for text in refused if (tag := canonical_tag(text, self._tags)) is not None]
        refused_texts = {str(tag).lower() for tag in refused_tags}
        refused_locales = {self._maximised(tag) for tag in refused_tags}
        wanted_texts = {str(range_tag(text, self._tags)).lower() for text in wanted}
        out = set()
        for offer in self._offers:
            prefix = str(offer.tag).lower()
            while prefix and prefix not in refused_texts and prefix not in wanted_texts:
                prefix = prefix.rpartition("-")[0]
            if prefix:
                is_out = prefix not in wanted_texts
            else:
                is_out = offer.readings[0] in refused_locales or (served is not None and offer.index not in served)
            if is_out:
                out.add(offer.index)
        return frozenset(out)

    def _offer(self, index: int, text: str) -> _Offer:
        tag = canonical_tag(text, self._tags)
        if tag is None:
            raise ValueError(f"languages[{index}] is not a BCP 47 language tag")
        written_language = _first_subtag(text)
        readings = self._readings(tag, written_language)
        usual = self._maximised(Tag(tag.language))
        is_paradigm = readings[0] in self._distances.paradigms
        _, script, region = readings[0]
        rank = (script != usual.script, region != usual.region, index > 0, not is_paradigm, index)
        return _Offer(index, tag, written_language, readings, rank)

    def _local_reaches(self, local_scripts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, Reach]]:
        offered = {(locale.language, locale.script) for offer in self._offers for locale in offer.readings}
        local: dict[str, dict[str, Reach]] = defaultdict(dict)
        for language in {language for language, _ in offered} & local_scripts.keys():
            for country, script in local_scripts[language].items():
                reach = self._reach(Tag(language, script, country), language)
                if reach is not None and (language, script) in offered:
                    local[language][country] = reach
        return dict(local)

    def _near_offers(self) -> dict[str, tuple[tuple[Locale, _Offer], ...]]:
        """For each language someone may wish for, the offers worth measuring."""
        near: dict[str, list[tuple[Locale, _Offer]]] = defaultdict(list)
        for offer in self._offers:
            for locale in offer.readings:
                near[locale.language].append((locale, offer))
        own = {language: tuple(group) for language, group in near.items()}
        for desired, distances in self._distances.languages.items():
            for language, distance in distances.items():
                if language in own and distance < THRESHOLD:
                    near[desired].extend(own[language])
        return {language: tuple(group) for language, group in near.items()}

    def _readings(self, tag: Tag, written_language: str) -> tuple[Locale, ...]:
        """The canonical locale, and the one as written where CLDR still measures a language that it renamed (sh)."""
        locale = self._maximised(tag)
        if written_language == tag.language or written_language not in self._distances.languages:
            return (locale,)
        return locale, Locale(written_language, locale.script, locale.region)

    def _maximised(self, tag: Tag) -> Locale:
        """The likely locale. Private use and ``und`` are only ever like themselves.

        Of a language unknown to CLDR (``tlh``, ``qaa-RU``) what it does not say is what the unknown language has there,
        as in ICU: a script that is not said is not one more barrier.
        """
        if not tag.language:
            return Locale("x-" + tag.private, "", "")
        if tag.language == "und" and not tag.script and not tag.region:
            return Locale("und", "", "")
        known = maximise(tag, self._tags)
        if known is not None:
            return known
        unknown = maximise(Tag("und", tag.script, tag.region), self._tags) or Locale("", "", "")
        return Locale(tag.language, tag.script or unknown.script, tag.region or unknown.region)


def _first_subtag(text: str) -> str:
    return text.replace("_", "-").partition("-")[0].lower()
