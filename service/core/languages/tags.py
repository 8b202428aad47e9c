"""Language tags: reading, canonical form and likely subtags, after BCP 47 (RFC 5646) and CLDR's UTS #35.

Everything here is total: any text is either a tag or None, never an exception. The tables (aliases, likely subtags) are
CLDR's and arrive as an argument.
"""

import re
from itertools import takewhile
from typing import NamedTuple

from msgspec import Struct

TAG_LENGTH_MAX = 100
"""Longest tag looked at, in characters; RFC 5646 section 4.4.1 asks for at least 35."""

_PLAIN = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.ASCII)
_SUBTAG = re.compile(r"[a-z0-9]{1,8}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,8}", re.ASCII)
_EXTLANG = re.compile(r"[a-z]{3}", re.ASCII)
_SCRIPT = re.compile(r"[a-z]{4}", re.ASCII)
_REGION = re.compile(r"[a-z]{2}|[0-9]{3}", re.ASCII)
_VARIANT = re.compile(r"[a-z0-9]{5,8}|[0-9][a-z0-9]{3}", re.ASCII)
_SINGLETON = re.compile(r"[a-wyz0-9]", re.ASCII)
_EXTENSION = re.compile(r"[a-z0-9]{2,8}", re.ASCII)
_EXTLANGS_MAX = 3
# The prefixes of all extended languages in IANA's registry (RFC 5646 section 2.2.2: none stands behind another). What
# has three letters behind any other language is a country that somebody took from the wrong list (``en-USA``).
_EXTLANG_PREFIXES = frozenset({"ar", "kok", "lv", "ms", "sgn", "sw", "uz", "zh"})
_WHOLE_SUBTAGS_MAX = 3  # RFC 5646 section 2.2.8: no grandfathered tag has more
_REWRITES_MAX = 16


class Tag(Struct, frozen=True, gc=False):
    """A well-formed tag in conventional case; absent parts are empty. ``und`` stands for an absent language.

    ``extensions`` holds everything from the first singleton on (``u-co-phonebk``), ``private`` what follows ``x-``.
    """

    language: str
    script: str = ""
    region: str = ""
    variants: tuple[str, ...] = ()
    extensions: str = ""
    private: str = ""

    def __str__(self) -> str:
        """The tag as BCP 47 writes it."""
        parts = [self.language] if self.language else []
        parts += [part for part in (self.script, self.region, *self.variants, self.extensions) if part]
        if self.private:
            parts.append("x-" + self.private)
        return "-".join(parts)


class Locale(NamedTuple):
    """The subtags that matching compares; once maximised all are present where CLDR knows them."""

    language: str
    script: str
    region: str


class LanguageAlias(Struct, frozen=True, gc=False):
    """A rule of CLDR's languageAlias with more than a language on its left side: replace these subtags by those."""

    source: Tag
    target: Tag


class TagTables(Struct, frozen=True):
    """CLDR's aliases and likely subtags, keyed as in CLDR but with case as in ``Tag``.

    ``whole`` maps grandfathered tags in lower case to tags; ``languages`` single language subtags to tags; ``rules``
    is in CLDR's order of application, grouped by the language they concern (``und``: any), ``plain_rules`` names the
    languages with a rule that asks for no variant (``sgn-BR``); ``regions`` may have several successors, the usual
    first; ``likely`` maps ``ll``, ``ll-Ssss``, ``ll-RR`` and ``und-Ssss-RR`` to maximised locales.
    """

    whole: dict[str, Tag]
    languages: dict[str, Tag]
    rules: dict[str, tuple[LanguageAlias, ...]]
    plain_rules: frozenset[str]
    scripts: dict[str, str]
    regions: dict[str, tuple[str, ...]]
    variants: dict[str, str]
    likely: dict[str, Locale]


def canonical_tag(text: str, tables: TagTables) -> Tag | None:
    """The canonical tag for a text, or None when it is no well-formed tag. ``_`` is read as ``-``, case is ignored.

    About 1 us for a tag of language, script and region. Source: RFC 5646 section 4.5, UTS #35 Annex C.
    """
    text = text.lower()
    tag = _plain_tag(text, tables)
    if tag is not None:
        return tag
    tag = parse_tag(text, tables)
    return None if tag is None else canonicalise(tag, tables)


