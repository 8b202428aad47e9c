"""A context is read strictly and becomes a visit; what is wrong with it is said in words that repeat nothing."""

import json
import re
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from service.core.identity import Category
from service.core.ignored_context import OWN_FIELDS
from service.core.privacy import PURPOSES
from service.web.bodies.schema import VisitBody
from service.web.ofrep.context import (
    CONTEXT_FIELDS,
    IGNORED_PARAMETERS,
    TARGETING_KEY_CHARS_MAX,
    ContextBody,
    read_context,
    refuse_query,
    visit_of,
)
from service.web.ofrep.refusals import SENTENCES_MAX, details_of, failure_of
from service.web.problems import PROBLEMS, ErrorCode, FieldError, Refusal
from service.web.visit.outcomes import CONTEXT

MARKER = "qxzkvjw"


def context_of(**fields: Any) -> ContextBody | Refusal:
    return read_context(json.dumps({"context": fields}).encode())


def visit(**fields: Any) -> VisitBody:
    context = context_of(**fields)
    assert isinstance(context, ContextBody)
    made = visit_of(context, gpc=False, opted_out=False)
    assert isinstance(made, VisitBody)
    return made


def words(refusal: object) -> str:
    """What a developer is told of a refusal, as INVALID_CONTEXT."""
    assert isinstance(refusal, Refusal)
    told = failure_of(refusal)
    assert told is not None
    assert told[:2] == (400, "INVALID_CONTEXT")
    return told[2]


@pytest.mark.parametrize("body", [b"{}", b'{"context":{}}', b' { "context" : { } } '])
def test_no_context_is_an_empty_one(body: bytes) -> None:
    """Python's provider without a context sends an empty object, the web's an empty context."""
    assert read_context(body) == ContextBody()


def test_every_field_of_a_context_says_something_of_the_visit() -> None:
    made = visit(
        targetingKey="k", country="CH", subdivision="ZH", userAgent="u", acceptLanguage="a", language="l", region="r",
        variants="v", consent=["statistics"], gpc=True, optOut=True,
    )  # fmt: skip
    signals = made.signals
    assert (signals.geo.country, signals.geo.subdivision, signals.ip) == ("CH", "ZH", UNSET)
    assert (signals.device.id, signals.device.user_agent, signals.device.accept_language) == ("k", "u", "a")
    assert (signals.cookies.language, signals.cookies.region, signals.cookies.variants) == ("l", "r", "v")
    assert (made.consent, signals.gpc, made.opt_out) == (frozenset({"statistics"}), True, True)
    assert visit(ip="195.65.10.7").signals.ip == "195.65.10.7"


@pytest.mark.parametrize("gpc", [True, False])
@pytest.mark.parametrize("opted_out", [True, False])
@pytest.mark.parametrize("said", [True, False, None])
def test_a_browser_may_say_no_beside_its_context(gpc: bool, opted_out: bool, said: bool | None) -> None:
    """Either of the two suffices; neither takes back what the other says."""
    context = context_of() if said is None else context_of(gpc=said, optOut=said)
    made = visit_of(context, gpc=gpc, opted_out=opted_out)
    assert ((made.signals.gpc is True), (made.opt_out is True)) == (gpc or bool(said), opted_out or bool(said))


def test_consent_is_a_list_or_the_text_of_the_cookie() -> None:
    """Some SDKs can carry no lists, and a page has the cookie at hand."""
    both = frozenset({"statistics", "experiments"})
    assert visit(consent=["statistics", "experiments"]).consent == both
    assert visit(consent="statistics.experiments").consent == both
    assert visit(consent="").consent == visit(consent=[]).consent == frozenset()
    assert visit(consent=[*PURPOSES]).consent == frozenset(PURPOSES)


def test_an_empty_targeting_key_is_none() -> None:
    """SDKs that always send one send it empty."""
    assert visit(targetingKey="").signals.device.id is UNSET


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"subdivision": "ZH"}, "country is missing."),
        ({"targetingKey": "x" * (TARGETING_KEY_CHARS_MAX + 1)}, "targetingKey is too long."),
        ({"consent": "statistics.all"}, "consent is not of its form. It is a list of purposes: "),
        ({"consent": "anna@example.org"}, "consent looks like an e-mail address, so it was refused."),
    ],
)
def test_what_makes_no_visit_is_refused(fields: dict[str, Any], said: str) -> None:
    context = context_of(**fields)
    assert isinstance(context, ContextBody)
    assert words(visit_of(context, gpc=False, opted_out=False)).startswith(said)


