"""Each experiment gives a visit one variant and one reason, and what the device carries on says the same again."""

import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.languages import load_languages
from service.adapters.cldr.regions import load_region_tables
from service.core.event import Carried, parse_variants
from service.core.experiments.assignment import (
    NO_BUCKETING_INPUT,
    READY_MAX,
    Assigned,
    Assignment,
    BucketingInput,
    Visitor,
    assign,
    assignment_table,
    visitor_of,
)
from service.core.experiments.bucketing import OUT_OF_COVERAGE, OUTSIDE_NAMESPACE
from service.core.sites import Experiment, Site, SiteRules, Targeting

LANGUAGES, REGIONS = load_languages(), load_region_tables()
SITE_LANGUAGES = ("en", "de", "de-CH", "fr", "zh-Hant")
ID = "7d9f0c9e-5a34-4e0b-9b0e-6f0c9a3f8f11"
PHONE_IN_CH = Visitor(True, False, "smartphone", "CH", "de-CH")
B = Carried("b", exposed=True)


def rules_of(**experiments: Experiment) -> SiteRules:
    site = Site(id="shop", languages=SITE_LANGUAGES, default_language="en", experiments=experiments)
    return SiteRules.compile(site, LANGUAGES, REGIONS)


def running(**parts) -> Experiment:
    return msgspec.structs.replace(Experiment("running", ("a", "b"), "hero"), **parts)


def hero(
    experiment: Experiment, visitor: Visitor = PHONE_IN_CH, draw: int | None = None, carried: Carried | None = None
) -> Assignment:
    """What one experiment gives to a visit with this draw and this cookie."""
    draws = None if draw is None else (draw,) if experiment.status == "running" else ()
    entry = BucketingInput(draws, () if carried is None else (("hero", carried),))
    assigned = assign(assignment_table(rules_of(hero=experiment), visitor), entry)
    in_cookie = parse_variants(assigned.cookie) or {}
    assert in_cookie.keys() == ({"hero"} if assigned.experiments["hero"].in_experiment else set())
    return assigned.experiments["hero"]


# ---- every reason ----


def test_a_permitted_device_id_decides_by_its_draw() -> None:
    assert hero(running(), draw=1) == Assignment("b", True, "split")
    assert hero(running(), draw=0) == Assignment("a", True, "split")


def test_a_device_id_out_of_coverage_gets_control() -> None:
    assert hero(running(), draw=OUT_OF_COVERAGE) == Assignment("a", False, "out_of_coverage")


def test_a_device_id_outside_the_namespace_gets_control() -> None:
    assert hero(running(), draw=OUTSIDE_NAMESPACE) == Assignment("a", False, "namespace")


def test_without_a_device_id_the_cookie_decides() -> None:
    assert hero(running(), carried=B) == Assignment("b", True, "cookie")


def test_with_neither_there_is_control() -> None:
    assert hero(running()) == Assignment("a", False, "no_device_id")


def test_a_device_id_beats_the_cookie_also_when_it_is_out() -> None:
    """Otherwise a device would stay in an experiment whose coverage it never had."""
    assert hero(running(), draw=0, carried=B).variant == "a"
    assert hero(running(), draw=OUT_OF_COVERAGE, carried=B) == Assignment("a", False, "out_of_coverage")
    assert hero(running(), draw=OUTSIDE_NAMESPACE, carried=B) == Assignment("a", False, "namespace")


def test_reasons_to_stay_out_come_in_their_order() -> None:
    """Each visit has one obstacle less; each keeps out whatever draw and cookie say."""
    elsewhere = running(when=Targeting(countries=("FR",)))
    bot = msgspec.structs.replace(PHONE_IN_CH, bot=True)
    withheld = msgspec.structs.replace(bot, permitted=False)
    line = [
        hero(msgspec.structs.replace(elsewhere, status="stopped"), withheld, 1, B),
        hero(elsewhere, withheld, 1, B),
        hero(elsewhere, bot, 1, B),
        hero(elsewhere, PHONE_IN_CH, 1, B),
        hero(running(when=Targeting(countries=("CH",))), PHONE_IN_CH, 1, B),
    ]
    assert [one.reason for one in line] == ["stopped", "withheld", "bot", "not_targeted", "split"]
    assert [one.variant for one in line] == ["a", "a", "a", "a", "b"]


