"""From a User-Agent and low-entropy client hints to a closed device, with ua-parser's Rust engine and user-agents.

One look-up asks a handful of matchers over the raw text: bots, kinds of device, models, operating systems, browsers.
Each takes a few microseconds, because the engine finds candidates by their literal parts, and matches in linear time,
so that a hostile User-Agent costs what its length costs. user-agents' labels are asked about what our own rules leave
open. What is found is turned into closed words at once; joining them with the hints is ``core.device.decide``. Of the
text only its form stays (``known_forms``), as a key of the bounded cache: so a new version costs what a known one does.

What a User-Agent cannot say is not guessed: Safari on an iPad asks for desktop pages with the very words of a Mac, and
only an app's or another browser's extra token gives the iPad away.
"""

import re
from collections.abc import Iterable, Iterator
from copy import copy
from functools import lru_cache
from typing import Any, cast

import user_agents  # type: ignore[import-untyped]
from ua_parser.loaders import load_lazy_builtins

from service.adapters.user_agent import bot_patterns
from service.adapters.user_agent import device_patterns as patterns
from service.adapters.user_agent.bot_kinds import BotKinds
from service.adapters.user_agent.bots import Bots, spiders_of
from service.adapters.user_agent.device_models import MODELS
from service.adapters.user_agent.known_forms import PROVED, digest, form_of, has_form
from service.adapters.user_agent.published_crawlers import published_crawlers
from service.adapters.user_agent.rule_matcher import alternatives, joined, matcher, system_matcher, uncaptured
from service.adapters.user_agent.tablet_models import TABLETS_OF_PROGRAMS
from service.core.device import (
    NO_USER_AGENT_RESULT,
    Browser,
    DeviceClass,
    DeviceResult,
    Hints,
    OperatingSystem,
    UserAgentResult,
    decide,
)
from service.core.device_hints import is_save_data, read_hints

CACHE_ENTRIES_MAX = 8192
DECIDED_ENTRIES_MAX = 2048  # hints and what was found of a text, in closed words both
HINTS_CACHE_ENTRIES_MAX = 512  # browsers' versions and platforms: few, so that a new User-Agent's hints are seldom new

_ANDROID_SYSTEMS = frozenset({"android", "harmonyos", "fireos"})
_DESKTOP_SYSTEMS = frozenset({"windows", "macos", "linux", "chromeos"})
_PHONE_SYSTEMS = frozenset({"ios", "tizen"})
_PERHAPS_IN_APP = frozenset({"chrome", "other", "uc", "unknown"})
_CHROME_END = "Safari/537.36"
_CONSOLE_SYSTEMS = frozenset({"playstation", "xbox", "nintendo"})

# `Android 9; de-de; SM-G960F Build/...`: the model is what stands after the version and an optional language. Bounded
# runs keep it linear in the text.
_MODEL = re.compile(
    r"A(?:ndr[o0]id|dr)[^;)]{0,24}[;,] {0,2}+(?:HarmonyOS; ?)?(?:[A-Za-z]{2,3}(?:[-_][A-Za-z]{0,4}){0,2} ?; ?)?"
    r"(?:(?:Mobile|Tablet); )?(?:SAMSUNG[ _-]|HUAWEI )?"
    r"((?!Build/|wv\b|Mobile;|Tablet;|rv:|K\)|\d{1,2}(?:\.[\d.]*)?[;)])[^;)]{1,80}?)"
    r"(?: Build/| AppleWebKit/|[;)]|$)"
)
# A screen as Instagram's and Facebook's apps write it: `200dpi; 800x1280`, `density=1.5, width=1280, height=800`.
_SCREEN = re.compile(
    r"(?:([0-9]{2,3})dpi; |density=([0-9]{1,2}(?:\.[0-9]{1,6})?), ?width=)([0-9]{3,5})(?:x|, ?height=)([0-9]{3,5})"
)
# Android's own line between phone and tablet, in units of 1/160 inch ("Screen compatibility overview", sw600dp).
_TABLET_WIDTH_DP_MIN = 600
_DPI_OF_DENSITY_1 = 160
# Few codes of models have a part by which the engine finds them, so each rule is tried on every model. Joined by 10
# they take 0.6 us instead of 1.5; all of a kind together 0.5, but 1.5 MB more.
_CODES_A_RULE = 10
_DIGITS_MAX = 4  # of a number of a version
# Made at the start, when loading the package compiles its own 1,270 patterns: 0.08 s and 1.4 MB. Copied for each text.
_NOTHING_SEEN = user_agents.parse("")


