"""What it costs to find an id's variants, in microseconds for each experiment: ``python tests/bench/bucketing.py``.

Apart from ``run`` because it needs no server. Each figure is the median of seven passes over the same ids.
"""

import random
import statistics
import string
import timeit
import uuid

from fnv_hash_fast import fnv1a_32

from service.core.experiments.bucketing import Bucketer, Bucketing

EXPERIMENTS = (1, 5, 10)
IDS_N = 2000
PASSES = 7


def ids() -> dict[str, list[str]]:
    """Ids by format, the same on every machine."""
    draw = random.Random(7)
    letters = string.ascii_letters + string.digits + "_-"
    return {
        "uuid4": [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(IDS_N)],
        "nanoid": ["".join(draw.choices(letters, k=21)) for _ in range(IDS_N)],
    }


def measure() -> dict[str, dict[int, float]]:
    """Microseconds for each experiment, by the format of the ids and how many experiments there are."""
    return {
        id_format: {number: _us_each(number, found) for number in EXPERIMENTS} for id_format, found in ids().items()
    }


def _us_each(number: int, found: list[str]) -> float:
    """Every other experiment in a namespace, so that both kinds are in it; the dearer one where there is one alone."""
    namespaces = (("bench", 0.0, 0.9), None)
    of = Bucketer([Bucketing(f"seed-{at}", 2, namespace=namespaces[at % 2]) for at in range(number)], fnv1a_32).bucket
    took_s = timeit.repeat(lambda: [of(one) for one in found], number=1, repeat=PASSES)
    return statistics.median(took_s) / len(found) / number * 1e6


if __name__ == "__main__":
    for id_format, by_number in measure().items():
        print(id_format, ", ".join(f"{us:.2f} us each of {number}" for number, us in by_number.items()))