def test_a_draft_does_not_exist_for_visitors() -> None:
    rules = rules_of(hero=running(status="draft"), other=running())
    assigned = assign(assignment_table(rules, PHONE_IN_CH), BucketingInput((1,), (("hero", B),)))
    assert assigned.experiments == {"other": Assignment("b", True, "split")}
    assert assigned.cookie == "other.b"


# ---- targeting ----


@pytest.mark.parametrize(
    "when, targeted",
    [
        (Targeting(), True),
        (Targeting(device=("tablet", "smartphone")), True),
        (Targeting(device=("tablet",)), False),
        (Targeting(countries=("DE", "CH")), True),
        (Targeting(countries=("DE",)), False),
        (Targeting(languages=("de-CH",)), True),
        (Targeting(languages=("fr", "de")), True),  # de has its varieties
        (Targeting(languages=("fr",)), False),
        (Targeting(device=("smartphone",), countries=("CH",), languages=("de",)), True),
        (Targeting(device=("smartphone",), countries=("CH",), languages=("fr",)), False),
        (Targeting(device=("desktop",), countries=("CH",), languages=("de",)), False),
    ],
)
def test_targeting_asks_for_all_that_it_names(when: Targeting, targeted: bool) -> None:
    expected = Assignment("b", True, "split") if targeted else Assignment("a", False, "not_targeted")
    assert hero(running(when=when), draw=1) == expected


@pytest.mark.parametrize(
    "tag, wanted, within", [("de", "de-CH", False), ("zh-Hant", "zh-Hant", True), ("den", "de", False)]
)
def test_a_language_range_ends_at_a_subtag(tag: str, wanted: str, within: bool) -> None:
    """RFC 4647, 3.3.1: a variety is within its language, not the other way round, and Slave (den) is not German."""
    visitor = msgspec.structs.replace(PHONE_IN_CH, language=tag)
    assert hero(running(when=Targeting(languages=(wanted,))), visitor, 1).in_experiment is within


def test_what_is_not_known_is_not_targeted() -> None:
    unknown = Visitor(True, False, "unknown", None, "en")
    assert hero(running(when=Targeting(countries=("CH",))), unknown, 1).reason == "not_targeted"
    assert hero(running(when=Targeting(device=("smartphone",))), unknown, 1).reason == "not_targeted"


def visitor_of_phone(
    rules: SiteRules, country: str, language: str, *, experiments: bool = True, region: bool = True
) -> Visitor:
    return visitor_of(rules, experiments, region, False, "smartphone", country, language)


def test_of_a_visit_only_what_targeting_looks_at_goes_on() -> None:
    """Traits that no experiment names are not told apart; a country that is withheld is not looked at."""
    targeted = rules_of(hero=running(when=Targeting(countries=("CH",))))
    assert visitor_of_phone(targeted, "CH", "de") == Visitor(True, False, "unknown", "CH", "")
    assert visitor_of_phone(targeted, "AT", "de").country is None
    assert visitor_of_phone(targeted, "CH", "de", region=False).country is None
    assert visitor_of_phone(targeted, "CH", "de", experiments=False).permitted is False
    plain = rules_of(hero=running(), over=running(status="stopped", when=Targeting(countries=("CH",))))
    assert visitor_of_phone(plain, "CH", "de") == visitor_of(plain, True, True, False, "unknown", None, "fr")
    assert visitor_of(plain, True, True, True, "bot", "CH", "de").bot


def test_a_withheld_country_keeps_out_of_an_experiment_for_it() -> None:
    rules = rules_of(hero=running(when=Targeting(countries=("CH",))))
    visitor = visitor_of_phone(rules, "CH", "de", region=False)
    assert (
        assign(assignment_table(rules, visitor), BucketingInput((1,), ())).experiments["hero"].reason == "not_targeted"
    )


# ---- what the device carries on ----


