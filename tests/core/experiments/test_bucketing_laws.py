"""What a million ids show: variants have their shares, experiments know nothing of each other, and few are ever moved."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from fnv_hash_fast import fnv1a_32
from hypothesis import given
from hypothesis import strategies as st

from service.core.experiments.bucketing import OUTSIDE_NAMESPACE, Bucketer, Bucketing, bucket_ranges, choose_variation
from service.core.experiments.comparison import chi_square_survival, sample_ratio

IDS_N = 1_000_000
P_MIN = 0.001
# The first two have the same seed under both versions of the hash, and so have the next two.
EXPERIMENTS = {
    "A/A": Bucketing("hero", 2),
    "A/A, version 1": Bucketing("hero", 2, hash_version=1),
    "three ways": Bucketing("checkout", 3),
    "three ways, version 1": Bucketing("checkout", 3, hash_version=1),
    "uneven": Bucketing("exp-1", 2, (0.1, 0.9)),
    "neighbour": Bucketing("exp-2", 2, (0.1, 0.9)),
    "uneven, version 1": Bucketing("exp-1", 2, (0.1, 0.9), hash_version=1),
    "neighbour, version 1": Bucketing("exp-2", 2, (0.1, 0.9), hash_version=1),
}
NEIGHBOURS_V1 = ("uneven, version 1", "neighbour, version 1")
INDEPENDENT = [pair for pair in itertools.combinations(EXPERIMENTS, 2) if pair != NEIGHBOURS_V1]


def device_ids(n: int) -> Iterator[str]:
    """Ids of the shape of uuid4, the same on every machine."""
    digits = random.Random(4).randbytes(16 * n).hex()
    for at in range(0, 32 * n, 32):
        one = digits[at : at + 32]
        yield f"{one[:8]}-{one[8:12]}-4{one[13:16]}-{'89ab'[int(one[16], 16) & 3]}{one[17:20]}-{one[20:]}"


@pytest.fixture(scope="module")
def drawn() -> Counter[tuple[int, ...]]:
    """How many of a million ids fall into each combination of variants."""
    return Counter(map(Bucketer([*EXPERIMENTS.values()], fnv1a_32).bucket, device_ids(IDS_N)))


def table_of(drawn: Counter[tuple[int, ...]], *names: str) -> list[list[int]]:
    """How many have each variant of one experiment (rows) and of another, or all of them."""
    places = [[*EXPERIMENTS].index(name) for name in names]
    sizes = [EXPERIMENTS[name].variants_n for name in names]
    table = [[0] * (sizes[1] if len(sizes) > 1 else 1) for _ in range(sizes[0])]
    for draws, count in drawn.items():
        table[draws[places[0]]][draws[places[1]] if len(places) > 1 else 0] += count
    return table


def dependence(table: Sequence[Sequence[int]]) -> float:
    """Pearson's chi-square test of a table: how often chance alone makes one that looks more dependent."""
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]
    expected = [[row * column / sum(rows) for column in columns] for row in rows]
    cells = zip(itertools.chain(*table), itertools.chain(*expected), strict=True)
    statistic = sum((seen - most_likely) ** 2 / most_likely for seen, most_likely in cells)
    return chi_square_survival(statistic, (len(rows) - 1) * (len(columns) - 1))


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_variants_have_their_shares(drawn, name: str) -> None:
    """An A/A experiment over a million ids passes the test for a sample ratio mismatch, under both versions."""
    one = EXPERIMENTS[name]
    counts = [row[0] for row in table_of(drawn, name)]
    assert sum(counts) == IDS_N
    found = sample_ratio(counts, one.weights or [1 / one.variants_n] * one.variants_n, noise=0.0)
    assert found is not None
    assert found.p_value > P_MIN


@pytest.mark.parametrize("names", INDEPENDENT, ids=" - ".join)
def test_experiments_are_independent(drawn, names: tuple[str, str]) -> None:
    """By seed, by version under the same seed, and by both."""
    assert dependence(table_of(drawn, *names)) > P_MIN


def test_version_1_does_not_keep_neighbouring_seeds_apart(drawn, capsys: pytest.CaptureFixture[str]) -> None:
    """Its seed stands last, so that seeds that differ in their last letter alone give hashes that go together.

    That is GrowthBook's version 1, to be had for experiments that began under it; version 2 is the default here.
    """
    table = table_of(drawn, *NEIGHBOURS_V1)
    both = table[0][0] / IDS_N
    with capsys.disabled():
        print(f" [in the tenth of both: {both:.2%}, if they were independent 1.00%]", end="")
    assert dependence(table) < 1e-9
    assert dependence(table_of(drawn, "uneven", "neighbour")) > P_MIN


