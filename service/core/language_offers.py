"""A site's languages as offers: which of them serve a wish, how near they come, and which a header rules out.

Built once per site, so that a wish is only measured against the few offers that can be near it at all.
"""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from service.core.language_distance import THRESHOLD, DistanceTables, locale_distance
from service.core.language_tags import Locale, Tag, TagTables, canonical_tag, maximise, range_tag

Served = tuple[tuple[int, int], ...]
"""The offers that serve a wish, as (index among the site's languages, distance), the nearest first."""


class _Offer(Struct, frozen=True, gc=False):
    """One of the site's languages. ``rank`` settles what distance leaves open: usual form, CLDR's paradigm, order."""

    index: int
    tag: Tag
    written_language: str
    readings: tuple[Locale, ...]
    rank: tuple[bool, bool, int]


class LanguageOffers:
    """The languages of one site, in the site's spelling and order. Immutable, total once built."""

    def __init__(self, languages: tuple[str, ...], tags: TagTables, distances: DistanceTables) -> None:
        """Raise ValueError when a language is no BCP 47 tag."""
        self._languages = languages
        self._tags = tags
        self._distances = distances
        self._offers = tuple(self._offer(index, text) for index, text in enumerate(languages))
        self._near = self._near_offers()
        # What a site wrote itself goes before what the same text would mean canonically.
        self._spellings = {str(offer.tag).lower(): languages[offer.index] for offer in reversed(self._offers)}
        self._spellings |= {text.lower(): text for text in reversed(languages)}

    def spelling(self, text: str) -> str | None:
        """The site's spelling of a tag that is canonically one of its languages, else None."""
        found = self._spellings.get(text.lower())
        if found is None and "_" not in text:
            tag = canonical_tag(text, self._tags)
            found = None if tag is None else self._spellings.get(str(tag).lower())
        return found

    def serve(self, text: str) -> Served:
        """The offers that serve a language range, nearest first; none when no tag is in it. About 3 us, 20 at worst."""
        tag = range_tag(text, self._tags)
        return () if tag is None else self.nearest(tag, _first_subtag(text))

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

    def nearest(self, tag: Tag, written_language: str) -> Served:
        """The offers below ``THRESHOLD``, and those of the same language in another script beyond it, nearest first.

        Among equally near ones the one that says the same subtags goes first, then the language's usual form, then
        CLDR's paradigm locales, then the site's order.
        """
        found = []
        for wanted in self._readings(tag, written_language):
            for offered, offer in self._near.get(wanted.language, ()):
                distance = locale_distance(wanted, offered, self._distances)
                if distance < THRESHOLD or offered.language == wanted.language:
                    unlikeness = (
                        offer.tag != tag,
                        offer.written_language != written_language,
                        offer.tag.region != tag.region,
                        offer.tag.script != tag.script,
                        offer.tag.variants != tag.variants,
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
        is_usual = self._maximised(Tag(tag.language)) == readings[0]
        is_paradigm = readings[0] in self._distances.paradigms
        return _Offer(index, tag, written_language, readings, (not is_usual, not is_paradigm, index))

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
        """The likely locale. Private use, ``und`` and languages unknown to CLDR are only ever like themselves."""
        if not tag.language:
            return Locale("x-" + tag.private, "", "")
        if tag.language == "und" and not tag.script and not tag.region:
            return Locale("und", "", "")
        return maximise(tag, self._tags) or Locale(tag.language, tag.script, tag.region)


def _first_subtag(text: str) -> str:
    return text.replace("_", "-").partition("-")[0].lower()