@pytest.mark.parametrize(
    "fields, said",
    [
        ({"email": "x"}, "Field 1 of the context has a name that says who the visitor is (email)"),
        ({"country": "CH", "userId": "7"}, "Field 2 of the context has a name that says who the visitor is (account)"),
        ({"plan": "pro"}, "Field 1 of the context is not known here. The context takes only: targetingKey ip "),
        ({"user_agent": "x"}, "Field 1 of the context is not known here. This is called /context/userAgent here."),
        ({"optout": True}, "Field 1 of the context is not known here. This is called /context/optOut here."),
        (
            {"geo": {}},
            "Field 1 of the context is not known here. This is a field of POST /v1/recommendation: /signals/geo.",
        ),
        ({"deviceId": "x"}, "Field 1 of the context has a name that says who the visitor is (device_serial): it was "),
        ({"gpc": None}, "gpc is not of its form. It is true or false."),
        ({"gpc": "yes"}, "gpc is not of its form."),
        ({"consent": ["all"]}, "consent is not of its form. It is a list of purposes"),
        ({"consent": 7}, "consent is not of its form."),
        ({"targetingKey": 7}, "targetingKey is not of its form. Send an opaque random id"),
        ({"language": {"a": {"b": {"c": {"d": {}}}}}}, "The body nests too deep."),
    ],
)
def test_what_is_not_of_the_contexts_form_is_refused(fields: dict[str, Any], said: str) -> None:
    """Unknown, identifying, null, of another type."""
    assert words(context_of(**fields)).startswith(said)


NULLABLE = [field for field in CONTEXT_FIELDS if field not in ("gpc", "optOut", "consent")]


@pytest.mark.parametrize("name", NULLABLE)
def test_null_is_absent(name: str) -> None:
    """SDKs send it for what they do not know."""
    assert visit(**{name: None}) == visit()
    rest: dict[str, Any] = {"country": "CH", "acceptLanguage": "de", "variants": "hero.b", "targetingKey": "k"}
    rest.pop(name, None)
    assert visit(**rest, **{name: None}) == visit(**rest)


def test_all_of_them_may_be_null() -> None:
    assert visit(**dict.fromkeys(NULLABLE)) == visit()
    assert visit(ip=None, country="CH", subdivision=None).signals.geo == visit(country="CH").signals.geo
    assert visit(ip="195.65.10.7", country=None).signals.geo is UNSET


@pytest.mark.parametrize("name", ["gpc", "optOut", "consent"])
def test_but_a_wish_is_never_null(name: str) -> None:
    """A consent or an objection that is unclear is refused, not taken for one or the other."""
    assert words(context_of(**{name: None}, country="CH")).startswith(f"{name} is not of its form. It is ")
    assert words(context_of(**{name: None}, country=None)).startswith(f"{name} is not of its form. It is ")


def test_a_subdivision_of_no_country_is_a_mistake_with_null_too() -> None:
    context = context_of(country=None, subdivision="ZH")
    assert isinstance(context, ContextBody)
    assert words(visit_of(context, gpc=False, opted_out=False)).startswith("country is missing.")


IGNORED = ("plan", "appVersion", "theme.mode")


def with_ignored(text: str, *ignored: str) -> ContextBody | Refusal:
    return read_context(('{"context":{' + text + "}}").encode(), ignored or IGNORED)


