"""Scores the language part against sets that this project did not write: tags, matching, headers, countries.

Where a set expects something else than today's CLDR or the HTTP standard asks for, the case is named here with the
reason; it still counts as measured, in a row of its own.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from service.adapters.cldr.languages import load_languages
from service.core.languages.matching import LanguageMatcher, LanguageTables
from service.core.languages.tags import canonical_tag, maximise, minimise, parse_tag

Row = tuple[str, str, str, bool]
Case = tuple[str, bool]
"""What identifies a case in its set, and whether it came out as expected."""

_BAR_OF_SETS_THAT_DIFFER = 0.95
_BAR_OF_GO = 0.93
"""Of 283 cases 9 ask for what a visitor must not get, or for Go's own order: ICU 78 answers all 9 as we do."""

_NEWER_DATA = "CLDR 48 says otherwise than CLDR 46, from which the set is; with CLDR 46's data the case passes"
_SCRIPT_FIRST = "the suite switches to a distance option that puts scripts before languages, which no site asks for"
_BARRIER = "nobody is answered in a script that they do not read: where nothing serves, the default; ICU 78 too"
_SAME = "of offers that are the same the script decides before the region, as in ICU 78"
EXPLAINED: dict[str, dict[str, str]] = {
    "canonicalisation": dict.fromkeys(
        ("mnk", "nbx", "mnk_Adlm_AC_fonipa", "nbx_Adlm_AC_fonipa"), _NEWER_DATA
    ),
    "likely subtags": dict.fromkeys(
        (
            "und-BY", "und-CD", "und-CF", "und-Cyrl-BY", "und-DJ", "und-Latn-CD", "und-Latn-CF", "und-Latn-DJ",
            "und-Latn-MO", "und-Latn-MU", "und-Latn-SL", "und-Latn-SN", "und-Latn-SY", "und-Latn-ZM", "und-MU",
            "und-Nkoo", "und-Nkoo-GN", "und-SL", "und-SN",  "und-TD", "und-ZM",
        ),
        _NEWER_DATA,
    ),
    "matching: Go": {
        "go-CLDRLocaleMatcherTest.txt:153": _BARRIER,
        "go-CLDRLocaleMatcherTest.txt:202": _BARRIER,
        "go-CLDRLocaleMatcherTest.txt:203": _BARRIER,
        "go-CLDRLocaleMatcherTest.txt:377": _BARRIER,
        "go-GoLocaleMatcherTest.txt:96": _BARRIER,
        "go-GoLocaleMatcherTest.txt:97": _BARRIER,
        "go-GoLocaleMatcherTest.txt:152": _BARRIER,
        "go-GoLocaleMatcherTest.txt:122": _SAME,
        "go-GoLocaleMatcherTest.txt:165": _SAME,
        "go-CLDRLocaleMatcherTest.txt:241": "Canada is in CLDR's $enUS today: Canadians are nearer to American English",
        "go-CLDRLocaleMatcherTest.txt:247": "CLDR no longer has Dutch as a fallback for Afrikaans",
        "go-CLDRLocaleMatcherTest.txt:386": _SCRIPT_FIRST,
        "go-CLDRLocaleMatcherTest.txt:388": _SCRIPT_FIRST,
        "go-CLDRLocaleMatcherTest.txt:389": _SCRIPT_FIRST,
        "go-GoLocaleMatcherTest.txt:19": "Go answers Serbian to Dutch in Cyrillic, by no rule of CLDR",
        "go-GoLocaleMatcherTest.txt:76": "CLDR's alias of mo is ro, no longer ro-MD",
        "go-GoLocaleMatcherTest.txt:172": "Go lets a later exact wish cancel an earlier near one; ICU does not: "
        "someone who sends de-CH, fr, de to a site with de and fr wants German",
    },
    "header: fluent": {
        'sr-RU: ["sr-Cyrl", "sr-Latn"]': _NEWER_DATA,
        'sr-RU: ["sr-Latn-RO", "sr-Cyrl"]': _NEWER_DATA,
        'sr,ru: ["sr-Latn", "ru"]': "for CLDR Serbian in Latin is near Serbian (5), so that the first wish is served",
    },
}  # fmt: skip


