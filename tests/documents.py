"""The documents as tests read them: README.md and ``service/docs``, together all that is promised to readers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.md", *sorted((ROOT / "service/docs").glob("*.md")))
}
README = DOCUMENTS["README.md"]
EVERYTHING = "\n".join(DOCUMENTS.values())


class Example(NamedTuple):
    """A command of a document, and what it is said to print; ``...`` stands for what is cut there."""

    document: str
    command: str
    printed: str

    @property
    def is_whole(self) -> bool:
        return "..." not in self.printed

    def is_printed_by(self, answer: str) -> bool:
        """Whether an answer is what is shown: all of it in its order, with nothing between but where something is cut.

        Line breaks are the document's own, for its lines are short.
        """
        shown = "".join(line.lstrip() for line in self.printed.split("\n"))
        parts = (re.escape(part) for part in shown.split("..."))
        return re.fullmatch(".*".join(parts), answer.replace("\n", "")) is not None


def examples() -> Iterator[Example]:
    """Every block that is marked as one, with one command each."""
    for name, text in DOCUMENTS.items():
        for block in re.findall(r"(?ms)^```console example\n\$ (.*?)^```$", text):
            command, _, printed = re.sub(r"\\\n *", "", block).partition("\n")
            while command.count("'") % 2:  # a quoted text that goes on
                more, _, printed = printed.partition("\n")
                command = f"{command} {more.strip()}"
            yield Example(name, command, printed.rstrip("\n"))


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"(?ms)^```{re.escape(language)}\n(.*?)^```$", text)
