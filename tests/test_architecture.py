"""The house rules as tests: who imports whom, what things are called, how long they are, and where identity may exist."""

import ast
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from service.core.recommendation import CohortPage, Decision
from service.core.signals import Signals
from service.web.visit.intake import Visit

SERVICE = Path(__file__).resolve().parent.parent / "service"
MODULES = {
    ".".join(("service", *path.relative_to(SERVICE).with_suffix("").parts)): path
    for path in sorted(SERVICE.rglob("*.py"))
}

# Rooms by name, and the rooms each may import besides itself.
MAY_IMPORT = {
    "core": set(),
    "ports": {"core"},
    "settings": {"core"},
    "telemetry": set(),
    "use_cases": {"core", "ports", "telemetry"},
    "adapters": {"core", "ports", "telemetry"},
    "web": {"core", "ports", "use_cases", "telemetry"},
    "audit": {"core", "ports", "use_cases", "adapters", "web", "telemetry"},
    "attacks": {"core", "ports", "use_cases", "adapters", "web", "telemetry", "audit"},
    "app": {"core", "ports", "settings", "telemetry", "use_cases", "adapters", "web"},
    "cli": {"core", "ports", "settings", "telemetry", "use_cases", "adapters", "web", "audit", "attacks", "app"},
    "__init__": set(),
    "__main__": {"cli"},
}
# What the pure core may use of the standard library: nothing that reads, writes, waits, draws or tells the time.
PURE = {
    "array", "binascii", "bisect", "collections", "dataclasses", "enum", "fractions", "functools", "hashlib", "heapq", "hmac", "ipaddress",
    "itertools", "math", "operator", "re", "statistics", "string", "typing", "unicodedata",
}  # fmt: skip
BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "models", "misc"}
LINES_MAX = 400
# Words by category and script, patterns by device: tables to look things up in, not code to follow.
TABLES = {
    "service.adapters.user_agent.device_patterns",
    "service.core.identity.languages",
    "service.core.identity.vocabulary",
}


def room(module: str) -> str:
    return module.split(".")[1]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            yield from (
                f"{module}.{alias.name}" if f"{module}.{alias.name}" in known() else module for alias in node.names
            )


def known() -> set[str]:
    return {module.removesuffix(".__init__") for module in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_rooms_import_only_what_the_house_allows(module: str) -> None:
    """The import rule of service/__init__.py holds for every module."""
    allowed = MAY_IMPORT[room(module)] | {room(module)}
    for name in imports(MODULES[module]):
        if name.startswith("service."):
            assert room(name) in allowed, f"{module} imports {name}"


@pytest.mark.parametrize("module", [module for module in MODULES if room(module) == "core"])
def test_core_is_arithmetic(module: str) -> None:
    """Core imports nothing that touches the world."""
    for name in imports(MODULES[module]):
        top = name.partition(".")[0]
        assert top in PURE | {"msgspec", "service"}, f"{module} imports {name}"


def test_nothing_is_imported_in_a_circle() -> None:
    """There is an order in which the modules can be read, each after what it builds on."""
    edges = {
        module.removesuffix(".__init__"): {name for name in imports(path) if name in known()}
        for module, path in MODULES.items()
    }
    read: set[str] = set()
    while edges:
        ready = {module for module, needs in edges.items() if needs - {module} <= read}
        assert ready, f"a circle among {sorted(edges)}"
        read |= ready
        edges = {module: needs for module, needs in edges.items() if module not in ready}


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_is_inside(module: str) -> None:
    """No drawer for odds and ends, and no module that hides one of the standard library."""
    for part in module.split(".")[1:]:
        assert part not in BANNED_NAMES
        assert part.startswith("__") or part not in sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES)
def test_modules_open_with_their_reason_and_stay_readable(module: str) -> None:
    """A docstring first, and no more lines than a reader keeps in mind."""
    text = MODULES[module].read_text()
    assert len(text.splitlines()) <= LINES_MAX or module in TABLES
    assert not text.strip() or ast.get_docstring(ast.parse(text))


def leaves(kind: Any, path: str, seen: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every scalar type a value of this type can hold, with where it stands."""
    origin = get_origin(kind)
    if origin is Annotated:
        base, *notes = get_args(kind)
        if any(isinstance(note, msgspec.Meta) and note.pattern for note in notes):
            yield path, ("pattern", kind)
        else:
            yield from leaves(base, path, seen)
    elif origin is Literal:
        yield path, ("closed", kind)
    elif origin in (Union, types.UnionType) or origin is not None:
        for index, part in enumerate(get_args(kind)):
            if part is not Ellipsis:
                yield from leaves(part, f"{path}[{index}]", seen)
    elif isinstance(kind, type) and (hasattr(kind, "__struct_fields__") or hasattr(kind, "_fields")):
        if kind not in seen:
            for name, hint in get_type_hints(kind, include_extras=True).items():
                yield from leaves(hint, f"{path}.{name}", (*seen, kind))
    else:
        yield path, ("scalar", kind)


@pytest.mark.parametrize("kind", [Signals, Visit, Decision, CohortPage])
def test_from_signals_on_no_type_can_hold_identity(kind: type) -> None:
    """Every text is closed or patterned, and no pattern lets an address, a User-Agent, a cookie jar or a device id through."""
    identity = [
        "195.65.10.7", "2001:db8::7", "::ffff:195.65.10.7", "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "01HPQRNZS2RBZCVZCN64R2PY1H",
        "V1StGXR8_Z5jdHi6B-myT", "Mozilla/5.0 (X11; Linux x86_64)", "pb_device=1; pb_language=fr", "anna@example.com",
    ]  # fmt: skip
    for path, (how, leaf) in leaves(kind, kind.__name__):
        if how == "scalar":
            assert leaf in (int, float, bool, type(None), msgspec.UnsetType), f"{path} may hold any {leaf}"
        elif how == "pattern" and "token" not in path.lower():
            for text in identity:
                with pytest.raises(msgspec.ValidationError):
                    msgspec.convert(text, leaf)
