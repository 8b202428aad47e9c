"""The language tables that ship are whole, consistent, and come with their licence."""

from importlib.resources import files

from service.adapters.cldr.languages import load_languages
from service.core.languages.distance import THRESHOLD
from service.core.languages.matching import LanguageMatcher
from service.core.languages.prior import language_shares, odds
from service.core.languages.tags import canonical_tag

TABLES = load_languages()


def test_the_tables_say_which_cldr_they_are_and_ship_its_licence() -> None:
    assert TABLES.version.startswith("48.")
    assert "UNICODE LICENSE V3" in files("service.adapters.cldr").joinpath("LICENSE-Unicode.txt").read_text()


def test_every_country_has_a_language_with_odds() -> None:
    assert len(TABLES.speakers) > 250
    for country, speakers in TABLES.speakers.items():
        assert sum(odds(language_shares(speakers))) > 0.99, country
        assert all(one.tag.region == country for one in speakers)


def test_every_alias_leads_to_something_canonical() -> None:
    for old, new in TABLES.tags.languages.items():
        assert canonical_tag(str(new), TABLES.tags) == canonical_tag(old, TABLES.tags)


def test_likely_locales_are_complete() -> None:
    assert len(TABLES.tags.likely) > 7000
    assert all(all(locale) for locale in TABLES.tags.likely.values())


def test_scripts_are_at_home_where_cldr_has_them_or_an_official_language_is_written_in_them() -> None:
    assert TABLES.local_scripts["zh"] == {"TW": "Hant", "HK": "Hant", "MO": "Hant"}
    assert TABLES.local_scripts["sr"]["ME"] == "Latn"
    assert TABLES.local_scripts["pa"] == {"PK": "Arab"}
    assert TABLES.local_scripts["uz"] == {"AF": "Arab"}
    assert TABLES.local_scripts["kk"]["CN"] == "Arab"
    for language, scripts in TABLES.local_scripts.items():
        for country, script in scripts.items():
            assert TABLES.tags.likely[f"{language}-{country}"].script == script
            assert TABLES.tags.likely[language].script != script


def test_rules_between_languages_are_matches() -> None:
    assert all(0 < distance < THRESHOLD for row in TABLES.distances.languages.values() for distance in row.values())
    assert len(TABLES.distances.paradigms) == 6


def test_a_site_with_every_language_answers_every_country_in_a_language_spoken_there() -> None:
    languages = tuple(sorted({one.tag.language for row in TABLES.speakers.values() for one in row}))
    matcher = LanguageMatcher(languages, "en", TABLES)
    for country, speakers in TABLES.speakers.items():
        language = matcher.decide(None, None, country, "ip")
        assert language.source == "ip"
        assert language.tag in {one.tag.language for one in speakers}
