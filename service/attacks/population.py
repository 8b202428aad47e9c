"""The reference population: who comes to a site that the whole world visits, as shares to draw simulated devices from.

Made once from public figures, rounded, and not fitted to any result; where there is none, it says what was assumed. A
world-wide site is the hard case: its tail is long, and who is in a tail is easily one of a kind.

- Countries by users of the internet in millions (ITU and national statistics, 2023 to 2024). Territories without a
  figure here run from 20 million to two thousand in equal steps of the logarithm: half of them have less than 200,000.
- Devices by StatCounter's shares of 2024 to 2025, in three kinds of countries by how common iPhones are.
- Visits: assumed. A quarter comes nearly every week, a third every other, the rest seldom.
- Travel: 1.4 billion arrivals a year (UN Tourism, 2024) over 5.5 billion users and 52 weeks, of about 1.3 weeks each,
  is 0.65 % of all weeks. Most of that falls to few: 85 % of devices do not travel, 3 % do so one week in seven.
- VPNs: surveys name up to a third of users who ever use one; assumed that 5 % are seen abroad, every third week.
- Privacy choices: assumed, about what operators of consent banners publish. 42 % consent to everything, 10 % to all but
  interests, 42 % to nothing; 4 % send Global Privacy Control, 2 % opted out. What these mean follows from the regime.
- Interests: carried where permitted. A device looks at 1 to 12 pages a week it comes, four of five of its main topic,
  which changes in one week of ten; topics are liked by 1 / rank; one device in seven begins with nothing.
- Languages by CLDR's speakers of each country; in 1000 weeks two devices change theirs, and three their browser.
"""

import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, repeat
from typing import Generic, TypeVar

from msgspec import Struct

from service.core.device import Browser, Device, DeviceClass, OperatingSystem, tier_of
from service.core.interest import Interests, raise_interest
from service.core.language import LanguageTables
from service.core.privacy import PURPOSES, Purpose
from service.core.region import RegionTables

_USERS_MILLIONS = {
    "CN": 1090, "IN": 880, "US": 325, "ID": 220, "BR": 185, "RU": 130, "PK": 110, "MX": 107, "JP": 105, "NG": 105,
    "PH": 87, "EG": 82, "VN": 79, "DE": 78, "BD": 78, "TR": 74, "IR": 73, "GB": 66, "TH": 63, "FR": 60, "IT": 51,
    "KR": 50, "ES": 46, "ZA": 45, "AR": 41, "CO": 40, "CA": 37, "SA": 36, "IQ": 36, "MA": 34, "PL": 34, "MY": 33,
    "DZ": 33, "UA": 30, "UZ": 30, "PE": 27, "AU": 25, "GH": 23, "KE": 22, "TW": 22, "CL": 18, "KZ": 18, "NL": 17.5,
    "RO": 17, "LK": 12, "BE": 11, "SE": 10.2, "CZ": 9.8, "AE": 9.4, "PT": 9, "HU": 8.8, "CH": 8.8, "GR": 8.6,
    "AT": 8.6, "IL": 8.5, "HK": 7.2, "DK": 5.8, "SG": 5.7, "NO": 5.4, "FI": 5.2, "BG": 5, "IE": 5, "SK": 5, "NZ": 4.9,
    "HR": 3.3, "LT": 2.6, "SI": 1.9, "LV": 1.7, "EE": 1.3, "CY": 1.1, "LU": 0.66, "MT": 0.48, "IS": 0.38,
}  # fmt: skip
_TAIL_MILLIONS = 20.0, 0.002
_APPLE = frozenset({"US", "CA", "AU", "NZ", "JP", "GB", "CH", "SE", "DK", "NO", "IE", "SG", "HK", "TW"})
_MIXED = frozenset({
    "CN", "KR", "AE", "SA", "IL", "DE", "FR", "IT", "ES", "NL", "BE", "AT", "PT", "FI", "GR", "CZ", "HU", "PL", "RO",
    "RU", "LU", "IS", "MT", "CY", "EE", "SI",
})  # fmt: skip


