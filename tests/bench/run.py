"""``make bench``: how fast the service is, side by side with the least and the usual that the same machine can do.

Speed here is a ratio. The service, a constant application on the same server (``const``; ``bare`` is the same without
uvicorn's proxy handling), an afternoon's FastAPI without Redis, the service with counting off (``uncounted``) and the
service with five experiments and two slots in its site, where the demo has one of each (``experiments``), answer the
same visits in turn on the same core, round after round in alternating order; what counts is the median of the rounds'
ratios, with the least and the greatest. Absolute numbers vary by a third from one minute to the next. ``us/answer`` is
processor time, which a busy neighbour disturbs least; the ratio ``by cpu`` is that of these. A round counts only if
both servers were the limit; DISTURBED says that few were.

    make bench                              all of it, about 5 minutes
    make bench BENCH=--quick                a first look, less than a minute
    make bench BENCH="--memory 1000000"     memory over a million visits
    make bench BENCH="--json out.json"      also every round, for later

Exit status: 0 when everything was measured, 1 when an answer was wrong (then speed means nothing), 2 when something to
measure with is missing. Whether a goal was reached is for people to read.
"""

import argparse
import contextlib
import gzip
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent))  # this folder is no package

import bucketing
import visits
from servers import ROOT, Server, running
from servers import answers as ask

VISIT = "/v1/recommendation?site=demo"
COHORT = "/v1/cohorts/CH/de/smartphone?site=demo"
BATCH = "/v1/recommendations"
FLAGS = "/ofrep/v1/evaluate/flags"
CONNECTIONS = 32
BATCH_CONNECTIONS = 4
THINK_MS = 10
BUSY_MIN = 0.85
CHECKED_VISITS = 300
EXPERIMENTS_N, SLOTS_N = 5, 2
FLAGS_N = 7 + EXPERIMENTS_N + SLOTS_N
TRICKLE_INTERVAL_S = 0.002
MEMORY_SLICE_S = 5
MEMORY_MAX_S = 240


class Round(NamedTuple):
    """One server under one load for a second or more. ``cpu`` is the share of its core that it used."""

    answers_per_s: float
    p50_ms: float
    p99_ms: float
    cpu: float
    us_per_answer: float


class Row(NamedTuple):
    """One line of the report."""

    what: str
    service: str
    peer: str
    ratio: str
    goal: str


class WrongAnswerError(Exception):
    """The service did not answer as it must, so that its speed means nothing."""