def test_marks_stay_with_the_variant_that_they_were_counted_for() -> None:
    """What was counted of b is not what was counted of a: a device that moved counts anew."""
    rules = rules_of(hero=running())
    carried = (("hero", Carried("b", exposed=True, converted=True)),)
    assert assign(assignment_table(rules, PHONE_IN_CH), BucketingInput((1,), carried)).cookie == "hero.b.ec"
    assert assign(assignment_table(rules, PHONE_IN_CH), BucketingInput((0,), carried)).cookie == "hero.a"
    assert assign(assignment_table(rules, PHONE_IN_CH), BucketingInput(None, carried)).cookie == "hero.b.ec"


def test_the_cookie_is_sorted_and_leaves_out_what_the_visit_is_not_in() -> None:
    rules = rules_of(
        zebra=running(),
        hero=running(),
        over=running(status="stopped"),
        other=running(when=Targeting(countries=("FR",))),
    )
    carried = tuple((key, B) for key in ("zebra", "over", "other"))
    assert rules.running == ("zebra", "hero", "other")
    assert assign(assignment_table(rules, PHONE_IN_CH), BucketingInput((0, 1, 1), carried)).cookie == "hero.b~zebra.a"
    assert assign(assignment_table(rules, PHONE_IN_CH), BucketingInput(None, carried)).cookie == "zebra.b.e"
    assert assign(assignment_table(rules, PHONE_IN_CH), NO_BUCKETING_INPUT).cookie == ""


def test_control_by_default_does_not_become_control_by_cookie() -> None:
    """A visit without a device id carries nothing on, so its next one with an id is free to be bucketed."""
    rules = rules_of(hero=running())
    first = assign(assignment_table(rules, PHONE_IN_CH), NO_BUCKETING_INPUT)
    assert (first.experiments["hero"].variant, first.cookie) == ("a", "")


def test_the_draws_are_of_the_running_experiments_in_their_order() -> None:
    """Stopped ones and drafts between them have none."""
    rules = rules_of(
        one=running(seed="one"),
        over=running(status="stopped"),
        two=running(seed="two", variants=("x", "y", "z")),
        draft=running(status="draft"),
        three=running(seed="three", coverage=0.0),
    )
    assert rules.running == ("one", "two", "three")
    draws = rules.bucketer.bucket(ID)
    found = assign(assignment_table(rules, PHONE_IN_CH), BucketingInput(draws, ())).experiments
    assert list(found) == ["one", "over", "three", "two"]  # by key, whatever the order in the config
    assert found["one"] == Assignment(("a", "b")[draws[0]], True, "split")
    assert found["two"] == Assignment(("x", "y", "z")[draws[1]], True, "split")
    assert found["three"].reason == "out_of_coverage"


# ---- laws ----

keys = st.text(string.ascii_lowercase, min_size=1, max_size=4)
targetings = st.builds(
    Targeting,
    device=st.sampled_from([(), ("smartphone",), ("desktop", "tablet")]),
    countries=st.sampled_from([(), ("CH",), ("DE", "FR")]),
    languages=st.sampled_from([(), ("de",), ("en", "fr")]),
)
experiments = st.builds(
    Experiment,
    status=st.sampled_from(["draft", "running", "running", "running", "stopped"]),
    variants=st.lists(keys, min_size=2, max_size=4, unique=True).map(tuple),
    seed=keys,
    coverage=st.sampled_from([0.0, 0.3, 1.0]),
    hash_version=st.sampled_from([1, 2]),
    namespace=st.sampled_from([None, ("shop", 0.0, 0.5), ("shop", 0.5, 1.0)]),
    when=targetings,
)
visitors = st.builds(
    Visitor,
    permitted=st.sampled_from([True, True, True, False]),
    bot=st.sampled_from([False, False, False, True]),
    device=st.sampled_from(["smartphone", "desktop", "unknown"]),
    country=st.sampled_from(["CH", "FR", None]),
    language=st.sampled_from(SITE_LANGUAGES),
)


