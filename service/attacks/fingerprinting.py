"""The fingerprinting attack: whether answers over weeks tell devices from each other, and their entropy, simulated.

What a caller learns of a device is what it knew before it asked, which is the visit's own request, and what the service
*adds*: the cohort's key and token, the order of the slots, and the interests as they are answered. A device whose
sequence of these over four weeks nobody else has could be known again by it. At most 1 % of devices may, on a site that
the whole world visits and on one of a single country. Parts of what is added, and parts of the devices, have figures.

The limit is meant against the cohorts of FLoC, of which over 95 % of sequences were unique (Berke and Calacci 2022,
"Privacy limitations of interest-based advertising on the web: a post-mortem empirical analysis of Google's FLoC").
``docs/audit.md`` says how that was measured otherwise, what flatters these figures (all ask in the same hour, which a
token names) and what they leave out (slots hardly learn with one release a week).

Everything the service adds follows from the visit's own request and from what everyone gets; so what makes a device
unique is what it shows: that it moves from country to country, or what its interests are. All who showed the same are
one sum (``population``), and each answer is the real one (``population_weeks``).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from math import log2
from random import Random
from typing import Literal

from msgspec import Struct

from service.attacks.measures import Measure, Progress, at_most, figure, unseen
from service.attacks.population import Course
from service.attacks.population_weeks import WEEKS, SimulatedSite, VisitTraits, World, traits_in
from service.core.interest import Interests
from service.core.recommendation import Decision

DEVICES = 1_000_000
UNIQUE_MAX = 0.01
ADDED_BITS_MAX = 10.0
DAYS = 28
DAILY_PART = 0.05
"""Devices that come every day are simulated by so many to each that comes when it comes."""
PANEL: tuple[str, ...] = ("US",)
"""FLoC's cohorts were followed on devices of the United States."""
_RARE = 0.99


class Answers:
    """The answers of a site as numbers: equal ones have the same. Each is decided once."""

    def __init__(self, site: SimulatedSite) -> None:
        self._site = site
        self._numbers: dict[Hashable, int] = {}
        self._added: dict[tuple[int, int, int, int, Interests], Added] = {}
        self._echoed: dict[tuple[int, VisitTraits], EchoedTraits] = {}
        kinds: dict[Hashable, int] = {}
        # One device for all of a class and system: what is added follows from these alone.
        self._stands_for = [
            kinds.setdefault((device.class_, device.os), index) for index, device in enumerate(site.population.devices)
        ]

    def added(self, week: int, traits: VisitTraits, interests: Interests) -> "Added":
        country, device, choice, _ = traits
        key = week, country, self._stands_for[device], choice, interests
        added = self._added.get(key)
        if added is None:
            answer = self._site.decide(week, (country, key[2], choice, 0), interests).decision
            groups = self._number("groups", _of_groups(answer))
            added = self._added[key] = Added(
                self._number("cohort", None if answer.cohort is None else answer.cohort.key),
                self.added(week, traits, ()).groups if interests else groups,
                self._number("interests", answer.interests),
                self._number("added", groups, answer.interests),
            )
        return added

    def echoed(self, week: int, traits: VisitTraits) -> "EchoedTraits":
        echoed = self._echoed.get((week, traits))
        if echoed is None:
            answer = self._site.decide(week, traits, ()).decision
            echoed = self._echoed[week, traits] = EchoedTraits(
                self._number("language", answer.language),
                self._number("region", answer.region),
                self._number("device", answer.device),
                self._number("back", (answer.language, answer.region, answer.device, answer.privacy)),
                self._site.experiments_permitted(traits[0], traits[2]),
            )
        return echoed

    def _number(self, *answer_part: Hashable) -> int:
        return self._numbers.setdefault(answer_part, len(self._numbers))


class Added(Struct, frozen=True, gc=False):
    """What the service adds: the cohort's key; with its token and the slots; the interests; all of it."""

    cohort: int
    groups: int
    interests: int
    all: int


class EchoedTraits(Struct, frozen=True, gc=False):
    """What follows from the visit's own request alone, and whether it may be in experiments."""

    language: int
    region: int
    device: int
    all: int
    experiments: bool


_ONE, _MOVED, _FULL = 4, 1, 2
"""What a device adds to a sequence's number, and what else one that changed country, or came each time, adds. A number
below twice the first is that of one device alone, and says of it whether it did."""
HOURS = 24
"""Of how many hours a device may ask in one, where it is not known to be the same for all."""

View = Literal["groups", "added", "variants", "whole"]
"""What of an answer is looked at: cohort, token and slots; interests with these; variants with those; everything."""
_ABSENT = (-1, -1, -1, -1)