class Bench:
    """The servers, the visits and what was measured so far."""

    def __init__(self, options: argparse.Namespace, folder: Path, server_core: int) -> None:
        self.folder = folder
        self.rounds: int = options.rounds
        self.seconds: int = options.seconds
        self.core = server_core
        self.rows: list[Row] = []
        self.record: dict[str, object] = {}
        self.servers: dict[str, Server] = {}
        self.files: dict[str, Path] = {}
        # What caches can hold of these comes with zipf, or nothing can be held.
        self._warm = {"fresh", "zipf-100", "zipf-1000", "fresh-100", "fresh-1000"}
        self._numbers = 0x1000_0000  # what the next MARK becomes: no two rounds send the same

    def prepare(self) -> None:
        """Write what is sent, and the country database for the peer."""
        with gzip.open(ROOT / "config" / "geo" / "country.mmdb.gz") as packed:
            (self.folder / "country.mmdb").write_bytes(packed.read())
        (self.folder / "sites").mkdir()
        demo = (ROOT / "config" / "sites" / "demo.toml").read_text()
        (self.folder / "sites" / "demo.toml").write_text(
            demo + (Path(__file__).parent / "experiments.toml").read_text()
        )
        for mix in ("zipf", "fresh", "varied"):
            found = visits.visits(mix)
            requests = [visits.get(VISIT, visits.headers(visit)) for visit in found]
            self.files[mix] = visits.write(self.folder / mix, requests)
            for size in (100, 1000) if mix != "varied" else ():
                name = f"{mix}-{size}"
                bodies = [visits.post(BATCH, body) for body in visits.batches(found, size)]
                self.files[name] = visits.write(self.folder / name, bodies)
        # Behind a CDN the page is asked for with a visit's headers; that nobody reads them is part of what it costs.
        asked = [visits.get(COHORT, visits.headers(visit)) for visit in visits.visits("zipf")]
        self.files["cohort"] = visits.write(self.folder / "cohort", asked)
        self.files["experiments"] = self.files["zipf"]
        asked = [visits.post(FLAGS, visits.context(visit)) for visit in visits.visits("zipf")]
        self.files["flags"] = visits.write(self.folder / "flags", asked)

    def check(self) -> None:
        """See that the answers are right and various, alone and in a batch, before anyone asks how fast they come."""
        sample = visits.visits("zipf")[:CHECKED_VISITS]
        service, peer = self.servers["service"], self.servers["fastapi"]
        fields = [visits.headers(visit) for visit in sample]
        answers = ask(service, VISIT, fields)
        ask(peer, VISIT, fields)
        for visit, answer in zip(sample, answers, strict=True):
            if visit.chosen_language and answer["language"]["tag"] != visit.chosen_language:
                raise WrongAnswerError("a visitor's own choice of language was not taken")
            if visit.browser.mobile == "?1" and answer["device"]["class"] != "smartphone":
                raise WrongAnswerError("a smartphone was not taken for one")
        for what, seen, least in (
            ("countries", {answer["region"]["country"] for answer in answers}, 10),
            ("languages", {answer["language"]["tag"] for answer in answers}, 6),
            ("device classes", {answer["device"]["class"] for answer in answers}, 3),
        ):
            if len(seen) < least:
                raise WrongAnswerError(f"{len(seen)} {what} in the answers to {CHECKED_VISITS} visits are too few")
        body = next(visits.batches(sample, CHECKED_VISITS))
        batch = json.loads(service.ask(BATCH, {"Content-Type": "application/json"}, body).body)["recommendations"]
        for single, of_many in zip(answers, batch, strict=True):
            if any(single[part] != of_many.get(part) for part in ("language", "region", "device")):
                raise WrongAnswerError("a visit in a batch is answered otherwise than alone")
        self._check_experiments(ask(self.servers["experiments"], VISIT, fields))

    def _check_experiments(self, answers: list[dict[str, Any]]) -> None:
        """See that visits do enter the experiments, and for different reasons."""
        if any((len(one["experiments"]), len(one["slots"])) != (EXPERIMENTS_N, SLOTS_N) for one in answers):
            raise WrongAnswerError(f"the site has other than {EXPERIMENTS_N} experiments and {SLOTS_N} slots")
        given = [assignment for one in answers for assignment in one["experiments"].values()]
        if not {"split", "not_targeted", "out_of_coverage", "namespace"} <= {one["reason"] for one in given}:
            raise WrongAnswerError("visits are in or out of experiments for too few reasons")
        fields = {"Content-Type": "application/json"}
        told = self.servers["experiments"].ask(FLAGS, fields, visits.context(visits.visits("zipf")[0]))
        if len(json.loads(told.body)["flags"]) != FLAGS_N:
            raise WrongAnswerError(f"the site has other than {FLAGS_N} flags")

    def drive(
        self, server: Server, requests: str, connections: int, *, seconds: int = 0, start: int = 0, think_ms: int = 0
    ) -> Round:
        """Replay a file against a server. Raises WrongAnswerError unless every answer is a success."""
        seconds = seconds or self.seconds
        environment = {
            "REQUESTS": str(self.files[requests]),
            "START": str(start),
            "FIRST_NUMBER": str(self._numbers),
        } | ({"THINK_MS": str(think_ms)} if think_ms else {})
        self._numbers += 1 << 20
        before = server.cpu_s()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "-s", "replay.lua", server.url],
            cwd=Path(__file__).parent,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=seconds + 30,
            check=True,
        )
        used_s = server.cpu_s() - before
        said = json.loads(done.stdout.splitlines()[-1])
        if said["refused"] or said["broken"] or not said["answers"]:
            counts = f"{said['refused']} of {said['answers']} answers were no success, {said['broken']} requests broke"
            raise WrongAnswerError(f"{server.name}, {requests}: {counts}")
        return Round(
            said["answers"] / said["seconds"],
            said["p50_ms"],
            said["p99_ms"],
            used_s / said["seconds"],
            used_s / said["answers"] * 1e6,
        )

    def race(
        self, requests: str, names: list[str], connections: int = CONNECTIONS, think_ms: int = 0
    ) -> dict[str, list[Round]]:
        """Interleaved rounds; the order turns every time. The first of a kind of visits warms up."""
        results: dict[str, list[Round]] = {name: [] for name in names}
        for name in names if requests not in self._warm else ():
            self.drive(self.servers[name], requests, connections, seconds=1, think_ms=think_ms)
        self._warm.add(requests)
        for number in range(self.rounds):
            start = number * visits.VISITS // self.rounds
            for name in names if number % 2 else reversed(names):
                found = self.drive(self.servers[name], requests, connections, start=start, think_ms=think_ms)
                results[name].append(found)
        self.record[f"{requests}, think {think_ms} ms" if think_ms else requests] = {
            name: [found._asdict() for found in rounds] for name, rounds in results.items()
        }
        return results

    # ---- the parts of the report ----

    def visits_of(self, mix: str, goals: dict[str, str]) -> float:
        """Single visits against everyone; the service's visits per second."""
        results = self.race(mix, ["service", "const", "fastapi"])
        for peer, goal in goals.items():
            self.rows.append(
                Row(f"visits, {mix}", _pace(results, "service"), _pace(results, peer), _ratio(results, peer), goal)
            )
        return _middle(results["service"], "answers_per_s")

    def experiments(self) -> None:
        """The same visits where the site has more experiments and slots."""
        results = self.race("experiments", ["experiments", "const", "service"])
        what = f"zipf, {EXPERIMENTS_N} experiments, {SLOTS_N} slots"
        for peer, goal in (("const", ">= 0.85"), ("service", "")):
            ratio = _ratio(results, peer)
            self.rows.append(Row(what, _pace(results, "experiments"), _pace(results, peer), ratio, goal))

    def flags(self) -> None:
        """All flags of the same visits, as a page's OpenFeature SDK asks for them."""
        results = self.race("flags", ["experiments", "const"])
        own, other = _pace(results, "experiments"), _pace(results, "const")
        self.rows.append(Row(f"OFREP, zipf, all of {FLAGS_N} flags", own, other, _ratio(results, "const"), ">= 0.45"))

    def moderate(self, capacity: float) -> None:
        """Latency at a fifth of what the service can do."""
        connections = min(max(round(capacity / 5 * THINK_MS / 1000), 8), 200)
        results = self.race("zipf", ["service", "const", "uncounted"], connections, THINK_MS)
        own, *others = (
            f"p50 {_middle(rounds, 'p50_ms'):.2f}  p99 {_middle(rounds, 'p99_ms'):.2f} ms"
            for rounds in results.values()
        )
        for peer, other, goal in zip(("const", "uncounted"), others, ("<= 1.3", "<= 1.2"), strict=True):
            ratio = _ratio(results, peer, "p99_ms")
            self.rows.append(Row("latency at a fifth", own, f"{peer}  {other}", f"p99 {ratio}", goal))

    def cohort(self) -> None:
        """The page that a CDN may keep."""
        results = self.race("cohort", ["service", "const", "bare"])
        for peer, goal in (("const", ">= 1.3"), ("bare", ">= 0.95")):
            self.rows.append(
                Row("cohort page", _pace(results, "service"), _pace(results, peer), _ratio(results, peer), goal)
            )

    def batches(self) -> None:
        goals = {"zipf-100": "130,000", "zipf-1000": "110,000", "fresh-100": "25,000", "fresh-1000": "25,000"}
        for name, goal in goals.items():
            rounds = self.race(name, ["service"], BATCH_CONNECTIONS)["service"]
            mix, size = name.split("-")
            rates = [found.answers_per_s * int(size) for found in rounds]
            per_visit = _middle(rounds, "us_per_answer") / int(size)
            middle = f"{statistics.median(rates):,.0f} decisions/s  {per_visit:.1f} us each"
            spread = f"({min(rates):,.0f} to {max(rates):,.0f})"
            self.rows.append(Row(f"batches of {size}, {mix}", middle, "", spread, f">= {goal}"))

    def stall(self) -> None:
        """How long the loop keeps a health check waiting while batches of a thousand new User-Agents are decided."""
        service = self.servers["service"]
        time.sleep(0.5)  # what the load before left behind
        idle = _trickle(service, time.perf_counter() + self.seconds)
        environment = {"REQUESTS": str(self.files["fresh-1000"]), "START": "0", "FIRST_NUMBER": str(self._numbers)}
        self._numbers += 1 << 20
        load = subprocess.Popen(
            ["wrk", "-t1", "-c1", f"-d{2 * self.seconds + 1}s", "-s", "replay.lua", service.url],
            cwd=Path(__file__).parent,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            time.sleep(0.5)
            busy = _trickle(service, time.perf_counter() + 2 * self.seconds)
        finally:
            load.terminate()
            load.wait()
        self.record["stall_ms"] = {"idle": idle, "busy": busy}
        measured = f"p50 {statistics.median(busy):.1f}  p99 {_p99(busy):.1f}  max {max(busy):.1f} ms"
        without = f"idle  p99 {_p99(idle):.1f}  max {max(idle):.1f} ms"
        self.rows.append(Row("/livez beside batches of 1000", measured, without, "", "max <= 10 ms"))

    def bucketing(self) -> None:
        """What an experiment costs within the process, however fast the answers are."""
        for id_format, by_number in bucketing.measure().items():
            measured = ", ".join(f"{us:.2f} with {number}" for number, us in by_number.items())
            self.rows.append(Row(f"bucketing by {id_format}", f"{measured} us each", "", "", "<= 2 us"))

    def start(self, times: int) -> None:
        took_s = []
        for _ in range(times):
            with running("service", None, self.folder) as service:  # as a machine starts it: on any core
                took_s.append(service.first_answer_s(VISIT))
        self.record["start_s"] = took_s
        spread = f"({min(took_s):.2f} to {max(took_s):.2f})"
        self.rows.append(Row("start to first answer", f"{statistics.median(took_s):.2f} s", "", spread, "<= 0.6 s"))

    def memory(self, visits_wanted: int, seconds_max: float) -> None:
        """The resident set of a new service before, midway and after visits that all differ."""
        with running("service", self.core, self.folder) as service:
            service.first_answer_s(VISIT)
            samples = [(0, service.memory_mib())]
            deadline = time.perf_counter() + seconds_max
            seconds = 1
            while samples[-1][0] < visits_wanted and time.perf_counter() < deadline:
                found = self.drive(service, "varied", CONNECTIONS, seconds=seconds)
                samples.append((samples[-1][0] + round(found.answers_per_s * seconds), service.memory_mib()))
                missing_s = (visits_wanted - samples[-1][0]) / found.answers_per_s
                seconds = max(1, min(MEMORY_SLICE_S, round(missing_s)))
        self.record["memory_mib"] = samples
        halfway = next(mib for count, mib in samples if count >= samples[-1][0] / 2)
        count, after = samples[-1]
        measured = f"{samples[0][1]:.0f} MiB at start, {halfway:.0f} halfway, {after:.0f} after"
        self.rows.append(Row(f"memory, {count:,} visits", measured, "", "", "<= 120 MiB, flat"))


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
    os.sched_setaffinity(0, {others[0] if others else server_core})
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as folder, contextlib.ExitStack() as stack:
        bench = Bench(options, Path(folder), server_core)
        try:
            measure(bench, options, stack)
        except (WrongAnswerError, ValueError, TimeoutError) as error:
            print(f"\nbench: INVALID: {error}", file=sys.stderr)
            return 1
    report(bench)
    if options.json:
        rows = [row._asdict() for row in bench.rows]
        options.json.write_text(json.dumps({"rows": rows, "measured": bench.record}, indent=1) + "\n")
    return 0


def measure(bench: Bench, options: argparse.Namespace, stack: contextlib.ExitStack) -> None:
    """Everything, in the order of the report."""
    began = time.perf_counter()

    def say(part: str) -> None:
        print(f"bench: {time.perf_counter() - began:4.0f} s  {part}", file=sys.stderr, flush=True)

    say("writing visits, starting the servers")
    bench.prepare()
    for name in ("service", "const", "bare", "fastapi", "uncounted", "experiments"):
        bench.servers[name] = stack.enter_context(running(name, bench.core, bench.folder))
    for server in bench.servers.values():
        server.first_answer_s(VISIT)
    bench.check()
    say("visits, zipf")
    capacity = bench.visits_of("zipf", {"const": ">= 0.85", "fastapi": ">= 15"})
    say("visits, zipf, with more experiments and slots")
    bench.experiments()
    say("flags")
    bench.flags()
    say("visits, fresh")
    bench.visits_of("fresh", {"const": ">= 0.36", "fastapi": ""})
    say("visits at a fifth of the capacity")
    bench.moderate(capacity)
    say("cohort page")
    bench.cohort()
    say("batches")
    bench.batches()
    say("stalls")
    bench.stall()
    say("bucketing")
    bench.bucketing()
    say("starts")
    bench.start(3 if options.quick else 5)
    say("memory")
    bench.memory(options.memory, 6 if options.quick else MEMORY_MAX_S)
    say("done")


def report(bench: Bench) -> None:
    from rich.console import Console
    from rich.table import Table

    title = f"Speed: {bench.rounds} rounds of {bench.seconds} s, medians (least to greatest)"
    table = Table("what", "service", "peer", "service / peer", "goal", title=title, title_justify="left")
    for row in bench.rows:
        table.add_row(*row)
    Console(width=175 if not sys.stdout.isatty() else None).print(table)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench BENCH=...", description="Speed, side by side.")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 s: less than a minute")
    parser.add_argument("--rounds", type=int, choices=range(1, 22), metavar="N", help="default 7")
    parser.add_argument("--seconds", type=int, choices=range(1, 31), metavar="S", help="of a round; default 2")
    parser.add_argument("--memory", type=int, default=100_000, metavar="VISITS", help="default 100000")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 7)
    options.seconds = options.seconds or (1 if options.quick else 2)
    return options


