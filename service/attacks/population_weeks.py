"""A site's simulated weeks: visitors drawn from the reference population, groups made by them, and real answers.

Devices come and are counted, and the counts of a day are released and become the next week's snapshot, by the code that
serves.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from math import exp
from random import Random

from msgspec import Struct

from service.attacks.measures import Progress
from service.attacks.noise_tables import NoiseTable
from service.attacks.population import PRIVACY_CHOICES, Course, Population
from service.core.device import DeviceResult
from service.core.groups.cohort import CohortKey
from service.core.groups.cohort_token import TokenSealer
from service.core.groups.counts import PrivacyParameters, Released, Size, counter_key
from service.core.groups.interval import DAY_S, Interval
from service.core.groups.release import release, size_candidates
from service.core.groups.snapshot import NOTHING_KNOWN, SiteSnapshot, build_snapshot
from service.core.interest import Interests
from service.core.languages.matching import LanguageTables
from service.core.location import Place
from service.core.privacy import Permissions, Policy
from service.core.region import RegionTables
from service.core.signals import Signals
from service.core.sites import SiteRules
from service.use_cases.personalize import Personalized, Personalizer

WEEKS = 4
TODAY_PART = 0.35
"""Of the devices of a week, how many come on its first day, of which its groups are made."""
_REWARDED = 0.05
_REWARDS_SPREAD = 0.4
_WEEK_S = 7 * DAY_S
_FIRST_S = 20_000 * DAY_S
_PREFIXES_ENOUGH = 10**6
_FEW = 30

VisitTraits = tuple[int, int, int, int]
"""A visit by the indices of its country, device, choice and header."""


class World(Struct, frozen=True):
    """What the answers are made by: the policy and the site's rules in force, and on what terms counts are released."""

    policy: Policy
    rules: SiteRules
    terms: PrivacyParameters
    regions: RegionTables
    languages: LanguageTables


