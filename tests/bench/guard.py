"""``make bench-guard``: whether the service became slower than the figures in ``guard.json``, in a minute.

Measured is processor time, which a busy neighbour disturbs least, as a ratio to the constant application in the same
rounds, all of them interleaved, of each server's best round. Machines differ and are noisy: a figure 15 % below the
kept one is a warning, and one 30 % below fails, if a second measurement says so too. Then the steps of what became
slower are timed in this process (``steps``), and those that grew are named.

    make bench-guard                        measure and compare
    make bench-guard GUARD=--keep           write today's figures into guard.json: on purpose only, reason in the commit

Exit status: 0 when nothing fails, 1 when something became slower or answers wrong, 2 when wrk is missing.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # this folder is no package

import steps
import visits
from rounds import BATCH_CONNECTIONS, CONNECTIONS, Bench, WrongAnswerError

KEPT = Path(__file__).resolve().parent / "guard.json"
ROUNDS, SECONDS = 4, 1
WARNS_BELOW, FAILS_BELOW = 0.85, 0.70
# By name: the server that is guarded, what it is compared with, and what either is sent. ``const`` says the same to
# anything, so it is sent single visits, in whatever race. Counting's cost is guarded by the same server without it.
Sent = tuple[str, str]
RACES: dict[str, tuple[Sent, Sent]] = {
    "zipf": (("service", "zipf"), ("const", "zipf")),
    "counting": (("service", "zipf"), ("uncounted", "zipf")),
    "fresh": (("service", "fresh"), ("const", "zipf")),
    "OFREP": (("experiments", "flags"), ("const", "zipf")),
    "batch": (("service", "zipf-100"), ("const", "zipf")),
}
VISITS_EACH = {"zipf-100": 100}


def measure(bench: Bench, names: Sequence[str]) -> dict[str, float]:
    """Of each race the speed of the guarded server, as a ratio to what it is compared with: all of them interleaved."""
    pairs = [*dict.fromkeys(pair for name in names for pair in RACES[name])]
    best_us = dict.fromkeys(pairs, float("inf"))
    for server, requests in pairs:
        bench.warm_up(server, requests, _connections(requests))
    for number in range(bench.rounds):
        start = number * visits.VISITS // bench.rounds
        for pair in pairs if number % 2 else reversed(pairs):
            server, requests = pair
            found = bench.drive(bench.server(server), requests, _connections(requests), start=start)
            best_us[pair] = min(best_us[pair], found.us_per_answer / VISITS_EACH.get(requests, 1))
    return {name: best_us[RACES[name][1]] / best_us[RACES[name][0]] for name in names}


def _connections(requests: str) -> int:
    return BATCH_CONNECTIONS if requests in VISITS_EACH else CONNECTIONS


def compare(ratios: dict[str, float], kept: dict[str, float]) -> dict[str, float]:
    """Of each figure what is left of the kept one, where that is less than may go without a word."""
    return {name: ratio / kept[name] for name, ratio in ratios.items() if ratio < kept[name] * WARNS_BELOW}


def failing(ratios: dict[str, float], kept: dict[str, float]) -> list[str]:
    """The figures that are so low that they fail, if a second measurement says so too."""
    return [name for name, left in compare(ratios, kept).items() if left < FAILS_BELOW]


def lines(ratios: dict[str, float], again: dict[str, float], kept: dict[str, float]) -> list[str]:
    """The report: a line for each figure."""
    slower = compare(ratios, kept)
    found = []
    for name, ratio in ratios.items():
        second = f", again {again[name]:.2f}" if name in again else ""
        note = f"  WARNING: {slower[name]:.0%} of the kept figure" if name in slower else ""
        found.append(f"{name:10} {ratio:.2f}{second}  kept {kept[name]:.2f}{note}")
    return found


def step_lines(slower: Iterable[str], units: dict[str, float], kept: dict[str, float]) -> list[str]:
    """The steps of the races that became slower, and of those that grew which did the most."""
    more = steps.grown(units, kept)
    found = [
        f"step: {step:26} {units[step]:6.2f} units, kept {kept[step]:.2f}" + ("  GREW" if step in more else "")
        for step in dict.fromkeys(step for name in slower for step in steps.STEPS_OF[name])
    ]
    if more:
        named = ", ".join(f"{step} (now {times:.1f} of what it was)" for step, times in more.items())
        return [*found, f"what grew: {named}"]
    return [*found, "what grew: no step of a visit; look at the server, its connections and what is handed to Redis"]


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
    figures = json.loads(KEPT.read_text())
    kept = figures["ratios"]
    with tempfile.TemporaryDirectory(prefix="passerby-guard-") as folder, contextlib.ExitStack() as stack:
        try:
            bench = Bench(Path(folder), core, stack, rounds=ROUNDS, seconds=SECONDS)
            ratios = measure(bench, [*RACES])
            low = [] if options.keep else failing(ratios, kept)
            again = measure(bench, low) if low else {}
        except (WrongAnswerError, ValueError, TimeoutError) as error:
            print(f"bench-guard: INVALID: {error}", file=sys.stderr)
            return 1
    if options.keep:
        keep(ratios, steps.measure())
        return 0
    print("\n".join(lines(ratios, again, kept)))
    if slower := compare(ratios, kept):
        print("\n".join(step_lines(slower, steps.measure(), figures["steps"])))
    if failed := failing(again, kept):
        print(f"bench-guard: slower twice: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def keep(ratios: dict[str, float], units: dict[str, float]) -> None:
    """Write guard.json."""
    figures = {"ratios": ratios, "steps": units}
    rounded = {part: {name: round(figure, 3) for name, figure in of.items()} for part, of in figures.items()}
    KEPT.write_text(json.dumps(rounded, indent=4) + "\n")


if __name__ == "__main__":
    sys.exit(main())
