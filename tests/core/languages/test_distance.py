"""Distances between languages are those of CLDR's enhanced language matching."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.core.languages.distance import DEMOTION, FARTHEST, THRESHOLD, locale_distance, reads_script
from service.core.languages.tags import Locale, canonical_tag, maximise

TABLES = load_languages()
KNOWN = sorted(set(TABLES.tags.likely.values()))


def _locale(text: str) -> Locale:
    tag = canonical_tag(text, TABLES.tags)
    assert tag is not None
    locale = maximise(tag, TABLES.tags)
    assert locale is not None
    return locale


def _distance(desired: str, offered: str) -> int:
    return locale_distance(_locale(desired), _locale(offered), TABLES.distances)


@pytest.mark.parametrize(
    ("desired", "offered", "distance"),
    [
        ("de", "de-DE", 0),
        ("de-AT", "de", 4),
        ("en-AU", "en-GB", 3),
        ("en-CA", "en-US", 4),
        ("en-AU", "en-US", 5),
        ("es-MX", "es-419", 4),
        ("es-MX", "es", 5),
        ("es-419", "es-AR", 4),
        ("pt-AO", "pt-PT", 4),
        ("pt-AO", "pt-BR", 5),
        ("ar-MA", "ar-DZ", 4),
        ("ar-MA", "ar-EG", 5),
        ("zh-HK", "zh-MO", 4),
        ("zh-HK", "zh-TW", 5),
        ("sr-Latn", "sr", 5),
        ("gsw", "de", 8),
        ("nn", "nb", 20),
        ("nb", "nn", 20),
        ("ja-Latn", "ja", 5),
        ("ta", "en", 44),
    ],
)
def test_near_languages(desired: str, offered: str, distance: int) -> None:
    assert _distance(desired, offered) == distance


def test_who_reads_a_script_reads_another_where_the_distance_says_so() -> None:
    scripts = sorted({script for pairs in TABLES.distances.scripts.values() for pair in pairs for script in pair})
    languages = [*sorted({desired for desired, _ in TABLES.distances.scripts}), "az", "en"]
    reading = 0
    for language, script, other in product(languages, scripts, scripts):
        distance = locale_distance(Locale(language, script, ""), Locale(language, other, ""), TABLES.distances)
        assert reads_script(language, script, other, TABLES.distances) == (distance < THRESHOLD)
        reading += script != other and distance < THRESHOLD
    assert reading > 10


@pytest.mark.parametrize(
    ("desired", "offered"), [("de", "gsw"), ("en", "ta"), ("zh-TW", "zh-CN"), ("hr", "sr-Latn"), ("fr", "it")]
)
def test_one_way_rules_and_script_barriers(desired: str, offered: str) -> None:
    assert _distance(desired, offered) >= THRESHOLD


def test_a_further_wish_costs_what_american_and_british_english_differ() -> None:
    assert _distance("en-US", "en-GB") == DEMOTION


@given(st.sampled_from(KNOWN), st.sampled_from(KNOWN))
def test_distance_is_bounded_and_zero_only_for_the_same(one: Locale, other: Locale) -> None:
    distance = locale_distance(one, other, TABLES.distances)
    assert 0 <= distance <= FARTHEST
    assert (distance == 0) == (one == other)
