"""The policy's arithmetic: regimes by place, permissions by consent and refusal, and the laws that hold for all of them."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.adapters.cldr.regions import load_region_tables
from service.core.location import Place
from service.core.privacy import (
    LEVELS,
    NO_CONSENT,
    PURPOSES,
    Policy,
    Regime,
    mistakes_in_regimes,
    stricter_than_unknown,
    why_no_subdivision,
)

ALL_CONSENT = frozenset(PURPOSES)


def place(country: str | None, subdivision: str | None = None) -> Place:
    return Place(country, subdivision, None, "ip")


@pytest.fixture(scope="module")
def policy(configuration) -> Policy:
    return configuration.policy


@pytest.mark.parametrize(
    ("country", "subdivision", "regime"),
    [
        ("CH", None, "CH"),
        ("DE", None, "EU"),
        ("NO", None, "EU"),
        ("FR", None, "FR"),
        ("GB", "ENG", "GB"),
        ("US", "CA", "US-GPC"),
        ("US", "FL", "US"),
        ("US", None, "US-GPC"),
        ("CA", "QC", "CA-QC"),
        ("CA", "ON", "REST"),
        ("CA", None, "CA-QC"),
        ("AU", None, "REST"),
        (None, None, "ZZ"),
    ],
)
def test_a_place_falls_under_its_row(policy, country, subdivision, regime):
    """The most specific row covers a place; an unknown part takes the strictest."""
    assert policy.regime_of(place(country, subdivision)).key == regime


def test_no_place_is_the_unknown_regime(policy):
    """Without any place the row ZZ applies."""
    assert policy.regime_of(None).key == "ZZ"


def test_unknown_is_as_strict_as_the_strictest_row(policy):
    """No row withholds what ZZ allows: hiding one's place never opens a purpose."""
    for regime in policy.regimes.values():
        for purpose in PURPOSES:
            assert LEVELS.index(policy.regimes["ZZ"].levels[purpose]) >= LEVELS.index(regime.levels[purpose]), (
                regime.key,
                purpose,
            )
        assert LEVELS.index(policy.regimes["ZZ"].subdivision) >= LEVELS.index(regime.subdivision), regime.key


def test_quebec_tells_the_country_and_asks_before_it_tells_the_part(policy):
    """So a Canadian behind a database of countries has one, for an unknown part takes Quebec's row."""
    for somewhere in (place("CA", "QC"), place("CA")):
        row = policy.regime_of(somewhere)
        assert (row.key, row.levels["region"], row.subdivision) == ("CA-QC", "notice", "consent")
    assert policy.regime_of(place("CA", "ON")).subdivision == "notice"
    assert policy.outdated().regime_of(place("CA", "QC")).subdivision == "deny"


def test_rows_that_are_each_strictest_in_something_join():
    """Where no single row is strictest in all, an unknown subdivision takes the worst of each and both names."""
    open_levels = dict.fromkeys(PURPOSES, "allow")
    policy = Policy(
        "2026-01-01",
        [
            Regime("XA-A", ("XA-A",), {**open_levels, "cohort": "deny"}),
            Regime("XA-B", ("XA-B",), {**open_levels, "interests": "consent"}),
            Regime("XA", ("XA",), open_levels),
            Regime("ZZ", (), dict.fromkeys(PURPOSES, "deny")),
            Regime("REST", (), open_levels),
        ],
    )
    regime = policy.regime_of(place("XA"))
    assert regime.key == "XA-A+XA-B+XA"
    assert (regime.levels["cohort"], regime.levels["interests"], regime.levels["language"]) == (
        "deny",
        "consent",
        "allow",
    )


def test_a_policy_without_its_last_resorts_is_refused():
    """ZZ and REST must exist, or some visit would have no row."""
    with pytest.raises(ValueError, match="REST, ZZ"):
        Policy("2026-01-01", [])


