"""A cache gives what its maker would, and never grows beyond its bound."""

from hypothesis import given
from hypothesis import strategies as st

from service.core.cache import Cache


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=200), st.integers(1, 20))
def test_it_gives_what_is_made_of_the_key(keys: list[tuple[int, bool]], entries_max: int) -> None:
    made: list[tuple[int, bool]] = []

    def make(number: int, sign: bool) -> int:
        made.append((number, sign))
        return -number if sign else number

    cache: Cache[tuple[int, bool], int] = Cache(make, entries_max)
    for number, sign in keys:
        known, before = (number, sign) in cache, len(made)
        assert cache[number, sign] == (-number if sign else number)
        assert len(made) == before + (not known)
        assert len(cache) <= entries_max
    if len(set(keys)) <= entries_max:
        assert len(made) == len(set(keys))


def test_a_full_one_lets_its_oldest_eighth_go() -> None:
    cache: Cache[tuple[int], int] = Cache(lambda number: number, 16)
    for number in range(17):
        cache[number,]
    assert [*cache] == [(number,) for number in range(2, 17)]
