"""Parser of the low-entropy client hints: brands, "mobile", platform.

The hints are structured fields (RFC 8941) as the UA Client Hints draft defines them: ``Sec-CH-UA`` is a list of
strings with a ``v`` parameter, ``Sec-CH-UA-Mobile`` a boolean, ``Sec-CH-UA-Platform`` a string. Proxies and test tools
send them unquoted or cut short, so reading is lenient: what cannot be read counts as not sent, and nothing here raises.
Versions are not read at all, and no high-entropy hint has a parameter it could arrive in.
"""

import re

from service.core.device import NO_HINTS, Browser, Hints, OperatingSystem

HINT_LENGTH_MAX = 512  # a longer value is no browser's and is ignored

_PLATFORMS: dict[str, OperatingSystem] = {
    "android": "android",
    "ios": "ios",
    "ipados": "ipados",
    "windows": "windows",
    "win32": "windows",
    "macos": "macos",
    "mac os x": "macos",
    "linux": "linux",
    "chrome os": "chromeos",
    "chromeos": "chromeos",
    "chromium os": "chromeos",
    "harmonyos": "harmonyos",
    "openharmony": "harmonyos",
    "tizen": "tizen",
    "webos": "webos",
    "kaios": "kaios",
    "fuchsia": "other",
    "freebsd": "other",
    "openbsd": "other",
}

# Brands that name a browser of the vocabulary. Every Chromium also lists "Chromium" and many list "Google Chrome", so
# these are asked first, in this order.
_BRANDS: tuple[tuple[str, Browser], ...] = (
    ("microsoft edge webview2", "webview"),
    ("android webview", "webview"),
    ("microsoft edge", "edge"),
    ("samsung internet", "samsung"),
    ("samsungbrowser", "samsung"),
    ("opera", "opera"),
    ("yandex", "yandex"),
    ("yabrowser", "yandex"),
    ("yowser", "yandex"),
    ("ucbrowser", "uc"),
    ("uc browser", "uc"),
    ("firefox", "firefox"),
    ("safari", "safari"),
)

_QUOTED = re.compile(r'"([^"]{1,64})"\s*;\s*v\s*=')
# GREASE: "Not A;Brand", "(Not(A:Brand", "Not/A)Brand", "Not_A Brand"... with any punctuation around the words.
_GREASE = re.compile(r"not.{0,4}a.{0,4}brand", re.IGNORECASE)


def read_hints(brands: str, mobile: str, platform: str) -> Hints:
    """The hints of three header values; an empty string means not sent. Never raises."""
    if not (brands or mobile or platform):
        return NO_HINTS
    browser, exact, bot = _read_brands(brands) if 0 < len(brands) <= HINT_LENGTH_MAX else ("unknown", False, False)
    flag = mobile.strip()[:2]
    phone = flag == "?1" if flag in ("?0", "?1") else None
    return Hints(phone, _read_platform(platform), browser, exact, bot)


def is_save_data(value: str) -> bool:
    """Save-Data is a token, ``on``, perhaps followed by parameters to come (W3C draft Save Data)."""
    return value.partition(";")[0].strip().lower() == "on"


def _read_platform(value: str) -> OperatingSystem:
    return (
        _PLATFORMS.get(value.strip().strip('"').strip().lower(), "unknown")
        if len(value) <= HINT_LENGTH_MAX
        else "unknown"
    )


def _read_brands(value: str) -> tuple[Browser, bool, bool]:
    """The browser, whether a brand names it, and whether a brand says "headless"."""
    names = [name.lower() for name in _QUOTED.findall(value) if not _GREASE.search(name)]
    if not names:
        return "unknown", False, False
    bot = any("headless" in name for name in names)
    for brand, browser in _BRANDS:
        if any(brand in name for name in names):
            return browser, True, bot
    if any(name not in ("chromium", "google chrome") and "headless" not in name for name in names):
        return "other", False, bot
    return "chrome", "google chrome" in names, bot