class SimulatedSite:
    """A site's weeks, as its visitors make them. ``homes`` are the countries they live in, all where it is empty."""

    def __init__(self, world: World, seed: int, homes: Collection[str] = ()) -> None:
        self.world = world
        self.population = Population(world.regions, world.languages, world.rules.site.topics, seed, homes)
        self.snapshots: list[SiteSnapshot] = []
        self._random = Random(seed)  # noqa: S311  # a simulation that can be repeated
        self._personalizer = Personalizer(TokenSealer(["of a simulation"], DAY_S), world.regions.continent, 300)
        self._rates: dict[tuple[str, str], float] = {}

    def carries(self) -> list[list[bool]]:
        """By country and choice, whether interests may be carried there."""
        return [
            [self._permissions(country, choice).interests for choice in range(len(PRIVACY_CHOICES))]
            for country in range(len(self.population.countries))
        ]

    def learn(self, courses: Counter[Course], progress: Progress) -> None:
        """Make each week's snapshot of the visits before it; those of the first week come twice, to begin with."""
        before: Released | None = None
        snapshot = NOTHING_KNOWN
        for turn in range(WEEKS):
            visits: Counter[VisitTraits] = Counter()
            for course, count in courses.items():
                if course.comes >> max(0, turn - 1) & 1:
                    visits[traits_in(course, max(0, turn - 1))] += count
            before = self._release(turn, visits, before, snapshot)
            snapshot = build_snapshot(self.world.rules, [before], self.world.regions.continent)
            self.snapshots.append(snapshot)
            progress("weeks learned", turn + 1, WEEKS)

    def decide(
        self, week: int, traits: VisitTraits, interests: Interests, snapshot: SiteSnapshot | None = None
    ) -> Personalized:
        """The real answer to a visit in a week, and what it adds to the counts."""
        country, device, choice, header = traits
        permissions = self._permissions(country, choice)
        matcher = self.world.rules.matcher
        signals = Signals(
            place=permissions.narrowed(self._place(country)), asked_place="geo",
            language_choice=None, region_choice=None,
            preference=matcher.prefer(self.population.headers[header]) if permissions.language else None,
            device_result=DeviceResult(self.population.devices[device], ("user_agent",)),
            interests=interests if permissions.interests else (),
            device_id=permissions.statistics, prefix=False, bucketed=permissions.experiments, variants=False,
            consent=bool(PRIVACY_CHOICES[choice].consent), opt_out=PRIVACY_CHOICES[choice].opt_out, dropped=(),
        )  # fmt: skip
        past = self.snapshots[week] if snapshot is None else snapshot
        return self._personalizer.personalize(self.world.rules, permissions, signals, past, _FIRST_S + week * _WEEK_S)

    def experiments_permitted(self, country: int, choice: int) -> bool:
        return self._permissions(country, choice).experiments

    def _permissions(self, country: int, choice: int) -> Permissions:
        chosen, policy = PRIVACY_CHOICES[choice], self.world.policy
        child = self.world.rules.site.child_directed
        return policy.permit(policy.regime_of(self._place(country)), chosen.consent, chosen.gpc, chosen.opt_out, child)

    def _place(self, country: int) -> Place:
        return self.world.regions.normalise_place(self.population.countries[country], None, None, "edge")

    def _release(
        self, turn: int, visits: Counter[VisitTraits], old: Released | None, snapshot: SiteSnapshot
    ) -> Released:
        """What is released of the day of which a week's groups are made."""
        raw: dict[str, int] = defaultdict(int)
        sizes: dict[CohortKey, int] = defaultdict(int)
        for traits, count in visits.items():
            answer = self.decide(max(0, turn - 1), traits, (), snapshot)
            today = self._binomial(count, TODAY_PART)
            if answer.increment is None or not today:
                continue
            for code in answer.increment.codes:
                raw[counter_key(answer.increment.cohort, code)] += today
                if code.startswith("offered:"):
                    rewarded = code.replace("offered:", "rewarded:")
                    rate = self._rate(answer.increment.cohort.partition("/")[0], code)
                    raw[counter_key(answer.increment.cohort, rewarded)] += self._binomial(today, rate)
            for rung in answer.rungs:
                sizes[rung] += today
        terms, continent = self.world.terms, self.world.regions.continent
        interval = Interval(_FIRST_S + turn * _WEEK_S - DAY_S, DAY_S)
        candidates = size_candidates(raw, old, continent)
        counted = {rung: Size(sizes.get(rung, 0), _PREFIXES_ENOUGH) for rung in candidates}
        return release(interval, raw, counted, old, terms, len(self.world.rules.slots), continent, self._draw)

    def _draw(self, scales: Sequence[float]) -> list[int]:
        tables = {scale: NoiseTable(scale, self._random.getrandbits(32)) for scale in {*scales} if scale > 0}
        drawn = {scale: iter(table.draw(scales.count(scale))) for scale, table in tables.items()}
        return [next(drawn[scale]) if scale > 0 else 0 for scale in scales]

    def _rate(self, country: str, option: str) -> float:
        """How often an option works in a country: somewhere about one in twenty."""
        key = country, option
        if key not in self._rates:
            self._rates[key] = min(0.5, _REWARDED * exp(self._random.gauss(0, _REWARDS_SPREAD)))
        return self._rates[key]

    def _binomial(self, trials: int, part: float) -> int:
        """About so many of them: exactly where they are few, normally distributed else."""
        if trials < _FEW:
            return sum(self._random.random() < part for _ in range(trials))
        drawn = self._random.gauss(trials * part, (trials * part * (1 - part)) ** 0.5)
        return min(trials, max(0, round(drawn)))


def traits_in(course: Course, period: int) -> VisitTraits:
    """What a device shows in a period."""
    return (
        course.abroad[period] if course.abroad else course.country,
        course.devices[period] if course.devices else course.device,
        course.choice,
        course.headers[period] if course.headers else course.header,
    )
