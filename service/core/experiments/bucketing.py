"""GrowthBook's bucketing: which variant of an experiment an id falls into.

What it must do, so that a team's own GrowthBook SDK and this service give the same device the same variant:

1. *Hash.* FNV-1a with 32 bits (Fowler, Noll and Vo) over the UTF-16 code units of a text, each code unit one step.
   Version 2: the hash of ``seed + value``, written in decimal digits, hashed again, modulo 10,000, by 10,000.
   Version 1: the hash of ``value + seed`` modulo 1000, by 1000. There is no other version.
2. *Namespace.* With one, the version 1 hash of the value under the seed ``"__" + id`` must lie in [start, end).
3. *Ranges.* Each variant has [sum of the weights before it, that + coverage x its weight). So raising the coverage
   moves nobody: it only lengthens ranges at their ends. Weights that do not fit, in number or in sum, are equal ones.
   Changing weights at full coverage moves who lies between a border's old and new place: with two variants the least
   that can be, with n up to n - 1 times that, and below full coverage more (``test_bucketing_laws``).
4. *Choice.* The first variant whose range has the hash; none where no range has it: out of coverage.

Source: GrowthBook's specification for authors of SDKs, "Build Your Own SDK" 0.7 (docs.growthbook.io), and its cases.

It is asked for every experiment of every visit, so ranges are worked out once, as a table of what each of the 10,000
hashes chooses, and FNV-1a over octets comes as an argument: the loop here takes 3 us for an id, one in C a tenth. Ids,
seeds and namespaces in ASCII, whose code units are their octets, go that way; any others go the plain one.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

Range = tuple[float, float]
"""A part of the numbers from 0 to 1: its start, which belongs to it, and its end, which does not."""
Namespace = tuple[str, float, float]
"""An id, a start and an end: experiments in disjoint parts of one namespace exclude each other."""
Fnv1a = Callable[[bytes], int]
"""FNV-1a with 32 bits over octets."""
Draw = int
"""The index of the variant that an id falls into, or one of these:"""
OUT_OF_COVERAGE: Draw = -1
OUTSIDE_NAMESPACE: Draw = -2

WEIGHTS_SUM_MIN, WEIGHTS_SUM_MAX = 0.99, 1.01
"""Between what the sum of weights may lie, both ends included, in GrowthBook and here."""

_BASIS, _PRIME, _MASK = 0x811C9DC5, 0x01000193, 0xFFFFFFFF
_BUCKETS_V1, _BUCKETS_V2 = 1000, 10_000


def fnv1a_plainly(units: Iterable[int]) -> int:
    """FNV-1a with 32 bits over octets, or any other units."""
    state = _BASIS
    for unit in units:
        state = (state ^ unit) * _PRIME & _MASK
    return state


def fnv32a(text: str) -> int:
    """FNV-1a with 32 bits over UTF-16 code units."""
    return fnv1a_plainly(_code_units(text))


def hash_value(seed: str, value: str, version: int) -> float | None:
    """The hash of a value under a seed, from 0 up to but not including 1; None for an unknown version."""
    if version == _SEED_FIRST:
        return fnv32a(str(fnv32a(seed + value))) % _BUCKETS_V2 / _BUCKETS_V2
    return fnv32a(value + seed) % _BUCKETS_V1 / _BUCKETS_V1 if version == 1 else None


def equal_weights(n: int) -> list[float]:
    """The weights of n variants that nobody gave weights."""
    return [1 / n] * n if n > 0 else []


def weights_fit(n: int, weights: Iterable[float]) -> bool:
    """Whether weights are n and add up to 1, from 0.99 to 1.01: three times 0.33 do.

    They are added up one after the other as in GrowthBook: ``sum`` makes up for rounding from Python 3.12 on.
    """
    total, weights_n = 0.0, 0
    for weight in weights:
        total += weight
        weights_n += 1
    return weights_n == n and WEIGHTS_SUM_MIN <= total <= WEIGHTS_SUM_MAX


def bucket_ranges(n: int, coverage: float = 1.0, weights: Sequence[float] = ()) -> list[Range]:
    """The range of each of n variants. Weights that are not n, or do not add up to 1, count as equal ones."""
    coverage = min(1.0, max(0.0, coverage))
    if not weights_fit(n, weights):
        weights = equal_weights(n)
    ranges, start = [], 0.0
    for weight in weights:
        ranges.append((start, start + coverage * weight))
        start += weight
    return ranges


def choose_variation(value: float, ranges: Iterable[Range]) -> Draw:
    """The index of the first range that has the value; OUT_OF_COVERAGE where none has it."""
    return next((index for index, (start, end) in enumerate(ranges) if start <= value < end), OUT_OF_COVERAGE)


def in_namespace(value: str, namespace: Namespace) -> bool:
    """Whether a value falls into a part of a namespace."""
    name, start, end = namespace
    return start <= fnv32a(value + f"__{name}") % _BUCKETS_V1 / _BUCKETS_V1 < end


class Bucketing(Struct, frozen=True):
    """How one experiment buckets, in GrowthBook's terms. ``hash_version`` is 1 or 2."""

    seed: str
    variants_n: int
    weights: tuple[float, ...] = ()
    coverage: float = 1.0
    hash_version: int = 2
    namespace: Namespace | None = None


