"""The laws of permissions over a million cases: saying yes never takes away, and saying no never gives.

Exhaustive over the shipped policy, and over policies drawn by a seeded generator, which the shipped one may become. A
case is one visit's permissions compared with those of a visit that consents to one purpose more, that says one no more,
or whose place is known less well.
"""

import random
from collections.abc import Iterable
from itertools import product
from typing import Any, NamedTuple

import pytest

from service.app import Container
from service.core.location import Place
from service.core.privacy import LEVELS, PURPOSES, Permissions, Policy, Purpose, Regime

CASES = 1_000_000
DRAWN = 10
SEED = 20261122
# Each purpose is a bit, so that all 128 consents are the numbers from 0 to 127, and permissions are compared as numbers.
# The part of a country has a bit above them: it is permitted by itself, and consented to with the region.
BIT = {purpose: 1 << place for place, purpose in enumerate(PURPOSES)}
SUBDIVISION = 1 << len(PURPOSES)
EVERYTHING = (SUBDIVISION << 1) - 1
CONSENTS = [frozenset(purpose for purpose in PURPOSES if BIT[purpose] & bits) for bits in range(SUBDIVISION)]
NOES = list(product((False, True), repeat=3))  # Global Privacy Control, an opt-out, a site for children
GPC_LEAVES = EVERYTHING & ~(BIT["statistics"] | BIT["experiments"] | BIT["interests"])
OPT_OUT_LEAVES = GPC_LEAVES & ~BIT["cohort"]
CHILDREN_KEEP = BIT["language"] | BIT["region"] | BIT["device"] | SUBDIVISION


class Granted(NamedTuple):
    """What every consent and every no come to under one regime: ``bits[no][consent]``."""

    regime: Regime
    bits: list[list[int]]


def allowed(permissions: Permissions) -> int:
    return sum(BIT[purpose] for purpose in permissions.allowed) | SUBDIVISION * permissions.subdivision


def granted(policy: Policy, regime: Regime) -> Granted:
    """All 1,024 permissions of a regime."""
    return Granted(regime, [[allowed(policy.permit(regime, consent, *no)) for consent in CONSENTS] for no in NOES])


def broken_in(found: Granted) -> tuple[int, list[tuple[int, int]]]:
    """How many cases one regime has, and those in which a yes took away or a no gave."""
    cases, broken = 0, []
    for no, row in enumerate(found.bits):
        for consent, bits in enumerate(row):
            # One purpose more; larger consents follow, for each is reached through its parts.
            more = [row[consent | bit] for bit in BIT.values()]
            # The bits of a no's number are its three switches.
            less = [found.bits[no | switch][consent] for switch in (1, 2, 4)]
            cases += len(more) + len(less)
            if any(bits & ~larger for larger in more) or any(smaller & ~bits for smaller in less):
                broken.append((no, consent))
    return cases, broken


def policies(number: int) -> Iterable[Policy]:
    """Policies such as there might be: rows for countries, for parts of them, and the two that every policy has.

    Half of the rows ask more before they tell the part of a country, or may.
    """
    chance = random.Random(SEED)

    def row(key: str, places: tuple[str, ...]) -> Regime:
        levels: dict[Purpose, Any] = {purpose: chance.choice(LEVELS) for purpose in PURPOSES}
        stricter = LEVELS[LEVELS.index(levels["region"]) :]
        return Regime(key, places, levels, of_subdivision=chance.choice((None, chance.choice(stricter))))

    for _ in range(number):
        rows = [("ZZ", ()), ("REST", ()), ("AA", ("AA",)), ("AA-X", ("AA-1", "AA-2")), ("AA-Y", ("AA-3",))]
        rows += [("BB-X", ("BB-1",)), ("CC", ("CC",))]
        yield Policy("2026-11-22", [row(key, places) for key, places in rows])


@pytest.fixture
def shipped(house: Container) -> Policy:
    return house.current.epoch.policy


def every_regime(policy: Policy) -> list[Regime]:
    """Its rows, and what places of divided countries fall under whose part is not known."""
    joined = (policy.regime_of(Place(country, None, None, "ip")) for country in ("AA", "BB", "CA", "US"))
    return list(dict.fromkeys([*policy.regimes.values(), *joined]))


