"""The audit of a deployment: markers by every channel, then a search for them wherever it writes; and the controls.

    record = audit(target, markers_n=14_000, version="1.0", seed=7, report=lambda done, total: None)

The order is the argument. Everything is watched from before the first marker until after the last. Every channel must
have had every outcome that it is to have, or it would prove nothing that nothing was found. Only when all is read are
leaks planted, one of each family of forms in each sink, which the same search must find.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from service.proof.belonging import knocking, not_audited, say_something
from service.proof.carriers import CARRIERS, CONSENTING, DESCRIPTION, OUTCOMES, Outcome
from service.proof.channels import SLOW
from service.proof.deployment import DeploymentError, Target, await_end, stop
from service.proof.log_file import LogFile
from service.proof.messages import Ground, Message, octets
from service.proof.record import ChannelRow, Record, SinkRow, now
from service.proof.redis_sinks import RedisDump, RedisMonitor
from service.proof.search import Finding, Search
from service.proof.sending import Plan, Sending, Tally, outcome_of, plan
from service.proof.sinks import Answers, Metrics, Sink
from service.proof.traffic import Exchange, Line, Place, across, ask_all, fetch, full_house, place_of

Report = Callable[[int, int], None]

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


def audit(target: Target, markers_n: int, version: str, seed: int, report: Report) -> Record:
    """Audit a deployment. Raises DeploymentError or SinkError where there is nothing to audit, in words for people."""
    began_s = time.monotonic()
    place = place_of(target.url)
    answers = Answers(fetch)
    sinks = _sinks(target, place, answers)
    with contextlib.ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
            sink.open()
        if not asyncio.run(_is_there(place)):
            raise DeploymentError("nobody answers there: is that the service's own address and port, and does it run?")
        ground = asyncio.run(_learn(place, Ground(place.authority, target.site, target.key)))
        if ground is None:
            raise DeploymentError("the service does not answer a visit there; does it need --key, or another --site?")
        run = _Run(target, place, ground, plan(markers_n, seed, ground, possible(target)), answers, report)
        search = Search(run.plan.markers)
        asyncio.run(run.send())
        run.problems += filter(None, [say_something(target, [sink for sink in sinks if isinstance(sink, LogFile)])])
        known = {sink.name: sink.alive() for sink in sinks}
        run.is_share = any(isinstance(sink, Metrics) and sink.is_share for sink in sinks)
        # What is gone with the service is read before it.
        found = [_look(search, sink) for sink in sinks if sink.name in ("metrics", "redis")]
        if target.stop_pid:
            asyncio.run(run.shut_down())
        found += [_look(search, sink) for sink in sinks if sink.name != "metrics"]
        run.progress(_SEARCH_SHARE)
        missed = {sink.name: _missed(search, sink, run.plan) for sink in sinks}
        run.progress(_SEARCH_SHARE)
    return _record(run, found, known, missed, version, seed, search.needles, time.monotonic() - began_s)


def possible(target: Target) -> tuple[Outcome, ...]:
    """The outcomes that an audit can go for: not everybody's house may be filled, or stopped."""
    may = {"success": True, "refusal": True, "overload": target.may_overload, "shutdown": target.stop_pid > 0}
    return tuple(outcome for outcome in OUTCOMES if may[outcome])


class _Look(NamedTuple):
    """What one reading of a sink came to."""

    sink: str
    octets: int
    findings: list[Finding]
    more: int


