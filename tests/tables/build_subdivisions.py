"""Finds the subdivisions of 100,000 inhabitants or more, and the time zone of each, when the tables are generated.

No free source states the population of every ISO 3166-2 code, so a *lower bound* is summed from GeoNames' populated
places: a subdivision is listed when its known towns alone hold 100,000 people, with a margin, so that a gap in the data
hides a large subdivision rather than showing a small one. GeoNames numbers regions in its own way, mostly FIPS 10-4;
the names of both sides join them, ``EXCEPTIONS`` where the names differ too much, and ``CENSUS`` has the last word.

Used by ``build_regions``.
"""

import csv
import json
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

INHABITANTS_MIN = 100_000
MARGIN = 1.5
MARGIN_REVIEWED = 1.1
# Two names are the same from this similarity on, if no other name of the country comes as near.
SIMILARITY_MIN = 0.8
SIMILARITY_LEAD_MIN = 0.1
# Zones that hold less of a subdivision's people than this do not make it a subdivision of several zones.
ZONE_SHARE_MIN = 0.99


class Town(NamedTuple):
    """A populated place: GeoNames' code of its first-level region, the name of its second-level region if known."""

    country: str
    region: str
    district: str
    latitude: float
    longitude: float
    inhabitants: int
    time_zone: str


class Names(NamedTuple):
    """What a subdivision is called on the ISO list (in local languages) and in CLDR (in English), in plain letters."""

    local: frozenset[str]
    english: frozenset[str]


class Subdivision(NamedTuple):
    """A subdivision that surely has 100,000 inhabitants: at least ``inhabitants``, in these zones."""

    inhabitants: int
    inhabitants_of_zone: Counter[str]


class Sources(NamedTuple):
    """Files: CLDR's tree and English names, the ISO list's local names, GeoNames' towns, countries and region names."""

    containment: Path
    english_names: Path
    local_names: Path
    towns: Path
    countries: Path
    regions_of_towns: Path


def large_subdivisions(sources: Sources) -> dict[str, dict[str, Subdivision]]:
    """By country, then by the part of the ISO 3166-2 code after it."""
    names = _subdivision_names(sources)
    tree = _tree(sources)
    region_names, towns = _towns(sources)
    inhabitants_of = {country: facts["population"] for country, facts in _json(sources.countries).items()}
    by_country: dict[str, dict[str, Subdivision]] = {}
    for country, inside in _by(_without_suburbs(towns), lambda town: town.country).items():
        overcount = max(1.0, sum(town.inhabitants for town in inside) / max(1, inhabitants_of.get(country, 1)))
        people = _people_of_subdivisions(country, inside, region_names, tree, names)
        codes = {
            code for code, zones in people.items() if zones.total() / overcount >= INHABITANTS_MIN * margin(country)
        }
        codes = _by_census(country, codes, tree.get(country.lower(), []))
        by_country[country] = {
            code[2:].upper(): Subdivision(int(people[code].total() / overcount), people[code])
            if code in people
            else Subdivision(INHABITANTS_MIN, Counter())
            for code in codes
        }
    return by_country


def margin(country: str) -> float:
    """By how much the bound must pass: one town's figure may be wrong, where nobody held the list against a census."""
    return MARGIN_REVIEWED if country in CENSUS else MARGIN


def _by_census(country: str, codes: set[str], top: list[str]) -> set[str]:
    words = CENSUS.get(country, "").split()
    for word in words:
        if word == "*":
            codes = codes | set(top)
        elif word.startswith("-"):
            codes = codes - {f"{country}{word[1:]}".lower()}
        else:
            codes = codes | {f"{country}{word}".lower()}
    return codes


