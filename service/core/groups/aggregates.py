"""Sums of released cells over whole intervals, and rates with their uncertainty, as reports show them.

Only what was released goes in, so no difference of two figures tells more than released cells do. What was held back
stays held back: a cell that an interval did not let out had too few in it, or none, and the two look alike.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import exp, sqrt

from msgspec import Struct

from service.core.experiments.result_warnings import ResultWarning, more_rewards_than_offers
from service.core.groups.cohort import EVERYBODY, CohortKey, fineness
from service.core.groups.counts import (
    CLIPPED,
    SIZE_CAP_FACTOR,
    VISIT,
    CodeKind,
    PrivacyParameters,
    Released,
    counter_key,
    is_clipped,
    parse_counter_key,
)
from service.core.languages.matching import LanguageTag
from service.core.sites import Key, SlotRanking

# Between pauses: half a millisecond of adding.
CELLS_AT_ONCE = 1000
# Of a standard normal variable 95 % lie within so many standard deviations.
Z_95 = 1.959964

Scales = Mapping[CodeKind, float]
"""The scale of the noise on one released cell of each kind, in counts; 0 without noise."""


class Total(Struct, frozen=True, gc=False):
    """A sum of released cells. ``intervals`` of the window's released intervals had the cell and are in it.

    ``suppressed``: not all of them had. There the cell was below k, or could have been worked out, or was 0. The count
    is None where none had it.
    """

    count: int | None
    suppressed: bool
    intervals: int


class DevicesTotal(Struct, frozen=True, gc=False):
    """The devices that a cohort held within a day, where the window's released intervals tell the most.

    They are told in steps, of whole multiples of k, and only of cohorts that hold enough; elsewhere they are
    suppressed. ``at_least``: counting stopped at this many.
    """

    count: int | None
    suppressed: bool
    intervals: int
    at_least: bool


class Rate(Struct, frozen=True, gc=False):
    """Rewards by visits offered, or conversions by exposures, over so many ``intervals``. At most 1.

    ``low`` and ``high`` solve (rate - x)^2 = z^2 (x (1 - x) / n + v): Wilson's interval (1927) of 95 % for n trials,
    widened by the variance v = (V(successes) + rate^2 V(trials)) / n^2 of the noise on both sums.

    Intervals that are marked as clipped are in no rate: there, more was counted than can be.

    An option's rate is of the intervals that released both counts. So where its rewards are near k it is of the times
    when there happened to be more of them: it is too high then, by a fifth at times, and its interval does not know.
    A variant's is of intervals that are not chosen by its conversions (``interval_selection``). Where conversions were
    held back in one of them, they were 0 to k - 1: half of that is taken, and the square of the other half added to v.
    """

    value: float
    low: float
    high: float
    intervals: int


class LanguageRow(Struct, frozen=True, gc=False):
    """One language in one cohort: visits shown it by guess, visits that asked for it, visitors who changed to it."""

    language: LanguageTag
    shown: Total
    wanted: Total
    chosen: Total


class CohortRow(Struct, frozen=True):
    """One group. ``current``: it holds enough devices to be a visit's cohort now.

    Languages of which nothing was released are left out.
    """

    key: CohortKey
    current: bool
    visits: Total
    devices: DevicesTotal
    languages: tuple[LanguageRow, ...]


class OptionRow(Struct, frozen=True, gc=False):
    """One option in one cohort: visits in whose ranking it stood first, rewards, and the rate of the two.

    ``clipped`` is how many of the released intervals are marked: they had more rewards than there can be. Those are
    clipped to the offers, and the interval is in no rate.
    """

    option: Key
    offered: Total
    rewarded: Total
    rate: Rate | None
    clipped: int


class SlotRow(Struct, frozen=True):
    """A slot in one cohort: its options in the site's order, and the ranking in use now, None when unknown."""

    key: CohortKey
    ranking: SlotRanking | None
    options: tuple[OptionRow, ...]