class UserAgentLookup:
    """Answers ``DeviceLookup`` for any text, with a bounded cache of what was found. Nothing here raises on any text.

    Building compiles some 1,000 rules (0.11 s, 21 MB; 35 MB in use). A look-up costs 8 to 20 us, 0.1 ms for the worst
    kilobyte found so far (0.3 ms where it is new to the engine), and 3 us where a text of the same form was seen. Texts
    without a form are not kept.
    """

    def __init__(self, cache_entries_max: int = CACHE_ENTRIES_MAX, proved: str = PROVED) -> None:
        agents, systems, devices = (list(rules) for rules in cast(Any, load_lazy_builtins()))
        crawlers = published_crawlers()
        self._is_proved = digest(systems, agents, spiders_of(devices), crawlers) == proved
        self._bots = Bots(crawlers, devices)
        self._bot_kinds = BotKinds(crawlers)
        self._kinds = matcher(_flat(patterns.KINDS))
        self._models = matcher(_flat((class_, joined(codes, _CODES_A_RULE)) for class_, codes in MODELS))
        self._tablets_of_programs = matcher((pattern, "tablet") for pattern in TABLETS_OF_PROGRAMS)
        self._alone = matcher(_flat(patterns.ALONE))
        self._systems_first = matcher(_flat(patterns.SYSTEM_TOKENS))
        self._systems_last = matcher(_flat(patterns.SYSTEM_TOKENS_LAST))
        self._systems = system_matcher(systems)
        self._browsers = matcher(_browser_rules(agents))
        self._in_app = matcher([(patterns.IN_APP, "webview")])
        self._read_hints = lru_cache(HINTS_CACHE_ENTRIES_MAX)(read_hints)
        self._decide = lru_cache(DECIDED_ENTRIES_MAX)(_decide)
        self._cached = lru_cache(cache_entries_max)(self._find)
        self.texts_cached_max = cache_entries_max + HINTS_CACHE_ENTRIES_MAX
        """How many of both are remembered at most."""

    def look_up(self, user_agent: str, brands: str, mobile: str, platform: str, save_data: str) -> DeviceResult:
        """See ``ports.DeviceLookup``."""
        is_known = self._is_proved and has_form(user_agent)
        agent = self._cached(form_of(user_agent)) if is_known else self.find(user_agent)
        return self._decide(self._read_hints(brands, mobile, platform), agent, is_save_data(save_data))

    def forget(self) -> None:
        """See ``ports.DeviceLookup``."""
        self._read_hints.cache_clear()
        self._cached.cache_clear()
        self._decide.cache_clear()

    def find(self, user_agent: str) -> UserAgentResult:
        """What the User-Agent alone looks like, not cached."""
        if not user_agent:
            return NO_USER_AGENT_RESULT
        try:
            return self._find(user_agent)
        except UnicodeEncodeError:  # lone surrogates, which no header can carry
            return self._find(user_agent.encode("utf-8", "replace").decode())

    def _find(self, text: str) -> UserAgentResult:
        system = self._systems.extract(text)
        os, version, family = self._system(text, system)
        agent = self._browsers.extract(text)
        browser: Browser = patterns.BROWSERS.get(agent.family, "other") if agent else "unknown"
        # Where that is none of ours or the engine's, an app may show the page inside itself. Chrome's own text ends
        # with its engine's, so this costs those nothing that are only Chrome.
        if browser in _PERHAPS_IN_APP and not text.endswith(_CHROME_END) and self._in_app.extract(text):
            browser = "webview"
        if self._bots.wrote(text):
            return UserAgentResult("bot", True, os, version, browser, self._bot_kinds.kind_of(text))
        found = self._kinds.extract(text)
        if found:
            kind: DeviceClass = found.family
            # Early Android phones kept the WAP profiles of the phones before them in their User-Agents.
            old = kind == "feature_phone" and os in _ANDROID_SYSTEMS
            return UserAgentResult("smartphone" if old else kind, True, os, version, browser)
        class_, certain = self._class(text, os, family)
        if class_ == "unknown":
            class_ = _labelled(text, system, agent)
        if class_ == "unknown" and os == "unknown":
            class_ = self._alone_class(text)
        bot_kind = self._bot_kinds.kind_of(text) if class_ == "bot" else None
        return UserAgentResult(class_, certain, os, version, browser, bot_kind)

    def _system(self, text: str, found: Any) -> tuple[OperatingSystem, float | None, str]:
        """The operating system, its version where it tells an age, and ua-parser's family."""
        family = found.family if found else "Other"
        version = _version(found.major, found.minor, family) if found else None
        own = self._systems_first.extract(text)
        if own:
            word: OperatingSystem = own.family
            return word, version if word in ("ios", "ipados") else None, family
        if family == "Other":
            last = self._systems_last.extract(text)
            if not last:
                return "unknown", None, family
            return last.family, None, patterns.DESKTOP if last.family == "other" else family
        os = patterns.SYSTEMS.get(family, "other")
        if os == "ios" and "iPad" in text and (version is None or version >= patterns.FIRST_IPADOS):
            os = "ipados"
        return os, version, family

    def _class(self, text: str, os: OperatingSystem, family: str) -> tuple[DeviceClass, bool]:
        if os in _ANDROID_SYSTEMS:
            return self._android_class(text)
        if os in _DESKTOP_SYSTEMS or (os == "other" and family in patterns.DESKTOP_FAMILIES):
            return "desktop", False
        if os in _PHONE_SYSTEMS or family == "Firefox OS":
            return "smartphone", False
        return ("console", True) if os in _CONSOLE_SYSTEMS else ("unknown", False)

    def _android_class(self, text: str) -> tuple[DeviceClass, bool]:
        """By the model; else Google's rule: a browser says "Mobile" on phones and leaves it out on larger screens."""
        found = _MODEL.search(text)
        model = self._models.extract(found[1]) if found else None
        if model:
            return model.family, True
        if "Android 3." in text:  # Honeycomb ran on tablets alone (and on Google TV, which says so)
            return "tablet", True
        if "dpi; " in text or "density=" in text:
            screen = _SCREEN.search(text)
            if screen:
                return "tablet" if _width_dp(screen) >= _TABLET_WIDTH_DP_MIN else "smartphone", True
        if "Mobi" in text:
            return "smartphone", False
        if "Safari/" in text:
            return "tablet", False
        if found and self._tablets_of_programs.extract(found[1]):
            return "tablet", True
        return "smartphone", False

    def _alone_class(self, text: str) -> DeviceClass:
        found = self._alone.extract(text)
        if found:
            return cast(DeviceClass, found.family)
        return "bot" if self._bots.wrote_alone(text) else "unknown"


