"""Every target that a document names does something."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS as PROMISES

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PHONY = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
assert PHONY is not None
TARGETS = PHONY[1].split()
DOCUMENTS = (*PROMISES, "CONTRIBUTING.md", ".ci/run", "Makefile")


def named() -> set[str]:
    """The targets that the documents tell people to make."""
    found: set[str] = set()
    for name in DOCUMENTS:
        text = (ROOT / name).read_text(encoding="utf-8")
        found |= set(re.findall(r"(?:`|^\$? ?|&& |[A-Z]=\S+ )make ([a-z]+)\b", text, re.MULTILINE))
    return found


@pytest.mark.parametrize("target", sorted(named() | set(TARGETS)))
def test_a_target_that_is_named_has_a_recipe(target: str) -> None:
    """A phony one without is "nothing to be done", and success."""
    assert target in TARGETS
    assert re.search(rf"^{target}:.* ## .+\n\t", MAKEFILE, re.MULTILINE) or target == "clients"


def test_what_people_make_most_does_what_it_says() -> None:
    """Asked of make itself, which runs none of it."""
    for target, does in {"run": "-m service serve", "test": "-m pytest", "prove": "-m service prove"}.items():
        told = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30)
        assert does in told.stdout


def test_lock_files_of_npm_name_no_registry() -> None:
    """Each folder's ``.npmrc`` keeps addresses out of them, so that they hold for whichever registry is asked."""
    locks = [path for path in (ROOT / "tests").rglob("package-lock.json") if "node_modules" not in path.parts]
    assert len(locks) == 2
    for path in locks:
        assert '"resolved": "http' not in path.read_text(encoding="utf-8")
        assert "omit-lockfile-registry-resolved=true" in (path.parent / ".npmrc").read_text(encoding="utf-8")


def test_the_documents_name_the_usual_ones() -> None:
    """So that the search above is known to find them."""
    assert {"run", "test", "check", "bench", "conformance", "prove", "clients"} <= named()
