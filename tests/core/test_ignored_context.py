"""Which members of a context a site may declare harmless, and which values of theirs are refused all the same."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.ignored_context import (
    NAME_CHARS_MAX,
    NAMES_MAX,
    OWN_FIELDS,
    TEXT_CHARS_MAX,
    mistake_in_value,
    mistakes_in_names,
)

ALLOWED = [
    "plan", "appVersion", "theme", "app.version", "build_number", "tier", "feature-set", "$schema", "release@channel", "env",
    "subscriptionPlan", "colour", "größe", "テーマ", "platform", "os", "x", "A", "beta", "pageType", "isLoggedIn", "cartSize",
    "a" * NAME_CHARS_MAX,
]  # fmt: skip
IDENTIFYING = [
    "email", "userEmail", "e-mail", "userId", "user_id", "name", "firstName", "phone", "phoneNumber", "address", "ssn",
    "deviceId", "sessionToken", "password", "customerNumber", "orgId", "accountId", "iban", "creditCard", "birthday",
    "prénom", "Vorname", "电话", "имя", "fbclid", "latitude", "ipAddress", "macAddress",
]  # fmt: skip
NO_NAMES = [
    "",
    " ",
    "my plan",
    "a" * (NAME_CHARS_MAX + 1),
    "plan\n",
    "a/b",
    "a~b",
    "a,b",
    '"plan"',
    "plan ",
    "\0",
    "{}",
    "<b>",
]


@pytest.mark.parametrize("name", ALLOWED)
def test_a_harmless_name_may_be_declared(name: str) -> None:
    assert mistakes_in_names((name,)) == []


@pytest.mark.parametrize("name", IDENTIFYING)
def test_an_identifying_name_may_not(name: str) -> None:
    """Whatever its value: that it is sent at all is the mistake."""
    (said,) = mistakes_in_names(("plan", name))
    assert said.startswith(f"{name} says who the visitor is (")


@pytest.mark.parametrize("name", OWN_FIELDS)
def test_nor_may_a_field_of_ours(name: str) -> None:
    """Also those that mean something soon."""
    assert mistakes_in_names((name,)) == [f"{name} is read here, so it cannot be left unread"]


@pytest.mark.parametrize("name", OWN_FIELDS)
@pytest.mark.parametrize("spelled", [str.upper, str.title, str.swapcase, "-{}".format, "{}_".format, "$.{}".format])
def test_nor_may_one_in_another_spelling(name: str, spelled: Callable[[str], str]) -> None:
    """Left unread, a country that a client spells `Country` would be missed by nobody."""
    said = mistakes_in_names((spelled(name),))
    assert said == [f"{spelled(name)} is {name} in another spelling, which is read here: send it as {name}"]


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("user_agent", "userAgent"), ("User-Agent", "userAgent"), ("useragent", "userAgent"), ("targeting_key", "targetingKey"),
        ("accept-language", "acceptLanguage"), ("ACCEPT_LANGUAGE", "acceptLanguage"), ("opt_out", "optOut"), ("opt-out", "optOut"),
        ("GPC", "gpc"), ("IP", "ip"), ("I.P", "ip"), ("sub_division", "subdivision"), ("pre.view", "preview"),
    ],
)  # fmt: skip
def test_nor_one_with_other_signs_between_its_words(name: str, own: str) -> None:
    (said,) = mistakes_in_names((name,))
    assert said.endswith(f"send it as {own}")


@pytest.mark.parametrize("name", NO_NAMES)
def test_nor_what_is_no_name(name: str) -> None:
    (said,) = mistakes_in_names((name,))
    assert " is no name: 1 to 64 letters, digits or any of _ $ @ . : -" in said
    assert "\n" not in said


def test_names_are_few_and_each_stands_once() -> None:
    names = tuple(f"harmless{number}" for number in range(NAMES_MAX))
    assert mistakes_in_names(()) == mistakes_in_names(names) == []
    assert mistakes_in_names((*names, "plan")) == ["at most 32 names"]
    assert mistakes_in_names(("plan", "theme", "plan")) == ["one stands there twice"]
    assert len(mistakes_in_names(("plan", "plan", "ip", "email", "a b"))) == 4


@pytest.mark.parametrize(
    "value",
    ["pro", "", "1.2.3", "x" * TEXT_CHARS_MAX, "ü" * TEXT_CHARS_MAX, 0, 7, -1, 10**15, 1.5, -0.0, 1e10, True, False, None,
     "Anna", "Basic plan", 2024, 20241130, 1733000000000],
)  # fmt: skip
def test_texts_numbers_booleans_and_null_are_left_unread(value: object) -> None:
    assert mistake_in_value(value) is None


@pytest.mark.parametrize(
    ("value", "mistake"),
    [
        ("x" * (TEXT_CHARS_MAX + 1), ("too_large", None)),
        ("ü" * (TEXT_CHARS_MAX + 1), ("too_large", None)),
        (10**TEXT_CHARS_MAX, ("too_large", None)),
        ([], ("invalid_value", None)),
        (["pro"], ("invalid_value", None)),
        ({}, ("invalid_value", None)),
        ({"a": 1}, ("invalid_value", None)),
        ("anna@example.com", ("identifying_value", "email")),
        ("+41 44 668 18 00", ("identifying_value", "phone")),
        ("4111 1111 1111 1111", ("identifying_value", "payment")),
        (4111111111111111, ("identifying_value", "payment")),
        (4111111111111111.0, ("identifying_value", "payment")),
        ("123-45-6789", ("identifying_value", "government_id")),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", ("identifying_value", "credential")),
    ],
)
def test_what_is_refused_all_the_same(value: object, mistake: object) -> None:
    """Lists and objects, long texts, and what plainly is somebody's: as a number too."""
    assert mistake_in_value(value) == mistake


@given(st.text(max_size=140) | st.integers() | st.floats() | st.booleans() | st.none())
def test_any_value_is_judged(value: object) -> None:
    mistake = mistake_in_value(value)
    assert mistake is None or mistake[0] in ("identifying_value", "too_large")


@given(st.lists(st.text(max_size=70), max_size=40))
def test_any_names_are_judged(names: list[str]) -> None:
    assert all("\n" not in said for said in mistakes_in_names(names))
