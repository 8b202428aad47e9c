"""Which marker goes by which channel to have which outcome, and what became of it; it needs no deployment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice
from typing import Final, NamedTuple

import msgspec

from service.audit.channel import Channel, meets
from service.audit.channels import CHANNELS, HOLDING_CHANNEL, SLOW, needed
from service.audit.client import Exchange
from service.audit.marker_encodings import FAMILIES, encodings
from service.audit.markers import Kind, Marker, Mint
from service.audit.report import ChannelRow
from service.audit.requests import CARRIERS, SHEDDING, Carrier, Message, Outcome, SiteContext, fill, octets
from service.audit.search import Finding

CROWD: Final = 48
"""So many devices first, so that there are groups to be counted."""
CROWD_CHANNEL: Final = "body_device_id"
CONTROL_CHANNEL: Final = "control"
HOLDING: Final = 64
"""Markers for the requests that keep the service overloaded; they are used again when more are needed."""
MARKERS_NEEDED: Final = CROWD + HOLDING + sum(1 for _ in needed())
"""At most ``MARKERS_MIN``, which is said without loading any of this."""
_CONTROL_KINDS: Final[tuple[Kind, ...]] = ("uuid", "ipv4", "ipv6", "word")
_BY_KEY: Final = {channel.key: channel for channel in CHANNELS}


class PlannedRequest(NamedTuple):
    """A marker, its channel, and the outcome that its request is to have. ``turn`` says on which carrier."""

    marker: Marker
    channel: Channel
    outcome: Outcome
    turn: int

    @property
    def is_repeatable(self) -> bool:
        """Whether another try can have another outcome: on another carrier, or when the service is overloaded."""
        return self.channel.rides or self.outcome == "overload"

    def message(self, tries: int = 0) -> Message:
        """The request, after so many tries that did not have the outcome."""
        carrier = self.carrier(tries)
        message = self.channel.on(carrier) if self.channel.rides else self.channel.message
        match self.outcome:
            case "refusal" if self.channel.refused and self.channel.rides and carrier.refuses:
                return message
            case "refusal" if self.channel.rides or "success" in self.channel.needs:
                return message.refused(carrier.refused_by if self.channel.rides else self.channel.refused_by)
            case "overload":
                return message.sheddable()
            case _:
                return message

    def octets(self, context: SiteContext, tries: int = 0) -> bytes:
        return octets(self.message(tries), context.values(self.marker.text, self.marker.number))

    def carrier(self, tries: int = 0) -> Carrier:
        """What it goes on, if its channel rides."""
        carriers = SHEDDING if self.outcome == "overload" else CARRIERS
        return carriers[(self.turn + tries) % len(carriers)]


class Plan(NamedTuple):
    """All that is to be sent: first ``crowd``, then ``main``; ``holding`` keeps the service overloaded meanwhile.

    ``controls`` has for each family of encodings a marker that nobody sends, and how it is planted.
    """

    crowd: list[PlannedRequest]
    holding: list[PlannedRequest]
    main: list[PlannedRequest]
    controls: dict[str, tuple[Marker, bytes]]

    @property
    def requests(self) -> list[PlannedRequest]:
        return [*self.crowd, *self.holding, *self.main]

    @property
    def markers(self) -> list[Marker]:
        """Those that are sent, then those of the controls."""
        return [request.marker for request in self.requests] + [marker for marker, _ in self.controls.values()]

    @property
    def carriers_met(self) -> int:
        """On so many carriers at least goes each channel that rides, to be granted and to be refused."""
        carriers: dict[tuple[str, Outcome], set[Carrier]] = {}
        for request in self.main:
            if request.channel.rides and request.outcome in ("success", "refusal"):
                carriers.setdefault((request.channel.key, request.outcome), set()).add(request.carrier())
        return min(map(len, carriers.values()), default=0)


def plan(markers_n: int, seed: int, context: SiteContext, possible: Sequence[Outcome]) -> Plan:
    """Markers for every channel with every possible outcome, round after round; MARKERS_NEEDED are enough for one.

    Each channel goes on all carriers in turn for each outcome. Only the first round has slow channels, and requests
    that are under way at the end: all of those are so at once.
    """
    mint = Mint(seed)
    places = {channel.key: place for place, channel in enumerate(CHANNELS)}
    turns = {(channel.key, outcome): _turns(places[channel.key], outcome) for channel, outcome in needed()}

    def planned(channel: Channel, outcome: Outcome, turn: int) -> PlannedRequest:
        if (channel.needs_site == "topic" and not context.topic) or (
            channel.needs_site == "experiment" and not context.experiment
        ):
            channel = msgspec.structs.replace(channel, granted="")
        marker = mint.mint(channel.kind, channel.key)
        if channel.whole:
            whole = fill(channel.whole, context.values(marker.text, marker.number))
            marker = msgspec.structs.replace(marker, whole=whole)
        return PlannedRequest(marker, channel, outcome, turn)

    crowd = [planned(_BY_KEY[CROWD_CHANNEL], "success", 0) for _ in range(CROWD)]
    holding_n = HOLDING if "overload" in possible else 0
    holding = [planned(_BY_KEY[HOLDING_CHANNEL], "success", 0) for _ in range(holding_n)]
    first = [(channel, outcome) for channel, outcome in needed() if outcome in possible]
    later = cycle([pair for pair in first if pair[0].key not in SLOW and pair[1] != "shutdown"])
    outcomes = [*first, *islice(later, max(0, markers_n - len(crowd) - len(holding) - len(first)))]
    main = [planned(channel, outcome, next(turns[channel.key, outcome])) for channel, outcome in outcomes]
    return Plan(crowd, holding, main, _controls(mint))


def _turns(place: int, outcome: Outcome) -> Iterator[int]:
    """The carriers of a channel with an outcome, by number, so that as many in a row as there are are all of them.

    What is to be granted or refused goes on a visit first, which reads more than any other request and tells what it
    read. From there each goes on at another place, so that few markers meet all carriers too, taken together.
    """
    if outcome in ("success", "refusal"):
        yield 0
        yield from (1 + (place + turn) % (len(CARRIERS) - 1) for turn in count())
    yield from count(place)


def _controls(mint: Mint) -> dict[str, tuple[Marker, bytes]]:
    controls: dict[str, tuple[Marker, bytes]] = {}
    for family in FAMILIES:
        for kind in _CONTROL_KINDS:
            marker = mint.mint(kind, CONTROL_CHANNEL)
            leak = next((encoding.octets for encoding in encodings(marker) if encoding.family == family), None)
            if leak is not None:
                controls[family] = marker, leak
                break
    return controls


class Outcomes:
    """What became of the requests, by channel; ``holding`` are those that kept the service overloaded.

    ``met_n`` counts what shows something: of a channel with an expectation, answers that meet it. ``unread_n`` are its
    others, as of carriers that do not read it. ``broken`` were answered with a fault or not at all.
    """

    def __init__(self) -> None:
        self.met_n: Counter[tuple[str, Outcome]] = Counter()
        self.unread_n: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.requests = 0
        self.holding = 0

    def take(self, request: PlannedRequest, exchange: Exchange, *, stopped: bool = False) -> bool:
        """Count an answer by what it is, not by what it was to be; whether it is what it was to be.

        ``stopped``: the request was under way when the service was told to stop, and may have been cut off.
        """
        self.requests += 1
        self.statuses[exchange.status] += 1
        channel = request.channel
        outcome = "shutdown" if stopped else outcome_of(exchange.status)
        expectations = {"success": channel.granted, "refusal": channel.refused}
        if outcome is None:
            self.broken[channel.key] += 1
        elif meets(exchange.answer, expectations.get(outcome, "")):
            self.met_n[channel.key, outcome] += 1
            return outcome == request.outcome
        else:
            self.unread_n[channel.key] += 1
        return False

    def hold(self, exchange: Exchange) -> None:
        """Count the answer to a request that kept the service overloaded."""
        self.holding += 1
        self.statuses[exchange.status] += 1
        outcome = outcome_of(exchange.status)
        if outcome is None:
            self.broken[HOLDING_CHANNEL] += 1
        else:
            self.met_n[HOLDING_CHANNEL, outcome] += 1

    def missing(self, channel: Channel, possible: Sequence[Outcome]) -> tuple[Outcome, ...]:
        return tuple(name for name in possible if name in channel.needs and not self.met_n[channel.key, name])

    def rows(
        self, requests: Sequence[PlannedRequest], findings: Sequence[Finding], possible: Sequence[Outcome]
    ) -> Iterator[ChannelRow]:
        """A row for each channel; ``possible`` are the outcomes that this audit went for."""
        markers = Counter(request.channel.key for request in requests)
        leaked = Counter(channel for _, channel in {(finding.marker, finding.channel) for finding in findings})
        for channel in CHANNELS:
            key = channel.key
            outcomes = {
                name: self.met_n[key, name] for name in possible if name in channel.needs or self.met_n[key, name]
            }
            missing = self.missing(channel, possible)
            yield ChannelRow(key, markers[key], outcomes, missing, self.broken[key], leaked[key], self.unread_n[key])


def outcome_of(status: int) -> Outcome | None:
    """What a status says; None for a fault, and where there was no answer."""
    if status == 503:  # noqa: PLR2004 - too busy
        return "overload"
    if 200 <= status < 400:  # noqa: PLR2004
        return "success"
    return "refusal" if 400 <= status < 500 else None  # noqa: PLR2004
