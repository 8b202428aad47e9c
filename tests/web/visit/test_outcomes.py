"""The names of fields by which a visit came in, and what becomes of signals that are not kept."""

from itertools import permutations

import pytest

from service.web.bodies.guidance import guide_of
from service.web.bodies.schema import RecommendationBody
from service.web.ofrep.context import CONTEXT_FIELDS
from service.web.problems import FieldError
from service.web.visit.cookies import CHOICES
from service.web.visit.outcomes import BODY, CONTEXT, HEADERS, SIGNAL_ORDER, Dropped, FieldNames, Refused, settle


def test_a_backend_is_pointed_at_fields_of_its_body() -> None:
    """Each is a place that the body has."""
    assert [pointer for pointer in BODY.pointers.values() if not guide_of(RecommendationBody).allowed(pointer)] == []


def test_a_caller_by_ofrep_is_pointed_at_members_of_a_context() -> None:
    """But for the two that stand for several together, and for interests, of which a context has none."""
    named = {
        field for field, pointer in CONTEXT.pointers.items() if pointer.removeprefix("/context/") in CONTEXT_FIELDS
    }
    assert CONTEXT.pointers.keys() - named == {"geo", "cookies", "interests"}


@pytest.mark.parametrize("names", [HEADERS, BODY, CONTEXT], ids=["headers", "body", "context"])
def test_a_pointer_is_of_one_field(names: FieldNames) -> None:
    """So that what was refused can be left out by it."""
    for field, pointer in names.pointers.items():
        assert not pointer or names.field_at(pointer) == field
    assert names.field_at("/elsewhere") is None


def test_what_is_not_kept_is_told_in_the_order_of_the_law() -> None:
    """In whatever order the cookies were sent."""
    unkept = [
        Refused("optout", "identifying_value", "email"),
        Dropped(("variants",)),
        Refused("language", "invalid_value"),
    ]
    for order in permutations([*unkept, Dropped(("user_agent", "client_hints")), Dropped(())]):
        dropped, errors = settle(order, HEADERS)
        assert dropped == ("user_agent", "client_hints", "variants")
        assert errors == (
            FieldError("/cookies/pb_language", "invalid_value"),
            FieldError("/cookies/pb_optout", "identifying_value", "email"),
        )
    assert [*CHOICES] == [field for field in SIGNAL_ORDER if field in CHOICES]
