"""The device of a visit in closed classes, decided from its client hints and its User-Agent.

Both arrive in closed words: ``Hints`` from ``device_hints``, ``UserAgentResult`` from an adapter.
"""

from typing import Literal, get_args

from msgspec import Struct, field

DeviceClass = Literal[
    "desktop", "smartphone", "tablet", "tv", "console", "wearable", "car", "speaker", "feature_phone", "bot", "unknown"
]
OperatingSystem = Literal[
    "android", "ios", "ipados", "windows", "macos", "linux", "chromeos", "harmonyos", "kaios", "tizen", "webos",
    "roku", "fireos", "playstation", "xbox", "nintendo", "other", "unknown",
]  # fmt: skip
Browser = Literal[
    "chrome", "safari", "firefox", "edge", "samsung", "opera", "uc", "yandex", "webview", "ie", "other", "unknown"
]
Tier = Literal["lite", "standard", "rich"]
BotKind = Literal["search", "assistant", "training", "preview", "monitor", "tool", "other"]
BOT_KINDS: tuple[BotKind, ...] = get_args(BotKind)
DeviceSource = Literal["client_hints", "user_agent", "cohort", "default"]
DeviceSignal = Literal["client_hints", "user_agent"]


class Device(Struct, frozen=True, gc=False):
    """The device of a visit. ``source`` is the signal that decided the class, ``default`` when none said one."""

    class_: DeviceClass = field(name="class")
    os: OperatingSystem
    browser: Browser
    tier: Tier
    bot: bool
    source: DeviceSource


UNKNOWN_DEVICE = Device("unknown", "unknown", "unknown", "standard", bot=False, source="default")


class DeviceResult(Struct, frozen=True, gc=False, cache_hash=True):
    """A device with the signals that had a part in saying so, for the answer's ``signals_used``.

    ``bot_kind`` is what a bot comes for, None for all others. It explains an answer and changes none.
    """

    device: Device
    used: tuple[DeviceSignal, ...]
    bot_kind: BotKind | None = None


UNKNOWN_RESULT = DeviceResult(UNKNOWN_DEVICE, ())


class Hints(Struct, frozen=True, gc=False):
    """The content of the low-entropy client hints. ``unknown`` and None: not sent, or not readable.

    ``browser`` is ``other`` for a brand outside the vocabulary; ``exact`` tells a brand that names a browser from one
    that names only the engine. ``bot`` is an automated browser that says so.
    """

    mobile: bool | None
    os: OperatingSystem
    browser: Browser
    exact: bool
    bot: bool


NO_HINTS = Hints(None, "unknown", "unknown", exact=False, bot=False)


class UserAgentResult(Struct, frozen=True, gc=False):
    """The content of a User-Agent.

    ``class_`` is its class; ``certain`` says that the words name the kind of device (a TV, a watch, a tablet's model),
    so that they beat the hints' two values of "mobile". ``os_version`` is the system's major version, for macOS with
    the minor one in hundredths (10.9 is 10.09), None when unknown. ``bot_kind`` is what the text says of a bot's
    purpose, None where it says nothing and for everybody else.
    """

    class_: DeviceClass
    certain: bool
    os: OperatingSystem
    os_version: float | None
    browser: Browser
    bot_kind: BotKind | None = None


NO_USER_AGENT_RESULT = UserAgentResult("unknown", certain=False, os="unknown", os_version=None, browser="unknown")


def decide(hints: Hints, agent: UserAgentResult, *, save_data: bool) -> DeviceResult:
    """One device from both: hints first, except where the User-Agent names what hints have no word for.

    Each part comes with the signal whose word it is, so that ``used`` lists a signal exactly when a part of the answer
    is its word: a User-Agent that only repeats what the hints said, or was only searched for bots, is not in it.
    """
    class_, by_class = _decide_class(hints, agent)
    os, by_os = _decide_os(hints, agent)
    browser, by_browser = _decide_browser(hints, agent)
    version = agent.os_version if agent.os == os else None
    tier = tier_of(class_, os, version, save_data=save_data)
    by_tier: DeviceSignal | None = None
    if save_data:
        by_tier = "client_hints"
    elif tier != tier_of(class_, os, None, save_data=False):
        by_tier = "user_agent"
    used = tuple(signal for signal in _SIGNALS if signal in (by_class, by_os, by_browser, by_tier))
    device = Device(class_, os, browser, tier, bot=class_ == "bot", source=by_class or "default")
    return DeviceResult(device, used, _decide_bot_kind(hints, agent) if device.bot else None)