class _Run:
    """The sending of one audit, and what came of it."""

    def __init__(
        self, target: Target, place: Place, ground: Ground, planned: Plan, answers: Answers, report: Report
    ) -> None:
        self.target = target
        self.place = place
        self.ground = ground
        self.plan = planned
        self.tally = Tally()
        self.problems: list[str] = []
        self.is_released = False
        self.is_share = False
        self.possible = possible(target)
        self._answers = answers
        self._report = report
        self._done = 0.0
        self._total = len(planned.sendings) * (1 + 2 * _SEARCH_SHARE)

    def progress(self, share: float = 0.0) -> None:
        """So many markers more are done, or such a share of the whole search."""
        self._done += share * len(self.plan.sendings) if share else 1
        self._report(min(round(self._done), round(self._total)), round(self._total))

    async def send(self) -> None:
        """Everything but what is under way when the service is stopped."""
        await self._ask_all(self.plan.crowd)
        granted = [sending for sending in self.plan.rest if sending.outcome in ("success", "refusal")]
        slow = asyncio.create_task(self._ask_all([one for one in granted if one.channel.key in SLOW]))
        if self.target.release_s:
            await self._await_release()
        await self._ask_all([one for one in granted if one.channel.key not in SLOW])
        await slow
        if self.target.may_overload:
            await self._overload([sending for sending in self.plan.rest if sending.outcome == "overload"])
        await asyncio.sleep(FLUSHED_S + self.target.release_s)

    async def shut_down(self) -> None:
        """Stop the service with requests under way."""
        under_way = [sending for sending in self.plan.rest if sending.outcome == "shutdown"]

        async def stopping() -> None:
            stop(self.target.stop_pid)

        def take(index: int, exchange: Exchange) -> None:
            self._take(under_way[index], exchange, stopped=True)

        await across(self.place, [one.octets(self.ground) for one in under_way], stopping, take)
        if not await asyncio.to_thread(await_end, self.target.stop_pid):
            self.problems.append("the service did not end in time after SIGTERM")

    async def _ask_all(self, sendings: Sequence[Sending]) -> None:
        """Send, and send again by other carriers what did not have the outcome that its channel still lacks."""
        waiting = list(sendings)
        for more in range(TURNS_MAX):
            missed: list[Sending] = []
            asked = waiting

            def take(
                index: int, exchange: Exchange, asked: list[Sending] = asked, missed: list[Sending] = missed
            ) -> None:
                if not self._take(asked[index], exchange):
                    missed.append(asked[index])

            await ask_all(self.place, (sending.octets(self.ground, more) for sending in asked), take)
            waiting = [one for one in missed if one.may_go_on and not self.tally.got[one.channel.key, one.outcome]]
            if not waiting:
                return

    def life(self) -> Iterator[str]:
        """What the deployment was seen to do."""
        if self.ground.cohort:
            yield f"cohort {self.ground.cohort} known"
        if self.ground.token:
            yield "tokens sealed"
        if self.is_released:
            yield "counts released"

    async def _overload(self, sendings: Sequence[Sending]) -> None:
        held = iter(range(1 << 30))

        def lasting() -> bytes:
            return self.plan.holding[next(held) % len(self.plan.holding)].octets(self.ground)

        def take(exchange: Exchange) -> None:
            if exchange.answer:
                self._answers.keep(exchange.answer)
            self.tally.hold(exchange)

        probe = octets(CARRIERS[0].message.waiting_its_turn(), self.ground.values("", 0))
        async with full_house(self.place, lasting, probe, take) as is_full:
            if not is_full:
                self.problems.append("the service could not be overloaded: it took all that it was given")
                return
            await self._ask_all(sendings)

    def _take(self, sending: Sending, exchange: Exchange, *, stopped: bool = False) -> bool:
        if exchange.answer:
            self._answers.keep(exchange.answer)
        self.progress()
        return self.tally.take(sending, exchange, stopped=stopped)

    async def _await_release(self) -> None:
        """Until the groups of the crowd are known, as they would be after an hour elsewhere."""
        give_up_at_s = time.monotonic() + RELEASED_MAX_S
        while time.monotonic() < give_up_at_s:
            known = await _learn(self.place, self.ground)
            if known is not None and known.cohort and known.token:
                self.ground = known
                self.is_released = True
                return
            await asyncio.sleep(_LOOK_S)
        self.problems.append("nothing was released: the counts of this deployment were not audited")


def _sinks(target: Target, place: Place, answers: Answers) -> list[Sink]:
    """Every place that there is to look."""
    sinks: list[Sink] = [RedisDump(target.redis, target.site), RedisMonitor(target.redis)] if target.redis else []
    trusted = target.are_logs_trusted
    files = [LogFile(Path(path), "logs", place.port, is_trusted=trusted) for path in target.logs]
    files += [LogFile(Path(path), "traces", is_trusted=trusted) for path in target.traces]
    for number, file in enumerate(files):
        file.name += f" {number + 1}" if len(files) > 1 else ""
    sinks += [*files, *([Metrics(target.metrics, knocking(place))] if target.metrics else []), answers]
    return sinks