def test_places_of_a_row_must_exist_and_belong_to_it_alone():
    """A place that is misspelt or stands in two rows would fall under a law that nobody meant."""
    levels = dict.fromkeys(PURPOSES, "notice")
    regimes = [
        Regime("EU", ("DE", "XX", "UK", "DE"), levels),
        Regime("DACH", ("DE", "CH"), levels),
        Regime("CA-QC", ("CA-QC", "US"), levels),
        Regime("SUI", ("AD-07", "LI-11"), levels),
    ]
    parts = "parts of countries, and they alone, are for a row with a key such as US-CA"
    assert mistakes_in_regimes(regimes, load_region_tables()) == [
        "regimes.EU.places: XX is no country",
        "regimes.EU.places: UK is no country; its code is GB",
        "regimes.EU.places: DE stands in regimes.EU too",
        "regimes.DACH.places: DE stands in regimes.EU too",
        f"regimes.CA-QC.places: {parts}",
        f"regimes.SUI.places: {parts}",
    ]


def test_a_row_that_is_stricter_than_the_unknown_one_is_named():
    """Row and purpose, once each; who hides their place must not gain by it."""
    levels = dict.fromkeys(PURPOSES, "notice")
    regimes = [
        Regime("ZZ", (), {**levels, "cohort": "consent", "interests": "deny"}),
        Regime("CH", ("CH",), {**levels, "cohort": "deny", "interests": "deny", "region": "consent"}),
        Regime("REST", (), {**levels, "interests": "allow"}),
    ]
    why = "hiding one's place must never open a purpose"
    assert stricter_than_unknown(regimes) == [
        f"regimes.CH.region: consent is stricter than regimes.ZZ, which says notice: {why}",
        f"regimes.CH.cohort: deny is stricter than regimes.ZZ, which says consent: {why}",
    ]
    assert stricter_than_unknown(regimes[1:]) == []


def test_the_part_of_a_country_may_ask_more_than_the_country_and_no_more_than_zz():
    """Both are compared with ZZ, under the names that the file has for them; a row that does not part them, once."""
    levels = dict.fromkeys(PURPOSES, "notice")
    regimes = [
        Regime("ZZ", (), {**levels, "region": "consent"}),
        Regime("CA-QC", ("CA-QC",), levels, of_subdivision="consent"),
        Regime("CH", ("CH",), levels, of_subdivision="deny"),
        Regime("FR", ("FR",), {**levels, "region": "deny"}, of_subdivision="deny"),
        Regime("DE", ("DE",), {**levels, "region": "deny"}),
    ]
    why = "is stricter than regimes.ZZ, which says consent: hiding one's place must never open a purpose"
    assert stricter_than_unknown(regimes) == [
        f"regimes.CH.region.subdivision: deny {why}",
        f"regimes.FR.region.country: deny {why}",
        f"regimes.FR.region.subdivision: deny {why}",
        f"regimes.DE.region: deny {why}",
    ]
    parted = [Regime("ZZ", (), levels, of_subdivision="deny"), *regimes[1:3]]
    assert stricter_than_unknown(parted) == []


@pytest.mark.parametrize("country", ["notice", "consent", "deny"])
@pytest.mark.parametrize("subdivision", ["notice", "consent", "deny"])
@pytest.mark.parametrize("consents", [False, True])
def test_country_and_part_are_each_told_as_their_levels_say(policy, country, subdivision, consents):
    """Consent to the region is to both; the part is never told where the country is not."""
    if LEVELS.index(subdivision) < LEVELS.index(country):
        return
    row = Regime("XA", ("XA",), {**dict.fromkeys(PURPOSES, "notice"), "region": country}, of_subdivision=subdivision)
    permissions = policy.permit(row, frozenset({"region"}) if consents else NO_CONSENT, False, False, False)
    known = Place("XA", "A", "Europe/Zurich", "edge")
    told = {"notice": True, "consent": consents, "deny": False}
    assert (permissions.region, permissions.subdivision) == (told[country], told[subdivision])
    assert ("region" in permissions.allowed) is permissions.region
    expected = known if told[subdivision] else Place("XA", None, None, "edge") if told[country] else None
    assert permissions.narrowed(known) == expected
    reason = {"consent": "consent_required", "deny": "denied"}.get(subdivision) if told[country] else None
    assert why_no_subdivision(permissions, (row,)) == (None if told[subdivision] else reason)


