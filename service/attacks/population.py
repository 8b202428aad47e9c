"""The reference population: who comes to a site that the whole world visits, as shares to draw simulated devices from.

Countries, devices and languages are public figures (``population.toml``). How devices behave is this:

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
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate, repeat
from typing import Generic, TypeVar

from msgspec import Struct, convert

from service.core.device import Browser, Device, DeviceClass, OperatingSystem, tier_of
from service.core.interest import Interests, raise_interest
from service.core.languages.matching import LanguageTables
from service.core.privacy import PURPOSES, Purpose
from service.core.region import RegionTables


class _Kind(Struct, frozen=True):
    """A kind of country: Apple's part of its smartphones, shares of classes, of desktops' and of tablets' systems."""

    apple: float
    classes: Mapping[DeviceClass, float]
    desktops: Mapping[OperatingSystem, float]
    tablets: Mapping[OperatingSystem, float]


class Figures(Struct, frozen=True, forbid_unknown_fields=True):
    """What ``population.toml`` has. Its lists of pairs are in the order of draws, so the same seed draws the same."""

    users_millions: list[tuple[str, float]]
    tail_millions: tuple[float, float]
    apple: frozenset[str]
    mixed: frozenset[str]
    arrivals_millions: list[tuple[str, float]]
    exits: list[tuple[str, float]]
    elsewhere: tuple[str, ...]
    kinds: dict[str, _Kind]
    other_systems: dict[DeviceClass, dict[OperatingSystem, float]]
    browsers: dict[OperatingSystem, dict[Browser, float]]


@cache
def figures() -> Figures:
    text = files("service.attacks").joinpath("population.toml").read_text(encoding="utf-8")
    return convert(tomllib.loads(text), Figures)


_LITE: Mapping[OperatingSystem, float] = {"android": 0.12}
_LITE_ELSEWHERE = 0.02
_COMES = (0.25, 0.97), (0.33, 0.5), (0.42, 0.2)
_TRAVELS = (0.03, 0.15), (0.12, 0.02)
_TUNNELS, _TUNNELLED, _FAITHFUL = 0.05, 0.3, 0.8
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
        users, arrivals = dict(figures().users_millions), dict(figures().arrivals_millions)
        self.countries = [*users, *sorted(regions.countries.keys() - users.keys())]
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
        self._arrivals = list(accumulate(arrivals.get(country, 1) for country in self.countries))

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
        users = [millions for _, millions in figures().users_millions]
        missing = len(self.countries) - len(users)
        most, least = figures().tail_millions
        tail = [most * (least / most) ** (rank / max(1, missing - 1)) for rank in range(missing)]
        numbers: dict[Device, int] = {}
        homes: list[tuple[int, int]] = []
        parts: list[float] = []
        for country, (code, millions) in enumerate(zip(self.countries, [*users, *tail], strict=True)):
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
        spoken = sorted(languages.speakers.get(country, ()), key=lambda language: -language.share)[:_SPOKEN_MAX]
        parts: dict[str, float] = {"en": _HEADERS[2]}
        total = sum(language.share for language in spoken) or 1.0
        for language in spoken:
            local = f"{language.tag}-{country},{language.tag};q=0.9"
            parts[local] = parts.get(local, 0.0) + _HEADERS[0] * language.share / total
            both = f"{local},en;q=0.8"
            parts[both] = parts.get(both, 0.0) + _HEADERS[1] * language.share / total
        elsewhere = figures().elsewhere
        for tag in elsewhere:
            parts[tag] = parts.get(tag, 0.0) + _HEADERS[3] / len(elsewhere)
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
        drawn, trip_share, at_most = rng.random(), 0.0, 0.0
        for part, often in _TRAVELS:
            at_most += part
            if drawn < at_most:
                trip_share = often
                break
        tunnels = rng.random() < _TUNNELS
        if not trip_share and not tunnels:
            return ()
        usual_exit = self._exit()
        seen: list[int] = []
        left, where = 0, home
        for _ in range(periods):
            if left:
                left -= 1
            else:
                where = home
                if rng.random() < trip_share * days / _DAYS:
                    where = rng.choices(range(len(self.countries)), cum_weights=self._arrivals)[0]
                    left = max(0, _STAY_DAYS // days - 1)
            tunnelled = tunnels and rng.random() < _TUNNELLED
            seen.append((usual_exit if rng.random() < _FAITHFUL else self._exit()) if tunnelled else where)
        return tuple(seen) if any(country != home for country in seen) else ()

    def _exit(self) -> int:
        countries, parts = zip(*figures().exits, strict=True)
        return self._number[self._random.choices(countries, parts)[0]]

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
    return "apple" if country in figures().apple else "mixed" if country in figures().mixed else "android"


@lru_cache(maxsize=3)
def _devices(kind: str) -> list[tuple[Device, float]]:
    """The devices of one kind of country, with their parts."""
    of, browsers = figures().kinds[kind], figures().browsers
    systems: Mapping[DeviceClass, Mapping[OperatingSystem, float]] = {
        **figures().other_systems,
        "smartphone": {"android": 1 - of.apple, "ios": of.apple},
        "desktop": of.desktops,
        "tablet": of.tablets,
    }
    parts: dict[Device, float] = {}
    for class_, of_all in of.classes.items():
        for os, of_class in systems[class_].items():
            for browser, of_system in browsers.get(os, browsers["other"]).items():
                lite = _LITE.get(os, _LITE_ELSEWHERE)
                for save_data, part in ((True, lite), (False, 1 - lite)):
                    tier = tier_of(class_, os, None, save_data=save_data)
                    device = Device(class_, os, browser, tier, bot=False, source="user_agent")
                    parts[device] = parts.get(device, 0.0) + of_all * of_class * of_system * part
    return list(parts.items())
