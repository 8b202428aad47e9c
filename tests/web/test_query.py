"""A query is read strictly, and what it should have been is told: names, words, keys, or amounts with their units."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.use_cases.counting.report import WINDOWS
from service.web.bodies.guidance import ELSEWHERE, KEY_FORM, ONCE
from service.web.problems import FieldError, Refusal
from service.web.query import FEW, PARAMETERS_MAX, UNREAD, forms, read_query

VISIT = {"site": None, "format": frozenset({"json", "headers"})}
COUNTS = {"window": frozenset(WINDOWS), "format": frozenset({"csv", "json"})}
WINDOW_FORMS = ("1h to 168h", "1d to 7d")


def only_error(query: str, known: dict[str, frozenset[str] | None]) -> FieldError:
    found = read_query(query.encode(), known)
    assert isinstance(found, Refusal)
    [error] = found.errors
    return error


@pytest.mark.parametrize(
    "value",
    [
        "0h", "169h", "24H", "7D", "8d", "24", "h", "1w", "1 week", "P7D", "PT24H", "24hours", "7days", "7 days", "1d1h", "1.5d", "-1h",
        "+1h", "024h", "24h ", "today", "week", "", "100000h", "1e3h", "last 7 days", "24h,7d", "1m", "2y",
    ],
)  # fmt: skip
def test_a_window_in_other_words_is_no_identity(value: str) -> None:
    """It is told which windows there are."""
    error = only_error(f"window={quote(value)}", COUNTS)
    assert (error.pointer, error.code, error.category) == ("/query/window", "invalid_value", None)
    assert error.allowed == WINDOW_FORMS


@pytest.mark.parametrize(
    ("value", "category"),
    [
        ("anna@example.org", "email"),
        ("+41446681800", "phone"),
        ("Anna Schmidt", "name"),
        ("https://a.example/b", "url"),
    ],
)
def test_somebody_in_a_window_is_said_to_be_that(value: str, category: str) -> None:
    """And the same is told of what is allowed, so that the answer is no test of what was recognised."""
    error = only_error(f"window={quote(value)}", COUNTS)
    assert (error.code, error.category, error.allowed) == ("identifying_value", category, WINDOW_FORMS)


@pytest.mark.parametrize(
    "value",
    [
        "Demo", "DEMO", "demo ", "Demo-Shop", "demo/", "-", "Shop-CH", "Demo/", "d" * 33, "Main", "My_Site", "TEST", "Shop2026", "B", "1",
        "2026", "", "*", "Null", "Demo Shop", "demo.ch", "1shop",
    ],
)  # fmt: skip
def test_a_site_that_is_no_key_is_told_the_form_of_keys(value: str) -> None:
    """Small letters: capitals are no identity. What could be no key in small letters either may look like one."""
    error = only_error(f"site={quote(value)}", VISIT)
    assert (error.pointer, error.allowed) == ("/query/site", KEY_FORM)
    if value not in {"d" * 33, "Demo Shop", "demo.ch", "1shop"}:
        assert (error.code, error.category) == ("invalid_value", None)


@given(st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True))
def test_no_key_in_capitals_is_called_by_its_looks(key: str) -> None:
    """What it is called, if anything, is what has a shape of its own in any letters, such as an account's IBAN."""
    capitals = key.upper()
    if capitals == key:
        return
    error = only_error(f"site={capitals}", VISIT)
    assert error.category not in {"other", "name", "account", "free_text"}
    assert error.allowed == KEY_FORM


