"""Behaviour of the packaged country tables: complete, consistent, and nothing finer than 100,000 inhabitants."""

import re
import zoneinfo
from pathlib import Path

import msgspec
import pytest

from service.adapters.cldr.regions import PACKAGED, load_region_tables

TABLES = load_region_tables()
SUBDIVISIONS = [(country, code) for country, facts in TABLES.countries.items() for code in facts.subdivisions]

# Facts of the last censuses, written down apart from the tables: subdivisions below 100,000 inhabitants.
SMALL = {
    "AT": "", "AU": "", "BR": "", "CA": "NT NU YT", "CH": "AI AR GL JU NW OW SH UR", "CL": "AI",
    "CO": "AMA GUA GUV VAU", "ES": "CE ML SO", "FI": "01 05 07", "FR": "48 PM BL MF WF TF CP",
    "GB": "CLK ELS ORK RUT ZET IOS LND MTY AGY", "GL": "KU QE SM AV QT", "HR": "09 11", "IE": "LM LD CW",
    "IN": "LD", "IT": "IS", "LI": "01 02 03 04 05 06 07 08 09 10 11", "NO": "21 22", "NZ": "GIS MBH NSN TAS WTC CIT",
    "PH": "BTN CAM", "RU": "CHU NEN", "SE": "I", "TR": "62 69 75", "US": "AS MP VI UM", "VE": "W",
    "AD": "02 03 04 05 06 07 08", "SM": "01 02 03", "MC": "MO MC", "IS": "2 3 4 5 6 7 8", "LU": "VD CL EC RD RM WI",
}  # fmt: skip
# Those a visit should be told of: first-level subdivisions of countries where each has 100,000 inhabitants or more.
LARGE = {
    "US": """AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH
             OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY""",
    "CA": "AB BC MB NB NL NS ON PE QC SK",
    "CH": "AG BE BL BS FR GE GR LU NE SG SO SZ TG TI VD VS ZG ZH",
    "DE": "BB BE BW BY HB HE HH MV NI NW RP SH SL SN ST TH",
    "AT": "1 2 3 4 5 6 7 8 9",
    "GB": "ENG NIR SCT WLS",
    "FR": "ARA BFC BRE CVL GES HDF IDF NAQ NOR OCC PAC PDL 20R",
    "IT": "21 23 25 32 34 36 42 45 52 55 57 62 65 67 72 75 77 78 82 88",
    "ES": "AN AR AS CB CL CM CN CT EX GA IB MC MD NC PV RI VC",
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
    "JP": " ".join(f"{number:02}" for number in range(1, 48)),
    "BR": "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO",
    "IN": "AN AP AR AS BR CG CH DH DL GA GJ HP HR JH JK KA KL LA MH ML MN MP MZ NL OD PB PY RJ SK TN TR TS UK UP WB",
    "CN": "AH BJ CQ FJ GD GS GX GZ HA HB HE HI HL HN JL JS JX LN NM NX QH SC SD SH SN SX TJ XJ XZ YN ZJ",
    "NL": "DR FL FR GE GR LI NB NH OV UT ZE ZH",
    "BE": "BRU VLG WAL",
    "MX": "AGU BCN CMX JAL NLE YUC",
    "PL": "02 04 06 08 10 12 14 16 18 20 22 24 26 28 30 32",
}


def _pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(country, code) for country, codes in table.items() for code in codes.split()]


def test_every_country_of_iso_3166_is_there_and_kosovo() -> None:
    assert len(TABLES.countries) >= 250
    assert {"CH", "US", "XK", "TW", "HK", "PS", "AX", "GP", "AQ", "SS"} <= TABLES.countries.keys()
    assert not {"ZZ", "EU", "XX", "UK", "AN", "SU", "UN"} & TABLES.countries.keys()


def test_old_codes_lead_to_one_country_of_today() -> None:
    assert TABLES.aliases["UK"] == "GB"
    assert TABLES.aliases["ZR"] == "CD"
    assert "AN" not in TABLES.aliases, "the Netherlands Antilles became three"
    assert set(TABLES.aliases.values()) <= TABLES.countries.keys()
    assert not TABLES.aliases.keys() & TABLES.countries.keys()


@pytest.mark.parametrize(
    ("country", "currency"),
    [("CH", "CHF"), ("LI", "CHF"), ("HR", "EUR"), ("BG", "EUR"), ("VE", "VES"), ("ZW", "ZWG"), ("BT", "BTN"),
     ("PA", "PAB"), ("GG", "GBP"), ("XK", "EUR"), ("CW", "XCG"), ("AQ", None)],
)  # fmt: skip
def test_a_countrys_currency_is_todays_legal_tender(country: str, currency: str | None) -> None:
    assert TABLES.countries[country].currency == currency