def test_an_unknown_part_takes_the_strictest_of_its_rows_for_country_and_part_each():
    """One row asks most for the country, another for the part: neither is the strictest, so both are named."""
    levels = dict.fromkeys(PURPOSES, "notice")
    rows = [
        Regime("XA-A", ("XA-A",), levels, of_subdivision="deny"),
        Regime("XA-B", ("XA-B",), {**levels, "region": "consent"}),
        Regime("XB-A", ("XB-A",), levels, of_subdivision="consent"),
        Regime("ZZ", (), dict.fromkeys(PURPOSES, "deny")),
        Regime("REST", (), levels),
    ]
    policy = Policy("2026-01-01", rows)
    joined, single = policy.regime_of(place("XA")), policy.regime_of(place("XB"))
    assert (joined.key, joined.levels["region"], joined.subdivision) == ("XA-A+XA-B+REST", "consent", "deny")
    assert (single.key, single.levels["region"], single.subdivision) == ("XB-A", "notice", "consent")


made_up_levels = st.fixed_dictionaries({purpose: st.sampled_from(LEVELS) for purpose in PURPOSES})


@given(made_up_levels, made_up_levels, made_up_levels, st.frozensets(st.sampled_from(PURPOSES)), st.booleans())
def test_in_a_policy_without_such_rows_hiding_never_gains(unknown, part, rest, consent, gpc):
    """For any levels: either the check names a mistake, or leaving out the part or the place only closes purposes."""
    regimes = [Regime("ZZ", (), unknown), Regime("XA-A", ("XA-A",), part), Regime("REST", (), rest)]
    policy = Policy("2026-01-01", regimes)

    def allowed(where):
        return set(policy.permit(policy.regime_of(where), consent, gpc, False, False).allowed)

    places = [place("XA", "A"), place("XA", "B"), place("XA"), place("XB")]
    if stricter_than_unknown(regimes):
        strictest = max(LEVELS.index(row[it]) - LEVELS.index(unknown[it]) for row in (part, rest) for it in PURPOSES)
        assert strictest > 0
    else:
        assert all(allowed(None) <= allowed(where) for where in places)
    assert allowed(place("XA")) <= allowed(place("XA", "A")) & allowed(place("XA", "B"))


def test_an_outdated_policy_knows_nothing(policy):
    """A policy past its age is ZZ for every place."""
    outdated = policy.outdated()
    for country in ("CH", "US", "FR", "AU", "CA", None):
        assert outdated.regime_of(place(country)).levels == policy.regimes["ZZ"].levels
        assert outdated.regime_of(place(country)).subdivision == policy.regimes["ZZ"].subdivision


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize(
    "regime", ["EU", "FR", "GB", "CH", "US-GPC", "US", "BR", "CN", "JP", "KR", "IN", "CA-QC", "ZZ", "REST"]
)
def test_the_whole_grid(policy, regime, purpose):
    """Every row and purpose, with nothing, consent, GPC, opt-out and a child-directed site, as the policy's text says."""
    row = policy.regimes[regime]
    level = row.levels[purpose]
    ends_gpc = purpose in ("statistics", "experiments", "interests")
    ends_opt_out = ends_gpc or purpose == "cohort"
    child = purpose in ("language", "region", "device")
    permit = policy.permit
    assert getattr(permit(row, NO_CONSENT, False, False, False), purpose) == (level in ("allow", "notice"))
    assert getattr(permit(row, ALL_CONSENT, False, False, False), purpose) == (level != "deny")
    assert getattr(permit(row, ALL_CONSENT, True, False, False), purpose) == (level != "deny" and not ends_gpc)
    opted_out = level in ("allow", "notice") and not ends_opt_out  # beside an opt-out a consent is none
    assert getattr(permit(row, ALL_CONSENT, False, True, False), purpose) == opted_out
    assert getattr(permit(row, ALL_CONSENT, False, False, True), purpose) == (level != "deny" and child)


