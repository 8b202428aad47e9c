"""Interests that a device carries in its cookie: up to three topics of its site, each with a weight from 1 to 3.

The service keeps none of this. A page view changes the cookie's value and is forgotten; the next visit brings the value
back. What a cookie can say is bounded: with TOPICS_MAX topics in a site there are fewer than 2^12 different ones.
"""

import re
from collections.abc import Collection, Mapping
from math import comb

Interests = tuple[tuple[str, int], ...]
"""Topics with their weights, by topic."""

INTERESTS_MAX = 3
WEIGHT_MAX = 3
INTEREST_STATES_MAX = 1 << 12
TOPICS_MAX = 10
"""The most topics a site may have for ``interest_states`` to stay within INTEREST_STATES_MAX."""

_INTEREST = rf"[a-z][a-z0-9_-]{{0,31}}:[1-{WEIGHT_MAX}]"
INTERESTS_SHAPE = re.compile(rf"{_INTEREST}(\.{_INTEREST}){{0,{INTERESTS_MAX - 1}}}")


def parse_interests(value: str, topics: Collection[str]) -> Interests | None:
    """The interests of a cookie, without topics that the site no longer has; None when it is ill-formed.

    >>> parse_interests("outdoor:3.shoes:1", ["home", "shoes"])
    (('shoes', 1),)
    """
    if INTERESTS_SHAPE.fullmatch(value) is None:
        return None
    pairs = [pair.split(":") for pair in value.split(".")]
    weights = {topic: int(weight) for topic, weight in pairs}
    if len(weights) < len(pairs):
        return None
    return tuple(sorted((topic, weight) for topic, weight in weights.items() if topic in topics))


def format_interests(interests: Interests) -> str:
    """The value of the cookie; empty when nothing is left to carry."""
    return ".".join(f"{topic}:{weight}" for topic, weight in interests)


def raise_interest(interests: Interests, topic: str) -> Interests:
    """The interests after a view of this topic.

    Frequent items in bounded memory (Misra and Gries, "Finding repeated elements", 1982): what is new to a full memory
    takes one from each of the others, those left with nothing go, and the new one takes a place that became free.
    """
    weights = dict(interests)
    if topic not in weights and len(weights) == INTERESTS_MAX:
        weights = {other: weight - 1 for other, weight in weights.items() if weight > 1}
    if topic in weights or len(weights) < INTERESTS_MAX:
        weights[topic] = min(weights.get(topic, 0) + 1, WEIGHT_MAX)
    return tuple(sorted(weights.items()))


def interest_states(topics_n: int) -> int:
    """How many different cookies there can be in a site with so many topics, none at all included."""
    return sum(comb(topics_n, carried) * WEIGHT_MAX**carried for carried in range(INTERESTS_MAX + 1))


def prefer(
    options: tuple[str, ...], topics_of_option: Mapping[str, Collection[str]], interests: Interests
) -> tuple[str, ...]:
    """The options of a slot with those first that match most of the interests by weight; else in the order given."""
    if not interests:
        return options
    weights = dict(interests)
    return tuple(
        sorted(options, key=lambda option: -sum(weights.get(topic, 0) for topic in topics_of_option.get(option, ())))
    )