def _pace(results: dict[str, list[Round]], name: str) -> str:
    """Of the first in the results, whom they are about, without its name."""
    rounds = results[name]
    name = "" if name == next(iter(results)) else f"{name}  "
    return f"{name}{_middle(rounds, 'answers_per_s'):,.0f}/s  {_middle(rounds, 'us_per_answer'):.0f} us/answer"


def _middle(rounds: list[Round], field: str) -> float:
    return float(statistics.median(getattr(found, field) for found in rounds))


def _ratio(results: dict[str, list[Round]], peer: str, field: str = "answers_per_s") -> str:
    """The first in the results by a peer, round by round.

    Throughput counts where both servers were the limit; a warning where that is rare.
    """
    measured = next(iter(results.values()))
    pairs = [*zip(measured, results[peer], strict=True)]
    busy = [pair for pair in pairs if field != "answers_per_s" or min(pair[0].cpu, pair[1].cpu) >= BUSY_MIN]
    ratios = [getattr(one, field) / getattr(other, field) for one, other in busy or pairs]
    text = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    if field == "answers_per_s":
        by_cpu = _middle(results[peer], "us_per_answer") / _middle(measured, "us_per_answer")
        text += f", by cpu {by_cpu:.2f}"
    if len(busy) * 2 <= len(pairs):
        text += f"\nDISTURBED: both at {BUSY_MIN:.0%} cpu in {len(busy)} of {len(pairs)} rounds"
    return text


def _trickle(server: Server, until: float) -> list[float]:
    """Milliseconds that ``/livez`` took, asked every two on one connection."""
    took_ms = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    while (began := time.perf_counter()) < until:
        connection.request("GET", "/livez")
        connection.getresponse().read()
        took_ms.append((time.perf_counter() - began) * 1000)
        time.sleep(TRICKLE_INTERVAL_S)
    connection.close()
    return took_ms


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[-1]


if __name__ == "__main__":
    sys.exit(main())
