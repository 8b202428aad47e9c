"""Texts that no rule tells apart, as one form: a browser's new version is not a new kind of text.

Two parts of a browser's text are read by no rule, whatever stands in them: the digits of versions from Chrome's on, but
for a leading zero, and what follows a last product of one letter. A form has other digits and another product there. It
is the key under which ``lookup`` keeps what it found, so that what is kept are the shapes of browsers' texts, with the
system and model in their parentheses as they were sent: no version, and outside of these no word but ``_PRODUCTS``.

That this is so is proved from the rules themselves: ``tests/adapters/user_agent/test_known_forms.py`` walks every rule
as an automaton beside ``PATTERNS``, the grammar of texts that have a form. The proof is of the lists that are installed
with it; of other editions the digest is another, and then no text has a form.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import user_agents  # type: ignore[import-untyped]

from service.adapters.user_agent.published_crawlers import Crawler

_PRODUCTS = (
    "Safari|OPR|Edg|EdgA|Edge|SamsungBrowser|YaBrowser|UCBrowser|Vivaldi|Whale|DuckDuckGo|Ddg|Brave|HuaweiBrowser"
    "|HeyTapBrowser|VivoBrowser|MQQBrowser"
)
_SYSTEM = r"\([ -'*-~]{1,160}\)"
_LAST = r"(?: [A-Za-z]/(?P<last>[0-9a-f-]+))?"
PATTERNS = (
    # Chrome and what is made of it. Of other browsers' versions some tell the system's, as Safari's on an iPhone
    (
        rf"Mozilla/5\.0 {_SYSTEM} AppleWebKit/[1-9][0-9.]*\+? \(KHTML, like Gecko\)(?: Version/4\.0)?"
        r" Chrome/(?P<first>[1-9])(?P<digits>[0-9.]*)"
        rf"(?: (?:{_PRODUCTS})/(?P<first>[1-9])(?P<digits>[0-9.]*)| Mobile)*{_LAST}"
    ),
    (
        rf"Mozilla/[1-9]\.[0-9]+ {_SYSTEM} (?:AppleWebKit|Gecko)/[0-9][0-9.]*\+?"
        rf"(?: (?:{_PRODUCTS}|Firefox|Version|Mobile|CriOS|FxiOS|EdgiOS|GSA|Silk)/[0-9][0-9A-H.]*"
        rf"| \(KHTML, [lL]ike Gecko\)| Mobile)*{_LAST}"
    ),
)
"""The grammar of texts that have a form: with Chrome's versions, and without."""

_has_form = re.compile("|".join(f"(?:{re.sub('P<[a-z]+>', ':', pattern)})" for pattern in PATTERNS)).fullmatch
_is_last = re.compile(_LAST.removeprefix("(?:").removesuffix(")?")).fullmatch
TEXT_MAX = 512  # signs: a browser's text has some 100 to 250, and as many forms as are kept must be small
_LAST_FORM = " x/0"
_DIGITS = str.maketrans("012345678", "999999999")
_ENGINE = "Safari/537.36"  # at its end is how ``lookup`` knows Chrome's own text

# The edition of others' rules that the proof holds of.
PROVED = "eec46bbb71001d275b9a2daa01738acc4bbe12edc4a15d9de961769d1f3447df"


def form_of(text: str) -> str:
    """The text that stands for this one, which ``has_form``, and for all that no rule tells from it: 1 us."""
    last = ""
    at = text.rfind(" ")
    if text[at + 2 : at + 3] == "/" and _is_last(text, at):
        text, last = text[:at], _LAST_FORM
    at = text.find(" Chrome", text.find(")"))  # in the parentheses it is the client's word, and its digits are read
    if at < 0:
        return text + last
    head, versions = text[:at], text[at:]
    if versions.endswith(_ENGINE):
        versions, last = versions[: -len(_ENGINE)], _ENGINE + last
    return head + versions.translate(_DIGITS) + last


def has_form(text: str) -> bool:
    """Whether what is found of this text holds for all texts of its form: 0.4 us. Where one has it, all of them do."""
    return len(text) <= TEXT_MAX and _has_form(text) is not None


def digest(systems: Iterable[Any], agents: Iterable[Any], spiders: Iterable[str], crawlers: Iterable[Crawler]) -> str:
    """Which edition of others' rules these are; our own are of the edition that this is."""
    told = (
        [(rule.regex, rule.family, rule.major, rule.minor) for rule in systems],
        [(rule.regex, rule.family) for rule in agents],
        list(spiders),
        [(crawler.pattern, crawler.tags) for crawler in crawlers],
        user_agents.VERSION,
    )
    return sha256(repr(told).encode()).hexdigest()
