"""Each promise of the README is held by a test, and ``promises.md`` says by which.

The index is read from both ends: its words stand in the README, its tests exist, and nothing that the README says is
left without a row, but for what is listed here as no promise.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
README = TESTS.parent / "README.md"
INDEX = TESTS / "promises.md"
# What promises nothing that a test could hold, by its first words.
NO_PROMISES = {
    "*Treat every passer-by well": "the motto",
    "It is an async HTTP service": "what it is made of",
    "In another terminal, a visit's own request": "leads to the example",
    "An identity, which is refused": "leads to the example",
    "[Keys, reloads, alarms": "leads to the documents",
    "`make test` sets up and tests": "leads to the targets",
    "Apache-2.0.": "licences",
}


def passages(text: str) -> list[str]:
    """The README cut into what can promise something: paragraphs, items of lists, rows of tables; on one line each."""
    text = re.sub(r"```.*?```", "\n\n", text, flags=re.DOTALL)
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip().splitlines()
        if not lines or lines[0].startswith("#"):
            continue
        if lines[0].startswith("|"):
            found += lines[2:]
        elif lines[0].startswith("- "):
            found += re.split(r"\n- ", block.strip().removeprefix("- "))
        else:
            found.append(block)
    return [" ".join(passage.split()) for passage in found]


def index() -> list[tuple[str, list[str]]]:
    """The rows of the index: words of the README, and the tests that hold them."""
    rows = []
    for line in INDEX.read_text().splitlines():
        if line.startswith("| ") and not line.startswith("| the README says"):
            words, tests = line.strip().removeprefix("| ").removesuffix(" |").rsplit(" | ", 1)
            rows.append((words, re.findall(r"`([^`]+)`", tests)))
    return rows


@cache
def functions_of(file: str) -> set[str]:
    """The names of the functions in a file of that name, wherever it lies."""
    return {
        node.name
        for path in TESTS.rglob(file)
        if "node_modules" not in path.parts
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


ROWS = index()
PASSAGES = passages(README.read_text())


def test_the_index_and_the_readme_are_read() -> None:
    assert len(ROWS) >= len(PASSAGES) - len(NO_PROMISES)
    assert len(PASSAGES) > 50
    assert all(tests for _, tests in ROWS)
    assert len({words for words, _ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("words", "tests"), ROWS)
def test_a_row_names_words_that_are_there_and_tests_that_exist(words: str, tests: list[str]) -> None:
    """A promise that is worded anew is looked at anew: its row falls with its words."""
    assert [passage for passage in PASSAGES if words in passage]
    for name in tests:
        file, _, test = name.partition("::")
        assert test in functions_of(file), name


@pytest.mark.parametrize("passage", PASSAGES)
def test_nothing_that_the_readme_says_is_without_a_test(passage: str) -> None:
    held = [words for words, _ in ROWS if words in passage]
    assert bool(held) != any(passage.startswith(start) for start in NO_PROMISES)


@pytest.mark.parametrize("start", NO_PROMISES)
def test_what_is_no_promise_is_still_there(start: str) -> None:
    assert [passage for passage in PASSAGES if passage.startswith(start)]
