"""A site's languages as offers: which of them match a requested range, how near, and which a header excludes.

Built once per site, so that a range is only measured against the few offers that can be near it at all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from msgspec import Struct

from service.core.languages.distance import THRESHOLD, DistanceTables, locale_distance, reads_script
from service.core.languages.tags import Locale, Tag, TagTables, canonical_tag, maximise, range_tag

Matching = tuple[tuple[int, int], ...]
"""The offers that match a range, as (index among the site's languages, distance), the nearest first."""

_NONE: frozenset[int] = frozenset()


class Near(NamedTuple):
    """The offers that match a range, and those in its language that do not.

    ``unread`` are in a script that CLDR does not expect the language's reader to read (UTS #35 "Language Matching":
    they are ``THRESHOLD`` or more away).
    """

    matching: Matching
    unread: frozenset[int]


class Reach(Struct, frozen=True, gc=False):
    """The meaning of a language range, and the offers that it reaches: ``matching`` and ``unread`` are as in ``Near``.

    ``tag`` is what the range says, so that nobody reads it again; ``script`` is what it means; ``is_bare`` says that it
    tells neither script nor region, so that the script is only the language's usual one.
    """

    tag: Tag
    script: str
    is_bare: bool
    matching: Matching
    unread: frozenset[int]


class Exclusions(NamedTuple):
    """The offers that a header excludes with q=0, and those that it does not name: ``*;q=0`` excludes them as well."""

    refused: frozenset[int]
    unnamed: frozenset[int]


class _Offer(Struct, frozen=True, gc=False):
    """One of the site's languages. ``rank`` settles what distance leaves open, see ``LanguageOffers.nearest``.

    ``prefixes`` are the ranges that name it, the longest first (RFC 4647 section 3.3.1).
    """

    index: int
    tag: Tag
    written_language: str
    readings: tuple[Locale, ...]
    rank: tuple[bool, bool, bool, bool, int]
    prefixes: tuple[str, ...]


class LanguageOffers:
    """The languages of one site, in the site's spelling and order. Immutable, total once built."""

    local: Mapping[str, tuple[tuple[frozenset[str], Near], ...]]
    """By language what a bare range reaches in some countries, where the site has the script that is written there."""

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
        self._own_languages = {locale.language for offer in self._offers for locale in offer.readings}
        # What a site wrote itself goes before what the same text would mean canonically.
        self._spellings = {str(offer.tag).lower(): languages[offer.index] for offer in reversed(self._offers)}
        self._spellings |= {text.lower(): text for text in reversed(languages)}
        self.local = self._local_reaches(local_scripts)

    def spelling(self, text: str) -> str | None:
        """The site's spelling of a tag that is canonically one of its languages, else None."""
        spelling = self._spellings.get(text.lower())
        if spelling is None and "_" not in text:
            tag = canonical_tag(text, self._tags)
            spelling = None if tag is None else self._spellings.get(str(tag).lower())
        return spelling

    def reach(self, text: str, script: str = "") -> Reach | None:
        """The offers that a language range reaches; None when it is no tag. About 3 us, 20 at worst.

        ``script`` is one that the header tells of the same language before: it is meant where the range is bare.
        Only where CLDR expects its reader to read the usual script as well (``hi-Latn,hi``), that is what they mean.
        """
        tag = range_tag(text, self._tags)
        if tag is None:
            return None
        written_language = _first_subtag(text)
        readings = self._readings(tag, written_language)
        if script and self._is_meant(script, tag, readings):
            tag_meant = Tag(tag.language, script, "", tag.variants, tag.extensions, tag.private)
            readings = self._readings(tag_meant, written_language)
            return self._reach(tag, tag_meant, written_language, readings)
        return self._reach(tag, tag, written_language, readings)

    def _is_meant(self, script: str, tag: Tag, readings: tuple[Locale, ...]) -> bool:
        """Whether a range means a script that was told of its language, see ``reach``."""
        usual = readings[0].script
        if tag.script or tag.region or script == usual or reads_script(tag.language, script, usual, self._distances):
            return False
        # A bare range that reaches nothing, as no offer is in its language, reaches nothing by that script either.
        return tag.language in self._own_languages or bool(self._nearest(tag, tag.language, readings))

    def _reach(self, tag: Tag, meant: Tag, written_language: str, readings: tuple[Locale, ...]) -> Reach:
        matching = self._nearest(meant, written_language, readings)
        unread = _NONE
        if matching and matching[-1][1] >= THRESHOLD:
            matching, unread = _split(matching)
        return Reach(tag, readings[0].script, not (meant.script or meant.region), matching, unread)

    def names(self, tag: Tag, index: int) -> bool:
        """Whether a range at no distance from an offer names all that the offer says, so that nothing is guessed.

        A region tells how people write there (``zh-TW`` names ``zh-Hant``); a bare language tells neither script nor
        region, however likely they are (``pt`` does not name ``pt-BR``).
        """
        offered = self._offers[index].tag
        says_region = bool(tag.region) or not offered.region
        says_script = bool(tag.script or tag.region) or not offered.script
        says_variants = not offered.variants or set(offered.variants) <= set(tag.variants)
        return says_region and says_script and says_variants

    def nearest(self, tag: Tag) -> Matching:
        """The offers below ``THRESHOLD``, and those of the same language in a script beyond it, nearest first.

        Of offers at no distance the one that says the same subtags goes first, the script before the region. Among
        equally near ones the language's usual script does, then its usual region, then the first of the site, then
        CLDR's paradigm locales, then the site's order. All as in ICU's LocaleMatcher, whose default locale is the first
        of the site.
        """
        return self._nearest(tag, tag.language, self._readings(tag, tag.language))

    def _nearest(self, tag: Tag, written_language: str, readings: tuple[Locale, ...]) -> Matching:
        ranked = []
        for wanted in readings:
            for offered, offer in self._near.get(wanted.language, ()):
                distance = 0 if wanted == offered else locale_distance(wanted, offered, self._distances)
                if distance >= THRESHOLD and offered.language != wanted.language:
                    continue
                unlikeness = distance == 0 and (
                    16 * (offer.tag.script != tag.script)
                    + 8 * (offer.tag.region != tag.region)
                    + 4 * (offer.written_language != written_language)
                    + 2 * (offer.tag.variants != tag.variants)
                    + (offer.tag != tag)
                )
                ranked.append((distance, unlikeness, offer.rank, offer.index))
        if not ranked:
            return ()
        ranked.sort()
        nearest: dict[int, int] = {}
        for distance, _, _, index in ranked:
            nearest.setdefault(index, distance)
        return tuple(nearest.items())

    def ruled_out(self, refused: Iterable[str], wanted: Iterable[Tag]) -> Exclusions:
        """The offers that a header excludes with q=0: of its ranges the longest that is a prefix of a tag decides.

        A refused range also rules out its equal in other words (zh-TW, zh-Hant). One that is no tag rules out nothing:
        what is left when it is cut would refuse more than was said. Source: RFC 4647 section 3.3.1.
        """
        refused_tags = [tag for text in refused if (tag := canonical_tag(text, self._tags)) is not None]
        refused_texts = {str(tag).lower() for tag in refused_tags}
        refused_locales = {self._maximised(tag) for tag in refused_tags}
        wanted_texts = {str(tag).lower() for tag in wanted}
        excluded: set[int] = set()
        unnamed: set[int] = set()
        for offer in self._offers:
            for prefix in offer.prefixes:
                if prefix in wanted_texts:
                    break
                if prefix in refused_texts:
                    excluded.add(offer.index)
                    break
            else:
                (excluded if offer.readings[0] in refused_locales else unnamed).add(offer.index)
        return Exclusions(frozenset(excluded), frozenset(unnamed))

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
        prefixes = tuple(accumulate(str(tag).lower().split("-"), "{}-{}".format))[::-1]
        return _Offer(index, tag, written_language, readings, rank, prefixes)

    def _local_reaches(
        self, local_scripts: Mapping[str, Mapping[str, str]]
    ) -> dict[str, tuple[tuple[frozenset[str], Near], ...]]:
        offered = {(locale.language, locale.script) for offer in self._offers for locale in offer.readings}
        local: dict[str, dict[Near, set[str]]] = defaultdict(lambda: defaultdict(set))
        for language in {language for language, _ in offered} & local_scripts.keys():
            for country, script in local_scripts[language].items():
                if (language, script) in offered:
                    near = _split(self.nearest(Tag(language, script, country)))
                    local[language][near].add(country)
        return {
            language: tuple((frozenset(countries), near) for near, countries in groups.items())
            for language, groups in local.items()
        }

    def _near_offers(self) -> dict[str, tuple[tuple[Locale, _Offer], ...]]:
        """For each language that may be requested, the offers worth measuring."""
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
        likely = maximise(tag, self._tags)
        if likely is not None:
            return likely
        unknown = maximise(Tag("und", tag.script, tag.region), self._tags) or Locale("", "", "")
        return Locale(tag.language, tag.script or unknown.script, tag.region or unknown.region)


def _split(near: Matching) -> Near:
    """The offers split into those that match and those too far away."""
    matching_n = len(near)
    while matching_n and near[matching_n - 1][1] >= THRESHOLD:
        matching_n -= 1
    return Near(near[:matching_n], frozenset([index for index, _ in near[matching_n:]]))


def _first_subtag(text: str) -> str:
    return text.lower().replace("_", "-").partition("-")[0]
