"""The words: complete in every language, honest in all of them, and total over every code a decision can hold."""

import json
import re
import string
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.device import Browser, DeviceClass, OperatingSystem
from service.use_cases.transparency.inventory import inventory
from service.use_cases.transparency.sentences import SENTENCE_KEYS, Sentence, ValueName
from service.web.pages import words
from service.web.pages.words import SPOKEN, Spoken, Words, say, speakers, spoken_for

# What must not be claimed, in any of the six languages. `anonym` catches anonyme, anonymous, Anonymität.
BANNED = re.compile(
    r"anonym|anónim|匿名|مجهول|GDPR[- ]compliant|DSGVO-konform|conforme au RGPD|conforme (al|con el) RGPD|符合\s*GDPR"
    r"|no personal data|keine personenbezogenen Daten|aucune donnée personnelle|ningún dato personal|没有个人数据"
    r"|لا بيانات شخصية",
    re.IGNORECASE,
)


def holes(text: str) -> set[str]:
    """The names of the values that a sentence asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else [getattr(value, name) for name in value.__struct_fields__]
    return [text for part in parts for text in strings(part)]


@pytest.mark.parametrize("spoken", SPOKEN)
def test_every_word_exists_in_every_language(spoken: Spoken) -> None:
    """Each table has a word for each member of its closed vocabulary; the pages' own words are a complete struct."""
    words = speakers()[spoken].words
    for name, kind in get_type_hints(Words).items():
        if get_origin(kind) is dict and get_origin(get_args(kind)[0]) is Literal and name != "refusals":
            assert set(getattr(words, name)) == set(get_args(get_args(kind)[0])), name
    assert set(words.sentences) == set(SENTENCE_KEYS)
    english = speakers()["en"].words
    assert words.refusals.keys() == english.refusals.keys()
    assert words.regimes.keys() == english.regimes.keys()
    assert all(text.strip() or text == words.thousands for text in strings(words))


@pytest.mark.parametrize("spoken", SPOKEN)
def test_a_sentence_asks_for_the_same_values_in_every_language(spoken: Spoken) -> None:
    """A translation neither loses a value nor invents one."""
    english = speakers()["en"].words.sentences
    for key, text in speakers()[spoken].words.sentences.items():
        assert holes(text) == holes(english[key]), key
        assert holes(text) <= set(get_args(ValueName))


@pytest.mark.parametrize("spoken", SPOKEN)
def test_nothing_is_claimed_that_is_not_true(spoken: Spoken) -> None:
    """No page says that it is anonymous, complies with a law, or holds no personal data."""
    for text in strings(speakers()[spoken].words):
        assert BANNED.search(text) is None, text


@pytest.mark.parametrize("spoken", SPOKEN)
def test_an_address_is_called_what_it_is(spoken: Spoken) -> None:
    """Every language says that an IP address is personal data in many places, and how long it is held."""
    personal = {
        "en": "personal data",
        "de": "personenbezogen",
        "fr": "donnée personnelle",
        "es": "dato personal",
        "zh": "个人数据",
        "ar": "بيانات شخصية",
    }
    assert personal[spoken] in speakers()[spoken].page.never_address


@pytest.mark.parametrize("spoken", SPOKEN)
def test_every_header_whose_text_is_kept_is_named(spoken: Spoken) -> None:
    """Those that tell a device or a language, of which a service remembers what they come to."""
    told = speakers()[spoken].words.sentences["kept_header_texts"].lower()
    headers = {entry.name: entry.headers for entry in inventory().signals}
    for signal in ("user_agent", "accept_language"):
        assert {*headers[signal]} <= {*re.findall(r"[a-z-]+", told)}
    assert {"sec-ch-ua", "save-data"} <= {*headers["client_hints"]} & {*re.findall(r"[a-z-]+", told)}


@pytest.mark.parametrize(
    ("spoken", "but", "language", "region"),
    [("en", "but not", "language", "region"), ("de", "bleiben", "Sprache", "Region"), ("fr", "sauf", "langue", "région"),
     ("es", "salvo", "idioma", "región"), ("zh", "但保留", "语言", "地区"), ("ar", "ما عدا", "لغة", "منطقة")],
)  # fmt: skip
def test_the_button_says_that_choices_stay(spoken: Spoken, but: str, language: str, region: str) -> None:
    """An opt-out deletes cookies, but not the chosen language and region."""
    told = speakers()[spoken].page.choice_lead.rpartition("pb_optout=1")[2]
    assert but in told
    assert language in told
    assert region in told


@pytest.mark.parametrize(
    ("tag", "spoken"),
    [("de-CH", "de"), ("pt-BR", "en"), ("zh-Hans", "zh"), ("zh", "zh"), ("zh-SG", "zh"), ("zh-Hant", "en"),
     ("zh-TW", "en"), ("zh-Hant-HK", "en"), ("ar-EG", "ar"), ("ja", "en"), ("ES-419", "es"), ("gsw", "en")],
)  # fmt: skip
def test_a_page_is_written_in_the_nearest_language_that_is_spoken(tag: str, spoken: Spoken) -> None:
    """Regional forms share a page; a reader of traditional characters is not given simplified ones."""
    assert spoken_for(tag) == spoken