@st.composite
def visits(draw: st.DrawFn) -> tuple[SiteRules, Visitor, BucketingInput]:
    """A site with experiments, and a visit with or without a device id and a cookie that the site knows."""
    rules = rules_of(**draw(st.dictionaries(keys, experiments, max_size=6)))
    draws = draw(st.none() | st.uuids(version=4).map(str).map(rules.bucketer.bucket))
    carried = tuple(
        (key, Carried(draw(st.sampled_from(one.variants)), draw(st.booleans()), draw(st.booleans())))
        for key, one in rules.site.experiments.items()
        if draw(st.booleans())
    )
    return rules, draw(visitors), BucketingInput(draws, carried)


@given(visits())
def test_a_visit_is_in_an_experiment_by_split_or_cookie_and_else_gets_control(visit) -> None:
    rules, visitor, entry = visit
    site = rules.site.experiments
    found = assign(assignment_table(rules, visitor), entry).experiments
    assert list(found) == sorted([key for key, one in site.items() if one.status != "draft"])
    for key, one in found.items():
        assert one.in_experiment is (one.reason in {"split", "cookie"})
        assert one.variant in site[key].variants
        assert one.in_experiment or one.variant == site[key].variants[0]
        assert (one.reason == "stopped") is (site[key].status == "stopped")
        assert one.reason not in (
            {"cookie", "no_device_id"} if entry.draws is not None else {"split", "namespace", "out_of_coverage"}
        )


@given(visits())
def test_the_cookie_says_what_the_visit_is_in_and_the_encoding_says_all(visit) -> None:
    rules, visitor, entry = visit
    assigned = assign(assignment_table(rules, visitor), entry)
    in_experiment = {key: one.variant for key, one in assigned.experiments.items() if one.in_experiment}
    assert variants_in(assigned) == in_experiment
    assert msgspec.json.decode(assigned.encoded, type=dict[str, Assignment]) == assigned.experiments
    assert list(msgspec.json.decode(assigned.encoded)) == list(assigned.experiments)


@given(visits())
def test_the_cookie_fed_back_without_a_device_id_gives_the_same(visit) -> None:
    """Stickiness lives on the device: the same variants with the same marks, again and again."""
    rules, visitor, entry = visit
    first = assign(assignment_table(rules, visitor), entry)
    carried = tuple((parse_variants(first.cookie) or {}).items())
    second = assign(assignment_table(rules, visitor), BucketingInput(None, carried))
    assert second.cookie == first.cookie
    assert {key: one.variant for key, one in second.experiments.items()} == {
        key: one.variant for key, one in first.experiments.items()
    }


@given(visits())
def test_who_may_not_be_in_experiments_is_answered_as_if_nothing_were_known(visit) -> None:
    """With its device id and cookie, byte for byte the same as without them; the same for bots."""
    rules, visitor, entry = visit
    for parts in ({"permitted": False}, {"bot": True}):
        kept_out = msgspec.structs.replace(visitor, **parts)
        assert assign(assignment_table(rules, kept_out), entry) == assign(
            assignment_table(rules, kept_out), NO_BUCKETING_INPUT
        )


def variants_in(assigned: Assigned) -> dict[str, str]:
    return {key: one.variant for key, one in (parse_variants(assigned.cookie) or {}).items()}


def test_what_few_draws_come_to_is_ready_and_many_are_worked_out() -> None:
    """The same either way. Ready is only what can be drawn, for the first visit of a kind waits for it."""
    few = rules_of(one=running(seed="one"), two=running(seed="two", coverage=0.5), over=running(status="stopped"))
    many = rules_of(**{f"e{number}": running(seed=f"e{number}") for number in range(12)})
    assert len(assignment_table(few, PHONE_IN_CH).ready) == 6
    assert assignment_table(many, PHONE_IN_CH).ready == {}
    assert READY_MAX < 2**12
    for rules in (few, many):
        found = assignment_table(rules, PHONE_IN_CH)
        for number in range(50):
            entry = BucketingInput(rules.bucketer.bucket(f"device-{number}"), ())
            plainly = assign(found._replace(ready={}), entry)
            assert assign(found, entry) == plainly
            assert (entry.draws in found.ready) is (rules is few)