@pytest.mark.parametrize(
    ("query", "known", "error"),
    [
        ("foo=1", VISIT, FieldError("/query", "unknown_field", None, 0, ("site", "format"))),
        ("site=demo&email=x", VISIT, FieldError("/query", "identifying_name", "email", 1, ("site", "format"))),
        ("format=xml", VISIT, FieldError("/query/format", "invalid_value", None, None, ("headers", "json"))),
        ("format=JSON", VISIT, FieldError("/query/format", "invalid_value", None, None, ("headers", "json"))),
        ("format=xml", COUNTS, FieldError("/query/format", "invalid_value", None, None, ("csv", "json"))),
        ("ack=yes", {"ack": frozenset({"stored"})}, FieldError("/query/ack", "invalid_value", None, None, ("stored",))),
        ("site=a&site=a", VISIT, FieldError("/query/site", "duplicate_field", None, 1, (), ONCE)),
        ("Site=a", VISIT, FieldError("/query", "unknown_field", None, 0, ("site", "format"), "This is called site here.")),
        ("x=1", {}, FieldError("/query", "unknown_field", None, 0, (), UNREAD)),
        ("site=a", {}, FieldError("/query", "unknown_field", None, 0, (), f"{UNREAD} {ELSEWHERE['site']}")),
        ("country=CH", VISIT, FieldError("/query", "unknown_field", None, 0, ("site", "format"), ELSEWHERE["country"])),
        ("geo=CH", VISIT, FieldError("/query", "unknown_field", None, 0, ("site", "format"), ELSEWHERE["geo"])),
        ("ip=1", VISIT, FieldError("/query", "identifying_name", "network_id", 0, ("site", "format"), ELSEWHERE["ip"])),
        ("id=1", VISIT, FieldError("/query", "identifying_name", "account", 0, ("site", "format"), ELSEWHERE["id"])),
        ("window=1h", VISIT, FieldError("/query", "unknown_field", None, 0, ("site", "format"), ELSEWHERE["window"])),
        ("ack=stored", VISIT, FieldError("/query", "unknown_field", None, 0, ("site", "format"), ELSEWHERE["ack"])),
        ("site=a", COUNTS, FieldError("/query", "unknown_field", None, 0, ("window", "format"), ELSEWHERE["site"])),
        ("&".join(["a"] * (PARAMETERS_MAX + 1)), VISIT, FieldError("/query", "invalid_value", None, None, ("site", "format"), FEW)),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_query_is_told_with_what_would_be_right(
    query: str, known: dict[str, frozenset[str] | None], error: FieldError
) -> None:
    """Its names where a name was wrong, the values of the parameter where that was."""
    assert only_error(query, known) == error


def test_other_octets_than_a_url_has_are_refused_whole() -> None:
    """They are not looked at."""
    found = read_query(b"site=\xff", VISIT)
    assert found == Refusal(
        "invalid-value", (FieldError("/query", "invalid_value", None, None, ("site", "format"), FEW),)
    )


def test_amounts_are_told_by_their_first_and_last() -> None:
    """Whatever windows there are, in a few texts."""
    assert forms(frozenset(f"{days}d" for days in range(1, 93))) == ("1d to 92d",)
    assert forms(frozenset({"a", "1h"})) == ("1h", "a")
    assert forms(None) == KEY_FORM


@given(st.text(max_size=60), st.sampled_from([VISIT, COUNTS, {}]))
def test_of_no_query_anything_comes_back(text: str, known: dict[str, frozenset[str] | None]) -> None:
    """All that a refusal says is made of our own words."""
    found = read_query(quote(text, safe="=&%").encode(), known)
    if not isinstance(found, Refusal):
        return
    ours = {*known, *KEY_FORM, *(form for values in known.values() for form in forms(values))}
    renamed = {f"This is called {name} here." for name in known}
    for error in found.errors:
        assert set(error.allowed) <= ours
        said = (error.detail or "").removeprefix(UNREAD).strip()
        assert said in {"", FEW, ONCE} | renamed | set(ELSEWHERE.values())


@pytest.mark.parametrize("known", [VISIT, COUNTS])
@pytest.mark.parametrize("name", ["format", "site", "window", "email", "x"])
def test_no_more_is_judged_than_is_told(known: dict[str, frozenset[str] | None], name: str) -> None:
    """A value is judged once for its parameter, and after sixteen mistakes nothing is looked at any more."""
    query = "&".join(f"{name}=anna.schmidt%40example.com" for _ in range(31))
    found = read_query(query.encode(), known)
    assert isinstance(found, Refusal)
    assert len(found.errors) == 16
    codes = [error.code for error in found.errors]
    if name in known:
        assert codes == ["identifying_value", *["duplicate_field"] * 15]
