"""Names, numbers and filling are told from random characters in every spelling that an id's alphabet allows."""

import random
import string
from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity.composed import _FORCED, _LEET, _ratio, composed_ratio

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WIDE = string.ascii_letters + string.digits + "-_"


@pytest.mark.parametrize("reading", [_FORCED, _LEET])
@given(text=st.text(CROCKFORD, min_size=1, max_size=24))
def test_the_likelihood_of_a_composed_ulid_is_a_probability(reading: dict[str, str], text: str) -> None:
    """Over all next characters it adds up to what it was: only then does Markov's inequality bound the false refusals."""
    longer = sum(exp(_ratio(text + char, reading, is_crockford=True)) for char in CROCKFORD) / len(CROCKFORD)
    assert longer <= exp(_ratio(text, reading, is_crockford=True)) * (1 + 1e-9)


@pytest.mark.parametrize("reading", [{}, _LEET])
@given(text=st.text(WIDE, max_size=20).map("aB".__add__))
def test_the_likelihood_of_other_composed_text_is_a_probability(reading: dict[str, str], text: str) -> None:
    longer = sum(exp(_ratio(text + char, reading, is_crockford=False)) for char in WIDE) / len(WIDE)
    assert longer <= exp(_ratio(text, reading, is_crockford=False)) * (1 + 1e-9)


def test_random_text_is_unlikely_to_be_composed() -> None:
    draw = random.Random(20261130)
    for alphabet in (CROCKFORD, WIDE):
        ratios = [
            composed_ratio("".join(draw.choices(alphabet, k=22)), is_crockford=alphabet is CROCKFORD, enough=20)
            for _ in range(2000)
        ]
        assert sum(ratio > 0 for ratio in ratios) < 80
        assert max(ratios) < 8
