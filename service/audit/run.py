"""The audit of a deployment: markers by every channel, then a search for them wherever it writes; and the controls.

    report = audit(target, markers_n=14_000, version="1.0", seed=7, progress=lambda done, total: None)

The order is the argument. Everything is watched from before the first marker until after the last. Every channel must
have had every outcome that it needs, or it would prove nothing that nothing was found. Only when all is read are leaks
planted, one of each family of encodings in each sink, which the same search must find.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from service.audit.channels import SLOW
from service.audit.client import (
    Address,
    Connection,
    Exchange,
    address_of,
    ask_across_shutdown,
    ask_all,
    fetch,
    overload,
)
from service.audit.deployment import DeploymentError, Target, await_end, stop
from service.audit.log_file import LogFile
from service.audit.plan import Outcomes, Plan, PlannedRequest, outcome_of, plan
from service.audit.preflight import metrics_probe, not_audited, provoke_log_line
from service.audit.redis_sinks import RedisDump, RedisMonitor
from service.audit.report import AuditReport, ChannelRow, SinkRow, now
from service.audit.requests import CARRIERS, CONSENTING, DESCRIPTION, OUTCOMES, Message, Outcome, SiteContext, octets
from service.audit.search import Search, Searched
from service.audit.sinks import Answers, Metrics, Sink

Progress = Callable[[int, int], None]

FLUSHED_S: Final = 1.0
"""After which the last counts have been handed over, with the shipped settings."""
RELEASED_MAX_S: Final = 15.0
TURNS_MAX: Final = len(CARRIERS)
FAULT: Final = 500
UNANSWERED_MAX: Final = 0.01
"""As a share of all requests: a connection may be closed just when it is written to."""
_HINTS: Final = {
    "logs": ": its last start does not name the port of --url; --trust-logs gives your word",
    "traces": "; --trust-logs gives your word",
    "metrics": ": they did not count what it was asked",
}
_LOOK_S: Final = 0.1
_SEARCH_SHARE: Final = 0.2


def seconds_about(markers_n: int, target: Target) -> int:
    """How long an audit of so many markers takes, roughly, on two cores."""
    return round(6 + 2 * target.release_s + markers_n / 300)


def audit(target: Target, markers_n: int, version: str, seed: int, progress: Progress) -> AuditReport:
    """Audit a deployment. Raises DeploymentError or SinkError where there is nothing to audit, in words for people."""
    began_s = time.monotonic()
    address = address_of(target.url)
    answers = Answers(fetch)
    sinks = _sinks(target, address, answers)
    with contextlib.ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
            sink.open()
        if not asyncio.run(_is_live(address)):
            raise DeploymentError("nobody answers there: is that the service's own address and port, and does it run?")
        context = asyncio.run(_learn(address, SiteContext(address.authority, target.site, target.key)))
        if context is None:
            raise DeploymentError("the service does not answer a visit there; does it need --key, or another --site?")
        run = _Run(target, address, context, plan(markers_n, seed, context, possible(target)), answers, progress)
        search = Search(run.plan.markers)
        asyncio.run(run.send())
        logs = [sink for sink in sinks if isinstance(sink, LogFile)]
        run.problems += filter(None, [provoke_log_line(target, logs)])
        known_by = {sink.name: sink.known_by() for sink in sinks}
        run.is_share = any(isinstance(sink, Metrics) and sink.is_share for sink in sinks)
        # What is gone with the service is read before it.
        searched = [(sink.name, _read(search, sink)) for sink in sinks if sink.name in ("metrics", "redis")]
        if target.stop_pid:
            asyncio.run(run.shut_down())
        searched += [(sink.name, _read(search, sink)) for sink in sinks if sink.name != "metrics"]
        run.advance(_SEARCH_SHARE)
        missed = {sink.name: missed_controls(search, sink, run.plan) for sink in sinks}
        run.problems += filter(None, [log.problem for log in logs])
        run.advance(_SEARCH_SHARE)
    report = _report(run, searched, known_by, missed)
    seconds = round(time.monotonic() - began_s, 1)
    return msgspec.structs.replace(report, version=version, seed=seed, seconds=seconds, needles=search.patterns)


def possible(target: Target) -> tuple[Outcome, ...]:
    """The outcomes that an audit can go for: not every service may be overloaded, or stopped."""
    may = {"success": True, "refusal": True, "overload": target.may_overload, "shutdown": target.stop_pid > 0}
    return tuple(outcome for outcome in OUTCOMES if may[outcome])


class _Run:
    """The sending of one audit, and what came of it."""

    def __init__(
        self, target: Target, address: Address, context: SiteContext, plan: Plan, answers: Answers, progress: Progress
    ) -> None:
        self.target = target
        self.address = address
        self.context = context
        self.plan = plan
        self.outcomes = Outcomes()
        self.problems: list[str] = []
        self.is_released = False
        self.is_share = False
        self.possible = possible(target)
        self._answers = answers
        self._progress = progress
        self._done = 0.0
        self._total = len(plan.requests) * (1 + 2 * _SEARCH_SHARE)

    def advance(self, share: float = 0.0) -> None:
        """One marker more is done, or such a share of the whole search."""
        self._done += share * len(self.plan.requests) if share else 1
        self._progress(min(round(self._done), round(self._total)), round(self._total))

    async def send(self) -> None:
        """Everything but what is under way when the service is stopped."""
        await self._ask_all(self.plan.crowd)
        ordinary = [request for request in self.plan.main if request.outcome in ("success", "refusal")]
        slow = asyncio.create_task(self._ask_all([request for request in ordinary if request.channel.key in SLOW]))
        if self.target.release_s:
            await self._await_release()
        await self._ask_all([request for request in ordinary if request.channel.key not in SLOW])
        await slow
        if self.target.may_overload:
            await self._overload([request for request in self.plan.main if request.outcome == "overload"])
        await asyncio.sleep(FLUSHED_S + self.target.release_s)

    async def shut_down(self) -> None:
        """Stop the service with requests under way."""
        under_way = [request for request in self.plan.main if request.outcome == "shutdown"]

        def take(index: int, exchange: Exchange) -> None:
            self._take(under_way[index], exchange, stopped=True)

        requests = [request.octets(self.context) for request in under_way]
        await ask_across_shutdown(self.address, requests, lambda: stop(self.target.stop_pid), take)
        if not await asyncio.to_thread(await_end, self.target.stop_pid):
            self.problems.append("the service did not end in time after SIGTERM")

    def life(self) -> Iterator[str]:
        """What the deployment was seen to do."""
        if self.context.cohort:
            yield f"cohort {self.context.cohort} known"
        if self.context.token:
            yield "tokens sealed"
        if self.is_released:
            yield "counts released"

    async def _ask_all(self, requests: Iterable[PlannedRequest]) -> None:
        """Send, and send again by other carriers what did not have the outcome that its channel still lacks."""
        waiting = list(requests)
        for tries in range(TURNS_MAX):
            batch, missed = waiting, list[PlannedRequest]()

            def take(
                index: int,
                exchange: Exchange,
                batch: list[PlannedRequest] = batch,
                missed: list[PlannedRequest] = missed,
            ) -> None:
                if not self._take(batch[index], exchange):
                    missed.append(batch[index])

            await ask_all(self.address, (request.octets(self.context, tries) for request in batch), take)
            met_n = self.outcomes.met_n
            waiting = [lost for lost in missed if lost.is_repeatable and not met_n[lost.channel.key, lost.outcome]]
            if not waiting:
                return

    async def _overload(self, requests: Sequence[PlannedRequest]) -> None:
        turns = iter(range(1 << 30))

        def lasting() -> bytes:
            return self.plan.holding[next(turns) % len(self.plan.holding)].octets(self.context)

        def take(exchange: Exchange) -> None:
            if exchange.answer:
                self._answers.keep(exchange.answer)
            self.outcomes.hold(exchange)

        probe = octets(CARRIERS[0].message.sheddable(), self.context.values("", 0))
        async with overload(self.address, lasting, probe, take) as sheds:
            if not sheds:
                self.problems.append("the service could not be overloaded: it took all that it was given")
                return
            await self._ask_all(requests)

    def _take(self, request: PlannedRequest, exchange: Exchange, *, stopped: bool = False) -> bool:
        if exchange.answer:
            self._answers.keep(exchange.answer)
        self.advance()
        return self.outcomes.take(request, exchange, stopped=stopped)

    async def _await_release(self) -> None:
        """Until the groups of the crowd are known, as they would be after an hour elsewhere."""
        give_up_at_s = time.monotonic() + RELEASED_MAX_S
        while time.monotonic() < give_up_at_s:
            context = await _learn(self.address, self.context)
            if context is not None and context.cohort and context.token:
                self.context = context
                self.is_released = True
                return
            await asyncio.sleep(_LOOK_S)
        self.problems.append("nothing was released: the counts of this deployment were not audited")


def _sinks(target: Target, address: Address, answers: Answers) -> list[Sink]:
    """Every place that there is to look."""
    sinks: list[Sink] = [RedisDump(target.redis, target.site), RedisMonitor(target.redis)] if target.redis else []
    trusted = target.are_logs_trusted
    files = [LogFile(Path(path), "logs", address.port, is_trusted=trusted) for path in target.logs]
    files += [LogFile(Path(path), "traces", is_trusted=trusted) for path in target.traces]
    for number, file in enumerate(files):
        file.name += f" {number + 1}" if len(files) > 1 else ""
    return [*sinks, *files, *([Metrics(target.metrics, metrics_probe(address))] if target.metrics else []), answers]


async def _is_live(address: Address) -> bool:
    request = octets(Message("GET", "/livez"), {"host": address.authority, "key": ""})
    return (await _ask(address, request))[0].status > 0


async def _learn(address: Address, context: SiteContext) -> SiteContext | None:
    """What a visit is told of its site; None where no visit is answered."""
    messages = CONSENTING, DESCRIPTION
    visit, description = await _ask(address, *(octets(message, context.values("", 0)) for message in messages))
    if outcome_of(visit.status) != "success":
        return None
    try:
        decision = json.loads(visit.answer.partition(b"\r\n\r\n")[2])
        slots = [(key, slot["options"][0]) for key, slot in decision["slots"].items()]
        variants = [(key, experiment["variant"]) for key, experiment in decision["experiments"].items()]
        cohort = decision["cohort"] or {}
        language = decision["language"]["tag"]
        topics = json.loads(description.answer.partition(b"\r\n\r\n")[2])["site"]["topics"]
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    slot, option = next(iter(slots), ("", ""))
    experiment, variant = next(iter(variants), ("", ""))
    return msgspec.structs.replace(
        context, token=cohort.get("token") or "", cohort=cohort.get("key") or "", slot=slot, option=option,
        experiment=experiment, variant=variant, language=language, topic=next(iter(topics), ""),
    )  # fmt: skip


async def _ask(address: Address, *requests: bytes) -> list[Exchange]:
    connection = Connection(address)
    exchanges = [await connection.ask(request) for request in requests]
    connection.close()
    return exchanges


def _read(search: Search, sink: Sink) -> Searched:
    return search.search(sink.name, sink.read())


def missed_controls(search: Search, sink: Sink, plan: Plan) -> tuple[str, ...]:
    """The families of encodings of which a leak was planted in a sink and not found."""
    searched = search.search(sink.name, sink.planted([leak for _, leak in plan.controls.values()]))
    markers = {finding.marker for finding in searched.findings}
    return tuple(family for family, (marker, _) in plan.controls.items() if marker.number not in markers)


def _report(
    run: _Run,
    searched: Sequence[tuple[str, Searched]],
    known_by: dict[str, str],
    missed: dict[str, tuple[str, ...]],
) -> AuditReport:
    """The report without what its caller fills in: version, seed, seconds and the number of patterns."""
    findings = {(leak.marker, leak.form, leak.sink): leak for _, once in searched for leak in once.findings}
    more = sum(once.more for _, once in searched)
    sinks = []
    for name, sign in known_by.items():
        octets_read = max(once.octets for sink, once in searched if sink == name)
        leaked = {leak.marker for leak in findings.values() if leak.sink == name}
        sinks.append(SinkRow(name, sign, octets_read, len(leaked), tuple(run.plan.controls), missed[name]))
    channels = tuple(run.outcomes.rows(run.plan.requests, [*findings.values()], run.possible))
    problems = (*run.problems, *doubts(sinks, channels), *faults(run.outcomes))
    left_out = not_audited(
        run.target, run.context, run.plan.carriers_met, is_released=run.is_released, is_share=run.is_share
    )
    return AuditReport(
        date=now(), version="", of="embedded" if run.target.is_embedded else "running", site=run.target.site, seed=0,
        markers=len(run.plan.requests), requests=run.outcomes.requests, holding_requests=run.outcomes.holding,
        statuses={str(status): count for status, count in sorted(run.outcomes.statuses.items())},
        life=tuple(run.life()), channels=channels, sinks=tuple(sinks), findings=tuple(findings.values()), more=more,
        not_audited=dict(left_out), problems=problems, passed=not findings and not more and not problems,
    )  # fmt: skip


def doubts(sinks: Sequence[SinkRow], channels: Sequence[ChannelRow]) -> Iterator[str]:
    """Reasons why it proves little that nothing was found."""
    for sink in sinks:
        if not sink.known_by:
            hint = next((hint for name, hint in _HINTS.items() if sink.sink.startswith(name)), "")
            yield f"{sink.sink}: nothing tells that this belongs to the deployment under audit{hint}"
        if sink.missed:
            yield f"{sink.sink}: this sink was not watched: planted leaks were not found ({', '.join(sink.missed)})"
    for outcome in OUTCOMES:
        lacking = [row.channel for row in channels if outcome in row.missing]
        if lacking:
            yield f"inconclusive: no {outcome} was had by {', '.join(lacking)}"


def faults(outcomes: Outcomes) -> Iterator[str]:
    """What a healthy service does not do."""
    requests = outcomes.requests + outcomes.holding
    broken = sum(outcomes.broken.values())
    failed = sum(count for status, count in outcomes.statuses.items() if status >= FAULT and not outcome_of(status))
    if failed:
        yield f"the service answered {failed} requests with a fault of its own"
    if broken - failed > UNANSWERED_MAX * requests:
        yield f"{broken - failed} of {requests} requests had no answer: is the service still there?"
