"""The file of a site, changed without touching what its operator wrote: tables of experiments are added at its end.

A TOML text is changed here as text, so that comments and order stay, and then read again: what it says must be what it
said before, with these experiments and nothing else. Where that cannot be had the file is left alone. (tomlkit takes a
comment above a table for the last lines of the one before, with which it would go.)
"""

import contextlib
import json
import os
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from service.adapters.atomic_file import atomic_write
from service.core.sites import Experiment, Key, is_site_file

SiteFileRefusal = Literal["missing", "unreadable", "tangled", "changed", "not_writable"]

REASONS: Mapping[SiteFileRefusal, str] = {
    "missing": "no file in sites_dir has this id",
    "unreadable": "it cannot be read",
    "tangled": "its experiments are written in a way that only a person can change: remove the old ones by hand",
    "changed": "somebody else has changed it meanwhile; try again",
    "not_writable": "it cannot be written there",
}

VALUE_CHARS_MAX = 60
_mode_of_a_new_file = 0o644

_BYTE_ORDER_MARK = "\ufeff"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")  # a line of TOML ends at no other character
_ORIGIN = re.compile(r"# from GrowthBook: [^\r\n]+ \(feature [^\r\n]+\)[\r\n]*")
_HEADER = re.compile(r"[ \t]*\[\[?[^\[\]\r\n]+\]\]?[ \t]*(?:#[^\r\n]*)?")
_EXPERIMENT = re.compile(r"[ \t]*\[[ \t]*experiments[ \t]*\.[ \t]*(?:\"([^\"]*)\"|'([^']*)'|([\w-]+))[ \t]*[.\]]")


class Origin(Struct, frozen=True):
    """Where an experiment is from: its key and its feature in GrowthBook, and what its variants serve there."""

    key: str
    feature: str
    values: tuple[Any, ...] = ()

    def __str__(self) -> str:
        return f"{self.key} (feature {self.feature})"


class SiteFileRefusedError(ValueError):
    """The file cannot be changed, and why. Nothing was written."""

    def __init__(self, reason: SiteFileRefusal) -> None:
        super().__init__(REASONS[reason])
        self.reason: SiteFileRefusal = reason


def find_site_file(directory: Path, site: Key) -> Path:
    """The file of a site in ``sites_dir``. Raises SiteFileRefusedError."""
    for path in sorted(directory.glob("*.toml")):
        with contextlib.suppress(OSError, ValueError):
            if not (is_site_file(path.name) and path.is_file()):  # reading a FIFO would wait for a writer
                continue
            if tomllib.loads(path.read_text(encoding="utf-8-sig")).get("id") == site:
                return path
    raise SiteFileRefusedError("missing")


def read_site_file(path: Path) -> str:
    """The text of a file, its ends of lines and its byte order mark as they are. Raises SiteFileRefusedError."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        raise SiteFileRefusedError("unreadable") from None


def with_experiments(text: str, experiments: Mapping[Key, Experiment], origins: Mapping[Key, Origin]) -> str:
    """The text with these experiments at its end, in place of those that had their keys. Raises SiteFileRefusedError.

    ``origins`` says for each where it is from, which is written with it as comments.
    """
    before = _read(text)
    old = before.get("experiments", {})
    byte_order_mark = _BYTE_ORDER_MARK if text.startswith(_BYTE_ORDER_MARK) else ""
    remaining = byte_order_mark + _without(text.removeprefix(byte_order_mark), old.keys() & experiments.keys())
    ending = "\r\n" if "\r\n" in text else "\n"
    tables = experiment_tables(experiments, origins).replace("\n", ending)
    changed = remaining.rstrip("\r\n") + ending * 2 + tables
    added = {key: tomllib.loads(_body(experiment)) for key, experiment in experiments.items()}
    if _read(changed) != before | {"experiments": old | added}:
        raise SiteFileRefusedError("tangled")
    return changed


def experiment_tables(experiments: Mapping[Key, Experiment], origins: Mapping[Key, Origin]) -> str:
    """Experiments as they stand in a site's file, with comments on where each is from and what its variants mean."""
    return "\n".join(
        f"# from GrowthBook: {origins[key]}\n[experiments.{key}]\n{_meanings(new, origins[key].values)}{_body(new)}"
        for key, new in experiments.items()
    )


def short_value(value: Any, chars_max: int = VALUE_CHARS_MAX) -> str:
    """What a variant serves, as JSON: short, on one line, and nothing that a terminal or TOML would act on."""
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = json.dumps(value).replace("\x7f", "\\u007f")
    return text if len(text) <= chars_max else f"{text[:chars_max]}..."


def write_site_file(path: Path, before: str, text: str) -> None:
    """Put a text in the place of the one that was read before, whole or not at all. Raises SiteFileRefusedError."""
    target = Path(os.path.realpath(path))  # the file behind a link is changed, the link stays
    if read_site_file(target) != before:
        raise SiteFileRefusedError("changed")

    try:
        with atomic_write(target, _mode_of_a_new_file, keeps_mode=True) as file:
            file.write(text.encode())
    except OSError:
        raise SiteFileRefusedError("not_writable") from None


def _body(experiment: Experiment) -> str:
    """An experiment's lines; what is silent in it stays silent. A JSON text, number or list is one of TOML's too."""
    fields: dict[str, Any] = msgspec.to_builtins(experiment)
    when = ", ".join(f"{name} = {_value(texts)}" for name, texts in fields.pop("when").items() if texts)
    lines = [f"{name} = {_value(value)}" for name, value in fields.items() if value not in (None, (), [])]
    return "\n".join([*lines, *([f"when = {{ {when} }}"] if when else []), ""])


def _meanings(experiment: Experiment, values: Sequence[Any]) -> str:
    """A comment for each variant that is called otherwise than what it serves."""
    named = zip(experiment.variants, values, strict=False)
    return "".join(f"# {name} = {short_value(value)}\n" for name, value in named if value != name)


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix(_BYTE_ORDER_MARK))
    except tomllib.TOMLDecodeError:
        raise SiteFileRefusedError("tangled") from None


def _without(text: str, keys: Collection[Key]) -> str:
    """The text without the tables of these experiments, as far as their headers show.

    Comments above them stay, unless they are ours; those inside go, and so do those that follow without a blank line.
    """
    if not keys:
        return text
    remaining: list[str] = []
    waiting: list[str] = []  # from the first blank line on: comments that may belong to the next table
    dropped_key: Key | None = None
    for line in _LINE.findall(text):
        if _HEADER.fullmatch(line.rstrip("\r\n")):
            heading = _EXPERIMENT.match(line)
            key = None if heading is None else next(filter(None, heading.groups()), "")
            if key is None or key != dropped_key:
                remaining += waiting
            waiting = []
            dropped_key = key if key in keys else None
            while dropped_key and remaining and (not remaining[-1].strip() or _ORIGIN.fullmatch(remaining[-1])):
                remaining.pop()
        if dropped_key is None:
            remaining.append(line)
        elif not line.strip() or (waiting and line.lstrip().startswith("#")):
            waiting.append(line)
        elif not line.lstrip().startswith("#"):
            waiting = []
    return "".join(remaining + waiting)