def test_names_come_from_cldr_in_the_language_of_the_page() -> None:
    """Countries and languages, regional forms with a name of their own, and those without."""
    german, arabic = speakers()["de"], speakers()["ar"]
    assert german.place("CH-ZH") == "Schweiz (ZH)"
    assert german.language("zh-Hans") == "Chinesisch (vereinfacht)"
    assert german.language("es-CO") == "Spanisch (Kolumbien)"
    assert arabic.place("EG") == "مصر"
    assert german.cohort("CH/smartphone/android") == "Schweiz, Smartphone, Android"


def test_every_class_system_and_browser_has_a_name() -> None:
    """No code of ours shows through where people read."""
    for speaker in speakers().values():
        named = {speaker.value("device", code) for code in get_args(DeviceClass)}
        named |= {speaker.value("os", code) for code in get_args(OperatingSystem)}
        named |= {speaker.value("browser", code) for code in get_args(Browser)}
        assert not named & {*get_args(DeviceClass), *get_args(OperatingSystem), *get_args(Browser)} - {
            "smartphone",
            "tablet",
        }


@given(st.text(), st.sampled_from(get_args(ValueName)), st.sampled_from(SPOKEN))
def test_saying_a_code_that_nobody_knows_never_fails(code: str, name: ValueName, spoken: Spoken) -> None:
    """A policy or a site may have rows that the words do not know: they are said as they are."""
    assert isinstance(speakers()[spoken].value(name, code), str)


@given(st.text(min_size=1))
def test_whatever_a_value_holds_it_is_text_in_the_page(value: str) -> None:
    """Values are escaped where they are put."""
    html = speakers()["ar"].html(Sentence("region", "region_market", {"market": value}))
    assert html.count("<") == 2


def test_lines_for_a_terminal_are_plain_text() -> None:
    """``say`` renders sentences without markup, in the language asked for."""
    sentence = Sentence("region", "region_ip", {"place": "CH", "percent": 90})
    assert say([sentence], "en") == ["It was looked up from your IP address: Switzerland, 90% sure."]
    assert say([sentence], "de-AT") == ["Sie wurde zu Ihrer IP-Adresse nachgeschlagen: Schweiz, zu 90\u00a0% sicher."]


def test_durations_are_said_in_the_largest_whole_unit() -> None:
    """300 seconds are five minutes."""
    english = speakers()["en"]
    said = [english.value("seconds", seconds) for seconds in (45, 300, 7200, 48 * 3600, 168 * 3600)]
    assert [text.replace("\u00a0", " ") for text in said] == ["45 s", "5 min", "2 h", "48 h", "7 days"]


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ("en", "16,384"),
        ("de", "16.384"),
        ("fr", "16\u202f384"),
        ("es", "16\u00a0384"),
        ("zh", "16,384"),
        ("ar", "16,384"),
    ],
)
def test_large_numbers_are_written_as_the_language_writes_them(spoken: Spoken, said: str) -> None:
    """From five digits on; four can be read as they are."""
    speaker = speakers()[spoken]
    assert speaker.value("number", 16384) == speaker.value("last_number", 16384) == said
    assert speaker.value("number", 1999) == "1999"


def test_a_value_and_the_other_one_are_said_alike() -> None:
    """What was before the change is named as what comes after it."""
    german = speakers()["de"]
    assert german.value("other_language", "zh-Hans") == german.value("language", "zh-Hans")
    assert german.value("other_place", "CH-ZH") == "Schweiz (ZH)"
    assert german.value("places", ("US-CA", "CH")) == "Vereinigte Staaten (CA), Schweiz"


def test_notes_of_the_policy_file_that_we_do_not_know_are_marked_as_english() -> None:
    """A screen reader is told to change its voice for them, and they run from left to right."""
    sentence = Sentence("sources", "row_law", {"law": "LGPD 5 & 7"})
    assert speakers()["ar"].html(sentence) == '<bdi lang="en" dir="ltr">LGPD 5 &amp; 7</bdi>'


@pytest.mark.parametrize("spoken", SPOKEN)
def test_notes_of_the_policy_that_ships_are_said_in_every_language(spoken: Spoken, configuration: Any) -> None:
    """All of them, none that it has no more; dates in them too. A new note wants a line in ``notes.json``."""
    speaker = speakers()[spoken]
    readings = [row.reading for row in configuration.policy.regimes.values()]
    notes = {*(law for reading in readings for law in reading.law), *(reading.reviewer for reading in readings)}
    said = {note: speaker.value("law", note) for note in notes}
    if spoken == "en":
        assert all(note == told for note, told in said.items())
        return
    assert {note for note, told in said.items() if note == told} == set()
    table = json.loads((Path(words.__file__).parent / "notes.json").read_text())
    assert {*table["notes"]} == notes
    sentence = Sentence("sources", "row_law", {"law": "EU row by choice"})
    assert speaker.html(sentence) == f"<bdi>{said['EU row by choice']}</bdi>"
    for told in said.values():
        assert BANNED.search(told) is None
