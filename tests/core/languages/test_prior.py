"""A country's speakers and official languages become odds for what a site has of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.languages.prior import Speakers, language_shares, odds
from service.core.languages.tags import Tag

BELGIUM = (
    Speakers(Tag("nl"), 0.55, official=True),
    Speakers(Tag("fr"), 0.38, official=True),
    Speakers(Tag("en"), 0.59, official=False),
)
SPEAKERS = st.lists(
    st.builds(Speakers, st.just(Tag("en")), st.floats(0.001, 1), official=st.booleans()), min_size=1, max_size=20
).map(tuple)


def test_the_large_official_language_leads_where_another_is_better_known() -> None:
    dutch, french, english = odds(language_shares(BELGIUM))
    assert dutch > french > english > 0


def test_without_the_official_languages_a_site_comes_down_to_what_people_speak() -> None:
    _, french, english = language_shares(BELGIUM)
    assert odds([english]) == [pytest.approx(0.59 / (0.55 + 0.38 + 0.59))]
    assert odds([french, english])[1] > odds(language_shares(BELGIUM))[2]


def test_a_small_official_language_does_not_inherit_the_part_of_the_large_ones() -> None:
    speakers = (
        Speakers(Tag("de"), 0.76, official=True),
        Speakers(Tag("it"), 0.15, official=True),
        Speakers(Tag("en"), 0.45, official=False),
    )
    _, italian, english = language_shares(speakers)
    italian_odds, english_odds = odds([italian, english])
    assert english_odds > italian_odds


def test_nobody_knows_nothing() -> None:
    assert odds(language_shares(())) == []
    assert odds(language_shares((Speakers(Tag("a"), 0.0, official=True),))) == [0.0]


@given(SPEAKERS)
def test_with_every_language_at_hand_odds_are_a_distribution(speakers: tuple[Speakers, ...]) -> None:
    found = odds(language_shares(speakers))
    assert min(found) >= 0
    if any(one.official for one in speakers):
        assert sum(found) == pytest.approx(1)


@given(SPEAKERS, st.data())
def test_fewer_languages_at_hand_never_make_one_less_likely(
    speakers: tuple[Speakers, ...], data: st.DataObject
) -> None:
    every = language_shares(speakers)
    kept = sorted(data.draw(st.sets(st.integers(0, len(every) - 1), min_size=1)))
    whole = odds(every)
    for part, index in zip(odds([every[index] for index in kept]), kept, strict=True):
        assert part >= whole[index] - 1e-9


@given(SPEAKERS)
def test_of_official_languages_the_larger_is_never_less_likely(speakers: tuple[Speakers, ...]) -> None:
    ranked = sorted(
        (one.share, part) for one, part in zip(speakers, odds(language_shares(speakers)), strict=True) if one.official
    )
    assert [part for _, part in ranked] == pytest.approx(sorted(part for _, part in ranked))
