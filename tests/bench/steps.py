"""The steps of a visit, timed in this process in units of a fixed piece of Python work, so that what grew has a name.

Each is the best of some passes over visits that differ, in processor time. Where a step lies within another the inner
one is taken off. Counting is timed as summing alone: handing over to Redis is no step of a visit.
"""

import asyncio
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import machine
import visits
from rounds import BATCH, FLAGS, VISIT
from servers import ROOT
from visits import MARK

VISITS_TIMED, PASSES = 4000, 5
BATCH_SIZE = 100
JSON = (b"content-type", b"application/json")
PEER = "127.0.0.1"
# The steps that a race is made of. What differs between its servers is all that can grow for counting.
STEPS_OF = {
    "zipf": ("read the connection", "derive what may be known", "decide", "route and make the head"),
    "counting": ("count",),
    "fresh": ("look up a new User-Agent", "read the connection", "derive what may be known", "decide"),
    "OFREP": ("read a context", "decide on a context", "answer with flags"),
    "batch": ("read an item", "decide on an item", "divide and join a batch"),
}
GROWN, GROWN_UNITS = 1.15, 0.5


def grown(units: dict[str, float], kept: dict[str, float]) -> dict[str, float]:
    """Of each step that grew, how many times the kept figure it takes; the one that took most more comes first."""
    more = {step: units[step] - kept[step] for step in units.keys() & kept.keys()}
    more = {step: by for step, by in more.items() if by > max(GROWN_UNITS, kept[step] * (GROWN - 1))}
    return {step: units[step] / kept[step] for step in sorted(more, key=lambda step: -more[step])}


def measure() -> dict[str, float]:
    """Every step, in units of ``machine.unit``."""
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    sample = visits.visits("zipf")[:VISITS_TIMED]
    unit_us = _lowest_us(machine.unit, range(VISITS_TIMED))
    steps_us = _visit_us(sample) | _new_user_agent_us() | _body_us(sample)
    return {step: us / unit_us for step, us in steps_us.items()}


def _visit_us(sample: list[visits.Visit]) -> dict[str, float]:
    """The steps of a visit by its own request."""
    from service.web.visit.client_ip import ClientIpResolver
    from service.web.visit.connection import from_request
    from service.web.wire.messages import Request

    container, respond = _service(counting=False)
    decisions, site = container.decisions, container.current.epoch.default
    intake, resolver = decisions.intake, ClientIpResolver()
    path, _, query = VISIT.encode().partition(b"?")
    headers = [
        [(name.lower().encode(), value.encode()) for name, value in visits.headers(visit).items()] for visit in sample
    ]
    fields = [intake.fields(lines) for lines in headers]
    connection_us = _lowest_us(lambda lines: from_request(PEER, lines, resolver), fields)
    intake_us = _lowest_us(lambda lines: intake.of_request(PEER, lines, site.rules, site.policy), fields)
    decision_us = _lowest_us(lambda lines: decisions.for_request(PEER, lines, site), fields)
    respond_us = _lowest_us(respond, [Request("GET", path, query, lines, PEER) for lines in headers])
    container, _ = _service(counting=True)
    counting, site = container.decisions, container.current.epoch.default
    counted_us = _lowest_us(lambda lines: counting.for_request(PEER, lines, site), fields)
    return {
        "read the connection": connection_us,
        "derive what may be known": intake_us - connection_us,
        "decide": decision_us - intake_us,
        "route and make the head": respond_us - decision_us,
        "count": counted_us - decision_us,
    }


def _new_user_agent_us() -> dict[str, float]:
    """A User-Agent that nobody sent before, with its hints. Each pass has others."""
    container, _ = _service(counting=False)
    look_up = container.decisions.intake.devices.look_up
    browsers = [visit.browser for visit in visits.visits("fresh")[:VISITS_TIMED]]
    lowest = float("inf")
    for number in range(PASSES):
        new = [browser._replace(user_agent=browser.user_agent.replace(MARK, f"{number:08x}")) for browser in browsers]
        us = machine.lowest_us(lambda one: look_up(one.user_agent, one.brands, one.mobile, one.platform, ""), new, 1)
        lowest = min(lowest, us)
    return {"look up a new User-Agent": lowest}


def _body_us(sample: list[visits.Visit]) -> dict[str, float]:
    """The steps of a visit in an OpenFeature context, and of one in a batch."""
    import msgspec

    from service.web.bodies.schema import VisitBody, read_visit
    from service.web.ofrep.context import read_context, visit_of
    from service.web.problems import Refusal
    from service.web.visit.outcomes import CONTEXT
    from service.web.wire.messages import Request

    container, respond = _service(counting=False)
    decisions, site = container.decisions, container.current.epoch.default

    def read(body: bytes) -> VisitBody:
        context = read_context(body)
        assert not isinstance(context, Refusal)
        visit = visit_of(context, gpc=False, opted_out=False)
        assert not isinstance(visit, Refusal)
        return visit

    def described(item: bytes) -> VisitBody:
        visit = read_visit(item)
        assert not isinstance(visit, Refusal)
        return visit

    contexts = [visits.context(visit) for visit in sample]
    items = [msgspec.json.encode(visits.item(visit)) for visit in sample]
    bodies = [*visits.batches(sample, BATCH_SIZE)]
    asked = [Request("POST", FLAGS.encode(), b"", [JSON], PEER, body=body) for body in contexts]
    many = [Request("POST", BATCH.encode(), b"", [JSON], PEER, body=body) for body in bodies]
    context_us, item_us = _lowest_us(read, contexts), _lowest_us(described, items)
    on_context_us = _lowest_us(
        lambda visit: decisions.for_visit(visit, site, names=CONTEXT), [read(body) for body in contexts]
    )
    on_item_us = _lowest_us(lambda visit: decisions.for_visit(visit, site), [described(item) for item in items])
    flags_us = _lowest_us(respond, asked)

    async def batches() -> float:
        lowest = float("inf")
        for _ in range(PASSES):
            lowest = min(lowest, await _batches_us(respond, many))
        return lowest / BATCH_SIZE

    batch_us = asyncio.run(batches())
    return {
        "read a context": context_us,
        "decide on a context": on_context_us,
        "answer with flags": flags_us - on_context_us - context_us,
        "read an item": item_us,
        "decide on an item": on_item_us,
        "divide and join a batch": batch_us - on_item_us - item_us,
    }


async def _batches_us(respond: Callable[[Any], Any], asked: list[Any]) -> float:
    """Microseconds for each of these requests, whose responses come later."""
    began = time.thread_time_ns()
    for request in asked:
        response = await respond(request)
        assert response.status == 200, response
    return (time.thread_time_ns() - began) / 1000 / len(asked)


def _service(*, counting: bool) -> tuple[Any, Callable[[Any], Any]]:
    """A new application's parts, and what answers its requests: with the shipped configuration, silently."""
    from service.adapters.memory_store import MemoryStore
    from service.app import Application, assemble, read_configuration
    from service.telemetry import Telemetry

    store = MemoryStore(k=50, k_prefixes=20, retention_s=3600) if counting else None
    container = assemble(read_configuration(environment={}), Telemetry(stream=io.StringIO()), store)
    container.geo.open()
    return container, Application(container).dispatcher.respond


def _lowest_us(step: Callable[[Any], object], given: Sequence[Any]) -> float:
    return machine.lowest_us(step, given, PASSES)


if __name__ == "__main__":
    for step, units in measure().items():
        print(f"{step:26} {units:6.2f} units")