class Bucketer:
    """The draws of one id in several experiments, by tables that are worked out when it is made."""

    def __init__(self, experiments: Sequence[Bucketing], fnv1a: Fnv1a = fnv1a_plainly) -> None:
        self._fnv1a = fnv1a
        self._tables = tuple(_table(experiment) for experiment in experiments)
        lone = self._tables[0] if len(self._tables) == 1 else None
        self._lone = lone if lone and lone.is_ascii and lone.seed_first and not lone.inside else None
        self.possible = tuple(_possible(table) for table in self._tables)
        """For each experiment what may be drawn in it."""

    def bucket(self, value: str) -> tuple[Draw, ...]:
        """One draw for each experiment, in their order. The value is hashed as it is and kept nowhere.

        Some 0.4 us for each: calls would cost as much as what is called, so it stands here in one loop.
        """
        if not value.isascii():
            return tuple([_draw(experiment, value) for experiment, *_ in self._tables])
        octets, fnv1a = value.encode(), self._fnv1a
        if self._lone is not None:  # as many a site has it
            _, _, seed, _, chosen, _, _ = self._lone
            return (chosen[fnv1a(b"%d" % fnv1a(seed + octets)) % _BUCKETS_V2],)
        draws = []
        for experiment, is_ascii, seed, seed_first, chosen, namespace, inside in self._tables:
            if not is_ascii:
                draws.append(_draw(experiment, value))
            elif inside and not inside[fnv1a(octets + namespace) % _BUCKETS_V1]:
                draws.append(OUTSIDE_NAMESPACE)
            elif seed_first:
                draws.append(chosen[fnv1a(b"%d" % fnv1a(seed + octets)) % _BUCKETS_V2])
            else:
                draws.append(chosen[fnv1a(octets + seed) % _BUCKETS_V1])
        return tuple(draws)


_SEED_FIRST = 2  # the hash version in which the seed stands before the value


class _Table(NamedTuple):
    """One experiment: the draw of each hash, and the texts that are hashed. ``inside`` is of its namespace."""

    experiment: Bucketing
    is_ascii: bool
    seed: bytes
    seed_first: bool
    chosen: "array[Draw]"  # a tuple would be four times as far from one end to the other, and hashes fall anywhere
    namespace: bytes
    inside: bytes


def _table(experiment: Bucketing) -> _Table:
    seed_first = experiment.hash_version == _SEED_FIRST
    buckets_n = _BUCKETS_V2 if seed_first else _BUCKETS_V1
    chosen = [OUT_OF_COVERAGE] * buckets_n
    # Ranges follow each other: no two have the same hash.
    for index, (start, end) in enumerate(bucket_ranges(experiment.variants_n, experiment.coverage, experiment.weights)):
        first, behind = _first_bucket(start, buckets_n), _first_bucket(end, buckets_n)
        chosen[first:behind] = [index] * (behind - first)
    name, inside = "", b""
    if experiment.namespace is not None:
        name, start, end = experiment.namespace
        inside = bytes(start <= bucket / _BUCKETS_V1 < end for bucket in range(_BUCKETS_V1))
    return _Table(
        experiment,
        experiment.seed.isascii() and name.isascii(),
        experiment.seed.encode("utf-8", "surrogatepass"),
        seed_first,
        array("h", chosen),
        f"__{name}".encode("utf-8", "surrogatepass"),
        inside,
    )


def _possible(table: _Table) -> tuple[Draw, ...]:
    return tuple(sorted({*table.chosen} | ({OUTSIDE_NAMESPACE} if 0 in table.inside else set())))


def _draw(experiment: Bucketing, value: str) -> Draw:
    """The draw of any id in one experiment, step by step."""
    if experiment.namespace is not None and not in_namespace(value, experiment.namespace):
        return OUTSIDE_NAMESPACE
    hashed = hash_value(experiment.seed, value, experiment.hash_version)
    ranges = bucket_ranges(experiment.variants_n, experiment.coverage, experiment.weights)
    return OUT_OF_COVERAGE if hashed is None else choose_variation(hashed, ranges)


def _first_bucket(bound: float, buckets_n: int) -> int:
    """The first bucket whose hash is so much or more, as hashes compare: its number divided by how many there are."""
    return bisect_left(range(buckets_n), bound, key=lambda bucket: bucket / buckets_n)


def _code_units(text: str) -> tuple[int, ...]:
    """The UTF-16 code units of a text, lone surrogates as they are, which JavaScript's strings may have."""
    octets = text.encode("utf-16-le", "surrogatepass")
    return tuple(low | high << 8 for low, high in zip(octets[::2], octets[1::2], strict=True))