class _Kind(Struct, frozen=True):
    """A kind of country: Apple's part of its smartphones, shares of classes, of desktops' and of tablets' systems."""

    apple: float
    classes: Mapping[DeviceClass, float]
    desktops: Mapping[OperatingSystem, float]
    tablets: Mapping[OperatingSystem, float]


_RICH_CLASSES: Mapping[DeviceClass, float] = {
    "smartphone": 0.51, "desktop": 0.45, "tablet": 0.03, "tv": 0.005, "console": 0.002, "unknown": 0.003,
}  # fmt: skip
_KINDS: Mapping[str, _Kind] = {
    "apple": _Kind(
        0.57,
        _RICH_CLASSES,
        {"windows": 0.6, "macos": 0.28, "chromeos": 0.06, "linux": 0.03, "unknown": 0.03},
        {"ipados": 0.55, "android": 0.4, "fireos": 0.05},
    ),
    "mixed": _Kind(
        0.33,
        _RICH_CLASSES,
        {"windows": 0.74, "macos": 0.15, "linux": 0.05, "chromeos": 0.01, "unknown": 0.05},
        {"ipados": 0.45, "android": 0.53, "fireos": 0.02},
    ),
    "android": _Kind(
        0.08,
        {"smartphone": 0.7, "desktop": 0.28, "tablet": 0.01, "tv": 0.003, "feature_phone": 0.004, "unknown": 0.003},
        {"windows": 0.85, "macos": 0.05, "linux": 0.04, "chromeos": 0.005, "unknown": 0.055},
        {"ipados": 0.2, "android": 0.8},
    ),
}
_OTHER_SYSTEMS: Mapping[DeviceClass, Mapping[OperatingSystem, float]] = {
    "tv": {"android": 0.3, "tizen": 0.25, "webos": 0.15, "roku": 0.15, "fireos": 0.15},
    "console": {"playstation": 0.5, "xbox": 0.4, "nintendo": 0.1},
    "feature_phone": {"kaios": 0.8, "other": 0.2},
    "unknown": {"unknown": 1.0},
}
_BROWSERS: Mapping[OperatingSystem, Mapping[Browser, float]] = {
    "android": {
        "chrome": 0.82, "samsung": 0.06, "webview": 0.05, "opera": 0.03, "uc": 0.02, "firefox": 0.01, "other": 0.01,
    },
    "ios": {"safari": 0.88, "chrome": 0.09, "webview": 0.02, "firefox": 0.01},
    "ipados": {"safari": 0.92, "chrome": 0.08},
    "windows": {"chrome": 0.66, "edge": 0.22, "firefox": 0.08, "opera": 0.04},
    "macos": {"chrome": 0.5, "safari": 0.43, "firefox": 0.05, "edge": 0.02},
    "linux": {"chrome": 0.6, "firefox": 0.4},
    "chromeos": {"chrome": 1.0},
}  # fmt: skip
_ANY_BROWSER: Mapping[Browser, float] = {"other": 0.7, "unknown": 0.3}
_LITE: Mapping[OperatingSystem, float] = {"android": 0.12}
_LITE_ELSEWHERE = 0.02
_ARRIVALS_MILLIONS = {
    "FR": 100, "ES": 85, "US": 66, "IT": 57, "TR": 55, "MX": 42, "GB": 41, "DE": 37, "JP": 37, "GR": 35, "TH": 35,
    "AT": 32, "HK": 30, "SA": 30, "PT": 29, "AE": 28, "MY": 25, "NL": 20, "CN": 20, "CH": 11,
}  # fmt: skip
_EXITS = {"US": 30, "DE": 15, "NL": 15, "GB": 10, "SG": 7, "JP": 5, "FR": 5, "CA": 5, "CH": 4, "SE": 4}
_COMES = (0.25, 0.97), (0.33, 0.5), (0.42, 0.2)
_TRAVELS = (0.03, 0.15), (0.12, 0.02)
_TUNNELS, _TUNNELLED, _FAITHFUL = 0.05, 0.3, 0.8
_ELSEWHERE = ("en", "zh-Hans", "hi", "es", "ar", "fr", "bn", "pt", "ru", "tr", "pl", "uk", "vi")
_HEADERS = 0.6, 0.25, 0.1, 0.05
_SPOKEN_MAX = 4
_LANGUAGE_CHANGES, _BROWSER_CHANGES = 0.002, 0.003
_MAIN_TOPIC, _TOPIC_CHANGES, _VIEWS_MAX, _VIEWS_BEFORE, _BEGINS_EMPTY = 0.8, 0.1, 12, 6, 1 / 7
_DAYS = 7
_STAY_DAYS = 5
_NOTHING: Interests = ()
_POOLED = 256
_T = TypeVar("_T")


