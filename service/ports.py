"""Ports: what the service asks of the world, each a small protocol that an adapter implements.

Raw addresses and User-Agent strings pass through two of them and come back as coarse values; no adapter may keep them
beyond a bounded cache in the process.
"""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, Protocol

from service.core.device import DeviceResult
from service.core.groups.cohort import CohortKey
from service.core.groups.counts import Batch, Released, Size
from service.core.groups.interval import Interval
from service.core.location import Place
from service.core.sites import Key


class GeoLookup(Protocol):
    """Looks up the place of an address."""

    def look_up(self, address: str) -> Place | None:
        """The place of a normalised textual IPv4 or IPv6 address; None when unknown. Never raises; about 1 us."""

    @property
    def built_at(self) -> int | None:
        """When the data were built, in seconds since 1970; None when no database is open."""

    @property
    def refused(self) -> int:
        """How many newer files were refused since the one in service was taken."""

    @property
    def healthy(self) -> bool:
        """Whether a database is open that answers a real look-up."""


class DeviceLookup(Protocol):
    """Looks up the device of a User-Agent and low-entropy client hints. An empty string means: not sent."""

    def look_up(self, user_agent: str, brands: str, mobile: str, platform: str, save_data: str) -> DeviceResult:
        """The device, and which of the two kinds of signal decided it. Never raises; <= 0.3 ms when not cached.

        ``brands mobile platform save_data`` are the values of Sec-CH-UA, Sec-CH-UA-Mobile, Sec-CH-UA-Platform and
        Save-Data.
        """

    @property
    def texts_cached_max(self) -> int:
        """How many texts, of whole look-ups or of parts of them, are cached at most."""

    def forget(self) -> None:
        """Drop every cached text."""


Clock = Callable[[], float]
"""The time of day in seconds since 1970. It may jump."""

StoreErrorKind = Literal[
    "connection", "tls", "timeout", "authentication", "permission", "read_only", "out_of_memory", "loading", "clock",
    "other",
]  # fmt: skip


class StoreError(Exception):
    """A failed call of the store. Its text is the kind, nothing of what was sent.

    What was asked may have taken effect all the same (its reply was lost), and may be asked again. ``not_permitted``:
    where the kind is ``permission``, the right that is missing, by a name of the adapter's own, if it is known.
    """

    def __init__(self, kind: StoreErrorKind, *, not_permitted: str | None = None) -> None:
        super().__init__(kind)
        self.kind: StoreErrorKind = kind
        self.not_permitted = not_permitted


class Applied(NamedTuple):
    """What became of a batch: counted, known already, or too late (its interval is released and its day over).

    ``full_cohorts`` are the cohorts whose devices and prefixes have reached their caps today: no more need be sent.
    ``salt_mismatch`` says that the hashes were made by another salt than the store's, as after it lost its own, and
    that their devices were not counted.
    """

    outcome: Literal["applied", "duplicate", "late"]
    full_cohorts: tuple[CohortKey, ...]
    salt_mismatch: bool = False


class StatsStore(Protocol):
    """Ephemeral counts of groups. Every method may raise StoreError, and none waits much longer than its timeout.

    ``now_s`` is the caller's clock. A store that tells the time itself refuses, with ``clock``, what is more than an
    hour from it.
    """

    kind: Literal["redis", "memory"]

    async def apply(self, batch: Batch, now_s: float) -> Applied:
        """Add a batch once, however often it is sent within an hour of its sealing.

        What comes after its interval was released is added to the interval of ``now_s``, if that is of the same day.
        """

    async def salt(self, site: Key, now_s: float) -> bytes:
        """The site's secret for hashing on this UTC day: 32 random bytes, the same for all who ask.

        It is gone an hour after the day.
        """

    async def released(self, site: Key, intervals: Sequence[Interval]) -> list[Released | None]:
        """What was released of each interval; None where nothing was, or not yet."""

    async def claim(self, site: Key, interval: Interval) -> bytes | None:
        """The right to release an interval, for CLAIM_S seconds; None while somebody has it or once it is released.

        Refused with ``clock`` while the interval is not over by the store's own clock. A claimed interval takes no more
        counts: what comes late goes where it would once it is released.
        """

    async def counts(self, site: Key, interval: Interval) -> dict[str, int]:
        """The raw sums of an interval by field: for whoever releases it."""

    async def sizes(self, site: Key, day: int, cohorts: Sequence[CohortKey]) -> list[Size]:
        """How many devices and prefixes were counted in each cohort on a day (days since 1970)."""

    async def publish(self, site: Key, released: Released, claim: bytes) -> bool:
        """Store what is released and forget the raw sums. False when the claim was lost meanwhile."""

    async def started_at(self) -> float | None:
        """Since when this store has been keeping counts, in seconds since 1970; None when it does not say."""

    async def close(self) -> None:
        """Let go of connections."""


CLAIM_S = 30


class Noise(Protocol):
    """Random integers that hide what a single visit or event adds. Slow: not for the event loop."""

    def draw(self, scales: Sequence[float]) -> list[int]:
        """One integer each from the discrete Laplace distribution with that scale; 0 for a scale of 0."""
