"""The strict reading of bodies: what msgspec alone would let through does not get through."""

import asyncio
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.bodies import schema
from service.web.bodies.event_schema import read_events
from service.web.bodies.schema import (
    BatchBody,
    BatchDocument,
    RecommendationBody,
    VisitBody,
    read_batch,
    read_recommendation,
    read_visit,
)
from service.web.ofrep.context import read_context
from service.web.problems import FieldError, Refusal, refuse
from tests.refusals import without_help

TEXTS = st.text(alphabet=st.sampled_from(list('ab:",\\{}[]/ é\U0001f600\n')), max_size=12)
MEMBERS = {
    "ip": st.sampled_from(["1.2.3.4", "2a02:1200::7", "::"]) | TEXTS,
    "gpc": st.booleans(),
    "geo": st.fixed_dictionaries({"country": TEXTS}),
}


def read_ten(body: bytes) -> BatchDocument | BatchBody | Refusal:
    """A batch of ten at most."""
    return asyncio.run(read_batch(body, 10, 8192))


def written(value: object, escape: bool) -> str:
    """JSON text of a value, a list of pairs being an object, with or without escapes for what needs none."""
    if isinstance(value, list):
        return "{" + ",".join(f"{written(name, escape)} : {written(member, escape)}" for name, member in value) + "}"
    if isinstance(value, dict):
        return written([*value.items()], escape)
    if isinstance(value, str) and escape:
        return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in value) + '"'
    return json.dumps(value, ensure_ascii=False)


signals = st.lists(
    st.sampled_from(sorted(MEMBERS)).flatmap(lambda name: st.tuples(st.just(name), MEMBERS[name])), max_size=4
)