class Uniqueness(Struct, frozen=True):
    """By view, the share of devices whose sequence of answers no other has.

    ``moved`` is the part of these that changed country, ``stayed`` the share among the devices that did not, and
    ``full`` the share among those that came each time.
    """

    devices: int
    carrying: float
    shares: Mapping[View, float]
    moved: Mapping[View, float]
    stayed: Mapping[View, float]
    full: Mapping[View, float]
    full_devices: int


def unique_shares(
    answers: Answers, courses: Counter[Course], periods: int, days_each: int = 7, *, whole: bool = True
) -> Uniqueness:
    """How many devices are one of a kind. Without ``whole`` the views are those of what is added alone."""
    views: tuple[View, ...] = ("groups", "added", "variants", "whole") if whole else ("groups", "added")
    by_sequence: dict[View, Counter[int]] = {view: Counter() for view in views}
    every = (1 << periods) - 1
    for course, count in courses.items():
        rows: list[tuple[int, ...]] = []
        came_each = course.comes == every
        for period in range(periods):
            if not course.comes >> period & 1:
                rows.append(_ABSENT[: len(views)])
                continue
            week, traits = period * days_each // 7, traits_in(course, period)
            added = answers.added(week, traits, course.carried[period] if course.carried else ())
            if whole:
                echoed = answers.echoed(week, traits)
                variants = 2 * added.all + (course.variant and echoed.experiments)
                rows.append((added.groups, added.all, variants, hash((variants, echoed.all))))
            else:
                rows.append((added.groups, added.all))
        for view, sequence in zip(views, zip(*rows, strict=True), strict=True):
            number = hash(sequence)  # of 64 bits: among a million, two are not the same by chance
            by_sequence[view][number] += _ONE * count + (_MOVED if course.abroad else 0) + (_FULL if came_each else 0)
    devices = courses.total()
    staying = sum(count for course, count in courses.items() if not course.abroad)
    full = sum(count for course, count in courses.items() if course.comes == every)
    single = {view: [number for number in by_row.values() if number < 2 * _ONE] for view, by_row in by_sequence.items()}
    moved = {view: sum(number & _MOVED > 0 for number in numbers) for view, numbers in single.items()}
    return Uniqueness(
        devices,
        sum(count for course, count in courses.items() if course.carried) / devices,
        {view: len(numbers) / devices for view, numbers in single.items()},
        {view: moved[view] / max(1, len(numbers)) for view, numbers in single.items()},
        {view: (len(numbers) - moved[view]) / max(1, staying) for view, numbers in single.items()},
        {view: sum(number & _FULL > 0 for number in numbers) / max(1, full) for view, numbers in single.items()},
        full,
    )


def unique_by_hours(answers: Answers, courses: Counter[Course], hours: int, seed: int) -> float:
    """The share that is unique by all that is added, where each asks in any of so many hours and tokens name them."""
    random = Random(seed)  # noqa: S311  # a site that can be repeated
    by_sequence: Counter[int] = Counter()
    for course, count in courses.items():
        weeks = [week for week in range(WEEKS) if course.comes >> week & 1]
        row = tuple(
            answers.added(week, traits_in(course, week), course.carried[week] if course.carried else ()).all
            for week in weeks
        )
        for _ in range(count):
            hour = int(random.random() * hours ** len(weeks))  # an hour for each week, as one number
            by_sequence[hash((course.comes, row, hour))] += 1
    return sum(count == 1 for count in by_sequence.values()) / courses.total()


def surprisals(answers: Answers, courses: Counter[Course]) -> dict[str, tuple[float, float]]:
    """By part of an answer in the last week, the mean of its surprisal in bits, which is its entropy; and the 99 %."""
    by_part: dict[str, Counter[Hashable]] = defaultdict(Counter)
    last = WEEKS - 1
    for course, count in courses.items():
        if not course.comes >> last & 1:
            continue
        traits = traits_in(course, last)
        added = answers.added(last, traits, course.carried[last] if course.carried else ())
        echoed = answers.echoed(last, traits)
        variant = course.variant if echoed.experiments else 0
        by_part["cohort"][added.cohort] += count
        by_part["cohort, token and slots"][added.groups] += count
        by_part["interests"][added.interests] += count
        by_part["all that is added"][added.all] += count
        by_part["variants"][variant] += count
        by_part["language"][echoed.language] += count
        by_part["region"][echoed.region] += count
        by_part["device"][echoed.device] += count
        by_part["the whole answer"][added.all, variant, echoed.all] += count
    return {part: _surprisal(counts.values()) for part, counts in by_part.items()}


