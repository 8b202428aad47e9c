"""The ladder: every visit stands on five rungs, each holding the one before."""

import re
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.regions import load_region_tables
from service.core.device import DeviceClass, OperatingSystem
from service.core.groups.cohort import (
    CONTINENTS,
    LADDER_GENERALIZED,
    UNKNOWN_COUNTRY,
    CohortKey,
    Traits,
    ancestors,
    ladder,
    language_rungs,
)

TABLES = load_region_tables()
every_traits = st.builds(
    Traits,
    st.sampled_from([*sorted(TABLES.countries), UNKNOWN_COUNTRY]),
    st.sampled_from(get_args(DeviceClass)),
    st.sampled_from(get_args(OperatingSystem)),
)


def test_the_ladder_of_a_swiss_phone() -> None:
    """As the contract writes it, and what each rung gave up."""
    rungs = ladder(Traits("CH", "smartphone", "android"), TABLES.continent)
    assert rungs == ("CH/smartphone/android", "CH/smartphone", "europe/smartphone", "smartphone", "all")
    assert dict(zip(rungs, LADDER_GENERALIZED, strict=True))["europe/smartphone"] == ("os", "country")


@given(every_traits)
def test_every_visit_stands_on_five_rungs_that_hold_each_other(traits: Traits) -> None:
    """Each rung's ancestors are the rungs above it, and its country; every key is one by its type."""
    rungs = ladder(traits, TABLES.continent)
    assert len(set(rungs)) == 5
    for index, rung in enumerate(rungs):
        above = ancestors(rung, TABLES.continent)
        assert [key for key in above if key != traits.country] == [*rungs[index + 1 :]]
        assert msgspec.convert(rung, CohortKey) == rung
        assert (traits.country in above) == (index < 2)


def test_no_two_kinds_of_rung_share_a_key() -> None:
    """Continents are words that are no class, and countries are upper case."""
    assert not {*CONTINENTS.values()} & {*get_args(DeviceClass)}
    assert all(re.fullmatch("[A-Z]{2}", country) for country in TABLES.countries)
    assert len(set(CONTINENTS.values())) == 5


@pytest.mark.parametrize(
    "key, rungs",
    [
        ("CH/smartphone/android", ("CH/smartphone/android", "CH/smartphone", "CH")),
        ("CH/smartphone", ("CH/smartphone", "CH")),
        ("europe/smartphone", ()),
        ("smartphone", ()),
        ("all", ()),
    ],
)
def test_languages_are_learned_by_country_and_finer(key: str, rungs: tuple[str, ...]) -> None:
    """What a continent's phones read says nothing about a country's."""
    assert language_rungs(key) == rungs


@pytest.mark.parametrize(
    "text", ["195.65.10.7", "CH/smartphone/android/x", "ch", "CH/Smartphone", "", "all|visit", "C", "CH/"]
)
def test_other_texts_are_no_cohorts(text: str) -> None:
    """An upper-case pair, closed words, slashes: nothing else."""
    if text != "ch":  # a word like any, of no vocabulary: it is never made
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(text, CohortKey)