def test_measurement_and_first_day_differ_where_they_do() -> None:
    facts = {code: (entry.measurement, entry.first_day) for code, entry in TABLES.countries.items()}
    assert facts["CH"] == ("metric", "mon")
    assert facts["US"] == ("us", "sun")
    assert facts["GB"] == ("uk", "mon")
    assert facts["EG"] == ("metric", "sat")
    assert facts["MV"] == ("metric", "fri")


def test_each_country_lies_on_one_of_five_continents() -> None:
    continents = {code: TABLES.continent(code) for code in ("NG", "AU", "BR", "JP", "CH")}
    assert continents == {"NG": "002", "AU": "009", "BR": "019", "JP": "142", "CH": "150"}
    assert {facts.continent for facts in TABLES.countries.values()} == {"002", "009", "019", "142", "150"}


@pytest.mark.parametrize(
    ("country", "time_zone"),
    [("CH", "Europe/Zurich"), ("DE", "Europe/Berlin"), ("ES", "Europe/Madrid"), ("UA", "Europe/Kyiv"),
     ("XK", "Europe/Belgrade"), ("AR", "America/Argentina/Buenos_Aires"), ("US", None), ("RU", None), ("AU", None)],
)  # fmt: skip
def test_a_country_has_a_time_zone_where_it_keeps_one_time_or_cldr_names_its_primary_one(
    country: str, time_zone: str | None
) -> None:
    assert TABLES.countries[country].time_zone == time_zone


@pytest.mark.parametrize(
    ("country", "subdivision", "time_zone"),
    [("US", "CA", "America/Los_Angeles"), ("US", "TX", None), ("CA", "QC", "America/Toronto"),
     ("PT", "20", "Atlantic/Azores"), ("ES", "CN", "Atlantic/Canary"), ("ES", "MD", "Europe/Madrid"),
     ("AU", "QLD", "Australia/Brisbane"),
     ("CH", "ZH", "Europe/Zurich")],
)  # fmt: skip
def test_a_subdivision_has_the_time_zone_its_people_keep(country: str, subdivision: str, time_zone: str | None) -> None:
    assert TABLES.countries[country].subdivisions[subdivision] == time_zone


def test_zones_of_a_country_include_their_old_names_and_not_its_neighbours() -> None:
    assert {"Asia/Kolkata", "Asia/Calcutta"} <= TABLES.countries["IN"].time_zones
    assert "Asia/Harbin" in TABLES.countries["CN"].time_zones
    assert "Europe/Vaduz" not in TABLES.countries["CH"].time_zones


def test_every_zone_told_lies_in_its_country() -> None:
    for country, facts in TABLES.countries.items():
        told = {facts.time_zone, *facts.subdivisions.values()} - {None}
        assert told <= facts.time_zones, country


def test_every_country_of_the_time_zone_database_has_its_zones() -> None:
    """zone.tab of the machine, where there is one, may be older or newer: at most a few zones may differ."""
    tables = [Path(folder) / "zone.tab" for folder in zoneinfo.TZPATH]
    lines = [line for path in tables if path.exists() for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    missing = [(row[0], row[2]) for row in rows if row[2] not in TABLES.countries[row[0]].time_zones]
    assert len(missing) <= 5
    without = {code for code, facts in TABLES.countries.items() if not facts.time_zones}
    assert without <= {"AC", "BV", "CP", "CQ", "DG", "EA", "HM", "IC", "TA"}


@pytest.mark.parametrize(("country", "code"), _pairs(SMALL))
def test_no_subdivision_below_100_000_inhabitants_is_ever_told(country: str, code: str) -> None:
    assert code not in TABLES.countries[country].subdivisions


@pytest.mark.parametrize("country", LARGE)
def test_the_large_subdivisions_of_large_countries_are_told(country: str) -> None:
    assert set(LARGE[country].split()) <= TABLES.countries[country].subdivisions.keys()


def test_subdivisions_have_the_shape_of_iso_3166_2_and_are_many() -> None:
    assert all(re.fullmatch(r"[A-Z0-9]{1,3}", code) for _, code in SUBDIVISIONS)
    assert len(SUBDIVISIONS) >= 2000
    assert len({country for country, _ in SUBDIVISIONS}) >= 150


def test_every_subdivision_can_be_chosen_and_told() -> None:
    for country, code in SUBDIVISIONS:
        assert TABLES.parse_region(f"{country}-{code}") == (country, code)
        assert TABLES.normalise_place(country.lower(), f"{country}-{code}", None, "ip").subdivision == code


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    """A mistake in the file stops the start instead of answering nonsense."""
    bad = tmp_path / "regions.json"
    bad.write_bytes(PACKAGED.read_bytes().replace(b'"metric"', b'"cubits"', 1))
    with pytest.raises(msgspec.ValidationError):
        load_region_tables(bad)
