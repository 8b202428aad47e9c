"""What exactly is wrong with a refused body: a slow, careful second reading, off the fast path.

It parses the bytes again keeping every member in order, walks them beside the struct they should have been, and names
each mistake by our own field names. An unknown name is only classified, by ``core.identity``, and never repeated.
"""

import json
import re
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, UnsetType

from service.core.identity import identifying_name, identifying_value
from service.web.problems import ERRORS_MAX, FieldError, Refusal, refuse


class _Members(list[tuple[str, Any]]):
    """A JSON object with its members in order, the repeated ones included."""


def diagnose(
    body: bytes, kind: type[Struct], depth_max: int, *, items: tuple[str, int] | None = None, accept_clean: bool = False
) -> Any:
    """The refusal that says what is wrong with a body that should have been a ``kind``.

    ``items`` names a member whose elements are read later by themselves, and how many there may be. With
    ``accept_clean`` a body with nothing wrong yields None; without it the fast reading already failed: something is.
    """
    try:
        text = body.decode("utf-8")
        if _depth(text) > depth_max:
            return refuse(FieldError("", "too_large"))
        found = json.loads(text, object_pairs_hook=_Members, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Refusal("not-json")
    errors = [error for _, error in zip(range(ERRORS_MAX), _mistakes(found, kind, "", items), strict=False)]
    if errors:
        return refuse(*errors)
    return None if accept_clean else refuse(FieldError("", "invalid_value"))


def _refuse_constant(_: str) -> None:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError


def _depth(text: str) -> int:
    """How deep a JSON text nests, in linear time and before anything recursive reads it."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub("", text)):
        depth += 1 if bracket in "{[" else -1
        deepest = max(deepest, depth)
    return deepest


# An unterminated string matches to the end, so that no input is scanned twice.
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)', re.DOTALL)
_BRACKETS = re.compile(r"[\[\]{}]")


def _mistakes(found: object, kind: Any, pointer: str, items: tuple[str, int] | None = None) -> Iterator[FieldError]:
    kind, *_ = _bare(kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield from _object_mistakes(found, kind, pointer, items)
    elif get_origin(kind) in (frozenset, list, tuple):
        if not isinstance(found, list) or isinstance(found, _Members):
            yield FieldError(pointer, "invalid_value")
            return
        for index, element in enumerate(found):
            yield from _mistakes(element, get_args(kind)[0], f"{pointer}/{index}")
    elif not _is_of(found, kind):
        category = identifying_value(found) if isinstance(found, str) and _is_text(found) else None
        yield FieldError(pointer, "identifying_value" if category else "invalid_value", category)


def _object_mistakes(
    found: object, kind: type[Struct], pointer: str, items: tuple[str, int] | None
) -> Iterator[FieldError]:
    if not isinstance(found, _Members):
        yield FieldError(pointer, "invalid_value")
        return
    hints = get_type_hints(kind, include_extras=True)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    seen: set[str] = set()
    for position, (name, value) in enumerate(found):
        if name not in fields:
            category = identifying_name(name)
            yield FieldError(pointer, "identifying_name" if category else "unknown_field", category, position)
        elif name in seen:
            yield FieldError(f"{pointer}/{name}", "duplicate_field", None, position)
        elif items and name == items[0] and isinstance(value, list) and not isinstance(value, _Members):
            if len(value) > items[1]:
                yield FieldError(f"{pointer}/{name}", "too_large")
        else:
            yield from _mistakes(value, hints[fields[name].name], f"{pointer}/{name}")
        seen.add(name)
    for name, field in fields.items():
        if field.required and name not in seen:
            yield FieldError(f"{pointer}/{name}", "missing_field")


def _bare(kind: Any) -> tuple[Any, ...]:
    """The types of a union but UNSET, without their annotations' description; constraints stay for ``convert``."""
    if get_origin(kind) in (Union, types.UnionType):
        return tuple(part for member in get_args(kind) if member is not UnsetType for part in _bare(member))
    if get_origin(kind) is Annotated and get_origin(get_args(kind)[0]) in (Union, types.UnionType, frozenset, list):
        return _bare(get_args(kind)[0])
    return (kind,)


def _is_of(found: object, kind: Any) -> bool:
    if isinstance(found, str) and not _is_text(found):
        return False
    if get_origin(kind) is Literal:
        return found in get_args(kind)
    try:
        msgspec.convert(found, kind)
    except msgspec.ValidationError:
        return False
    return True


def _is_text(found: str) -> bool:
    """Whether it is Unicode text: half a surrogate pair, which JSON can escape, is not."""
    try:
        found.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
