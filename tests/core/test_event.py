"""What a report comes to: each event once as far as the device says so, in the token's cohort, and no further."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.event import (
    NOTHING,
    VARIANTS_CHARS_MAX,
    VARIANTS_SHAPE,
    Carried,
    Conversion,
    EventReport,
    Exposure,
    LanguageChosen,
    Reward,
    View,
    apply_events,
    format_variants,
    parse_variants,
)
from service.core.groups.cohort_token import Sealed
from service.core.interest import INTERESTS_SHAPE, parse_interests
from service.core.sites import Experiment, Site, Slot

SITE = Site(
    "demo",
    ("en", "de"),
    "en",
    topics=("outdoor", "shoes", "home", "garden"),
    experiments={
        "hero": Experiment("running", ("a", "b"), "hero"),
        "checkout": Experiment("stopped", ("a", "b", "c"), "checkout"),
        "later": Experiment("draft", ("a", "b"), "later"),
    },
    slots={"front": Slot(("spring", "app"))},
)
SEALED = Sealed(1_795_341_600, "CH/smartphone", statistics=True, interests=True)


def report(*events, variants=None, interests=None, sealed=SEALED):
    """What comes of events and cookies, as (codes, duplicates, variants' cookie, interests' cookie)."""
    report = EventReport(
        events,
        None if variants is None else parse_variants(variants),
        None if interests is None else parse_interests(interests, SITE.topics),
    )
    found = apply_events(SITE, sealed, report)
    assert found.accepted == len(found.increments)
    assert found.reason is None
    assert all((each.site, each.cohort, len(each.codes)) == ("demo", "CH/smartphone", 1) for each in found.increments)
    return [each.codes[0] for each in found.increments], found.duplicates, found.variants_cookie, found.interests_cookie


def test_the_report_of_the_contract():
    """The example of the contract: four events count, the view does not, and both cookies go on."""
    assert report(
        Exposure("hero", "b"),
        Conversion("hero", "b"),
        Reward("front", "spring"),
        LanguageChosen("de"),
        View("shoes"),
        variants="hero.b",
        interests="outdoor:3",
    ) == (
        ["exposed:hero:b", "converted:hero:b", "rewarded:front:spring", "chosen:de"],
        0,
        "hero.b.ec",
        "outdoor:3.shoes:1",
    )


@pytest.mark.parametrize(
    ("events", "variants", "codes", "duplicates", "cookie"),
    [
        ([Exposure("hero", "b")], None, ["exposed:hero:b"], 0, "hero.b.e"),
        ([Exposure("hero", "b")], "hero.b", ["exposed:hero:b"], 0, "hero.b.e"),
        ([Exposure("hero", "b")], "hero.b.e", [], 1, "hero.b.e"),
        ([Exposure("hero", "b")] * 3, None, ["exposed:hero:b"], 2, "hero.b.e"),
        ([Conversion("hero", "b")], None, ["converted:hero:b"], 0, "hero.b.c"),
        ([Exposure("hero", "b")], "hero.b.c", ["exposed:hero:b"], 0, "hero.b.ec"),
        ([Conversion("hero", "b")], "hero.b.ec", [], 1, "hero.b.ec"),
        ([Exposure("hero", "a")], "hero.b.ec", ["exposed:hero:a"], 0, "hero.a.e"),
        ([Exposure("checkout", "c")], "hero.b.e", ["exposed:checkout:c"], 0, "checkout.c.e~hero.b.e"),
        ([Exposure("hero", "b")], "old.a.e~hero.z~checkout.a.c", ["exposed:hero:b"], 0, "checkout.a.c~hero.b.e"),
        ([Exposure("later", "b")], None, [], 0, ""),
        ([Exposure("later", "b")], "later.a.e", [], 0, "later.a.e"),
        ([Reward("front", "app")], None, ["rewarded:front:app"], 0, None),
        ([Reward("front", "app")] * 2, "hero.b.e", ["rewarded:front:app"] * 2, 0, "hero.b.e"),
        ([LanguageChosen("de")], "old.a", ["chosen:de"], 0, ""),
    ],
)
def test_marks_remember_what_was_counted(events, variants, codes, duplicates, cookie):
    """A repeat is a duplicate, another variant a fresh start, a draft without effect, an old entry left out."""
    assert report(*events, variants=variants) == (codes, duplicates, cookie, None)


def test_a_view_counts_nowhere():
    """It changes the cookie, where that is permitted, and nothing else."""
    assert report(View("home"), interests="outdoor:3") == ([], 0, None, "home:1.outdoor:3")
    assert report(View("home")) == ([], 0, None, "home:1")
    assert report(interests="outdoor:3.gone:1") == ([], 0, None, "outdoor:3")
    assert report(interests="gone:1") == ([], 0, None, "")
    without = Sealed(SEALED.interval_start_s, SEALED.cohort, statistics=True, interests=False)
    assert report(View("home"), interests="outdoor:3", sealed=without) == ([], 0, None, None)


@pytest.mark.parametrize("sealed", [None, Sealed(0, "all", statistics=False, interests=True)])
def test_without_permission_nothing_comes_of_it(sealed):
    """No count, and no word about a cookie."""
    report = EventReport((Exposure("hero", "b"), View("home")), {"hero": Carried("b")}, (("home", 1),))
    assert apply_events(SITE, sealed, report) == NOTHING
    assert (NOTHING.accepted, NOTHING.increments, NOTHING.reason) == (0, (), "no_token")


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("hero.b", {"hero": Carried("b")}),
        ("hero.b.e", {"hero": Carried("b", exposed=True)}),
        ("hero.b.c", {"hero": Carried("b", converted=True)}),
        ("hero.b.ec~a.b", {"hero": Carried("b", exposed=True, converted=True), "a": Carried("b")}),
        ("hero.b.", {"hero": Carried("b")}),
        ("hero.e", {"hero": Carried("e")}),
        ("hero.ec.c", {"hero": Carried("ec", converted=True)}),
        ("hero.a~hero.b.e", {"hero": Carried("a")}),
        ("", None),
        ("hero", None),
        ("hero.b.ce", None),
        ("hero.b.x", None),
        ("hero.b~", None),
        ("hero.b\n", None),
        ("hero.b.e.c", None),
        ("hero.B", None),
        ("~".join(["hero.b"] * 300), None),
    ],
)
def test_a_cookie_is_read(value, found):
    """Its shape whole, the first of two entries, nothing beyond its bound."""
    assert parse_variants(value) == found


keys = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True)


@given(st.dictionaries(keys, st.builds(Carried, keys, st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_a_cookie_that_was_written_is_read(variants):
    """In the shape that the intake reads, sorted, for as many experiments as fit."""
    value = format_variants(variants)
    assert VARIANTS_SHAPE.fullmatch(value)
    assert len(value) <= VARIANTS_CHARS_MAX
    assert parse_variants(value) == variants
    assert [entry.split(".")[0] for entry in value.split("~")] == sorted(variants)


# A device is in one variant of each experiment: hence one variant of each in a report.
of_experiments = st.sampled_from([kind(key, "b") for kind in (Exposure, Conversion) for key in SITE.experiments])
others = st.sampled_from([Reward("front", "app"), LanguageChosen("de"), View("shoes"), View("home"), View("garden")])
reports = st.lists(of_experiments | others, min_size=1, max_size=20)
cookies = st.none() | st.sampled_from(["hero.b.e", "hero.a.ec", "checkout.b~hero.b.c", "old.a~later.b.e"])
interests = st.none() | st.sampled_from(["outdoor:3", "garden:1.home:2.outdoor:3", "gone:1"])


@given(reports, cookies, interests)
def test_a_report_sent_again_with_the_answers_cookie_counts_nothing_twice(events, variants, carried):
    """But rewards and choices, which may happen again; and the cookie of variants stays."""
    codes, duplicates, cookie, _ = report(*events, variants=variants, interests=carried)
    once = [event for event in events if isinstance(event, Exposure | Conversion) and event.experiment != "later"]
    again = [event for event in events if isinstance(event, Reward | LanguageChosen)]
    assert len(codes) + duplicates == len(once) + len(again)
    codes, duplicates, next_cookie, _ = report(*events, variants=cookie or None, interests=carried)
    assert (len(codes), duplicates) == (len(again), len(once))
    assert next_cookie == cookie or (cookie, next_cookie) == ("", None)


@given(reports, cookies, interests)
def test_cookies_have_their_shape(events, variants, carried):
    """Or are empty where nothing is left to carry, and are not told of where nothing was said of them."""
    _, _, next_variants, next_interests = report(*events, variants=variants, interests=carried)
    assert not next_variants or VARIANTS_SHAPE.fullmatch(next_variants)
    assert not next_interests or INTERESTS_SHAPE.fullmatch(next_interests)
    about = any(isinstance(event, Exposure | Conversion) for event in events)
    assert (next_variants is None) == (variants is None and not about)
    assert (next_interests is None) == (carried is None and not any(isinstance(event, View) for event in events))
