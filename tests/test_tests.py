"""How tests are written: what they lower or replace is given to what they test, and they lie where it lies.

A test that patches a constant holds for a service that nobody runs, and stops holding unseen when that is read
elsewhere. So limits and deadlines are arguments. To stand in for the machine (a clock, a system call), or for a public
function that shall fail, is another matter.
"""

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, NamedTuple

import pytest

TESTS = Path(__file__).resolve().parent
SOURCES = [path for path in sorted(TESTS.rglob("*.py")) if "node_modules" not in path.parts]
# By file and what it patches, why.
PATCHED = {
    ("cli/test_init.py", "service.settings.DEFAULT_DIRECTORY"): "a command line has no argument for what ships",
    (
        "attacks/test_worker_memory.py",
        "service.web.visit.intake._salts",
    ): "that a module's variable is found, is tested",
    ("attacks/test_worker_memory.py", "service.web.visit.intake._hash"): "and what a function remembers",
    ("attacks/test_fingerprinting.py", "service.attacks.pseudonym_reversal._salts"): "65,536 guesses take a minute",
    ("journeys/leaky_service.py", "service.web.visit.cookies._ill_formed"): "a service that leaks, to be found out",
    ("web/test_decisions.py", "service.web.visit.intake._hash_device"): "who is at work when it is called, is tested",
}


class Patch(NamedTuple):
    """A line of a test that replaces a name of a module of ours."""

    file: str
    line: int
    module: str
    name: str

    @property
    def key(self) -> tuple[str, str]:
        return self.file, f"{self.module}.{self.name}"


def modules_by_name(tree: ast.AST) -> dict[str, str]:
    """What a file calls modules of ours."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("service"):
            for alias in node.names:
                if is_module(f"{node.module}.{alias.name}"):
                    names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names if is_module(alias.name)}
    return names


def is_module(name: str) -> bool:
    return name in MODULES


def ours() -> set[str]:
    import service

    return {"service"} | {
        it.name for it in pkgutil.walk_packages(service.__path__, "service.") if "__main__" not in it.name
    }


MODULES = ours()


def patches(file: str, source: str) -> Iterator[Patch]:
    """``anything.setattr(module, "name", ...)``, ``setattr("module.name", ...)`` and ``module.name = ...``."""
    tree = ast.parse(source)
    names = modules_by_name(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and ast.unparse(target.value) in names:
                    yield Patch(file, node.lineno, names[ast.unparse(target.value)], target.attr)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {"setattr", "patch", "object"}:
            match node.args:
                case [ast.Constant(value=str(whole)), *_]:
                    module, _, name = whole.rpartition(".")
                    if is_module(module):
                        yield Patch(file, node.lineno, module, name)
                case [target, ast.Constant(value=str(name)), *_] if ast.unparse(target) in names:
                    yield Patch(file, node.lineno, names[ast.unparse(target)], name)


def is_lowered(patch: Patch) -> bool:
    """Whether it is a constant, a variable, or a function that is its module's own business."""
    module = importlib.import_module(patch.module)
    if not hasattr(module, patch.name):
        return True  # a variable that is only there while the test runs
    value: Any = getattr(module, patch.name)
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] not in sys.stdlib_module_names
    is_callable = isinstance(value, FunctionType | BuiltinFunctionType | type) or hasattr(value, "__wrapped__")
    return not is_callable or patch.name.startswith("_")


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(TESTS)) for path in SOURCES])
def test_no_constant_is_patched(path: Path) -> None:
    """Each is an argument with the constant for its default, or is listed above with a reason."""
    found = [*patches(str(path.relative_to(TESTS)), path.read_text())]
    assert [patch for patch in found if is_lowered(patch) and patch.key not in PATCHED] == []


