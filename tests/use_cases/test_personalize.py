"""What is known of groups in a visit's answer, and what the visit adds to them."""

import msgspec
import pytest

from service.app import Container
from service.core.device import UNKNOWN_DEVICE, Device, DeviceResult
from service.core.groups.cohort import UNKNOWN_COUNTRY
from service.core.groups.interval import Interval
from service.core.groups.snapshot import NOTHING_KNOWN, SiteSnapshot
from service.core.languages.prior import Learned
from service.core.location import Place
from service.core.privacy import NO_CONSENT, Permissions
from service.core.signals import Signals
from service.core.sites import SiteRules, SlotRanking
from service.use_cases.personalize import Personalized

PHONE = Device("smartphone", "ios", "safari", "standard", bot=False, source="user_agent")
SWISS = Place("CH", None, None, "ip")
APP_FIRST = SlotRanking(("app", "spring", "outlet"), "cohort")
FRENCH = Learned(((0.0, 0.0, 0.0, 900.0, *([0.0] * 7)),))  # the fourth of the demo site's languages
KNOWN = SiteSnapshot(
    Interval(1_795_338_000, 3600),
    {"CH/smartphone": 300, "all": 400},
    {"CH": FRENCH},
    {"front": {"CH/smartphone": APP_FIRST}},
)


@pytest.fixture
def rules(house: Container) -> SiteRules:
    return house.current.epoch.sites["demo"].rules


def signals(**given: object) -> Signals:
    fields: dict[str, object] = {
        "place": SWISS, "asked_place": "ip", "language_choice": None, "region_choice": None, "preference": None, "device_result": DeviceResult(PHONE, ("user_agent",)),
        "interests": (), "device_id": False, "prefix": False, "bucketed": False, "variants": False, "consent": False, "opt_out": False, "dropped": (),
    }  # fmt: skip
    return Signals(**fields | given)  # type: ignore[arg-type]


def permitted(
    house: Container,
    place: Place | None = SWISS,
    *,
    gpc: bool = False,
    opt_out: bool = False,
    consent: frozenset = NO_CONSENT,
) -> Permissions:
    policy = house.current.epoch.policy
    return policy.permit(policy.regime_of(place), consent, gpc, opt_out, False)


def decide(
    house: Container, rules: SiteRules, permissions: Permissions, shown: Signals, snapshot: SiteSnapshot = KNOWN
) -> Personalized:
    return house.personalizer.personalize(rules, permissions, shown, snapshot, 1_795_341_600)


def test_a_visit_is_told_its_finest_cohort_and_greeted_as_that_asked_to_be(house: Container, rules: SiteRules) -> None:
    """The group, what it gave up, a token; the language that was learned; the order that worked."""
    made = decide(house, rules, permitted(house), signals())
    cohort = made.decision.cohort
    assert cohort is not None
    assert (cohort.key, cohort.generalized) == ("CH/smartphone", ("os",))
    assert cohort.token
    assert (made.decision.language.tag, made.decision.language.source) == ("fr", "prior")
    assert made.decision.slots["front"] == APP_FIRST
    assert made.increment is not None
    assert made.increment.codes == ("visit", "shown:fr", "offered:front:app")
    assert made.rungs == ("CH/smartphone/ios", "CH/smartphone", "europe/smartphone", "smartphone", "all")


def test_all_members_of_a_cohort_get_the_same_token(house: Container, rules: SiteRules) -> None:
    """Whatever else they show."""
    one = decide(house, rules, permitted(house), signals()).decision.cohort
    other = decide(
        house,
        rules,
        permitted(house),
        signals(
            device_result=DeviceResult(msgspec.structs.replace(PHONE, os="android"), ()),
            language_choice="it",
            device_id=True,
        ),
    ).decision.cohort
    assert one is not None
    assert other is not None
    assert one.token == other.token


def test_before_anything_is_known_all_is_the_site_s_own(house: Container, rules: SiteRules) -> None:
    """And the visit is counted all the same, in the finest group there can be."""
    made = decide(house, rules, permitted(house), signals(), NOTHING_KNOWN)
    assert made.decision.cohort is None
    assert made.decision.slots["front"].source == "default"
    assert made.increment is not None
    assert made.increment.cohort == "CH/smartphone/ios"


@pytest.mark.parametrize("gpc, opt_out", [(True, False), (False, True)])
def test_who_says_no_is_not_counted(house: Container, rules: SiteRules, gpc: bool, opt_out: bool) -> None:
    """No increment, no token; after an opt-out no group either, and nothing learned."""
    made = decide(house, rules, permitted(house, gpc=gpc, opt_out=opt_out), signals(opt_out=opt_out))
    assert made.increment is None
    cohort = made.decision.cohort
    assert cohort is None if opt_out else (cohort is not None and cohort.token is None)
    assert (made.decision.language.source == "prior") is not opt_out


def test_bots_belong_to_no_group_and_count_nowhere(house: Container, rules: SiteRules) -> None:
    """They get what the site says by itself."""
    bot = Device("bot", "other", "other", "standard", bot=True, source="user_agent")
    made = decide(
        house, rules, permitted(house), signals(device_result=DeviceResult(bot, ("user_agent",)), device_id=True)
    )
    assert (made.increment, made.decision.cohort, made.decision.slots["front"].source) == (None, None, "default")
    assert "device_id" not in made.decision.privacy.signals_used


