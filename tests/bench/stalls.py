"""How long a change of the world holds up the event loop, under load and with full caches.

    python tests/bench/stalls.py [ROUNDS [SITES]]

In one process: the application with its loops, by the shipped configuration, answers visits one after the other without
a pause. Its caches are filled, and then its site is reloaded, or a release of it comes, or an interval begins. What is
told of each is the longest time between two turns of the loop, in ms: by the clock, which others on the machine
have a part in, of this process's work in it, threads included, and of the loop's own thread. ``nothing`` is as long a
time in which nothing changes. Of SITES sites all change in a reload.

On 2026-11-30, own work in seven rounds: reload 1.2 to 1.4, release 1.2 to 1.5, interval 2.0 to 3.3. With one cache for
all answers, emptied at once: 3.4 to 5.9, 8.2 to 9.7, 8.8 to 10.6. A reload of
400 sites, own work and that of the process: 6.5 to 7.5 and 12 to 15, where young objects were collected at a second
look; 5.1 to 7.8 and 6 to 54 where they were at a twentieth.
"""

import asyncio
import gc
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import count, permutations, product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import uvloop

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

# ruff: noqa: E402  # the tree must be known first
from service.adapters.memory_store import MemoryStore
from service.app import Application, assemble, read_configuration
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.telemetry import Telemetry
from service.use_cases.counting.report_cap import COUNTS_MAX
from service.web.wire.messages import Request, Response

JSON = (b"content-type", b"application/json")
LANGUAGES = ("en", "fr", "de", "it", "es", "ja", "ar")
CLASSES = ("desktop", "smartphone", "tablet", "tv")
AFTER_S = 0.3
ROUNDS = 7


SITE = """
id = "{id}"
languages = ["en", "de", "fr", "it", "es"]
default_language = "en"
topics = ["outdoor"]
[markets.near]
countries = ["CH", "DE"]
[experiments.hero]
variants = ["{option}", "b"]
status = "running"
seed = "hero"
[slots.front]
options = ["{option}", "x"]
"""


class Silent:
    def write(self, _text: str) -> None:
        """Nobody reads it."""


class World:
    """The application by a configuration of its own."""

    def __init__(self, directory: Path, sites_n: int) -> None:
        self.demo = directory / "sites" / "demo.toml"
        self.others = [directory / "sites" / f"s{number}.toml" for number in range(sites_n - 1)]
        self.write_others(0)
        configuration = read_configuration(directory, {"PASSERBY_ADMIN_PORT": "0"})
        store = MemoryStore(k=50, k_prefixes=20, retention_s=3600)
        self.house = assemble(configuration, Telemetry(stream=Silent()), store)
        self.app = Application(self.house)
        known = self.house.regions.has_country
        self.places = [one for one in map("".join, product(ascii_uppercase, repeat=2)) if known(one)]
        self.headers = [f"{one},{two};q=0.5" for one, two in permutations(LANGUAGES, 2)]
        self.numbers = count(1)

    def ask(self, method: str, path: str, body: Any = None) -> None:
        octets = b"" if body is None else json.dumps(body).encode()
        answer = self.app.dispatcher.respond(Request(method, path.encode(), b"", [JSON], "127.0.0.1", body=octets))
        assert isinstance(answer, Response), method
        assert answer.status == 200, answer

    async def fill(self) -> None:
        """More answers with their flags, and more pages, than are remembered; and as many networks that reported."""
        assert self.house.networks is not None
        self.house.networks.cap._counts = {hash((number, "reported")): 1 for number in range(COUNTS_MAX)}
        for place, header in product(self.places, self.headers):
            self.ask("POST", "/ofrep/v1/evaluate/flags", {"context": {"country": place, "acceptLanguage": header}})
            await asyncio.sleep(0)
        for place, language, class_ in product(self.places, LANGUAGES[:5], CLASSES):
            self.ask("GET", f"/v1/cohorts/{place}/{language}/{class_}")
            await asyncio.sleep(0)

    async def load(self) -> None:
        """A visit in each turn of the loop, of ten one that nobody showed before; at times flags and a page of a cohort."""
        for number in count():
            place, header = self.places[number % 40], self.headers[number % 5]
            if number % 10 == 0:
                header = f"{header},x{next(self.numbers)};q=0.1"
            device = {"accept_language": header}
            self.ask("POST", "/v1/recommendation", {"signals": {"geo": {"country": place}, "device": device}})
            if number % 10 == 5:
                self.ask("POST", "/ofrep/v1/evaluate/flags", {"context": {"country": place, "acceptLanguage": header}})
                self.ask("GET", f"/v1/cohorts/{place}/en/tablet")
            await asyncio.sleep(0)

    def write_others(self, number: int) -> None:
        for path in self.others:
            path.write_text(SITE.format(id=path.stem, option=f"o{number}"))

    async def nothing(self) -> None:
        await asyncio.sleep(AFTER_S)

    async def reload(self) -> None:
        text, number = self.demo.read_text(), next(self.numbers)
        line = next(line for line in text.splitlines() if line.startswith("options"))
        self.demo.write_text(text.replace(line, f'options = ["spring", "o{number}"]').replace("topics = {", "# {"))
        await asyncio.to_thread(self.write_others, number)
        self.app.reloading.ask()
        await self.app.reloading.refresh()
        assert self.app.reloading.refused == 0

    async def release(self) -> None:
        current, snapshot = self.house.current, SiteSnapshot(Interval(0, 3600), {"all": 1000}, {}, {})
        await current.swap(current.epoch.released("demo", snapshot))

    async def interval(self) -> None:
        assert self.house.counting is not None
        await self.house.counting._on_interval(3600 * next(self.numbers))


