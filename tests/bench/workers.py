"""What a second core brings: two workers on one port against one process, and how evenly the kernel deals connections.

The load has to be made somewhere. With two cores alone it takes its share of them from the workers, so that throughput
cannot double, however well they scale. What scales is therefore told twice: as answers a second, with the share of the
cores that the load took, and as processor time for an answer, which would be the same for each worker if nothing were
shared. All workers wait on one listening socket, and whoever wakes up first takes what is there: the spread says how
many of its connections the busier worker had, for connections that come all at once and one after the other.
"""

import contextlib
import os
import resource
import socket
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import visits
from rounds import CONNECTIONS, Bench, Round, middle
from servers import Server

PART = "workers"
THINK_MS = 10
OPENINGS = 12
APART_S = 0.005
SETTLED_S = 0.1
_ESTABLISHED = "01"


def measure(bench: Bench) -> None:
    """Lines of the report: at full load, and with pauses; then the spread of connections."""
    cores = os.cpu_count() or 1
    if cores < 2:
        bench.add(PART, "2 workers on 2 cores", "this machine has one core")
        return
    with bench.alone("workers", None) as two, _on_any_core():
        one = bench.server("service")
        for think_ms in (0, THINK_MS):
            rounds: dict[str, list[Round]] = {"workers": [], "one": []}
            shares: list[float] = []
            for number in range(bench.rounds + 1):
                for server in (two, one) if number % 2 else (one, two):
                    start = number * visits.VISITS // (bench.rounds + 1)
                    before_s = _children_cpu_s()
                    found = bench.drive(server, "zipf", CONNECTIONS, start=start, think_ms=think_ms)
                    load_s = _children_cpu_s() - before_s
                    if number == 0:  # it warmed up
                        continue
                    rounds["workers" if server is two else "one"].append(found)
                    if server is two:
                        shares.append(load_s / bench.seconds)
            _tell(bench, rounds, shares, think_ms, cores)
        for what, apart_s in (("at once", 0.0), ("one by one", APART_S)):
            spreads = [_busiest(two, apart_s) for _ in range(OPENINGS)]
            bench.record[f"workers, spread {what}"] = spreads
            told = f"{statistics.median(spreads):.0%} of {CONNECTIONS} connections, at most {max(spreads):.0%}"
            bench.add(PART, f"the busier worker, connections {what}", told, "even: 50%")


def _tell(bench: Bench, rounds: dict[str, list[Round]], shares: list[float], think_ms: int, cores: int) -> None:
    """Add a line."""
    bench.record[f"workers, think {think_ms} ms"] = {
        name: [found._asdict() for found in of] for name, of in rounds.items()
    } | {"load_cores": shares}
    what = "2 workers on 2 cores" + (f", think {think_ms} ms" if think_ms else "")
    own, other = (
        f"{middle(of, 'answers_per_s'):,.0f}/s  {middle(of, 'us_per_answer'):.0f} us/answer  "
        f"p99 {middle(of, 'p99_ms'):.2f} ms"
        for of in rounds.values()
    )
    pairs = [*zip(rounds["workers"], rounds["one"], strict=True)]
    ratios = [two.answers_per_s / one.answers_per_s for two, one in pairs]
    by_cpu = middle(rounds["one"], "us_per_answer") / middle(rounds["workers"], "us_per_answer") * 2
    load = f"the load took {statistics.median(shares):.2f} of {cores} cores"
    ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}), by cpu {by_cpu:.2f}"
    bench.add(PART, what, own, f"one  {other}", f"{ratio}\n{load}", "by cpu >= 1.8" if not think_ms else "")


def _busiest(server: Server, apart_s: float) -> float:
    """The share of new connections that the busier worker has."""
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            connection = stack.enter_context(socket.socket())
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.connect(("127.0.0.1", server.port))
            time.sleep(apart_s)
        time.sleep(SETTLED_S)
        connected = _connected(server.port)
        counts = [len(_sockets_of(pid) & connected) for pid in server.workers()]
    time.sleep(SETTLED_S)
    return max(counts) / sum(counts)


def _children_cpu_s() -> float:
    """Processor time of the programs that were run and have ended: of the load, while all servers go on."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _connected(port: int) -> set[str]:
    """The inodes of the sockets of a server's connections."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {line[9] for line in lines if line[3] == _ESTABLISHED and int(line[1].rpartition(":")[2], 16) == port}


def _sockets_of(pid: int) -> set[str]:
    """The inodes of a process's sockets."""
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # it was closed meanwhile
            found.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
    return found


@contextlib.contextmanager
def _on_any_core() -> Iterator[None]:
    """The load where the system wants it, as it has to be where servers are on every core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