async def _is_there(place: Place) -> bool:
    line = Line(place)
    exchange = await line.ask(octets(Message("GET", "/livez"), {"host": place.authority, "key": ""}))
    line.close()
    return exchange.status > 0


async def _learn(place: Place, ground: Ground) -> Ground | None:
    """What a visit is told of its site; None where no visit is answered."""
    line = Line(place)
    exchange = await line.ask(octets(CONSENTING, ground.values("", 0)))
    described = await line.ask(octets(DESCRIPTION, ground.values("", 0)))
    line.close()
    if outcome_of(exchange.status) != "success":
        return None
    try:
        told = json.loads(exchange.answer.partition(b"\r\n\r\n")[2])
        slots = [(slot, found["options"][0]) for slot, found in told["slots"].items()]
        variants = [(key, found["variant"]) for key, found in told["experiments"].items()]
        cohort = told["cohort"] or {}
        language = told["language"]["tag"]
        topics = json.loads(described.answer.partition(b"\r\n\r\n")[2])["site"]["topics"]
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    slot, option = next(iter(slots), ("", ""))
    experiment, variant = next(iter(variants), ("", ""))
    return msgspec.structs.replace(
        ground, token=cohort.get("token") or "", cohort=cohort.get("key") or "", slot=slot, option=option,
        experiment=experiment, variant=variant, language=language, topic=next(iter(topics), ""),
    )  # fmt: skip


def _look(search: Search, sink: Sink) -> _Look:
    searched = search.search(sink.name, sink.read())
    return _Look(sink.name, searched.octets, searched.findings, searched.more)


def _missed(search: Search, sink: Sink, planned: Plan) -> tuple[str, ...]:
    """The families of forms of which a leak was planted in a sink and not found."""
    leaks = [leak for _, leak in planned.controls.values()]
    searched = search.search(sink.name, sink.planted(leaks))
    found = {finding.marker for finding in searched.findings}
    return tuple(family for family, (marker, _) in planned.controls.items() if marker.number not in found)


def _record(
    run: _Run,
    looks: Sequence[_Look],
    known: dict[str, str],
    missed: dict[str, tuple[str, ...]],
    version: str,
    seed: int,
    needles: int,
    seconds: float,
) -> Record:
    findings = {(one.marker, one.form, one.sink): one for look in looks for one in look.findings}
    more = sum(look.more for look in looks)
    families = tuple(run.plan.controls)
    sinks = [
        SinkRow(
            name,
            known[name],
            max(look.octets for look in looks if look.sink == name),
            len({one.marker for one in findings.values() if one.sink == name}),
            families,
            missed[name],
        )
        for name in known
    ]
    channels = tuple(run.tally.rows(run.plan.sendings, [*findings.values()], run.possible))
    problems = (*run.problems, *_doubts(sinks, channels), *_faults(run.tally))
    return Record(
        date=now(),
        version=version,
        of="embedded" if run.target.is_embedded else "running",
        site=run.target.site,
        seed=seed,
        seconds=round(seconds, 1),
        markers=len(run.plan.sendings),
        needles=needles,
        requests=run.tally.requests,
        holding_requests=run.tally.holding,
        statuses={str(status): count for status, count in sorted(run.tally.statuses.items())},
        life=tuple(run.life()),
        channels=channels,
        sinks=tuple(sinks),
        findings=tuple(findings.values()),
        more=more,
        not_audited=dict(
            not_audited(
                run.target, run.ground, run.plan.carriers_met, is_released=run.is_released, is_share=run.is_share
            )
        ),
        problems=problems,
        passed=not findings and not more and not problems,
    )


def _doubts(sinks: Sequence[SinkRow], channels: Sequence[ChannelRow]) -> Iterator[str]:
    """Why it would be worth little that nothing was found."""
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


def _faults(tally: Tally) -> Iterator[str]:
    """What a service does not do that is well."""
    asked = tally.requests + tally.holding
    broken = sum(tally.broken.values())
    faults = sum(count for status, count in tally.statuses.items() if status >= FAULT and outcome_of(status) is None)
    if faults:
        yield f"the service answered {faults} requests with a fault of its own"
    if broken - faults > UNANSWERED_MAX * asked:
        yield f"{broken - faults} of {asked} requests had no answer: is the service still there?"
