"""A reader of configuration files that collects every mistake, in words for the operator who wrote it.

Each mistake names the file, the place in it, what is wrong there, and what may stand there instead.
"""

import codecs
import datetime
import errno
import json
import os
import re
import stat
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct, inspect

from service.core.languages.matching import LanguageTag
from service.core.location import CountryCode
from service.core.privacy import ROW_KEY_PATTERN
from service.core.region import CurrencyCode
from service.core.sites import KEY_PATTERN, Key
from service.settings.synonyms import closest_word

PLACE_PATTERN = r"^[A-Z]{2}(-[A-Z0-9]{1,3})?\Z"
PlaceCode = Annotated[str, Meta(pattern=PLACE_PATTERN)]


class Reading:
    """A reading of the configuration that collects mistakes instead of stopping at the first."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []
        self.notices: list[str] = []

    def toml(self, path: Path, where: str = "", *, needed: bool = True) -> dict[str, Any]:
        """The tables of a file, in UTF-8 with or without a byte order mark. Mistakes name it, else by its own name."""
        where = where or path.name
        try:
            content = _regular_file(path)
            return tomllib.loads(content.decode("utf-8-sig"))
        except FileNotFoundError:
            if needed:
                self.mistakes.append(f"{where}: there is no such file in {path.parent}")
        except OSError as error:
            self.mistakes.append(f"{where}: {path} cannot be read: {(error.strerror or str(error)).lower()}")
        except UnicodeDecodeError as error:
            self.mistakes.append(f"{where}: {_not_utf8(content, error)}")
        except tomllib.TOMLDecodeError as error:
            self.mistakes.append(f"{where}: {error}{_toml_hint(str(error))}")
        except RecursionError:
            self.mistakes.append(f"{where}: is nested too deep")
        return {}

    def table(self, where: str, value: object) -> dict[str, Any]:
        """The value where it is a table, else an empty one and a mistake."""
        if isinstance(value, dict):
            return value
        self.mistakes.append(f"{where}: must be a table, not {as_toml(value)}")
        return {}

    def convert(self, where: str, value: object, kind: Any, *, strict: bool = True, secret: bool = False) -> Any:
        """The value as this type, or None and its mistakes. It is the operator's own value, so it is named.

        Of a list or a table each part that is wrong is told by itself, with its place. A ``secret`` one is not named.
        """
        try:
            return msgspec.convert(value, kind, strict=strict)
        except msgspec.ValidationError as error:
            before, info = len(self.mistakes), _plain_type(kind)
            if isinstance(value, dict) and isinstance(info.type, inspect.StructType):
                self.fields(f"{where}.", value, info.type.cls)
            for place, part, part_kind in _parts(value, info):
                self.convert(where + place, part, part_kind, strict=strict, secret=secret)
            if len(self.mistakes) == before:
                instead = "" if secret else f", not {as_toml(value)}{_instead(value, info.type)}"
                self.mistakes.append(f"{where}: {_wanted(info.type) or error}{instead}")
            return None

    def fields(
        self,
        where: str,
        table: Mapping[str, Any],
        kind: type[Struct],
        skip: Collection[str] = (),
        secret: Collection[str] = (),
    ) -> dict[str, Any]:
        """Each field that the table gives, as its own type. Fields of the wrong type are left out and named.

        Those to ``skip`` are somebody else's to read, and values of ``secret`` ones are not named.
        """
        hints, values = get_type_hints(kind, include_extras=True), {}
        for name, value in table.items():
            if name not in hints:
                self.mistakes.append(f"{where}{name}: there is no such setting{suggestion(name, hints)}")
            elif name not in skip:
                converted = self.convert(where + name, value, hints[name], secret=name in secret)
                if converted is not None:
                    values[name] = converted
        for field in msgspec.structs.fields(kind):
            if field.required and field.name not in table:
                self.mistakes.append(f"{where}{field.name}: is missing")
        return values

    def members(self, where: str, value: object, kind: type[Struct]) -> dict[str, Any]:
        """A table of named tables, each as a struct; those that cannot be are left out and named."""
        members = {}
        for key, member in self.table(where, value).items():
            self.convert(f"{where}.{key}", key, Key)
            before = len(self.mistakes)
            values = (
                self.fields(f"{where}.{key}.", member, kind)
                if isinstance(member, dict)
                else self.table(f"{where}.{key}", member)
            )
            if len(self.mistakes) == before:
                members[key] = kind(**values)
        return members


VALUE_CHARS_MAX = 60
"""Of a value that is named: who wrote it knows the rest."""
_NAMES_MAX = 12


def as_toml(value: object) -> str:
    """A value as it would stand in TOML, on one line, and not all of a long one."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            text = json.dumps(value, ensure_ascii=not value.isprintable())
            return text if len(text) <= VALUE_CHARS_MAX else f"{text[:VALUE_CHARS_MAX]}..."
        case list() | tuple():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return "a table"
    return str(value)


def suggestion(word: object, allowed: Collection[str]) -> str:
    """The hint after a word that is not allowed: the nearest allowed word, else all of them where they are few."""
    guess = closest_word(word, allowed)
    if guess is not None:
        return f"; {guess}?"
    return f"; there are {' '.join(allowed)}" if 0 < len(allowed) <= _NAMES_MAX else ""


