"""The names of everything in Redis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.redis_store.keys import KEY_PATTERN, hash_keys, interval_key, salt_key
from service.core.groups.cohort import Traits, ladder
from service.core.groups.interval import DAY_S, Interval, interval_at

DAY = 20_779  # 2026-11-22


@pytest.mark.parametrize(
    "minutes, start_s, name",
    [
        (60, 14 * 3600, "14"),
        (120, 14 * 3600, "14"),
        (1440, 0, "00"),
        (15, 14 * 3600 + 1800, "1430"),
        (30, 0, "0000"),
        (0.5, 14 * 3600 + 90, "140130"),
    ],
)
def test_an_interval_is_named_by_its_start(minutes: float, start_s: int, name: str) -> None:
    interval = Interval(DAY * DAY_S + start_s, int(minutes * 60))
    assert interval_key("counts", "demo", interval) == f"pb:{{demo:2026-11-22}}:counts:{name}"


def test_marks_and_salts_are_named_by_site_day_and_cohort() -> None:
    assert list(hash_keys("demo", DAY, ["CH/tv", "all"])) == [
        "pb:{demo:2026-11-22}:devices:CH/tv",
        "pb:{demo:2026-11-22}:prefixes:CH/tv",
        "pb:{demo:2026-11-22}:devices:all",
        "pb:{demo:2026-11-22}:prefixes:all",
    ]
    assert salt_key("demo", DAY) == "pb:{demo:2026-11-22}:salt"


@given(
    st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True),
    st.integers(DAY_S, 30_000 * DAY_S),
    st.sampled_from([1, 15, 60, 900, 3600, 7200, DAY_S]),
    st.sampled_from([("CH", "smartphone", "android"), ("ZZ", "feature_phone", "kaios"), ("US", "tv", "playstation")]),
)
def test_every_key_matches_the_grammar(site: str, at_s: int, length_s: int, traits: tuple[str, str, str]) -> None:
    """And intervals of one length never share a name on their day."""
    interval = interval_at(at_s, length_s)
    keys = [interval_key(kind, site, interval) for kind in ("counts", "batches", "released")]
    keys += [salt_key(site, interval.day), *hash_keys(site, interval.day, ladder(Traits(*traits), lambda _: "150"))]
    assert all(KEY_PATTERN.fullmatch(key) for key in keys)
    assert len({key[key.index("{") : key.index("}")] for key in keys}) == 1
    assert keys[0] != interval_key("counts", site, interval.before())


@pytest.mark.parametrize(
    "key",
    [
        "pb:{demo:2026-11-22}:counts:24",
        "pb:{demo:2026-11-22}:counts:1",
        "pb:{Demo:2026-11-22}:salt",
        "pb:demo:2026-11-22:salt",
        "pb:{demo:2026-11-22}:devices:7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11",
        "pb:{demo:2026-11-22}:devices:195.65.10.7",
        "pb:{demo:2026-11-22}:salt\n",
    ],
)
def test_the_grammar_is_closed(key: str) -> None:
    assert not KEY_PATTERN.fullmatch(key)