@pytest.mark.parametrize(
    "text",
    [
        '"plan":"pro"', '"plan":""', '"plan":null', '"plan":true', '"appVersion":1.2', '"appVersion":7', '"appVersion":-0',
        '"appVersion":1.50', '"appVersion":1e3', '"plan":"\\u00fc:"', ' "plan" : "a:b" ', '"theme.mode":"dark"',
        '"plan":"pro","appVersion":"1.2.3","theme.mode":false', '"appVersion":123456789012345678901234567890',
        '"plan":"' + "x" * 128 + '"', '"plan":"' + "\\u0078" * 128 + '"',
    ],
)  # fmt: skip
def test_what_a_site_declares_harmless_is_left_unread(text: str) -> None:
    """The visit is the same as without, whichever member stands first."""
    for before, after in (("", ""), ('"country":"CH",', ""), ("", ',"country":"CH"')):
        context = with_ignored(before + text + after)
        assert isinstance(context, ContextBody)
        plain = visit(country="CH") if before or after else visit()
        assert visit_of(context, gpc=False, opted_out=False) == plain
        assert isinstance(read_context(('{"context":{' + before + text + after + "}}").encode()), Refusal)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"plan":"anna@example.com"', "plan looks like an e-mail address, so it was refused. Do not send it."),
        ('"plan":"\\u0061nna@example.com"', "plan looks like an e-mail address, so it was refused. Do not send it."),
        ('"appVersion":4111111111111111', "appVersion looks like a payment card or account, so it was refused."),
        ('"theme.mode":"+41 44 668 18 00"', "theme.mode looks like a phone number, so it was refused."),
        ('"plan":"' + "x" * 129 + '"', "plan is too long."),
        ('"plan":["pro"]', "plan is not of its form. It is left unread, but has to be a text of up to 128 characters, "),
        ('"plan":{"is":"pro"}', "plan is not of its form. It is left unread, but has to be a text"),
        ('"plan":"a","plan":"a"', "plan is given twice."),
        ('"plan":"a","country":"CH","country":"DE"', "country is given twice."),
        ('"plan":"a","tier":"b"', "Field 2 of the context is not known here. The context takes only: targetingKey ip "),
        ('"plan":"a","email":"b"', "Field 2 of the context has a name that says who the visitor is (email): "),
        ('"Plan":"a"', "Field 1 of the context is not known here."),
        ('"plan":"a","gpc":null', "gpc is not of its form. It is true or false."),
        ('"plan":"a","targetingKey":7', "targetingKey is not of its form. Send an opaque random id"),
        ('"plan":"\\ud800"', "plan is not of its form."),
        ('"plan":' + "9" * 5000, "The body is not of its form."),
        ('"plan":{"a":{"b":{"c":{"d":{}}}}}', "plan is not of its form. It is left unread, but has to be a text"),
        ('"plan":' + '{"a":' * 1500 + "1" + "}" * 1500, "The body nests too deep."),
    ],
)  # fmt: skip
def test_what_is_wrong_beside_it_is_said_as_ever(text: str, said: str) -> None:
    """What plainly is somebody's is refused there too; and the shape of a context stays closed."""
    found = words(with_ignored(text))
    assert found.startswith(said)
    assert "example.com" not in found


def test_the_words_for_an_unknown_member_say_where_to_declare_it() -> None:
    """For one that says who somebody is they do not."""
    hint = 'the site may name in its file, in context_ignored = ["..."]: then it is left unread.'
    assert words(context_of(plan="pro")).endswith(hint)
    assert words(context_of(plan="pro", theme="x")).count("context_ignored") == 1
    assert "context_ignored" not in words(context_of(email="x"))
    assert "context_ignored" not in words(read_context(b'{"kind":1}'))


def test_what_cannot_be_declared_harmless_is_what_a_context_says() -> None:
    """The fields that there are, and the two that are to come."""
    assert (*CONTEXT_FIELDS, "speculative", "preview") == OWN_FIELDS


def test_a_context_shows_nothing_of_what_is_left_unread() -> None:
    context = with_ignored('"plan":"' + MARKER + '"')
    assert isinstance(context, ContextBody)
    assert MARKER not in repr(context)


def test_what_others_call_the_targeting_key_is_told_so() -> None:
    """It is an identifying name all the same, and where a device id may stand is said instead of a mere no."""
    assert "it was refused. This is called /context/targetingKey here." in words(context_of(deviceId="x"))
    assert "it was refused. Do not send it." in words(context_of(email="x"))


def test_a_context_that_is_none_is_refused() -> None:
    for body in (b'{"context":null}', b'{"context":"x"}', b"[]", b"7"):
        said = words(read_context(body))
        assert said.startswith(("The body is not of its form. ", "context is not of its form. "))
        assert said.endswith(" with an object of texts, booleans and, in consent, a list.")
    assert words(read_context(b'{"targetingKey":"x"}')).startswith(
        "Field 1 of the body is not known here. This field belongs at /context/targetingKey. The body takes only"
    )
    assert words(read_context(b'{"context":{},"kind":1}')).endswith("The body takes only: context.")
    assert words(read_context(b'{"context":{"gpc":true,"gpc":true}}')) == "gpc is given twice."
    assert words(read_context(b'{"context":{},"context":{}}')) == "context is given twice."


def test_a_list_beside_a_mistake_is_none() -> None:
    """What is wrong is told of the field that is wrong, whichever form consent has."""
    for consent in (["statistics"], "statistics"):
        assert words(context_of(consent=consent, plan="pro")).startswith("Field 2 of the context is not known here.")
        assert "consent is" not in words(context_of(consent=consent, plan="pro"))


def test_a_body_that_is_not_json_is_said_to_be_none() -> None:
    for body in (b"", b"{", b"\xff", b'{"context":{"gpc":tru}}'):
        refusal = read_context(body)
        assert isinstance(refusal, Refusal)
        assert failure_of(refusal) == (400, "PARSE_ERROR", 'The body is not JSON. It should be {"context": {...}}.')