class PrivacyChoice(Struct, frozen=True):
    """What the visits of a part of devices say of how they may be used."""

    part: float
    consent: frozenset[Purpose] = frozenset()
    gpc: bool = False
    opt_out: bool = False


PRIVACY_CHOICES = (
    PrivacyChoice(0.42, frozenset(PURPOSES)),
    PrivacyChoice(0.1, frozenset(PURPOSES) - {"interests"}),
    PrivacyChoice(0.42),
    PrivacyChoice(0.04, gpc=True),
    PrivacyChoice(0.02, opt_out=True),
)

Track = tuple[int, ...]
"""A number for each period: an index of something."""


class Course(Struct, frozen=True, gc=False, cache_hash=True):
    """What devices did over some periods, as the indices of what they showed. Empty: as at first, all the time.

    ``comes`` has a bit for each period, the first lowest; ``interests`` are those that are carried into each.
    """

    country: int
    device: int
    choice: int
    header: int
    variant: int
    comes: int
    abroad: Track = ()
    carried: tuple[Interests, ...] = ()
    headers: Track = ()
    devices: Track = ()


class Population:
    """Draws devices; ``topics`` are the site's. The same seed draws the same.

    With ``homes`` they live in those countries alone, and travel as others do.
    """

    def __init__(
        self,
        regions: RegionTables,
        languages: LanguageTables,
        topics: Sequence[str],
        seed: int,
        homes: Collection[str] = (),
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a simulation that can be repeated
        self.countries = [*_USERS_MILLIONS, *sorted(regions.countries.keys() - _USERS_MILLIONS.keys())]
        self._number = {country: index for index, country in enumerate(self.countries)}
        self.devices: list[Device] = []
        self._same_system: list[list[int]] = []
        self._homes, self._home_parts = self._make_homes(homes)
        self._header_numbers: dict[str, int] = {}
        self._headers = [_Pool(self._random, *self._make_headers(country, languages)) for country in self.countries]
        self.headers = list(self._header_numbers)
        self._topics = topics
        liked = [1 / rank for rank in range(1, len(topics) + 1)]
        self._topics_liked = _Pool(self._random, topics, list(accumulate(liked)))
        self._views = {main: _Pool(self._random, topics, self._make_views(main, liked)) for main in topics}
        self._arrivals = list(accumulate(_ARRIVALS_MILLIONS.get(country, 1) for country in self.countries))

    def draw(
        self, devices: int, periods: int, carries: Sequence[Sequence[bool]], *, daily: bool = False
    ) -> Iterator[Course]:
        """So many devices that came at least once in so many weeks; or on each of so many days, if ``daily``.

        ``carries`` tells for each country and each of PRIVACY_CHOICES whether interests are carried there. 10 us each.
        """
        rng = self._random
        days = 1 if daily else _DAYS
        homes = rng.choices(self._homes, cum_weights=self._home_parts, k=devices)
        choices = rng.choices(range(len(PRIVACY_CHOICES)), [choice.part for choice in PRIVACY_CHOICES], k=devices)
        patterns = repeat((1 << periods) - 1, devices) if daily else self._patterns(devices, periods)
        for (country, device), choice, comes in zip(homes, choices, patterns, strict=True):
            header = self._headers[country].draw()
            headers: Track = ()
            browsers: Track = ()
            if rng.random() < _LANGUAGE_CHANGES * periods * days / _DAYS:
                headers = self._change(header, self._headers[country].draw(), periods)
            if rng.random() < _BROWSER_CHANGES * periods * days / _DAYS:
                browsers = self._change(device, rng.choice(self._same_system[device]), periods)
            yield Course(
                country, device, choice, header, rng.getrandbits(1), comes, self._trips(country, periods, days),
                self._interests(comes, periods, days) if carries[country][choice] and self._topics else (),
                headers, browsers,
            )  # fmt: skip

    def _make_views(self, main: str, liked: list[float]) -> list[float]:
        """The parts of each topic in what a device with this main topic looks at, cumulated."""
        others = [(1 - _MAIN_TOPIC) * part / sum(liked) for part in liked]
        return list(
            accumulate(of + _MAIN_TOPIC * (topic == main) for topic, of in zip(self._topics, others, strict=True))
        )

    def _make_homes(self, only: Collection[str]) -> tuple[list[tuple[int, int]], list[float]]:
        """Every country with every device there, and their parts, cumulated."""
        missing = len(self.countries) - len(_USERS_MILLIONS)
        most, least = _TAIL_MILLIONS
        tail = [most * (least / most) ** (rank / max(1, missing - 1)) for rank in range(missing)]
        users = [*_USERS_MILLIONS.values(), *tail]
        numbers: dict[Device, int] = {}
        homes: list[tuple[int, int]] = []
        parts: list[float] = []
        for country, (code, millions) in enumerate(zip(self.countries, users, strict=True)):
            for device, part in _devices(_kind(code)):
                number = numbers.setdefault(device, len(numbers))
                if not only or code in only:
                    homes.append((country, number))
                    parts.append(millions * part)
        self.devices.extend(numbers)
        self._same_system.extend(
            [index for other, index in numbers.items() if (other.class_, other.os) == (device.class_, device.os)]
            for device in numbers
        )
        return homes, list(accumulate(parts))

    def _make_headers(self, country: str, languages: LanguageTables) -> tuple[list[int], list[float]]:
        """The Accept-Language headers of a country, by their numbers, and their parts."""
        spoken = sorted(languages.speakers.get(country, ()), key=lambda one: -one.share)[:_SPOKEN_MAX]
        parts: dict[str, float] = {"en": _HEADERS[2]}
        total = sum(one.share for one in spoken) or 1.0
        for one in spoken:
            local = f"{one.tag}-{country},{one.tag};q=0.9"
            parts[local] = parts.get(local, 0.0) + _HEADERS[0] * one.share / total
            both = f"{local},en;q=0.8"
            parts[both] = parts.get(both, 0.0) + _HEADERS[1] * one.share / total
        for tag in _ELSEWHERE:
            parts[tag] = parts.get(tag, 0.0) + _HEADERS[3] / len(_ELSEWHERE)
        numbers = [self._header_numbers.setdefault(text, len(self._header_numbers)) for text in parts]
        return numbers, list(accumulate(parts.values()))

    def _patterns(self, devices: int, periods: int) -> list[int]:
        """In which periods each device comes, one of them at least."""
        masks = range(1, 1 << periods)
        times = [mask.bit_count() for mask in masks]
        parts = [sum(part * often**n * (1 - often) ** (periods - n) for part, often in _COMES) for n in times]
        return self._random.choices(masks, parts, k=devices)

    def _trips(self, home: int, periods: int, days: int) -> Track:
        """Where a device is seen in each period; empty for one that stays at home."""
        rng = self._random
        drawn, away, at_most = rng.random(), 0.0, 0.0
        for part, often in _TRAVELS:
            at_most += part
            if drawn < at_most:
                away = often
                break
        tunnels = rng.random() < _TUNNELS
        if not away and not tunnels:
            return ()
        usual_exit = self._exit()
        seen: list[int] = []
        left, where = 0, home
        for _ in range(periods):
            if left:
                left -= 1
            else:
                where = home
                if rng.random() < away * days / _DAYS:
                    where = rng.choices(range(len(self.countries)), cum_weights=self._arrivals)[0]
                    left = max(0, _STAY_DAYS // days - 1)
            tunnelled = tunnels and rng.random() < _TUNNELLED
            seen.append((usual_exit if rng.random() < _FAITHFUL else self._exit()) if tunnelled else where)
        return tuple(seen) if any(country != home for country in seen) else ()

    def _exit(self) -> int:
        return self._number[self._random.choices(list(_EXITS), list(_EXITS.values()))[0]]

    def _interests(self, comes: int, periods: int, days: int) -> tuple[Interests, ...]:
        """What a device carries into each period, after what it looked at before."""
        rng = self._random
        view, carried = self._views[self._topics_liked.draw()].draw, _NOTHING
        if rng.random() >= _BEGINS_EMPTY:
            for _ in range(_VIEWS_BEFORE):
                carried = _raised(carried, view())
        views_max = max(1, _VIEWS_MAX * days // _DAYS)
        carried_in = []
        for period in range(periods):
            carried_in.append(carried)
            if comes >> period & 1:
                if rng.random() < _TOPIC_CHANGES * days / _DAYS:
                    view = self._views[self._topics_liked.draw()].draw
                for _ in range(1 + int(views_max * rng.random())):
                    carried = _raised(carried, view())
        return tuple(carried_in)

    def _change(self, before: int, after: int, periods: int) -> Track:
        """One change at some time; to the same, none."""
        at = self._random.randrange(periods)
        return () if before == after else (before,) * at + (after,) * (periods - at)


class _Pool(Generic[_T]):
    """Draws by shares, many at a time: one alone costs ten times as much."""

    def __init__(self, rng: random.Random, of: Sequence[_T], cumulated: list[float]) -> None:
        self._random, self._of, self._cumulated = rng, of, cumulated
        self._waiting: list[_T] = []

    def draw(self) -> _T:
        if not self._waiting:
            self._waiting = self._random.choices(self._of, cum_weights=self._cumulated, k=_POOLED)
        return self._waiting.pop()


@lru_cache(maxsize=1 << 16)
def _raised(carried: Interests, topic: str) -> Interests:
    return raise_interest(carried, topic)


def _kind(country: str) -> str:
    return "apple" if country in _APPLE else "mixed" if country in _MIXED else "android"


@lru_cache(maxsize=3)
def _devices(kind: str) -> list[tuple[Device, float]]:
    """The devices of one kind of country, with their parts."""
    of = _KINDS[kind]
    systems: Mapping[DeviceClass, Mapping[OperatingSystem, float]] = {
        **_OTHER_SYSTEMS,
        "smartphone": {"android": 1 - of.apple, "ios": of.apple},
        "desktop": of.desktops,
        "tablet": of.tablets,
    }
    parts: dict[Device, float] = {}
    for class_, of_all in of.classes.items():
        for os, of_class in systems[class_].items():
            for browser, of_system in _BROWSERS.get(os, _ANY_BROWSER).items():
                lite = _LITE.get(os, _LITE_ELSEWHERE)
                for save_data, part in ((True, lite), (False, 1 - lite)):
                    tier = tier_of(class_, os, None, save_data=save_data)
                    device = Device(class_, os, browser, tier, bot=False, source="user_agent")
                    parts[device] = parts.get(device, 0.0) + of_all * of_class * of_system * part
    return list(parts.items())
