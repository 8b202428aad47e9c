"""The rules that join hints and User-Agent, and the reading of the hints."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.device import NO_HINTS, NO_USER_AGENT_RESULT, UNKNOWN_RESULT, Hints, UserAgentResult, decide, tier_of
from service.core.device_hints import is_save_data, read_hints

CHROME = '"Not/A)Brand";v="8", "Chromium";v="142", "Google Chrome";v="142"'
HEADLESS = '"HeadlessChrome";v="142", "Chromium";v="142"'
TEXTS = st.text(max_size=64) | st.text(alphabet='"?;=v01, \\ABNotrand', max_size=64)


def seen(class_="unknown", *, certain=False, os="unknown", version=None, browser="unknown"):
    return UserAgentResult(class_, certain, os, version, browser)


def test_nothing_sent_is_nothing_known():
    """No hint and no User-Agent give the unknown device by default, and no signal is said to be used."""
    assert decide(NO_HINTS, NO_USER_AGENT_RESULT, save_data=False) == UNKNOWN_RESULT


@pytest.mark.parametrize(
    ("mobile", "platform", "expected"),
    [
        ("?1", '"Android"', "smartphone"),
        ("?0", '"Android"', "tablet"),
        ("", '"Android"', "unknown"),
        ("?0", '"Windows"', "desktop"),
        ("", '"macOS"', "desktop"),
        ("?0", '"Chrome OS"', "desktop"),
        ("?1", "", "smartphone"),
        ("?0", "", "unknown"),
        ("?0", '"Unknown"', "unknown"),
    ],
)
def test_the_class_by_hints_alone(mobile, platform, expected):
    """``?1`` is a phone, desktop platforms are desktops, Android without mobile is a tablet, else unknown."""
    device = decide(read_hints("", mobile, platform), NO_USER_AGENT_RESULT, save_data=False).device
    assert device.class_ == expected
    assert device.source == ("default" if expected == "unknown" else "client_hints")


@pytest.mark.parametrize(
    ("said", "brands", "kind"),
    [("training", "", "training"), (None, "", "other"), ("other", HEADLESS, "tool"), ("monitor", HEADLESS, "monitor")],
)
def test_a_bot_has_a_kind(said, brands, kind):
    """The one that its User-Agent says, else that of a driven browser where the hints show one, else ``other``."""
    bot = UserAgentResult("bot", True, "unknown", None, "unknown", bot_kind=said)
    assert decide(read_hints(brands, "", ""), bot, save_data=False).bot_kind == kind


def test_a_kind_is_said_of_bots_alone():
    """By whichever signal they are known; a person's browser has none."""
    assert decide(read_hints(HEADLESS, "?0", ""), seen("desktop"), save_data=False).bot_kind == "tool"
    assert decide(read_hints(CHROME, "?0", ""), seen("desktop"), save_data=False).bot_kind is None


def test_hints_beat_a_frozen_user_agent():
    """A User-Agent without words of its own changes nothing and is not said to be used."""
    sighting = decide(
        read_hints(CHROME, "?1", '"Android"'),
        seen("tablet", os="android", version=10, browser="chrome"),
        save_data=False,
    )
    assert (sighting.device.class_, sighting.device.source) == ("smartphone", "client_hints")
    assert sighting.used == ("client_hints",)


@pytest.mark.parametrize("kind", ["tv", "wearable", "car", "console", "speaker", "tablet", "feature_phone"])
def test_a_kind_that_the_user_agent_names_beats_the_mobile_hint(kind):
    """A watch or a TV has no hint of its own, so its name in the User-Agent decides, and both signals are used."""
    sighting = decide(read_hints(CHROME, "?1", '"Android"'), seen(kind, certain=True, os="android"), save_data=False)
    assert (sighting.device.class_, sighting.device.source) == (kind, "user_agent")
    assert sighting.used == ("client_hints", "user_agent")


def test_a_bot_is_a_bot_whatever_its_hints_say():
    """Hints are easily sent: a program's name in the User-Agent, or in the brands, wins."""
    by_agent = decide(read_hints(CHROME, "?0", '"Linux"'), seen("bot", certain=True), save_data=False).device
    assert (by_agent.class_, by_agent.bot, by_agent.source) == ("bot", True, "user_agent")
    by_brand = decide(read_hints('"HeadlessChrome";v="142"', "?0", '"Linux"'), seen("desktop"), save_data=False).device
    assert (by_brand.class_, by_brand.bot, by_brand.source) == ("bot", True, "client_hints")


def test_only_a_finer_system_replaces_the_platform_hint():
    """Fire OS is a kind of Android; Windows is none, so there the hint stays."""
    hints = read_hints("", "?0", "Android")
    assert decide(hints, seen(os="fireos"), save_data=False).device.os == "fireos"
    assert decide(hints, seen(os="windows"), save_data=False).device.os == "android"