def class_by_hints(hints: Hints) -> DeviceClass:
    """The class by "mobile" and platform alone: ``?1`` is a smartphone, a platform only desktops have is a desktop."""
    if hints.mobile:
        return "smartphone"
    if hints.os in _DESKTOP_SYSTEMS:
        return "desktop"
    if hints.mobile is False and hints.os in _TOUCH_SYSTEMS:
        return "tablet"
    return "unknown"


def tier_of(class_: DeviceClass, os: OperatingSystem, os_version: float | None, *, save_data: bool) -> Tier:
    """How much a page may ask of the device: ``lite`` where it asks for little, or is small or old.

    ``rich`` is a desktop on a current system. Versions that browsers froze (Android 10, Windows NT 10.0, macOS 10.15)
    are all current ones, so that they punish nobody.
    """
    if save_data or class_ in _LITE_CLASSES or os == "kaios":
        return "lite"
    if class_ == "bot":
        return "standard"
    if os_version is not None and os_version < _OLDEST_CURRENT.get(os, 0):
        return "lite"
    return "rich" if class_ == "desktop" and os in _DESKTOP_SYSTEMS else "standard"


_SIGNALS: tuple[DeviceSignal, ...] = ("client_hints", "user_agent")
_DESKTOP_SYSTEMS = frozenset({"windows", "macos", "linux", "chromeos"})
_TOUCH_SYSTEMS = frozenset({"android", "ios", "ipados", "harmonyos"})
_LITE_CLASSES = frozenset({"feature_phone", "wearable"})

# Below these versions, all from before 2019, a system's devices are slow by today's measure.
_OLDEST_CURRENT: dict[OperatingSystem, float] = {"android": 9, "ios": 13, "ipados": 13, "windows": 10, "macos": 10.13}

# What a hint's coarse platform may turn out to be: the User-Agent's finer word is believed only if it is a kind of it.
_FINER_SYSTEMS: dict[OperatingSystem, frozenset[OperatingSystem]] = {
    "android": frozenset({"fireos", "harmonyos", "kaios", "chromeos"}),
    "linux": frozenset({"android", "chromeos", "webos", "tizen", "playstation", "kaios", "harmonyos", "fireos"}),
    "windows": frozenset({"xbox"}),
    "ios": frozenset({"ipados"}),
}


def _decide_class(hints: Hints, agent: UserAgentResult) -> tuple[DeviceClass, DeviceSignal | None]:
    if agent.class_ == "bot":
        return "bot", "user_agent"
    if hints.bot:
        return "bot", "client_hints"
    class_ = class_by_hints(hints)
    if class_ != "unknown" and (agent.class_ == class_ or not agent.certain):
        return class_, "client_hints"
    return agent.class_, "user_agent" if agent.class_ != "unknown" else None


def _decide_bot_kind(hints: Hints, agent: UserAgentResult) -> BotKind:
    """The purpose of a bot by its User-Agent; hints tell only one, a browser that a program drives."""
    if agent.bot_kind is None or agent.bot_kind == "other":
        return "tool" if hints.bot else "other"
    return agent.bot_kind


def _decide_os(hints: Hints, agent: UserAgentResult) -> tuple[OperatingSystem, DeviceSignal | None]:
    if hints.os != "unknown" and agent.os not in _FINER_SYSTEMS.get(hints.os, ()):
        return hints.os, "client_hints"
    return agent.os, "user_agent" if agent.os != "unknown" else None


def _decide_browser(hints: Hints, agent: UserAgentResult) -> tuple[Browser, DeviceSignal | None]:
    finer = not hints.exact and agent.browser not in ("unknown", "chrome")
    if hints.browser != "unknown" and not finer:
        return hints.browser, "client_hints"
    return agent.browser, "user_agent" if agent.browser != "unknown" else None
