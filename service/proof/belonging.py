"""Whether what is watched belongs to the deployment under audit, and what an audit says nothing of.

Apart from ``audit``, because it asks for neither markers nor a search: another service's log holds none of the markers
either, and that would prove nothing.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Final

from service.proof.carriers import CARRIERS
from service.proof.deployment import Target, tell_to_read_again
from service.proof.log_file import LogFile
from service.proof.messages import Ground
from service.proof.sinks import KNOCK, Knock
from service.proof.traffic import Exchange, Place, ask_all

SAID_MAX_S: Final = 6.0
_LOOK_S: Final = 0.2
_REFUSED: Final = 405


def knocking(place: Place) -> Knock:
    """Ask this service what nobody else asks, so many times, each by a connection of its own."""
    method, path = KNOCK
    request = f"{method} {path} HTTP/1.1\r\nHost: {place.authority}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    def knock(times: int) -> int:
        statuses: list[int] = []

        def take(_index: int, exchange: Exchange) -> None:
            statuses.append(exchange.status)

        asyncio.run(ask_all(place, [request.encode("latin-1")] * times, take, connections=times))
        return statuses.count(_REFUSED)

    return knock


def say_something(target: Target, logs: Sequence[LogFile]) -> str:
    """Have the service write to its log in its own way, where it is ours to tell; what is wrong with that, if anything.

    It says so when it is told to read its configuration anew, and then its log is known to be its own.
    """
    if not target.stop_pid or not logs:
        return ""
    tell_to_read_again(target.stop_pid)
    give_up_at_s = time.monotonic() + SAID_MAX_S
    while not any(log.taken() for log in logs):
        if time.monotonic() > give_up_at_s:
            return "logs: the service was told to read its configuration anew, and no log says that it did"
        time.sleep(_LOOK_S)
    return ""


def not_audited(
    target: Target, ground: Ground, carriers_met: int, *, is_released: bool, is_share: bool
) -> Iterator[tuple[str, str]]:
    """What an audit did not come by, and why."""
    if carriers_met < len(CARRIERS):
        yield (
            "some routes",
            f"with so few markers some channels went on {carriers_met} of {len(CARRIERS)} carriers only",
        )
    if not ground.cohort:
        yield "cohort", "no visit was told a group, since none was known of enough devices"
    if not ground.token:
        yield "token", "no visit was given one, so none was accepted with a report"
    if not is_released:
        yield "release", "it was not waited for the end of an interval, when counts are released"
    if not target.may_overload:
        yield "overload", "needs --allow-overload"
    if not target.stop_pid:
        yield "shutdown", "needs --stop-pid"
    if not target.metrics:
        yield "metrics", "needs --metrics"
    if is_share:
        yield "metrics of other workers", "each has a port of its own, and --metrics reads one"