def score(folder: Path) -> list[Row]:
    """One row per set that is present below the folder."""
    rows: list[Row] = []
    locale, header, region = folder / "cldr-locale", folder / "accept-language", folder / "region-language"
    for name, path, bar, cases in (
        ("canonicalisation", locale / "localeCanonicalization.txt", 1.0, _canonicalisation),
        ("likely subtags", locale / "likelySubtags.txt", 1.0, _likely),
        ("matching: Go", locale / "go-matcher.json", 1.0, _go),
        ("matching: formatjs", locale / "formatjs-locale-match-fixtures.json", 0.97, _formatjs),
        ("header: RFC", header / "rfc_cases.json", 1.0, _rfc),
        ("header: browsers", header / "generated_browser_headers.json", 1.0, _browsers),
        ("header: negotiator", header / "negotiator_language.json", 1.0, _negotiator),
        ("header: fluent", header / "fluent-langneg", 1.0, _fluent),
        ("country: acceptable", region / "cldr-supplemental" / "territoryInfo.json", 0.995, _acceptable),
        ("country: official", region / "cldr-supplemental" / "territoryInfo.json", 0.98, _official),
    ):
        if path.exists():
            rows += _rows(name, bar, list(cases(path)))
    return rows


def _rows(name: str, bar: float, results: list[tuple[str, bool]]) -> list[Row]:
    """All cases, and where some are explained above, those that are not."""
    explained = EXPLAINED.get(name, {})
    agreed = [passed for key, passed in results if key not in explained]
    if not explained:
        return [_row(name, bar, agreed)]
    all_bar = _BAR_OF_GO if name.startswith("matching") else _BAR_OF_SETS_THAT_DIFFER
    return [
        _row(f"{name}, as written", all_bar, [passed for _, passed in results]),
        _row(f"{name}, without {len(results) - len(agreed)} explained", bar, agreed),
    ]


def _row(name: str, bar: float, results: list[bool]) -> Row:
    share = sum(results) / len(results)
    return name, f"{sum(results)}/{len(results)} = {share:.2%}", f">= {bar:.1%}", share >= bar


@cache
def _tables() -> LanguageTables:
    return load_languages()


def matcher_of(languages: Iterable[str], default: str | None = None) -> LanguageMatcher:
    listed = tuple(dict.fromkeys(languages))
    return LanguageMatcher(listed, default or listed[0], _tables())


def answers(header: str, languages: Iterable[str], default: str | None = None) -> list[str]:
    """The answered language and the alternatives, in order."""
    matcher = matcher_of(languages, default)
    language = matcher.decide(matcher.prefer(header), None, None, None)
    return [language.tag, *(candidate.tag for candidate in language.alternatives)]


def canonical(text: str) -> str:
    tag = canonical_tag(text, _tables().tags)
    return text.lower() if tag is None else str(tag).lower()


def _lines(path: Path) -> Iterator[list[str]]:
    skip = False
    for line in path.read_text().splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("@skip"):
            skip = True
        elif text and not skip:
            yield [field.strip() for field in text.split(";")]
        else:
            skip = False


def _canonicalisation(path: Path) -> Iterator[Case]:
    for source, expected in _lines(path):
        yield source, str(canonical_tag(source, _tables().tags)).replace("-", "_") == expected


def _likely(path: Path) -> Iterator[Case]:
    for source, full, by_script, by_region in _lines(path):
        tags = _tables().tags
        tag = canonical_tag(source, tags)
        locale = None if tag is None else maximise(tag, tags)
        if tag is None or locale is None:
            yield source, full == "FAIL"
            continue
        yield (
            source,
            "-".join(locale) == full
            and str(minimise(tag, tags)) == (by_script or full)
            and str(minimise(tag, tags, favour_region=True)) == (by_region or by_script or full),
        )


def _go(path: Path) -> Iterator[Case]:
    for case in json.loads(path.read_text()):
        yield f"{case['file']}:{case['line']}", _go_case(case)


def _go_case(case: dict[str, Any]) -> bool:
    supported = [text for text in case["supported"] if text and not text.isdigit()]
    if not supported:
        return True  # a site without languages does not start
    return canonical(answers(",".join(case["desired"]), supported)[0]) == canonical(case["expect"])


def _formatjs(path: Path) -> Iterator[Case]:
    for case in json.loads(path.read_text()):
        yield case["description"], answers(",".join(case["requested"]), case["supported"])[0] == case["expected"]


def _rfc(path: Path) -> Iterator[Case]:
    for case in json.loads(path.read_text()):
        yield case["header"], _rfc_case(case)