def test_only_what_the_protocol_adds_may_stand_in_the_query() -> None:
    for name in IGNORED_PARAMETERS:
        assert refuse_query(f"{name}=1795353685&{name}=%22x%22".encode()) is None
    assert words(refuse_query(b"flagConfigEtag=x&scope=y")).startswith("Parameter 2 of the query is not known here.")
    assert "(email)" in words(refuse_query(b"email=x"))
    assert words(refuse_query("a=\u00e9".encode())).startswith("query is not of its form.")
    assert words(refuse_query(b"&".join([b"flagConfigEtag=x"] * 33))).startswith("query is not of its form.")


@pytest.mark.parametrize("category", get_args(Category))
def test_every_category_has_words(category: Category) -> None:
    """In a value, and where a name tells it."""
    said = details_of([FieldError(CONTEXT.pointers["device"], "identifying_value", category)])
    assert re.fullmatch(r"targetingKey looks like [a-z][a-z ,'-]+, so it was refused\. Send an opaque .*", said)
    assert f"({category})" in details_of([FieldError("/context", "identifying_name", category, 0)])


@pytest.mark.parametrize("code", get_args(ErrorCode))
@pytest.mark.parametrize("pointer", ["", "/context", "/query", *filter(None, CONTEXT.pointers.values())])
def test_every_mistake_has_words(code: ErrorCode, pointer: str) -> None:
    """Whole sentences that name our fields, never a pointer into a body that the caller did not send."""
    if code in ("unknown_field", "identifying_name") and pointer.startswith("/context/"):
        return  # no member of these is the caller's
    said = details_of([FieldError(pointer, code, None, 0)])
    assert said[0].isalpha()
    assert said.endswith((".", "..."))
    assert "/signals" not in said
    assert "/context" not in said


def test_many_mistakes_are_not_all_told() -> None:
    """And what is taken is told once."""
    fields = {f"unheard{number}": 1 for number in range(9)}
    said = words(context_of(**fields))
    assert said.count("is not known here") == SENTENCES_MAX
    assert said.count("The context takes only") == 1


def test_other_refusals_stay_problems() -> None:
    """What is no matter of a context has the form that it has anywhere here."""
    told = {name: failure_of(Refusal(name)) for name in PROBLEMS}
    assert {name for name, failure in told.items() if failure is not None} == {
        "internal-error",
        "not-json",
        "unknown-site",
    }


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just(MARKER),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from([*CONTEXT_FIELDS, MARKER, f"e{MARKER}mail"]) | st.text(max_size=8)


@given(st.dictionaries(names, json_values, max_size=6))
def test_whatever_is_sent_is_a_visit_or_refused_in_words(fields: dict[str, Any]) -> None:
    """It never throws, and the words have nothing of what was sent, whatever a site leaves unread."""
    for ignored in (("plan",), tuple(f"n{number}" for number in range(32)), (MARKER,)):
        found = read_context(json.dumps({"context": fields}).encode(), ignored)
        assert not isinstance(found, Refusal) or ignored == (MARKER,) or MARKER not in words(found)
    context = context_of(**fields)
    made = context if isinstance(context, Refusal) else visit_of(context, gpc=False, opted_out=False)
    if isinstance(made, Refusal):
        assert MARKER not in words(made)
    else:
        assert fields.keys() <= set(CONTEXT_FIELDS)


@pytest.mark.parametrize(
    "text",
    [
        '"optOut":true,"optOut":false,"plan":1,"appVersion":1e15', '"gpc":true,"gpc":false,"plan":1,"appVersion":1e12',
        '"ip":"bob@x.com","ip":"195.65.10.7","plan":1e3,"appVersion":1e15', '"targetingKey":"a@b.ch","targetingKey":"k","plan":1e11,"appVersion":1e15',
        '"consent":[],"consent":["statistics"],"appVersion":1e15', '"plan":1e15,"optOut":true,"optOut":false',
    ],
)  # fmt: skip
def test_no_number_hides_a_member_that_is_given_twice(text: str) -> None:
    """A number may be written longer than it came, and so make up for what is lost with the first of two members."""
    assert "is given twice." in words(with_ignored(text))


@given(st.integers(0, 40), st.integers(0, 308), st.sampled_from(["gpc", "optOut"]), st.booleans())
def test_nor_does_any_length(blanks: int, exponent: int, name: str, said: bool) -> None:
    twice = f'"{name}":{str(said).lower()},{" " * blanks}"{name}":{str(not said).lower()},"appVersion":1e{exponent}'
    assert "is given twice." in words(with_ignored(twice))
