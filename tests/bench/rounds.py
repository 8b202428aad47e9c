"""Servers under the same load in turn: rounds, and what is told of them.

A race is interleaved, round after round in alternating order. What counts is the median of the rounds' ratios. A round
counts only if both servers were the limit; DISTURBED says that few were.
"""

import contextlib
import gzip
import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import languages
import visits
from servers import ROOT, Server, running

VISIT = "/v1/recommendation?site=demo"
COHORT = "/v1/cohorts/CH/de/smartphone?site=demo"
BATCH = "/v1/recommendations"
FLAGS = "/ofrep/v1/evaluate/flags"
CONNECTIONS = 32
BATCH_CONNECTIONS = 4
BUSY_MIN = 0.85
# What caches can hold of these comes with zipf, or nothing can be held.
_WARMED_BY = dict.fromkeys(("fresh", "zipf-100", "zipf-1000", "fresh-100", "fresh-1000"), "zipf")


class Round(NamedTuple):
    """One server under one load for a second or more. ``cpu`` is the share of its core that it used."""

    answers_per_s: float
    p50_ms: float
    p99_ms: float
    cpu: float
    us_per_answer: float


class Row(NamedTuple):
    """One line of the report. ``part`` is what ``--only`` calls it."""

    part: str
    what: str
    service: str
    peer: str
    ratio: str
    goal: str


class WrongAnswerError(Exception):
    """The service did not answer as it must, so that its speed means nothing."""


