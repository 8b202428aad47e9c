"""A reading of the configuration that names every mistake at once, each in words for the operator who wrote it.

It is apart from what is read, so that settings, policy and sites are told wrong in the same words.
"""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct, inspect

from service.core.language import LanguageTag
from service.core.location import CountryCode
from service.core.privacy import ROW_KEY_PATTERN
from service.core.region import CurrencyCode
from service.core.sites import KEY_PATTERN, Key

PLACE_PATTERN = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?\Z"
PlaceCode = Annotated[str, Meta(pattern=PLACE_PATTERN)]


class Reading:
    """A reading of the configuration that collects mistakes instead of stopping at the first."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.notices: list[str] = []

    def toml(self, path: Path, where: str = "", *, needed: bool = True) -> dict[str, Any]:
        """The tables of a file. Mistakes name it by ``where``, else by its own name."""
        where = where or path.name
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            if needed:
                self.mistakes.append(f"{where}: there is no such file in {path.parent}")
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self.mistakes.append(f"{where}: {error}")
        return {}

    def table(self, where: str, found: object) -> dict[str, Any]:
        """The value where it is a table, else an empty one and a mistake."""
        if isinstance(found, dict):
            return found
        self.mistakes.append(f"{where}: must be a table")
        return {}

    def convert(self, where: str, value: object, kind: Any, *, strict: bool = True) -> Any:
        """The value as this type, or None and its mistakes. It is the operator's own value, so it may be named.

        Of a list or a table each part that is wrong is told by itself, with its place.
        """
        try:
            return msgspec.convert(value, kind, strict=strict)
        except msgspec.ValidationError as error:
            before, info = len(self.mistakes), _plain_type(kind)
            if isinstance(value, dict) and isinstance(info.type, inspect.StructType):
                self.fields(f"{where}.", value, info.type.cls)
            for place, part, part_kind in _parts(value, info):
                self.convert(where + place, part, part_kind, strict=strict)
            if len(self.mistakes) == before:
                self.mistakes.append(f"{where}: {_wanted(info.type) or error}{_per_cent(value, info.type)}")
            return None

    def fields(
        self, where: str, found: Mapping[str, Any], kind: type[Struct], skip: tuple[str, ...] = ()
    ) -> dict[str, Any]:
        """Each field that the table gives, as its own type. Fields of the wrong type are left out and named."""
        hints, values = get_type_hints(kind, include_extras=True), {}
        for name, value in found.items():
            if name not in hints:
                meant = get_close_matches(name, hints, 1)
                self.mistakes.append(f"{where}{name}: there is no such setting" + (f"; {meant[0]}?" if meant else ""))
            elif name not in skip:
                converted = self.convert(where + name, value, hints[name])
                if converted is not None:
                    values[name] = converted
        for field in msgspec.structs.fields(kind):
            if field.required and field.name not in found:
                self.mistakes.append(f"{where}{field.name}: is missing")
        return values

    def members(self, where: str, found: object, kind: type[Struct]) -> dict[str, Any]:
        """A table of named tables, each as a struct; those that cannot be are left out and named."""
        members = {}
        for key, value in self.table(where, found).items():
            self.convert(f"{where}.{key}", key, Key)
            before = len(self.mistakes)
            values = (
                self.fields(f"{where}.{key}.", value, kind)
                if isinstance(value, dict)
                else self.table(f"{where}.{key}", value)
            )
            if len(self.mistakes) == before:
                members[key] = kind(**values)
        return members


class _Kind(NamedTuple):
    """A type as msgspec sees it, and the types that it is made of."""

    type: inspect.Type
    arguments: tuple[Any, ...]


def _bare(info: inspect.Type) -> inspect.Type:
    """A type without its description."""
    return info.type if isinstance(info, inspect.Metadata) else info


def _pattern(kind: Any) -> str | None:
    info = _bare(inspect.type_info(kind))
    return info.pattern if isinstance(info, inspect.StrType) else None


_WHOLE_PER_CENT = 100
_TEXTS = {
    None: "must be a text in quotes",
    KEY_PATTERN: "must be a key: up to 32 of a-z 0-9 _ -, a letter first",
    ROW_KEY_PATTERN: "must be a key such as EU or US-CA",
    _pattern(CountryCode): 'must be a country such as "CH"',
    _pattern(CurrencyCode): 'must be a currency such as "CHF"',
    _pattern(LanguageTag): 'must be a language such as "de" or "pt-BR"',
}
_LISTS = {None: "must be a list of texts in quotes", PLACE_PATTERN: 'must be a list of places such as "CH" or "US-CA"'}


def _plain_type(kind: Any) -> _Kind:
    """A type of which nothing else is left than null, which TOML does not have, as that type alone."""
    if get_origin(kind) in {UnionType, Union}:
        kinds = [one for one in get_args(kind) if one is not type(None)]
        kind = kinds[0] if len(kinds) == 1 else kind
    return _Kind(_bare(inspect.type_info(kind)), get_args(kind))


def _parts(value: object, kind: _Kind) -> Iterator[tuple[str, object, Any]]:
    """The parts of a list or a table: the place of each in it, the part, and its type. None where all is told whole."""
    match kind.type, value:
        case inspect.VarTupleType(item_type=inspect.LiteralType()), _:
            return
        case inspect.VarTupleType(item_type=inspect.StrType(pattern=pattern)), _ if pattern in _LISTS:
            return
        case inspect.VarTupleType(), [*parts]:
            yield from ((f"[{index}]", part, kind.arguments[0]) for index, part in enumerate(parts))
        case inspect.TupleType(item_types=types), [*parts] if len(parts) == len(types):
            yield from ((f"[{index}]", part, kind.arguments[index]) for index, part in enumerate(parts))
        case inspect.DictType(), dict():
            for key, part in value.items():
                yield f".{key}", key, kind.arguments[0]
                yield f".{key}", part, kind.arguments[1]


def _per_cent(value: object, kind: inspect.Type) -> str:
    """A word for who writes per cent where parts of 1 are wanted."""
    match kind, value:
        case inspect.FloatType(ge=0, le=1), int() | float() if 1 < value <= _WHOLE_PER_CENT:
            return f"; {value:g} per cent are {value / _WHOLE_PER_CENT:g}"
    return ""


def _wanted(kind: inspect.Type) -> str:
    """What a value of this type must be, in an operator's words; empty where msgspec says it better."""
    match kind:
        case inspect.LiteralType(values=values):
            return "must be one of " + " ".join(str(value) or '""' for value in sorted(values, key=str))
        case inspect.BoolType():
            return "must be true or false"
        case inspect.StrType(pattern=pattern):
            return _TEXTS.get(pattern, "")
        case inspect.IntType(ge=low, le=high):
            return "must be a whole number" + _between(low, high)
        case inspect.FloatType(ge=low, gt=above, le=high):
            return "must be a number" + _between(*map(_plain_number, (low, high, above)))
        case inspect.DateType():
            return "must be a date such as 2026-11-22"
    return _wanted_of_many(kind)


