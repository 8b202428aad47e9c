"""The mistakes in a refused body, found by a slow second reading off the fast path.

It parses the bytes again keeping every member in order, walks them beside the struct they should have been, and names
each mistake by our own field names. An unknown name is only classified, by ``core.identity``, and never repeated.

A single visit is some kilobytes and is read in one go. A batch is a thousand times that, and no parser may run over it
for as long as it likes on the event loop: its envelope is scanned in bounded steps, its items only skipped.
"""

import asyncio
import json
import re
import types
from collections.abc import Generator, Iterator
from functools import lru_cache
from itertools import count, islice
from time import perf_counter
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Raw, Struct, UnsetType

from service.core.sites import KEY_PATTERN
from service.web.bodies.guidance import A_LIST, AN_OBJECT, NO_NULL, ONCE, Guide, guide_of, misfit
from service.web.bodies.scrutiny import may_read_slowly
from service.web.problems import ERRORS_MAX, FieldError, Refusal, refuse

# The member that says which struct of a union an object is: ``tag_field`` in ``event_schema``.
_TAG = "type"
# Judging a hostile text for identity costs a quarter of a millisecond. Four elements tell what an array is like.
ELEMENT_ERRORS_MAX = 4


class _Members(list[tuple[str, Any]]):
    """A JSON object with its members in order, the repeated ones included."""


def has_duplicates(body: bytes) -> bool:
    """Whether an object in a small body of JSON, of which all else was found right, has a member twice: 10 us."""
    try:
        json.loads(body.decode("utf-8"), object_pairs_hook=_each_once, parse_int=float)
    except ValueError:
        return True
    return False


def _each_once(members: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in members}) < len(members):
        raise ValueError


def diagnose(body: bytes, kind: type[Struct], depth_max: int) -> Refusal:
    """The refusal that says what is wrong with a small body that should have been a ``kind``: at most 3 ms for 8 KB.

    That something is wrong is known already.
    """
    if not may_read_slowly(len(body)):
        return refuse(FieldError("", "invalid_value"))
    try:
        text = body.decode("utf-8")
        if _is_deeper(text, depth_max):
            return refuse(FieldError("", "too_large", allowed=(f"objects and lists, at most {depth_max} deep",)))
        # No field is a number. As an int one of thousands of digits would be slow, and refused as no JSON.
        document = json.loads(text, object_pairs_hook=_Members, parse_constant=_refuse_constant, parse_int=float)
    except (ValueError, RecursionError):
        return Refusal("not-json")
    guide = guide_of(kind)
    errors = [*map(guide.explain, islice(_mistakes(document, kind, "", guide), ERRORS_MAX))]
    if errors:
        return refuse(*errors)
    return refuse(guide.explain(FieldError("", "invalid_value")))


# The event loop is given back after so long a stretch; a step between takes at most as long again.
SLICE_S = 0.002


async def diagnose_batch(body: bytes, kind: type[Struct], items: str, items_max: int) -> Refusal | None:
    """What is wrong with a batch of any size that should have been a ``kind``, or None; the event loop goes on.

    ``items`` names the member whose elements are read later by themselves, and are here no more than counted: with more
    than ``items_max`` nothing further is read. The other members of a batch are texts.
    """
    await asyncio.sleep(0)
    try:
        body.decode("utf-8")
        _well_formed.decode(body)
    except RecursionError:
        return refuse(FieldError("", "too_large", allowed=("objects and lists, a few deep",)))
    except (UnicodeDecodeError, msgspec.DecodeError):
        return Refusal("not-json")
    errors: list[FieldError] = []
    guide = guide_of(kind)
    pause_at = 0.0  # at once: what went before took its time too
    for error in _batch_mistakes(body, kind, items, items_max):
        if error is not None:
            errors.append(guide.explain(error))
            if len(errors) == ERRORS_MAX:
                break
        if perf_counter() > pause_at:
            await asyncio.sleep(0)
            pause_at = perf_counter() + SLICE_S
    return refuse(*errors) if errors else None


# It checks all of JSON's grammar, at 1 ms per megabyte, and builds nothing. UTF-8 it leaves alone.
_well_formed = msgspec.json.Decoder(Raw)


