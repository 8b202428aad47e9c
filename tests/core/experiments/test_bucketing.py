"""Ids fall where GrowthBook lets them fall, by the plain functions and by the tables that are worked out of them."""

import itertools

import pytest
from fnv_hash_fast import fnv1a_32
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.core.experiments.bucketing import (
    OUT_OF_COVERAGE,
    OUTSIDE_NAMESPACE,
    Bucketer,
    Bucketing,
    bucket_ranges,
    choose_variation,
    equal_weights,
    fnv1a_plainly,
    fnv32a,
    hash_value,
    in_namespace,
    weights_fit,
)

IDS = ("7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11", "V1StGXR8_Z5jdHi6B-myT", "01HPQRNZS2RBZCVZCN64R2PY1H")

texts = st.text(st.characters(exclude_categories=[]), max_size=40)
ids = st.one_of(st.uuids(version=4).map(str), st.text("abcXYZ019_-", max_size=40), texts)
shares = st.floats(0, 1)
weightings = st.lists(shares, max_size=6).map(tuple)
namespaces = st.none() | st.tuples(texts, shares, shares)


@st.composite
def bucketings(draw: st.DrawFn) -> Bucketing:
    """Any experiment that a site could have, and some whose weights do not fit."""
    weights = draw(weightings)
    total = sum(weights)
    if total > 0 and draw(st.booleans()):
        weights = tuple(weight / total for weight in weights)
    variants_n = len(weights) if len(weights) > 1 and draw(st.booleans()) else draw(st.integers(2, 6))
    return Bucketing(
        draw(texts), variants_n, weights, draw(shares), draw(st.sampled_from([1, 2])), draw(namespaces)
    )  # fmt: skip


@pytest.mark.parametrize(
    "text, expected",
    [("", 0x811C9DC5), ("a", 0xE40C292C), ("b", 0xE70C2DE5), ("fo", 0x6222E842), ("foobar", 0xBF9CF968)],
)
def test_fnv1a_has_the_values_that_its_authors_publish(text: str, expected: int) -> None:
    assert fnv32a(text) == fnv1a_plainly(text.encode()) == fnv1a_32(text.encode()) == expected


@given(st.binary(max_size=80))
@example(b"")
def test_the_hash_in_c_is_the_same_hash(octets: bytes) -> None:
    """What the service is assembled with equals what stands in core."""
    assert fnv1a_32(octets) == fnv1a_plainly(octets)


def test_the_hash_in_c_is_one() -> None:
    """Without its compiled part the library is a loop of a hundred times the cost, and says nothing."""
    assert type(fnv1a_32).__name__ == "builtin_function_or_method"


def test_a_code_unit_is_one_step() -> None:
    """An astral character is two of them, as in JavaScript: the same as its surrogates one by one."""
    assert fnv32a("😀") == fnv32a("\ud83d\ude00") != fnv32a("\ud83d")
    assert fnv32a("é") == ((0x811C9DC5 ^ 0xE9) * 0x01000193) % 2**32
    assert fnv32a("語") == ((0x811C9DC5 ^ 0x8A9E) * 0x01000193) % 2**32


@given(st.integers(0, 0xFFFF))
def test_lone_surrogates_are_code_units_like_others(unit: int) -> None:
    """JavaScript's strings may have them, and JSON may tell them."""
    assert fnv32a(chr(unit)) == ((0x811C9DC5 ^ unit) * 0x01000193) % 2**32


@given(texts, texts)
def test_a_value_falls_from_0_up_to_1_without_it(seed: str, value: str) -> None:
    first, second = hash_value(seed, value, 1), hash_value(seed, value, 2)
    assert first == fnv32a(value + seed) % 1000 / 1000
    assert second == fnv32a(str(fnv32a(seed + value))) % 10_000 / 10_000
    assert 0 <= first < 1
    assert 0 <= second < 1


@pytest.mark.parametrize("version", [-1, 0, 3, 99])
def test_there_are_two_versions(version: int) -> None:
    assert hash_value("seed", "a", version) is None


def test_equal_weights_are_parts_of_1() -> None:
    assert equal_weights(-1) == equal_weights(0) == []
    assert equal_weights(1) == [1.0]
    assert equal_weights(4) == [0.25] * 4


@pytest.mark.parametrize(
    "weights, fit",
    [
        ((0.5, 0.5), True), ((0.5, 0.49), True), ((0.5, 0.51), True), ((1.0, 0.0), True),
        ((0.5, 0.4899), False), ((0.5, 0.5101), False), ((0.5,), False), ((0.5, 0.25, 0.25), False), ((), False),
    ],
)  # fmt: skip
def test_weights_fit_from_99_to_101_hundredths(weights: tuple[float, ...], fit: bool) -> None:
    """Both ends fit, although 1 - 0.99 is a little more than 0.01 to a computer."""
    assert weights_fit(2, weights) is fit
    assert bucket_ranges(2, 1.0, weights) == bucket_ranges(2, 1.0, weights if fit else (0.5, 0.5))


def test_three_thirds_of_two_digits_are_taken_as_written() -> None:
    assert bucket_ranges(3, 1.0, (0.33, 0.33, 0.33)) == [(0.0, 0.33), (0.33, 0.66), (0.66, 0.99)]