def _people_of_subdivisions(
    country: str,
    towns: list[Town],
    region_names: Mapping[tuple[str, str], str],
    tree: Mapping[str, list[str]],
    names: Mapping[str, Names],
) -> dict[str, Counter[str]]:
    """The people of each zone by ISO 3166-2 code (``chzh``), on both levels where a country has two."""
    people: dict[str, Counter[str]] = {}
    top = tree.get(country.lower(), [])
    below = [code for each in top for code in tree.get(each, ())]
    exceptions = dict(pair.split("=") for pair in EXCEPTIONS.get(country, "").split())

    def count(code: str, inside: list[Town]) -> None:
        zones = Counter[str]()
        for town in inside:
            zones[town.time_zone] += town.inhabitants
        # Two regions of one code are an old one and its parts, named alike: the larger alone is a safe bound.
        people[code] = max(people.get(code, zones), zones, key=lambda each: each.total())

    for region, of_region in _by(towns, lambda town: town.region).items():
        code: str | None = f"{country}{exceptions.get(region, region)}".lower()
        if region not in exceptions and country not in CODES_ARE_ISO:
            name = region_names[country, region]
            code = _same_name(name, top, names) or _same_name(name, below, names)
        if code is not None and code in names:
            count(code, of_region)
            inner = tree.get(code, [])
        else:
            inner = [*top, *below]
        for district, of_district in _by(of_region, lambda town: town.district).items():
            lower = _same_name(district, inner, names) if district and inner else None
            if lower is not None:
                count(lower, of_district)
    return people


# Countries whose regions GeoNames itself calls by their ISO 3166-2 code.
CODES_ARE_ISO = frozenset({"BE", "CH", "GB", "LU", "ME", "US"})
# GeoNames' code of a region = ISO 3166-2, where no name tells it: reforms, other languages, a city and its province.
EXCEPTIONS: Mapping[str, str] = {
    "AE": "03=DU",
    "AO": "13=NAM",
    "AR": "01=B 07=C",
    "BD": "H=H",
    "BF": "09=09 13=13",
    "BG": "42=22 58=23",
    "BH": "16=13",
    "BY": "03=HR 04=HM 05=MI 06=MA",
    "CD": "02=EQ 04=KE 13=BU 14=HK 15=HL 16=HU 17=IT 18=KS 19=KG 20=KL 21=LO 22=LU 23=KC 24=MN 25=MO 26=NU 27=SA 28=SU "
    "29=TA 30=TO 31=TU",
    "CL": "08=LI 17=LR 18=NB",
    "CN": "20=NM",
    "CZ": "52=10 78=64 85=80 88=20 90=72",
    "DK": "18=82",
    "EE": "18=79",
    "EG": "14=SHR",
    "ES": "32=NC",
    "FI": "05=06",
    "FR": "24=CVL 27=BFC 28=NOR 32=HDF 44=GES 75=NAQ 76=OCC 84=ARA 94=20R",
    "GH": "12=AF 13=BO 14=BE",
    "HU": "23=VE",
    "IN": "07=DL 12=JK 22=PY",
    "IQ": "07=BG",
    "IS": "39=1",
    "IT": "07=62",
    "KE": "05=30",
    "KG": "01=GB 02=C 08=O",
    "KR": "22=50",
    "KZ": "01=19 02=75 10=61 15=63 12510143=10 12510144=33 12510145=62 1537272=79",
    "LA": "24=VT",
    "LB": "04=BA 06=JA 09=AS",
    "LT": "58=KL 60=PN 61=SA",
    "LY": "79=BU 80=JG 81=JI 83=WA",
    "MN": "20=1",
    "MX": "09=CMX 15=MEX",
    "MZ": "04=L 11=MPM",
    "NO": "01=30 04=30 13=30 17=38 20=38 34=34 42=42 46=46",
    "NP": "1=P1 2=P2 3=P3 4=P4 5=P5 6=P6 7=P7",
    "PA": "13=10",
    "PE": "07=CAL 15=LIM LMA=LMA",
    "PG": "20=NCD",
    "PH": "15=15",
    "RS": "VO=VO",
    "RU": "03=AL 04=ALT 47=MOS 48=MOW 92=KAM 93=ZAB",
    "SA": "13=06",
    "SD": "47=DW 56=KN 60=DE",
    "SK": "04=NI 06=TC",
    "TD": "21=ND",
    "TJ": "RR=RA",
    "TM": "S=S",
    "TN": "02=42 03=41 06=32 17=31 18=23 23=51 27=13 28=82 29=81 32=61 36=11 38=12",
    "TW": "02=KHH 03=NWT 04=-",
    "UA": "12=30 13=32 15=46 19=56 21=59",
    "UZ": "13=TK 14=TO",
    "VN": "11=71",
    "YE": "02=AD",
    "ZA": "03=FS",
}


