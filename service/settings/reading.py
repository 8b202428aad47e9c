"""A reading of the configuration that names every mistake at once, each in words for the operator who wrote it.

It is apart from what is read, so that settings, policy and sites are told wrong in the same words.
"""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct, inspect

from service.core.privacy import ROW_KEY_PATTERN
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
        """The value as this type, or None and a mistake. It is the operator's own value, so it may be named."""
        try:
            return msgspec.convert(value, kind, strict=strict)
        except msgspec.ValidationError as error:
            self.mistakes.append(f"{where}: {_wanted(kind) or error}")
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


_TEXTS = {
    None: "must be a text in quotes",
    KEY_PATTERN: "must be a key: up to 32 of a-z 0-9 _ -, a letter first",
    ROW_KEY_PATTERN: "must be a key such as EU or US-CA",
}
_LISTS = {None: "must be a list of texts in quotes", PLACE_PATTERN: 'must be a list of places such as "CH" or "US-CA"'}


def _wanted(kind: Any) -> str:
    """What a value of this type must be, in an operator's words; empty where msgspec says it better."""
    match inspect.type_info(kind):
        case inspect.LiteralType(values=values):
            return "must be one of " + " ".join(str(value) or '""' for value in sorted(values, key=str))
        case inspect.BoolType():
            return "must be true or false"
        case inspect.StrType(pattern=pattern):
            return _TEXTS.get(pattern, "")
        case inspect.IntType(ge=low, le=high):
            return "must be a whole number" + _between(low, high)
        case inspect.FloatType(ge=low, gt=above, le=high):
            return "must be a number" + _between(low, high, above)
        case inspect.DateType():
            return "must be a date such as 2026-11-22"
        case inspect.VarTupleType(item_type=inspect.LiteralType(values=values)):
            return "must be a list of " + " ".join(sorted(map(str, values)))
        case inspect.VarTupleType(item_type=inspect.StrType(pattern=pattern)):
            return _LISTS.get(pattern, "")
    return ""


def _between(low: float | None, high: float | None, above: float | None = None) -> str:
    match low, high:
        case None, None:
            return "" if above is None else f" above {above}"
        case _, None:
            return f" of at least {low}"
        case None, _:
            return f" of at most {high}" if above is None else f" above {above}, at most {high}"
    return f" from {low} to {high}"
