"""Makes ``languages.json`` from the npm package cldr-core: aliases, likely subtags, matching, speakers.

Run it by hand when CLDR has a new release, never by the service:

    npm pack cldr-core@48 && tar xzf cldr-core-*.tgz
    python tests/tables/build_languages.py package

Nothing is chosen by hand here: the file holds CLDR's data, compiled into the shape the look-ups want, so that loading
it costs milliseconds. The licence of the data stands beside the file, in ``LICENSE-Unicode.txt``.
"""

import json
import sys
from collections import defaultdict
from itertools import product
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parent.parent.parent / "service" / "adapters" / "cldr" / "languages.json"
# A language below this share of a territory is left out unless it is official: it never decides for a visit.
_PERCENT_MIN = 0.5
_STATUS_MARK = {"official": "!", "de_facto_official": "!", "official_regional": "~"}


def main(package: Path) -> None:
    """Write ``languages.json`` from an unpacked cldr-core package."""

    def supplemental(name: str, *path: str) -> Any:
        part = json.loads((package / "supplemental" / f"{name}.json").read_text())["supplemental"]
        for key in path:
            part = part[key]
        return part

    aliases = supplemental("aliases", "metadata", "alias")
    matching = supplemental("languageMatching", "languageMatching", "written-new")
    containment = supplemental("territoryContainment", "territoryContainment")
    likely = supplemental("likelySubtags", "likelySubtags")
    territories = supplemental("territoryInfo", "territoryInfo")
    document = {
        "version": json.loads((package / "package.json").read_text())["version"],
        "languages": _replacements(aliases["languageAlias"]),
        "scripts": _replacements(aliases["scriptAlias"]),
        "regions": _replacements(aliases["territoryAlias"]),
        "variants": _replacements(aliases["variantAlias"]),
        **_likely(likely),
        "matching": _matching(matching, containment),
        "territories": _territories(territories, likely),
    }
    OUTPUT.write_text(json.dumps(document, ensure_ascii=False, indent=0, sort_keys=True) + "\n")


def _replacements(aliases: dict[str, dict[str, str]]) -> dict[str, str]:
    return {key: alias["_replacement"] for key, alias in aliases.items()}


def _likely(likely: dict[str, str]) -> dict[str, Any]:
    """Bare languages grouped by what they grow into, which is a third of the size; the rest as it stands."""
    bare: dict[str, list[str]] = defaultdict(list)
    for key, full in likely.items():
        language, _, script_region = full.partition("-")
        if key == language:
            bare[script_region].append(key)
    return {
        "likely_languages": {script_region: " ".join(sorted(keys)) for script_region, keys in bare.items()},
        "likely_others": {key: full for key, full in likely.items() if key != full.partition("-")[0]},
    }


def _territories(territories: dict[str, Any], likely: dict[str, str]) -> dict[str, str]:
    """``de=76! gsw=66! en=45``: languages by share in percent, ``!`` official, ``~`` official in a part of the country.

    Where CLDR knows nobody (Antarctica) stands the likely language of the region, which CLDR leaves out where it is
    English: its likely language of the unknown is ``en``.
    """
    rows = {}
    for code, territory in territories.items():
        if code == "ZZ":
            continue
        row = []
        usual = likely.get(f"und-{code}", likely["und"]).split("-")
        for language, facts in territory.get("languagePopulation", {}).items():
            status = _STATUS_MARK.get(facts.get("_officialStatus", ""), "")
            percent = float(facts["_populationPercent"])
            if language != "und" and (status == "!" or percent >= _PERCENT_MIN):
                # Of equally large languages the usual one goes first.
                row.append(
                    (
                        status != "!",
                        -percent,
                        language.partition("_")[0] != usual[0],
                        f"{language.replace('_', '-')}={percent:g}{status}",
                    )
                )
        if not row:
            row.append((False, 0.0, False, f"{'-'.join(usual[:2])}=100!"))
        rows[code] = " ".join(text for *_, text in sorted(row))
    return rows


def _matching(matching: dict[str, Any], containment: dict[str, Any]) -> dict[str, Any]:
    """CLDR's list of rules as look-ups: language pairs, script pairs of these, region classes of a language."""
    languages: dict[str, dict[str, int]] = defaultdict(dict)
    scripts: dict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    regions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for rule in matching["languageMatch"]:
        desired, offered = rule["_desired"], rule["_supported"]
        ways = [(desired, offered)] if rule.get("_oneway") else [(desired, offered), (offered, desired)]
        if desired.startswith("*"):
            continue  # the defaults, which are constants of core/languages/distance.py
        for tag, to_tag in ways:
            if tag.count("-") == 0:
                languages[tag].setdefault(to_tag, rule["_distance"])
            elif tag.count("-") == 1:
                (language, script), (to_language, to_script) = tag.split("-"), to_tag.split("-")
                pair = scripts[f"{language} {to_language}"]
                pair.setdefault(script, {}).setdefault(to_script, rule["_distance"])
        if desired.count("-") == 2:
            regions[desired.split("-")[0]].append(rule)
    variables = {
        name: {country for part in entry["_value"].split("+") for country in _countries(part, containment)}
        for name, entry in matching["matchVariables"].items()
    }
    return {
        "languages": languages,
        "scripts": scripts,
        "regions": {language: _region_rules(rules, variables, containment) for language, rules in regions.items()},
        "paradigms": matching["paradigmLocales"]["_locales"],
    }


def _countries(region: str, containment: dict[str, Any]) -> set[str]:
    """The countries of a region; a country is its own."""
    inside = containment.get(region, {}).get("_contains")
    return {region} if inside is None else {country for part in inside for country in _countries(part, containment)}


def _region_rules(
    rules: list[dict[str, Any]], variables: dict[str, set[str]], containment: dict[str, Any]
) -> dict[str, Any]:
    """Classes of regions that no rule tells apart, and the distance of each two.

    A macro region such as 419 is as far as the farthest of the countries in it, as ICU does.
    """
    named = sorted({rule[side].split("-")[2] for rule in rules for side in ("_desired", "_supported")} - {"*"})
    sets = [variables.get(name.replace("!", ""), {name}) for name in named]
    complements = ["!" in name for name in named]

    def signature(country: str) -> tuple[bool, ...]:
        return tuple((country in members) != out for members, out in zip(sets, complements, strict=True))

    def distance(desired: tuple[bool, ...], offered: tuple[bool, ...]) -> int:
        for rule in rules:
            first, second = rule["_desired"].split("-")[2], rule["_supported"].split("-")[2]
            for left, right in ((first, second), (second, first)):
                if (left == "*" or desired[named.index(left)]) and (right == "*" or offered[named.index(right)]):
                    return int(rule["_distance"])
        raise ValueError("CLDR's rules for a language end with one for all regions")

    everywhere = {country for region in containment for country in _countries(region, containment)}
    kinds = {frozenset({signature("")}): 0}
    classes = {}
    for region in sorted(everywhere | {region for region in containment if region.isalnum()}):
        kind = frozenset(signature(country) for country in _countries(region, containment))
        number = kinds.setdefault(kind, len(kinds))
        if number:
            classes[region] = number
    return {
        "script": rules[0]["_desired"].split("-")[1].replace("*", ""),
        "classes": classes,
        "distances": [
            [max(distance(left, right) for left, right in product(desired, offered)) for offered in kinds]
            for desired in kinds
        ],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