def test_the_kind_of_a_bot_is_told_and_changes_nothing(house: Container, rules: SiteRules) -> None:
    """The answers to two kinds differ in that one word."""
    bot = Device("bot", "other", "other", "standard", bot=True, source="user_agent")
    monitor, training = (
        decide(house, rules, permitted(house), signals(device_result=DeviceResult(bot, ("user_agent",), kind))).decision
        for kind in ("monitor", "training")
    )
    assert (monitor.privacy.bot_kind, training.privacy.bot_kind) == ("monitor", "training")
    told = msgspec.structs.replace(monitor.privacy, bot_kind="training")
    assert msgspec.structs.replace(monitor, privacy=told) == training


def test_where_grouping_is_not_permitted_a_visit_counts_as_one_of_all(house: Container, rules: SiteRules) -> None:
    """German law asks for consent for each: statistics alone are no grouping."""
    germany = Place("DE", None, None, "ip")
    permissions = permitted(house, germany, consent=frozenset({"statistics"}))
    made = decide(house, rules, permissions, signals(place=germany, device_id=True))
    assert made.decision.cohort is None
    assert made.increment is not None
    assert (made.increment.cohort, made.rungs) == ("all", ("all",))


def test_where_the_region_is_withheld_the_group_has_no_country(house: Container, rules: SiteRules) -> None:
    """Where the place is unknown no region is told of it: a permitted group is of an unknown country."""
    permissions = permitted(house, None, consent=frozenset({"cohort"}))
    assert not permissions.region
    made = decide(house, rules, permissions, signals(place=None, region_choice=("CA", "QC")))
    assert made.rungs[0] == f"{UNKNOWN_COUNTRY}/smartphone/ios"


@pytest.mark.parametrize(("consented", "subdivision"), [(False, None), (True, "QC")])
def test_where_only_the_country_is_used_the_answer_has_no_part_and_no_zone_of_it(
    house: Container, rules: SiteRules, consented: bool, subdivision: str | None
) -> None:
    """Quebec tells the country and asks before it tells the part: the group is Canada's either way."""
    quebec = Place("CA", "QC", "America/Toronto", "ip")
    permissions = permitted(house, quebec, consent=frozenset({"cohort", *(("region",) if consented else ())}))
    made = decide(house, rules, permissions, signals(place=permissions.narrowed(quebec)))
    region = made.decision.region
    assert (region.country, region.currency, region.subdivision) == ("CA", "CAD", subdivision)
    assert region.time_zone == ("America/Toronto" if consented else None)
    assert made.rungs[0] == "CA/smartphone/ios"
    assert "region" in made.decision.privacy.allowed


def test_interests_raise_options_and_are_counted_nowhere(house: Container, rules: SiteRules) -> None:
    """What the device carries changes what it is shown, not what its group is said to have been offered."""
    plain = decide(house, rules, permitted(house), signals())
    carried = decide(house, rules, permitted(house), signals(interests=(("outdoor", 3),)))
    assert carried.decision.slots["front"].options[0] == "spring"
    assert carried.decision.interests == ("outdoor",)
    assert carried.increment == plain.increment
    assert "cookie_interests" in carried.decision.privacy.signals_used


def test_interests_that_no_option_has_are_neither_used_nor_answered(house: Container, rules: SiteRules) -> None:
    """They would change nothing on a page and only tell devices apart: the answer is that of who carries none."""
    assert rules.answered_topics == {"outdoor"}
    plain = decide(house, rules, permitted(house), signals())
    assert decide(house, rules, permitted(house), signals(interests=(("home", 3), ("shoes", 1)))) == plain
    both = decide(house, rules, permitted(house), signals(interests=(("outdoor", 1), ("shoes", 3))))
    assert both == decide(house, rules, permitted(house), signals(interests=(("outdoor", 1),)))
    assert both.decision.interests == ("outdoor",)


def test_a_device_id_is_used_where_it_is_counted(house: Container, rules: SiteRules) -> None:
    """And so is the address, whose network is counted with it."""
    used = decide(house, rules, permitted(house), signals(device_id=True, prefix=True)).decision.privacy.signals_used
    assert {"device_id", "ip"} <= {*used}
    edge = decide(
        house,
        rules,
        permitted(house),
        signals(asked_place="geo", device_result=DeviceResult(UNKNOWN_DEVICE, ()), device_id=True),
    ).decision
    assert edge.privacy.signals_used == ("geo", "device_id")


def test_a_choice_of_the_visitor_s_own_is_shown_and_used_for_nothing_else(house: Container, rules: SiteRules) -> None:
    """Who chose Japan and Japanese in Switzerland is shown both, counts as one of a Swiss group, and teaches nothing."""
    permissions = permitted(house)
    chosen = decide(house, rules, permissions, signals(region_choice=("JP", None), language_choice="ja"))
    assert (chosen.decision.region.country, chosen.decision.language.tag) == ("JP", "ja")
    plain = decide(house, rules, permissions, signals())
    assert chosen.rungs == plain.rungs
    assert chosen.increment is not None
    assert "shown:ja" in chosen.increment.codes
    assert not any(code.startswith("wanted") for code in chosen.increment.codes)