class RatioSum:
    """Sums of trials and successes over some intervals, with the variances of their noise."""

    def __init__(self) -> None:
        self.trials = self.intervals = 0
        self.successes = 0.0
        self._trials_variance = self._successes_variance = self._held_back = 0.0

    def add(self, trials: int, successes: int, trials_variance: float, successes_variance: float) -> None:
        self.intervals += 1
        self.trials += trials
        self.successes += successes
        self._trials_variance += trials_variance
        self._successes_variance += successes_variance

    def add_held_back(self, trials: int, most: int, trials_variance: float, successes_variance: float) -> None:
        """An interval whose successes were held back, and were at most so many: half of them, give or take as many."""
        self.add(trials, 0, trials_variance, successes_variance)
        self.successes += most / 2
        self._held_back += most / 2

    @property
    def value(self) -> float:
        """Successes by trials: they are clipped to them, but what an earlier version released was not."""
        return min(1.0, self.successes / self.trials)

    @property
    def noise(self) -> float:
        """The variance of ``value`` that comes of the noise."""
        return (self._successes_variance + self.value**2 * self._trials_variance) / self.trials**2

    @property
    def uncertainty(self) -> float:
        """The variance of ``value`` that comes of the noise and of successes that were held back.

        These are off by no more than a known width, all of them the same way if it comes to the worst. As a deviation
        of that width, added to the others, an interval of 95 % covers any such error 95 times in 100.
        """
        return self.noise + (self._held_back / self.trials) ** 2

    def rate(self) -> Rate | None:
        if self.trials <= 0:  # no released cell is, with any k that settings allow
            return None
        low, high = interval_95(self.value, self.trials, self.uncertainty)
        return Rate(round(self.value, 6), round(low, 6), round(high, 6), self.intervals)


class Aggregator:
    """Sums over a window's released intervals, added one after another."""

    kinds: tuple[CodeKind, ...]

    def __init__(self) -> None:
        self.released = 0
        self.newest: Released | None = None
        self.terms: set[PrivacyParameters] = set()
        self.cohorts: set[CohortKey] = {EVERYBODY}
        self._sums: dict[str, int] = {}
        self._interval_counts: dict[str, int] = {}

    def take(self, released: Released) -> Iterator[None]:
        """Add an interval. It yields now and then and when it is done, so that the caller can let others work."""
        self._note(released)
        for index, (field, count) in enumerate(released.cells.items(), 1):
            if index % CELLS_AT_ONCE == 0:
                yield
            self._add(released, field, count)
        yield

    def total(self, field: str) -> Total:
        """The sum of one cell."""
        intervals = self._interval_counts.get(field, 0)
        # Nothing released at all is told as suppressed too, so that null always comes with it.
        return Total(self._sums.get(field), intervals < max(1, self.released), intervals)

    def ordered(self, size: Callable[[CohortKey], int], cohorts_max: int) -> list[CohortKey]:
        """The first cohorts: everybody before the ladder's finer rungs, on each the largest first."""
        return sorted(self.cohorts, key=lambda key: (fineness(key), -size(key), key))[:cohorts_max]

    def _note(self, released: Released) -> None:
        """Count the interval, and note the terms of its release."""
        self.released += 1
        self.terms.add(released.terms)
        if self.newest is None or self.newest.interval < released.interval:
            self.newest = released

    def _add(self, released: Released, field: str, count: int) -> None:
        raise NotImplementedError

    def _count(self, cohort: CohortKey, field: str, count: int) -> None:
        self.cohorts.add(cohort)
        self._sums[field] = self._sums.get(field, 0) + count
        self._interval_counts[field] = self._interval_counts.get(field, 0) + 1


class CohortAggregator(Aggregator):
    """Visits, devices and languages of every cohort."""

    kinds = ("visit", "shown", "wanted", "chosen")

    def __init__(self) -> None:
        super().__init__()
        self._devices: dict[CohortKey, tuple[int, bool]] = {}
        self._languages: dict[CohortKey, set[LanguageTag]] = {}

    def rows(self, languages: Sequence[LanguageTag], cohorts_max: int) -> Iterator[CohortRow]:
        """A row for every cohort of which anything was released, and for everybody."""
        for key in self.ordered(self._size, cohorts_max):
            counted = self._languages.get(key, set())
            yield CohortRow(
                key,
                self.newest is not None and self.newest.cells.get(counter_key(key, "in"), 0) > 0,
                self.total(counter_key(key, VISIT)),
                self._devices_total(key),
                tuple(self._language_row(key, tag) for tag in languages if tag in counted),
            )

    def _add(self, released: Released, field: str, count: int) -> None:
        cohort, what = parse_counter_key(field)
        kind, _, language = what.partition(":")
        if kind == "devices":
            self._count(cohort, field, count)
            capped = count >= SIZE_CAP_FACTOR * released.terms.k
            self._devices[cohort] = max(self._devices.get(cohort, (0, False)), (count, capped))
        elif kind in self.kinds:
            self._count(cohort, field, count)
            if language:
                self._languages.setdefault(cohort, set()).add(language)

    def _size(self, key: CohortKey) -> int:
        if counter_key(key, VISIT) in self._sums:
            return self._sums[counter_key(key, VISIT)]
        tags = self._languages.get(key, set())  # a bare country has languages alone
        return sum(self._sums.get(counter_key(key, f"{kind}:{tag}"), 0) for tag in tags for kind in ("shown", "wanted"))

    def _devices_total(self, key: CohortKey) -> DevicesTotal:
        total = self.total(counter_key(key, "devices"))
        count, capped = self._devices.get(key, (None, False))
        return DevicesTotal(count, total.suppressed, total.intervals, capped)

    def _language_row(self, key: CohortKey, tag: LanguageTag) -> LanguageRow:
        shown, wanted, chosen = (
            self.total(counter_key(key, f"{kind}:{tag}")) for kind in ("shown", "wanted", "chosen")
        )
        return LanguageRow(tag, shown, wanted, chosen)


