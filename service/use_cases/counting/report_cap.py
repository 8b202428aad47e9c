"""How many events one network may report in a release interval: so that one caller alone cannot make a figure up.

Of each code, an option's rewards say, 20 are taken, or as many as a twentieth of what everybody together was last
released as where that is more (``events_max``). It is counted for everybody and not by cohort, so that tokens of many
cohorts leave no more room than one. A twentieth, because a group is told of when it comes from 20 networks
(``k_prefixes``): of such a group a network has as much on average. Where a network has more (a carrier that sends a
whole country through few addresses, a company behind one), its reports need a key, for which there is no cap.

All reports of one network share its room: those whose resolved address is of one /24 (/48 of IPv6), and of those with
no address to resolve all that come from the network of one peer. So everybody behind an edge that keeps addresses to
itself (a country alone, ``k_prefixes = 0``) shares what one network has, and all unknown behind proxies on this machine
share another: such an edge needs a key, which it adds to the reports that it passes on. Who asks from this machine
itself has no cap. Sites, codes and workers have room each.

A report is taken whole or not at all. Held is, for one interval, how many events each network reported of each site and
code, and a code tells which option, variant or language: as one number for the three, of which the network's was made
with a random key (``web.visit.networks``), which is gone with the interval.

What it cannot hide: a refusal is exact, without noise. Where somebody of a network reported one reward of an option, a
neighbour in the same /24 or /48 whose report of 20 is refused, and whose report of 19 is taken, learns within the
interval that somebody there did. A noisy limit would refuse honest reports or let false ones in; who must not let
neighbours know has a backend report, with a key.

The number of these counts is bounded. When there is no room for another one, all are made smaller by the smallest, and
those that come to nothing are let go (Misra and Gries 1982, "Finding repeated elements"). So beyond the bound it errs
towards counting, by at most the interval's events divided by ``COUNTS_MAX``. To refuse instead would let anybody with
many addresses silence all others, and would cost a large site its honest reports.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from service.core.groups.counts import Code, Increment
from service.core.sites import Key

EVENTS_MIN = 20
"""What every network may report of a code: as much as one report can hold."""
PART_OF_RELEASED = 20
COUNTS_MAX = 50_000
"""Some 5 MB."""

LastReleased = Callable[[Key], Mapping[Code, int]]
"""What of a site each code that is reported was last released as, of everybody."""


def events_max(last_released: int) -> int:
    """How many events of a code one network may report in an interval."""
    return max(EVENTS_MIN, last_released // PART_OF_RELEASED)


class ReportCap:
    """The counts of one worker in this interval. Not for several threads."""

    def __init__(self, last_released: LastReleased, counts_max: int = COUNTS_MAX) -> None:
        self._last_released = last_released
        self._counts_max = counts_max
        self._counts: dict[int, int] = {}
        self.refused = 0
        """Reports that were beyond the cap."""

    def turn(self) -> None:
        """Begin an interval, and forget the one before."""
        self._counts = {}

    def room_of(self, network: int) -> "Room":
        """What a network may still report."""
        return Room(self, network)

    def take(self, network: int, increments: Sequence[Increment]) -> bool:
        """Count the events of one report; False where one of them has no room, and then none is. 1 us for each."""
        if not increments:
            return True
        codes = _codes(increments)
        site = increments[0].site
        last = self._last_released(site)
        additions = [(_key(network, site, code), count, events_max(last.get(code, 0))) for code, count in codes.items()]
        if any(self._counts.get(key, 0) + count > most for key, count, most in additions):
            self.refused += 1
            return False
        for key, count, _ in additions:
            self._add(key, count)
        return True

    def give_back(self, network: int, increments: Sequence[Increment]) -> None:
        """Take back events that were not counted after all."""
        for code, count in _codes(increments).items():
            key = _key(network, increments[0].site, code)
            if key in self._counts:
                self._counts[key] = max(0, self._counts[key] - count)

    def _add(self, key: int, count: int) -> None:
        while key not in self._counts and len(self._counts) >= self._counts_max and count > 0:
            least = min(count, max(1, min(self._counts.values())))
            self._counts = {other: old - least for other, old in self._counts.items() if old > least}
            count -= least
        if count > 0:
            self._counts[key] = self._counts.get(key, 0) + count


class Room:
    """What one network may still report: for one report."""

    def __init__(self, cap: ReportCap, network: int) -> None:
        self._cap = cap
        self._network = network

    def take(self, increments: Sequence[Increment]) -> bool:
        """Whether there is room for all of these; if so, they take it up."""
        return self._cap.take(self._network, increments)

    def give_back(self, increments: Sequence[Increment]) -> None:
        """Free the room of increments that were not counted after all."""
        self._cap.give_back(self._network, increments)


def _codes(increments: Sequence[Increment]) -> Counter[Code]:
    return Counter(code for increment in increments for code in increment.codes)


def _key(network: int, site: Key, code: Code) -> int:
    """One number for network, site and code: a tuple takes three times the memory. Two are hardly ever equal."""
    return hash((network, site, code))
