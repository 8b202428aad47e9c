"""Turns a device's report of events into counts, and into what the device carries from now on."""

from collections.abc import Sequence
from typing import Protocol

from service.core.event import CAPPED, EventReport, Outcome, apply_events
from service.core.groups.cohort_token import Sealed
from service.core.groups.counts import Increment
from service.core.sites import SiteRules


class Recorder(Protocol):
    """Where increments go."""

    def count(self, increment: Increment) -> None:
        """Take an increment, to be stored with others before long. It never waits and never fails."""

    async def record_and_wait(self, increments: Sequence[Increment]) -> bool:
        """Take them and wait until the store has them; False when it is not known to, within a bounded time."""


class Room(Protocol):
    """What a reporter may still add: ``report_cap.Room`` is one."""

    def take(self, increments: Sequence[Increment]) -> bool:
        """Whether there is room for all of these; if so, they take it up."""

    def give_back(self, increments: Sequence[Increment]) -> None:
        """Free the room of increments that were not counted after all."""


async def record_events(
    recorder: Recorder,
    rules: SiteRules,
    sealed: Sealed | None,
    report: EventReport,
    *,
    until_stored: bool = False,
    room: Room | None = None,
) -> Outcome | None:
    """Count the events of a report, all of them or none. ``sealed`` is None where nothing may be counted.

    Without ``room`` there is no cap on what its sender may report.

    With ``until_stored`` it waits for the store, and None says that the store is not known to have the counts: the
    device must not carry marks of them.
    """
    event_report = apply_events(rules.site, sealed, report)
    if room is not None and not room.take(event_report.increments):
        return CAPPED
    if until_stored:
        if not event_report.increments or await recorder.record_and_wait(event_report.increments):
            return event_report
        if room is not None:
            room.give_back(event_report.increments)
        return None
    for increment in event_report.increments:
        recorder.count(increment)
    return event_report
