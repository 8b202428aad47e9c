"""The glossary has the words of the project and of its answers, each with one plain sentence."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from service.web.openapi import document
from tests.documents import DOCUMENTS

GLOSSARY = DOCUMENTS["service/docs/glossary.md"]
TERMS = re.findall(r"(?m)^- \*\*([^*]+)\*\*: (.+)$", GLOSSARY)
SENTENCE_CHARS_MAX = 120
# What code, documents and answers speak of, as the design names it.
WORDS = (
    "signal", "connection", "site", "purpose", "regime", "permissions", "traits", "cohort", "experiment", "variant",
    "exposure", "bucket", "flag", "evaluation", "reason", "targetingKey", "slot", "option", "reward", "decision", "snapshot",
    "token", "market", "release interval", "noise", "epsilon", "salt", "k", "mirror", "opt-out", "GPC", "lift",
    "sample ratio", "edge", "problem", "event", "conversion", "policy", "epoch",
)  # fmt: skip
# Closed vocabularies that need no glossary, by their field, and why.
PLAIN: Mapping[str, str] = {
    "class": "everyday words for devices",
    "os": "names of systems",
    "browser": "names of browsers",
    "first_day": "days of the week",
    "measurement": "names of units",
    "confidence": "low, medium, high",
    "noise": "on, off",
    "status": "of HTTP",
    "type of Problem": "each has a page of its own",
    "what of Kept": "each comes with a sentence of its own, in `meaning`",
    "kept of DisclosedSignal": "the same things",
    "code of ResultWarning": "each comes with a sentence of its own, in `text`",
    "code of ResultNote": "the same",
    "name of name": "names of problems, of which each has a page",
    "name of document": "names of documents",
    "device_class of device_class": "everyday words for devices",
    "kept_on_server of OptOutRight": "false",
}


def vocabularies(part: Any, field: str, component: str) -> Iterator[tuple[str, str, list[Any]]]:
    """Every closed list of values in the OpenAPI document's components: its field, its component, the values."""
    if isinstance(part, list):
        for each in part:
            yield from vocabularies(each, field, component)
    elif isinstance(part, dict):
        if isinstance(part.get("enum"), list):
            yield field, component, part["enum"]
        for name, each in part.get("properties", {}).items():
            yield from vocabularies(each, name, component)
        for name, each in part.items():
            if name != "properties":
                yield from vocabularies(each, field, component)


def found() -> list[tuple[str, str, list[Any]]]:
    components = document()["components"]
    schemas = [each for name, part in components["schemas"].items() for each in vocabularies(part, "", name)]
    parameters = [
        each for key, part in components["parameters"].items() for each in vocabularies(part, part["name"], key)
    ]
    return schemas + parameters


def explained() -> set[str]:
    return {word for code in re.findall(r"`([^`]+)`", GLOSSARY) for word in code.split()}


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_project_stands_there(word: str) -> None:
    """With the word in bold."""
    assert word in dict(TERMS)


def test_every_closed_vocabulary_of_answers_and_requests_stands_there() -> None:
    """Each value that a reader may not know; the others are of ``PLAIN``."""
    missing = {
        f"{field} of {component}": sorted(map(str, {*map(str, values)} - explained()))
        for field, component, values in found()
        if field not in PLAIN and f"{field} of {component}" not in PLAIN
    }
    assert {place: values for place, values in missing.items() if values} == {}


def test_vocabularies_are_found_and_no_exception_is_left_over() -> None:
    """So that the test above does not pass for want of cases."""
    places = {place for field, component, _ in found() for place in (field, f"{field} of {component}")}
    assert {"bot_kind", "signals_used", "allowed", "levels"} <= places
    assert [place for place in PLAIN if place not in places] == []
    assert sum(len(values) for _, _, values in found()) > 300


@pytest.mark.parametrize(("term", "sentence"), TERMS)
def test_a_word_has_one_plain_sentence(term: str, sentence: str) -> None:
    """That does not begin a second one, and is short."""
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert len(sentence) <= SENTENCE_CHARS_MAX, term


def test_words_are_found_by_the_alphabet() -> None:
    """And none stands there twice."""
    names = [term.lower() for term, _ in TERMS]
    assert names == sorted({*names})
