"""``make bench``: how fast the service is, side by side with the least and the usual that the same machine can do.

Speed here is a ratio. The service, a constant application on the same server (``const``; ``bare`` is the same without
uvicorn's proxy handling), an afternoon's FastAPI without Redis, the service with counting off (``uncounted``) and the
service with five experiments and two slots in its site, where the demo has one of each (``experiments``), or with 140
languages (``languages``), answer the same visits in turn on the same core, round after round in alternating order; what
counts is the median of the rounds' ratios, with the least and the greatest. Absolute numbers vary by a third from one
minute to the next. ``us/answer`` is processor time, which a busy neighbour disturbs least; the ratio ``by cpu`` is that
of these. A round counts only if both servers were the limit; DISTURBED says that few were.

    make bench                              all of it, about 10 minutes
    make bench BENCH=--quick                a first look, two minutes
    make bench BENCH="--only zipf,batch"    some of its parts, with servers and visits for those alone
    make bench BENCH="--memory 1000000"     memory over a million visits
    make bench BENCH="--json out.json"      also every round, for later

Exit status: 0 when everything was measured, 1 when an answer was wrong (then speed means nothing), 2 when something to
measure with is missing. Whether a goal was reached is for people to read.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))  # this folder is no package

import changes
import checks
import machine
import parts
import workers
from machine import Machine
from rounds import Bench, WrongAnswerError

CHANGES_QUICK = 4


class Part(NamedTuple):
    """What is measured under one name: how, of how many servers in turn, and how many seconds it takes beside that."""

    measure: Callable[[Bench, argparse.Namespace], None]
    races: int
    beside_s: int

    def seconds(self, options: argparse.Namespace) -> int:
        """About how long it takes."""
        return int(self.races * options.rounds * options.seconds * 1.1) + self.beside_s


# In the order of the report.
PARTS = {
    "zipf": Part(lambda bench, _: parts.visits_of(bench, "zipf", {"const": ">= 0.85", "fastapi": ">= 15"}), 3, 8),
    "experiments": Part(lambda bench, _: parts.experiments(bench), 3, 4),
    "ofrep": Part(lambda bench, _: parts.flags(bench), 2, 4),
    "fresh": Part(lambda bench, _: parts.visits_of(bench, "fresh", {"const": ">= 0.36", "fastapi": ""}), 3, 4),
    "languages": Part(lambda bench, _: parts.languages(bench), 2, 6),
    "latency": Part(lambda bench, _: parts.moderate(bench), 3, 4),
    "cohort": Part(lambda bench, _: parts.cohort(bench), 3, 4),
    "batch": Part(lambda bench, _: parts.batches(bench), 4, 6),
    "stall": Part(lambda bench, _: parts.stall(bench), 0, 12),
    "bucketing": Part(lambda bench, _: parts.bucketing(bench), 0, 2),
    "change": Part(lambda bench, options: changes.measure(bench, _changes(options)), 0, 90),
    "workers": Part(lambda bench, _: workers.measure(bench), 4, 12),
    "start": Part(lambda bench, options: parts.start(bench, 3 if options.quick else 5), 0, 8),
    "memory": Part(lambda bench, options: parts.memory(bench, options.memory, 6 if options.quick else 240), 0, 15),
}


def main() -> int:
    options = _options()
    if not hasattr(os, "sched_setaffinity"):
        print("bench: needs Linux, to keep each process on its core", file=sys.stderr)
        return 2
    if shutil.which("wrk") is None:
        print("bench: wrk, which makes the load, is missing: sudo apt-get install wrk", file=sys.stderr)
        return 2
    server_core, *others = sorted(os.sched_getaffinity(0))
    if not others:
        print("bench: only one core: load and server share it, which flatters whoever is slow", file=sys.stderr)
    os.sched_setaffinity(0, {server_core})  # what the servers run on is what is told
    at_hand = machine.measure()
    print(f"bench: {at_hand}", file=sys.stderr)
    os.sched_setaffinity(0, {others[0] if others else server_core})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as folder, contextlib.ExitStack() as stack:
        bench = Bench(
            Path(folder),
            server_core,
            stack,
            rounds=options.rounds,
            seconds=options.seconds,
            on_start=checks.check,
        )
        try:
            measure(bench, options)
        except (WrongAnswerError, ValueError, TimeoutError) as error:
            print(f"\nbench: INVALID: {error}", file=sys.stderr)
            return 1
    report(bench, at_hand)
    if options.json:
        rows = [row._asdict() for row in bench.rows]
        record = {"machine": at_hand._asdict(), "rows": rows, "measured": bench.record}
        options.json.write_text(json.dumps(record, indent=1) + "\n")
    return 0


def measure(bench: Bench, options: argparse.Namespace) -> None:
    """The parts asked for, in the order of the report. How long each takes is said before it begins."""
    began = time.perf_counter()
    all_s = sum(PARTS[name].seconds(options) for name in options.only)
    print(f"bench: {len(options.only)} parts, about {all_s / 60:.1f} minutes", file=sys.stderr, flush=True)
    for name in options.only:
        after_s, about_s = time.perf_counter() - began, PARTS[name].seconds(options)
        print(f"bench: {after_s:4.0f} s  {name}, about {about_s} s", file=sys.stderr, flush=True)
        PARTS[name].measure(bench, options)
    print(f"bench: {time.perf_counter() - began:4.0f} s  done", file=sys.stderr, flush=True)


def report(bench: Bench, at_hand: Machine) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"{at_hand}\nSpeed: {bench.rounds} rounds of {bench.seconds} s, medians (least to greatest)"
    table = Table("--only", "what", "service", "peer", "service / peer", "goal", title=title, title_justify="left")
    for row in bench.rows:
        table.add_row(*row)
    Console(width=190 if not sys.stdout.isatty() else None).print(table)


def _changes(options: argparse.Namespace) -> int:
    return CHANGES_QUICK if options.quick else changes.CHANGES


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench BENCH=...", description="Speed, side by side.")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 s: two minutes")
    parser.add_argument("--only", type=_names, default=[*PARTS], metavar="PART,...", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, choices=range(1, 22), metavar="N", help="default 7")
    parser.add_argument("--seconds", type=int, choices=range(1, 31), metavar="S", help="of a round; default 2")
    parser.add_argument("--memory", type=int, default=100_000, metavar="VISITS", help="default 100000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 7)
    options.seconds = options.seconds or (1 if options.quick else 2)
    return options


def _names(text: str) -> list[str]:
    """The parts that a list names, in the order of the report."""
    asked = [name.strip() for name in text.split(",")]
    if unknown := [name for name in asked if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"no part is called {', '.join(unknown)}; there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in asked]


if __name__ == "__main__":
    sys.exit(main())