def _not_utf8(content: bytes, error: UnicodeDecodeError) -> str:
    """The mistake for a file that is not UTF-8, with its encoding where that shows."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "is written in UTF-16; save it as UTF-8"
    line = content[: error.start].count(b"\n") + 1
    return f"is not UTF-8: line {line} has something else; save it as UTF-8"


def _regular_file(path: Path) -> bytes:
    """The content of a regular file. Raises OSError for anything else: a FIFO would wait for a writer."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:  # noqa: PTH123  # a descriptor
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        return file.read()


# What tomllib says, and what is behind it most often.
_TOML_HINTS = {
    "Invalid value": "texts stand in quotes, and true, false and numbers without",
    "Cannot overwrite a value": "a name stands there twice",
    "Cannot declare": "a table stands there twice",
    "Unescaped '\\'": "a backslash in a text is written twice, or the text in single quotes",
    "Expected '=' after a key": "a line is a name, = and a value; comments begin with #",
}


def _toml_hint(message: str) -> str:
    return next((f"; {hint}" for words, hint in _TOML_HINTS.items() if message.startswith(words)), "")


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
    PLACE_PATTERN: 'must be a place such as "CH" or "US-CA"',
    KEY_PATTERN: "must be a key: up to 32 of a-z 0-9 _ -, a letter first",
    ROW_KEY_PATTERN: "must be a key such as EU or US-CA",
    _pattern(CountryCode): 'must be a country such as "CH"',
    _pattern(CurrencyCode): 'must be a currency such as "CHF"',
    _pattern(LanguageTag): 'must be a language such as "de" or "pt-BR"',
}
_LISTS = {None: "must be a list of texts in quotes", PLACE_PATTERN: 'must be a list of places such as "CH" or "US-CA"'}


def _plain_type(kind: Any) -> _Kind:
    """A type as msgspec sees it; an optional type without null, which TOML does not have."""
    if get_origin(kind) in {UnionType, Union}:
        kinds = [member for member in get_args(kind) if member is not type(None)]
        kind = kinds[0] if len(kinds) == 1 else kind
    return _Kind(_bare(inspect.type_info(kind)), get_args(kind))


def _parts(value: object, kind: _Kind) -> Iterator[tuple[str, object, Any]]:
    """The parts of a list or a table: the place of each in it, the part, and its type. None where all is told whole."""
    match kind.type, value:
        case inspect.VarTupleType(), [*parts]:
            yield from ((f"[{index}]", part, kind.arguments[0]) for index, part in enumerate(parts))
        case inspect.TupleType(item_types=types), [*parts] if len(parts) == len(types):
            yield from ((f"[{index}]", part, kind.arguments[index]) for index, part in enumerate(parts))
        case inspect.DictType(), dict():
            for key, part in value.items():
                yield f".{key}", key, kind.arguments[0]
                yield f".{key}", part, kind.arguments[1]


def _instead(value: object, kind: inspect.Type) -> str:
    """The value that was probably meant by one of another type or form, as a question; empty without a guess."""
    match kind, value:
        case inspect.LiteralType(values=values), _:
            guess = closest_word(value, [str(literal) for literal in values])
            return (
                "" if guess is None else f"; {as_toml(next(literal for literal in values if str(literal) == guess))}?"
            )
        case inspect.FloatType(ge=0, le=1), int() | float() if 1 < value <= _WHOLE_PER_CENT:
            return f"; {value:g} per cent are {value / _WHOLE_PER_CENT:g}"
        case inspect.VarTupleType(), str() | int() | float():
            return f"; [{as_toml(value)}]?"
        case inspect.StrType(), int() | float():
            return f"; {as_toml(as_toml(value))}?"
        case inspect.StrType(pattern=str(pattern)), str():
            return _in_form(value, pattern)
        case ((inspect.BoolType() | inspect.IntType() | inspect.FloatType() | inspect.DateType()), str()):
            return _unquoted(value, kind)
    return ""


def _in_form(text: str, pattern: str) -> str:
    """A text that would fit a pattern if capitals and signs between its parts were other ones."""
    for spelling in (text.strip(), text.strip().lower(), text.strip().upper()):
        for sign in ("-", "_"):
            candidate = spelling
            for separator in " _-.":
                candidate = candidate.replace(separator, sign)
            if candidate != text and re.search(pattern, candidate):
                return f"; {as_toml(candidate)}?"
    return ""


def _unquoted(text: str, kind: inspect.Type) -> str:
    """The value that stands in quotes, where it is of the type that is wanted without."""
    try:
        value = tomllib.loads(f"value = {text.strip().lower()}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        guess = closest_word(text, ("on", "off")) if isinstance(kind, inspect.BoolType) else None
        return "" if guess is None else f"; {as_toml(guess == 'on')}?"
    wanted: dict[type, tuple[type, ...]] = {
        inspect.BoolType: (bool,),
        inspect.IntType: (int,),
        inspect.FloatType: (int, float),
        inspect.DateType: (datetime.date,),
    }
    fits = isinstance(value, wanted[type(kind)]) and isinstance(value, bool) == isinstance(kind, inspect.BoolType)
    return f"; {text.strip().lower()} without quotes?" if fits else ""


def _wanted(kind: inspect.Type) -> str:
    """The rule for a value of this type, in an operator's words; empty where msgspec says it better."""
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
    """The rule for a list, a table, or a value of several types."""
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