def test_ranges_begin_where_the_weights_before_end_and_are_as_long_as_the_coverage_lets_them() -> None:
    assert bucket_ranges(2) == [(0.0, 0.5), (0.5, 1.0)]
    assert bucket_ranges(2, 0.5, (0.25, 0.75)) == [(0.0, 0.125), (0.25, 0.625)]
    assert bucket_ranges(2, 0.0) == bucket_ranges(2, -3.0) == [(0.0, 0.0), (0.5, 0.5)]
    assert bucket_ranges(2, 7.0) == bucket_ranges(2)
    assert bucket_ranges(0) == []


def test_the_start_of_a_range_belongs_to_it_and_its_end_does_not() -> None:
    ranges = [(0.0, 0.2), (0.2, 0.4), (0.6, 0.6), (0.3, 1.0)]
    values = (0.0, 0.2, 0.3999, 0.4, 0.6, 0.9999, 1.0)
    assert [choose_variation(value, ranges) for value in values] == [0, 1, 1, 3, 3, 3, OUT_OF_COVERAGE]
    assert choose_variation(0.5, []) == OUT_OF_COVERAGE


@given(ids, texts, st.lists(shares, max_size=5))
def test_the_parts_of_a_namespace_have_everyone_once(value: str, name: str, cuts: list[float]) -> None:
    edges = [0.0, *sorted(cuts), 1.0]
    parts = [(name, start, end) for start, end in itertools.pairwise(edges)]
    assert sum(in_namespace(value, part) for part in parts) == 1


@given(bucketings(), ids)
@example(Bucketing("hero", 2), "97f30edb-3a6e-4ad6-899c-73c303b5b6a9")
def test_a_lone_experiment_draws_as_it_does_among_others(one: Bucketing, value: str) -> None:
    """It has a way of its own, which is shorter."""
    assert Bucketer([one], fnv1a_32).bucket(value) * 2 == Bucketer([one, one], fnv1a_32).bucket(value)


@given(st.lists(bucketings(), max_size=12), ids, st.sampled_from([fnv1a_32, fnv1a_plainly]))
def test_draws_are_what_the_plain_functions_say(experiments: list[Bucketing], value: str, fnv1a) -> None:
    """Whatever the seeds, ids, versions, weights, coverages and namespaces; up to 12 experiments at once."""
    assert Bucketer(experiments, fnv1a).bucket(value) == tuple(plainly(one, value) for one in experiments)


@pytest.mark.parametrize("version, buckets_n", [(1, 1000), (2, 10_000)])
@pytest.mark.parametrize("weights", [(), (0.1, 0.2, 0.7), (0.33, 0.33, 0.33), (0.5, 0.0, 0.51), (1 / 7, 2 / 7, 4 / 7)])
@pytest.mark.parametrize("coverage", [0.0, 0.0001, 0.3, 1 / 3, 0.9999, 1.0])
def test_every_single_hash_chooses_by_the_ranges(version, buckets_n, weights, coverage) -> None:
    """The table of an experiment, read whole."""
    table = Bucketer([Bucketing("seed", 3, weights, coverage, version)])._tables[0]
    ranges = bucket_ranges(3, coverage, weights)
    assert [*table.chosen] == [choose_variation(bucket / buckets_n, ranges) for bucket in range(buckets_n)]


def test_hundreds_of_variants_are_told_apart() -> None:
    draws = Bucketer([Bucketing("seed", 400)], fnv1a_32)
    assert {draws.bucket(str(number))[0] for number in range(6000)} == set(range(400))


def plainly(one: Bucketing, value: str) -> int:
    if one.namespace is not None and not in_namespace(value, one.namespace):
        return OUTSIDE_NAMESPACE
    found = hash_value(one.seed, value, one.hash_version)
    assert found is not None
    return choose_variation(found, bucket_ranges(one.variants_n, one.coverage, one.weights))


def test_an_id_is_hashed_as_sent() -> None:
    """A UUID in capitals is another text, as it is to GrowthBook."""
    experiments = [Bucketing(f"seed-{number}", 2) for number in range(20)]
    for value in IDS:
        assert Bucketer(experiments).bucket(value.upper()) != Bucketer(experiments).bucket(value.lower())


def test_draws_keep_nothing_of_an_id() -> None:
    """Neither the tables nor anything that hangs on them has it afterwards."""
    draws = Bucketer([Bucketing("seed", 2, namespace=("n", 0.0, 1.0))], fnv1a_32)
    before = remembered(draws)
    for value in IDS:
        draws.bucket(value)
    assert remembered(draws) == before
    assert not any(value in before for value in IDS)


def remembered(draws: Bucketer) -> str:
    return str(vars(draws))


@given(st.floats(0, 1), st.integers(1, 2), st.sampled_from([None, ("n", 0.0, 0.4), ("n", 0.0, 1.0)]))
@settings(max_examples=40, deadline=None)
def test_what_may_be_drawn_is_said_beforehand(coverage: float, version: int, namespace) -> None:
    """Nothing else is, and of many ids all of it."""
    draws = Bucketer([Bucketing("hero", 3, (0.2, 0.3, 0.5), coverage, version, namespace)])
    drawn = {draws.bucket(f"{number:08x}")[0] for number in range(1500)}
    assert drawn <= {*draws.possible[0]}
    if coverage in {0.0, 1.0}:
        assert drawn == {*draws.possible[0]}