def _decide(hints: Hints, agent: UserAgentResult, save_data: bool) -> DeviceResult:
    return decide(hints, agent, save_data=save_data)


def _width_dp(screen: re.Match[str]) -> float:
    """The smaller side of a screen in density-independent pixels."""
    dpi, density, *sides = screen.groups()
    scale = int(dpi) / _DPI_OF_DENSITY_1 if dpi else float(density)
    return min(map(int, sides)) / (scale or 1.0)


def _labelled(text: str, system: Any, agent: Any) -> DeviceClass:
    """What user-agents says of a phone, tablet or PC from before today's systems, whose rules ours leave open.

    Asked through what it documents of its object, and never to parse, which takes it 0.3 to 3 ms for a text: the parts
    come from the engine. Of the device's family its labels know too little to pay for a look-up.
    """
    labels = copy(_NOTHING_SEEN)
    labels.ua_string = text
    if system:
        labels.os = labels.os._replace(family=system.family, version_string=system.major or "")
    if agent:
        labels.browser = labels.browser._replace(family=agent.family)
    if labels.is_tablet:
        return "tablet"
    if labels.is_mobile:
        return "smartphone"
    return "desktop" if labels.is_pc else "unknown"


def _version(major: str | None, minor: str | None, family: str) -> float | None:
    """``10`` or, for macOS whose age shows in the minor number, ``10.15``. Windows before 7 has years and names: 5."""
    if not major:
        return None
    number = float(major) if _is_number(major) else None
    if family == "Windows":
        return 5.0 if number is None or number > patterns.NEWEST_WINDOWS else number
    if number is not None and family == "Mac OS X" and minor and _is_number(minor):
        return number + float(minor) / 100
    return number


def _is_number(text: str) -> bool:
    return len(text) <= _DIGITS_MAX and text.isascii() and text.isdigit()


def _flat(rules: Iterable[tuple[str, Iterable[str]]]) -> Iterator[tuple[str, str]]:
    return ((pattern, word) for word, group in rules for pattern in group)


def _browser_rules(agents: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """ua-parser's rules for the browser's name alone, except for those of bots, whose names nobody here asks for.

    Three look behind up to 200 characters for a name of up to 50, which keeps the engine from remembering its states: a
    hostile text could take 0.7 ms. One shape of the same words stands for them. One more is a list of 185 spiders, some
    with such runs of their own: together 1.3 ms for a text of parts of their names, apart 0.1 ms. A test counts them.
    """
    for agent in agents:
        pattern: str = agent.regex
        if agent.family == "$1" and pattern.startswith(bot_patterns.LOOKS_FAR_BEHIND):
            yield bot_patterns.ANY_BOT, "Spider"
        elif pattern.startswith(bot_patterns.LIST_OF_SPIDERS):
            names = alternatives(pattern)
            yield "|".join(name for name in names if "{" not in name), "Spider"
            yield from ((name, "Spider") for name in names if "{" in name)
        else:
            yield uncaptured(pattern, kept=1 if "$1" in agent.family else 0), agent.family
