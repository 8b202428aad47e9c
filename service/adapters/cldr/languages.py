"""CLDR's language tables, read from ``languages.json`` in the shape the core's look-ups want.

``tests/tables/build_languages.py`` makes the file from the npm package cldr-core; its licence stands in
``LICENSE-Unicode.txt``.
Reading it takes about 10 ms, once per process.
"""

from collections import defaultdict
from importlib.resources import files

import msgspec

from service.core.languages.distance import DistanceTables, RegionRules
from service.core.languages.matching import LanguageTables
from service.core.languages.prior import Speakers
from service.core.languages.tags import LanguageAlias, Locale, Tag, TagTables, canonical_tag, maximise, parse_tag


class _Matching(msgspec.Struct):
    languages: dict[str, dict[str, int]]
    scripts: dict[str, dict[str, dict[str, int]]]
    regions: dict[str, RegionRules]
    paradigms: list[str]


class _Document(msgspec.Struct):
    version: str
    languages: dict[str, str]
    scripts: dict[str, str]
    regions: dict[str, str]
    variants: dict[str, str]
    likely_languages: dict[str, str]
    likely_others: dict[str, str]
    matching: _Matching
    territories: dict[str, str]


def load_languages() -> LanguageTables:
    """The tables of aliases, likely subtags, distances and speakers that ship with the service."""
    data = files(__package__).joinpath("languages.json").read_bytes()
    document = msgspec.json.decode(data, type=_Document)
    tags = _tag_tables(document)
    speakers = {
        code: tuple(_speakers(code, word, tags) for word in row.split()) for code, row in document.territories.items()
    }
    return LanguageTables(
        version=document.version,
        tags=tags,
        distances=_distance_tables(document.matching, tags),
        speakers=speakers,
        local_scripts=_local_scripts(tags, speakers),
    )


def _tag_tables(document: _Document) -> TagTables:
    likely: dict[str, Locale] = {}
    for script_region, languages_of in document.likely_languages.items():
        script, region = script_region.split("-")
        for language in languages_of.split():
            likely[language] = Locale(language, script, region)
    likely |= {key: Locale(*full.split("-")) for key, full in document.likely_others.items()}
    bare = TagTables({}, {}, {}, frozenset(), {}, {}, {}, likely)
    whole: dict[str, Tag] = {}
    languages: dict[str, Tag] = {}
    rules: dict[str, list[LanguageAlias]] = {}
    for key, text in document.languages.items():
        source, target = parse_tag(key, bare), parse_tag(text, bare)
        if target is None:
            raise ValueError(f"languages.json: no tag on the right side of the alias {key}")
        if source is None or source.language != key.partition("-")[0]:
            whole[key.lower()] = target  # a grandfathered tag, or one whose second subtag reads as a language
        elif "-" not in key:
            languages[source.language] = target
        else:
            rules.setdefault(source.language, []).append(LanguageAlias(source, target))
    return TagTables(
        whole,
        languages,
        {language: tuple(sorted(group, key=_order)) for language, group in rules.items()},
        frozenset(language for language, group in rules.items() if not all(alias.source.variants for alias in group)),
        document.scripts,
        {region: tuple(successors.split()) for region, successors in document.regions.items()},
        document.variants,
        likely,
    )


def _order(alias: LanguageAlias) -> tuple[int, str]:
    """Rules that name more come first, then by alphabet (UTS #35 Annex C, "Preprocessing")."""
    source = alias.source
    return -len(source.variants) - bool(source.region) - bool(source.script), str(source)


def _distance_tables(matching: _Matching, tags: TagTables) -> DistanceTables:
    return DistanceTables(
        matching.languages,
        {
            (desired, offered): {
                (script, to): distance for script, row in pairs.items() for to, distance in row.items()
            }
            for desired, _, offered, pairs in ((*key.partition(" "), pairs) for key, pairs in matching.scripts.items())
        },
        matching.regions,
        frozenset(filter(None, (maximise(_tag(text, tags), tags) for text in matching.paradigms))),
    )


def _speakers(code: str, word: str, tags: TagTables) -> Speakers:
    """``de=76!`` in CH: German as spoken in Switzerland, by 76 % of the people, official."""
    text, _, share = word.partition("=")
    tag = _tag(f"{text}-{code}", tags)
    return Speakers(tag, float(share.rstrip("!~")) / 100, official=share.endswith("!"))


def _local_scripts(tags: TagTables, speakers: dict[str, tuple[Speakers, ...]]) -> dict[str, dict[str, str]]:
    """By language and country the script that is at home there, where CLDR's likely one is not the language's usual.

    At home: in CLDR's likely country of that script (``kk-Arab`` is likely China's), or where an official language is
    written in it. In others (``zh-US`` is likely Hant, by 0.7 % of the people) live those who came from everywhere, and
    the place does not tell which of their scripts someone reads.
    """
    local: dict[str, dict[str, str]] = defaultdict(dict)
    for key, locale in tags.likely.items():
        language, _, country = key.partition("-")
        if country != locale.region or language == "und" or locale.script == tags.likely[language].script:
            continue
        of_script = tags.likely.get(f"{language}-{locale.script}")
        officials = [maximise(share.tag, tags) for share in speakers.get(country, ()) if share.official]
        if (of_script is not None and of_script.region == country) or locale.script in {
            official.script for official in officials if official is not None
        }:
            local[language][country] = locale.script
    return dict(local)


def _tag(text: str, tags: TagTables) -> Tag:
    tag = canonical_tag(text, tags)
    if tag is None:
        raise ValueError(f"languages.json: {text} is no language tag")
    return tag
