"""Whether a User-Agent is a program's: the published list of crawlers, ua-parser's spiders and our own shapes of bots.

Bots are no kind of device: who asks for a page is told before what it is shown on.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from service.adapters.user_agent import bot_patterns as patterns
from service.adapters.user_agent.people_patterns import HELD_PROGRAMS
from service.adapters.user_agent.published_crawlers import NAMES_A_RULE, Crawler
from service.adapters.user_agent.rule_matcher import joined, matcher

# A model as Android itself writes it: followed by its build, or closing the parenthesis before the engine.
_BUILT_MODEL = re.compile(
    r"; Android [^;)]{1,24}; (?:[a-z]{2}[-_][A-Za-z]{2}; )?([\w .()+-]{2,48}?)(?: Build/|\) AppleWebKit/)"
)
# A pattern of the published list that is a name: letters, and signs that stand for themselves.
_NAME = re.compile(r"\^?(?:[\w ;:!'/-]|\\[./])+", re.ASCII)
_NAME_FIRST = re.compile(r"[^A-Za-z0-9]{0,8}[A-Za-z0-9]*[A-Za-z][A-Za-z0-9_-]")


class Bots:
    """Tells programs by what they write.

    ``crawlers``: the published list. ``devices``: ua-parser's rules for devices, whose first are its spiders.
    """

    def __init__(self, crawlers: Iterable[Crawler], devices: Iterable[Any]) -> None:
        self._rules = matcher(_rules(crawlers, devices))
        self._alone = matcher(
            (
                *_all("app", (*patterns.NOT_BOTS, *HELD_PROGRAMS, *patterns.ALONE_PEOPLE)),
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


def spiders_of(devices: Iterable[Any]) -> Iterator[str]:
    """ua-parser's spiders, at the head of its list of devices."""
    return (device.regex for device in takewhile(lambda device: device.family == "Spider", devices))


def _rules(crawlers: Iterable[Crawler], devices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """All rules in order: each exception before what it is taken from, and what tells most before what tells little.

    ua-parser has one spider more than are asked, a catch-all near its list's end, to be asked when no device matched:
    alone it would take Amazon's Silk and a phone named Vortex for bots.
    """
    yield from _all("bot", patterns.AUTOMATED_BROWSERS)
    yield from _all("app", (*patterns.NOT_BOTS, *HELD_PROGRAMS))
    yield from _all("bot", patterns.WORDS_OF_THE_TRADE)
    services = "|".join(sorted(patterns.CRAWLERS_WITH_APPS))
    yield f"^(?:{services})(?:[^ ]* CFNetwork/|.*[ (/](?:iOS|iPhone|iPad|Android)[ ;/)])", "app"
    yield from _all("bot", _published(crawlers))
    yield from _all("bot", spiders_of(devices))
    yield from _all("bot", patterns.BOT_SHAPES)
    yield from _all("app", patterns.APPS_WITH_CONTACTS)
    yield from _all("bot", patterns.CONTACTS)
    yield patterns.APPS_IN_THE_HAND, "app"
    yield from _all("bot", patterns.TASKS)
    yield patterns.DESKTOP_BROWSERS, "app"
    yield from _all("bot", patterns.DESKTOP_BOT_SHAPES)
    yield from _all("app", patterns.COMPATIBLE_BROWSERS)
    yield from _all("bot", patterns.COMPATIBLE_BOT_SHAPES)


def _all(word: str, rules: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((pattern, word) for pattern in rules)


def _published(crawlers: Iterable[Crawler]) -> Iterator[str]:
    """The published list, in no order because all of it says the same. Names that are long enough in any letter case.

    Half of the list are names that end with a word of the trade, which is asked before it. In any case of ASCII alone:
    beyond it "s" and "k" have a third, which costs literals.
    """
    words = matcher(_all("bot", patterns.WORDS_OF_THE_TRADE))
    names = []
    for pattern in (crawler.pattern for crawler in crawlers):
        if pattern in patterns.CRAWLERS_TOO_WIDE:
            continue
        if pattern in patterns.CRAWLERS_WITH_APPS:
            yield f"^(?:{pattern})"
        elif not _NAME.fullmatch(pattern):
            yield pattern
        elif words.extract(pattern):
            continue
        elif _is_long(pattern) and pattern not in patterns.CRAWLERS_BY_CASE:
            names.append(pattern)
        else:
            yield pattern
    yield from (f"(?i-u:{some})" for some in joined(names, NAMES_A_RULE))


def _is_long(pattern: str) -> bool:
    return sum(map(str.isalpha, pattern)) >= patterns.LETTERS_IN_ANY_CASE_MIN