def _rfc_case(case: dict[str, Any]) -> bool:
    header = case["header"]
    if "order" in case:
        return _is_ordered(header, case["order"])
    found = answers(header, case.get("available") or ["en", "fr"])[0]
    if "best" in case:
        return found == case["best"]
    if case.get("best_is_default"):
        return found == case["available"][0]
    return found != case.get("best_not")


def _browsers(path: Path) -> Iterator[Case]:
    for case in json.loads(path.read_text()):
        yield case["header"], _is_ordered(case["header"], case["order"])


def _is_ordered(header: str, order: list[str]) -> bool:
    """On a site with just these languages and one more, the header's order is the answer's."""
    return answers(header, [*sorted(order), "zu"])[: len(order)] == order if order else True


def _negotiator(path: Path) -> Iterator[Case]:
    for number, case in enumerate(json.loads(path.read_text())):
        if case["available"] != []:  # a site without languages does not start
            yield str(number), _negotiator_case(case)


def _negotiator_case(case: dict[str, Any]) -> bool:
    """What is expected and exactly named leads the answer; no CLDR distance is known to this set."""
    header, expected = case["header"] or "", case["expect"] or []
    wanted = [tag for tag in ([expected] if isinstance(expected, str) else expected) if tag != "*"]
    available = case["available"] or [*wanted, "zu"]
    if not wanted:
        # Nothing is acceptable, or anything is: the default is answered then, with no confidence.
        matcher = matcher_of(available)
        return matcher.decide(matcher.prefer(header), None, None, None).confidence == 0
    named = {re.sub(r"\s*;.*", "", member).strip().lower() for member in header.split(",")}
    exact = [tag for tag in wanted if tag.lower() in named] or wanted[:1]
    return answers(header, available)[: len(exact)] == exact


def _fluent(folder: Path) -> Iterator[Case]:
    for path in sorted(folder.glob("*.json")):
        for case in json.loads(path.read_text()):
            yield from _fluent_case(case)


def _fluent_case(case: dict[str, Any]) -> Iterator[Case]:
    """The first answer; the further ones depend on fluent's own idea of what serves whom."""
    asked, expected = case["input"], case["output"]
    if isinstance(asked, str):
        yield asked, _is_ordered(asked, expected)
        return
    requested, available, *default = asked
    known = [text for text in available if parse_tag(text, _tables().tags)]
    if known:
        header = ",".join(requested)
        found = answers(header, [*known, *default], default[0] if default else None)
        yield f"{header}: {json.dumps(available)}", found[0] == (expected or known)[0]


def _territories(path: Path) -> Iterator[tuple[str, set[str], str]]:
    """Country, acceptable base languages and the best official one, as region-language/NOTE.md defines them."""
    info = json.loads(path.read_text())["supplemental"]["territoryInfo"]
    likely = json.loads(path.with_name("likelySubtags.json").read_text())["supplemental"]["likelySubtags"]
    for code, territory in info.items():
        shares: dict[str, float] = {}
        official: dict[str, float] = {}
        for text, facts in territory.get("languagePopulation", {}).items():
            base = text.partition("_")[0]
            share = float(facts["_populationPercent"])
            shares[base] = max(share, shares.get(base, 0))
            if facts.get("_officialStatus") in {"official", "de_facto_official"}:
                official[base] = shares[base]
        best = max(official, key=lambda base: official[base]) if official else ""
        acceptable = {base for base in official if official[base] >= official[best] / 2}
        top = max(shares, key=lambda base: shares[base]) if shares else ""
        if top and shares[top] >= 50:
            acceptable.add(top)
        guess = likely.get(f"und-{code}", "en").partition("-")[0]
        if code != "ZZ":
            yield code, acceptable - {"und"} or {guess}, best or guess


@cache
def _polyglot() -> LanguageMatcher:
    """A site with every language that anyone speaks in any country, each as its plain subtag."""
    return matcher_of(["en", *sorted({one.tag.language for row in _tables().speakers.values() for one in row})])


def _base(country: str) -> str:
    return _polyglot().decide(None, None, country, "ip").tag.partition("-")[0]


def _acceptable(path: Path) -> Iterator[Case]:
    for country, acceptable, _ in _territories(path):
        yield country, _base(country) in acceptable


def _official(path: Path) -> Iterator[Case]:
    for country, _, best in _territories(path):
        yield country, _base(country) == best