class SlotAggregator(Aggregator):
    """Offers and rewards of one slot's options in every cohort. ``scales`` gives the noise under given terms."""

    kinds = ("offered", "rewarded")

    def __init__(self, slot: Key, options: Sequence[Key], scales: Callable[[PrivacyParameters], Scales]) -> None:
        super().__init__()
        self._options = options
        self._offered = {f"offered:{slot}:{option}": f"rewarded:{slot}:{option}" for option in options}
        self._rewarded = frozenset(self._offered.values())
        self._slot = slot
        self._scales = scales
        self._variances: dict[PrivacyParameters, tuple[float, float]] = {}
        self._rates: dict[str, RatioSum] = {}
        self._clipped: dict[str, int] = {}

    def warnings(self) -> tuple[ResultWarning, ...]:
        """The warnings about these figures."""
        options = {parse_counter_key(field)[1] for field in self._clipped}
        return (more_rewards_than_offers(len(options)),) if options else ()

    def rows(self, ranking: Callable[[CohortKey], SlotRanking | None], cohorts_max: int) -> Iterator[SlotRow]:
        """A row for every cohort of which anything was released, and for everybody."""
        for key in self.ordered(self._size, cohorts_max):
            yield SlotRow(key, ranking(key), tuple(self._option_row(key, option) for option in self._options))

    def _add(self, released: Released, field: str, count: int) -> None:
        cohort, what = parse_counter_key(field)
        if what in self._offered:
            self._count(cohort, field, count)
            rewarded = released.cells.get(counter_key(cohort, self._offered[what]))
            if rewarded is not None and not is_clipped(released.cells, cohort, self._offered[what]):
                self._rates.setdefault(field, RatioSum()).add(count, rewarded, *self._variances_under(released.terms))
        elif what in self._rewarded:
            self._count(cohort, field, count)
        elif what[:1] == CLIPPED and what[1:] in self._rewarded:
            self.cohorts.add(cohort)
            marked = counter_key(cohort, what[1:])
            self._clipped[marked] = self._clipped.get(marked, 0) + 1

    def _variances_under(self, terms: PrivacyParameters) -> tuple[float, float]:
        if terms not in self._variances:
            scales = self._scales(terms)
            self._variances[terms] = noise_variance(scales["offered"]), noise_variance(scales["rewarded"])
        return self._variances[terms]

    def _size(self, key: CohortKey) -> int:
        return sum(self._sums.get(counter_key(key, what), 0) for what in self._offered)

    def _option_row(self, key: CohortKey, option: Key) -> OptionRow:
        offered = counter_key(key, f"offered:{self._slot}:{option}")
        rewarded = counter_key(key, f"rewarded:{self._slot}:{option}")
        ratio = self._rates.get(offered)
        return OptionRow(
            option,
            self.total(offered),
            self.total(rewarded),
            None if ratio is None else ratio.rate(),
            self._clipped.get(rewarded, 0),
        )


def noise_variance(scale: float) -> float:
    """The variance of discrete Laplace noise of this scale: 2a / (1 - a)^2 where a = exp(-1 / scale)."""
    if scale <= 0:
        return 0.0
    ratio = exp(-1 / scale)
    return 2 * ratio / (1 - ratio) ** 2


def interval_95(rate: float, trials: float, noise: float) -> tuple[float, float]:
    """Wilson's interval for a rate in so many trials, widened by the variance of its noise; see ``Rate``."""
    z_term = Z_95**2 / trials
    middle = 2 * rate + z_term
    spread = sqrt(z_term**2 + 4 * z_term * rate * (1 - rate) + 4 * (1 + z_term) * Z_95**2 * noise)
    return max(0.0, (middle - spread) / (2 * (1 + z_term))), min(1.0, (middle + spread) / (2 * (1 + z_term)))