def _wanted_of_many(kind: inspect.Type) -> str:
    """What a list, a table, or a value of several types must be."""
    match kind:
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return "must be a list of " + " ".join(sorted(map(str, values)))
        case inspect.VarTupleType(item_type=inspect.StrType(pattern=pattern)) if pattern in _LISTS:
            return _LISTS[pattern]
        case inspect.VarTupleType(item_type=item):
            return f"must be a list, each {_needed(item)}"
        case inspect.TupleType(item_types=items):
            return f"must be a list of {len(items)}: {', '.join(map(_needed, items))}"
        case inspect.UnionType(types=kinds):
            return f"must be {' or '.join(map(_needed, kinds))}"
        case inspect.StructType() | inspect.DictType():
            return "must be a table"
    return ""


def _needed(kind: inspect.Type) -> str:
    return _wanted(_bare(kind)).removeprefix("must be ")


def _plain_number(number: float | None) -> float | None:
    """A number without a fraction that is none: 1 for 1.0."""
    return number if number is None or number % 1 else int(number)


def _between(low: float | None, high: float | None, above: float | None = None) -> str:
    match low, high:
        case None, None:
            return "" if above is None else f" above {above}"
        case _, None:
            return f" of at least {low}"
        case None, _:
            return f" of at most {high}" if above is None else f" above {above}, at most {high}"
    return f" from {low} to {high}"
