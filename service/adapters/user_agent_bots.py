"""Whether a User-Agent is a program's: the published list of crawlers, ua-parser's spiders and our own shapes of bots.

Apart from ``user_agent`` because bots are no kind of device: who asks for a page is told before what it is shown on.
"""

import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
import ua_parser_rs

from service.adapters import bot_patterns as patterns

# A model as Android itself writes it: followed by its build, or closing the parenthesis before the engine.
_BUILT_MODEL = re.compile(
    r"; Android [^;)]{1,24}; (?:[a-z]{2}[-_][A-Za-z]{2}; )?([\w .()+-]{2,48}?)(?: Build/|\) AppleWebKit/)"
)
_LONE_PRODUCT = re.compile(patterns.LONE_PRODUCT)
_LONE_APP = re.compile(patterns.LONE_APP, re.IGNORECASE)


class Bots:
    """Tells programs by what they write. ``devices``: ua-parser's rules for devices, whose first are its spiders."""

    def __init__(self, devices: Iterable[Any]) -> None:
        self._rules = _matcher(_rules(devices))
        self._alone = _matcher((pattern, "bot") for pattern in patterns.ALONE_BOT_SHAPES)

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
        if self._alone.extract(text):
            return True
        return bool(_LONE_PRODUCT.match(text) and not _LONE_APP.search(text))


def _matcher(rules: Iterable[tuple[str, str]]) -> Any:
    return ua_parser_rs.UserAgentExtractor((pattern, word, None, None, None, None) for pattern, word in rules)


class _Crawler(msgspec.Struct):
    pattern: str


def _rules(devices: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Apps that look like bots; then bots: the published list of crawlers, ua-parser's spiders, and our shapes.

    ua-parser's spiders are those at the head of its list of devices. It has one more, a catch-all near the list's end,
    to be asked when no device matched: alone it would take Amazon's Silk and a phone named Vortex for bots.
    """
    yield patterns.NOT_BOTS, "app"
    for pattern in _published():
        if pattern not in patterns.CRAWLERS_TOO_WIDE:
            yield pattern, "bot"
    for device in devices:
        if device.family != "Spider":
            break
        yield device.regex, "bot"
    yield from ((pattern, "bot") for pattern in patterns.BOT_SHAPES)
    yield patterns.DESKTOP_BROWSERS, "app"
    yield from ((pattern, "bot") for pattern in patterns.DESKTOP_BOT_SHAPES)


def _published() -> Iterator[str]:
    spec = find_spec("crawleruseragents")  # found, not imported: importing it parses its file a second time, in Python
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package crawler-user-agents is not installed")
    data = Path(spec.origin).with_name("crawler-user-agents.json").read_bytes()
    return (crawler.pattern for crawler in msgspec.json.decode(data, type=list[_Crawler]))
