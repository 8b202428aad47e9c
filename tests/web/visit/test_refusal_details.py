"""What the intake refuses is told with what may stand there, and nothing else of it changes."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity import Category
from service.core.sites import SiteRules
from service.web.bodies.guidance import guide_of
from service.web.bodies.schema import RecommendationBody
from service.web.problems import ErrorCode, FieldError, Refusal
from service.web.visit.refusal_details import COOKIES_SIZE, DEVICE_ID, ONE_OF_TWO, explained

COOKIES = [
    f"/cookies/pb_{name}" for name in ("device", "language", "region", "interests", "variants", "consent", "optout")
]
POINTERS = sorted({*guide_of(RecommendationBody)._allowed, *COOKIES} - {""})


@given(
    st.sampled_from(POINTERS),
    st.sampled_from(sorted({*get_args(ErrorCode)} - {"unknown_field", "identifying_name", "duplicate_field"})),
    st.none() | st.sampled_from(get_args(Category)),
)
def test_place_and_reason_stay_and_something_is_allowed(
    pointer: str, code: ErrorCode, category: Category | None
) -> None:
    """Every place that the intake can point at has something to say, whatever is wrong there."""
    error = FieldError(pointer, code, category)
    [told] = explained(Refusal("invalid-value", (error,))).errors
    assert (told.pointer, told.code, told.category, told.position) == (pointer, code, category, None)
    assert told.allowed


@pytest.mark.parametrize(
    ("pointer", "code", "allowed", "detail"),
    [
        ("/cookies", "too_large", COOKIES_SIZE, None),
        ("/signals/cookies", "too_large", COOKIES_SIZE, None),
        ("/signals/geo", "invalid_value", ("ip", "geo"), ONE_OF_TWO),
        ("/cookies/pb_optout", "identifying_value", ("1", "0"), None),
        ("/signals/gpc", "invalid_value", ("true", "false"), None),
    ],
)
def test_what_the_table_says(pointer: str, code: ErrorCode, allowed: tuple[str, ...], detail: str | None) -> None:
    """Of what no field's form tells."""
    [told] = explained(Refusal("invalid-value", (FieldError(pointer, code),))).errors
    assert (told.allowed, told.detail) == (allowed, detail)


@pytest.mark.parametrize("pointer", ["/signals/device/id", "/cookies/pb_device"])
def test_a_device_id_is_told_the_formats_of_its_site(house: object, pointer: str) -> None:
    """Once the site is known: not every site takes every format."""
    rules = house.current.rules("demo")  # type: ignore[attr-defined]
    assert isinstance(rules, SiteRules)
    [told] = explained(Refusal("invalid-value", (FieldError(pointer, "invalid_value"),)), rules).errors
    assert (told.allowed, told.detail) == (rules.site.device_id_formats, DEVICE_ID)
