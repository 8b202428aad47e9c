"""Puts the sentences of ``use_cases.transparency`` and the codes of a decision into a language that people read.

Six languages are spoken, one file each in ``words/``; tests hold that all have the same words and sentences. Names of
countries and languages come from CLDR, and so does how a region writes dates and numbers; the notes of the policy that
ships are translated in ``notes.json``. The command line says the same sentences as the pages.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from service.core.device import BotKind, DeviceClass, Tier
from service.core.identity.category import Category
from service.core.privacy import Confidence, Purpose, WithheldReason
from service.core.region import Measurement, Weekday
from service.core.signals import DroppedField
from service.use_cases.transparency.sentences import Sentence, SentenceKey, Value, ValueName
from service.web.pages.regional import Dates, Regional, dates_of, region_of, regions
from service.web.problems import ProblemName

Spoken = Literal["en", "de", "fr", "es", "zh", "ar"]
SPOKEN: tuple[Spoken, ...] = ("en", "de", "fr", "es", "zh", "ar")

_FOLDER = Path(__file__).parent
# Chinese in traditional characters is another script; whoever reads it is not served by this one.
_ELSEWHERE = frozenset({"hant", "tw", "hk", "mo"})
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 24 * 3600
_DAYS_MIN = 3
# Four digits can be read as they are in every language.
_DIGITS_UNGROUPED_MAX = 4
# Around a value in text that runs from right to left: it is laid out by itself, in its own direction or, where it is a
# code or a number, from left to right (Unicode's FSI, LRI and PDI).
_OWN_DIRECTION, _LEFT_TO_RIGHT, _END = "\u2068", "\u2066", "\u2069"
_CODES: frozenset[ValueName] = frozenset(
    {
        "percent",
        "other_percent",
        "currency",
        "time_zone",
        "market",
        "variant",
        "other_variant",
        "experiment",
        "slot",
    }
)


# Notes of the policy file are in English, as the file is. Those that we know are translated.
_NOTES: frozenset[ValueName] = frozenset({"law", "reviewer"})
_BDI = "<bdi>"
_BDI_BY: Mapping[ValueName, str] = {
    **dict.fromkeys(_CODES, '<bdi dir="ltr">'),
    **dict.fromkeys(_NOTES, '<bdi lang="en" dir="ltr">'),
}


class PageWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The fixed words of the mirror and of its refusals."""

    title: str
    tagline: str
    lead: str
    language: str
    region: str
    device: str
    cohort: str
    none: str
    unknown: str
    not_used: str
    choice: str
    choice_lead: str
    change_out: str
    change_in: str
    opt_out: str
    choice_made: str
    opt_in: str
    purposes: str
    yes: str
    no: str
    sources: str
    signals: str
    no_signals: str
    barred: str
    unused: str
    shown: str
    keeping: str
    kept: str
    never: str
    never_address: str
    never_place: str
    never_cookies: str
    never_ads: str
    never_scripts: str
    raw: str
    footer: str
    machines: str
    problems: str
    documents: str
    refused: str
    refused_lead: str
    refused_where: str
    refused_kind: str
    refused_remedy: str
    refused_again: str
    refused_more: str


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """One language's file. ``language`` is its BCP 47 tag; ``in_brackets`` puts a second thing behind a first.

    ``thousands`` stands between the digits of large numbers. ``levels`` say of a purpose what the rules ask for it.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    separator: str
    in_brackets: str
    thousands: str
    page: PageWords
    sentences: dict[SentenceKey, str]
    purposes: dict[Purpose, str]
    reasons: dict[WithheldReason, str]
    devices: dict[DeviceClass, str]
    other: dict[Literal["os", "browser"], str]
    unknown: dict[Literal["os", "browser"], str]
    bot_kinds: dict[BotKind, str]
    tiers: dict[Tier, str]
    measurements: dict[Measurement, str]
    weekdays: dict[Weekday, str]
    traits: dict[Literal["os", "country", "class"], str]
    groups: dict[str, str]
    fields: dict[DroppedField, str]
    everyone: str
    regimes: dict[str, str]
    sureness: dict[Confidence, str]
    levels: dict[Literal["allow", "notice", "consent"], str]
    durations: dict[Literal["s", "min", "h", "d"], str]
    refusals: dict[ProblemName, str]
    categories: dict[Category, str]


# Proper names, the same in every language.
_PROPER: Mapping[str, str] = {
    "android": "Android", "ios": "iOS", "ipados": "iPadOS", "windows": "Windows", "macos": "macOS", "linux": "Linux",
    "chromeos": "ChromeOS", "harmonyos": "HarmonyOS", "kaios": "KaiOS", "tizen": "Tizen", "webos": "webOS",
    "roku": "Roku OS", "fireos": "Fire OS", "playstation": "PlayStation", "xbox": "Xbox", "nintendo": "Nintendo",
    "chrome": "Chrome", "safari": "Safari", "firefox": "Firefox", "edge": "Edge", "samsung": "Samsung Internet",
    "opera": "Opera", "uc": "UC Browser", "yandex": "Yandex Browser", "webview": "WebView", "ie": "Internet Explorer",
}  # fmt: skip


def _without_eszett(text: str) -> str:
    return text.replace("ß", "ss")


def _as_it_is(text: str) -> str:
    return text


_PERCENT = re.compile(r"percent}\s?%")
# German has no ß where these are written; nothing else of the words differs.
_RESPELLED: Mapping[str, Callable[[str], str]] = {"de-CH": _without_eszett, "de-LI": _without_eszett}


class Speaker:
    """Says things in one language. Every method is total: a code without a word of its own is said as the code."""

    def __init__(
        self,
        words: Words,
        countries: Mapping[str, str],
        languages: Mapping[str, str],
        notes: Mapping[str, str],
        dates: Dates,
    ) -> None:
        self.words = words
        self.page = words.page
        self._countries = countries
        self._languages = languages
        self._notes = notes
        self._dates = dates
        self.between_sentences = "" if words.language.startswith("zh") else " "
        """Chinese writes none: its full stop has the space in it."""

    def in_region(self, tag: str, regional: Regional) -> "Speaker":
        """The same language as a region writes it."""
        words, respelled = self.words, _RESPELLED.get(tag, _as_it_is)
        if tag in _RESPELLED:
            words = msgspec.json.decode(respelled(msgspec.json.encode(words).decode()), type=Words)
        sentences = words.sentences
        if regional.percent is not None:
            sign = "percent}" + regional.percent
            sentences = {key: _PERCENT.sub(sign, text) for key, text in sentences.items()}
        page = words.page
        if regional.thousands is not None:
            grouped = re.compile(rf"(?<=[0-9]){re.escape(words.thousands)}(?=[0-9]{{3}})")
            page = replace(page, never_place=grouped.sub(regional.thousands, page.never_place))
        words = replace(
            words, language=tag, page=page, thousands=regional.thousands or words.thousands, sentences=sentences
        )
        names, languages, notes = (
            {key: respelled(text) for key, text in table.items()}
            for table in (self._countries, self._languages, self._notes)
        )
        return Speaker(words, names, languages, notes, regional.dates)

    def text(self, sentence: Sentence) -> str:
        """A sentence as plain text."""
        values: dict[str, str] = {name: self.value(name, value) for name, value in sentence.values.items()}
        if self.words.direction == "rtl":
            for name, value in values.items():
                values[name] = f"{_LEFT_TO_RIGHT if name in _CODES else _OWN_DIRECTION}{value}{_END}"
        return self.words.sentences[sentence.key].format_map(values)

    def html(self, sentence: Sentence) -> str:
        """A sentence as HTML, each value, and each of several, in a ``bdi``, so that it keeps its direction."""
        values: dict[str, str] = {
            name: escape(self.words.separator).join(
                self._isolated(name, part) for part in (value if isinstance(value, tuple) else (value,))
            )
            for name, value in sentence.values.items()
        }
        return escape(self.words.sentences[sentence.key]).format_map(values)

    def _isolated(self, name: ValueName, value: Value) -> str:
        opening = _BDI if value in self._notes else _BDI_BY.get(name, _BDI)
        return f"{opening}{escape(self.value(name, value))}</bdi>"

    def value(self, name: ValueName, value: Value) -> str:
        """One value of a sentence in words."""
        name = _SAID_AS.get(name, name)
        if isinstance(value, tuple):
            return self.words.separator.join(self.value(name, part) for part in value)
        if isinstance(value, int):
            return self._duration(value) if name == "seconds" else self._number(value)
        match name:
            case "language":
                return self.language(value)
            case "place":
                return self.place(value)
            case "regime":
                return self._regime(value)
            case "cohort":
                return self.cohort(value)
            case "os" | "browser":
                return self._product(name, value)
            case "version":
                return self._dates.say(value)
            case "law" | "reviewer":
                return self._notes.get(value, value)
        table = _TABLES.get(name)
        words_by_code: Mapping[str, str] = {} if table is None else getattr(self.words, table)
        return words_by_code.get(value, value)

    def language(self, tag: str) -> str:
        """A language by its tag: a name of its own ("Brazilian Portuguese"), else with the rest in brackets."""
        unnamed: list[str] = []
        subtags = tag.split("-")
        while subtags:
            name = self._languages.get("-".join(subtags))
            if name is not None:
                details = self.words.separator.join(self._countries.get(subtag, subtag) for subtag in unnamed)
                return self.words.in_brackets.format(name, details) if details else name
            unnamed.insert(0, subtags.pop())
        return tag

    def place(self, code: str) -> str:
        """A country, or a country with the code of its part."""
        country, _, subdivision = code.partition("-")
        name = self._countries.get(country, country)
        return self.words.in_brackets.format(name, subdivision) if subdivision else name

    def cohort(self, key: str) -> str:
        """A group by its key, as ``CH/smartphone/android``, its traits side by side."""
        if key == "all":
            return self.words.everyone
        # A cohort knows its system's code and a continent's, a device's class or a country's; none is another's.
        words: dict[str, str] = {**self._countries, **_PROPER}
        words |= self.words.devices.items()
        words |= self.words.groups.items()
        return self.words.separator.join(words.get(part, part) for part in key.split("/"))

    def _regime(self, key: str) -> str:
        parts = (self.words.regimes.get(part) or self.place(part) for part in key.split("+"))
        return self.words.separator.join(parts)

    def _product(self, kind: Literal["os", "browser"], code: str) -> str:
        if code == "unknown":
            return self.words.unknown[kind]
        return _PROPER.get(code) or self.words.other[kind]

    def _number(self, number: int) -> str:
        digits = str(number)
        return digits if len(digits) <= _DIGITS_UNGROUPED_MAX else f"{number:,}".replace(",", self.words.thousands)

    def _duration(self, seconds: int) -> str:
        """In the largest unit that is whole. Days are said from three on: Arabic has words of its own for fewer."""
        if seconds % _DAY_S == 0 and seconds >= _DAYS_MIN * _DAY_S:
            return self.words.durations["d"].format(seconds // _DAY_S)
        if seconds % _HOUR_S == 0:
            return self.words.durations["h"].format(seconds // _HOUR_S)
        if seconds % _MINUTE_S == 0:
            return self.words.durations["min"].format(seconds // _MINUTE_S)
        return self.words.durations["s"].format(seconds)


# Values that are said as others are, and each part of a list as one of them.
_SAID_AS: Mapping[ValueName, ValueName] = {
    "languages": "language", "other_language": "language", "places": "place", "other_place": "place",
    "other_percent": "percent", "other_variant": "variant", "other_options": "options", "last_number": "number",
}  # fmt: skip
_TABLES: Mapping[ValueName, str] = {
    "device": "devices",
    "bot_kind": "bot_kinds",
    "tier": "tiers",
    "measurement": "measurements",
    "weekday": "weekdays",
    "traits": "traits",
    "purposes": "purposes",
    "reason": "reasons",
    "fields": "fields",
    "sureness": "sureness",
}


@lru_cache(maxsize=1)
def speakers() -> Mapping[Spoken, Speaker]:
    """A speaker for each language, read from the package's files the first time: about 2 ms."""
    names = msgspec.json.decode((_FOLDER / "names.json").read_bytes())
    translations = msgspec.json.decode((_FOLDER / "notes.json").read_bytes())
    by_language: dict[Spoken, Speaker] = {}
    for spoken in SPOKEN:
        words = msgspec.json.decode((_FOLDER / "words" / f"{spoken}.json").read_bytes(), type=Words)
        column = names["spoken"].index(spoken)
        countries = {code: row[column] for code, row in names["countries"].items()}
        languages = {code: row[column] for code, row in names["languages"].items()}
        notes = {}
        if spoken in translations["spoken"]:
            position = translations["spoken"].index(spoken)
            notes = {english: texts[position] for english, texts in translations["notes"].items()}
        by_language[spoken] = Speaker(words, countries, languages, notes, dates_of(spoken))
    return by_language


