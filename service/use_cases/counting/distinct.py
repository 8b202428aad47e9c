"""Which devices and network prefixes a worker has counted today: so that each is sent once, and only while needed.

It is enough to know that a cohort has enough devices, so on each rung counting ends at a cap, and most visits soon
belong to rungs that need no more. What is kept are salted hashes of the day; it is a cache, and forgetting it only
sends some of them again.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from typing import Literal

from service.core.groups.cohort import CohortKey, Rungs
from service.core.groups.counts import HASH_BYTES, DeviceHash, salt_print

Needed = Literal["device", "prefix", "both"]
# Hashes that are remembered as sent, and those that wait to be, of all sites: some 10 MB each at most.
SEEN_MAX = 150_000
PENDING_MAX = 100_000


class _SeenHashes:
    """The hashes of one kind, devices or prefixes, that were met on each rung; None where a rung has enough of them."""

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self._on: dict[CohortKey, set[int] | None] = {}
        self.count = 0

    def wants_hash(self, rungs: Rungs) -> bool:
        """Whether any of these rungs needs more."""
        return self._needed > 0 and any(self._on.get(rung, ()) is not None for rung in rungs)

    def add(self, rungs: Rungs, value: int) -> list[CohortKey]:
        """The rungs that this hash is new on, of those that need more."""
        new_on = []
        for rung in rungs:
            hashes = self._on.setdefault(rung, set())
            if hashes is None:
                continue
            if value not in hashes:
                hashes.add(value)
                self.count += 1
                new_on.append(rung)
                if len(hashes) >= self._needed:
                    self.mark_full(rung)
        return new_on

    def mark_full(self, rung: CohortKey) -> None:
        self.count -= len(self._on.get(rung) or ())
        self._on[rung] = None

    def forget(self) -> None:
        """Forget the hashes, but not which rungs have enough."""
        self._on = {rung: None for rung, hashes in self._on.items() if hashes is None}
        self.count = 0


class PendingHashes:
    """Hashes on their way to the store, by rung."""

    def __init__(self) -> None:
        self.print = ""
        """The fingerprint of the salt that made them."""
        self._devices: dict[CohortKey, list[int]] = defaultdict(list)
        self._prefixes: dict[CohortKey, list[int]] = defaultdict(list)
        self.count = 0

    def __bool__(self) -> bool:
        return self.count > 0

    def add_device(self, rungs: Iterable[CohortKey], device: int) -> None:
        for rung in rungs:
            self._devices[rung].append(device)
            self.count += 1

    def add_prefix(self, rungs: Iterable[CohortKey], prefix: int) -> None:
        for rung in rungs:
            self._prefixes[rung].append(prefix)
            self.count += 1

    def take(self, count_max: int) -> tuple[dict[CohortKey, bytes], dict[CohortKey, bytes]]:
        """Take out about so many hashes, of devices and of prefixes, joined by rung."""
        batch: tuple[dict[CohortKey, bytes], dict[CohortKey, bytes]] = {}, {}
        left = count_max
        for kind, of_kind in zip((self._devices, self._prefixes), batch, strict=True):
            for rung in list(islice(kind, max(0, left))):
                hashes = kind[rung]
                part = hashes[:left]
                del hashes[:left]
                if not hashes:
                    del kind[rung]
                # In order of their value: the order in which devices came is nobody's business.
                of_kind[rung] = b"".join([value.to_bytes(HASH_BYTES, "big") for value in sorted(part)])
                left -= len(part)
                if left <= 0:
                    break
        self.count -= count_max - left
        return batch


class DistinctDevices:
    """The devices of one site on one day, under that day's salt. It shows nothing of itself.

    ``devices_max`` and ``prefixes_max`` are how many of them a rung needs at most; with 0 prefixes none are asked for.
    """

    def __init__(
        self,
        day: int,
        salt: bytes,
        fetched_at_s: float,
        devices_max: int,
        prefixes_max: int,
        seen_max: int = SEEN_MAX,
    ) -> None:
        self._seen_max = seen_max
        self.day = day
        self.salt = salt
        self.print = salt_print(salt)
        self.fetched_at_s = fetched_at_s
        self._devices = _SeenHashes(devices_max)
        self._prefixes = _SeenHashes(prefixes_max)
        self._needed_at_first = _NEEDED[devices_max > 0, prefixes_max > 0]
        self._needed: dict[CohortKey, Needed | None] = {}
        """What rungs need, by the finest of them, where that is less than at first.

        It is looked at after each hash that is added.
        """

    def wants_hash(self, rungs: Rungs) -> Needed | None:
        """What these rungs need of a visit; None where they have enough of everything. 0.1 us."""
        return self._needed.get(rungs[0], self._needed_at_first)

    def add(self, seen: DeviceHash, pending: PendingHashes) -> None:
        """Count a visit of this device: on each rung where its hashes are new they shall be sent. 0.5 us."""
        if self._devices.count + self._prefixes.count >= self._seen_max:
            self._devices.forget()
            self._prefixes.forget()
        if seen.device is not None:
            pending.add_device(self._devices.add(seen.rungs, seen.device), seen.device)
        if seen.prefix is not None:
            pending.add_prefix(self._prefixes.add(seen.rungs, seen.prefix), seen.prefix)
        needed = _NEEDED[self._devices.wants_hash(seen.rungs), self._prefixes.wants_hash(seen.rungs)]
        if needed != self._needed_at_first:
            self._needed[seen.rungs[0]] = needed

    def mark_full(self, rungs: Iterable[CohortKey]) -> None:
        """Note that the store has enough devices on these rungs."""
        for rung in rungs:
            self._devices.mark_full(rung)
            self._prefixes.mark_full(rung)


_NEEDED: dict[tuple[bool, bool], Needed | None] = {
    (False, False): None,
    (True, False): "device",
    (False, True): "prefix",
    (True, True): "both",
}