def _plain_tag(text: str, tables: TagTables) -> Tag | None:
    """The canonical tag for what nearly everybody writes: a language, a script, a region, and no alias of the three."""
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        return None
    language, script, region = plain.groups("")
    if language in tables.languages or language in tables.plain_rules:
        return None
    if script:
        script = script.capitalize()
        script = tables.scripts.get(script, script)
    if region:
        region = region.upper()
        if region in tables.regions:
            region = _successor(Tag(language, script), tables.regions[region], tables)
    return Tag(language, script, region)


def range_tag(text: str, tables: TagTables) -> Tag | None:
    """The canonical tag that a language range names: of what is no tag, the longest start of it that is one.

    HTTP's ranges are any subtags in any order (RFC 4647 section 2.1), and clients write worse. Cut from the right,
    subtag by subtag, with a single letter that is left last (RFC 4647 section 3.4), ``en-GB-oed1234567890`` still says
    British English. None when nothing is left. Linear: as long as a tag may be, and each subtag read once, whether
    the range is a tag or not.
    """
    text = text.lower()
    tag = _plain_tag(text, tables)
    if tag is not None:
        return tag
    text = text.replace("_", "-")
    if len(text) > TAG_LENGTH_MAX:
        text = text[: TAG_LENGTH_MAX + 1].rpartition("-")[0]
    subtags = text.split("-")
    tag, used = _parse_start(subtags)
    for count in range(min(len(subtags), _WHOLE_SUBTAGS_MAX), max(used, 1) - 1, -1):
        whole = tables.whole.get("-".join(subtags[:count]))
        if whole is not None:
            tag = whole
            break
    return None if tag is None else canonicalise(tag, tables)


def parse_tag(text: str, tables: TagTables) -> Tag | None:
    """The tag as written, in conventional case, grandfathered tags resolved; None when it is not well-formed."""
    if len(text) > TAG_LENGTH_MAX:
        return None
    text = text.lower().replace("_", "-")
    whole = tables.whole.get(text)
    if whole is not None:
        return whole
    subtags = text.split("-")
    tag, used = _parse_start(subtags)
    return tag if used == len(subtags) else None


def _parse_start(subtags: list[str]) -> tuple[Tag | None, int]:
    """The longest start that is a well-formed tag, and of how many subtags it is; (None, 0) when none is."""
    if subtags[0] == "x":
        private = _parse_private(subtags, 0)
        return (Tag("", private=private), 2 + private.count("-")) if private else (None, 0)
    if not _LANGUAGE.fullmatch(subtags[0]):
        return None, 0
    language, at = subtags[0], 1
    for extlang in subtags[1 : 1 + _EXTLANGS_MAX] if language in _EXTLANG_PREFIXES else ():
        if not _EXTLANG.fullmatch(extlang):
            break
        # RFC 5646 section 4.5: an extended language stands for itself, its prefix is dropped.
        language, at = extlang, at + 1
    script = region = ""
    if at < len(subtags) and _SCRIPT.fullmatch(subtags[at]):
        script, at = subtags[at].capitalize(), at + 1
    if at < len(subtags) and _REGION.fullmatch(subtags[at]):
        region, at = subtags[at].upper(), at + 1
    variants: list[str] = []
    while at < len(subtags) and _VARIANT.fullmatch(subtags[at]) and subtags[at] not in variants:
        variants.append(subtags[at])
        at += 1
    extensions = private = ""
    if at < len(subtags) and len(subtags[at]) == 1:
        extensions, at = _parse_extensions(subtags, at)
        private = _parse_private(subtags, at)
        if private:
            at += 2 + private.count("-")
    return Tag(language, script, region, tuple(variants), extensions, private), at


def _parse_extensions(subtags: list[str], at: int) -> tuple[str, int]:
    """The extensions from a position on, sorted by singleton, and where they end: each singleton once, none empty."""
    groups: dict[str, list[str]] = {}
    while at < len(subtags) and _SINGLETON.fullmatch(subtags[at]) and subtags[at] not in groups:
        end = at + 1
        while end < len(subtags) and _EXTENSION.fullmatch(subtags[end]):
            end += 1
        if end == at + 1:
            break
        groups[subtags[at]] = subtags[at + 1 : end]
        at = end
    return "-".join("-".join((key, *groups[key])) for key in sorted(groups)), at


def _parse_private(subtags: list[str], at: int) -> str:
    """The private use part (``x-...``) from a position on; empty when there is none."""
    if at >= len(subtags) or subtags[at] != "x":
        return ""
    return "-".join(takewhile(_SUBTAG.fullmatch, subtags[at + 1 :]))


