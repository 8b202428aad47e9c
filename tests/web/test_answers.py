"""Answers joined of remembered parts say what is decided anew, whatever came before and however little is remembered."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from service.app import Container
from service.core.device import BOT_KINDS, Device, DeviceResult
from service.core.event import Carried
from service.core.experiments.assignment import BucketingInput, assign, assignment_table, visitor_of
from service.core.groups.interval import Interval
from service.core.groups.snapshot import NOTHING_KNOWN, SiteSnapshot
from service.core.languages.prior import Learned
from service.core.location import Place
from service.core.privacy import NO_CONSENT, PURPOSES
from service.core.signals import Signals
from service.core.sites import SiteRules, SlotRanking, Targeting
from service.web.answers import Answers

COHORTS = {"CH/smartphone": 300, "smartphone": 900, "all": 2000}
RANKING = dict.fromkeys(COHORTS, SlotRanking(("outlet", "app", "spring"), "cohort"))
SNAPSHOTS = (
    NOTHING_KNOWN,
    SiteSnapshot(
        Interval(0, 3600), COHORTS, {"CH": Learned(((0.0,) * 7 + (900.0,) + (0.0,) * 3,))}, {"front": RANKING}
    ),
)
PLACES = (None, *(Place(country, None, None, "ip") for country in (None, "CH", "US", "JP", "DE")))
DEVICES = (
    DeviceResult(
        Device("smartphone", "android", "chrome", "standard", bot=False, source="client_hints"), ("client_hints",)
    ),
    DeviceResult(Device("desktop", "windows", "edge", "rich", bot=False, source="user_agent"), ("user_agent",)),
    DeviceResult(
        Device("bot", "unknown", "other", "standard", bot=True, source="user_agent"), ("user_agent",), BOT_KINDS[0]
    ),
)


@st.composite
def visits(draw: st.DrawFn, rules: SiteRules) -> tuple[Signals, frozenset[str], bool, bool, BucketingInput]:
    header = draw(st.sampled_from((None, "de", "de-CH,fr;q=0.5", "ja", "*;q=0.5,it;q=0.1")))
    signals = Signals(
        place=draw(st.sampled_from(PLACES)), asked_place=draw(st.sampled_from((None, "geo", "ip"))),
        language_choice=draw(st.sampled_from((None, "fr"))),
        region_choice=draw(st.sampled_from((None, ("CH", None), ("US", "CA")))),
        preference=None if header is None else rules.matcher.prefer(header),
        device_result=draw(st.sampled_from(DEVICES)),
        interests=draw(st.sampled_from(((), (("outdoor", 3),), (("outdoor", 3), ("shoes", 1))))),
        device_id=draw(st.booleans()), prefix=draw(st.booleans()), bucketed=draw(st.booleans()),
        variants=draw(st.booleans()), consent=draw(st.booleans()), opt_out=draw(st.booleans()),
        dropped=draw(st.sampled_from(((), ("language",)))),
    )  # fmt: skip
    entry = BucketingInput(None, draw(st.sampled_from(((), (("hero", Carried("b")),)))))
    consent = draw(st.sampled_from((NO_CONSENT, frozenset(PURPOSES), frozenset({"statistics"}))))
    return signals, consent, draw(st.booleans()), draw(st.booleans()), entry


@pytest.mark.parametrize("targeted", [False, True])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), parts_max=st.integers(1, 12), snapshot=st.sampled_from(SNAPSHOTS))
def test_they_say_what_is_decided_anew(
    house: Container, targeted: bool, data: st.DataObject, parts_max: int, snapshot: SiteSnapshot
) -> None:
    epoch = house.current.epoch
    rules = epoch.inputs.sites["demo"]
    if targeted:
        rules = replace(rules, targeted=Targeting(("smartphone",), ("CH",), ("de",)))
    answers = Answers(
        rules, snapshot, lambda visitor: assignment_table(rules, visitor), house.personalizer, 3600, parts_max
    )
    for signals, consent, gpc, opt_out, entry in data.draw(st.lists(visits(rules), min_size=1, max_size=12)):
        permissions = epoch.policy.permit(epoch.policy.regime_of(signals.place), consent, gpc, opt_out, False)
        answer = answers.answer(permissions, signals, entry)
        personalized = house.personalizer.personalize(rules, permissions, signals, snapshot, 3600)
        anew, device = personalized.decision, signals.device_result.device
        traits = device.bot, device.class_, anew.region.country, anew.language.tag
        table = assignment_table(rules, visitor_of(rules, permissions.experiments, permissions.region, *traits))
        assigned = assign(table, entry)
        assert answer.decision == replace(anew, experiments=assigned.experiments)
        assert answer.body == msgspec.json.encode(answer.decision)
        assert answer.assigned.cookie == assigned.cookie
        assert (None if answer.tally is None else answer.tally.increment) == personalized.increment
        assert answer.permissions is permissions
    assert answers.remembered <= 8 * parts_max
    for _ in answers.forget():
        pass
    assert answers.remembered == 0
