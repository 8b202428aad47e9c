"""Interests on the device: three topics at most, few bits, and the frequent ones stay."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.interest import (
    INTEREST_STATES_MAX,
    INTERESTS_SHAPE,
    TOPICS_MAX,
    format_interests,
    interest_states,
    parse_interests,
    prefer,
    raise_interest,
)
from service.core.sites import KEY_PATTERN

TOPICS = ("outdoor", "shoes", "home", "garden", "books-2", "x_y")
views = st.lists(st.sampled_from(TOPICS), max_size=40)


def after(seen, interests=()):
    for topic in seen:
        interests = raise_interest(interests, topic)
    return interests


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("outdoor:3", (("outdoor", 3),)),
        ("outdoor:3.shoes:1", (("outdoor", 3), ("shoes", 1))),
        ("shoes:1.outdoor:3", (("outdoor", 3), ("shoes", 1))),
        ("gone:2.outdoor:3", (("outdoor", 3),)),
        ("gone:2", ()),
        ("", None),
        ("outdoor", None),
        ("outdoor:0", None),
        ("outdoor:4", None),
        ("outdoor:33", None),
        ("outdoor:3.", None),
        ("outdoor:3\n", None),
        ("Outdoor:3", None),
        ("outdoor:1.outdoor:2", None),
        ("outdoor:1.shoes:1.home:1.garden:1", None),
    ],
)
def test_a_cookie_is_read(value, found):
    """Ill-formed is None; a topic that the site no longer has is left out."""
    assert parse_interests(value, TOPICS) == found


@pytest.mark.parametrize(
    ("before", "topic", "then"),
    [
        ("", "shoes", "shoes:1"),
        ("outdoor:3", "shoes", "outdoor:3.shoes:1"),
        ("outdoor:3.shoes:1", "shoes", "outdoor:3.shoes:2"),
        ("outdoor:3", "outdoor", "outdoor:3"),
        ("home:1.outdoor:3.shoes:2", "garden", "garden:1.outdoor:2.shoes:1"),
        ("home:2.outdoor:3.shoes:2", "garden", "home:1.outdoor:2.shoes:1"),
        ("home:1.outdoor:1.shoes:1", "garden", "garden:1"),
    ],
)
def test_a_view_raises_its_topic(before, topic, then):
    """What is new to a full memory takes one from each, and enters where one went."""
    interests = parse_interests(before, TOPICS) if before else ()
    assert format_interests(raise_interest(interests, topic)) == then


@given(views)
def test_whatever_is_viewed_the_cookie_is_small_and_is_read_again(seen):
    """Three topics at most, sorted, in the shape that the intake reads."""
    interests = after(seen)
    value = format_interests(interests)
    assert len(interests) <= 3
    assert list(interests) == sorted(interests)
    assert bool(interests) == bool(seen)
    if seen:
        assert INTERESTS_SHAPE.fullmatch(value)
        assert parse_interests(value, TOPICS) == interests


@given(views, st.sampled_from(TOPICS))
def test_a_topic_viewed_four_times_in_a_row_stands_highest(seen, topic):
    """Three decrements make room for anything, whatever was before."""
    weights = dict(after([topic] * 4, after(seen)))
    assert weights[topic] == max(weights.values())


def test_a_cookie_has_less_than_twelve_bits():
    """As many states as there really are, and no topic more than fits."""
    reached, new = {()}, [()]
    while new:
        new = [then for one in new for topic in TOPICS if (then := raise_interest(one, topic)) not in reached]
        reached.update(new)
    assert len(reached) <= interest_states(len(TOPICS))
    assert interest_states(0) == 1
    assert interest_states(2) == 1 + 2 * 3 + 9
    assert interest_states(TOPICS_MAX) <= INTEREST_STATES_MAX < interest_states(TOPICS_MAX + 1)
    assert log2(INTEREST_STATES_MAX) == 12


def test_matching_options_go_first():
    """By the weight of what they match, and else in the order given."""
    of = {"spring": ["outdoor"], "boots": ["outdoor", "shoes"], "sofa": ["home"]}
    options = ("app", "sofa", "spring", "boots", "outlet")
    assert prefer(options, of, ()) == options
    assert prefer(options, of, (("garden", 3),)) == options
    assert prefer(options, of, (("outdoor", 1),)) == ("spring", "boots", "app", "sofa", "outlet")
    assert prefer(options, of, (("home", 2), ("outdoor", 1), ("shoes", 2))) == (
        "boots",
        "sofa",
        "spring",
        "app",
        "outlet",
    )


@given(st.permutations(["a", "b", "c", "d"]), views)
def test_preferring_neither_adds_nor_loses(options, seen):
    """It is an order and nothing else."""
    assert sorted(prefer(tuple(options), {"a": TOPICS, "c": TOPICS[:1]}, after(seen))) == ["a", "b", "c", "d"]


def test_topics_are_keys():
    """The grammar of a topic is that of every key of a site."""
    assert INTERESTS_SHAPE.pattern.startswith(KEY_PATTERN.removeprefix("^").removesuffix(r"\Z") + ":")
    for text in ("a", "a" * 32, "a-b_2"):
        assert INTERESTS_SHAPE.fullmatch(f"{text}:1")
    for text in ("a" * 33, "1a", "-a", "á"):
        assert not INTERESTS_SHAPE.fullmatch(f"{text}:1")
