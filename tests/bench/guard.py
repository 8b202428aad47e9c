"""``make bench-guard``: whether the service became slower than the figures in ``guard.json``, in two minutes.

Measured is processor time, which a busy neighbour disturbs least, as a ratio to the constant application in the same
rounds, of each server's best round. Machines differ and are noisy: a figure 15 % below the kept one is a warning, and
one 30 % below fails, if a second measurement says so too. Then the steps of a visit are timed in this process, in units
of a fixed piece of Python work, and those that grew are named.

    make bench-guard                        measure and compare
    make bench-guard GUARD=--keep           write today's figures into guard.json: on purpose only, reason in the commit

Exit status: 0 when nothing fails, 1 when something became slower or answers wrong, 2 when wrk is missing.
"""

import argparse
import contextlib
import io
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))  # this folder is no package

import visits
from run import BATCH_CONNECTIONS, CONNECTIONS, VISIT, Bench, WrongAnswerError
from servers import ROOT, running

KEPT = Path(__file__).resolve().parent / "guard.json"
ROUNDS, SECONDS = 4, 1
WARNS_BELOW, FAILS_BELOW = 0.85, 0.70
# By name: what is sent, the server that is guarded, what it is compared with, and over how many connections. Counting's
# cost is guarded by the same server without it.
RACES = {
    "zipf": ("zipf", "service", "const", CONNECTIONS),
    "counting": ("zipf", "service", "uncounted", CONNECTIONS),
    "fresh": ("fresh", "service", "const", CONNECTIONS),
    "OFREP": ("flags", "experiments", "const", CONNECTIONS),
    "batch": ("zipf-100", "service", "const", BATCH_CONNECTIONS),
}
VISITS_TIMED, PASSES = 4000, 5


def measure(bench: Bench, names: Sequence[str]) -> dict[str, float]:
    """Of each race the speed of the guarded server, as a ratio to what it is compared with."""
    asked: dict[str, set[str]] = {"zipf": {"const"}}  # const answers single visits alone, in whatever race it is named
    for name in names:
        requests, server, peer, _ = RACES[name]
        asked.setdefault(requests, set()).add(server)
        asked["zipf" if peer == "const" else requests].add(peer)
    connections = {requests: number for requests, _, _, number in RACES.values()}
    best_us: dict[tuple[str, str], float] = {}
    for requests, servers in asked.items():
        for server, rounds in bench.race(requests, sorted(servers), connections[requests]).items():
            best_us[requests, server] = min(found.us_per_answer for found in rounds)
    ratios = {}
    for name in names:
        requests, server, peer, _ = RACES[name]
        visits_each = 100 if requests == "zipf-100" else 1
        own_us = best_us[requests, server] / visits_each
        ratios[name] = best_us["zipf" if peer == "const" else requests, peer] / own_us
    return ratios


def steps() -> dict[str, float]:
    """The steps of a visit in this process, uncounted, each in units of ``_unit``: the lowest of some passes."""
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    from service.app import Application, assemble, read_configuration
    from service.telemetry import Telemetry
    from service.web.visit.client_ip import ClientIpResolver
    from service.web.visit.connection import from_request
    from service.web.wire.messages import Request

    container = assemble(read_configuration(environment={}), Telemetry(stream=io.StringIO()))
    container.geo.open()
    respond = Application(container).dispatcher.respond
    decisions, site, peer = container.decisions, container.current.epoch.default, "127.0.0.1"
    intake, resolver = decisions.intake, ClientIpResolver()
    path, _, query = VISIT.encode().partition(b"?")
    headers = [
        [(name.lower().encode(), value.encode()) for name, value in visits.headers(visit).items()]
        for visit in visits.visits("zipf")[:VISITS_TIMED]
    ]
    fields = [intake.fields(lines) for lines in headers]
    unit_us = _lowest_us(_unit, range(VISITS_TIMED))
    connection_us = _lowest_us(lambda lines: from_request(peer, lines, resolver), fields)
    intake_us = _lowest_us(lambda lines: intake.of_request(peer, lines, site.rules, site.policy), fields)
    decision_us = _lowest_us(lambda lines: decisions.for_request(peer, lines, site), fields)
    respond_us = _lowest_us(respond, [Request("GET", path, query, lines, peer) for lines in headers])
    return {
        "read the connection": connection_us / unit_us,
        "derive what may be known": (intake_us - connection_us) / unit_us,
        "decide": (decision_us - intake_us) / unit_us,
        "route and make the head": (respond_us - decision_us) / unit_us,
    }


