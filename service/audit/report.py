"""What an audit found: for people two tables, for machines JSON.

The JSON has every field below under its name. ``schema`` counts up when a field changes its meaning. Nothing in it is
of a visitor: markers are the audit's own, and of a deployment it says no more than where it was told to look.
"""

import time
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
from msgspec import Struct

from service.audit.requests import OUTCOMES, Outcome
from service.audit.search import Finding

SCHEMA: Literal[1] = 1
FINDINGS_SHOWN_MAX = 20


class ChannelRow(Struct, frozen=True):
    """One way in: how many markers were sent by it, what became of their requests, and how many came out somewhere.

    ``missing`` are outcomes without which this audit does not show what it should. ``broken`` were answered 500 or not
    at all. ``beside`` were granted or refused without the answer telling that the channel was read, where others tell.
    """

    channel: str
    markers: int
    outcomes: dict[Outcome, int]
    missing: tuple[Outcome, ...]
    broken: int
    found: int
    beside: int = 0


class SinkRow(Struct, frozen=True):
    """One place that was searched. ``known_by``: by what one can tell that it belongs to the deployment.

    Of the families of encodings in ``controls`` a leak was planted here; the search did not find those in ``missed``.
    """

    sink: str
    known_by: str
    octets: int
    found: int
    controls: tuple[str, ...]
    missed: tuple[str, ...]


class AuditReport(Struct, frozen=True, kw_only=True):
    """One audit. ``passed``: nothing was found, and nothing is in ``problems`` that would make that worth little.

    ``version`` is of the software that audited; ``of`` says whether the deployment was started for the audit; ``seed``
    makes the same markers again; ``needles`` are all patterns of all markers; ``requests`` brought them, and
    ``holding_requests`` more kept the service full; ``life`` is what the deployment was seen to do meanwhile; ``more``
    findings did not fit in the list. ``not_audited`` is what this audit says nothing of, each with the reason.
    """

    date: str
    version: str
    of: Literal["embedded", "running"]
    site: str
    seed: int
    seconds: float = 0.0
    markers: int = 0
    needles: int = 0
    requests: int = 0
    holding_requests: int = 0
    statuses: dict[str, int] = {}
    life: tuple[str, ...] = ()
    channels: tuple[ChannelRow, ...] = ()
    sinks: tuple[SinkRow, ...] = ()
    findings: tuple[Finding, ...] = ()
    more: int = 0
    not_audited: dict[str, str] = {}
    problems: tuple[str, ...]
    passed: bool
    schema: Literal[1] = SCHEMA


SINK_COLUMNS = ("sink", "octets read", "markers", "forms", "found", "controls found")
CHANNEL_COLUMNS = ("channel", "markers", *OUTCOMES, "untold", "broken", "found", "missing")
FINDING_COLUMNS = ("marker", "channel", "form", "sink", "where")


def broken_off(
    of: Literal["embedded", "running"], site: str, version: str, seed: int, why: Sequence[str]
) -> AuditReport:
    """Of an audit that did not get to its end: nothing is known of anything, and so it did not pass."""
    return AuditReport(date=now(), version=version, of=of, site=site, seed=seed, problems=tuple(why), passed=False)


def now() -> str:
    """As a report has its date."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def to_json(report: AuditReport) -> str:
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def sink_rows(report: AuditReport) -> Iterator[tuple[str, ...]]:
    """A line for each sink, under SINK_COLUMNS."""
    for row in report.sinks:
        controls = f"{len(row.controls) - len(row.missed)} of {len(row.controls)}"
        counts = f"{row.octets:,}", f"{report.markers:,}", f"{report.needles:,}", f"{row.found:,}"
        yield (row.sink, *counts, controls)


def known_by(report: AuditReport) -> Iterator[tuple[str, str]]:
    """Of each sink by what it is known to belong to the deployment."""
    return ((row.sink, row.known_by or "nothing") for row in report.sinks)


def channel_rows(report: AuditReport) -> Iterator[tuple[str, ...]]:
    """A line for each channel, under CHANNEL_COLUMNS; a dot where an outcome is not to be had."""
    for row in report.channels:
        outcomes = (f"{row.outcomes[name]:,}" if name in row.outcomes else "." for name in OUTCOMES)
        counts = f"{row.beside:,}", str(row.broken), str(row.found), " ".join(row.missing)
        yield (row.channel, f"{row.markers:,}", *outcomes, *counts)


def finding_rows(report: AuditReport) -> Iterator[tuple[str, ...]]:
    """A line for each of the first findings, under FINDING_COLUMNS."""
    for finding in report.findings[:FINDINGS_SHOWN_MAX]:
        yield (str(finding.marker), finding.channel, finding.form, finding.sink, finding.where)


def verdict(report: AuditReport) -> Iterator[str]:
    """The result, in sentences."""
    leaks = len(report.findings) + report.more
    controls = sum(len(row.controls) for row in report.sinks)
    missed = sum(len(row.missed) for row in report.sinks)
    holding = f", {report.holding_requests:,} more to keep the service full" if report.holding_requests else ""
    yield (
        f"{report.markers:,} markers in {report.requests:,} requests by {len(report.channels)} channels"
        f"{holding}: {leaks:,} found. {controls - missed} of {controls} planted leaks found. {report.seconds:.0f} s."
    )
    yield from report.problems
    for part, why in report.not_audited.items():
        yield f"not audited: {part}: {why}"
    but = f", but for {', '.join(report.not_audited)}" if report.not_audited else ""
    yield f"passed{but}" if report.passed else "FAILED"
