"""Accept-Language is read as RFC 9110 says, and whatever else is sent costs only the member that holds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.languages.accept_language import FULL_WEIGHT, MEMBERS_MAX, parse_accept_language


def _order(header: str) -> list[str]:
    return [text for text, _ in parse_accept_language(header).ranges]


@pytest.mark.parametrize(
    ("header", "order"),
    [
        ("da, en-gb;q=0.8, en;q=0.7", ["da", "en-gb", "en"]),
        ("fr;q=0.333, de;q=0.334, en;q=0.001", ["de", "fr", "en"]),
        ("fr-CH ,\tfr ; q=0.9 , en;q=0.8,  de;q=0.7 , *;q=0.5", ["fr-ch", "fr", "en", "de"]),
        (", ,de,,en;q=0.5,", ["de", "en"]),
        ("es;q=0.8,it;q=0.8,pt;q=0.8", ["es", "it", "pt"]),
        ("en;q=0.9, es;q=0.8, en;q=0.7", ["en", "es"]),
        ("EN;Q=0.5,fr", ["fr", "en"]),
        ("en-US;foo=bar;q=0.2, en-GB;q=0.3", ["en-gb", "en-us"]),
        ('en-US;foo="bar,baz", en-GB', ["en-us", "en-gb"]),
        ("en-US;0.9,pl;0.8", ["en-us", "pl"]),
        ("fr;q=.9,en;q=0.95555", ["en", "fr"]),
        ("de;q=1.000,fr;q=0.", ["de"]),
        ("en-GB-oed1234567890, de-é;q=0.5, fr-;q=0.2", ["en-gb-oed1234567890", "de-é", "fr-"]),
    ],
)
def test_order_is_by_weight_then_as_written(header: str, order: list[str]) -> None:
    assert _order(header) == order


@pytest.mark.parametrize(
    "member", ["fr;q=", "fr;q=.", "fr;q=2", "fr;q=-1", "fr;q=abc", "fr;q=0,5x", "fr fr", "é", "f!", "*-CH", "1"]
)
def test_a_member_that_cannot_be_read_is_skipped(member: str) -> None:
    assert _order(f"de;q=0.1,{member},en;q=0.05") == ["de", "en"]


def test_weight_zero_excludes_and_the_wildcard_is_apart() -> None:
    said = parse_accept_language("de;q=0, *;q=0.3, fr")
    assert said.ranges == (("fr", FULL_WEIGHT),)
    assert said.excluded == ("de",)
    assert said.wildcard == 300


def test_said_twice_the_more_welcoming_counts() -> None:
    assert parse_accept_language("en;q=0,en;q=0.5").ranges == (("en", 500),)
    assert parse_accept_language("en,en;q=0").excluded == ()


@pytest.mark.parametrize("member", ["aa", "a-{}", "b{}-", "c;q=0", "", "!", "*"])
def test_of_many_members_the_first_are_read(member: str) -> None:
    """Whatever they say, also nothing: what is read of a header is bounded."""
    before = [member.format(number) for number in range(MEMBERS_MAX - 1)]
    assert "de" in _order(",".join([*before, "de"]))
    assert "de" not in _order(",".join([*before, member, "de", *before]))


@given(st.text(max_size=256) | st.text(alphabet="aen-_*;q=0.15, \t", max_size=256))
def test_any_text_is_read(header: str) -> None:
    said = parse_accept_language(header)
    weights = [weight for _, weight in said.ranges]
    assert weights == sorted(weights, reverse=True)
    assert all(0 < weight <= FULL_WEIGHT for weight in weights)
    assert len({text for text, _ in said.ranges} | set(said.excluded)) == len(said.ranges) + len(said.excluded)


@given(st.lists(st.sampled_from(["de", "fr;q=0.5", "en-GB;q=0.3", "*;q=0.1", "it;q=0"]), unique=True))
def test_header_lines_joined_read_like_one(members: list[str]) -> None:
    assert parse_accept_language(", ".join(members)) == parse_accept_language(" ,\t".join(["", *members, ""]))