@given(signals, st.booleans(), st.booleans())
def test_a_member_given_twice_is_always_found(members, escape, twice_above):
    """Whatever colons, escapes and white space its texts hold: refused if and only if a member repeats."""
    pairs = [("signals", members), ("opt_out", True), *([("opt_out", False)] if twice_above else [])]
    names = [name for name, _ in members]
    found = read_recommendation(written(pairs, escape).encode())
    if twice_above or len(set(names)) < len(names):
        assert isinstance(found, Refusal)
        assert {error.code for error in found.errors} == {"duplicate_field"}
    else:
        assert isinstance(found, RecommendationBody)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    """No bytes raise, as a single visit, an item, or a batch."""
    for read in (read_recommendation, read_visit, read_ten):
        assert read(body) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["signals", "ip", "geo", "device", "id", "consent", "site", "requests", "email", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused_without_repeating_it(document):
    """Whatever the document, an error holds only our words: pointers of our names and indexes."""
    body = json.dumps(document).encode()
    for read in (read_recommendation, read_visit, read_ten):
        found = read(body)
        if isinstance(found, Refusal):
            for error in found.errors:
                parts = error.pointer.split("/")[1:]
                assert all(part.isdigit() or part in OUR_NAMES for part in parts)


OUR_NAMES = {
    "signals", "ip", "geo", "country", "subdivision", "cookies", "language", "region", "interests", "variants", "device",
    "id", "user_agent", "accept_language", "client_hints", "gpc", "consent", "opt_out", "site", "requests",
}  # fmt: skip


@pytest.mark.parametrize("text", ['{"signals":' + '"\\"' + "\\\\\\" * 2000, '"' * 8000, '{"a":"' + '\\"' * 4000])
def test_hostile_texts_cost_no_time(text):
    """Unterminated strings and escapes are read once, not once per quote."""
    import time

    started = time.perf_counter()
    assert isinstance(read_recommendation(text.encode()), Refusal)
    assert time.perf_counter() - started < 0.05


@pytest.mark.parametrize(
    "body",
    [
        b'{"requests":[{"opt_out":true}],"site":"main"}',
        b' { "site" : "main" , "requests" : [ {"signals":{"ip":"::"}} , 1 ] } ',
        b'{"\\u0072equests":["\\":"],"s\\u0069te":"m\\u0061in"}',
        b'{"requests":[[' + b"1," * schema.COMMAS_UNCOUNTED_MAX + b'1]],"site":"main"}',
    ],
)
def test_a_batch_is_read_however_it_is_written(body):
    """Blanks, escapes, order and commas are the sender's own affair; items stay as they came."""
    found = read_ten(body)
    assert isinstance(found, BatchBody | BatchDocument)
    assert found.site == "main"
    items = [item if isinstance(item, VisitBody) else msgspec.json.decode(item) for item in found.requests]
    assert msgspec.to_builtins(items) == json.loads(body)["requests"]


SPACED = b'{"site": "main", "requests": [{"signals": {"ip": "::", "gpc": true}}, {"opt_out": false}]}'


@pytest.mark.parametrize(
    ("body", "read_whole"),
    [
        (SPACED, True),
        (SPACED.replace(b" ", b""), True),
        (SPACED.replace(b"true", b"true, " + b'"gpc": true'), False),
        (SPACED.replace(b'"main"', b'"m\\u0061in"'), False),
        (SPACED.replace(b"false", b"null"), False),
        (SPACED.replace(b"false", b"false" + b" " * 8180), False),
        (SPACED.replace(b"false", b"false" + b" " * 8172), True),
        (SPACED + b" " * 9000, True),
        (b'{"requests": []}', True),
    ],
)
def test_blanks_between_members_are_no_reason_to_read_visits_twice(body, read_whole):
    """As Python writes them. What may hide a member that is given twice, or an item that is too long, stays raw."""
    found = read_ten(body)
    assert isinstance(found, BatchDocument if read_whole else BatchBody)


@pytest.mark.parametrize("site", [b"", b'"site":"main",', b'"site" : "m\\u0061in" , '])
@pytest.mark.parametrize("twice", [b'"requests":[1]', b'"requests" : [{"a":":"}]', b'"r\\u0065quests":[]'])
def test_a_batch_that_gives_a_member_twice_is_refused(site, twice):
    """Whichever of the two a reader would take."""
    found = read_ten(b"{" + site + b'"requests":[{"opt_out":true}],' + twice + b"}")
    assert without_help(found) == refuse(FieldError("/requests", "duplicate_field", None, 2 if site else 1))


def test_half_a_surrogate_pair_is_no_text_in_a_batch():
    """JSON can escape what Unicode has no text for."""
    assert read_ten(b'{"requests":["\\ud800"]}') == Refusal("not-json")


STRUCTS = [kind for kind in vars(schema).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
STRUCTS = [kind for kind in STRUCTS if kind.__module__ == schema.__name__]


@pytest.mark.parametrize("kind", STRUCTS)
def test_no_body_shows_what_it_holds(kind):
    """Neither ``repr``, which tracebacks and logs print, nor rich's own tells anything of a client."""
    fields = msgspec.structs.fields(kind)
    body = kind(**{field.name: "195.65.10.7" for field in fields})
    assert {getattr(body, field.name) for field in fields} <= {"195.65.10.7"}
    assert repr(body) == str(body) == f"{kind.__name__}(...)"
    assert not [*body.__rich_repr__()]


def test_a_whole_visit_shows_nothing():
    """Nor do the structs within one another."""
    found = read_recommendation(b'{"site":"main","signals":{"ip":"195.65.10.7","device":{"user_agent":"Mozilla"}}}')
    assert isinstance(found, RecommendationBody)
    assert repr([found, found.signals]) == "[RecommendationBody(...), SignalsBody(...)]"


MARK = b"\xef\xbb\xbf"
READERS = {
    "recommendation": read_recommendation,
    "visit": read_visit,
    "events": read_events,
    "context": read_context,
    "batch": read_ten,
}
MARKED = [
    b"{}", b" {}", b'{"signals":{}}', b'{"site":"demo"}', b'{"foo":1}', b'{"signals":{"foo":1}}', b'{"email":"x"}',
    b'{"signals":{"ip":"195.65.10.7"}}', b'{"requests":[]}', b'{"requests":[{},{"gpc":1}]}', b'{"requests":7}',
    b'{"requests":[{}],"requests":[]}', b'{"context":{"country":"CH"}}', b'{"context":{"country":"CH","country":"DE"}}',
    b'{"events":[{"type":"view","topic":"shoes"}]}', b'{"events":[{"type":"x"}]}', b"[]", b"[[[[[[[[]]]]]]]]", b"null",
    b"7", b'"a"', b"", b"{", b"nonsense", b"\xff", b'{"requests":[' + b",".join([b"{}"] * 11) + b"]}",
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("body", MARKED, ids=range(len(MARKED)))
def test_a_byte_order_mark_before_json_changes_nothing(reader, body):
    """Whatever comes of a body comes of it with the mark: the same value, or the same mistakes at the same places."""
    read = READERS[reader]
    assert repr(read(MARK + body)) == repr(read(body))
    if not isinstance(found := read(body), Refusal):
        assert msgspec.json.encode(read(MARK + body)) == msgspec.json.encode(found)
    else:
        assert read(MARK + body) == found


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "body",
    [
        MARK * 2 + b"{}",
        MARK * 3 + b"{}",
        b"{" + MARK + b"}",
        b" " + MARK + b"{}",
        b"{}" + MARK,
        MARK[:2] + b"{}",
        b"\xfe\xff\x00{\x00}",
        b"\xff\xfe{\x00}\x00",
        MARK,
    ],
)
def test_a_mark_anywhere_else_is_no_json(reader, body):
    """One, before all, and of UTF-8."""
    assert READERS[reader](body) == Refusal("not-json")