@pytest.mark.parametrize(
    ("brands", "expected", "exact", "bot"),
    [
        (CHROME, "chrome", True, False),
        ('"Chromium";v="142", "Not A(Brand";v="24"', "chrome", False, False),
        ('"Microsoft Edge";v="142", "Chromium";v="142", " Not;A Brand";v="99"', "edge", True, False),
        ('"Chromium";v="142", "Microsoft Edge WebView2";v="142"', "webview", True, False),
        ('"Android WebView";v="142", "Chromium";v="142", "Not?A_Brand";v="24"', "webview", True, False),
        ('"Samsung Internet";v="28.0", "Chromium";v="130"', "samsung", True, False),
        ('"Opera";v="82", "OperaMobile";v="67", "Chromium";v="96"', "opera", True, False),
        ('"YaBrowser";v="24.1", "Chromium";v="120", "Yowser";v="2.5"', "yandex", True, False),
        ('"Brave";v="142", "Chromium";v="142"', "other", False, False),
        ('"HeadlessChrome";v="142", "Chromium";v="142"', "chrome", False, True),
        ('"Not_A Brand";v="8"', "unknown", False, False),
        ("Chromium", "unknown", False, False),
        ('"' * 400, "unknown", False, False),
        (CHROME + " " * 512, "unknown", False, False),
    ],
)
def test_brands(brands, expected, exact, bot):
    """GREASE is skipped, the most telling brand wins, and what is no list of brands counts as not sent."""
    hints = read_hints(brands, "", "")
    assert (hints.browser, hints.exact, hints.bot) == (expected, exact, bot)


def test_an_engine_only_brand_leaves_the_browser_to_the_user_agent():
    """ "Chromium" alone may be any browser, so a name in the User-Agent is believed."""
    hints = read_hints('"Chromium";v="142"', "?0", '"Windows"')
    assert decide(hints, seen(browser="opera"), save_data=False).device.browser == "opera"
    assert decide(hints, seen(browser="chrome"), save_data=False).device.browser == "chrome"


@pytest.mark.parametrize(("value", "expected"), [("Android", "android"), (' "macOS" ', "macos"), ("'x'", "unknown")])
def test_the_platform_may_lack_its_quotes(value, expected):
    """Some proxies drop the quotes; garbage is unknown."""
    assert read_hints("", "", value).os == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("on", True), ("On; x", True), ("off", False), ("", False), ("1", False)]
)
def test_save_data(value, expected):
    """Only the token ``on`` asks for less."""
    assert is_save_data(value) is expected


@pytest.mark.parametrize(
    ("class_", "os", "version", "expected"),
    [
        ("desktop", "windows", 10, "rich"),
        ("desktop", "windows", 7, "lite"),
        ("desktop", "macos", 10.15, "rich"),
        ("desktop", "macos", 10.09, "lite"),
        ("desktop", "linux", None, "rich"),
        ("desktop", "other", None, "standard"),
        ("smartphone", "android", 10, "standard"),
        ("smartphone", "android", 8, "lite"),
        ("smartphone", "ios", 12, "lite"),
        ("smartphone", "ios", 18, "standard"),
        ("feature_phone", "other", None, "lite"),
        ("smartphone", "kaios", None, "lite"),
        ("tv", "tizen", None, "standard"),
        ("bot", "android", 6, "standard"),
        ("unknown", "unknown", None, "standard"),
    ],
)
def test_tier(class_, os, version, expected):
    """Small, old and feature phones are lite, current desktops rich, and frozen versions punish nobody."""
    assert tier_of(class_, os, version, save_data=False) == expected
    assert tier_of(class_, os, version, save_data=True) == "lite"


def test_an_old_version_brings_the_user_agent_into_play():
    """When only the age of the system comes from the User-Agent, both signals are listed."""
    hints = read_hints(CHROME, "?1", "Android")
    old = decide(hints, seen("smartphone", os="android", version=7.0, browser="chrome"), save_data=False)
    assert (old.device.tier, old.used) == ("lite", ("client_hints", "user_agent"))


@given(brands=TEXTS, mobile=TEXTS, platform=TEXTS)
def test_any_hints_are_read_without_an_error(brands, mobile, platform):
    """Garbage in a hint is ignored, never an error."""
    assert isinstance(read_hints(brands, mobile, platform), Hints)


@given(
    mobile=st.sampled_from(["", "?0", "?1"]),
    platform=st.sampled_from(["", "Android", "Windows", "Linux"]),
    found=st.builds(
        UserAgentResult,
        st.sampled_from(["desktop", "smartphone", "tablet", "tv", "bot", "unknown"]),
        st.booleans(),
        st.sampled_from(["android", "windows", "linux", "other", "unknown"]),
        st.none() | st.floats(1, 20),
        st.sampled_from(["chrome", "firefox", "other", "unknown"]),
    ),
    save_data=st.booleans(),
)
def test_laws_of_joining(mobile, platform, found, save_data):
    """Bot is a class, a source is a used signal, a signal that was not sent is never used."""
    sighting = decide(read_hints("", mobile, platform), found, save_data=save_data)
    device = sighting.device
    assert device.bot == (device.class_ == "bot")
    assert (device.source == "default") == (device.class_ == "unknown")
    assert device.source == "default" or device.source in sighting.used
    if not (mobile or platform or save_data):
        assert "client_hints" not in sighting.used
    if found == NO_USER_AGENT_RESULT:
        assert "user_agent" not in sighting.used
