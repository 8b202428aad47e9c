"""Whether what is watched belongs to the deployment under audit, and what an audit does not cover.

Another service's log holds none of the markers either, and that would prove nothing.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from typing import Final

from service.audit.client import Address, Exchange, ask_all
from service.audit.deployment import Target, reload
from service.audit.log_file import LogFile
from service.audit.requests import CARRIERS, SiteContext
from service.audit.sinks import PROBE, Probe

RELOADED_MAX_S: Final = 6.0
_LOOK_S: Final = 0.2
_NOT_ALLOWED: Final = 405


def metrics_probe(address: Address) -> Probe:
    """What sends requests that nobody else sends, each by a connection of its own."""
    method, path = PROBE
    request = f"{method} {path} HTTP/1.1\r\nHost: {address.authority}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

    def probe(times: int) -> int:
        statuses: list[int] = []

        def take(_index: int, exchange: Exchange) -> None:
            statuses.append(exchange.status)

        asyncio.run(ask_all(address, [request.encode("latin-1")] * times, take, connections=times))
        return statuses.count(_NOT_ALLOWED)

    return probe


def provoke_log_line(target: Target, logs: Sequence[LogFile], *, reloaded_max_s: float = RELOADED_MAX_S) -> str:
    """Have the service write to its log, where it is ours to tell; what is wrong with that, if anything.

    It says so when it is told to read its configuration anew, and then its log is known to be its own.
    """
    if not target.stop_pid or not logs:
        return ""
    reload(target.stop_pid)
    give_up_at_s = time.monotonic() + reloaded_max_s
    while not any(log.reloads() for log in logs):
        if time.monotonic() > give_up_at_s:
            return "logs: the service was told to read its configuration anew, and no log says that it did"
        time.sleep(_LOOK_S)
    return ""


def not_audited(
    target: Target, context: SiteContext, carriers_met: int, *, is_released: bool, is_share: bool
) -> Iterator[tuple[str, str]]:
    """What an audit did not cover, and why."""
    if carriers_met < len(CARRIERS):
        carriers = f"{carriers_met} of {len(CARRIERS)}"
        yield "some routes", f"with so few markers some channels went on {carriers} carriers only"
    if not context.cohort:
        yield "cohort", "no visit was told a group, since none was known of enough devices"
    if not context.token:
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
