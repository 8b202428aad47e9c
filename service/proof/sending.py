"""Which marker goes by which channel to have which outcome, and what became of it.

Apart from ``audit``, which has it sent: this is only bookkeeping, and needs no deployment.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import count, cycle, islice
from typing import Final, NamedTuple

import msgspec

from service.proof.carriers import CARRIERS, SHEDDING, Carrier, Outcome
from service.proof.channel import Channel
from service.proof.channels import CHANNELS, HOLDING_CHANNEL, SLOW, cells
from service.proof.forms import FAMILIES, forms
from service.proof.markers import Kind, Marker, Mint
from service.proof.messages import Ground, Message, filled, octets
from service.proof.record import ChannelRow
from service.proof.search import Finding
from service.proof.telling import says
from service.proof.traffic import Exchange

CROWD: Final = 48
"""So many devices first, so that there are groups to be counted."""
CROWD_CHANNEL: Final = "body_device_id"
CONTROL_CHANNEL: Final = "control"
HOLDING: Final = 64
"""Markers for the requests that keep the house full; they are used again when more are needed."""
MARKERS_NEEDED: Final = CROWD + HOLDING + sum(1 for _ in cells())
"""``amounts`` says the number to those who give one."""
_CONTROL_KINDS: Final[tuple[Kind, ...]] = ("uuid", "ipv4", "ipv6", "word")
_BY_KEY: Final = {channel.key: channel for channel in CHANNELS}


class Sending(NamedTuple):
    """A marker, the way that it goes, and what is to become of its request. ``turn`` says on which carrier."""

    marker: Marker
    channel: Channel
    outcome: Outcome
    turn: int

    @property
    def may_go_on(self) -> bool:
        """Whether another try can have another outcome: on another carrier, or where the house was not yet full."""
        return self.channel.rides or self.outcome == "overload"

    def message(self, more: int = 0) -> Message:
        """The request; with ``more``, the one after as many others that did not have the outcome."""
        carrier = self.carrier(more)
        message = self.channel.on(carrier) if self.channel.rides else self.channel.message
        match self.outcome:
            case "refusal" if self.channel.refused and self.channel.rides and carrier.refuses:
                return message
            case "refusal" if self.channel.rides or "success" in self.channel.needs:
                return message.spoiled(carrier.spoil if self.channel.rides else self.channel.spoil)
            case "overload":
                return message.waiting_its_turn()
            case _:
                return message

    def octets(self, ground: Ground, more: int = 0) -> bytes:
        return octets(self.message(more), ground.values(self.marker.text, self.marker.number))

    def carrier(self, more: int = 0) -> Carrier:
        """What it goes on, if it goes on one; ``more`` as above."""
        among = SHEDDING if self.outcome == "overload" else CARRIERS
        return among[(self.turn + more) % len(among)]


class Plan(NamedTuple):
    """All that is to be sent. ``crowd`` goes first; ``holding`` keeps the house full; ``rest`` is all else."""

    crowd: list[Sending]
    holding: list[Sending]
    rest: list[Sending]
    controls: dict[str, tuple[Marker, bytes]]

    @property
    def sendings(self) -> list[Sending]:
        return [*self.crowd, *self.holding, *self.rest]

    @property
    def markers(self) -> list[Marker]:
        """Those that are sent, then those of the controls, which are not."""
        return [sending.marker for sending in self.sendings] + [marker for marker, _ in self.controls.values()]

    @property
    def carriers_met(self) -> int:
        """On so many carriers at least goes each channel that goes on any, to be granted and to be refused."""
        met: dict[tuple[str, Outcome], set[Carrier]] = {}
        for one in self.rest:
            if one.channel.rides and one.outcome in ("success", "refusal"):
                met.setdefault((one.channel.key, one.outcome), set()).add(one.carrier())
        return min(map(len, met.values()), default=0)


def plan(markers_n: int, seed: int, ground: Ground, possible: Sequence[Outcome]) -> Plan:
    """Markers for every channel with every possible outcome, round after round; MARKERS_NEEDED are enough for one.

    Each channel goes on all carriers in turn for each outcome. Only the first round has slow channels, and requests
    that are under way at the end: all of those are so at once.
    """
    mint = Mint(seed)
    places = {channel.key: place for place, channel in enumerate(CHANNELS)}
    turns = {(channel.key, outcome): _turns(places[channel.key], outcome) for channel, outcome in cells()}

    def send(channel: Channel, outcome: Outcome, turn: int) -> Sending:
        if (channel.of_site == "topic" and not ground.topic) or (
            channel.of_site == "experiment" and not ground.experiment
        ):
            channel = msgspec.structs.replace(channel, granted="")
        marker = mint.mint(channel.kind, channel.key)
        if channel.whole:
            whole = filled(channel.whole, ground.values(marker.text, marker.number))
            marker = msgspec.structs.replace(marker, whole=whole)
        return Sending(marker, channel, outcome, turn)

    crowd = [send(_BY_KEY[CROWD_CHANNEL], "success", 0) for _ in range(CROWD)]
    held = range(HOLDING if "overload" in possible else 0)
    holding = [send(_BY_KEY[HOLDING_CHANNEL], "success", 0) for _ in held]
    first = [cell for cell in cells() if cell[1] in possible]
    later = cycle([cell for cell in first if cell[0].key not in SLOW and cell[1] != "shutdown"])
    wanted = [*first, *islice(later, max(0, markers_n - len(crowd) - len(holding) - len(first)))]
    rest = [send(channel, outcome, next(turns[channel.key, outcome])) for channel, outcome in wanted]
    return Plan(crowd, holding, rest, _controls(mint))


def _turns(place: int, outcome: Outcome) -> Iterator[int]:
    """The carriers of a channel with an outcome, by number, so that as many in a row as there are are all of them.

    What it is to be granted or refused first is a visit of its own, which reads more than any other request and tells
    what it read. From there each goes on at another place, so that few markers meet all carriers too, taken together.
    """
    if outcome in ("success", "refusal"):
        yield 0
        yield from (1 + (place + turn) % (len(CARRIERS) - 1) for turn in count())
    yield from count(place)


def _controls(mint: Mint) -> dict[str, tuple[Marker, bytes]]:
    """For every family of forms a marker that nobody sends, and one of its forms."""
    found: dict[str, tuple[Marker, bytes]] = {}
    for family in FAMILIES:
        for kind in _CONTROL_KINDS:
            marker = mint.mint(kind, CONTROL_CHANNEL)
            form = next((form.octets for form in forms(marker) if form.family == family), None)
            if form is not None:
                found[family] = marker, form
                break
    return found


class Tally:
    """What became of the requests, by channel; ``holding`` are those that kept the house full, ``requests`` all others.

    ``got`` counts what shows something: of a channel that an answer can tell of, grants and refusals that do tell.
    ``beside`` are its others, as of carriers that do not read it.
    """

    def __init__(self) -> None:
        self.got: Counter[tuple[str, Outcome]] = Counter()
        self.beside: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.requests = 0
        self.holding = 0

    def take(self, sending: Sending, exchange: Exchange, *, stopped: bool = False) -> bool:
        """Count an answer by what it is, not by what it was to be; whether it is what it was to be.

        ``stopped``: the request was under way when the service was told to stop, and may have been cut off.
        """
        self.requests += 1
        self.statuses[exchange.status] += 1
        channel = sending.channel
        outcome = "shutdown" if stopped else outcome_of(exchange.status)
        told = {"success": channel.granted, "refusal": channel.refused}
        if outcome is None:
            self.broken[channel.key] += 1
        elif says(exchange.answer, told.get(outcome, "")):
            self.got[channel.key, outcome] += 1
            return outcome == sending.outcome
        else:
            self.beside[channel.key] += 1
        return False

    def hold(self, exchange: Exchange) -> None:
        """Count the answer to a request that kept the house full."""
        self.holding += 1
        self.statuses[exchange.status] += 1
        outcome = outcome_of(exchange.status)
        if outcome is None:
            self.broken[HOLDING_CHANNEL] += 1
        else:
            self.got[HOLDING_CHANNEL, outcome] += 1

    def missing(self, channel: Channel, possible: Sequence[Outcome]) -> tuple[Outcome, ...]:
        return tuple(name for name in possible if name in channel.needs and not self.got[channel.key, name])

    def rows(
        self, sendings: Sequence[Sending], findings: Sequence[Finding], possible: Sequence[Outcome]
    ) -> Iterator[ChannelRow]:
        """A row for each channel; ``possible`` are the outcomes that this audit went for."""
        markers = Counter(sending.channel.key for sending in sendings)
        found = Counter(channel for _, channel in {(finding.marker, finding.channel) for finding in findings})
        for channel in CHANNELS:
            key = channel.key
            outcomes = {name: self.got[key, name] for name in possible if name in channel.needs or self.got[key, name]}
            missing = self.missing(channel, possible)
            yield ChannelRow(key, markers[key], outcomes, missing, self.broken[key], found[key], self.beside[key])


def outcome_of(status: int) -> Outcome | None:
    """What a status says; None for a fault, and where there was no answer."""
    if status == 503:  # noqa: PLR2004 - too busy
        return "overload"
    if 200 <= status < 400:  # noqa: PLR2004
        return "success"
    return "refusal" if 400 <= status < 500 else None  # noqa: PLR2004
