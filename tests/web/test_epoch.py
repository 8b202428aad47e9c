"""The world that visits are decided by: whatever an epoch shares with the one before, it answers as if made anew."""

import asyncio
import json
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.app import Container
from service.core.access import EVERYTHING
from service.core.groups.interval import Interval
from service.core.groups.snapshot import SiteSnapshot
from service.core.languages.prior import Learned
from service.core.privacy import Policy
from service.core.sites import SlotRanking
from service.web.endpoints.cohorts import Cohorts
from service.web.epoch import (
    ASSIGNMENT_TABLES_MAX,
    OF_A_SITE_MIN,
    PAGES_MAX,
    PARTS_MAX,
    Current,
    Epoch,
    epoch_of,
    share_of,
)
from service.web.ofrep.flags import Flags
from service.web.problems import Refusal
from tests.conftest import CHROME
from tests.doors import request

COHORTS = {"CH/smartphone": 300, "smartphone": 900, "all": 2000}
RANKING = dict.fromkeys(COHORTS, SlotRanking(("outlet", "app", "spring"), "cohort"))
SNAPSHOTS = (
    SiteSnapshot(None, {}, {}, {}),
    SiteSnapshot(Interval(0, 3600), COHORTS, {}, {}),
    SiteSnapshot(
        Interval(3600, 7200), COHORTS, {"CH": Learned(((0.0,) * 7 + (900.0, 0.0, 0.0, 0.0),))}, {"front": RANKING}
    ),
)
ORIGIN = b"https://shop.example"


class Asker:
    """Who asks a house in one epoch and in another: for visits, flags, pages of cohorts, and what is told of visits."""

    def __init__(self, house: Container) -> None:
        self.decisions, self.personalizer, self.regions = house.decisions, house.personalizer, house.regions
        self.first = house.current.epoch
        demo = self.first.inputs.sites["demo"]
        slots = {"front": SlotRanking(("app", "spring", "outlet"), "default")}
        self.demo = demo, replace(demo, slots=slots, site=replace(demo.site, experiments={}, cors_origins=()))
        self.shop = replace(demo, site=replace(demo.site, id="shop"))

    def __repr__(self) -> str:  # what Hypothesis tells of it
        return "Asker()"

    def ask(self, epoch: Epoch) -> list[bytes]:
        current = Current(epoch)
        cohorts = Cohorts(current, self.personalizer, self.regions, 300)
        flags = Flags(current, self.decisions)
        bodies = []
        for site, country, language in product((*epoch.sites, "gone"), ("CH", "US"), ("de", "ja")):
            device = {"accept_language": language, "user_agent": CHROME}
            signals = {"geo": {"country": country}, "device": device}
            answer = self.decisions.for_body(json.dumps({"site": site, "signals": signals}).encode(), epoch)
            bodies.append(answer.name.encode() if isinstance(answer, Refusal) else answer.body)
            page = f"/v1/cohorts/{country}/{language}/smartphone?site={site}"
            bodies.append(cohorts.get(request("GET", page), EVERYTHING).content)
            context = json.dumps({"context": {"country": country, "acceptLanguage": language}}).encode()
            bodies.append(flags.post(request("POST", "/ofrep/v1/evaluate/flags", [], context), EVERYTHING).content)
        bodies += [
            site.no_origin.lines + repr(epoch.cors.headers(ORIGIN, key)).encode() for key, site in epoch.sites.items()
        ]
        return bodies + [site.disclosure().response.content for site in epoch.sites.values()]


@pytest.fixture(scope="module")
def asker(house: Container) -> Asker:
    return Asker(house)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(range(6)), st.integers(0, 15)), min_size=1, max_size=6))
def test_what_is_shared_changes_no_answer(asker: Asker, steps: list[tuple[int, int]]) -> None:
    """After any changes in any order, under visits all the time, an epoch answers as one made of the same alone."""
    first = asker.first
    policies = first.inputs.policy, Policy("2026-11-23", first.inputs.policy.regimes.values())
    facts = first.inputs.facts, replace(first.inputs.facts, answer_ttl_s=7)

    def reloaded(epoch: Epoch, number: int) -> Epoch:
        sites = {"demo": asker.demo[number & 1]} | ({"shop": asker.shop} if number & 2 else {})
        return epoch.reloaded(sites, {}, policies[number >> 2 & 1], "current", facts[number >> 3 & 1])

    changes: list[Callable[[Epoch, int], Epoch]] = [
        lambda epoch, number: epoch.released("demo", SNAPSHOTS[number % 3]),
        lambda epoch, number: epoch.released("shop", SNAPSHOTS[number % 3]),
        lambda epoch, number: epoch.in_interval(3600 * number),
        lambda epoch, number: epoch.aged(("current", "ageing", "outdated")[number % 3]),  # type: ignore[arg-type]
        reloaded,
        lambda epoch, number: reloaded(epoch, number ^ 2),
    ]

    async def scene() -> None:
        current = Current(epoch_of(first.inputs))
        asker.ask(current.epoch)
        for change, number in steps:
            await current.swap(changes[change](current.epoch, number))
            assert asker.ask(current.epoch) == asker.ask(epoch_of(current.epoch.inputs))

    asyncio.run(scene())


def test_an_epoch_and_what_it_is_made_of_cannot_be_changed(house: Container) -> None:
    epoch = house.current.epoch
    for frozen, name in ((epoch, "policy"), (epoch.inputs, "policy"), (epoch.sites["demo"], "rules")):
        with pytest.raises(AttributeError):
            setattr(frozen, name, None)


@pytest.mark.parametrize("most", [PARTS_MAX, PAGES_MAX, ASSIGNMENT_TABLES_MAX])
def test_sites_share_what_may_be_remembered(most: int) -> None:
    """All together have no more than one alone; but for so many that each would have next to nothing."""
    assert share_of(most, 1) == most
    assert all(number * share_of(most, number) <= most for number in range(1, most // OF_A_SITE_MIN))
    assert share_of(most, 1000) == OF_A_SITE_MIN