def canonicalise(tag: Tag, tables: TagTables) -> Tag:
    """The tag with every deprecated part replaced, variants sorted. Source: UTS #35 Annex C."""
    for _ in range(_REWRITES_MAX):
        rewritten = _rewrite_language(tag, tables)
        if rewritten is None:
            break
        tag = rewritten
    script = tables.scripts.get(tag.script, tag.script)
    region = tag.region
    if region in tables.regions:
        region = _successor(Tag(tag.language, script), tables.regions[region], tables)
    variants = tag.variants
    if variants:
        variants = tuple(sorted(tables.variants.get(variant, variant) for variant in variants))
    if (script, region, variants) == (tag.script, tag.region, tag.variants):
        return tag
    changed = Tag(tag.language, script, region, variants, tag.extensions, tag.private)
    # A new region or variant may complete a rule such as sgn-GB -> bfi, hence once more; the forms only get newer.
    return canonicalise(changed, tables)


def _rewrite_language(tag: Tag, tables: TagTables) -> Tag | None:
    """One step of UTS #35's loop: the first rule that applies, those of the language before those of any language."""
    is_plain = not tag.variants  # such a tag only meets rules that ask for no variant
    for rule in tables.rules.get(tag.language, ()) if not is_plain or tag.language in tables.plain_rules else ():
        if _concerns(rule.source, tag):
            return _replace(tag, rule.source, rule.target)
    target = tables.languages.get(tag.language)
    if target is not None:
        return _replace(tag, Tag(tag.language), target)
    for rule in tables.rules.get("und", ()) if not is_plain or "und" in tables.plain_rules else ():
        if _concerns(rule.source, tag):
            return _replace(tag, rule.source, rule.target)
    return None


def _concerns(source: Tag, tag: Tag) -> bool:
    return (
        (not source.script or source.script == tag.script)
        and (not source.region or source.region == tag.region)
        and (not source.variants or set(source.variants) <= set(tag.variants))
    )


def _replace(tag: Tag, source: Tag, target: Tag) -> Tag:
    """The tag without the rule's subtags; those of the target fill only gaps."""
    script = "" if source.script else tag.script
    region = "" if source.region else tag.region
    variants = [variant for variant in tag.variants if variant not in source.variants]
    return Tag(
        tag.language if target.language == "und" else target.language,
        script or target.script,
        region or target.region,
        tuple(sorted({*variants, *target.variants})),
        tag.extensions,
        tag.private or target.private,
    )


def _successor(tag: Tag, successors: tuple[str, ...], tables: TagTables) -> str:
    """Of several successors of a former region the one where this language lives, else the first (UTS #35 Annex C)."""
    if len(successors) > 1:
        likely = maximise(tag, tables)
        if likely is not None and likely.region in successors:
            return likely.region
    return successors[0]


def maximise(tag: Tag, tables: TagTables) -> Locale | None:
    """The tag's language, script and region with the likely ones filled in; None when CLDR does not know the language.

    Source: UTS #35 "Likely Subtags", Add, as of CLDR 46.
    """
    language, script, region = tag.language, tag.script, tag.region
    likely = tables.likely
    if language not in likely:
        return None
    if language != "und" and script and region:
        return Locale(language, script, region)
    filled = None
    if script and region:
        filled = likely.get(f"{language}-{script}-{region}")
    if filled is None and script:
        filled = likely.get(f"{language}-{script}")
    if filled is None and region:
        filled = likely.get(f"{language}-{region}")
    if filled is None:
        filled = likely[language]
    return Locale(language if language != "und" else filled.language, script or filled.script, region or filled.region)


def minimise(tag: Tag, tables: TagTables, *, favour_region: bool = False) -> Tag | None:
    """The shortest tag with the same maximised locale; None when CLDR does not know the language.

    Where either the script or the region must stay (zh-Hant, zh-TW), ``favour_region`` chooses the region.
    """
    full = maximise(tag, tables)
    if full is None:
        return None
    language, script, region = full
    by_region, by_script = Tag(language, region=region), Tag(language, script=script)
    trials = (by_region, by_script) if favour_region else (by_script, by_region)
    for trial in (Tag(language), *trials):
        if maximise(trial, tables) == full:
            return Tag(trial.language, trial.script, trial.region, tag.variants, tag.extensions, tag.private)
    return Tag(language, script, region, tag.variants, tag.extensions, tag.private)
