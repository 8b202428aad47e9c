"""How fast the machine at hand is, told by two small calibrations, so that figures from different machines compare.

    python tests/bench/machine.py

A service in Python is as fast as its Python, and its server's parser, TLS and compression as its C. Machines differ in
both, and not alike. Each is the best of some passes on one core, in processor time: what the machine can do, not what
its neighbours left of it.
"""

import datetime
import os
import platform
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PASSES = 9
UNITS = 20_000
OCTETS = b"".join(b"%d: %x;" % (number * number, number * 2_654_435_761 % 2**32) for number in range(40_000))
LEVEL = 6


class Machine(NamedTuple):
    """What a figure was measured on. ``python_us``: a unit of Python work. ``c_mb_per_s``: zlib, ``OCTETS`` packed."""

    processor: str
    cores: int
    python: str
    date: str
    python_us: float
    c_mb_per_s: float

    def __str__(self) -> str:
        speed = f"a unit of Python work {self.python_us:.2f} us, C (zlib) {self.c_mb_per_s:.0f} MB/s"
        return f"{self.processor}, {self.cores} cores, Python {self.python}, {self.date}: {speed}"


def measure() -> Machine:
    """The machine at hand, in about two seconds."""
    unit_us = lowest_us(unit, range(UNITS), PASSES)
    pack_us = lowest_us(lambda octets: zlib.compress(octets, LEVEL), [OCTETS], PASSES)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return Machine(_processor(), os.cpu_count() or 1, platform.python_version(), today, unit_us, len(OCTETS) / pack_us)


def unit(number: int) -> int:
    """A fixed piece of Python work, a microsecond or so: calls, a dict, text and octets as a visit has them."""
    fields = {"name": number, "other": number + 1}
    text = f"{number:08x}".encode().decode("latin-1")
    return len(text) + fields.get("name", 0) + len(tuple(fields)) + text.count("0")


def lowest_us(step: Callable[[Any], object], given: Sequence[Any], passes: int) -> float:
    """Microseconds of this thread for each of what is given, in the best pass."""
    lowest = float("inf")
    for _ in range(passes):
        began = time.thread_time_ns()
        for one in given:
            step(one)
        lowest = min(lowest, (time.thread_time_ns() - began) / 1000 / len(given))
    return lowest


def _processor() -> str:
    """The processor's name as the system has it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    print(measure())
