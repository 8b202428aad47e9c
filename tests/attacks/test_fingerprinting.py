"""Answers are no fingerprints: few devices are one of a kind, and what makes them so is told."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from service.app import Container
from service.attacks import pseudonym_reversal, simulations
from service.attacks.fingerprinting import Answers, _surprisal, of_one_country, of_the_world, unique_shares
from service.attacks.population import PRIVACY_CHOICES, Course
from service.attacks.population_weeks import SimulatedSite, World
from service.core.groups.counts import PrivacyParameters
from service.core.sites import SiteRules, Slot

TERMS = PrivacyParameters(k=100, k_prefixes=20, epsilon=1.0, noise="on")


@pytest.fixture(scope="module")
def world(house: Container) -> World:
    epoch = house.current.epoch
    return World(epoch.policy, epoch.sites["demo"].rules, TERMS, house.regions, house.languages)


def test_the_limit_is_on_all_that_is_added_in_one_country(world: World) -> None:
    """Cohort, token, slots and interests together, of all devices: parts of either are told beside it."""
    found = {measure.name: measure for measure in of_one_country(world, 30_000)}
    limited = [measure for measure in found.values() if measure.bound != "told"]
    assert [(one.name, one.limit) for one in limited] == [
        ("unique by all that is added, on a site of one country", 0.01)
    ]
    assert limited[0].passed is (limited[0].value <= 0.01)
    every_week = found["unique by all that is added, on a site of one country, of who came every week"]
    groups = found["unique by cohort, token and slots, on a site of one country"]
    assert groups.value <= limited[0].value
    assert every_week.value > 0
    hours = found["unique by all that is added, each asking in one of 24 hours, on a site of one country"]
    assert hours.value > 10 * limited[0].value  # who asks at its own time is known by the time


def test_the_limits_in_the_world_are_on_all_that_is_added_too(world: World) -> None:
    found = {measure.name: measure for measure in of_the_world(world, 10_000)}
    limited = {measure.name: measure for measure in found.values() if measure.bound != "told"}
    assert {name: measure.limit for name, measure in limited.items()} == {
        "unique by all that is added, on a site of the world": 0.01,
        "entropy of what is added: cohort, token, slots, interests": 10.0,
    }
    assert limited["entropy of what is added: cohort, token, slots, interests"].passed
    assert {f"entropy of {part}" for part in ("language", "region", "device", "variants", "interests")} <= set(found)
    added = limited["unique by all that is added, on a site of the world"]
    assert added.value < found["unique by the whole answer, on a site of the world"].value
    for name, measure in found.items():
        assert ("of 500 devices" in measure.note) is ("every day" in name)


def many_topics(world: World, house: Container) -> World:
    """The same with ten topics, and four slots whose options have all of them."""
    topics = tuple("abcdefghij")
    options = tuple(f"o{number}" for number in range(5))
    slots = {f"s{n}": Slot(options, {option: (topics[n + at],) for at, option in enumerate(options)}) for n in range(4)}
    site = msgspec.structs.replace(world.rules.site, topics=topics, slots=slots)
    return msgspec.structs.replace(world, rules=SiteRules.compile(site, house.languages, house.regions))


def test_a_missed_limit_is_a_missed_limit(world: World, house: Container) -> None:
    """It is not told, and not explained away: it has not passed."""
    added = of_one_country(many_topics(world, house), 2000)[0]
    assert added.value > 0.01
    assert not added.passed


@pytest.fixture(scope="module")
def simulation(world: World) -> SimulatedSite:
    made = SimulatedSite(world, 1)
    made.learn(Counter(made.population.draw(5000, 4, made.carries())), lambda *_: None)
    return made


def course(simulation: SimulatedSite, country: str = "DE", **others: Any) -> Course:
    given = {"device": 0, "choice": 0, "header": 0, "variant": 0, "comes": 0b1111, **others}
    return Course(country=simulation.population.countries.index(country), **given)


def test_who_shows_the_same_gets_the_same(simulation: SimulatedSite) -> None:
    found = unique_shares(Answers(simulation), Counter({course(simulation): 3}), 4)
    assert set(found.shares.values()) == {0.0}


def test_one_who_travels_alone_is_seen(simulation: SimulatedSite) -> None:
    """The control: who was in Japan in the third week has a sequence of its own, and it is said that they moved."""
    abroad = [simulation.population.countries.index(code) for code in ("DE", "DE", "JP", "DE")]
    courses = Counter({course(simulation): 3, course(simulation, abroad=tuple(abroad)): 1})
    found = unique_shares(Answers(simulation), courses, 4)
    assert (found.shares["groups"], found.moved["groups"], found.stayed["groups"]) == (0.25, 1.0, 0.0)


def test_who_came_every_week_is_told_apart(simulation: SimulatedSite) -> None:
    """One that came every week and has a sequence of its own, beside others that did not come each time."""
    abroad = tuple(simulation.population.countries.index(code) for code in ("DE", "DE", "JP", "DE"))
    courses = Counter(
        {course(simulation, comes=0b0111): 5, course(simulation, abroad=abroad): 1, course(simulation): 3}
    )
    found = unique_shares(Answers(simulation), courses, 4, whole=False)
    assert (found.full_devices, found.full["added"], found.shares["added"]) == (4, 0.25, 1 / 9)


def test_interests_and_variants_are_told_apart_from_groups(simulation: SimulatedSite) -> None:
    """Interests that an option has change what is added, others do not; another variant what is seen with these."""
    for topic, seen in (("outdoor", 0.25), ("shoes", 0.0)):
        carrying = course(simulation, carried=(((topic, 1),),) * 4)
        both = Counter({course(simulation): 3, carrying: 1})
        by_interests = unique_shares(Answers(simulation), both, 4)
        assert (by_interests.shares["groups"], by_interests.shares["added"]) == (0.0, seen)
    other = course(simulation, variant=1)
    by_variant = unique_shares(Answers(simulation), Counter({course(simulation): 3, other: 1}), 4)
    assert (by_variant.shares["added"], by_variant.shares["variants"]) == (0.0, 0.25)


def test_who_opted_out_gets_nothing_of_what_is_added(simulation: SimulatedSite) -> None:
    """No cohort, no interests, no variants: two who differ in these alone look the same."""
    out = next(number for number, wish in enumerate(PRIVACY_CHOICES) if wish.opt_out)
    plain = course(simulation, "US", choice=out)
    other = course(simulation, "US", choice=out, variant=1, carried=((("outdoor", 1),),) * 4)
    answers = Answers(simulation)
    found = unique_shares(answers, Counter({plain: 1, other: 1}), 4)
    assert set(found.shares.values()) == {0.0}


def test_a_site_with_many_topics_and_slots_tells_more(world: World, house: Container) -> None:
    """So the measure follows what is answered, and does not only say that all is well."""
    few, many = (of_one_country(one, 2000)[0].value for one in (world, many_topics(world, house)))
    assert many > 2 * few


def test_surprisal_is_measured_in_bits() -> None:
    assert _surprisal([5, 5, 5, 5]) == (2.0, 2.0)
    assert _surprisal([1000]) == (0.0, 0.0)


def test_all_attacks_are_in_one_list(house: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the command prints them, made small here: each with a name of its own, and the controls work."""
    monkeypatch.setattr(pseudonym_reversal, "_salts", lambda *_: iter([b""]))
    heard: list[str] = []
    attacked = simulations.Attacked(
        house.decisions.intake, house.current.epoch, "demo", TERMS, house.regions, house.languages
    )
    found = simulations.simulate(
        attacked, lambda what, _done, _of: heard.append(what), trials=400, counted=200, devices=500
    )
    assert len({measure.name for measure in found}) == len(found)
    assert {"devices counted", "devices of the world drawn"} <= {*heard}
    assert [measure.name for measure in found if not measure.passed and "control" in measure.name] == []
