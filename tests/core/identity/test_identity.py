"""The laws all three questions keep: one answer for every string, from the closed vocabulary, in flat time."""

import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity import (
    DEFAULT_DEVICE_ID_FORMATS,
    Category,
    DeviceIdFormat,
    device_id_checker,
    identifying_name,
    identifying_value,
)

EVERY_FORMAT: tuple[DeviceIdFormat, ...] = get_args(DeviceIdFormat)
QUESTIONS = {
    "device id": device_id_checker(EVERY_FORMAT),
    "default device id": device_id_checker(DEFAULT_DEVICE_ID_FORMATS),
    "value": identifying_value,
    "name": identifying_name,
}
ANSWERS = {None, *get_args(Category)}
ANY_TEXT = st.text(st.characters(), max_size=300)  # surrogates and NUL are among them
ID_LIKE = st.text("0123456789abcdefABCDEFxyzXYZ-_.:@%+/= ", max_size=50)
HOSTILE_UNITS = (
    "a", "1", "1 ", "-", "a.", "a@", "%25", "%41", "=", "A1", "1.", "::", "a:", "[at] ", "((", "a=", "aB", "é", "電",
    "дa", "\u200b", "\ufdfa", "\ud800", "\x00", "YWFh", "q=0.", "//", "<", "at.dot.", "id_", "nameid", "a\u0300",
)  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
@given(value=ANY_TEXT | ID_LIKE)
def test_every_string_has_one_answer_of_the_vocabulary(question: str, value: str) -> None:
    answer = QUESTIONS[question](value)
    assert answer in ANSWERS
    assert QUESTIONS[question](value) == answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_hostile_strings_of_8_kb_cost_no_more_than_their_head(question: str) -> None:
    """A quadratic pattern would take seconds; a fiftieth of one leaves room for a busy machine."""
    for unit in HOSTILE_UNITS:
        value = unit * (8192 // len(unit))
        costs_s = []
        for _ in range(3):
            started = time.perf_counter()
            QUESTIONS[question](value)
            costs_s.append(time.perf_counter() - started)
        assert min(costs_s) < 0.005


@given(value=st.text(st.characters(), min_size=129, max_size=2000))
def test_a_value_longer_than_anything_of_ours_is_never_harmless(value: str) -> None:
    assert identifying_value(value) is not None
