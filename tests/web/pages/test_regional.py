"""Dates and numbers as a language writes them, and as its regions do where they write otherwise."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.use_cases.transparency.sentences import Sentence
from service.web.pages.regional import dates_of, region_of, regions
from service.web.pages.words import SPOKEN, say, speaker_by, speaker_for, speakers

# What a reader of each sees: the language of the page, a date in spring, and a large number.
WRITTEN = [
    ("en", "en", "March 1, 2026", "16,384"),
    ("en-US", "en", "March 1, 2026", "16,384"),
    ("en-GB", "en-GB", "1 March 2026", "16,384"),
    ("en-AU", "en-AU", "1 March 2026", "16,384"),
    ("en-ZA", "en-ZA", "01 March 2026", "16\u00a0384"),
    ("en-Latn-GB", "en-GB", "1 March 2026", "16,384"),
    ("de", "de", "1. März 2026", "16.384"),
    ("de-DE", "de", "1. März 2026", "16.384"),
    ("de-CH", "de-CH", "1. März 2026", "16'384"),
    ("DE_ch", "de-CH", "1. März 2026", "16'384"),
    ("de-CH-1996", "de-CH", "1. März 2026", "16'384"),
    ("de-x-ch", "de", "1. März 2026", "16.384"),
    ("de-AT", "de-AT", "1. März 2026", "16\u00a0384"),
    ("fr", "fr", "1er mars 2026", "16\u202f384"),
    ("fr-CA", "fr-CA", "1er mars 2026", "16\u00a0384"),
    ("fr-CH", "fr-CH", "1er mars 2026", "16'384"),
    ("fr-BE", "fr", "1er mars 2026", "16\u202f384"),
    ("es", "es", "1 de marzo de 2026", "16\u00a0384"),
    ("es-419", "es-419", "1 de marzo de 2026", "16,384"),
    ("es-MX", "es-MX", "1 de marzo de 2026", "16,384"),
    ("es-HN", "es-HN", "01 de marzo de 2026", "16,384"),
    ("zh-Hans", "zh-Hans", "2026年3月1日", "16,384"),
    ("zh-CN", "zh-Hans", "2026年3月1日", "16,384"),
    ("zh-SG", "zh-Hans", "2026年3月1日", "16,384"),
    ("zh-Hant", "en", "March 1, 2026", "16,384"),  # no page is in traditional characters
    ("zh-TW", "en", "March 1, 2026", "16,384"),
    ("ar", "ar", "1 مارس 2026", "16,384"),
    ("ar-EG", "ar", "1 مارس 2026", "16,384"),
    ("ar-LB", "ar-LB", "1 آذار 2026", "16.384"),
    ("ja-JP", "en", "March 1, 2026", "16,384"),
    ("pt-BR", "en", "March 1, 2026", "16,384"),
    ("x-de-ch", "en", "March 1, 2026", "16,384"),
]


@pytest.mark.parametrize(("tag", "language", "date", "number"), WRITTEN)
def test_a_region_writes_its_own_way(tag: str, language: str, date: str, number: str) -> None:
    """CLDR's long date; of the first of a month French says so."""
    speaker = speaker_for(tag)
    assert speaker.words.language == language
    assert (speaker.value("version", "2026-03-01"), speaker.value("number", 16384)) == (date, number)
    if language != "zh-Hans":  # which counts by ten thousands in words
        assert number.replace("16", "100").replace("384", "000") in speaker.page.never_place


@pytest.mark.parametrize(
    ("tag", "month"),
    [("de", "Januar"), ("de-AT", "Jänner"), ("de-IT", "Jänner"), ("es", "enero"), ("ar", "يناير"), ("ar-SY", "كانون الثاني"),
     ("ar-TN", "جانفي"), ("ar-MA", "يناير"), ("fr-CA", "janvier"), ("zh", "1月")],
)  # fmt: skip
def test_months_have_the_names_of_the_region(tag: str, month: str) -> None:
    assert month in speaker_for(tag).value("version", "2026-01-22")


@pytest.mark.parametrize("tag", ["de-CH", "de-LI"])
def test_switzerland_writes_no_eszett(tag: str) -> None:
    """Neither in words nor in names nor in notes; and beyond that says the very same."""
    swiss, german = speaker_for(tag), speakers()["de"]
    respelled = {key: text.replace("ß", "ss") for key, text in german.words.sentences.items()}
    assert respelled != german.words.sentences
    assert {key: re.sub(r"\s?%", "%", text) for key, text in respelled.items()} == {
        key: re.sub(r"\s?%", "%", text) for key, text in swiss.words.sentences.items()
    }
    assert (german.place("QO"), swiss.place("QO")) == ("Äußeres Ozeanien", "Äusseres Ozeanien")
    told = [getattr(swiss.page, name) for name in swiss.page.__struct_fields__]
    assert "ß" not in "".join([*told, *swiss.words.levels.values(), *swiss.words.refusals.values()])
    assert "nach aussen" in swiss.value(
        "law", "Telecommunications Business Act external transmission rule (16 Jun 2023)"
    )


@pytest.mark.parametrize(
    ("tag", "said"),
    [("de", "zu 90\u00a0% sicher"), ("de-CH", "zu 90% sicher"), ("de-AT", "zu 90\u00a0% sicher"),
     ("fr", "sûr à 90\u00a0%"), ("fr-CH", "sûr à 90%"), ("es-MX", "seguridad: 90%"), ("en-DE", "90\u00a0% sure")],
)  # fmt: skip
def test_the_sign_of_a_percentage_stands_where_the_region_puts_it(tag: str, said: str) -> None:
    (text,) = say([Sentence("region", "region_ip", {"place": "CH", "percent": 90})], tag)
    assert said in text.replace("\u202f", "\u00a0")


def test_of_several_languages_the_first_that_is_spoken_counts_with_its_region() -> None:
    assert speaker_by(("ja", "zh-tw", "de_ch", "fr")).words.language == "de-CH"
    assert speaker_by(("ja", "x-bork")).words.language == "en"


def test_every_region_says_all_that_its_language_says() -> None:
    """The same values in every sentence; nothing is lost on the way."""
    for tag in regions():
        own, here = speakers()[speaker_language(tag)].words, speaker_for(tag).words
        assert here.language == tag
        for key, text in own.sentences.items():
            assert re.findall("{.*?}", here.sentences[key]) == re.findall("{.*?}", text)


def speaker_language(tag: str) -> str:
    return tag.partition("-")[0]


@given(st.dates(), st.sampled_from([*regions(), *SPOKEN]))
def test_every_date_has_its_day_and_year_and_is_no_iso_date(date: object, tag: str) -> None:
    """Years from 1 on, every day there is."""
    iso = str(date)
    year, _, day = (int(part) for part in iso.split("-"))
    said = speaker_for(tag).value("version", iso)
    assert said != iso
    assert {day, year} <= {int(number) for number in re.findall("[0-9]+", said)}


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True), st.sampled_from(SPOKEN))
def test_what_is_no_date_is_said_as_it_is(text: str, spoken: str) -> None:
    """Nothing is made of it, and nothing fails."""
    said = dates_of(spoken).say(text)
    assert said == text or re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text)


@given(st.text(max_size=40))
def test_any_tag_has_a_region_of_ours_or_none(tag: str) -> None:
    """Whatever a site calls its languages."""
    assert region_of(tag) in {None, *regions()}
    assert speaker_for(tag).words.language