def of_one_country(world: World, devices: int, seed: int = 1, progress: Progress = unseen) -> list[Measure]:
    """Of a site of one country, as FLoC's cohorts were looked at."""
    site = SimulatedSite(world, seed, PANEL)
    courses = Counter(site.population.draw(devices, WEEKS, site.carries()))
    progress("devices of one country drawn", devices, devices)
    site.learn(courses, progress)
    answers = Answers(site)
    unique = unique_shares(answers, courses, WEEKS, whole=False)
    progress("sequences compared", 1, 2)
    by_hours = unique_by_hours(answers, courses, HOURS, seed)
    progress("sequences compared", 2, 2)
    return [
        *_of_all_added(unique, "on a site of one country", f"{devices} devices of {'-'.join(PANEL)}"),
        figure(f"unique by all that is added, each asking in one of {HOURS} hours, on a site of one country", by_hours,
               "of devices", "tokens name the hour, and when it asks is the caller's own knowledge"),
    ]  # fmt: skip


def of_the_world(world: World, devices: int, seed: int = 1, progress: Progress = unseen) -> list[Measure]:
    """Of a site that the whole world visits: the hard case, with a long tail of places and of devices."""
    site = SimulatedSite(world, seed)
    carries = site.carries()
    courses = Counter(site.population.draw(devices, WEEKS, carries))
    progress("devices of the world drawn", devices, devices)
    site.learn(courses, progress)
    answers = Answers(site)
    weekly = unique_shares(answers, courses, WEEKS)
    progress("sequences compared", 1, 2)
    bits = surprisals(answers, courses)
    del courses
    some = max(1, round(devices * DAILY_PART))
    every_day = Counter(site.population.draw(some, DAYS, carries, daily=True))
    daily = unique_shares(answers, every_day, DAYS, days_each=1)
    progress("sequences compared", 2, 2)
    mean, high = bits.pop("all that is added")
    of_days = f"of {some} devices that come on each of {DAYS} days"
    return [
        *_of_all_added(weekly, "on a site of the world", f"{devices} devices"),
        *_of_whole_answer(weekly, "on a site of the world", f"of {devices} devices, four weekly answers", world),
        figure("unique by cohort, token and slots, asked every day", daily.shares["groups"], "of devices", of_days),
        figure("unique by all that is added, asked every day", daily.shares["added"], "of devices", of_days),
        *_of_whole_answer(daily, "asked every day", of_days, world),
        at_most("entropy of what is added: cohort, token, slots, interests", mean, ADDED_BITS_MAX, "bits",
                f"99 % below {high:.1f}"),
        *(figure(f"entropy of {part}", of, "bits", f"99 % below {below:.1f}") for part, (of, below) in bits.items()),
    ]  # fmt: skip


def fingerprinting(world: World, devices: int = DEVICES, seed: int = 1, progress: Progress = unseen) -> list[Measure]:
    """The whole attack: a million devices of one country, and a million of the world. Some 50 s and 430 MB."""
    return [*of_one_country(world, devices, seed, progress), *of_the_world(world, devices, seed, progress)]


def _of_all_added(unique: Uniqueness, where: str, which: str) -> list[Measure]:
    """The figure that has a limit, which is that of all devices by all that is added; and parts of it."""
    every = f"{which}, four weekly answers in the same hour of their weeks; slots learn once a week"
    return [
        at_most(f"unique by all that is added, {where}", unique.shares["added"], UNIQUE_MAX, "of devices",
                f"{every}; {unique.carrying:.0%} carry interests, where they may; FLoC: over 95 % of another panel"),
        figure(f"unique by cohort, token and slots, {where}", unique.shares["groups"], "of devices",
               f"{every}; {unique.moved['groups']:.0%} of them changed country, which the visit itself shows"),
        figure(f"unique by all that is added, {where}, of who stayed in a country", unique.stayed["added"],
               "of devices"),
        figure(f"unique by all that is added, {where}, of who came every week", unique.full["added"], "of devices",
               f"of {unique.full_devices} devices; nearest to FLoC's panel, which had no others"),
    ]  # fmt: skip


def _of_whole_answer(unique: Uniqueness, where: str, how: str, world: World) -> list[Measure]:
    """What is seen with what is not the service's to add."""
    return [
        figure(f"unique by these and variants, {where}", unique.shares["variants"], "of devices",
               f"{how}; {len(world.rules.running)} running experiments"),
        figure(f"unique by the whole answer, {where}", unique.shares["whole"], "of devices",
               f"{how}; with language, region, device and permissions, all of which the caller's own request showed"),
    ]  # fmt: skip


def _of_groups(answer: Decision) -> Hashable:
    """The cohort's key and token and the slots' orders: what follows from the group, and the interests carried."""
    cohort = None if answer.cohort is None else (answer.cohort.key, answer.cohort.token)
    return cohort, tuple(answer.slots.items())


def _surprisal(counts: Iterable[int]) -> tuple[float, float]:
    ordered = sorted(counts, reverse=True)
    total, seen, high = sum(ordered), 0, 0.0
    for count in ordered:
        seen += count
        high = log2(total / count)
        if seen >= _RARE * total:
            break
    return sum(count * log2(total / count) for count in ordered) / total, high
