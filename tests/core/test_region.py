"""Behaviour of the region: what a place and a choice become, and that only codes of the tables ever come out."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.location import Place
from service.core.region import (
    CONFIDENCE,
    UNKNOWN_REGION,
    CountryFacts,
    Market,
    Region,
    RegionRecommender,
    RegionTables,
    mistakes_in_markets,
)

SWITZERLAND = CountryFacts(
    currency="CHF",
    measurement="metric",
    first_day="mon",
    continent="150",
    time_zone="Europe/Zurich",
    time_zones=frozenset({"Europe/Zurich"}),
    subdivisions={"ZH": "Europe/Zurich", "BE": "Europe/Zurich"},
)
UNITED_STATES = CountryFacts(
    currency="USD",
    measurement="us",
    first_day="sun",
    continent="019",
    time_zone=None,
    time_zones=frozenset({"America/New_York", "America/Chicago", "America/Denver"}),
    subdivisions={"NY": "America/New_York", "TX": None},
)
BRITAIN = CountryFacts(
    "GBP", "uk", "mon", "150", "Europe/London", frozenset({"Europe/London"}), {"ENG": "Europe/London"}
)
ANTARCTICA = CountryFacts(None, "metric", "mon", "009", None, frozenset(), {})
TABLES = RegionTables(
    countries={"CH": SWITZERLAND, "US": UNITED_STATES, "GB": BRITAIN, "AQ": ANTARCTICA},
    aliases={"UK": "GB"},
    currencies=frozenset({"CHF", "USD", "GBP", "EUR"}),
)
SITE = RegionRecommender({"alps": Market(("CH",)), "world": Market(("US", "AQ"), "EUR")}, TABLES)

texts = st.text(max_size=8) | st.sampled_from(
    ["CH", "ch", " ZH ", "CH-ZH", "uk", "US", "TX", "XX", "Europe/Zurich", "A1"]
)


def _place(country: str | None, subdivision: str | None = None, time_zone: str | None = None) -> Place:
    return TABLES.normalise_place(country, subdivision, time_zone, "ip")


@pytest.mark.parametrize(
    ("country", "canonical"), [("CH", "CH"), ("ch", "CH"), (" Ch ", "CH"), ("UK", "GB"), ("uk", "GB")]
)
def test_a_country_is_known_in_any_case_and_under_its_old_code(country: str, canonical: str) -> None:
    assert _place(country) == Place(canonical, None, None, "ip")


@pytest.mark.parametrize(
    "country", ["XX", "T1", "A1", "A2", "O1", "ZZ", "EU", "AP", "", "C", "CHE", "ſh", "C" * 9000, None]
)
def test_what_stands_for_no_country_is_unknown_and_then_everything_is(country: str | None) -> None:
    assert _place(country, "ZH", "Europe/Zurich") == Place(None, None, None, "ip")


@pytest.mark.parametrize("subdivision", ["ZH", "zh", "CH-ZH", "ch-zh", " ZH "])
def test_a_subdivision_is_known_with_or_without_its_country(subdivision: str) -> None:
    assert _place("CH", subdivision).subdivision == "ZH"


@pytest.mark.parametrize("subdivision", ["AI", "US-NY", "NY", "CH-", "", "CH-CH-ZH", "ＺＨ", "Z" * 9000])
def test_a_small_foreign_or_unknown_subdivision_is_left_away(subdivision: str) -> None:
    assert _place("CH", subdivision) == Place("CH", None, None, "ip")


@pytest.mark.parametrize("time_zone", ["America/New_York", "europe/zurich", "Europe/Nowhere", ""])
def test_a_time_zone_of_another_country_is_left_away(time_zone: str) -> None:
    assert _place("CH", None, time_zone).time_zone is None


def test_a_canonical_place_is_kept_whole_with_its_source() -> None:
    expected = Place("US", "TX", "America/Denver", "edge")
    assert TABLES.normalise_place("US", "TX", "America/Denver", "edge") == expected


@given(country=texts | st.none(), subdivision=texts | st.none(), time_zone=texts | st.none())
def test_only_codes_of_the_tables_come_out_of_any_text(
    country: str | None, subdivision: str | None, time_zone: str | None
) -> None:
    place = _place(country, subdivision, time_zone)
    if place.country is None:
        assert place == Place(None, None, None, "ip")
    else:
        facts = TABLES.countries[place.country]
        assert place.subdivision is None or place.subdivision in facts.subdivisions
        assert place.time_zone is None or place.time_zone in facts.time_zones
    # Normalising twice changes nothing, and the wire's own patterns hold.
    assert _place(place.country, place.subdivision, place.time_zone) == place
    assert msgspec.convert(msgspec.to_builtins(place), Place) == place


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("CH", ("CH", None)),
        ("ch-zh", ("CH", "ZH")),
        ("CH-ZH", ("CH", "ZH")),
        ("UK-ENG", ("GB", "ENG")),
        ("CH-AI", ("CH", None)),  # fewer than 100,000 inhabitants
        ("CH-NY", ("CH", None)),
    ],
)
def test_a_visitors_choice_is_a_country_with_or_without_a_large_subdivision(
    text: str, choice: tuple[str, str | None]
) -> None:
    assert TABLES.parse_region(text) == choice


@pytest.mark.parametrize(
    "text", ["", "C", "CHE", "CH-", "CH-ZHXY", "CH_ZH", "XX", "CH-ZH\n", " CH", "ÇH", "CH-Z H", "1H"]
)
def test_an_ill_formed_choice_or_one_of_no_country_is_none(text: str) -> None:
    assert TABLES.parse_region(text) is None


@given(texts)
def test_a_choice_says_nothing_finer_than_a_place_would(text: str) -> None:
    choice = TABLES.parse_region(text)
    if choice is not None:
        place = _place(*choice)
        assert (place.country, place.subdivision) == choice


def test_nothing_known_is_said_and_never_invented() -> None:
    assert SITE.decide(None, None) == UNKNOWN_REGION
    assert SITE.decide(_place("XX"), None) == UNKNOWN_REGION
    assert Region(None, None, None, None, None, None, None, 0.0, "default") == UNKNOWN_REGION


def test_a_place_brings_the_facts_of_its_country() -> None:
    assert SITE.decide(_place("CH", "ZH"), None) == Region(
        "CH", "ZH", "alps", "CHF", "Europe/Zurich", "metric", "mon", CONFIDENCE["ip"], "ip"
    )


def test_a_markets_currency_replaces_the_countrys() -> None:
    assert SITE.decide(_place("US"), None).currency == "EUR"
    assert SITE.decide(_place("AQ"), None).currency == "EUR"


def test_a_country_in_no_market_has_none_and_keeps_its_currency() -> None:
    region = SITE.decide(_place("GB"), None)
    assert (region.market, region.currency) == (None, "GBP")


def test_a_country_with_no_money_of_its_own_has_no_currency() -> None:
    assert RegionRecommender({}, TABLES).decide(_place("AQ"), None).currency is None


@pytest.mark.parametrize(
    ("subdivision", "time_zone", "expected"),
    [
        (None, "America/Denver", "America/Denver"),  # the record itself
        ("NY", None, "America/New_York"),  # the subdivision's only one
        ("NY", "America/Chicago", "America/Chicago"),
        ("TX", None, None),  # a subdivision of several
        (None, None, None),  # a country of several
    ],
)
def test_the_time_zone_is_the_nearest_thing_known_and_else_none(
    subdivision: str | None, time_zone: str | None, expected: str | None
) -> None:
    assert SITE.decide(_place("US", subdivision, time_zone), None).time_zone == expected


def test_a_choice_beats_the_place_and_takes_nothing_of_another_country() -> None:
    chosen = SITE.decide(_place("CH", "ZH", "Europe/Zurich"), ("US", None))
    assert chosen == SITE.decide(None, ("US", None))
    assert (chosen.source, chosen.confidence, chosen.subdivision, chosen.time_zone) == ("cookie", 1.0, None, None)


def test_a_place_inside_the_chosen_country_tells_its_time_zone_but_no_subdivision() -> None:
    assert SITE.decide(_place("US", "NY"), ("US", None)).time_zone == "America/New_York"
    assert SITE.decide(_place("US", "TX", "America/Denver"), ("US", "TX")).time_zone == "America/Denver"
    assert SITE.decide(_place("US", "NY"), ("US", None)).subdivision is None


def test_a_place_outside_the_chosen_subdivision_tells_nothing() -> None:
    assert SITE.decide(_place("US", "TX", "America/Denver"), ("US", "NY")).time_zone == "America/New_York"
    assert SITE.decide(_place("US", None, "America/Denver"), ("US", "NY")).time_zone == "America/New_York"


def test_an_edge_is_surer_than_our_own_database_and_a_choice_is_certain() -> None:
    edge = SITE.decide(TABLES.normalise_place("CH", None, None, "edge"), None)
    own = SITE.decide(_place("CH"), None)
    assert CONFIDENCE["default"] < own.confidence < edge.confidence < CONFIDENCE["cookie"]
    assert all(round(number * 20) / 20 == number for number in CONFIDENCE.values())


choices = st.sampled_from([None, ("CH", None), ("CH", "ZH"), ("US", "TX"), ("GB", None), ("AQ", None)])


@given(country=texts | st.none(), subdivision=texts | st.none(), time_zone=texts | st.none(), choice=choices)
def test_every_region_keeps_to_the_wires_patterns(
    country: str | None, subdivision: str | None, time_zone: str | None, choice: tuple[str, str | None] | None
) -> None:
    region = SITE.decide(_place(country, subdivision, time_zone), choice)
    assert msgspec.convert(msgspec.to_builtins(region), Region) == region
    assert (region.country is None) == (region.source == "default") == (region.confidence == 0.0)


def test_good_markets_have_no_mistakes() -> None:
    assert mistakes_in_markets({"alps": Market(("CH",)), "islands": Market(("GB",), "EUR")}, TABLES) == []


def test_every_mistake_in_the_markets_is_named_at_once() -> None:
    markets = {"a": Market(("CH", "UK", "XX")), "b": Market(("CH", "CH"), "DEM"), "c": Market(())}
    assert mistakes_in_markets(markets, TABLES) == [
        "markets.a.countries: UK is no country; its code is GB",
        "markets.a.countries: XX is no country",
        "markets.b.countries: CH stands in markets.a too",
        "markets.b.countries: CH stands in markets.a too",
        "markets.b.currency: DEM is no country's money today",
        "markets.c.countries: at least one is needed",
    ]


def test_a_continent_is_a_un_code_and_none_for_what_is_no_country() -> None:
    assert (TABLES.continent("CH"), TABLES.continent("US"), TABLES.continent("XX")) == ("150", "019", None)


def test_only_a_canonical_code_is_known() -> None:
    assert TABLES.has_country("CH")
    assert not TABLES.has_country("ch")
    assert not TABLES.has_country("UK")
