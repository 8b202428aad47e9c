"""The parts of the report that race or time one server at a time."""

import http.client
import statistics
import time

import bucketing as in_process
from checks import EXPERIMENTS_N, FLAGS_N, SLOTS_N
from languages import SITE_LANGUAGES
from rounds import BATCH_CONNECTIONS, CONNECTIONS, VISIT, Bench, middle, pace, ratio
from servers import Server, running

THINK_MS = 10
TRICKLE_INTERVAL_S = 0.002
MEMORY_SLICE_S = 5


def visits_of(bench: Bench, mix: str, goals: dict[str, str]) -> None:
    """Single visits against everyone."""
    results = bench.race(mix, ["service", "const", "fastapi"])
    for peer, goal in goals.items():
        own, other = pace(results, "service"), pace(results, peer)
        bench.add(mix, f"visits, {mix}", own, other, ratio(results, peer), goal)


def experiments(bench: Bench) -> None:
    """The same visits where the site has more experiments and slots."""
    results = bench.race("zipf", ["experiments", "const", "service"], title="experiments")
    what = f"zipf, {EXPERIMENTS_N} experiments, {SLOTS_N} slots"
    for peer, goal in (("const", ">= 0.85"), ("service", "")):
        own, other = pace(results, "experiments"), pace(results, peer)
        bench.add("experiments", what, own, other, ratio(results, peer), goal)


def flags(bench: Bench) -> None:
    """All flags of the same visits, as a page's OpenFeature SDK asks for them."""
    results = bench.race("flags", ["experiments", "const"])
    own, other = pace(results, "experiments"), pace(results, "const")
    bench.add("ofrep", f"OFREP, zipf, all of {FLAGS_N} flags", own, other, ratio(results, "const"), ">= 0.45")


def languages(bench: Bench) -> None:
    """Visits that nearly all ask for other languages, where the site has many."""
    results = bench.race("languages", ["languages", "const"])
    own, other = pace(results, "languages"), pace(results, "const")
    what = f"visits, {len(SITE_LANGUAGES)} site languages"
    bench.add("languages", what, own, other, ratio(results, "const"))


def moderate(bench: Bench) -> None:
    """Latency at a fifth of what the service can do."""
    capacity = bench.drive(bench.server("service"), "zipf", CONNECTIONS).answers_per_s
    connections = min(max(round(capacity / 5 * THINK_MS / 1000), 8), 200)
    results = bench.race("zipf", ["service", "const", "uncounted"], connections, THINK_MS)
    own, *others = (
        f"p50 {middle(rounds, 'p50_ms'):.2f}  p99 {middle(rounds, 'p99_ms'):.2f} ms" for rounds in results.values()
    )
    for peer, other, goal in zip(("const", "uncounted"), others, ("<= 1.3", "<= 1.2"), strict=True):
        compared = ratio(results, peer, "p99_ms")
        bench.add("latency", "latency at a fifth", own, f"{peer}  {other}", f"p99 {compared}", goal)


def cohort(bench: Bench) -> None:
    """The page that a CDN may keep."""
    results = bench.race("cohort", ["service", "const", "bare"])
    for peer, goal in (("const", ">= 1.3"), ("bare", ">= 0.95")):
        own, other = pace(results, "service"), pace(results, peer)
        bench.add("cohort", "cohort page", own, other, ratio(results, peer), goal)


def batches(bench: Bench) -> None:
    """Many visits in a body, of users that came before and of new ones."""
    goals = {"zipf-100": "130,000", "zipf-1000": "110,000", "fresh-100": "25,000", "fresh-1000": "25,000"}
    for name, goal in goals.items():
        rounds = bench.race(name, ["service"], BATCH_CONNECTIONS)["service"]
        mix, size = name.split("-")
        rates = [found.answers_per_s * int(size) for found in rounds]
        per_visit = middle(rounds, "us_per_answer") / int(size)
        own = f"{statistics.median(rates):,.0f} decisions/s  {per_visit:.1f} us each"
        spread = f"({min(rates):,.0f} to {max(rates):,.0f})"
        bench.add("batch", f"batches of {size}, {mix}", own, "", spread, f">= {goal}")


def stall(bench: Bench) -> None:
    """How long the loop keeps a health check waiting while batches of a thousand new User-Agents are decided."""
    service = bench.server("service")
    bench.file("fresh-1000")
    time.sleep(0.5)  # what the load before left behind
    idle = _trickle(service, time.perf_counter() + bench.seconds)
    with bench.load(service, "fresh-1000", 1, 2 * bench.seconds + 1):
        time.sleep(0.5)
        busy = _trickle(service, time.perf_counter() + 2 * bench.seconds)
    bench.record["stall_ms"] = {"idle": idle, "busy": busy}
    measured = f"p50 {statistics.median(busy):.1f}  p99 {_p99(busy):.1f}  max {max(busy):.1f} ms"
    without = f"idle  p99 {_p99(idle):.1f}  max {max(idle):.1f} ms"
    bench.add("stall", "/livez beside batches of 1000", measured, without, "", "max <= 10 ms")


def bucketing(bench: Bench) -> None:
    """What an experiment costs within the process, however fast the answers are."""
    for id_format, by_number in in_process.measure().items():
        measured = ", ".join(f"{us:.2f} with {number}" for number, us in by_number.items())
        bench.add("bucketing", f"bucketing by {id_format}", f"{measured} us each", "", "", "<= 2 us")


def start(bench: Bench, times: int) -> None:
    """From the beginning of the process to the first answer."""
    took_s = []
    for _ in range(times):
        with running("service", None, bench.folder) as service:  # as a machine starts it: on any core
            took_s.append(service.first_answer_s(VISIT))
    bench.record["start_s"] = took_s
    spread = f"({min(took_s):.2f} to {max(took_s):.2f})"
    bench.add("start", "start to first answer", f"{statistics.median(took_s):.2f} s", "", spread, "<= 0.6 s")


def memory(bench: Bench, visits_wanted: int, seconds_max: float) -> None:
    """The resident set of a new service before, midway and after visits that all differ."""
    bench.file("varied")
    with bench.alone("service", bench.core) as service:
        samples = [(0, service.memory_mib())]
        deadline = time.perf_counter() + seconds_max
        seconds = 1
        while samples[-1][0] < visits_wanted and time.perf_counter() < deadline:
            found = bench.drive(service, "varied", CONNECTIONS, seconds=seconds)
            samples.append((samples[-1][0] + round(found.answers_per_s * seconds), service.memory_mib()))
            missing_s = (visits_wanted - samples[-1][0]) / found.answers_per_s
            seconds = max(1, min(MEMORY_SLICE_S, round(missing_s)))
    bench.record["memory_mib"] = samples
    halfway = next(mib for count, mib in samples if count >= samples[-1][0] / 2)
    count, after = samples[-1]
    measured = f"{samples[0][1]:.0f} MiB at start, {halfway:.0f} halfway, {after:.0f} after"
    bench.add("memory", f"memory, {count:,} visits", measured, "", "", "<= 120 MiB, flat")


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
