"""What is wrong with a body is said exactly, and a megabyte of malice holds up nobody else."""

import asyncio
import gc
import json
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.identity import identifying_name, identifying_value
from service.web.bodies.body_errors import diagnose, diagnose_batch
from service.web.bodies.schema import JSON_DEPTH_MAX, BatchBody, BatchDocument, RecommendationBody, read_batch
from service.web.problems import ERRORS_MAX, FieldError, Refusal, refuse
from tests.refusals import without_help

MEGABYTE = 1 << 20
STALL_MAX_S = 0.010


def filled(before: bytes, unit: bytes, after: bytes, between: bytes = b"") -> bytes:
    """A megabyte of one unit over and over."""
    times = (MEGABYTE - len(before) - len(after)) // (len(unit) + len(between))
    return before + between.join([unit] * times) + after


VISIT = (
    b'{"signals": {"ip": "195.65.10.7", "cookies": {"language": "fr"}, "device": {"accept_language": "'
    + b"de-CH,de;q=0.9," * 52
    + b'", "client_hints": {"sec-ch-ua": "\\"Chromium\\";v=\\"124\\""}}}, "consent": ["language"]}'
)

VISITS = b" , ".join([VISIT] * 1000)
# Name -> (a body of a megabyte, whether it is a batch, the codes of what is wrong with it; none: it is no JSON).
BODIES = {
    "a good batch": (b'{"requests":[' + VISITS + b"]}", True, []),
    "a good batch, spaced and escaped": (b'{ "r\\u0065quests" : [ ' + VISITS + b" ] }", True, []),
    "one item of numbers": (filled(b'{"requests":[[', b"1", b"]]}", b","), True, []),
    "a member after good items": (b'{"requests":[' + VISITS + b'],"x":1}', False, ["unknown_field"]),
    "items without end": (filled(b'{"requests":[', b'{"a":1}', b'],"x":1}', b","), False, ["too_large"]),
    "numbers for items": (filled(b'{"requests":[', b"1", b"]}", b","), False, ["too_large"]),
    "requests twice": (b'{"requests":[' + VISITS + b'],"requests":[1]}', False, ["duplicate_field"]),
    "requests an object": (filled(b'{"requests":{', b'"a":1', b"}}", b","), False, ["invalid_value"]),
    "no object": (filled(b"[", b"1", b"]", b","), False, ["invalid_value"]),
    "brackets open": (b"[" * MEGABYTE, False, ["too_large"]),
    "members open": (filled(b"", b'{"a":', b""), False, ["too_large"]),
    "brackets in brackets": (b'{"requests":[' + b"[" * 500_000 + b"]" * 500_000 + b"]}", False, ["too_large"]),
    "cut off": (filled(b'{"requests":[', b'{"a":1}', b',{"a"', b","), False, []),
    "quotes": (b'"' * MEGABYTE, False, []),
    "backslashes": (filled(b'{"a":"', b"\\", b""), False, []),
    "not UTF-8": (filled(b'{"requests":[],"x":"', b"a", b'\xff"}'), False, []),
    "a long site": (filled(b'{"requests":[],"site":"', b"a", b'"}'), False, ["identifying_value"]),
    "a long site, escaped": (filled(b'{"requests":[],"site":"', b"a\\n", b'"}'), False, ["identifying_value"]),
    "a long name": (filled(b'{"requests":[],"', b"a", b'":1}'), False, ["unknown_field"]),
    "a long name, escaped": (filled(b'{"requests":[],"', b"\\n", b'":1}'), False, ["unknown_field"]),
    "a name that unfolds": (filled(b'{"requests":[],"', "\ufdfa".encode(), b'":1}'), False, ["unknown_field"]),
    "members without end": (
        b'{"requests":[],' + b",".join(b'"x%06d":1' % number for number in range(90_000)) + b"}",
        False,
        ["unknown_field"] * ERRORS_MAX,
    ),
    "site without end": (
        filled(b'{"requests":[],', b'"site":"a"', b"}", b","),
        False,
        ["duplicate_field"] * ERRORS_MAX,
    ),
    "arrays in a member": (filled(b'{"requests":[],"x":[', b"[[[]]]", b"]}", b","), False, ["unknown_field"]),
    "escapes in a member": (filled(b'{"requests":[],"x":[', b'"\\n"', b"]}", b","), False, ["unknown_field"]),
    "texts in a member": (filled(b'{"requests":[],"x":[', b'""', b"]}", b","), False, ["unknown_field"]),
    "digits in a member": (filled(b'{"requests":[],"x":', b"1", b"}"), False, ["unknown_field"]),
    "blanks": (filled(b'{"requests":[', b" ", b'],"x":1}'), False, ["unknown_field"]),
}