def test_every_refusal_has_the_reason_that_is_hardest_to_lift(policy):
    """Denied by law before child-directed, opt-out, GPC, and consent last."""
    row = policy.regimes["ZZ"]

    def reasons(gpc, opt_out, child):
        return {w.purpose: w.reason for w in policy.permit(row, NO_CONSENT, gpc, opt_out, child).withheld}

    assert reasons(gpc=False, opt_out=False, child=False)["statistics"] == "denied"
    assert reasons(gpc=True, opt_out=True, child=True)["statistics"] == "denied"
    assert reasons(gpc=True, opt_out=True, child=True)["cohort"] == "child_directed"
    assert reasons(gpc=True, opt_out=True, child=False)["experiments"] == "opt_out"
    assert reasons(gpc=True, opt_out=False, child=False)["experiments"] == "gpc"
    assert reasons(gpc=False, opt_out=False, child=False)["experiments"] == "consent_required"


consents = st.frozensets(st.sampled_from(PURPOSES))
rows = st.sampled_from(["EU", "FR", "GB", "CH", "US-GPC", "US", "BR", "CN", "JP", "KR", "IN", "CA-QC", "ZZ", "REST"])


@given(rows, consents, consents, st.booleans(), st.booleans(), st.booleans())
def test_consent_never_takes_away_and_refusal_never_gives(policy, key, less, more, gpc, opt_out, child):
    """Permissions are monotone: up in consent, down in GPC, opt-out and child-directed."""
    row = policy.regimes[key]
    allowed = set(policy.permit(row, less, gpc, opt_out, child).allowed)
    assert allowed <= set(policy.permit(row, less | more, gpc, opt_out, child).allowed)
    assert set(policy.permit(row, less, True, opt_out, child).allowed) <= allowed
    assert set(policy.permit(row, less, gpc, True, child).allowed) <= allowed
    assert set(policy.permit(row, less, gpc, opt_out, True).allowed) <= allowed


@given(rows, consents, st.booleans(), st.booleans())
def test_beside_an_opt_out_a_consent_is_none(policy, key, consent, gpc, child):
    """It opens nothing, the part of a country neither, and changes no reason: an opt-out beats any consent."""
    row = policy.regimes[key]
    assert policy.permit(row, consent, gpc, True, child) == policy.permit(row, NO_CONSENT, gpc, True, child)


@given(
    st.sampled_from(["CH", "US", "CA", "FR", "AU", "GB", "IN", "JP"]),
    st.sampled_from(["QC", "ON", "CA", "FL", "ZH", None]),
    consents,
    st.booleans(),
    st.booleans(),
)
def test_knowing_less_of_the_place_never_allows_more(policy, country, subdivision, consent, gpc, opt_out):
    """Leaving out the subdivision, then the country, only ever closes purposes."""

    def allowed(where):
        return set(policy.permit(policy.regime_of(where), consent, gpc, opt_out, False).allowed)

    known = allowed(place(country, subdivision))
    assert allowed(place(country)) <= known
    assert allowed(None) <= allowed(place(country))


@given(rows, consents, st.booleans(), st.booleans(), st.booleans())
def test_every_purpose_is_either_allowed_or_withheld(policy, key, consent, gpc, opt_out, child):
    """The lists of a permission are a partition of the purposes, and its switches say the same."""
    permissions = policy.permit(policy.regimes[key], consent, gpc, opt_out, child)
    assert sorted([*permissions.allowed, *(withheld.purpose for withheld in permissions.withheld)]) == sorted(PURPOSES)
    for purpose in PURPOSES:
        assert getattr(permissions, purpose) == (purpose in permissions.allowed)


def test_a_policy_that_nobody_needs_is_gone_at_once() -> None:
    """It is replaced while the service runs, and a collection of cycles would keep visitors waiting."""
    policy = Policy("1", (Regime("ZZ", (), dict.fromkeys(PURPOSES, "deny")),), rest_of_world="ZZ")
    policy.permit(policy.regime_of(None), frozenset(), False, False, False)
    gone = weakref.ref(policy.permit), weakref.ref(policy)
    gc.disable()
    try:
        del policy
        assert [one() for one in gone] == [None, None]
    finally:
        gc.enable()
