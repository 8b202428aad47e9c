"""Whether a User-Agent is a program's: the published list of crawlers, ua-parser's spiders and our own shapes of bots.

Apart from ``user_agent`` because bots are no kind of device: who asks for a page is told before what it is shown on.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
import ua_parser_rs

from service.adapters import bot_patterns as patterns

# A model as Android itself writes it: followed by its build, or closing the parenthesis before the engine.
_BUILT_MODEL = re.compile(
    r"; Android [^;)]{1,24}; (?:[a-z]{2}[-_][A-Za-z]{2}; )?([\w .()+-]{2,48}?)(?: Build/|\) AppleWebKit/)"
)
# A pattern of the published list that is a name: letters, and signs that stand for themselves.
_NAME = re.compile(r"\^?(?:[\w ;:!'/-]|\\[./])+", re.ASCII)
_NAME_FIRST = re.compile(r"[^A-Za-z0-9]{0,8}[A-Za-z0-9]*[A-Za-z][A-Za-z0-9_-]")


class Bots:
    """Tells programs by what they write. ``devices``: ua-parser's rules for devices, whose first are its spiders."""

    def __init__(self, devices: Iterable[Any]) -> None:
        self._rules = _matcher(_rules(devices))
        self._alone = _matcher(
            (
                *_all("app", (*patterns.NOT_BOTS, *patterns.ALONE_PEOPLE)),
                *_all("bot", patterns.ALONE_BOT_SHAPES),
                *_all("app", patterns.LEFT_TO_PEOPLE),
            )
        )

    def wrote(self, text: str) -> bool:
        """Whether a program speaks. A word that stands only in an Android model's name, "ID bot 53", is no sign."""
        found = self._rules.extract(text)
        if not found or found.family != "bot":
            return False
        model = _BUILT_MODEL.search(text)
        if not model:
            return True
        found = self._rules.extract(text[: model.start(1)] + text[model.end(1) :])
        return bool(found and found.family == "bot")

    def wrote_alone(self, text: str) -> bool:
        """Whether what names no system, device or maker at all is a program's."""
        found = self._alone.extract(text)
        return bool(found.family == "bot" if found else _NAME_FIRST.match(text))


def of_ascii(pattern: str) -> str:
    """The rule with its words bounded by ASCII's signs, for no rule looks for a letter beyond.

    For Unicode's the engine reads a text with one such letter 250 times more slowly: 1.3 ms for a kilobyte.
    """
    return pattern.replace(r"\b", r"(?-u:\b)")


def _matcher(rules: Iterable[tuple[str, str]]) -> Any:
    return ua_parser_rs.UserAgentExtractor((of_ascii(pattern), word, None, None, None, None) for pattern, word in rules)


class _Crawler(msgspec.Struct):
    pattern: str


def _rules(devices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """All rules in order: each exception before what it is taken from, and what tells most before what tells little.

    ua-parser's spiders are those at the head of its list of devices. It has one more, a catch-all near the list's end,
    to be asked when no device matched: alone it would take Amazon's Silk and a phone named Vortex for bots.
    """
    yield from _all("bot", patterns.AUTOMATED_BROWSERS)
    yield from _all("app", patterns.NOT_BOTS)
    yield from _all("bot", patterns.WORDS_OF_THE_TRADE)
    services = "|".join(sorted(patterns.CRAWLERS_WITH_APPS))
    yield f"^(?:{services})(?:[^ ]* CFNetwork/|.*[ (/](?:iOS|iPhone|iPad|Android)[ ;/)])", "app"
    words = _matcher(_all("bot", patterns.WORDS_OF_THE_TRADE))
    for pattern in _published():
        if pattern in patterns.CRAWLERS_WITH_APPS:
            yield f"^(?:{pattern})", "bot"
        elif pattern not in patterns.CRAWLERS_TOO_WIDE:
            yield pattern if words.extract(pattern) else _in_any_case(pattern), "bot"
    yield from _all("bot", (device.regex for device in takewhile(lambda device: device.family == "Spider", devices)))
    yield from _all("bot", patterns.BOT_SHAPES)
    yield from _all("app", patterns.APPS_WITH_CONTACTS)
    yield from _all("bot", patterns.CONTACTS)
    yield patterns.DESKTOP_BROWSERS, "app"
    yield from _all("bot", patterns.DESKTOP_BOT_SHAPES)
    yield from _all("app", patterns.COMPATIBLE_BROWSERS)
    yield from _all("bot", patterns.COMPATIBLE_BOT_SHAPES)


def _all(word: str, rules: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((pattern, word) for pattern in rules)


def _in_any_case(pattern: str) -> str:
    """A long name in any letter case. Of ASCII alone: beyond it "s" and "k" have a third case, which costs literals."""
    letters = sum(character.isalpha() for character in pattern)
    if (
        letters < patterns.LETTERS_IN_ANY_CASE_MIN
        or pattern in patterns.CRAWLERS_BY_CASE
        or not _NAME.fullmatch(pattern)
    ):
        return pattern
    return f"(?i-u:{pattern})"


def _published() -> Iterator[str]:
    spec = find_spec("crawleruseragents")  # found, not imported: importing it parses its file a second time, in Python
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package crawler-user-agents is not installed")
    data = Path(spec.origin).with_name("crawler-user-agents.json").read_bytes()
    return (crawler.pattern for crawler in msgspec.json.decode(data, type=list[_Crawler]))
