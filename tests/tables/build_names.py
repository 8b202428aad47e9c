"""Generates from CLDR the names of countries and languages, and the forms of dates, in the languages of the pages.

``names.json`` has the names, ``formats.json`` dates and numbers, of regions only what they write otherwise.

    python tests/tables/build_names.py

Run by hand when a new CLDR release is out; needs npm and a network. Its licence stands in
``service/adapters/cldr/LICENSE-Unicode.txt``.
"""

import argparse
import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CLDR_VERSION = "48.2.0"
PACKAGES = ("cldr-core", "cldr-localenames-full", "cldr-dates-full", "cldr-numbers-full")
PAGES = Path(__file__).resolve().parent.parent.parent / "service" / "web" / "pages"
NAMES = PAGES / "names.json"
FORMATS = PAGES / "formats.json"
SPOKEN = ("en", "de", "fr", "es", "zh", "ar")
COUNTRY_CODE_LENGTH = 2


def main() -> None:
    """Fetches CLDR into a temporary folder and writes the names."""
    parser = argparse.ArgumentParser(description="Generate names.json")
    parser.add_argument("--sources", type=Path, help="a folder to fetch into and to keep; a temporary one if absent")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = arguments.sources or Path(temporary)
        if not (folder / "node_modules").exists():
            packages = [f"{name}@{CLDR_VERSION}" for name in PACKAGES]
            command = ["npm", "install", "--prefix", str(folder), "--no-save", "--ignore-scripts", *packages]
            subprocess.run(command, check=True)  # our own words, by hand, never in the service
        NAMES.write_text(one_line_each(build(folder / "node_modules")), encoding="utf-8")
        FORMATS.write_text(one_line_each(build_formats(folder / "node_modules")), encoding="utf-8")


def build(packages: Path) -> dict[str, Any]:
    """The content of ``names.json``: of each code its names, in the order of ``SPOKEN``.

    Countries are all that CLDR names by two letters. Languages are those that CLDR covers at least in the basics, and
    the regional forms that have a name of their own ("Brazilian Portuguese").
    """
    covered = json.loads((packages / "cldr-core" / "coverageLevels.json").read_text())["coverageLevels"]
    countries = [_display_names(packages, spoken, "territories") for spoken in SPOKEN]
    languages = [_display_names(packages, spoken, "languages") for spoken in SPOKEN]
    regional_forms = {code for code in languages[0] if "-" in code and "-alt" not in code and "-menu" not in code}
    return {
        "cldr": CLDR_VERSION,
        "spoken": SPOKEN,
        "countries": _columns(
            countries, (code for code in countries[0] if len(code) == COUNTRY_CODE_LENGTH and code != "ZZ")
        ),
        "languages": _columns(languages, regional_forms | {code.partition("-")[0] for code in covered}),
    }


def build_formats(packages: Path) -> dict[str, Any]:
    """The content of ``formats.json``. Digits are Latin, as in the words of the pages, also where Arabic has others."""
    tags = sorted(folder.name for folder in (packages / "cldr-dates-full" / "main").iterdir())
    languages = {spoken: _format(packages, spoken) for spoken in SPOKEN}
    regions: dict[str, Any] = {}
    for tag in tags:
        language, _, region = tag.partition("-")
        if language not in languages or not _REGION.fullmatch(region):
            continue
        language_format = languages[language]
        differences = {key: value for key, value in _format(packages, tag).items() if value != language_format[key]}
        if differences:
            # Those that differ alike stand in one line, under their first tag.
            regions.setdefault(json.dumps([language, differences]), {"tags": [], **differences})["tags"].append(tag)
    return {"cldr": CLDR_VERSION, "languages": languages, "regions": [*regions.values()]}


_REGION = re.compile("[A-Z]{2}|[0-9]{3}")
_FIELDS = {"d": "{day}", "dd": "{day:02}", "M": "{number}", "MMMM": "{month}", "y": "{year}"}


def _format(packages: Path, tag: str) -> dict[str, Any]:
    """The long date, with quoted text as it is, the months within it, and the marks of numbers and percentages."""
    dates = json.loads((packages / "cldr-dates-full" / "main" / tag / "ca-gregorian.json").read_text(encoding="utf-8"))
    numbers = json.loads((packages / "cldr-numbers-full" / "main" / tag / "numbers.json").read_text(encoding="utf-8"))
    calendar = dates["main"][tag]["dates"]["calendars"]["gregorian"]
    marks = numbers["main"][tag]["numbers"]
    parts = re.findall(r"'[^']*'|d+|M+|y+|[^dMy']+", calendar["dateFormats"]["long"])
    return {
        "date": "".join(_FIELDS.get(part, part.strip("'")) for part in parts),
        "months": list(calendar["months"]["format"]["wide"].values()),
        "thousands": marks["symbols-numberSystem-latn"]["group"],
        "percent": marks["percentFormats-numberSystem-latn"]["standard"].rpartition("0")[2],
    }


def one_line_each(tables: dict[str, Any]) -> str:
    """JSON with a line for each code, so that the difference between two releases can be read."""
    parts = []
    for key, value in tables.items():
        if isinstance(value, dict):
            lines = (
                f"{json.dumps(code)}:{json.dumps(names, ensure_ascii=False, separators=(',', ':'))}"
                for code, names in value.items()
            )
            parts.append(f"{json.dumps(key)}:{{\n" + ",\n".join(lines) + "\n}")
        elif isinstance(value, list):
            rows = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in value)
            parts.append(f"{json.dumps(key)}:[\n" + ",\n".join(rows) + "\n]")
        else:
            parts.append(f"{json.dumps(key)}:{json.dumps(value)}")
    return "{" + ",\n".join(parts) + "}\n"


def _columns(names: list[dict[str, str]], codes: Iterable[str]) -> dict[str, list[str]]:
    return {code: [table[code] for table in names] for code in sorted(codes) if all(code in table for table in names)}


def _display_names(packages: Path, spoken: str, file_name: str) -> dict[str, str]:
    text = (packages / "cldr-localenames-full" / "main" / spoken / f"{file_name}.json").read_text(encoding="utf-8")
    names: dict[str, str] = json.loads(text)["main"][spoken]["localeDisplayNames"][file_name]
    return names


if __name__ == "__main__":
    main()