@pytest.fixture(autouse=True, scope="module")
def frozen() -> Iterator[None]:
    """What other tests left in memory is not looked through by the collector meanwhile, as in a service."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


async def longest_stall_while_reading(body: bytes) -> tuple[float, BatchBody | Refusal]:
    """For how many seconds, at most, nothing else came to its turn on the event loop; of this thread's own time, for
    the machine serves others too."""
    longest = 0.0
    last = time.thread_time()

    async def tick() -> None:
        nonlocal longest, last
        while True:
            now = time.thread_time()
            longest = max(longest, now - last)
            last = now
            await asyncio.sleep(0)

    ticker = asyncio.create_task(tick())
    await asyncio.sleep(0)
    found = await read_batch(body, 1000, 8192)
    await asyncio.sleep(0)
    ticker.cancel()
    return longest, found


@pytest.mark.parametrize(("body", "good", "codes"), BODIES.values(), ids=BODIES)
def test_a_megabyte_of_anything_never_stalls_the_event_loop(body, good, codes):
    """Each kind of body that once did is read right, and in stretches of under 10 ms.

    The best of some runs counts, for the machine has others to serve.
    """
    stalls = []
    while len(stalls) < 8 and min(stalls, default=1.0) > STALL_MAX_S:
        stall, found = asyncio.run(longest_stall_while_reading(body))
        stalls.append(stall)
    assert isinstance(found, BatchBody) == good
    if not good:
        assert [error.code for error in found.errors] == codes
        assert (found.name == "not-json") == (not codes)
    assert min(stalls) <= STALL_MAX_S


class Pairs(tuple):
    """A JSON object as its members in order, the same name more than once too."""

    __slots__ = ()


NAMES = st.sampled_from(["requests", "site", "email", "x", "", 'a"b', "\\", "[", "é\U0001f600", "{,}:"])
LEAVES = st.none() | st.booleans() | st.integers() | st.sampled_from(["a", "main", "a@b.ch", 'é",]}', "\\" * 3, ""])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=5) | st.lists(st.tuples(NAMES, inner), max_size=3).map(Pairs),
    max_leaves=16,
)


def written(value: object, blank: str, ascii_only: bool) -> str:
    """JSON text with some blank wherever one may be, with or without escapes for what needs none."""
    if isinstance(value, Pairs):
        members = (
            f"{written(name, blank, ascii_only)}{blank}:{blank}{written(member, blank, ascii_only)}"
            for name, member in value
        )
        return "{" + blank + f"{blank},{blank}".join(members) + blank + "}"
    if isinstance(value, list):
        elements = (written(element, blank, ascii_only) for element in value)
        return "[" + blank + f"{blank},{blank}".join(elements) + blank + "]"
    return json.dumps(value, ensure_ascii=ascii_only)


def expected_errors(value: object, items_max: int) -> list[FieldError]:
    """The rules of a batch's envelope over a value that was read already."""
    if not isinstance(value, Pairs):
        return [FieldError("", "invalid_value")]
    errors, seen = [], set()
    for position, (name, member) in enumerate(value):
        if name not in ("requests", "site"):
            category = identifying_name(name)
            errors.append(FieldError("", "identifying_name" if category else "unknown_field", category, position))
        elif name in seen:
            errors.append(FieldError(f"/{name}", "duplicate_field", None, position))
        elif name == "site":
            if member not in ("a", "main"):
                category = identifying_value(member) if isinstance(member, str) else None
                errors.append(FieldError("/site", "identifying_value" if category else "invalid_value", category))
        elif not isinstance(member, list):
            errors.append(FieldError("/requests", "invalid_value"))
        if name == "requests" and isinstance(member, list) and len(member) > items_max:
            return [*errors, FieldError("/requests", "too_large")]
        seen.add(name)
    return errors if "requests" in seen else [*errors, FieldError("/requests", "missing_field")]


