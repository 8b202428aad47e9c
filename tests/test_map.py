"""The map of the house in ``service/__init__.py`` is true, and what it says once has not to be said again elsewhere."""

import ast
import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import service
from service.settings import Settings
from service.use_cases.transparency.inventory import inventory
from service.web.bodies import schema
from service.web.openapi import document
from service.web.visit import intake
from service.web.visit.client_ip import Edge

ROOT = Path(service.__file__).parent
MAP = service.__doc__ or ""
# What a request says of where it comes from, by whatever edge; an edge's own headers are its preset's.
FORWARDED = {"x-forwarded-for", "forwarded"}


def test_every_path_on_the_map_is_there() -> None:
    """In the rows of where a change goes; ``tests``, ``config`` and ``deploy`` lie beside the package."""
    rows = MAP.partition("Where a change goes:")[2]
    paths = re.findall(r"(?<![\w/])(?:\w+/)+(?:\w+\.\w+)?|(?<![\w/])\w+\.(?:py|md)\b", rows)
    assert len(paths) > 40
    missing = [path for path in paths if not any((start / path).exists() for start in (ROOT, ROOT.parent))]
    assert missing == []


def test_every_room_on_the_map_is_there_and_every_room_is_on_it() -> None:
    rooms = MAP.partition("A visit goes through")[0]
    named = set(re.findall(r"(?<![\w/])([a-z_]+)/", rooms)) - {"config"}
    packages = {path.parent.name for path in ROOT.rglob("__init__.py")} - {"service"}
    without_a_row = {"words", "privacy"}  # of the pages, a file for each language; of the command's one part
    assert named - {"docs"} == packages - without_a_row


@pytest.mark.parametrize("room", ["core", "use_cases"])
def test_every_module_of_these_rooms_is_on_the_map(room: str) -> None:
    """By its own name: they are what the house is about."""
    within = set(re.findall(r"\w+", MAP.partition("A visit goes through")[0]))
    of_identity = {path.stem for path in (ROOT / "core" / "identity").glob("*.py")}  # one question, in many files
    modules = {path.stem for path in (ROOT / room).rglob("*.py")} - {"__init__"} - of_identity
    assert modules <= within


def headers_read() -> set[str]:
    """The headers that stand by name in what gathers a visit from its own request."""
    tree = ast.parse((ROOT / "web" / "visit" / "connection.py").read_text())
    (gather,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "from_request")
    names = set()
    for node in ast.walk(gather):
        match node:
            case ast.Call(func=ast.Name(id="get"), args=[ast.Constant(value=bytes(name)), *_]):
                names.add(name.decode())
            case ast.Subscript(value=ast.Name(id="fields"), slice=ast.Constant(value=bytes(name))):
                names.add(name.decode())
            case ast.Compare(left=ast.Constant(value=bytes(name)), comparators=[ast.Name(id="fields")]):
                names.add(name.decode())
    return names


def test_every_header_that_is_read_is_disclosed_and_its_lines_are_joined() -> None:
    """A header that the inventory of signals does not name is not read; one that comes twice is read whole."""
    read = headers_read()
    disclosed = {header for signal in inventory().signals for header in signal.headers}
    assert len(read) > 9
    assert read == disclosed | {"cookie"}
    of_flags_alone = {"if-none-match"}
    assert {name.decode() for name in intake._OWN_HEADERS} == (read - FORWARDED) | of_flags_alone


def test_an_edge_that_has_a_preset_can_be_set() -> None:
    assert get_args(get_type_hints(Settings)["edge"]) == get_args(Edge)


def test_the_document_names_the_limits_that_hold() -> None:
    """Of the texts that a visit brings, in the parameters and in the bodies."""
    text = str(document())
    for limit in (schema.USER_AGENT_MAX_BYTES, schema.ACCEPT_LANGUAGE_MAX_BYTES, schema.CLIENT_HINT_MAX_BYTES):
        assert f"{limit} bytes" in text
    source = "".join(path.read_text() for path in (ROOT / "web").rglob("*.py"))
    assert re.findall(r"\d{3,} bytes", re.sub(r'"""(?:.|\n)*?"""|#.*', "", source)) == []
