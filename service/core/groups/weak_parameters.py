"""Privacy parameters that are allowed but weak: operators and readers of released counts are warned of them.

No law draws these lines. Each is where the arithmetic of ``release`` no longer hides a visitor among many.
"""

from collections.abc import Iterator
from math import exp
from typing import Literal

from service.core.groups.counts import PrivacyParameters
from service.core.groups.release import delta, size_scale

WeakParameter = Literal["few_devices", "few_networks", "much_epsilon", "lone_device"]

K_FEW = 50
"""Below it a cohort is a school class: with epsilon 1 noise passes one device for 50 in 3 of 100,000 cases, for 20 in
1 of 100."""
K_PREFIXES_FEW = 10
"""Below it the networks of a cohort may be those of one firm, unless it holds K_WITHOUT_PREFIXES_MIN devices."""
K_WITHOUT_PREFIXES_MIN = 200
"""Without a look at the networks, one of them may hold a whole cohort: then only a larger one will do."""
EPSILON_MUCH = 5.0
"""Above it who doubts whether a visit was there may be 99.3 % sure, and more with every part (``sureness``)."""
LONE_DEVICE_CHANCE_MAX = 1e-4
"""Of a group of one device to pass for a cohort, by the noise on its devices and on its networks."""


def weak_parameters(terms: PrivacyParameters) -> Iterator[WeakParameter]:
    """The weak ones among the parameters. Noise that is off has a warning of its own."""
    if terms.k < K_FEW:
        yield "few_devices"
    if 0 < terms.k_prefixes < K_PREFIXES_FEW and terms.k < K_WITHOUT_PREFIXES_MIN:
        yield "few_networks"
    if terms.noise == "on" and terms.epsilon > EPSILON_MUCH:
        yield "much_epsilon"
    if terms.noise == "on" and terms.k >= K_FEW and lone_device_chance(terms) > LONE_DEVICE_CHANCE_MAX:
        yield "lone_device"


def sureness(epsilon: float) -> float:
    """How sure of a visit a released interval can make somebody who held it for as likely as not: 0.5 to 1."""
    return 1 / (1 + exp(-epsilon))


def lone_device_chance(terms: PrivacyParameters) -> float:
    """The probability that noise alone makes a cohort of one device in one network."""
    scale = size_scale(terms)
    return delta(terms.k, scale) * (delta(terms.k_prefixes, scale) if terms.k_prefixes else 1.0)