# What the last censuses say where GeoNames cannot: ``*`` every first-level subdivision of the country but those after
# ``-``, which have fewer than 100,000 inhabitants whatever the sum; others by name. Reviewed by hand, small ones first.
CENSUS: Mapping[str, str] = {
    "AU": "*",
    "AT": "*",
    "BD": "*",
    "BR": "*",
    "CA": "* -NT -NU -YT",
    "CD": "*",
    "CH": "* -AI -AR -GL -JU -NW -OW -SH -UR",
    "CL": "-AI",
    "CO": "-AMA -GUA -GUV -VAU",
    "CZ": "*",
    "DE": "*",
    "EC": "-W",
    "ES": "* -CE -ML -SO",
    "FI": "* -01 -05 -07",
    "FR": "-48 -BL -CP -MF -PM -TF -WF",
    "GB": "* -AGY -BGW -CGN -CLK -DEN -ELS -EDU -IVC -MON -MRY -MTY -ORK -RUT -STG -TOF -WDU -ZET -IOS -MLN -LND",
    "HR": "-04 -06 -07 -09 -10 -11 -15",
    "ID": "-JW -SL -SM",
    "IN": "* -LD",
    "IR": "*",
    "IT": "* -IS",
    "JP": "*",
    "KE": "*",
    "KR": "*",
    "KZ": "*",
    "LT": "* -TA",
    "MX": "*",
    "MY": "* -15 -16",
    "NG": "*",
    "NL": "* -AW -BQ1 -BQ2 -BQ3 -CW -SX",
    "NO": "* -21 -22",
    "NP": "*",
    "NZ": "-GIS -MBH -NSN -TAS -WTC -CIT",
    "PL": "*",
    "PT": "*",
    "RO": "*",
    "RS": "00 08 09 10 11 12 13 16 17 18 19 20 23",
    "RU": "* -CHU -NEN",
    "SE": "* -I",
    "TH": "* -S",
    "TR": "* -62 -69 -75",
    "TW": "* -KIN -LIE -PEN",
    "UA": "*",
    "US": "* -AS -GU -MP -PR -UM -VI",
    "UZ": "*",
    "VE": "* -W",
    "VN": "*",
    "ZA": "*",
}


def _same_name(name: str, codes: Collection[str], names: Mapping[str, Names]) -> str | None:
    wanted = _plain(name)
    either = {code: names[code].local | names[code].english for code in codes}
    for of_code in ({code: names[code].local for code in codes}, either):
        exact = [code for code, spellings in of_code.items() if wanted in spellings]
        if len(exact) == 1:
            return exact[0]
    matcher = SequenceMatcher(b=wanted)
    near = sorted(
        (max((_likeness(matcher, spelling) for spelling in spellings), default=0.0), code)
        for code, spellings in either.items()
    )
    if not near or near[-1][0] < SIMILARITY_MIN or (near[1:] and near[-1][0] - near[-2][0] < SIMILARITY_LEAD_MIN):
        return None
    return near[-1][1]


def _likeness(matcher: SequenceMatcher[str], name: str) -> float:
    matcher.set_seq1(name)
    return matcher.ratio() if matcher.quick_ratio() >= SIMILARITY_MIN else 0.0