def speaker_for(tag: str) -> Speaker:
    """The speaker for someone who was recommended ``tag``, as their region writes; English where theirs is not spoken.

    A region's is made anew, in 0.1 ms at most: nothing of who came is remembered.
    """
    speaker, region = speakers()[spoken_for(tag)], region_of(tag)
    return speaker if region is None or not is_spoken(tag) else speaker.in_region(region, regions()[region])


def speaker_by(tags: Iterable[str]) -> Speaker:
    """The speaker for someone who reads any of these: the first that is spoken."""
    return speaker_for(next(filter(is_spoken, tags), "en"))


def spoken_for(tag: str) -> Spoken:
    """The language a page is written in for someone who was recommended ``tag``; English where theirs is not spoken."""
    return _spoken(tag) or "en"


def is_spoken(tag: str) -> bool:
    """Whether there are pages in a language, in this script."""
    return _spoken(tag) is not None


def spoken_as(code: str | None) -> Spoken | None:
    """The language with this very code; None where none has it."""
    return next((spoken for spoken in SPOKEN if spoken == code), None)


def _spoken(tag: str) -> Spoken | None:
    language, *subtags = tag.lower().replace("_", "-").split("-")
    if language == "zh" and not _ELSEWHERE.isdisjoint(subtags):
        return None
    return spoken_as(language)


def say(sentences: Iterable[Sentence], language: str) -> list[str]:
    """The sentences as lines of plain text, in the language that ``spoken_for`` finds for this tag."""
    speaker = speaker_for(language)
    return [speaker.text(sentence) for sentence in sentences]