class Bench:
    """The servers, the visits and what was measured so far. Each is there from when it is first asked for."""

    def __init__(
        self,
        folder: Path,
        server_core: int,
        stack: contextlib.ExitStack,
        *,
        rounds: int,
        seconds: int,
        on_start: Callable[[Server], None] = lambda _server: None,
    ) -> None:
        self.folder = folder
        self.rounds = rounds
        self.seconds = seconds
        self.core = server_core
        self.rows: list[Row] = []
        self.record: dict[str, object] = {}
        self._stack = stack
        self._on_start = on_start
        self._servers: dict[str, Server] = {}
        self._warm: set[tuple[str, str]] = set()
        self._numbers = 0x1000_0000  # what the next MARK becomes: no two rounds send the same
        self._prepare()

    def _prepare(self) -> None:
        """Write the country database for the peer, and the sites and the configuration of servers that have others."""
        with gzip.open(ROOT / "config" / "geo" / "country.mmdb.gz") as packed:
            (self.folder / "country.mmdb").write_bytes(packed.read())
        demo = (ROOT / "config" / "sites" / "demo.toml").read_text()
        more = (Path(__file__).parent / "experiments.toml").read_text()
        for directory, text in (("sites", demo + more), ("sites-languages", languages.site(demo))):
            (self.folder / directory).mkdir()
            (self.folder / directory / "demo.toml").write_text(text)
        shutil.copytree(ROOT / "config", self.folder / "changing")

    def server(self, name: str) -> Server:
        """A server of this name that answers, rightly as far as ``on_start`` sees."""
        if name not in self._servers:
            server = self._stack.enter_context(running(name, self.core, self.folder))
            server.first_answer_s(VISIT)
            self._servers[name] = server
            self._on_start(server)
        return self._servers[name]

    @contextlib.contextmanager
    def alone(self, name: str, core: int | None) -> Iterator[Server]:
        """A server for the time of one measurement, on one core or on any: it would disturb what comes after."""
        with running(name, core, self.folder) as server:
            server.first_answer_s(VISIT)
            yield server

    def file(self, name: str) -> Path:
        """The requests of this name, for replay.lua."""
        path = self.folder / f"{name}.requests"
        return path if path.exists() else visits.write(path, _requests(name))

    def replaying(self, requests: str, *, start: int = 0, think_ms: int = 0) -> dict[str, str]:
        """The environment of a wrk that replays a file."""
        environment = {
            "REQUESTS": str(self.file(requests)),
            "START": str(start),
            "FIRST_NUMBER": str(self._numbers),
        } | ({"THINK_MS": str(think_ms)} if think_ms else {})
        self._numbers += 1 << 20
        return os.environ | environment

    def drive(
        self, server: Server, requests: str, connections: int, *, seconds: int = 0, start: int = 0, think_ms: int = 0
    ) -> Round:
        """Replay a file against a server. Raises WrongAnswerError unless every answer is a success."""
        seconds = seconds or self.seconds
        environment = self.replaying(requests, start=start, think_ms=think_ms)
        before = server.cpu_s()
        done = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "-s", "replay.lua", server.url],
            cwd=Path(__file__).parent,
            env=environment,
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

    @contextlib.contextmanager
    def load(self, server: Server, requests: str, connections: int, seconds: float) -> Iterator[None]:
        """A load beside what is measured, ended with the context and after ``seconds`` at most."""
        process = subprocess.Popen(
            ["wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}s", "-s", "replay.lua", server.url],
            cwd=Path(__file__).parent,
            env=self.replaying(requests),
            stdout=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def race(
        self, requests: str, names: list[str], connections: int = CONNECTIONS, think_ms: int = 0, title: str = ""
    ) -> dict[str, list[Round]]:
        """Interleaved rounds; the order turns every time. The first of a kind of visits warms up."""
        results: dict[str, list[Round]] = {name: [] for name in names}
        for name in names:
            self.warm_up(name, requests, connections, think_ms)
        for number in range(self.rounds):
            start = number * visits.VISITS // self.rounds
            for name in names if number % 2 else reversed(names):
                found = self.drive(self.server(name), requests, connections, start=start, think_ms=think_ms)
                results[name].append(found)
        title = title or requests
        self.record[f"{title}, think {think_ms} ms" if think_ms else title] = {
            name: [found._asdict() for found in rounds] for name, rounds in results.items()
        }
        return results

    def warm_up(self, name: str, requests: str, connections: int, think_ms: int = 0) -> None:
        """Have a server fill its caches with a kind of visits, once."""
        by = _WARMED_BY.get(requests, requests)
        if (by, name) not in self._warm:
            self.drive(self.server(name), by, connections, seconds=1, think_ms=think_ms)
            self._warm.add((by, name))

    def add(self, part: str, what: str, service: str, peer: str = "", ratio: str = "", goal: str = "") -> None:
        """Add a line to the report."""
        self.rows.append(Row(part, what, service, peer, ratio, goal))


def _requests(name: str) -> Iterable[bytes]:
    """The requests of a file: of a mix of visits, of a mix in batches of a size, or of another endpoint."""
    match name.split("-"):
        case [("zipf" | "fresh" | "varied" | "languages") as mix]:
            return (visits.get(VISIT, visits.headers(visit)) for visit in visits.visits(mix))
        case [("zipf" | "fresh") as mix, size]:
            return (visits.post(BATCH, body) for body in visits.batches(visits.visits(mix), int(size)))
        case ["cohort"]:
            # Behind a CDN the page is asked for with a visit's headers; that nobody reads them is part of what it costs.
            return (visits.get(COHORT, visits.headers(visit)) for visit in visits.visits("zipf"))
        case ["flags"]:
            return (visits.post(FLAGS, visits.context(visit)) for visit in visits.visits("zipf"))
        case _:
            raise ValueError(f"no requests are called {name}")


def pace(results: dict[str, list[Round]], name: str) -> str:
    """Answers in a second and what each costs: of the first in the results, whom they are about, without its name."""
    rounds = results[name]
    name = "" if name == next(iter(results)) else f"{name}  "
    return f"{name}{middle(rounds, 'answers_per_s'):,.0f}/s  {middle(rounds, 'us_per_answer'):.0f} us/answer"


def middle(rounds: list[Round], field: str) -> float:
    return float(statistics.median(getattr(found, field) for found in rounds))


def ratio(results: dict[str, list[Round]], peer: str, field: str = "answers_per_s") -> str:
    """The first in the results by a peer, round by round.

    Throughput counts where both servers were the limit; a warning where that is rare.
    """
    measured = next(iter(results.values()))
    pairs = [*zip(measured, results[peer], strict=True)]
    busy = [pair for pair in pairs if field != "answers_per_s" or min(pair[0].cpu, pair[1].cpu) >= BUSY_MIN]
    ratios = [getattr(one, field) / getattr(other, field) for one, other in busy or pairs]
    text = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    if field == "answers_per_s":
        by_cpu = middle(results[peer], "us_per_answer") / middle(measured, "us_per_answer")
        text += f", by cpu {by_cpu:.2f}"
    if len(busy) * 2 <= len(pairs):
        text += f"\nDISTURBED: both at {BUSY_MIN:.0%} cpu in {len(busy)} of {len(pairs)} rounds"
    return text