@given(
    st.lists(st.tuples(NAMES, VALUES), max_size=5).map(Pairs) | VALUES,
    st.sampled_from(["", " ", "\r\n\t"]),
    st.booleans(),
    st.integers(1, 4),
)
def test_the_scan_of_a_batch_finds_what_a_parser_would(value, blank, ascii_only, items_max):
    """Whatever brackets, quotes, commas and blanks its texts hold, and wherever they stand."""
    body = (blank + written(value, blank, ascii_only) + blank).encode()
    errors = expected_errors(value, items_max)
    found = asyncio.run(diagnose_batch(body, BatchDocument, "requests", items_max))
    assert without_help(found) == (refuse(*errors) if errors else None)


@pytest.mark.parametrize(
    "item",
    [
        b"1",
        b"[]",
        b"[1,2]",
        b'{"a":"],","b":[1,[2,3]]}',
        b'","',
        b'"\\"],\\\\"',
        b'"' + b"\\n" * 3000 + b'"',
        b"[" + b'"a",' * 200 + b"[1,2]]",
        b'{"a":[' + b'"\\",",' * 200 + b"{}]}",
    ],
    ids=range(9),
)
@pytest.mark.parametrize("items", [0, 1, 2, 99, 100, 101, 350])
def test_items_are_counted_exactly_whatever_they_hold(item, items):
    """As many as allowed are no mistake, one more is."""
    body = b'{"requests":[' + b",".join([item] * items) + b"]}"
    found = asyncio.run(diagnose_batch(body, BatchDocument, "requests", 100))
    assert without_help(found) == (refuse(FieldError("/requests", "too_large")) if items > 100 else None)


@pytest.mark.parametrize("body", ['{"x":' + "1" * 5000 + "}", '{"x":-' + "1" * 5000 + "}"])
def test_a_number_of_many_digits_is_json(body):
    """A number too long for an int is a value like others, not a broken text."""
    found = diagnose(body.encode(), RecommendationBody, JSON_DEPTH_MAX)
    assert without_help(found) == refuse(FieldError("", "unknown_field", None, 0))


@pytest.mark.parametrize("depth", range(1, 10))
@pytest.mark.parametrize("text", ['"]}"', '"\\"[{"', "1"])
def test_depth_counts_open_brackets_outside_texts(depth, text):
    """Seven levels are too many, six are not, closed ones do not add up."""
    nested = "[[]]," * 5 + "[" * (depth - 2) + text + "]" * (depth - 2)
    body = '{"x":[' + nested + "]}" if depth > 1 else '{"x":' + text + "}"
    found = diagnose(body.encode(), RecommendationBody, JSON_DEPTH_MAX)
    assert found.errors[0].code == ("too_large" if depth > JSON_DEPTH_MAX else "unknown_field")


@pytest.mark.parametrize(
    "body",
    [
        b"{" + b",".join(b'"%s%d":1' % ("가나다".encode() * 42, number) for number in range(20)) + b"}",
        b'{"consent":[' + b",".join([b'"' + b"YWFhYWFhYWFhYWFhYWFh " * 7 + b'"'] * 52) + b"]}",
        b'{"x":[' + b",".join([b"[]"] * 2700) + b"]}",
        b"[" * 8192,
        b'{"a":"' + b"\\" * 8000,
    ],
    ids=["names", "values", "arrays", "brackets", "backslashes"],
)
def test_a_single_body_is_diagnosed_in_a_moment(body):
    """Under 10 ms for eight kilobytes of what is dearest to judge, the best of some runs."""
    took = []
    while len(took) < 8 and min(took, default=1.0) > STALL_MAX_S:
        started = time.thread_time()
        assert isinstance(diagnose(body, RecommendationBody, JSON_DEPTH_MAX), Refusal)
        took.append(time.thread_time() - started)
    assert min(took) <= STALL_MAX_S


def test_an_array_of_mistakes_is_told_by_the_first_few():
    """Each costs time to judge, and they are alike; what else is wrong is still told."""
    body = b'{"consent":["language","x1","x2","x3","x4","x5"],"opt_out":1}'
    found = diagnose(body, RecommendationBody, JSON_DEPTH_MAX)
    assert [error.pointer for error in found.errors] == [*(f"/consent/{index}" for index in (1, 2, 3, 4)), "/opt_out"]