# Words that say what kind of region it is, and articles: they differ between sources where the name does not.
KINDS = frozenset(
    re.findall(
        r"\w+",
        """province state region oblast county department governorate prefecture district canton of the city
        municipality metropolitan autonomous republic krai kray division de la le du des di departamento provincia
        distrito estado do da dos del wilayat muhafazat al el ad ash as an ar at az territory capital special parish
        sheng shi ken fu council borough voivodeship departement l d regiao provinz national okrug respublika und and
        y i e marz wilaya changwat wojewodztwo zupanija kraj oblysy oblasts qalasy viloyati baladiyat mintaqat vilayet
        comunidad autonoma regione mkhare apskritis""",
    )
)
LETTERS = str.maketrans({"ı": "i", "ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "ə": "a", "ð": "d", "þ": "th"})


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    words = re.findall(r"[^\W_]+", "".join(each for each in bare if not unicodedata.combining(each)))
    return "".join(word for word in words if word not in KINDS) or "".join(words)


def _tree(sources: Sources) -> Mapping[str, list[str]]:
    contained = _json(sources.containment)["supplemental"]["subdivisionContainment"]
    return {key.lower(): inner["_contains"] for key, inner in contained.items()}


def _subdivision_names(sources: Sources) -> Mapping[str, Names]:
    english = _json(sources.english_names)["subdivisions"]["localeDisplayNames"]["subdivisions"]
    local = {}
    for entry in _json(sources.local_names)["3166-2"]:
        several = re.split(r"[\[\]/,]| ou ", entry["name"])
        local[entry["code"].replace("-", "").lower()] = frozenset(_plain(name) for name in several if name.strip())
    return {
        code: Names(of_code, frozenset({_plain(english[code])} if code in english else ()))
        for code, of_code in local.items()
    }


def _towns(sources: Sources) -> tuple[dict[tuple[str, str], str], list[Town]]:
    """The name of each of GeoNames' regions, by a vote of the towns that both of its extracts know, and the towns."""
    rows_by_name = defaultdict(list)
    with sources.regions_of_towns.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            rows_by_name[row["cc"], _plain(row["name"])].append(row)
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    towns = []
    for place in _json(sources.towns).values():
        country, region = place["countrycode"], place["admin1code"]
        votes[country, region] += Counter()
        district = ""
        for row in rows_by_name.get((country, _plain(place["name"])), ()):
            distance = abs(float(row["lat"]) - place["latitude"]) + abs(float(row["lon"]) - place["longitude"])
            if distance < SAME_PLACE_DEGREES:
                votes[country, region][row["admin1"]] += 1
                district = row["admin2"]
                break
        at = place["latitude"], place["longitude"]
        towns.append(Town(country, region, district, *at, place["population"], place["timezone"]))
    return {key: (vote.most_common(1) or [("", 0)])[0][0] for key, vote in votes.items()}, towns


SAME_PLACE_DEGREES = 0.1
# GeoNames lists boroughs beside their city and counts their people twice: a town inside the disc that its larger
# neighbour would fill at this density is left out. Real suburbs go with them, which only lowers the bound.
DENSITY_PER_KM2 = 2000
KM_PER_DEGREE = 111.2


def _without_suburbs(towns: list[Town]) -> list[Town]:
    kept: list[Town] = []
    cells: dict[tuple[int, int], list[Town]] = defaultdict(list)
    for town in sorted(towns, key=lambda town: -town.inhabitants):
        cell = math.floor(town.latitude), math.floor(town.longitude)
        near = (cells.get((cell[0] + y, cell[1] + x), ()) for y in (-1, 0, 1) for x in (-1, 0, 1))
        if any(city.country == town.country and _covers(city, town) for cities in near for city in cities):
            continue
        kept.append(town)
        if town.inhabitants >= INHABITANTS_MIN / 10:
            cells[cell].append(town)
    return kept


def _covers(city: Town, town: Town) -> bool:
    y = (city.latitude - town.latitude) * KM_PER_DEGREE
    x = (city.longitude - town.longitude) * KM_PER_DEGREE * math.cos(math.radians(city.latitude))
    return x * x + y * y < city.inhabitants / DENSITY_PER_KM2 / math.pi


def _by(towns: Collection[Town], key: Callable[[Town], str]) -> dict[str, list[Town]]:
    groups = defaultdict(list)
    for town in towns:
        groups[key(town)].append(town)
    return groups


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