def chosen(coverage: float, weights: Sequence[float], buckets_n: int = 10_000) -> list[int]:
    """What every hash there is chooses."""
    ranges = bucket_ranges(len(weights), coverage, weights)
    return [choose_variation(bucket / buckets_n, ranges) for bucket in range(buckets_n)]


@pytest.mark.parametrize(
    "weights", [(0.5, 0.5), (0.1, 0.9), (1 / 3, 1 / 3, 1 / 3), (0.33, 0.33, 0.33), (0.7, 0.1, 0.1, 0.1)]
)
def test_raising_the_coverage_moves_nobody(weights: tuple[float, ...]) -> None:
    """Of all the hashes there are, in ten steps from 0.1 to 1: who is in stays in, with the same variant."""
    steps = [chosen(step / 10, weights) for step in range(1, 11)]
    for before, after in itertools.pairwise(steps):
        assert all(now == then for then, now in zip(before, after, strict=True) if then >= 0)
        assert after.count(-1) < before.count(-1)


def test_raising_the_coverage_moves_no_id() -> None:
    """The same by ids, through what decides on visits, under both versions."""
    for version in (1, 2):
        steps = [Bucketing("hero", 3, (0.2, 0.3, 0.5), step / 10, version) for step in range(1, 11)]
        for draws in map(Bucketer(steps, fnv1a_32).bucket, device_ids(5000)):
            entered = [one for one in draws if one >= 0]
            assert draws[len(draws) - len(entered) :] == tuple(entered)
            assert len(set(entered)) <= 1


weights_of = {n: st.lists(st.integers(1, 100), min_size=n, max_size=n) for n in (2, 3, 4, 5)}


@given(st.sampled_from([*weights_of]).flatmap(lambda n: st.tuples(weights_of[n], weights_of[n])))
def test_changing_weights_moves_what_lies_between_the_old_and_the_new_borders(pair) -> None:
    """At full coverage. The least that any method can move is what the shares themselves change, here ``least``.

    Ranges that follow each other move who lies between a border's old and new place: with two variants, and one border,
    that is the least. With n variants it can be up to n - 1 times as much, for a share that goes from the last variant
    to the first moves every border between them. GrowthBook's ranges are such, and to agree with it they are here.
    """
    before, after = ([part / sum(parts) for part in parts] for parts in pair)
    borders = zip(itertools.accumulate(before), itertools.accumulate(after), strict=True)
    most = sum(abs(new - old) for old, new in borders)
    least = sum(max(0.0, new - old) for old, new in zip(before, after, strict=True))
    pairs = zip(chosen(1.0, before, 2000), chosen(1.0, after, 2000), strict=True)
    moved = sum(then != now for then, now in pairs) / 2000
    rounding = 2 * len(before) / 2000
    assert least - rounding <= moved <= most + rounding
    assert most <= (len(before) - 1) * least + 1e-9
    if len(before) == 2:
        assert moved == pytest.approx(least, abs=rounding)


@pytest.mark.parametrize(
    "before, after, coverage, moved, least",
    [
        ((0.5, 0.5), (0.8, 0.2), 1.0, 0.3, 0.3),
        ((0.4, 0.3, 0.3), (0.6, 0.3, 0.1), 1.0, 0.4, 0.2),  # from the last to the first: both borders move
        ((0.4, 0.3, 0.3), (0.4, 0.5, 0.1), 1.0, 0.2, 0.2),
        (
            (0.5, 0.5),
            (0.8, 0.2),
            0.5,
            0.5,
            0.15,
        ),  # a range that is not full leaves many behind when it begins elsewhere
    ],
)
def test_what_a_change_of_weights_moves(before, after, coverage: float, moved: float, least: float) -> None:
    """Figures to know before one edits a running experiment; ``least`` would be enough for the new shares."""
    pairs = zip(chosen(coverage, before), chosen(coverage, after), strict=True)
    assert sum(then != now for then, now in pairs) / 10_000 == pytest.approx(moved, abs=0.0005)
    shares = zip(before, after, strict=True)
    assert coverage * sum(max(0.0, new - old) for old, new in shares) == pytest.approx(least)


def test_disjoint_parts_of_a_namespace_exclude_each_other() -> None:
    """Every id is in exactly one of the parts, about as often as the part is long."""
    parts = [("shop", 0.0, 0.2), ("shop", 0.2, 0.5), ("shop", 0.5, 1.0)]
    draws = Bucketer([Bucketing(f"seed-{n}", 2, namespace=part) for n, part in enumerate(parts)], fnv1a_32)
    inside = Counter(
        tuple(one != OUTSIDE_NAMESPACE for one in draws.bucket(device_id)) for device_id in device_ids(100_000)
    )
    assert inside.keys() == {(True, False, False), (False, True, False), (False, False, True)}
    found = sample_ratio([inside[key] for key in sorted(inside, reverse=True)], (0.2, 0.3, 0.5), noise=0.0)
    assert found is not None
    assert found.p_value > P_MIN
