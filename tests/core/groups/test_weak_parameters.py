"""Where the terms of release protect so little that it is said."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.groups.counts import PrivacyParameters
from service.core.groups.weak_parameters import lone_device_chance, sureness, weak_parameters

terms = st.builds(
    PrivacyParameters,
    st.integers(1, 10_000),
    st.integers(0, 1000),
    st.floats(1e-3, 100),
    st.sampled_from(["on", "off"]),
)


@pytest.mark.parametrize(
    ("k", "k_prefixes", "epsilon", "noise", "found"),
    [
        (100, 20, 1.0, "on", []),
        (200, 0, 1.0, "on", []),
        (49, 20, 1.0, "on", ["few_devices"]),
        (1, 1, 100.0, "on", ["few_devices", "few_networks", "much_epsilon"]),
        (1, 1, 100.0, "off", ["few_devices", "few_networks"]),
        (199, 9, 1.0, "on", ["few_networks"]),
        (200, 9, 1.0, "on", []),
        (100, 20, 0.1, "on", ["lone_device"]),
        (100, 20, 0.1, "off", []),
    ],
)
def test_each_weakness_has_its_line(k: int, k_prefixes: int, epsilon: float, noise: str, found: list[str]) -> None:
    """On both sides of it."""
    assert [*weak_parameters(PrivacyParameters(k, k_prefixes, epsilon, noise))] == found


@given(terms)
def test_stricter_groups_are_never_weaker(one: PrivacyParameters) -> None:
    """More devices from more networks take no weakness on but lose some."""
    stricter = PrivacyParameters(one.k * 2, one.k_prefixes * 2, one.epsilon, one.noise)
    assert set(weak_parameters(stricter)) - {"lone_device"} <= set(weak_parameters(one)) - {"lone_device"}
    assert lone_device_chance(stricter) <= lone_device_chance(one)


@given(st.floats(0, 100))
def test_sureness_is_what_epsilon_means(epsilon: float) -> None:
    """The odds of who held it for even may rise to e^epsilon, and no further."""
    sure = sureness(epsilon)
    assert 0.5 <= sure <= 1
    if sure < 0.999_999:
        assert log(sure / (1 - sure)) == pytest.approx(epsilon, abs=1e-6)
