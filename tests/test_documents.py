"""README and documents are of a form that a newcomer can read, and every link in them leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.documents import DOCUMENTS, README, ROOT, blocks

README_LINES_MAX = 200
LINE_CHARS_MAX = 160
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


def without_code(text: str) -> str:
    return re.sub(r"(?ms)^```.*?^```$", "", text)


def anchors(text: str) -> list[str]:
    """What GitHub makes of a document's headings: lower case, blanks as hyphens, no other marks."""
    headings = re.findall(r"(?m)^#+ (.+)$", without_code(text))
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_readme_is_read_in_one_sitting() -> None:
    """At most 200 lines, none too long for a window."""
    lines = README.split("\n")
    assert len(lines) <= README_LINES_MAX
    assert [line for line in lines if len(line) > LINE_CHARS_MAX] == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "README.md"])
def test_a_document_opens_with_what_it_answers(name: str) -> None:
    """A title, then one sentence."""
    title, blank, sentence, after, *_ = DOCUMENTS[name].split("\n")
    assert re.fullmatch(r"# \S.*", title)
    assert blank == after == ""
    assert re.fullmatch(r"(How|What) [^.]+\.", sentence)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_somewhere(name: str) -> None:
    """To a file of the project, and to a heading where it names one. As GitHub and editors follow links: from the file."""
    links = LINK.findall(without_code(DOCUMENTS[name]))
    for link in links:
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.resolve().is_file(), link
        assert target.resolve().is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_readmes_figures_are_those_of_the_documents() -> None:
    """Each number of what it says on how sure we are stands in a document beside the command that prints it."""
    (section,) = re.findall(r"(?ms)^## How sure we are\n(.*?)^## ", README)
    figures = re.findall(r"\d[\d,.]*\d(?: %| of [\d,]+| ms)?|\d %", LINK.sub("", section))
    documents = "\n".join(text for name, text in DOCUMENTS.items() if name != "README.md")
    assert len(figures) > 15
    assert [figure for figure in figures if figure not in documents] == []


def test_snippets_of_configuration_are_those_that_ship() -> None:
    """The experiment of the document is that of the example site, word for word."""
    (experiment,) = blocks(DOCUMENTS["service/docs/experiments.md"], "toml")
    assert experiment in (ROOT / "config/sites/demo.toml").read_text(encoding="utf-8")


def test_no_two_headings_of_a_document_have_one_anchor() -> None:
    """Else a link would lead to the first of them."""
    for name, text in DOCUMENTS.items():
        assert len({*anchors(text)}) == len(anchors(text)), name


def test_the_readme_leads_to_every_document() -> None:
    """Nothing is written that nobody finds."""
    linked = {str(Path(link.partition("#")[0])) for link in LINK.findall(README)}
    assert {name for name in DOCUMENTS if name != "README.md"} <= linked