class Beat:
    """The longest time between two turns of the loop since ``clear``, in seconds: by the clock, and of this thread."""

    def clear(self) -> None:
        self.longest = self.longest_working = self.longest_own = 0.0

    async def run(self) -> None:
        last, last_working, last_own = time.perf_counter(), time.process_time(), time.thread_time()
        self.clear()
        while True:
            await asyncio.sleep(0)
            now, working, own = time.perf_counter(), time.process_time(), time.thread_time()
            self.longest, self.longest_own = max(self.longest, now - last), max(self.longest_own, own - last_own)
            self.longest_working = max(self.longest_working, min(now - last, working - last_working))
            last, last_working, last_own = now, working, own


async def measure(world: World, change: Callable[[], Awaitable[None]]) -> tuple[float, float, float]:
    await world.fill()
    gc.collect()
    beat = Beat()
    tasks = [asyncio.create_task(beat.run()), asyncio.create_task(world.load())]
    await asyncio.sleep(0.05)
    beat.clear()
    await change()
    await asyncio.sleep(AFTER_S)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return beat.longest * 1e3, beat.longest_working * 1e3, beat.longest_own * 1e3


async def main(rounds: int, sites_n: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        world = World(Path(shutil.copytree(ROOT / "config", Path(directory) / "config")), sites_n)
        async with world.app._running():
            found: dict[str, list[tuple[float, float, float]]] = {}
            for _ in range(rounds):
                for change in (world.nothing, world.reload, world.release, world.interval):
                    found.setdefault(change.__name__, []).append(await measure(world, change))
    print(
        f"longest stall of the loop in ms, {rounds} rounds, {sites_n} sites: by the clock, of its process, and of its own thread"
    )
    for name, pairs in found.items():
        rows = ["  ".join(f"{value:5.1f}" for value in values) for values in zip(*pairs, strict=True)]
        print(f"{name:10}clock   {rows[0]}\n{'':10}process {rows[1]}\n{'':10}own     {rows[2]}")


if __name__ == "__main__":
    rounds, sites_n, *_ = *map(int, sys.argv[1:]), *(ROUNDS, 1)[len(sys.argv) - 1 :]
    uvloop.run(main(rounds, sites_n))