def _unit(number: int) -> int:
    """A fixed piece of Python work, a microsecond or so: calls, a dict, text and octets as a visit has them."""
    fields = {"name": number, "other": number + 1}
    text = f"{number:08x}".encode().decode("latin-1")
    return len(text) + fields.get("name", 0) + len(tuple(fields)) + text.count("0")


def _lowest_us(step: Callable[[Any], object], given: Sequence[Any]) -> float:
    lowest = float("inf")
    for _ in range(PASSES):
        began = time.thread_time_ns()
        for one in given:
            step(one)
        lowest = min(lowest, (time.thread_time_ns() - began) / 1000 / len(given))
    return lowest


def compare(ratios: dict[str, float], kept: dict[str, float]) -> dict[str, float]:
    """Of each figure what is left of the kept one, where that is less than may go without a word."""
    return {name: ratio / kept[name] for name, ratio in ratios.items() if ratio < kept[name] * WARNS_BELOW}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-guard GUARD=...", description="Whether it became slower.")
    parser.add_argument("--keep", action="store_true", help="write today's figures into guard.json")
    options = parser.parse_args()
    if not hasattr(os, "sched_setaffinity") or shutil.which("wrk") is None:
        print("bench-guard: needs Linux, and wrk, which makes the load: sudo apt-get install wrk", file=sys.stderr)
        return 2
    core, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {others[0] if others else core})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    kept = json.loads(KEPT.read_text())
    with tempfile.TemporaryDirectory(prefix="passerby-guard-") as folder, contextlib.ExitStack() as stack:
        bench = Bench(argparse.Namespace(rounds=ROUNDS, seconds=SECONDS), Path(folder), core)
        bench.prepare()
        for name in ("service", "uncounted", "experiments", "const"):
            bench.servers[name] = stack.enter_context(running(name, core, bench.folder))
        try:
            for server in bench.servers.values():
                server.first_answer_s(VISIT)
            ratios = measure(bench, [*RACES])
            slower = {} if options.keep else compare(ratios, kept["ratios"])
            failing = [name for name, left in slower.items() if left < FAILS_BELOW]
            again = measure(bench, failing) if failing else {}
        except (WrongAnswerError, ValueError, TimeoutError) as error:
            print(f"bench-guard: INVALID: {error}", file=sys.stderr)
            return 1
    if options.keep:
        figures = {"ratios": ratios, "steps": steps()}
        rounded = {part: {name: round(figure, 3) for name, figure in of.items()} for part, of in figures.items()}
        KEPT.write_text(json.dumps(rounded, indent=4) + "\n")
        return 0
    for name, ratio in ratios.items():
        second = f", again {again[name]:.2f}" if name in again else ""
        note = f"  {slower[name]:.0%} of the kept figure" if name in slower else ""
        print(f"{name:10} {ratio:.2f}{second}  kept {kept['ratios'][name]:.2f}{note}")
    if slower:
        for step, units in steps().items():
            grown = units / kept["steps"][step]
            print(f"step: {step:26} {units:6.2f} units, kept {kept['steps'][step]:.2f}: {grown:.2f} of it")
    failed = [name for name, ratio in again.items() if ratio < kept["ratios"][name] * FAILS_BELOW]
    if failed:
        print(f"bench-guard: slower twice: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