def _refuse_constant(_: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError


def _is_deeper(text: str, depth_max: int) -> bool:
    """Whether a JSON text nests deeper, in linear time and before anything recursive reads it."""
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        first = text[match.start()]
        if first in "{[":
            depth += 1
            if depth > depth_max:
                return True
        elif first != '"':
            depth -= 1
    return False


# An unterminated string matches to the end, so that no input is scanned twice.
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def _mistakes(value: object, kind: Any, pointer: str, guide: Guide) -> Iterator[FieldError]:
    kind, *alternatives = _bare(kind)
    if value is None and types.NoneType in alternatives:
        return
    if isinstance(value, str) and str in alternatives:
        kind = str
    if isinstance(kind, type) and issubclass(kind, Struct):
        fields = _fields_by_tag((kind, *alternatives), value) if alternatives else _fields(kind)
        yield from _object_mistakes(value, fields, pointer, guide)
    elif get_origin(kind) in (frozenset, list, tuple):
        if not isinstance(value, list) or isinstance(value, _Members):
            yield FieldError(pointer, "invalid_value", detail=NO_NULL if value is None else A_LIST)
            return
        errors = (
            error
            for index, element in enumerate(value)
            for error in _mistakes(element, get_args(kind)[0], f"{pointer}/{index}", guide)
        )
        yield from islice(errors, ELEMENT_ERRORS_MAX)
    elif not _is_of(value, kind):
        category = misfit(value, key=_is_slip(value, kind)) if isinstance(value, str) and _is_text(value) else None
        detail = NO_NULL if value is None else None
        yield FieldError(pointer, "identifying_value" if category else "invalid_value", category, detail=detail)


class _Field(Struct, frozen=True):
    kind: Any
    required: bool


def _object_mistakes(value: object, fields: dict[str, _Field], pointer: str, guide: Guide) -> Iterator[FieldError]:
    if not isinstance(value, _Members):
        detail = NO_NULL if value is None else AN_OBJECT
        yield FieldError(pointer, "invalid_value", allowed=tuple(fields), detail=detail)
        return
    names_read: set[str] = set()
    for position, (name, member) in enumerate(value):
        if name not in fields or name in names_read:
            yield _misplaced(name, fields, pointer, position, guide)
        else:
            yield from _mistakes(member, fields[name].kind, f"{pointer}/{name}", guide)
        names_read.add(name)
    yield from _missing(fields, names_read, pointer)


@lru_cache(maxsize=32)
def _fields(kind: type[Struct]) -> dict[str, _Field]:
    """What a struct's members are, by their names in JSON; its tag, if it has one, is the first of them."""
    hints = get_type_hints(kind, include_extras=True)
    members = {field.encode_name: _Field(hints[field.name], field.required) for field in msgspec.structs.fields(kind)}
    tag = kind.__struct_config__.tag
    return {_TAG: _Field(Literal[tag], required=True), **members} if tag else members


def _fields_by_tag(kinds: tuple[type[Struct], ...], value: object) -> dict[str, _Field]:
    """The members of that struct of a tagged union that an object says it is.

    Where it says none of them: those of any, of which only the tag is missed.
    """
    tag = next((member for name, member in value if name == _TAG), None) if isinstance(value, _Members) else None
    any_of_them: dict[str, _Field] = {}
    for kind in kinds:
        if tag == kind.__struct_config__.tag:
            return _fields(kind)
        any_of_them |= {name: _Field(field.kind, required=False) for name, field in _fields(kind).items()}
    tags = tuple(kind.__struct_config__.tag for kind in kinds)
    return any_of_them | {_TAG: _Field(Literal[tags], required=True)}


def _misplaced(name: str, fields: dict[str, _Field], pointer: str, position: int, guide: Guide) -> FieldError:
    """The mistake in a member that has no place in its object: unknown, or known and given before."""
    if name in fields:
        return FieldError(f"{pointer}/{name}", "duplicate_field", None, position, detail=ONCE)
    return guide.misplaced(name, pointer, position, fields)


def _missing(fields: dict[str, _Field], names_read: set[str], pointer: str) -> Iterator[FieldError]:
    for name, field in fields.items():
        if field.required and name not in names_read:
            yield FieldError(f"{pointer}/{name}", "missing_field")


def _bare(kind: Any) -> tuple[Any, ...]:
    """The types of a union but UNSET, without their annotations' description; constraints stay for ``convert``."""
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(part for member in get_args(kind) if member is not UnsetType for part in _bare(member))
    if get_origin(kind) is Annotated and get_origin(get_args(kind)[0]) in (Union, types.UnionType, frozenset, list):
        return _bare(get_args(kind)[0])
    return (kind,)


def _is_of(value: object, kind: Any) -> bool:
    if isinstance(value, str) and not _is_text(value):
        return False
    if get_origin(kind) is Literal:
        return value in get_args(kind)
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _is_slip(text: str, kind: Any) -> bool:
    """Whether it may be meant for a key of ours, but for capitals and blanks."""
    if get_origin(kind) is Literal:
        return text.strip().lower() in get_args(kind)
    return any(getattr(meta, "pattern", None) == KEY_PATTERN for meta in getattr(kind, "__metadata__", ()))


def _is_text(text: str) -> bool:
    """Whether it is Unicode text: half a surrogate pair, which JSON can escape, is not."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _batch_mistakes(body: bytes, kind: type[Struct], items: str, items_max: int) -> Iterator[FieldError | None]:
    """The mistakes in the outermost object of a well-formed JSON text; None after each bounded step between them."""
    at = _past(_BETWEEN_MEMBERS, body, 0)
    if body[at] != _OBJECT:
        yield FieldError("", "invalid_value", detail=AN_OBJECT)
        return
    fields, guide = _fields(kind), guide_of(kind)
    names_read: set[str] = set()
    at += 1
    for position in count():
        name_at = _past(_BETWEEN_MEMBERS, body, at)
        if body[name_at] != _QUOTE:
            break
        at = yield from _string_end(body, name_at + 1)
        name = _text(body, name_at)
        value_at = _past(_BEFORE_VALUE, body, at)
        at, too_many = yield from _value_end(body, value_at, items_max if name == items else None)
        if name not in fields or name in names_read:
            yield _misplaced(name, fields, "", position, guide)
        elif name != items:
            text = _text(body, value_at) if body[value_at] == _QUOTE else None
            yield from _mistakes(text, fields[name].kind, f"/{name}", guide)
        elif body[value_at] != _ARRAY:
            yield FieldError(f"/{name}", "invalid_value", detail=A_LIST)
        if too_many:
            yield FieldError(f"/{name}", "too_large", allowed=(f"a list of at most {items_max}",))
            return
        names_read.add(name)
    yield from _missing(fields, names_read, "")


_Steps = Generator[None, None, Any]
_QUOTE, _COMMA, _ARRAY, _OBJECT = b'",[{'
_STEP_BYTES = 2048
_BETWEEN_MEMBERS = re.compile(rb"[ \t\n\r,]*+")
_BEFORE_VALUE = re.compile(rb"[ \t\n\r:]*+")
# What needs no look at each piece: texts, all that is between, and objects and arrays that hold no others. A run stops
# at other brackets, and at commas where those matter. All pieces are counted, so that no run lasts more than a moment;
# what has too many is looked at in several.
_STRING = rb'"(?:[^"\\]++|\\.){0,16}+"'
_INNERMOST = rb'[\[{](?:[^"\[\]{}]++|' + _STRING + rb"){0,16}+[\]}]"
_RUN = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb"|" + _INNERMOST + rb"){0,64}+", re.DOTALL)
_RUN_TO_COMMA = re.compile(rb'(?:[^",\[\]{}]++|' + _STRING + rb"|" + _INNERMOST + rb"){0,64}+", re.DOTALL)
_STRING_RUN = re.compile(rb'(?:[^"\\]++|\\.){0,1024}+', re.DOTALL)


def _past(pattern: re.Pattern[bytes], body: bytes, at: int) -> int:
    """The place after what a pattern, one that may also match nothing, matches here."""
    match = pattern.match(body, at)
    return match.end() if match else at


def _string_end(body: bytes, at: int) -> _Steps:
    """The place after a string's closing quote."""
    while True:
        at = _past(_STRING_RUN, body, at)
        if body[at] == _QUOTE:
            return at + 1
        yield


def _value_end(body: bytes, at: int, elements_max: int | None) -> _Steps:
    """The place after a member's value, and whether it is an array of more elements: then the place is inside."""
    is_counted = elements_max is not None and body[at] == _ARRAY
    # A counted array is entered at once: a run would jump over it if nothing is nested in it.
    depth, commas, at = (1, 0, at + 1) if is_counted else (0, 0, at)
    pause_at = at
    while True:
        at = _past(_RUN_TO_COMMA if depth == 0 or (is_counted and depth == 1) else _RUN, body, at)
        octet = body[at]
        if octet == _QUOTE:
            at = yield from _string_end(body, at + 1)
        elif octet in b"[{":
            depth += 1
            at += 1
        elif depth == 0 and octet in b",}":
            return at, False
        elif octet in b"]}":
            depth -= 1
            at += 1
        elif octet == _COMMA and is_counted and depth == 1:
            commas += 1
            at += 1
            if commas == elements_max:
                return at, True
        if at >= pause_at:
            yield
            pause_at = at + _STEP_BYTES


# More of a string than this is no name and no value of ours, nor do the questions about identity read as far: in UTF-8
# or in escapes it is 256 characters at least.
_HEAD = re.compile(rb'"(?:[^"\\]|\\u[0-9A-Fa-f]{4}|\\.){0,1024}+', re.DOTALL)


def _text(body: bytes, at: int) -> str:
    """The text of the string that opens here, or the head of a long one."""
    head = body[at : _past(_HEAD, body, at)]
    text: str = json.loads(head.decode("utf-8", "ignore") + '"')
    # Where a pair of surrogates was cut in two, the half is no text.
    return text.encode("utf-8", "ignore").decode("utf-8")