def test_all_exceptions_are_needed() -> None:
    found = {patch.key for path in SOURCES for patch in patches(str(path.relative_to(TESTS)), path.read_text())}
    assert set(PATCHED) - found == set()


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ('monkeypatch.setattr(flush, "DRAIN_MAX_S", 1)', True),
        ('monkeypatch.setattr("service.use_cases.counting.flush.DRAIN_MAX_S", 1)', True),
        ('patch.setattr(flush, "_draw", 1)', True),
        ("flush.DRAIN_MAX_S = 1", True),
        ("flush.DRAIN_MAX_S += 1", True),
        ('mock.patch("service.use_cases.counting.flush.DRAIN_MAX_S", 1)', True),
        ('mock.patch.object(flush, "DRAIN_MAX_S", 1)', True),
        ('monkeypatch.setattr(flush, "seal", 1)', False),
        ('monkeypatch.setattr(flush, "asyncio", 1)', False),
        ('monkeypatch.setattr(flush.asyncio, "sleep", 1)', False),
        ('monkeypatch.setattr(buffer, "waiting", 1)', False),
    ],
)
def test_a_patch_is_seen_however_it_is_written(line: str, seen: bool) -> None:
    found = [*patches("here", f"from service.use_cases.counting import flush\n{line}")]
    assert any(map(is_lowered, found)) == seen


SERVICE = TESTS.parent / "service"
ROOMS = sorted(path.name for path in SERVICE.iterdir() if (path / "__init__.py").exists())
# Tests that are of no one module, by what they are of.
OF_SEVERAL = {
    "adapters/test_stats_contract.py": "what every store of counts must keep to, run on each of them",
    "core/groups/test_slot_simulation.py": "how well slots learn from what is released, over weeks",
    "web/endpoints/test_encoded_cookies.py": "from the cookies of a request to its answer",
    "web/endpoints/test_experiments.py": "experiments at every endpoint that tells of them",
    "web/endpoints/test_nothing_else_is_read.py": "what no endpoint reads",
    "web/endpoints/test_refusals.py": "refusals at every endpoint",
    "web/endpoints/test_refused_cookies.py": "from the cookies of a request to its answer",
    "web/endpoints/test_what_browsers_send.py": "what a browser sends, at every endpoint that decides",
    "web/pages/test_no_english_remains.py": "every page in every language",
    "web/test_effect.py": "how a permission that is missing shows in all of the web, down to the store",
    "web/test_schemathesis.py": "every operation of the document",
    "web/test_what_is_remembered.py": "what all parts together keep in memory",
    "web/wire/test_escaped_paths.py": "every path, by both doors",
    "web/wire/test_head.py": "HEAD of every route, by both doors",
    "web/wire/test_last_answers.py": "how a connection ends, whoever wants it to",
    "web/wire/test_pipelines.py": "requests before their turn, through all of the wire",
    "web/wire/test_refused_bodies.py": "bodies, through all of the wire",
    "web/wire/test_streams.py": "streams, through all of the wire",
    "web/wire/test_two_doors.py": "that both doors answer alike",
    "web/wire/test_what_is_held.py": "what all of the wire keeps of a request",
}
MIRRORING = [
    path.relative_to(TESTS) for room in ROOMS for path in sorted((TESTS / room).rglob("test_*.py")) if room != "docs"
]


def is_of_a_module(test: Path) -> bool:
    """``a/test_b.py`` is of ``a/b.py``, or of the package ``a/b``, or ``b`` itself; ``test_b_of_c.py`` of a part of it."""
    name = test.stem.removeprefix("test_")
    room = SERVICE / test.parent
    modules = {path.stem for path in room.glob("*.py")} | {path.name for path in room.iterdir() if path.is_dir()}
    return any(name == module or name.startswith(f"{module}_") for module in modules | {room.name})


def test_the_rooms_of_the_tests_are_those_of_the_service() -> None:
    assert len(MIRRORING) > 100
    assert {path.parts[0] for path in MIRRORING} == {*ROOMS} - {"docs"}


@pytest.mark.parametrize("test", MIRRORING, ids=str)
def test_a_test_lies_where_its_module_does(test: Path) -> None:
    """So that who changes a module finds what holds it. What is of several is listed with what it is of, and nothing else."""
    assert is_of_a_module(test) != (str(test) in OF_SEVERAL)


def test_all_that_is_of_several_is_there() -> None:
    assert set(OF_SEVERAL) <= set(map(str, MIRRORING))