def test_a_million_times_yes_takes_nothing_away_and_no_gives_nothing(shipped: Policy) -> None:
    """Every row that ships, and every row and joined row of drawn policies, with every yes and every no."""
    cases, regimes = 0, 0
    for policy in (shipped, *policies(DRAWN)):
        for regime in every_regime(policy):
            found, broken = broken_in(granted(policy, regime))
            assert not broken, (regime.key, broken[0])
            cases, regimes = cases + found, regimes + 1
    assert regimes >= len(shipped.regimes) + 7 * DRAWN
    assert cases == regimes * len(NOES) * len(CONSENTS) * (len(PURPOSES) + 3)
    assert cases >= CASES


def test_beside_an_opt_out_no_consent_gives_anything(shipped: Policy) -> None:
    """Every consent comes to what none comes to, in every regime, with and without the other noes."""
    cases = 0
    for policy in (shipped, *policies(DRAWN)):
        for regime in every_regime(policy):
            for no, row in zip(NOES, granted(policy, regime).bits, strict=True):
                if no[1]:
                    assert set(row) == {row[0]}, (regime.key, no)
                    cases += len(row)
    assert cases >= 40_000


def test_knowing_less_of_a_place_gives_nothing(shipped: Policy) -> None:
    """A country without its part has no more than any part; and where nothing is known, no more than anywhere."""
    cases = 0
    for policy in (shipped, *policies(DRAWN)):
        pairs = [
            (policy.regime_of(Place(country, None, None, "ip")), policy.regime_of(Place(country, part, None, "ip")))
            for country, parts in (("AA", "1239"), ("BB", "19"), ("CA", ("QC", "ON")), ("US", ("CA", "NY", "TX")))
            for part in parts
        ]
        if policy is shipped:
            nowhere = policy.regime_of(None)
            pairs += [(nowhere, regime) for regime in every_regime(policy)]
        for less_known, known in pairs:
            less, more = granted(policy, less_known).bits, granted(policy, known).bits
            for few, many in zip(less, more, strict=True):
                assert not any(bits & ~larger for bits, larger in zip(few, many, strict=True)), (less_known, known)
                cases += len(few)
    assert cases >= 100_000


def test_a_part_is_never_told_without_its_country_and_both_are_under_a_consent(shipped: Policy) -> None:
    """As the levels of the two say; consent to the region is to both; and what is narrowed has neither part nor zone."""
    place, apart = Place("CA", "QC", "America/Toronto", "ip"), 0
    for policy in (shipped, *policies(DRAWN)):
        for regime in every_regime(policy):
            for consent, no in product(CONSENTS, NOES):
                permissions = policy.permit(regime, consent, *no)
                for told, level in (
                    (permissions.region, regime.levels["region"]),
                    (permissions.subdivision, regime.subdivision),
                ):
                    agreed = "region" in consent and not no[1]  # beside an opt-out a consent is none
                    assert told is (level in ("allow", "notice") or (level == "consent" and agreed))
                assert permissions.region or not permissions.subdivision
                narrowed = permissions.narrowed(place)
                if permissions.subdivision:
                    assert narrowed == place
                else:
                    assert narrowed == (Place("CA", None, None, "ip") if permissions.region else None)
                apart += permissions.region is not permissions.subdivision
                assert permissions.narrowed(None) is None
    assert apart > 1000


def test_a_no_ends_what_it_ends_under_every_row(shipped: Policy) -> None:
    """Whatever the law allows and the visitor consented to; and it ends nothing else, but that an opt-out ends consent."""
    for policy in (shipped, *policies(DRAWN)):
        for regime in every_regime(policy):
            bits = granted(policy, regime).bits
            plain = bits[0]
            for no, row in zip(NOES, bits, strict=True):
                left = EVERYTHING
                for said, leaves in zip(no, (GPC_LEAVES, OPT_OUT_LEAVES, CHILDREN_KEEP), strict=True):
                    left &= leaves if said else EVERYTHING
                agreed = plain[:1] * len(plain) if no[1] else plain
                assert row == [one & left for one in agreed]


def test_the_law_finds_a_policy_that_breaks_it(shipped: Policy) -> None:
    """The control: permissions that one yes takes away, or one no gives, are broken in just those cases."""
    honest = granted(shipped, shipped.regimes["EU"])
    assert broken_in(honest)[1] == []
    for no, consent in ((0, 5), (3, 0), (7, 127), (4, 64)):
        spoilt = [[*row] for row in honest.bits]
        spoilt[no][consent] ^= BIT["statistics"]
        assert broken_in(Granted(honest.regime, spoilt))[1] != [], (no, consent)
